/* SPDX-License-Identifier: BSD-3-Clause */
/* when.c - times and durations as text. */
#include "base/when.h"

#include <stdio.h>
#include <time.h>

/* Whole seconds and the rest, which is never negative. */
static struct tm split(int64_t ns, long *rest)
{
	time_t seconds = (time_t)(ns / NS_PER_S);
	struct tm tm = {0};

	*rest = (long)(ns % NS_PER_S);
	if (*rest < 0) {
		*rest += NS_PER_S;
		seconds--;
	}
	gmtime_r(&seconds, &tm);
	return tm;
}

const char *when_rfc3339(int64_t ns, char out[static WHEN_TEXT])
{
	long rest;
	struct tm tm = split(ns, &rest);

	snprintf(out, WHEN_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%09ldZ",
		 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		 tm.tm_min, tm.tm_sec, rest);
	return out;
}

const char *when_date(int64_t ns, char out[static WHEN_TEXT])
{
	long rest;
	struct tm tm = split(ns, &rest);

	strftime(out, WHEN_TEXT, "%Y-%m-%d %H:%M:%S", &tm);
	return out;
}

const char *when_clock(int64_t ns, char out[static WHEN_TEXT])
{
	long rest;
	struct tm tm = split(ns, &rest);

	snprintf(out, WHEN_TEXT, "%02d:%02d:%02d.%ld", tm.tm_hour, tm.tm_min,
		 tm.tm_sec, rest / 100000000L);
	return out;
}

const char *when_duration(int64_t ns, char out[static WHEN_TEXT])
{
	const char *sign = ns < 0 ? "-" : "";
	double d = ns < 0 ? -(double)ns : (double)ns;
	long long s = (long long)(d / 1e9 + 0.5);

	if (d < 1e6)
		snprintf(out, WHEN_TEXT, "%s%.0f us", sign, d / 1e3);
	else if (d < 99.95e6)
		snprintf(out, WHEN_TEXT, "%s%.1f ms", sign, d / 1e6);
	else if (d < 999.5e6)
		snprintf(out, WHEN_TEXT, "%s%.0f ms", sign, d / 1e6);
	else if (d < 119.95e9)
		snprintf(out, WHEN_TEXT, "%s%.1f s", sign, d / 1e9);
	else if (s < 7200)
		snprintf(out, WHEN_TEXT, "%s%lld min %lld s", sign, s / 60,
			 s % 60);
	else
		snprintf(out, WHEN_TEXT, "%s%lld h %lld min", sign, s / 3600,
			 s / 60 % 60);
	return out;
}

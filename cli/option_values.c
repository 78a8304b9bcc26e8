/* SPDX-License-Identifier: BSD-3-Clause */
/* option_values.c - the values that options take. */
#include "cli/option_values.h"

#include <stdlib.h>
#include <string.h>

/* The place of `value` among names, or -1. */
static int one_of(const char *value, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(value, names[i]) == 0)
			return i;
	return -1;
}

bool take_file(struct options *o, const char *value)
{
	if (o->file_count == SOURCES_MAX || !value[0])
		return false;
	o->files[o->file_count++] = value;
	return true;
}

bool take_format(struct options *o, const char *value)
{
	static const char *const names[] = {"text", "json", "ndjson"};
	int i = one_of(value, names, 3);

	o->markdown = strcmp(value, "markdown") == 0;
	if (i >= 0)
		o->format = (enum report_format)i;
	return i >= 0 || o->markdown;
}

bool take_events(struct options *o, const char *value)
{
	o->events = strcmp(value, "tcp") == 0;
	return o->events;
}

bool take_order(struct options *o, const char *value)
{
	static const char *const names[ORDERS] = {"bytes", "resent", "rtt",
						  "duration"};
	int i = one_of(value, names, ORDERS);

	if (i >= 0)
		o->order = (enum connection_order)i;
	return i >= 0;
}

bool take_top(struct options *o, const char *value)
{
	enum { TOP_MOST = 10000 };
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	o->top = (uint32_t)n;
	return end != value && !*end && n >= 1 && n <= TOP_MOST;
}

bool take_memory(struct options *o, const char *value)
{
	char *end;
	unsigned long long n = strtoull(value, &end, 10);
	unsigned shift = 0;

	if (end == value || value[0] == '-' || n > SIZE_MAX >> 30)
		return false;
	if (*end == 'K' || *end == 'k')
		shift = 10, end++;
	else if (*end == 'M' || *end == 'm')
		shift = 20, end++;
	else if (*end == 'G' || *end == 'g')
		shift = 30, end++;
	o->memory = (size_t)n << shift;
	return *end == '\0' && o->memory >= MEMORY_MIN;
}

/* -1 if it is no severity. */
static int severity_of(const char *value)
{
	for (int i = INFO; i <= CRITICAL; i++)
		if (strcmp(value, severity_name((enum severity)i)) == 0)
			return i;
	return -1;
}

bool take_fail_on(struct options *o, const char *value)
{
	o->fail_on = severity_of(value);
	return o->fail_on >= 0;
}

bool take_least(struct options *o, const char *value)
{
	int i = severity_of(value);

	if (i >= 0)
		o->least = (enum severity)i;
	return i >= 0;
}

bool take_color(struct options *o, const char *value)
{
	static const char *const names[] = {"auto", "always", "never"};
	int i = one_of(value, names, 3);

	if (i >= 0)
		o->color = (enum color_when)i;
	return i >= 0;
}

bool take_interface(struct options *o, const char *value)
{
	if (o->interface_count == SOURCES_MAX || !value[0])
		return false;
	o->interfaces[o->interface_count++] = value;
	return true;
}

/* A whole number from 1 to `most`, and what follows it. */
static bool number(const char *value, uint32_t most, uint32_t *out,
		   const char **end)
{
	char *rest;
	unsigned long long n;

	if (value[0] < '0' || value[0] > '9')
		return false;
	n = strtoull(value, &rest, 10);
	*out = (uint32_t)n;
	*end = rest;
	return n >= 1 && n <= most;
}

static bool whole(const char *value, uint32_t most, uint32_t *out)
{
	const char *end;

	return number(value, most, out, &end) && *end == '\0';
}

/* "90", "90s", "15m", "12h" or "7d". */
static bool seconds(const char *value, uint32_t *out)
{
	enum { MOST = 366 * 86400 };
	static const struct {
		const char *name;
		uint32_t s;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	const char *end;

	if (!number(value, MOST, out, &end))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(end, units[i].name) == 0 &&
		    *out <= MOST / units[i].s) {
			*out *= units[i].s;
			return true;
		}
	return false;
}

bool take_duration(struct options *o, const char *value)
{
	return seconds(value, &o->duration_s);
}

bool take_every(struct options *o, const char *value)
{
	return seconds(value, &o->every_s);
}

bool take_count(struct options *o, const char *value)
{
	return whole(value, UINT32_MAX, &o->count);
}

/* As in tcpdump, 0 is everything. */
bool take_snaplen(struct options *o, const char *value)
{
	o->snaplen = 0;
	return strcmp(value, "0") == 0 || whole(value, FRAME_MAX, &o->snaplen);
}

bool take_buffer(struct options *o, const char *value)
{
	return whole(value, INT32_MAX / 1024, &o->buffer_kib);
}

bool take_keep_megabytes(struct options *o, const char *value)
{
	return whole(value, 1000 * 1000, &o->keep_megabytes);
}

bool take_keep_seconds(struct options *o, const char *value)
{
	return whole(value, 366 * 86400, &o->keep_seconds);
}

bool take_keep_files(struct options *o, const char *value)
{
	return whole(value, 1000 * 1000, &o->keep_files);
}

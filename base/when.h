/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * when.h - times and durations as text.
 *
 * A time is nanoseconds since 1970-01-01 UTC in an int64_t (1677 to 2262).
 */
#ifndef UPSTACK_BASE_WHEN_H
#define UPSTACK_BASE_WHEN_H

#include <stdint.h>

#define NS_PER_S 1000000000LL
#define NS_PER_MS 1000000LL
#define NS_PER_US 1000LL

enum { WHEN_TEXT = 96 };

/* "2026-11-24T06:23:13.000001000Z" (RFC 3339, nine digits); returns `out`. */
const char *when_rfc3339(int64_t ns, char out[static WHEN_TEXT]);

/* "2026-11-24 06:23:13" UTC; returns `out`. */
const char *when_date(int64_t ns, char out[static WHEN_TEXT]);

/* "06:23:13.0" UTC, a tenth of a second; returns `out`. */
const char *when_clock(int64_t ns, char out[static WHEN_TEXT]);

/* A duration as a person says it: "12 us", "1.2 ms", "3.5 s", "4 min 10 s",
 * "2 h 5 min"; returns `out`. */
const char *when_duration(int64_t ns, char out[static WHEN_TEXT]);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* departure.h - frames under way, in the order in which they leave a pipe. */
#ifndef UPSTACK_TESTS_LAB_DEPARTURE_H
#define UPSTACK_TESTS_LAB_DEPARTURE_H

#include <stdbool.h>
#include <stdint.h>

struct frame;
struct departures;

struct departure {
	int64_t at_ns;
	uint64_t turn; /* of two at once the one that was added first */
	struct frame *frame;
	int side; /* of the pipe that it leaves */
};

struct departures *departures_new(void);
void departures_free(struct departures *d);
void departures_add(struct departures *d, struct frame *f, int side,
		    int64_t at_ns);

/* The next one, if it is due. */
bool departures_take(struct departures *d, int64_t now_ns,
		     struct departure *out);

/* When the next one is due; INT64_MAX for none. */
int64_t departures_next(const struct departures *d);

#endif

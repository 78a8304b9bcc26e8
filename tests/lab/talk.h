/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * talk.h - one peer at work: its sockets, and the step it is at.
 *
 * A step that fails says so in the log and ends the peer: a refused connection
 * is what some scenarios are about.
 */
#ifndef UPSTACK_TESTS_LAB_TALK_H
#define UPSTACK_TESTS_LAB_TALK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include "lab/scenario.h"

struct talk {
	const struct peer *peer;
	const struct plan *plan;
	uint32_t copy;	    /* of the peer, from 0 */
	int listener, conn; /* -1: none */
	uint32_t at;	    /* the step */
	uint32_t mark;	    /* where `again` goes back to */
	uint32_t round[STEPS_MAX];
	FILE *log; /* peers.jsonl */
};

/* What a verb of a scenario does; false ends the peer. */
struct verb {
	const char *word;
	uint32_t arguments; /* at least */
	bool (*act)(struct talk *t, const struct step *s);
};

/* The verbs by subject; each list ends with a NULL word. */
extern const struct verb open_verbs[];	 /* sockets made, closed, given up */
extern const struct verb option_verbs[]; /* what is set on them */
extern const struct verb data_verbs[];	 /* bytes sent and read */
extern const struct verb udp_verbs[];	 /* datagrams */

/* Do all steps. */
void talk_run(struct talk *t);

/* The n-th argument as a number with a unit; `otherwise` if it is missing. */
double talk_number(const struct step *s, uint32_t n, double otherwise);

/* The socket, made now if there is none. */
int talk_socket(struct talk *t);

/* Do nothing for so long. */
void talk_nap(double ns);

/* Bytes that no dissector takes for its own. */
void talk_fill(unsigned char *bytes, size_t n);

/* Note what the kernel says about the connection. */
void talk_note_info(struct talk *t);

#endif

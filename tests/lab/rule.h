/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rule.h - what befalls which frames in one pipe of the link.
 *
 * A rule is an action and conditions that all have to hold.  It counts the
 * frames that meet them, so that "the third SYN" can be named.
 */
#ifndef UPSTACK_TESTS_LAB_RULE_H
#define UPSTACK_TESTS_LAB_RULE_H

#include <stdbool.h>
#include <stdint.h>

struct frame;
struct record;

enum action {
	DROP,
	DELAY,	     /* `amount` ns later than its turn */
	STALL,	     /* kept until the rule's time is over */
	HOLD,	     /* until `amount` later frames have passed */
	DUPLICATE,   /* and the copy comes `amount` ns later */
	CORRUPT,     /* a bit of the last byte; the checksum stays */
	TTL,	     /* set to `amount` */
	STRIP,	     /* the TCP option of kind `amount` becomes padding */
	OLDER,	     /* the time stamp falls by `amount` ticks */
	MARK,	     /* congestion experienced, where ECN is in use */
	WINDOW,	     /* the window field becomes `amount` */
	RESET,	     /* a forged RST to the frame's receiver; TTL `amount` */
	RESET_BACK,  /* a forged RST to its sender */
	TOO_BIG,     /* dropped, and told that `amount` bytes would pass */
	UNREACHABLE, /* dropped, and told so with the code `amount` */
	EXCEEDED,    /* dropped, and told that its TTL ran out */
};

/* Kinds of frame; a condition names any number of them. */
enum kind {
	IS_DATA = 1, /* TCP with payload */
	IS_SYN = 2,  /* SYN without ACK */
	IS_SYNACK = 4,
	IS_ACK = 8, /* TCP without payload, SYN, FIN and RST */
	IS_FIN = 16,
	IS_RST = 32,
	IS_TCP = 64,
	IS_UDP = 128,
	IS_ICMP = 256,
	IS_ARP = 512,
};

enum { RULE_NAME = 24 };

struct rule {
	char name[RULE_NAME];
	enum action action;
	int64_t amount;
	uint32_t kinds;	  /* of enum kind, any of them; 0: every frame */
	uint32_t over;	  /* IP packets of more bytes; 0: any */
	uint32_t under;	  /* IP packets of fewer bytes; 0: any */
	uint16_t port;	  /* of either end; 0: any */
	uint8_t host[4];  /* IPv4, of either end; zeros: any */
	uint32_t flow;	  /* the flow that appeared n-th; 0: any */
	uint32_t attempt; /* the n-th time that these bytes are sent; 0: any */
	int64_t from_ns, until_ns; /* since the peers began; 0: open */
	double chance;		   /* 1: always */
	double enter, leave;  /* of a burst, for each frame; 0: no bursts */
	uint32_t first, last; /* of those that meet the rest; 0: all */
	uint32_t every;	      /* each n-th of them; 0: all */
	uint32_t times;	      /* at most so often; 0: no limit */

	/* What it has seen. */
	bool in_burst;
	uint32_t met, done;
};

/* A generator of its own for each pipe: what one rule draws does not change
 * what befalls the other direction. */
struct dice {
	uint64_t state;
};

/* A number in [0, 1). */
double dice_roll(struct dice *d);

/* Whether the frame meets the conditions now; counts it. */
bool rule_meets(struct rule *rule, struct dice *dice, struct record *record,
		const struct frame *f, int64_t now_ns);

/* Change the frame as the action says; false if that is not for it. */
bool rule_change(const struct rule *rule, struct frame *f);

#endif

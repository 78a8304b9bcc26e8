/* SPDX-License-Identifier: BSD-3-Clause */
/* live_ring.h - one interface that is listened on. */
#ifndef UPSTACK_CAPTURE_LIVE_RING_H
#define UPSTACK_CAPTURE_LIVE_RING_H

#include <pcap/pcap.h>

#include "capture/ledger.h"
#include "capture/live_link.h"
#include "capture/live_mode.h"

enum {
	RING_FRAMES = 64,     /* copied out at once */
	RING_BLOCK_MS = 20,   /* the kernel hands over a block after so long */
	RING_BYTES = 1 << 20, /* of them, and one frame more */
};

struct ring {
	pcap_t *pcap;
	int fd;	   /* of pcap's socket */
	int index; /* of the interface; 0: all, or not known */
	bool known, vanished, promiscuous;
	uint16_t link_type, hardware;
	uint32_t interface; /* in the ledger */
	struct source_interface *says;
	char name[IFNAMSIZ];
	struct mac mac;
	struct link_news start, last;
	uint64_t missed_before; /* by interfaces that had this place before */
	int64_t rest_until_ns;	/* after an error: no busy loop */
	uint8_t *bytes;		/* RING_BYTES + FRAME_MAX */
	size_t used;
	struct frame frames[RING_FRAMES];
	uint32_t count, at;
	uint64_t lent;
	struct live_mode mode;
};

/* -1 with `err` filled; `*usage` if it is the filter's fault. */
int ring_open(struct ring *r, const char *name,
	      const struct source_options *options, struct ledger *ledger,
	      bool *usage, struct err *err);

/* The state that later news are compared with. */
void ring_first_news(struct ring *r, const struct link_news *news);

/* Fill the queue if it is empty, without waiting; true if it has frames. */
bool ring_fill(struct ring *r);

/* Whether it had an error a moment ago and should be left alone. */
bool ring_rests(const struct ring *r);

/* Read the kernel's counters. */
void ring_count(struct ring *r);

/* Take in news of this interface, and tell; false: nothing to be told. */
bool ring_news(struct ring *r, const struct link_news *news, int64_t now_ns,
	       struct source_link *out);

/* Take in what a message says of its addresses and gateways, and tell; false:
 * nothing to be told. */
bool ring_own_news(struct ring *r, const struct nlmsghdr *message,
		   struct ledger *ledger, int64_t now_ns,
		   struct source_link *out);

void ring_close(struct ring *r);

#endif

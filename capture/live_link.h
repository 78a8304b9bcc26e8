/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * live_link.h - what the system says of interfaces, over rtnetlink
 * (rtnetlink(7)).
 */
#ifndef UPSTACK_CAPTURE_LIVE_LINK_H
#define UPSTACK_CAPTURE_LIVE_LINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

/* One message: the state of one interface. */
struct link_news {
	int index;
	char name[IFNAMSIZ];
	bool gone;	   /* it was removed */
	uint16_t hardware; /* ARPHRD_ */
	struct mac mac;	   /* zero if it has none */
	bool up, carrier, dormant;
	uint32_t mtu, carrier_downs;
	uint64_t received, sent;
	uint64_t errors_received, errors_sent, missed, collisions;
};

/* A socket that hears of every change; -1 if the system has none. */
int live_link_open(void);

/* Ask for the state of one interface; the answer comes as news. */
void live_link_ask(int fd, int index);

struct link_buffer {
	_Alignas(8) uint8_t bytes[32 * 1024];
	uint32_t used, at;
};

/* The next news without waiting; false: none.  `b` begins zeroed. */
bool live_link_hear(int fd, struct link_buffer *b, struct link_news *out);

#endif

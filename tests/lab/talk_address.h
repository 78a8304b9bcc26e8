/* SPDX-License-Identifier: BSD-3-Clause */
/* talk_address.h - addresses and ports as steps write them. */
#ifndef UPSTACK_TESTS_LAB_TALK_ADDRESS_H
#define UPSTACK_TESTS_LAB_TALK_ADDRESS_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

struct talk;

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Of the family of the scenario; NULL for any address.  Returns its size. */
socklen_t talk_address(const struct talk *t, const char *text, uint16_t port,
		       union address *out);

/* "5001", or "6000+": each copy has the next one. */
uint16_t talk_port(const struct talk *t, const char *text);

/* Where a client goes: `text` NULL for the server; "10.8.0.0+": each copy has
 * another one. */
socklen_t talk_server(const struct talk *t, const char *port, const char *text,
		      union address *out);

#endif

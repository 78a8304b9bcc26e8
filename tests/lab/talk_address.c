/* SPDX-License-Identifier: BSD-3-Clause */
/* talk_address.c - addresses and ports as steps write them. */
#include "lab/talk_address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/fail.h"
#include "lab/talk.h"

socklen_t talk_address(const struct talk *t, const char *text, uint16_t port,
		       union address *out)
{
	memset(out, 0, sizeof(*out));
	if (t->plan->v6) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons(port);
		if (text && inet_pton(AF_INET6, text, &out->v6.sin6_addr) != 1)
			fail("not an address: %s", text);
		return sizeof(out->v6);
	}
	out->v4.sin_family = AF_INET;
	out->v4.sin_port = htons(port);
	if (text && inet_pton(AF_INET, text, &out->v4.sin_addr) != 1)
		fail("not an address: %s", text);
	return sizeof(out->v4);
}

uint16_t talk_port(const struct talk *t, const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (*end == '+' && !end[1])
		port += t->copy;
	else if (*end)
		fail("not a port: %s", text);
	return (uint16_t)port;
}

static const char *server_of(const struct plan *plan)
{
	if (plan->v6)
		return plan->routed ? "2001:db8:2::20" : "2001:db8:1::20";
	return plan->routed ? "198.51.100.20" : "192.0.2.20";
}

socklen_t talk_server(const struct talk *t, const char *port, const char *text,
		      union address *out)
{
	char host[64];
	size_t size = text ? strcspn(text, "+") : 0;
	bool each = text && text[size];
	socklen_t bytes;

	snprintf(host, sizeof(host), "%.*s", (int)size, text ? text : "");
	bytes = talk_address(t, text ? host : server_of(t->plan),
			     talk_port(t, port), out);
	if (each)
		out->v4.sin_addr.s_addr =
			htonl(ntohl(out->v4.sin_addr.s_addr) + 1 + t->copy);
	return bytes;
}

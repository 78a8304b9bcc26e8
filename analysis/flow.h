/* SPDX-License-Identifier: BSD-3-Clause */
/* flow.h - the name of one direction of a conversation. */
#ifndef UPSTACK_ANALYSIS_FLOW_H
#define UPSTACK_ANALYSIS_FLOW_H

#include <string.h>

#include "base/addr.h"

/* From src to dst.  For ICMP echo the ports are identifier and 0. */
struct flow {
	struct addr src, dst;
	uint16_t src_port, dst_port;
	uint8_t protocol; /* IP protocol number */
	uint8_t pad[3];   /* zero: flows are table keys */
};

/* The other direction. */
static inline struct flow flow_reverse(const struct flow *f)
{
	struct flow r = {f->dst, f->src, f->dst_port, f->src_port, f->protocol,
			 {0}};

	return r;
}

/* A client and the service that it uses, whatever its port: a table key. */
struct path_key {
	struct addr client, server;
	uint16_t port, pad;
};

/* Of a flow from the client. */
static inline struct path_key path_key_of(const struct flow *f)
{
	struct path_key key;

	memset(&key, 0, sizeof(key));
	key.client = f->src;
	key.server = f->dst;
	key.port = f->dst_port;
	return key;
}

#endif

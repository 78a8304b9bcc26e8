/* SPDX-License-Identifier: BSD-3-Clause */
/* ospf.h - the hello of OSPF version 2, parsed when a tracker wants it. */
#ifndef UPSTACK_DISSECTORS_OSPF_H
#define UPSTACK_DISSECTORS_OSPF_H

#include "dissectors/dissect.h"

enum { IP_PROTOCOL_OSPF = 89 };

/* RFC 2328 A.3.2.  All routers of a link must agree on mask and times. */
struct ospf_hello {
	uint8_t state;	 /* enum wire */
	const char *bad; /* malformed: a static phrase */
	bool is_hello;
	struct addr router, area; /* identifiers, written as addresses */
	struct addr mask;
	uint8_t priority;
	uint16_t hello_s;
	uint32_t dead_s;
	struct addr designated; /* none: 0.0.0.0 */
};

void ospf_parse(struct ospf_hello *m, struct cursor in);

#endif

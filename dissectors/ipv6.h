/* SPDX-License-Identifier: BSD-3-Clause */
/* ipv6.h - the chain of IPv6 extension headers, as packets and quotes have it.
 */
#ifndef UPSTACK_DISSECTORS_IPV6_H
#define UPSTACK_DISSECTORS_IPV6_H

#include "dissectors/dissect.h"

enum { IPV6_HEADER = 40 };

/* The fixed header; header_len and total_len as it declares them. */
void ipv6_read_fixed(struct ip_header *ip, const uint8_t h[IPV6_HEADER]);

/* Step over the extension headers from ip->protocol on, which becomes that of
 * the payload; stops behind a fragment header that is not the first.  Returns
 * the length of a jumbogram, else 0. */
uint32_t ipv6_read_chain(struct ip_header *ip, struct cursor *in);

#endif

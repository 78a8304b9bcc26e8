/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * list.h - every dissector, one word each.  A protocol is one file that defines
 * NAME_dissector, and one word here, which makes its enum constant PROTO_NAME
 * and its row in the table.
 */
#ifndef UPSTACK_DISSECTORS_LIST_H
#define UPSTACK_DISSECTORS_LIST_H

/* clang-format off */
#define DISSECTORS(X) \
	X(ethernet) X(llc) X(vlan) X(mpls) X(pppoe) X(ppp) X(sll) X(sll2) \
	X(null) X(hdlc) X(raw) X(arp) X(ipv4) X(ipv6) X(icmp) X(icmpv6) \
	X(igmp) X(udp) X(tcp) X(gre) X(vxlan) X(geneve) X(fhrp)
/* clang-format on */

enum protocol {
	PROTO_none,
#define X(name) PROTO_##name,
	DISSECTORS(X)
#undef X
	PROTOCOLS
};

#endif

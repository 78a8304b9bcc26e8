/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * list.h - every dissector, one word each.  A protocol is one file that defines
 * NAME_dissector, and one word here, which makes its enum constant PROTO_NAME
 * and its row in the table.
 */
#ifndef UPSTACK_DISSECTORS_LIST_H
#define UPSTACK_DISSECTORS_LIST_H

/* The order is that of the search for what claims a label: the frequent ones
 * first.  Those that UDP ports lead to stand apart, so that a datagram is
 * compared with them alone. */
/* clang-format off */
#define DISSECTORS_BY_PORT(X) \
	X(vxlan) X(geneve) X(hsrp) X(glbp)
#define DISSECTORS(X) \
	X(ethernet) X(ipv4) X(tcp) X(udp) X(ipv6) X(vlan) X(arp) X(icmp) \
	X(icmpv6) X(llc) X(sll) X(sll2) X(null) X(raw) X(pppoe) X(ppp) \
	X(hdlc) X(frelay) X(mpls) X(igmp) X(gre) X(erspan) X(vrrp) \
	DISSECTORS_BY_PORT(X)
/* clang-format on */

enum protocol {
	PROTO_none,
#define X(name) PROTO_##name,
	DISSECTORS(X)
#undef X
	PROTOCOLS
};

#endif

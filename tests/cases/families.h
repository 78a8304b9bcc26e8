/* SPDX-License-Identifier: BSD-3-Clause */
/* families.h - every family of cases: FAMILY_cases stands in a file of its own. */
#ifndef UPSTACK_TESTS_CASES_FAMILIES_H
#define UPSTACK_TESTS_CASES_FAMILIES_H

/* clang-format off */
#define FAMILIES(X) \
	X(healthy) \
	X(arp) \
	X(dns) \
	X(dns_address) \
	X(mtu) \
	X(mtu_link) \
	X(icmp) \
	X(retx) \
	X(stuck) \
	X(flood) \
	X(churn) \
	X(nd) \
	X(dhcp) \
	X(fhrp) \
	X(link) \
	X(inbound) \
	X(eth) \
	X(rtp) \
	X(tcp) \
	X(between) \
	X(pace) \
	X(stall) \
	X(capture) \
	X(nat) \
	X(alike_arp) \
	X(alike_link) \
	X(alike_net) \
	X(alike_place) \
	X(trust) \
	X(partial) \
	X(field) \
	X(innocent) \
	/* one line a family */
/* clang-format on */

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* list.h - every detector, in the order of the catalogue: lower layers first. */
#ifndef UPSTACK_ANALYSIS_DETECT_LIST_H
#define UPSTACK_ANALYSIS_DETECT_LIST_H

/* clang-format off */
#define DETECTORS(X) \
	X(capture_drops) \
	X(capture_cut) \
	X(capture_malformed) \
	X(capture_flows) \
	X(capture_copies) \
	X(capture_clock) \
	X(capture_loss) \
	X(capture_offload) \
	X(capture_limits) \
	X(checksums) \
	X(eth_loop) \
	X(eth_storm) \
	X(eth_mac_flood) \
	X(eth_mac_flap) \
	X(eth_unicast_flood) \
	X(spanning_tree) \
	X(link_devices) \
	X(link_mode) \
	X(vlan_tags) \
	X(port_access) \
	X(link_carrier) \
	X(link_inbound) \
	X(link_errors) \
	X(link_restart) \
	X(arp_unanswered) \
	X(arp_subnet) \
	X(arp_claims) \
	X(arp_rate) \
	X(nd_unanswered) \
	X(nd_claims) \
	X(nd_routers) \
	X(dhcp_exchange) \
	X(dhcp_servers) \
	X(dhcp6_clients) \
	X(fhrp) \
	X(ping) \
	X(flood_icmp) \
	X(fragmentation) \
	X(odd_headers) \
	X(loop) \
	X(path_mtu) \
	X(black_hole) \
	X(link_mtu) \
	X(link_mtu_told) \
	X(not_forwarded) \
	X(answered) \
	X(redirect) \
	X(unreachable) \
	X(traceroute) \
	X(opening) \
	X(handshake_options) \
	X(backscatter) \
	X(churn) \
	X(port_exhaustion) \
	X(tcp_paws) \
	X(scan_udp) \
	X(flood_udp) \
	X(amplification) \
	X(udp_silent) \
	X(rtp) \
	X(dns) \
	X(tcp_loss) \
	X(tcp_damaged) \
	X(tcp_ack_loss) \
	X(tcp_silence) \
	X(tcp_server_slow) \
	X(tcp_stall) \
	X(tcp_transfer) \
	X(tcp_idle) \
	X(tcp_aborted) \
	X(dns_address) \
	/* one line a detector */
/* clang-format on */

#endif

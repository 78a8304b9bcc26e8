/* SPDX-License-Identifier: BSD-3-Clause */
/* alike_net.c - more cases of the network layer: what looks alike and is
 * healthy, and the failures that it looks like. */
#include <stdio.h>
#include <string.h>

#include "cases/craft_neighbour.h"
#include "dissectors/dissect.h"

enum { MS = 1000, S = 1000000, RTT = 20 * MS, MSS = 1460, UDP = 17 };

/* A client on a link, its router, a host beyond, a neighbour. */
struct scene {
	struct craft *c;
	struct station client, router, far, near;
};

static void find(struct craft *c, const struct station *from,
		 const struct station *to)
{
	craft_arp(c, 1, from, NULL, to->ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, to, from->mac, from->ip, from->mac);
	craft_wait(c, MS);
}

static struct scene scene(struct craft *c)
{
	struct scene s = {
		.c = c,
		.client = {"52:54:00:00:00:14", "192.0.2.20", .id = 100},
		.router = {"52:54:00:00:00:01", "192.0.2.1", .id = 4000},
		.far = {"52:54:00:00:00:01", "198.51.100.7", .ttl = 60,
			.id = 7000},
		.near = {"52:54:00:00:00:30", "192.0.2.30", .id = 6000},
	};

	find(c, &s.client, &s.router);
	return s;
}

static void ping(struct scene *s, struct station *to, uint16_t seq,
		 int64_t rtt_us)
{
	craft_echo(s->c, &s->client, to, false, 99, seq, 56);
	if (rtt_us) {
		craft_wait(s->c, rtt_us);
		craft_echo(s->c, to, &s->client, true, 99, seq, 56);
	}
	craft_wait(s->c, S - rtt_us);
}

/* Two places beyond the gateway, both silent: perhaps two dead hosts. */
static void not_forwarded_two(struct craft *c)
{
	struct scene s = scene(c);

	for (uint16_t n = 1; n <= 14; n++) {
		struct station to = {s.router.mac,
				     n % 2 ? "198.51.100.7" : "203.0.113.9"};

		ping(&s, &to, n, 0);
		if (n % 5 == 0)
			ping(&s, &s.router, n, MS);
	}
}

/* What a host sends to itself. */
static void loopback(struct craft *c)
{
	struct station one = {"00:00:00:00:00:00", "127.0.0.1"};
	struct station two = {"00:00:00:00:00:00", "127.0.0.53"};

	for (uint16_t n = 1; n <= 5; n++) {
		craft_echo(c, &one, &two, false, 9, n, 56);
		craft_wait(c, 40);
		craft_echo(c, &two, &one, true, 9, n, 56);
		craft_wait(c, S);
	}
}

/* The same by a program that makes its frames itself. */
static void loopback_raw(struct craft *c)
{
	struct station one = {"00:00:00:00:00:00", "127.0.0.1"};
	struct station itself = {"ff:ff:ff:ff:ff:ff", "127.0.0.1"};

	for (uint16_t n = 1; n <= 3; n++) {
		craft_echo(c, &one, &itself, false, 9, n, 56);
		craft_wait(c, S);
	}
}

/* A DHCP server beside us pings each address before it offers it; the relay's
 * router finds nobody there, which is as it should be. */
static void tested_afar(struct craft *c)
{
	struct scene s = scene(c);
	struct station relay = {s.router.mac, "198.51.100.1"};
	struct station wanted = {s.router.mac, "198.51.100.50"};
	struct craft_dhcp d = {.mac = "52:54:00:00:00:40", .xid = 7};

	for (uint16_t n = 1; n <= 3; n++) {
		d.type = 1;
		d.from_server = false;
		d.yiaddr = d.server = NULL;
		craft_dhcp(c, &relay, &s.client, &d);
		craft_wait(c, MS);
		craft_echo(c, &s.client, &wanted, false, 99, n, 56);
		craft_wait(c, S / 2);
		craft_icmp_error(c, &relay, &s.client, 3, 1, 0);
		craft_wait(c, S / 2);
		d.type = 2;
		d.from_server = true;
		d.yiaddr = wanted.ip;
		d.server = s.client.ip;
		craft_dhcp(c, &s.client, &relay, &d);
		craft_wait(c, 20 * S);
	}
}

/* A packet like the one written last, whose header has no sum yet. */
static void sent_unfilled(struct craft *c, uint8_t id)
{
	uint8_t frame[2048];
	size_t size, ip;
	const uint8_t *last = craft_last(c, &size);

	if (size > sizeof(frame))
		return;
	memcpy(frame, last, size);
	craft_last_ip(c, &ip);
	frame[size - ip + 4] = 0x70;
	frame[size - ip + 5] = id;
	frame[size - ip + 10] = frame[size - ip + 11] = 0;
	craft_frame(c, frame, size, size);
}

/* The card of this host fills the sums of its headers in. */
static void own_sums(struct craft *c)
{
	struct scene s = scene(c);

	for (uint16_t n = 1; n <= 6; n++) {
		const struct craft_ip ip = {.protocol = 253};

		craft_ip(c, &s.client, &s.far, &ip, "experiment, 24 bytes...",
			 24);
		craft_wait(c, 100 * MS);
		sent_unfilled(c, (uint8_t)n);
		craft_wait(c, S);
		ping(&s, &s.far, n, RTT);
	}
}

/* Only first fragments come through: a filter wants to see ports. */
static void fragments_filtered(struct craft *c)
{
	static const uint8_t body[1480] = {19, 137, 19, 137, 12, 8};
	struct scene s = scene(c);

	for (uint16_t n = 0; n < 4; n++) {
		const struct craft_ip first = {.protocol = UDP,
					       .id = (uint16_t)(900 + n),
					       .more = true};

		craft_ip(c, &s.far, &s.client, &first, body, sizeof(body));
		craft_wait(c, 20 * S);
		ping(&s, &s.far, n, RTT);
	}
	craft_wait(c, 40 * S);
	ping(&s, &s.far, 9, RTT);
}

static void segment(struct scene *s, bool up, uint32_t seq, uint32_t ack,
		    uint8_t flags, uint32_t len)
{
	const struct craft_tcp t = {.sport = up ? 40000 : 443,
				    .dport = up ? 443 : 40000,
				    .seq = seq,
				    .ack = ack,
				    .flags = flags,
				    .mss = flags & TCP_SYN ? MSS : 0,
				    .sack_ok = flags & TCP_SYN,
				    .len = len};

	craft_tcp(s->c, up ? &s->client : &s->far, up ? &s->far : &s->client,
		  &t);
	craft_wait(s->c, up ? RTT : 200);
}

static void open_one(struct scene *s)
{
	segment(s, true, 999, 0, TCP_SYN, 0);
	segment(s, false, 4999, 1000, TCP_SYN | TCP_ACK, 0);
	segment(s, true, 1000, 5000, TCP_ACK, 200);
	segment(s, false, 5000, 1200, TCP_ACK, 0);
}

/* Beside the receiver: a hole of three full segments, and the last, short one
 * above it; nothing as large as those ever came. */
static void hole_at_receiver(struct craft *c)
{
	struct scene s = scene(c);

	open_one(&s);
	for (int i = 0; i < 2; i++) {
		segment(&s, false, 5000 + 3 * MSS, 1200, TCP_ACK, 700);
		segment(&s, true, 1200, 5000, TCP_ACK, 0);
		craft_wait(c, 2 * S);
		segment(&s, true, 1200, 5000, TCP_ACK, 0);
	}
	for (uint16_t n = 1; n < 8; n++) {
		segment(&s, false, 5000 + 3 * MSS + 700, 1200, TCP_ACK, 0);
		ping(&s, &s.far, n, RTT);
	}
}

/* The other end dies: what is small is not answered either. */
static void dead_peer(struct craft *c)
{
	struct scene s = scene(c);

	open_one(&s);
	for (int i = 0; i < 4; i++) {
		segment(&s, true, 1200 + (uint32_t)i * MSS, 5000, TCP_ACK, MSS);
		segment(&s, false, 5000, 1200 + (uint32_t)(i + 1) * MSS,
			TCP_ACK, 0);
	}
	for (int i = 0; i < 6; i++) {
		segment(&s, true, 1200 + 4 * MSS, 5000, TCP_ACK, MSS);
		craft_wait(c, (300 << i) * MS);
	}
	for (uint16_t n = 1; n < 8; n++)
		ping(&s, &s.near, n, 0);
}

/* Somebody who knows the connection, and not its numbers, wants it slow. */
static void forged(struct craft *c)
{
	struct scene s = scene(c);
	uint8_t quote[28];
	const uint8_t *ip;
	size_t size;

	open_one(&s);
	for (uint32_t i = 0; i < 12; i++) {
		segment(&s, true, 1200 + i * MSS, 5000, TCP_ACK, MSS);
		if (i % 3 == 1) {
			ip = craft_last_ip(c, &size);
			memcpy(quote, ip, sizeof(quote));
			quote[24] ^= 0x55;
			craft_icmp(c, &s.router, &s.client, 3, 4, 600, quote,
				   sizeof(quote));
		}
		segment(&s, false, 5000, 1200 + (i + 1) * MSS, TCP_ACK, 0);
		craft_wait(c, S);
	}
}

/* A router passes on what may not leave its link. */
static void link_local(struct craft *c, uint8_t ttl)
{
	struct station from = {"52:54:00:00:00:14", "fe80::14", .ttl = ttl};
	struct station to = {"52:54:00:00:00:30", "2001:db8::30"};

	for (uint16_t n = 1; n <= 4; n++) {
		craft_echo(c, &from, &to, false, 9, n, 56);
		craft_wait(c, MS);
		craft_echo(c, &to, &from, true, 9, n, 56);
		craft_wait(c, S);
	}
}

static void link_local_routed(struct craft *c)
{
	link_local(c, 63);
}

static void link_local_twin(struct craft *c)
{
	link_local(c, 64);
}

/* The first answer is late: somebody had to be found. */
static void slow_first(struct craft *c)
{
	struct scene s = scene(c);

	find(c, &s.client, &s.near);
	for (uint16_t n = 1; n <= 12; n++)
		ping(&s, &s.near, n, n == 1 ? 800 * MS : MS);
}

/* One host asks a whole network, once each. */
static void swept(struct craft *c)
{
	struct scene s = scene(c);
	char ip[24];

	for (int n = 1; n < 255; n++) {
		struct station to = {s.router.mac, ip, .ttl = 60};

		snprintf(ip, sizeof(ip), "198.51.100.%d", n);
		craft_echo(c, &s.client, &to, false, 77, 1, 56);
		craft_wait(c, 2 * MS);
		if (n % 2)
			craft_echo(c, &to, &s.client, true, 77, 1, 56);
		craft_wait(c, 8 * MS);
	}
	craft_wait(c, 6 * S);
	ping(&s, &s.router, 1, MS);
}

/* Who says that the TTL ran out at each hop. */
static void hop(struct scene *s, uint8_t ttl)
{
	char ip[24];
	struct station at = {s->router.mac, ip, .ttl = (uint8_t)(65 - ttl)};

	snprintf(ip, sizeof(ip), ttl == 1 ? "192.0.2.1" : "203.0.113.%d", ttl);
	craft_wait(s->c, (uint8_t)(ttl * 2) * MS);
	craft_icmp_error(s->c, &at, &s->client, 11, 0, 0);
}

static void traced_by_ping(struct craft *c)
{
	struct scene s = scene(c);

	for (uint16_t n = 0; n < 12; n++) {
		uint8_t ttl = (uint8_t)(n / 3 + 1);

		s.client.ttl = ttl;
		craft_echo(c, &s.client, &s.far, false, 55, n, 32);
		if (ttl < 4) {
			hop(&s, ttl);
		} else {
			craft_wait(c, 10 * MS);
			craft_echo(c, &s.far, &s.client, true, 55, n, 32);
		}
		craft_wait(c, 100 * MS);
	}
}

static void traced_by_tcp(struct craft *c)
{
	struct scene s = scene(c);

	for (uint16_t n = 0; n < 12; n++) {
		const struct craft_tcp syn = {.sport = (uint16_t)(50000 + n),
					      .dport = 443,
					      .seq = 7000u + n,
					      .flags = TCP_SYN,
					      .ttl = (uint8_t)(n / 3 + 1)};
		const struct craft_tcp refuse = {.sport = 443,
						 .dport = syn.sport,
						 .ack = syn.seq + 1,
						 .flags = TCP_RST | TCP_ACK};

		craft_tcp(c, &s.client, &s.far, &syn);
		if (syn.ttl < 4) {
			hop(&s, syn.ttl);
		} else {
			craft_wait(c, 10 * MS);
			craft_tcp(c, &s.far, &s.client, &refuse);
		}
		craft_wait(c, 100 * MS);
	}
}

/* A tunnel: what goes there comes back in another flow, or not at all. */
static void one_way_tunnel(struct craft *c)
{
	static const uint8_t vxlan[64] = {8, 0, 0, 0, 0, 0, 7};
	struct scene s = scene(c);

	for (int i = 0; i < 8; i++) {
		craft_udp(c, &s.client, &s.far, 50123, 4789, vxlan,
			  sizeof(vxlan));
		craft_wait(c, S);
		ping(&s, &s.far, (uint16_t)i, RTT);
	}
}

/* Handshakes of WireGuard that nobody answers. */
static void no_handshake(struct craft *c)
{
	static const uint8_t initiation[148] = {1};
	struct scene s = scene(c);

	for (int i = 0; i < 4; i++) {
		craft_udp(c, &s.client, &s.far, 51820, 51820, initiation,
			  sizeof(initiation));
		craft_wait(c, 5 * S);
		ping(&s, &s.router, (uint16_t)i, MS);
	}
	craft_wait(c, 10 * S);
	ping(&s, &s.router, 9, MS);
}

/* The same port, with what a tunnel carries: it asks for nothing. */
static void tunnel_one_way(struct craft *c)
{
	static const uint8_t data[128] = {4};
	struct scene s = scene(c);

	for (int i = 0; i < 4; i++) {
		craft_udp(c, &s.client, &s.far, 51820, 51820, data,
			  sizeof(data));
		craft_wait(c, 2 * S);
		ping(&s, &s.router, (uint16_t)i, MS);
	}
	craft_wait(c, 10 * S);
	ping(&s, &s.router, 9, MS);
}

const struct craft_case alike_net_cases[] = {
	{"icmp", "not-forwarded-two", not_forwarded_two},
	{"icmp", "loopback-twin", loopback},
	{"capture", "own-sums-twin", own_sums},
	{"mtu", "fragments-filtered", fragments_filtered},
	{"mtu", "hole-at-receiver", hole_at_receiver},
	{"mtu", "dead-peer-twin", dead_peer},
	{"mtu", "forged", forged},
	{"icmp", "link-local-routed", link_local_routed},
	{"icmp", "link-local-routed-twin", link_local_twin},
	{"icmp", "slow-first-twin", slow_first},
	{"flood", "swept-twin", swept},
	{"icmp", "traced-by-ping", traced_by_ping},
	{"icmp", "traced-by-tcp", traced_by_tcp},
	{"flood", "one-way-tunnel-twin", one_way_tunnel},
	{"flood", "no-handshake", no_handshake},
	{"flood", "no-handshake-twin", tunnel_one_way},
	{"icmp", "loopback-raw-twin", loopback_raw},
	{"icmp", "tested-by-dhcp-twin", tested_afar},
	{0},
};

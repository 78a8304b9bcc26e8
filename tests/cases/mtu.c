/* SPDX-License-Identifier: BSD-3-Clause */
/* mtu.c - cases of the path MTU, of fragments and of routing loops. */
#include <string.h>

#include "cases/craft.h"
#include "dissectors/dissect.h"

enum { MS = 1000, S = 1000000, RTT = 20 * MS, MSS = 1460 };

/* A client on a link, its router, and a server beyond. */
struct scene {
	struct craft *c;
	struct station client, router, server;
	uint32_t seq, ack; /* the client's, of the open connection */
	uint16_t port;
};

static struct scene scene(struct craft *c)
{
	struct scene s = {
		.c = c,
		.client = {"52:54:00:00:00:14", "192.0.2.20", .id = 100},
		.router = {"52:54:00:00:00:01", "192.0.2.1", .id = 4000},
		.server = {"52:54:00:00:00:01", "198.51.100.7", .ttl = 60,
			   .id = 7000},
		.port = 40000,
	};

	craft_arp(c, 1, &s.client, NULL, s.router.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &s.router, s.client.mac, s.client.ip, s.client.mac);
	craft_wait(c, MS);
	return s;
}

static void up(struct scene *s, uint32_t seq, uint32_t len)
{
	struct craft_tcp t = {.sport = s->port,
			      .dport = 443,
			      .seq = seq,
			      .ack = s->ack,
			      .flags = TCP_ACK,
			      .len = len};

	craft_tcp(s->c, &s->client, &s->server, &t);
}

static void down(struct scene *s, uint32_t ack)
{
	struct craft_tcp t = {.sport = 443,
			      .dport = s->port,
			      .seq = s->ack,
			      .ack = ack,
			      .flags = TCP_ACK};

	craft_tcp(s->c, &s->server, &s->client, &t);
}

/* A connection with a small request that is acknowledged. */
static void open_one(struct scene *s, uint16_t mss)
{
	struct craft_tcp syn = {.sport = ++s->port,
				.dport = 443,
				.seq = 1000,
				.flags = TCP_SYN,
				.mss = MSS,
				.sack_ok = true};
	struct craft_tcp answer = {.sport = 443,
				   .dport = s->port,
				   .seq = 5000,
				   .ack = 1001,
				   .flags = TCP_SYN | TCP_ACK,
				   .mss = mss,
				   .sack_ok = true};

	craft_tcp(s->c, &s->client, &s->server, &syn);
	craft_wait(s->c, RTT);
	craft_tcp(s->c, &s->server, &s->client, &answer);
	craft_wait(s->c, 100);
	s->seq = 1001;
	s->ack = 5001;
	up(s, s->seq, 0);
	craft_wait(s->c, MS);
	up(s, s->seq, 200);
	s->seq += 200;
	craft_wait(s->c, RTT);
	down(s, s->seq);
	craft_wait(s->c, MS);
}

static void close_one(struct scene *s)
{
	struct craft_tcp fin = {.sport = s->port,
				.dport = 443,
				.seq = s->seq,
				.ack = s->ack,
				.flags = TCP_FIN | TCP_ACK};
	struct craft_tcp back = {.sport = 443,
				 .dport = s->port,
				 .seq = s->ack,
				 .ack = s->seq + 1,
				 .flags = TCP_FIN | TCP_ACK};

	craft_tcp(s->c, &s->client, &s->server, &fin);
	craft_wait(s->c, RTT);
	craft_tcp(s->c, &s->server, &s->client, &back);
	craft_wait(s->c, 100);
	s->seq++;
	s->ack++;
	up(s, s->seq, 0);
}

/* `count` segments that are acknowledged a round trip later. */
static void send_well(struct scene *s, int count, uint32_t len)
{
	for (int i = 0; i < count; i++) {
		up(s, s->seq, len);
		s->seq += len;
		craft_wait(s->c, 100);
	}
	craft_wait(s->c, RTT);
	down(s, s->seq);
	craft_wait(s->c, MS);
}

static void too_big(struct scene *s, uint16_t mtu)
{
	craft_icmp_error(s->c, &s->router, &s->client, 3, 4, mtu);
}

static void frag_needed(struct craft *c)
{
	struct scene s = scene(c);

	open_one(&s, MSS);
	up(&s, s.seq, MSS);
	craft_wait(c, 400);
	too_big(&s, 1400);
	craft_wait(c, 100);
	send_well(&s, 3, 1360);
	close_one(&s);
}

static void frag_needed_twin(struct craft *c)
{
	struct scene s = scene(c);

	open_one(&s, 1360);
	send_well(&s, 4, 1360);
	close_one(&s);
}

static void ignored(struct craft *c)
{
	static const int64_t wait[] = {300 * MS, 600 * MS, 1200 * MS, 2400 * MS,
				       4800 * MS};
	struct scene s = scene(c);

	open_one(&s, MSS);
	for (int i = 0; i < 5; i++) {
		up(&s, s.seq, MSS);
		craft_wait(c, 400);
		too_big(&s, 1400);
		craft_wait(c, wait[i]);
	}
	up(&s, s.seq, MSS);
}

/* Ten segments were in flight: ten notices, then all goes well. */
static void ignored_twin(struct craft *c)
{
	struct scene s = scene(c);

	open_one(&s, MSS);
	for (uint32_t i = 0; i < 10; i++) {
		up(&s, s.seq + i * MSS, MSS);
		craft_wait(c, 100);
		too_big(&s, 1400);
		craft_wait(c, 100);
	}
	send_well(&s, 10, 1360);
	craft_wait(c, 2 * S);
	send_well(&s, 3, 1360);
	close_one(&s);
}

/* Large segments die, a later short one arrives: SACK says so. */
static void black_hole(struct craft *c)
{
	static const int64_t wait[] = {300 * MS, 600 * MS, 1200 * MS,
				       2400 * MS};
	struct scene s = scene(c);
	struct craft_tcp sack;

	open_one(&s, MSS);
	up(&s, s.seq, MSS);
	craft_wait(c, 100);
	up(&s, s.seq + MSS, 300);
	craft_wait(c, RTT);
	sack = (struct craft_tcp){.sport = 443,
				  .dport = s.port,
				  .seq = s.ack,
				  .ack = s.seq,
				  .flags = TCP_ACK,
				  .sack = {s.seq + MSS, s.seq + MSS + 300}};
	craft_tcp(c, &s.server, &s.client, &sack);
	for (int i = 0; i < 4; i++) {
		craft_wait(c, wait[i]);
		up(&s, s.seq, MSS);
		if (i < 2)
			continue;
		craft_wait(c, 50 * MS);
		craft_tcp(c, &s.server, &s.client, &sack);
	}
}

/* A segment and its first repeat are lost, the second repeat arrives. */
static void black_hole_twin(struct craft *c)
{
	struct scene s = scene(c);

	open_one(&s, MSS);
	send_well(&s, 4, MSS);
	up(&s, s.seq, MSS);
	craft_wait(c, 300 * MS);
	up(&s, s.seq, MSS);
	craft_wait(c, 600 * MS);
	send_well(&s, 1, MSS);
	send_well(&s, 4, MSS);
	close_one(&s);
}

static void bogus(struct craft *c)
{
	struct scene s = scene(c);

	open_one(&s, MSS);
	up(&s, s.seq, MSS);
	craft_wait(c, 400);
	too_big(&s, 1500);
	craft_wait(c, RTT);
	s.seq += MSS;
	down(&s, s.seq);
	craft_wait(c, MS);
	close_one(&s);
}

/* A router older than RFC 1191 does not say how much fits. */
static void bogus_twin(struct craft *c)
{
	struct scene s = scene(c);

	open_one(&s, MSS);
	up(&s, s.seq, MSS);
	craft_wait(c, 400);
	too_big(&s, 0);
	craft_wait(c, 100);
	send_well(&s, 3, 966);
	close_one(&s);
}

/* Two neighbours, one of them with jumbo frames. */
static void link_mismatch(struct craft *c)
{
	struct scene s = scene(c);
	struct craft_tcp syn = {.sport = 40001,
				.dport = 445,
				.seq = 1000,
				.flags = TCP_SYN,
				.mss = 8960};
	struct craft_tcp answer = {.sport = 445,
				   .dport = 40001,
				   .seq = 5000,
				   .ack = 1001,
				   .flags = TCP_SYN | TCP_ACK,
				   .mss = MSS};
	struct craft_tcp ack = {.sport = 40001,
				.dport = 445,
				.seq = 1001,
				.ack = 5001,
				.flags = TCP_ACK};
	struct station near = {"52:54:00:00:00:30", "192.0.2.30", .id = 9000};

	craft_arp(c, 1, &s.client, NULL, near.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &near, s.client.mac, s.client.ip, s.client.mac);
	craft_wait(c, MS);
	craft_tcp(c, &s.client, &near, &syn);
	craft_wait(c, 300);
	craft_tcp(c, &near, &s.client, &answer);
	craft_wait(c, 100);
	craft_tcp(c, &s.client, &near, &ack);
}

/* Beyond the router an MSS is clamped: that is no disagreement. */
static void link_mismatch_twin(struct craft *c)
{
	struct scene s = scene(c);

	open_one(&s, 1360);
	close_one(&s);
}

static void routing_loop(struct craft *c)
{
	struct station a = {"52:54:00:00:00:01", "192.0.2.1"};
	struct station b = {"52:54:00:00:00:02", "192.0.2.2"};
	struct scene s = scene(c);
	struct station lost = {b.mac, "203.0.113.9"};

	s.client.mac = a.mac;
	for (uint16_t n = 1; n <= 3; n++) {
		craft_echo(c, &s.client, &lost, false, 77, n, 56);
		for (uint8_t ttl = 63; ttl > 50; ttl--) {
			craft_wait(c, 100);
			craft_again(c, ttl, ttl & 1 ? b.mac : a.mac,
				    ttl & 1 ? a.mac : b.mac);
		}
		craft_wait(c, S);
	}
}

/* A router sends a packet back over the link where it came from. */
static void routing_loop_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct station far = {"52:54:00:00:00:01", "203.0.113.9", .ttl = 61};

	for (uint16_t n = 1; n <= 4; n++) {
		craft_echo(c, &s.client, &far, false, 77, n, 56);
		craft_wait(c, 200);
		craft_again(c, 63, s.router.mac, "52:54:00:00:00:02");
		craft_wait(c, RTT);
		craft_echo(c, &far, &s.client, true, 77, n, 56);
		craft_wait(c, S);
	}
}

/* A UDP datagram of `size` bytes in fragments of 1480; bit n of `skip` leaves
 * fragment n out. */
static void datagram(struct scene *s, uint16_t id, uint32_t size, unsigned skip)
{
	uint8_t bytes[4000] = {0x9c, 0x40, 0x23, 0x28};

	bytes[4] = (uint8_t)(size >> 8);
	bytes[5] = (uint8_t)size;
	for (uint32_t at = 0, n = 0; at < size; at += 1480, n++) {
		uint32_t len = size - at < 1480 ? size - at : 1480;
		struct craft_ip ip = {.protocol = 17,
				      .id = id,
				      .more = at + len < size,
				      .offset = (uint16_t)at};

		if (!(skip >> n & 1))
			craft_ip(s->c, &s->client, &s->server, &ip, bytes + at,
				 len);
		craft_wait(s->c, 50);
	}
}

static void fragmented(struct craft *c)
{
	struct scene s = scene(c);

	for (uint16_t i = 1; i <= 10; i++) {
		datagram(&s, i, 3000, 0);
		craft_wait(c, 200 * MS);
	}
}

static void fragmented_twin(struct craft *c)
{
	struct scene s = scene(c);

	datagram(&s, 1, 1600, 0);
}

static void missing(struct craft *c)
{
	struct scene s = scene(c);

	for (uint16_t i = 1; i <= 4; i++) {
		datagram(&s, i, 3000, 2);
		craft_wait(c, S);
	}
	craft_at(c, 34 * S);
	datagram(&s, 9, 100, 0);
	craft_wait(c, RTT);
	craft_icmp(c, &s.server, &s.client, 11, 1, 0,
		   (const uint8_t[28]){0x45, 0,	   0x05, 0xdc, 0,   1,	 0x20,
				       0,    60,   17,	 0,    0,   192, 0,
				       2,    20,   198,	 51,   100, 7,	 0x9c,
				       0x40, 0x23, 0x28, 0x0b, 0xb8},
		   28);
}

/* The middle fragment comes 10 ms late. */
static void missing_twin(struct craft *c)
{
	struct scene s = scene(c);

	for (uint16_t i = 1; i <= 4; i++) {
		datagram(&s, i, 3000, 2);
		craft_wait(c, 10 * MS);
		datagram(&s, i, 3000, 5);
		craft_wait(c, S);
	}
}

static void piece(struct scene *s, uint16_t id, uint16_t offset, size_t len,
		  bool more, uint8_t fill)
{
	uint8_t bytes[1480];
	struct craft_ip ip = {
		.protocol = 17, .id = id, .more = more, .offset = offset};

	memset(bytes, fill, sizeof(bytes));
	craft_ip(s->c, &s->client, &s->server, &ip, bytes, len);
	craft_wait(s->c, 100);
}

/* Teardrop: the second fragment lies within the first. */
static void overlap(struct craft *c)
{
	struct scene s = scene(c);

	piece(&s, 1, 0, 800, true, 1);
	piece(&s, 1, 400, 600, false, 2);
}

static void overlap_twin(struct craft *c)
{
	struct scene s = scene(c);

	piece(&s, 1, 0, 800, true, 1);
	piece(&s, 1, 0, 800, true, 1);
	piece(&s, 1, 800, 600, false, 2);
}

static void tiny(struct craft *c)
{
	struct scene s = scene(c);
	static const uint8_t tcp[28] = {0x9c, 0x41, 0, 80, 0,	 0, 0,	  1,
					0,    0,    0, 0,  0x50, 2, 0xff, 0xff};
	struct craft_ip first = {.protocol = 6, .id = 1, .more = true};
	struct craft_ip rest = {.protocol = 6, .id = 1, .offset = 8};

	craft_ip(c, &s.client, &s.server, &first, tcp, 8);
	craft_wait(c, 100);
	craft_ip(c, &s.client, &s.server, &rest, tcp + 8, 20);
}

static void tiny_twin(struct craft *c)
{
	struct scene s = scene(c);

	datagram(&s, 1, 2964, 0);
}

const struct craft_case mtu_cases[] = {
	{"mtu", "frag-needed", frag_needed},
	{"mtu", "frag-needed-twin", frag_needed_twin},
	{"mtu", "ignored", ignored},
	{"mtu", "ignored-twin", ignored_twin},
	{"mtu", "black-hole", black_hole},
	{"mtu", "black-hole-twin", black_hole_twin},
	{"mtu", "bogus", bogus},
	{"mtu", "bogus-twin", bogus_twin},
	{"mtu", "link-mismatch", link_mismatch},
	{"mtu", "link-mismatch-twin", link_mismatch_twin},
	{"mtu", "routing-loop", routing_loop},
	{"mtu", "routing-loop-twin", routing_loop_twin},
	{"mtu", "fragmented", fragmented},
	{"mtu", "fragmented-twin", fragmented_twin},
	{"mtu", "fragments-missing", missing},
	{"mtu", "fragments-missing-twin", missing_twin},
	{"mtu", "fragments-overlap", overlap},
	{"mtu", "fragments-overlap-twin", overlap_twin},
	{"mtu", "fragments-tiny", tiny},
	{"mtu", "fragments-tiny-twin", tiny_twin},
	{0},
};

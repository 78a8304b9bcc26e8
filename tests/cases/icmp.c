/* SPDX-License-Identifier: BSD-3-Clause */
/* icmp.c - cases of pings, ICMP errors, and of the IP header. */
#include <string.h>

#include "cases/craft.h"
#include "dissectors/dissect.h"

enum { MS = 1000, S = 1000000, RTT = 20 * MS };

/* A client on a link, its router, a second one, a neighbour, a host beyond. */
struct scene {
	struct craft *c;
	struct station client, router, second, near, far;
};

static struct scene scene(struct craft *c)
{
	struct scene s = {
		.c = c,
		.client = {"52:54:00:00:00:14", "192.0.2.20", .id = 100},
		.router = {"52:54:00:00:00:01", "192.0.2.1", .id = 4000},
		.second = {"52:54:00:00:00:02", "192.0.2.2", .id = 5000},
		.near = {"52:54:00:00:00:30", "192.0.2.30", .id = 6000},
		.far = {"52:54:00:00:00:01", "198.51.100.7", .ttl = 60,
			.id = 7000},
	};

	craft_arp(c, 1, &s.client, NULL, s.router.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &s.router, s.client.mac, s.client.ip, s.client.mac);
	craft_wait(c, MS);
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

static void no_reply(struct craft *c)
{
	struct scene s = scene(c);
	struct station dead = {s.router.mac, "198.51.100.99"};

	ping(&s, &s.far, 1, RTT);
	for (uint16_t n = 1; n <= 5; n++)
		ping(&s, &dead, n, 0);
	for (uint16_t n = 2; n <= 8; n++)
		ping(&s, &s.far, n, RTT);
}

/* The capture ends before the first request has waited five seconds. */
static void no_reply_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct station dead = {s.router.mac, "198.51.100.99"};

	for (uint16_t n = 1; n <= 4; n++)
		ping(&s, &dead, n, 0);
	ping(&s, &s.far, 1, RTT);
}

static void some_lost(struct craft *c, uint16_t lost_a, uint16_t lost_b)
{
	struct scene s = scene(c);

	for (uint16_t n = 1; n <= 21; n++)
		ping(&s, &s.far, n, n == lost_a || n == lost_b ? 0 : RTT);
}

static void loss(struct craft *c)
{
	some_lost(c, 7, 12);
}

static void loss_twin(struct craft *c)
{
	some_lost(c, 7, 0);
}

static void slow(struct craft *c)
{
	struct scene s = scene(c);

	craft_arp(c, 1, &s.client, NULL, s.near.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &s.near, s.client.mac, s.client.ip, s.client.mac);
	craft_wait(c, MS);
	for (uint16_t n = 1; n <= 6; n++)
		ping(&s, &s.near, n, 150 * MS);
}

static void slow_twin(struct craft *c)
{
	struct scene s = scene(c);

	for (uint16_t n = 1; n <= 12; n++)
		ping(&s, &s.far, n, n == 1 ? 900 * MS : 150 * MS);
}

/* The router asked for the host in vain, and says so for each packet. */
static void unreachable(struct craft *c)
{
	struct scene s = scene(c);
	struct station dead = {s.router.mac, "198.51.100.99"};

	for (uint16_t n = 1; n <= 4; n++) {
		craft_echo(c, &s.client, &dead, false, 99, n, 56);
		craft_wait(c, 3 * S);
		craft_icmp_error(c, &s.router, &s.client, 3, 1, 0);
		craft_wait(c, MS);
	}
}

/* The client has closed its port when the second answer comes. */
static void unreachable_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct craft_dns q = {
		.id = 7, .name = "www.example.org", .sport = 40001};
	struct craft_dns a = {.id = 7,
			      .name = "www.example.org",
			      .sport = 40001,
			      .response = true,
			      .answer = "203.0.113.5",
			      .ttl = 60};

	craft_dns(c, &s.client, &s.far, &q);
	craft_wait(c, RTT);
	craft_dns(c, &s.far, &s.client, &a);
	craft_wait(c, RTT);
	craft_dns(c, &s.far, &s.client, &a);
	craft_wait(c, 100);
	craft_icmp_error(c, &s.client, &s.far, 3, 3, 0);
}

/* Datagrams that leave with a TTL of 3 die at the third router. */
static void expired(struct craft *c)
{
	struct scene s = scene(c);
	struct station third = {s.router.mac, "203.0.113.3", .ttl = 253};

	s.client.ttl = 3;
	for (int i = 0; i < 4; i++) {
		craft_udp(c, &s.client, &s.far, 40001, 9000, "data", 4);
		craft_wait(c, RTT);
		craft_icmp_error(c, &third, &s.client, 11, 0, 0);
		craft_wait(c, S);
	}
}

/* The same by intention: a game opens its NAT for a peer, and then talks. */
static void ttl_chosen_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct station third = {s.router.mac, "203.0.113.3", .ttl = 253};

	ping(&s, &s.far, 1, RTT);
	for (int i = 0; i < 8; i++) {
		s.client.ttl = i < 4 ? 3 : 64;
		craft_udp(c, &s.client, &s.far, 40001, 9000, "data", 4);
		craft_wait(c, RTT);
		if (i < 4)
			craft_icmp_error(c, &third, &s.client, 11, 0, 0);
		else
			craft_udp(c, &s.far, &s.client, 9000, 40001, "data", 4);
		craft_wait(c, S);
	}
}

/* A program whose TTL does not reach, of a host whose others do. */
static void ttl_chosen(struct craft *c)
{
	struct scene s = scene(c);
	struct station third = {s.router.mac, "203.0.113.3", .ttl = 253};

	ping(&s, &s.far, 1, RTT);
	s.client.ttl = 3;
	for (int i = 0; i < 6; i++) {
		craft_udp(c, &s.client, &s.far, 40001, 9000, "data", 4);
		craft_wait(c, RTT);
		craft_icmp_error(c, &third, &s.client, 11, 0, 0);
		craft_wait(c, S);
	}
}

/* mtr: the same path again and again, one hop says nothing. */
static void trace(struct craft *c, int rounds)
{
	static const char *const hop[] = {"192.0.2.1", "203.0.113.2", NULL,
					  "203.0.113.4"};
	struct scene s = scene(c);
	uint16_t seq = 0;

	for (int round = 0; round < rounds; round++)
		for (uint8_t ttl = 1; ttl <= 5; ttl++) {
			struct station at = {s.router.mac,
					     ttl < 5 ? hop[ttl - 1] : NULL,
					     .ttl = (uint8_t)(256 - ttl)};

			s.client.ttl = ttl;
			craft_echo(c, &s.client, &s.far, false, 99, ++seq, 32);
			craft_wait(c, ttl * 4 * MS);
			if (ttl == 5)
				craft_echo(c, &s.far, &s.client, true, 99, seq,
					   32);
			else if (at.ip)
				craft_icmp_error(c, &at, &s.client, 11, 0, 0);
			craft_wait(c, 50 * MS);
		}
}

static void expired_twin(struct craft *c)
{
	trace(c, 4);
}

static void traceroute(struct craft *c)
{
	trace(c, 1);
}

static void traceroute_twin(struct craft *c)
{
	struct scene s = scene(c);

	for (uint16_t n = 1; n <= 5; n++)
		ping(&s, &s.far, n, RTT);
}

static void redirect(struct craft *c)
{
	struct scene s = scene(c);
	const uint8_t gateway[4] = {192, 0, 2, 2};
	uint32_t rest = (uint32_t)gateway[0] << 24 | gateway[1] << 16 |
			gateway[2] << 8 | gateway[3];
	struct station by_second = s.far;

	craft_echo(c, &s.client, &s.far, false, 99, 1, 56);
	craft_wait(c, MS);
	craft_icmp_error(c, &s.router, &s.client, 5, 1, rest);
	craft_wait(c, RTT);
	by_second.mac = s.second.mac;
	craft_echo(c, &by_second, &s.client, true, 99, 1, 56);
	craft_wait(c, S);
	ping(&s, &by_second, 2, RTT);
	ping(&s, &by_second, 3, RTT);
}

static void martian(struct craft *c)
{
	struct scene s = scene(c);
	struct station odd = {s.client.mac, "127.0.0.1"};

	craft_udp(c, &odd, &s.router, 40001, 514, "data", 4);
	craft_wait(c, S);
	craft_udp(c, &odd, &s.router, 40001, 514, "data", 4);
}

/* A host without an address asks for one. */
static void martian_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct station none = {"52:54:00:00:00:40", "0.0.0.0"};
	struct station all = {"ff:ff:ff:ff:ff:ff", "255.255.255.255"};

	craft_udp(c, &none, &all, 68, 67, "", 0);
	ping(&s, &s.far, 1, RTT);
}

/* Members of a cluster speak to each other without an address. */
static void nobody_to_group_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct station none = {"52:54:00:00:00:40", "0.0.0.0", .ttl = 255};
	struct station group = {"01:00:5e:02:03:00", "192.0.2.0"};

	for (int i = 0; i < 3; i++) {
		craft_udp(c, &none, &group, 8116, 8116, "data", 4);
		craft_wait(c, S);
	}
	ping(&s, &s.far, 1, RTT);
}

/* Captured on all interfaces: a rule of the host itself rejects what one of its
 * programs sends, before it leaves. */
static void own_rule_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct station self = {"00:00:00:00:00:00", "192.0.2.20"};
	/* RFC 791 header to `far`, then the ports of TCP */
	const uint8_t quote[28] = {0x45, 0,    0,    40, 0x12, 0x34, 0x40,
				   0,	 64,   6,    0,	 0,    192,  0,
				   2,	 20,   198,  51, 100,  7,    0x9c,
				   0x40, 0x01, 0xbb, 0,	 0,    0,    1};

	for (uint16_t n = 1; n <= 10; n++)
		ping(&s, &s.far, n, RTT);
	for (int i = 0; i < 2; i++) {
		craft_icmp(c, &self, &self, 3, 3, 0, quote, sizeof(quote));
		craft_wait(c, S);
	}
}

/* A loopback device, on which a program sends to all. */
static void loopback_broadcast_twin(struct craft *c)
{
	struct station self = {"00:00:00:00:00:00", "127.0.0.1"};
	struct station all = {"ff:ff:ff:ff:ff:ff", "127.0.0.1"};

	for (int i = 0; i < 3; i++) {
		craft_udp(c, &self, &all, 40001, 514, "data", 4);
		craft_wait(c, S);
	}
}

static void mark(struct craft *c, uint8_t ordinary)
{
	struct scene s = scene(c);
	struct craft_tcp t = {.sport = 40001,
			      .dport = 443,
			      .seq = 1000,
			      .ack = 5001,
			      .flags = TCP_ACK,
			      .len = 500};
	struct craft_tcp a = {.sport = 443, .dport = 40001, .seq = 5001};

	for (int i = 0; i < 20; i++) {
		t.tos = i % 4 == 3 ? 3 : ordinary;
		craft_tcp(c, &s.far, &s.client,
			  &(struct craft_tcp){.sport = 443,
					      .dport = 40001,
					      .seq = t.seq,
					      .ack = 5001,
					      .flags = TCP_ACK,
					      .len = 500,
					      .tos = t.tos});
		craft_wait(c, 100);
		t.seq += 500;
		a = (struct craft_tcp){.sport = 40001,
				       .dport = 443,
				       .seq = 5001,
				       .ack = t.seq,
				       .flags = TCP_ACK};
		craft_tcp(c, &s.client, &s.far, &a);
		craft_wait(c, RTT);
	}
}

static void marked(struct craft *c)
{
	mark(c, 2);
}

static void marked_twin(struct craft *c)
{
	mark(c, 3);
}

/* Three places beyond the gateway, none answers; the gateway itself does. */
static void not_forwarded(struct craft *c)
{
	static const char *const places[] = {"198.51.100.7", "203.0.113.9",
					     "198.18.7.7"};
	struct scene s = scene(c);

	for (uint16_t n = 1; n <= 15; n++) {
		struct station to = {s.router.mac, places[n % 3]};

		craft_echo(c, &s.client, &to, false, 99, n, 56);
		craft_wait(c, S);
		if (n % 5 == 0)
			ping(&s, &s.router, n, MS);
	}
}

static void not_forwarded_twin(struct craft *c)
{
	static const char *const places[] = {"198.51.100.7", "203.0.113.9",
					     "198.18.7.7"};
	struct scene s = scene(c);

	for (uint16_t n = 1; n <= 15; n++) {
		struct station to = {s.router.mac, places[n % 3], .ttl = 58};

		ping(&s, &to, n, n % 3 == 2 ? 0 : RTT);
	}
}

/* An error that quotes a datagram which is not in the capture. */
static void unseen(struct scene *s, struct station *reporter, uint8_t type,
		   uint8_t code, uint16_t port)
{
	/* RFC 791 header from the client to `far`, then RFC 768 ports */
	uint8_t quote[28] = {0x45, 0, 0,    32,	  0x12, 0x34, 0,  0,   1,
			     17,   0, 0,    192,  0,	2,    20, 198, 51,
			     100,  7, 0x9c, 0x40, 0,	0,    0,  12};

	quote[22] = (uint8_t)(port >> 8);
	quote[23] = (uint8_t)port;
	craft_icmp(s->c, reporter, &s->client, type, code, 0, quote,
		   sizeof(quote));
	craft_wait(s->c, S);
}

/* Only what comes back was captured: one router says so of one service. */
static void expired_unseen(struct craft *c)
{
	struct scene s = scene(c);
	struct station third = {s.router.mac, "203.0.113.3", .ttl = 253};

	for (int i = 0; i < 3; i++)
		unseen(&s, &third, 11, 0, 9000);
	ping(&s, &s.near, 1, MS);
}

/* Likewise of a traceroute: each probe goes to the next port. */
static void traced_unseen(struct craft *c)
{
	struct scene s = scene(c);
	struct station second = {s.router.mac, "203.0.113.2", .ttl = 254};

	for (uint16_t n = 0; n < 3; n++)
		unseen(&s, &second, 11, 0, 33440 + n);
	for (uint16_t n = 3; n < 6; n++)
		unseen(&s, &s.far, 3, 3, 33440 + n);
	ping(&s, &s.near, 1, MS);
}

const struct craft_case icmp_cases[] = {
	{"icmp", "echo-no-reply", no_reply},
	{"icmp", "echo-no-reply-twin", no_reply_twin},
	{"icmp", "echo-loss", loss},
	{"icmp", "echo-loss-twin", loss_twin},
	{"icmp", "echo-slow", slow},
	{"icmp", "echo-slow-twin", slow_twin},
	{"icmp", "unreachable", unreachable},
	{"icmp", "unreachable-twin", unreachable_twin},
	{"icmp", "ttl-chosen", ttl_chosen},
	{"icmp", "ttl-chosen-twin", ttl_chosen_twin},
	{"icmp", "nobody-to-group-twin", nobody_to_group_twin},
	{"icmp", "own-rule-twin", own_rule_twin},
	{"icmp", "loopback-broadcast-twin", loopback_broadcast_twin},
	{"icmp", "time-exceeded", expired},
	{"icmp", "time-exceeded-twin", expired_twin},
	{"icmp", "time-exceeded-unseen", expired_unseen},
	{"icmp", "time-exceeded-unseen-twin", traced_unseen},
	{"icmp", "traceroute", traceroute},
	{"icmp", "traceroute-twin", traceroute_twin},
	{"icmp", "redirect", redirect},
	{"icmp", "redirect-twin", traceroute_twin},
	{"icmp", "martian", martian},
	{"icmp", "martian-twin", martian_twin},
	{"icmp", "congestion-marked", marked},
	{"icmp", "congestion-marked-twin", marked_twin},
	{"icmp", "not-forwarded", not_forwarded},
	{"icmp", "not-forwarded-twin", not_forwarded_twin},
	{0},
};

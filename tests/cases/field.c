/* SPDX-License-Identifier: BSD-3-Clause */
/* field.c - cases that captures from real networks taught: several troubles of
 * one cause, and what is no trouble at all. */
#include <stdio.h>

#include "cases/craft.h"
#include "cases/craft_neighbour.h"
#include "cases/craft_talk.h"
#include "dissectors/dissect.h"

enum { MS = 1000, S = 1000000, RTT = 20 * MS };

/* A client on a link, its router, and a server three hops beyond. */
struct scene {
	struct craft *c;
	struct station client, router, server;
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
		.server = {"52:54:00:00:00:01", "198.51.100.7", .ttl = 61,
			   .id = 7000},
	};

	find(c, &s.client, &s.router);
	return s;
}

/* A connection that opens, works and is closed. */
static void visit(struct scene *s, uint16_t sport, uint16_t dport)
{
	struct talk t = talk_new(s->c, &s->client, &s->server, sport, dport);

	t.rtt_us = RTT;
	talk_open(&t);
	talk_exchange(&t, 200, 800, 5 * MS);
	talk_close(&t);
	craft_wait(s->c, 100 * MS);
}

static void syn(struct scene *s, uint16_t sport, uint16_t dport, uint32_t isn,
		uint32_t tsval)
{
	const struct craft_tcp p = {.sport = sport,
				    .dport = dport,
				    .seq = isn,
				    .flags = TCP_SYN,
				    .mss = 1460,
				    .wscale = 7,
				    .sack_ok = true,
				    .tsval = tsval};

	craft_tcp(s->c, &s->client, &s->server, &p);
}

static void synack(struct scene *s, uint16_t sport, uint16_t dport,
		   uint32_t isn, uint32_t tsecr)
{
	const struct craft_tcp p = {.sport = dport,
				    .dport = sport,
				    .seq = isn * 3,
				    .ack = isn + 1,
				    .flags = TCP_SYN | TCP_ACK,
				    .mss = 1460,
				    .wscale = 7,
				    .sack_ok = true,
				    .id = -1,
				    .tsval = 9000 + tsecr,
				    .tsecr = tsecr};

	craft_tcp(s->c, &s->server, &s->client, &p);
}

/* A client that waits two seconds for each of its attempts, and the second SYN
 * of each is answered or not. */
static void brief(struct craft *c, bool answered)
{
	struct scene s = scene(c);

	visit(&s, 40000, 80);
	for (uint16_t n = 1; n <= 4; n++) {
		uint16_t port = (uint16_t)(40000 + n);
		uint32_t isn = n * 100000u, ts = n * 3000u;

		syn(&s, port, 8443, isn, ts);
		craft_wait(c, S);
		syn(&s, port, 8443, isn, ts + 1000);
		craft_wait(c, RTT);
		if (answered) {
			struct craft_tcp p = {.sport = port,
					      .dport = 8443,
					      .seq = isn + 1,
					      .ack = isn * 3 + 1,
					      .tsval = ts + 1020,
					      .tsecr = ts + 10000};

			synack(&s, port, 8443, isn, ts + 1000);
			craft_wait(c, 100);
			craft_tcp(c, &s.client, &s.server, &p);
			p.flags = TCP_RST | TCP_ACK;
			craft_wait(c, 100);
			craft_tcp(c, &s.client, &s.server, &p);
		}
		craft_wait(c, 2 * S);
	}
	visit(&s, 40010, 80);
}

static void brief_attempts(struct craft *c)
{
	brief(c, false);
}

static void brief_attempts_twin(struct craft *c)
{
	brief(c, true);
}

static void refuses(struct craft *c, uint8_t ttl)
{
	struct scene s = scene(c);

	visit(&s, 40000, 80);
	for (uint16_t n = 1; n <= 4; n++) {
		const struct craft_tcp rst = {.sport = 8443,
					      .dport = (uint16_t)(40000 + n),
					      .ack = n * 100000u + 1,
					      .id = -1,
					      .ttl = ttl,
					      .flags = TCP_RST | TCP_ACK,
					      .zero_window = true};

		syn(&s, (uint16_t)(40000 + n), 8443, n * 100000u, n * 3000u);
		craft_wait(c, ttl == 61 ? RTT : 300);
		craft_tcp(c, &s.server, &s.client, &rst);
		craft_wait(c, S);
	}
	visit(&s, 40010, 80);
}

/* The client's own router refuses in the server's name. */
static void refused_by_router(struct craft *c)
{
	refuses(c, 64);
}

static void refused_by_router_twin(struct craft *c)
{
	refuses(c, 61);
}

/* The path takes longer than the client waits for its first answer: each SYN
 * is answered, nothing is lost. */
static void impatient_twin(struct craft *c)
{
	struct scene s = scene(c);
	int64_t start = craft_now(c);
	struct craft_tcp p = {.sport = 40000,
			      .dport = 443,
			      .seq = 100001,
			      .ack = 300001,
			      .tsval = 5000,
			      .tsecr = 10000};

	for (int at = 0; at <= 3; at += at + 1) {
		craft_at(c, start + at * S);
		syn(&s, 40000, 443, 100000, (uint32_t)(1000 + at * 1000));
	}
	craft_at(c, start + 3500 * MS);
	synack(&s, 40000, 443, 100000, 1000);
	craft_wait(c, 100);
	craft_tcp(c, &s.client, &s.server, &p);
	p.len = 100, p.flags = TCP_PSH | TCP_ACK;
	craft_tcp(c, &s.client, &s.server, &p);
	p.seq += 100, p.len = 0, p.flags = TCP_ACK;
	for (int at = 1; at <= 3; at += at + 1) {
		craft_at(c, start + (3500 + at * 1000) * MS);
		synack(&s, 40000, 443, 100000, 1000);
		craft_wait(c, 100);
		craft_tcp(c, &s.client, &s.server, &p);
	}
	craft_at(c, start + 7001 * MS);
	p = (struct craft_tcp){.sport = 443,
			       .dport = 40000,
			       .seq = 300001,
			       .ack = 100101,
			       .len = 400,
			       .flags = TCP_PSH | TCP_ACK,
			       .tsval = 17000,
			       .tsecr = 5000};
	craft_tcp(c, &s.server, &s.client, &p);
	craft_wait(c, 100);
	p = (struct craft_tcp){.sport = 40000,
			       .dport = 443,
			       .seq = 100101,
			       .ack = 300401,
			       .tsval = 8000,
			       .tsecr = 17000};
	craft_tcp(c, &s.client, &s.server, &p);
	craft_wait(c, 4 * S);
	craft_arp(c, 1, &s.client, NULL, s.router.ip, s.router.mac);
}

/* Two networks on one wire: the DHCP server of the second asks for a client
 * that took the offer of the first. */
static void second_network_twin(struct craft *c)
{
	const struct station first = {"52:54:00:00:00:01", "192.0.2.1"};
	const struct station second = {"52:54:00:00:00:02", "203.0.113.1"};
	const struct station nobody = {"52:54:00:00:00:14", "0.0.0.0"};
	const struct station all = {"ff:ff:ff:ff:ff:ff", "255.255.255.255"};
	struct craft_dhcp d = {.type = 1, .mac = nobody.mac, .xid = 77};
	const struct station to[2] = {{nobody.mac, "192.0.2.50"},
				      {nobody.mac, "203.0.113.50"}};

	craft_dhcp(c, &nobody, &all, &d);
	for (int i = 0; i < 2; i++) {
		const struct station *from = i ? &second : &first;

		craft_wait(c, MS);
		d = (struct craft_dhcp){.type = 2,
					.from_server = true,
					.mac = nobody.mac,
					.xid = 77,
					.yiaddr = to[i].ip,
					.server = from->ip,
					.router = from->ip,
					.mask = "255.255.255.0",
					.lease_s = 3600};
		craft_dhcp(c, from, &to[i], &d);
	}
	craft_wait(c, MS);
	d = (struct craft_dhcp){.type = 3,
				.mac = nobody.mac,
				.xid = 77,
				.server = first.ip,
				.requested = to[0].ip};
	craft_dhcp(c, &nobody, &all, &d);
	craft_wait(c, MS);
	d = (struct craft_dhcp){.type = 5,
				.from_server = true,
				.mac = nobody.mac,
				.xid = 77,
				.yiaddr = to[0].ip,
				.server = first.ip,
				.router = first.ip,
				.mask = "255.255.255.0",
				.lease_s = 3600};
	craft_dhcp(c, &first, &to[0], &d);
	craft_wait(c, 5 * S);
	for (int i = 0; i < 4; i++) {
		craft_arp(c, 1, &second, NULL, to[1].ip, nobody.mac);
		craft_wait(c, S);
	}
}

/* The pool has one address, and two ask: the server answers the first only. */
static void pool_empty(struct craft *c)
{
	const struct station server = {"52:54:00:00:00:01", "192.0.2.1"};
	const struct station all = {"ff:ff:ff:ff:ff:ff", "255.255.255.255"};
	const struct station one = {"52:54:00:00:00:14", "0.0.0.0"};
	const struct station two = {"52:54:00:00:00:15", "0.0.0.0"};
	const struct station got = {one.mac, "192.0.2.50"};
	static const int at[] = {0, 4, 12, 28};
	int64_t start;

	for (uint8_t type = 1; type <= 5; type += type == 3 ? 2 : 1) {
		struct craft_dhcp d = {.type = type,
				       .mac = one.mac,
				       .xid = 77,
				       .from_server = type % 3 == 2,
				       .server = type > 1 ? server.ip : NULL};

		if (type == 3)
			d.requested = got.ip;
		if (d.from_server) {
			d.yiaddr = got.ip;
			d.mask = "255.255.255.0";
			d.lease_s = 3600;
		}
		craft_dhcp(c, d.from_server ? &server : &one,
			   d.from_server ? &got : &all, &d);
		craft_wait(c, MS);
	}
	start = craft_now(c) + S;
	for (int i = 0; i < 4; i++) {
		const struct craft_dhcp d = {
			.type = 1, .mac = two.mac, .xid = 78};

		craft_at(c, start + at[i] * S);
		craft_dhcp(c, &two, &all, &d);
	}
	craft_wait(c, 5 * S);
	craft_arp(c, 1, &server, NULL, got.ip, got.mac);
	craft_wait(c, 300);
	craft_arp(c, 2, &got, server.mac, server.ip, server.mac);
}

/* A neighbour goes away in a session that the capture joined: its address was
 * resolved before, so nobody is seen to own it. */
static void neighbour_gone(struct craft *c)
{
	struct station a = {"52:54:00:00:00:14", "192.0.2.20", .id = 100};
	struct station b = {"52:54:00:00:00:30", "192.0.2.30", .id = 6000};
	struct craft_tcp p = {.sport = 40000,
			      .dport = 22,
			      .seq = 1000,
			      .ack = 5000,
			      .len = 40,
			      .flags = TCP_PSH | TCP_ACK,
			      .tsval = 1000,
			      .tsecr = 9000};

	for (int i = 0; i < 6; i++) {
		struct craft_tcp r = {.sport = 22,
				      .dport = 40000,
				      .seq = p.ack,
				      .ack = p.seq + 40,
				      .len = 40,
				      .flags = TCP_PSH | TCP_ACK,
				      .tsval = 9000 + p.tsval,
				      .tsecr = p.tsval};

		craft_tcp(c, &a, &b, &p);
		craft_wait(c, MS);
		craft_tcp(c, &b, &a, &r);
		p.seq += 40, p.ack += 40, p.tsval += 500;
		p.tsecr = r.tsval;
		craft_wait(c, 500 * MS);
	}
	for (int i = 0; i < 5; i++) {
		craft_tcp(c, &a, &b, &p);
		p.tsval += 400 << i;
		craft_wait(c, (int64_t)(400 << i) * MS);
		if (i == 4)
			break;
		craft_arp(c, 1, &a, NULL, b.ip, i < 3 ? b.mac : NULL);
	}
	for (int i = 0; i < 3; i++) {
		craft_arp(c, 1, &a, NULL, b.ip, NULL);
		craft_wait(c, S);
	}
	craft_wait(c, 2 * S);
	craft_arp(c, 1, &a, NULL, b.ip, NULL);
}

/* The forger of a flood draws from all addresses, also those that no host may
 * have. */
static void forged_from_anywhere(struct craft *c)
{
	struct scene s = scene(c);
	int64_t start;

	visit(&s, 40000, 443);
	start = craft_now(c) + S;
	for (unsigned i = 0; i < 400; i++) {
		char ip[16];
		struct station from = {s.router.mac, ip, .ttl = 50};
		const struct craft_tcp p = {
			.sport = (uint16_t)(1024 + i * 131 % 60000),
			.dport = 443,
			.seq = i * 2654435761u,
			.flags = TCP_SYN,
			.window = 512,
			.id = (int)(i * 7919 % 60000 + 1)};

		snprintf(ip, sizeof(ip), "%u.%u.%u.%u",
			 i % 40 == 7   ? 0
			 : i % 40 == 9 ? 127
				       : i % 100 + 11,
			 i * 31 % 256, i * 17 % 256, i * 5 % 254 + 1);
		craft_at(c, start + i * 5 * MS);
		/* the target is the station beside this point */
		s.client.id++;
		craft_tcp(c, &from, &s.client, &p);
	}
	craft_at(c, start + 4 * S);
	visit(&s, 40001, 443);
}

static void dns(struct scene *s, struct station *server, uint16_t n,
		const char *name, int64_t us, int rcode)
{
	struct craft_dns d = {.id = (uint16_t)(0x4000 + n),
			      .name = name,
			      .sport = (uint16_t)(50000 + n)};

	craft_dns(s->c, &s->client, server, &d);
	craft_wait(s->c, us);
	if (rcode < 0)
		return;
	d.response = true;
	d.rcode = (uint8_t)rcode;
	d.answer = rcode ? NULL : "198.51.100.7";
	d.ttl = 300;
	craft_dns(s->c, server, &s->client, &d);
	craft_wait(s->c, 300 * MS);
}

/* It is late because it fails: that is one thing, not two. */
static void servfail_late(struct craft *c)
{
	struct scene s = scene(c);
	struct station resolver = {s.router.mac, "198.51.100.53", .ttl = 61};
	char name[32];

	for (uint16_t n = 0; n < 8; n++) {
		snprintf(name, sizeof(name), "%s%u.example",
			 n % 2 ? "broken" : "www", n);
		dns(&s, &resolver, n, name, n % 2 ? 3 * S : RTT, n % 2 ? 2 : 0);
	}
}

/* The first resolver is silent, the second refuses: nobody is helped. */
static void second_refuses(struct craft *c)
{
	struct scene s = scene(c);
	struct station mute = {s.router.mac, "198.51.100.53", .ttl = 61};
	struct station other = {s.router.mac, "198.51.100.54", .ttl = 61};
	char name[32];

	for (uint16_t n = 0; n < 5; n++) {
		snprintf(name, sizeof(name), "www%u.example", n);
		dns(&s, &mute, n * 2, name, 2 * S, -1);
		dns(&s, &other, n * 2 + 1, name, RTT, 5);
	}
	craft_wait(c, 6 * S);
	find(c, &s.client, &s.router);
}

/* A request is taken, and the client closes eight seconds later; the server's
 * last packet is `beyond` bytes further on than what came. */
static void in_vain(struct craft *c, uint32_t beyond, bool others)
{
	struct scene s = scene(c);
	struct talk t =
		talk_new(c, &s.client, &s.server, 40001, others ? 80 : 5140);
	struct craft_tcp fin = {.flags = TCP_FIN | TCP_ACK};
	struct craft_tcp ack = {.flags = TCP_ACK};

	if (others)
		visit(&s, 40000, 80);
	t.rtt_us = RTT;
	talk_open(&t);
	talk_send(&t, CLIENT, 200);
	craft_wait(c, RTT);
	talk_send(&t, SERVER, 0);
	craft_wait(c, 8 * S);
	talk_segment(&t, CLIENT, &fin);
	craft_wait(c, RTT);
	t.seq[SERVER] += beyond;
	talk_segment(&t, SERVER, &ack);
	craft_wait(c, 100 * MS);
	if (others)
		visit(&s, 40002, 80);
}

static void black_hole_beside_client(struct craft *c)
{
	in_vain(c, 14600, true);
}

/* The capture lacks the answer: the client acknowledges all of it. */
static void black_hole_beside_client_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct talk t = talk_new(c, &s.client, &s.server, 40001, 80);

	visit(&s, 40000, 80);
	t.rtt_us = RTT;
	talk_open(&t);
	talk_send(&t, CLIENT, 200);
	craft_wait(c, RTT);
	talk_send(&t, SERVER, 0);
	craft_wait(c, 8 * S);
	t.seq[SERVER] += 14600;
	talk_close(&t);
	craft_wait(c, 2 * S);
	visit(&s, 40002, 80);
}

static void never_answered(struct craft *c)
{
	in_vain(c, 0, true);
}

/* Whoever only takes (a log, a printer) answers nobody. */
static void only_takes_twin(struct craft *c)
{
	in_vain(c, 0, false);
}

/* The gateway has no route: it says so, but not to each SYN. */
static void rejected_now_and_then(struct craft *c)
{
	struct scene s = scene(c);

	visit(&s, 40000, 80);
	for (uint16_t n = 1; n <= 5; n++) {
		struct station far = {s.router.mac, "203.0.113.9"};
		struct craft_tcp p = {.sport = (uint16_t)(41000 + n),
				      .dport = 443,
				      .seq = n * 100000u,
				      .flags = TCP_SYN,
				      .mss = 1460,
				      .tsval = n * 3000u};

		craft_tcp(c, &s.client, &far, &p);
		if (n == 1 || n == 4) {
			craft_wait(c, 300);
			craft_icmp_error(c, &s.router, &s.client, 3, 0, 0);
			craft_wait(c, S);
			continue;
		}
		craft_wait(c, S);
		p.tsval += 1000;
		craft_tcp(c, &s.client, &far, &p);
		craft_wait(c, S);
	}
	visit(&s, 40010, 80);
}

/* The loop is seen itself, and routers report the deaths in it. */
static void loop_and_reports(struct craft *c)
{
	struct scene s = scene(c);
	struct station b = {"52:54:00:00:00:02", "192.0.2.2"};
	struct station lost = {b.mac, "203.0.113.9"};

	s.client.mac = s.router.mac;
	for (uint16_t n = 1; n <= 4; n++) {
		craft_echo(c, &s.client, &lost, false, 77, n, 56);
		for (uint8_t ttl = 63; ttl > 0; ttl--) {
			craft_wait(c, 100);
			craft_again(c, ttl, ttl & 1 ? b.mac : s.router.mac,
				    ttl & 1 ? s.router.mac : b.mac);
		}
		craft_wait(c, 100);
		craft_icmp_error(c, &b, &s.client, 11, 0, 0);
		craft_wait(c, S);
	}
}

const struct craft_case field_cases[] = {
	{"stuck", "brief-attempts", brief_attempts},
	{"stuck", "brief-attempts-twin", brief_attempts_twin},
	{"stuck", "refused-by-router", refused_by_router},
	{"stuck", "refused-by-router-twin", refused_by_router_twin},
	{"stuck", "impatient-twin", impatient_twin},
	{"arp", "second-network-twin", second_network_twin},
	{"arp", "neighbour-gone", neighbour_gone},
	{"dhcp", "pool-empty", pool_empty},
	{"flood", "forged-from-anywhere", forged_from_anywhere},
	{"dns", "servfail-late", servfail_late},
	{"dns", "second-refuses", second_refuses},
	{"mtu", "loop-and-reports", loop_and_reports},
	{"mtu", "black-hole-beside-client", black_hole_beside_client},
	{"mtu", "black-hole-beside-client-twin", black_hole_beside_client_twin},
	{"stuck", "never-answered", never_answered},
	{"stuck", "only-takes-twin", only_takes_twin},
	{"stuck", "rejected-now-and-then", rejected_now_and_then},
	{0},
};

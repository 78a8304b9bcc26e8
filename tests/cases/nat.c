/* SPDX-License-Identifier: BSD-3-Clause */
/* nat.c - several clients behind one address: their clocks, and its ports. */
#include "cases/craft_talk.h"
#include "dissectors/dissect.h"

enum { MS = 1000, S = 1000000, RTT = 20 * MS };

struct scene {
	struct craft *c;
	struct station nat, server;
};

static struct scene scene(struct craft *c)
{
	return (struct scene){
		c,
		{"52:54:00:00:00:01", "203.0.113.9", .ttl = 57, .id = 1000},
		{"52:54:00:00:00:07", "192.0.2.7", .id = 7000}};
}

/* A SYN with the clock of its host, which started `ahead` ms before. */
static void syn(struct scene *s, const struct talk *t, uint32_t ahead)
{
	const struct craft_tcp p = {
		.sport = t->port[CLIENT],
		.dport = t->port[SERVER],
		.seq = t->seq[CLIENT],
		.flags = TCP_SYN,
		.mss = 1460,
		.wscale = 7,
		.sack_ok = true,
		.tsval = (uint32_t)(craft_now(s->c) / 1000) + ahead};

	craft_tcp(s->c, &s->nat, &s->server, &p);
}

/* Opens, is used and closes by its own end; the clock is of the SYN only. */
static void visit(struct scene *s, uint16_t port, uint32_t ahead)
{
	struct talk t = talk_new(s->c, &s->nat, &s->server, port, 80);
	struct craft_tcp synack = {.flags = TCP_SYN | TCP_ACK,
				   .mss = 1460,
				   .wscale = 7,
				   .sack_ok = true,
				   .id = -1,
				   .sport = 80,
				   .dport = port,
				   .seq = t.seq[SERVER],
				   .tsval = 90000,
				   .ack = t.seq[CLIENT] + 1};

	syn(s, &t, ahead);
	synack.tsecr = (uint32_t)(craft_now(s->c) / 1000) + ahead;
	craft_wait(s->c, 100);
	craft_tcp(s->c, &s->server, &s->nat, &synack);
	t.seq[CLIENT]++;
	t.seq[SERVER]++;
	craft_wait(s->c, RTT);
	talk_send(&t, CLIENT, 0);
	craft_wait(s->c, 50);
	t.rtt_us = RTT;
	talk_exchange(&t, 200, 800, 0);
	talk_close(&t);
}

/* Tried four times in vain. */
static void in_vain(struct scene *s, uint16_t port, uint32_t ahead)
{
	const struct talk t = talk_new(s->c, &s->nat, &s->server, port, 80);
	int64_t gap = S;

	for (int i = 0; i < 4; i++, gap *= 2) {
		syn(s, &t, ahead);
		craft_wait(s->c, gap);
	}
}

enum { OLDER = 5000, NEWER = 9000000 };

/* One host's clock is an hour ahead of the other's, whose SYNs are dropped as
 * long as the newer one was seen within a minute. */
static void paws(struct craft *c)
{
	struct scene s = scene(c);

	for (uint16_t i = 0; i < 6; i++) {
		in_vain(&s, (uint16_t)(41000 + i), OLDER);
		visit(&s, (uint16_t)(40000 + i), NEWER);
		craft_wait(c, 2 * S);
	}
}

/* Two clocks as well; but the older is answered too, and what is lost now and
 * then has either. */
static void paws_twin(struct craft *c)
{
	struct scene s = scene(c);

	for (uint16_t i = 0; i < 6; i++) {
		in_vain(&s, (uint16_t)(41000 + i), i % 2 ? OLDER : NEWER);
		visit(&s, (uint16_t)(40000 + i), NEWER);
		visit(&s, (uint16_t)(42000 + i), OLDER);
		craft_wait(c, 2 * S);
	}
}

enum { POOL = 24 };

/* The server closes first, so that TIME-WAIT is on its side. */
static void served(struct scene *s, struct talk *t)
{
	const struct craft_tcp fin = {.flags = TCP_FIN | TCP_ACK};

	talk_open(t);
	talk_exchange(t, 200, 800, 0);
	talk_segment(t, SERVER, &fin);
	craft_wait(s->c, RTT);
	talk_segment(t, CLIENT, &fin);
	craft_wait(s->c, 50);
	talk_send(t, SERVER, 0);
	craft_wait(s->c, 300 * MS);
}

static struct talk of_pool(struct scene *s, int i)
{
	return talk_new(s->c, &s->nat, &s->server, (uint16_t)(50000 + i), 80);
}

/* A pool of ports that is too small: each comes again within ten seconds, and
 * the server, in TIME-WAIT, acknowledges the old connection. */
static void port_exhaustion(struct craft *c)
{
	struct scene s = scene(c);

	for (int i = 0; i < POOL; i++) {
		struct talk t = of_pool(&s, i);

		served(&s, &t);
	}
	for (int i = POOL; i-- > POOL - 6;) {
		struct talk t = of_pool(&s, i), old = t;

		old.seq[CLIENT] += 202; /* SYN, request, FIN */
		old.seq[SERVER] += 802;
		t.seq[CLIENT] -= 5000; /* below what the server expects */
		for (int tries = 0; tries < 3; tries++) {
			syn(&s, &t, 0);
			craft_wait(c, 100);
			talk_send(&old, SERVER, 0);
			craft_wait(c, (1 + tries) * S);
		}
	}
}

/* The pool is as small, but what comes again is newer: TIME-WAIT gives way. */
static void port_exhaustion_twin(struct craft *c)
{
	struct scene s = scene(c);

	for (int i = 0; i < POOL + 8; i++) {
		struct talk t = of_pool(&s, i % POOL);

		t.seq[CLIENT] += (uint32_t)i * 100000;
		t.seq[SERVER] += (uint32_t)i * 100000;
		served(&s, &t);
	}
}

/* A server that does not answer, seen from both sides of a translator. */
static void both_sides(struct craft *c, uint32_t outer_seq)
{
	static const struct station gateway = {"52:54:00:00:01:01",
					       "192.168.1.1", .id = 10};
	struct station inner = {"52:54:00:00:01:14", "192.168.1.20", .id = 300};
	struct station into = {"52:54:00:00:01:01", "198.51.100.7", .id = 70};
	struct station outer = {"52:54:00:00:00:01", "203.0.113.9", .ttl = 63,
				.id = 900};
	struct station server = {"52:54:00:00:00:07", "198.51.100.7", .id = 71};
	struct craft_tcp p = {.dport = 443, .flags = TCP_SYN, .mss = 1460};
	int64_t gap = S;

	craft_place(c, 0, CRAFT_IN);
	craft_arp(c, 1, &inner, NULL, gateway.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &gateway, inner.mac, inner.ip, inner.mac);
	for (int i = 0; i < 5; i++, gap *= 2) {
		craft_wait(c, MS);
		craft_place(c, 0, CRAFT_IN);
		p.sport = 40000;
		p.seq = 77777777;
		p.tsval = (uint32_t)(craft_now(c) / 1000);
		craft_tcp(c, &inner, &into, &p);
		craft_wait(c, 60);
		craft_place(c, 1, CRAFT_OUT);
		p.sport = 61000;
		p.seq = outer_seq;
		craft_tcp(c, &outer, &server, &p);
		craft_wait(c, gap);
	}
	craft_wait(c, 60 * S);
	craft_place(c, 0, CRAFT_IN);
	craft_arp(c, 1, &inner, NULL, gateway.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &gateway, inner.mac, inner.ip, inner.mac);
}

static void one_attempt(struct craft *c)
{
	both_sides(c, 77777777);
}

/* The router has a connection of its own to open, and begins as its client
 * does. */
static void two_attempts(struct craft *c)
{
	both_sides(c, 88888888);
}

const struct craft_case nat_cases[] = {
	{"nat", "both-sides", one_attempt, .pcapng = true},
	{"nat", "both-sides-twin", two_attempts, .pcapng = true},
	{"nat", "paws", paws},
	{"nat", "paws-twin", paws_twin},
	{"nat", "port-exhaustion", port_exhaustion},
	{"nat", "port-exhaustion-twin", port_exhaustion_twin},
	{0},
};

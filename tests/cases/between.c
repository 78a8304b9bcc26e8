/* SPDX-License-Identifier: BSD-3-Clause */
/* between.c - a transfer captured at two points of its path: lost between them,
 * behind both, or only missed by who captures at the second. */
#include <string.h>

#include "cases/craft.h"
#include "dissectors/dissect.h"

enum { MS = 1000, LEN = 200, HALF = 10 * MS, ROUNDS = 18, FLIGHT = 5 };

#define IN_A  "52:54:00:00:00:0a" /* the router's two ports */
#define OUT_B "52:54:00:00:00:0b"

/* What becomes of a packet behind the first point. */
enum fate { ARRIVES, LOST_BETWEEN, LOST_BEHIND, NOT_CAPTURED, MISSED_AND_LOST };

struct path {
	struct craft *c;
	struct station a, b;
	bool switched; /* from VLAN 10 to 20, else routed */
	/* of the router, which puts its own in place of the client's (NAT);
	 * NULL: it does not */
	const char *outer;
	uint32_t own; /* what it adds to sequence numbers: another connection */
};

static struct path path(struct craft *c, bool switched)
{
	struct path p = {c,
			 {"52:54:00:00:00:14", "192.0.2.20", .id = 1000},
			 {"52:54:00:00:00:07", "198.51.100.7", .id = 7000},
			 switched};

	if (switched) {
		p.a.ip = "2001:db8::20";
		p.b.ip = "2001:db8::7";
	}
	return p;
}

/* At the point where the packet comes by first. */
static void first_point(struct path *p, bool up)
{
	craft_wait(p->c, 40);
	if (p->switched)
		craft_vlan(p->c, up ? 10 : 20);
	else
		craft_place(p->c, !up, CRAFT_IN);
}

static void second_point(struct path *p, bool up)
{
	uint8_t frame[1600];
	const uint8_t *last;
	size_t size;

	craft_wait(p->c, 30);
	if (!p->switched) {
		craft_place(p->c, up, CRAFT_OUT);
		craft_again(p->c, 63, up ? OUT_B : IN_A,
			    up ? p->b.mac : p->a.mac);
		return;
	}
	last = craft_last(p->c, &size);
	memcpy(frame, last, size);
	frame[15] = up ? 20 : 10;
	craft_frame(p->c, frame, size, size);
}

static bool is_shown(enum fate fate)
{
	return fate == ARRIVES || fate == LOST_BEHIND;
}

enum { INNER_PORT = 40000, OUTER_PORT = 61000 };

/* What the client sends or gets. */
static void inside(struct path *p, bool up, struct craft_tcp t)
{
	struct station router = p->b;

	router.mac = IN_A;
	router.ttl = 63;
	craft_place(p->c, 0, up ? CRAFT_IN : CRAFT_OUT);
	t.sport = up ? INNER_PORT : t.sport;
	t.dport = up ? t.dport : INNER_PORT;
	craft_tcp(p->c, up ? &p->a : &router, up ? &router : &p->a, &t);
}

/* The same beyond the translator. */
static void outside(struct path *p, bool up, struct craft_tcp t)
{
	struct station router = {OUT_B, p->outer, .ttl = 63};

	craft_place(p->c, 1, up ? CRAFT_OUT : CRAFT_IN);
	t.sport = up ? OUTER_PORT : t.sport;
	t.dport = up ? t.dport : OUTER_PORT;
	t.seq += up ? p->own : 0;
	t.ack += up ? 0 : p->own;
	for (int i = 0; t.sack[i]; i++)
		t.sack[i] += p->own;
	craft_tcp(p->c, up ? &router : &p->b, up ? &p->b : &router, &t);
}

static void pass_translated(struct path *p, bool up, struct craft_tcp *t,
			    bool shown)
{
	struct station *from = up ? &p->a : &p->b;

	t->id = ++from->id;
	craft_wait(p->c, 40);
	if (up)
		inside(p, up, *t);
	else
		outside(p, up, *t);
	craft_wait(p->c, 30);
	if (shown && up)
		outside(p, up, *t);
	else if (shown)
		inside(p, up, *t);
}

static void pass(struct path *p, bool up, struct craft_tcp *t, enum fate fate)
{
	struct station from = up ? p->a : p->b, to = up ? p->b : p->a;

	t->sport = t->sport ? t->sport : up ? INNER_PORT : 80;
	t->dport = t->dport ? t->dport : up ? 80 : INNER_PORT;
	if (p->outer) {
		pass_translated(p, up, t, is_shown(fate));
		return;
	}

	if (!p->switched && up)
		to.mac = IN_A;
	else if (!p->switched)
		to.mac = OUT_B;
	first_point(p, up);
	craft_tcp(p->c, &from, &to, t);
	if (up)
		p->a.id = from.id;
	else
		p->b.id = from.id;
	if (is_shown(fate))
		second_point(p, up);
}

static uint32_t clock_of(const struct path *p)
{
	return (uint32_t)(craft_now(p->c) / MS) + 500;
}

static void data(struct path *p, uint32_t n, enum fate fate)
{
	struct craft_tcp t = {.seq = 1001 + n * LEN,
			      .ack = 9001,
			      .flags = TCP_PSH | TCP_ACK,
			      .len = LEN,
			      .tsval = clock_of(p),
			      .tsecr = 90000};

	pass(p, true, &t, fate);
}

static void ack(struct path *p, uint32_t n, uint32_t from, uint32_t to,
		uint32_t tsecr)
{
	struct craft_tcp t = {.seq = 9001,
			      .ack = 1001 + n * LEN,
			      .tsval = clock_of(p) + 90000,
			      .tsecr = tsecr};

	if (to) {
		t.sack[0] = 1001 + from * LEN;
		t.sack[1] = 1001 + to * LEN;
	}
	pass(p, false, &t, ARRIVES);
}

static void opens(struct path *p)
{
	struct craft_tcp syn = {.seq = 1000,
				.flags = TCP_SYN,
				.mss = 1460,
				.sack_ok = true,
				.wscale = 7,
				.tsval = 500};
	struct craft_tcp accept = {.seq = 9000,
				   .ack = 1001,
				   .flags = TCP_SYN | TCP_ACK,
				   .mss = 1460,
				   .sack_ok = true,
				   .wscale = 7,
				   .tsval = 90000,
				   .tsecr = 500,
				   .id = -1};
	struct craft_tcp third = {
		.seq = 1001, .ack = 9001, .tsval = 520, .tsecr = 90000};

	pass(p, true, &syn, ARRIVES);
	craft_wait(p->c, 2 * HALF);
	pass(p, false, &accept, ARRIVES);
	pass(p, true, &third, ARRIVES);
}

static bool is_lost(enum fate fate)
{
	return fate != ARRIVES && fate != NOT_CAPTURED;
}

/* What befalls a segment of a round that is struck: its second one is lost or
 * not captured, and who misses what was lost misses other things as well. */
static enum fate fate_of(uint32_t j, enum fate fate)
{
	if (j == 1)
		return fate;
	return j == 3 && fate == MISSED_AND_LOST ? NOT_CAPTURED : ARRIVES;
}

static void rounds(struct path *p, enum fate fate)
{
	opens(p);
	for (uint32_t i = 0; i < ROUNDS; i++) {
		bool struck = i > 2 && i % 3 == 2;
		uint32_t n = i * FLIGHT, ts = clock_of(p);

		for (uint32_t j = 0; j < FLIGHT; j++)
			data(p, n + j, struck ? fate_of(j, fate) : ARRIVES);
		craft_wait(p->c, 2 * HALF);
		if (struck && is_lost(fate)) {
			ack(p, n + 1, n + 2, n + FLIGHT, ts);
			craft_wait(p->c, 100);
			ts = clock_of(p);
			data(p, n + 1, ARRIVES);
			craft_wait(p->c, 2 * HALF);
		}
		ack(p, n + FLIGHT, 0, 0, ts);
	}
}

static void closes(struct path *p)
{
	const uint32_t end = 1001 + ROUNDS * FLIGHT * LEN;
	struct craft_tcp fin = {.seq = end,
				.ack = 9001,
				.flags = TCP_FIN | TCP_ACK,
				.tsval = clock_of(p),
				.tsecr = 90000};
	struct craft_tcp answer = {.seq = 9001,
				   .ack = end + 1,
				   .flags = TCP_FIN | TCP_ACK,
				   .tsval = clock_of(p) + 90020,
				   .tsecr = clock_of(p)};
	struct craft_tcp last = {.seq = end + 1,
				 .ack = 9002,
				 .tsval = clock_of(p) + 21,
				 .tsecr = clock_of(p) + 90020};

	pass(p, true, &fin, ARRIVES);
	craft_wait(p->c, 2 * HALF);
	pass(p, false, &answer, ARRIVES);
	pass(p, true, &last, ARRIVES);
}

/* It is told before the capture ends, and with it what was dropped. */
static void routed(struct craft *c, enum fate fate)
{
	struct path p = path(c, false);

	rounds(&p, fate);
	closes(&p);
	for (uint16_t n = 1; n <= 2; n++) {
		craft_wait(c, 15000 * MS);
		craft_place(c, 0, CRAFT_IN);
		craft_echo(c, &p.a, &p.b, false, 5, n, 56);
		craft_wait(c, HALF);
		craft_echo(c, &p.b, &p.a, true, 5, n, 56);
	}
}

static void lost_between(struct craft *c)
{
	routed(c, LOST_BETWEEN);
}

static void lost_behind(struct craft *c)
{
	routed(c, LOST_BEHIND);
}

static void not_captured(struct craft *c)
{
	routed(c, NOT_CAPTURED);
}

static void missed_and_lost(struct craft *c)
{
	routed(c, MISSED_AND_LOST);
}

/* A firewall between two VLANs; three others prove that what it passes on is in
 * the capture twice. */
static void switched(struct craft *c)
{
	struct path p = path(c, true);
	struct station other[] = {{"52:54:00:00:00:21", "2001:db8::21"},
				  {"52:54:00:00:00:22", "2001:db8::22"},
				  {"52:54:00:00:00:23", "2001:db8::23"}};

	for (uint16_t n = 0; n < 12; n++)
		for (int reply = 0; reply < 2; reply++) {
			struct station *o = &other[n % 3];

			first_point(&p, !reply);
			craft_echo(c, reply ? &p.b : o, reply ? o : &p.b, reply,
				   5, n, 56);
			second_point(&p, !reply);
			craft_wait(c, HALF);
		}
	rounds(&p, LOST_BETWEEN);
}

/* A port at which nothing listens. */
static void refused(struct path *p)
{
	struct craft_tcp syn = {.dport = 81,
				.seq = 5000,
				.flags = TCP_SYN,
				.mss = 1460,
				.sack_ok = true,
				.tsval = clock_of(p)};
	struct craft_tcp rst = {
		.sport = 81, .ack = 5001, .flags = TCP_RST | TCP_ACK};

	pass(p, true, &syn, ARRIVES);
	craft_wait(p->c, HALF);
	pass(p, false, &rst, ARRIVES);
}

static void translated(struct craft *c, uint32_t own, enum fate fate)
{
	struct path p = path(c, false);

	p.a.ip = "192.168.1.20";
	p.outer = "203.0.113.9";
	p.own = own;
	rounds(&p, fate);
	closes(&p);
	refused(&p);
}

/* Lost behind a translator that is captured on both sides. */
static void lost_behind_nat(struct craft *c)
{
	translated(c, 0, LOST_BEHIND);
}

/* The translator itself drops them. */
static void lost_at_nat(struct craft *c)
{
	translated(c, 0, LOST_BETWEEN);
}

/* The router has a connection of its own to the same server, which fares as its
 * client's does. */
static void lost_of_two(struct craft *c)
{
	translated(c, 77000000, LOST_BEHIND);
}

const struct craft_case between_cases[] = {
	{"nat", "lost-behind", lost_behind_nat, .pcapng = true,
	 .interface = {"docker0", "eth0"}},
	{"nat", "lost-at", lost_at_nat, .pcapng = true,
	 .interface = {"docker0", "eth0"}},
	{"nat", "lost-behind-twin", lost_of_two, .pcapng = true,
	 .interface = {"docker0", "eth0"}},
	{"tcp", "lost-between", lost_between, .pcapng = true,
	 .interface = {"eth0", "eth1"}},
	{"tcp", "lost-between-twin", not_captured, .pcapng = true,
	 .interface = {"eth0", "eth1"}},
	{"tcp", "lost-between-dropped", lost_between, .pcapng = true,
	 .dropped = 7, .received = 300, .interface = {"eth0", "eth1"}},
	{"tcp", "lost-behind-both", lost_behind, .pcapng = true,
	 .interface = {"eth0", "eth1"}},
	{"tcp", "lost-and-missed", missed_and_lost, .pcapng = true,
	 .interface = {"eth0", "eth1"}},
	{"tcp", "lost-between-vlans", switched},
	{0},
};

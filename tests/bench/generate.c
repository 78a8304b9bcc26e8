/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generate.c - writes large captures that always come out the same.
 *
 *   generate [-n PACKETS] [-f FLOWS] [-l SNAPLEN] [-s SEED] [-a PERCENT]
 *            [-g NANOSECONDS] mix|flood FILE
 *
 * mix: conversations over TCP (80 %), UDP streams and DNS, a tenth of them
 * IPv6; a few with loss, refused or never answered; sizes have a long tail.
 * flood: as many SYNs from random sources to one service, and a thousand real
 * clients of it (198.18.0.0/15) that connect, ask, are answered and close;
 * the service answers PERCENT of the false ones.
 *
 * Conversations are small state machines: each step writes one packet and says
 * when the next is due; a heap orders them by time.
 */
#include "bench/wire_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	SLOTS_MAX = 1 << 20,
	CLIENTS = 1000,
	SEGMENT = 1448,
	MIX_NS = 20000, /* between packets, in the mean */
	FLOOD_NS = 2000,
	MS = 1000000,
	HANDSHAKE_AND_CLOSE = 9, /* packets of a conversation besides data */
};

enum step {
	STEP_SYN,
	STEP_SYN_ACK,
	STEP_ACK,
	STEP_REQUEST,
	STEP_RESPONSE,
	STEP_RESPONSE_ACK,
	STEP_DUPLICATE_ACK,
	STEP_RESEND,
	STEP_FIN,
	STEP_FIN_BACK,
	STEP_LAST,
	STEP_DATAGRAM,
	STEP_QUERY,
	STEP_ANSWER,
	STEP_OVER,
};

enum fate { FATE_FINE, FATE_REFUSED, FATE_SILENT };

struct conversation {
	struct ends ends;
	uint64_t rtt_ns;
	uint32_t next[2]; /* sequence numbers of both sides */
	uint32_t left;	  /* data packets still to come */
	uint32_t hole;	  /* the segment that was lost */
	uint8_t step, fate, tries, unacked, duplicates;
	bool has_hole, first;
};

struct event {
	uint64_t due_ns;
	uint32_t slot;
};

struct generator {
	struct wire_out *out;
	uint64_t random;
	uint64_t packets, packets_most, started;
	uint64_t flows, gap_ns;
	uint32_t event_count, free_count, mean_data;
	uint8_t answered_percent;
	bool flood;
	struct conversation *slots;
	uint32_t *free_slots;
	struct event *events;
};

static uint64_t draw(struct generator *g)
{
	/* splitmix64 */
	uint64_t z = g->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static uint32_t below(struct generator *g, uint32_t most)
{
	return (uint32_t)((draw(g) >> 32) * most >> 32);
}

static bool chance(struct generator *g, uint32_t per_mille)
{
	return below(g, 1000) < per_mille;
}

static void put_event(struct generator *g, uint64_t due_ns, uint32_t slot)
{
	uint32_t i = g->event_count++;

	for (; i > 0 && g->events[(i - 1) / 2].due_ns > due_ns; i = (i - 1) / 2)
		g->events[i] = g->events[(i - 1) / 2];
	g->events[i] = (struct event){due_ns, slot};
}

static struct event take_event(struct generator *g)
{
	struct event first = g->events[0];
	struct event last = g->events[--g->event_count];
	uint32_t i = 0, child;

	while ((child = 2 * i + 1) < g->event_count) {
		if (child + 1 < g->event_count &&
		    g->events[child + 1].due_ns < g->events[child].due_ns)
			child++;
		if (last.due_ns <= g->events[child].due_ns)
			break;
		g->events[i] = g->events[child];
		i = child;
	}
	g->events[i] = last;
	return first;
}

/* One in eight draws twice as much again: a long tail of bounded mean. */
static uint32_t data_packets(struct generator *g)
{
	uint32_t n = 1 + below(g, g->mean_data + 1);

	while (n < 100000 && chance(g, 250))
		n *= 2;
	return n;
}

static void start_mix(struct generator *g, struct conversation *c)
{
	uint32_t kind = below(g, 100);

	c->ends = (struct ends){
		.host = {below(g, 50000), 0x100000 + below(g, 20000)},
		.port = {(uint16_t)(32768 + below(g, 32000)),
			 kind & 1 ? 443 : 80},
		.v6 = chance(g, 100),
	};
	c->rtt_ns = (uint64_t)(1 + below(g, 80)) * MS;
	c->left = data_packets(g);
	c->next[0] = (uint32_t)draw(g);
	c->next[1] = (uint32_t)draw(g);
	c->first = true;
	c->step = STEP_SYN;
	if (chance(g, 20))
		c->fate = FATE_SILENT;
	else if (chance(g, 10))
		c->fate = FATE_REFUSED;
	if (kind >= 80) {
		c->step = kind < 90 ? STEP_DATAGRAM : STEP_QUERY;
		c->ends.port[1] = kind < 90 ? 443 : 53;
		if (kind >= 90)
			c->ends.host[1] = 0x100000 + below(g, 3);
	}
}

static void start_client(struct generator *g, struct conversation *c)
{
	uint32_t n = (uint32_t)g->started;

	c->ends = (struct ends){
		.host = {FLOOD_CLIENT + n, FLOOD_VICTIM},
		.port = {(uint16_t)(20000 + n), 443},
	};
	c->rtt_ns = (uint64_t)(1 + below(g, 20)) * MS;
	c->left = 4;
	c->next[0] = (uint32_t)draw(g);
	c->next[1] = (uint32_t)draw(g);
	c->first = true;
	c->step = STEP_SYN;
}

/* A conversation begins: its first step is due now. */
static void start(struct generator *g, uint64_t now_ns)
{
	uint32_t slot;

	if (g->free_count == 0)
		return;
	slot = g->free_slots[--g->free_count];
	g->slots[slot] = (struct conversation){.step = STEP_SYN};
	if (g->flood)
		start_client(g, &g->slots[slot]);
	else
		start_mix(g, &g->slots[slot]);
	g->started++;
	put_event(g, now_ns, slot);
}

static void send_tcp(struct generator *g, struct conversation *c, int from,
		     uint8_t flags, uint32_t seq, uint32_t size)
{
	uint32_t ack = c->has_hole && from == 0 ? c->hole : c->next[!from];
	const struct segment s = {.from = from,
				  .flags = flags,
				  .seq = seq,
				  .ack = flags & TCP_ACK ? ack : 0,
				  .size = size,
				  .opening = c->first && size > 0};

	wire_tcp(g->out, &c->ends, &s);
	g->packets++;
}

/* What follows the SYN of a connection: nothing, a reset, or more. */
static uint64_t step_syn(struct generator *g, struct conversation *c)
{
	send_tcp(g, c, 0, TCP_SYN, c->next[0], 0);
	if (c->fate == FATE_SILENT) {
		c->step = ++c->tries == 4 ? STEP_OVER : STEP_SYN;
		return (uint64_t)1000 * MS << (c->tries - 1);
	}
	c->next[0]++;
	c->step = STEP_SYN_ACK;
	return c->rtt_ns;
}

static uint64_t step_syn_ack(struct generator *g, struct conversation *c)
{
	if (c->fate == FATE_REFUSED) {
		send_tcp(g, c, 1, TCP_RST | TCP_ACK, 0, 0);
		c->step = STEP_OVER;
		return 0;
	}
	send_tcp(g, c, 1, TCP_SYN | TCP_ACK, c->next[1]++, 0);
	c->step = STEP_ACK;
	return MS / 20;
}

static uint64_t step_request(struct generator *g, struct conversation *c)
{
	uint32_t size = 200 + below(g, 300);

	send_tcp(g, c, 0, TCP_ACK | TCP_PSH, c->next[0], size);
	c->next[0] += size;
	c->step = STEP_RESPONSE;
	return c->rtt_ns + below(g, 20 * MS);
}

/* A segment of the answer; a few are lost before they are seen here, which
 * three acknowledgements of the one before it tell. */
static uint64_t step_response(struct generator *g, struct conversation *c)
{
	uint32_t seq = c->next[1];

	c->next[1] += SEGMENT;
	if (!c->has_hole && !c->first && c->left > 6 && !g->flood &&
	    chance(g, 4)) {
		c->has_hole = true;
		c->hole = seq;
		c->duplicates = 0;
		return MS / 100;
	}
	send_tcp(g, c, 1, TCP_ACK, seq, SEGMENT);
	c->first = false;
	if (c->left > 0)
		c->left--;
	if (c->has_hole)
		c->step = STEP_DUPLICATE_ACK;
	else if (c->left == 0 || ++c->unacked == 2)
		c->step = STEP_RESPONSE_ACK;
	return MS / 100;
}

static uint64_t step_duplicate_ack(struct generator *g, struct conversation *c)
{
	send_tcp(g, c, 0, TCP_ACK, c->next[0], 0);
	c->step = ++c->duplicates < 3 ? STEP_RESPONSE : STEP_RESEND;
	return c->step == STEP_RESEND ? c->rtt_ns : MS / 100;
}

static uint64_t step_resend(struct generator *g, struct conversation *c)
{
	send_tcp(g, c, 1, TCP_ACK, c->hole, SEGMENT);
	c->has_hole = false;
	c->step = STEP_RESPONSE_ACK;
	return MS / 20;
}

static uint64_t step_response_ack(struct generator *g, struct conversation *c)
{
	send_tcp(g, c, 0, TCP_ACK, c->next[0], 0);
	c->unacked = 0;
	c->step = c->left > 0 ? STEP_RESPONSE : STEP_FIN;
	return c->left % 8 == 0 ? c->rtt_ns : MS / 10;
}

static uint64_t step_close(struct generator *g, struct conversation *c)
{
	int from = c->step == STEP_FIN_BACK;

	if (c->step == STEP_LAST) {
		send_tcp(g, c, 0, TCP_ACK, c->next[0], 0);
		c->step = STEP_OVER;
		return 0;
	}
	send_tcp(g, c, from, TCP_FIN | TCP_ACK, c->next[from]++, 0);
	c->step++;
	return from ? MS / 20 : c->rtt_ns;
}

static uint64_t step_datagram(struct generator *g, struct conversation *c)
{
	int from = chance(g, 700);

	wire_udp(g->out, &c->ends, from, from ? 1200 : 40 + below(g, 60),
		 false);
	g->packets++;
	c->left--;
	c->step = c->left > 0 ? STEP_DATAGRAM : STEP_OVER;
	return MS / 4 + below(g, MS);
}

static uint64_t step_dns(struct generator *g, struct conversation *c)
{
	wire_udp(g->out, &c->ends, c->step == STEP_ANSWER, 0, true);
	g->packets++;
	c->step = c->step == STEP_QUERY ? STEP_ANSWER : STEP_OVER;
	return c->rtt_ns / 2;
}

/* Write the next packet of a conversation; nanoseconds until the one after. */
static uint64_t step(struct generator *g, struct conversation *c)
{
	switch (c->step) {
	case STEP_SYN:
		return step_syn(g, c);
	case STEP_SYN_ACK:
		return step_syn_ack(g, c);
	case STEP_ACK:
		send_tcp(g, c, 0, TCP_ACK, c->next[0], 0);
		c->step = STEP_REQUEST;
		return MS / 50;
	case STEP_REQUEST:
		return step_request(g, c);
	case STEP_RESPONSE:
		return step_response(g, c);
	case STEP_RESPONSE_ACK:
		return step_response_ack(g, c);
	case STEP_DUPLICATE_ACK:
		return step_duplicate_ack(g, c);
	case STEP_RESEND:
		return step_resend(g, c);
	case STEP_DATAGRAM:
		return step_datagram(g, c);
	case STEP_QUERY:
	case STEP_ANSWER:
		return step_dns(g, c);
	default:
		return step_close(g, c);
	}
}

/* A SYN from nowhere, and perhaps the answer of the service to it. */
static void write_false_syn(struct generator *g)
{
	struct conversation c = {
		.ends = {.host = {FLOOD_SOURCE | (uint32_t)draw(g),
				  FLOOD_VICTIM},
			 .port = {(uint16_t)(1024 + below(g, 64000)), 443}},
		.next = {(uint32_t)draw(g), (uint32_t)draw(g)}};

	send_tcp(g, &c, 0, TCP_SYN, c.next[0]++, 0);
	if (below(g, 100) < g->answered_percent)
		send_tcp(g, &c, 1, TCP_SYN | TCP_ACK, c.next[1], 0);
}

/* Conversations begin at an even pace, so that FLOWS of them have begun when
 * all packets are written. */
static void run(struct generator *g)
{
	uint64_t length_ns = g->packets_most * g->gap_ns;
	/* all real clients shall be done before the flood ends */
	uint64_t pace_ns = (g->flood ? length_ns / 2 : length_ns) / g->flows;
	uint64_t next_start_ns = 0;
	uint64_t next_syn_ns = g->flood ? 0 : UINT64_MAX;

	while (g->packets < g->packets_most) {
		uint64_t due_ns =
			g->event_count ? g->events[0].due_ns : UINT64_MAX;

		if (next_start_ns <= due_ns && next_start_ns <= next_syn_ns &&
		    (!g->flood || g->started < g->flows)) {
			start(g, next_start_ns);
			next_start_ns += pace_ns;
		} else if (next_syn_ns < due_ns) {
			wire_time(g->out, next_syn_ns);
			write_false_syn(g);
			next_syn_ns += g->gap_ns;
		} else {
			struct event e = take_event(g);
			struct conversation *c = &g->slots[e.slot];
			uint64_t wait_ns;

			wire_time(g->out, e.due_ns);
			wait_ns = step(g, c);
			if (c->step == STEP_OVER)
				g->free_slots[g->free_count++] = e.slot;
			else
				put_event(g, e.due_ns + wait_ns, e.slot);
		}
	}
}

static int prepare(struct generator *g)
{
	uint64_t per_flow = g->packets_most / (g->flows ? g->flows : 1);

	if (g->packets_most == 0 || g->flows == 0)
		return -1;
	if (!g->gap_ns)
		g->gap_ns = g->flood ? FLOOD_NS : MIX_NS;
	if (g->flood)
		g->flows = CLIENTS;
	/* data and their acknowledgements: the tail doubles the mean */
	g->mean_data = per_flow > HANDSHAKE_AND_CLOSE
			       ? (uint32_t)(per_flow - HANDSHAKE_AND_CLOSE)
			       : 1;
	g->slots = calloc(SLOTS_MAX, sizeof(struct conversation));
	g->free_slots = calloc(SLOTS_MAX, sizeof(uint32_t));
	g->events = calloc(SLOTS_MAX, sizeof(struct event));
	if (!g->slots || !g->free_slots || !g->events)
		return -1;
	while (g->free_count < SLOTS_MAX) {
		g->free_slots[g->free_count] = SLOTS_MAX - 1 - g->free_count;
		g->free_count++;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct generator g = {
		.random = 1, .packets_most = 1000000, .flows = 50000};
	uint32_t snaplen = 262144;
	int c, status;

	while ((c = getopt(argc, argv, "n:f:l:s:a:g:")) != -1) {
		unsigned long long v = optarg ? strtoull(optarg, NULL, 10) : 0;

		if (c == 'n')
			g.packets_most = v;
		else if (c == 'f')
			g.flows = v;
		else if (c == 'l')
			snaplen = (uint32_t)v;
		else if (c == 's')
			g.random = v;
		else if (c == 'g')
			g.gap_ns = v;
		else if (c == 'a')
			g.answered_percent = (uint8_t)v;
		else
			return 2;
	}
	if (argc - optind != 2)
		return 2;
	g.flood = strcmp(argv[optind], "flood") == 0;
	g.out = wire_out_open(argv[optind + 1], snaplen);
	status = g.out && prepare(&g) == 0 ? 0 : 1;
	if (status == 0)
		run(&g);
	if (g.out && wire_out_close(g.out) != 0)
		status = 1;
	if (status == 0)
		printf("%llu packets, %llu conversations\n",
		       (unsigned long long)g.packets,
		       (unsigned long long)g.started);
	free(g.slots);
	free(g.free_slots);
	free(g.events);
	return status;
}

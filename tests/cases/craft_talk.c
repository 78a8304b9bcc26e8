/* SPDX-License-Identifier: BSD-3-Clause */
/* craft_talk.c - one TCP connection, told in turns. */
#include "cases/craft_talk.h"

#include "dissectors/dissect.h"

struct talk talk_new(struct craft *c, struct station *client,
		     struct station *server, uint16_t sport, uint16_t dport)
{
	return (struct talk){.c = c,
			     .end = {client, server},
			     .port = {sport, dport},
			     .seq = {1000u + sport, 5000000u + sport},
			     .rtt_us = 20000};
}

/* A clock of one tick a millisecond, started elsewhere at each end. */
static uint32_t clock_of(const struct talk *t, int end)
{
	return (uint32_t)((craft_now(t->c) - t->lag_us) / 1000) + (end ? 90000 : 500);
}

void talk_segment(struct talk *t, int end, const struct craft_tcp *with)
{
	struct craft_tcp s = *with;
	bool counts = s.flags & (TCP_SYN | TCP_FIN);

	s.sport = t->port[end];
	s.dport = t->port[!end];
	s.bad_checksum |= t->bad_sums;
	s.seq += t->seq[end];
	if (!s.flags)
		s.flags = TCP_ACK;
	if (s.flags & TCP_ACK)
		s.ack += t->seq[!end];
	if (!(s.flags & TCP_RST)) {
		s.tsval = clock_of(t, end);
		if (s.flags & TCP_ACK)
			s.tsecr = clock_of(t, !end) -
				  (uint32_t)(t->rtt_us / 2000);
	}
	craft_tcp(t->c, t->end[end], t->end[!end], &s);
	if (with->seq == 0)
		t->seq[end] += s.len + counts;
}

void talk_send(struct talk *t, int end, uint32_t len)
{
	const struct craft_tcp s = {.len = len,
				    .flags = TCP_ACK | (len ? TCP_PSH : 0)};

	talk_segment(t, end, &s);
}

void talk_open(struct talk *t)
{
	const struct craft_tcp syn = {
		.flags = TCP_SYN, .mss = 1460, .wscale = 7, .sack_ok = true};
	struct craft_tcp synack = syn;

	synack.flags = TCP_SYN | TCP_ACK;
	synack.id = -1;
	talk_segment(t, CLIENT, &syn);
	craft_wait(t->c, t->rtt_us);
	talk_segment(t, SERVER, &synack);
	craft_wait(t->c, 50);
	talk_send(t, CLIENT, 0);
	craft_wait(t->c, 50);
}

void talk_exchange(struct talk *t, uint32_t ask, uint32_t answer,
		   int64_t wait_us)
{
	talk_send(t, CLIENT, ask);
	craft_wait(t->c, t->rtt_us);
	if (wait_us) {
		talk_send(t, SERVER, 0);
		craft_wait(t->c, wait_us);
	}
	talk_send(t, SERVER, answer);
	craft_wait(t->c, 50);
	talk_send(t, CLIENT, 0);
	craft_wait(t->c, 1000);
}

void talk_close(struct talk *t)
{
	const struct craft_tcp fin = {.flags = TCP_FIN | TCP_ACK};

	talk_segment(t, CLIENT, &fin);
	craft_wait(t->c, t->rtt_us);
	talk_segment(t, SERVER, &fin);
	craft_wait(t->c, 50);
	talk_send(t, CLIENT, 0);
	craft_wait(t->c, 1000);
}

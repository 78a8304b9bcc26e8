/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_wait.c - from a request to the first byte of its answer.
 *
 * Counted only where the network did its part at once: the request was sent
 * once, was acknowledged, and the answer comes in order.  Servers ask as well:
 * a few bytes of the client that follow the server's at once may be all that
 * the server wanted (a pong, the reply to a keep-alive, HTTP/2's
 * WINDOW_UPDATE), and what the server says next is no answer to them.
 */
#include "analysis/track/tcp_pace.h"

#define SLOW_LEAST_NS NS_PER_S
#define AT_ONCE_NS    (50 * NS_PER_MS)

enum { FEW_BYTES = 64 };

bool wait_troubled(const struct side *s, int64_t ns)
{
	return s->trouble && s->trouble->last_trouble_ns >= ns;
}

static void answered(struct step *k)
{
	struct connection *c = k->c;
	int64_t rtt = path_rtt(c), ns = k->now_ns - c->request_ns;
	int64_t slow = 5 * rtt > SLOW_LEAST_NS ? 5 * rtt : SLOW_LEAST_NS;
	bool clean = !wait_troubled(k->r, c->request_ns) &&
		     !wait_troubled(k->s, c->request_ns);
	struct waits *w;

	if (!clean || ns < slow || !k->r->window)
		return;
	if (!paces_of(k->t, c))
		return;
	w = &c->paces->waits;
	w->count += w->count < UINT16_MAX;
	if (ns <= w->worst_ns)
		return;
	w->worst_ns = ns;
	w->frames[0] = frame_near(k->p->frame.number, c->request_frame);
	w->frames[1] = k->p->frame.number;
}

/* The server spoke last, and this may be no more than the answer to it. */
static bool replies(const struct step *k)
{
	const struct connection *c = k->c;

	return c->request_ns < 0 && k->tcp->payload_len < FEW_BYTES &&
	       k->now_ns + c->request_ns <= path_rtt(c) + AT_ONCE_NS;
}

/* New data of one side, in order. */
void wait_data(struct step *k)
{
	struct connection *c = k->c;

	if (!k->tcp->payload_len)
		return;
	if (k->dir == c->client) {
		if (replies(k))
			return;
		c->request_ns = k->now_ns;
		c->request_frame = (uint32_t)k->p->frame.number;
	} else {
		if (c->request_ns > 0 && k->r->una >= k->r->nxt)
			answered(k);
		c->request_ns = -k->now_ns;
	}
}

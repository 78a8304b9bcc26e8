/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_wait.c - from a request to the first byte of its answer.
 *
 * Counted only where the network did its part at once: the request was sent
 * once, was acknowledged, and the answer comes in order; and where the server
 * speaks only when it is asked.  Servers ask as well: a few bytes of the client
 * that follow the server's at once may be all that the server wanted (a pong,
 * the reply to a keep-alive, HTTP/2's WINDOW_UPDATE), and what the server says
 * next is no answer to them.
 */
#include "analysis/track/tcp_pace.h"

#define SLOW_LEAST_NS NS_PER_S
#define AT_ONCE_NS    (50 * NS_PER_MS)

enum { FEW_BYTES = 64 };

bool wait_troubled(const struct side *s, int64_t ns)
{
	return s->trouble && s->trouble->last_trouble_ns >= ns;
}

/* So long that the path is not why, with nothing lost meanwhile. */
static bool is_slow(const struct step *k, int64_t since_ns)
{
	int64_t rtt = path_rtt(k->c);
	int64_t slow = 5 * rtt > SLOW_LEAST_NS ? 5 * rtt : SLOW_LEAST_NS;

	return k->now_ns - since_ns >= slow && !wait_troubled(k->r, since_ns) &&
	       !wait_troubled(k->s, since_ns) && k->r->window;
}

/*
 * The server spoke last, all of that had arrived, and now it speaks again: it
 * does so on its own, as chats, tunnels and field buses do.  Where it does that
 * as often as it is late with an answer, the answers may be such news as well.
 */
RARE static void unasked(struct step *k)
{
	const struct side *s = k->s;
	const struct sent *last;

	if (s->data_segments < 2 || s->una != s->nxt ||
	    (k->r->trouble && k->r->trouble->counts.zero_windows))
		return;
	last = sent_last(s, s->nxt - 1, s->nxt);
	if (is_slow(k, last ? last->time_ns : s->last_ns) &&
	    paces_of(k->t, k->c) && k->c->paces->waits.unasked < UINT16_MAX)
		k->c->paces->waits.unasked++;
}

static void answered(struct step *k)
{
	struct connection *c = k->c;
	int64_t ns = k->now_ns - c->request_ns;
	bool slow = is_slow(k, c->request_ns);
	struct waits *w;

	if (!slow)
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

static void server_spoke(struct step *k)
{
	struct connection *c = k->c;
	bool alone = c->request_ns <= 0 && !c->request_frame;

	if (c->request_ns > 0 && k->r->una >= k->r->nxt)
		answered(k);
	else if (alone && k->now_ns - k->s->last_ns >= SLOW_LEAST_NS)
		unasked(k);
	c->request_ns = -k->now_ns;
	c->request_frame = 0;
}

/* New data of one side, in order. */
void wait_data(struct step *k)
{
	struct connection *c = k->c;

	if (!k->tcp->payload_len)
		return;
	if (k->dir != c->client) {
		server_spoke(k);
		return;
	}
	c->request_frame = (uint32_t)k->p->frame.number;
	if (!replies(k))
		c->request_ns = k->now_ns;
}

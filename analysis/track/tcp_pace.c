/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_pace.c - how fast a direction goes, and what it waits for: findings-tcp
 * 3.1 and 3.2.
 *
 * The flight is what S has out.  Near R it cannot be seen from R's
 * acknowledgements, which pass at once; so it is measured by echoes too: when
 * S's packet echoes the time stamp of an acknowledgement, S has sent, since it
 * saw that, all that passed meanwhile.
 */
#include "analysis/track/tcp_pace.h"

enum { MSS_LEAST = 536, OPTIONS_MOST = 40 };

#define TIMELY_NS     (10 * NS_PER_S)
#define PAUSE_NS      (NS_PER_US / 4) /* for each us of a round trip */
#define ROUND_NS      (NS_PER_US - NS_PER_US / 8)
#define REST_NS	      (2 * NS_PER_S)
#define LINUX_LOW_NS  (25 * NS_PER_MS)
#define LINUX_HIGH_NS (60 * NS_PER_MS)
#define OTHER_LOW_NS  (90 * NS_PER_MS)
#define OTHER_HIGH_NS (250 * NS_PER_MS)

struct paces *paces_of(struct tcp_tracker *t, struct connection *c)
{
	if (!c->paces)
		c->paces = tcp_pool_take(&t->pool, sizeof(*c->paces));
	return c->paces;
}

struct pace *pace_of(struct tcp_tracker *t, struct connection *c, unsigned side)
{
	struct paces *both = paces_of(t, c);

	if (both && !both->of[side])
		both->of[side] =
			tcp_pool_take(&t->pool, sizeof(*both->of[side]));
	return both ? both->of[side] : NULL;
}

static void pace_free(struct tcp_tracker *t, struct pace *p)
{
	if (!p)
		return;
	for (int i = 0; i < 2; i++)
		tcp_pool_give(&t->pool, p->trips[i], sizeof(*p->trips[i]));
	tcp_pool_give(&t->pool, p, sizeof(*p));
}

void paces_free(struct tcp_tracker *t, struct connection *c)
{
	if (!c->paces)
		return;
	pace_free(t, c->paces->of[0]);
	pace_free(t, c->paces->of[1]);
	for (int i = 0; i < 2; i++)
		tcp_pool_give(&t->pool, c->paces->passage[i],
			      sizeof(*c->paces->passage[i]));
	tcp_pool_give(&t->pool, c->paces, sizeof(*c->paces));
	c->paces = NULL;
}

uint32_t pace_mss(const struct side *s)
{
	return s->mss ? s->mss : MSS_LEAST;
}

/* How long an acknowledgement came after the path's own time. */
bool pace_is_delayed(int64_t ns)
{
	return (ns >= LINUX_LOW_NS && ns <= LINUX_HIGH_NS) ||
	       (ns >= OTHER_LOW_NS && ns <= OTHER_HIGH_NS);
}

void pace_frame(uint64_t *frames, int room, uint64_t frame)
{
	for (int i = 0; i < room; i++)
		if (!frames[i]) {
			frames[i] = frame;
			return;
		}
}

/* Not a full segment; options take their room from the MSS. */
static bool is_small(const struct step *k)
{
	return k->tcp->payload_len + OPTIONS_MOST < pace_mss(k->s);
}

/* S sends what had to wait for the acknowledgement just before. */
static void turn_waited(struct step *k, struct pace *p)
{
	struct pace_turn *n = &p->turn;
	int64_t wait = n->acked_ns - n->sent_ns;

	if (k->now_ns - n->acked_ns > side_rr(k->r) + PACE_AT_ONCE_NS ||
	    !is_small(k))
		return;
	if (!p->delayed++ || wait < p->delayed_least_ns)
		p->delayed_least_ns = wait;
	if (wait > p->delayed_most_ns)
		p->delayed_most_ns = wait;
	p->delayed_ns += wait;
	pace_frame(p->delayed_frames, 6, n->frame);
	pace_frame(p->delayed_frames, 6, n->ack_frame);
	pace_frame(p->delayed_frames, 6, k->p->frame.number);
}

/* Nothing else is out. */
APART static void turn_sent(struct step *k, struct pace *p)
{
	struct pace_turn *n = &p->turn;

	if (p->bits & PACE_TURN_ACKED)
		turn_waited(k, p);
	p->bits &= (uint8_t)~PACE_TURN;
	if (!is_small(k))
		return;
	p->bits |= PACE_TURN_SENT;
	n->sent_ns = k->now_ns;
	n->end = k->end;
	n->frame = k->p->frame.number;
}

static void turn_acked(struct step *k, struct pace *p, uint64_t ack)
{
	struct pace_turn *n = &p->turn;
	bool pure = !k->tcp->payload_len && !(k->tcp->flags & TCP_FIN);
	int64_t wait = k->now_ns - n->sent_ns - side_rr(k->r);

	if (p->bits & PACE_TURN_SENT && pure && ack == n->end &&
	    pace_is_delayed(wait)) {
		p->bits ^= PACE_TURN;
		n->acked_ns = k->now_ns;
		n->ack_frame = k->p->frame.number;
	} else if (!(p->bits & PACE_TURN_SENT) || !pure || ack >= n->end) {
		p->bits &= (uint8_t)~PACE_TURN;
	}
}

/* Segments to be timed lie apart by a share of what is out, so that a few of
 * them stand for all.  A resend makes it unclear what an acknowledgement is for
 * (Karn and Partridge, 1987). */
static void mark_sent(const struct step *k, struct pace *p)
{
	uint32_t flight = (uint32_t)(k->end - k->s->una);

	if (k->start < k->s->nxt) {
		p->marks = 0;
		p->mark_last = 0;
		return;
	}
	if ((k->end - p->mark_last + 1) * (PACE_MARKS - 4) <= flight ||
	    p->marks == PACE_MARKS)
		return;
	p->mark_last = k->end;
	if (!p->marks)
		p->mark_next = k->end;
	p->mark[(p->mark_first + p->marks++) % PACE_MARKS] = (struct pace_mark){
		k->end, k->now_ns, flight,
		p->rest_ns && k->now_ns - p->rest_ns <= REST_NS};
	p->rest_ns = 0;
}

/* S paused for a good part of a round trip: did it wait for an
 * acknowledgement?  An application cannot see those. */
static void pause_note(const struct step *k, struct pace *p, int64_t pause_ns)
{
	if (pause_ns <= p->floor_us * PAUSE_NS || !p->floor_us ||
	    k->start != k->s->nxt)
		return;
	if (!(p->bits & PACE_PEER_DATA) &&
	    k->now_ns - p->ack_last_ns <= side_rr(k->r) + PACE_AT_ONCE_NS)
		p->waited++;
	else
		p->idled++;
}

void pace_sent(struct step *k, struct pace *p)
{
	int64_t pause_ns = k->now_ns - p->data_ns;
	uint8_t bits = PACE_IDLE; /* that stay */

	p->stalled = 0;
	if (pause_ns > STALL_NS)
		stall_check(k, p);
	/* Nagle's algorithm would hold it back: RFC 896 */
	if (p->bits & PACE_SHORT && k->start == k->s->nxt &&
	    k->s->una < k->s->nxt && is_small(k))
		p->unheld++;
	if (k->start == k->s->una && k->start == k->s->nxt) {
		turn_sent(k, p);
		bits |= PACE_TURN;
	}
	mark_sent(k, p);
	pause_note(k, p, pause_ns);
	if (!p->round_ns && k->start >= k->s->nxt) {
		p->round_ns = k->now_ns;
		p->round_una = k->s->una;
	}
	p->data_ns = k->now_ns;
	p->data_frame = (uint32_t)k->p->frame.number;
	bits &= p->bits;
	if (is_small(k))
		bits |= PACE_SHORT;
	if (!k->r->window && k->r->largest_window)
		bits |= PACE_ZERO_WINDOW;
	p->bits = bits;
}

/* As much in flight as before, to two segments, which is what a card is given
 * at least: slow growth leaves that soon. */
static void level_note(const struct step *k, struct pace *p)
{
	uint32_t slack = 2 * pace_mss(k->r), off;

	off = p->flight > p->level_now ? p->flight - p->level_now
				       : p->level_now - p->flight;
	if (off > slack) {
		p->level_now = p->flight;
		p->level_rounds = 0;
	}
	if (++p->level_rounds < p->steady)
		return;
	p->steady = p->level_rounds;
	p->level = p->level_now;
}

/* A round trip is over: was all that R allowed in flight? */
static void round_end(struct step *k, struct pace *p, uint64_t ack)
{
	uint32_t window = side_window(k->s), slack = 2 * pace_mss(k->r);

	p->rounds++;
	p->ended_short += p->bits & PACE_SHORT && ack == k->r->nxt;
	if (window_known(k->s) && window && p->flight + slack >= window) {
		p->full++;
		p->full_bytes += ack - p->round_una;
		p->full_ns += k->now_ns - p->round_ns;
		if (window > p->window)
			p->window = window;
	}
	if (p->flight > p->flight_most)
		p->flight_most = p->flight;
	level_note(k, p);
	p->flight = 0;
	p->round_ns = k->now_ns;
	p->round_una = ack;
}

static void round_note(struct step *k, struct pace *p, uint64_t ack)
{
	const struct side *d = k->r;
	uint32_t flight = (uint32_t)(d->nxt - d->una);
	uint32_t rtt_us = path_rtt_us(k->c);
	int64_t took = k->now_ns - p->round_ns;

	if (flight > p->flight)
		p->flight = flight;
	if (rtt_us && (!p->floor_us || rtt_us < p->floor_us))
		p->floor_us = rtt_us;
	if (p->round_ns && rtt_us && took >= rtt_us * ROUND_NS &&
	    took < TIMELY_NS)
		round_end(k, p, ack);
	if (ack == d->nxt || took >= TIMELY_NS)
		p->round_ns = 0; /* the next begins with data */
}

/* Half of what is kept makes room, evenly. */
static void trips_thin(struct pace_trips *t)
{
	for (uint16_t i = 0; i < PACE_SAMPLES / 2; i++)
		t->at[i] = t->at[2 * i];
	t->count = PACE_SAMPLES / 2;
	t->stride = (uint16_t)(t->stride * 2);
}

static void trip_note(struct step *k, struct pace *p, int half, int64_t ns,
		      uint32_t flight)
{
	struct pace_trips *t = p->trips[half];

	if (!t) {
		t = p->trips[half] = tcp_pool_take(&k->t->pool, sizeof(*t));
		if (!t)
			return;
		t->stride = 1;
	}
	if (t->skip++ % t->stride || t->stride > INT16_MAX)
		return;
	if (t->count == PACE_SAMPLES)
		trips_thin(t);
	t->at[t->count].us = (uint32_t)(ns / NS_PER_US);
	t->at[t->count++].flight = flight;
}

/* The newest of the marks that this acknowledgement covers. */
static void mark_acked(struct step *k, struct pace *p, uint64_t ack)
{
	const struct pace_mark *covered = NULL;

	while (p->marks && p->mark[p->mark_first].end <= ack) {
		covered = &p->mark[p->mark_first];
		p->mark_first = (p->mark_first + 1) % PACE_MARKS;
		p->marks--;
	}
	p->mark_next = p->mark[p->mark_first].end;
	if (!p->marks)
		p->mark_last = 0;
	if (!covered)
		return;
	if (covered->rested && p->rests < PACE_RESTS)
		p->rest_us[p->rests++] =
			(uint32_t)((k->now_ns - covered->ns) / NS_PER_US);
	trip_note(k, p, 0, k->now_ns - covered->ns, covered->flight);
}

/* Nothing is out any more, after three quarters of the most that ever was: what
 * this direction had put into a queue has left it. */
static void rest_note(const struct step *k, struct pace *p, uint64_t ack)
{
	uint32_t flight = (uint32_t)(k->r->nxt - k->r->una);

	if (flight > p->peak)
		p->peak = flight;
	if (ack != k->r->nxt)
		return;
	if (p->peak > p->peak_most)
		p->peak_most = p->peak;
	if (p->peak >= p->peak_most - p->peak_most / 4)
		p->rest_ns = k->now_ns;
	p->peak = 0;
}

/* R lacks something below what it has, and no resend was seen: it acknowledges
 * that only when one has come, and so late is no path. */
RARE static void lacks_note(struct pace *p)
{
	p->marks = 0;
	p->mark_last = 0;
	p->rest_ns = 0;
	p->bits |= PACE_LACKED;
}

static void acks_note(const struct step *k, struct pace *p, uint32_t bytes)
{
	if (k->now_ns - p->ack_last_ns > PACE_AT_ONCE_NS) {
		p->ack_before_ns = p->ack_last_ns;
		p->ack_first_ns = k->now_ns;
		p->ack_bytes = 0;
	}
	p->ack_last_ns = k->now_ns;
	p->ack_bytes += bytes;
	if (p->ack_bytes < bytes)
		p->ack_bytes = UINT32_MAX;
}

void pace_acked(struct step *k, struct pace *p, uint64_t ack)
{
	const struct side *d = k->r;

	if (p->bits & PACE_TURN)
		turn_acked(k, p, ack);
	if (d->trouble && (d->trouble->sacks || d->trouble->dupacks) &&
	    !d->trouble->resends_out)
		lacks_note(p);
	if (!k->tcp->window)
		p->bits |= PACE_ZERO_WINDOW;
	if (k->tcp->payload_len)
		p->bits |= PACE_PEER_DATA;
	if (ack <= d->una || ack > d->nxt)
		return;
	acks_note(k, p, (uint32_t)(ack - d->una));
	if (p->bits & PACE_IDLE) {
		if (p->idle_ns > p->survived_ns)
			p->survived_ns = p->idle_ns;
		p->bits &= (uint8_t)~PACE_IDLE;
	}
	if (p->marks && p->mark_next <= ack)
		mark_acked(k, p, ack);
	rest_note(k, p, ack);
	round_note(k, p, ack);
}

RARE void pace_idle(struct step *k)
{
	int64_t last =
		k->s->last_ns > k->r->last_ns ? k->s->last_ns : k->r->last_ns;
	int64_t idle_ns = k->now_ns - last;
	struct observation *o;
	struct pace *p;

	if (idle_ns < PACE_IDLE_NS || !last || !k->r->last_ns)
		return;
	p = pace_of(k->t, k->c, k->dir);
	if (!p)
		return;
	p->bits |= PACE_IDLE;
	p->idle_ns = idle_ns;
	p->idle_at_ns = k->now_ns;
	p->idle_frames[0] =
		frame_near(k->p->frame.number, k->s->last_ns > k->r->last_ns
						       ? k->s->last_frame
						       : k->r->last_frame);
	p->idle_frames[1] = k->p->frame.number;
	o = observe_begin(k->out, OBS_TCP_PAUSE, k->p);
	o->as.pause.flow = flow_name(k->c, k->c->client);
	o->as.pause.pause_ns = idle_ns;
	observe_end(k->out);
}

void pace_echo(struct step *k, int64_t ns)
{
	struct pace *p = pace_at(k->c, k->dir);
	uint32_t flight;

	if (!p || ns < 0 || ns > 60 * NS_PER_S || !k->tcp->payload_len)
		return;
	flight = p->echo_una && p->echo_una < k->s->nxt
			 ? (uint32_t)(k->s->nxt - p->echo_una)
			 : 0;
	if (flight > p->flight)
		p->flight = flight;
	trip_note(k, p, 1, ns, flight);
}

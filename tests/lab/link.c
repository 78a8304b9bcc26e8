/* SPDX-License-Identifier: BSD-3-Clause */
/* link.c - four pipes between two hosts: rules, rate, queue and delay. */
#include "lab/link.h"

#include <stdlib.h>
#include <string.h>

#include "lab/departure.h"
#include "lab/fail.h"
#include "lab/forge.h"
#include "lab/frame.h"
#include "lab/record.h"

enum { HELD_MAX = 16, HOLD_LIMIT_MS = 300 };

#define MS 1000000LL

/* A frame that waits for others to overtake it. */
struct held {
	struct frame *frame;
	int64_t until_ns; /* if nothing follows */
	uint32_t left;
};

struct pipe {
	struct pipe_spec spec;
	struct dice dice;
	int64_t free_ns; /* when the rate lets the next frame begin */
	int64_t last_ns; /* when the last one leaves: jitter keeps order */
	struct held held[HELD_MAX];
	uint32_t helds;
};

struct link {
	struct pipe pipe[2][SIDES]; /* down, up */
	struct router router;
	struct record *record;
	struct departures *road;
	link_deliver_fn *deliver;
	void *context;
};

struct link *link_new(const struct pipe_spec spec[2][SIDES],
		      const struct router *router, uint64_t seed,
		      struct record *record)
{
	struct link *l = calloc(1, sizeof(*l));

	if (!l)
		fail("no memory for the link");
	for (int up = 0; up < 2; up++)
		for (int side = 0; side < SIDES; side++) {
			struct pipe *p = &l->pipe[up][side];

			p->spec = spec[up][side];
			p->dice.state = seed * 4 + (uint64_t)(2 * up + side);
		}
	l->router = *router;
	l->record = record;
	l->road = departures_new();
	return l;
}

void link_deliver_to(struct link *l, link_deliver_fn *deliver, void *context)
{
	l->deliver = deliver;
	l->context = context;
}

void link_free(struct link *l)
{
	struct departure d;

	while (departures_take(l->road, INT64_MAX, &d))
		free(d.frame);
	for (int i = 0; i < 2 * SIDES; i++) {
		struct pipe *p = &l->pipe[i / SIDES][i % SIDES];

		for (uint32_t h = 0; h < p->helds; h++)
			free(p->held[h].frame);
	}
	departures_free(l->road);
	free(l);
}

static void lose(struct link *l, struct frame *f, const char *by)
{
	record_dropped(l->record, f, by);
	free(f);
}

/* When the frame is through the rate and the delay, or -1: the queue is full.
 */
static int64_t leaves_at(struct pipe *p, const struct frame *f, int64_t now_ns)
{
	const struct pipe_spec *s = &p->spec;
	int64_t at = now_ns;

	if (s->rate_bps) {
		int64_t start = p->free_ns > now_ns ? p->free_ns : now_ns;
		double waiting =
			(double)(start - now_ns) * (double)s->rate_bps / 8e9;

		if (s->queue_bytes && waiting > s->queue_bytes)
			return -1;
		p->free_ns = start + (int64_t)((double)f->length * 8e9 /
					       (double)s->rate_bps);
		at = p->free_ns;
	}
	at += s->delay_ns;
	if (s->jitter_ns)
		at += (int64_t)(dice_roll(&p->dice) * (double)s->jitter_ns);
	if (s->jitter_ns && at < p->last_ns)
		at = p->last_ns;
	p->last_ns = at;
	return at;
}

/* Returns when it leaves the pipe, or -1: the queue was full. */
static int64_t send_on(struct link *l, struct pipe *p, struct frame *f,
		       enum side side, int64_t now_ns, int64_t more_ns)
{
	int64_t at = leaves_at(p, f, now_ns);

	if (at < 0)
		lose(l, f, "queue");
	else
		departures_add(l->road, f, side, at + more_ns);
	return at;
}

/* The network doubles a frame; the copy leaves the pipe at `at_ns`. */
static void double_frame(struct link *l, const struct frame *f, enum side side,
			 int64_t at_ns)
{
	struct frame *copy = frame_copy(f);
	struct origin from = {.copy_of = f->record};

	copy->copy = true;
	record_begin(l->record, copy, from);
	departures_add(l->road, copy, side, at_ns);
}

/* An answer of the router goes back to the sender from its side of the path. */
static void answer(struct link *l, struct frame *reply, enum side side,
		   int64_t now_ns)
{
	struct origin from = {.forged = true};

	if (!reply)
		return;
	record_begin(l->record, reply, from);
	link_inject(l, reply, side, now_ns);
}

static void hold(struct pipe *p, struct frame *f, uint32_t places,
		 int64_t now_ns)
{
	struct held *h = &p->held[p->helds++];

	h->frame = f;
	h->left = places;
	h->until_ns = now_ns + HOLD_LIMIT_MS * MS;
}

/* Let go of what was overtaken often enough, or waited too long. */
static void let_go(struct link *l, struct pipe *p, enum side side,
		   int64_t now_ns, bool passed)
{
	for (uint32_t i = 0; i < p->helds;) {
		struct held *h = &p->held[i];

		if (passed && h->left)
			h->left--;
		if (h->left && now_ns < h->until_ns) {
			i++;
			continue;
		}
		send_on(l, p, h->frame, side, now_ns, 0);
		*h = p->held[--p->helds];
	}
}

/* What the rules of a pipe have in store for a frame. */
struct lot {
	int64_t more_ns; /* later than its turn */
	int64_t copy_ns; /* and its copy so much later still */
	bool doubled;
};

/* One rule that meets a frame; false when the frame is no longer ours. */
static bool obey(struct link *l, struct rule *r, struct frame *f,
		 enum side side, int64_t now_ns, struct lot *lot)
{
	struct pipe *p = &l->pipe[f->up][side];

	switch (r->action) {
	case DROP:
		lose(l, f, r->name);
		return false;
	case TOO_BIG:
	case UNREACHABLE:
	case EXCEEDED:
		answer(l, forge_icmp(&l->router, side, f, r), side, now_ns);
		lose(l, f, r->name);
		return false;
	case RESET:
	case RESET_BACK:
		answer(l, forge_reset(f, r), side, now_ns);
		return true;
	case HOLD:
		if (p->helds == HELD_MAX)
			return true;
		hold(p, f, (uint32_t)r->amount, now_ns);
		return false;
	case DELAY:
		lot->more_ns += r->amount;
		return true;
	case STALL:
		lot->more_ns += r->until_ns - now_ns;
		return true;
	case DUPLICATE:
		lot->doubled = true;
		lot->copy_ns = r->amount;
		return true;
	default:
		if (rule_change(r, f) && r->action == CORRUPT)
			record_damaged(l->record, f, r->name);
		return true;
	}
}

static void go_through(struct link *l, struct frame *f, enum side side,
		       int64_t now_ns)
{
	struct pipe *p = &l->pipe[f->up][side];
	struct lot lot = {0};
	int64_t at;

	for (uint32_t i = 0; i < p->spec.rules; i++) {
		struct rule *r = &p->spec.rule[i];

		if (rule_meets(r, &p->dice, l->record, f, now_ns) &&
		    !obey(l, r, f, side, now_ns, &lot))
			return;
	}
	at = send_on(l, p, f, side, now_ns, lot.more_ns);
	if (at >= 0 && lot.doubled)
		double_frame(l, f, side, at + lot.more_ns + lot.copy_ns);
	let_go(l, p, side, now_ns, true);
}

/* What a router does to a packet that it forwards, halfway. */
static void route(struct link *l, struct frame *f)
{
	const struct router *router = &l->router;
	enum side to = f->up ? SERVER_SIDE : CLIENT_SIDE;
	uint8_t *ip = f->bytes + ETHERNET;

	if (!router->routes || !f->view.version)
		return;
	memcpy(f->bytes, router->host[to], 6);
	memcpy(f->bytes + 6, router->mac[to], 6);
	if (f->view.version == 6) {
		ip[7]--;
		return;
	}
	ip[8]--;
	/* RFC 1624: the checksum rises by what the word fell. */
	uint32_t sum = get16(ip + 10) + 0x0100u;
	put16(ip + 10, sum + (sum >> 16));
}

void link_enter(struct link *l, struct frame *f, int64_t now_ns)
{
	go_through(l, f, f->up ? CLIENT_SIDE : SERVER_SIDE, now_ns);
}

void link_inject(struct link *l, struct frame *f, enum side side,
		 int64_t now_ns)
{
	send_on(l, &l->pipe[f->up][side], f, side, now_ns, 0);
}

static void arrive(struct link *l, struct frame *f)
{
	record_pass(l->record, f, f->up ? AT_SERVER : AT_CLIENT);
	record_delivered(l->record, f);
	l->deliver(l->context, f);
	free(f);
}

static void step(struct link *l, const struct departure *d, int64_t now_ns)
{
	enum side first = d->frame->up ? CLIENT_SIDE : SERVER_SIDE;

	if (d->side != (int)first) {
		arrive(l, d->frame);
		return;
	}
	record_pass(l->record, d->frame, AT_MIDDLE);
	route(l, d->frame);
	go_through(l, d->frame,
		   first == CLIENT_SIDE ? SERVER_SIDE : CLIENT_SIDE, now_ns);
}

int64_t link_move(struct link *l, int64_t now_ns)
{
	struct departure d;
	int64_t next;

	for (int i = 0; i < 2 * SIDES; i++)
		let_go(l, &l->pipe[i / SIDES][i % SIDES],
		       (enum side)(i % SIDES), now_ns, false);
	while (departures_take(l->road, now_ns, &d))
		step(l, &d, now_ns);
	next = departures_next(l->road);
	for (int i = 0; i < 2 * SIDES; i++)
		if (l->pipe[i / SIDES][i % SIDES].helds)
			next = next < now_ns + 10 * MS ? next
						       : now_ns + 10 * MS;
	return next;
}

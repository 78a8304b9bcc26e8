/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sizes.c - which sizes get through, for TCP directions in trouble only.
 *
 * A direction is watched from the moment when a large segment is sent again
 * (seen at the sender) or when bytes are missing that small packets jumped over
 * (seen at the receiver).  The watch ends when a segment of that size arrives:
 * then it was mere loss.  Sizes are IP lengths.
 */
#include "analysis/track/sizes.h"

#include "base/hint.h"
#include "base/when.h"

enum {
	TRIES = 3,
	HOLE_LEAST = 536,    /* the smallest MSS that anybody must take */
	HOLE_MOST = 1 << 24, /* beyond: not a hole, another connection */
	USUAL_MOST = 1500,   /* without a known MSS: larger is offload */
	SMALL_FAILS = 2
};

#define TRIED_NS NS_PER_S
#define HOLE_NS	 (3 * NS_PER_S)

/* The direction from flow.src to flow.dst. */
struct watch {
	struct flow flow;
	uint32_t link;
	uint32_t start, end; /* the bytes that do not arrive */
	uint32_t pieces_to;  /* sent in smaller pieces up to here */
	uint32_t acked_peer; /* the sender has acknowledged up to here */
	uint16_t size, passed, piece;
	uint16_t tries;	     /* with this size, the first one included */
	uint8_t small_fails; /* signs that small packets are lost as well */
	bool df, hole, pieces_last, ack_stuck, acked_known;
	bool pieces_passed, smaller_passed, peer_alive, told;
	int64_t first_ns, last_ns;
	uint64_t frames[6];
};

struct sizes {
	struct table *watches;
};

/* A TCP packet as it matters here. */
struct seen {
	const struct packet *p;
	const struct tcp_header *tcp;
	uint32_t end;  /* sequence number behind it */
	uint16_t size; /* on the wire, as far as the MSS tells; 0: not known */
};

struct sizes *sizes_new(const struct tracker_home *home)
{
	struct sizes *s = arena_alloc(home->arena, sizeof(*s));
	struct table_spec spec = {"connections in trouble by size",
				  sizeof(struct flow), sizeof(struct watch),
				  home->limits->paths / 2};

	if (!s)
		return NULL;
	s->watches = table_new(home->arena, &spec, home->key);
	return s->watches ? s : NULL;
}

/* Sequence numbers are compared by their signed distance (RFC 9293 3.4). */
static bool after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

static uint16_t most_of(const struct recent_side *s, bool v6)
{
	return s->mss ? s->mss + (v6 ? 60 : 40) : USUAL_MOST;
}

/* A packet longer than the MSS allows is one of offload: on the wire it was cut
 * to that size. */
static uint16_t size_of(const struct packet *p, const struct recent_side *s)
{
	const struct ip_header *ip = &p->ip->as.ip;
	uint16_t most = most_of(s, ip->version == 6);

	if (ip->fragment || (!s->mss && ip->total_len > most))
		return 0;
	return ip->total_len > most ? most : (uint16_t)ip->total_len;
}

static void add_frame(struct watch *w, uint64_t frame)
{
	int i = 0;

	while (i < 5 && w->frames[i])
		i++;
	w->frames[i] = frame;
}

static void tell(const struct watch *w, bool cleared, int64_t now_ns,
		 uint64_t frame, struct observer *out)
{
	struct observation *o = observe_begin(out, OBS_TCP_SIZE, NULL);
	struct tcp_size_fact *f = &o->as.size;

	o->link = w->link;
	o->frame = frame;
	o->time_ns = now_ns;
	f->flow = w->flow;
	f->passed = w->passed;
	f->failed = w->size;
	f->tries = w->tries;
	f->first_ns = w->first_ns;
	f->pieces_passed = w->pieces_passed;
	f->smaller_passed = w->smaller_passed;
	f->peer_alive = w->peer_alive;
	f->hole = w->hole;
	f->df = w->df;
	f->cleared = cleared;
	for (int i = 0; i < 6; i++)
		f->frames[i] = w->frames[i];
	observe_end(out);
}

/* Whether what was seen so far is worth telling. */
static bool proved(const struct watch *w, int64_t now_ns)
{
	if (w->small_fails >= SMALL_FAILS)
		return false;
	if (w->hole)
		return w->ack_stuck && now_ns - w->first_ns >= HOLE_NS;
	return w->tries >= TRIES && w->last_ns - w->first_ns >= TRIED_NS;
}

static void tell_news(struct watch *w, const struct packet *p, bool news,
		      struct observer *out)
{
	int64_t now_ns = p->frame.time_ns;

	if ((w->told && !news) || !proved(w, now_ns))
		return;
	w->told = true;
	tell(w, false, now_ns, p->frame.number, out);
}

static void end_watch(struct sizes *s, struct watch *w,
		      struct recent_side *sender, bool cleared,
		      const struct packet *p, struct observer *out)
{
	if (cleared && w->told)
		tell(w, true, p->frame.time_ns, p->frame.number, out);
	sender->watched = false;
	table_remove(s->watches, w);
}

static struct watch *begin_watch(struct sizes *s, const struct seen *n,
				 struct recent_side *sender)
{
	struct watch *w;
	struct flow flow;

	if (!packet_flow(n->p, &flow))
		return NULL;
	/* one that is left from a conversation that recent.c forgot ends here
	 */
	w = table_add(s->watches, &flow, NULL);
	if (!w)
		return NULL;
	*w = (struct watch){
		.flow = flow,
		.link = n->p->link,
		.passed = sender->passed,
		.first_ns = n->p->frame.time_ns,
		.last_ns = n->p->frame.time_ns,
		.df = n->p->ip->as.ip.df || n->p->ip->as.ip.version == 6,
	};
	add_frame(w, n->p->frame.number);
	sender->watched = true;
	return w;
}

/* A large segment again: its size has not been delivered yet, or it is loss. */
APART static void begin_resend(struct sizes *s, const struct seen *n,
			       struct recent_side *sender)
{
	struct watch *w;

	if (n->size <= RECENT_BIG || n->size <= sender->passed)
		return;
	w = begin_watch(s, n, sender);
	if (!w)
		return;
	w->start = w->pieces_to = n->tcp->seq;
	w->end = n->end;
	w->size = n->size;
	w->tries = 2; /* the first one passed before */
}

/* Bytes are missing below this packet, and nothing large ever came. */
APART static void begin_hole(struct sizes *s, const struct seen *n,
			     struct recent_side *sender)
{
	uint16_t most = most_of(sender, n->p->ip->as.ip.version == 6);
	uint16_t passed = sender->passed;
	struct watch *w;

	if (passed < sender->pending)
		passed = sender->pending;
	if (passed < n->size)
		passed = n->size;
	if (!sender->mss || passed + 60 > most)
		return;
	w = begin_watch(s, n, sender);
	if (!w)
		return;
	w->hole = true;
	w->start = sender->nxt;
	w->end = n->tcp->seq;
	w->passed = passed;
	w->size = most;
	w->peer_alive = true;
}

/* The watched direction sends on. */
APART static void watch_sender(struct sizes *s, struct watch *w,
			       const struct seen *n, struct recent_side *sender,
			       struct observer *out)
{
	uint32_t seq = n->tcp->seq;
	bool covers = n->tcp->payload_len && !after(seq, w->start) &&
		      after(n->end, w->start);

	if (n->tcp->flags & TCP_ACK) {
		w->acked_peer = n->tcp->ack;
		w->acked_known = true;
	}
	if (!n->size)
		return;
	if (w->hole && n->tcp->payload_len && n->size > w->passed) {
		end_watch(s, w, sender, true, n->p, out);
	} else if (w->hole && covers) {
		w->start = n->end;
		add_frame(w, n->p->frame.number);
		w->pieces_passed = !after(w->end, w->start);
		if (w->pieces_passed &&
		    n->p->frame.time_ns - w->first_ns < HOLE_NS) {
			/* so soon it was the same packet again: loss */
			end_watch(s, w, sender, true, n->p, out);
			return;
		}
	} else if (!w->hole && covers && n->size >= w->size) {
		w->tries++;
		w->last_ns = n->p->frame.time_ns;
		w->pieces_last = false;
		w->pieces_to = w->start;
		add_frame(w, n->p->frame.number);
	} else if (!w->hole && n->size < w->size && n->tcp->payload_len &&
		   !after(seq, w->pieces_to) && after(n->end, w->pieces_to)) {
		w->pieces_to = n->end;
		w->pieces_last = true;
		w->piece = n->size;
		add_frame(w, n->p->frame.number);
	}
	if (sender->watched)
		tell_news(w, n->p, false, out);
}

/* The missing bytes were acknowledged: in which size did they arrive? */
static void arrived(struct sizes *s, struct watch *w, const struct seen *n,
		    struct recent_side *sender, struct observer *out)
{
	bool pieces =
		!w->hole && w->pieces_last && !after(n->tcp->ack, w->pieces_to);

	if (pieces && !w->pieces_passed) {
		w->pieces_passed = true;
		if (w->piece > w->passed)
			w->passed = w->piece;
		if (sender->passed < w->passed)
			sender->passed = w->passed;
		add_frame(w, n->p->frame.number);
		tell_news(w, n->p, true, out);
	} else if (!pieces && !w->hole && sender->passed < w->size) {
		sender->passed = w->size;
	}
	end_watch(s, w, sender, !pieces, n->p, out);
}

/* A SACK block shorter than the segment that fails came in a smaller one; a
 * longer one may hold a segment of that size: loss. */
static void sacked(struct sizes *s, struct watch *w, const struct seen *n,
		   struct recent_side *sender, struct observer *out)
{
	for (uint8_t i = 0; i < n->tcp->sack_count; i++) {
		uint32_t start = n->tcp->sack[i].start;
		uint32_t bytes = n->tcp->sack[i].end - start;

		if (!after(start, w->start) || bytes > HOLE_MOST)
			continue;
		if (bytes + 72 >= w->size) {
			end_watch(s, w, sender, true, n->p, out);
			return;
		}
		if (w->smaller_passed)
			continue;
		w->smaller_passed = true;
		add_frame(w, n->p->frame.number);
		tell_news(w, n->p, true, out);
	}
}

/* The other end speaks. */
APART static void watch_peer(struct sizes *s, struct watch *w,
			     const struct seen *n, struct recent_side *sender,
			     struct observer *out)
{
	bool was_alive = w->peer_alive;

	if ((n->tcp->flags & TCP_SYN) ||
	    (w->acked_known &&
	     (n->tcp->payload_len > 1 || (n->tcp->flags & TCP_FIN)) &&
	     !after(n->end, w->acked_peer))) {
		w->small_fails += w->small_fails < SMALL_FAILS;
		return;
	}
	if (!(n->tcp->flags & TCP_ACK))
		return;
	if (n->tcp->window == 0) { /* it waits for its reader, not for size */
		end_watch(s, w, sender, true, n->p, out);
		return;
	}
	if (after(n->tcp->ack, w->start)) {
		arrived(s, w, n, sender, out);
		return;
	}
	w->ack_stuck = true;
	w->peer_alive = true;
	if (!was_alive && !w->hole)
		add_frame(w, n->p->frame.number);
	if (!w->hole && n->tcp->sack_count)
		sacked(s, w, n, sender, out);
	if (sender->watched)
		tell_news(w, n->p, !was_alive, out);
}

/* Follow sequence numbers and deliveries; begin a watch where it is due. */
static void follow(struct sizes *s, const struct seen *n,
		   struct recent_side *sender)
{
	uint32_t seq = n->tcp->seq;
	bool data = n->tcp->payload_len > 0;

	if (!sender->nxt_known || (n->tcp->flags & TCP_SYN)) {
		sender->nxt_known = true;
		sender->nxt = n->end;
		sender->pending = 0;
		return;
	}
	if (after(seq, sender->nxt)) {
		uint32_t hole = seq - sender->nxt;

		if (hole >= HOLE_LEAST && hole < HOLE_MOST && n->size &&
		    !sender->watched)
			begin_hole(s, n, sender);
	} else if (data && !after(n->end, sender->nxt)) {
		/* sent again: which copy an ACK is for is not known */
		sender->pending = 0;
		if (!sender->watched)
			begin_resend(s, n, sender);
		return;
	}
	if (data && n->size > sender->passed && !sender->pending) {
		sender->pending = n->size;
		sender->pending_end = n->end;
	}
	if (after(n->end, sender->nxt))
		sender->nxt = n->end;
}

static void delivered(const struct seen *n, struct recent_side *peer)
{
	if (!peer->pending || !(n->tcp->flags & TCP_ACK) ||
	    after(peer->pending_end, n->tcp->ack))
		return;
	if (peer->passed < peer->pending)
		peer->passed = peer->pending;
	peer->pending = 0;
}

APART static struct watch *watch_of(struct sizes *s, const struct packet *p,
				    bool reverse)
{
	struct flow flow;

	if (!packet_flow(p, &flow))
		return NULL;
	if (reverse)
		flow = flow_reverse(&flow);
	return table_touch(s->watches, &flow);
}

/* The connection was aborted: nothing of it will arrive any more. */
APART static void give_up(struct sizes *s, struct watch *w,
			  struct recent_side *sender, const struct packet *p,
			  struct observer *out)
{
	tell_news(w, p, false, out);
	end_watch(s, w, sender, false, p, out);
}

void sizes_packet(struct sizes *s, const struct packet *p, struct recent *r,
		  unsigned side, struct observer *out)
{
	const struct tcp_header *tcp = &p->tcp->as.tcp;
	struct recent_side *sender = &r->side[side], *peer = &r->side[!side];
	struct seen n = {p, tcp, 0, size_of(p, sender)};
	struct watch *w;

	if (p->tcp->state != WIRE_WHOLE)
		return;
	n.end = tcp->seq + tcp->payload_len + !!(tcp->flags & TCP_SYN) +
		!!(tcp->flags & TCP_FIN);
	if ((tcp->flags & TCP_SYN) && tcp->has_mss)
		peer->mss = tcp->mss;
	w = sender->watched ? watch_of(s, p, false) : NULL;
	if (w && tcp->flags & TCP_RST)
		give_up(s, w, sender, p, out);
	else if (w)
		watch_sender(s, w, &n, sender, out);
	else
		sender->watched = false;
	if (!(tcp->flags & TCP_RST))
		follow(s, &n, sender);
	delivered(&n, peer);
	w = peer->watched ? watch_of(s, p, true) : NULL;
	if (w && tcp->flags & TCP_RST)
		give_up(s, w, peer, p, out);
	else if (w)
		watch_peer(s, w, &n, peer, out);
	else
		peer->watched = false;
}

/* Whether every packet of the conversation was seen since the watch began: what
 * the cache forgot may have been delivered unseen. */
static bool still_watched(const struct watch *w, struct recent_cache *cache)
{
	unsigned side;
	const struct recent *r = recent_find(cache, &w->flow, &side);

	return r && r->side[side].watched;
}

/* What stands at the end, in its last state. */
void sizes_finish(struct sizes *s, struct recent_cache *cache, int64_t now_ns,
		  struct observer *out)
{
	for (struct watch *w = table_oldest(s->watches); w;
	     w = table_newer(s->watches, w))
		if (proved(w, now_ns) && still_watched(w, cache))
			tell(w, false, now_ns, 0, out);
}

void sizes_limits(struct sizes *s, struct checks *out)
{
	check_table(out, s->watches);
}

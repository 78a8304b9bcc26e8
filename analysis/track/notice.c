/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * notice.c - what becomes of "packet too big": obeyed or not.
 *
 * Packets in flight when the notice arrives do not count, nor probes for a
 * larger MTU ten minutes later (RFC 1191 6.3), nor packets longer than the one
 * that was too big: those are of offload and are cut smaller behind us.
 */
#include "analysis/track/notice.h"

#include <string.h>

#include "analysis/track/recent.h"
#include "base/hint.h"
#include "base/when.h"

enum { IGNORED_TRIES = 3, V4_LEAST = 68, V6_LEAST = 1280, TCP = 6 };

#define IN_FLIGHT_NS NS_PER_S
#define EXPIRES_NS   (600 * NS_PER_S)

struct notice_path {
	struct addr src, dst;
};

struct notice {
	struct addr reporter;
	struct flow flow; /* of the first packet quoted */
	uint32_t seq, mtu, big, link;
	uint32_t smaller, over, over_seq, over_end; /* IP lengths, sequence */
	struct flow over_flow;
	uint16_t count, tries;
	bool resent, obeyed, peer_alive, small_sent;
	int64_t first_ns, last_ns;
	uint64_t big_frame, frame, smaller_frame, over_frames[4];
};

enum { MARKS = 65536 };

/* A packet of a path without notice costs a look at its mark. */
struct notices {
	bool any; /* a notice came: look at the marks */
	struct table *paths;
	uint64_t marks[MARKS / 64]; /* by path, either way: had a notice */
};

struct notices *notices_new(const struct tracker_home *home)
{
	struct notices *n = arena_alloc(home->arena, sizeof(*n));
	struct table_spec spec = {
		"paths with a known MTU", sizeof(struct notice_path),
		sizeof(struct notice), home->limits->paths / 4};

	if (!n)
		return NULL;
	n->paths = table_new(home->arena, &spec, home->key);
	return n->paths ? n : NULL;
}

/* The same for both ways. */
static uint32_t mark_of(const struct addr *a, const struct addr *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a->bytes, sizeof(x));
	memcpy(y, b->bytes, sizeof(y));
	return (uint32_t)(((x[0] ^ y[0]) * 0x9e3779b97f4a7c15u ^
			   (x[1] ^ y[1]) * 0xc2b2ae3d27d4eb4fu) >>
			  48) %
	       MARKS;
}

/* What cannot be right is for pmtu.bogus, and an MTU of 0 says nothing. */
static bool plausible(const struct icmp_header *icmp, uint8_t version)
{
	const struct quote *q = &icmp->quote;
	uint32_t least = version == 6 ? V6_LEAST : V4_LEAST;

	return q->present && q->df && icmp->mtu >= least &&
	       icmp->mtu < q->total_len;
}

void notice_arrived(struct notices *n, const struct packet *p,
		    uint64_t big_frame)
{
	const struct icmp_header *icmp = p->icmp->as.icmp;
	const struct quote *q = &icmp->quote;
	struct notice_path path = {q->src, q->dst};
	struct notice *w;
	uint32_t mark;
	bool added;

	if (!plausible(icmp, p->ip->as.ip.version))
		return;
	w = table_add(n->paths, &path, &added);
	if (!w)
		return;
	n->any = true;
	mark = mark_of(&q->src, &q->dst);
	n->marks[mark / 64] |= 1ull << (mark % 64);
	if (added || p->frame.time_ns - w->last_ns > EXPIRES_NS)
		*w = (struct notice){
			.reporter = p->ip->as.ip.src,
			.flow = quote_flow(q),
			.seq = q->seq,
			.mtu = icmp->mtu,
			.big = q->total_len,
			.link = p->link,
			.first_ns = p->frame.time_ns,
			.big_frame = big_frame,
			.frame = p->frame.number,
		};
	if (icmp->mtu < w->mtu) {
		w->mtu = icmp->mtu; /* a narrower link further on */
		w->first_ns = p->frame.time_ns;
	}
	if (q->total_len > w->big)
		w->big = q->total_len;
	w->last_ns = p->frame.time_ns;
	if (w->count < UINT16_MAX)
		w->count++;
}

static void tell(struct notices *n, struct notice *w, enum path_mtu_state state,
		 const struct packet *p, struct observer *out)
{
	const struct notice_path *path = table_key(n->paths, w);
	struct path_mtu_fact *f =
		&observe_begin(out, OBS_PATH_MTU, p)->as.path_mtu;
	bool obeyed = state == PATH_OBEYED;

	f->state = state;
	f->src = path->src;
	f->dst = path->dst;
	f->reporter = w->reporter;
	f->mtu = w->mtu;
	f->big = w->big;
	f->later = obeyed ? w->smaller : w->over;
	f->notices = w->count;
	f->tries = w->tries;
	f->flow = obeyed ? w->flow : w->over_flow;
	f->first_ns = w->first_ns;
	f->big_frame = w->big_frame;
	f->notice_frame = w->frame;
	f->peer_alive = w->peer_alive;
	if (obeyed)
		f->frames[0] = w->smaller_frame;
	else
		for (int i = 0; i < 4; i++)
			f->frames[i] = w->over_frames[i];
	observe_end(out);
}

static bool is_tcp(const struct packet *p)
{
	return p->tcp && p->tcp->state == WIRE_WHOLE;
}

/* Too big, and not in flight any more. */
static void too_big(struct notices *n, struct notice *w, const struct packet *p,
		    struct observer *out)
{
	const struct ip_header *ip = &p->ip->as.ip;
	uint32_t seq = is_tcp(p) ? p->tcp->as.tcp.seq : 0;
	uint32_t end = is_tcp(p) ? seq + p->tcp->as.tcp.payload_len : 0;
	bool same;
	struct flow flow;

	if (p->frame.time_ns - w->first_ns <= IN_FLIGHT_NS ||
	    p->frame.time_ns - w->last_ns > EXPIRES_NS ||
	    ip->total_len > w->big || !packet_flow(p, &flow))
		return;
	same = w->tries && memcmp(&flow, &w->over_flow, sizeof(flow)) == 0;
	if (same && is_tcp(p))
		w->resent |= (int32_t)(end - w->over_end) <= 0;
	else if (w->tries)
		w->resent |= ip->total_len == w->over;
	if (!same || (int32_t)(end - w->over_end) > 0)
		w->over_end = end;
	if (!same)
		w->over_seq = seq;
	w->over_flow = flow;
	w->over = ip->total_len;
	if (w->tries < 4)
		w->over_frames[w->tries] = p->frame.number;
	if (w->tries < UINT16_MAX)
		w->tries++;
	if (w->resent && w->tries >= IGNORED_TRIES &&
	    (w->tries == IGNORED_TRIES || (w->tries & (w->tries - 1)) == 0))
		tell(n, w, PATH_IGNORED, p, out);
}

/* Small enough: the one that carries the same bytes, or (without sequence
 * numbers) one of a size that only an obedient sender would choose. */
static void small_enough(struct notice *w, const struct packet *p)
{
	const struct ip_header *ip = &p->ip->as.ip;
	const struct tcp_header *tcp = is_tcp(p) ? &p->tcp->as.tcp : NULL;

	if (w->small_sent)
		return;
	if (tcp && w->flow.protocol == TCP) {
		if (tcp->src_port != w->flow.src_port ||
		    tcp->dst_port != w->flow.dst_port || !tcp->payload_len ||
		    (int32_t)(w->seq - tcp->seq) < 0 ||
		    (int32_t)(w->seq - tcp->seq) >= (int32_t)tcp->payload_len)
			return;
	} else if (ip->protocol != w->flow.protocol ||
		   ip->total_len * 2 <= w->mtu) {
		return;
	}
	w->small_sent = true;
	w->smaller = ip->total_len;
	w->smaller_frame = p->frame.number;
}

static void answered(struct notices *n, struct notice *w,
		     const struct packet *p, struct observer *out)
{
	const struct tcp_header *tcp = is_tcp(p) ? &p->tcp->as.tcp : NULL;
	bool acks = !tcp || w->flow.protocol != TCP ||
		    (tcp->src_port == w->flow.dst_port &&
		     tcp->dst_port == w->flow.src_port &&
		     (int32_t)(tcp->ack - w->seq) > 0);

	w->peer_alive = true;
	if (w->tries && tcp && tcp->dst_port == w->over_flow.src_port &&
	    tcp->src_port == w->over_flow.dst_port &&
	    (int32_t)(tcp->ack - w->over_seq) > 0) {
		w->tries = 0; /* it got through after all */
		w->resent = false;
	} else if (w->tries && !tcp && p->ip->as.ip.total_len >= w->over) {
		w->tries = 0;
		w->resent = false;
	}
	if (!acks || !w->small_sent || w->obeyed)
		return;
	w->obeyed = true;
	tell(n, w, PATH_OBEYED, p, out);
}

/* A packet of a path that had a notice, or shares its mark with one. */
APART static void judge(struct notices *n, const struct packet *p,
			struct observer *out)
{
	const struct ip_header *ip = &p->ip->as.ip;
	struct notice_path there, back;
	struct notice *w;

	there = (struct notice_path){ip->src, ip->dst};
	back = (struct notice_path){ip->dst, ip->src};
	w = table_find(n->paths, &there);
	if (w && ip->total_len > w->mtu && (ip->df || ip->version == 6))
		too_big(n, w, p, out);
	else if (w && ip->total_len <= w->mtu)
		small_enough(w, p);
	w = table_find(n->paths, &back);
	if (w)
		answered(n, w, p, out);
}

void notice_packet(struct notices *n, const struct packet *p,
		   struct observer *out)
{
	const struct ip_header *ip = &p->ip->as.ip;
	uint32_t mark;

	if (!n->any || ip->fragment)
		return;
	mark = mark_of(&ip->src, &ip->dst);
	if (n->marks[mark / 64] >> (mark % 64) & 1)
		judge(n, p, out);
}

void notice_error(struct notices *n, const struct packet *p,
		  struct observer *out)
{
	const struct quote *q = &p->icmp->as.icmp->quote;
	struct notice_path path = {q->src, q->dst};
	struct notice *w;

	if (!table_count(n->paths) || !q->present)
		return;
	w = table_find(n->paths, &path);
	if (!w || !w->small_sent || w->obeyed || q->total_len > w->mtu ||
	    !addr_equal(&p->ip->as.ip.src, &path.dst))
		return;
	w->obeyed = true;
	tell(n, w, PATH_OBEYED, p, out);
}

void notices_limits(struct notices *n, struct checks *out)
{
	check_table(out, n->paths);
}

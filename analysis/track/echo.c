/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * echo.c - echo requests and their replies.
 *
 * A request may be answered until its patience is over; it is remembered for a
 * minute more, so that a late reply is told from one that nobody asked for.
 */
#include "analysis/track/echo.h"

#include "base/when.h"

enum { LOOK_BACK = 64 };

#define PATIENCE_NS (5 * NS_PER_S)
#define LATE_NS	    (60 * NS_PER_S)

struct echo_key {
	struct addr src, dst; /* of the request; dst none: multicast */
	uint16_t id, seq;
};

struct echo {
	int64_t sent_ns;
	uint64_t frame;
	uint32_t bytes, link;
	uint8_t ttl, version;
	bool df, done; /* done: answered or rejected */
};

struct echoes {
	struct table *waiting; /* oldest first, also answered ones */
	struct table *late;    /* given up */
};

struct echoes *echoes_new(const struct tracker_home *home)
{
	struct echoes *e = arena_alloc(home->arena, sizeof(*e));
	struct table_spec waiting = {"pings", sizeof(struct echo_key),
				     sizeof(struct echo), home->limits->echoes};
	struct table_spec late = {"unanswered pings", sizeof(struct echo_key),
				  sizeof(struct echo),
				  home->limits->echoes / 4};

	if (!e)
		return NULL;
	e->waiting = table_new(home->arena, &waiting, home->key);
	e->late = table_new(home->arena, &late, home->key);
	return e->waiting && e->late ? e : NULL;
}

static void fill(struct echo_fact *f, const struct echo_key *key,
		 const struct echo *echo)
{
	f->version = echo->version;
	f->src = key->src;
	f->dst = key->dst;
	f->id = key->id;
	f->seq = key->seq;
	f->ttl = echo->ttl;
	f->bytes = echo->bytes;
	f->df = echo->df;
	f->sent_ns = echo->sent_ns;
	f->request_frame = echo->frame;
}

static bool to_group(const struct packet *p)
{
	const struct addr *dst = &p->ip->as.ip.dst;

	return addr_is_multicast(dst) || addr_is_broadcast(dst) ||
	       (p->eth && p->eth->as.link.has_dst &&
		mac_is_group(&p->eth->as.link.dst));
}

static void request(struct echoes *e, const struct packet *p,
		    struct observer *out)
{
	const struct ip_header *ip = &p->ip->as.ip;
	const struct icmp_header *icmp = p->icmp->as.icmp;
	struct echo_key key = {ip->src, ip->dst, icmp->echo_id, icmp->echo_seq};
	struct echo now = {
		p->frame.time_ns, p->frame.number, ip->total_len, p->link,
		ip->ttl,	  ip->version,	   ip->df,	  false};
	struct observation *o;
	struct echo *echo;

	if (to_group(p)) {
		key.dst = (struct addr){0};
		key.seq = 0;
		now.done = true;
	}
	echo = table_find(e->waiting, &key);
	if (echo && !echo->done && echo->ttl != ip->ttl &&
	    now.sent_ns - echo->sent_ns < NS_PER_S)
		return; /* the same packet, on its way round a loop */
	o = observe_begin(out, OBS_ECHO, p);
	o->as.echo.state = ECHO_SENT;
	fill(&o->as.echo, &key, &now);
	o->as.echo.dst = ip->dst;
	o->as.echo.seq = icmp->echo_seq;
	observe_end(out);
	if (echo && !echo->done && !now.done)
		return; /* the same again: the first one still waits */
	if (echo)
		table_remove(e->waiting, echo);
	echo = table_add(e->waiting, &key, NULL);
	if (echo)
		*echo = now;
}

/* Whether `src` lately asked a group with this identifier. */
static bool asked_group(const struct echoes *e, const struct echo_key *key)
{
	struct echo_key group = {key->src, {{0}, 0}, key->id, 0};

	return table_find(e->waiting, &group) != NULL;
}

/* The one open question of that asker with these numbers, whoever was asked: a
 * host with several addresses, or one of an anycast group, may answer from
 * another.  NULL: none, or it is not clear which. */
static struct echo *asked_elsewhere(const struct echoes *e,
				    const struct echo_key *reply)
{
	struct echo *found = NULL, *echo = table_newest(e->waiting);

	for (int i = 0; echo && i < LOOK_BACK;
	     i++, echo = table_older(e->waiting, echo)) {
		const struct echo_key *key = table_key(e->waiting, echo);

		if (key->id != reply->id || key->seq != reply->seq ||
		    !addr_equal(&key->src, &reply->src))
			continue;
		if (found || echo->done)
			return NULL;
		found = echo;
	}
	return found;
}

static void reply(struct echoes *e, const struct packet *p,
		  struct observer *out)
{
	const struct ip_header *ip = &p->ip->as.ip;
	const struct icmp_header *icmp = p->icmp->as.icmp;
	struct echo_key key = {ip->dst, ip->src, icmp->echo_id, icmp->echo_seq};
	struct echo *echo = table_find(e->waiting, &key);
	struct echo *late = echo ? NULL : table_find(e->late, &key);
	struct observation *o;

	if ((echo && echo->done) || (!echo && !late && asked_group(e, &key)))
		return; /* a second answer to the same question */
	if (!echo && !late) {
		echo = asked_elsewhere(e, &key);
		if (echo)
			key = *(const struct echo_key *)table_key(e->waiting,
								  echo);
	}
	o = observe_begin(out, OBS_ECHO, p);
	o->as.echo.state = ECHO_STRAY;
	o->as.echo.version = ip->version;
	o->as.echo.src = key.src;
	o->as.echo.dst = key.dst;
	o->as.echo.id = key.id;
	o->as.echo.seq = key.seq;
	o->as.echo.bytes = ip->total_len;
	if (echo || late) {
		fill(&o->as.echo, &key, echo ? echo : late);
		o->as.echo.state = ECHO_ANSWERED;
		o->as.echo.late = late != NULL;
		o->as.echo.rtt_ns = p->frame.time_ns - o->as.echo.sent_ns;
		if (o->as.echo.rtt_ns < 0)
			o->as.echo.rtt_ns = 0;
	}
	o->as.echo.ttl = ip->ttl;
	observe_end(out);
	if (echo)
		echo->done = true;
	if (late)
		table_remove(e->late, late);
}

void echo_packet(struct echoes *e, const struct packet *p, struct observer *out)
{
	uint8_t type = p->icmp->as.icmp->type;

	if (type == 8 || type == 128)
		request(e, p, out);
	else
		reply(e, p, out);
}

uint64_t echo_rejected(struct echoes *e, const struct packet *p, uint8_t *ttl,
		       struct observer *out)
{
	const struct quote *q = &p->icmp->as.icmp->quote;
	struct echo_key key = {q->src, q->dst, q->src_port, q->dst_port};
	struct echo *echo = table_find(e->waiting, &key);
	struct observation *o;

	if (!echo)
		return 0;
	*ttl = echo->ttl;
	if (echo->done)
		return echo->frame;
	echo->done = true;
	o = observe_begin(out, OBS_ECHO, p);
	fill(&o->as.echo, &key, echo);
	o->as.echo.state = ECHO_REJECTED;
	observe_end(out);
	return echo->frame;
}

static void tell(const struct echoes *e, const struct echo *echo,
		 enum echo_state state, int64_t now_ns, struct observer *out)
{
	struct observation *o = observe_begin(out, OBS_ECHO, NULL);

	o->link = echo->link;
	o->frame = echo->frame;
	o->time_ns = now_ns;
	o->as.echo.state = state;
	fill(&o->as.echo, table_key(e->waiting, echo), echo);
	observe_end(out);
}

static void give_up(struct echoes *e, struct echo *echo, int64_t now_ns,
		    struct observer *out)
{
	const struct echo_key *key = table_key(e->waiting, echo);
	struct echo *late;

	tell(e, echo, ECHO_UNANSWERED, now_ns, out);
	late = table_add(e->late, key, NULL);
	if (late)
		*late = *echo;
}

void echoes_clock(struct echoes *e, int64_t now_ns, struct observer *out)
{
	struct echo *echo;

	while ((echo = table_oldest(e->waiting)) &&
	       now_ns - echo->sent_ns > PATIENCE_NS) {
		if (!echo->done)
			give_up(e, echo, now_ns, out);
		table_remove(e->waiting, echo);
	}
	while ((echo = table_oldest(e->late)) &&
	       now_ns - echo->sent_ns > LATE_NS)
		table_remove(e->late, echo);
}

void echoes_finish(struct echoes *e, int64_t now_ns, struct observer *out)
{
	for (struct echo *echo = table_oldest(e->waiting); echo;
	     echo = table_newer(e->waiting, echo))
		if (!echo->done)
			tell(e, echo, ECHO_PENDING, now_ns, out);
}

void echoes_limits(struct echoes *e, struct checks *out)
{
	check_table(out, e->waiting);
	check_table(out, e->late);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* claims.c - which MACs say that an address is theirs, when, and to whom. */
#include "analysis/detect/claims.h"

#include <string.h>

/* Linux goes on with an entry for a moment after it was told better. */
#define STALE_AFTER_NS (3 * NS_PER_S)

/* Packets that pass again are looked at for rivals, at most so often. */
enum { FORWARDS_MAX = 1024 };

/* The two go together: rivals are reached through their address. */
static void claimed_evicted(void *context, const void *key, void *value)
{
	struct claims *s = context;
	struct claimed *x = value;

	(void)key;
	if (x->rivals > 1)
		table_remove(s->rivals, x->rival);
}

static void rivals_evicted(void *context, const void *key, void *value)
{
	struct claims *s = context;
	const struct rival *all = value;
	struct claimed *x = table_find(s->by_addr, key);

	if (!x)
		return;
	x->only = all[0];
	x->rival = &x->only;
	x->rivals = 1;
}

bool claims_open(struct claims *s, const struct claims_words *words,
		 struct arena *home, const struct limits *limits,
		 struct hash_key key)
{
	const struct table_spec spec = {
		words->table_name, sizeof(struct claimed_key),
		sizeof(struct claimed), limits->neighbours};
	const struct table_spec rivals = {
		"rival claims", sizeof(struct claimed_key),
		RIVALS * sizeof(struct rival), limits->neighbours};

	s->words = words;
	s->by_addr = table_new(home, &spec, key);
	s->rivals = table_new(home, &rivals, key);
	if (!s->by_addr || !s->rivals)
		return false;
	table_on_evict(s->by_addr, claimed_evicted, s);
	table_on_evict(s->rivals, rivals_evicted, s);
	return true;
}

static struct claimed_key claimed_key_of(uint32_t link, const struct addr *a)
{
	struct claimed_key key;

	memset(&key, 0, sizeof(key));
	key.link = link;
	key.addr = *a;
	return key;
}

struct claimed *claims_find(const struct claims *s, uint32_t link,
			    const struct addr *a)
{
	struct claimed_key key = claimed_key_of(link, a);

	return table_find(s->by_addr, &key);
}

struct rival *claimed_rival(struct claimed *x, const struct mac *mac)
{
	for (uint8_t i = 0; i < x->rivals; i++)
		if (mac_equal(&x->rival[i].mac, mac))
			return &x->rival[i];
	return NULL;
}

/* Whether there is a place for one more: nearly all addresses have one owner.
 */
static bool rival_fits(struct claims *s, const struct claimed_key *key,
		       struct claimed *x)
{
	struct rival *all;

	if (!x->rivals)
		x->rival = &x->only;
	if (x->rivals != 1)
		return x->rivals < RIVALS;
	all = table_add(s->rivals, key, NULL);
	if (!all)
		return false;
	all[0] = x->only;
	x->rival = all;
	return true;
}

/* The rival of this MAC; a new one may take the place of the oldest. */
static struct rival *rival_of(struct claims *s, const struct claimed_key *key,
			      struct claimed *x, const struct claim_event *e)
{
	struct rival *r = claimed_rival(x, &e->mac);

	if (r)
		return r;
	if (rival_fits(s, key, x)) {
		r = &x->rival[x->rivals++];
	} else {
		r = &x->rival[0];
		for (uint8_t i = 1; i < x->rivals; i++)
			if (x->rival[i].last_ns < r->last_ns)
				r = &x->rival[i];
	}
	memset(r, 0, sizeof(*r));
	r->mac = e->mac;
	r->first_ns = e->ns;
	return r;
}

static void told_add(struct addr *told, uint8_t *count, const struct addr *a)
{
	if (!a->family)
		return;
	for (uint8_t i = 0; i < *count; i++)
		if (addr_equal(&told[i], a))
			return;
	if (*count < TOLD_MAX)
		told[(*count)++] = *a;
}

static void rival_note(struct rival *r, const struct claim_event *e)
{
	r->claims++;
	r->last_ns = e->ns;
	r->broadcast |= e->broadcast;
	r->stray_packets = 0;
	frames_note(&r->frames, e->frame);
	told_add(r->told, &r->tolds, &e->told);
	if (!e->unasked)
		return;
	r->unasked_ns[r->unasked++ % UNASKED_KEPT] = e->ns;
	r->unasked_unicast += !e->broadcast;
	frames_note(&r->unasked_frames, e->frame);
	told_add(r->told_unasked, &r->tolds_unasked, &e->told);
}

static void turn_note(struct claimed *x, const struct claim_event *e)
{
	if (x->turns && mac_equal(&x->turn[x->turns - 1].mac, &e->mac)) {
		x->turn[x->turns - 1].ns = e->ns;
		x->turn[x->turns - 1].frame = e->frame;
		return;
	}
	if (x->turns == HISTORY)
		memmove(&x->turn[0], &x->turn[1],
			(HISTORY - 1) * sizeof(x->turn[0]));
	else
		x->turns++;
	x->turn[x->turns - 1].mac = e->mac;
	x->turn[x->turns - 1].ns = e->ns;
	x->turn[x->turns - 1].frame = e->frame;
}

static void answer_note(struct claimed *x, const struct claim_event *e)
{
	if (!e->asked)
		return;
	if (e->question == x->answer.question &&
	    !mac_equal(&x->answer.mac, &e->mac)) {
		x->answer.alone = false;
		return;
	}
	x->answer.mac = e->mac;
	x->answer.told = e->told;
	x->answer.ns = e->ns;
	x->answer.frame = e->frame;
	x->answer.question = e->question;
	x->answer.alone = true;
}

void claims_note(struct claims *s, const struct claim_event *e,
		 const struct detector_context *c)
{
	struct claimed_key key = claimed_key_of(e->link, &e->addr);
	struct claimed *x;
	struct rival *r;

	if (!addr_is_host(&e->addr) || !mac_is_station(&e->mac))
		return;
	x = table_add(s->by_addr, &key, NULL);
	if (!x)
		return;
	r = rival_of(s, &key, x, e);
	rival_note(r, e);
	turn_note(x, e);
	if (x->rivals > 1 || x->probe.frame)
		conflict_judge(s, &key, x, e, c);
	answer_note(x, e);
	if (e->unasked) {
		s->disputed += x->rivals > 1;
		spoofing_judge(s, &key, x, r, e->ns, c);
	}
}

void claims_probed(struct claims *s, uint32_t link, const struct addr *a,
		   const struct mac *mac, uint64_t nonce, int64_t ns,
		   uint64_t frame, const struct detector_context *c)
{
	struct claimed_key key = claimed_key_of(link, a);
	struct claimed *x;
	bool looped;

	if (!addr_is_host(a) || !mac_is_station(mac))
		return;
	x = table_add(s->by_addr, &key, NULL);
	if (!x)
		return;
	/* RFC 7527: one's own probe, looped back, has the same nonce */
	looped = nonce && nonce == x->probe.nonce;
	if (x->probe.frame && !mac_equal(&x->probe.mac, mac) && !looped &&
	    ns - x->probe.ns <= NS_PER_S)
		conflict_probe(s, &key, x, mac, ns, frame, c);
	x->probe.mac = *mac;
	x->probe.ns = ns;
	x->probe.frame = frame;
	x->probe.nonce = nonce;
}

void claims_asked(struct claims *s, uint32_t link, const struct addr *a,
		  const struct mac *mac, int64_t ns, uint64_t frame,
		  const struct detector_context *c)
{
	struct claimed_key key = claimed_key_of(link, a);
	struct claimed *x = table_find(s->by_addr, &key);
	struct rival *m = x ? claimed_rival(x, mac) : NULL;

	if (!m || ns - m->last_ns > CLAIMS_WINDOW_NS)
		return;
	for (uint8_t i = 0; i < x->rivals; i++)
		if (x->rival[i].last_ns > m->last_ns)
			return;
	m->asks_frame = frame;
	spoofing_judge(s, &key, x, m, ns, c);
}

/* A packet of the address: whoever sends it is alive. */
static void talk_from(struct claims *s, const struct observation *o,
		      const struct detector_context *c)
{
	const struct talk_fact *t = &o->as.talk;
	struct claimed_key key = claimed_key_of(o->link, &t->src);
	struct claimed *x = table_find(s->by_addr, &key);
	struct rival *r = x ? claimed_rival(x, &t->src_mac) : NULL;

	for (uint8_t i = 0; x && i < x->rivals; i++) {
		x->rival[i].unreturned = 0;
		if (addr_equal(&x->rival[i].stray_from, &t->dst))
			x->rival[i].stray_packets = 0;
	}
	if (!r)
		return;
	r->sends_ip = true;
	r->ip_frame = o->frame;
	r->sent_ns = o->time_ns;
	conflict_still_sends(s, &key, x, r, o->time_ns, o->frame, c);
}

/* When the newest rival but `r` claimed the address; 0: there is none. */
static int64_t newer_claim(const struct claimed *x, const struct rival *r)
{
	int64_t last = 0;

	for (uint8_t i = 0; i < x->rivals; i++)
		if (&x->rival[i] != r && x->rival[i].last_ns > r->last_ns &&
		    x->rival[i].first_ns > r->first_ns &&
		    (!last || x->rival[i].first_ns < last))
			last = x->rival[i].first_ns;
	return last;
}

static void talk_to(struct claims *s, const struct observation *o,
		    const struct detector_context *c)
{
	const struct talk_fact *t = &o->as.talk;
	struct claimed_key key = claimed_key_of(o->link, &t->dst);
	struct claimed *x = table_find(s->by_addr, &key);
	struct rival *r = x ? claimed_rival(x, &t->dst_mac) : NULL;
	int64_t moved;

	if (!r)
		return;
	if (!r->unreturned)
		r->unreturned_frames.count = 0;
	r->unreturned += t->packets;
	frames_note(&r->unreturned_frames, o->frame);
	if (s->words->nd)
		spoofing_judge(s, &key, x, r, o->time_ns, c);
	moved = newer_claim(x, r);
	if (!moved || o->time_ns < moved + STALE_AFTER_NS)
		return;
	if (!r->stray_packets) {
		r->stray_first_ns = o->time_ns;
		r->stray_frames.count = 0;
	}
	r->stray_packets += t->packets;
	r->stray_last_ns = o->time_ns;
	r->stray_from = t->src;
	frames_note(&r->stray_frames, o->frame);
	if (s->words->stale)
		stale_judge(s, &key, x, r, c);
}

void claims_talk(struct claims *s, const struct observation *o,
		 const struct detector_context *c)
{
	if (!o->as.talk.has_macs)
		return;
	talk_from(s, o, c);
	talk_to(s, o, c);
}

/* The same packet again, now from a MAC that it was sent to: that one passes
 * on what is meant for another. */
void claims_forwarded(struct claims *s, const struct observation *o,
		      const struct detector_context *c)
{
	const struct same_packet_fact *f = &o->as.same_packet;

	if (!f->has_macs || f->same_macs || !s->disputed ||
	    s->forwards++ >= FORWARDS_MAX)
		return;
	for (struct claimed *x = table_oldest(s->by_addr); x;
	     x = table_newer(s->by_addr, x)) {
		const struct claimed_key *key = table_key(s->by_addr, x);
		struct rival *m;

		if (key->link != o->link || x->rivals < 2)
			continue;
		m = claimed_rival(x, &f->mac_src);
		if (!m || m->forward_frame || !m->unasked)
			continue;
		m->forward_frame = o->frame;
		spoofing_judge(s, key, x, m, o->time_ns, c);
	}
}

/* Addresses that went to another MAC once, and nobody came to harm. */
void claims_checked(const struct claims *s, struct checks *out)
{
	uint64_t moves = 0, first = 0;

	for (const struct claimed *x = table_oldest(s->by_addr); x;
	     x = table_newer(s->by_addr, x)) {
		if (x->turns != 2 || x->conflict || x->spoofed || x->stale)
			continue;
		moves++;
		if (!first || x->turn[1].frame < first)
			first = x->turn[1].frame;
	}
	if (moves)
		check_add(out, CHECK_NOT_FAULT, LAYER_DATA_LINK,
			  "%llu address%s went to another MAC once: a failover "
			  "or a new card (frame %llu)",
			  (unsigned long long)moves, moves == 1 ? "" : "es",
			  (unsigned long long)first);
}

void claims_limits(const struct claims *s, struct checks *out)
{
	check_table(out, s->by_addr);
}

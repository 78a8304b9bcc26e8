/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fragment.c - fragmented datagrams under way (RFC 791, RFC 8200 section 4.5).
 *
 * A datagram is complete, or given up after a minute (Linux waits 30 s, IPv6 60
 * s), or still under way when the capture ends.  The bytes of the latest few
 * are kept, so that an overlap can be compared; a fragment that comes twice
 * with the same bytes is a copy, not an overlap.
 */
#include <string.h>

#include "analysis/tracker.h"
#include "base/when.h"

enum {
	PIECES = 64,	   /* of one datagram; more are not judged */
	STORES = 128,	   /* datagrams whose bytes are kept */
	STORE_BYTES = 8192 /* of each, from its start */
};

#define PATIENCE_NS (60 * NS_PER_S)
#define REUSE_NS    NS_PER_S

enum { ICMP = 1, TCP = 6, UDP = 17, ICMPV6 = 58 };

struct datagram_key {
	struct addr src, dst;
	uint32_t id, protocol;
};

struct piece {
	uint16_t offset, len;
	bool last, stored; /* stored: its bytes lie in the store */
	uint64_t frame;
};

struct datagram {
	int64_t first_ns, last_ns;
	uint64_t last_frame, overlap_frames[2];
	uint32_t link, total, bytes, largest, first_bytes;
	uint16_t count; /* fragments, copies left out */
	uint8_t pieces, ttl, protocol;
	bool has_first, has_last, overlap, differs, df, overfull;
	const char *tiny_why;
	struct mac eth_src;
	uint32_t store, store_use; /* valid while use matches the store's */
	struct piece piece[PIECES];
};

struct store {
	uint32_t use;
	uint8_t bytes[STORE_BYTES];
};

struct fragments {
	struct table *datagrams;
	uint32_t next_store, uses;
	struct store *store;
	struct observer *out; /* while a packet is looked at */
	int64_t now_ns;
};

/* One fragment as it came. */
struct arrival {
	const struct packet *p;
	const struct ip_header *ip;
	const uint8_t *data;
	uint32_t offset, len, kept;
};

enum fate { COMPLETE, GIVEN_UP, UNDER_WAY, FORGOTTEN };

static void report(struct fragments *f, struct datagram *d, enum fate fate,
		   int64_t now_ns, struct observer *out)
{
	const struct datagram_key *key = table_key(f->datagrams, d);
	struct observation *o = observe_begin(out, OBS_FRAGMENTS, NULL);
	struct fragments_fact *fact = &o->as.fragments;
	uint32_t n = 0;

	o->link = d->link;
	o->frame = d->last_frame;
	o->time_ns = now_ns;
	fact->src = key->src;
	fact->dst = key->dst;
	fact->id = key->id;
	fact->protocol = d->protocol;
	fact->ttl = d->ttl;
	fact->count = d->count;
	fact->bytes = fate == COMPLETE ? d->total : d->bytes;
	fact->first_bytes = d->first_bytes;
	fact->largest_bytes = d->largest;
	fact->complete = fate == COMPLETE;
	fact->has_first = d->has_first;
	fact->has_last = d->has_last;
	fact->overlap = d->overlap;
	fact->differs = d->differs;
	fact->tiny_first = d->tiny_why != NULL;
	fact->tiny_why = d->tiny_why;
	fact->df = d->df;
	fact->decided = fate <= GIVEN_UP && !d->overfull;
	fact->forgotten = fate == FORGOTTEN;
	fact->eth_src = d->eth_src;
	fact->first_ns = d->first_ns;
	for (; n < 2 && d->overlap_frames[n]; n++)
		fact->frames[n] = d->overlap_frames[n];
	for (uint32_t i = 0; i < d->pieces && n < 4; i++)
		fact->frames[n++] = d->piece[i].frame;
	observe_end(out);
}

/* Room is needed for another datagram. */
static void forget(void *context, const void *key, void *value)
{
	struct fragments *f = context;

	(void)key;
	report(f, value, FORGOTTEN, f->now_ns, f->out);
}

static void *fragment_open(const struct tracker_home *home)
{
	struct fragments *f = arena_alloc(home->arena, sizeof(*f));
	struct table_spec spec = {
		"fragmented datagrams", sizeof(struct datagram_key),
		sizeof(struct datagram), home->limits->datagrams};

	if (!f)
		return NULL;
	f->datagrams = table_new(home->arena, &spec, home->key);
	f->store = arena_alloc(home->arena, STORES * sizeof(struct store));
	if (!f->datagrams || !f->store)
		return NULL;
	table_on_evict(f->datagrams, forget, f);
	return f;
}

/* Whether every byte from the first to the last is there. */
static bool whole(const struct datagram *d)
{
	uint32_t end = 0;
	bool grew = true;

	if (!d->has_first || !d->has_last || d->bytes < d->total)
		return false;
	while (grew && end < d->total) {
		grew = false;
		for (uint32_t i = 0; i < d->pieces; i++) {
			const struct piece *p = &d->piece[i];

			if (p->offset <= end && p->offset + p->len > end) {
				end = p->offset + p->len;
				grew = true;
			}
		}
	}
	return end >= d->total;
}

/* The bytes that are kept of a datagram; NULL once others took the place. */
static uint8_t *store_of(struct fragments *f, struct datagram *d)
{
	struct store *s = &f->store[d->store];

	return s->use == d->store_use ? s->bytes : NULL;
}

static void take_store(struct fragments *f, struct datagram *d)
{
	d->store = f->next_store;
	f->next_store = (f->next_store + 1) % STORES;
	d->store_use = ++f->uses;
	f->store[d->store].use = d->store_use;
}

enum match { MATCH_UNKNOWN, MATCH_EQUAL, MATCH_DIFFERS };

/* Compare the bytes that an arrival shares with an earlier piece. */
static enum match compare(struct fragments *f, struct datagram *d,
			  const struct piece *old, const struct arrival *a)
{
	uint32_t from = old->offset > a->offset ? old->offset : a->offset;
	uint32_t old_end = old->offset + old->len, end = a->offset + a->kept;
	const uint8_t *kept = store_of(f, d);

	if (end > old_end)
		end = old_end;
	if (!kept || !old->stored || from >= end || end > STORE_BYTES)
		return MATCH_UNKNOWN;
	return memcmp(kept + from, a->data + (from - a->offset), end - from)
		       ? MATCH_DIFFERS
		       : MATCH_EQUAL;
}

static bool meets(const struct piece *old, const struct arrival *a)
{
	return a->offset < (uint32_t)old->offset + old->len &&
	       old->offset < a->offset + a->len;
}

static bool touches(const struct datagram *d, const struct arrival *a)
{
	for (uint32_t i = 0; i < d->pieces; i++)
		if (meets(&d->piece[i], a))
			return true;
	return false;
}

/* Hold an arrival against all earlier pieces; true: it is a copy of one. */
static bool is_copy(struct fragments *f, struct datagram *d,
		    const struct arrival *a, bool *overlaps)
{
	for (uint32_t i = 0; i < d->pieces; i++) {
		struct piece *old = &d->piece[i];
		enum match m;

		if (!meets(old, a))
			continue;
		m = compare(f, d, old, a);
		if (old->offset == a->offset && old->len == a->len &&
		    m != MATCH_DIFFERS)
			return true;
		*overlaps = true;
		if (!d->overlap) {
			d->overlap_frames[0] = old->frame;
			d->overlap_frames[1] = a->p->frame.number;
		}
		d->overlap = true;
		d->differs |= m == MATCH_DIFFERS;
	}
	return false;
}

/* RFC 1858 and 3128 (IPv4), RFC 7112 (IPv6): a first fragment must hold the
 * transport header, and none may begin inside it. */
static const char *tiny(const struct arrival *a)
{
	uint8_t proto = a->ip->protocol;
	bool small_header = proto == UDP || proto == ICMP || proto == ICMPV6;

	if (a->offset == 8 && proto == TCP)
		return "a TCP fragment begins 8 bytes into the header";
	if (a->offset > 0 || !a->ip->more)
		return NULL;
	if (proto == TCP && a->len < 20)
		return "the first fragment ends inside the TCP header";
	if (small_header && a->len < 8)
		return "the first fragment ends inside the transport header";
	if (a->ip->version == 6 && (proto == 0 || proto == 43 || proto == 60))
		return "the first fragment ends inside the extension headers";
	return NULL;
}

static void keep_bytes(struct fragments *f, struct datagram *d,
		       struct piece *piece, const struct arrival *a)
{
	uint8_t *kept = store_of(f, d);

	if (!kept || a->kept < a->len || a->offset + a->len > STORE_BYTES)
		return;
	memcpy(kept + a->offset, a->data, a->len);
	piece->stored = true;
}

static void add_piece(struct fragments *f, struct datagram *d,
		      const struct arrival *a, bool overlaps)
{
	struct piece *piece;

	if (d->pieces == PIECES) {
		d->overfull = true;
		return;
	}
	piece = &d->piece[d->pieces++];
	*piece = (struct piece){(uint16_t)a->offset, (uint16_t)a->len,
				!a->ip->more, false, a->p->frame.number};
	if (!overlaps)
		keep_bytes(f, d, piece, a);
	d->count++;
	d->bytes += a->len;
	if (a->len > d->largest)
		d->largest = a->len;
	if (a->offset == 0 || d->count == 1)
		d->protocol = a->ip->protocol;
	if (a->offset == 0) {
		d->has_first = true;
		d->first_bytes = a->len;
	}
	if (!a->ip->more) {
		d->has_last = true;
		d->total = a->offset + a->len;
	}
}

static void begin(struct fragments *f, struct datagram *d,
		  const struct arrival *a)
{
	memset(d, 0, sizeof(*d));
	take_store(f, d);
	d->first_ns = a->p->frame.time_ns;
	d->link = a->p->link;
	if (a->p->eth)
		d->eth_src = a->p->eth->as.link.src;
}

static void arrive(struct fragments *f, struct datagram *d,
		   const struct arrival *a, struct observer *out)
{
	bool overlaps = false;

	if (a->ip->version == 4 &&
	    a->p->frame.time_ns - d->last_ns > REUSE_NS && touches(d, a)) {
		report(f, d, UNDER_WAY, a->p->frame.time_ns, out);
		begin(f, d, a); /* its ID is used again */
	}
	d->last_ns = a->p->frame.time_ns;
	d->last_frame = a->p->frame.number;
	d->ttl = a->ip->ttl;
	d->df |= a->ip->df;
	if (!d->tiny_why)
		d->tiny_why = tiny(a);
	if (is_copy(f, d, a, &overlaps))
		return;
	add_piece(f, d, a, overlaps);
	if (!whole(d))
		return;
	report(f, d, COMPLETE, d->last_ns, out);
	table_remove(f->datagrams, d);
}

static void fragment_packet(void *self, const struct packet *p,
			    struct observer *out)
{
	struct fragments *f = self;
	const struct ip_header *ip = p->ip ? &p->ip->as.ip : NULL;
	struct arrival a;
	struct datagram_key key;
	struct datagram *d;
	uint32_t start;
	bool added;

	if (!ip || !ip->fragment || ip->total_len <= ip->header_len)
		return;
	a = (struct arrival){p, ip, NULL, 0, 0, 0};
	start = p->ip->offset + ip->header_len;
	a.offset = ip->fragment_offset;
	a.len = ip->total_len - ip->header_len;
	if (a.len > 65535 || a.offset > 65535)
		return;
	if (start < p->frame.kept) {
		a.data = p->frame.data + start;
		a.kept = p->frame.kept - start;
	}
	if (a.kept > a.len)
		a.kept = a.len;
	key = (struct datagram_key){ip->src, ip->dst, ip->id, ip->protocol};
	if (ip->version == 6)
		key.protocol = 0; /* later fragments may not name it */
	f->out = out;
	f->now_ns = p->frame.time_ns;
	d = table_add(f->datagrams, &key, &added);
	if (!d)
		return;
	if (added)
		begin(f, d, &a);
	arrive(f, d, &a, out);
}

static void fragment_clock(void *self, int64_t now_ns, struct observer *out)
{
	struct fragments *f = self;
	struct datagram *d;

	while ((d = table_oldest(f->datagrams)) &&
	       now_ns - d->last_ns > PATIENCE_NS) {
		report(f, d, GIVEN_UP, now_ns, out);
		table_remove(f->datagrams, d);
	}
}

static void fragment_finish(void *self, int64_t now_ns, struct observer *out)
{
	struct fragments *f = self;

	for (struct datagram *d = table_oldest(f->datagrams); d;
	     d = table_newer(f->datagrams, d))
		report(f, d, UNDER_WAY, now_ns, out);
}

static void fragment_limits(void *self, struct checks *out)
{
	struct fragments *f = self;

	check_table(out, f->datagrams);
}

const struct tracker fragment_tracker = {
	.name = "fragment",
	.takes = KIND_FRAGMENT,
	.open = fragment_open,
	.packet = fragment_packet,
	.clock = fragment_clock,
	.finish = fragment_finish,
	.limits = fragment_limits,
};

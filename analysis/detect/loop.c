/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * loop.c - packets that go round between routers, and packets whose TTL ran
 * out.
 *
 * A loop is seen (a) in the loop: the same packet passes again and again with a
 * smaller TTL; (b) from outside: packets that left with a TTL of 32 or more
 * die, and no path is that long; (c) by a traceroute in which two routers take
 * turns.
 */
#include "analysis/detect/loop.h"

#include "base/when.h"

enum {
	SIGHTINGS = 3,
	SIGHTINGS_NO_MAC = 4,
	LONG_TTL = 32,
	DEATHS = 3,
	REPORTERS = 4,
	PACKETS_MAX = 1024
};

#define SETTLE_NS (5 * NS_PER_S)
#define SCAN_NS	  NS_PER_S

const struct finding_def ip_routing_loop = {
	.id = "ip.routing_loop",
	.layer = LAYER_NETWORK,
	.most = CRITICAL,
	.subject = SUBJECT_PATH,
	.title = "Packets go round in a routing loop",
};

static const struct finding_def time_exceeded = {
	.id = "icmp.time_exceeded",
	.layer = LAYER_NETWORK,
	.most = WARNING,
	.subject = SUBJECT_PATH,
	.title = "Packets die on the way: their TTL runs out",
};

struct packet_key {
	struct addr src, dst;
	uint32_t id, protocol;
};

/* One packet that was seen more than once. */
struct round_trip {
	struct mac mac_a, mac_b; /* of the first sighting, either way round */
	uint8_t ttl, step;
	uint16_t sightings; /* with falling TTL between those stations */
	bool even;	    /* the TTL always fell by the same step */
};

struct death_key {
	struct addr src, dst;
};

struct deaths {
	struct death_key path;
	uint32_t count, from_afar; /* from_afar: left with a long TTL */
	uint8_t reporters, lowest_ttl, highest_ttl; /* as they left */
	struct addr reporter[REPORTERS];
	bool changed, blind; /* neither a packet nor its quoted ports seen */
	int64_t first_ns, last_ns;
	struct frame_list frames;
};

struct loop_watch {
	struct table *packets, *deaths;
	int64_t next_scan_ns;
	bool changed;
};

static void *loop_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	struct loop_watch *w = arena_alloc(home, sizeof(*w));
	struct table_spec packets = {"packets seen again",
				     sizeof(struct packet_key),
				     sizeof(struct round_trip), PACKETS_MAX};
	struct table_spec deaths = {"expired paths", sizeof(struct death_key),
				    sizeof(struct deaths), limits->paths / 4};

	if (!w)
		return NULL;
	w->packets = table_new(home, &packets, key);
	w->deaths = table_new(home, &deaths, key);
	return w->packets && w->deaths ? w : NULL;
}

/* A loop that was seen itself is proof enough: what only points to it must not
 * restate it. */
static bool was_seen(const struct addr *src, const struct addr *dst,
		     const struct detector_context *c)
{
	struct subject s = subject_path(src, dst);
	const struct finding *f =
		finding_find(c->findings, &ip_routing_loop, &s, "");

	return f && f->count;
}

static struct finding *raise_loop(const struct addr *src,
				  const struct addr *dst, int64_t first_ns,
				  int64_t last_ns,
				  const struct detector_context *c)
{
	char to[ADDR_TEXT];
	struct subject s = subject_path(src, dst);
	struct finding *f = finding_raise(c->findings, &ip_routing_loop, &s, "",
					  first_ns, last_ns);

	if (!f)
		return NULL;
	finding_restate(f);
	addr_text(dst, to);
	finding_title(f, "Packets to %s go round in a loop between routers",
		      to);
	finding_advise(f, "traceroute -n %s", to);
	finding_advise(f, "%s route get %s   on both routers",
		       dst->family == 6 ? "ip -6" : "ip", to);
	return f;
}

static bool same_stations(const struct round_trip *r,
			  const struct same_packet_fact *s)
{
	return (mac_equal(&r->mac_a, &s->mac_src) &&
		mac_equal(&r->mac_b, &s->mac_dst)) ||
	       (mac_equal(&r->mac_a, &s->mac_dst) &&
		mac_equal(&r->mac_b, &s->mac_src));
}

static void raise_seen(const struct round_trip *r, const struct observation *o,
		       const struct detector_context *c)
{
	const struct same_packet_fact *s = &o->as.same_packet;
	char src[ADDR_TEXT], dst[ADDR_TEXT], a[MAC_TEXT], b[MAC_TEXT];
	struct finding *f =
		raise_loop(&s->src, &s->dst, s->first_ns, o->time_ns, c);

	if (!f)
		return;
	f->confidence = CERTAIN;
	f->count++;
	finding_frame(f, s->first_frame);
	finding_frame(f, o->frame);
	addr_text(&s->src, src);
	addr_text(&s->dst, dst);
	finding_summary(f,
			"A packet from %s to %s passed here %u times, first in "
			"frame %llu; its TTL fell by %u each time, to %u in "
			"frame %llu.",
			src, dst, r->sightings,
			(unsigned long long)s->first_frame, r->step, r->ttl,
			(unsigned long long)o->frame);
	if (s->has_macs)
		finding_add(f,
			    " The stations %s and %s hand it to each other: "
			    "each has the other as its way to %s.",
			    mac_text(&r->mac_a, a), mac_text(&r->mac_b, b),
			    dst);
	finding_filter(f,
		       s->src.family == 6 ? "ipv6.src == %s && ipv6.dst == %s"
					  : "ip.src == %s && ip.dst == %s",
		       src, dst);
}

/* At the first proof, and then ever more rarely. */
static bool worth_telling(const struct round_trip *r, bool has_macs)
{
	uint16_t n = r->sightings;

	if (!has_macs && (n < SIGHTINGS_NO_MAC || !r->even))
		return false;
	return n == SIGHTINGS || (n > SIGHTINGS && (n & (n - 1)) == 0);
}

/* A router that is seen on both its sides, and a redirected hairpin, show a
 * packet twice; a loop shows it again and again. */
static void observe_again(struct loop_watch *w, const struct observation *o,
			  const struct detector_context *c)
{
	const struct same_packet_fact *s = &o->as.same_packet;
	struct packet_key key = {s->src, s->dst, s->id, s->protocol};
	struct round_trip *r;
	bool added;

	if (addr_is_multicast(&s->dst) || s->ttl >= s->ttl_before)
		return;
	r = table_add(w->packets, &key, &added);
	if (!r)
		return;
	if (added || s->sightings <= 2) {
		*r = (struct round_trip){s->mac_src, s->mac_dst,
					 s->ttl,     s->ttl_before - s->ttl,
					 2,	     true};
		return;
	}
	if ((s->has_macs && !same_stations(r, s)) || s->ttl >= r->ttl)
		return;
	r->even &= r->ttl - s->ttl == r->step;
	r->ttl = s->ttl;
	r->sightings++;
	if (worth_telling(r, s->has_macs))
		raise_seen(r, o, c);
}

static void note_reporter(struct deaths *d, const struct addr *who)
{
	for (uint8_t i = 0; i < d->reporters && i < REPORTERS; i++)
		if (addr_equal(&d->reporter[i], who))
			return;
	if (d->reporters < REPORTERS)
		d->reporter[d->reporters] = *who;
	if (d->reporters < UINT8_MAX)
		d->reporters++;
}

static void observe_death(struct loop_watch *w, const struct observation *o)
{
	const struct icmp_error_fact *e = &o->as.icmp_error;
	struct death_key key = {e->quote.src, e->quote.dst};
	struct deaths *d;

	if (e->type != (e->version == 6 ? 3 : 11) || e->code != 0 ||
	    !e->quote.present)
		return;
	d = table_add(w->deaths, &key, NULL);
	if (!d)
		return;
	if (!d->count++) {
		d->path = key;
		d->first_ns = o->time_ns;
	}
	if (e->sent_ttl && (!d->lowest_ttl || e->sent_ttl < d->lowest_ttl))
		d->lowest_ttl = e->sent_ttl;
	if (e->sent_ttl > d->highest_ttl)
		d->highest_ttl = e->sent_ttl;
	d->blind |= !e->sent_ttl && !e->quote.has_ports;
	d->from_afar += e->sent_ttl >= LONG_TTL;
	d->last_ns = o->time_ns;
	note_reporter(d, &e->reporter);
	frames_note(&d->frames, e->quoted_frame);
	frames_note(&d->frames, o->frame);
	d->changed = w->changed = true;
}

static void loop_observe(void *self, const struct observation *o,
			 const struct detector_context *c)
{
	if (o->kind == OBS_SAME_PACKET)
		observe_again(self, o, c);
	else
		observe_death(self, o);
}

static void raise_afar(const struct deaths *d, const struct detector_context *c)
{
	char src[ADDR_TEXT], dst[ADDR_TEXT], a[ADDR_TEXT], b[ADDR_TEXT];
	char list[FRAMES_TEXT];
	struct finding *f;

	if (was_seen(&d->path.src, &d->path.dst, c))
		return;
	f = raise_loop(&d->path.src, &d->path.dst, d->first_ns, d->last_ns, c);
	if (!f)
		return;
	f->confidence = LIKELY;
	frames_prove(&d->frames, f);
	addr_text(&d->path.src, src);
	addr_text(&d->path.dst, dst);
	finding_summary(f,
			"%u packets from %s to %s left with a TTL of %u or "
			"more, and %s%s%s reported that it ran out (%s). No "
			"path is so long: they go round.",
			d->from_afar, src, dst, LONG_TTL,
			addr_text(&d->reporter[0], a),
			d->reporters > 1 ? " and " : "",
			d->reporters > 1 ? addr_text(&d->reporter[1], b) : "",
			frames_text(&d->frames, list));
}

/* Fresh packets of its sender pass here with a usual TTL: it gave these less.
 */
static bool is_chosen(const struct deaths *d, const struct detector_context *c)
{
	uint8_t whole = known_whole_ttl(c->known, &d->path.src);

	return d->lowest_ttl && d->lowest_ttl < whole;
}

/* And once they had died it was answered: they were not meant to arrive. */
static bool is_opened(const struct deaths *d, const struct detector_context *c)
{
	return known_sent_last(c->known, &d->path.dst, &d->path.src) >
	       d->last_ns;
}

static void say_chosen(struct finding *f, const struct deaths *d,
		       const struct detector_context *c)
{
	char src[ADDR_TEXT], dst[ADDR_TEXT];

	addr_text(&d->path.src, src);
	addr_text(&d->path.dst, dst);
	finding_title(f, "%s sends packets to %s with a TTL of %u", src, dst,
		      d->lowest_ttl);
	finding_add(f, " Others of %s have %u: a program chose the low one.",
		    src, known_whole_ttl(c->known, &d->path.src));
	if (!is_opened(d, c))
		return;
	f->severity = NOTICE;
	finding_add(f,
		    " %s was heard after them: games and calls open a NAT "
		    "for their peer so.",
		    dst);
}

static void raise_expired(const struct deaths *d,
			  const struct detector_context *c)
{
	char src[ADDR_TEXT], dst[ADDR_TEXT], by[ADDR_TEXT], list[FRAMES_TEXT];
	struct subject s = subject_path(&d->path.src, &d->path.dst);
	struct finding *f = finding_raise(c->findings, &time_exceeded, &s, "",
					  d->first_ns, d->last_ns);

	if (!f)
		return;
	finding_restate(f);
	f->confidence = d->lowest_ttl ? LIKELY : POSSIBLE;
	f->count = d->count;
	frames_prove(&d->frames, f);
	addr_text(&d->path.src, src);
	addr_text(&d->path.dst, dst);
	addr_text(&d->reporter[0], by);
	finding_title(f, "Packets from %s to %s die on the way", src, dst);
	finding_summary(f,
			"%s%s dropped %u packets from %s to %s because their "
			"TTL ran out there (%s).",
			by, d->reporters > 1 ? " and others" : "", d->count,
			src, dst, frames_text(&d->frames, list));
	if (d->lowest_ttl)
		finding_add(f, " They had a TTL of %u here.", d->lowest_ttl);
	if (is_chosen(d, c))
		say_chosen(f, d, c);
	if (!d->lowest_ttl)
		finding_add(f, " The packets themselves are not in this "
			       "capture: those of a traceroute would look the "
			       "same.");
	finding_advise(f, "traceroute -n %s", dst);
	finding_advise(f, "with which TTL does %s send?", src);
}

static void judge(const struct loop_watch *w, struct deaths *d,
		  const struct detector_context *c)
{
	struct subject s = subject_path(&d->path.src, &d->path.dst);

	(void)w;
	d->changed = false;
	if (known_traceroute(c->known, &d->path.src, &d->path.dst, d->last_ns))
		return;
	if (d->from_afar >= DEATHS && d->reporters <= 2)
		raise_afar(d, c);
	/* a host sends with one TTL; who varies it is looking for the way */
	else if (d->count >= 2 && d->lowest_ttl == d->highest_ttl &&
		 (d->lowest_ttl || (d->reporters == 1 && !d->blind)) &&
		 !finding_find(c->findings, &ip_routing_loop, &s, ""))
		raise_expired(d, c);
}

static void judge_all(struct loop_watch *w, bool at_end,
		      const struct detector_context *c)
{
	w->changed = false;
	for (struct deaths *d = table_oldest(w->deaths); d;
	     d = table_newer(w->deaths, d)) {
		if (!d->changed)
			continue;
		if (at_end || c->now_ns - d->first_ns > SETTLE_NS)
			judge(w, d, c);
		else
			w->changed = true;
	}
}

static void loop_clock(void *self, const struct detector_context *c)
{
	struct loop_watch *w = self;

	if (!w->changed || c->now_ns < w->next_scan_ns)
		return;
	w->next_scan_ns = c->now_ns + SCAN_NS;
	judge_all(w, false, c);
}

static void loop_finish(void *self, const struct detector_context *c)
{
	judge_all(self, true, c);
}

/* A, B, A, B at four hops in a row. */
void loop_of_traceroute(const struct traceroute *t,
			const struct detector_context *c)
{
	char a[ADDR_TEXT], b[ADDR_TEXT], dst[ADDR_TEXT];
	struct finding *f;

	for (int i = 1; i + 3 <= HOPS_MAX; i++) {
		const struct hop *h = &t->hop[i];

		if (!h[0].reporter.family || !h[1].reporter.family ||
		    addr_equal(&h[0].reporter, &h[1].reporter) ||
		    !addr_equal(&h[0].reporter, &h[2].reporter) ||
		    !addr_equal(&h[1].reporter, &h[3].reporter))
			continue;
		if (was_seen(&t->src, &t->dst, c))
			return;
		f = raise_loop(&t->src, &t->dst, t->first_ns, t->last_ns, c);
		if (!f)
			return;
		f->confidence = LIKELY;
		for (int k = 0; k < 4; k++)
			finding_frame(f, h[k].answer_frame);
		finding_summary(
			f,
			"In a traceroute to %s hops %d to %d are %s and %s by "
			"turns (frames %llu to %llu): each sends the packets "
			"back to the other.",
			addr_text(&t->dst, dst), i, i + 3,
			addr_text(&h[0].reporter, a),
			addr_text(&h[1].reporter, b),
			(unsigned long long)h[0].answer_frame,
			(unsigned long long)h[3].answer_frame);
		return;
	}
}

static void loop_limits(void *self, struct checks *out)
{
	const struct loop_watch *w = self;

	check_table(out, w->deaths);
	check_table(out, w->packets);
}

static const struct finding_def *const loop_findings[] = {&ip_routing_loop,
							  &time_exceeded, NULL};

static const enum observation_kind loop_wants[] = {
	OBS_SAME_PACKET, OBS_ICMP_ERROR, OBSERVATIONS};

const struct detector loop_detector = {
	.name = "loop",
	.findings = loop_findings,
	.wants = loop_wants,
	.open = loop_open,
	.observe = loop_observe,
	.clock = loop_clock,
	.finish = loop_finish,
	.limits = loop_limits,
};

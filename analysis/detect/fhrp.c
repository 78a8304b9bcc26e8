/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fhrp.c - who is master of a group of routers: VRRP, HSRP, CARP, GLBP.
 *
 * A handover is one change of the speaker.  Two masters at once speak by turns
 * for longer than three intervals of their advertisements (RFC 9568 6.4).
 */
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"
#include "base/text.h"

enum { SPEAKS = 3, SETTLED = 2, GROUPS = 1024 };

static const struct finding_def fhrp_two_masters = {
	.id = "fhrp.two_masters",
	.layer = LAYER_DATA_LINK,
	.most = CRITICAL,
	.subject = SUBJECT_HOST,
	.title = "Two routers are master of one group",
	.advice = {"Do the routers hear each other?"},
};

static const struct finding_def fhrp_failover = {
	.id = "fhrp.failover",
	.layer = LAYER_DATA_LINK,
	.most = NOTICE,
	.subject = SUBJECT_HOST,
	.title = "The master of a router group changed",
	.advice = {"Why did the first one stop?"},
};

/* Groups of two networks on one link may have one number: what they share
 * tells them apart. */
struct group_key {
	uint32_t link;
	uint16_t group;
	uint8_t kind, version, family, pad[3];
	struct addr shared; /* the lowest; none where none is told */
};

struct speaker {
	struct addr src;
	int64_t last_ns;
	uint64_t last_frame;
	uint32_t in_row, since_turns; /* advertisements */
	uint8_t priority;
};

struct group {
	struct speaker now, before;
	int64_t interval_ns; /* between two of one speaker, the smallest */
	int64_t turns_from_ns;
	uint32_t turns;	      /* changes back to the one before */
	uint64_t first_frame; /* of `now` as the speaker */
	int64_t first_ns;
	bool told, two;
	struct addr named; /* by what a finding names the group */
	struct frame_list frames;
};

struct fhrp_watch {
	struct table *groups;
};

static void *fhrp_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	const struct table_spec spec = {"router groups",
					sizeof(struct group_key),
					sizeof(struct group), GROUPS};
	struct fhrp_watch *w = arena_alloc(home, sizeof(*w));

	(void)limits;
	if (!w)
		return NULL;
	w->groups = table_new(home, &spec, key);
	return w->groups ? w : NULL;
}

static const char *kind_text(uint8_t kind)
{
	static const char *const names[] = {"router", "VRRP", "HSRP", "CARP",
					    "GLBP"};

	return names[kind <= FHRP_GLBP ? kind : 0];
}

/* The same whoever of them spoke last. */
static struct subject subject_of(struct group *g)
{
	if (!g->named.family)
		g->named = g->now.src;
	return subject_host(&g->named);
}

/* What either of the two sends. */
static void filter_either(struct finding *f, const struct addr *of,
			  const char *a, const char *b)
{
	finding_filter(f,
		       of->family == 6 ? "ipv6.src == %s || ipv6.src == %s"
				       : "ip.src == %s || ip.src == %s",
		       a, b);
}

static void failover_raise(struct group *g, const struct group_key *key,
			   const struct detector_context *c)
{
	struct subject subject = subject_of(g);
	char from[ADDR_TEXT], to[ADDR_TEXT], when[WHEN_TEXT], gap[WHEN_TEXT];
	struct finding *f = finding_raise(c->findings, &fhrp_failover, &subject,
					  "", g->before.last_ns, g->first_ns);

	g->told = true;
	if (!f)
		return;
	f->count++;
	addr_text(&g->before.src, from);
	addr_text(&g->now.src, to);
	finding_restate(f);
	finding_title(f, "%s group %u went from %s to %s at %s",
		      kind_text(key->kind), (unsigned)key->group, from, to,
		      when_clock(g->first_ns, when));
	finding_summary(f,
			"%s (priority %u) sent its last advertisement in frame "
			"%llu, and %s (priority %u) its first as master in "
			"frame %llu, %s later. The group changed its master "
			"%llu time%s in this capture.",
			from, (unsigned)g->before.priority,
			(unsigned long long)g->before.last_frame, to,
			(unsigned)g->now.priority,
			(unsigned long long)g->first_frame,
			when_duration(g->first_ns - g->before.last_ns, gap),
			(unsigned long long)f->count, plural(f->count));
	filter_either(f, &g->now.src, from, to);
	finding_advise(f, "Why did %s stop, or %s take over?", from, to);
	finding_frame(f, g->before.last_frame);
	finding_frame(f, g->first_frame);
}

static void two_raise(struct group *g, const struct group_key *key,
		      const struct detector_context *c)
{
	struct subject subject = subject_of(g);
	char a[ADDR_TEXT], b[ADDR_TEXT], took[WHEN_TEXT], frames[FRAMES_TEXT];
	struct finding *f =
		finding_raise(c->findings, &fhrp_two_masters, &subject, "",
			      g->turns_from_ns, g->now.last_ns);
	struct finding *moved =
		finding_find(c->findings, &fhrp_failover, &subject, "");

	g->two = true;
	if (moved)
		moved->withheld = true;
	if (!f)
		return;
	f->count = g->turns;
	addr_text(&g->now.src, a);
	addr_text(&g->before.src, b);
	finding_restate(f);
	finding_title(f, "%s group %u has two masters: %s and %s",
		      kind_text(key->kind), (unsigned)key->group, a, b);
	finding_summary(f,
			"%s (priority %u) and %s (priority %u) both advertise "
			"as master, by turns, for %s (%s): neither hears the "
			"other. Hosts reach now the one, now the other.",
			a, (unsigned)g->now.priority, b,
			(unsigned)g->before.priority,
			when_duration(g->now.last_ns - g->turns_from_ns, took),
			frames_text(&g->frames, frames));
	filter_either(f, &g->now.src, a, b);
	finding_advise(f,
		       "Do %s and %s hear each other: same VLAN, multicast "
		       "let through, same authentication?",
		       a, b);
	frames_prove(&g->frames, f);
}

/* The one before speaks again and was not silent meanwhile; after a longer
 * silence the group has only gone back to it. */
static bool goes_on(const struct group *g, const struct observation *o)
{
	return addr_equal(&g->before.src, &o->as.fhrp.src) &&
	       (!g->interval_ns ||
		o->time_ns - g->before.last_ns <= 4 * g->interval_ns);
}

/* Another speaker than the last time. */
static void turn(struct group *g, const struct observation *o)
{
	const struct fhrp_fact *h = &o->as.fhrp;
	bool back = goes_on(g, o);
	uint32_t kept = back ? g->before.since_turns : 0;

	if (!back) {
		g->turns = 0;
		g->turns_from_ns = o->time_ns;
		g->now.since_turns = 0;
		g->frames.count = 0;
	} else {
		g->turns++;
	}
	g->before = g->now;
	g->now = (struct speaker){.src = h->src, .since_turns = kept};
	g->first_frame = o->frame;
	g->first_ns = o->time_ns;
	g->told = false;
}

static void speak(struct group *g, const struct observation *o)
{
	const struct fhrp_fact *h = &o->as.fhrp;
	struct speaker *s = &g->now;

	if (!addr_equal(&s->src, &h->src)) {
		if (s->src.family)
			turn(g, o);
		else
			s->src = h->src;
	}
	if (s->in_row && o->time_ns > s->last_ns &&
	    (!g->interval_ns || o->time_ns - s->last_ns < g->interval_ns))
		g->interval_ns = o->time_ns - s->last_ns;
	s->last_ns = o->time_ns;
	s->last_frame = o->frame;
	s->priority = h->header.priority;
	s->in_row++;
	s->since_turns++;
	if (g->turns)
		frames_note(&g->frames, o->frame);
}

static struct group_key key_of(const struct observation *o)
{
	const struct fhrp_header *h = &o->as.fhrp.header;
	struct group_key key;

	memset(&key, 0, sizeof(key));
	key.link = o->link;
	key.kind = h->kind;
	key.version = h->version;
	key.group = h->group;
	key.family = (uint8_t)o->as.fhrp.src.family;
	for (uint8_t i = 0; i < h->address_count; i++)
		if (!i || memcmp(h->address[i].bytes, key.shared.bytes,
				 sizeof(key.shared.bytes)) < 0)
			key.shared = h->address[i];
	return key;
}

static void fhrp_observe(void *self, const struct observation *o,
			 const struct detector_context *c)
{
	const struct fhrp_fact *h = &o->as.fhrp;
	struct group_key key = key_of(o);
	struct fhrp_watch *w = self;
	struct group *g;

	if (!h->header.active)
		return;
	g = table_add(w->groups, &key, NULL);
	if (!g)
		return;
	if (h->header.address_count && !g->named.family)
		g->named = h->header.address[0];
	speak(g, o);
	if (g->turns >= SPEAKS && g->now.since_turns >= SPEAKS &&
	    g->before.since_turns >= SPEAKS &&
	    o->time_ns - g->turns_from_ns > 3 * g->interval_ns)
		two_raise(g, &key, c);
	else if (g->before.src.family && !g->told && !g->two &&
		 g->now.in_row >= SETTLED)
		failover_raise(g, &key, c);
}

static void fhrp_checked(void *self, const struct detector_context *c,
			 struct checks *out)
{
	const struct fhrp_watch *w = self;

	(void)c;
	if (table_count(w->groups))
		check_add(out, CHECK_WORKS, LAYER_DATA_LINK,
			  "%u router group%s with a master",
			  (unsigned)table_count(w->groups),
			  plural(table_count(w->groups)));
}

static void fhrp_limits(void *self, struct checks *out)
{
	const struct fhrp_watch *w = self;

	check_table(out, w->groups);
}

static const struct finding_def *const fhrp_findings[] = {&fhrp_two_masters,
							  &fhrp_failover, NULL};

static const enum observation_kind fhrp_wants[] = {OBS_FHRP, OBSERVATIONS};

const struct detector fhrp_detector = {
	.name = "fhrp",
	.findings = fhrp_findings,
	.wants = fhrp_wants,
	.open = fhrp_open,
	.observe = fhrp_observe,
	.checked = fhrp_checked,
	.limits = fhrp_limits,
};

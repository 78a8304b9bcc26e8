/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_where.c - says where segments were lost.
 *
 * With one capture point: before or after it.  With two also between them: a
 * segment that the second point does not show may also have been missed by
 * who captures there.  How often that happens is seen by what arrived: all of
 * it must have passed the second point.
 */
#include "analysis/detect/tcp_where.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum {
	SHOWN_LEAST = 20, /* segments at both points */
	SHOWN_SURE = 50,
	MISSED_PERCENT = 1,
	TIMES = 10, /* as often as what arrived is missing what was lost */
	LUCK = 2,
	POINT_TEXT = 160,
	NAME_TEXT = 80,
	NAME_MOST = 48, /* bytes of a name that are told */
};

/* A finding of tcp.loss, and what two points show of it. */
struct where {
	struct where *next;
	struct finding *f;
	struct tcp_passage passage;
	uint32_t lost;		/* all that it tells of */
	uint32_t before, after; /* of these: by the first point */
	bool due;		/* to be said at the end */
};

static uint64_t dropped(const struct detector_context *c)
{
	const struct source *s = c->coverage->source;
	uint64_t sum = 0;

	for (uint32_t i = 0; s && i < source_interfaces(s); i++)
		sum += source_dropped(source_interface(s, i));
	return sum;
}

/* What whoever captured dropped stands in a file at its end. */
static bool is_ripe(const struct detector_context *c)
{
	const struct source *s = c->coverage->source;

	return c->at_end || !s || !source_interfaces(s) ||
	       source_interface(s, 0)->live;
}

/* What arrived, or was not asked for again, and is not at the second point. */
static uint32_t missed_of(const struct tcp_passage *x)
{
	uint64_t known = (uint64_t)x->shown + x->missing;

	return x->segments > known ? (uint32_t)(x->segments - known) : 0;
}

/*
 * Of what was lost after the second point it may have missed some as well, as
 * often as of what arrived, and as luck will have it: a few more.
 */
static bool beats_chance(const struct tcp_passage *x)
{
	uint64_t missed = missed_of(x), lost = x->between + x->beyond;
	uint64_t luck = missed ? LUCK : 0;

	return x->between > luck &&
	       (x->between - luck) * x->segments > TIMES * (missed + 1) * lost;
}

static bool is_proved(const struct tcp_passage *x,
		      const struct detector_context *c)
{
	return x->shown >= SHOWN_LEAST &&
	       missed_of(x) * 100ULL <=
		       (uint64_t)x->segments * MISSED_PERCENT &&
	       beats_chance(x) && !dropped(c);
}

static const struct source_interface *
interface_of(uint32_t index, const struct detector_context *c)
{
	const struct source *s = c->coverage->source;

	return s && index < source_interfaces(s) ? source_interface(s, index)
						 : NULL;
}

static const char *file_of(const struct source_interface *i)
{
	const char *last = strrchr(i->file, '/');

	return last ? last + 1 : i->file;
}

/* No more than fits, and no half of a character. */
static void copy_name(char out[static NAME_TEXT], const char *name)
{
	size_t n = strnlen(name, NAME_MOST);

	while (n && ((unsigned char)name[n] & 0xc0) == 0x80)
		n--;
	snprintf(out, NAME_TEXT, "%.*s", (int)n, name);
}

/* By its name, or that of its file; two may be called alike. */
static void interface_text(uint32_t own, uint32_t other,
			   const struct detector_context *c,
			   char out[static NAME_TEXT])
{
	const struct source_interface *a = interface_of(own, c);
	const struct source_interface *b = interface_of(other, c);

	if (a && b && a->name[0] && b->name[0] && strcmp(a->name, b->name) != 0)
		copy_name(out, a->name);
	else if (a && b && strcmp(file_of(a), file_of(b)) != 0)
		copy_name(out, file_of(a));
	else
		snprintf(out, NAME_TEXT, "interface %" PRIu32, own);
}

static void append(char text[static POINT_TEXT], const char *what)
{
	size_t n = strlen(text);

	snprintf(text + n, POINT_TEXT - n, "%s%s", n ? ", " : "", what);
}

static void append_cooked(char text[static POINT_TEXT],
			  const struct capture_point *p,
			  const struct capture_point *other)
{
	static const char *const way[] = {"coming in", "broadcast", "multicast",
					  "for others", "going out"};
	char part[NAME_TEXT];

	if (p->ifindex != other->ifindex) {
		snprintf(part, sizeof(part), "interface index %" PRIu32,
			 p->ifindex);
		append(text, part);
	}
	if (p->packet_type != other->packet_type &&
	    p->packet_type < sizeof(way) / sizeof(way[0]))
		append(text, way[p->packet_type]);
}

/* In one place only stations tell apart before and behind one of them: the one
 * that the frames go to first, and then come from. */
static void append_station(char text[static POINT_TEXT],
			   const struct capture_point *p, bool second)
{
	const struct mac *mac = second ? &p->src : &p->dst;
	char part[NAME_TEXT], name[MAC_TEXT];

	if (mac_is_zero(mac))
		return;
	snprintf(part, sizeof(part), "%s %s", second ? "from" : "to",
		 mac_text(mac, name));
	append(text, part);
}

/* What tells this point from the other. */
static void point_text(const struct tcp_passage *x, bool second,
		       const struct detector_context *c,
		       char out[static POINT_TEXT])
{
	const struct capture_point *p = second ? &x->second : &x->first;
	const struct capture_point *other = second ? &x->first : &x->second;
	char part[NAME_TEXT];

	out[0] = '\0';
	if (p->interface != other->interface) {
		interface_text(p->interface, other->interface, c, part);
		append(out, part);
	}
	append_cooked(out, p, other);
	if (p->vlan != other->vlan) {
		snprintf(part, sizeof(part), p->vlan ? "VLAN %u" : "no VLAN",
			 p->vlan);
		append(out, part);
	}
	if (p->ttl != other->ttl) {
		snprintf(part, sizeof(part), "TTL %u", p->ttl);
		append(out, part);
	}
	if (p->interface == other->interface && p->vlan == other->vlan &&
	    p->packet_type == other->packet_type)
		append_station(out, p, second);
}

static void say_more(struct finding *f, uint32_t n, const char *what)
{
	if (n)
		finding_add(f, " %" PRIu32 " %s %s.", n, were(n), what);
}

static void say_between(const struct where *w, const char *first,
			const char *second)
{
	const struct tcp_passage *x = &w->passage;
	uint32_t missed = missed_of(x), placed = x->between + x->beyond;
	struct finding *f = w->f;

	finding_add(f,
		    " This capture was taken at two points. %" PRIu32
		    " passed the first (%s) and did not come to the second "
		    "(%s): lost between the two, for example frame %" PRIu64
		    ", sent again as frame %" PRIu64 ". Of the others the "
		    "second shows ",
		    x->between, first, second, x->frames[0][0],
		    x->frames[0][1]);
	if (missed)
		finding_add(f, "%" PRIu32 " of %" PRIu32 ".", x->shown,
			    x->shown + missed);
	else
		finding_add(f, "all %" PRIu32 ".", x->shown);
	say_more(f, x->beyond, "seen at both and lost after the second");
	say_more(f, w->before, "lost before the first");
	if (w->after > placed)
		say_more(f, w->after - placed,
			 "lost after the first, between the two or not");
}

/* Neither point is known to have missed anything. */
static bool is_sure(const struct tcp_passage *x)
{
	return !missed_of(x) && !x->aside && x->shown >= SHOWN_SURE;
}

static void place_between(const struct where *w, const char *first,
			  const char *second)
{
	const struct tcp_passage *x = &w->passage;
	struct finding *f = w->f;
	size_t end = strlen(f->title);

	if (x->between >= w->lost)
		snprintf(f->title + end, sizeof(f->title) - end,
			 " between two capture points");
	snprintf(f->reason, sizeof(f->reason), "between");
	say_between(w, first, second);
	if (f->confidence > LIKELY && !is_sure(x))
		f->confidence = LIKELY;
	finding_advise(f, "ip -s link; tc -s qdisc; ethtool -S DEVICE, on what "
			  "lies between the two points");
}

/* What both points show was lost after the second, whatever else that one may
 * have missed. */
static bool all_beyond(const struct where *w)
{
	return w->after && w->passage.beyond >= w->after;
}

static void place_beyond(const struct where *w, const char *first,
			 const char *second)
{
	finding_add(w->f,
		    " This capture was taken at two points. %s passed the "
		    "first (%s) and the second (%s) and %s lost after that, "
		    "towards the receiver.",
		    w->before ? "What passed here" : "All", first, second,
		    w->before ? "was" : "were");
	say_more(w->f, w->before, "lost before the first");
}

static bool say_points(const struct where *w, const struct detector_context *c)
{
	const struct tcp_passage *x = &w->passage;
	char first[POINT_TEXT], second[POINT_TEXT];

	if (x->mixed || (!all_beyond(w) && !is_proved(x, c)))
		return false;
	point_text(x, false, c, first);
	point_text(x, true, c, second);
	if (all_beyond(w))
		place_beyond(w, first, second);
	else
		place_between(w, first, second);
	return true;
}

static void say_sides(struct finding *f, uint32_t before, uint32_t after)
{
	if (before && !after)
		finding_add(f, " All were lost before this capture point, "
			       "that is towards the sender.");
	else if (after && !before)
		finding_add(f, " All had passed this capture point and were "
			       "lost after it, towards the receiver.");
	else if (after)
		finding_add(f,
			    " %" PRIu32 " %s lost before this capture point, "
			    "%" PRIu32 " after it.",
			    before, were(before), after);
}

static void say(struct where *w, const struct detector_context *c)
{
	w->due = false;
	if (!say_points(w, c))
		say_sides(w->f, w->before, w->after);
}

static struct where *kept_of(const struct wheres *all, const struct finding *f)
{
	struct where *w = all->first;

	while (w && w->f != f)
		w = w->next;
	return w;
}

/* One for each finding: what comes later under its name stands. */
static bool keep(struct wheres *all, const struct where *now)
{
	struct where *w = kept_of(all, now->f), *next = all->first;

	if (w) {
		next = w->next;
	} else {
		w = arena_alloc(all->home, sizeof(*w));
		if (!w)
			return false;
		all->first = w;
	}
	*w = *now;
	w->next = next;
	return true;
}

void where_say(struct wheres *all, struct finding *f,
	       const struct tcp_ended_fact *e, unsigned side, uint32_t lost,
	       const struct detector_context *c)
{
	const struct tcp_side *s = &e->side[side];
	const struct tcp_passage *x = s->capture_gaps ? NULL : e->passage[side];
	struct where now = {.f = f,
			    .lost = lost,
			    .before = s->lost_before,
			    .after = s->lost_after,
			    .due = true},
		     *kept = kept_of(all, f);

	if (kept)
		kept->due = false;
	if (x)
		now.passage = *x;
	if (!x)
		say_sides(f, now.before, now.after);
	else if (is_ripe(c) || !keep(all, &now))
		say(&now, c);
}

void where_finish(const struct wheres *all, const struct detector_context *c)
{
	for (struct where *w = all->first; w; w = w->next)
		if (w->due)
			say(w, c);
}

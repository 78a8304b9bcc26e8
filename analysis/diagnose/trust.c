/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trust.c - lowers what this capture cannot bear, and withholds the rest.
 *
 * A rule is only as good as the capture that it reads: where packets are known
 * to be missing, "nobody answered" is no longer certain; where parts could not
 * be read, it is merely possible; where only one direction was captured, it
 * must not be said.  One table says what each weakness of a capture takes from
 * whom; what is withheld is named among what cannot be judged.
 */
#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "analysis/diagnose/diagnose.h"
#include "base/when.h"

enum { TIMES = RELIES_RATE | RELIES_DELAY };
enum { MALFORMED_PERCENT = 1, OWN_LOSS_TIMES = 10, MOST_PERCENT = 30 };

/* A finding that lasted no longer rests on the second of the jump alone. */
#define SHORT_NS (2 * NS_PER_S)

enum effect { TO_LIKELY, TO_POSSIBLE, WITHHOLD };

/* What one weakness takes from the findings that rely on what it weakens. */
struct trust_row {
	const char *id;	    /* a finding about the capture; NULL: none needed */
	const char *reason; /* of that one; NULL: any */
	enum severity least; /* of that one */
	/* Whether it is bad enough, or the capture without one; NULL: it is. */
	bool (*shakes)(const struct finding *about, const struct coverage *c);
	unsigned relies; /* enum relies */
	/* Whether it touches this finding; NULL: every one. */
	bool (*touches)(const struct finding *f, const struct finding *about,
			const struct weak *weak);
	enum effect effect;
	const char *why;
};

/* Only the last record is short: whoever captured was stopped. */
static bool ends_early(const struct finding *about, const struct coverage *seen)
{
	const struct source *s = seen->source;

	(void)about;
	for (uint32_t i = 0; s && i < source_troubles(s); i++)
		if (source_trouble_at(s, i)->fatal)
			return true;
	return false;
}

static bool is_frequent(const struct finding *about,
			const struct coverage *seen)
{
	return about->count * 100 >= seen->packets * MALFORMED_PERCENT;
}

/* So many are missing that a few tries may all be among them. */
static bool lacks_most(const struct finding *about, const struct coverage *seen)
{
	(void)seen;
	return about->share * 100 >= MOST_PERCENT;
}

/* Only what has ports: who captured has chosen it, and ICMP errors not. */
static bool has_ports_only(const struct finding *about,
			   const struct coverage *seen)
{
	(void)about;
	return seen->packets > 0 && seen->tcp + seen->udp == seen->packets;
}

/* A filter that the file tells; one that only leaves something out takes what
 * is not named. */
static bool is_choosing(const char *filter)
{
	return filter && filter[0] && strncmp(filter, "not", 3) != 0 &&
	       filter[0] != '!';
}

static bool is_filtered(const struct finding *about,
			const struct coverage *seen)
{
	const struct source *s = seen->source;

	(void)about;
	for (uint32_t i = 0; s && !seen->icmp && i < source_interfaces(s); i++)
		if (is_choosing(source_interface(s, i)->filter))
			return true;
	return s && !seen->icmp && source_filtered(s) > 0;
}

static bool cuts_errors(const struct finding *about,
			const struct coverage *seen)
{
	(void)about;
	return seen->cut_errors > 0;
}

static bool has_ends_only(const struct finding *about,
			  const struct coverage *seen)
{
	(void)about;
	return seen->tcp > 0 && !seen->tcp_plain;
}

/* The two never had a direction captured in which the answer would go. */
static bool is_one_way(const struct finding *f, const struct finding *about,
		       const struct weak *weak)
{
	struct ends e = finding_ends(f);

	(void)about;
	return e.from.family && e.to.family &&
	       weak_is_one_way(weak, &e.from, &e.to);
}

/* Who was asked lives, and nothing that it says was captured. */
static bool asked_mute(const struct finding *f, const struct finding *about,
		       const struct weak *weak)
{
	struct ends e = finding_ends(f);

	(void)about;
	return !e.from.family && e.to.family && weak_is_mute(weak, &e.to);
}

static bool asks_deaf(const struct finding *f, const struct finding *about,
		      const struct weak *weak)
{
	struct ends e = finding_ends(f);
	const struct addr *asker = e.from.family ? &e.from : &f->asker;

	(void)about;
	return asker->family && weak_is_deaf(weak, asker);
}

/* A share of what is missing that the capture itself may have lost. */
static bool is_own_loss(const struct finding *f, const struct finding *about,
			const struct weak *weak)
{
	(void)weak;
	return f->share > 0 && f->share < OWN_LOSS_TIMES * about->share;
}

/* It is not known how often it happened: once may be enough. */
static bool may_be_own(const struct finding *f, const struct finding *about,
		       const struct weak *weak)
{
	(void)about;
	(void)weak;
	return f->share <= 0;
}

static const struct flow *flow_of(const struct finding *f, struct flow *made)
{
	if (f->has_flow)
		return &f->flow;
	*made = (struct flow){f->subject.a,	   f->subject.b,
			      f->subject.port_a,   f->subject.port_b,
			      f->subject.protocol, {0}};
	return f->subject.kind == SUBJECT_FLOW ? made : NULL;
}

static bool has_holes(const struct finding *f, const struct finding *about,
		      const struct weak *weak)
{
	struct flow made;
	const struct flow *flow = flow_of(f, &made);

	(void)about;
	return flow && weak_is_lacking(weak, flow, LACK_HOLES);
}

static bool was_open(const struct finding *f, const struct finding *about,
		     const struct weak *weak)
{
	struct flow made;
	const struct flow *flow = flow_of(f, &made);

	(void)about;
	return flow && weak_is_lacking(weak, flow, LACK_OPENING);
}

static bool spans_jump(const struct finding *f, const struct finding *about,
		       const struct weak *weak)
{
	(void)about;
	return weak_jumped(weak, f->first_ns - NS_PER_S, f->last_ns + NS_PER_S);
}

static bool is_jump(const struct finding *f, const struct finding *about,
		    const struct weak *weak)
{
	return f->last_ns - f->first_ns <= SHORT_NS &&
	       spans_jump(f, about, weak);
}

static bool is_super(const struct finding *f, const struct finding *about,
		     const struct weak *weak)
{
	struct ends e = finding_ends(f);

	(void)about;
	return (e.from.family && weak_is_super(weak, &e.from)) ||
	       (e.to.family && weak_is_super(weak, &e.to));
}

static bool is_forgotten(const struct finding *f, const struct finding *about,
			 const struct weak *weak)
{
	(void)about;
	return weak_is_forgetful(weak, f->def->id);
}

/* The stronger effects come first: a finding is lowered once. */
static const struct trust_row rows[] = {
	{NULL, NULL, INFO, NULL, RELIES_ABSENCE, is_one_way, WITHHOLD,
	 "only one direction between the two was captured"},
	{NULL, NULL, INFO, NULL, RELIES_ABSENCE, asked_mute, WITHHOLD,
	 "nothing that this host sends was captured"},
	{"capture.drops", NULL, INFO, NULL, RELIES_ABSENCE, is_own_loss,
	 WITHHOLD, "the capture itself dropped about as much"},
	{"capture.loss", NULL, INFO, NULL, RELIES_ABSENCE, is_own_loss,
	 WITHHOLD, "the capture itself lost about as much"},
	{"capture.clock", "jump", INFO, NULL, TIMES, is_jump, WITHHOLD,
	 "the clock jumped just then"},
	{NULL, NULL, INFO, NULL, RELIES_ABSENCE, asks_deaf, TO_POSSIBLE,
	 "the capture shows nothing that this host receives"},
	{"capture.unknown_link", NULL, INFO, NULL, RELIES_ABSENCE, NULL,
	 TO_POSSIBLE, "a part of the capture cannot be read"},
	{"capture.malformed", NULL, INFO, is_frequent, RELIES_ABSENCE, NULL,
	 TO_POSSIBLE, "many headers contradict themselves"},
	{"capture.truncated", NULL, INFO, ends_early, RELIES_ABSENCE, NULL,
	 TO_POSSIBLE, "a part of the file cannot be read"},
	{"capture.drops", NULL, WARNING, lacks_most, RELIES_ABSENCE, NULL,
	 TO_POSSIBLE, "the capture dropped a large part of the packets"},
	{"capture.loss", NULL, WARNING, lacks_most, RELIES_ABSENCE, NULL,
	 TO_POSSIBLE, "the capture lost a large part of the packets"},
	{"capture.clock", "impossible", INFO, NULL, TIMES, NULL, TO_POSSIBLE,
	 "time stamps had to be mended"},
	{NULL, NULL, INFO, has_ends_only, RELIES_PLAIN, NULL, TO_POSSIBLE,
	 "of TCP the capture shows SYN, FIN and RST alone"},
	{"capture.drops", NULL, WARNING, NULL, RELIES_ABSENCE | RELIES_SEQUENCE,
	 NULL, TO_LIKELY, "the capture dropped packets"},
	{"capture.loss", NULL, WARNING, NULL, RELIES_ABSENCE | RELIES_SEQUENCE,
	 NULL, TO_LIKELY, "the capture lost packets"},
	{"capture.drops", NULL, INFO, NULL, RELIES_EACH, may_be_own, TO_LIKELY,
	 "the capture dropped packets"},
	{"capture.loss", NULL, INFO, NULL, RELIES_EACH, may_be_own, TO_LIKELY,
	 "the capture lost packets"},
	{NULL, NULL, INFO, cuts_errors, RELIES_ERRORS, NULL, TO_LIKELY,
	 "ICMP errors are cut before they say what they are about"},
	{NULL, NULL, INFO, is_filtered, RELIES_ERRORS, NULL, TO_LIKELY,
	 "a filter may leave ICMP errors out"},
	{NULL, NULL, INFO, has_ports_only, RELIES_ERRORS, NULL, TO_LIKELY,
	 "the capture holds TCP and UDP alone, and an ICMP error may have been "
	 "left out"},
	{NULL, NULL, INFO, NULL, RELIES_SEQUENCE, has_holes, TO_LIKELY,
	 "the capture lost packets of this connection"},
	{NULL, NULL, INFO, NULL, RELIES_SEQUENCE, is_one_way, TO_LIKELY,
	 "only one direction between the two was captured"},
	{NULL, NULL, INFO, NULL, RELIES_OPENING, was_open, TO_LIKELY,
	 "its opening is not in the capture"},
	{"capture.clock", "jump", INFO, NULL, TIMES, spans_jump, TO_LIKELY,
	 "the clock jumped meanwhile"},
	{"capture.clock", "disorder", INFO, NULL, RELIES_DELAY, NULL, TO_LIKELY,
	 "the time stamps are not in order"},
	{"capture.limits", NULL, INFO, NULL, RELIES_ABSENCE, is_forgotten,
	 TO_LIKELY, "upstack itself had to forget some of what it saw"},
	{"capture.offload", NULL, INFO, NULL, RELIES_SIZE, is_super, TO_LIKELY,
	 "packets of this host have another size on the wire"},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static bool is_told(const struct trust_row *row, const struct finding *f)
{
	return strcmp(f->def->id, row->id) == 0 && !f->withheld &&
	       f->severity >= row->least &&
	       (!row->reason || strcmp(f->reason, row->reason) == 0);
}

/* The finding about the capture that a row wants, if it is bad enough. */
static const struct finding *find_about(const struct trust_row *row,
					struct findings *all,
					const struct coverage *seen)
{
	uint32_t n = findings_count(all);

	for (uint32_t i = 0; i < n; i++) {
		const struct finding *f = finding_at(all, i);

		if (is_told(row, f))
			return !row->shakes || row->shakes(f, seen) ? f : NULL;
	}
	return NULL;
}

/* What is merely possible keeps nobody from working. */
static void lower(struct finding *f, const struct trust_row *row)
{
	enum confidence most = row->effect == TO_LIKELY ? LIKELY : POSSIBLE;

	if (f->confidence <= most)
		return;
	f->confidence = most;
	if (most == POSSIBLE && f->severity > WARNING)
		f->severity = WARNING;
	finding_add(f, "%sLowered: %s.", f->summary[0] ? " " : "", row->why);
}

/* "pings without a single answer, 192.0.2.1 > 192.0.2.2: why". */
static void say_withheld(const struct finding *f, const struct trust_row *row,
			 struct checks *out)
{
	const char *title = f->def->title;
	struct ends e = finding_ends(f);
	char from[ADDR_TEXT], to[ADDR_TEXT];
	bool keep = isupper((unsigned char)title[1]) != 0;

	check_add(out, CHECK_NOT_JUDGED, f->def->layer, "%c%s%s%s%s%s: %s",
		  keep ? title[0] : tolower((unsigned char)title[0]), title + 1,
		  e.to.family ? ", " : "",
		  e.from.family ? addr_text(&e.from, from) : "",
		  e.from.family ? " > " : "",
		  e.to.family ? addr_text(&e.to, to) : "", row->why);
}

static void apply(const struct trust_row *row, const struct finding *about,
		  struct findings *all, const struct detector_context *c,
		  struct checks *out)
{
	enum { TOLD = 3 };
	uint32_t n = findings_count(all), withheld = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct finding *f = finding_at(all, i);

		if (f->withheld || !(f->def->relies & row->relies) ||
		    (row->touches && !row->touches(f, about, c->weak)))
			continue;
		if (row->effect != WITHHOLD) {
			lower(f, row);
			continue;
		}
		f->withheld = true;
		if (withheld++ < TOLD)
			say_withheld(f, row, out);
	}
	if (withheld > TOLD)
		check_add(out, CHECK_NOT_JUDGED, LAYER_CAPTURE,
			  "%u more such silences: %s", withheld - TOLD,
			  row->why);
}

static bool is_so(const struct trust_row *row, const struct coverage *seen)
{
	return !row->shakes || (seen && row->shakes(NULL, seen));
}

void diagnose_trust(struct findings *all, const struct detector_context *c,
		    struct checks *out)
{
	for (int r = 0; r < ROWS; r++) {
		const struct finding *about =
			rows[r].id ? find_about(&rows[r], all, c->coverage)
				   : NULL;

		if (about || (!rows[r].id && is_so(&rows[r], c->coverage)))
			apply(&rows[r], about, all, c, out);
	}
}

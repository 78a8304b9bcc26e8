/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * link_errors.c - frames that an interface could not receive or send.
 *
 * Live, of the kernel's counters those that tell of the wire or of the card:
 * what was dropped because nobody wanted it is no error.  Saved, where the
 * capture kept the frame check sequences: what arrived damaged.
 */
#include <inttypes.h>

#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/text.h"

enum { ERRORS_WARN = 10, ONE_IN = 10000 };

static const struct finding_def errors_def = {
	.id = "link.errors",
	.layer = LAYER_PHYSICAL,
	.most = WARNING,
	.subject = SUBJECT_LINK,
	.title = "The interface counts errors",
};

enum { INTERFACES = 64 };

/* What arrived damaged at an interface. */
struct damage {
	uint32_t checked, wrong, link;
	struct mac src;
	int64_t first_ns, last_ns;
	struct frame_list frames;
};

struct errors_watch {
	struct damage damage[INTERFACES];
};

static void *errors_open(struct arena *home, const struct limits *limits,
			 struct hash_key key)
{
	(void)limits;
	(void)key;
	return arena_alloc(home, sizeof(struct errors_watch));
}

static void note_damage(struct errors_watch *w, const struct observation *o)
{
	struct damage *d = &w->damage[o->interface % INTERFACES];

	if (!d->wrong)
		d->first_ns = o->time_ns;
	d->checked = o->as.fcs.checked;
	d->wrong = o->as.fcs.wrong;
	d->src = o->as.fcs.src;
	d->link = o->link;
	d->last_ns = o->time_ns;
	frames_note(&d->frames, o->frame);
}

static bool is_many(uint64_t errors, uint64_t of)
{
	return errors >= ERRORS_WARN && errors >= of / ONE_IN;
}

/* Where most are wrong, what stands there is no check sequence. */
static void raise_damage(const struct damage *d,
			 const struct detector_context *c)
{
	const struct subject s = subject_link(d->link);
	char mac[MAC_TEXT], list[FRAMES_TEXT];
	struct finding *f;

	if (!d->wrong || d->wrong * 2ull > d->checked)
		return;
	f = finding_raise(c->findings, &errors_def, &s, "damaged", d->first_ns,
			  d->last_ns);
	if (!f)
		return;
	f->count = d->wrong;
	f->severity = is_many(d->wrong, d->checked) ? WARNING : NOTICE;
	finding_title(f, "%u frame%s arrived damaged", d->wrong,
		      plural(d->wrong));
	finding_summary(f,
			"Of %u frames whose check sequence was captured %u do "
			"not fit theirs (%s), the last of them from %s: they "
			"were damaged on the last link before this point, and "
			"every station throws them away.",
			d->checked, d->wrong, frames_text(&d->frames, list),
			mac_text(&d->src, mac));
	finding_advise(f, "Cable, plug and transceiver of this port, and "
			  "duplex at both ends: ethtool -S IFACE");
	frames_prove(&d->frames, f);
}

static void errors_finish(void *self, const struct detector_context *c)
{
	const struct errors_watch *w = self;

	for (int i = 0; i < INTERFACES; i++)
		raise_damage(&w->damage[i], c);
}

static void note_counters(const struct observation *o,
			  const struct detector_context *c)
{
	const struct source_link *l = &o->as.link;
	const struct subject s = subject_link(o->link);
	uint64_t sum = l->errors_received + l->errors_sent + l->missed;
	struct finding *f = finding_find(c->findings, &errors_def, &s, "");

	if (sum == 0 || (f && f->count >= sum))
		return;
	f = finding_raise(c->findings, &errors_def, &s, "", o->time_ns,
			  o->time_ns);
	if (!f)
		return;
	f->count = sum;
	f->severity = is_many(sum, l->received + l->sent) ? WARNING : NOTICE;
	finding_title(f, "%s counts %" PRIu64 " error%s", l->name, sum,
		      sum > 1 ? "s" : "");
	finding_summary(f,
			"While it was listened on, %s received %" PRIu64
			" packets and sent %" PRIu64 "; it counted %" PRIu64
			" damaged frames received, %" PRIu64
			" that it missed, and %" PRIu64
			" that it failed to send.",
			l->name, l->received, l->sent, l->errors_received,
			l->missed, l->errors_sent);
	if (!f->advice[0][0])
		finding_advise(f, "ip -s -s link show %s; ethtool -S %s",
			       l->name, l->name);
}

static void errors_observe(void *self, const struct observation *o,
			   const struct detector_context *c)
{
	if (o->kind == OBS_LINK)
		note_counters(o, c);
	else
		note_damage(self, o);
}

static const struct finding_def *const findings[] = {&errors_def, NULL};
static const enum observation_kind wants[] = {OBS_LINK, OBS_FCS, OBSERVATIONS};

const struct detector link_errors_detector = {
	.name = "link_errors",
	.findings = findings,
	.wants = wants,
	.open = errors_open,
	.observe = errors_observe,
	.finish = errors_finish,
};

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * silence_text.c - how sure a neighbour's silence is, and what it costs.
 *
 * Where an answer would have been recorded, no answer is certain.  Elsewhere
 * only the retries speak: a satisfied asker stops.  A neighbour that is alive
 * for others is one degree less of a fault.
 */
#include <stdio.h>
#include <string.h>

#include "analysis/detect/silence_wait.h"
#include "analysis/detect/subnet.h"
#include "base/when.h"

/* Kernels ask again after about a second. */
#define RETRY_LEAST_NS (900 * NS_PER_MS)
#define RETRY_MOST_NS  (1200 * NS_PER_MS)

/* When the target, or a MAC that claims it, was last seen; 0: never. */
static int64_t last_sign(const struct knowledge *known,
			 const struct neighbour_key *key, struct mac *mac,
			 uint64_t *frame)
{
	const struct owners *w = known_owners(known, key->link, &key->addr);
	int64_t last = known_host_last(known, &key->addr, frame);
	bool found = false;

	for (uint8_t i = 0; w && i < w->count; i++) {
		uint64_t its_frame;
		int64_t its = known_mac_last(known, key->link, &w->claim[i].mac,
					     &its_frame);

		*mac = w->claim[i].mac;
		if (its && (!found || its > last)) {
			last = its;
			*frame = its_frame;
			found = true;
		}
	}
	return last;
}

static bool visible(const struct knowledge *known, uint32_t link,
		    const struct wait_asker *a)
{
	return known_visible(known, link, &a->mac, a->last_ns) ||
	       known_host_visible(known, &a->addr, a->last_ns);
}

/* Whoever asks by the clock, and not as a kernel that retries each second, may
 * have an answer each time: a monitor. */
static bool keeps_time(const struct wait_asker *a)
{
	int64_t least = INT64_MAX, most = 0;

	if (a->times < WAIT_TIMES)
		return false;
	for (uint32_t i = 1; i < WAIT_TIMES; i++) {
		uint32_t at = a->times + i;
		int64_t gap = a->time_ns[at % WAIT_TIMES] -
			      a->time_ns[(at - 1) % WAIT_TIMES];

		least = gap < least ? gap : least;
		most = gap > most ? gap : most;
	}
	return most - least <= least / 10 &&
	       (most < RETRY_LEAST_NS || least > RETRY_MOST_NS);
}

static enum severity one_less(enum severity s)
{
	return s > NOTICE ? s - 1 : s;
}

/* What is known about one silence when it is judged. */
struct silence_case {
	const struct neighbour_key *key;
	const struct wait *wait;
	const struct wait_asker *asker;
	enum proof gateway;
	bool visible, alive;
	int64_t last_ns; /* sign of life, 0: never */
	uint64_t last_frame;
	struct mac mac;
};

static void weigh(struct finding *f, const struct silence_case *k)
{
	bool round = k->wait->total <= 3 && k->wait->askers == 1;

	if (k->gateway == PROOF_PROVEN) {
		f->severity = CRITICAL;
		f->confidence = k->visible ? CERTAIN : LIKELY;
	} else if (k->gateway != PROOF_NONE) {
		f->severity = WARNING;
		f->confidence = POSSIBLE;
	} else {
		f->severity = round ? NOTICE : WARNING;
		f->confidence = k->visible ? CERTAIN : POSSIBLE;
	}
	if (k->gateway == PROOF_INFERRED && k->visible)
		f->confidence = LIKELY;
	if (k->alive)
		f->severity = one_less(f->severity);
	if (k->alive && k->key->addr.family == 6 && k->gateway &&
	    f->confidence > LIKELY)
		f->confidence = LIKELY;
}

static void title(struct finding *f, const struct silence *s,
		  const struct silence_case *k)
{
	char addr[ADDR_TEXT], when[WHEN_TEXT];
	const char *the = k->gateway ? "The " : "";
	const char *what = k->gateway ? s->words->gateway_word : "";
	const char *space = k->gateway ? " " : "";

	addr_text(&k->key->addr, addr);
	if (k->last_ns && !k->alive)
		finding_title(f, "%s%s%s%s stopped answering %s at %s", the,
			      what, space, addr, s->words->protocol,
			      when_clock(k->last_ns, when));
	else
		finding_title(f, "%s%s%s%s does not answer %s", the, what,
			      space, addr, s->words->protocol);
}

static void say_asked(struct finding *f, const struct silence_case *k)
{
	const struct wait *w = k->wait;
	char addr[ADDR_TEXT], who[ADDR_TEXT], mac[MAC_TEXT], took[WHEN_TEXT];
	char frames[FRAMES_TEXT], more[32] = "";

	if (w->askers > 1)
		snprintf(more, sizeof(more), " and %u more",
			 (unsigned)w->askers - 1);
	finding_summary(f, "%s (%s)%s asked for %s %llu times in %s",
			addr_text(&k->asker->addr, who),
			mac_text(&k->asker->mac, mac), more,
			addr_text(&k->key->addr, addr),
			(unsigned long long)w->total,
			when_duration(w->last_ns - w->first_ns, took));
	if (w->unicast)
		finding_add(f, ", %llu of them by unicast",
			    (unsigned long long)w->unicast);
	finding_add(f, " (%s), and nobody answered.",
		    frames_text(&w->frames, frames));
}

static void say_last(struct finding *f, const struct silence_case *k)
{
	char when[WHEN_TEXT], mac[MAC_TEXT];

	if (k->alive && k->gateway && k->key->addr.family == 6)
		finding_add(f,
			    " It is alive: it was seen at %s (frame %llu), as "
			    "by its router advertisements; something filters "
			    "its neighbour advertisements.",
			    when_clock(k->last_ns, when),
			    (unsigned long long)k->last_frame);
	else if (!k->last_ns)
		finding_add(f, " Nothing of it was seen in this capture.");
	else if (k->alive)
		finding_add(f,
			    " It is alive: it was seen at %s (frame %llu); it "
			    "answers others, or its answers get lost.",
			    when_clock(k->last_ns, when),
			    (unsigned long long)k->last_frame);
	else if (mac_is_zero(&k->mac))
		finding_add(f, " It was last seen at %s (frame %llu).",
			    when_clock(k->last_ns, when),
			    (unsigned long long)k->last_frame);
	else
		finding_add(f,
			    " %s, which held it, was last seen at %s (frame "
			    "%llu).",
			    mac_text(&k->mac, mac),
			    when_clock(k->last_ns, when),
			    (unsigned long long)k->last_frame);
}

static void say_vantage(struct finding *f, const struct silence_case *k)
{
	if (!k->visible)
		finding_add(f, " Whether an answer would have been recorded is "
			       "not sure here: the repeats are the proof.");
	if (k->gateway == PROOF_GUESSED)
		finding_add(f, " That it is the gateway is a guess from its "
			       "number and from who asks.");
}

static void describe(struct finding *f, const struct silence *s,
		     const struct silence_case *k)
{
	const char *const *advice =
		k->gateway ? s->words->advise_gateway : s->words->advise_host;
	char addr[ADDR_TEXT];

	finding_restate(f);
	title(f, s, k);
	say_asked(f, k);
	say_last(f, k);
	say_vantage(f, k);
	addr_text(&k->key->addr, addr);
	finding_filter(f, s->words->filter, addr);
	for (int i = 0; i < 2; i++)
		finding_advise(f, advice[i], addr);
	f->count = k->wait->total;
	frames_prove(&k->wait->frames, f);
	finding_frame(f, k->last_frame);
}

/* What was taken for a neighbour turned out to be a gateway. */
static void replace(const struct silence *s, const struct subject *subject,
		    const struct detector_context *c)
{
	struct finding *f =
		finding_find(c->findings, s->words->unanswered, subject, "");

	if (f)
		f->withheld = true;
}

void silence_raise(struct silence *s, const struct neighbour_key *key,
		   struct wait *w, const struct wait_asker *a,
		   const struct detector_context *c)
{
	struct silence_case k = {.key = key, .wait = w, .asker = a};
	struct subject subject = subject_host(&key->addr);
	const struct finding_def *def;
	int64_t since = w->first_ns;
	struct mac router;

	k.gateway = known_gateway(c->known, key->link, &a->addr, &key->addr);
	k.visible = visible(c->known, key->link, a);
	k.last_ns = last_sign(c->known, key, &k.mac, &k.last_frame);
	k.alive = k.last_ns > a->first_ns;
	if ((!k.visible && (k.alive || keeps_time(a))) ||
	    known_found_elsewhere(c->known, key->link, &a->mac, &key->addr,
				  a->first_ns)) {
		if (w->raised)
			w->raised->withheld = true;
		return;
	}
	if (subnet_judge(c->known, key->link, &a->addr, &a->mac, &key->addr,
			 &router) != SUBNET_RIGHT)
		return;
	/* it went silent when it was last heard, not when that was noticed */
	if (k.gateway && k.last_ns && k.last_ns < since)
		since = k.last_ns;
	def = k.gateway ? s->words->gateway : s->words->unanswered;
	w->raised = finding_raise(c->findings, def, &subject, "", since,
				  w->last_ns);
	if (!w->raised)
		return;
	w->raised->asker = a->addr;
	w->raised->asker_mac = a->mac;
	weigh(w->raised, &k);
	describe(w->raised, s, &k);
	if (k.gateway)
		replace(s, &subject, c);
}

void silence_ended(struct wait *w, int64_t ns, uint64_t frame)
{
	char when[WHEN_TEXT];

	finding_add(w->raised, " It answered again at %s (frame %llu).",
		    when_clock(ns, when), (unsigned long long)frame);
}

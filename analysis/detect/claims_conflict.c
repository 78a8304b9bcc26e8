/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * claims_conflict.c - two stations hold one address.
 *
 * Proofs: two answers to one question, at once; claims A, B, A within a
 * minute; an address of this host that another claims while it is in use here.
 * One move from A to B is a failover, a new card or a lease given again.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/detect/claims.h"
#include "base/text.h"

enum { NEAR_MACS = 8, PROXY_OWNS = 5 };

/* What comes later may answer a question that the capture does not show. */
#define BOTH_NS (250 * NS_PER_MS)

/* Two cards of one host answer for each other's addresses (ARP flux): their
 * MACs are neighbours. */
static bool macs_near(const struct mac *a, const struct mac *b)
{
	return memcmp(a, b, 5) == 0 &&
	       abs(a->bytes[5] - b->bytes[5]) <= NEAR_MACS;
}

static bool flux(const struct claimed_key *key, const struct mac *a,
		 const struct mac *b, const struct detector_context *c)
{
	struct addr owned[1];

	return macs_near(a, b) ||
	       (known_owned(c->known, key->link, a, owned, 1) > 1 &&
		known_owned(c->known, key->link, b, owned, 1) > 1);
}

/* A balancing bond tells each asker one of its MACs, and nobody both. */
static bool balanced(const struct rival *a, const struct rival *b)
{
	if (a->broadcast || b->broadcast)
		return false;
	for (uint8_t i = 0; i < a->tolds; i++)
		for (uint8_t k = 0; k < b->tolds; k++)
			if (addr_equal(&a->told[i], &b->told[k]))
				return false;
	return true;
}

/* A router that answers for what lies behind it has many addresses. */
static void say_proxy(struct finding *f, const struct claimed_key *key,
		      const struct mac *mac, const struct detector_context *c)
{
	struct addr owned[1];
	uint32_t n = known_owned(c->known, key->link, mac, owned, 1);
	char text[MAC_TEXT];

	if (n >= PROXY_OWNS)
		finding_add(f,
			    " %s answers for %" PRIu32 " addresses: it may be "
			    "a proxy that takes this one for its own.",
			    mac_text(mac, text), n);
}

static void describe(struct finding *f, const struct claims *s,
		     const struct claimed_key *key, const struct rival *a,
		     const struct rival *b, const char *how,
		     const struct detector_context *c)
{
	char addr[ADDR_TEXT], mac_a[MAC_TEXT], mac_b[MAC_TEXT];
	char frames_a[FRAMES_TEXT], frames_b[FRAMES_TEXT];

	finding_restate(f);
	addr_text(&key->addr, addr);
	mac_text(&a->mac, mac_a);
	mac_text(&b->mac, mac_b);
	finding_title(f, "Two stations claim %s: %s and %s", addr, mac_a,
		      mac_b);
	finding_summary(f,
			"%s says %u time%s that %s is at its MAC (%s), and so "
			"does %s %u time%s (%s). %s ",
			mac_a, (unsigned)a->claims, plural(a->claims), addr,
			frames_text(&a->frames, frames_a), mac_b,
			(unsigned)b->claims, plural(b->claims),
			frames_text(&b->frames, frames_b), how);
	if (a->sends_ip && b->sends_ip)
		finding_add(f,
			    "Both send packets with this address (frames %llu "
			    "%llu). ",
			    (unsigned long long)a->ip_frame,
			    (unsigned long long)b->ip_frame);
	finding_add(f, "Whoever talks to it reaches now the one, now the "
		       "other.");
	say_proxy(f, key, &a->mac, c);
	say_proxy(f, key, &b->mac, c);
	finding_filter(f, s->words->filter, addr);
	finding_advise(f,
		       "Find the switch ports of %s and %s, and give one of "
		       "them another address",
		       mac_a, mac_b);
	finding_advise(f, s->words->advise_probe, addr);
}

static void conflict_raise(struct claims *s, const struct claimed_key *key,
			   struct claimed *x, const struct mac *mac_a,
			   const struct mac *mac_b, const char *how,
			   enum confidence sure,
			   const struct detector_context *c)
{
	const struct rival *a = claimed_rival(x, mac_a);
	const struct rival *b = claimed_rival(x, mac_b);
	struct subject subject = subject_host(&key->addr);
	struct finding *f;

	if (!a || !b || x->spoofed ||
	    known_is_ha(c->known, key->link, &key->addr, mac_a) ||
	    known_is_ha(c->known, key->link, NULL, mac_b))
		return;
	f = finding_raise(c->findings, s->words->conflict, &subject, "",
			  a->first_ns > b->first_ns ? a->first_ns : b->first_ns,
			  c->now_ns);
	if (!f)
		return;
	x->conflict = true;
	f->severity = WARNING;
	f->confidence = sure;
	if ((a->sends_ip && b->sends_ip) ||
	    known_gateway(c->known, key->link, NULL, &key->addr) >=
		    PROOF_INFERRED)
		f->severity = CRITICAL;
	if (flux(key, mac_a, mac_b, c)) {
		f->severity = NOTICE;
		f->confidence = POSSIBLE;
		how = "They may be two cards of one host that answer for each "
		      "other.";
	}
	f->count++;
	frames_prove(&a->frames, f);
	frames_prove(&b->frames, f);
	describe(f, s, key, a, b, how, c);
}

void conflict_withdraw(struct claims *s, const struct claimed_key *key,
		       const struct detector_context *c)
{
	struct subject subject = subject_host(&key->addr);
	struct finding *f =
		finding_find(c->findings, s->words->conflict, &subject, "");

	if (f)
		f->withheld = true;
}

/* A station looked before it took an address, and somebody has it. */
static void averted(struct claims *s, const struct claimed_key *key,
		    const struct mac *prober, uint64_t probe_frame,
		    const struct mac *holder, int64_t ns, uint64_t frame,
		    const struct detector_context *c)
{
	struct subject subject = subject_host(&key->addr);
	struct finding *f = finding_raise(c->findings, s->words->conflict,
					  &subject, "averted", ns, ns);
	char addr[ADDR_TEXT], mac_a[MAC_TEXT], mac_b[MAC_TEXT];

	if (!f)
		return;
	f->severity = s->words->averted;
	f->count++;
	finding_frame(f, probe_frame);
	finding_frame(f, frame);
	finding_restate(f);
	addr_text(&key->addr, addr);
	mac_text(prober, mac_a);
	mac_text(holder, mac_b);
	finding_title(f, "%s found its address %s in use", mac_a, addr);
	finding_summary(f,
			"%s probed whether %s is free before it took it (frame "
			"%llu), and %s has it or wants it too (frame %llu). A "
			"station that finds this out does not use the address.",
			mac_a, addr, (unsigned long long)probe_frame, mac_b,
			(unsigned long long)frame);
	finding_filter(f, s->words->filter, addr);
	finding_advise(f,
		       "Why do %s and %s have the same address set, or the "
		       "same lease?",
		       mac_a, mac_b);
}

void conflict_probe(struct claims *s, const struct claimed_key *key,
		    struct claimed *x, const struct mac *mac, int64_t ns,
		    uint64_t frame, const struct detector_context *c)
{
	averted(s, key, &x->probe.mac, x->probe.frame, mac, ns, frame, c);
}

static bool two_answers(const struct claimed *x, const struct claim_event *e)
{
	return e->asked && x->answer.frame &&
	       e->question == x->answer.question &&
	       !mac_equal(&x->answer.mac, &e->mac) &&
	       e->ns - x->answer.ns <= BOTH_NS;
}

static bool by_turns(struct claimed *x)
{
	const struct rival *a, *b;

	if (x->turns < HISTORY ||
	    !mac_equal(&x->turn[0].mac, &x->turn[2].mac) ||
	    x->turn[2].ns - x->turn[0].ns > CLAIMS_WINDOW_NS)
		return false;
	a = claimed_rival(x, &x->turn[0].mac);
	b = claimed_rival(x, &x->turn[1].mac);
	return a && b && !balanced(a, b);
}

void conflict_judge(struct claims *s, const struct claimed_key *key,
		    struct claimed *x, const struct claim_event *e,
		    const struct detector_context *c)
{
	if (x->probe.frame && e->asked && !mac_equal(&x->probe.mac, &e->mac) &&
	    e->ns - x->probe.ns <= NS_PER_S && !claimed_rival(x, &x->probe.mac))
		averted(s, key, &x->probe.mac, x->probe.frame, &e->mac, e->ns,
			e->frame, c);
	if (two_answers(x, e))
		conflict_raise(s, key, x, &x->answer.mac, &e->mac,
			       "Both answered the same question.", CERTAIN, c);
	else if (by_turns(x))
		conflict_raise(s, key, x, &x->turn[1].mac, &e->mac,
			       "They claim it by turns.", CERTAIN, c);
}

/* This host goes on using the address after another has claimed it. */
void conflict_still_sends(struct claims *s, const struct claimed_key *key,
			  struct claimed *x, const struct rival *r, int64_t ns,
			  uint64_t frame, const struct detector_context *c)
{
	uint8_t last = x->turns ? x->turns - 1 : 0;

	(void)frame;
	if (x->turns < 2 || x->conflict || x->spoofed ||
	    mac_equal(&x->turn[last].mac, &r->mac) ||
	    ns - x->turn[last].ns < NS_PER_S ||
	    ns - x->turn[last].ns > CLAIMS_WINDOW_NS ||
	    !known_is_self(c->known, &r->mac) ||
	    known_is_self(c->known, &x->turn[last].mac))
		return;
	conflict_raise(s, key, x, &r->mac, &x->turn[last].mac,
		       "The first is the host of this capture, and goes on "
		       "using the address.",
		       LIKELY, c);
}

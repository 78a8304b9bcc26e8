/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * claims_spoofing.c - a station takes over an address that another holds, by
 * claims that nobody asked for.
 *
 * One unasked claim is an announcement; a failover makes several, and to all.
 * What gives a forger away: it repeats itself to single victims while it has an
 * address of its own; it asks for the very address that it claims; it tells
 * both ends of a conversation that the other is at its MAC; it passes on what
 * is meant for somebody else.
 */
#include <string.h>

#include "analysis/detect/claims.h"

enum { UNASKED = 3, DEAD_PACKETS = 3 };

/* A single claim this early may answer what was asked before the capture. */
#define EARLY_NS (5 * NS_PER_S)

enum spoofing_sign {
	SIGN_NONE,
	SIGN_REPEATED,
	SIGN_ASKS_ITSELF,
	SIGN_BOTH_ENDS,
	SIGN_DIES
};

/* Who held the address before `m`, and lived a minute ago; NULL: nobody. */
static const struct rival *holder(const struct claimed_key *key,
				  const struct claimed *x,
				  const struct rival *m, int64_t ns,
				  const struct detector_context *c)
{
	for (uint8_t i = 0; i < x->rivals; i++) {
		const struct rival *o = &x->rival[i];
		int64_t seen =
			known_mac_last(c->known, key->link, &o->mac, NULL);

		if (o != m && o->first_ns < m->first_ns &&
		    (o->last_ns >= ns - CLAIMS_WINDOW_NS ||
		     seen >= ns - CLAIMS_WINDOW_NS))
			return o;
	}
	return NULL;
}

/* Somebody asked for the address where an answer of its holder would have been
 * seen, and only `m` answered: the holder has let go of it. */
static bool let_go(const struct claimed *x, const struct rival *m,
		   const struct rival *o, int64_t ns,
		   const struct detector_context *c)
{
	return x->answer.frame && x->answer.alone &&
	       mac_equal(&x->answer.mac, &m->mac) &&
	       ns - x->answer.ns > NS_PER_S &&
	       (!o || o->last_ns < x->answer.ns) &&
	       known_host_visible(c->known, &x->answer.told, x->answer.ns);
}

static bool repeated(const struct rival *m, int64_t ns)
{
	return m->unasked >= UNASKED &&
	       m->unasked_ns[m->unasked % UNASKED_KEPT] >=
		       ns - CLAIMS_WINDOW_NS;
}

/* `m` told A that X is at its MAC, and X that A is. */
static const struct addr *both_ends(const struct claims *s,
				    const struct claimed_key *key,
				    const struct claimed *x,
				    const struct rival *m)
{
	for (uint8_t i = 0; i < m->tolds_unasked; i++) {
		const struct addr *told = &m->told_unasked[i];
		struct claimed *other = claims_find(s, key->link, told);
		const struct rival *r =
			other ? claimed_rival(other, &m->mac) : NULL;

		if (!r || other == x || (other->rivals < 2 && x->rivals < 2))
			continue;
		for (uint8_t k = 0; k < r->tolds_unasked; k++)
			if (addr_equal(&r->told_unasked[k], &key->addr))
				return told;
	}
	return NULL;
}

static enum spoofing_sign sign_of(const struct claims *s,
				  const struct claimed_key *key,
				  const struct claimed *x,
				  const struct rival *m, int64_t ns,
				  const struct detector_context *c)
{
	const struct rival *o = holder(key, x, m, ns, c);
	struct addr owned[1];

	if (let_go(x, m, o, ns, c))
		return SIGN_NONE;
	if (m->asks_frame && m->unasked_unicast)
		return SIGN_ASKS_ITSELF;
	if (both_ends(s, key, x, m))
		return SIGN_BOTH_ENDS;
	if (!o || !repeated(m, ns))
		return SIGN_NONE;
	/* to all: as a failover does, unless the holder is still there */
	if (!m->unasked_unicast && o->last_ns < m->first_ns)
		return SIGN_NONE;
	if (known_owned(c->known, key->link, &m->mac, owned, 1) >= 2)
		return SIGN_REPEATED;
	if (s->words->nd && m->unasked_unicast && m->unreturned >= DEAD_PACKETS)
		return SIGN_DIES;
	return SIGN_NONE;
}

static void say_sign(struct finding *f, enum spoofing_sign sign,
		     const struct rival *m)
{
	char frames[FRAMES_TEXT];

	if (sign == SIGN_ASKS_ITSELF)
		finding_add(f,
			    "Yet it asks for that address itself (frame "
			    "%llu): it knows that it is somebody else's. ",
			    (unsigned long long)m->asks_frame);
	else if (sign == SIGN_BOTH_ENDS)
		finding_add(f, "It told both ends of a conversation that the "
			       "other is at its MAC. ");
	else if (sign == SIGN_DIES)
		finding_add(f,
			    "What is sent to the address now goes to it and "
			    "is not answered (%s). ",
			    frames_text(&m->unreturned_frames, frames));
	else
		finding_add(f, "It has another address of its own. ");
	if (m->forward_frame)
		finding_add(f,
			    "It passes on what others send to it (frame "
			    "%llu). ",
			    (unsigned long long)m->forward_frame);
}

static void describe(struct finding *f, const struct claims *s,
		     const struct claimed_key *key, const struct claimed *x,
		     const struct rival *m, enum spoofing_sign sign,
		     const struct rival *o)
{
	char addr[ADDR_TEXT], mac[MAC_TEXT], other[MAC_TEXT], told[ADDR_TEXT];
	char frames[FRAMES_TEXT];

	(void)x;
	finding_restate(f);
	addr_text(&key->addr, addr);
	mac_text(&m->mac, mac);
	finding_title(f, "%s takes over %s by claims that nobody asked for",
		      mac, addr);
	finding_summary(f,
			"%s says that %s is at its MAC (%s); %u of these "
			"claims answered no question",
			mac, addr, frames_text(&m->unasked_frames, frames),
			(unsigned)m->unasked);
	if (m->tolds_unasked)
		finding_add(f, ", told to %s",
			    addr_text(&m->told_unasked[0], told));
	finding_add(f, ". ");
	if (o)
		finding_add(f, "Before that %s held the address (frame %llu). ",
			    mac_text(&o->mac, other),
			    (unsigned long long)o->frames.frame[0]);
	say_sign(f, sign, m);
	finding_add(f, "Traffic for %s then goes through %s.", addr, mac);
	finding_filter(f, s->words->filter, addr);
	finding_advise(f, "Find the switch port of %s: whose machine is it?",
		       mac);
	finding_advise(f, s->words->nd
				  ? "RA guard and ND inspection on the switch "
				    "keep this out"
				  : "Dynamic ARP inspection with DHCP snooping "
				    "on the switch keeps this out");
}

static void prove(struct finding *f, const struct rival *m,
		  const struct rival *o)
{
	frames_prove(&m->unasked_frames, f);
	finding_frame(f, m->asks_frame);
	finding_frame(f, m->forward_frame);
	if (o)
		finding_frame(f, o->frames.frame[0]);
	frames_prove(&m->unreturned_frames, f);
}

void spoofing_judge(struct claims *s, const struct claimed_key *key,
		    struct claimed *x, struct rival *m, int64_t ns,
		    const struct detector_context *c)
{
	struct subject subject = subject_host(&key->addr);
	const struct rival *o;
	enum spoofing_sign sign;
	struct finding *f;

	if (!m->unasked || (m->unasked < 2 && ns < c->start_ns + EARLY_NS) ||
	    known_is_ha(c->known, key->link, &key->addr, &m->mac))
		return;
	sign = sign_of(s, key, x, m, ns, c);
	if (sign == SIGN_NONE)
		return;
	f = finding_raise(c->findings, s->words->spoofing, &subject, "",
			  m->first_ns, ns);
	if (!f)
		return;
	x->spoofed = true;
	o = holder(key, x, m, ns, c);
	f->count = m->unasked;
	f->confidence = m->forward_frame ? CERTAIN : LIKELY;
	prove(f, m, o);
	describe(f, s, key, x, m, sign, o);
	conflict_withdraw(s, key, c);
}

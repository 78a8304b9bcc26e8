/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * link_inbound.c - a host that sends, asks, and hears nobody: its own port,
 * cable or VLAN, whatever its neighbours are.
 *
 * That a neighbour does not answer is arp.unanswered; this is that no station
 * says anything at all.  A capture of one direction looks the same, but there
 * the host goes on as one that is answered (track/alone.c).
 */
#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/when.h"

enum { TARGETS_LEAST = 2 };

#define GIVEN_UP_NS (5 * NS_PER_S)
#define PROBES_NS   (10 * NS_PER_S)

static const struct finding_def no_inbound = {
	.id = "link.no_inbound",
	.layer = LAYER_PHYSICAL,
	.most = CRITICAL,
	.subject = SUBJECT_LINK,
	.relies = RELIES_ABSENCE,
	.title = "This host sends, and nothing at all comes in",
};

static void *inbound_open(struct arena *home, const struct limits *limits,
			  struct hash_key key)
{
	(void)limits;
	(void)key;
	/* no state: any address will do */
	return home;
}

/* What a filter left out may be all the rest. */
static bool filtered(const struct source *s, uint32_t interface)
{
	return s && (source_filtered(s) ||
		     (interface < source_interfaces(s) &&
		      source_interface(s, interface)->filter[0]));
}

/* Several were asked, so that not one of them is merely absent. */
static bool asks_enough(const struct alone_fact *a)
{
	return a->targets + a->dhcp + (a->dhcp && a->solicits) >= TARGETS_LEAST;
}

/* Kernels look after the neighbours that they send to, and give up one that
 * does not answer: who goes on sending, or stops without asking, may well be
 * answered where that is not captured. */
static bool has_given_up(const struct alone_fact *a, int64_t now_ns)
{
	return !a->sends_ns || (now_ns - a->sends_ns > GIVEN_UP_NS &&
				a->probes_ns > a->sends_ns - PROBES_NS);
}

/* Where every frame is its, it may still be that broadcasts alone reach us: who
 * is answered does not ask for a lease again and again, and its unicast would
 * not be here. */
static enum confidence sureness(const struct alone_fact *a,
				enum self_proof proof)
{
	if (proof >= SELF_OUTBOUND)
		return CERTAIN;
	if (proof != SELF_NONE)
		return LIKELY;
	return a->whole && (a->unicast || a->dhcp || a->solicits) ? LIKELY
								  : POSSIBLE;
}

static void say(struct finding *f, const struct observation *o,
		const struct addr *self)
{
	const struct alone_fact *a = &o->as.alone;
	char who[ADDR_TEXT], mac[MAC_TEXT], other[MAC_TEXT];
	char since[WHEN_TEXT], took[WHEN_TEXT];
	bool named = self->family != 0;

	finding_restate(f);
	mac_text(&a->mac, mac);
	addr_text(self, who);
	finding_title(f, "Nothing comes in at %s from %s on", named ? who : mac,
		      when_clock(a->since_ns, since));
	finding_summary(
		f,
		"%s%s%s%s sent %u frames in %s, %u of them questions%s (frame "
		"%llu and later), and not one frame of another station came.",
		named ? who : mac, named ? " (" : "", named ? mac : "",
		named ? ")" : "", a->frames,
		when_duration(o->time_ns - a->since_ns, took), a->asks,
		a->dhcp ? ", for a lease too" : "",
		(unsigned long long)a->frame[0]);
	if (!mac_is_zero(&a->other))
		finding_add(f, " The last one was frame %llu, of %s.",
			    (unsigned long long)a->other_frame,
			    mac_text(&a->other, other));
	finding_advise(f,
		       "Cable, switch port and VLAN of %s: does its port "
		       "send anything?",
		       mac);
	finding_advise(f, "ip -s link (are RX packets counted?); ethtool -S");
	finding_filter(f, "eth.src == %s || sll.src.eth == %s", mac, mac);
}

static void inbound_observe(void *self, const struct observation *o,
			    const struct detector_context *c)
{
	const struct alone_fact *a = &o->as.alone;
	const struct subject subject = subject_link(o->link);
	enum self_proof proof = known_self_proof(c->known, &a->mac);
	enum confidence sure = sureness(a, proof);
	struct addr own = {.family = 0};
	struct mac mac = {{0}};
	struct finding *f;

	(void)self;
	if (a->over || a->answers || a->content || sure == POSSIBLE ||
	    !asks_enough(a) ||
	    (sure < CERTAIN && !has_given_up(a, o->time_ns)) ||
	    filtered(c->coverage->source, o->interface))
		return;
	known_vantage(c->known, &own, &mac);
	if (!mac_equal(&mac, &a->mac))
		own = (struct addr){.family = 0};
	f = finding_raise(c->findings, &no_inbound, &subject, "", a->since_ns,
			  o->time_ns);
	if (!f)
		return;
	f->count = a->frames;
	f->confidence = sure;
	say(f, o, &own);
	for (int i = 0; i < 4; i++)
		finding_frame(f, a->frame[i]);
	finding_frame(f, o->frame);
}

static const struct finding_def *const inbound_findings[] = {&no_inbound, NULL};

static const enum observation_kind inbound_wants[] = {OBS_ALONE, OBSERVATIONS};

const struct detector link_inbound_detector = {
	.name = "link_inbound",
	.findings = inbound_findings,
	.wants = inbound_wants,
	.open = inbound_open,
	.observe = inbound_observe,
};

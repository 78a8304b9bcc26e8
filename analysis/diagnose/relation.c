/* SPDX-License-Identifier: BSD-3-Clause */
/* relation.c - what must hold between a cause and its consequence. */
#include "analysis/diagnose/relation.h"

#include <string.h>

#include "analysis/places.h"

enum { DNS_PORT = 53 };

bool related_always(const struct finding *root, const struct finding *effect,
		    const struct knowledge *known)
{
	(void)root, (void)effect, (void)known;
	return true;
}

bool related_interface(const struct finding *root,
		       const struct finding *effect,
		       const struct knowledge *known)
{
	if (effect->subject.kind == SUBJECT_LINK)
		return effect->subject.link == root->subject.link;
	return places_at(known_places(known), effect, root->subject.link);
}

bool related_grave(const struct finding *root, const struct finding *effect,
		   const struct knowledge *known)
{
	(void)effect, (void)known;
	return root->severity >= WARNING;
}

/* Where a finding does not name the station that asked, it must be this one. */
bool related_station(const struct finding *root, const struct finding *effect,
		     const struct knowledge *known)
{
	const struct mac *station = &effect->subject.mac;

	if (mac_is_zero(station))
		station = &effect->asker_mac;
	if (mac_is_zero(station))
		return known_is_self(known, &root->subject.mac);
	return mac_equal(&root->subject.mac, station);
}

/* The flow of a finding, by its subject or beside it. */
static bool flow_of(const struct finding *f, struct flow *out)
{
	const struct subject *s = &f->subject;

	if (s->kind == SUBJECT_FLOW) {
		*out = (struct flow){s->a,	s->b,	     s->port_a,
				     s->port_b, s->protocol, {0}};
		return true;
	}
	if (f->has_flow)
		*out = f->flow;
	return f->has_flow;
}

static bool flow_equal(const struct flow *a, const struct flow *b)
{
	return addr_equal(&a->src, &b->src) && addr_equal(&a->dst, &b->dst) &&
	       a->src_port == b->src_port && a->dst_port == b->dst_port &&
	       a->protocol == b->protocol;
}

bool related_flow(const struct finding *root, const struct finding *effect,
		  const struct knowledge *known)
{
	struct flow a, b, back;

	(void)known;
	if (!flow_of(root, &a) || !flow_of(effect, &b))
		return false;
	back = flow_reverse(&b);
	return flow_equal(&a, &b) || flow_equal(&a, &back);
}

bool related_same_flow(const struct finding *root, const struct finding *effect,
		       const struct knowledge *known)
{
	struct flow a, b;

	(void)known;
	return flow_of(root, &a) && flow_of(effect, &b) && flow_equal(&a, &b);
}

bool related_frames(const struct finding *root, const struct finding *effect,
		    const struct knowledge *known)
{
	if (!related_flow(root, effect, known))
		return false;
	for (uint8_t i = 0; i < root->frame_count; i++)
		for (uint8_t k = 0; k < effect->frame_count; k++)
			if (root->frames[i] == effect->frames[k])
				return true;
	return false;
}

/* A stall gives its most frequent reason; others have none of these. */
static bool stalls_by(const struct finding *effect, const char *reasons)
{
	return strcmp(effect->def->id, "tcp.stall") != 0 ||
	       !effect->reason[0] || strstr(reasons, effect->reason);
}

bool related_losses(const struct finding *root, const struct finding *effect,
		    const struct knowledge *known)
{
	return stalls_by(effect, "double_loss tail_loss too_few_acks "
				 "window_lost") &&
	       related_same_flow(root, effect, known);
}

bool related_closed(const struct finding *root, const struct finding *effect,
		    const struct knowledge *known)
{
	return stalls_by(effect, "zero_window small_window") &&
	       related_flow(root, effect, known);
}

/* The same, and a stall without a reason is none of it. */
static bool stall_is(const struct finding *effect, const char *reason)
{
	return strcmp(effect->def->id, "tcp.stall") != 0 ||
	       strcmp(effect->reason, reason) == 0;
}

bool related_timer(const struct finding *root, const struct finding *effect,
		   const struct knowledge *known)
{
	return stall_is(effect, "delayed_ack") &&
	       related_same_flow(root, effect, known);
}

bool related_acks(const struct finding *root, const struct finding *effect,
		  const struct knowledge *known)
{
	return stall_is(effect, "ack_loss") &&
	       related_same_flow(root, effect, known);
}

static bool same(const struct addr *a, const struct addr *b)
{
	return a->family && addr_equal(a, b);
}

/* The ends, and where the subject is only who was asked, also who asked: the
 * first of several.  A host that asks for itself has what it asked in its flow.
 * Names are asked of port 53. */
static struct ends ends_of(const struct finding *f)
{
	struct ends e = finding_ends(f);

	if (f->subject.kind == SUBJECT_NAME && !e.port)
		e.port = DNS_PORT;
	if (e.from.family)
		return e;
	e.from = f->asker;
	if (f->has_flow && same(&e.to, &f->flow.dst)) {
		e.from = f->flow.src;
	} else if (f->has_flow && f->subject.kind == SUBJECT_HOST) {
		e.from = f->flow.src;
		e.to = f->flow.dst;
	}
	return e;
}

static bool is_end(const struct addr *a, const struct ends *of)
{
	return addr_equal(a, &of->from) || addr_equal(a, &of->to);
}

/* All that stood still in one transfer is what stood still in half of them. */
bool related_still(const struct finding *root, const struct finding *effect,
		   const struct knowledge *known)
{
	struct ends b = finding_ends(effect);

	(void)known;
	return strcmp(root->reason, "everywhere") == 0 &&
	       effect->first_ns >= root->first_ns &&
	       effect->last_ns <= root->last_ns &&
	       !strstr("zero_window small_window pmtu delayed_ack",
		       effect->reason[0] ? effect->reason : "none") &&
	       (!root->subject.a.family || is_end(&root->subject.a, &b)) &&
	       (!root->subject.b.family || is_end(&root->subject.b, &b));
}

bool related_direction(const struct finding *root, const struct finding *effect,
		       const struct knowledge *known)
{
	struct ends a = ends_of(root), b = ends_of(effect);

	(void)known;
	return same(&a.from, &b.from) && same(&a.to, &b.to);
}

bool related_path(const struct finding *root, const struct finding *effect,
		  const struct knowledge *known)
{
	struct ends a = ends_of(root), b = ends_of(effect);

	return related_direction(root, effect, known) ||
	       (same(&a.from, &b.to) && same(&a.to, &b.from));
}

/* A finding about a service names its first client in the flow beside it.  One
 * of several addresses is a mere note: its host is down, whatever DNS says. */
bool related_told(const struct finding *root, const struct finding *effect,
		  const struct knowledge *known)
{
	struct ends a = finding_ends(root), b = ends_of(effect);

	(void)known;
	return root->severity >= WARNING && same(&a.to, &b.to) &&
	       same(&a.from, &b.from);
}

bool related_service(const struct finding *root, const struct finding *effect,
		     const struct knowledge *known)
{
	struct ends a = finding_ends(root), b = ends_of(effect);

	(void)known;
	return same(&a.to, &b.to) &&
	       (a.port == b.port || effect->subject.kind == SUBJECT_HOST);
}

bool related_visit(const struct finding *root, const struct finding *effect,
		   const struct knowledge *known)
{
	struct ends a = ends_of(root), b = ends_of(effect);
	struct flow f;

	(void)known;
	if (same(&a.from, &b.from) && same(&a.to, &b.to))
		return a.port == b.port;
	return flow_of(effect, &f) && same(&a.to, &f.src) &&
	       same(&a.from, &f.dst) && a.port == f.src_port;
}

bool related_upstream(const struct finding *root, const struct finding *effect,
		      const struct knowledge *known)
{
	struct ends a = ends_of(root), b = ends_of(effect);

	(void)known;
	return same(&a.from, &b.to);
}

bool related_end(const struct finding *root, const struct finding *effect,
		 const struct knowledge *known)
{
	struct ends a = finding_ends(root);
	struct flow b;

	(void)known;
	return flow_of(effect, &b) &&
	       ((same(&a.to, &b.dst) && a.port == b.dst_port) ||
		(same(&a.to, &b.src) && a.port == b.src_port));
}

bool related_host(const struct finding *root, const struct finding *effect,
		  const struct knowledge *known)
{
	struct ends a = finding_ends(root), b = ends_of(effect);

	(void)known;
	return same(&a.to, &b.to) || same(&a.to, &b.from);
}

bool related_target(const struct finding *root, const struct finding *effect,
		    const struct knowledge *known)
{
	struct ends a = finding_ends(root), b = ends_of(effect);

	(void)known;
	return same(&a.to, &b.to);
}

bool related_client(const struct finding *root, const struct finding *effect,
		    const struct knowledge *known)
{
	struct ends a = finding_ends(root), b = ends_of(effect);

	(void)known;
	if (a.from.family)
		return same(&a.from, &b.from);
	return same(&a.to, &b.from);
}

/* The way out is gone: the effect's peer is not a neighbour, and who asks has
 * no other way (where we know his gateways, the root's host is one; else he is
 * who misses it). */
bool related_behind(const struct finding *root, const struct finding *effect,
		    const struct knowledge *known)
{
	enum { MOST = 4 };
	struct ends a = ends_of(root), b = ends_of(effect);
	struct addr gateway[MOST];
	uint32_t n;

	if (!a.to.family || !b.to.family || b.to.family != a.to.family ||
	    addr_is_multicast(&b.to) || addr_is_broadcast(&b.to))
		return false;
	if (known_on_link(known, root->subject.link, &b.to) >= PROOF_INFERRED)
		return false;
	if (!b.from.family)
		return true;
	n = known_gateways_of(known, root->subject.link, &b.from, gateway,
			      MOST);
	for (uint32_t i = 0; i < n; i++)
		if (addr_equal(&gateway[i], &a.to))
			return true;
	return n == 0 && (!a.from.family || same(&a.from, &b.from));
}

static bool sends_here(const struct addr *a, uint32_t link,
		       const struct knowledge *known)
{
	const struct owners *w = known_owners(known, link, a);

	for (uint8_t i = 0; w && i < w->count; i++)
		if (known_is_self(known, &w->claim[i].mac))
			return true;
	return false;
}

/* `from` sends over the station `way` what goes beyond the link. */
static bool leads_over(const struct addr *from, const struct addr *way,
		       uint32_t link, const struct knowledge *known)
{
	enum { MOST = 4 };
	struct addr gateway[MOST];
	uint32_t n = known_gateways_of(known, link, from, gateway, MOST);

	for (uint32_t i = 0; i < n; i++)
		if (addr_equal(&gateway[i], way))
			return true;
	return false;
}

/* What a switch says of its port concerns all that this host sends there; what
 * two stations say of a link, what one sends to the other or over it. */
bool related_size(const struct finding *root, const struct finding *effect,
		  const struct knowledge *known)
{
	struct ends a = finding_ends(root), b = finding_ends(effect);
	uint32_t link = root->subject.link;

	if (effect->size_passes > root->size_passes ||
	    effect->size_fails <= root->size_passes || !b.from.family)
		return false;
	if (root->subject.kind == SUBJECT_LINK)
		return sends_here(&b.from, link, known);
	return related_path(root, effect, known) ||
	       (same(&a.from, &b.from) &&
		leads_over(&b.from, &a.to, link, known)) ||
	       (same(&a.to, &b.from) &&
		leads_over(&b.from, &a.from, link, known));
}

bool related_way(const struct finding *root, const struct finding *effect,
		 const struct knowledge *known)
{
	return related_host(root, effect, known) ||
	       related_behind(root, effect, known);
}

bool related_holder(const struct finding *root, const struct finding *effect,
		    const struct knowledge *known)
{
	struct ends a = finding_ends(root);

	return related_host(root, effect, known) ||
	       (known_gateway(known, root->subject.link, NULL, &a.to) >
			PROOF_NONE &&
		related_behind(root, effect, known));
}

bool related_original(const struct finding *root, const struct flow *original)
{
	const struct flow *f = &root->flow;
	bool src = f->src_port == original->src_port;
	bool dst = f->dst_port == original->dst_port;

	return root->has_flow && same(&f->src, &original->src) &&
	       same(&f->dst, &original->dst) &&
	       (root->subject.kind == SUBJECT_FLOW ? src && dst : src || dst);
}

bool related_name(const struct finding *root, const struct finding *effect,
		  const struct knowledge *known)
{
	(void)known;
	return root->subject.name[0] &&
	       strcmp(root->subject.name, effect->subject.name) == 0;
}

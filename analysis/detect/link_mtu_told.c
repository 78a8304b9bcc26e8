/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * link_mtu_told.c - an MTU that a router (RFC 4861 4.6.4) or a switch (LLDP)
 * tells, and hosts that have another.
 *
 * A router names the MTU of the link, and hosts may have a larger one as long
 * as they obey; a SYN tells whether they do.  A switch names the largest frame
 * that it takes, which is mostly more than anybody sends: only less matters.
 */
#include "analysis/detect/frames.h"
#include "analysis/detect/link_mtu.h"
#include "analysis/detector.h"
#include "base/table.h"

enum { LINKS = 64, ETHERNET = 18 /* header and FCS */ };

/* What was last said of the MTU of a link. */
struct link_word {
	uint32_t router_mtu, switch_mtu, own_mtu; /* 0: nothing said */
	struct addr router;
	struct mac router_mac, switch_mac;
	uint64_t router_frame, switch_frame;
	bool several; /* switches: this is no port of one */
	char name[DEVICE_TEXT], own[64];
};

struct told_watch {
	struct table *links;
};

static void *told_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	const struct table_spec spec = {"links with a told MTU",
					sizeof(uint32_t),
					sizeof(struct link_word), LINKS};
	struct told_watch *w = arena_alloc(home, sizeof(*w));

	(void)limits;
	if (!w)
		return NULL;
	w->links = table_new(home, &spec, key);
	return w->links ? w : NULL;
}

static struct finding *raise_one(const struct subject *s, uint32_t told_mtu,
				 uint32_t mtu, uint64_t frame, uint64_t other,
				 const struct observation *o,
				 const struct detector_context *c)
{
	struct finding *f = finding_raise(c->findings, &link_mtu_mismatch, s,
					  "", o->time_ns, o->time_ns);

	if (!f || f->count++)
		return NULL;
	f->severity = NOTICE;
	f->confidence = LIKELY;
	f->size_passes = told_mtu;
	f->size_fails = mtu;
	finding_frame(f, frame);
	finding_frame(f, other);
	return f;
}

/* `who` tells by a SYN to a neighbour that it does not keep to the router's. */
static void judge_router(const struct link_word *l, const struct addr *who,
			 uint32_t mtu, const struct observation *o,
			 const struct detector_context *c)
{
	const struct subject s = subject_path(who, &l->router);
	char host[ADDR_TEXT], router[ADDR_TEXT];
	struct finding *f;

	if (who->family != 6 || !mtu_disagree(mtu, l->router_mtu) ||
	    known_owns(c->known, o->link, &l->router_mac, who))
		return;
	f = raise_one(&s, l->router_mtu, mtu, l->router_frame, o->frame, o, c);
	if (!f)
		return;
	addr_text(who, host);
	addr_text(&l->router, router);
	finding_title(f, "%s has another MTU than the router %s tells", host,
		      router);
	finding_summary(f,
			"The router %s advertises an MTU of %u for this link "
			"(frame %llu); the MSS of %s to a neighbour fits one "
			"of %u (frame %llu). What is larger than the smaller "
			"of the two may vanish there without a word.",
			router, l->router_mtu,
			(unsigned long long)l->router_frame, host, mtu,
			(unsigned long long)o->frame);
	finding_filter(f, "ipv6.src == %s || ipv6.src == %s", host, router);
	finding_advise(f, "On %s: ip link; sysctl net.ipv6.conf.all.mtu", host);
	finding_advise(f, "On %s: AdvLinkMTU of radvd, or `ipv6 mtu`", router);
}

/* `who` is this host, NULL if only its interface is known. */
static void judge_switch(const struct link_word *l, const struct addr *who,
			 uint32_t mtu, uint64_t frame,
			 const struct observation *o,
			 const struct detector_context *c)
{
	const bool path = who != NULL;
	struct subject s = subject_link(o->link);
	char host[ADDR_TEXT];
	struct finding *f;

	if (l->several || !l->switch_mtu || mtu <= l->switch_mtu + MTU_DIFFER)
		return;
	f = raise_one(&s, l->switch_mtu, mtu, l->switch_frame, frame, o, c);
	if (!f)
		return;
	finding_title(f, "%s sends larger frames than its switch takes",
		      path ? addr_text(who, host) : l->own);
	finding_summary(f,
			"%s says by LLDP that it takes frames for an MTU of "
			"%u (frame %llu); %s has one of %u. Larger packets "
			"vanish in the switch without a word.",
			l->name, l->switch_mtu,
			(unsigned long long)l->switch_frame,
			path ? host : l->own, mtu);
	finding_advise(f, "ip link; the MTU of the port of %s", l->name);
}

static void note_router(struct link_word *l, const struct observation *o)
{
	const struct ra_fact *ra = &o->as.ra;

	if (!ra->advertisement || !ra->icmp.ra.mtu || !ra->icmp.ra.lifetime_s)
		return;
	l->router_mtu = ra->icmp.ra.mtu;
	l->router = ra->src;
	l->router_mac = ra->eth_src;
	l->router_frame = o->frame;
}

static void note_switch(struct link_word *l, const struct observation *o,
			const struct detector_context *c)
{
	const struct device_fact *f = &o->as.device;
	const struct device *d = &f->device;

	if (known_is_self(c->known, &f->eth_src) || d->max_frame <= ETHERNET)
		return;
	l->several |= l->switch_mtu && !mac_equal(&l->switch_mac, &f->eth_src);
	l->switch_mtu = d->max_frame - ETHERNET;
	l->switch_mac = f->eth_src;
	l->switch_frame = o->frame;
	memcpy(l->name, d->name[0] ? d->name : d->id, sizeof(l->name));
	if (l->own_mtu)
		judge_switch(l, NULL, l->own_mtu, 0, o, c);
}

/* The MSS of a host to a neighbour; of this host, to the switch too. */
static void note_host(const struct link_word *l, const struct observation *o,
		      const struct addr *who, const struct addr *other,
		      uint16_t mss, const struct detector_context *c)
{
	const struct owners *w = known_owners(c->known, o->link, who);
	uint32_t mtu = mtu_of_mss(mss, who->family);

	if (!mtu || !w || !w->count || !known_owners(c->known, o->link, other))
		return;
	if (l->router_mtu)
		judge_router(l, who, mtu, o, c);
	if (known_is_self(c->known, &w->claim[w->count - 1].mac))
		judge_switch(l, who, mtu, o->frame, o, c);
}

static void told_observe(void *self, const struct observation *o,
			 const struct detector_context *c)
{
	const struct told_watch *w = self;
	const bool says = o->kind == OBS_RA || o->kind == OBS_DEVICE ||
			  o->kind == OBS_LINK;
	struct link_word *l = says ? table_add(w->links, &o->link, NULL)
				   : table_find(w->links, &o->link);
	const struct flow *f;

	if (!l)
		return;
	if (o->kind == OBS_RA) {
		note_router(l, o);
	} else if (o->kind == OBS_DEVICE) {
		note_switch(l, o, c);
	} else if (o->kind == OBS_LINK) {
		l->own_mtu = o->as.link.mtu;
		memcpy(l->own, o->as.link.name, sizeof(l->own));
	} else if (o->kind == OBS_TCP_SYN) {
		f = &o->as.syn.flow;
		note_host(l, o, &f->src, &f->dst, o->as.syn.mss, c);
	} else {
		f = &o->as.synack.flow;
		note_host(l, o, &f->dst, &f->src, o->as.synack.mss, c);
	}
}

static void told_limits(void *self, struct checks *out)
{
	const struct told_watch *w = self;

	check_table(out, w->links);
}

/* the row stands in link_mtu.c, and is listed there */
static const struct finding_def *const told_findings[] = {NULL};

static const enum observation_kind told_wants[] = {
	OBS_RA,	     OBS_DEVICE,     OBS_LINK,
	OBS_TCP_SYN, OBS_TCP_SYNACK, OBSERVATIONS};

const struct detector link_mtu_told_detector = {
	.name = "link_mtu_told",
	.findings = told_findings,
	.wants = told_wants,
	.open = told_open,
	.observe = told_observe,
	.limits = told_limits,
};

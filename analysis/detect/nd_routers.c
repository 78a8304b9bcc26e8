/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * nd_routers.c - routers that advertise themselves beside the first one.
 *
 * Two routers on a link may both advertise, but what they say must agree (RFC
 * 4861 6.2.7): the flags, the MTU, and here also the prefixes, for a host takes
 * an address from each.  A lifetime of 0 takes a router out of service; whoever
 * says so in the name of another station stops its hosts.
 */
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"

enum { ROUTERS = 4, LINKS = 1024, PREFIXES = 4, MANAGED = 0xc0 };

static const struct finding_def nd_rogue_ra = {
	.id = "nd.rogue_ra",
	.layer = LAYER_DATA_LINK,
	.most = WARNING,
	.subject = SUBJECT_HOST,
	.title = "A second router advertises itself",
	.advice = {"rdisc6 INTERFACE shows all routers that advertise"},
};

/* A router as it advertised last. */
struct router {
	struct addr addr;
	struct mac mac;
	bool has_mac;
	uint8_t flags, prefixes;
	uint16_t lifetime_s;
	uint32_t mtu, count;
	struct {
		struct addr prefix;
		uint8_t bits;
	} prefix[PREFIXES];
	int64_t first_ns, last_ns;
	uint64_t last_frame;
	struct frame_list frames;
};

struct link_routers {
	uint8_t count;
	struct router router[ROUTERS];
};

struct router_watch {
	struct table *links;
};

static void *routers_open(struct arena *home, const struct limits *limits,
			  struct hash_key key)
{
	const struct table_spec spec = {"links with routers", sizeof(uint32_t),
					sizeof(struct link_routers), LINKS};
	struct router_watch *w = arena_alloc(home, sizeof(*w));

	(void)limits;
	if (!w)
		return NULL;
	w->links = table_new(home, &spec, key);
	return w->links ? w : NULL;
}

static void router_fill(struct router *r, const struct observation *o)
{
	const struct ra_fact *ra = &o->as.ra;

	if (!r->count++) {
		r->addr = ra->src;
		r->first_ns = o->time_ns;
	}
	r->mac = ra->eth_src;
	r->has_mac = !mac_is_zero(&ra->eth_src);
	r->flags = ra->icmp.ra.flags;
	r->lifetime_s = ra->icmp.ra.lifetime_s;
	r->mtu = ra->icmp.ra.mtu;
	r->prefixes = ra->icmp.ra.prefixes;
	for (uint8_t i = 0; i < r->prefixes && i < PREFIXES; i++) {
		r->prefix[i].prefix = ra->icmp.ra.prefix[i].prefix;
		r->prefix[i].bits = ra->icmp.ra.prefix[i].bits;
	}
	r->last_ns = o->time_ns;
	r->last_frame = o->frame;
	frames_note(&r->frames, o->frame);
}

/* Its hosts still count on it. */
static bool in_service(const struct router *r, int64_t now_ns)
{
	return r->lifetime_s && now_ns - r->last_ns <= r->lifetime_s * NS_PER_S;
}

static bool share_a_prefix(const struct router *a, const struct router *b)
{
	for (uint8_t i = 0; i < a->prefixes; i++)
		for (uint8_t k = 0; k < b->prefixes; k++)
			if (a->prefix[i].bits == b->prefix[k].bits &&
			    addr_equal(&a->prefix[i].prefix,
				       &b->prefix[k].prefix))
				return true;
	return false;
}

/* What the two say differently; NULL: nothing. */
static const char *disagreement(const struct router *a, const struct router *b)
{
	if (a->prefixes && b->prefixes && !share_a_prefix(a, b))
		return "prefixes";
	if ((a->flags ^ b->flags) & MANAGED)
		return "ways to get an address (the flags M and O)";
	if (a->mtu && b->mtu && a->mtu != b->mtu)
		return "MTUs";
	return NULL;
}

static const char *station_text(const struct router *r,
				char out[static ADDR_TEXT + MAC_TEXT + 4])
{
	char addr[ADDR_TEXT], mac[MAC_TEXT];
	size_t n;

	addr_text(&r->addr, addr);
	n = strlen(addr);
	memcpy(out, addr, n + 1);
	if (!r->has_mac)
		return out;
	mac_text(&r->mac, mac);
	memcpy(out + n, " (", 2);
	memcpy(out + n + 2, mac, MAC_TEXT - 1);
	memcpy(out + n + 2 + MAC_TEXT - 1, ")", 2);
	return out;
}

static void advise(struct finding *f, const struct router *r)
{
	char mac[MAC_TEXT];

	if (r->has_mac)
		finding_advise(f, "Find the switch port of %s",
			       mac_text(&r->mac, mac));
	finding_advise(f, "rdisc6 INTERFACE shows all routers that advertise; "
			  "RA guard on the switch keeps strangers out");
}

static void second_raise(const struct router *first, const struct router *r,
			 const char *what, const struct detector_context *c)
{
	char one[ADDR_TEXT + MAC_TEXT + 4], two[ADDR_TEXT + MAC_TEXT + 4];
	char addr[ADDR_TEXT], prefix[2][ADDR_TEXT], frames[FRAMES_TEXT];
	struct subject subject = subject_host(&r->addr);
	struct finding *f;

	subject.mac = r->mac;
	f = finding_raise(c->findings, &nd_rogue_ra, &subject, "second",
			  r->first_ns, r->last_ns);
	if (!f)
		return;
	f->count = r->count;
	f->confidence = LIKELY;
	finding_restate(f);
	addr_text(&r->addr, addr);
	finding_title(f, "A second IPv6 router, %s, advertises other %s", addr,
		      what);
	finding_summary(f,
			"%s was there first (frame %llu); %s advertises "
			"itself too (%s), and they disagree on the %s.",
			station_text(first, one),
			(unsigned long long)first->frames.frame[0],
			station_text(r, two), frames_text(&r->frames, frames),
			what);
	if (first->prefixes && r->prefixes && !share_a_prefix(first, r))
		finding_add(f,
			    " The first has %s/%u, the second %s/%u: hosts "
			    "take an address of each and may send it by "
			    "the wrong one.",
			    addr_text(&first->prefix[0].prefix, prefix[0]),
			    first->prefix[0].bits,
			    addr_text(&r->prefix[0].prefix, prefix[1]),
			    r->prefix[0].bits);
	finding_filter(f, "icmpv6.type == 134 && ipv6.src == %s", addr);
	advise(f, r);
	finding_frame(f, first->last_frame);
	frames_prove(&r->frames, f);
}

/* `by` is the station that said so: the router itself, or another. */
static void withdrawn_raise(const struct router *r, const struct observation *o,
			    const struct detector_context *c)
{
	const struct mac *by = &o->as.ra.eth_src;
	bool itself = mac_equal(by, &r->mac);
	char addr[ADDR_TEXT], mac[MAC_TEXT], own[MAC_TEXT];
	struct subject subject = subject_host(&r->addr);
	struct finding *f;

	subject.mac = *by;
	f = finding_raise(c->findings, &nd_rogue_ra, &subject, "withdrawn",
			  o->time_ns, o->time_ns);
	if (!f)
		return;
	f->count++;
	f->severity = itself ? NOTICE : WARNING;
	f->confidence = itself ? CERTAIN : LIKELY;
	finding_restate(f);
	addr_text(&r->addr, addr);
	mac_text(by, mac);
	if (itself) {
		finding_title(f, "The IPv6 router %s withdraws itself", addr);
		finding_summary(f,
				"It advertised itself until frame %llu, and "
				"then with a lifetime of 0 (frame %llu): its "
				"hosts take it out of their routes.",
				(unsigned long long)r->last_frame,
				(unsigned long long)o->frame);
	} else {
		finding_title(f, "%s withdraws the IPv6 router %s", mac, addr);
		finding_summary(f,
				"%s is at %s (frame %llu). An advertisement in "
				"its name with a lifetime of 0 came from %s "
				"(frame %llu): hosts that believe it lose "
				"their router.",
				addr, mac_text(&r->mac, own),
				(unsigned long long)r->last_frame, mac,
				(unsigned long long)o->frame);
		finding_advise(f, "Find the switch port of %s", mac);
	}
	finding_advise(f, "rdisc6 INTERFACE shows all routers that advertise");
	finding_filter(f, "icmpv6.type == 134 && ipv6.src == %s", addr);
	finding_frame(f, r->last_frame);
	finding_frame(f, o->frame);
}

/* Who advertises under this address from this station. */
static struct router *router_of(struct link_routers *l,
				const struct ra_fact *ra)
{
	for (uint8_t i = 0; i < l->count; i++)
		if (addr_equal(&l->router[i].addr, &ra->src) &&
		    mac_equal(&l->router[i].mac, &ra->eth_src))
			return &l->router[i];
	if (l->count == ROUTERS)
		return NULL;
	memset(&l->router[l->count], 0, sizeof(l->router[0]));
	return &l->router[l->count++];
}

/* The lifetime is 0: of whom, and does he say so himself?  A border router of a
 * mesh, which only brings routes, never is in service (RFC 4191). */
static bool withdraws(const struct link_routers *l, const struct observation *o,
		      const struct detector_context *c)
{
	const struct ra_fact *ra = &o->as.ra;

	for (uint8_t i = 0; i < l->count; i++) {
		const struct router *r = &l->router[i];

		if (!addr_equal(&r->addr, &ra->src) ||
		    !in_service(r, o->time_ns))
			continue;
		withdrawn_raise(r, o, c);
		return mac_equal(&r->mac, &ra->eth_src);
	}
	return true;
}

/* The one that was in service before this one came; NULL: none. */
static const struct router *before(const struct link_routers *l,
				   const struct router *r, int64_t now_ns)
{
	for (const struct router *x = l->router; x < r; x++)
		if (in_service(x, now_ns) && !mac_equal(&x->mac, &r->mac))
			return x;
	return NULL;
}

static void routers_observe(void *self, const struct observation *o,
			    const struct detector_context *c)
{
	const struct ra_fact *ra = &o->as.ra;
	struct router_watch *w = self;
	const struct router *first;
	struct link_routers *l;
	const char *what;
	struct router *r;

	/* routers that share an address agree by other means */
	if (!ra->advertisement || mac_is_shared(&ra->eth_src))
		return;
	l = table_add(w->links, &o->link, NULL);
	if (!l || (!ra->icmp.ra.lifetime_s && !withdraws(l, o, c)))
		return;
	r = router_of(l, ra);
	if (!r)
		return;
	router_fill(r, o);
	first = r->lifetime_s ? before(l, r, o->time_ns) : NULL;
	what = first ? disagreement(first, r) : NULL;
	if (what)
		second_raise(first, r, what, c);
}

static void routers_limits(void *self, struct checks *out)
{
	const struct router_watch *w = self;

	check_table(out, w->links);
}

static const struct finding_def *const routers_findings[] = {&nd_rogue_ra,
							     NULL};

static const enum observation_kind routers_wants[] = {OBS_RA, OBSERVATIONS};

const struct detector nd_routers_detector = {
	.name = "nd_routers",
	.findings = routers_findings,
	.wants = routers_wants,
	.open = routers_open,
	.observe = routers_observe,
	.limits = routers_limits,
};

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * not_forwarded.c - the gateway takes packets and nothing comes of them.
 *
 * Only what asks for an answer counts: a host that sends nothing but logs gets
 * none.  The gateway must have been heard meanwhile (else it is unresolved),
 * and nothing from beyond the link may have reached the host by any router.
 */
#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/when.h"

enum { DESTINATIONS = 3, FEW = 2, KEPT = 4, PACKETS = 6, GATEWAYS = 4 };

#define LAST_NS (10 * NS_PER_S)
#define SCAN_NS NS_PER_S

static const struct finding_def not_forwarded_def = {
	.id = "ip.not_forwarded",
	.layer = LAYER_NETWORK,
	.most = CRITICAL,
	.subject = SUBJECT_PATH,
	.relies = RELIES_ABSENCE,
	.title = "The gateway takes packets and nothing comes back",
};

struct sender {
	struct addr host, gateway;
	struct mac gateway_mac;
	uint32_t link, packets;
	uint8_t destinations;
	struct addr destination[KEPT];
	bool asks, refused;
	int64_t first_ns, last_ns;
	struct frame_list frames;
};

struct router_key {
	struct mac mac;
	uint16_t zero;
	uint32_t link;
};

struct router {
	int64_t forwarded_ns; /* something from beyond the link came by it */
	struct addr to;
};

struct forwards {
	struct table *senders, *routers;
	int64_t next_scan_ns;
	bool changed;
};

static void *forwards_open(struct arena *home, const struct limits *limits,
			   struct hash_key key)
{
	struct forwards *w = arena_alloc(home, sizeof(*w));
	struct table_spec senders = {"hosts behind gateways",
				     sizeof(struct addr), sizeof(struct sender),
				     limits->paths / 4};
	struct table_spec routers = {"forwarding stations",
				     sizeof(struct router_key),
				     sizeof(struct router), limits->macs};

	if (!w)
		return NULL;
	w->senders = table_new(home, &senders, key);
	w->routers = table_new(home, &routers, key);
	return w->senders && w->routers ? w : NULL;
}

static bool off_link(const struct detector_context *c, uint32_t link,
		     const struct addr *a)
{
	return !addr_is_multicast(a) && !addr_is_broadcast(a) &&
	       !addr_is_link_local(a) && !addr_is_unspecified(a) &&
	       known_on_link(c->known, link, a) == PROOF_NONE &&
	       !known_owners(c->known, link, a);
}

/* The address of the gateway of `host` that this station owns; false: none. */
static bool gateway_of(const struct detector_context *c, uint32_t link,
		       const struct addr *host, const struct mac *mac,
		       struct addr *out)
{
	struct addr all[GATEWAYS];
	uint32_t n = known_gateways_of(c->known, link, host, all, GATEWAYS);

	for (uint32_t i = 0; i < n; i++)
		if (known_owns(c->known, link, mac, &all[i])) {
			*out = all[i];
			return true;
		}
	return false;
}

static void note_destination(struct sender *s, const struct addr *dst)
{
	for (uint8_t i = 0; i < s->destinations; i++)
		if (addr_equal(&s->destination[i], dst))
			return;
	if (s->destinations < KEPT)
		s->destination[s->destinations++] = *dst;
}

/* A packet that came in from beyond: its router forwards, its receiver is
 * served. */
static void note_inbound(struct forwards *w, const struct observation *o)
{
	const struct talk_fact *t = &o->as.talk;
	struct router_key key = {t->src_mac, 0, o->link};
	struct router *r = table_add(w->routers, &key, NULL);
	struct sender *s = table_find(w->senders, &t->dst);

	if (r) {
		r->forwarded_ns = o->time_ns;
		r->to = t->dst;
	}
	if (s)
		table_remove(w->senders, s);
}

static void note_outbound(struct forwards *w, const struct observation *o,
			  const struct detector_context *c)
{
	const struct talk_fact *t = &o->as.talk;
	struct sender *s = table_find(w->senders, &t->src);
	struct addr gateway;
	bool added;

	if (!s || !mac_equal(&s->gateway_mac, &t->dst_mac)) {
		if (!gateway_of(c, o->link, &t->src, &t->dst_mac, &gateway))
			return;
		s = table_add(w->senders, &t->src, &added);
		if (!s)
			return;
		*s = (struct sender){.host = t->src,
				     .gateway = gateway,
				     .gateway_mac = t->dst_mac,
				     .link = o->link,
				     .first_ns = o->time_ns};
	}
	s->packets++;
	s->last_ns = o->time_ns;
	note_destination(s, &t->dst);
	frames_note(&s->frames, o->frame);
	w->changed = true;
}

static void observe_talk(struct forwards *w, const struct observation *o,
			 const struct detector_context *c)
{
	const struct talk_fact *t = &o->as.talk;

	if (!t->has_macs || mac_is_group(&t->dst_mac))
		return;
	if (off_link(c, o->link, &t->src))
		note_inbound(w, o);
	else if (off_link(c, o->link, &t->dst))
		note_outbound(w, o, c);
}

static void asks(struct forwards *w, const struct addr *src)
{
	struct sender *s = table_find(w->senders, src);

	if (s)
		s->asks = true;
}

static void forwards_observe(void *self, const struct observation *o,
			     const struct detector_context *c)
{
	struct forwards *w = self;
	struct sender *s;

	if (o->kind == OBS_TALK) {
		observe_talk(w, o, c);
	} else if (o->kind == OBS_TCP_SYN) {
		asks(w, &o->as.syn.flow.src);
	} else if (o->kind == OBS_ECHO && o->as.echo.state == ECHO_SENT) {
		asks(w, &o->as.echo.src);
	} else if (o->kind == OBS_DNS && o->as.dns.state == DNS_UNANSWERED) {
		asks(w, &o->as.dns.flow.src);
	} else if (o->kind == OBS_ICMP_ERROR) {
		s = table_find(w->senders, &o->as.icmp_error.asked);
		if (s)
			s->refused = true;
	}
}

/* What the router did for others meanwhile. */
static bool serves_others(const struct forwards *w, const struct sender *s)
{
	struct router_key key = {s->gateway_mac, 0, s->link};
	const struct router *r = table_find(w->routers, &key);

	return r && r->forwarded_ns >= s->first_ns &&
	       !addr_equal(&r->to, &s->host);
}

static void judge(const struct forwards *w, const struct sender *s,
		  const struct detector_context *c)
{
	char host[ADDR_TEXT], by[ADDR_TEXT], list[FRAMES_TEXT], to[ADDR_TEXT];
	struct subject subject = subject_path(&s->host, &s->gateway);
	bool others = serves_others(w, s);
	bool few = s->destinations < DESTINATIONS;
	struct finding *f;

	if (!s->asks || s->refused || s->destinations < FEW ||
	    s->packets < PACKETS || s->last_ns - s->first_ns < LAST_NS ||
	    known_mac_last(c->known, s->link, &s->gateway_mac, NULL) <=
		    s->first_ns ||
	    !known_host_visible(c->known, &s->host, s->last_ns))
		return;
	f = finding_raise(c->findings, &not_forwarded_def, &subject, "",
			  s->first_ns, s->last_ns);
	if (!f)
		return;
	finding_restate(f);
	f->severity = others || few ? WARNING : CRITICAL;
	f->confidence = few ? POSSIBLE : LIKELY;
	f->count = s->packets;
	frames_prove(&s->frames, f);
	addr_text(&s->host, host);
	addr_text(&s->gateway, by);
	addr_text(&s->destination[0], to);
	finding_title(f, "The gateway %s forwards nothing for %s", by, host);
	finding_filter(f, "ip%s.src == %s",
		       s->destination[0].family == 6 ? "v6" : "", host);
	finding_summary(f,
			"%s sent packets to %u%s addresses beyond the "
			"link (%s and others) by the gateway %s for %.0f s "
			"(%s). The gateway was heard meanwhile, but nothing "
			"from beyond the link reached %s, nor an error.",
			host, s->destinations, few ? "" : " or more", to, by,
			(double)(s->last_ns - s->first_ns) / NS_PER_S,
			frames_text(&s->frames, list), host);
	if (others)
		finding_add(f, " Others are served by it.");
	if (few)
		finding_add(f, " Two silent addresses may be two dead hosts.");
	finding_advise(f, "sysctl net.ipv4.ip_forward   on %s", by);
	finding_advise(f, "ip route; nft list chain ip filter FORWARD   on %s",
		       by);
	finding_advise(f, "is the uplink of %s up?", by);
}

static void judge_all(struct forwards *w, const struct detector_context *c)
{
	w->changed = false;
	for (struct sender *s = table_oldest(w->senders); s;
	     s = table_newer(w->senders, s))
		judge(w, s, c);
}

static void forwards_clock(void *self, const struct detector_context *c)
{
	struct forwards *w = self;

	if (!w->changed || c->now_ns < w->next_scan_ns)
		return;
	w->next_scan_ns = c->now_ns + SCAN_NS;
	judge_all(w, c);
}

static void forwards_finish(void *self, const struct detector_context *c)
{
	judge_all(self, c);
}

static void forwards_limits(void *self, struct checks *out)
{
	const struct forwards *w = self;

	check_table(out, w->senders);
	check_table(out, w->routers);
}

static const struct finding_def *const forwards_findings[] = {
	&not_forwarded_def, NULL};

static const enum observation_kind forwards_wants[] = {
	OBS_TALK, OBS_TCP_SYN, OBS_ECHO, OBS_DNS, OBS_ICMP_ERROR, OBSERVATIONS};

const struct detector not_forwarded_detector = {
	.name = "not_forwarded",
	.findings = forwards_findings,
	.wants = forwards_wants,
	.open = forwards_open,
	.observe = forwards_observe,
	.clock = forwards_clock,
	.finish = forwards_finish,
	.limits = forwards_limits,
};

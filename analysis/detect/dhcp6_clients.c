/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dhcp6_clients.c - DHCPv6: clients that nobody answers, that are refused, that
 * give back what they got; servers that disagree.  RFC 8415.
 *
 * Where routers say that addresses make themselves (flag M clear) a client that
 * asks all the same lacks nothing.
 */
#include <string.h>

#include "analysis/detect/dhcp_rows.h"
#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"
#include "dissectors/dhcp6.h"
#include "base/text.h"

enum { SOLICITS = 3, RENEWALS = 2, OFFERS_KEPT = 3, LINKS = 1024, M = 0x80 };

#define PATIENCE_NS	  (4 * NS_PER_S)
#define RENEW_PATIENCE_NS (10 * NS_PER_S)

struct ask {
	uint32_t tries;
	int64_t first_ns, last_ns;
	struct frame_list frames;
	bool rebinds, told;
};

struct offer {
	uint64_t server;
	struct mac mac;
	struct addr src, address, resolver;
	uint64_t frame;
};

struct client_key {
	uint32_t link;
	struct mac mac;
	uint8_t pad[2];
};

struct client {
	struct ask solicit, renew;
	struct addr address;
	uint32_t xid;
	uint8_t offers;
	struct offer offer[OFFERS_KEPT];
	struct finding *no_offer;
	uint64_t request_frame;
	bool ipv4; /* it sends from such an address */
};

/* What the routers of a link say of addresses. */
struct link_mode {
	bool managed, automatic;
};

struct dhcp6_watch {
	struct table *clients, *links;
	uint64_t served, first_served;
	int64_t next_ns;
};

static void *dhcp6_open(struct arena *home, const struct limits *limits,
			struct hash_key key)
{
	const struct table_spec clients = {
		"DHCPv6 clients", sizeof(struct client_key),
		sizeof(struct client), limits->leases};
	const struct table_spec links = {"links with DHCPv6", sizeof(uint32_t),
					 sizeof(struct link_mode), LINKS};
	struct dhcp6_watch *w = arena_alloc(home, sizeof(*w));

	if (!w)
		return NULL;
	w->next_ns = INT64_MIN;
	w->clients = table_new(home, &clients, key);
	w->links = table_new(home, &links, key);
	return w->clients && w->links ? w : NULL;
}

static void ask_note(struct ask *a, const struct observation *o)
{
	if (!a->tries++)
		a->first_ns = o->time_ns;
	a->last_ns = o->time_ns;
	frames_note(&a->frames, o->frame);
}

static uint32_t decided(const struct ask *a, int64_t ns, int64_t patience_ns)
{
	if (!a->tries)
		return 0;
	return ns - a->last_ns >= patience_ns ? a->tries : a->tries - 1;
}

static void decline_raise(const struct client_key *key, struct client *cl,
			  const struct observation *o,
			  const struct detector_context *c)
{
	const struct dhcp6_fact *d = &o->as.dhcp6;
	struct subject subject = subject_mac(&key->mac);
	char mac[MAC_TEXT], addr[ADDR_TEXT];
	struct finding *f;

	if (d->address.family)
		subject.a = d->address;
	f = finding_raise(c->findings, &dhcp_decline, &subject, "", o->time_ns,
			  o->time_ns);
	if (!f)
		return;
	f->count++;
	finding_restate(f);
	mac_text(&key->mac, mac);
	finding_title(f, "%s declines its IPv6 address: it is in use", mac);
	finding_summary(f,
			"%s was given %s, found that somebody else uses it, "
			"and gave it back (frame %llu).",
			mac,
			d->address.family ? addr_text(&d->address, addr)
					  : "an address",
			(unsigned long long)o->frame);
	finding_filter(f, "dhcpv6 && eth.addr == %s", mac);
	finding_advise(f,
		       "Who has it: ndisc6 -q %s INTERFACE; exclude it from "
		       "the pool",
		       d->address.family ? addr_text(&d->address, addr)
					 : "ADDRESS");
	finding_frame(f, cl->request_frame);
	finding_frame(f, o->frame);
}

static void refused_raise(const struct client_key *key, struct client *cl,
			  const struct observation *o,
			  const struct detector_context *c)
{
	static const char *const why[] = {
		[DHCP6_UNSPECIFIED_FAILURE] = "it failed",
		[DHCP6_NO_ADDRESSES] = "it has no address left",
		[DHCP6_NO_BINDING] = "it knows of no such lease",
		[DHCP6_NOT_ON_LINK] = "the address is not of this link",
		[DHCP6_USE_MULTICAST] = "the client must ask by multicast",
		[DHCP6_NO_PREFIXES] = "it has no prefix left",
	};
	const struct dhcp6_fact *d = &o->as.dhcp6;
	struct subject subject = subject_mac(&key->mac);
	char mac[MAC_TEXT], server[ADDR_TEXT];
	struct finding *f = finding_raise(c->findings, &dhcp_nak, &subject, "",
					  o->time_ns, o->time_ns);

	if (!f)
		return;
	f->count++;
	finding_restate(f);
	mac_text(&key->mac, mac);
	addr_text(&d->src, server);
	finding_title(f, "The DHCPv6 server %s refuses %s an address", server,
		      mac);
	finding_summary(f,
			"%s asked (frame %llu), and %s answered in frame %llu "
			"that %s; %llu time%s in all.",
			mac, (unsigned long long)cl->request_frame, server,
			(unsigned long long)o->frame,
			d->status < sizeof(why) / sizeof(why[0])
				? why[d->status]
				: "it will not",
			(unsigned long long)f->count, plural(f->count));
	finding_filter(f, "dhcpv6 && eth.addr == %s", mac);
	finding_advise(f, "The pools and the log of %s", server);
	finding_frame(f, cl->request_frame);
	finding_frame(f, o->frame);
}

/* What the two would set differently; NULL: nothing. */
static const char *disagreement(const struct offer *a, const struct offer *b)
{
	if (a->server == b->server || mac_equal(&a->mac, &b->mac))
		return NULL;
	if (a->address.family && b->address.family &&
	    !addr_same_prefix(&a->address, &b->address, 64))
		return "networks";
	if (a->resolver.family && b->resolver.family &&
	    !addr_equal(&a->resolver, &b->resolver))
		return "resolvers";
	return NULL;
}

static void servers_raise(const struct offer *a, const struct offer *b,
			  const char *what, const struct observation *o,
			  const struct detector_context *c)
{
	struct subject subject = subject_host(&a->src);
	char one[ADDR_TEXT], two[ADDR_TEXT], mac_one[MAC_TEXT],
		mac_two[MAC_TEXT];
	struct finding *f = finding_raise(c->findings, &dhcp_two_servers,
					  &subject, "", o->time_ns, o->time_ns);

	if (!f || f->count++)
		return;
	addr_text(&a->src, one);
	addr_text(&b->src, two);
	finding_title(f, "Two DHCPv6 servers disagree: %s and %s", one, two);
	finding_summary(f,
			"%s (%s, frame %llu) and %s (%s, frame %llu) answer "
			"the same client and name different %s. One of them "
			"may not belong here.",
			one, mac_text(&a->mac, mac_one),
			(unsigned long long)a->frame, two,
			mac_text(&b->mac, mac_two),
			(unsigned long long)b->frame, what);
	finding_filter(f, "dhcpv6 && (ipv6.src == %s || ipv6.src == %s)", one,
		       two);
	finding_advise(f, "Which of the two is meant to serve here? Find the "
			  "switch port of the other");
	finding_frame(f, a->frame);
	finding_frame(f, b->frame);
}

static void note_offer(struct client *cl, const struct observation *o,
		       const struct detector_context *c)
{
	const struct dhcp6_fact *d = &o->as.dhcp6;
	const struct offer new = {d->server,  d->eth_src,  d->src,
				  d->address, d->resolver, o->frame};

	if (cl->xid != d->xid) {
		cl->xid = d->xid;
		cl->offers = 0;
	}
	for (uint8_t i = 0; i < cl->offers; i++) {
		const char *what = disagreement(&cl->offer[i], &new);

		if (what)
			servers_raise(&cl->offer[i], &new, what, o, c);
	}
	if (cl->offers < OFFERS_KEPT)
		cl->offer[cl->offers++] = new;
}

static void from_client(struct client *cl, const struct client_key *key,
			const struct observation *o,
			const struct detector_context *c)
{
	const struct dhcp6_fact *d = &o->as.dhcp6;

	if (d->type == DHCP6_SOLICIT) {
		ask_note(&cl->solicit, o);
	} else if (d->type == DHCP6_REQUEST) {
		memset(&cl->solicit, 0, sizeof(cl->solicit));
	} else if (d->type == DHCP6_RENEW || d->type == DHCP6_REBIND) {
		ask_note(&cl->renew, o);
		cl->renew.rebinds = d->type == DHCP6_REBIND;
		cl->address = d->address;
	} else if (d->type == DHCP6_DECLINE) {
		decline_raise(key, cl, o, c);
	}
	cl->request_frame = o->frame;
}

static void from_server(struct dhcp6_watch *w, struct client *cl,
			const struct client_key *key,
			const struct observation *o,
			const struct detector_context *c)
{
	const struct dhcp6_fact *d = &o->as.dhcp6;
	char when[WHEN_TEXT];

	if (d->type != DHCP6_ADVERTISE && d->type != DHCP6_REPLY)
		return;
	memset(&cl->solicit, 0, sizeof(cl->solicit));
	memset(&cl->renew, 0, sizeof(cl->renew));
	if (d->status != DHCP6_SUCCESS) {
		refused_raise(key, cl, o, c);
		return;
	}
	if (d->type == DHCP6_ADVERTISE) {
		note_offer(cl, o, c);
		return;
	}
	if (d->address.family && !w->served++)
		w->first_served = o->frame;
	if (!cl->no_offer)
		return;
	if (cl->no_offer->severity > WARNING)
		cl->no_offer->severity = WARNING;
	finding_add(cl->no_offer, " It was served at %s (frame %llu).",
		    when_clock(o->time_ns, when), (unsigned long long)o->frame);
	cl->no_offer = NULL;
}

static void note_router(struct dhcp6_watch *w, const struct observation *o)
{
	const struct ra_fact *ra = &o->as.ra;
	struct link_mode *l;

	if (!ra->advertisement || !ra->icmp.ra.lifetime_s)
		return;
	l = table_add(w->links, &o->link, NULL);
	if (l && (ra->icmp.ra.flags & M))
		l->managed = true;
	else if (l)
		l->automatic = true;
}

static void note_ipv4(struct dhcp6_watch *w, const struct observation *o)
{
	const struct talk_fact *t = &o->as.talk;
	struct client_key key;
	struct client *cl;

	if (!table_count(w->clients) || t->src.family != 4 ||
	    !addr_is_host(&t->src) || addr_is_link_local(&t->src))
		return;
	memset(&key, 0, sizeof(key));
	key.link = o->link;
	key.mac = t->src_mac;
	cl = table_find(w->clients, &key);
	if (cl)
		cl->ipv4 = true;
}

static void dhcp6_observe(void *self, const struct observation *o,
			  const struct detector_context *c)
{
	const struct dhcp6_fact *d = &o->as.dhcp6;
	struct dhcp6_watch *w = self;
	struct client_key key;
	struct client *cl;

	if (o->kind == OBS_RA) {
		note_router(w, o);
		return;
	}
	if (o->kind == OBS_TALK) {
		note_ipv4(w, o);
		return;
	}
	if (!mac_is_station(&d->client))
		return;
	memset(&key, 0, sizeof(key));
	key.link = o->link;
	key.mac = d->client;
	cl = d->from_client ? table_add(w->clients, &key, NULL)
			    : table_find(w->clients, &key);
	if (!cl)
		return;
	if (d->from_client)
		from_client(cl, &key, o, c);
	else
		from_server(w, cl, &key, o, c);
}

/* Whether an answer to this client would have been seen here. */
static enum confidence sure(const struct detector_context *c,
			    const struct client_key *key, const struct ask *a)
{
	return known_visible(c->known, key->link, &key->mac, a->last_ns)
		       ? CERTAIN
		       : LIKELY;
}

/* It has an IPv4 address, and nothing on the link tells of IPv6: many hosts ask
 * for years, and lack nothing. */
static bool lives_by_ipv4(const struct client *cl, const struct client_key *key,
			  const struct detector_context *c)
{
	struct addr owned[4];
	uint32_t n = known_owned(c->known, key->link, &key->mac, owned, 4);

	if (cl->ipv4)
		return true;
	for (uint32_t i = 0; i < n && i < 4; i++)
		if (owned[i].family == 4 && !addr_is_link_local(&owned[i]))
			return true;
	return false;
}

/* What it lacks.  Who does not see what the client sends does not know whether
 * it has an IPv4 address. */
static enum severity loss(const struct link_mode *l, const struct client *cl,
			  const struct client_key *key,
			  const struct detector_context *c,
			  enum confidence sure)
{
	if (l)
		return l->managed ? CRITICAL : NOTICE;
	return sure < CERTAIN || lives_by_ipv4(cl, key, c) ? NOTICE : WARNING;
}

static void no_offer_raise(const struct dhcp6_watch *w, struct client *cl,
			   const struct client_key *key,
			   const struct detector_context *c)
{
	const struct link_mode *l = table_find(w->links, &key->link);
	struct subject subject = subject_mac(&key->mac);
	const struct ask *a = &cl->solicit;
	char mac[MAC_TEXT], took[WHEN_TEXT], frames[FRAMES_TEXT];
	struct finding *f = finding_raise(c->findings, &dhcp_no_offer, &subject,
					  "dhcpv6", a->first_ns, a->last_ns);

	if (!f)
		return;
	cl->no_offer = f;
	f->confidence = sure(c, key, a);
	f->severity = loss(l, cl, key, c, f->confidence);
	known_owned(c->known, key->link, &key->mac, &f->asker, 1);
	f->count = a->tries;
	mac_text(&key->mac, mac);
	finding_restate(f);
	finding_title(f, "No DHCPv6 server answers %s", mac);
	finding_summary(f,
			"%s looked for a DHCPv6 server %u times in %s (%s), "
			"and none answered.",
			mac, a->tries,
			when_duration(a->last_ns - a->first_ns, took),
			frames_text(&a->frames, frames));
	if (l && l->managed)
		finding_add(f, " The router says that addresses are to be had "
			       "there (flag M).");
	else if (l)
		finding_add(f, " The routers do not send hosts there (flag M "
			       "clear): it makes its address itself, and lacks "
			       "nothing.");
	else if (lives_by_ipv4(cl, key, c))
		finding_add(f, " No router here speaks of IPv6, and the client "
			       "has an IPv4 address.");
	else if (f->severity == NOTICE)
		finding_add(f, " No router here speaks of IPv6, and whether "
			       "the client has an IPv4 address is not seen.");
	finding_filter(f, "dhcpv6 && eth.addr == %s", mac);
	finding_advise(f, "Is the DHCPv6 server up, and does a relay serve "
			  "this VLAN?");
	frames_prove(&a->frames, f);
}

static void renew_raise(struct client *cl, const struct client_key *key,
			const struct detector_context *c)
{
	struct subject subject = subject_mac(&key->mac);
	const struct ask *a = &cl->renew;
	char mac[MAC_TEXT], frames[FRAMES_TEXT];
	struct finding *f;

	if (cl->address.family)
		subject.a = cl->address;
	f = finding_raise(c->findings, &dhcp_renew_unanswered, &subject, "",
			  a->first_ns, a->last_ns);
	if (!f)
		return;
	f->severity = a->rebinds ? WARNING : NOTICE;
	f->confidence = sure(c, key, a);
	known_owned(c->known, key->link, &key->mac, &f->asker, 1);
	f->count = a->tries;
	mac_text(&key->mac, mac);
	finding_restate(f);
	finding_title(f, "The DHCPv6 lease of %s is not renewed", mac);
	finding_summary(f,
			"%s asked %u times to keep its address (%s), and no "
			"server answered. %s",
			mac, a->tries, frames_text(&a->frames, frames),
			a->rebinds ? "It asks all servers by now: the lease is "
				     "near its end."
				   : "It still asks the server that gave it.");
	finding_filter(f, "dhcpv6 && eth.addr == %s", mac);
	finding_advise(f, "Does the DHCPv6 server run, and does UDP port 547 "
			  "reach it?");
	frames_prove(&a->frames, f);
}

static void judge_all(struct dhcp6_watch *w, const struct detector_context *c)
{
	for (struct client *cl = table_oldest(w->clients); cl;
	     cl = table_newer(w->clients, cl)) {
		const struct client_key *key = table_key(w->clients, cl);

		if (decided(&cl->solicit, c->now_ns, PATIENCE_NS) >= SOLICITS)
			no_offer_raise(w, cl, key, c);
		if (decided(&cl->renew, c->now_ns, RENEW_PATIENCE_NS) >=
		    RENEWALS)
			renew_raise(cl, key, c);
	}
}

static void dhcp6_clock(void *self, const struct detector_context *c)
{
	struct dhcp6_watch *w = self;

	if (c->now_ns < w->next_ns)
		return;
	w->next_ns = c->now_ns + NS_PER_S;
	judge_all(w, c);
}

static void dhcp6_finish(void *self, const struct detector_context *c)
{
	judge_all(self, c);
}

static void dhcp6_checked(void *self, const struct detector_context *c,
			  struct checks *out)
{
	const struct dhcp6_watch *w = self;

	(void)c;
	if (w->served)
		check_add(out, CHECK_WORKS, LAYER_DATA_LINK,
			  "%llu DHCPv6 lease%s given or renewed (frame %llu)",
			  (unsigned long long)w->served, plural(w->served),
			  (unsigned long long)w->first_served);
}

static void dhcp6_limits(void *self, struct checks *out)
{
	const struct dhcp6_watch *w = self;

	check_table(out, w->clients);
}

/* The rows stand where version 4 raises them. */
static const struct finding_def *const dhcp6_findings[] = {NULL};

static const enum observation_kind dhcp6_wants[] = {OBS_DHCP6, OBS_RA, OBS_TALK,
						    OBSERVATIONS};

const struct detector dhcp6_clients_detector = {
	.name = "dhcp6_clients",
	.findings = dhcp6_findings,
	.wants = dhcp6_wants,
	.open = dhcp6_open,
	.observe = dhcp6_observe,
	.clock = dhcp6_clock,
	.finish = dhcp6_finish,
	.checked = dhcp6_checked,
	.limits = dhcp6_limits,
};

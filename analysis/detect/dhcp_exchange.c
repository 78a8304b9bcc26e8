/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dhcp_exchange.c - a client asks for an address, or for more time with the one
 * it has, and no server answers.  RFC 2131 4.4.
 */
#include <string.h>

#include "analysis/detect/dhcp_rows.h"
#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"
#include "base/text.h"

enum { DISCOVER = 1, OFFER, REQUEST, DECLINE, ACK, NAK };

enum { DISCOVERS = 3, DISCOVERS_SLOW = 2, REQUESTS = 2, RENEWALS = 2 };

/* RFC 2131 4.1: 4 s, then doubled. */
#define PATIENCE_NS	  (4 * NS_PER_S)
#define SLOW_NS		  (6 * NS_PER_S)
#define APART_NS	  (1 * NS_PER_S) /* a relay's copy comes at once */
#define RENEW_PATIENCE_NS (10 * NS_PER_S)
#define ALIVE_NS	  (60 * NS_PER_S)
/* A client that is not acknowledged begins anew by then. */
#define ANEW_NS (10 * NS_PER_S)

const struct finding_def dhcp_no_offer = {
	.id = "dhcp.no_offer",
	.layer = LAYER_DATA_LINK,
	.most = CRITICAL,
	.subject = SUBJECT_HOST,
	.relies = RELIES_ABSENCE,
	.title = "No DHCP server answers",
	.advice = {"Is the server up, and does a relay serve this VLAN?"},
};

const struct finding_def dhcp_renew_unanswered = {
	.id = "dhcp.renew_unanswered",
	.layer = LAYER_DATA_LINK,
	.most = WARNING,
	.subject = SUBJECT_HOST,
	.relies = RELIES_ABSENCE,
	.title = "A lease is running out and renewals go unanswered",
	.advice = {"Ping the server, and see that UDP port 67 reaches it"},
};

/* One kind of question of a client: how often asked since it was answered. */
struct ask {
	uint32_t tries, unicasts, alike; /* alike: of the last's transaction */
	uint32_t xid;
	int64_t first_ns, last_ns;
	struct frame_list frames;
	bool cut;	  /* its type is a guess */
	bool broadcast;	  /* asks everybody; the answer is for all to see */
	struct addr from; /* an address of its own, meanwhile; or none */
};

struct client_key {
	uint32_t link;
	struct mac mac;
	uint8_t pad[2];
};

struct client {
	struct ask discover, request, renew;
	bool replied; /* in a message whose type the capture cut off */
	bool heard;   /* a server's message to it was captured */
	bool unheard; /* it took an offer that was not */
	struct addr server, address;	 /* that it names, that it has */
	struct addr leased_by;		 /* whom it asks to keep it; or none */
	int64_t lease_from_ns, lease_ns; /* as last granted; 0: not seen */
	/* raised, and not yet served */
	struct finding *no_offer, *no_ack, *no_renewal;
};

struct exchange_watch {
	struct table *clients;
	/* the last answer to anybody */
	struct addr server;
	uint32_t server_link;
	int64_t server_ns;
	uint64_t server_frame;
	uint64_t served, first_served;
	int64_t next_ns;
};

static void *exchange_open(struct arena *home, const struct limits *limits,
			   struct hash_key key)
{
	const struct table_spec spec = {"DHCP clients",
					sizeof(struct client_key),
					sizeof(struct client), limits->leases};
	struct exchange_watch *w = arena_alloc(home, sizeof(*w));

	if (!w)
		return NULL;
	w->next_ns = INT64_MIN;
	w->clients = table_new(home, &spec, key);
	return w->clients ? w : NULL;
}

/* It sends from an address that is good for more than its own link. */
static bool has_address(const struct dhcp_fact *d)
{
	return addr_is_host(&d->src) && !addr_is_link_local(&d->src) &&
	       mac_equal(&d->eth_src, &d->client);
}

static void ask_note(struct ask *a, const struct observation *o)
{
	const struct dhcp_fact *d = &o->as.dhcp;

	if (a->tries && o->time_ns - a->last_ns < APART_NS)
		return;
	if (!a->tries++)
		a->first_ns = o->time_ns;
	a->alike = a->xid == d->xid ? a->alike + 1 : 1;
	a->xid = d->xid;
	a->last_ns = o->time_ns;
	a->cut = d->type == 0;
	a->broadcast = d->broadcast;
	memset(&a->from, 0, sizeof(a->from));
	if (has_address(d))
		a->from = d->src;
	frames_note(&a->frames, o->frame);
}

static void ask_clear(struct ask *a)
{
	memset(a, 0, sizeof(*a));
}

/* Tries whose patience is over. */
static uint32_t decided(const struct ask *a, int64_t ns, int64_t patience_ns)
{
	if (!a->tries)
		return 0;
	return ns - a->last_ns >= patience_ns ? a->tries : a->tries - 1;
}

/* It names a server: so it has had an offer, captured or not. */
static void took_offer(struct client *cl, const struct observation *o)
{
	char server[ADDR_TEXT], when[WHEN_TEXT];

	if (cl->discover.tries && !cl->heard)
		cl->unheard = true;
	ask_clear(&cl->discover);
	if (!cl->no_offer || cl->heard)
		return;
	cl->no_offer->severity = WARNING;
	finding_add(cl->no_offer,
		    " At %s it took an offer of %s (frame %llu), which is not "
		    "in the capture.",
		    when_clock(o->time_ns, when),
		    addr_text(&o->as.dhcp.server_id, server),
		    (unsigned long long)o->frame);
	cl->no_offer = NULL;
}

/* What it asked for long before it begins anew may well have been granted, in a
 * packet that the capture lacks. */
static void begins_anew(struct client *cl, const struct observation *o)
{
	if (cl->request.tries == 1 &&
	    o->time_ns - cl->request.last_ns > ANEW_NS)
		ask_clear(&cl->request);
	ask_note(&cl->discover, o);
}

static void from_client(struct client *cl, const struct observation *o)
{
	const struct dhcp_fact *d = &o->as.dhcp;
	bool named = !addr_is_unspecified(&d->server_id);
	bool has = !addr_is_unspecified(&d->ciaddr);

	if (d->type == DISCOVER || (!d->type && !cl->replied && !has &&
				    addr_is_unspecified(&d->src))) {
		begins_anew(cl, o);
	} else if (d->type == REQUEST && named) {
		took_offer(cl, o);
		cl->server = d->server_id;
		ask_note(&cl->request, o);
	} else if (d->type == REQUEST && has) {
		cl->address = d->ciaddr;
		ask_note(&cl->renew, o);
		cl->renew.broadcast = addr_is_broadcast(&d->dst);
		if (!cl->renew.broadcast) {
			cl->renew.unicasts++;
			cl->leased_by = d->dst;
		}
	}
}

/* What was told of a client ends: until when it waited. */
static void told_ends(struct finding **told, const char *what,
		      const struct observation *o)
{
	char when[WHEN_TEXT];

	if (!*told)
		return;
	finding_add(*told, " It was %s at %s (frame %llu).",
		    o->as.dhcp.type == ACK ? what
		    : o->as.dhcp.type	   ? "refused"
					   : "answered",
		    when_clock(o->time_ns, when), (unsigned long long)o->frame);
	*told = NULL;
}

/* Its own server was silent, and everybody was not: the lease is safe. */
static void rebound(const struct client *cl)
{
	const struct ask *a = &cl->renew;

	if (!cl->no_renewal || !a->broadcast || !a->unicasts)
		return;
	cl->no_renewal->severity = NOTICE;
	finding_add(cl->no_renewal,
		    " An answer came when it asked everybody: what it sends "
		    "to its server alone does not get there or back.");
}

static void from_server(struct exchange_watch *w, struct client *cl,
			const struct observation *o)
{
	const struct dhcp_fact *d = &o->as.dhcp;

	ask_clear(&cl->discover);
	cl->heard = true;
	cl->unheard = false;
	w->server = addr_is_unspecified(&d->server_id) ? d->src : d->server_id;
	w->server_link = o->link;
	w->server_ns = o->time_ns;
	w->server_frame = o->frame;
	if (d->type != ACK && d->type != NAK)
		return;
	if (cl->no_offer)
		cl->no_offer->severity = WARNING;
	if (cl->no_ack)
		cl->no_ack->severity = WARNING;
	if (d->type == ACK) {
		rebound(cl);
		cl->lease_from_ns = o->time_ns;
		cl->lease_ns = (int64_t)d->lease_s * NS_PER_S;
		if (!w->served++)
			w->first_served = o->frame;
	}
	told_ends(&cl->no_offer, "served", o);
	told_ends(&cl->no_ack, "served", o);
	told_ends(&cl->no_renewal, "renewed", o);
	ask_clear(&cl->request);
	ask_clear(&cl->renew);
}

/* Whatever it says, somebody answers; and what this client asks from now on may
 * be another question. */
static void cut_reply(struct client *cl, const struct observation *o)
{
	cl->replied = true;
	ask_clear(&cl->discover);
	if (cl->no_offer)
		cl->no_offer->severity = WARNING;
	told_ends(&cl->no_offer, "answered", o);
}

static void exchange_observe(void *self, const struct observation *o,
			     const struct detector_context *c)
{
	const struct dhcp_fact *d = &o->as.dhcp;
	struct exchange_watch *w = self;
	struct client_key key;
	struct client *cl;

	(void)c;
	memset(&key, 0, sizeof(key));
	key.link = o->link;
	key.mac = d->client;
	cl = table_add(w->clients, &key, NULL);
	if (!cl)
		return;
	if (d->from_client)
		from_client(cl, o);
	else if (d->type == OFFER || d->type == ACK || d->type == NAK)
		from_server(w, cl, o);
	else if (!d->type && !cl->replied)
		cut_reply(cl, o);
}

/* An answer would have passed here. */
static bool answer_seen(const struct client_key *key, const struct ask *a,
			const struct detector_context *c)
{
	return a->broadcast ||
	       known_visible(c->known, key->link, &key->mac, a->last_ns);
}

/* Where servers were not heard before, that they are silent now is no more than
 * possible: only the repeats speak for it. */
static void weigh(struct finding *f, const struct client *cl,
		  const struct client_key *key, bool seen,
		  const struct detector_context *c)
{
	bool heard = known_hears(c->known, key->link, &key->mac);

	f->confidence = cl->unheard	? POSSIBLE
			: seen && heard ? CERTAIN
					: LIKELY;
	if (cl->unheard && f->severity > WARNING)
		f->severity = WARNING;
	known_owned(c->known, key->link, &key->mac, &f->asker, 1);
}

/* One that goes on with an address of its own is not cut off. */
static void say_own(struct finding *f, const struct ask *a)
{
	char own[ADDR_TEXT];

	if (!a->from.family)
		return;
	f->severity = WARNING;
	finding_add(f,
		    " It sends from %s meanwhile: it has an address to fall "
		    "back on, though perhaps not one of this network.",
		    addr_text(&a->from, own));
}

/* A server that answers others is up and can be reached. */
static void say_alive(struct finding *f, const struct exchange_watch *w,
		      uint32_t link, const struct ask *a)
{
	char server[ADDR_TEXT];

	if (!w->server_frame || w->server_link != link ||
	    a->first_ns - w->server_ns > ALIVE_NS)
		return;
	finding_add(f,
		    " %s answers others (frame %llu): its pool may be used "
		    "up, or it does not serve this client.",
		    addr_text(&w->server, server),
		    (unsigned long long)w->server_frame);
}

static void no_offer_raise(const struct exchange_watch *w, struct client *cl,
			   const struct client_key *key,
			   const struct detector_context *c)
{
	struct subject subject = subject_mac(&key->mac);
	const struct ask *a = &cl->discover;
	char mac[MAC_TEXT], took[WHEN_TEXT], frames[FRAMES_TEXT];
	struct finding *f = finding_raise(c->findings, &dhcp_no_offer, &subject,
					  "", a->first_ns, a->last_ns);

	if (!f)
		return;
	cl->no_offer = f;
	f->severity = CRITICAL;
	weigh(f, cl, key, answer_seen(key, a, c) && !a->cut, c);
	f->count = a->tries;
	mac_text(&key->mac, mac);
	finding_restate(f);
	finding_title(f, "No DHCP server answers %s", mac);
	finding_summary(f,
			"%s asked for an address %u times in %s (%s), and no "
			"server offered one.",
			mac, (unsigned)a->tries,
			when_duration(a->last_ns - a->first_ns, took),
			frames_text(&a->frames, frames));
	say_own(f, a);
	say_alive(f, w, key->link, a);
	if (a->cut)
		finding_add(f, " The capture cut the message types off: that "
			       "they ask for an address is seen from their "
			       "form.");
	finding_filter(f, "dhcp.hw.mac_addr == %s", mac);
	finding_advise(f,
		       "Is the DHCP server up, and has its pool addresses "
		       "left? See its log for %s",
		       mac);
	finding_advise(f, "Does a relay serve this VLAN, and is the port in "
			  "the right one?");
	frames_prove(&a->frames, f);
}

static void no_ack_raise(struct client *cl, const struct client_key *key,
			 const struct detector_context *c)
{
	struct subject subject = subject_mac(&key->mac);
	const struct ask *a = &cl->request;
	char mac[MAC_TEXT], server[ADDR_TEXT], frames[FRAMES_TEXT];
	struct finding *f = finding_raise(c->findings, &dhcp_no_offer, &subject,
					  "no_ack", a->first_ns, a->last_ns);

	if (!f)
		return;
	cl->no_ack = f;
	weigh(f, cl, key, answer_seen(key, a, c), c);
	f->count = a->tries;
	mac_text(&key->mac, mac);
	addr_text(&cl->server, server);
	finding_restate(f);
	finding_title(f, "The DHCP server %s does not acknowledge %s", server,
		      mac);
	finding_summary(f,
			"%s chose the offer of %s and asked for it %u times "
			"(%s); the server neither agreed nor refused.",
			mac, server, (unsigned)a->tries,
			frames_text(&a->frames, frames));
	finding_filter(f, "dhcp.hw.mac_addr == %s", mac);
	finding_advise(f, "See the log of %s for %s", server, mac);
	frames_prove(&a->frames, f);
}

/* Less than a quarter of the lease was left when it asked last. */
static bool nearly_over(const struct client *cl)
{
	return cl->lease_ns && cl->renew.last_ns - cl->lease_from_ns >
				       cl->lease_ns - cl->lease_ns / 4;
}

static void renew_raise(struct client *cl, const struct client_key *key,
			const struct detector_context *c)
{
	struct subject subject = subject_host(&cl->address);
	const struct ask *a = &cl->renew;
	char addr[ADDR_TEXT], took[WHEN_TEXT], frames[FRAMES_TEXT];
	struct finding *f =
		finding_raise(c->findings, &dhcp_renew_unanswered, &subject, "",
			      a->first_ns, a->last_ns);

	if (!f)
		return;
	cl->no_renewal = f;
	f->severity = a->broadcast || nearly_over(cl) ? WARNING : NOTICE;
	weigh(f, cl, key,
	      known_visible(c->known, key->link, &key->mac, a->last_ns), c);
	f->count = a->tries;
	f->has_flow = cl->leased_by.family != 0;
	f->flow = (struct flow){cl->address, cl->leased_by, 68, 67, 17, {0}};
	addr_text(&cl->address, addr);
	finding_restate(f);
	finding_title(f, "The lease of %s is not renewed", addr);
	finding_summary(f,
			"%s asked %u times in %s to keep its address (%s), and "
			"no server answered. %s",
			addr, (unsigned)a->tries,
			when_duration(a->last_ns - a->first_ns, took),
			frames_text(&a->frames, frames),
			a->broadcast
				? "It asks everybody by now: the lease is near "
				  "its end."
				: "It still asks the server that gave it.");
	finding_filter(f, "dhcp && ip.addr == %s", addr);
	finding_advise(f,
		       "Does the DHCP server answer, and does UDP port 67 "
		       "reach it from %s?",
		       addr);
	frames_prove(&a->frames, f);
}

/* Where the answer would not pass here, one that asks with another transaction
 * may have been answered before. */
static uint32_t renewals(const struct client *cl, const struct client_key *key,
			 const struct detector_context *c)
{
	const struct ask *a = &cl->renew;
	uint32_t n = decided(a, c->now_ns, RENEW_PATIENCE_NS);
	uint32_t open = a->tries - n;

	if (n < RENEWALS ||
	    known_visible(c->known, key->link, &key->mac, a->last_ns))
		return n;
	return a->alike > open ? a->alike - open : 0;
}

static void judge(const struct exchange_watch *w, struct client *cl,
		  const struct client_key *key,
		  const struct detector_context *c)
{
	uint32_t n = decided(&cl->discover, c->now_ns, PATIENCE_NS);

	/* with its type cut off, the last may have named a server */
	if (cl->discover.cut && !answer_seen(key, &cl->discover, c))
		n = 0;
	if (n >= DISCOVERS ||
	    (n >= DISCOVERS_SLOW &&
	     cl->discover.last_ns - cl->discover.first_ns >= SLOW_NS))
		no_offer_raise(w, cl, key, c);
	if (decided(&cl->request, c->now_ns, PATIENCE_NS) >= REQUESTS)
		no_ack_raise(cl, key, c);
	if (renewals(cl, key, c) >= RENEWALS)
		renew_raise(cl, key, c);
}

static void judge_all(struct exchange_watch *w,
		      const struct detector_context *c)
{
	for (struct client *cl = table_oldest(w->clients); cl;
	     cl = table_newer(w->clients, cl))
		judge(w, cl, table_key(w->clients, cl), c);
}

static void exchange_clock(void *self, const struct detector_context *c)
{
	struct exchange_watch *w = self;

	if (c->now_ns < w->next_ns)
		return;
	w->next_ns = c->now_ns + NS_PER_S;
	judge_all(w, c);
}

static void exchange_finish(void *self, const struct detector_context *c)
{
	judge_all(self, c);
}

static void exchange_checked(void *self, const struct detector_context *c,
			     struct checks *out)
{
	const struct exchange_watch *w = self;

	(void)c;
	if (w->served)
		check_add(out, CHECK_WORKS, LAYER_DATA_LINK,
			  "%llu DHCP lease%s given or renewed (frame %llu)",
			  (unsigned long long)w->served, plural(w->served),
			  (unsigned long long)w->first_served);
}

static void exchange_limits(void *self, struct checks *out)
{
	const struct exchange_watch *w = self;

	check_table(out, w->clients);
}

static const struct finding_def *const exchange_findings[] = {
	&dhcp_no_offer, &dhcp_renew_unanswered, NULL};

static const enum observation_kind exchange_wants[] = {OBS_DHCP, OBSERVATIONS};

const struct detector dhcp_exchange_detector = {
	.name = "dhcp_exchange",
	.findings = exchange_findings,
	.wants = exchange_wants,
	.open = exchange_open,
	.observe = exchange_observe,
	.clock = exchange_clock,
	.finish = exchange_finish,
	.checked = exchange_checked,
	.limits = exchange_limits,
};

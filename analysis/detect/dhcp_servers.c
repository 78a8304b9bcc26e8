/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dhcp_servers.c - what DHCP servers refuse, what clients decline, and servers
 * that disagree.  RFC 2131.
 */
#include <string.h>

#include "analysis/detect/dhcp_rows.h"
#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"
#include "base/text.h"

enum { DISCOVER = 1, OFFER, REQUEST, DECLINE, ACK, NAK };

enum { OFFERS_KEPT = 3 };

#define REBOOT_NS  (30 * NS_PER_S)
#define TWO_NAK_NS (60 * NS_PER_S)

const struct finding_def dhcp_nak = {
	.id = "dhcp.nak",
	.layer = LAYER_DATA_LINK,
	.most = WARNING,
	.subject = SUBJECT_HOST,
	.title = "A DHCP server refuses the address",
	.advice = {"Is the address in that server's pool?"},
};

const struct finding_def dhcp_decline = {
	.id = "dhcp.decline",
	.layer = LAYER_DATA_LINK,
	.most = WARNING,
	.subject = SUBJECT_HOST,
	.title = "A client found its address in use",
	.advice = {"Exclude the address from the pool"},
};

const struct finding_def dhcp_two_servers = {
	.id = "dhcp.two_servers",
	.layer = LAYER_DATA_LINK,
	.most = WARNING,
	.subject = SUBJECT_HOST,
	.title = "DHCP servers disagree",
	.advice = {"Which of the two is meant to serve here?"},
};

struct offer {
	struct addr server, router, mask, resolver, address;
	struct mac mac;
	uint64_t frame;
};

struct session_key {
	uint32_t link;
	struct mac client;
	uint8_t pad[2];
};

struct session {
	uint32_t xid;
	uint8_t offers;
	struct offer offer[OFFERS_KEPT];
	struct addr named; /* server of the last REQUEST */
	bool asked_reboot; /* the last REQUEST named none (INIT-REBOOT) */
	uint64_t request_frame, ack_frame;
	int64_t nak_ns;
	struct finding *nak; /* may turn out harmless */
	bool nak_reboot;
};

struct server_watch {
	struct table *sessions;
};

static void *servers_open(struct arena *home, const struct limits *limits,
			  struct hash_key key)
{
	const struct table_spec spec = {"DHCP sessions",
					sizeof(struct session_key),
					sizeof(struct session), limits->leases};
	struct server_watch *w = arena_alloc(home, sizeof(*w));

	if (!w)
		return NULL;
	w->sessions = table_new(home, &spec, key);
	return w->sessions ? w : NULL;
}

static bool differ(const struct addr *a, const struct addr *b)
{
	return a->family && b->family && !addr_equal(a, b);
}

/* What the two would set differently; NULL: nothing. */
static const char *disagreement(const struct offer *a, const struct offer *b)
{
	if (differ(&a->router, &b->router))
		return "routers";
	if (differ(&a->mask, &b->mask))
		return "masks";
	if (a->mask.family == 4 && !differ(&a->mask, &b->mask) &&
	    !addr_same_prefix(
		    &a->address, &b->address,
		    (unsigned)__builtin_popcount(load_be32(a->mask.bytes))))
		return "networks";
	if (differ(&a->resolver, &b->resolver))
		return "resolvers";
	return NULL;
}

static struct finding *two_servers(const struct addr *one,
				   const struct addr *two,
				   const struct observation *o,
				   const struct detector_context *c)
{
	bool low = memcmp(one, two, sizeof(*one)) < 0;
	struct subject subject = subject_host(low ? one : two);
	char a[ADDR_TEXT], b[ADDR_TEXT];
	struct finding *f = finding_raise(c->findings, &dhcp_two_servers,
					  &subject, "", o->time_ns, o->time_ns);

	if (!f)
		return NULL;
	addr_text(low ? one : two, a);
	addr_text(low ? two : one, b);
	finding_frame(f, o->frame);
	if (f->count++)
		return NULL;
	finding_title(f, "Two DHCP servers disagree: %s and %s", a, b);
	finding_filter(f, "dhcp && (ip.src == %s || ip.src == %s)", a, b);
	finding_advise(f,
		       "Which of %s and %s is meant to serve here? Find the "
		       "switch port of the other",
		       a, b);
	finding_advise(f, "DHCP snooping on the switch keeps strangers out");
	return f;
}

static void offers_compare(const struct offer *a, const struct offer *b,
			   const struct observation *o,
			   const struct detector_context *c)
{
	const char *what = disagreement(a, b);
	char one[ADDR_TEXT], two[ADDR_TEXT], mac_one[MAC_TEXT],
		mac_two[MAC_TEXT], router_one[ADDR_TEXT], router_two[ADDR_TEXT];
	struct finding *f;

	/* one server may speak under two identifiers */
	if (!what || addr_equal(&a->server, &b->server) ||
	    mac_equal(&a->mac, &b->mac))
		return;
	f = two_servers(&a->server, &b->server, o, c);
	if (!f)
		return;
	finding_frame(f, a->frame);
	finding_summary(
		f,
		"%s (%s, frame %llu) and %s (%s, frame %llu) answer the "
		"same client and name different %s (gateway %s against "
		"%s). One of them may not belong here.",
		addr_text(&a->server, one), mac_text(&a->mac, mac_one),
		(unsigned long long)a->frame, addr_text(&b->server, two),
		mac_text(&b->mac, mac_two), (unsigned long long)b->frame, what,
		addr_text(&a->router, router_one),
		addr_text(&b->router, router_two));
}

static void note_offer(struct session *s, const struct observation *o,
		       const struct detector_context *c)
{
	const struct dhcp_fact *d = &o->as.dhcp;
	const struct offer new = {.server = d->server_id,
				  .router = d->router[0],
				  .mask = d->mask,
				  .resolver = d->resolver[0],
				  .address = d->yiaddr,
				  .mac = d->eth_src,
				  .frame = o->frame};

	/* a boot server's offer has no address: it serves beside the other */
	if (addr_is_unspecified(&d->yiaddr) ||
	    addr_is_unspecified(&d->server_id))
		return;
	for (uint8_t i = 0; i < s->offers; i++)
		offers_compare(&s->offer[i], &new, o, c);
	if (s->offers < OFFERS_KEPT)
		s->offer[s->offers++] = new;
}

/* A server refuses what a client asked of another by name. */
static void rival_nak(const struct session *s, const struct observation *o,
		      const struct detector_context *c)
{
	const struct dhcp_fact *d = &o->as.dhcp;
	char one[ADDR_TEXT], two[ADDR_TEXT];
	struct finding *f;

	if (addr_is_unspecified(&s->named) ||
	    addr_is_unspecified(&d->server_id) ||
	    addr_equal(&s->named, &d->server_id))
		return;
	f = two_servers(&s->named, &d->server_id, o, c);
	if (!f)
		return;
	finding_frame(f, s->request_frame);
	finding_summary(
		f,
		"A client asked %s for its offer (frame %llu), and %s "
		"refused it (frame %llu): each thinks that it alone "
		"serves this network.",
		addr_text(&s->named, one), (unsigned long long)s->request_frame,
		addr_text(&d->server_id, two), (unsigned long long)o->frame);
}

static void note_nak(struct session *s, const struct observation *o,
		     const struct detector_context *c)
{
	const struct dhcp_fact *d = &o->as.dhcp;
	struct subject subject = subject_mac(&d->client);
	bool again = s->nak_ns && o->time_ns - s->nak_ns <= TWO_NAK_NS;
	char mac[MAC_TEXT], server[ADDR_TEXT];
	struct finding *f;

	rival_nak(s, o, c);
	f = finding_raise(c->findings, &dhcp_nak, &subject, "", o->time_ns,
			  o->time_ns);
	s->nak_ns = o->time_ns;
	s->nak = f;
	s->nak_reboot = s->asked_reboot && !again;
	if (!f)
		return;
	f->count++;
	f->severity =
		s->asked_reboot && !again && f->count == 1 ? NOTICE : WARNING;
	mac_text(&d->client, mac);
	addr_text(d->server_id.family ? &d->server_id : &d->src, server);
	finding_restate(f);
	finding_title(f, "The DHCP server %s refuses %s its address", server,
		      mac);
	finding_summary(f,
			"%s asked for an address (frame %llu) and %s "
			"refused it (frame %llu), %llu time%s in all. ",
			mac, (unsigned long long)s->request_frame, server,
			(unsigned long long)o->frame,
			(unsigned long long)f->count, plural(f->count));
	if (s->asked_reboot)
		finding_add(f, "The client asked for the address that it had "
			       "before: it may have come from another "
			       "network.");
	else
		finding_add(f, "The client asked for what it had been "
			       "offered.");
	finding_filter(f, "dhcp.hw.mac_addr == %s", mac);
	finding_advise(f,
		       "Is the address in the pool of %s, and is its lease "
		       "file in order?",
		       server);
	finding_frame(f, s->request_frame);
	finding_frame(f, o->frame);
}

static void note_decline(const struct session *s, const struct observation *o,
			 const struct detector_context *c)
{
	const struct dhcp_fact *d = &o->as.dhcp;
	struct subject subject = subject_mac(&d->client);
	char mac[MAC_TEXT], addr[ADDR_TEXT];
	struct finding *f;

	if (d->requested.family)
		subject.a = d->requested;
	f = finding_raise(c->findings, &dhcp_decline, &subject, "", o->time_ns,
			  o->time_ns);
	if (!f)
		return;
	f->count++;
	mac_text(&d->client, mac);
	addr_text(&d->requested, addr);
	finding_restate(f);
	finding_title(f, "%s declines its address: it is in use", mac);
	finding_summary(f,
			"%s was given an address (frame %llu), found that "
			"somebody else uses it, and gave it back (frame %llu). "
			"The address was %s.",
			mac, (unsigned long long)s->ack_frame,
			(unsigned long long)o->frame,
			d->requested.family ? addr : "not named");
	finding_filter(f, "dhcp.hw.mac_addr == %s", mac);
	finding_advise(f,
		       "Who has it: arping -D -c 3 %s; exclude it from the "
		       "pool",
		       d->requested.family ? addr : "ADDRESS");
	finding_frame(f, s->ack_frame);
	finding_frame(f, o->frame);
}

static void note_request(struct session *s, const struct observation *o)
{
	const struct dhcp_fact *d = &o->as.dhcp;

	s->named = d->server_id;
	s->asked_reboot = addr_is_unspecified(&d->server_id) &&
			  addr_is_unspecified(&d->ciaddr);
	s->request_frame = o->frame;
}

static void note_ack(struct session *s, const struct observation *o)
{
	s->ack_frame = o->frame;
	/* moved here from another network, and served: nothing is wrong */
	if (s->nak && s->nak_reboot && o->time_ns - s->nak_ns <= REBOOT_NS)
		s->nak->severity = NOTICE;
	s->nak = NULL;
}

static void servers_observe(void *self, const struct observation *o,
			    const struct detector_context *c)
{
	const struct dhcp_fact *d = &o->as.dhcp;
	struct server_watch *w = self;
	struct session_key key;
	struct session *s;

	memset(&key, 0, sizeof(key));
	key.link = o->link;
	key.client = d->client;
	s = table_add(w->sessions, &key, NULL);
	if (!s)
		return;
	if (s->xid != d->xid) {
		s->xid = d->xid;
		s->offers = 0;
		memset(&s->named, 0, sizeof(s->named));
	}
	if (d->type == REQUEST && d->from_client)
		note_request(s, o);
	else if (d->type == DECLINE && d->from_client)
		note_decline(s, o, c);
	else if (d->type == OFFER && !d->from_client)
		note_offer(s, o, c);
	else if (d->type == ACK && !d->from_client)
		note_ack(s, o);
	else if (d->type == NAK && !d->from_client)
		note_nak(s, o, c);
}

static void servers_limits(void *self, struct checks *out)
{
	const struct server_watch *w = self;

	check_table(out, w->sessions);
}

static const struct finding_def *const servers_findings[] = {
	&dhcp_nak, &dhcp_decline, &dhcp_two_servers, NULL};

static const enum observation_kind servers_wants[] = {OBS_DHCP, OBSERVATIONS};

const struct detector dhcp_servers_detector = {
	.name = "dhcp_servers",
	.findings = servers_findings,
	.wants = servers_wants,
	.open = servers_open,
	.observe = servers_observe,
	.limits = servers_limits,
};

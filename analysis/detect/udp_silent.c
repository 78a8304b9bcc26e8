/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * udp_silent.c - UDP services that do not answer, or say that nothing listens.
 */
#include "analysis/detect/probe.h"
#include "base/table.h"
#include "base/when.h"
#include "base/text.h"

enum {
	TFTP = 69,
	TRIES = 3,
	REFUSED_LEAST = 2,
	SCAN_PORTS = 15,
	FRAMES = 8,
	TRACE_FROM = 33434,
	TRACE_TO = 33634,
	DYNAMIC = 49152 /* RFC 6335 6: of no service */
};

#define PATIENCE_NS (5 * NS_PER_S)
#define SETTLE_NS   (3 * NS_PER_S)

static const struct finding_def no_reply_def = {
	.id = "udp.no_reply",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_SERVICE,
	.relies = RELIES_ABSENCE | RELIES_ERRORS,
	.title = "Requests over UDP without a single answer",
};

static const struct finding_def port_unreachable_def = {
	.id = "udp.port_unreachable",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_SERVICE,
	.title = "Datagrams are met by \"port unreachable\"",
};

/* What is asked there is answered there: TFTP (from another port), Kerberos,
 * portmap, SNMP, CLDAP, IKE, RADIUS, STUN, SIP, WireGuard. */
static const uint16_t asked_ports[] = {69,   88,   111,	 161,  389,  500,
				       1812, 1813, 3478, 4500, 5060, 51820};

/* One way by design, or judged by rules of their own (DNS, NTP, QUIC). */
static const uint16_t other_ports[] = {
	53,   67,   68,	  123,	137,  138,  162,  443,	514,  546,  547,  1900,
	2055, 3702, 4739, 4789, 5353, 5355, 6081, 6343, 8125, 8472, 9995, 9996};

/* Closed ports of one service, as ICMP tells. */
struct closed {
	int64_t first_ns, last_ns;
	uint32_t errors;
	struct addr client, reporter;
	bool late_answer; /* the quoted source is the service */
	bool used;	  /* the quoted conversation had packets both ways */
	struct finding *raised;
	uint64_t frames[FRAMES];
	uint8_t frame_count;
};

struct service_name {
	struct addr addr;
	uint16_t port, pad;
};

struct udp_silent {
	struct table *closed;  /* service_name -> struct closed */
	struct table *sources; /* pair_key -> struct bits of ports */
	struct table *tftp;    /* service_name of the client -> bool answered */
	int64_t next_ns;
};

static void *silent_open(struct arena *home, const struct limits *limits,
			 struct hash_key key)
{
	const struct table_spec closed = {
		"closed UDP ports", sizeof(struct service_name),
		sizeof(struct closed), limits->services};
	const struct table_spec sources = {
		"refused UDP sources", sizeof(struct pair_key),
		sizeof(struct bits), limits->services / 4};
	const struct table_spec tftp = {"TFTP clients",
					sizeof(struct service_name),
					sizeof(bool), 1024};
	struct udp_silent *u = arena_alloc(home, sizeof(*u));

	if (!u)
		return NULL;
	u->closed = table_new(home, &closed, key);
	u->sources = table_new(home, &sources, key);
	u->tftp = table_new(home, &tftp, key);
	return u->closed && u->sources && u->tftp ? u : NULL;
}

static bool in_list(uint16_t port, const uint16_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == port)
			return true;
	return false;
}

#define IN(port, list) in_list(port, list, sizeof(list) / sizeof((list)[0]))

static struct service_name name_of(const struct addr *a, uint16_t port)
{
	struct service_name n;

	memset(&n, 0, sizeof(n));
	n.addr = *a;
	n.port = port;
	return n;
}

static bool is_error(const struct icmp_error_fact *e)
{
	return e->quote.present && e->quote.has_ports &&
	       e->quote.protocol == 17 &&
	       (e->version == 4 ? e->type == 3 && e->code == 3
				: e->type == 1 && e->code == 4);
}

/* The end of a traceroute: the port was chosen to be closed. */
static bool is_traceroute(const struct icmp_error_fact *e)
{
	return e->quote.dst_port >= TRACE_FROM && e->quote.dst_port <= TRACE_TO;
}

/* The quoted packet went to who had asked: by the port that it came from, or
 * because the other end had begun.  The capture may have begun later than the
 * conversation, and so the ports must agree. */
static bool is_answer(const struct icmp_error_fact *e)
{
	const struct quote *q = &e->quote;

	return (q->src_port < 1024 && q->dst_port >= 1024) ||
	       (e->quoted_answer && q->dst_port > q->src_port);
}

static void on_error(struct udp_silent *u, const struct observation *ob)
{
	const struct icmp_error_fact *e = &ob->as.icmp_error;
	struct service_name name = name_of(&e->quote.dst, e->quote.dst_port);
	struct flow flow = {.src = e->quote.src, .dst = e->quote.dst};
	struct pair_key pair = pair_key(&flow);
	struct closed *k;
	struct bits *ports;

	if (!is_error(e) || is_traceroute(e))
		return;
	ports = table_add(u->sources, &pair, NULL);
	if (ports)
		bits_add(ports, e->quote.dst_port);
	k = table_add(u->closed, &name, NULL);
	if (!k)
		return;
	if (!k->errors++)
		k->first_ns = ob->time_ns;
	k->last_ns = ob->time_ns;
	k->client = e->quote.src;
	k->reporter = e->reporter;
	k->late_answer = is_answer(e);
	k->used = e->flow_alive;
	if (k->frame_count + 1 < FRAMES) {
		if (e->quoted_frame)
			k->frames[k->frame_count++] = e->quoted_frame;
		k->frames[k->frame_count++] = ob->frame;
	}
}

static bool is_scanned(const struct udp_silent *u, const struct addr *client,
		       const struct addr *server)
{
	struct flow flow = {.src = *client, .dst = *server};
	struct pair_key pair = pair_key(&flow);
	const struct bits *ports = table_find(u->sources, &pair);

	return ports && ports->set >= SCAN_PORTS;
}

static void no_reply_raise(const struct observation *ob,
			   const struct detector_context *c)
{
	const struct udp_fact *f = &ob->as.udp;
	struct subject subject =
		subject_service(&f->flow.dst, f->flow.dst_port, 17);
	struct finding *g = finding_raise(c->findings, &no_reply_def, &subject,
					  "", f->first_ns, f->last_ns);
	char client[ADDR_TEXT], service[ENDPOINT_TEXT], span[WHEN_TEXT];

	if (!g)
		return;
	g->count += f->packets[0];
	g->has_flow = true;
	g->flow = f->flow;
	for (int i = 0; i < 4; i++)
		finding_frame(g, f->frames[i]);
	addr_text(&f->flow.src, client);
	endpoint_text(&f->flow.dst, f->flow.dst_port, service);
	finding_title(g, "%s does not answer over UDP", service);
	finding_summary(g,
			"%s sent %llu datagrams to %s within %s and got "
			"nothing back, no answer%s.",
			client, (unsigned long long)f->packets[0], service,
			when_duration(f->last_ns - f->first_ns, span),
			c->coverage->icmp
				? " and no ICMP error"
				: "; no ICMP at all is in the capture");
	g->confidence = f->growing_gaps ? CERTAIN : LIKELY;
	if (!g->advice[0][0])
		finding_advise(g,
			       "On the server: ss -lun '( sport = :%u )'; "
			       "is a firewall dropping it?",
			       f->flow.dst_port);
}

/* Of WireGuard only the first message of a handshake wants an answer. */
static bool wants_answer(const struct udp_fact *f)
{
	enum { WIREGUARD = 51820, INITIATION = 1 };

	if (f->flow.dst_port == WIREGUARD)
		return f->head_len && f->head[0] == INITIATION;
	return f->growing_gaps || IN(f->flow.dst_port, asked_ports);
}

/* TFTP answers from another port (RFC 1350, 4). */
static void on_opened(struct udp_silent *u, const struct flow *flow)
{
	struct service_name from = name_of(&flow->src, flow->src_port);
	struct service_name to = name_of(&flow->dst, flow->dst_port);
	bool *answered;

	if (flow->dst_port == TFTP) {
		table_add(u->tftp, &from, NULL);
		return;
	}
	answered = table_count(u->tftp) ? table_find(u->tftp, &to) : NULL;
	if (answered)
		*answered = true;
}

static bool tftp_answered(const struct udp_silent *u,
			  const struct service_name *client)
{
	const bool *answered = table_find(u->tftp, client);

	return answered && *answered;
}

static void on_ended(struct udp_silent *u, const struct observation *ob,
		     const struct detector_context *c)
{
	const struct udp_fact *f = &ob->as.udp;
	struct service_name service = name_of(&f->flow.dst, f->flow.dst_port);
	struct service_name client = name_of(&f->flow.src, f->flow.src_port);
	uint8_t last = f->flow.dst.bytes[3];
	bool group = f->group || (f->flow.dst.family == 4 && last == 255);

	if (f->packets[1] || f->packets[0] < TRIES || group || f->rtp ||
	    IN(f->flow.dst_port, other_ports) ||
	    c->now_ns - f->last_ns < PATIENCE_NS)
		return;
	if (!wants_answer(f))
		return;
	if (IN(f->flow.src_port, other_ports) ||
	    (IN(f->flow.src_port, asked_ports) &&
	     f->flow.src_port != f->flow.dst_port))
		return; /* it is an answer itself */
	if (!known_host_visible(c->known, &f->flow.src, f->first_ns) ||
	    table_find(u->closed, &service) || tftp_answered(u, &client))
		return;
	no_reply_raise(ob, c);
}

static void silent_observe(void *self, const struct observation *ob,
			   const struct detector_context *c)
{
	struct udp_silent *u = self;

	switch (ob->kind) {
	case OBS_ICMP_ERROR:
		on_error(u, ob);
		break;
	case OBS_UDP_OPENED:
		on_opened(u, &ob->as.udp.flow);
		break;
	case OBS_UDP_ENDED:
		on_ended(u, ob, c);
		break;
	default:
		break;
	}
}

/* A port that a program had for itself and gave back, as at the end of a call,
 * is no service that is missing. */
static bool is_given_back(const struct closed *k, uint16_t port)
{
	return k->late_answer ||
	       (k->used && port >= DYNAMIC && !IN(port, asked_ports));
}

static void closed_raise(const struct udp_silent *u, struct closed *k,
			 const struct detector_context *c)
{
	const struct service_name *n = table_key(u->closed, k);
	struct subject subject = subject_service(&n->addr, n->port, 17);
	struct finding *g =
		finding_raise(c->findings, &port_unreachable_def, &subject, "",
			      k->first_ns, k->last_ns);
	char client[ADDR_TEXT], reporter[ADDR_TEXT], service[ENDPOINT_TEXT];

	if (!g)
		return;
	k->raised = g;
	g->count = k->errors;
	for (uint8_t i = 0; i < k->frame_count; i++)
		finding_frame(g, k->frames[i]);
	addr_text(&k->client, client);
	addr_text(&k->reporter, reporter);
	endpoint_text(&n->addr, n->port, service);
	g->severity = k->errors >= REFUSED_LEAST && !is_given_back(k, n->port)
			      ? WARNING
			      : NOTICE;
	finding_title(g, "Nothing listens on UDP %s", service);
	finding_summary(g,
			"%u datagram%s, the last of %s, met \"port "
			"unreachable\" from %s.",
			k->errors, plural(k->errors), client, reporter);
	if (!addr_equal(&k->reporter, &n->addr))
		finding_add(g, " That is not the destination: they are "
			       "rejected on the way.");
	if (k->late_answer)
		finding_add(g, " They are answers: the client had closed its "
			       "port before they came.");
	else if (k->used)
		finding_add(g, " The conversation had packets both ways "
			       "before: whatever listened there has ended.");
	if (!g->advice[0][0])
		finding_advise(g, "On %s: ss -lun '( sport = :%u )'", reporter,
			       n->port);
}

static void silent_clock(void *self, const struct detector_context *c)
{
	struct udp_silent *u = self;

	if (c->now_ns < u->next_ns && !c->at_end)
		return;
	u->next_ns = c->now_ns + NS_PER_S;
	for (struct closed *k = table_oldest(u->closed); k;
	     k = table_newer(u->closed, k)) {
		const struct service_name *n = table_key(u->closed, k);

		if (!c->at_end && c->now_ns - k->first_ns < SETTLE_NS)
			continue;
		if (!is_scanned(u, &k->client, &n->addr) &&
		    !known_traceroute(c->known, &k->client, &n->addr,
				      k->last_ns))
			closed_raise(u, k, c);
		else if (k->raised)
			k->raised->withheld = true;
	}
}

static void silent_limits(void *self, struct checks *out)
{
	struct udp_silent *u = self;

	check_table(out, u->closed);
	check_table(out, u->sources);
	check_table(out, u->tftp);
}

static const struct finding_def *const silent_findings[] = {
	&no_reply_def, &port_unreachable_def, NULL};
static const enum observation_kind silent_wants[] = {
	OBS_ICMP_ERROR, OBS_UDP_OPENED, OBS_UDP_ENDED, OBSERVATIONS};

const struct detector udp_silent_detector = {
	.name = "udp_silent",
	.findings = silent_findings,
	.wants = silent_wants,
	.open = silent_open,
	.observe = silent_observe,
	.clock = silent_clock,
	.finish = silent_clock,
	.limits = silent_limits,
};

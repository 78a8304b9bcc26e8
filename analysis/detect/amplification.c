/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * amplification.c - answers of many servers to requests that their target never
 * sent: somebody forges its address (RFC 4732, 3.1).
 */
#include "analysis/detect/probe.h"
#include "base/table.h"
#include "base/when.h"

enum {
	REFLECTORS = 10,
	DATAGRAMS = 1000,      /* in the window */
	REFLECTORS_BLIND = 50, /* where requests may go unseen */
	FRAMES = 12,
};

#define WINDOW_NS (10 * NS_PER_S)
#define START_NS  (2 * NS_PER_S) /* answers to what was asked before it */

static const struct finding_def udp_amplification_def = {
	.id = "udp.amplification",
	.layer = LAYER_TRANSPORT,
	.most = CRITICAL,
	.subject = SUBJECT_HOST,
	.relies = RELIES_ABSENCE | RELIES_RATE,
	.title = "Answers to requests that were never sent: amplification",
	.advice = {"Filter by the source port upstream: the sources are "
		   "abused servers, not the attacker"},
};

static const struct {
	uint16_t port;
	const char *name;
} abused[] = {
	{17, "quote of the day"},
	{19, "chargen"},
	{53, "DNS"},
	{69, "TFTP"},
	{111, "portmap"},
	{123, "NTP"},
	{137, "NetBIOS"},
	{161, "SNMP"},
	{389, "CLDAP"},
	{500, "IKE"},
	{520, "RIP"},
	{1194, "OpenVPN"},
	{1434, "MS-SQL"},
	{1900, "SSDP"},
	{3283, "ARD"},
	{3478, "STUN"},
	{4500, "IKE"},
	{3702, "WS-Discovery"},
	{5093, "Sentinel"},
	{5353, "mDNS"},
	{5683, "CoAP"},
	{10001, "Ubiquiti"},
	{11211, "memcached"},
	{27015, "Steam"},
	{37810, "DHDiscover"},
};

struct ampl_key {
	struct addr target;
	uint16_t port, pad;
};

struct ampl {
	int64_t start_ns, first_ns, last_ns;
	struct bits reflectors; /* of the window */
	uint32_t datagrams;
	uint64_t bytes, all;
	uint64_t frames[FRAMES];
	uint8_t frame_count;
	bool asked; /* it asks by multicast or broadcast */
	bool found;
};

struct amplification {
	struct table *targets;
};

static void *ampl_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	const struct table_spec spec = {
		"amplification targets", sizeof(struct ampl_key),
		sizeof(struct ampl), limits->targets / 4};
	struct amplification *a = arena_alloc(home, sizeof(*a));

	if (a)
		a->targets = table_new(home, &spec, key);
	return a && a->targets ? a : NULL;
}

static const char *abused_name(uint16_t port)
{
	for (size_t i = 0; i < sizeof(abused) / sizeof(abused[0]); i++)
		if (abused[i].port == port)
			return abused[i].name;
	return NULL;
}

static struct ampl *ampl_of(struct amplification *a, const struct addr *target,
			    uint16_t port)
{
	struct ampl_key key;

	memset(&key, 0, sizeof(key));
	key.target = *target;
	key.port = port;
	return table_add(a->targets, &key, NULL);
}

static void ampl_raise(struct ampl *m, const struct addr *target, uint16_t port,
		       const struct detector_context *c, bool visible)
{
	struct subject subject = subject_host(target);
	struct finding *g =
		finding_raise(c->findings, &udp_amplification_def, &subject,
			      abused_name(port), m->first_ns, m->last_ns);
	char to[ADDR_TEXT], when[WHEN_TEXT];

	if (!g)
		return;
	m->found = true;
	g->count = m->all;
	for (uint8_t i = 0; i < m->frame_count; i++)
		finding_frame(g, m->frames[i]);
	addr_text(target, to);
	g->confidence = visible ? CERTAIN : LIKELY;
	finding_title(g, "%s gets %s answers that it never asked for", to,
		      abused_name(port));
	finding_summary(g,
			"From %s on at least %u servers sent %s datagrams from "
			"port %u to %s, %llu in all that begin no conversation "
			"of its own: somebody asks in its name.",
			when_clock(m->first_ns, when), m->reflectors.set,
			abused_name(port), port, to,
			(unsigned long long)m->all);
	if (!visible)
		finding_add(g,
			    " What %s sends is not seen here, so requests "
			    "of its own cannot be ruled out.",
			    to);
	finding_filter(g, "%s.dst == %s && udp.srcport == %u",
		       target->family == 6 ? "ipv6" : "ip", to, port);
}

/* Whether the first bytes are those of an answer: DNS (RFC 1035, QR), NTP
 * (RFC 5905, mode), IKE (RFC 7296, the responder's SPI).  Others do not say. */
static bool is_answer(const struct udp_fact *f)
{
	static const uint8_t none[8];
	uint8_t mode = f->head[0] & 7;
	bool marker = f->flow.src_port == 4500; /* RFC 3948, 2.2 */

	switch (f->flow.src_port) {
	case 53:
	case 5353:
		return f->head_len > 2 && f->head[2] & 0x80;
	case 123:
		return f->head_len && (mode == 4 || mode == 6 || mode == 7);
	case 500:
	case 4500:
		return f->head_len == UDP_HEAD &&
		       (marker || memcmp(f->head + 8, none, 8) != 0);
	default:
		return f->flow.src_port != f->flow.dst_port;
	}
}

/* A conversation that begins with the answer. */
static void ampl_answer(struct amplification *a, const struct observation *ob,
			const struct detector_context *c)
{
	const struct udp_fact *f = &ob->as.udp;
	struct ampl *m = ampl_of(a, &f->flow.dst, f->flow.src_port);
	bool visible;

	if (!m)
		return;
	if (!m->all++)
		m->first_ns = m->start_ns = ob->time_ns;
	if (ob->time_ns - m->start_ns > WINDOW_NS) {
		m->start_ns = ob->time_ns;
		if (!m->found) {
			memset(&m->reflectors, 0, sizeof(m->reflectors));
			m->datagrams = 0;
		}
	}
	m->last_ns = ob->time_ns;
	bits_add(&m->reflectors, host_number(&f->flow.src));
	m->datagrams++;
	m->bytes += f->first_bytes;
	if (m->frame_count < FRAMES)
		m->frames[m->frame_count++] = ob->frame;
	if (m->asked ||
	    (m->reflectors.set < REFLECTORS && m->datagrams < DATAGRAMS))
		return;
	visible = known_host_visible(c->known, &f->flow.dst, ob->time_ns);
	if (visible ? ob->time_ns - c->start_ns < START_NS &&
			      m->reflectors.set < REFLECTORS_BLIND
		    : m->reflectors.set < REFLECTORS_BLIND)
		return;
	ampl_raise(m, &f->flow.dst, f->flow.src_port, c, visible);
}

static void ampl_observe(void *self, const struct observation *ob,
			 const struct detector_context *c)
{
	const struct udp_fact *f = &ob->as.udp;
	struct amplification *a = self;

	if (f->group) {
		if (abused_name(f->flow.dst_port)) {
			struct ampl *m =
				ampl_of(a, &f->flow.src, f->flow.dst_port);

			if (m)
				m->asked = true;
		}
		return;
	}
	if (abused_name(f->flow.src_port) && is_answer(f))
		ampl_answer(a, ob, c);
}

static void ampl_limits(void *self, struct checks *out)
{
	struct amplification *a = self;

	check_table(out, a->targets);
}

static const struct finding_def *const ampl_findings[] = {
	&udp_amplification_def, NULL};
static const enum observation_kind ampl_wants[] = {OBS_UDP_OPENED,
						   OBSERVATIONS};

const struct detector amplification_detector = {
	.name = "amplification",
	.findings = ampl_findings,
	.wants = ampl_wants,
	.open = ampl_open,
	.observe = ampl_observe,
	.limits = ampl_limits,
};

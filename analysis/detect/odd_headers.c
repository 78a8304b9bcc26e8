/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * odd_headers.c - addresses that cannot be on a wire, and congestion marks.
 */
#include <inttypes.h>
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/when.h"

enum { MARKS_LEAST = 3 };

static const struct finding_def martian_def = {
	.id = "ip.martian",
	.layer = LAYER_NETWORK,
	.most = WARNING,
	.subject = SUBJECT_PATH,
	.title = "An address that cannot be on a wire",
};

static const struct finding_def marked_def = {
	.id = "ip.congestion_marked",
	.layer = LAYER_NETWORK,
	.most = NOTICE,
	.subject = SUBJECT_FLOW,
	.title = "Routers mark congestion",
};

/* Of each reason the first pair is the subject; more of them only count. */
struct odd_address {
	struct addr address;
	uint32_t bad_src;
};

struct odd_seen {
	struct frame_list frames;
	uint64_t packets;
	int64_t first_ns;
	struct mac mac; /* that sent the first: the subject stays the same */
	bool has_mac;
};

struct odd_watch {
	struct table *addresses;
};

static void *odd_open(struct arena *home, const struct limits *limits,
		      struct hash_key key)
{
	static const struct table_spec spec = {"martian addresses seen",
					       sizeof(struct odd_address),
					       sizeof(struct odd_seen), 1024};
	struct odd_watch *w = arena_alloc(home, sizeof(*w));

	(void)limits;
	if (!w)
		return NULL;
	w->addresses = table_new(home, &spec, key);
	return w->addresses ? w : NULL;
}

/* A station that names no address, to all on its link. */
static bool is_nobody(const struct martian_fact *m)
{
	return m->bad_src && addr_is_unspecified(&m->src) && m->to_group;
}

static void tell_martian(const struct martian_fact *m,
			 const struct odd_seen *seen,
			 const struct observation *o,
			 const struct detector_context *c)
{
	const struct addr *odd = m->bad_src ? &m->src : &m->dst;
	struct subject s = subject_host(odd);
	char src[ADDR_TEXT], dst[ADDR_TEXT], mac[MAC_TEXT], list[FRAMES_TEXT];
	struct finding *f;

	if (seen->has_mac)
		s.mac = seen->mac;
	f = finding_raise(c->findings, &martian_def, &s, "", seen->first_ns,
			  o->time_ns);
	if (!f)
		return;
	finding_restate(f);
	if (strstr(m->why, "240/4") || is_nobody(m))
		f->severity = NOTICE;
	f->count = seen->packets;
	frames_prove(&seen->frames, f);
	addr_text(&m->src, src);
	addr_text(&m->dst, dst);
	mac_text(&seen->mac, mac);
	finding_title(f, "Packets %s %s, %s", m->bad_src ? "from" : "to",
		      m->bad_src ? src : dst, m->why);
	finding_summary(f,
			"A packet from %s to %s was on the wire (%s); its %s "
			"is %s, which no host may use there.",
			src, dst, frames_text(&seen->frames, list),
			m->bad_src ? "source" : "destination", m->why);
	if (seen->has_mac)
		finding_add(f, " It came from MAC %s.", mac);
	if (is_nobody(m))
		finding_add(f, " It went to a group of stations, and no router "
			       "passes it on: some devices speak so to others "
			       "of their kind.");
	finding_filter(f, "%s.addr == %s", m->src.family == 6 ? "ipv6" : "ip",
		       m->bad_src ? src : dst);
	finding_advise(f, "who is MAC %s, and what forges or leaks this?",
		       seen->has_mac ? mac : "of the sender");
	finding_advise(f, "sysctl net.ipv4.conf.all.rp_filter   on the router");
}

static void observe_martian(struct odd_watch *w, const struct observation *o,
			    const struct detector_context *c)
{
	const struct martian_fact *m = &o->as.martian;
	struct odd_address key = {m->bad_src ? m->src : m->dst, m->bad_src};
	struct odd_seen *seen = table_add(w->addresses, &key, NULL);

	if (!seen)
		return;
	if (!seen->packets) {
		seen->first_ns = o->time_ns;
		seen->has_mac = m->has_mac;
		seen->mac = m->eth_src;
	}
	frames_note(&seen->frames, o->frame);
	/* one report may stand for a second of packets */
	seen->packets =
		m->packets > seen->packets ? m->packets : seen->packets + 1;
	if (seen->packets <= 2 || seen->frames.count < FRAME_LIST)
		tell_martian(m, seen, o, c);
}

/* A flow that never sends ECT without CE uses the bits for something else. */
static void observe_marks(const struct observation *o,
			  const struct detector_context *c)
{
	const struct congestion_fact *m = &o->as.congestion;
	struct subject s = subject_flow(&m->flow);
	char src[ENDPOINT_TEXT], dst[ENDPOINT_TEXT];
	double share;
	struct finding *f;

	if (m->marked < MARKS_LEAST || m->capable < MARKS_LEAST)
		return;
	f = finding_raise(c->findings, &marked_def, &s, "", m->first_ns,
			  o->time_ns);
	if (!f)
		return;
	finding_restate(f);
	f->count = m->marked;
	f->flow = m->flow;
	f->has_flow = true;
	for (int i = 0; i < 4; i++)
		finding_frame(f, m->frames[i]);
	endpoint_text(&m->flow.src, m->flow.src_port, src);
	endpoint_text(&m->flow.dst, m->flow.dst_port, dst);
	share = 100.0 * (double)m->marked / (double)(m->marked + m->capable);
	finding_title(f, "Congestion on the way from %s to %s", src, dst);
	finding_summary(f,
			"Routers marked %" PRIu64 " of %" PRIu64
			" packets from %s to %s as having met a full queue "
			"(CE, %.1f %%), the first in frame %" PRIu64 ".",
			m->marked, m->marked + m->capable, src, dst, share,
			m->frames[0]);
	finding_filter(f, "%s == 3",
		       m->flow.src.family == 6 ? "ipv6.tclass.ecn"
					       : "ip.dsfield.ecn");
	finding_advise(f, "which link on the way is full? Its queue marks "
			  "instead of dropping.");
}

static void odd_observe(void *self, const struct observation *o,
			const struct detector_context *c)
{
	if (o->kind == OBS_MARTIAN)
		observe_martian(self, o, c);
	else
		observe_marks(o, c);
}

static void odd_limits(void *self, struct checks *out)
{
	const struct odd_watch *w = self;

	check_table(out, w->addresses);
}

static const struct finding_def *const odd_findings[] = {&martian_def,
							 &marked_def, NULL};

static const enum observation_kind odd_wants[] = {OBS_MARTIAN, OBS_CONGESTION,
						  OBSERVATIONS};

const struct detector odd_headers_detector = {
	.name = "odd_headers",
	.findings = odd_findings,
	.wants = odd_wants,
	.open = odd_open,
	.observe = odd_observe,
	.limits = odd_limits,
};

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * checksums.c - sums that are wrong on the wire, and captures that somebody
 * rewrote: there they are wrong everywhere, and nobody minded.
 */
#include <inttypes.h>
#include <string.h>

#include "analysis/detector.h"

enum {
	STATIONS = 256,
	INDEX = 1024, /* sparse: a probe or two find a station, or none */
	FRAMES = 4,
	BAD_LEAST = 2,
	REWRITTEN_PERCENT = 90,
	REWRITTEN_LEAST = 4, /* packets that were checked */
};

static const struct finding_def rewritten = {
	.id = "capture.rewritten",
	.layer = LAYER_CAPTURE,
	.most = NOTICE,
	.subject = SUBJECT_CAPTURE,
	.title = "The packets were rewritten after they were captured",
	.advice = {"Ask for the original capture"},
};

static const struct finding_def bad_checksum = {
	.id = "ip.bad_checksum",
	.layer = LAYER_NETWORK,
	.most = WARNING,
	.subject = SUBJECT_PATH,
	.relies = RELIES_CHECKSUM,
	.title = "IPv4 headers arrive damaged",
	.advice = {"Look at the sender's cable and card: ethtool -S IFACE"},
};

/* What a station sent. */
struct station {
	struct mac mac;
	struct flow first; /* of its wrong headers */
	uint32_t bad, frames;
	uint64_t frame[FRAMES];
	int64_t first_ns, last_ns;
	uint32_t headers, headers_wrong, checked, wrong;
	bool unfilled;
};

struct watch {
	struct station station[STATIONS];
	uint16_t index[INDEX]; /* number of a station + 1; 0: none */
	uint32_t stations;
	uint64_t frame[EVIDENCE_MAX];
	uint32_t frames;
	bool acknowledged;
};

static void *checksums_open(struct arena *home, const struct limits *limits,
			    struct hash_key key)
{
	(void)limits;
	(void)key;
	return arena_alloc(home, sizeof(struct watch));
}

static struct station *station_of(struct watch *w, const struct mac *mac)
{
	uint32_t low, i;

	memcpy(&low, mac->bytes + 2, sizeof(low));
	i = (low * 0x9e3779b1u) >> 22;
	while (w->index[i]) {
		struct station *s = &w->station[w->index[i] - 1];

		if (mac_equal(&s->mac, mac))
			return s;
		i = (i + 1) % INDEX;
	}
	if (w->stations == STATIONS)
		return NULL;
	w->station[w->stations].mac = *mac;
	w->index[i] = (uint16_t)++w->stations;
	return &w->station[w->stations - 1];
}

static void note_total(struct station *s, const struct checksum_fact *fact)
{
	s->unfilled |= fact->unfilled;
	if (fact->proto == PROTO_ipv4) {
		s->headers += fact->checked;
		s->headers_wrong += fact->wrong;
	} else {
		s->checked += fact->checked;
		s->wrong += fact->wrong;
	}
}

static void note_wrong(struct watch *w, struct station *s,
		       const struct observation *o)
{
	const struct checksum_fact *fact = &o->as.checksum;

	if (w->frames < EVIDENCE_MAX)
		w->frame[w->frames++] = o->frame;
	if (fact->proto != PROTO_ipv4)
		return;
	if (!s->bad++) {
		s->first = fact->flow;
		s->first_ns = o->time_ns;
	}
	s->last_ns = o->time_ns;
	if (s->frames < FRAMES)
		s->frame[s->frames++] = o->frame;
}

static void checksums_observe(void *self, const struct observation *o,
			      const struct detector_context *c)
{
	struct watch *w = self;
	struct station *s;

	(void)c;
	if (o->kind == OBS_TCP_ENDED) {
		w->acknowledged |= o->as.ended.side[0].acked_bytes ||
				   o->as.ended.side[1].acked_bytes;
	} else if (o->kind == OBS_ECHO) {
		w->acknowledged |= o->as.echo.state == ECHO_ANSWERED;
	} else if (o->kind == OBS_DNS) {
		w->acknowledged |= o->as.dns.state == DNS_ANSWERED;
	} else {
		s = station_of(w, &o->as.checksum.src);
		if (s && o->as.checksum.total)
			note_total(s, &o->as.checksum);
		else if (s)
			note_wrong(w, s, o);
	}
}

static bool mostly(uint32_t wrong, uint32_t of)
{
	return of && wrong * 100ull >= of * (uint64_t)REWRITTEN_PERCENT;
}

/* Wrong in nearly all packets of every station that was checked. */
static bool is_rewritten(const struct watch *w, uint64_t *checked,
			 uint64_t *wrong)
{
	*checked = *wrong = 0;
	for (uint32_t i = 0; i < w->stations; i++) {
		const struct station *s = &w->station[i];
		bool headers = mostly(s->headers_wrong, s->headers);

		if (!s->headers && !s->checked)
			continue;
		if (s->unfilled || (!headers && !mostly(s->wrong, s->checked)))
			return false;
		*checked += headers ? s->headers : s->checked;
		*wrong += headers ? s->headers_wrong : s->wrong;
	}
	return *wrong >= REWRITTEN_LEAST && w->acknowledged;
}

static void raise_rewritten(const struct watch *w, uint64_t checked,
			    uint64_t wrong, const struct detector_context *c)
{
	const struct subject subject = subject_capture();
	struct finding *f =
		finding_raise(c->findings, &rewritten, &subject, "",
			      c->coverage->first_ns, c->coverage->last_ns);

	if (!f)
		return;
	f->count = wrong;
	for (uint32_t i = 0; i < w->frames; i++)
		finding_frame(f, w->frame[i]);
	finding_summary(f,
			"Checksums are wrong in %" PRIu64 " of %" PRIu64
			" packets that were checked, from every station, and "
			"yet the packets were accepted: addresses or bytes "
			"were changed after the capture (frame %" PRIu64
			" is one). Wrong checksums are not reported.",
			wrong, checked, w->frame[0]);
}

static void raise_bad(const struct station *s, const struct detector_context *c)
{
	const struct subject path = subject_path(&s->first.src, &s->first.dst);
	char a[ADDR_TEXT], b[ADDR_TEXT], mac[MAC_TEXT];
	struct finding *f = finding_raise(c->findings, &bad_checksum, &path, "",
					  s->first_ns, s->last_ns);

	if (!f)
		return;
	f->count = s->bad;
	for (uint32_t i = 0; i < s->frames; i++)
		finding_frame(f, s->frame[i]);
	mac_text(&s->mac, mac);
	finding_title(f, "%" PRIu32 " IPv4 headers from %s arrived damaged",
		      s->bad, mac);
	finding_summary(f,
			"The header checksum is wrong in %" PRIu32
			" of %" PRIu32
			" packets that %s sent, the first from %s to %s in "
			"frame %" PRIu64 ". Routers drop such packets, so "
			"they were damaged on the last hop.",
			s->bad, s->headers, mac, addr_text(&s->first.src, a),
			addr_text(&s->first.dst, b), s->frame[0]);
	finding_advise(f,
		       "Look at the cable, port and card of %s: ethtool -S "
		       "IFACE",
		       mac);
}

static void checksums_finish(void *self, const struct detector_context *c)
{
	const struct watch *w = self;
	uint64_t checked, wrong;

	if (is_rewritten(w, &checked, &wrong)) {
		raise_rewritten(w, checked, wrong, c);
		return;
	}
	for (uint32_t i = 0; i < w->stations; i++) {
		const struct station *s = &w->station[i];

		if (s->bad >= BAD_LEAST && !s->unfilled &&
		    !mostly(s->headers_wrong, s->headers) &&
		    !known_is_self(c->known, &s->mac))
			raise_bad(s, c);
	}
}

static const struct finding_def *const findings[] = {&rewritten, &bad_checksum,
						     NULL};
static const enum observation_kind wants[] = {OBS_CHECKSUM, OBS_TCP_ENDED,
					      OBS_ECHO, OBS_DNS, OBSERVATIONS};

const struct detector checksums_detector = {
	.name = "checksums",
	.findings = findings,
	.wants = wants,
	.open = checksums_open,
	.observe = checksums_observe,
	.finish = checksums_finish,
};

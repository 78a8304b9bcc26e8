/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rtp.c - media streams with holes, and such as arrive unevenly.
 *
 * What is lost of a call cannot be sent again in time.  1 % is heard; and a
 * player can wait for what comes late only by playing all of it later.
 */
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/when.h"
#include "base/text.h"

enum { LOST = 5, LOST_PERCENT = 1 };

#define UNEVEN_NS (5 * NS_PER_S)

static const struct finding_def rtp_loss = {
	.id = "rtp.loss",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_ABSENCE | RELIES_EACH,
	.title = "A media stream has gaps",
};

static const struct finding_def rtp_jitter = {
	.id = "rtp.jitter",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_DELAY,
	.title = "A media stream arrives unevenly",
};

struct rtp_watch {
	uint32_t streams, good;
	uint64_t packets, frame;
};

static void *rtp_open(struct arena *home, const struct limits *limits,
		      struct hash_key key)
{
	(void)limits;
	(void)key;
	return arena_alloc(home, sizeof(struct rtp_watch));
}

static struct finding *raise(const struct finding_def *def,
			     const struct media_fact *m, int64_t first_ns,
			     int64_t last_ns, const struct detector_context *c)
{
	struct subject subject = subject_flow(&m->flow);
	struct finding *f = finding_raise(c->findings, def, &subject, "",
					  first_ns, last_ns);

	if (!f)
		return NULL;
	finding_restate(f);
	f->has_flow = true;
	f->flow = m->flow;
	finding_filter(f,
		       "rtp.ssrc == 0x%08x || udp.srcport == %u && "
		       "udp.dstport == %u",
		       m->ssrc, m->flow.src_port, m->flow.dst_port);
	return f;
}

static void advise_network(struct finding *f, const struct media_fact *m)
{
	char dst[ADDR_TEXT];

	finding_advise(f, "Do the switches and routers on the way prefer such "
			  "traffic (QoS)?");
	finding_advise(f, "mtr -n -u %s", addr_text(&m->flow.dst, dst));
}

static void loss_raise(const struct media_fact *m, uint64_t expected,
		       const struct detector_context *c)
{
	char src[ENDPOINT_TEXT], dst[ENDPOINT_TEXT];
	struct finding *f = raise(&rtp_loss, m, m->first_ns, m->last_ns, c);

	if (!f)
		return;
	f->count += m->missing;
	f->share = (double)m->missing / (double)expected;
	endpoint_text(&m->flow.src, m->flow.src_port, src);
	endpoint_text(&m->flow.dst, m->flow.dst_port, dst);
	finding_title(f, "%.1f %% of the media stream from %s are missing",
		      100.0 * (double)m->missing / (double)expected, src);
	finding_summary(f,
			"Of the %llu packets that the numbers of the stream %s "
			"> %s (payload type %u, SSRC 0x%08x) count, %u never "
			"came past here, in %u gap%s of at most %u",
			(unsigned long long)expected, src, dst, m->type,
			m->ssrc, m->missing - m->late, m->bursts,
			plural(m->bursts), m->longest);
	if (m->late)
		finding_add(f,
			    "; %u came more than 100 ms after their place, "
			    "too late to be played",
			    m->late);
	finding_add(f,
		    ". The first gap is before frame %llu. They were lost "
		    "on the way to this point.",
		    (unsigned long long)m->gap_frame[0]);
	advise_network(f, m);
	for (int i = 0; i < MEDIA_GAPS; i++)
		finding_frame(f, m->gap_frame[i]);
}

/* Captured where it is sent, before any network. */
static bool at_sender(const struct media_fact *m,
		      const struct detector_context *c)
{
	struct addr self;

	return m->outbound ||
	       (known_vantage(c->known, &self, NULL) == VANTAGE_HOST &&
		addr_equal(&self, &m->flow.src));
}

/* What the network had no part in. */
static void say_sent_so(struct finding *f, const char *src)
{
	f->severity = NOTICE;
	finding_title(f, "The media stream from %s leaves unevenly", src);
	finding_add(f, " It was captured where it is sent: it leaves so, and "
		       "no network had a part in it yet.");
	finding_advise(f, "Does the program that sends keep up, or does it "
			  "send by a coarse timer?");
}

static void jitter_raise(const struct media_fact *m,
			 const struct detector_context *c)
{
	char src[ENDPOINT_TEXT], dst[ENDPOINT_TEXT], most[WHEN_TEXT];
	char took[WHEN_TEXT], at[WHEN_TEXT];
	struct finding *f = raise(&rtp_jitter, m, m->uneven_at_ns,
				  m->uneven_at_ns + m->uneven_ns, c);

	if (!f)
		return;
	f->count++;
	f->confidence = LIKELY;
	endpoint_text(&m->flow.src, m->flow.src_port, src);
	endpoint_text(&m->flow.dst, m->flow.dst_port, dst);
	finding_title(f, "The media stream from %s arrives unevenly", src);
	finding_summary(f,
			"The packets of the stream %s > %s (payload type %u) "
			"strayed from their time stamps by up to %s on average "
			"(RFC 3550), and by more than 30 ms for %s on end "
			"from %s on. A player must wait that long, or loses "
			"what comes late.",
			src, dst, m->type, when_duration(m->jitter_ns, most),
			when_duration(m->uneven_ns, took),
			when_clock(m->uneven_at_ns, at));
	if (m->measured)
		finding_add(f, " The clock of the stream (%u Hz) was measured.",
			    m->clock_hz);
	if (at_sender(m, c))
		say_sent_so(f, src);
	else
		advise_network(f, m);
	finding_frame(f, m->uneven_frame);
	finding_frame(f, m->first_frame);
}

static void rtp_observe(void *self, const struct observation *o,
			const struct detector_context *c)
{
	const struct media_fact *m = &o->as.media;
	uint64_t expected = (uint64_t)m->received + m->missing;
	struct rtp_watch *w = self;
	bool lossy = m->missing >= LOST &&
		     m->missing * 100ull >= expected * LOST_PERCENT;
	bool uneven = m->uneven_ns >= UNEVEN_NS;

	w->streams++;
	if (lossy)
		loss_raise(m, expected, c);
	if (uneven)
		jitter_raise(m, c);
	if (lossy || uneven)
		return;
	if (!w->good++)
		w->frame = m->first_frame;
	w->packets += m->received;
}

static void rtp_checked(void *self, const struct detector_context *c,
			struct checks *out)
{
	const struct rtp_watch *w = self;

	(void)c;
	if (w->good)
		check_add(
			out, CHECK_WORKS, LAYER_TRANSPORT,
			"%u media stream%s of %llu packets without gaps worth "
			"the name (frame %llu)",
			w->good, plural(w->good),
			(unsigned long long)w->packets,
			(unsigned long long)w->frame);
}

static const struct finding_def *const rtp_findings[] = {&rtp_loss, &rtp_jitter,
							 NULL};

static const enum observation_kind rtp_wants[] = {OBS_MEDIA, OBSERVATIONS};

const struct detector rtp_detector = {
	.name = "rtp",
	.findings = rtp_findings,
	.wants = rtp_wants,
	.open = rtp_open,
	.observe = rtp_observe,
	.checked = rtp_checked,
};

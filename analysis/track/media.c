/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * media.c - media streams (RTP, RFC 3550): what is missing of them, and how
 * evenly they arrive.
 *
 * RTP has no port of its own.  Ten packets of one source (SSRC) whose numbers
 * rise make a stream; until then, and for anything else over UDP, a packet
 * costs a look at two bytes.  The types of payload that take turns in it, as
 * key presses (RFC 4733) and comfort noise do, share its numbers (RFC 3550 5.1)
 * but not its clock.  A stream has a place by its hash; another one takes it
 * only when nothing has come for a while.
 */
#include <string.h>

#include "analysis/track/recent.h"
#include "analysis/tracker.h"
#include "base/when.h"

enum {
	STREAMS = 4096,
	RTP_HEADER = 12,
	VERSION = 2,
	PORT_LEAST = 1024,
	PROVED = 10,	     /* packets */
	STEADY_PERCENT = 80, /* of them a step of 1 to 3 */
	STEP_MAX = 3,
	DROPOUT = 3000, /* RFC 3550 A.1: more is another numbering */
	MISORDER = 100,
	SLOPE_PACKETS = 50,
};

#define QUIET_NS   (5 * NS_PER_S)
#define ENDED_NS   (30 * NS_PER_S)
#define REORDER_NS (100 * NS_PER_MS)
#define SLOPE_NS   (3 * NS_PER_S)
#define SILENCE_NS (500 * NS_PER_MS)

struct key {
	struct flow flow;
	uint32_t ssrc, zero;
};

struct stream {
	struct key key;
	uint32_t link;
	bool used, proved, slope, outbound;
	uint8_t type;	  /* of payload, of its first packet */
	uint16_t steady;  /* steps, before it is proved */
	uint16_t highest; /* sequence number */
	uint32_t received, missing, late, bursts, longest;
	uint64_t window; /* which of the last 64 were received */
	int64_t gap_ns, first_ns, last_ns;
	uint64_t first_frame, gap_frame[MEDIA_GAPS];
	/* evenness */
	uint32_t clock_hz; /* of the time stamps; 0: not known yet */
	uint32_t stamp, first_stamp;
	int64_t stamp_ns;
	double jitter_ns, jitter_most_ns;
	int64_t uneven_from_ns, uneven_ns, uneven_at_ns;
	uint64_t uneven_frame;
};

struct media {
	struct stream stream[STREAMS];
	bool active;
	int64_t next_ns;
};

static void *media_open(const struct tracker_home *home)
{
	return arena_alloc(home->arena, sizeof(struct media));
}

/* RFC 3551 table 4 and 5; dynamic types have to be measured. */
static uint32_t clock_of(uint8_t type)
{
	static const uint32_t hz[35] = {
		8000, 0,     0,	    8000, 8000,	 8000,	16000, 8000,  8000,
		8000, 44100, 44100, 8000, 8000,	 90000, 8000,  11025, 22050,
		8000, 0,     0,	    0,	  0,	 0,	0,     90000, 90000,
		0,    90000, 0,	    0,	  90000, 90000, 90000, 90000};

	return type < 35 ? hz[type] : 0;
}

static bool is_type(uint8_t type)
{
	return type < 35 || type >= 96;
}

static uint32_t place_of(const struct key *k)
{
	uint64_t word[sizeof(*k) / 8], h = 0;

	_Static_assert(sizeof(*k) % 8 == 0, "hashed as words");
	memcpy(word, k, sizeof(word));
	for (size_t i = 0; i < sizeof(*k) / 8; i++) {
		h = (h ^ word[i]) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	return (uint32_t)(h >> 40) % STREAMS;
}

static void report(struct stream *s, int64_t now_ns, struct observer *out)
{
	struct observation *o;
	struct media_fact *f;

	s->used = false;
	if (!s->proved)
		return;
	o = observe_begin(out, OBS_MEDIA, NULL);
	o->link = s->link;
	o->time_ns = now_ns;
	o->frame = s->first_frame;
	f = &o->as.media;
	f->flow = s->key.flow;
	f->ssrc = s->key.ssrc;
	f->type = s->type;
	f->received = s->received;
	f->missing = s->missing;
	f->late = s->late;
	f->bursts = s->bursts;
	f->longest = s->longest;
	f->clock_hz = s->clock_hz;
	f->measured = s->slope;
	f->outbound = s->outbound;
	f->first_ns = s->first_ns;
	f->last_ns = s->last_ns;
	f->jitter_ns = (int64_t)s->jitter_most_ns;
	f->uneven_ns = s->uneven_ns;
	f->uneven_at_ns = s->uneven_at_ns;
	f->first_frame = s->first_frame;
	f->uneven_frame = s->uneven_frame;
	memcpy(f->gap_frame, s->gap_frame, sizeof(f->gap_frame));
	observe_end(out);
}

static void begin(struct stream *s, const struct key *key, uint8_t type,
		  const struct packet *p, uint16_t seq, uint32_t stamp)
{
	*s = (struct stream){
		.key = *key,
		.link = p->link,
		.used = true,
		.outbound = p->frame.direction == FRAME_OUTBOUND,
		.highest = seq,
		.received = 1,
		.window = 1,
		.first_ns = p->frame.time_ns,
		.last_ns = p->frame.time_ns,
		.first_frame = p->frame.number,
		.type = type,
		.clock_hz = clock_of(type),
		.stamp = stamp,
		.first_stamp = stamp,
		.stamp_ns = p->frame.time_ns,
	};
}

/* A number above the highest: those between are missing, until they come. */
static void ahead(struct stream *s, uint16_t step, const struct packet *p)
{
	uint32_t gap = step - 1u;

	s->window = step < 64 ? s->window << step | 1 : 1;
	s->highest += step;
	s->received++;
	if (!gap)
		return;
	if (s->bursts < MEDIA_GAPS)
		s->gap_frame[s->bursts] = p->frame.number;
	s->bursts++;
	s->missing += gap;
	if (gap > s->longest)
		s->longest = gap;
	s->gap_ns = p->frame.time_ns;
}

/* A number below: reordered, too late to be played, or a copy. */
static void behind(struct stream *s, uint16_t back, const struct packet *p)
{
	if (back >= 64 || (s->window >> back & 1))
		return;
	s->window |= 1ull << back;
	if (p->frame.time_ns - s->gap_ns > REORDER_NS) {
		s->late++;
		return;
	}
	s->received++;
	if (s->missing)
		s->missing--;
}

/* Of a number far below it is not known whether it came before. */
static bool is_copy(const struct stream *s, uint16_t seq)
{
	uint16_t step = seq - s->highest, back = s->highest - seq;

	return step > DROPOUT && (back >= 64 || s->window >> back & 1);
}

/* False: a numbering of its own, the stream starts anew. */
static bool number(struct stream *s, uint16_t seq, const struct packet *p)
{
	uint16_t step = seq - s->highest, back = s->highest - seq;

	if (step == 0)
		return true;
	if (!s->proved) {
		s->steady += step <= STEP_MAX;
		if (step > DROPOUT && back > STEP_MAX)
			return false;
	} else if (step > DROPOUT && back > MISORDER) {
		return false;
	}
	if (step <= DROPOUT)
		ahead(s, step, p);
	else
		behind(s, back, p);
	if (!s->proved && s->received >= PROVED) {
		s->proved = s->steady * 100 >= (PROVED - 1) * STEADY_PERCENT;
		if (!s->proved)
			return false;
	}
	return true;
}

/* The slope of the time stamps, where it is one that codecs use. */
static void measure_clock(struct stream *s, uint32_t stamp, int64_t ns)
{
	static const uint32_t usual[] = {8000, 16000, 48000, 90000};
	int64_t took = ns - s->first_ns;
	double hz;

	if (took < SLOPE_NS || s->received < SLOPE_PACKETS)
		return;
	hz = (double)(uint32_t)(stamp - s->first_stamp) * 1e9 / (double)took;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		double off = hz / usual[i] - 1;

		if (off > -0.04 && off < 0.04) {
			s->clock_hz = usual[i];
			s->slope = true;
		}
	}
}

/* RFC 3550 A.8, and how long it was bad without a break. */
static void note_jitter(struct stream *s, double off_ns, int64_t ns,
			uint64_t frame)
{
	s->jitter_ns += ((off_ns < 0 ? -off_ns : off_ns) - s->jitter_ns) / 16;
	if (s->jitter_ns > s->jitter_most_ns)
		s->jitter_most_ns = s->jitter_ns;
	if (s->jitter_ns <= MEDIA_JITTER_NS) {
		s->uneven_from_ns = 0;
		return;
	}
	if (!s->uneven_from_ns)
		s->uneven_from_ns = ns;
	if (ns - s->uneven_from_ns > s->uneven_ns) {
		s->uneven_ns = ns - s->uneven_from_ns;
		s->uneven_at_ns = s->uneven_from_ns;
		s->uneven_frame = frame;
	}
}

/* In the order of arrival, late ones too (RFC 3550 6.4.1).  The first packet
 * of each time stamp: what follows it is the rest of one picture.  After a
 * silence the clock starts anew. */
static void pace(struct stream *s, uint32_t stamp, bool marker,
		 const struct packet *p)
{
	int64_t ns = p->frame.time_ns, apart = ns - s->stamp_ns;
	int32_t ticks = (int32_t)(stamp - s->stamp);
	double stamped;

	if (ticks == 0)
		return;
	if (!s->clock_hz) {
		if (ticks < 0)
			return;
		measure_clock(s, stamp, ns);
	} else {
		stamped = (double)ticks * 1e9 / s->clock_hz;
		if (apart >= 0 && apart < 2 * QUIET_NS &&
		    stamped < SILENCE_NS && stamped > -SILENCE_NS &&
		    !(marker && s->clock_hz < 90000))
			note_jitter(s, (double)apart - stamped, ns,
				    p->frame.number);
	}
	s->stamp = stamp;
	s->stamp_ns = ns;
}

static void stream_packet(struct media *m, const struct key *key,
			  const struct packet *p, struct observer *out)
{
	const uint8_t *h = p->payload.at;
	struct stream *s = &m->stream[place_of(key)];
	uint16_t seq = load_be16(h + 2);
	uint32_t stamp = load_be32(h + 4);
	uint8_t type = h[1] & 0x7f;
	int64_t ns = p->frame.time_ns;
	bool copy;

	m->active = true;
	if (!s->used || memcmp(&s->key, key, sizeof(*key)) != 0) {
		if (s->used && s->proved && ns - s->last_ns < QUIET_NS)
			return;
		report(s, ns, out);
		begin(s, key, type, p, seq, stamp);
		return;
	}
	if (!s->proved && type != s->type && seq != (uint16_t)(s->highest + 1))
		return;
	copy = is_copy(s, seq);
	if (!number(s, seq, p)) {
		report(s, ns, out);
		begin(s, key, type, p, seq, stamp);
		return;
	}
	if (!copy && type == s->type)
		pace(s, stamp, h[1] & 0x80, p);
	s->last_ns = ns;
}

static void media_packet(void *self, const struct packet *p,
			 struct observer *out)
{
	const struct udp_header *udp;
	const uint8_t *h = p->payload.at;
	struct key key;

	if (!p->udp || p->payload.kept < RTP_HEADER || h[0] >> 6 != VERSION ||
	    !is_type(h[1] & 0x7f))
		return;
	udp = &p->udp->as.udp;
	if (udp->src_port < PORT_LEAST || udp->dst_port < PORT_LEAST ||
	    p->udp != &p->layers[p->layer_count - 1] || !p->ip ||
	    p->ip->as.ip.fragment)
		return;
	memset(&key, 0, sizeof(key));
	if (!packet_flow(p, &key.flow))
		return;
	key.ssrc = load_be32(h + 8);
	stream_packet(self, &key, p, out);
}

static void report_quiet(struct media *m, int64_t before_ns, int64_t now_ns,
			 struct observer *out)
{
	for (int i = 0; i < STREAMS; i++)
		if (m->stream[i].used && m->stream[i].last_ns <= before_ns)
			report(&m->stream[i], now_ns, out);
		else
			m->active |= m->stream[i].used;
}

/* A stream that has ended, or pauses for so long that nobody listens. */
static void media_clock(void *self, int64_t now_ns, struct observer *out)
{
	struct media *m = self;

	if (!m->active || now_ns < m->next_ns)
		return;
	m->next_ns = now_ns + QUIET_NS;
	m->active = false;
	report_quiet(m, now_ns - ENDED_NS, now_ns, out);
}

static void media_finish(void *self, int64_t now_ns, struct observer *out)
{
	report_quiet(self, INT64_MAX, now_ns, out);
}

const struct tracker media_tracker = {
	.name = "media",
	.takes = KIND_UDP,
	.open = media_open,
	.packet = media_packet,
	.clock = media_clock,
	.finish = media_finish,
};

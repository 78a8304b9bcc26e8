/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * card.c - sums that do not fit, and sums that nobody filled in yet.
 *
 * A host's own packets are captured above its card: their checksums may hold
 * the pseudo-header's sum alone (Linux, CHECKSUM_PARTIAL) or zero, and they may
 * be longer than anything on the wire.  IPv4 headers are summed by dissection;
 * what they carry is summed here, for the first packets of each station and
 * then for a sample, because it costs more than all the rest of a packet.
 */
#include "dissectors/checksum.h"

#include "analysis/lane.h"
#include "analysis/track/fcs.h"
#include "analysis/tracker.h"
#include "base/hint.h"

enum {
	STATIONS = 256, /* later ones are not judged */
	WAYS = 8,	/* places where a station may stand */
	ALWAYS = 512,	/* packets of a station that are all summed */
	SAMPLE = 32,	/* then one in so many */
	REPORTS = 4,	/* of offload, a station and kind */
	JUMBO = 9216,	/* no frame on a wire is longer */
	USUAL = 1500,	/* what every station takes */
	OVERHEAD_4 = 40,
	OVERHEAD_6 = 60,
};

struct station {
	struct mac mac;
	bool used, unfilled;
	uint8_t unfilled_told, large;
	uint16_t mss; /* largest that it announced; 0: none seen */
	uint32_t seen, checked, wrong, headers, headers_wrong;
};

struct checksums {
	struct sequences *sequences;
	struct station *last; /* that was looked up; NULL: none yet */
	struct station station[STATIONS];
};

static void *card_open(const struct tracker_home *home)
{
	struct checksums *c = arena_alloc(home->arena, sizeof(*c));

	if (!c)
		return NULL;
	c->sequences = sequences_new(home);
	return c->sequences ? c : NULL;
}

static void report_total(const struct station *s, uint8_t proto,
			 uint32_t checked, uint32_t wrong, int64_t now_ns,
			 struct observer *out)
{
	struct observation *o = observe_begin(out, OBS_CHECKSUM, NULL);

	o->time_ns = now_ns;
	o->as.checksum.src = s->mac;
	o->as.checksum.proto = proto;
	o->as.checksum.total = true;
	o->as.checksum.unfilled = s->unfilled;
	o->as.checksum.checked = checked;
	o->as.checksum.wrong = wrong;
	observe_end(out);
}

static void report_totals(const struct station *s, int64_t now_ns,
			  struct observer *out)
{
	if (s->headers)
		report_total(s, PROTO_ipv4, s->headers, s->headers_wrong,
			     now_ns, out);
	if (s->checked)
		report_total(s, PROTO_none, s->checked, s->wrong, now_ns, out);
}

static const struct mac none;

/* NULL where its places are taken, or it has none and is not to get one. */
static struct station *look_up(struct checksums *c, const struct mac *mac,
			       bool add)
{
	uint32_t low, first;

	if (c->last && mac_equal(&c->last->mac, mac))
		return c->last;
	memcpy(&low, mac->bytes + 2, sizeof(low));
	first = (low * 0x9e3779b1u) >> 24;
	for (uint32_t i = 0; i < WAYS; i++) {
		struct station *s = &c->station[(first + i) % STATIONS];

		if (LIKELY(s->used && mac_equal(&s->mac, mac)))
			return c->last = s;
		if (!s->used && add) {
			*s = (struct station){.mac = *mac, .used = true};
			return c->last = s;
		}
	}
	return NULL;
}

/* Who sent it; NULL: it is not judged. */
APART static struct station *sender(struct checksums *c, const struct packet *p)
{
	bool known = p->eth && p->eth->as.link.has_src;

	return look_up(c, known ? &p->eth->as.link.src : &none, true);
}

/* Once it has a place it keeps it. */
static struct station *station_of(struct checksums *c, const struct packet *p)
{
	struct station *s;

	if (p->lane && p->lane->station)
		return p->lane->station;
	s = sender(c, p);
	if (p->lane)
		p->lane->station = s;
	return s;
}

APART static void report_wrong(const struct packet *p, uint8_t proto,
			       const struct station *s, struct observer *out)
{
	struct checksum_fact *fact =
		&observe_begin(out, OBS_CHECKSUM, p)->as.checksum;

	fact->src = s->mac;
	fact->proto = proto;
	fact->flow.src = p->ip->as.ip.src;
	fact->flow.dst = p->ip->as.ip.dst;
	fact->flow.protocol = p->ip->as.ip.protocol;
	if (p->tcp) {
		fact->flow.src_port = p->tcp->as.tcp.src_port;
		fact->flow.dst_port = p->tcp->as.tcp.dst_port;
		fact->bytes = p->tcp->as.tcp.payload_len +
			      !!(p->tcp->as.tcp.flags & (TCP_SYN | TCP_FIN));
	} else if (p->udp) {
		fact->flow.src_port = p->udp->as.udp.src_port;
		fact->flow.dst_port = p->udp->as.udp.dst_port;
		fact->bytes = p->udp->as.udp.length;
	}
	observe_end(out);
}

static bool is_first_ttl(uint8_t ttl)
{
	return ttl == 32 || ttl == 64 || ttl == 128 || ttl == 255;
}

APART static void report_offload(const struct packet *p,
				 const struct station *s, uint32_t bytes,
				 struct observer *out)
{
	struct offload_fact *fact =
		&observe_begin(out, OBS_OFFLOAD, p)->as.offload;

	fact->src = s->mac;
	fact->from = p->ip->as.ip.src;
	fact->bytes = bytes;
	fact->checksum = bytes == 0;
	fact->fresh = is_first_ttl(p->ip->as.ip.ttl);
	observe_end(out);
}

/* What the receiver says that it takes: a box on the way may have lowered what
 * the sender announces, and that binds only the other. */
APART static uint32_t receiver_takes(struct checksums *c,
				     const struct packet *p, uint32_t overhead)
{
	bool known = p->eth && p->eth->as.link.has_dst;
	const struct station *s =
		look_up(c, known ? &p->eth->as.link.dst : &none, false);

	return s && s->mss ? s->mss + overhead : USUAL;
}

/* Longer than what the SYNs of both say that a frame can hold. */
static void judge_size(struct checksums *c, struct station *s,
		       const struct packet *p, struct observer *out)
{
	const struct ip_header *ip = &p->ip->as.ip;
	const struct tcp_header *tcp = &p->tcp->as.tcp;
	uint32_t overhead = ip->version == 4 ? OVERHEAD_4 : OVERHEAD_6;
	uint32_t most = s->mss ? s->mss + overhead : JUMBO;

	if ((tcp->flags & TCP_SYN) && tcp->mss > s->mss)
		s->mss = tcp->mss;
	if (ip->total_len <= most || p->tunnels || ip->fragment ||
	    tcp->payload_len == 0 || s->large >= REPORTS ||
	    ip->total_len <= receiver_takes(c, p, overhead))
		return;
	s->large++;
	report_offload(p, s, ip->total_len, out);
}

static void judge_header(struct station *s, const struct packet *p,
			 struct observer *out)
{
	const struct ip_header *ip = &p->ip->as.ip;

	s->headers++;
	if (ip->checksum_zero && s->unfilled_told < REPORTS && !p->tunnels) {
		s->unfilled_told++;
		report_offload(p, s, 0, out);
	} else if (ip->checksum_bad) {
		s->headers_wrong++;
		report_wrong(p, PROTO_ipv4, s, out);
	}
}

/* The checksum field of TCP or UDP; 0: none to judge. */
static uint16_t field_of(const struct packet *p)
{
	if (p->tcp)
		return p->tcp->as.tcp.checksum;
	return p->udp ? p->udp->as.udp.checksum : 0;
}

APART static void judge_sum(struct station *s, const struct packet *p,
			    struct observer *out)
{
	const struct ip_header *ip = &p->ip->as.ip;
	uint32_t start = p->ip->offset + ip->header_len;
	uint32_t size =
		p->udp ? p->udp->as.udp.length : ip->total_len - ip->header_len;
	uint64_t pseudo =
		checksum_pseudo(&ip->src, &ip->dst, ip->protocol, size);
	uint16_t unfilled = (uint16_t)~checksum_end(pseudo);
	bool cut = p->frame.kept < start || p->frame.kept - start < size;

	if (field_of(p) == unfilled) {
		s->unfilled |= s->unfilled_told > 0;
		if (s->unfilled_told++ < REPORTS)
			report_offload(p, s, 0, out);
		return;
	}
	if (cut)
		return;
	s->checked++;
	if (checksum_end(checksum_add(pseudo, p->frame.data + start, size)) ==
	    0)
		return;
	s->wrong++;
	if (!s->unfilled)
		report_wrong(p, p->tcp ? PROTO_tcp : PROTO_udp, s, out);
}

static bool can_be_summed(const struct packet *p)
{
	const struct ip_header *ip = &p->ip->as.ip;

	return !ip->fragment && !ip->length_zero && !ip->jumbo &&
	       !ip->source_routed && ip->total_len > ip->header_len &&
	       p->state == WIRE_WHOLE && field_of(p) != 0;
}

static void card_packet(void *self, const struct packet *p,
			struct observer *out)
{
	struct checksums *c = self;
	struct station *s;

	if (UNLIKELY(p->frame.fcs))
		sequence_packet(c->sequences, p, out);
	if (!p->ip)
		return;
	s = station_of(c, p);
	if (!s)
		return;
	s->seen++;
	if (p->ip->as.ip.version == 4)
		judge_header(s, p, out);
	if (p->tcp)
		judge_size(c, s, p, out);
	if (s->unfilled || (s->seen > ALWAYS && s->seen % SAMPLE))
		return;
	if (can_be_summed(p))
		judge_sum(s, p, out);
}

static void card_finish(void *self, int64_t now_ns, struct observer *out)
{
	struct checksums *c = self;

	for (int i = 0; i < STATIONS; i++)
		if (c->station[i].used)
			report_totals(&c->station[i], now_ns, out);
	sequences_finish(c->sequences, now_ns, out);
}

const struct tracker card_tracker = {
	.name = "card",
	.open = card_open,
	.packet = card_packet,
	.finish = card_finish,
};

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fingerprint.c - a packet in 64 bits: what stays the same from hop to hop.
 *
 * This is the price that every packet pays, so it reads a few words that
 * dissection has just had in its hands, and mixes them by multiplication (as
 * wyhash does).  The key is fixed, because results must not depend on it: who
 * makes two packets collide can hide one of his own, and only in a capture that
 * doubles everything.
 */
#include "analysis/admission/fingerprint.h"

#include "analysis/lane.h"
#include "base/hint.h"

enum { HEAD = 20, MORE = 12, STATION_MASK = (1 << STATION_BITS) - 1 };

/* An odd number with bits all over. */
#define SPREAD 0x9e3779b97f4a7c15u

static uint64_t load(const uint8_t *at)
{
	uint64_t v;

	memcpy(&v, at, sizeof(v));
	return v;
}

static uint64_t mix(uint64_t sum, uint64_t a, uint64_t b, struct hash_key key)
{
	return hash_mix(a ^ key.k0 ^ SPREAD ^ sum, b ^ key.k1 ^ SPREAD << 1);
}

/* The first bytes of what IP carries, `there` of them. */
static uint64_t mix_payload(uint64_t sum, const uint8_t *at, uint32_t there,
			    struct hash_key key)
{
	uint32_t last;

	memcpy(&last, at + 16, sizeof(last));
	sum = mix(sum ^ last, load(at), load(at + 8), key);
	if (there == HEAD)
		return sum;
	memcpy(&last, at + 28, sizeof(last));
	return mix(sum, load(at + 20), last, key);
}

APART static uint64_t mix_short(uint64_t sum, const uint8_t *at, uint32_t there,
				struct hash_key key)
{
	uint8_t part[HEAD + MORE] = {0};

	memcpy(part, at, there);
	return mix_payload(sum, part, HEAD + MORE, key);
}

/* Identification, flags, offset and protocol without TTL and checksum, which
 * give their room to the length. */
static uint64_t mix_ipv4(const uint8_t *at, struct hash_key key)
{
	static const uint8_t kept[8] = {255, 255, 255, 255, 0, 255, 0, 0};
	uint64_t length = load(at) >> 16 & 0xffff;

	return mix(length, load(at + 4) & load(kept), load(at + 12), key);
}

/* Payload length and next header; the label may be rewritten. */
static uint64_t mix_ipv6(const uint8_t *at, struct hash_key key)
{
	uint64_t head = load(at) >> 32 & 0xffffff;
	uint64_t sum = mix(head, load(at + 8), load(at + 16), key);

	return mix(sum, load(at + 24), load(at + 32), key);
}

static uint64_t print_ip(const struct packet *p, struct hash_key key)
{
	const struct ip_header *ip = &p->ip->as.ip;
	uint32_t offset = p->ip->offset;
	const uint8_t *at = p->frame.data + offset;
	uint32_t least = ip->version == 4 ? 20 : 40;
	uint32_t kept = p->frame.kept - offset;
	uint32_t there = kept < ip->total_len ? kept : ip->total_len;
	uint64_t sum;

	if (kept < least)
		return mix(kept, ip->id, ip->total_len, key);
	sum = ip->version == 4 ? mix_ipv4(at, key) : mix_ipv6(at, key);
	if (there <= ip->header_len)
		return sum;
	at += ip->header_len;
	there -= ip->header_len;
	if (there < HEAD + MORE && there != HEAD)
		return mix_short(sum, at, there, key);
	return mix_payload(sum, at, there, key);
}

/* Behind Ethernet and its tags, with the type, which hides no station. */
APART static uint64_t print_other(const struct packet *p, struct hash_key key)
{
	uint32_t skip = 0;
	uint64_t sum;

	for (unsigned i = 0; i < p->layer_count; i++) {
		uint8_t proto = p->layers[i].proto;

		if (proto == PROTO_ethernet)
			skip = p->layers[i].offset + 12;
		else if (proto == PROTO_vlan)
			skip = p->layers[i].offset + 2;
	}
	if (skip > p->frame.kept)
		skip = 0;
	sum = hash_bytes(p->frame.data + skip, p->frame.kept - skip, key);
	return mix(sum, p->frame.sent - skip, sum, key);
}

/* By two loads: a word that is put together in memory is waited for. */
static uint64_t mac_word(const struct mac *m)
{
	uint32_t low;
	uint16_t high;

	memcpy(&low, m->bytes, sizeof(low));
	memcpy(&high, m->bytes + sizeof(low), sizeof(high));
	return low | (uint64_t)high << 32;
}

static uint16_t station(uint64_t word, struct hash_key key)
{
	return hash_mix(word ^ key.k1, key.k0 ^ SPREAD) >> (64 - STATION_BITS);
}

APART static void stations(struct fingerprint *f, const struct packet *p,
			   struct hash_key key)
{
	const struct link_header *link = p->eth ? &p->eth->as.link : NULL;

	if (!link)
		return;
	if (link->has_src)
		f->src = station(mac_word(&link->src), key);
	if (link->has_dst) {
		f->has_dst = true;
		f->dst = station(mac_word(&link->dst), key);
	} else {
		uint64_t port = link->ifindex << 8 | link->packet_type;

		f->dst = station(port, key);
	}
}

struct fingerprint fingerprint_of(const struct packet *p, struct hash_key key)
{
	struct fingerprint f = {0};
	struct lane *lane = p->lane;

	f.packet = p->ip ? print_ip(p, key) : print_other(p, key);
	if (lane && lane->has_stations) {
		f.src = lane->src;
		f.dst = lane->dst;
		f.has_dst = true;
		return f;
	}
	stations(&f, p, key);
	if (lane) {
		lane->src = f.src & STATION_MASK;
		lane->dst = f.dst & STATION_MASK;
		lane->has_stations = true;
	}
	return f;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * copy_proof.c - how sure it is that twins of one kind are copies.
 *
 * Linux sends SYN-ACKs and unfragmentable pings with ID 0, and there and in
 * IPv6 equal duplicate ACKs are genuine; protocols like BFD repeat the same
 * packet: so proofs must have different IDs, be different data of TCP that bear
 * a time stamp, or come from different flows.
 */
#include "analysis/admission/copy_proof.h"

enum { PAYLOAD = 16, FLOWS = 3 };

static uint32_t payload_of(const struct packet *p)
{
	return p->tcp ? p->tcp->as.tcp.payload_len : p->payload.sent;
}

/* What no other packet of its sender has so soon: its ID, or where there is
 * none the sequence number of data with a time stamp; false: it has neither. */
static bool number_of(const struct packet *p, uint32_t *number)
{
	const struct ip_header *ip = &p->ip->as.ip;

	if (ip->version == 4 && ip->id) {
		*number = ip->id;
		return true;
	}
	if (!p->tcp || !p->tcp->as.tcp.has_ts || payload_of(p) < PAYLOAD)
		return false;
	*number = p->tcp->as.tcp.seq;
	return true;
}

bool copy_proof_add(struct copy_proof *proof, const struct packet *p,
		    uint64_t of, struct hash_key key)
{
	const struct ip_header *ip = p->ip ? &p->ip->as.ip : NULL;
	unsigned n = proof->by_number + proof->by_payload;
	uint32_t number;

	if (!ip || n >= UINT8_MAX)
		return false;
	if (number_of(p, &number)) {
		if (number == proof->last_number)
			return false;
		proof->last_number = number;
		proof->by_number++;
	} else if (payload_of(p) >= PAYLOAD) {
		proof->by_payload++;
	} else {
		return false;
	}
	proof->flows |=
		1u << (hash_bytes(&ip->src, 2 * sizeof(ip->src), key) % 8);
	if (n < PROOFS) {
		proof->frame[n] = p->frame.number;
		proof->of[n] = of;
	}
	return true;
}

void copy_proof_revoke(struct copy_proof *proof)
{
	if (proof->by_number)
		proof->by_number--;
	else if (proof->by_payload)
		proof->by_payload--;
}

bool copy_proof_enough(const struct copy_proof *proof, bool alone)
{
	unsigned need = alone ? PROOFS : PROOFS_NONE_ALONE;

	return proof->by_number >= need ||
	       (proof->by_number + proof->by_payload >= (int)need &&
		__builtin_popcount(proof->flows) >= FLOWS);
}

void copy_proof_report(const struct copy_proof *proof, int kind,
		       const struct packet *p, struct observer *out)
{
	for (int i = 0; i < PROOFS && proof->frame[i]; i++) {
		struct observation *o;

		if (proof->frame[i] >= p->frame.number)
			continue;
		o = observe_begin(out, OBS_COPY, p);
		o->frame = proof->frame[i];
		o->as.copy.of = proof->of[i];
		o->as.copy.kind = (uint8_t)kind;
		o->as.copy.passed = true;
		observe_end(out);
	}
}

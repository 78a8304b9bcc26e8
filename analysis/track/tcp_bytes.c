/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_bytes.c - whether bytes that come again are those that came before.
 *
 * Payloads are not kept: a sum over the first bytes of each transmission is.
 * Where two differ the bytes do; where they are equal nothing is proved.  Only
 * events tell of it (findings-tcp 1), and only for them it is made.
 */
#include <string.h>

#include "analysis/track/tcp_connection.h"

enum { SUMMED = 32 };

static bool is_last(const struct packet *p, const struct layer *l)
{
	return p->layer_count && l == &p->layers[p->layer_count - 1];
}

uint32_t bytes_sum(const struct step *k, uint64_t start)
{
	const struct cursor *payload = &k->p->payload;
	uint64_t word[SUMMED / 8], sum = 0;

	/* what stands behind TCP may have been taken apart */
	if (!k->t->events || k->tcp->flags & TCP_SYN || start < k->start ||
	    !is_last(k->p, k->p->tcp) ||
	    start - k->start + SUMMED > k->tcp->payload_len ||
	    start - k->start + SUMMED > payload->kept)
		return 0;
	memcpy(word, payload->at + (start - k->start), SUMMED);
	for (unsigned i = 0; i < SUMMED / 8; i++) {
		sum = (sum ^ word[i]) * UINT64_C(0x9e3779b97f4a7c15);
		sum ^= sum >> 32;
	}
	return (uint32_t)sum | 1;
}

bool bytes_differ(const struct step *k, const struct sent *before)
{
	uint32_t now = before->sum ? bytes_sum(k, before->start) : 0;

	return now && now != before->sum;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* copy_proof.h - how sure it is that twins of one kind are copies. */
#ifndef UPSTACK_ANALYSIS_COPY_PROOF_H
#define UPSTACK_ANALYSIS_COPY_PROOF_H

#include "analysis/tracker.h"

enum { PROOFS = 8, PROOFS_NONE_ALONE = 4 };

struct copy_proof {
	uint32_t last_number;
	uint8_t by_number, by_payload;
	uint8_t flows; /* a bit each, by hash */
	uint64_t frame[PROOFS], of[PROOFS];
};

/* Count a twin of the frame `of`, if it proves anything: equal IP IDs do, equal
 * sequence numbers with equal time stamps, and equal payloads; empty packets
 * without an ID may rightly be equal. */
bool copy_proof_add(struct copy_proof *proof, const struct packet *p,
		    uint64_t of, struct hash_key key);

/* Take one back: what looked like a copy was a loop. */
void copy_proof_revoke(struct copy_proof *proof);

/* `alone`: some packets of these stations had no twin. */
bool copy_proof_enough(const struct copy_proof *proof, bool alone);

/* Report the twins that were let through as proofs, but for `p` itself. */
void copy_proof_report(const struct copy_proof *proof, int kind,
		       const struct packet *p, struct observer *out);

#endif

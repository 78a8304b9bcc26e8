/* SPDX-License-Identifier: BSD-3-Clause */
/* diagnosis.h - the whole answer: what report/ prints and nothing else. */
#ifndef UPSTACK_ANALYSIS_DIAGNOSIS_H
#define UPSTACK_ANALYSIS_DIAGNOSIS_H

#include "analysis/checks.h"
#include "analysis/connections.h"
#include "analysis/coverage.h"
#include "analysis/finding.h"
#include "analysis/inventory.h"
#include "analysis/knowledge.h"

enum verdict { NOT_SEEN, WORKS, DEGRADED, BROKEN };

struct layer_verdict {
	enum verdict verdict;
	char reason[2 * CHECK_TEXT];
};

/* Where the frames of a link id come from. */
struct link_info {
	uint32_t interface; /* of the source */
	uint8_t vlan_count;
	uint16_t vlan[VLANS_MAX];
};

/* Everything in it belongs to the engine, and lives as long. */
struct diagnosis {
	const struct coverage *coverage;
	struct layer_verdict layer[LAYERS];
	/* Shown findings: roots by severity, confidence, count; each followed
	 * by nothing: consequences come after all roots, in the same order,
	 * and name their causes. */
	uint32_t finding_count;
	const struct finding *const *findings;
	const struct checks *checks;
	enum vantage vantage;
	struct addr self;	/* family 0: not known */
	struct mac self_mac;
	uint32_t link_count;
	const struct link_info *links;
	const struct inventory *inventory; /* NULL: no memory was left */
	const struct connections *connections; /* NULL: nobody asked */
};

const char *verdict_name(enum verdict v); /* "not_seen" */

#endif

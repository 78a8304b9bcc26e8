/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * diagnose.h - from findings to an answer: trust, causes, verdicts, order.
 */
#ifndef UPSTACK_ANALYSIS_DIAGNOSE_DIAGNOSE_H
#define UPSTACK_ANALYSIS_DIAGNOSE_DIAGNOSE_H

#include "analysis/detector.h"
#include "analysis/diagnosis.h"
#include "analysis/inventory.h"

/* Lower or withhold what the capture cannot bear (trust.c); what is withheld
 * is named in `out`. */
void diagnose_trust(struct findings *all, const struct detector_context *c,
		    struct checks *out);

/* Fold consequences under their causes (causes.c). */
bool diagnose_causes(struct findings *all, struct arena *home,
		     const struct detector_context *c);

/* One edge of the table of causes. */
struct cause_def {
	const char *root;     /* ids, by blanks: "arp.gateway_unresolved" */
	const char *explains; /* ids, by blanks: "dns.no_answer dns.slow" */
	/* Whether this root explains this effect. */
	bool (*related)(const struct finding *root,
			const struct finding *effect,
			const struct knowledge *known);
	int64_t before_ns; /* how long the effect may precede; 0: 2 s */
};

/* The table, ended by a row of NULLs. */
extern const struct cause_def causes[];

/* Sum what is beyond SUBJECTS_SHOWN, give keys, sort (order.c): fills
 * d->findings and d->finding_count. */
bool diagnose_order(struct findings *all, struct arena *home,
		    struct diagnosis *d);

/* Say of the inventory why the pings of a series fail, and drop what a better
 * reason than their size stopped (reasons.c); after diagnose_order. */
void diagnose_inventory(struct inventory *in, const struct diagnosis *d,
			const struct knowledge *known);

/* The worst of the shown findings that explains a finding of this id between
 * these two then, by the table of causes; NULL: none. */
const struct finding *diagnose_explains(const struct diagnosis *d,
					const struct knowledge *known,
					const struct finding *effect);

/* A verdict for each layer (layers.c), from the shown findings and checks. */
void diagnose_layers(struct diagnosis *d);

#endif

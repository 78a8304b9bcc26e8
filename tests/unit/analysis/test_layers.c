/* SPDX-License-Identifier: BSD-3-Clause */
/* test_layers.c - by whose name a layer is called broken or degraded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/diagnose/diagnose.h"

static const struct finding_def gateway = {.id = "arp.gateway_unresolved",
					   .layer = LAYER_DATA_LINK,
					   .title = "The gateway is gone"};
static const struct finding_def stall = {
	.id = "tcp.stall", .layer = LAYER_TRANSPORT, .title = "It stood still"};
static const struct finding_def loss = {.id = "tcp.loss",
					.layer = LAYER_TRANSPORT,
					.title = "Segments were lost"};

struct bench {
	struct diagnosis d;
	struct checks checks;
	struct coverage coverage;
	struct finding root, effect;
	const struct finding *all[2];
};

/* An effect, a warning, of a cause. */
static struct bench *bench_new(const struct finding_def *cause,
			       enum severity severity)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->root = (struct finding){
		.def = cause, .severity = severity, .confidence = CERTAIN};
	b->effect = (struct finding){.def = &stall,
				     .severity = WARNING,
				     .confidence = CERTAIN,
				     .caused_by = {&b->root},
				     .cause_count = 1};
	b->all[0] = &b->root;
	b->all[1] = &b->effect;
	b->d.findings = b->all;
	b->d.finding_count = 2;
	b->d.checks = &b->checks;
	b->d.coverage = &b->coverage;
	diagnose_layers(&b->d);
	return b;
}

static void says(const struct finding_def *cause, enum severity severity,
		 const char *reason)
{
	struct bench *b = bench_new(cause, severity);
	const struct layer_verdict *v = &b->d.layer[LAYER_TRANSPORT];

	assert_int_equal(v->verdict, DEGRADED);
	assert_string_equal(v->reason, reason);
	free(b);
}

static void from_below(void **state)
{
	(void)state;
	says(&gateway, CRITICAL,
	     "caused in the data link layer: The gateway is gone");
}

static void from_here(void **state)
{
	(void)state;
	says(&loss, WARNING, "Segments were lost; 1 more");
}

/* By itself the cause would degrade nothing. */
static void from_a_notice(void **state)
{
	(void)state;
	says(&loss, NOTICE, "It stood still; cause: Segments were lost");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_below),
		cmocka_unit_test(from_here),
		cmocka_unit_test(from_a_notice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

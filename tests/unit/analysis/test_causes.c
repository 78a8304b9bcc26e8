/* SPDX-License-Identifier: BSD-3-Clause */
/* test_causes.c - the table of causes, and how consequences are folded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/diagnose/diagnose.h"
#include "base/when.h"

static const struct finding_def gateway = {.id = "arp.gateway_unresolved",
					   .layer = LAYER_DATA_LINK,
					   .most = CRITICAL};
static const struct finding_def no_answer = {
	.id = "dns.no_answer", .layer = LAYER_APPLICATION, .most = WARNING};
static const struct finding_def lost = {
	.id = "tcp.peer_lost", .layer = LAYER_TRANSPORT, .most = CRITICAL};
static const struct finding_def loss = {
	.id = "tcp.loss", .layer = LAYER_TRANSPORT, .most = WARNING};

/* A run's findings, without an engine. */
struct bench {
	struct arena *arena;
	struct limits limits;
	struct knowledge *known;
	struct findings *all;
	struct coverage coverage;
	struct detector_context context;
};

static int setup(void **state)
{
	const struct hash_key key = {1, 2};
	struct bench *b = calloc(1, sizeof(*b));

	b->arena = arena_new((size_t)64 << 20);
	b->limits = limits_for(MEMORY_MIN);
	b->known = knowledge_new(b->arena, &b->limits, key);
	b->all = findings_new(b->arena, key);
	b->context.known = b->known;
	b->context.coverage = &b->coverage;
	b->context.findings = b->all;
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	arena_free(b->arena);
	free(b);
	return 0;
}

static struct addr v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	const uint8_t bytes[4] = {a, b, c, d};

	return addr_v4(bytes);
}

static struct finding *raise_name(struct bench *b, int64_t at_s)
{
	struct addr client = v4(192, 0, 2, 20), server = v4(9, 9, 9, 9);
	struct subject s = subject_name("example.org", &client, &server);

	return finding_raise(b->all, &no_answer, &s, "", at_s * NS_PER_S,
			     at_s * NS_PER_S);
}

static struct finding *raise_gateway(struct bench *b, int64_t at_s)
{
	struct addr gw = v4(192, 0, 2, 1);
	struct subject s = subject_host(&gw);

	return finding_raise(b->all, &gateway, &s, "", at_s * NS_PER_S,
			     (at_s + 10) * NS_PER_S);
}

static void test_fold_behind_gateway(void **state)
{
	struct bench *b = *state;
	struct finding *root = raise_gateway(b, 100);
	struct finding *effect = raise_name(b, 105);

	assert_true(diagnose_causes(b->all, b->arena, &b->context));
	assert_int_equal(effect->cause_count, 1);
	assert_ptr_equal(effect->caused_by[0], root);
	assert_int_equal(root->cause_count, 0);
	assert_int_equal(root->folded, 1);
}

static void test_too_early_is_not_folded(void **state)
{
	struct bench *b = *state;
	struct finding *effect;

	raise_gateway(b, 100);
	effect = raise_name(b, 90);
	diagnose_causes(b->all, b->arena, &b->context);
	assert_int_equal(effect->cause_count, 0);
}

static void test_guess_explains_nothing_sure(void **state)
{
	struct bench *b = *state;
	struct finding *effect;

	raise_gateway(b, 100)->confidence = POSSIBLE;
	effect = raise_name(b, 105);
	effect->confidence = LIKELY;
	diagnose_causes(b->all, b->arena, &b->context);
	assert_int_equal(effect->cause_count, 0);
}

static void test_same_flow_only(void **state)
{
	struct bench *b = *state;
	struct flow f = {
		v4(192, 0, 2, 20), v4(198, 51, 100, 7), 40000, 80, 6, {0}};
	struct flow other = f;
	struct subject s = subject_flow(&f), back, else_;
	struct finding *a, *c;

	f = flow_reverse(&f);
	back = subject_flow(&f);
	other.src_port = 40001;
	else_ = subject_flow(&other);
	finding_raise(b->all, &lost, &s, "", 0, NS_PER_S);
	a = finding_raise(b->all, &loss, &back, "", 0, NS_PER_S);
	c = finding_raise(b->all, &loss, &else_, "", 0, NS_PER_S);
	diagnose_causes(b->all, b->arena, &b->context);
	assert_int_equal(a->cause_count, 1);
	assert_int_equal(c->cause_count, 0);
}

enum way { SAME, BACK, OTHER };

/* Of one connection: what folds, and what of the same kind must not. */
static const struct row {
	const char *root, *effect, *reason;
	enum way way;
	bool folds;
} rows[] = {
	{"tcp.nagle_delayed_ack", "tcp.stall", "delayed_ack", SAME, true},
	{"tcp.nagle_delayed_ack", "tcp.stall", "path_delay", SAME, false},
	{"tcp.nagle_delayed_ack", "tcp.stall", "", SAME, false},
	{"tcp.nagle_delayed_ack", "tcp.stall", "delayed_ack", BACK, false},
	{"tcp.ack_loss", "tcp.stall", "ack_loss", SAME, true},
	{"tcp.ack_loss", "tcp.stall", "ack_loss", BACK, false},
	{"tcp.ack_loss", "tcp.stall", "path_delay", SAME, false},
	{"tcp.ack_loss", "tcp.spurious_retransmission", "", SAME, true},
	{"tcp.ack_loss", "tcp.spurious_retransmission", "", OTHER, false},
	{"tcp.loss", "tcp.stall", "tail_loss", SAME, true},
	{"tcp.loss", "tcp.stall", "double_loss", SAME, true},
	{"tcp.loss", "tcp.stall", "tail_loss", BACK, false},
	{"tcp.loss", "tcp.stall", "path_delay", SAME, false},
	{"tcp.loss", "tcp.stall", "zero_window", SAME, false},
	{"tcp.loss", "tcp.server_slow", "", BACK, true},
	{"tcp.loss", "tcp.server_slow", "", OTHER, false},
	{"tcp.zero_window", "tcp.stall", "zero_window", BACK, true},
	{"tcp.zero_window", "tcp.stall", "tail_loss", BACK, false},
	{"tcp.zero_window", "tcp.window_limited", "", BACK, true},
	{"tcp.reordering", "tcp.spurious_retransmission", "", SAME, true},
	{"tcp.reordering", "tcp.spurious_retransmission", "", BACK, false},
	{"tcp.paws_drop", "tcp.loss", "", SAME, true},
	{"tcp.paws_drop", "tcp.loss", "", BACK, false},
	{"tcp.idle_timeout", "tcp.loss", "", SAME, true},
	{"tcp.idle_timeout", "tcp.loss", "", OTHER, false},
	{"tcp.window_unscaled", "tcp.window_limited", "", SAME, true},
	{"tcp.window_unscaled", "tcp.window_limited", "", OTHER, false},
	{"pmtu.black_hole", "tcp.stall", "pmtu", SAME, true},
	{"pmtu.black_hole", "tcp.stall", "pmtu", BACK, false},
};

static uint8_t causes_of(struct bench *b, const struct row *row, int n)
{
	static struct finding_def defs[2 * sizeof(rows) / sizeof(rows[0])];
	struct finding_def *root = &defs[2 * n], *effect = root + 1;
	struct flow f = {v4(192, 0, 2, 20),
			 v4(198, 51, 100, 7),
			 (uint16_t)(40000 + n),
			 80,
			 6,
			 {0}};
	struct subject a = subject_flow(&f), c;
	struct finding *e;
	uint8_t count;

	*root = (struct finding_def){
		.id = row->root, .most = WARNING, .subject = SUBJECT_FLOW};
	*effect = *root;
	effect->id = row->effect;
	if (row->way == BACK)
		f = flow_reverse(&f);
	else if (row->way == OTHER)
		f.src_port = 30000;
	c = subject_flow(&f);
	finding_raise(b->all, root, &a, "", 0, NS_PER_S);
	e = finding_raise(b->all, effect, &c, row->reason, 0, NS_PER_S);
	diagnose_causes(b->all, b->arena, &b->context);
	count = e->cause_count;
	for (uint32_t i = 0; i < findings_count(b->all); i++)
		finding_at(b->all, i)->withheld = true;
	return count;
}

static void test_one_connection(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (causes_of(b, &rows[i], (int)i) != rows[i].folds)
			fail_msg("%s, %s %s", rows[i].root, rows[i].effect,
				 rows[i].reason);
}

static struct finding *raise_at(struct bench *b, const char *id,
				enum subject_kind kind, uint8_t last)
{
	static struct finding_def defs[8];
	static uint8_t used;
	struct finding_def *def = &defs[used++ % 8];
	struct mac mac = {{0x52, 0x54, 0, 0, 0, last}};
	struct subject s =
		kind == SUBJECT_LINK ? subject_link(0) : subject_mac(&mac);

	*def = (struct finding_def){.id = id, .most = WARNING, .subject = kind};
	return finding_raise(b->all, def, &s, "", 0, NS_PER_S);
}

/* A station that its port does not admit gets no lease; another's has other
 * reasons. */
static void test_same_station(void **state)
{
	struct bench *b = *state;
	struct finding *own, *other;

	raise_at(b, "eap.failure", SUBJECT_HOST, 1);
	own = raise_at(b, "dhcp.no_offer", SUBJECT_HOST, 1);
	other = raise_at(b, "dhcp.no_offer", SUBJECT_HOST, 2);
	diagnose_causes(b->all, b->arena, &b->context);
	assert_int_equal(own->cause_count, 1);
	assert_int_equal(other->cause_count, 0);
}

/* One damaged frame is no reason for lost segments. */
static void test_few_errors(void **state)
{
	struct bench *b = *state;
	struct finding *errors = raise_at(b, "link.errors", SUBJECT_LINK, 0);
	struct finding *effect = raise_at(b, "tcp.loss", SUBJECT_HOST, 1);

	errors->severity = NOTICE;
	diagnose_causes(b->all, b->arena, &b->context);
	assert_int_equal(effect->cause_count, 0);
	errors->severity = WARNING;
	diagnose_causes(b->all, b->arena, &b->context);
	assert_int_equal(effect->cause_count, 1);
}

/* Every id of the table is one of the contract; docs/design/ids.md has them. */
static void test_ids_are_known(void **state)
{
	char line[512], *ids = calloc(1, 1 << 16);
	FILE *f = fopen(SOURCE_DIR "/docs/design/ids.md", "r");
	const struct cause_def *edge;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, "| ", 2) == 0 && strchr(line, '.'))
			snprintf(ids + strlen(ids), 256, " %.*s ",
				 (int)strcspn(line + 2, " "), line + 2);
	fclose(f);
	for (edge = causes; edge->root; edge++) {
		const char *lists[] = {edge->root, edge->explains};

		for (int i = 0; i < 2; i++) {
			char copy[1024], word[80], *save = NULL;

			snprintf(copy, sizeof(copy), "%s", lists[i]);
			for (char *w = strtok_r(copy, " ", &save); w;
			     w = strtok_r(NULL, " ", &save)) {
				snprintf(word, sizeof(word), " %s ", w);
				if (!strstr(ids, word))
					fail_msg("no such id: %s", w);
			}
		}
	}
	free(ids);
}

/* Twenty-five peers are lost: twenty are told apart, five are summed. */
static void test_many_subjects_are_summed(void **state)
{
	struct bench *b = *state;
	struct diagnosis d = {0};
	const struct finding *sum;

	for (uint8_t i = 0; i < 25; i++) {
		struct addr a = v4(192, 0, 2, i);
		struct subject s = subject_host(&a);
		struct finding *f = finding_raise(b->all, &lost, &s, "", i, i);

		f->count = 1;
		finding_frame(f, i + 1u);
	}
	assert_true(diagnose_order(b->all, b->arena, &d));
	assert_int_equal(d.finding_count, SUBJECTS_SHOWN + 1);
	sum = d.findings[SUBJECTS_SHOWN];
	for (uint32_t i = 0; i < d.finding_count; i++)
		if (d.findings[i]->subject.kind == SUBJECT_SEVERAL)
			sum = d.findings[i];
	assert_int_equal(sum->subject.kind, SUBJECT_SEVERAL);
	assert_int_equal(sum->subject.count, 5);
	assert_int_equal(sum->count, 5);
	assert_int_equal(sum->frame_count, 5);
}

/* Roots first, worse first. */
static void test_order(void **state)
{
	struct bench *b = *state;
	struct diagnosis d = {0};
	struct finding *root = raise_gateway(b, 100);
	struct finding *effect = raise_name(b, 105);

	effect->severity = WARNING;
	diagnose_causes(b->all, b->arena, &b->context);
	assert_true(diagnose_order(b->all, b->arena, &d));
	assert_int_equal(d.finding_count, 2);
	assert_ptr_equal(d.findings[0], root);
	assert_ptr_equal(d.findings[1], effect);
	assert_string_not_equal(root->key, effect->key);
}

static void test_layers(void **state)
{
	struct bench *b = *state;
	struct checks checks = {0};
	struct diagnosis d = {.coverage = &b->coverage, .checks = &checks};

	b->coverage.packets = 10;
	check_add(&checks, CHECK_WORKS, LAYER_APPLICATION, "3 DNS lookups");
	raise_gateway(b, 100);
	assert_true(diagnose_order(b->all, b->arena, &d));
	diagnose_layers(&d);
	assert_int_equal(d.layer[LAYER_CAPTURE].verdict, WORKS);
	assert_int_equal(d.layer[LAYER_PHYSICAL].verdict, NOT_SEEN);
	assert_int_equal(d.layer[LAYER_DATA_LINK].verdict, BROKEN);
	assert_int_equal(d.layer[LAYER_NETWORK].verdict, WORKS);
	assert_int_equal(d.layer[LAYER_TRANSPORT].verdict, NOT_SEEN);
	assert_string_equal(d.layer[LAYER_TRANSPORT].reason,
			    "nothing of it was tried in this capture");
	assert_int_equal(d.layer[LAYER_APPLICATION].verdict, WORKS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fold_behind_gateway),
		TEST(test_too_early_is_not_folded),
		TEST(test_guess_explains_nothing_sure),
		TEST(test_same_flow_only),
		TEST(test_one_connection),
		TEST(test_same_station),
		TEST(test_few_errors),
		TEST(test_ids_are_known),
		TEST(test_many_subjects_are_summed),
		TEST(test_order),
		TEST(test_layers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

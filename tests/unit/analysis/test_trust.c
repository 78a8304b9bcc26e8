/* SPDX-License-Identifier: BSD-3-Clause */
/* test_trust.c - what a weak capture takes from the findings, and from which.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/diagnose/diagnose.h"
#include "base/when.h"

static const struct finding_def silent = {.id = "dns.no_answer",
					  .layer = LAYER_APPLICATION,
					  .most = WARNING,
					  .subject = SUBJECT_PATH,
					  .relies = RELIES_ABSENCE,
					  .title = "Queries without an answer"};
static const struct finding_def seen = {.id = "arp.conflict",
					.layer = LAYER_DATA_LINK,
					.most = WARNING,
					.subject = SUBJECT_CAPTURE};
static const struct finding_def slow = {.id = "dns.slow",
					.most = CRITICAL,
					.subject = SUBJECT_PATH,
					.relies = RELIES_DELAY,
					.title = "Slow"};
static const struct finding_def flood = {.id = "icmp.flood",
					 .most = WARNING,
					 .subject = SUBJECT_PATH,
					 .relies = RELIES_RATE};
static const struct finding_def resent = {.id = "tcp.loss",
					  .most = WARNING,
					  .subject = SUBJECT_FLOW,
					  .relies = RELIES_SEQUENCE};
static const struct finding_def aborted = {.id = "tcp.reset",
					   .most = WARNING,
					   .subject = SUBJECT_FLOW,
					   .relies = RELIES_OPENING};
static const struct finding_def large = {.id = "pmtu.ignored",
					 .most = CRITICAL,
					 .subject = SUBJECT_PATH,
					 .relies = RELIES_SIZE};
static const struct finding_def gone = {.id = "tcp.service_down",
					.most = CRITICAL,
					.subject = SUBJECT_SERVICE,
					.relies = RELIES_ABSENCE};
static const struct finding_def once = {.id = "rtp.loss",
					.most = WARNING,
					.subject = SUBJECT_PATH,
					.relies = RELIES_ABSENCE | RELIES_EACH};
static const struct finding_def untold = {.id = "tcp.handshake.no_answer",
					  .most = CRITICAL,
					  .subject = SUBJECT_PATH,
					  .relies = RELIES_ERRORS};
static const struct finding_def unended = {.id = "tcp.handshake.syn_received",
					   .most = WARNING,
					   .subject = SUBJECT_PATH,
					   .relies = RELIES_PLAIN};
static const struct finding_def loss = {
	.id = "capture.loss", .most = WARNING, .subject = SUBJECT_CAPTURE};
static const struct finding_def drops = {
	.id = "capture.drops", .most = WARNING, .subject = SUBJECT_CAPTURE};
static const struct finding_def malformed = {
	.id = "capture.malformed", .most = NOTICE, .subject = SUBJECT_CAPTURE};
static const struct finding_def truncated = {
	.id = "capture.truncated", .most = NOTICE, .subject = SUBJECT_CAPTURE};
static const struct finding_def stamps = {
	.id = "capture.clock", .most = NOTICE, .subject = SUBJECT_CAPTURE};
static const struct finding_def offload = {
	.id = "capture.offload", .most = INFO, .subject = SUBJECT_CAPTURE};

struct bench {
	struct arena *arena;
	struct findings *all;
	struct coverage coverage;
	struct checks checks;
	struct detector_context context;
	struct addr asker, target;
	struct flow flow;
	struct finding *silent, *seen;
};

static struct finding *raise_on(struct bench *b, const struct finding_def *def,
				const struct subject *s, const char *reason)
{
	struct finding *f = finding_raise(b->all, def, s, reason,
					  100 * NS_PER_S, 101 * NS_PER_S);

	assert_non_null(f);
	return f;
}

static struct finding *
raise_about(struct bench *b, const struct finding_def *def, const char *reason)
{
	const struct subject subject = subject_capture();

	return raise_on(b, def, &subject, reason);
}

static struct finding *raise_path(struct bench *b,
				  const struct finding_def *def)
{
	const struct subject subject = subject_path(&b->asker, &b->target);

	return raise_on(b, def, &subject, "");
}

static struct finding *raise_flow(struct bench *b,
				  const struct finding_def *def)
{
	const struct subject subject = subject_flow(&b->flow);

	return raise_on(b, def, &subject, "");
}

static int setup(void **state)
{
	const struct hash_key key = {1, 2};
	struct bench *b = calloc(1, sizeof(*b));

	b->arena = arena_new((size_t)64 << 20);
	b->all = findings_new(b->arena, key);
	b->coverage.packets = 1000;
	b->context.coverage = &b->coverage;
	b->context.findings = b->all;
	b->context.weak = weak_new(b->arena, key);
	b->asker = addr_v4((const uint8_t[]){192, 0, 2, 1});
	b->target = addr_v4((const uint8_t[]){192, 0, 2, 2});
	b->flow = (struct flow){b->asker, b->target, 40000, 80, 6, {0}};
	b->silent = raise_path(b, &silent);
	b->seen = raise_about(b, &seen, "");
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

static void judge(struct bench *b)
{
	diagnose_trust(b->all, &b->context, &b->checks);
}

static void a_whole_capture_lowers_nothing(void **state)
{
	struct bench *b = *state;

	judge(b);
	assert_int_equal(b->silent->confidence, CERTAIN);
	assert_string_equal(b->silent->summary, "");
	assert_int_equal(b->checks.count, 0);
}

static void loss_lowers_what_relies_on_absence(void **state)
{
	struct bench *b = *state;

	finding_summary(b->silent, "No answer.");
	raise_about(b, &loss, "");
	judge(b);
	assert_int_equal(b->silent->confidence, LIKELY);
	assert_string_equal(b->silent->summary,
			    "No answer. Lowered: the capture lost packets.");
	assert_int_equal(b->seen->confidence, CERTAIN);
	assert_string_equal(b->seen->summary, "");
}

static void little_loss_lowers_nothing(void **state)
{
	struct bench *b = *state;

	raise_about(b, &loss, "")->severity = NOTICE;
	judge(b);
	assert_int_equal(b->silent->confidence, CERTAIN);
}

/* One missing frame is enough for it; unless it is known how many there are. */
static void little_loss_lowers_what_one_frame_makes(void **state)
{
	struct bench *b = *state;
	struct finding *f = raise_path(b, &once);
	struct finding *own = raise_about(b, &drops, "");

	own->severity = NOTICE;
	own->share = 0.0005;
	f->share = 0.05;
	judge(b);
	assert_int_equal(f->confidence, CERTAIN);
	f->share = 0;
	judge(b);
	assert_int_equal(f->confidence, LIKELY);
	assert_int_equal(b->silent->confidence, CERTAIN);
}

/* A filter for ports leaves out the errors about them. */
static void without_icmp_no_error_is_no_proof(void **state)
{
	struct bench *b = *state;
	struct finding *f = raise_path(b, &untold);

	b->coverage.tcp = 990;
	b->coverage.arp = 10;
	judge(b);
	assert_int_equal(f->confidence, CERTAIN);
	b->coverage.arp = 0;
	b->coverage.udp = 10;
	judge(b);
	assert_int_equal(f->confidence, LIKELY);
	assert_int_equal(f->severity, CRITICAL);
}

static void errors_that_are_cut_name_nobody(void **state)
{
	struct bench *b = *state;
	struct finding *f = raise_path(b, &untold);

	b->coverage.cut_errors = 1;
	judge(b);
	assert_int_equal(f->confidence, LIKELY);
}

static void ends_alone_show_no_third_packet(void **state)
{
	struct bench *b = *state;
	struct finding *f = raise_path(b, &unended);

	b->coverage.tcp = 100;
	b->coverage.tcp_plain = 1;
	judge(b);
	assert_int_equal(f->confidence, CERTAIN);
	b->coverage.tcp_plain = 0;
	judge(b);
	assert_int_equal(f->confidence, POSSIBLE);
}

static void what_lost_most_proves_little(void **state)
{
	struct bench *b = *state;
	const struct subject s = subject_service(&b->target, 80, 6);
	struct finding *f = raise_on(b, &gone, &s, "");

	raise_about(b, &drops, "")->share = 0.4;
	judge(b);
	assert_int_equal(b->silent->confidence, POSSIBLE);
	assert_int_equal(f->confidence, POSSIBLE);
	assert_int_equal(f->severity, WARNING);
}

static void a_share_must_be_ten_times_the_captures_own(void **state)
{
	struct bench *b = *state;
	struct finding *own = raise_about(b, &drops, "");

	own->severity = NOTICE;
	own->share = 0.01;
	b->silent->share = 0.101;
	judge(b);
	assert_false(b->silent->withheld);
	b->silent->share = 0.099;
	judge(b);
	assert_true(b->silent->withheld);
	assert_int_equal(b->checks.count, 1);
	assert_int_equal(b->checks.check[0].kind, CHECK_NOT_JUDGED);
	assert_string_equal(b->checks.check[0].text,
			    "queries without an answer, 192.0.2.1 > 192.0.2.2:"
			    " the capture itself dropped about as much");
}

static void one_way_withholds_the_silence_of_these_two(void **state)
{
	struct bench *b = *state;
	struct addr other = addr_v4((const uint8_t[]){192, 0, 2, 3});
	const struct subject s = subject_path(&b->asker, &other);
	struct finding *f = raise_on(b, &silent, &s, "");

	weak_one_way(b->context.weak, &b->flow);
	weak_both_ways(b->context.weak, &b->flow);
	judge(b);
	assert_true(b->silent->withheld);
	assert_false(f->withheld);
	assert_int_equal(f->confidence, CERTAIN);
	assert_false(b->seen->withheld);
}

static void a_deaf_host_may_have_had_answers(void **state)
{
	struct bench *b = *state;
	struct addr other = addr_v4((const uint8_t[]){192, 0, 2, 3});
	const struct subject s = subject_path(&b->asker, &other);
	struct finding *f = raise_on(b, &silent, &s, "");

	weak_one_way(b->context.weak, &b->flow);
	judge(b);
	assert_false(f->withheld);
	assert_int_equal(f->confidence, POSSIBLE);
}

static void many_withheld_are_summed(void **state)
{
	struct bench *b = *state;

	for (uint8_t i = 0; i < 9; i++) {
		struct flow flow = b->flow;
		struct subject s;

		flow.dst = addr_v4((const uint8_t[]){192, 0, 2, 10});
		flow.dst.bytes[3] = (uint8_t)(10 + i);
		weak_one_way(b->context.weak, &flow);
		s = subject_path(&flow.src, &flow.dst);
		raise_on(b, &silent, &s, "");
	}
	judge(b);
	assert_int_equal(b->checks.count, 4);
	assert_non_null(strstr(b->checks.check[3].text, "6 more"));
}

static void a_jump_takes_the_rates_of_its_second(void **state)
{
	struct bench *b = *state;
	struct finding *f = raise_path(b, &slow), *about;

	about = raise_about(b, &stamps, "jump");
	weak_jump(b->context.weak, 105 * NS_PER_S);
	judge(b);
	assert_int_equal(f->confidence, CERTAIN);
	weak_jump(b->context.weak, 100 * NS_PER_S);
	f->last_ns = 200 * NS_PER_S;
	judge(b);
	assert_false(f->withheld);
	assert_int_equal(f->confidence, LIKELY);
	f->last_ns = 101 * NS_PER_S;
	judge(b);
	assert_true(f->withheld);
	assert_false(about->withheld);
	assert_false(b->silent->withheld);
}

static void mended_stamps_prove_no_rate(void **state)
{
	struct bench *b = *state;
	struct finding *f = raise_path(b, &slow);

	raise_about(b, &stamps, "impossible");
	judge(b);
	assert_int_equal(f->confidence, POSSIBLE);
	assert_int_equal(f->severity, WARNING);
	assert_int_equal(b->silent->confidence, CERTAIN);
}

static void disorder_lowers_short_times_alone(void **state)
{
	struct bench *b = *state;
	struct finding *f = raise_path(b, &slow);
	struct finding *g = raise_path(b, &flood);

	raise_about(b, &stamps, "disorder");
	judge(b);
	assert_int_equal(f->confidence, LIKELY);
	assert_int_equal(f->severity, CRITICAL);
	assert_int_equal(g->confidence, CERTAIN);
}

static void holes_touch_their_connection_alone(void **state)
{
	struct bench *b = *state;
	struct finding *f = raise_flow(b, &resent);
	struct flow back = flow_reverse(&b->flow);

	back.dst_port++;
	weak_lacks(b->context.weak, &back, LACK_HOLES);
	judge(b);
	assert_int_equal(f->confidence, CERTAIN);
	back.dst_port--;
	weak_lacks(b->context.weak, &back, LACK_HOLES);
	judge(b);
	assert_int_equal(f->confidence, LIKELY);
}

static void an_unseen_opening_touches_its_connection(void **state)
{
	struct bench *b = *state;
	struct finding *f = raise_flow(b, &aborted);
	struct finding *g = raise_flow(b, &resent);

	weak_lacks(b->context.weak, &b->flow, LACK_OPENING);
	judge(b);
	assert_int_equal(f->confidence, LIKELY);
	assert_int_equal(g->confidence, CERTAIN);
}

static void super_packets_have_another_size(void **state)
{
	struct bench *b = *state;
	struct finding *f = raise_path(b, &large);

	raise_about(b, &offload, "");
	judge(b);
	assert_int_equal(f->confidence, CERTAIN);
	weak_super(b->context.weak, &b->asker);
	judge(b);
	assert_int_equal(f->confidence, LIKELY);
}

static void what_is_possible_is_not_raised(void **state)
{
	struct bench *b = *state;

	b->silent->confidence = POSSIBLE;
	raise_about(b, &loss, "");
	judge(b);
	assert_int_equal(b->silent->confidence, POSSIBLE);
	assert_string_equal(b->silent->summary, "");
}

static void malformed_counts_from_one_percent(void **state)
{
	struct bench *b = *state;
	struct finding *f = raise_about(b, &malformed, "");

	f->count = 9;
	judge(b);
	assert_int_equal(b->silent->confidence, CERTAIN);
	f->count = 10;
	judge(b);
	assert_int_equal(b->silent->confidence, POSSIBLE);
}

static void the_strongest_reason_is_said_once(void **state)
{
	struct bench *b = *state;

	raise_about(b, &loss, "");
	raise_about(b, &malformed, "")->count = 1000;
	judge(b);
	assert_int_equal(b->silent->confidence, POSSIBLE);
	assert_string_equal(b->silent->summary,
			    "Lowered: many headers contradict themselves.");
}

/* Without a reader's troubles only the last record can be short. */
static void a_short_last_record_lowers_nothing(void **state)
{
	struct bench *b = *state;

	raise_about(b, &truncated, "");
	judge(b);
	assert_int_equal(b->silent->confidence, CERTAIN);
}

static void without_notes_nothing_is_weak(void **state)
{
	struct bench *b = *state;

	b->context.weak = NULL;
	weak_one_way(NULL, &b->flow);
	weak_jump(NULL, 1);
	raise_flow(b, &resent);
	judge(b);
	assert_int_equal(b->silent->confidence, CERTAIN);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_whole_capture_lowers_nothing),
		TEST(loss_lowers_what_relies_on_absence),
		TEST(little_loss_lowers_nothing),
		TEST(little_loss_lowers_what_one_frame_makes),
		TEST(without_icmp_no_error_is_no_proof),
		TEST(errors_that_are_cut_name_nobody),
		TEST(ends_alone_show_no_third_packet),
		TEST(what_lost_most_proves_little),
		TEST(a_share_must_be_ten_times_the_captures_own),
		TEST(one_way_withholds_the_silence_of_these_two),
		TEST(a_deaf_host_may_have_had_answers),
		TEST(many_withheld_are_summed),
		TEST(a_jump_takes_the_rates_of_its_second),
		TEST(mended_stamps_prove_no_rate),
		TEST(disorder_lowers_short_times_alone),
		TEST(holes_touch_their_connection_alone),
		TEST(an_unseen_opening_touches_its_connection),
		TEST(super_packets_have_another_size),
		TEST(what_is_possible_is_not_raised),
		TEST(malformed_counts_from_one_percent),
		TEST(the_strongest_reason_is_said_once),
		TEST(a_short_last_record_lowers_nothing),
		TEST(without_notes_nothing_is_weak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

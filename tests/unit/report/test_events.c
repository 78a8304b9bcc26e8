/* SPDX-License-Identifier: BSD-3-Clause */
/* test_events.c - one line for each segment, by its name. */
#include "unit/report/sample.h"

#include <jansson.h>

#include "base/when.h"

static struct observation segment(uint8_t class, uint8_t mechanism)
{
	struct observation o = {
		.kind = OBS_TCP_SEGMENT, .frame = 42, .time_ns = SAMPLE_START};
	struct tcp_segment_fact *s = &o.as.segment;

	s->flow.src = sample_addr("2001:db8::1");
	s->flow.dst = sample_addr("2001:db8::2");
	s->flow.src_port = 40000;
	s->flow.dst_port = 80;
	s->flow.protocol = 6;
	s->class = class;
	s->mechanism = mechanism;
	s->decided_by = BY_IP_ID;
	s->lost = LOST_AFTER;
	s->confidence = CERTAIN;
	s->seq = 4294967296u;
	s->bytes = 1448;
	s->original_frame = 30;
	s->gap_ns = 1500000;
	s->tries = 2;
	return o;
}

/* The line of an event as an object. */
static json_t *event(const struct observation *o)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct report_events *w = report_events_new(out);
	json_t *j;

	assert_non_null(w);
	assert_int_equal(report_event(w, o), 0);
	report_events_free(w);
	fclose(out);
	assert_int_equal(text[size - 1], '\n');
	j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	if (!j)
		fail_msg("no JSON: %s", text);
	free(text);
	return j;
}

static const char *text_of(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

static void test_fields(void **state)
{
	struct observation o = segment(SEG_RETRANSMISSION, RESENT_FAST);
	json_t *j = event(&o);

	(void)state;
	assert_string_equal(text_of(j, "type"), "event");
	assert_string_equal(text_of(j, "event"), "tcp.retransmission.fast");
	assert_string_equal(text_of(j, "flow"),
			    "[2001:db8::1]:40000 > [2001:db8::2]:80");
	assert_string_equal(text_of(j, "decided_by"), "ip_id");
	assert_string_equal(text_of(j, "lost"), "after");
	assert_string_equal(text_of(j, "confidence"), "certain");
	assert_string_equal(text_of(j, "mechanism"), "fast");
	assert_memory_equal(text_of(j, "community_id"), "1:", 2);
	assert_int_equal(json_integer_value(json_object_get(j, "frame")), 42);
	assert_true(json_integer_value(json_object_get(j, "seq")) ==
		    4294967296);
	assert_int_equal(json_integer_value(json_object_get(j, "len")), 1448);
	assert_int_equal(
		json_integer_value(json_object_get(j, "original_frame")), 30);
	assert_true(json_is_null(json_object_get(j, "trigger_frame")));
	assert_true(json_real_value(json_object_get(j, "gap_ms")) == 1.5);
	assert_int_equal(json_integer_value(json_object_get(j, "try")), 2);
	json_decref(j);
}

static void test_names(void **state)
{
	static const char *const classes[SEGMENT_CLASSES] = {
		NULL,
		"duplicate.network",
		"duplicate.capture",
		"out_of_order",
		"gap",
		"capture_gap",
		"keep_alive",
		"keep_alive_ack",
		"zero_window",
		"zero_window_probe",
		"zero_window_probe_ack",
		"window_full",
		"window_update",
		"dup_ack",
		"dsack",
		"challenge_ack",
		"out_of_window",
		"data_after_fin",
		"tfo_resend",
		"port_reuse",
		"reset",
	};
	static const char *const mechanisms[MECHANISMS] = {
		"rto",		"fast",	      "sack", "rack", "tlp",	"rto",
		"rto_recovery", "lost_again", "pmtu", "syn",  "synack", "fin",
	};
	char want[64];

	(void)state;
	for (int i = 1; i < SEGMENT_CLASSES; i++) {
		struct observation o = segment((uint8_t)i, RESENT_NONE);
		json_t *j = event(&o);

		snprintf(want, sizeof(want), "tcp.%s", classes[i]);
		assert_string_equal(text_of(j, "event"), want);
		json_decref(j);
	}
	for (int i = 0; i < MECHANISMS; i++) {
		struct observation o = segment(SEG_RETRANSMISSION, (uint8_t)i);
		json_t *j = event(&o);

		snprintf(want, sizeof(want), "tcp.retransmission.%s",
			 mechanisms[i]);
		assert_string_equal(text_of(j, "event"), want);
		json_decref(j);
	}
}

/* The date that is kept is that of each event, however the clock jumps. */
static void test_times(void **state)
{
	static const int64_t times[] = {
		SAMPLE_START,
		SAMPLE_START + 1,
		SAMPLE_START + NS_PER_S,
		0,
		999999999,
		-1,
		SAMPLE_START,
		INT64_MAX,
		INT64_MIN + NS_PER_S,
	};
	enum { TIMES = sizeof(times) / sizeof(times[0]) };
	struct observation o = segment(SEG_GAP, RESENT_NONE);
	char *text = NULL, *rest, want[WHEN_TEXT];
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct report_events *w = report_events_new(out);

	(void)state;
	for (int i = 0; i < TIMES; i++) {
		o.time_ns = times[i];
		assert_int_equal(report_event(w, &o), 0);
	}
	report_events_free(w);
	fclose(out);
	rest = text;
	for (int i = 0; i < TIMES; i++) {
		json_t *j = json_loads(strsep(&rest, "\n"), 0, NULL);

		assert_string_equal(text_of(j, "time"),
				    when_rfc3339(times[i], want));
		json_decref(j);
	}
	free(text);
}

static void test_spurious(void **state)
{
	struct observation o = segment(SEG_RETRANSMISSION, RESENT_RTO);
	json_t *j;

	(void)state;
	o.as.segment.spurious = true;
	o.as.segment.lost = LOST_NONE;
	o.as.segment.decided_by = BY_UNDECIDED;
	o.as.segment.gap_ns = 0;
	j = event(&o);
	assert_string_equal(text_of(j, "event"), "tcp.retransmission.spurious");
	assert_string_equal(text_of(j, "mechanism"), "rto");
	assert_string_equal(text_of(j, "lost"), "none");
	assert_true(json_is_null(json_object_get(j, "decided_by")));
	assert_true(json_is_null(json_object_get(j, "confidence")));
	assert_true(json_is_null(json_object_get(j, "gap_ms")));
	json_decref(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_spurious),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

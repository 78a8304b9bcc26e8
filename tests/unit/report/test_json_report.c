/* SPDX-License-Identifier: BSD-3-Clause */
/* test_json_report.c - the document that every script relies on. */
#include "unit/report/sample.h"

#include <jansson.h>

static json_t *document(struct sample *s)
{
	json_error_t err;
	char *text;
	json_t *j;

	s->options.format = REPORT_JSON;
	text = sample_report(s);
	j = json_loads(text, JSON_REJECT_DUPLICATES, &err);
	if (!j)
		fail_msg("%s in:\n%s", err.text, text);
	free(text);
	return j;
}

static json_t *finding_at_index(const json_t *doc, size_t i)
{
	json_t *f = json_array_get(json_object_get(doc, "findings"), i);

	assert_non_null(f);
	return f;
}

/* A text by the names that lead to it, separated by dots. */
static const char *text_at(const json_t *j, const char *path)
{
	char copy[128], *rest = copy, *name;

	snprintf(copy, sizeof(copy), "%s", path);
	while ((name = strsep(&rest, ".")))
		j = json_object_get(j, name);
	if (!json_is_string(j))
		fail_msg("%s is no text", path);
	return json_string_value(j);
}

static void test_top(void **state)
{
	struct sample *s = sample_new();
	json_t *j = document(s), *capture = json_object_get(j, "capture");

	(void)state;
	assert_string_equal(text_at(j, "schema"), "upstack/1");
	assert_string_equal(text_at(j, "tool.name"), "upstack");
	assert_string_equal(text_at(j, "capture.first"),
			    "2026-11-24T06:23:13.000001000Z");
	assert_int_equal(
		json_integer_value(json_object_get(capture, "packets")), 1204);
	assert_true(json_real_value(json_object_get(capture, "duration_s")) ==
		    162.1);
	assert_int_equal(json_array_size(json_object_get(capture, "files")), 1);
	assert_int_equal(
		json_array_size(json_object_get(capture, "not_judged")), 1);
	assert_int_equal(json_array_size(json_object_get(capture, "errors")),
			 0);
	assert_int_equal(json_array_size(json_object_get(j, "layers")), 6);
	assert_string_equal(
		text_at(json_array_get(json_object_get(j, "layers"), 2),
			"verdict"),
		"broken");
	assert_int_equal(json_array_size(json_object_get(j, "findings")), 4);
	json_decref(j);
	free(s);
}

static void test_finding(void **state)
{
	struct sample *s = sample_new();
	json_t *j = document(s), *f = finding_at_index(j, 2), *frames;

	(void)state;
	assert_string_equal(text_at(f, "id"), "tcp.peer_lost");
	assert_string_equal(text_at(f, "key"), "tcp.peer_lost#1");
	assert_string_equal(text_at(f, "severity"), "critical");
	assert_string_equal(text_at(f, "confidence"), "likely");
	assert_string_equal(text_at(f, "layer"), "transport");
	assert_string_equal(text_at(f, "flow"),
			    "192.168.1.20:40000 > 198.51.100.7:443");
	assert_memory_equal(text_at(f, "community_id"), "1:", 2);
	assert_string_equal(text_at(f, "subject.kind"), "flow");
	assert_string_equal(text_at(f, "subject.src"), "192.168.1.20");
	assert_string_equal(text_at(f, "subject.protocol"), "tcp");
	assert_true(json_is_null(json_object_get(f, "reason")));
	assert_string_equal(text_at(f, "evidence.filter"),
			    "ip.addr == 192.168.1.20 && ip.addr == "
			    "198.51.100.7 && tcp.port == 40000 && tcp.port == "
			    "443");
	frames = json_object_get(json_object_get(f, "evidence"), "frames");
	assert_int_equal(json_array_size(frames), 3);
	assert_int_equal(json_integer_value(json_array_get(frames, 0)), 614);
	assert_string_equal(json_string_value(json_array_get(
				    json_object_get(f, "caused_by"), 0)),
			    "arp.gateway_unresolved#1");
	json_decref(j);
	free(s);
}

/* Every key of a finding, for every kind of subject. */
static void test_subjects(void **state)
{
	static const char *const keys[] = {
		"id",	  "key",       "severity", "confidence",   "layer",
		"title",  "summary",   "reason",   "subject",	   "flow",
		"count",  "first",     "last",	   "community_id", "evidence",
		"advice", "caused_by",
	};
	struct sample *s = sample_new();
	const struct addr a = sample_addr("2001:db8::1");
	const struct mac m = {{2, 0, 0, 0, 0, 1}};
	const struct subject several = {.kind = SUBJECT_SEVERAL, .count = 180};
	const struct subject subjects[] = {
		subject_capture(),
		subject_link(0),
		subject_host(&a),
		subject_mac(&m),
		subject_service(&a, 80, 6),
		subject_path(&a, &a),
		subject_path_to(&a, &a, 53, 17),
		s->finding[2].subject,
		subject_name("a\\x00b", &a, NULL),
		several,
	};

	(void)state;
	s->diagnosis.finding_count = 1;
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		json_t *j, *f;

		s->finding[0].subject = subjects[i];
		j = document(s);
		f = finding_at_index(j, 0);
		assert_int_equal(json_object_size(f),
				 sizeof(keys) / sizeof(keys[0]));
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			assert_non_null(json_object_get(f, keys[k]));
		assert_string_equal(text_at(f, "subject.kind"),
				    subject_kind_name(subjects[i].kind));
		json_decref(j);
	}
	free(s);
}

static void test_same_bytes(void **state)
{
	struct sample *s = sample_new();
	char *one, *two;

	(void)state;
	s->options.format = REPORT_JSON;
	one = sample_report(s);
	two = sample_report(s);
	assert_string_equal(one, two);
	free(one);
	free(two);
	free(s);
}

/* What a rule forgot to escape does not make jansson drop the field. */
static void test_hostile(void **state)
{
	struct sample *s = sample_new();
	json_t *j;

	(void)state;
	finding_title(&s->finding[0], "\033]0;x\a \xc3");
	s->options.title = "\xff";
	j = document(s);
	assert_string_equal(text_at(finding_at_index(j, 0), "title"),
			    "\\x1b]0;x\\x07 \\xc3");
	json_decref(j);
	free(s);
}

static void test_unusable(void **state)
{
	static const char *const why = "there is no such file";
	struct sample *s = sample_new();
	json_t *j, *capture;

	(void)state;
	memset(&s->coverage, 0, sizeof(s->coverage));
	s->diagnosis.finding_count = 0;
	s->options.errors = &why;
	s->options.error_count = 1;
	j = document(s);
	capture = json_object_get(j, "capture");
	assert_true(json_is_null(json_object_get(capture, "first")));
	assert_string_equal(
		text_at(json_array_get(json_object_get(capture, "errors"), 0),
			"text"),
		why);
	json_decref(j);
	free(s);
}

static void test_left_out(void **state)
{
	struct sample *s = sample_new();
	json_t *j;

	(void)state;
	s->options.least = CRITICAL;
	j = document(s);
	assert_int_equal(json_array_size(json_object_get(j, "findings")), 2);
	json_decref(j);
	s->options.only = "tcp.peer_lost";
	j = document(s);
	assert_int_equal(json_array_size(json_object_get(j, "findings")), 1);
	json_decref(j);
	free(s);
}

static void test_ndjson(void **state)
{
	static const char *const types[] = {"finding", "finding", "finding",
					    "finding", "summary"};
	struct sample *s = sample_new();
	char *text, *rest, *line;
	size_t n = 0;

	(void)state;
	s->options.format = REPORT_NDJSON;
	text = rest = sample_report(s);
	while ((line = strsep(&rest, "\n")) && *line) {
		json_t *j = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

		assert_non_null(j);
		assert_string_equal(text_at(j, "type"), types[n++]);
		json_decref(j);
	}
	assert_int_equal(n, 5);
	free(text);
	free(s);
}

/* A full disk is noticed. */
static void test_output_fails(void **state)
{
	(void)state;
	for (int format = REPORT_TEXT; format <= REPORT_NDJSON; format++) {
		struct sample *s = sample_new();
		FILE *out = fopen("/dev/full", "w");

		assert_non_null(out);
		setvbuf(out, NULL, _IONBF, 0);
		s->options.format = (enum report_format)format;
		assert_int_equal(report_write(out, &s->options, &s->diagnosis),
				 -1);
		fclose(out);
		free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_top),
		cmocka_unit_test(test_finding),
		cmocka_unit_test(test_subjects),
		cmocka_unit_test(test_same_bytes),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_unusable),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_ndjson),
		cmocka_unit_test(test_output_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* test_text_report.c - the report for a person, to the letter. */
#include "unit/report/sample.h"

/* RENEW=1: write the expectation anew, to be looked at with git diff. */
static void renew(const char *path, const char *text)
{
	FILE *out = getenv("RENEW") ? fopen(path, "w") : NULL;

	if (!out)
		return;
	fputs(text, out);
	fclose(out);
}

/* The report as it stands in a file beside this test. */
static void expect(const struct sample *s, const char *file)
{
	char *text = sample_report(s), path[512], want[8192];
	FILE *in;
	size_t n;

	snprintf(path, sizeof(path), "%s/tests/unit/report/%s", SOURCE_DIR,
		 file);
	renew(path, text);
	in = fopen(path, "r");
	assert_non_null(in);
	n = fread(want, 1, sizeof(want) - 1, in);
	want[n] = '\0';
	fclose(in);
	if (strcmp(text, want) != 0)
		fail_msg("not as in %s:\n%s", file, text);
	free(text);
}

static void expect_has(const struct sample *s, const char *part)
{
	char *text = sample_report(s);

	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
	free(text);
}

static void expect_has_not(const struct sample *s, const char *part)
{
	char *text = sample_report(s);

	if (strstr(text, part))
		fail_msg("\"%s\" is in:\n%s", part, text);
	free(text);
}

static void test_golden(void **state)
{
	struct sample *s = sample_new();

	(void)state;
	expect(s, "gateway.txt");
	s->options.verbose = true;
	expect(s, "gateway_verbose.txt");
	s->options.verbose = false;
	s->options.quiet = true;
	expect(s, "gateway_quiet.txt");
	free(s);
}

/* No line is wider than it may be, unless one word is. */
static void test_width(void **state)
{
	(void)state;
	for (unsigned width = 60; width <= 120; width++) {
		struct sample *s = sample_new();
		char *text, *line, *rest;

		s->options.width = width;
		s->options.ascii = true;
		text = rest = sample_report(s);
		while ((line = strsep(&rest, "\n")))
			assert_true(strlen(line) <= width);
		free(text);
		free(s);
	}
}

static void test_color(void **state)
{
	struct sample *s = sample_new();

	(void)state;
	expect_has_not(s, "\033");
	s->options.color = true;
	expect_has(s, "\033[1;31mCRITICAL\033[0m");
	expect_has(s, "\033[32mworks\033[0m");
	free(s);
}

static void test_ascii(void **state)
{
	struct sample *s = sample_new();
	char *text, *c;

	(void)state;
	s->options.ascii = true;
	finding_title(&s->finding[0], "The gateway of gr\u00fcn is silent");
	text = sample_report(s);
	for (c = text; *c; c++)
		assert_true((unsigned char)*c < 0x80);
	assert_non_null(strstr(text, "gr\\xc3\\xbcn"));
	assert_non_null(strstr(text, "office.pcap - 1 204 packets"));
	free(text);
	free(s);
}

/* What a rule forgot to escape, or cut inside a character, harms nobody. */
static void test_hostile(void **state)
{
	struct sample *s = sample_new();

	(void)state;
	s->options.title = "a\033[2Jb";
	finding_title(&s->finding[0], "\033]0;x\a\u202e title \xc3");
	finding_summary(&s->finding[0], "one\ntwo\r\x9b");
	expect_has_not(s, "\033");
	expect_has(s, "a\\x1b[2Jb");
	expect_has(s, "\\x1b]0;x\\x07\\xe2\\x80\\xae title \\xc3");
	expect_has(s, "one\\x0atwo\\x0d\\x9b");
	free(s);
}

static void test_wide_characters(void **state)
{
	struct sample *s = sample_new();

	(void)state;
	finding_title(&s->finding[0], "\u65e5\u672c\u8a9e e\u0301");
	/* 6 + 1 + 1 columns after 13, certain at 73 */
	expect_has(s, "\u65e5\u672c\u8a9e e\u0301"
		      "                                                   "
		      " certain\n");
	free(s);
}

static void test_healthy(void **state)
{
	struct sample *s = sample_new();

	(void)state;
	s->diagnosis.finding_count = 0;
	expect_has(s, "\nNothing wrong was found. Not seen, and so not judged: "
		      "application.\n");
	expect_has(s, "Checked and healthy: 3 neighbours answered;");
	expect_has(s, "Cannot be judged: 4 connections");
	s->options.quiet = true;
	expect(s, "empty.txt");
	free(s);
}

/* A notice is no fault. */
static void test_only_notices(void **state)
{
	struct sample *s = sample_new();

	(void)state;
	s->order[0] = &s->finding[1];
	s->diagnosis.finding_count = 1;
	expect_has(s, "\nNothing wrong was found.");
	expect_has(s, "application. What follows\nis no fault, but worth "
		      "knowing.\n\n1  NOTICE");
	s->finding[1].severity = INFO;
	expect_has(s, "\nAlso seen: Packets are fragmented (ip.fragmented).\n");
	expect_has_not(s, "INFO");
	s->options.verbose = true;
	expect_has(s, "\n1  INFO      Packets are fragmented");
	free(s);
}

static void test_no_packets(void **state)
{
	static const char *const why = "no such file";
	struct sample *s = sample_new();

	(void)state;
	s->diagnosis.finding_count = 0;
	s->coverage.packets = 0;
	s->options.errors = &why;
	s->options.error_count = 1;
	expect_has(s, "office.pcap \u00b7 0 packets\n");
	expect_has(s, "\nNot read: no such file\n");
	expect_has(s, "\nThere is no packet: there is nothing to judge.\n");
	expect_has_not(s, "Nothing wrong");
	free(s);
}

/* Findings left out are counted; what is left of their root stands alone. */
static void test_left_out(void **state)
{
	struct sample *s = sample_new();

	(void)state;
	s->options.least = WARNING;
	expect_has(s, "\n1 finding of less severity is left out.\n");
	expect_has_not(s, "ip.fragmented");
	s->options.least = INFO;
	s->finding[0].severity = NOTICE;
	s->options.least = WARNING;
	expect_has(s, "\n1  CRITICAL  192.168.1.20:40000 > 198.51.100.7:443");
	free(s);
}

/* The same thing of many subjects is told once; -v tells it of each. */
static void test_likewise(void **state)
{
	struct sample *s = sample_new();
	char *text;

	(void)state;
	for (int i = 0; i < SAMPLE_FINDINGS; i++) {
		s->finding[i] = s->finding[1];
		finding_title(&s->finding[i], "Path %d is fragmented", i);
	}
	expect_has(s, "\n1  NOTICE    Path 0 is fragmented");
	expect_has(s, "\n   likewise:  Path 1 is fragmented (frame 17)\n"
		      "              Path 2 is fragmented (frame 17)\n");
	expect_has_not(s, "2  NOTICE");
	s->options.verbose = true;
	expect_has(s, "\n4  NOTICE    Path 3 is fragmented");
	s->options.verbose = false;
	/* two warnings are told one by one */
	for (int i = 0; i < SAMPLE_FINDINGS; i++)
		s->finding[i].severity = WARNING;
	s->diagnosis.finding_count = 2;
	text = sample_report(s);
	assert_non_null(strstr(text, "\n2  WARNING   Path 1 is fragmented"));
	free(text);
	free(s);
}

/* Commands that share a line stay apart, and a start that does not fit on the
 * first line stands on the second. */
static void test_layout(void **state)
{
	struct sample *s = sample_new();

	(void)state;
	finding_advise(&s->finding[0], "ip route   ip neigh");
	expect_has(s, "\n          ip route   ip neigh\n");
	s->options.title = "a-rather-long-name-of-a-capture.pcap";
	expect_has(s,
		   "2 min 42 s\nfrom 2026-11-24 06:23:13 UTC \u00b7 taken on "
		   "192.168.1.20\n");
	free(s);
}

static void test_only(void **state)
{
	struct sample *s = sample_new();

	(void)state;
	s->options.only = "dns.no_answer";
	s->options.quiet = true;
	expect_has(s, "1  WARNING   1 DNS query to 9.9.9.9 unanswered");
	expect_has_not(s, "gateway");
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_color),
		cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_wide_characters),
		cmocka_unit_test(test_healthy),
		cmocka_unit_test(test_only_notices),
		cmocka_unit_test(test_no_packets),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_likewise),
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* test_display_filter.c - filters of every kind of subject, and that tshark
 * takes them. */
#include "unit/report/sample.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/parts.h"

static const struct finding_def arp_def = {.id = "arp.unanswered"};
static const struct finding_def nd_def = {.id = "nd.unanswered"};
static const struct finding_def other_def = {.id = "tcp.reset"};

/* The filter of one finding with this subject, frame 7 and 9 as evidence. */
static const char *filter(const struct finding_def *def,
			  const struct subject *subject, char *out)
{
	struct sample *s = sample_new();
	struct finding f = {.def = def, .subject = *subject};

	finding_frame(&f, 9);
	finding_frame(&f, 7);
	finding_filter_text(&f, &s->diagnosis, out);
	free(s);
	return out;
}

enum { CASES = 13 };

struct filter_case {
	const struct finding_def *def;
	struct subject subject;
	const char *want;
};

static void make_cases(struct filter_case out[CASES])
{
	const struct addr a = sample_addr("192.0.2.1");
	const struct addr b = sample_addr("2001:db8::1");
	const struct mac m = {{2, 0, 0, 0, 0, 1}};
	const struct flow v4 = {a, sample_addr("192.0.2.2"), 1000, 80, 6, {0}};
	const struct flow echo = {a, sample_addr("192.0.2.2"), 77, 0, 1, {0}};
	const struct subject several = {.kind = SUBJECT_SEVERAL, .count = 180};
	const struct filter_case cases[CASES] = {
		{&arp_def, subject_host(&a),
		 "arp.src.proto_ipv4 == 192.0.2.1 || "
		 "arp.dst.proto_ipv4 == 192.0.2.1"},
		{&nd_def, subject_host(&b),
		 "icmpv6.nd.ns.target_address == 2001:db8::1 || "
		 "icmpv6.nd.na.target_address == 2001:db8::1"},
		{&other_def, subject_host(&a), "ip.addr == 192.0.2.1"},
		{&other_def, subject_host(&b), "ipv6.addr == 2001:db8::1"},
		{&other_def, subject_mac(&m), "eth.addr == 02:00:00:00:00:01"},
		{&other_def, subject_service(&b, 53, 17),
		 "ipv6.addr == 2001:db8::1 && udp.port == 53"},
		{&other_def, subject_path(&a, &v4.dst),
		 "ip.addr == 192.0.2.1 && ip.addr == 192.0.2.2"},
		{&other_def, subject_flow(&v4),
		 "ip.addr == 192.0.2.1 && ip.addr == 192.0.2.2 && "
		 "tcp.port == 1000 && tcp.port == 80"},
		{&other_def, subject_flow(&echo),
		 "ip.addr == 192.0.2.1 && ip.addr == 192.0.2.2"},
		{&other_def, subject_name("a\"b\\x00\\\\c.example", &a, NULL),
		 "lower(dns.qry.name) == \"a\\\"b\\x00\\\\c.example\""},
		{&other_def, subject_link(0), "vlan.id == 42"},
		{&other_def, subject_capture(), "frame.number in {7, 9}"},
		{&other_def, several, "frame.number in {7, 9}"},
	};

	memcpy(out, cases, sizeof(cases));
}

static void test_texts(void **state)
{
	struct filter_case cases[CASES];
	char out[FILTER_TEXT];

	(void)state;
	make_cases(cases);
	for (size_t i = 0; i < CASES; i++)
		assert_string_equal(
			filter(cases[i].def, &cases[i].subject, out),
			cases[i].want);
}

/* A rule's own filter stands; one that does not fit gives way to frames. */
static void test_own_and_long(void **state)
{
	struct subject long_name = {.kind = SUBJECT_NAME};
	struct finding f = {.def = &other_def};
	struct diagnosis d = {.link_count = 0};
	char out[FILTER_TEXT];

	(void)state;
	finding_filter(&f, "tcp.stream == 3");
	assert_string_equal(finding_filter_text(&f, &d, out),
			    "tcp.stream == 3");
	memset(long_name.name, '"', sizeof(long_name.name) - 1);
	assert_string_equal(filter(&other_def, &long_name, out),
			    "frame.number in {7, 9}");
	f.filter[0] = '\0';
	assert_string_equal(finding_filter_text(&f, &d, out), "");
}

/* The exit status of tshark with this filter; -1 if there is no tshark. */
static int tshark(const char *filter)
{
	char file[512], copy[4096];
	char name[] = "tshark", read[] = "-r", show[] = "-Y";
	char *const argv[] = {name, read, file, show, copy, NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status, failed;

	snprintf(file, sizeof(file), "%s/pcaps/healthy/web.pcap", SOURCE_DIR);
	snprintf(copy, sizeof(copy), "%s", filter);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0);
	failed = posix_spawnp(&pid, "tshark", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (failed)
		return -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}

static void test_compile(void **state)
{
	struct filter_case cases[CASES];
	char out[FILTER_TEXT], all[4096] = "";
	size_t used = 0;

	(void)state;
	make_cases(cases);
	for (size_t i = 0; i < CASES; i++)
		used += (size_t)snprintf(
			all + used, sizeof(all) - used, "%s(%s)",
			i ? " || " : "",
			filter(cases[i].def, &cases[i].subject, out));
	assert_true(used < sizeof(all));
	if (tshark("frame.number == no_number") < 0) {
		print_message("skipped: there is no tshark\n");
		return;
	}
	assert_int_not_equal(tshark("frame.number == no_number"), 0);
	assert_int_equal(tshark(all), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_own_and_long),
		cmocka_unit_test(test_compile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

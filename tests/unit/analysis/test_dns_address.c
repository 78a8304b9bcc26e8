/* SPDX-License-Identifier: BSD-3-Clause */
/* test_dns_address.c - whose fault it is when a name leads nowhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "rig.h"

extern const struct detector dns_address_detector;

static struct addr ip(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	const uint8_t bytes[4] = {a, b, c, d};

	return addr_v4(bytes);
}

static struct observation at(enum observation_kind kind, uint64_t frame)
{
	return (struct observation){.kind = kind,
				    .frame = frame,
				    .time_ns = (int64_t)frame * NS_PER_S};
}

static void answered(struct rig *r, uint64_t frame, struct addr server,
		     const struct addr *address, uint8_t count)
{
	struct observation o = at(OBS_DNS, frame);
	struct dns_fact *d = &o.as.dns;

	d->state = DNS_ANSWERED;
	d->flow.src = ip(192, 0, 2, 20);
	d->flow.dst = server;
	d->flow.dst_port = 53;
	d->addresses = count;
	for (uint8_t i = 0; i < count; i++)
		d->address[i] = address[i];
	d->answers_hash = address[0].bytes[3] + 256u * count;
	snprintf(d->name, sizeof(d->name), "shop.example.org");
	rig_observe(r, &o);
}

static struct flow to(uint8_t client, struct addr server)
{
	return (struct flow){ip(192, 0, 2, client), server, 40000, 443, 6, {0}};
}

static void failed(struct rig *r, uint64_t frame, uint8_t client,
		   struct addr server, enum tcp_outcome outcome)
{
	struct observation o = at(OBS_TCP_ATTEMPT, frame);

	o.as.attempt.flow = to(client, server);
	o.as.attempt.outcome = outcome;
	o.as.attempt.first_ns = o.as.attempt.end_ns = o.time_ns;
	o.as.attempt.frames[0] = frame;
	rig_observe(r, &o);
}

static void opened(struct rig *r, uint64_t frame, struct addr server)
{
	struct observation o = at(OBS_TCP_OPENED, frame);

	o.as.opened.flow = to(20, server);
	rig_observe(r, &o);
}

/* What is found of a story: NULL for nothing. */
static const struct finding *told(struct rig *r)
{
	rig_finish(r);
	return rig_found(r, "dns.answer_unreachable");
}

static void test_another_answer_works(void **state)
{
	const struct addr old = ip(198, 51, 100, 9),
			  fresh = ip(198, 51, 100, 7);
	const struct finding *f;

	(void)state;
	for (int soon = 0; soon < 2; soon++) {
		struct rig r;

		rig_open(&r, &dns_address_detector);
		answered(&r, 1, ip(192, 0, 2, 53), &old, 1);
		failed(&r, 2, 20, old, TCP_NO_ANSWER);
		answered(&r, 3, ip(192, 0, 2, 53), &fresh, 1);
		opened(&r, soon ? 4 : 60, fresh);
		f = told(&r);
		assert_non_null(f);
		assert_string_equal(f->reason, "other_answer");
		assert_int_equal(f->severity, soon ? NOTICE : WARNING);
		assert_int_equal(f->frames[0], 1);
		assert_true(addr_equal(&f->flow.dst, &old));
		rig_close(&r);
	}
}

static void test_two_failures_of_one_of_several(void **state)
{
	const struct addr both[] = {ip(198, 51, 100, 9), ip(198, 51, 100, 7)};

	(void)state;
	for (int failures = 1; failures < 3; failures++) {
		const struct finding *f;
		struct rig r;

		rig_open(&r, &dns_address_detector);
		answered(&r, 1, ip(192, 0, 2, 53), both, 2);
		for (int i = 0; i < failures; i++)
			failed(&r, 2 + (uint64_t)i, 20, both[0], TCP_REFUSED);
		opened(&r, 9, both[1]);
		f = told(&r);
		assert_int_equal(f != NULL, failures == 2);
		if (f)
			assert_string_equal(f->reason, "one_of_several");
		rig_close(&r);
	}
}

static void test_silent_where_it_ever_worked(void **state)
{
	const struct addr old = ip(198, 51, 100, 9),
			  fresh = ip(198, 51, 100, 7);
	struct rig r;

	(void)state;
	rig_open(&r, &dns_address_detector);
	answered(&r, 1, ip(192, 0, 2, 53), &old, 1);
	opened(&r, 2, old);
	failed(&r, 3, 20, old, TCP_NO_ANSWER);
	answered(&r, 4, ip(192, 0, 2, 53), &fresh, 1);
	opened(&r, 60, fresh);
	assert_null(told(&r));
	rig_close(&r);
}

static void test_silent_where_nothing_failed(void **state)
{
	const struct addr old = ip(198, 51, 100, 9),
			  fresh = ip(198, 51, 100, 7);
	struct rig r;

	(void)state;
	/* an attempt that was given up early, and another client's */
	rig_open(&r, &dns_address_detector);
	answered(&r, 1, ip(192, 0, 2, 53), &old, 1);
	failed(&r, 2, 20, old, TCP_CLIENT_GAVE_UP);
	failed(&r, 3, 21, old, TCP_NO_ANSWER);
	answered(&r, 4, ip(192, 0, 2, 53), &fresh, 1);
	opened(&r, 60, fresh);
	assert_null(told(&r));
	rig_close(&r);
}

static void test_private_from_a_public_server(void **state)
{
	const struct addr inside = ip(10, 1, 2, 3);

	(void)state;
	for (int public = 0; public < 2; public ++) {
		const struct finding *f;
		struct rig r;

		rig_open(&r, &dns_address_detector);
		answered(&r, 1, public ? ip(9, 9, 9, 9) : ip(10, 0, 0, 53),
			 &inside, 1);
		failed(&r, 2, 20, inside, TCP_REJECTED);
		f = told(&r);
		assert_int_equal(f != NULL, public);
		if (f)
			assert_string_equal(f->reason, "not_public");
		rig_close(&r);
	}
}

static void test_blocked_names_are_noted_once(void **state)
{
	const struct addr nowhere = ip(0, 0, 0, 0);
	const struct finding *f;
	struct rig r;

	(void)state;
	rig_open(&r, &dns_address_detector);
	answered(&r, 1, ip(192, 0, 2, 53), &nowhere, 1);
	answered(&r, 2, ip(192, 0, 2, 53), &nowhere, 1);
	f = told(&r);
	assert_non_null(f);
	assert_int_equal(f->severity, NOTICE);
	assert_string_equal(f->reason, "sinkhole");
	assert_int_equal(findings_count(r.context.findings), 1);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_another_answer_works),
		cmocka_unit_test(test_two_failures_of_one_of_several),
		cmocka_unit_test(test_silent_where_it_ever_worked),
		cmocka_unit_test(test_silent_where_nothing_failed),
		cmocka_unit_test(test_private_from_a_public_server),
		cmocka_unit_test(test_blocked_names_are_noted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

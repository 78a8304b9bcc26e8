/* SPDX-License-Identifier: BSD-3-Clause */
/* test_dns_lookup.c - lookups over servers and repeats, by hand-made facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "rig.h"

extern const struct detector dns_detector;

static const uint8_t client_ip[4] = {192, 0, 2, 20};

/* The frame's number is also its time in tenths of a second. */
static struct observation fact(uint8_t state, uint8_t server, const char *name,
			       uint64_t frame)
{
	const uint8_t server_ip[4] = {192, 0, 2, server};
	struct observation o = {.kind = OBS_DNS,
				.frame = frame,
				.time_ns = (int64_t)frame * 100 * NS_PER_MS};
	struct dns_fact *d = &o.as.dns;

	d->state = state;
	d->flow.src = addr_v4(client_ip);
	d->flow.dst = addr_v4(server_ip);
	d->flow.src_port = 40000;
	d->flow.dst_port = 53;
	d->flow.protocol = 17;
	d->recursion_desired = true;
	d->qtype = d->qclass = 1;
	d->copies = 1;
	d->extended = -1;
	d->asked_ns = o.time_ns;
	d->question_frame = frame;
	snprintf(d->name, sizeof(d->name), "%s", name);
	return o;
}

/* The client talks with a neighbour: its packets are seen both ways. */
static void both_ways(struct rig *r, uint64_t frame)
{
	const uint8_t other_ip[4] = {192, 0, 2, 99};

	for (int back = 0; back < 2; back++) {
		struct observation o = {.kind = OBS_TALK,
					.frame = frame,
					.time_ns = (int64_t)frame * 100 *
						   NS_PER_MS};

		o.as.talk.src = addr_v4(back ? other_ip : client_ip);
		o.as.talk.dst = addr_v4(back ? client_ip : other_ip);
		o.as.talk.packets = 1;
		knowledge_observe(r->known, &o);
	}
}

static void asked(struct rig *r, uint8_t server, const char *name,
		  uint64_t frame)
{
	struct observation o = fact(DNS_ASKED, server, name, frame);

	rig_observe(r, &o);
}

static void answered(struct rig *r, uint8_t server, const char *name,
		     uint64_t question, uint64_t frame, uint8_t rcode)
{
	struct observation o = fact(DNS_ANSWERED, server, name, frame);

	o.as.dns.question_frame = question;
	o.as.dns.asked_ns = (int64_t)question * 100 * NS_PER_MS;
	o.as.dns.answered_ns = o.time_ns;
	o.as.dns.responses = 1;
	o.as.dns.rcode = rcode;
	o.as.dns.answer_count = rcode == 0;
	rig_observe(r, &o);
}

static void test_silence_needs_five_seconds(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &dns_detector);
	asked(&r, 53, "a.example", 10);
	rig_clock(&r, 59 * 100 * NS_PER_MS);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);

	/* likely only where an answer would have been recorded; elsewhere only
	 * who asks again was not answered */
	rig_open(&r, &dns_detector);
	asked(&r, 53, "a.example", 10);
	rig_clock(&r, 61 * 100 * NS_PER_MS);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
	for (int seen = 0; seen < 2; seen++) {
		rig_open(&r, &dns_detector);
		if (seen)
			both_ways(&r, 10);
		asked(&r, 53, "a.example", 10);
		if (!seen)
			asked(&r, 53, "a.example", 60);
		rig_clock(&r, 121 * 100 * NS_PER_MS);
		assert_int_equal(rig_finish(&r), 1);
		assert_non_null(rig_found(&r, "dns.no_answer"));
		assert_int_equal(rig_found(&r, "dns.no_answer")->confidence,
				 seen ? LIKELY : POSSIBLE);
		rig_close(&r);
	}
}

/* The first server is mute, the second answers: a notice, with the detour. */
static void test_second_server_excuses(void **state)
{
	struct rig r;
	struct finding *f;

	(void)state;
	rig_open(&r, &dns_detector);
	asked(&r, 53, "a.example", 10);
	asked(&r, 54, "a.example", 60);
	answered(&r, 54, "a.example", 60, 61, 0);
	assert_int_equal(rig_finish(&r), 1);
	f = rig_found(&r, "dns.no_answer");
	assert_non_null(f);
	assert_int_equal(f->severity, NOTICE);
	assert_int_equal(f->frames[0], 10);
	rig_close(&r);
}

/* All servers are asked at once, the quicker wins: nobody was silent. */
static void test_asked_together(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &dns_detector);
	asked(&r, 53, "a.example", 10);
	asked(&r, 54, "a.example", 10);
	answered(&r, 54, "a.example", 10, 11, 0);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

static void test_server_down_absorbs(void **state)
{
	struct rig r;
	struct finding *f;

	(void)state;
	for (int seen = 0; seen < 2; seen++) {
		rig_open(&r, &dns_detector);
		if (seen)
			both_ways(&r, 100);
		for (uint64_t i = 0; i < 3; i++) {
			asked(&r, 53, "a.example", 10 + i * 50);
			asked(&r, 53, "b.example", 12 + i * 50);
		}
		rig_clock(&r, 400 * 100 * NS_PER_MS);
		assert_int_equal(rig_finish(&r), 1);
		f = rig_found(&r, "dns.server_down");
		assert_non_null(f);
		assert_int_equal(f->severity, seen ? CRITICAL : WARNING);
		assert_int_equal(f->confidence, seen ? LIKELY : POSSIBLE);
		assert_int_equal(f->count, 6);
		rig_close(&r);
	}
}

static void test_servfail_then_success(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &dns_detector);
	asked(&r, 53, "a.example", 10);
	answered(&r, 53, "a.example", 10, 11, 2);
	asked(&r, 54, "a.example", 12);
	answered(&r, 54, "a.example", 12, 13, 0);
	assert_int_equal(rig_finish(&r), 1);
	assert_int_equal(rig_found(&r, "dns.servfail")->severity, NOTICE);
	rig_close(&r);
}

static void test_slow_answer(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &dns_detector);
	asked(&r, 53, "a.example", 10);
	answered(&r, 53, "a.example", 10, 19, 0);
	asked(&r, 53, "b.example", 30);
	answered(&r, 53, "b.example", 30, 42, 0);
	assert_int_equal(rig_finish(&r), 1);
	assert_int_equal(rig_found(&r, "dns.slow")->severity, WARNING);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silence_needs_five_seconds),
		cmocka_unit_test(test_second_server_excuses),
		cmocka_unit_test(test_asked_together),
		cmocka_unit_test(test_server_down_absorbs),
		cmocka_unit_test(test_servfail_then_success),
		cmocka_unit_test(test_slow_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

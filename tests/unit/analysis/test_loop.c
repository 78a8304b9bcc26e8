/* SPDX-License-Identifier: BSD-3-Clause */
/* test_loop.c - loops against what only looks like one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rig.h"

extern const struct detector loop_detector;

static const uint8_t here[4] = {192, 0, 2, 1}, there[4] = {198, 51, 100, 9};

static void again(struct rig *r, uint16_t sightings, uint8_t ttl, uint8_t mac)
{
	struct observation o = {.kind = OBS_SAME_PACKET,
				.frame = sightings,
				.time_ns = 1000 * NS_PER_S + sightings};
	struct same_packet_fact *s = &o.as.same_packet;

	s->src = addr_v4(here);
	s->dst = addr_v4(there);
	s->id = 77;
	s->protocol = 1;
	s->ttl = ttl;
	s->ttl_before = ttl + 1;
	s->sightings = sightings;
	s->has_macs = true;
	s->mac_src.bytes[5] = sightings & 1 ? mac : 9;
	s->mac_dst.bytes[5] = sightings & 1 ? 9 : mac;
	s->first_frame = 1;
	s->first_ns = 1000 * NS_PER_S;
	rig_observe(r, &o);
}

static void test_three_sightings(void **state)
{
	struct rig r;
	struct finding *f;

	(void)state;
	rig_open(&r, &loop_detector);
	again(&r, 2, 63, 1);
	assert_null(rig_found(&r, "ip.routing_loop"));
	again(&r, 3, 62, 1);
	f = rig_found(&r, "ip.routing_loop");
	assert_non_null(f);
	assert_int_equal(f->confidence, CERTAIN);
	rig_close(&r);
}

/* The way through two routers: other stations each time. */
static void test_other_stations(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &loop_detector);
	again(&r, 2, 63, 1);
	again(&r, 3, 62, 2);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

static void died_at(struct rig *r, int64_t s, uint8_t sent_ttl,
		    uint8_t reporter, uint16_t port)
{
	struct observation o = {.kind = OBS_ICMP_ERROR,
				.frame = (uint64_t)s,
				.time_ns = (1000 + s) * NS_PER_S};
	struct icmp_error_fact *e = &o.as.icmp_error;

	e->version = 4;
	e->type = 11;
	e->sent_ttl = sent_ttl;
	e->reporter = addr_v4((const uint8_t[4]){203, 0, 113, reporter});
	e->quote.present = true;
	e->quote.src = addr_v4(here);
	e->quote.dst = addr_v4(there);
	e->quote.protocol = 17;
	e->quote.has_ports = port != 0;
	e->quote.src_port = 40000;
	e->quote.dst_port = port;
	rig_observe(r, &o);
}

static void died(struct rig *r, int64_t s, uint8_t sent_ttl)
{
	died_at(r, s, sent_ttl, 2, 5000);
}

static void test_long_ttl_is_a_loop(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &loop_detector);
	for (int i = 1; i <= 3; i++)
		died(&r, i, 64);
	assert_int_equal(rig_finish(&r), 1);
	assert_non_null(rig_found(&r, "ip.routing_loop"));
	rig_close(&r);
}

static void test_short_ttl_is_none(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &loop_detector);
	for (int i = 1; i <= 3; i++)
		died(&r, i, 3);
	assert_int_equal(rig_finish(&r), 1);
	assert_non_null(rig_found(&r, "icmp.time_exceeded"));
	rig_close(&r);
}

/* The packets are not in the capture: two reporters are those of a traceroute,
 * and so are ports that are counted up; where these were cut off, anything. */
static void test_unseen_packets(void **state)
{
	static const struct {
		uint8_t reporters, ports;
		uint16_t port;
		uint32_t findings;
	} cases[] = {
		{1, 1, 5000, 1},  {2, 1, 5000, 0},  {1, 2, 33434, 0},
		{1, 2, 44444, 0}, {1, 1, 33434, 1}, {1, 2, 5000, 1},
		{1, 1, 0, 0},
	};
	struct rig r;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rig_open(&r, &loop_detector);
		for (uint8_t n = 0; n < 2; n++)
			died_at(&r, n + 1, 0, 2 + n % cases[i].reporters,
				(uint16_t)(cases[i].port + n % cases[i].ports));
		assert_int_equal(rig_finish(&r), cases[i].findings);
		if (cases[i].findings)
			assert_int_equal(
				rig_found(&r, "icmp.time_exceeded")->confidence,
				POSSIBLE);
		rig_close(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_sightings),
		cmocka_unit_test(test_other_stations),
		cmocka_unit_test(test_long_ttl_is_a_loop),
		cmocka_unit_test(test_short_ttl_is_none),
		cmocka_unit_test(test_unseen_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

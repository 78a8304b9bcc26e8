/* SPDX-License-Identifier: BSD-3-Clause */
/* test_eth.c - loops, storms, invented and wandering MACs, flooded unicast. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rig.h"

extern const struct detector eth_loop_detector, eth_storm_detector,
	eth_mac_flood_detector, eth_mac_flap_detector,
	eth_unicast_flood_detector;

static struct observation at(enum observation_kind kind, int64_t us)
{
	return (struct observation){.kind = kind,
				    .frame = (uint64_t)us + 1,
				    .time_ns =
					    1000 * NS_PER_S + us * NS_PER_US};
}

/* A packet with an ID (0: ARP) of `from` is seen `n` times, each `us` apart. */
static void again(struct rig *r, int64_t start_us, uint8_t from, uint32_t id,
		  bool group, int n, int64_t us)
{
	for (int i = 1; i < n; i++) {
		struct observation o = at(OBS_SAME_PACKET, start_us + i * us);
		struct same_packet_fact *s = &o.as.same_packet;

		s->has_macs = s->same_macs = true;
		s->mac_src.bytes[5] = from;
		s->mac_dst.bytes[0] = group;
		s->mac_dst.bytes[5] = 99;
		s->id = id;
		if (id) {
			s->src = addr_v4((const uint8_t[4]){192, 0, 2, from});
			s->dst = addr_v4((const uint8_t[4]){192, 0, 2, 255});
		}
		s->ttl = s->ttl_before = id ? 64 : 0;
		s->sightings = (uint16_t)(i + 1);
		s->first_frame = (uint64_t)start_us + 1;
		s->first_ns = at(OBS_SAME_PACKET, start_us + us).time_ns;
		rig_observe(r, &o);
	}
}

static void test_loop_by_id(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &eth_loop_detector);
	again(&r, 0, 1, 7, false, 12, 8000);
	assert_int_equal(findings_count(r.context.findings), 0);
	again(&r, 200000, 1, 8, false, 12, 8000);
	assert_non_null(rig_found(&r, "eth.loop"));
	assert_int_equal(rig_found(&r, "eth.loop")->confidence, CERTAIN);
	rig_close(&r);
}

/* One packet at a steady pace, in two sessions: hellos with a constant ID. */
static void test_constant_ids(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &eth_loop_detector);
	for (int i = 0; i < 5; i++) {
		again(&r, i * 2000000, 1, 7, false, 20, 50000);
		again(&r, i * 2000000 + 1000000, 2, 8, false, 20, 50000);
	}
	/* and a tool that floods one station with one packet */
	again(&r, 20000000, 3, 9, false, 2000, 100);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

static void test_loop_without_id(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &eth_loop_detector);
	again(&r, 0, 1, 0, true, 90, 60); /* a mirror of 90 ports */
	assert_int_equal(findings_count(r.context.findings), 0);
	again(&r, 100000, 1, 0, true, 200, 60);
	assert_non_null(rig_found(&r, "eth.loop"));
	assert_int_equal(rig_found(&r, "eth.loop")->confidence, LIKELY);
	rig_close(&r);
}

static void second(struct rig *r, int s, uint32_t frames)
{
	struct observation o = at(OBS_GROUP_RATE, s * 1000000LL);

	o.as.group_rate.from_ns = o.time_ns;
	o.as.group_rate.frames = o.as.group_rate.broadcast = frames;
	o.as.group_rate.sender[0].mac.bytes[5] = 1;
	o.as.group_rate.sender[0].frames = frames;
	rig_observe(r, &o);
}

static void test_storm(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &eth_storm_detector);
	second(&r, 0, 600);
	second(&r, 1, 600);
	second(&r, 5, 600);
	second(&r, 6, 600);
	assert_int_equal(findings_count(r.context.findings), 0);
	second(&r, 7, 600);
	assert_int_equal(rig_found(&r, "eth.storm")->severity, WARNING);
	second(&r, 8, 6000);
	assert_int_equal(rig_found(&r, "eth.storm")->severity, CRITICAL);
	rig_close(&r);
}

static void stranger(struct rig *r, int64_t ms, uint32_t n, bool invented)
{
	struct observation o = at(OBS_TALK, ms * 1000);
	struct mac *m = &o.as.talk.src_mac;

	m->bytes[1] = invented ? (uint8_t)(n * 7) : 1;
	m->bytes[2] =
		invented ? (uint8_t)(n * 13 + (n >> 8)) : (uint8_t)(n % 9);
	m->bytes[3] = (uint8_t)(n >> 8);
	m->bytes[4] = (uint8_t)n;
	o.as.talk.src = addr_v4(
		(const uint8_t[4]){10, 1, (uint8_t)(n >> 8), (uint8_t)n});
	o.as.talk.dst = addr_v4((const uint8_t[4]){10, 2, 0, 1});
	o.as.talk.has_macs = true;
	o.as.talk.dst_mac.bytes[5] = 77;
	o.as.talk.packets = 1;
	rig_observe(r, &o);
}

static void test_invented(void **state)
{
	struct rig r;

	(void)state;
	for (int invented = 0; invented < 2; invented++) {
		rig_open(&r, &eth_mac_flood_detector);
		stranger(&r, 0, 60000, true);
		for (uint32_t n = 0; n < 600; n++)
			stranger(&r, 10000 + n * 10, n, invented);
		rig_clock(&r, (1000 + 18) * NS_PER_S);
		assert_int_equal(rig_found(&r, "eth.mac_flood") != NULL,
				 invented);
		rig_close(&r);
	}
}

static void arp(struct rig *r, int64_t ms, uint16_t vlan, uint8_t ip)
{
	struct observation o = at(OBS_ARP, ms * 1000);

	o.vlan = vlan;
	o.link = vlan;
	o.as.arp.operation = 1;
	o.as.arp.eth_src.bytes[5] = o.as.arp.sender_mac.bytes[5] = 1;
	o.as.arp.sender = addr_v4((const uint8_t[4]){192, 0, 2, ip});
	rig_observe(r, &o);
}

static void test_flap(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &eth_mac_flap_detector);
	for (int i = 0; i < 4; i++)
		arp(&r, i * 1000, i % 2 ? 10 : 20, 1);
	assert_int_equal(findings_count(r.context.findings), 0);
	arp(&r, 4000, 20, 1);
	assert_non_null(rig_found(&r, "eth.mac_flap"));
	rig_close(&r);
}

/* A broadcast at an interface, as the host of the capture sees it. */
static void arp_at(struct rig *r, int64_t ms, uint32_t interface,
		   enum frame_direction way, uint8_t ip)
{
	struct observation o = at(OBS_ARP, ms * 1000);

	o.interface = o.link = interface;
	o.as.arp.operation = 1;
	o.as.arp.eth_src.bytes[5] = o.as.arp.sender_mac.bytes[5] = 1;
	memset(&o.as.arp.eth_dst, 255, sizeof(o.as.arp.eth_dst));
	o.as.arp.direction = (uint8_t)way;
	o.as.arp.sender = addr_v4((const uint8_t[4]){192, 0, 2, ip});
	rig_observe(r, &o);
}

static void test_flap_interfaces(void **state)
{
	struct observation lacp = at(OBS_LACP, 0);
	struct rig r;

	(void)state;
	for (int bundle = 0; bundle < 2; bundle++) {
		rig_open(&r, &eth_mac_flap_detector);
		if (bundle)
			rig_observe(&r, &lacp);
		for (int i = 0; i < 5; i++)
			arp_at(&r, i * 1000, i % 2, FRAME_INBOUND, 1);
		assert_int_equal(rig_found(&r, "eth.mac_flap") != NULL,
				 !bundle);
		rig_close(&r);
	}
	rig_open(&r, &eth_mac_flap_detector);
	for (int i = 0; i < 20; i++) /* a bridge: in here, out there */
		arp_at(&r, i * 1000, i % 2,
		       i % 2 ? FRAME_OUTBOUND : FRAME_INBOUND, 1);
	assert_int_equal(findings_count(r.context.findings), 0);
	rig_close(&r);
}

static void test_clone(void **state)
{
	struct observation again_seen = at(OBS_SAME_PACKET, 2000000);
	struct rig r;

	(void)state;
	for (int loop = 0; loop < 2; loop++) {
		rig_open(&r, &eth_mac_flap_detector);
		arp_at(&r, 0, 0, FRAME_OUTBOUND, 1);
		arp_at(&r, 1000, 0, FRAME_INBOUND, 2);
		if (loop)
			rig_observe(&r, &again_seen);
		arp_at(&r, 2000, 0, FRAME_INBOUND, 2);
		assert_null(rig_found(&r, "eth.mac_flap"));
		arp_at(&r, 3000, 0, FRAME_INBOUND, 2);
		assert_int_equal(rig_found(&r, "eth.mac_flap") != NULL, !loop);
		rig_close(&r);
	}
}

/* Its own frame comes in three times: once might be a mirror's. */
static void test_loop_own(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &eth_loop_detector);
	arp_at(&r, 0, 0, FRAME_OUTBOUND, 1);
	for (uint16_t n = 2; n <= 4; n++) {
		struct observation o = at(OBS_SAME_PACKET, n * 100);
		struct same_packet_fact *s = &o.as.same_packet;

		assert_int_equal(findings_count(r.context.findings), 0);
		s->has_macs = s->same_macs = true;
		s->mac_src.bytes[5] = 1;
		memset(&s->mac_dst, 255, sizeof(s->mac_dst));
		s->direction = FRAME_INBOUND;
		s->sightings = n;
		s->inbound = n - 1;
		s->first_ns = at(OBS_ARP, 0).time_ns;
		rig_observe(&r, &o);
	}
	assert_int_equal(rig_found(&r, "eth.loop")->confidence, LIKELY);
	rig_close(&r);
}

static void test_no_flap(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &eth_mac_flap_detector);
	for (int i = 0; i < 20; i++) /* an address in each */
		arp(&r, i * 1000, i % 2 ? 10 : 20, i % 2 ? 1 : 2);
	assert_int_equal(findings_count(r.context.findings), 0);
	rig_close(&r);
	rig_open(&r, &eth_mac_flap_detector);
	for (int i = 0; i < 20; i++) /* slowly */
		arp(&r, i * 30000, i % 2 ? 10 : 20, 1);
	assert_int_equal(findings_count(r.context.findings), 0);
	rig_close(&r);
	rig_open(&r, &eth_mac_flap_detector);
	for (int i = 0; i < 20; i++) /* a mirror: each frame under two tags */
		arp(&r, i / 2 * 1000 + i % 2, i % 2 ? 10 : 20, 1);
	assert_int_equal(findings_count(r.context.findings), 0);
	rig_close(&r);
}

static void talk(struct rig *r, int64_t s, uint8_t from, uint8_t to,
		 uint8_t direction)
{
	struct observation o = at(OBS_TALK, s * 1000000);
	struct talk_fact *t = &o.as.talk;

	t->src_mac.bytes[5] = from;
	t->dst_mac.bytes[5] = to;
	t->src = addr_v4((const uint8_t[4]){192, 0, 2, from});
	t->dst = addr_v4((const uint8_t[4]){192, 0, 2, to});
	t->has_macs = true;
	t->packets = 10;
	t->direction = direction;
	rig_observe(r, &o);
}

static void ended(struct rig *r, int64_t s, uint8_t from, uint8_t to)
{
	struct observation o = at(OBS_TCP_ENDED, s * 1000000);

	o.as.ended.flow.src = addr_v4((const uint8_t[4]){192, 0, 2, from});
	o.as.ended.flow.dst = addr_v4((const uint8_t[4]){192, 0, 2, to});
	o.as.ended.side[0].packets = 100;
	o.as.ended.side[0].ack_moves = 50;
	rig_observe(r, &o);
}

static void test_flooded(void **state)
{
	struct rig r;

	(void)state;
	for (int self = 0; self < 2; self++) {
		rig_open(&r, &eth_unicast_flood_detector);
		talk(&r, 0, 1, 2, self ? FRAME_OUTBOUND : FRAME_UNKNOWN);
		talk(&r, 1, 2, 1, FRAME_UNKNOWN);
		for (int i = 6; i < 20; i++)
			talk(&r, i, 31, 32, FRAME_UNKNOWN);
		ended(&r, 20, 31, 32);
		rig_finish(&r);
		if (self)
			assert_int_equal(
				rig_found(&r, "eth.unicast_flood")->severity,
				WARNING);
		rig_close(&r);
	}
	/* the other end is heard after all */
	rig_open(&r, &eth_unicast_flood_detector);
	talk(&r, 0, 1, 2, FRAME_OUTBOUND);
	for (int i = 6; i < 20; i++)
		talk(&r, i, 31, 32, FRAME_UNKNOWN);
	talk(&r, 20, 32, 31, FRAME_UNKNOWN);
	ended(&r, 20, 31, 32);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loop_by_id),
		cmocka_unit_test(test_constant_ids),
		cmocka_unit_test(test_loop_without_id),
		cmocka_unit_test(test_storm),
		cmocka_unit_test(test_invented),
		cmocka_unit_test(test_flap),
		cmocka_unit_test(test_flap_interfaces),
		cmocka_unit_test(test_clone),
		cmocka_unit_test(test_loop_own),
		cmocka_unit_test(test_no_flap),
		cmocka_unit_test(test_flooded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* test_claims.c - two stations with one address, and what looks like it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rig.h"

extern const struct detector arp_claims_detector, nd_claims_detector;

enum { ASKER = 20, HELD = 9, ONE = 0x10, TWO = 0x60 };

static struct addr host(uint8_t n)
{
	return addr_v4((const uint8_t[4]){192, 0, 2, n});
}

static struct addr host6(uint8_t n)
{
	return addr_v6((const uint8_t[16]){0x20, 1, 0xd, 0xb8, [15] = n});
}

static struct observation at(enum observation_kind kind, int64_t ms)
{
	return (struct observation){.kind = kind,
				    .frame = (uint64_t)ms + 1,
				    .time_ns =
					    1000 * NS_PER_S + ms * NS_PER_MS};
}

/* `mac` says that it has HELD: it answers `question`, or (0) tells all. */
static void claim(struct rig *r, int64_t ms, uint8_t mac, uint64_t question)
{
	struct observation o = at(OBS_ARP, ms);
	struct arp_fact *arp = &o.as.arp;

	arp->operation = question ? 2 : 1;
	arp->sender_mac.bytes[5] = arp->eth_src.bytes[5] = mac;
	arp->sender = host(HELD);
	arp->asked = question != 0;
	arp->question = question;
	if (question) {
		arp->target = host(ASKER);
		arp->target_mac.bytes[5] = arp->eth_dst.bytes[5] = ASKER;
	} else {
		arp->target = host(HELD);
		memset(arp->eth_dst.bytes, 255, 6);
	}
	rig_observe(r, &o);
}

static void test_two_answers(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &arp_claims_detector);
	claim(&r, 10, ONE, 5);
	claim(&r, 20, TWO, 5);
	rig_finish(&r);
	assert_non_null(rig_found(&r, "arp.conflict"));
	rig_close(&r);
}

static void test_there_and_back(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &arp_claims_detector);
	claim(&r, 0, ONE, 0);
	claim(&r, 10000, TWO, 0);
	assert_null(rig_found(&r, "arp.conflict"));
	claim(&r, 20000, ONE, 0);
	rig_finish(&r);
	assert_non_null(rig_found(&r, "arp.conflict"));
	rig_close(&r);
}

/* A failover: one move, announced more than once. */
static void test_one_move(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &arp_claims_detector);
	claim(&r, 0, ONE, 0);
	for (int i = 0; i < 5; i++)
		claim(&r, 10000 + i * 200, TWO, 0);
	claim(&r, 15000, TWO, 15);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

/* There and back, but an hour lies between: two moves. */
static void test_back_much_later(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &arp_claims_detector);
	claim(&r, 0, ONE, 0);
	claim(&r, 1000000, TWO, 0);
	claim(&r, 3600000, ONE, 0);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

/* Two cards of one host answer for each other: said, but not as a fault. */
static void test_two_cards(void **state)
{
	struct finding *f;
	struct rig r;

	(void)state;
	rig_open(&r, &arp_claims_detector);
	claim(&r, 10, ONE, 5);
	claim(&r, 20, ONE + 1, 5);
	rig_finish(&r);
	f = rig_found(&r, "arp.conflict");
	assert_non_null(f);
	assert_int_equal(f->severity, NOTICE);
	assert_int_equal(f->confidence, POSSIBLE);
	rig_close(&r);
}

static void probe(struct rig *r, int64_t ms, uint8_t mac, uint64_t nonce)
{
	struct observation o = at(OBS_ND, ms);

	o.as.nd.type = 135;
	o.as.nd.src = addr_v6((const uint8_t[16]){0});
	o.as.nd.target = host6(HELD);
	o.as.nd.eth_src.bytes[5] = mac;
	o.as.nd.has_nonce = nonce != 0;
	o.as.nd.nonce = nonce;
	rig_observe(r, &o);
}

static void advertise(struct rig *r, int64_t ms, uint8_t mac, bool override)
{
	struct observation o = at(OBS_ND, ms);

	o.as.nd.type = 136;
	o.as.nd.src = o.as.nd.target = host6(HELD);
	o.as.nd.dst = addr_v6((const uint8_t[16]){0xff, 2, [15] = 1});
	o.as.nd.eth_src.bytes[5] = o.as.nd.lladdr.bytes[5] = mac;
	o.as.nd.has_lladdr = true;
	o.as.nd.override = override;
	rig_observe(r, &o);
}

static void test_crossed_probes(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &nd_claims_detector);
	probe(&r, 0, ONE, 7);
	probe(&r, 300, TWO, 8);
	rig_finish(&r);
	assert_non_null(rig_found(&r, "nd.conflict"));
	rig_close(&r);
}

/* RFC 7527: one's own probe is looped back, known by its MAC or, where a
 * bridge rewrote that, by its nonce. */
static void test_own_probe_looped(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &nd_claims_detector);
	probe(&r, 0, ONE, 0);
	probe(&r, 1, ONE, 0);
	probe(&r, 5000, ONE, 7);
	probe(&r, 5001, TWO, 7);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

/* Members of an anycast group do not override each other. */
static void test_anycast(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &nd_claims_detector);
	for (int i = 0; i < 4; i++)
		advertise(&r, i * 1000, i & 1 ? TWO : ONE, false);
	assert_int_equal(rig_finish(&r), 0);
	for (int i = 4; i < 8; i++)
		advertise(&r, i * 1000, i & 1 ? TWO : ONE, true);
	assert_non_null(rig_found(&r, "nd.conflict"));
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_answers),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_one_move),
		cmocka_unit_test(test_back_much_later),
		cmocka_unit_test(test_two_cards),
		cmocka_unit_test(test_crossed_probes),
		cmocka_unit_test(test_own_probe_looped),
		cmocka_unit_test(test_anycast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

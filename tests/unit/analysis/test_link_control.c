/* SPDX-License-Identifier: BSD-3-Clause */
/* test_link_control.c - ends that disagree, ports that admit nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rig.h"

extern const struct detector link_devices_detector, vlan_tags_detector,
	link_mode_detector, port_access_detector;

static struct observation at(enum observation_kind kind, int64_t s)
{
	return (struct observation){.kind = kind,
				    .frame = (uint64_t)s + 1,
				    .time_ns = (1000 + s) * NS_PER_S};
}

static void announce(struct rig *r, int64_t s, uint8_t from, uint8_t duplex,
		     uint16_t vlan)
{
	struct observation o = at(OBS_DEVICE, s);
	struct device *d = &o.as.device.device;

	o.as.device.eth_src.bytes[5] = from;
	d->id[0] = (char)('a' + from);
	d->duplex = duplex;
	d->vlan = vlan;
	d->has_vlan = vlan != 0;
	rig_observe(r, &o);
}

static void test_ends_disagree(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &link_devices_detector);
	announce(&r, 0, 1, DUPLEX_FULL, 10);
	announce(&r, 1, 2, DUPLEX_UNKNOWN, 0);
	assert_int_equal(findings_count(r.context.findings), 0);
	announce(&r, 2, 2, DUPLEX_HALF, 10);
	assert_non_null(rig_found(&r, "link.duplex_mismatch"));
	assert_null(rig_found(&r, "vlan.mismatch"));
	announce(&r, 3, 2, DUPLEX_HALF, 1);
	assert_non_null(rig_found(&r, "vlan.mismatch"));
	/* a third: several ports are mirrored, and these are no two ends */
	announce(&r, 4, 3, DUPLEX_HALF, 1);
	assert_true(rig_found(&r, "link.duplex_mismatch")->withheld);
	assert_true(rig_found(&r, "vlan.mismatch")->withheld);
	rig_close(&r);
}

static void test_both_half(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &link_devices_detector);
	announce(&r, 0, 1, DUPLEX_HALF, 10);
	announce(&r, 1, 2, DUPLEX_HALF, 10);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

static void system_says(struct rig *r, int64_t s, uint8_t duplex)
{
	struct observation o = at(OBS_LINK, s);

	o.frame = 0;
	o.as.link = (struct source_link){.time_ns = o.time_ns,
					 .present = true,
					 .up = true,
					 .carrier = true,
					 .name = "eth0",
					 .speed_mbps = 100,
					 .duplex = duplex};
	rig_observe(r, &o);
}

static void test_own_mode(void **state)
{
	struct finding *f;
	struct rig r;

	(void)state;
	rig_open(&r, &link_mode_detector);
	system_says(&r, 0, LINK_DUPLEX_FULL);
	announce(&r, 1, 1, DUPLEX_FULL, 0);
	system_says(&r, 2, LINK_DUPLEX_FULL);
	assert_int_equal(findings_count(r.context.findings), 0);
	announce(&r, 3, 1, DUPLEX_HALF, 0);
	system_says(&r, 4, LINK_DUPLEX_FULL);
	f = rig_found(&r, "link.duplex_mismatch");
	assert_non_null(f);
	assert_int_equal(f->confidence, CERTAIN);
	rig_close(&r);
}

/* Half duplex, and nobody says what the other end does; then one says that it
 * does the same: a hub. */
static void test_own_half(void **state)
{
	struct finding *f;
	struct rig r;

	(void)state;
	rig_open(&r, &link_mode_detector);
	system_says(&r, 0, LINK_DUPLEX_HALF);
	f = rig_found(&r, "link.duplex_mismatch");
	assert_non_null(f);
	assert_int_equal(f->confidence, LIKELY);
	announce(&r, 1, 1, DUPLEX_HALF, 0);
	system_says(&r, 2, LINK_DUPLEX_HALF);
	assert_true(f->withheld);
	rig_close(&r);
}

/* What is virtual has no mode. */
static void test_no_mode(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &link_mode_detector);
	system_says(&r, 0, LINK_DUPLEX_UNKNOWN);
	announce(&r, 1, 1, DUPLEX_HALF, 0);
	system_says(&r, 2, LINK_DUPLEX_UNKNOWN);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

static void arp(struct rig *r, int64_t s, bool reply, uint16_t vlan)
{
	struct observation o = at(OBS_ARP, s);
	struct arp_fact *a = &o.as.arp;

	o.vlan = vlan;
	o.link = vlan;
	a->operation = reply ? 2 : 1;
	a->sender_mac.bytes[5] = reply ? 2 : 1;
	a->target_mac.bytes[5] = reply ? 1 : 0;
	a->sender = addr_v4((const uint8_t[4]){192, 0, 2, reply ? 2 : 1});
	a->target = addr_v4((const uint8_t[4]){192, 0, 2, reply ? 1 : 2});
	rig_observe(r, &o);
}

static void test_answers_elsewhere(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &vlan_tags_detector);
	for (int i = 0; i < 3; i++) {
		arp(&r, i, false, 0);
		arp(&r, i, true, 30);
	}
	assert_int_equal(findings_count(r.context.findings), 0);
	arp(&r, 3, false, 0);
	assert_non_null(rig_found(&r, "vlan.mismatch"));
	rig_close(&r);
}

/* A mirror that tags one way: the question is renewed each half minute. */
static void test_tags_one_way(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &vlan_tags_detector);
	for (int i = 0; i < 10; i++) {
		arp(&r, i * 30, false, 0);
		arp(&r, i * 30, true, 30);
	}
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

static void tree(struct rig *r, int64_t s, uint16_t tag, uint16_t vlan)
{
	struct observation o = at(OBS_BPDU, s);

	o.vlan = tag;
	o.as.bpdu.eth_src.bytes[5] = 1;
	o.as.bpdu.message.has_vlan = true;
	o.as.bpdu.message.vlan = vlan;
	rig_observe(r, &o);
}

static void test_leak(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &vlan_tags_detector);
	tree(&r, 0, 0, 5);
	tree(&r, 0, 1, 1);
	tree(&r, 2, 0, 6);
	assert_int_equal(findings_count(r.context.findings), 0);
	tree(&r, 4, 10, 20);
	assert_non_null(rig_found(&r, "vlan.mismatch"));
	rig_close(&r);
}

enum { SWITCH = 9 };

static void eap(struct rig *r, int64_t s, uint8_t from, uint8_t to,
		uint8_t type, uint8_t code)
{
	struct observation o = at(OBS_EAPOL, s);

	o.as.eapol.eth_src.bytes[5] = from;
	o.as.eapol.eth_dst.bytes[5] = to;
	if (!to)
		o.as.eapol.eth_dst.bytes[0] = 1;
	o.as.eapol.message.type = type;
	o.as.eapol.message.code = code;
	rig_observe(r, &o);
}

static void test_rejected(void **state)
{
	struct finding *f;
	struct rig r;

	(void)state;
	rig_open(&r, &port_access_detector);
	/* nothing was said: given up, and perhaps admitted by its MAC */
	eap(&r, 0, SWITCH, 1, EAPOL_EAP, EAP_REQUEST);
	eap(&r, 30, SWITCH, 1, EAPOL_EAP, EAP_FAILURE);
	assert_int_equal(findings_count(r.context.findings), 0);
	eap(&r, 40, 1, 0, EAPOL_EAP, EAP_RESPONSE);
	eap(&r, 41, SWITCH, 0, EAPOL_EAP, EAP_FAILURE);
	f = rig_found(&r, "eap.failure");
	assert_non_null(f);
	assert_int_equal(f->severity, CRITICAL);
	eap(&r, 60, 1, 0, EAPOL_EAP, EAP_RESPONSE);
	eap(&r, 61, SWITCH, 1, EAPOL_EAP, EAP_SUCCESS);
	assert_int_equal(f->severity, WARNING);
	rig_close(&r);
}

static void test_nobody_answers(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &port_access_detector);
	for (int i = 0; i < 3; i++)
		eap(&r, i * 30, 1, 0, EAPOL_START, 0);
	rig_clock(&r, (1000 + 65) * NS_PER_S);
	assert_int_equal(findings_count(r.context.findings), 0);
	rig_clock(&r, (1000 + 80) * NS_PER_S);
	assert_non_null(rig_found(&r, "eap.failure"));
	rig_close(&r);

	rig_open(&r, &port_access_detector);
	for (int i = 0; i < 3; i++)
		eap(&r, i * 30, 1, 0, EAPOL_START, 0);
	eap(&r, 61, SWITCH, 1, EAPOL_EAP, EAP_REQUEST);
	rig_clock(&r, (1000 + 80) * NS_PER_S);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends_disagree),
		cmocka_unit_test(test_both_half),
		cmocka_unit_test(test_own_mode),
		cmocka_unit_test(test_own_half),
		cmocka_unit_test(test_no_mode),
		cmocka_unit_test(test_answers_elsewhere),
		cmocka_unit_test(test_tags_one_way),
		cmocka_unit_test(test_leak),
		cmocka_unit_test(test_rejected),
		cmocka_unit_test(test_nobody_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

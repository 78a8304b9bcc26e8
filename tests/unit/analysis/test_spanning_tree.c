/* SPDX-License-Identifier: BSD-3-Clause */
/* test_spanning_tree.c - trees that do not come to rest, and those that do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rig.h"

extern const struct detector spanning_tree_detector;

enum { GOOD = 1, WORSE = 2 };

/* A hello of the port `from` of a tree. */
static void hello(struct rig *r, int64_t s, uint8_t from, uint16_t vlan,
		  uint8_t root, uint8_t flags)
{
	struct observation o = {.kind = OBS_BPDU,
				.frame = (uint64_t)s + 1,
				.time_ns = (1000 + s) * NS_PER_S};
	struct bpdu *m = &o.as.bpdu.message;

	o.as.bpdu.eth_src.bytes[5] = from;
	m->is_bpdu = true;
	m->flags = flags;
	m->root.priority = 32768;
	m->root.mac.bytes[5] = root;
	m->has_vlan = vlan != 0;
	m->vlan = vlan;
	rig_observe(r, &o);
}

static void test_two_rises(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &spanning_tree_detector);
	for (int64_t s = 0; s < 200; s += 2)
		hello(&r, s, 1, 0, GOOD, s >= 20 && s < 56 ? BPDU_CHANGE : 0);
	assert_null(rig_found(&r, "stp.topology_change"));
	hello(&r, 200, 1, 0, GOOD, BPDU_CHANGE);
	assert_non_null(rig_found(&r, "stp.topology_change"));
	assert_int_equal(rig_found(&r, "stp.topology_change")->count, 2);
	rig_close(&r);
}

/* Two ports of one switch announce one change, by turns with a third that does
 * not; and changes half an hour apart are no trouble. */
static void test_one_change(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &spanning_tree_detector);
	for (int64_t s = 0; s < 100; s += 2) {
		uint8_t flags = s >= 20 && s < 56 ? BPDU_CHANGE : 0;

		hello(&r, s, 1, 0, GOOD, flags);
		hello(&r, s, 2, 0, GOOD, flags);
		hello(&r, s, 3, 0, GOOD, 0);
	}
	hello(&r, 2000, 1, 0, GOOD, BPDU_CHANGE);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

/* One change each in trees of two VLANs. */
static void test_two_trees(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &spanning_tree_detector);
	for (uint16_t vlan = 10; vlan <= 20; vlan += 10) {
		hello(&r, vlan, 1, vlan, vlan, 0);
		hello(&r, vlan + 6, 1, vlan, vlan, BPDU_CHANGE);
	}
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

static void test_root(void **state)
{
	struct finding *f;
	struct rig r;

	(void)state;
	rig_open(&r, &spanning_tree_detector);
	for (int64_t s = 0; s < 10; s += 2)
		hello(&r, s, 1, 0, WORSE, 0);
	hello(&r, 10, 1, 0, GOOD, 0);
	hello(&r, 12, 1, 0, GOOD, 0);
	assert_null(rig_found(&r, "stp.root_change"));
	hello(&r, 14, 1, 0, GOOD, 0);
	f = rig_found(&r, "stp.root_change");
	assert_non_null(f);
	assert_int_equal(f->severity, NOTICE);
	for (int64_t s = 20; s < 26; s += 2)
		hello(&r, s, 1, 0, WORSE, 0);
	assert_int_equal(f->severity, WARNING);
	assert_int_equal(f->count, 2);
	rig_close(&r);
}

static void test_root_lost(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &spanning_tree_detector);
	for (int64_t s = 0; s < 20; s += 2)
		hello(&r, s, 1, 0, s < 10 ? GOOD : WORSE, 0);
	assert_int_equal(rig_found(&r, "stp.root_change")->severity, WARNING);
	rig_close(&r);
}

/* A bridge that starts claims to be the root: at first, or in between. */
static void test_claims(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &spanning_tree_detector);
	hello(&r, 0, 1, 0, WORSE, 0);
	for (int64_t s = 2; s < 40; s += 2)
		hello(&r, s, 1, 0, s == 20 || s == 22 ? WORSE : GOOD, 0);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_rises),
		cmocka_unit_test(test_one_change),
		cmocka_unit_test(test_two_trees),
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_root_lost),
		cmocka_unit_test(test_claims),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

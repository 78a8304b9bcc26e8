/* SPDX-License-Identifier: BSD-3-Clause */
/* test_restart.c - stations whose link seems to come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rig.h"

extern const struct detector link_restart_detector;

static struct mac card(uint8_t n)
{
	return (struct mac){{0x00, 0x1b, 0x21, 0, 0, n}};
}

static struct addr local(uint8_t n)
{
	return addr_v6((const uint8_t[16]){0xfe, 0x80, [15] = n});
}

static struct addr host(uint8_t n)
{
	return addr_v4((const uint8_t[4]){192, 0, 2, n});
}

static struct observation at(enum observation_kind kind, int64_t ns)
{
	static uint64_t frame;
	struct observation o;

	memset(&o, 0, sizeof(o));
	o.kind = kind;
	o.time_ns = ns;
	o.frame = ++frame;
	return o;
}

/* It is there, and says so each second, until then. */
static void talks(struct rig *r, struct mac m, int64_t from, int64_t to)
{
	for (int64_t ns = from; ns < to; ns += NS_PER_S) {
		struct observation o = at(OBS_TALK, ns);

		o.as.talk.src_mac = m;
		o.as.talk.src = local(m.bytes[5]);
		rig_observe(r, &o);
	}
}

/* The probe of RFC 4862 5.4. */
static void probes(struct rig *r, struct mac m, struct addr for_it, int64_t ns)
{
	struct observation o = at(OBS_ND, ns);

	o.as.nd.type = 135;
	o.as.nd.eth_src = m;
	o.as.nd.src.family = 6;
	o.as.nd.target = for_it;
	rig_observe(r, &o);
}

/* INIT-REBOOT, and then its announcement. */
static void reboots(struct rig *r, struct mac m, int64_t ns, bool announces)
{
	struct observation o = at(OBS_DHCP, ns);
	struct addr self = host(m.bytes[5]);

	o.as.dhcp.type = 3;
	o.as.dhcp.from_client = true;
	o.as.dhcp.eth_src = o.as.dhcp.client = m;
	o.as.dhcp.requested = self;
	rig_observe(r, &o);
	o = at(OBS_ARP, ns + NS_PER_S);
	o.as.arp.operation = 1;
	o.as.arp.eth_src = o.as.arp.sender_mac = m;
	o.as.arp.sender = self;
	o.as.arp.target = announces ? self : host(1);
	rig_observe(r, &o);
}

static const struct finding *after(struct rig *r)
{
	rig_finish(r);
	return rig_found(r, "link.flap");
}

static void twice(void **state)
{
	const struct finding *f;
	struct rig r;

	(void)state;
	rig_open(&r, &link_restart_detector);
	talks(&r, card(20), NS_PER_S, 20 * NS_PER_S);
	probes(&r, card(20), local(20), 25 * NS_PER_S);
	assert_null(rig_found(&r, "link.flap"));
	talks(&r, card(20), 26 * NS_PER_S, 60 * NS_PER_S);
	reboots(&r, card(20), 65 * NS_PER_S, true);
	f = after(&r);
	assert_non_null(f);
	assert_int_equal(f->severity, NOTICE);
	assert_int_equal(f->confidence, POSSIBLE);
	assert_string_equal(f->reason, "station");
	assert_true(f->frame_count >= 2);
	rig_close(&r);
}

enum alike { ONCE, PRIVATE, NEW, ASLEEP, SOON, LEASE_ALONE, ALIKES };

/* Once; another address each time; who has only just come; a sleeper; two
 * probes of one beginning; a lease asked for again that nothing follows. */
static void looks_alike(void **state)
{
	(void)state;
	for (int i = 0; i < ALIKES; i++) {
		const int64_t again = i == SOON ? 29 : i == ASLEEP ? 200 : 60;
		struct rig r;

		rig_open(&r, &link_restart_detector);
		talks(&r, card(20), NS_PER_S, (i == NEW ? 3 : 20) * NS_PER_S);
		if (i == NEW)
			probes(&r, card(20), local(20), 4 * NS_PER_S);
		else
			probes(&r, card(20), local(20), 25 * NS_PER_S);
		if (i == LEASE_ALONE)
			reboots(&r, card(20), 65 * NS_PER_S, false);
		else if (i != ONCE)
			probes(&r, card(20), local(i == PRIVATE ? 99 : 20),
			       again * NS_PER_S);
		assert_null(after(&r));
		rig_close(&r);
	}
}

/* Of three stations together their switch is suspected, of two nothing; and
 * never of machines that software made. */
static void together(void **state)
{
	(void)state;
	for (int made_up = 0; made_up < 2; made_up++) {
		const struct finding *f;
		struct rig r;

		rig_open(&r, &link_restart_detector);
		for (uint8_t n = 1; n <= 3; n++) {
			struct mac m = card(n);

			m.bytes[0] = made_up ? 2 : 0;
			talks(&r, m, NS_PER_S, 20 * NS_PER_S);
		}
		for (uint8_t n = 1; n <= 3; n++) {
			struct mac m = card(n);

			m.bytes[0] = made_up ? 2 : 0;
			assert_null(rig_found(&r, "link.flap"));
			probes(&r, m, local(n),
			       30 * NS_PER_S + n * NS_PER_S / 10);
		}
		f = after(&r);
		if (made_up) {
			assert_null(f);
		} else {
			assert_non_null(f);
			assert_string_equal(f->reason, "stations");
			assert_int_equal(f->severity, WARNING);
			assert_int_equal(f->confidence, LIKELY);
			assert_int_equal(f->count, 3);
		}
		rig_close(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twice),
		cmocka_unit_test(looks_alike),
		cmocka_unit_test(together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

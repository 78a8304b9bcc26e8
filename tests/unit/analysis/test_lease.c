/* SPDX-License-Identifier: BSD-3-Clause */
/* test_lease.c - addresses asked for and kept, or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rig.h"

extern const struct detector dhcp_exchange_detector;

enum { DISCOVER = 1, OFFER, REQUEST, DECLINE, ACK, NAK };

static struct addr host(uint8_t n)
{
	return addr_v4((const uint8_t[4]){192, 0, 2, n});
}

static struct observation message(int64_t s, uint8_t type, bool client)
{
	struct observation o = {.kind = OBS_DHCP,
				.frame = (uint64_t)s + 1,
				.time_ns = (1000 + s) * NS_PER_S};
	struct dhcp_fact *d = &o.as.dhcp;

	d->type = type;
	d->from_client = client;
	d->client.bytes[5] = 20;
	d->xid = 7;
	d->src = addr_v4((const uint8_t[4]){0, 0, 0, 0});
	d->ciaddr = d->yiaddr = d->server_id = d->src;
	d->dst = addr_v4((const uint8_t[4]){255, 255, 255, 255});
	if (!client)
		d->server_id = host(1);
	return o;
}

static void say(struct rig *r, int64_t s, uint8_t type, bool client)
{
	const struct observation o = message(s, type, client);

	rig_observe(r, &o);
}

static void grant(struct rig *r, int64_t s, uint32_t lease_s)
{
	struct observation o = message(s, ACK, false);

	o.as.dhcp.yiaddr = host(20);
	o.as.dhcp.lease_s = lease_s;
	rig_observe(r, &o);
}

static void renew(struct rig *r, int64_t s, bool everybody)
{
	struct observation o = message(s, REQUEST, true);

	o.as.dhcp.ciaddr = o.as.dhcp.src = host(20);
	if (!everybody)
		o.as.dhcp.dst = host(1);
	rig_observe(r, &o);
}

static void now(struct rig *r, int64_t s)
{
	rig_clock(r, (1000 + s) * NS_PER_S);
}

static void test_three_discovers(void **state)
{
	struct finding *f;
	struct rig r;

	(void)state;
	rig_open(&r, &dhcp_exchange_detector);
	say(&r, 0, DISCOVER, true);
	say(&r, 2, DISCOVER, true);
	say(&r, 4, DISCOVER, true);
	now(&r, 7);
	assert_null(rig_found(&r, "dhcp.no_offer"));
	now(&r, 9);
	f = rig_found(&r, "dhcp.no_offer");
	assert_non_null(f);
	assert_int_equal(f->severity, CRITICAL);
	grant(&r, 20, 3600);
	assert_int_equal(f->severity, WARNING);
	rig_close(&r);
}

/* The second question may still be answered at the end. */
static void test_end_inside_patience(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &dhcp_exchange_detector);
	say(&r, 0, DISCOVER, true);
	say(&r, 7, DISCOVER, true);
	now(&r, 10);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

/* Types cut off: what follows a reply may be any request. */
static void test_cut_types(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &dhcp_exchange_detector);
	say(&r, 0, 0, true);
	say(&r, 1, 0, false);
	for (int64_t s = 2; s < 6; s++)
		say(&r, s, 0, true);
	now(&r, 30);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);

	rig_open(&r, &dhcp_exchange_detector);
	for (int64_t s = 0; s < 6; s += 2)
		say(&r, s, 0, true);
	now(&r, 30);
	/* nor would an answer have passed here */
	assert_null(rig_found(&r, "dhcp.no_offer"));
	for (int64_t s = 40; s < 46; s += 2) {
		struct observation o = message(s, 0, true);

		o.as.dhcp.broadcast = true;
		rig_observe(&r, &o);
	}
	now(&r, 70);
	assert_non_null(rig_found(&r, "dhcp.no_offer"));
	rig_close(&r);
}

/* A spectator does not see the offer, but the client takes one. */
static void test_spectator(void **state)
{
	struct observation o = message(7, REQUEST, true);
	struct rig r;

	(void)state;
	rig_open(&r, &dhcp_exchange_detector);
	say(&r, 0, DISCOVER, true);
	say(&r, 4, DISCOVER, true);
	o.as.dhcp.server_id = host(1);
	rig_observe(&r, &o);
	now(&r, 30);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

static void test_renewals(void **state)
{
	struct finding *f;
	struct rig r;

	(void)state;
	rig_open(&r, &dhcp_exchange_detector);
	grant(&r, 0, 3600);
	renew(&r, 1800, false);
	renew(&r, 2000, false);
	now(&r, 2005);
	assert_null(rig_found(&r, "dhcp.renew_unanswered"));
	now(&r, 2011);
	f = rig_found(&r, "dhcp.renew_unanswered");
	assert_non_null(f);
	assert_int_equal(f->severity, NOTICE);
	rig_close(&r);
}

/* A quarter of the lease is left: it is no note any more. */
static void test_lease_nearly_over(void **state)
{
	struct finding *f;
	struct rig r;

	(void)state;
	rig_open(&r, &dhcp_exchange_detector);
	grant(&r, 0, 3600);
	renew(&r, 1800, false);
	renew(&r, 2800, false);
	now(&r, 2811);
	f = rig_found(&r, "dhcp.renew_unanswered");
	assert_non_null(f);
	assert_int_equal(f->severity, WARNING);
	rig_close(&r);
}

/* Asked of all, somebody answers: the way to the one server is cut. */
static void test_rebound(void **state)
{
	struct finding *f;
	struct rig r;

	(void)state;
	rig_open(&r, &dhcp_exchange_detector);
	grant(&r, 0, 3600);
	renew(&r, 1800, false);
	renew(&r, 2800, false);
	now(&r, 2811);
	renew(&r, 3150, true);
	grant(&r, 3151, 3600);
	f = rig_found(&r, "dhcp.renew_unanswered");
	assert_non_null(f);
	assert_int_equal(f->severity, NOTICE);
	assert_non_null(strstr(f->summary, "renewed at"));
	assert_non_null(strstr(f->summary, "everybody"));
	rig_close(&r);
}

static void test_one_lost_renewal(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &dhcp_exchange_detector);
	renew(&r, 0, false);
	renew(&r, 900, false);
	grant(&r, 901, 3600);
	now(&r, 950);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_discovers),
		cmocka_unit_test(test_end_inside_patience),
		cmocka_unit_test(test_cut_types),
		cmocka_unit_test(test_spectator),
		cmocka_unit_test(test_renewals),
		cmocka_unit_test(test_lease_nearly_over),
		cmocka_unit_test(test_rebound),
		cmocka_unit_test(test_one_lost_renewal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

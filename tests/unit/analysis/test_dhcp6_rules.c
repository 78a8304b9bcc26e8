/* SPDX-License-Identifier: BSD-3-Clause */
/* test_dhcp6_rules.c - DHCPv6 clients that nobody answers, servers that
 * disagree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dissectors/dhcp6.h"
#include "rig.h"

extern const struct detector dhcp6_clients_detector;

static struct observation at(enum observation_kind kind, int64_t s)
{
	return (struct observation){.kind = kind,
				    .frame = (uint64_t)s + 1,
				    .time_ns = (1000 + s) * NS_PER_S};
}

static void asks(struct rig *r, int64_t s, uint8_t type)
{
	struct observation o = at(OBS_DHCP6, s);

	o.as.dhcp6.type = type;
	o.as.dhcp6.from_client = true;
	o.as.dhcp6.xid = 7;
	o.as.dhcp6.client.bytes[5] = 1;
	rig_observe(r, &o);
}

static void answers(struct rig *r, int64_t s, uint8_t type, uint8_t server,
		    uint8_t net, uint16_t status)
{
	struct observation o = at(OBS_DHCP6, s);
	struct dhcp6_fact *d = &o.as.dhcp6;

	d->type = type;
	d->xid = 7;
	d->status = status;
	d->server = server;
	d->client.bytes[5] = 1;
	d->eth_src.bytes[5] = server;
	d->address = addr_v6((const uint8_t[16]){0x20, 1, [7] = net, [15] = 9});
	rig_observe(r, &o);
}

static void router(struct rig *r, uint8_t flags)
{
	struct observation o = at(OBS_RA, 0);

	o.as.ra.advertisement = true;
	o.as.ra.icmp.ra.lifetime_s = 1800;
	o.as.ra.icmp.ra.flags = flags;
	rig_observe(r, &o);
}

static enum severity silence(int flags)
{
	enum severity severity;
	struct rig r;

	rig_open(&r, &dhcp6_clients_detector);
	if (flags >= 0)
		router(&r, (uint8_t)flags);
	asks(&r, 1, DHCP6_SOLICIT);
	asks(&r, 2, DHCP6_SOLICIT);
	asks(&r, 4, DHCP6_SOLICIT);
	rig_clock(&r, 1007 * NS_PER_S);
	assert_int_equal(findings_count(r.context.findings), 0);
	rig_clock(&r, 1010 * NS_PER_S);
	assert_non_null(rig_found(&r, "dhcp.no_offer"));
	severity = rig_found(&r, "dhcp.no_offer")->severity;
	rig_close(&r);
	return severity;
}

/* How bad it is depends on what the routers say. */
static void test_nobody_answers(void **state)
{
	(void)state;
	assert_int_equal(silence(0x80), CRITICAL);
	/* no router, and what the client sends to others is not seen */
	assert_int_equal(silence(-1), NOTICE);
	assert_int_equal(silence(0x40), NOTICE);
}

static void test_served(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &dhcp6_clients_detector);
	asks(&r, 1, DHCP6_SOLICIT);
	asks(&r, 2, DHCP6_SOLICIT);
	answers(&r, 2, DHCP6_ADVERTISE, 3, 1, 0);
	answers(&r, 2, DHCP6_ADVERTISE, 4, 1, 0);
	asks(&r, 3, DHCP6_REQUEST);
	answers(&r, 3, DHCP6_REPLY, 3, 1, 0);
	asks(&r, 60, DHCP6_RENEW);
	answers(&r, 60, DHCP6_REPLY, 3, 1, 0);
	rig_clock(&r, 2000 * NS_PER_S);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

static void test_servers(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &dhcp6_clients_detector);
	asks(&r, 1, DHCP6_SOLICIT);
	answers(&r, 1, DHCP6_ADVERTISE, 3, 1, 0);
	answers(&r, 1, DHCP6_ADVERTISE, 4, 2, 0);
	assert_non_null(rig_found(&r, "dhcp.two_servers"));
	asks(&r, 2, DHCP6_REQUEST);
	answers(&r, 2, DHCP6_REPLY, 3, 1, DHCP6_NO_ADDRESSES);
	assert_non_null(rig_found(&r, "dhcp.nak"));
	asks(&r, 3, DHCP6_DECLINE);
	assert_non_null(rig_found(&r, "dhcp.decline"));
	rig_close(&r);
}

static void test_renewal(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &dhcp6_clients_detector);
	asks(&r, 1, DHCP6_RENEW);
	asks(&r, 11, DHCP6_RENEW);
	rig_clock(&r, 1022 * NS_PER_S);
	assert_int_equal(rig_found(&r, "dhcp.renew_unanswered")->severity,
			 NOTICE);
	asks(&r, 30, DHCP6_REBIND);
	rig_clock(&r, 1041 * NS_PER_S);
	assert_int_equal(rig_found(&r, "dhcp.renew_unanswered")->severity,
			 WARNING);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_answers),
		cmocka_unit_test(test_served),
		cmocka_unit_test(test_servers),
		cmocka_unit_test(test_renewal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

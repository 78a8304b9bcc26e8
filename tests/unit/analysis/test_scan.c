/* SPDX-License-Identifier: BSD-3-Clause */
/* test_scan.c - slow scans between the single tries of a flood. */
#include "unit/analysis/rig.h"
#include "unit/base/unit.h"

extern const struct detector opening_detector, scan_udp_detector;

enum { ROUNDS = 20, FLOOD = 5000 };

static struct flow flow_of(uint32_t client, uint32_t server, uint16_t port,
			   uint8_t protocol)
{
	struct flow f = {{{10, (uint8_t)(client >> 16), (uint8_t)(client >> 8),
			   (uint8_t)client},
			  4},
			 {{20, (uint8_t)(server >> 16), (uint8_t)(server >> 8),
			   (uint8_t)server},
			  4},
			 40000,
			 port,
			 protocol,
			 {0}};

	return f;
}

static void try_tcp(struct rig *r, int64_t ns, const struct flow *f,
		    bool refused)
{
	struct observation o = {.kind = OBS_TCP_SYN, .time_ns = ns};

	o.as.syn.flow = *f;
	o.as.syn.tries = 1;
	rig_observe(r, &o);
	if (!refused)
		return;
	o = (struct observation){.kind = OBS_TCP_ATTEMPT, .time_ns = ns};
	o.as.attempt.flow = *f;
	o.as.attempt.outcome = TCP_REFUSED;
	o.as.attempt.syns = 1;
	o.as.attempt.first_ns = o.as.attempt.end_ns = ns;
	rig_observe(r, &o);
}

static void try_udp(struct rig *r, int64_t ns, const struct flow *f,
		    bool refused)
{
	struct observation o = {.kind = OBS_UDP_OPENED, .time_ns = ns};

	o.as.udp.flow = *f;
	o.as.udp.ttl = 64;
	rig_observe(r, &o);
	if (!refused)
		return;
	o = (struct observation){.kind = OBS_ICMP_ERROR, .time_ns = ns};
	o.as.icmp_error.version = 4;
	o.as.icmp_error.type = o.as.icmp_error.code = 3;
	o.as.icmp_error.quote.src = f->src;
	o.as.icmp_error.quote.dst = f->dst;
	o.as.icmp_error.quote.protocol = 17;
	rig_observe(r, &o);
}

/* One source tries something every two seconds, and FLOOD others once each in
 * between.  Returns how many findings of this id there are. */
static uint32_t found(const struct detector *d, const char *id, uint32_t hosts,
		      uint16_t ports, bool refused)
{
	bool udp = d == &scan_udp_detector;
	uint32_t n = 0, other = 0;
	struct rig r;

	rig_open(&r, d);
	for (uint32_t i = 0; i < ROUNDS + 10; i++) {
		int64_t ns = (100 + 2 * (int64_t)i) * NS_PER_S;
		struct flow f = flow_of(1, hosts > 1 ? i : 1,
					(uint16_t)(20 + (ports > 1 ? i : 0)),
					udp ? 17 : 6);

		(udp ? try_udp : try_tcp)(&r, ns, &f, refused);
		for (uint32_t k = 0; k < FLOOD; k++, other++) {
			f = flow_of(1000 + other, 70000 + other,
				    (uint16_t)(1 + other % 60000),
				    udp ? 17 : 6);
			(udp ? try_udp : try_tcp)(&r, ns + (int64_t)k * 100000,
						  &f, false);
		}
		rig_clock(&r, ns + NS_PER_S);
	}
	rig_finish(&r);
	for (uint32_t i = 0; i < findings_count(r.context.findings); i++)
		n += !strcmp(finding_at(r.context.findings, i)->def->id, id);
	rig_close(&r);
	return n;
}

static void test_slow_scans(void **state)
{
	(void)state;
	assert_int_equal(found(&opening_detector, "tcp.port_scan", 1, 2, true),
			 1);
	assert_int_equal(found(&opening_detector, "tcp.host_sweep", 2, 1, true),
			 1);
	assert_int_equal(found(&scan_udp_detector, "udp.scan", 1, 2, true), 1);
}

/* One port of one host is no scan, however much comes with it. */
static void test_one_service(void **state)
{
	(void)state;
	assert_int_equal(found(&opening_detector, "tcp.port_scan", 1, 1, true),
			 0);
	assert_int_equal(found(&opening_detector, "tcp.host_sweep", 1, 1, true),
			 0);
	assert_int_equal(found(&scan_udp_detector, "udp.scan", 1, 1, true), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slow_scans),
		cmocka_unit_test(test_one_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* test_capture_parts.c - cut packets, unknown link types, broken headers, and
 * connections of which a part is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/analysis/rig.h"

extern const struct detector capture_cut_detector, capture_flows_detector,
	capture_malformed_detector, capture_drops_detector;

static void cut_headers_are_a_notice(void **state)
{
	struct rig r;
	struct finding *f;

	(void)state;
	rig_open(&r, &capture_cut_detector);
	r.coverage.packets = 100;
	r.coverage.cut = 100;
	r.coverage.cut_transport = 1;
	r.coverage.cut_frame = 7;
	assert_int_equal(rig_finish(&r), 1);
	f = rig_found(&r, "capture.snaplen");
	assert_non_null(f);
	assert_int_equal(f->severity, NOTICE);
	assert_int_equal(f->count, 100);
	assert_int_equal(f->frames[0], 7);
	rig_close(&r);
}

static void cut_bulk_is_information(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &capture_cut_detector);
	r.coverage.packets = 1000;
	r.coverage.cut = 900;
	r.coverage.cut_transport = 9;
	assert_int_equal(rig_finish(&r), 1);
	assert_int_equal(rig_found(&r, "capture.snaplen")->severity, INFO);
	rig_close(&r);
}

static void a_missing_fcs_is_nothing(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &capture_cut_detector);
	r.coverage.packets = r.coverage.cut = r.coverage.cut_fcs = 50;
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

static void an_unknown_link_type_hides_all(void **state)
{
	struct rig r;
	struct finding *f;

	(void)state;
	rig_open(&r, &capture_cut_detector);
	r.coverage.packets = r.coverage.unknown_link = 9;
	r.coverage.unknown_link_type = 147;
	r.coverage.unknown_link_frame = 1;
	assert_int_equal(rig_finish(&r), 1);
	f = rig_found(&r, "capture.unknown_link");
	assert_int_equal(f->severity, WARNING);
	assert_non_null(strstr(f->title, "147"));
	rig_close(&r);
}

static void monitor_mode_can_be_left(void **state)
{
	struct rig r;
	struct finding *f;

	(void)state;
	rig_open(&r, &capture_cut_detector);
	r.coverage.packets = 2;
	r.coverage.unknown_link = 1;
	r.coverage.unknown_link_type = 127;
	r.coverage.unknown_link_frame = 2;
	assert_int_equal(rig_finish(&r), 1);
	f = rig_found(&r, "capture.unknown_link");
	assert_non_null(strstr(f->advice[0], "monitor mode"));
	assert_non_null(strstr(f->summary, "1 of 2 packets has"));
	rig_close(&r);
}

static void broken_headers_are_summed(void **state)
{
	struct observation o = {.kind = OBS_MALFORMED};
	struct rig r;
	struct finding *f;

	(void)state;
	rig_open(&r, &capture_malformed_detector);
	o.as.malformed = (struct malformed_fact){
		PROTO_udp, "length below 8", 4, {{2, 0, 0, 0, 0, 9}}};
	for (uint64_t i = 0; i < 40; i++) {
		o.frame = 10 + i;
		o.time_ns = (int64_t)i * NS_PER_MS;
		rig_observe(&r, &o);
	}
	assert_int_equal(rig_finish(&r), 1);
	f = rig_found(&r, "capture.malformed");
	assert_int_equal(f->count, 40);
	assert_int_equal(f->frame_count, EVIDENCE_MAX);
	assert_int_equal(f->severity, NOTICE);
	assert_non_null(strstr(f->summary, "02:00:00:00:00:09"));
	rig_close(&r);
}

static struct observation flow_ended(uint16_t port, uint64_t there,
				     uint64_t back, uint32_t ack_moves)
{
	struct observation o = {.kind = OBS_TCP_ENDED, .frame = port};
	struct tcp_ended_fact *e = &o.as.ended;

	e->flow.src = addr_v4((const uint8_t[]){192, 0, 2, 1});
	e->flow.dst = addr_v4((const uint8_t[]){192, 0, 2, 2});
	e->flow.src_port = port;
	e->flow.dst_port = 80;
	e->flow.protocol = 6;
	e->side[0].packets = there;
	e->side[1].packets = back;
	e->side[0].ack_moves = ack_moves;
	e->one_way = back == 0;
	e->first_frame = port;
	return o;
}

static uint32_t flows_found(const struct observation *o, uint32_t count,
			    const char *id, enum severity *severity)
{
	struct rig r;
	struct finding *f;
	uint32_t n = 0;

	rig_open(&r, &capture_flows_detector);
	for (uint32_t i = 0; i < count; i++)
		rig_observe(&r, &o[i]);
	rig_finish(&r);
	f = rig_found(&r, id);
	if (f) {
		n = (uint32_t)f->count;
		*severity = f->severity;
	}
	rig_close(&r);
	return n;
}

static void one_way_needs_a_live_peer(void **state)
{
	struct observation o[20];
	enum severity s = INFO;

	(void)state;
	o[0] = flow_ended(1, 9, 0, 2);
	assert_int_equal(flows_found(o, 1, "capture.one_way", &s), 1);
	assert_int_equal(s, WARNING);
	/* a dead server: resends whose acknowledgement stands still */
	o[0] = flow_ended(1, 9, 0, 1);
	assert_int_equal(flows_found(o, 1, "capture.one_way", &s), 0);
	/* too short to tell */
	o[0] = flow_ended(1, 4, 0, 2);
	assert_int_equal(flows_found(o, 1, "capture.one_way", &s), 0);
}

static void one_way_of_some_flows(void **state)
{
	struct observation o[20];
	enum severity s = INFO;

	(void)state;
	for (uint16_t i = 0; i < 20; i++)
		o[i] = flow_ended(i, 9, i < 2 ? 0 : 9, 4);
	assert_int_equal(flows_found(o, 20, "capture.one_way", &s), 0);
	o[2] = flow_ended(2, 9, 0, 4);
	assert_int_equal(flows_found(o, 20, "capture.one_way", &s), 3);
	assert_int_equal(s, NOTICE);
	o[3] = flow_ended(3, 9, 0, 4);
	assert_int_equal(flows_found(o, 20, "capture.one_way", &s), 4);
	assert_int_equal(s, WARNING);
}

static void midstream_leaves_out_probes(void **state)
{
	struct observation o[2];
	enum severity s = WARNING;

	(void)state;
	o[0] = flow_ended(1, 4, 4, 2);
	o[0].as.ended.midstream = true;
	o[1] = flow_ended(2, 1, 1, 0);
	o[1].as.ended.midstream = true;
	o[1].as.ended.side[1].reset = true;
	assert_int_equal(flows_found(o, 2, "capture.midstream", &s), 1);
	assert_int_equal(s, INFO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_headers_are_a_notice),
		cmocka_unit_test(cut_bulk_is_information),
		cmocka_unit_test(a_missing_fcs_is_nothing),
		cmocka_unit_test(an_unknown_link_type_hides_all),
		cmocka_unit_test(monitor_mode_can_be_left),
		cmocka_unit_test(broken_headers_are_summed),
		cmocka_unit_test(one_way_needs_a_live_peer),
		cmocka_unit_test(one_way_of_some_flows),
		cmocka_unit_test(midstream_leaves_out_probes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

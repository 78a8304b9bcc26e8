/* SPDX-License-Identifier: BSD-3-Clause */
/* test_alone.c - a host that nothing reaches, by what is told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/observer.h"
#include "analysis/tracker.h"
#include "rig.h"

extern const struct detector link_inbound_detector;
extern const struct tracker alone_tracker;

static const struct mac us = {{2, 0, 0, 0, 0, 0x14}};

static struct observation lonely(void)
{
	struct observation o;

	memset(&o, 0, sizeof(o));
	o.kind = OBS_ALONE;
	o.frame = 30;
	o.time_ns = 100 * NS_PER_S;
	o.as.alone = (struct alone_fact){.mac = us,
					 .since_ns = 80 * NS_PER_S,
					 .whole = true,
					 .frames = 20,
					 .asks = 12,
					 .targets = 2,
					 .unicast = true,
					 .frame = {1, 2, 3, 4}};
	return o;
}

static const struct finding *judged(struct rig *r, const struct observation *o)
{
	rig_observe(r, o);
	return rig_found(r, "link.no_inbound");
}

static void nobody_else_ever(void **state)
{
	struct observation o = lonely();
	const struct finding *f;
	struct rig r;

	(void)state;
	rig_open(&r, &link_inbound_detector);
	f = judged(&r, &o);
	assert_non_null(f);
	assert_int_equal(f->severity, CRITICAL);
	assert_int_equal(f->confidence, LIKELY);
	assert_int_equal(f->first_ns, 80 * NS_PER_S);
	rig_close(&r);
}

/* That it is this host's own interface makes it certain. */
static void own_interface(void **state)
{
	struct source_address a = {.addr = addr_v4((uint8_t[]){192, 0, 2, 20}),
				   .bits = 24};
	const struct source_interface i = {
		.mac = us, .address = &a, .addresses = 1};
	struct observation o = lonely(), own = {.kind = OBS_INTERFACE};
	struct observation arp = {.kind = OBS_ARP, .time_ns = NS_PER_S};
	const struct finding *f;
	struct rig r;

	(void)state;
	own.as.own = &i;
	arp.as.arp.operation = 1;
	arp.as.arp.eth_src = arp.as.arp.sender_mac = us;
	arp.as.arp.frame_bytes = 60;
	rig_open(&r, &link_inbound_detector);
	knowledge_observe(r.known, &own);
	assert_int_equal(known_self_proof(r.known, &us), SELF_NONE);
	knowledge_observe(r.known, &arp);
	assert_int_equal(known_self_proof(r.known, &us), SELF_OWN);
	assert_int_equal(known_on_link(r.known, 0, &a.addr), PROOF_PROVEN);
	o.as.alone.whole = o.as.alone.unicast = false;
	f = judged(&r, &o);
	assert_non_null(f);
	assert_int_equal(f->confidence, CERTAIN);
	assert_non_null(strstr(f->title, "192.0.2.20"));
	rig_close(&r);
}

enum look {
	ANSWERS,
	CONTENT,
	OVER,
	ONE_TARGET,
	BROADCASTS,
	OTHERS,
	SENDS,
	STOPPED,
	LOOKS
};

static void looks_alike(void **state)
{
	(void)state;
	for (int i = 0; i < LOOKS; i++) {
		struct observation o = lonely();
		struct alone_fact *a = &o.as.alone;
		struct rig r;

		a->answers = i == ANSWERS;
		a->content = i == CONTENT;
		a->over = i == OVER;
		a->targets = i == ONE_TARGET ? 1 : 2;
		a->unicast = i != BROADCASTS;
		a->whole = i != OTHERS;
		a->sends_ns = i == SENDS     ? 99 * NS_PER_S
			      : i == STOPPED ? 85 * NS_PER_S
					     : 0;
		a->probes_ns = i == SENDS ? 98 * NS_PER_S : 0;
		rig_open(&r, &link_inbound_detector);
		assert_null(judged(&r, &o));
		rig_close(&r);
	}
}

static void hear(void *self, const struct observation *o,
		 const struct detector_context *c)
{
	uint32_t *told = self;

	(void)o;
	(void)c;
	++*told;
}

/* A host that asks for two neighbours and sends segments of a connection, whose
 * acknowledgement grows by `step` each time: how often it is told of. */
static uint32_t told_of(uint32_t step)
{
	static const enum observation_kind wants[] = {OBS_ALONE, OBSERVATIONS};
	static const struct detector listener = {
		.name = "listener", .wants = wants, .observe = hear};
	const struct hash_key key = {1, 2};
	const struct limits limits = limits_for(MEMORY_MIN);
	struct arena *arena = arena_new(limits.memory);
	const struct tracker_home home = {arena, &limits, key, false};
	struct detector_context context = {0};
	struct observer out = {.knowledge = knowledge_new(arena, &limits, key),
			       .context = &context};
	void *alone = alone_tracker.open(&home);
	uint32_t told = 0;

	observer_subscribe(&out, &listener, &told);
	for (uint32_t i = 0; i < 60; i++) {
		static struct packet p;
		struct layer *link = &p.layers[0], *next = &p.layers[1];
		/* it sends to its gateway before it asks for anybody */
		bool asks = i > 3 && i % 3;

		memset(&p, 0, sizeof(p));
		p.frame.number = i + 1;
		p.frame.time_ns = (1000 + i) * NS_PER_S;
		p.layer_count = 2;
		p.eth = link;
		link->proto = PROTO_ethernet;
		link->as.link.has_src = link->as.link.has_dst = true;
		link->as.link.src = us;
		memset(&link->as.link.dst, asks ? 0xff : 2, 6);
		if (asks) {
			p.arp = next;
			next->as.arp.operation = 1;
			next->as.arp.sender =
				addr_v4((uint8_t[]){192, 0, 2, 20});
			next->as.arp.target = addr_v4(
				(uint8_t[]){192, 0, 2, (uint8_t)(70 + i % 3)});
		} else {
			p.ip = &p.layers[2];
			p.tcp = next;
			next->as.tcp.flags = TCP_ACK;
			next->as.tcp.src_port = 40000;
			next->as.tcp.dst_port = 80;
			next->as.tcp.ack = 5000 + i * step;
		}
		alone_tracker.packet(alone, &p, &out);
	}
	arena_free(arena);
	return told;
}

static void acknowledging(void **state)
{
	(void)state;
	assert_true(told_of(0) > 0);
	/* it hears what it acknowledges */
	assert_int_equal(told_of(1460), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_else_ever),
		cmocka_unit_test(own_interface),
		cmocka_unit_test(looks_alike),
		cmocka_unit_test(acknowledging),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* test_inventory.c - what was learned, as lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "analysis/inventory.h"
#include "base/when.h"

struct bench {
	struct arena *arena;
	struct limits limits;
	struct knowledge *k;
	uint64_t frame;
};

static struct addr host(uint8_t net, uint8_t n)
{
	return addr_v4((const uint8_t[4]){10, 0, net, n});
}

static void bench_open(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	b->limits = limits_for(MEMORY_MIN);
	b->arena = arena_new(b->limits.memory);
	b->k = knowledge_new(b->arena, &b->limits, (struct hash_key){1, 2});
	assert_non_null(b->k);
}

static struct observation at(struct bench *b, enum observation_kind kind)
{
	b->frame++;
	return (struct observation){.kind = kind,
				    .frame = b->frame,
				    .time_ns = (int64_t)(1000 + b->frame) *
					       NS_PER_S};
}

static void claim(struct bench *b, uint8_t n)
{
	struct observation o = at(b, OBS_ARP);

	o.as.arp.operation = 1;
	o.as.arp.sender = host(1, n);
	o.as.arp.target = host(1, 200);
	o.as.arp.sender_mac.bytes[5] = o.as.arp.eth_src.bytes[5] = n;
	memset(o.as.arp.eth_dst.bytes, 255, 6);
	knowledge_observe(b->k, &o);
}

static void talk(struct bench *b, uint8_t net)
{
	struct observation o = at(b, OBS_TALK);

	o.as.talk.src = host(1, 9);
	o.as.talk.dst = host(net, 1);
	o.as.talk.src_mac.bytes[5] = 9;
	o.as.talk.dst_mac.bytes[5] = 1;
	o.as.talk.has_macs = true;
	o.as.talk.packets = 1;
	knowledge_observe(b->k, &o);
}

static void test_neighbours_and_ways(void **state)
{
	const struct inventory *v;
	struct bench b;

	(void)state;
	bench_open(&b);
	claim(&b, 9);
	claim(&b, 1);
	claim(&b, 9);
	talk(&b, 50);
	talk(&b, 60);
	v = inventory_of(b.k, b.arena);
	assert_non_null(v);
	assert_int_equal(v->neighbours, 2);
	assert_int_equal(v->neighbour[0].addr.bytes[3], 1);
	assert_int_equal(v->neighbour[0].frame, 2);
	assert_int_equal(v->neighbour[1].claims, 2);
	assert_string_equal(v->neighbour[1].how, "arp");
	assert_int_equal(v->gateways, 1);
	assert_int_equal(v->gateway[0].addr.bytes[3], 1);
	assert_string_equal(v->gateway[0].how, "forwards");
	assert_int_equal(v->gateway[0].frame, 5);
	assert_int_equal(v->next_hops, 1);
	assert_int_equal(v->next_hop[0].host.bytes[3], 9);
	assert_int_equal(v->next_hop[0].gateways, 1);
	assert_int_equal(v->next_hop[0].frame, 5);
	arena_free(b.arena);
}

static void test_named_by_dhcp(void **state)
{
	const struct inventory *v;
	struct observation o;
	struct bench b;

	(void)state;
	bench_open(&b);
	o = at(&b, OBS_DHCP);
	o.as.dhcp.type = 5;
	o.as.dhcp.client.bytes[5] = 9;
	o.as.dhcp.eth_src.bytes[5] = 3;
	o.as.dhcp.yiaddr = host(1, 9);
	o.as.dhcp.server_id = host(1, 3);
	o.as.dhcp.router[0] = host(1, 1);
	o.as.dhcp.resolver[0] = host(1, 53);
	o.as.dhcp.mask = addr_v4((const uint8_t[4]){255, 255, 255, 0});
	knowledge_observe(b.k, &o);
	v = inventory_of(b.k, b.arena);
	assert_int_equal(v->servers, 1);
	assert_int_equal(v->server[0].mac.bytes[5], 3);
	assert_int_equal(v->resolvers, 1);
	assert_string_equal(v->resolver[0].how, "dhcp");
	assert_int_equal(v->prefixes, 1);
	assert_int_equal(v->prefix[0].bits, 24);
	assert_int_equal(v->gateways, 1);
	assert_string_equal(v->gateway[0].how, "dhcp");
	assert_int_equal(v->neighbours, 1);
	assert_string_equal(v->neighbour[0].how, "dhcp");
	arena_free(b.arena);
}

static void test_named_by_ospf(void **state)
{
	const struct inventory *v;
	struct observation o;
	struct bench b;

	(void)state;
	bench_open(&b);
	o = at(&b, OBS_OSPF);
	o.as.ospf.src = host(1, 1);
	o.as.ospf.hello.mask = addr_v4((const uint8_t[4]){255, 255, 240, 0});
	knowledge_observe(b.k, &o);
	v = inventory_of(b.k, b.arena);
	assert_int_equal(v->prefixes, 1);
	assert_int_equal(v->prefix[0].bits, 20);
	assert_string_equal(v->prefix[0].how, "ospf");
	assert_int_equal(v->gateways, 1);
	assert_int_equal(known_on_link(b.k, 0, &o.as.ospf.src), PROOF_PROVEN);
	arena_free(b.arena);
}

static void echo(struct bench *b, uint16_t seq, enum echo_state state,
		 int64_t rtt_ms)
{
	struct observation o = at(b, OBS_ECHO);
	struct echo_fact *e = &o.as.echo;

	e->src = host(1, 9);
	e->dst = host(1, 1);
	e->id = 7;
	e->seq = seq;
	e->state = (uint8_t)state;
	e->sent_ns = (1000 + seq) * NS_PER_S;
	e->rtt_ns = rtt_ms * NS_PER_MS;
	e->request_frame = seq;
	knowledge_observe(b->k, &o);
}

static void series(struct bench *b, int answered, int lost, int64_t rtt_ms)
{
	uint16_t seq = 1;

	for (int i = 0; i < answered + lost; i++, seq++) {
		echo(b, seq, ECHO_SENT, 0);
		echo(b, seq, i < answered ? ECHO_ANSWERED : ECHO_UNANSWERED,
		     rtt_ms);
	}
}

static enum ping_verdict verdict(const struct bench *b)
{
	const struct inventory *v = inventory_of(b->k, b->arena);

	assert_int_equal(v->pings, 1);
	return v->ping[0].verdict;
}

static void test_pings(void **state)
{
	static const struct {
		int answered, lost;
		int64_t rtt_ms;
		bool near;
		enum ping_verdict verdict;
	} runs[] = {
		{10, 0, 1, true, PING_OK},    {10, 1, 1, true, PING_OK},
		{10, 2, 1, true, PING_LOSS},  {0, 3, 0, true, PING_NO_ANSWER},
		{5, 0, 150, true, PING_SLOW}, {5, 0, 150, false, PING_OK},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		struct bench b;

		bench_open(&b);
		if (runs[i].near) {
			claim(&b, 1);
			claim(&b, 9);
		}
		series(&b, runs[i].answered, runs[i].lost, runs[i].rtt_ms);
		assert_int_equal(verdict(&b), runs[i].verdict);
		arena_free(b.arena);
	}
}

static void test_ping_unreachable(void **state)
{
	struct observation o;
	struct bench b;

	(void)state;
	for (uint8_t code = 0; code < 2; code++) {
		bench_open(&b);
		echo(&b, 1, ECHO_SENT, 0);
		o = at(&b, OBS_ICMP_ERROR);
		o.as.icmp_error.version = 4;
		o.as.icmp_error.type = 3;
		o.as.icmp_error.code = code;
		o.as.icmp_error.reporter = host(1, 254);
		o.as.icmp_error.quote.present = true;
		o.as.icmp_error.quote.has_ports = true;
		o.as.icmp_error.quote.protocol = 1;
		o.as.icmp_error.quote.src = host(1, 9);
		o.as.icmp_error.quote.dst = host(1, 1);
		o.as.icmp_error.quote.src_port = 7;
		knowledge_observe(b.k, &o);
		echo(&b, 1, ECHO_REJECTED, 0);
		assert_int_equal(verdict(&b), code ? PING_HOST_UNREACHABLE
						   : PING_NET_UNREACHABLE);
		arena_free(b.arena);
	}
}

/* Cut off at the end: only what later ones outlived is lost. */
static void test_ping_cut_off(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	echo(&b, 1, ECHO_SENT, 0);
	echo(&b, 1, ECHO_PENDING, 0);
	assert_int_equal(verdict(&b), PING_UNDECIDED);
	echo(&b, 2, ECHO_SENT, 0);
	echo(&b, 2, ECHO_ANSWERED, 1);
	echo(&b, 1, ECHO_PENDING, 0);
	echo(&b, 3, ECHO_SENT, 0);
	echo(&b, 3, ECHO_PENDING, 0);
	assert_int_equal(inventory_of(b.k, b.arena)->ping[0].lost, 1);
	arena_free(b.arena);
}

static void echo_of(struct bench *b, uint16_t seq, uint32_t bytes, bool passes)
{
	struct observation o = at(b, OBS_ECHO);
	struct echo_fact *e = &o.as.echo;

	e->src = host(1, 9);
	e->dst = host(1, 1);
	e->version = 4;
	e->df = true;
	e->bytes = bytes;
	e->seq = seq;
	e->request_frame = seq;
	e->state = passes ? ECHO_ANSWERED : ECHO_UNANSWERED;
	knowledge_observe(b->k, &o);
}

/* 1300 bytes pass, 1400 never do; where nothing passed afterwards, it may be
 * the host that is gone. */
static void test_ping_sizes(void **state)
{
	struct inventory *v;
	struct bench b;

	(void)state;
	for (int gone = 0; gone < 2; gone++) {
		bench_open(&b);
		echo_of(&b, 1, 1300, true);
		echo_of(&b, 2, 1400, false);
		echo_of(&b, 3, 1400, false);
		echo_of(&b, 4, 84, !gone);
		v = inventory_of(b.k, b.arena);
		assert_int_equal(v->paths, 1);
		assert_int_equal(v->path[0].passes, 1300);
		assert_int_equal(v->path[0].fails, gone ? 0 : 1400);
		arena_free(b.arena);
	}
}

static void test_services(void **state)
{
	const struct inventory *v;
	struct observation o;
	struct bench b;

	(void)state;
	bench_open(&b);
	for (int i = 0; i < 3; i++) {
		o = at(&b, OBS_TCP_OPENED);
		o.as.opened.flow =
			(struct flow){host(1, 9), host(2, 2),
				      40000,	  (uint16_t)(i == 1 ? 80 : 443),
				      6,	  {0}};
		o.as.opened.synack_frame = o.frame;
		knowledge_observe(b.k, &o);
	}
	v = inventory_of(b.k, b.arena);
	assert_int_equal(v->services, 2);
	assert_int_equal(v->service[0].port, 80);
	assert_int_equal(v->service[1].answered, 2);
	assert_int_equal(v->service[1].frame, 1);
	arena_free(b.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_neighbours_and_ways),
		cmocka_unit_test(test_named_by_dhcp),
		cmocka_unit_test(test_named_by_ospf),
		cmocka_unit_test(test_pings),
		cmocka_unit_test(test_ping_unreachable),
		cmocka_unit_test(test_ping_cut_off),
		cmocka_unit_test(test_ping_sizes),
		cmocka_unit_test(test_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* test_crowd.c - a service is a crowd from its share on, until some leave; and
 * what a crowd may not push out of the caches that ask. */
#include "unit/base/unit.h"

#include <string.h>

#include "analysis/track/crowd.h"
#include "analysis/track/recent.h"
#include "analysis/track/syn_ring.h"

enum { ENTRIES = 1024, LIMIT = ENTRIES / CROWD_SHARE, FLOOD = 1 << 20 };

static void test_share(void **state)
{
	struct arena *home = arena_new(1 << 20);
	struct crowd *c = arena_alloc(home, sizeof(*c));

	(void)state;
	crowd_begin(c, ENTRIES);
	for (int i = 0; i < LIMIT; i++)
		crowd_join(c, 7);
	assert_false(crowd_is(c, 7));
	assert_false(crowd_any(c));
	crowd_join(c, 7);
	assert_true(crowd_is(c, 7));
	assert_true(crowd_any(c));
	assert_false(crowd_is(c, 8));
	crowd_leave(c, 7);
	assert_false(crowd_is(c, 7));
	assert_false(crowd_any(c));
	arena_free(home);
}

static uint64_t hash_of(uint64_t n)
{
	n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9u;
	n = (n ^ n >> 27) * 0x94d049bb133111ebu;
	return n ^ n >> 31;
}

/* A stub of another service outlives its flood, but not its own use. */
static void test_stub_in_a_flood(void **state)
{
	struct arena *home = arena_new(4 << 20);
	struct syn_ring *r = syn_ring_new(home, ENTRIES);

	(void)state;
	syn_ring_add(r, hash_of(0), 1, 0)->half[0].isn = 4711;
	for (uint64_t i = 1; i <= 20 * ENTRIES; i++)
		syn_ring_add(r, hash_of(i), 2, (int64_t)i);
	assert_non_null(syn_ring_find(r, hash_of(0)));
	assert_int_equal(syn_ring_find(r, hash_of(0))->half[0].isn, 4711);
	assert_null(syn_ring_find(r, hash_of(1)));
	for (uint64_t i = 1; i <= 2 * ENTRIES; i++)
		syn_ring_add(r, hash_of(FLOOD + i), 2, 100000000000);
	assert_null(syn_ring_find(r, hash_of(0)));
	arena_free(home);
}

/* A packet of 10.x.x.x:port and 10.0.0.2:443. */
static struct recent *pass(struct recent_cache *c, uint32_t host, uint16_t port,
			   uint16_t to, uint16_t flags)
{
	static struct layer ip, tcp;
	static uint64_t number;
	struct packet p = {.ip = &ip, .tcp = &tcp};
	const uint8_t server[4] = {10, 0, 0, 2};
	uint8_t client[4] = {10, (uint8_t)(host >> 16), (uint8_t)(host >> 8),
			     (uint8_t)host};
	unsigned side;

	memset(&ip, 0, sizeof(ip));
	memset(&tcp, 0, sizeof(tcp));
	ip.as.ip.version = 4;
	ip.as.ip.protocol = 6;
	ip.as.ip.src = addr_v4(client);
	ip.as.ip.dst = addr_v4(server);
	tcp.as.tcp.src_port = port;
	tcp.as.tcp.dst_port = to;
	tcp.as.tcp.flags = flags;
	p.frame.number = ++number;
	return recent_packet(c, &p, &side);
}

/* Conversations, and what opens to other services, stay. */
static void test_recent_in_a_flood(void **state)
{
	struct arena *home = arena_new(8 << 20);
	struct recent_cache *c = recent_new(home);

	(void)state;
	pass(c, 0x500000, 1000, 443, TCP_ACK)->side[0].mss = 1;
	pass(c, 0x500000, 1000, 443, TCP_ACK)->side[1].mss = 1;
	pass(c, 0x500000, 1001, 22, TCP_SYN)->side[0].mss = 1;
	pass(c, 0x500000, 1001, 22, TCP_SYN)->side[1].mss = 1;
	for (uint32_t i = 0; i < FLOOD; i++)
		pass(c, i % 0x400000, (uint16_t)hash_of(i), 443, TCP_SYN);
	assert_int_equal(pass(c, 0x500000, 1000, 443, TCP_ACK)->side[0].mss, 1);
	assert_int_equal(pass(c, 0x500000, 1001, 22, TCP_SYN)->side[0].mss, 1);
	arena_free(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_stub_in_a_flood),
		cmocka_unit_test(test_recent_in_a_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

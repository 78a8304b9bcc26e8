/* SPDX-License-Identifier: BSD-3-Clause */
/* test_knowledge.c - owners, gateways and visibility from hand-made facts. */
#include "analysis/knowledge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define S 1000000000LL

static const struct mac host = {{2, 0, 0, 0, 0, 1}};
static const struct mac router = {{2, 0, 0, 0, 0, 2}};

static struct addr ip(uint8_t a, uint8_t d)
{
	return addr_v4((const uint8_t[4]){a, 0, 2, d});
}

static struct knowledge *fresh(struct arena **home)
{
	const struct limits limits = limits_for(MEMORY_MIN);

	*home = arena_new(MEMORY_MIN);
	return knowledge_new(*home, &limits, (struct hash_key){1, 2});
}

static void talk(struct knowledge *k, struct mac from, struct mac to,
		 struct addr src, struct addr dst, int64_t ns)
{
	struct observation o;

	memset(&o, 0, sizeof(o));
	o.kind = OBS_TALK;
	o.frame = 5;
	o.time_ns = ns;
	o.as.talk.src_mac = from;
	o.as.talk.dst_mac = to;
	o.as.talk.src = src;
	o.as.talk.dst = dst;
	o.as.talk.has_macs = true;
	o.as.talk.packets = 1;
	knowledge_observe(k, &o);
}

static void claim(struct knowledge *k, struct mac who, struct addr what)
{
	struct observation o;

	memset(&o, 0, sizeof(o));
	o.kind = OBS_ARP;
	o.time_ns = S;
	o.as.arp.operation = 2;
	o.as.arp.sender_mac = o.as.arp.eth_src = who;
	o.as.arp.sender = o.as.arp.target = what;
	memset(&o.as.arp.eth_dst, 0xff, sizeof(struct mac));
	knowledge_observe(k, &o);
}

static void only_claims_own(void **state)
{
	struct addr a = ip(192, 1), far = ip(198, 7);
	struct arena *home;
	struct knowledge *k = fresh(&home);

	(void)state;
	talk(k, router, host, far, ip(192, 20), S);
	assert_null(known_owners(k, 0, &far));
	claim(k, router, a);
	assert_true(known_owns(k, 0, &router, &a));
	assert_false(known_owns(k, 0, &host, &a));
	arena_free(home);
}

static void two_far_addresses_prove_a_gateway(void **state)
{
	struct addr gw = ip(192, 1), me = ip(192, 20);
	struct arena *home;
	struct knowledge *k = fresh(&home);

	(void)state;
	claim(k, router, gw);
	talk(k, host, router, me, ip(198, 7), S);
	assert_int_equal(known_gateway(k, 0, &me, &gw), PROOF_NONE);
	talk(k, host, router, me, ip(198, 8), S);
	assert_int_equal(known_gateway(k, 0, &me, &gw), PROOF_PROVEN);
	arena_free(home);
}

static void one_way_is_not_visible(void **state)
{
	struct arena *home;
	struct knowledge *k = fresh(&home);

	(void)state;
	talk(k, host, router, ip(192, 20), ip(198, 7), S);
	assert_false(known_visible(k, 0, &host, S));
	talk(k, router, host, ip(198, 7), ip(192, 20), 2 * S);
	assert_true(known_visible(k, 0, &host, 2 * S));
	assert_false(known_visible(k, 0, &host, 100 * S));
	arena_free(home);
}

static void large(struct knowledge *k, struct mac who, bool fresh, bool sum)
{
	struct observation o;

	memset(&o, 0, sizeof(o));
	o.kind = OBS_OFFLOAD;
	o.time_ns = S;
	o.as.offload.src = who;
	o.as.offload.bytes = sum ? 0 : 4000;
	o.as.offload.checksum = sum;
	o.as.offload.fresh = fresh;
	knowledge_observe(k, &o);
}

/* Only the host of the capture sends packets that no wire takes. */
static void large_packets_show_the_host(void **state)
{
	struct arena *home;
	struct knowledge *k = fresh(&home);

	(void)state;
	large(k, host, true, false);
	assert_true(known_is_self(k, &host));
	large(k, router, true, false); /* or it joins what it gets */
	assert_false(known_is_self(k, &host));
	arena_free(home);
}

static void what_was_joined_does_not(void **state)
{
	struct arena *home;
	struct knowledge *k = fresh(&home);

	(void)state;
	large(k, router, false, false);
	assert_false(known_is_self(k, &router));
	large(k, host, true, false);
	assert_true(known_is_self(k, &host));
	large(k, router, true, true); /* its sums are the unfilled ones */
	assert_false(known_is_self(k, &host));
	arena_free(home);
}

/* Two pairs talk, and neither is the host of the capture: a mirror port shows
 * that, and so does a bridge between virtual machines. */
static void a_bridge_is_no_mirror_port(void **state)
{
	const struct mac third = {{2, 0, 0, 0, 0, 3}};
	const struct mac fourth = {{2, 0, 0, 0, 0, 4}};
	struct arena *home;
	struct knowledge *k = fresh(&home);

	(void)state;
	talk(k, host, router, ip(192, 1), ip(192, 2), S);
	talk(k, router, host, ip(192, 2), ip(192, 1), S);
	talk(k, third, fourth, ip(192, 3), ip(192, 4), S);
	talk(k, fourth, third, ip(192, 4), ip(192, 3), S);
	assert_int_equal(known_vantage(k, NULL, NULL), VANTAGE_MIRROR);
	large(k, third, true, true);
	assert_int_equal(known_vantage(k, NULL, NULL), VANTAGE_UNKNOWN);
	arena_free(home);
}

/* A switch floods to a bystander what is for one, now and then; one frame says
 * nothing, and a conversation is no flood, although its ways differ. */
static void a_bystander_hears_no_conversation(void **state)
{
	const struct mac third = {{2, 0, 0, 0, 0, 3}};
	struct arena *home;
	struct knowledge *k = fresh(&home);

	(void)state;
	talk(k, host, router, ip(192, 1), ip(192, 2), S);
	assert_int_equal(known_vantage(k, NULL, NULL), VANTAGE_UNKNOWN);
	for (int i = 0; i < 20; i++)
		talk(k, host, router, ip(192, 1), ip(192, 2), S);
	assert_int_equal(known_vantage(k, NULL, NULL), VANTAGE_SPECTATOR);
	talk(k, third, host, ip(192, 2), ip(192, 1), S);
	assert_int_equal(known_vantage(k, NULL, NULL), VANTAGE_UNKNOWN);
	arena_free(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_claims_own),
		cmocka_unit_test(two_far_addresses_prove_a_gateway),
		cmocka_unit_test(large_packets_show_the_host),
		cmocka_unit_test(what_was_joined_does_not),
		cmocka_unit_test(a_bridge_is_no_mirror_port),
		cmocka_unit_test(a_bystander_hears_no_conversation),
		cmocka_unit_test(one_way_is_not_visible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

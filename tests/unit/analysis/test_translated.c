/* SPDX-License-Identifier: BSD-3-Clause */
/* test_translated.c - one SYN on both sides of an address translator, and what
 * only looks like it. */
#include "analysis/knowledge.h"
#include "base/when.h"
#include "unit/base/unit.h"

/* How the second of two SYNs differs from a translated one. */
enum change {
	NOTHING,
	NO_STAMPS,	/* neither has time stamps; one IP ID */
	NO_STAMPS_PORT, /* and both ends are others */
	NO_STAMPS_ID,
	STAMP,
	STAMPED,
	NUMBER,
	WINDOW,
	TTL_SAME,
	TTL_TWO,
	LATE,
	STATION,
	SAME_FLOW,
};

static struct flow flow(uint8_t client, uint16_t sport, uint16_t port)
{
	return (struct flow){addr_v4((const uint8_t[4]){192, 0, 2, client}),
			     addr_v4((const uint8_t[4]){198, 51, 100, 7}),
			     sport,
			     port,
			     6,
			     {0}};
}

/* What is known once these two were seen. */
static struct knowledge *seen(struct arena **home, const struct observation *a,
			      const struct observation *b)
{
	const struct limits limits = limits_for(MEMORY_MIN);
	struct knowledge *k;

	*home = arena_new(MEMORY_MIN);
	k = knowledge_new(*home, &limits, (struct hash_key){1, 2});
	knowledge_observe(k, a);
	knowledge_observe(k, b);
	return k;
}

static struct observation syn(enum change how)
{
	struct observation o = {.kind = OBS_TCP_SYN, .time_ns = 5 * NS_PER_S};
	bool stamped = how < NO_STAMPS || how > NO_STAMPS_ID;

	o.as.syn = (struct tcp_syn_fact){.flow = flow(1, 40000, 80),
					 .isn = 99,
					 .tries = 1,
					 .window = 64240,
					 .ip_id = 5,
					 .ttl = 64,
					 .has_ts = stamped,
					 .tsval = stamped ? 1000 : 0,
					 .mac_src = {{2, 0, 0, 0, 0, 1}}};
	return o;
}

static struct observation beyond(enum change how)
{
	struct observation o = syn(how);
	struct tcp_syn_fact *s = &o.as.syn;

	o.time_ns += how == LATE ? 101 * NS_PER_MS : 50 * NS_PER_US;
	s->flow = how == SAME_FLOW	  ? flow(1, 40000, 80)
		  : how == NO_STAMPS_PORT ? flow(9, 61000, 8080)
					  : flow(9, 61000, 80);
	s->isn += how == NUMBER;
	s->window += how == WINDOW;
	s->ip_id += how == NO_STAMPS_ID;
	s->ttl -= how == TTL_SAME ? 0 : how == TTL_TWO ? 2 : 1;
	s->tsval += how == STAMP;
	s->has_ts &= how != STAMPED;
	s->mac_src.bytes[5] += how != STATION;
	return o;
}

static void test_what_is_one(void **state)
{
	(void)state;
	for (enum change how = NOTHING; how <= SAME_FLOW; how++) {
		struct observation first = syn(how), second = beyond(how);
		struct arena *home;
		struct knowledge *k = seen(&home, &first, &second);
		const struct flow back = flow_reverse(&second.as.syn.flow);
		bool one = how == NOTHING || how == NO_STAMPS;
		struct flow of;

		if (known_original(k, &second.as.syn.flow, &of) != one)
			fail_msg("change %d", how);
		if (one) {
			assert_memory_equal(&of, &first.as.syn.flow,
					    sizeof(of));
			assert_true(known_original(k, &back, &of));
			of = flow_reverse(&of);
			assert_memory_equal(&of, &first.as.syn.flow,
					    sizeof(of));
		}
		assert_false(known_original(k, &first.as.syn.flow, &of));
		arena_free(home);
	}
}

/* Two interfaces: the later side was fetched first. */
static void test_either_order(void **state)
{
	struct observation first = syn(NOTHING), second = beyond(NOTHING);
	struct arena *home;
	struct knowledge *k = seen(&home, &second, &first);
	struct flow of;

	(void)state;
	assert_true(known_original(k, &second.as.syn.flow, &of));
	assert_false(known_original(k, &first.as.syn.flow, &of));
	arena_free(home);
}

/* A second translator behind the first leads to the same original. */
static void test_two_translators(void **state)
{
	struct observation first = syn(NOTHING), o = beyond(NOTHING);
	struct arena *home;
	struct knowledge *k = seen(&home, &first, &o);
	struct flow of;

	(void)state;
	o.as.syn.flow = flow(33, 5000, 80);
	o.as.syn.ttl--;
	o.as.syn.mac_src.bytes[5]++;
	knowledge_observe(k, &o);
	assert_true(known_original(k, &o.as.syn.flow, &of));
	assert_memory_equal(&of, &first.as.syn.flow, sizeof(of));
	arena_free(home);
}

/* The translator's port serves the router itself later on. */
static void test_used_again(void **state)
{
	struct observation first = syn(NOTHING), o = beyond(NOTHING);
	struct arena *home;
	struct knowledge *k = seen(&home, &first, &o);
	struct flow of;

	(void)state;
	o.time_ns += NS_PER_S;
	o.as.syn.tries = 2;
	knowledge_observe(k, &o);
	assert_true(known_original(k, &o.as.syn.flow, &of));
	o.as.syn.isn = 5;
	o.as.syn.tries = 1;
	knowledge_observe(k, &o);
	assert_false(known_original(k, &o.as.syn.flow, &of));
	arena_free(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_one),
		cmocka_unit_test(test_either_order),
		cmocka_unit_test(test_two_translators),
		cmocka_unit_test(test_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

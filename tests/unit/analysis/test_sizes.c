/* SPDX-License-Identifier: BSD-3-Clause */
/* test_sizes.c - a hole is told at the end, unless its flow was forgotten. */
#include "unit/base/unit.h"

#include <string.h>

#include "analysis/observer.h"
#include "analysis/track/recent.h"
#include "analysis/track/sizes.h"
#include "base/when.h"

enum { SERVER = 443, CLIENT = 40000, OTHERS = 200000 };

struct told {
	uint32_t count;
};

static void note(void *self, const struct observation *o,
		 const struct detector_context *c)
{
	struct told *t = self;

	(void)c;
	t->count += o->kind == OBS_TCP_SIZE;
}

static const struct detector listener = {.name = "listener", .observe = note};

struct scene {
	struct arena *home;
	struct limits limits;
	struct recent_cache *cache;
	struct sizes *sizes;
	struct observer *out;
	struct told told;
};

static void scene_open(struct scene *s)
{
	const struct hash_key key = {1, 2};
	struct tracker_home home;

	memset(s, 0, sizeof(*s));
	s->limits = limits_for(MEMORY_MIN);
	s->home = arena_new(s->limits.memory);
	home = (struct tracker_home){s->home, &s->limits, key, false};
	s->cache = recent_new(s->home);
	s->sizes = sizes_new(&home);
	s->out = arena_alloc(s->home, sizeof(*s->out));
	s->out->knowledge = knowledge_new(s->home, &s->limits, key);
	s->out->by_kind[OBS_TCP_SIZE][0] =
		(struct subscriber){&listener, &s->told};
	s->out->count[OBS_TCP_SIZE] = 1;
}

/* One TCP packet of 10.0.0.1:port and 10.0.0.2:443. */
static void pass(struct scene *s, bool from_server, uint16_t port,
		 const struct tcp_header *with, uint32_t len, int64_t ns)
{
	static struct layer ip, tcp;
	static struct packet p;
	const struct addr a = {{10, 0, 0, 1}, 4}, b = {{10, 0, 0, 2}, 4};
	struct recent *r;
	unsigned side;

	memset(&ip, 0, sizeof(ip));
	memset(&tcp, 0, sizeof(tcp));
	memset(&p, 0, sizeof(p));
	ip.as.ip.src = from_server ? b : a;
	ip.as.ip.dst = from_server ? a : b;
	ip.as.ip.version = 4;
	ip.as.ip.protocol = 6;
	ip.as.ip.ttl = 64;
	ip.as.ip.total_len = 40 + len;
	tcp.as.tcp = *with;
	tcp.as.tcp.payload_len = len;
	tcp.as.tcp.src_port = from_server ? SERVER : port;
	tcp.as.tcp.dst_port = from_server ? port : SERVER;
	tcp.state = WIRE_WHOLE;
	p.ip = &ip;
	p.tcp = &tcp;
	p.frame.number = 1;
	p.frame.time_ns = ns;
	r = recent_packet(s->cache, &p, &side);
	assert_non_null(r);
	sizes_packet(s->sizes, &p, r, side, s->out);
}

/* The client opens, the server sends small segments around a hole, and the
 * client goes on to ask for what is missing. */
static void make_hole(struct scene *s)
{
	const struct tcp_header syn = {
		.seq = 1, .flags = TCP_SYN, .mss = 1460, .has_mss = true};
	const struct tcp_header data = {
		.seq = 100, .flags = TCP_ACK, .ack = 2, .window = 100};
	const struct tcp_header ack = {
		.seq = 2, .flags = TCP_ACK, .ack = 300, .window = 100};
	struct tcp_header later = data;

	pass(s, false, CLIENT, &syn, 0, NS_PER_S);
	pass(s, true, CLIENT, &data, 200, 2 * NS_PER_S);
	pass(s, false, CLIENT, &ack, 0, 2 * NS_PER_S + 1);
	later.seq = 300 + 1460;
	pass(s, true, CLIENT, &later, 200, 3 * NS_PER_S);
	pass(s, false, CLIENT, &ack, 0, 3 * NS_PER_S + 1);
}

static void test_told(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	make_hole(&s);
	assert_int_equal(s.told.count, 0); /* too early */
	sizes_finish(s.sizes, s.cache, 20 * NS_PER_S, s.out);
	assert_int_equal(s.told.count, 1);
	arena_free(s.home);
}

/* What filled the hole a moment later was one more ordinary segment. */
static void test_filled_at_once(void **state)
{
	const struct tcp_header data = {
		.seq = 300, .flags = TCP_ACK, .ack = 2, .window = 100};
	struct tcp_header next = data;
	struct scene s;

	(void)state;
	scene_open(&s);
	make_hole(&s);
	next.seq = 300 + 730;
	pass(&s, true, CLIENT, &data, 730, 3 * NS_PER_S + 50 * NS_PER_MS);
	pass(&s, true, CLIENT, &next, 730, 3 * NS_PER_S + 51 * NS_PER_MS);
	sizes_finish(s.sizes, s.cache, 20 * NS_PER_S, s.out);
	assert_int_equal(s.told.count, 0);
	arena_free(s.home);
}

/* An aborted connection waits for nothing: what counts is how long it did. */
static void reset_after(int64_t wait_ns, uint32_t told)
{
	const struct tcp_header rst = {
		.seq = 2, .flags = TCP_RST | TCP_ACK, .ack = 300};
	struct scene s;

	scene_open(&s);
	make_hole(&s);
	pass(&s, false, CLIENT, &rst, 0, 3 * NS_PER_S + wait_ns);
	assert_int_equal(s.told.count, told);
	sizes_finish(s.sizes, s.cache, 60 * NS_PER_S, s.out);
	assert_int_equal(s.told.count, told);
	arena_free(s.home);
}

static void test_reset(void **state)
{
	(void)state;
	reset_after(NS_PER_S, 0);
	reset_after(10 * NS_PER_S, 1);
}

static void test_forgotten(void **state)
{
	const struct tcp_header ack = {
		.seq = 9, .flags = TCP_ACK, .ack = 9, .window = 100};
	struct scene s;

	(void)state;
	scene_open(&s);
	make_hole(&s);
	for (uint32_t i = 0; i < OTHERS; i++)
		pass(&s, i & 1, (uint16_t)(i / 2 % 65000 + 1), &ack, 0,
		     4 * NS_PER_S);
	assert_true(recent_forgot(s.cache));
	sizes_finish(s.sizes, s.cache, 20 * NS_PER_S, s.out);
	assert_int_equal(s.told.count, 0);
	arena_free(s.home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_filled_at_once),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

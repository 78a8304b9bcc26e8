/* SPDX-License-Identifier: BSD-3-Clause */
/* test_lane.c - which packets share a lane, and what makes it forget. */
#include "unit/base/unit.h"

#include <string.h>

#include "analysis/lane.h"
#include "analysis/limits.h"

enum { FRAME = 14 + 20 + 20, TTL = 14 + 8, FLAGS = 14 + 20 + 13 };

/* A segment of TCP in Ethernet; the sum of its IP header is not looked at. */
static void write_segment(uint8_t bytes[FRAME], uint16_t src_port)
{
	static const uint8_t head[] = {
		2,    0, 0, 0,	0,   2, 2,    0, 0,    0,    0, 1,  8,
		0, /* Ethernet */
		0x45, 0, 0, 40, 0,   1, 0x40, 0, 64,   6,    0, 0,  /* IPv4 */
		192,  0, 2, 1,	192, 0, 2,    2, 0,    0,    0, 80, /* ... ports
								     */
		0,    0, 0, 1,	0,   0, 0,    1, 0x50, 0x10, 1, 0,  /* TCP */
	};

	memset(bytes, 0, FRAME);
	memcpy(bytes, head, sizeof(head));
	bytes[34] = (uint8_t)(src_port >> 8);
	bytes[35] = (uint8_t)src_port;
}

static void read_packet(struct packet *p, const uint8_t bytes[FRAME],
			uint32_t link)
{
	const struct frame f = {.number = 1,
				.time_ns = 1,
				.data = bytes,
				.kept = FRAME,
				.sent = FRAME,
				.link_type = 1};

	packet_dissect(p, &f);
	assert_non_null(p->tcp);
	p->link = link;
}

/* One packet, a batch of its own. */
static struct lane *lane_of(struct lanes *l, const uint8_t bytes[FRAME],
			    uint32_t link)
{
	struct packet p;

	read_packet(&p, bytes, link);
	lanes_begin(l);
	lanes_expect(l, &p);
	return lanes_find(l);
}

static struct lanes *open_lanes(struct arena *home)
{
	struct lanes *l = lanes_new(home, 16384, (struct hash_key){17, 4});

	assert_non_null(l);
	return l;
}

static void test_second_packet_makes_it(void **state)
{
	struct arena *home = arena_new(8 << 20);
	struct lanes *l = open_lanes(home);
	uint8_t bytes[FRAME];
	struct lane *lane;

	(void)state;
	write_segment(bytes, 4000);
	assert_null(lane_of(l, bytes, 3));
	lane = lane_of(l, bytes, 3);
	assert_non_null(lane);
	assert_int_equal(lane->link, 3);
	lane->recent = 4711;
	assert_ptr_equal(lane_of(l, bytes, 3), lane);
	assert_int_equal(lane->recent, 4711);
	lane_move(lane, 5);
	assert_int_equal(lane->recent, 0);
	assert_int_equal(lane->link, 5);
	assert_ptr_equal(lane_of(l, bytes, 3), lane);
	arena_free(home);
}

static void test_what_tells_lanes_apart(void **state)
{
	struct arena *home = arena_new(8 << 20);
	struct lanes *l = open_lanes(home);
	/* each byte that is changed: stations, TTL, addresses, ports */
	static const uint8_t place[] = {0,  5,	6,  11, TTL, 26,
					29, 30, 33, 34, 37};
	uint8_t bytes[FRAME], other[FRAME];
	struct lane *lane;

	(void)state;
	write_segment(bytes, 4000);
	lane_of(l, bytes, 0);
	lane = lane_of(l, bytes, 0);
	assert_non_null(lane);
	assert_null(lane_of(l, bytes, 1)); /* another link */
	for (size_t i = 0; i < sizeof(place); i++) {
		memcpy(other, bytes, sizeof(other));
		other[place[i]] ^= 4;
		assert_ptr_not_equal(lane_of(l, other, 0), lane);
	}
	assert_ptr_equal(lane_of(l, bytes, 0), lane);
	arena_free(home);
}

static void test_openings_have_none(void **state)
{
	struct arena *home = arena_new(8 << 20);
	struct lanes *l = open_lanes(home);
	uint8_t bytes[FRAME];

	(void)state;
	write_segment(bytes, 4000);
	bytes[FLAGS] = TCP_SYN;
	for (int i = 0; i < 3; i++)
		assert_null(lane_of(l, bytes, 0));
	bytes[FLAGS] = TCP_ACK;
	assert_null(lane_of(l, bytes, 0)); /* nor did they leave a tag */
	arena_free(home);
}

/* A crowd of others: no two packets of a batch share a lane unless they are of
 * one direction, and what a lane holds is that direction's own. */
static void test_crowd(void **state)
{
	enum { PORTS = 60000 };
	struct arena *home = arena_new(8 << 20);
	struct lanes *l = open_lanes(home);
	uint8_t bytes[BATCH][FRAME];
	uint32_t lanes = 0;

	(void)state;
	for (uint32_t i = 0; i < 4 * PORTS; i += BATCH) {
		struct packet p[BATCH];
		struct lane *got[BATCH];

		lanes_begin(l);
		for (uint32_t k = 0; k < BATCH; k++) {
			write_segment(bytes[k], (uint16_t)((i + k) % PORTS));
			read_packet(&p[k], bytes[k], 0);
			lanes_expect(l, &p[k]);
		}
		for (uint32_t k = 0; k < BATCH; k++) {
			got[k] = lanes_find(l);
			lanes += got[k] != NULL;
			for (uint32_t j = 0; got[k] && j < k; j++)
				assert_ptr_not_equal(got[k], got[j]);
			if (!got[k])
				continue;
			if (got[k]->recent)
				assert_int_equal(got[k]->recent,
						 1 + (i + k) % PORTS);
			got[k]->recent = 1 + (i + k) % PORTS;
		}
	}
	assert_true(lanes > 0);
	arena_free(home);
}

static struct lane *lane_at(struct lanes *l, uint16_t port)
{
	uint8_t bytes[FRAME];

	write_segment(bytes, port);
	return lane_of(l, bytes, 0);
}

/* How many of so many directions, one packet each by turns, find what was noted
 * before. */
static uint32_t kept_of(struct lanes *l, uint16_t ports)
{
	uint32_t kept = 0;

	for (unsigned turn = 0; turn < 40; turn++) {
		kept = 0;
		for (uint16_t port = 1; port <= ports; port++) {
			struct lane *lane = lane_at(l, port);

			kept += lane && lane->recent == port;
			if (lane)
				lane->recent = port;
		}
	}
	return kept;
}

/* It widens where more talk at once than it holds, as far as it may. */
static void test_widens(void **state)
{
	enum { PORTS = 30000 };
	struct arena *home = arena_new(32 << 20);
	struct lanes *small = lanes_new(home, 8192, (struct hash_key){17, 4});
	struct lanes *large = lanes_new(home, 131072, (struct hash_key){17, 4});
	struct lanes *poor;

	(void)state;
	assert_true(kept_of(small, PORTS) < PORTS / 2);
	assert_true(kept_of(large, PORTS) > PORTS * 3 / 4);
	arena_free(home);
	/* room for the first sets only */
	home = arena_new(1 << 20);
	poor = lanes_new(home, 131072, (struct hash_key){17, 4});
	assert_non_null(poor);
	assert_true(kept_of(poor, PORTS) < PORTS / 2);
	assert_true(kept_of(poor, 1000) > 900);
	arena_free(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_second_packet_makes_it),
		cmocka_unit_test(test_what_tells_lanes_apart),
		cmocka_unit_test(test_openings_have_none),
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_widens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

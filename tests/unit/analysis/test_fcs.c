/* SPDX-License-Identifier: BSD-3-Clause */
/* test_fcs.c - check sequences: which are counted, which are wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "analysis/observer.h"
#include "analysis/track/fcs.h"

enum { ETHERNET = 1, SIZE = 60, MANY = 20 };

/* IEEE 802.3 3.2.9, of the test's frame, worked out by another program. */
static const uint8_t right[4] = {0xee, 0x7f, 0xec, 0xb0};

struct told {
	uint32_t count, checked, wrong;
	uint64_t frame;
	struct mac src;
};

static void note(void *self, const struct observation *o,
		 const struct detector_context *c)
{
	struct told *t = self;

	(void)c;
	t->count++;
	t->checked = o->as.fcs.checked;
	t->wrong = o->as.fcs.wrong;
	t->frame = o->frame;
	t->src = o->as.fcs.src;
}

static const struct detector listener = {.name = "listener", .observe = note};

struct scene {
	struct arena *home;
	struct limits limits;
	struct sequences *sequences;
	struct observer *out;
	struct told told;
	uint8_t bytes[SIZE + 4];
	struct layer eth;
	struct packet p;
};

static void scene_open(struct scene *s)
{
	const struct hash_key key = {1, 2};
	struct tracker_home home;

	memset(s, 0, sizeof(*s));
	s->limits = limits_for(MEMORY_MIN);
	s->home = arena_new(s->limits.memory);
	home = (struct tracker_home){s->home, &s->limits, key, false};
	s->sequences = sequences_new(&home);
	s->out = arena_alloc(s->home, sizeof(*s->out));
	s->out->knowledge = knowledge_new(s->home, &s->limits, key);
	s->out->by_kind[OBS_FCS][0] = (struct subscriber){&listener, &s->told};
	s->out->count[OBS_FCS] = 1;
	for (uint8_t i = 0; i < SIZE; i++)
		s->bytes[i] = i;
	memcpy(s->bytes + SIZE, right, sizeof(right));
	s->eth.as.link.has_src = true;
	s->eth.as.link.src = (struct mac){{2, 0, 0, 0, 0, 7}};
	s->p.eth = &s->eth;
	s->p.frame = (struct frame){.data = s->bytes,
				    .kept = SIZE,
				    .sent = SIZE,
				    .link_type = ETHERNET,
				    .fcs = 4};
}

static void pass(struct scene *s)
{
	s->p.frame.number++;
	sequence_packet(s->sequences, &s->p, s->out);
}

static void scene_close(struct scene *s)
{
	arena_free(s->home);
}

static void whole(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	pass(&s);
	sequences_finish(s.sequences, 1, s.out);
	assert_int_equal(s.told.count, 0);
	scene_close(&s);
}

/* The first ones are told each, and all of them in the end. */
static void damaged(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	pass(&s);
	s.bytes[30] ^= 0x10;
	pass(&s);
	assert_int_equal(s.told.count, 1);
	assert_int_equal(s.told.checked, 2);
	assert_int_equal(s.told.wrong, 1);
	assert_int_equal(s.told.frame, 2);
	assert_memory_equal(&s.told.src, &s.eth.as.link.src, 6);
	for (int i = 1; i < MANY; i++)
		pass(&s);
	assert_int_equal(s.told.count, 8);
	sequences_finish(s.sequences, 1, s.out);
	assert_int_equal(s.told.count, 9);
	assert_int_equal(s.told.checked, MANY + 1);
	assert_int_equal(s.told.wrong, MANY);
	scene_close(&s);
}

enum excuse { NONE_KEPT, CUT, OTHER_LINK, OUTBOUND, UNFILLED, FAR, EXCUSES };

/* No sequence, a frame that is cut, no Ethernet, what this host sends, one that
 * is not filled in, more interfaces than are kept. */
static void excused(void **state)
{
	(void)state;
	for (int i = 0; i < EXCUSES; i++) {
		struct scene s;
		struct frame *f;

		scene_open(&s);
		f = &s.p.frame;
		s.bytes[30] ^= 0x10;
		f->fcs = i == NONE_KEPT ? 0 : 4;
		f->kept = i == CUT ? SIZE - 1 : SIZE;
		f->link_type = i == OTHER_LINK ? 113 : ETHERNET;
		f->direction = i == OUTBOUND ? FRAME_OUTBOUND : FRAME_UNKNOWN;
		f->interface = i == FAR ? 64 : 0;
		if (i == UNFILLED)
			memset(s.bytes + SIZE, 0, 4);
		pass(&s);
		sequences_finish(s.sequences, 1, s.out);
		assert_int_equal(s.told.count, 0);
		scene_close(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(damaged),
		cmocka_unit_test(excused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* test_places.c - what is broken at one interface explains nothing at another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "analysis/places.h"

enum { ETH0 = 3, ETH1 = 4 }; /* links; the interfaces are 0 and 1 */

static struct places *some_places(struct arena **arena)
{
	struct places *p;

	*arena = arena_new((size_t)4 << 20);
	p = places_new(*arena);
	assert_non_null(p);
	places_link(p, ETH0, 0);
	places_link(p, ETH1, 1);
	for (uint64_t frame = 1; frame <= 100; frame++)
		places_note(p, frame, frame % 2);
	return p;
}

static struct finding proved_by(uint64_t a, uint64_t b)
{
	return (struct finding){.frames = {a, b}, .frame_count = b ? 2 : 1};
}

static void test_by_its_frames(void **state)
{
	const struct finding even = proved_by(2, 4), odd = proved_by(1, 0);
	const struct finding both = proved_by(1, 2);
	struct arena *arena;
	struct places *p = some_places(&arena);

	(void)state;
	assert_true(places_at(p, &even, ETH0));
	assert_false(places_at(p, &even, ETH1));
	assert_true(places_at(p, &odd, ETH1));
	assert_false(places_at(p, &odd, ETH0));
	assert_true(places_at(p, &both, ETH0) && places_at(p, &both, ETH1));
	arena_free(arena);
}

/* Nothing known against it: as if there were one interface. */
static void test_not_known(void **state)
{
	const struct finding none = {0}, future = proved_by(1000, 0);
	const struct finding odd = proved_by(1, 0);
	struct arena *arena;
	struct places *p = some_places(&arena);

	(void)state;
	assert_true(places_at(p, &none, ETH0));
	assert_true(places_at(p, &future, ETH0));
	assert_true(places_at(p, &odd, 77));
	assert_true(places_at(NULL, &odd, ETH0));
	/* long ago */
	places_note(p, 10000000, 0);
	assert_true(places_at(p, &odd, ETH0));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_its_frames),
		cmocka_unit_test(test_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

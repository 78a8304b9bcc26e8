/* SPDX-License-Identifier: BSD-3-Clause */
/* test_finding_room.c - where memory is short, each id is still told once, and
 * how many more there were. */
#include "unit/base/unit.h"

#include <string.h>

#include "analysis/diagnose/diagnose.h"

enum { RAISED = 900, FEW = 5 };

static const struct finding_def many = {.id = "x.many",
					.layer = LAYER_NETWORK,
					.most = WARNING,
					.subject = SUBJECT_HOST,
					.title = "Many"};
static const struct finding_def late = {.id = "x.late",
					.layer = LAYER_NETWORK,
					.most = CRITICAL,
					.subject = SUBJECT_HOST,
					.title = "Late"};

static void raise(struct findings *all, const struct finding_def *def,
		  uint32_t i)
{
	const uint8_t bytes[4] = {10, 0, (uint8_t)(i >> 8), (uint8_t)i};
	const struct addr a = addr_v4(bytes);
	const struct subject s = subject_host(&a);
	struct finding *f = finding_raise(all, def, &s, "", 1, 2);

	if (f)
		f->count = 1;
}

static const struct finding *shown(const struct diagnosis *d,
				   const struct finding_def *def, uint32_t *n)
{
	const struct finding *last = NULL;

	*n = 0;
	for (uint32_t i = 0; i < d->finding_count; i++)
		if (d->findings[i]->def == def) {
			last = d->findings[i];
			++*n;
		}
	return last;
}

static void test_short_of_room(void **state)
{
	struct arena *home = arena_new(1 << 20);
	struct findings *all = findings_new(home, (struct hash_key){1, 2});
	struct diagnosis d = {0};
	uint32_t n;

	(void)state;
	for (uint32_t i = 0; i < RAISED; i++)
		raise(all, &many, i);
	raise(all, &late, 0);
	for (uint32_t i = 1; i < FEW; i++)
		raise(all, &late, i);
	assert_true(findings_dropped(all, &many) > 0);
	assert_int_equal(findings_dropped(all, &late), FEW - 1);
	assert_true(diagnose_order(all, home, &d));
	assert_non_null(strstr(shown(&d, &late, &n)->summary, "4 more"));
	assert_int_equal(n, 1);
	shown(&d, &many, &n);
	assert_int_equal(n, SUBJECTS_SHOWN + 1);
	arena_free(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_of_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* test_capture_limits.c - which tables were full, told as what that weakens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/analysis/rig.h"

extern const struct detector capture_limits_detector;

static struct checks forgot(const char *const *tables, uint32_t count)
{
	struct checks all = {0};

	for (uint32_t i = 0; i < count; i++)
		all.limit[all.limit_count++] =
			(struct limit_reached){tables[i], 1024, 10 + i, 0};
	return all;
}

static struct finding *judge(struct rig *r, const char *const *tables,
			     uint32_t count)
{
	const struct checks all = forgot(tables, count);

	rig_open(r, &capture_limits_detector);
	r->context.weak = weak_new(r->arena, (struct hash_key){1, 2});
	r->detector->judge_limits(r->self, &r->context, &all);
	return rig_found(r, "capture.limits");
}

static void nothing_forgotten_is_not_told(void **state)
{
	struct rig r;

	(void)state;
	assert_null(judge(&r, NULL, 0));
	rig_close(&r);
}

static void a_mere_cache_is_not_told(void **state)
{
	const char *const tables[] = {"packets seen again"};
	struct rig r;

	(void)state;
	assert_null(judge(&r, tables, 1));
	rig_close(&r);
}

static void tables_of_one_kind_are_one(void **state)
{
	const char *const tables[] = {"DNS clients", "DNS exchanges"};
	struct rig r;
	struct finding *f = judge(&r, tables, 2);

	(void)state;
	assert_non_null(f);
	assert_string_equal(f->title, "Memory ran short for DNS");
	assert_non_null(strstr(f->summary, "DNS (11 DNS exchanges forgotten)"));
	assert_int_equal(f->count, 2);
	assert_true(weak_is_forgetful(r.context.weak, "dns.no_answer"));
	assert_false(weak_is_forgetful(r.context.weak, "arp.unanswered"));
	assert_false(weak_is_forgetful(r.context.weak, "dn"));
	rig_close(&r);
}

static void kinds_are_counted(void **state)
{
	const char *const tables[] = {"DNS clients", "known hosts", "new one"};
	struct rig r;
	struct finding *f = judge(&r, tables, 3);

	(void)state;
	assert_non_null(f);
	assert_non_null(strstr(f->title, "3 kinds"));
	assert_non_null(strstr(f->summary, "other things (12 new one"));
	assert_true(weak_is_forgetful(r.context.weak, "arp.unanswered"));
	rig_close(&r);
}

/* "links" must not be taken for the end of another name. */
static void names_are_whole(void **state)
{
	const char *const tables[] = {"askers"};
	struct rig r;
	struct finding *f = judge(&r, tables, 1);

	(void)state;
	assert_non_null(f);
	assert_string_equal(f->title, "Memory ran short for other things");
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_forgotten_is_not_told),
		cmocka_unit_test(a_mere_cache_is_not_told),
		cmocka_unit_test(tables_of_one_kind_are_one),
		cmocka_unit_test(kinds_are_counted),
		cmocka_unit_test(names_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

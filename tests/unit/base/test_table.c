/* SPDX-License-Identifier: BSD-3-Clause */
/* test_table.c - a table finds, ages, evicts and never moves a value. */
#include "unit/base/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/table.h"

static const struct hash_key fixed = {1, 2};

static struct table *make(struct arena *home, uint32_t max)
{
	const struct table_spec spec = {"test", sizeof(uint32_t),
					sizeof(uint64_t), max};
	struct table *t = table_new(home, &spec, fixed);

	assert_non_null(t);
	return t;
}

static uint64_t *put(struct table *t, uint32_t key, uint64_t value)
{
	uint64_t *v = table_add(t, &key, NULL);

	assert_non_null(v);
	*v = value;
	return v;
}

static uint64_t *get(const struct table *t, uint32_t key)
{
	return table_find(t, &key);
}

static void test_add_find_remove(void **state)
{
	struct arena *home = arena_new(1 << 20);
	struct table *t = make(home, 10);
	uint32_t key = 7;
	bool added;
	uint64_t *v;

	(void)state;
	assert_null(get(t, 7));
	v = table_add(t, &key, &added);
	assert_true(added);
	assert_int_equal(*v, 0);
	*v = 70;
	assert_ptr_equal(table_add(t, &key, &added), v);
	assert_false(added);
	assert_int_equal(*get(t, 7), 70);
	assert_int_equal(*(const uint32_t *)table_key(t, v), 7);
	table_remove(t, v);
	assert_null(get(t, 7));
	assert_int_equal(table_count(t), 0);
	assert_int_equal(*(uint64_t *)table_add(t, &key, NULL), 0);
	arena_free(home);
}

struct evictions {
	uint32_t keys[8];
	int count;
};

static void note(void *context, const void *key, void *value)
{
	struct evictions *e = context;

	assert_int_equal(*(uint64_t *)value, *(const uint32_t *)key * 10);
	e->keys[e->count++] = *(const uint32_t *)key;
}

static void test_evicts_oldest(void **state)
{
	struct arena *home = arena_new(1 << 20);
	struct table *t = make(home, 3);
	struct evictions gone = {{0}, 0};
	uint32_t one = 1;

	(void)state;
	table_on_evict(t, note, &gone);
	for (uint32_t i = 1; i <= 3; i++)
		put(t, i, i * 10);
	assert_non_null(table_touch(t, &one));
	put(t, 4, 40);
	put(t, 5, 50);
	assert_int_equal(gone.count, 2);
	assert_int_equal(gone.keys[0], 2);
	assert_int_equal(gone.keys[1], 3);
	assert_int_equal(table_evicted(t), 2);
	assert_int_equal(table_count(t), 3);
	assert_non_null(get(t, 1));
	assert_null(get(t, 2));
	/* what takes the place of another knows nothing of it */
	one = 6;
	assert_int_equal(*(uint64_t *)table_add(t, &one, NULL), 0);
	arena_free(home);
}

static void test_find_does_not_age(void **state)
{
	struct arena *home = arena_new(1 << 20);
	struct table *t = make(home, 2);

	(void)state;
	put(t, 1, 1);
	put(t, 2, 2);
	assert_non_null(get(t, 1));
	put(t, 3, 3);
	assert_null(get(t, 1));
	arena_free(home);
}

/* The order of age does not depend on the key of the hash. */
static void test_order(void **state)
{
	static const uint32_t keys[] = {9, 3, 12, 5, 1};
	const struct table_spec spec = {"test", 4, 8, 100};

	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct arena *home = arena_new(1 << 20);
		struct table *t =
			table_new(home, &spec, (struct hash_key){seed, ~seed});
		int i = 0;

		for (i = 0; i < 5; i++)
			put(t, keys[i], i);
		i = 0;
		for (void *v = table_oldest(t); v; v = table_newer(t, v))
			assert_int_equal(*(const uint32_t *)table_key(t, v),
					 keys[i++]);
		assert_int_equal(i, 5);
		arena_free(home);
	}
}

/* Values stay in place while the table grows and entries come and go; a plain
 * array is the model. */
static void test_against_model(void **state)
{
	enum { KEYS = 5000, STEPS = 60000 };
	struct arena *home = arena_new(16 << 20);
	struct table *t = make(home, KEYS);
	uint64_t **model = calloc(KEYS, sizeof(*model));
	uint32_t x = 12345, count = 0;

	(void)state;
	assert_non_null(model);
	for (int i = 0; i < STEPS; i++) {
		uint32_t key;

		x = x * 1664525 + 1013904223;
		key = (x >> 8) % KEYS;
		assert_ptr_equal(get(t, key), model[key]);
		if (model[key] && x & 0x80) {
			table_remove(t, model[key]);
			model[key] = NULL;
			count--;
		} else if (!model[key]) {
			model[key] = put(t, key, key);
			count++;
		}
		if (model[key])
			assert_int_equal(*model[key], key);
		assert_int_equal(table_count(t), count);
	}
	assert_int_equal(table_evicted(t), 0);
	free(model);
	arena_free(home);
}

static uint32_t worth(const void *least, const void *value)
{
	const uint64_t *v = value;

	return *v >= *(const uint32_t *)least ? (uint32_t)*v : 0;
}

/* What is worth nothing goes first; of eight that are worth something the one
 * that is worth least, the oldest of equals. */
static void test_forgets_the_least(void **state)
{
	const uint32_t least = 10;
	struct arena *home = arena_new(1 << 20);
	struct table *t = make(home, 10);

	(void)state;
	table_on_full(t, worth, &least);
	put(t, 1, 20);
	put(t, 2, 30);
	for (uint32_t i = 3; i < 1000; i++)
		put(t, i, 1);
	assert_int_equal(*get(t, 1), 20);
	assert_int_equal(*get(t, 2), 30);
	assert_null(get(t, 989));
	assert_non_null(get(t, 999));
	for (uint32_t i = 1000; i < 1100; i++)
		put(t, i, 15);
	assert_int_equal(*get(t, 1), 20);
	assert_int_equal(*get(t, 2), 30);
	assert_null(get(t, 1091));
	assert_int_equal(table_count(t), 10);
	for (uint32_t i = 1100; i < 1200; i++)
		put(t, i, 40);
	assert_null(get(t, 1));
	assert_null(get(t, 2));
	arena_free(home);
}

/* Without memory the table does with what it has. */
static void test_small_home(void **state)
{
	struct arena *home = arena_new(16 << 10);
	struct table *t = make(home, 1000);

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		put(t, i, i);
	assert_true(table_count(t) > 0);
	assert_int_equal(table_count(t) + table_evicted(t), 1000);
	assert_int_equal(*get(t, 999), 999);
	arena_free(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add_find_remove),
		cmocka_unit_test(test_evicts_oldest),
		cmocka_unit_test(test_find_does_not_age),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_against_model),
		cmocka_unit_test(test_forgets_the_least),
		cmocka_unit_test(test_small_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* test_vendor.c - makers of network cards, in the forms of their lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "report/vendor.h"

static const char text[] = "# a list\n"
			   "00-1B-21   (hex)\t\tIntel Corporate\r\n"
			   "001B22 (base 16)\n"
			   "3CFDFE Third Maker\n"
			   "52:54:00\tLocal\tMade up\n"
			   "00:0C:29\tVMware\tVMware, \x1b[31mInc.\n"
			   "00:0C:2";

static struct vendors *makers(const char *macs, struct inv_neighbour *list,
			      uint32_t count)
{
	const struct maker_list lines = {text, sizeof(text) - 1};
	struct inventory v = {.neighbours = count, .neighbour = list};

	for (uint32_t i = 0; i < count; i++)
		memcpy(list[i].mac.bytes, macs + (size_t)3 * i, 3);
	return vendors_new(&v, &lines);
}

static void test_forms(void **state)
{
	struct inv_neighbour list[5] = {0};
	struct vendors *v = makers("\x00\x0c\x29\x00\x1b\x21\x3c\xfd\xfe"
				   "\x52\x54\x00\x00\x1b\x21",
				   list, 5);

	(void)state;
	assert_non_null(v);
	assert_string_equal(vendor_of(v, &list[1].mac), "Intel Corporate");
	assert_string_equal(vendor_of(v, &list[4].mac), "Intel Corporate");
	assert_string_equal(vendor_of(v, &list[2].mac), "Third Maker");
	assert_string_equal(vendor_of(v, &list[0].mac),
			    "VMware, \\x1b[31mInc.");
	assert_null(vendor_of(v, &list[3].mac)); /* of nobody */
	vendors_free(v);
}

static void test_no_list(void **state)
{
	struct inv_neighbour list[1] = {0};
	struct inventory in = {.neighbours = 1, .neighbour = list};

	(void)state;
	assert_null(vendors_new(&in, NULL));
	assert_null(vendor_of(NULL, &list[0].mac));
	vendors_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_no_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

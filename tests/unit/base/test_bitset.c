/*
 * test_bitset: members, their number, the first that is free.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bitset.h"

static void test_members(void **state)
{
	static const size_t numbers[] = { 0, 1, 63, 64, 65, 127, 128, 1000, 99999 };
	struct bitset set;

	(void)state;
	bitset_init(&set);
	assert_false(bitset_has(&set, 0));
	assert_int_equal(bitset_count(&set), 0);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		assert_false(bitset_has(&set, numbers[i]));
		bitset_add(&set, numbers[i]);
		bitset_add(&set, numbers[i]);
		assert_true(bitset_has(&set, numbers[i]));
		assert_int_equal(bitset_count(&set), i + 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		bitset_remove(&set, numbers[i]);
		assert_false(bitset_has(&set, numbers[i]));
	}
	assert_int_equal(bitset_count(&set), 0);
	bitset_remove(&set, 1u << 30); /* far outside, and none of it is taken */
	assert_false(bitset_has(&set, 1u << 30));
	bitset_done(&set);
	assert_false(bitset_has(&set, 99999));
}

static void test_first_free(void **state)
{
	struct bitset set;

	(void)state;
	bitset_init(&set);
	for (size_t i = 0; i < 1000; i++) {
		assert_int_equal(bitset_first_free(&set), i);
		bitset_add(&set, i);
	}
	bitset_remove(&set, 64);
	bitset_remove(&set, 700);
	assert_int_equal(bitset_first_free(&set), 64);
	bitset_add(&set, 64);
	assert_int_equal(bitset_first_free(&set), 700);
	bitset_done(&set);
}

/* Words that came by growing hold nothing. */
static void test_growth_is_empty(void **state)
{
	struct bitset set;

	(void)state;
	bitset_init(&set);
	bitset_add(&set, 3);
	bitset_add(&set, 64 * 9);
	for (size_t i = 0; i < 64 * 32; i++)
		assert_int_equal(bitset_has(&set, i), i == 3 || i == 64 * 9);
	bitset_done(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_first_free),
		cmocka_unit_test(test_growth_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

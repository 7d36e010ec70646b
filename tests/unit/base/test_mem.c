/*
 * test_mem: growth steps, copies, and sizes that no memory has.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aborts.h"
#include "base/mem.h"

static void test_growth_doubles_and_is_enough(void **state)
{
	(void)state;
	assert_int_equal(mem_grow_capacity(0, 1), 8);
	assert_int_equal(mem_grow_capacity(0, 100), 100);
	assert_int_equal(mem_grow_capacity(8, 9), 16);
	assert_int_equal(mem_grow_capacity(16, 1000), 1000);
	assert_true(mem_grow_capacity(SIZE_MAX / 2 + 1, SIZE_MAX) == SIZE_MAX);
}

static void test_reserve_keeps_what_is_there(void **state)
{
	uint32_t *numbers = NULL;
	uint16_t capacity = 0;

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		MEM_RESERVE(numbers, capacity, i + 1u);
		numbers[i] = i;
	}
	assert_true(capacity >= 5000);
	for (uint32_t i = 0; i < 5000; i++)
		assert_int_equal(numbers[i], i);
	MEM_RESERVE(numbers, capacity, 10u);
	assert_true(capacity >= 5000); /* it never shrinks */
	mem_free(numbers);
}

static void test_copies_and_nothing(void **state)
{
	uint8_t *zeroes = mem_zalloc(100), *copy = mem_dup("abc", 3);
	char *text = mem_strdup("text");
	void *nothing = mem_alloc(0);

	(void)state;
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(zeroes[i], 0);
	assert_memory_equal(copy, "abc", 3);
	assert_string_equal(text, "text");
	mem_free(zeroes);
	mem_free(copy);
	mem_free(text);
	mem_free(nothing);
	mem_free(mem_dup(NULL, 0));
	mem_free(NULL);
}

static void a_capacity_that_its_type_cannot_say(void)
{
	uint8_t *bytes = NULL;
	uint8_t capacity = 0;
	size_t wanted = 200;

	MEM_RESERVE(bytes, capacity, wanted);
	wanted += 56;
	MEM_RESERVE(bytes, capacity, wanted);
	mem_free(bytes);
}

static void an_array_past_all_addresses(void)
{
	volatile size_t count = SIZE_MAX / 8 + 2;

	mem_free(mem_realloc_array(NULL, count, 8)); /* 8 bytes, if it wrapped */
}

static void test_the_end_of_memory_ends_the_process(void **state)
{
	(void)state;
	assert_true(aborts(an_array_past_all_addresses));
	assert_true(aborts(a_capacity_that_its_type_cannot_say));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth_doubles_and_is_enough),
		cmocka_unit_test(test_reserve_keeps_what_is_there),
		cmocka_unit_test(test_copies_and_nothing),
		cmocka_unit_test(test_the_end_of_memory_ends_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_writer: no write past the end, none by halves, and a failure that stays.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aborts.h"
#include "base/writer.h"

static void test_numbers_in_network_order(void **state)
{
	static const uint8_t wanted[] = { 1,  2,  3,  4,  5,  6,  7,	8,   9,
					  10, 11, 12, 13, 14, 15, 0xaa, 0xbb };
	uint8_t bytes[sizeof(wanted)];
	struct writer w = writer_of(bytes, sizeof(bytes));

	(void)state;
	writer_u64(&w, UINT64_C(0x0102030405060708));
	writer_u32(&w, 0x090a0b0c);
	writer_u16(&w, 0x0d0e);
	writer_u8(&w, 0x0f);
	writer_bytes(&w, "\xaa\xbb", 2);
	assert_false(w.failed);
	assert_int_equal(writer_left(&w), 0);
	assert_memory_equal(bytes, wanted, sizeof(wanted));
}

/* For each room and each width: what does not fit changes nothing. */
static void test_a_write_is_whole_or_not_at_all(void **state)
{
	(void)state;
	for (size_t room = 0; room < 9; room++) {
		for (size_t width = 1; width <= 8; width *= 2) {
			uint8_t bytes[16];
			struct writer w = writer_of(bytes, room);

			memset(bytes, 0x55, sizeof(bytes));
			if (width == 1)
				writer_u8(&w, 0xff);
			else if (width == 2)
				writer_u16(&w, 0xffff);
			else if (width == 4)
				writer_u32(&w, UINT32_MAX);
			else
				writer_u64(&w, UINT64_MAX);
			assert_int_equal(w.failed, width > room);
			assert_int_equal(writer_length(&w), width > room ? 0 : width);
			for (size_t i = 0; i < sizeof(bytes); i++)
				assert_int_equal(bytes[i], i < writer_length(&w) ? 0xff : 0x55);
		}
	}
}

static void test_failure_is_sticky(void **state)
{
	uint8_t bytes[4] = { 0 };
	struct writer w = writer_of(bytes, sizeof(bytes));

	(void)state;
	writer_u8(&w, 1);
	writer_bytes(&w, "abcd", 4);
	assert_true(w.failed);
	writer_u8(&w, 2); /* would fit */
	assert_null(writer_reserve(&w, 0));
	assert_int_equal(writer_length(&w), 1);
	assert_int_equal(bytes[1], 0);
	writer_patch_u16(&w, 0, 0xffff);
	assert_int_equal(bytes[0], 1);
}

static void test_patching_a_length(void **state)
{
	uint8_t bytes[8];
	struct writer w = writer_of(bytes, sizeof(bytes));

	(void)state;
	writer_u8(&w, 7);
	writer_u16(&w, 0);
	writer_bytes(&w, "abc", 3);
	writer_patch_u16(&w, 1, 3);
	assert_memory_equal(bytes, "\7\0\3abc", 6);
	assert_int_equal(writer_length(&w), 6);
	writer_patch_u16(&w, 4, 0x4142); /* the last two */
	assert_memory_equal(bytes, "\7\0\3aAB", 6);
}

static void patch_the_end(void)
{
	uint8_t bytes[8];
	struct writer w = writer_of(bytes, sizeof(bytes));

	writer_u16(&w, 1);
	writer_patch_u16(&w, 1, 5);
}

static void patch_far_away(void)
{
	uint8_t bytes[8];
	struct writer w = writer_of(bytes, sizeof(bytes));

	writer_u16(&w, 1);
	writer_patch_u16(&w, SIZE_MAX, 5);
}

static void test_patching_what_was_not_written(void **state)
{
	(void)state;
	assert_true(aborts(patch_the_end));
	assert_true(aborts(patch_far_away));
}

static void test_reserve(void **state)
{
	uint8_t bytes[4];
	struct writer w = writer_of(bytes, sizeof(bytes));

	(void)state;
	assert_ptr_equal(writer_reserve(&w, 3), bytes);
	assert_null(writer_reserve(&w, SIZE_MAX));
	assert_true(w.failed);
}

static void test_writers_of_nothing(void **state)
{
	struct writer w = writer_of(NULL, 0);

	(void)state;
	writer_bytes(&w, NULL, 0);
	assert_false(w.failed);
	assert_int_equal(writer_length(&w), 0);
	writer_u8(&w, 1);
	assert_true(w.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_in_network_order),
		cmocka_unit_test(test_a_write_is_whole_or_not_at_all),
		cmocka_unit_test(test_failure_is_sticky),
		cmocka_unit_test(test_patching_a_length),
		cmocka_unit_test(test_patching_what_was_not_written),
		cmocka_unit_test(test_reserve),
		cmocka_unit_test(test_writers_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

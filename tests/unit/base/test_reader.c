/*
 * test_reader: no read past the end, and a failure that stays.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/reader.h"

static const uint8_t BYTES[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
				 0xff, 0xfe, 0xfd, 0xfc, 0x0d, 0x0e, 0x0f };

static void test_numbers_in_network_order(void **state)
{
	struct reader r = reader_of(BYTES, sizeof(BYTES));

	(void)state;
	assert_int_equal(reader_u64(&r), UINT64_C(0x0102030405060708));
	assert_int_equal(reader_u32(&r), 0xfffefdfcu);
	assert_int_equal(reader_u16(&r), 0x0d0e);
	assert_int_equal(reader_offset(&r), 14);
	assert_int_equal(reader_left(&r), 1);
	assert_int_equal(reader_u8(&r), 0x0f);
	assert_int_equal(reader_left(&r), 0);
	assert_false(r.failed);
}

/* For each length and each width: what does not fit is zero, and nothing fits afterwards. */
static void test_failure_is_sticky(void **state)
{
	(void)state;
	for (size_t length = 0; length < 8; length++) {
		for (size_t width = 1; width <= 8; width *= 2) {
			struct reader r = reader_of(BYTES, length);
			uint64_t value = width == 1   ? reader_u8(&r)
					 : width == 2 ? reader_u16(&r)
					 : width == 4 ? reader_u32(&r)
						      : reader_u64(&r);

			assert_int_equal(r.failed, width > length);
			if (!r.failed) {
				assert_int_equal(reader_left(&r), length - width);
				continue;
			}
			if (width < 8)
				assert_int_equal(value, 0);
			assert_int_equal(reader_left(&r), 0);
			assert_int_equal(reader_u8(&r), 0);
			assert_int_equal(reader_u64(&r), 0);
			assert_null(reader_bytes(&r, 0));
			assert_true(r.failed);
		}
	}
}

static void test_a_length_that_wraps(void **state)
{
	struct reader r = reader_of(BYTES, 4);

	(void)state;
	assert_null(reader_bytes(&r, SIZE_MAX));
	assert_true(r.failed);
	r = reader_of(BYTES, 4);
	assert_true(reader_sub(&r, SIZE_MAX - 2).failed);
	assert_true(r.failed);
}

static void test_copy(void **state)
{
	uint8_t to[4] = { 9, 9, 9, 9 };
	struct reader r = reader_of(BYTES, 6);

	(void)state;
	reader_copy(&r, to, 4);
	assert_memory_equal(to, BYTES, 4);
	reader_copy(&r, to, 4); /* two are left */
	assert_memory_equal(to, "\0\0\0\0", 4);
	assert_true(r.failed);
}

static void test_sub_readers(void **state)
{
	struct reader r = reader_of(BYTES, 6);
	struct reader part = reader_sub(&r, 4);

	(void)state;
	assert_int_equal(reader_left(&part), 4);
	assert_int_equal(reader_offset(&part), 0);
	assert_int_equal(reader_offset(&r), 4);
	assert_int_equal(reader_u32(&part), 0x01020304);
	assert_int_equal(reader_u8(&part), 0); /* the next octet is not the part's */
	assert_true(part.failed);
	assert_false(r.failed);
	assert_int_equal(reader_u8(&r), 5);
	part = reader_sub(&r, 2); /* one is left */
	assert_true(part.failed && r.failed);
	assert_int_equal(reader_left(&part), 0);
	part = reader_sub(&r, 0);
	assert_true(part.failed);
}

static void test_readers_of_nothing(void **state)
{
	struct reader r = reader_of(NULL, 0);
	struct reader part = reader_sub(&r, 0);
	uint8_t to[1];

	(void)state;
	assert_false(r.failed);
	assert_false(part.failed); /* nothing was asked for, and it is there */
	reader_copy(&part, to, 0);
	assert_int_equal(reader_left(&part), 0);
	assert_int_equal(reader_offset(&r), 0);
	assert_false(part.failed);
	assert_int_equal(reader_u8(&part), 0);
	assert_true(part.failed);
}

static void test_fail(void **state)
{
	struct reader r = reader_of(BYTES, 6);

	(void)state;
	reader_fail(&r);
	assert_int_equal(reader_left(&r), 0);
	assert_int_equal(reader_u16(&r), 0);
	assert_true(r.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_in_network_order),
		cmocka_unit_test(test_failure_is_sticky),
		cmocka_unit_test(test_a_length_that_wraps),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_sub_readers),
		cmocka_unit_test(test_readers_of_nothing),
		cmocka_unit_test(test_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_buf: grows to its maximum and no further; always text.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"

static void test_text(void **state)
{
	struct buf buf;
	char *taken;

	(void)state;
	buf_init(&buf, 0);
	assert_string_equal(buf_text(&buf), "");
	buf_add_text(&buf, "");
	buf_add(&buf, NULL, 0);
	assert_string_equal(buf_text(&buf), "");
	buf_printf(&buf, "%s %d", "a", -5);
	buf_add_text(&buf, "!");
	buf_add(&buf, "b\0c", 3);
	assert_int_equal(buf.length, 8);
	assert_memory_equal(buf_text(&buf), "a -5!b\0c", 9);
	buf_clear(&buf);
	assert_string_equal(buf_text(&buf), "");
	buf_add_text(&buf, "again");
	taken = buf_take(&buf);
	assert_string_equal(taken, "again");
	mem_free(taken);
	taken = buf_take(&buf);
	assert_string_equal(taken, "");
	mem_free(taken);
	buf_done(&buf);
	buf_done(&buf);
}

static void test_the_maximum(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 10);
	buf_add_text(&buf, "12345");
	buf_add_text(&buf, "678901"); /* one too many: left out whole */
	assert_true(buf.overflowed);
	assert_string_equal(buf_text(&buf), "12345");
	buf_printf(&buf, "%s", "abcdef");
	assert_string_equal(buf_text(&buf), "12345");
	assert_null(buf_reserve(&buf, SIZE_MAX));
	buf_add_text(&buf, "67890"); /* to the brim; that it overflowed is not forgotten */
	assert_string_equal(buf_text(&buf), "1234567890");
	assert_true(buf.overflowed);
	assert_null(buf_reserve(&buf, 1));
	buf_clear(&buf);
	assert_false(buf.overflowed);
	buf_done(&buf);
	assert_int_equal(buf.length_max, 10);
}

static void test_reserve_commit_consume(void **state)
{
	struct buf buf;
	char *to;

	(void)state;
	buf_init(&buf, 0);
	buf_consume(&buf, 0);
	for (unsigned i = 0; i < 1000; i++) {
		to = buf_reserve(&buf, 7);
		memcpy(to, "abcdefg", 7);
		buf_commit(&buf, 3); /* less than was reserved */
	}
	assert_int_equal(buf.length, 3000);
	buf_consume(&buf, 2998);
	assert_string_equal(buf_text(&buf), "bc");
	buf_consume(&buf, 2);
	assert_string_equal(buf_text(&buf), "");
	assert_int_equal(buf.length, 0);
	buf_done(&buf);
}

static void test_printf_longer_than_any_room(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 0);
	buf_printf(&buf, "%05000d", 7);
	assert_int_equal(buf.length, 5000);
	assert_int_equal(buf_text(&buf)[4999], '7');
	assert_int_equal(strlen(buf_text(&buf)), 5000);
	buf_done(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_the_maximum),
		cmocka_unit_test(test_reserve_commit_consume),
		cmocka_unit_test(test_printf_longer_than_any_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_error: texts that are cut, never overrun, and prefixed.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"

static void test_set_and_prefix(void **state)
{
	struct error e;

	(void)state;
	assert_int_equal(error_set(&e, "%s: must be %d", "port", 179), -1);
	assert_string_equal(e.text, "port: must be 179");
	assert_int_equal(error_prefix(&e, "neighbors[%u]", 3u), -1);
	assert_string_equal(e.text, "neighbors[3]: port: must be 179");
	assert_int_equal(error_set(NULL, "nobody %s", "asks"), -1);
	assert_int_equal(error_prefix(NULL, "nobody"), -1);
}

static void test_long_texts_are_cut(void **state)
{
	char large[ERROR_TEXT_MAX * 2];
	struct error e;

	(void)state;
	memset(large, 'x', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	error_set(&e, "%s", large);
	assert_int_equal(strlen(e.text), ERROR_TEXT_MAX - 1);
	error_prefix(&e, "front");
	assert_int_equal(strlen(e.text), ERROR_TEXT_MAX - 1);
	assert_memory_equal(e.text, "front: xxx", 10);
	error_prefix(&e, "%s", large);
	assert_int_equal(strlen(e.text), ERROR_TEXT_MAX - 1);
	for (size_t room = ERROR_TEXT_MAX - 4; room < ERROR_TEXT_MAX + 2; room++) {
		error_set(&e, "old");
		error_prefix(&e, "%.*s", (int)room, large);
		assert_int_equal(strlen(e.text), ERROR_TEXT_MAX - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_and_prefix),
		cmocka_unit_test(test_long_texts_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

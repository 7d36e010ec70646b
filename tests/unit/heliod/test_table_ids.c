/*
 * test_table_ids: numbers taken and dropped, the lowest that is free.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "heliod/table_ids.h"

static void test_taken_and_dropped(void **state)
{
	struct table_ids ids;

	(void)state;
	table_ids_init(&ids);
	assert_int_equal(table_ids_free_from(&ids, 1), 1);
	table_ids_take(&ids, 1, "A");
	table_ids_take(&ids, 2, "B");
	table_ids_take(&ids, 2147483647, "C");
	assert_string_equal(table_ids_holder(&ids, 1), "A");
	assert_string_equal(table_ids_holder(&ids, 2147483647), "C");
	assert_null(table_ids_holder(&ids, 3));
	assert_int_equal(table_ids_free_from(&ids, 1), 3);
	table_ids_drop(&ids, 1);
	table_ids_drop(&ids, 1);
	assert_null(table_ids_holder(&ids, 1));
	assert_string_equal(table_ids_holder(&ids, 2), "B");
	assert_int_equal(table_ids_free_from(&ids, 1), 1);
	table_ids_done(&ids);
}

static void test_many(void **state)
{
	struct table_ids ids;

	(void)state;
	table_ids_init(&ids);
	for (uint32_t id = 1; id <= 4000; id++)
		table_ids_take(&ids, id, "T");
	assert_int_equal(table_ids_free_from(&ids, 1), 4001);
	for (uint32_t id = 1; id <= 4000; id += 2)
		table_ids_drop(&ids, id);
	for (uint32_t id = 1; id <= 4000; id++)
		assert_int_equal(table_ids_holder(&ids, id) == NULL, id % 2);
	table_ids_done(&ids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken_and_dropped),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

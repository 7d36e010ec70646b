/*
 * test_route_data: the same octets are one entry while somebody refers to it; what goes is given
 * back.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "rib/route_data.h"

#define ENTRIES 5000u

static uint32_t get(struct route_data *d, uint32_t i)
{
	const uint8_t label[3] = { (uint8_t)(i >> 12), (uint8_t)(i >> 4), (uint8_t)(i << 4 | 1) };

	return route_data_get(d, label, sizeof(label));
}

static void test_one_entry(void **state)
{
	struct route_data *d = route_data_new(3, NULL);
	const uint8_t longer[4] = { 0, 0, 0x11, 0 };
	uint32_t id = get(d, 1);
	size_t length;

	(void)state;
	assert_int_not_equal(id, 0);
	assert_int_equal(get(d, 1), id);
	assert_int_not_equal(get(d, 2), id);
	assert_int_not_equal(route_data_get(d, longer, sizeof(longer)), id);
	assert_memory_equal(route_data_bytes(d, id, &length), longer, 3);
	assert_int_equal(length, 3);
	assert_int_equal(route_data_get(d, NULL, 0), 0);
	assert_null(route_data_bytes(d, 0, &length));
	assert_int_equal(length, 0);
	route_data_unref(d, id);
	assert_int_equal(get(d, 1), id); /* somebody else held it */
	route_data_free(d);
}

static void test_shrink(void **state)
{
	static uint32_t ids[ENTRIES];
	struct mem_account account;
	struct route_data *d;
	size_t few, full;

	(void)state;
	mem_account_init(&account, "data", NULL, 0);
	d = route_data_new(5, &account);
	for (unsigned wave = 0; wave < 3; wave++) {
		for (uint32_t i = 0; i < 20; i++)
			ids[i] = get(d, i);
		few = account.bytes;
		for (uint32_t i = 20; i < ENTRIES; i++)
			ids[i] = get(d, i);
		full = account.bytes;
		route_data_shrink(d); /* it is full */
		assert_int_equal(account.bytes, full);
		for (uint32_t i = 20; i < ENTRIES; i++)
			route_data_unref(d, ids[i]);
		route_data_shrink(d);
		assert_true(account.bytes < full / 20 && account.bytes <= few + 64);
		for (uint32_t i = 0; i < 20; i++) { /* found again, by the same number */
			assert_int_equal(get(d, i), ids[i]);
			route_data_unref(d, ids[i]);
			route_data_unref(d, ids[i]);
		}
	}
	route_data_free(d);
	mem_account_done(&account); /* it must be empty */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_entry),
		cmocka_unit_test(test_shrink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

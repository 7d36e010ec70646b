/*
 * test_attr_table: blocks are found by their octets and their context, and live as long as somebody
 * refers to them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "rib/attr_table.h"

static const struct bgp_context IBGP = { .as4 = true, .ibgp = true };

static struct bgp_attrs attrs_of(uint32_t med)
{
	return (struct bgp_attrs){
		.present = UINT64_C(1) << BGP_ATTR_ORIGIN | UINT64_C(1) << BGP_ATTR_AS_PATH |
			   UINT64_C(1) << BGP_ATTR_NEXT_HOP | UINT64_C(1) << BGP_ATTR_MED |
			   UINT64_C(1) << BGP_ATTR_LOCAL_PREF,
		.med = med,
		.local_pref = 150,
		.next_hop = ip_addr_v4(0x0a000001),
		.mp_family = BGP_FAMILY_NONE,
	};
}

static void test_equal_attributes_are_one_block(void **unused)
{
	struct bgp_attrs attrs = attrs_of(5), back;
	struct attr_table t;
	struct arena arena;
	bool is_new;
	uint32_t a, b;

	(void)unused;
	attr_table_init(&t, 1);
	arena_init(&arena, 0);
	a = attr_table_intern(&t, &attrs, BGP_IPV4_UNICAST, true, &is_new);
	assert_true(is_new);
	b = attr_table_intern(&t, &attrs, BGP_IPV4_UNICAST, true, &is_new);
	assert_false(is_new);
	assert_int_equal(a, b);
	attrs.med = 6;
	assert_int_not_equal(attr_table_intern(&t, &attrs, BGP_IPV4_UNICAST, true, &is_new), a);
	attr_table_decode(&t, a, &arena, &back);
	assert_int_equal(back.med, 5);
	assert_int_equal(attr_table_entry(&t, a)->local_pref, 150);
	assert_true(attr_table_entry(&t, a)->has_med);
	arena_done(&arena);
	attr_table_done(&t);
}

static void test_context_is_part_of_the_key(void **unused)
{
	static const uint8_t bytes[] = { 0x40, 1, 1, 0 };
	const struct bgp_context ebgp = { .as4 = true };
	struct bgp_attrs attrs = attrs_of(0);
	struct attr_table t;
	struct attr_key key;
	uint32_t a;

	(void)unused;
	attr_table_init(&t, 1);
	key = attr_table_key(&t, bytes, sizeof(bytes), &IBGP);
	assert_int_equal(attr_table_find(&t, &key), 0);
	a = attr_table_add(&t, &key, &attrs, ATTR_ACCEPTED);
	assert_int_equal(attr_table_find(&t, &key), a);
	key = attr_table_key(&t, bytes, sizeof(bytes), &ebgp);
	assert_int_equal(attr_table_find(&t, &key), 0);
	key = attr_table_key(&t, bytes, sizeof(bytes) - 1, &IBGP);
	assert_int_equal(attr_table_find(&t, &key), 0);
	attr_table_done(&t);
}

static void test_many_come_and_go(void **unused)
{
	uint32_t ids[1000];
	struct attr_table t;
	bool is_new;

	(void)unused;
	attr_table_init(&t, 3);
	for (uint32_t i = 0; i < ARRAY_SIZE(ids); i++) {
		struct bgp_attrs attrs = attrs_of(i);

		ids[i] = attr_table_intern(&t, &attrs, BGP_IPV4_UNICAST, true, &is_new);
		attr_table_ref(&t, ids[i]);
	}
	for (uint32_t i = 0; i < ARRAY_SIZE(ids); i += 3)
		attr_table_unref(&t, ids[i]);
	for (uint32_t i = 0; i < ARRAY_SIZE(ids); i++) {
		struct bgp_attrs attrs = attrs_of(i);
		uint32_t id = attr_table_intern(&t, &attrs, BGP_IPV4_UNICAST, true, &is_new);

		assert_int_equal(is_new, i % 3 == 0);
		if (i % 3 != 0)
			assert_int_equal(id, ids[i]);
		else
			attr_table_drop_unused(&t, id);
	}
	for (uint32_t i = 0; i < ARRAY_SIZE(ids); i++)
		if (i % 3 != 0)
			attr_table_unref(&t, ids[i]);
	assert_int_equal(t.count, 0);
	assert_int_equal(t.bytes, 0);
	attr_table_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_attributes_are_one_block),
		cmocka_unit_test(test_context_is_part_of_the_key),
		cmocka_unit_test(test_many_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Tests of bgp/family.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bgp/family.h"

#include "hex.h"

static void test_every_row_is_found_by_number_and_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		const struct bgp_family_info *info = bgp_family_info((enum bgp_family)i);

		assert_int_equal(bgp_family_of(info->afi, info->safi), i);
		assert_int_equal(bgp_family_by_name(info->name), i);
		assert_true(info->key_length_max > 0);
	}
}

static void test_unknown_is_none(void **state)
{
	(void)state;
	assert_int_equal(bgp_family_of(1, 200), BGP_FAMILY_NONE);
	assert_int_equal(bgp_family_of(0, 0), BGP_FAMILY_NONE);
	assert_int_equal(bgp_family_by_name("ipv5"), BGP_FAMILY_NONE);
	assert_int_equal(bgp_family_of(1, 1), BGP_IPV4_UNICAST);
	assert_int_equal(bgp_family_of(2, 1), BGP_IPV6_UNICAST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row_is_found_by_number_and_name),
		cmocka_unit_test(test_unknown_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_resource_ref: names of resources, right and wrong.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/resource_ref.h"

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		const char *canonical; /* NULL: wrong */
		bool collection;
	} cases[] = {
		{ "/virtualNetworks/V", "/virtualNetworks/V", false },
		{ "virtualnetworks/V/", "/virtualNetworks/V", false },
		{ "/networking/v1/VirtualGateways/T/BgpRouters/R/bgppeers/P",
		  "/virtualGateways/T/bgpRouters/R/bgpPeers/P", false },
		{ "/Networking/V1/servers", "/servers", true },
		{ "/virtualGateways/T/networkConnections", "/virtualGateways/T/networkConnections",
		  true },
		{ "/logicalNetworks/l/subnets/50.50.50.0_24",
		  "/logicalNetworks/l/subnets/50.50.50.0_24", false },
		{ "", NULL, false },
		{ "/", NULL, false },
		{ "/nonsense/x", NULL, false },
		{ "/subnets/x", NULL, false },
		{ "/virtualNetworks/V/bgpRouters/x", NULL, false },
		{ "/virtualNetworks/../x", NULL, false },
		{ "/virtualNetworks/-x", NULL, false },
		{ "/virtualNetworks/a b", NULL, false },
		{ "/virtualNetworks/V/subnets/s/x/y", NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[RESOURCE_REF_TEXT_MAX];
		struct resource_ref ref;
		struct error error;
		bool collection;
		int result = resource_ref_parse(cases[i].text, &ref, &collection, &error);

		if (cases[i].canonical == NULL) {
			if (result != -1)
				fail_msg("%s was taken", cases[i].text);
			continue;
		}
		assert_int_equal(result, 0);
		assert_string_equal(resource_ref_format(&ref, text), cases[i].canonical);
		assert_int_equal(collection, cases[i].collection);
		assert_int_equal(resource_ref_parse(cases[i].text, &ref, NULL, &error),
				 cases[i].collection ? -1 : 0);
	}
}

static void test_covers(void **state)
{
	struct resource_ref outer, inner, other;

	(void)state;
	assert_int_equal(resource_ref_parse("/virtualNetworks/V", &outer, NULL, NULL), 0);
	assert_int_equal(resource_ref_parse("/virtualNetworks/V/subnets/s", &inner, NULL, NULL), 0);
	assert_int_equal(resource_ref_parse("/virtualNetworks/V2/subnets/s", &other, NULL, NULL),
			 0);
	assert_true(resource_ref_covers(&outer, &inner));
	assert_true(resource_ref_covers(&outer, &outer));
	assert_false(resource_ref_covers(&inner, &outer));
	assert_false(resource_ref_covers(&outer, &other));
}

static void test_longest(void **state)
{
	char text[RESOURCE_REF_TEXT_MAX], id[SCHEMA_ID_MAX], path[RESOURCE_REF_TEXT_MAX];
	struct resource_ref ref;

	(void)state;
	memset(id, 'x', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	snprintf(path, sizeof(path), "/virtualGateways/%s/bgpRouters/%s/bgpPeers/%s", id, id, id);
	assert_int_equal(resource_ref_parse(path, &ref, NULL, NULL), 0);
	assert_string_equal(resource_ref_format(&ref, text), path);
	snprintf(path, sizeof(path), "/servers/%sx", id);
	assert_int_equal(resource_ref_parse(path, &ref, NULL, NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_covers),
		cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

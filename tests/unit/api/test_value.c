/*
 * test_value: AS numbers in all their spellings, and places of problems.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/problem.h"
#include "api/value.h"

static void test_as_number(void **state)
{
	static const struct {
		const char *json;
		uint32_t number; /* 0: wrong */
	} cases[] = {
		{ "64512", 64512 },
		{ "\"64512\"", 64512 },
		{ "\"0.64512\"", 64512 },
		{ "\"1.0\"", 65536 },
		{ "4200000000", 4200000000u },
		{ "\"65535.65534\"", 4294967294u },
		{ "0", 0 },
		{ "23456", 0 },
		{ "65535", 0 },
		{ "4294967295", 0 },
		{ "4294967296", 0 },
		{ "-1", 0 },
		{ "1.5", 0 },
		{ "true", 0 },
		{ "\"\"", 0 },
		{ "\"0.\"", 0 },
		{ "\".1\"", 0 },
		{ "\"1.65536\"", 0 },
		{ "\"1.2.3\"", 0 },
		{ "\"+1\"", 0 },
		{ "\" 1\"", 0 },
		{ "\"99999999999999999999\"", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_t *input = json_loads(cases[i].json, JSON_DECODE_ANY, NULL);
		asn_t as = { 7 };
		struct error error;
		int result = value_as_number(input, &as, &error);

		json_decref(input);
		if (cases[i].number == 0 ? result != -1 || as.number != 7
					 : result != 0 || as.number != cases[i].number)
			fail_msg("%s: %d, %u", cases[i].json, result, as.number);
	}
}

static void test_places(void **state)
{
	struct problem_place properties = { .name = "properties" };
	struct problem_place routes = { .outer = &properties, .name = "routes" };
	struct problem_place item = { .outer = &routes, .index = 12 };
	struct problem_place prefix = { .outer = &item, .name = "destinationPrefix" };
	char text[PROBLEM_TARGET_MAX];
	struct problem_list list = { 0 };
	json_t *json;

	(void)state;
	assert_string_equal(problem_place_format(&prefix, text),
			    "properties.routes[12].destinationPrefix");
	assert_string_equal(problem_place_format(NULL, text), "");
	for (size_t i = 0; i < PROBLEM_COUNT_MAX + 10; i++)
		problem_add(&list, &prefix, "number %zu", i);
	problem_add_at(&list, "x", "\xff");
	json = problem_list_json(&list);
	assert_int_equal(json_array_size(json), PROBLEM_COUNT_MAX);
	json_decref(json);
	problem_list_done(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_number),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

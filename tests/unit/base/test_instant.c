/*
 * test_instant: time as values: never, and sums that do not wrap. That they cannot be mixed up,
 * meson.build tries.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/instant.h"

static const instant_t LAST = { INT64_MAX - 1 };

static void test_units(void **state)
{
	(void)state;
	assert_int_equal(duration_ms(1500).ns, 1500000000);
	assert_int_equal(duration_seconds(90).ns, INT64_C(90000000000));
	assert_int_equal(duration_to_ms(duration_seconds(-2)), -2000);
	assert_int_equal(duration_to_ms((duration_t){ 1999999 }), 1);
	assert_int_equal(DURATION_ZERO.ns, 0);
	assert_true(duration_seconds(INT64_MAX).ns == INT64_MAX);
	assert_true(duration_ms(INT64_MAX).ns == INT64_MAX);
	assert_true(duration_ms(INT64_MIN).ns == INT64_MIN);
	assert_int_equal(duration_seconds(UINT32_MAX).ns, INT64_C(4294967295000000000));
}

static void test_sums_do_not_wrap(void **state)
{
	const instant_t start = { 5 }, before_epoch = { INT64_MIN };

	(void)state;
	assert_int_equal(instant_add(start, duration_ms(1)).ns, 1000005);
	assert_int_equal(instant_add(start, duration_ms(-1)).ns, 5 - 1000000);
	assert_true(instant_is_never(instant_add(LAST, duration_ms(1))));
	assert_true(instant_is_never(instant_add(start, (duration_t){ INT64_MAX })));
	assert_true(instant_add(before_epoch, duration_ms(-1)).ns == INT64_MIN);
	assert_true(instant_diff(LAST, before_epoch).ns == INT64_MAX);
	assert_true(instant_diff(before_epoch, LAST).ns == INT64_MIN);
	assert_int_equal(instant_diff(instant_add(start, duration_seconds(3)), start).ns,
			 3000000000);
}

static void test_never(void **state)
{
	const instant_t now = { 1000 };

	(void)state;
	assert_true(instant_is_never(INSTANT_NEVER));
	assert_false(instant_is_never(LAST));
	assert_true(instant_is_never(instant_add(INSTANT_NEVER, duration_ms(5))));
	assert_true(instant_is_never(instant_add(INSTANT_NEVER, duration_ms(-5))));
	assert_false(instant_due(INSTANT_NEVER, LAST));
	assert_false(instant_due(INSTANT_NEVER, INSTANT_NEVER));
	assert_true(instant_before(now, INSTANT_NEVER));
	assert_int_equal(instant_min(INSTANT_NEVER, now).ns, 1000);
	assert_int_equal(instant_min(now, INSTANT_NEVER).ns, 1000);
	assert_true(instant_is_never(instant_min(INSTANT_NEVER, INSTANT_NEVER)));
}

static void test_due_at_the_instant_itself(void **state)
{
	const instant_t now = { 1000 };

	(void)state;
	assert_true(instant_due(now, now));
	assert_true(instant_due((instant_t){ 999 }, now));
	assert_false(instant_due((instant_t){ 1001 }, now));
	assert_false(instant_before(now, now));
	assert_true(instant_before((instant_t){ 999 }, now));
}

static void test_spans_as_operators_read_them(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} cases[] = {
		{ -5, "00:00:00" },   { 0, "00:00:00" },	   { 59, "00:00:59" },
		{ 3661, "01:01:01" }, { 86399, "23:59:59" },	   { 86400, "1d00h" },
		{ 273600, "3d04h" },  { INT64_MAX, "106751d23h" },
	};
	char text[DURATION_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(duration_format(duration_seconds(cases[i].seconds), text),
				    cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_sums_do_not_wrap),
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_due_at_the_instant_itself),
		cmocka_unit_test(test_spans_as_operators_read_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

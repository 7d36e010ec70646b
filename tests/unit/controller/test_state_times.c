/*
 * test_state_times: a state keeps its date until it changes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "controller/state_times.h"

static void expect(struct state_times *times, const char *ref, const char *status, int64_t now,
		   const char *stamp)
{
	json_t *state = json_pack("{s:s}", "status", status);

	state_times_stamp(times, ref, state, now);
	assert_string_equal(json_string_value(json_object_get(state, "lastUpdatedTime")), stamp);
	json_decref(state);
}

static void test_stamps(void **state)
{
	struct state_times times;

	(void)state;
	state_times_init(&times, 7);
	expect(&times, "/a", "Success", 0, "1970-01-01T00:00:00Z");
	expect(&times, "/a", "Success", 60, "1970-01-01T00:00:00Z");
	expect(&times, "/b", "Success", 60, "1970-01-01T00:01:00Z");
	expect(&times, "/a", "Failure", 61, "1970-01-01T00:01:01Z");
	expect(&times, "/a", "Success", 86400, "1970-01-02T00:00:00Z");
	state_times_stamp(&times, "/a", NULL, 1);
	assert_int_equal(times.by_ref.count, 2);
	state_times_done(&times);
}

static void test_bound(void **state)
{
	struct state_times times;
	json_t *value = json_pack("{s:s}", "status", "Success");

	(void)state;
	state_times_init(&times, 7);
	for (unsigned i = 0; i < STATE_TIMES_MAX + 10; i++) {
		char ref[32];

		snprintf(ref, sizeof(ref), "/r/%u", i);
		state_times_stamp(&times, ref, value, 0);
	}
	assert_true(times.by_ref.count <= STATE_TIMES_MAX);
	json_decref(value);
	state_times_done(&times);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stamps),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

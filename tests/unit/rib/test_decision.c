/*
 * test_decision: the outcome does not depend on the order of the paths, and the reason is the right
 * one.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "rib/decision.h"

#define PATHS 5u

static uint64_t state;

static uint32_t below(uint32_t limit)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33) % limit;
}

static struct ip_addr addresses[PATHS];

static struct decision_path random_path(uint32_t number)
{
	return (struct decision_path){
		.path = number,
		.stale = below(4) == 0,
		.long_lived_stale = below(6) == 0,
		.has_aigp = below(2) == 0,
		.aigp = below(2),
		.local = below(6) == 0,
		.external = below(2) == 0,
		.origin = (uint8_t)below(2),
		.as_path_length = (uint16_t)below(2),
		.cluster_list_length = (uint16_t)below(2),
		.local_pref = 100 + below(2),
		.med = below(3),
		.neighbor_as = 64600 + below(2),
		.igp_metric = below(2),
		.router_id = below(2),
		.peer_address = &addresses[number - 1],
	};
}

/* Calls itself for each choice of the next path: all orders of `count` paths. */
static void all_orders(const struct decision_path *paths, size_t count, size_t *order,
		       size_t chosen, bool *used, uint32_t expected)
{
	struct decision_path shuffled[PATHS];
	struct decision_result result;

	if (chosen == count) {
		for (size_t i = 0; i < count; i++)
			shuffled[i] = paths[order[i]];
		decision_run(shuffled, count, &result, NULL);
		assert_int_equal(result.winner, expected);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (used[i])
			continue;
		used[i] = true;
		order[chosen] = i;
		all_orders(paths, count, order, chosen + 1, used, expected);
		used[i] = false;
	}
}

static void test_any_order_same_winner(void **unused)
{
	(void)unused;
	state = 1;
	for (uint32_t i = 0; i < PATHS; i++)
		addresses[i] = ip_addr_v4(0x0a000000 + i);
	for (int round = 0; round < 2000; round++) {
		struct decision_path paths[PATHS], copy[PATHS];
		size_t order[PATHS];
		bool used[PATHS] = { false };
		size_t count = 2 + below(PATHS - 1);
		struct decision_result result;

		for (uint32_t i = 0; i < count; i++)
			copy[i] = paths[i] = random_path(i + 1);
		decision_run(copy, count, &result, NULL);
		all_orders(paths, count, order, 0, used, result.winner);
	}
}

static void expect(struct decision_path a, struct decision_path b, enum decision_step step)
{
	struct decision_path paths[2] = { b, a };
	enum decision_step lost_at[2];
	struct decision_result result;

	paths[1].path = 1;
	paths[0].path = 2;
	decision_run(paths, 2, &result, lost_at);
	assert_int_equal(result.winner, 1);
	assert_int_equal(result.runner_up, 2);
	assert_int_equal(result.step, step);
	assert_int_equal(lost_at[1], step);
}

static const struct ip_addr low = { IP_V4, { 0, 0, 0, 1 } };
static const struct ip_addr high = { IP_V4, { 0, 0, 0, 2 } };
static const struct decision_path base = { .local_pref = 100,
					   .as_path_length = 2,
					   .med = 5,
					   .neighbor_as = 1,
					   .origin = 1,
					   .igp_metric = 10,
					   .router_id = 7,
					   .cluster_list_length = 1,
					   .peer_address = &low,
					   .path_id = 3 };

static void test_steps_of_policy(void **unused)
{
	struct decision_path a = base, b = base;

	(void)unused;
	a.stale = true;
	b.long_lived_stale = true;
	expect(a, b, DECISION_NOT_LONG_LIVED);
	a = b = base;
	b.stale = true;
	b.local_pref = 200; /* earlier steps outrank later ones */
	expect(a, b, DECISION_FRESH);
	a = b = base;
	b.local_pref = 99;
	b.local = true;
	expect(a, b, DECISION_LOCAL_PREF);
	a = b = base;
	a.local = true;
	b.as_path_length = 1;
	expect(a, b, DECISION_LOCAL_ORIGIN);
	a = b = base;
	a.has_aigp = true;
	a.aigp = UINT64_MAX; /* with it over without, whatever it says */
	b.as_path_length = 1;
	expect(a, b, DECISION_AIGP);
	b.has_aigp = true;
	a.aigp = UINT64_C(1) << 32;
	b.aigp = a.aigp + 1;
	expect(a, b, DECISION_AIGP);
}

static void test_steps_of_path(void **unused)
{
	struct decision_path a = base, b = base;

	(void)unused;
	b.as_path_length = 3;
	b.origin = 0;
	expect(a, b, DECISION_AS_PATH);
	a = b = base;
	b.origin = 2;
	b.med = 0;
	expect(a, b, DECISION_ORIGIN);
	a = b = base;
	b.med = 6;
	b.external = true;
	expect(a, b, DECISION_MED);
	a = b = base;
	a.external = true;
	b.igp_metric = 1;
	expect(a, b, DECISION_EXTERNAL);
	a = b = base;
	b.igp_metric = 11;
	b.router_id = 1;
	expect(a, b, DECISION_IGP_METRIC);
	a = b = base;
	b.router_id = 8;
	b.cluster_list_length = 0;
	expect(a, b, DECISION_ROUTER_ID);
	a = b = base;
	b.cluster_list_length = 2;
	expect(a, b, DECISION_CLUSTER_LIST);
	a = b = base;
	b.peer_address = &high;
	b.path_id = 1;
	expect(a, b, DECISION_PEER_ADDRESS);
	a = b = base;
	b.path_id = 4;
	expect(a, b, DECISION_PATH_ID);
}

static void test_none_and_one(void **unused)
{
	struct decision_path path = { .path = 9 };
	struct decision_result result;

	(void)unused;
	decision_run(NULL, 0, &result, NULL);
	assert_int_equal(result.winner, 0);
	decision_run(&path, 1, &result, NULL);
	assert_int_equal(result.winner, 9);
	assert_int_equal(result.runner_up, 0);
	assert_int_equal(result.step, DECISION_ONLY_PATH);
	for (enum decision_step step = 0; step < DECISION_STEP_COUNT; step++)
		assert_string_not_equal(decision_step_name(step), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_order_same_winner),
		cmocka_unit_test(test_steps_of_policy),
		cmocka_unit_test(test_steps_of_path),
		cmocka_unit_test(test_none_and_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

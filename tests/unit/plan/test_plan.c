/*
 * test_plan: the placement rules, one by one.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/plan.h"

static const struct plan_pool keeps_one = { 1 };
static const struct plan_pool keeps_none = { 0 };

static struct plan_gateway gateway(const char *name, uint64_t free_kbps, bool idle)
{
	return (struct plan_gateway){ .name = name,
				      .pool = &keeps_one,
				      .alive = true,
				      .idle = idle,
				      .free_kbps = free_kbps };
}

/* The name of the gateway that was picked; "" when none, and *ret says why. */
static const char *pick(const struct plan_gateway *g, size_t count, struct plan_demand demand,
			enum plan_result *ret)
{
	size_t index = 99;
	uint64_t most;

	*ret = plan_place(g, count, &demand, &index, &most);
	return *ret == PLAN_PLACED ? g[index].name : "";
}

static void test_original_first(void **state)
{
	struct plan_gateway g[] = { gateway("a", 50, false), gateway("b", 90, false) };
	enum plan_result result;

	(void)state;
	assert_string_equal(
		pick(g, 2, (struct plan_demand){ .kbps = 40, .preferred = "b" }, &result), "b");
	/* it is full: best fit among the others */
	assert_string_equal(
		pick(g, 2, (struct plan_demand){ .kbps = 60, .preferred = "a" }, &result), "b");
}

static void test_best_fit_and_ties(void **state)
{
	struct plan_gateway g[] = { gateway("c", 70, false), gateway("b", 50, false),
				    gateway("a", 50, false) };
	enum plan_result result;

	(void)state;
	assert_string_equal(pick(g, 3, (struct plan_demand){ .kbps = 40 }, &result), "a");
	g[2].reflectors = 1;
	assert_string_equal(pick(g, 3, (struct plan_demand){ .kbps = 40 }, &result), "b");
	assert_string_equal(pick(g, 3, (struct plan_demand){ .kbps = 60 }, &result), "c");
	g[0].alive = false;
	assert_string_equal(pick(g, 3, (struct plan_demand){ .kbps = 60 }, &result), "");
	assert_int_equal(result, PLAN_NO_CAPACITY);
}

static void test_standby_is_kept(void **state)
{
	struct plan_gateway g[] = { gateway("a", 50, false), gateway("b", 100, true),
				    gateway("c", 100, true) };
	enum plan_result result;

	(void)state;
	/* one of two idle ones may be used */
	assert_string_equal(pick(g, 3, (struct plan_demand){ .kbps = 80 }, &result), "b");
	/* the last one is kept, unless nothing else has room */
	assert_string_equal(pick(g, 2, (struct plan_demand){ .kbps = 40 }, &result), "a");
	assert_string_equal(pick(g, 2, (struct plan_demand){ .kbps = 80 }, &result), "b");
}

static void test_failover_takes_standby(void **state)
{
	struct plan_gateway g[] = { gateway("a", 50, false), gateway("b", 100, true),
				    gateway("c", 90, false) };
	struct plan_demand demand = { .kbps = 40, .failover = true, .avoid = "c" };
	enum plan_result result;

	(void)state;
	assert_string_equal(pick(g, 3, demand, &result), "b");
	/* what took over the first takes the rest */
	demand.preferred = "a";
	assert_string_equal(pick(g, 3, demand, &result), "a");
	/* a pool without standbys: best fit */
	demand.preferred = NULL;
	g[0].pool = g[1].pool = g[2].pool = &keeps_none;
	assert_string_equal(pick(g, 3, demand, &result), "a");
	demand.kbps = 95;
	assert_string_equal(pick(g, 3, demand, &result), "b");
}

static void test_reasons(void **state)
{
	struct plan_gateway g[] = { gateway("a", 50, false), gateway("b", 60, false) };
	struct plan_demand demand = { .kbps = 70 };
	size_t index;
	uint64_t most;

	(void)state;
	assert_int_equal(plan_place(g, 0, &demand, &index, &most), PLAN_NO_GATEWAY);
	assert_int_equal(plan_place(g, 2, &demand, &index, &most), PLAN_NO_CAPACITY);
	assert_int_equal(most, 60);
	g[0].alive = g[1].alive = false;
	assert_int_equal(plan_place(g, 2, &demand, &index, &most), PLAN_NONE_ALIVE);
}

static void test_reflector(void **state)
{
	struct plan_gateway g[] = { gateway("b", 0, false), gateway("a", 0, false),
				    gateway("c", 0, false) };
	bool member[] = { true, true, false };

	(void)state;
	assert_int_equal(plan_reflector(g, member, 3), 1);
	g[1].reflectors = 2;
	assert_int_equal(plan_reflector(g, member, 3), 0);
	g[0].alive = g[1].alive = false;
	assert_int_equal(plan_reflector(g, member, 3), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_original_first),
		cmocka_unit_test(test_best_fit_and_ties),
		cmocka_unit_test(test_standby_is_kept),
		cmocka_unit_test(test_failover_takes_standby),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_reflector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

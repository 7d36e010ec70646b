/*
 * test_scale: a thousand tenants take moments, not minutes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <time.h>

#include "world.h"

#include "orchestrator/state.h"

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void test_thousand_tenants(void **state)
{
	struct world w;
	struct intent *intent;
	double started;

	(void)state;
	world_init(&w);
	w.tenants = 0;
	world_apply(&w);
	world_run(&w, 1000);
	w.tenants = 1000;
	w.nics = 4;
	w.capacity_kbps = 60 * 1200;
	intent = world_intent(&w);
	started = seconds();
	orchestrator_set_intent(w.o, intent, w.now);
	print_message("# 1,000 tenants at once: %.3f s\n", seconds() - started);
	/* very generous: sanitizers and a busy machine */
	assert_true(seconds() - started < 20);
	assert_string_equal(world_view(&w, "/virtualGateways/T1000/networkConnections/c2",
				       "gateway.resourceRef"),
			    "/gateways/gw2");
	intent = world_intent(&w);
	started = seconds();
	orchestrator_set_intent(w.o, intent, w.now);
	print_message("# the same again: %.3f s\n", seconds() - started);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_thousand_tenants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

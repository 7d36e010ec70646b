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

/* A large table, and a move of its tunnel. */
static void test_large_table(void **state)
{
	struct world w;
	struct error e;
	double started;

	(void)state;
	world_init(&w);
	world_apply(&w);
	world_run(&w, 2000);
	world_feed_start(&w, "gw1", "s");
	world_feed_peer_up(&w, "gw1", "T0001");
	started = seconds();
	for (unsigned i = 0; i < 50000; i++) {
		char prefix[32];

		snprintf(prefix, sizeof(prefix), "172.%u.%u.0/24", i / 256 % 256, i % 256);
		world_feed_route(&w, "gw1", "T0001", prefix, "14.1.20.1");
	}
	world_feed_end(&w, "gw1", "T0001");
	print_message("# 50,000 routes: %.3f s\n", seconds() - started);
	world_run(&w, 1000);
	/* there, and back: the first one pays for what the allocator has put off */
	assert_int_equal(orchestrator_move(w.o, "T0001", "c2", "gw3", &e, w.now), 0);
	world_run(&w, 3000);
	world_mark(&w);
	started = seconds();
	assert_int_equal(orchestrator_move(w.o, "T0001", "c2", "gw2", &e, w.now), 0);
	print_message("# a move: %.6f s\n", seconds() - started);
	world_run(&w, 3000);
	assert_int_equal(world_touched(&w, "h1", "route/"), 0);
	assert_int_equal(world_touched(&w, "h1", "nexthop/"), 1);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_thousand_tenants),
		cmocka_unit_test(test_large_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_learned: the relayed BMP feed, routes on hosts, hold and release.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "world.h"

#include "orchestrator/state.h"

#define T "T0001"
#define C1 "/virtualGateways/" T "/networkConnections/c1"

static int64_t nexthop(struct world *w, const char *machine, const char *prefix)
{
	char key[128];
	const json_t *object;

	snprintf(key, sizeof(key), "route/" T "/%s", prefix);
	object = world_object(w, machine, key);
	return object == NULL ? -1 : json_integer_value(json_object_get(object, "nexthop"));
}

static void start(struct world *w)
{
	world_init(w);
	world_apply(w);
	world_run(w, 2000);
	world_feed_start(w, "gw1", "s1");
	world_feed_peer_up(w, "gw1", T);
	world_feed_route(w, "gw1", T, "172.16.1.0/24", "14.1.10.1");
	world_feed_route(w, "gw1", T, "172.16.2.0/24", "14.1.20.1");
	world_feed_route(w, "gw1", T, "14.1.10.1/32", "10.1.255.3");
	world_feed_route(w, "gw1", T, "10.1.0.0/16", "10.1.255.2");
	world_feed_route(w, "gw1", T, "172.16.9.0/24", "9.9.9.9");
	world_feed_end(w, "gw1", T);
	world_run(w, 200);
}

static void test_routes_reach_hosts(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	assert_int_equal(nexthop(&w, "h1", "172.16.1.0/24"), 2000);
	assert_int_equal(nexthop(&w, "h2", "172.16.2.0/24"), 2001);
	/* not routes of a site: the CE's own, the virtual network's, a next hop that is no CE */
	assert_int_equal(nexthop(&w, "h1", "14.1.10.1/32"), 2000);
	assert_int_equal(nexthop(&w, "h1", "10.1.0.0/16"), -1);
	assert_int_equal(nexthop(&w, "h1", "172.16.9.0/24"), -1);
	/* gateways have them by FPM */
	assert_int_equal(nexthop(&w, "gw2", "172.16.1.0/24"), -1);
	assert_string_equal(world_view(&w, C1, "routes.1.destinationPrefix"), "172.16.1.0/24");
	assert_string_equal(world_view(&w, C1, "routes.1.protocol"), "Bgp");
	assert_string_equal(world_view(&w, C1, "routes.1.nextHop"), "14.1.10.1");
	assert_string_equal(world_view(&w, C1, "routes.0.protocol"), "Static");
	assert_string_equal(world_view(&w, C1, "routes.2.protocol"), "");
	assert_int_equal(compile_verify(w.o), 0);
	world_done(&w);
}

/* A new prefix is one object on each host; so is a change of its CE, and a withdrawal. */
static void test_one_object_a_prefix(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	world_mark(&w);
	world_feed_route(&w, "gw1", T, "172.16.3.0/24", "14.1.10.1");
	world_run(&w, 200);
	assert_int_equal(world_touched(&w, "h1", ""), 1);
	assert_int_equal(world_touched(&w, "gw1", ""), 0);
	world_mark(&w);
	world_feed_route(&w, "gw1", T, "172.16.3.0/24", "14.1.20.1");
	world_run(&w, 200);
	assert_int_equal(world_touched(&w, "h1", ""), 1);
	assert_int_equal(nexthop(&w, "h1", "172.16.3.0/24"), 2001);
	world_mark(&w);
	world_feed_route(&w, "gw1", T, "172.16.3.0/24", NULL);
	world_run(&w, 200);
	assert_int_equal(world_touched(&w, "h1", ""), 1);
	assert_int_equal(nexthop(&w, "h1", "172.16.3.0/24"), -1);
	assert_int_equal(compile_verify(w.o), 0);
	world_done(&w);
}

/* A move changes the CE's next hop, whatever number of prefixes hang on it. */
static void test_move_with_routes(void **state)
{
	struct world w;
	struct error e;

	(void)state;
	start(&w);
	for (unsigned i = 0; i < 200; i++) {
		char prefix[32];

		snprintf(prefix, sizeof(prefix), "172.20.%u.0/24", i);
		world_feed_route(&w, "gw1", T, prefix, "14.1.20.1");
	}
	world_run(&w, 200);
	world_mark(&w);
	assert_int_equal(orchestrator_move(w.o, T, "c2", "gw3", &e, w.now), 0);
	world_run(&w, 3000);
	assert_int_equal(world_touched(&w, "h1", "route/"), 0);
	assert_int_equal(world_touched(&w, "h1", "nexthop/"), 1);
	assert_int_equal(compile_verify(w.o), 0);
	world_done(&w);
}

static void test_static_wins(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	world_feed_route(&w, "gw1", T, "192.168.5.0/24", "14.1.20.1");
	world_run(&w, 200);
	assert_int_equal(nexthop(&w, "h1", "192.168.5.0/24"), 2001);
	w.connections[0].extra = "192.168.5.0/24";
	world_apply(&w);
	world_run(&w, 200);
	assert_int_equal(nexthop(&w, "h1", "192.168.5.0/24"), 2000);
	world_feed_route(&w, "gw1", T, "192.168.5.0/24", NULL);
	world_feed_route(&w, "gw1", T, "192.168.5.0/24", "14.1.20.1");
	world_run(&w, 200);
	assert_int_equal(nexthop(&w, "h1", "192.168.5.0/24"), 2000);
	w.connections[0].extra = NULL;
	world_apply(&w);
	world_run(&w, 200);
	assert_int_equal(nexthop(&w, "h1", "192.168.5.0/24"), 2001);
	assert_int_equal(compile_verify(w.o), 0);
	world_done(&w);
}

/* The controller is new, and has not relearned: hosts keep what they have until it has. */
static void test_hold_over_restart(void **state)
{
	struct world w;
	struct machine *h1;

	(void)state;
	start(&w);
	world_restart_controller(&w);
	world_mark(&w);
	world_run(&w, 5000);
	h1 = world_machine(&w, "h1");
	assert_int_equal(json_object_size(h1->held), 1);
	assert_int_equal(nexthop(&w, "h1", "172.16.1.0/24"), 2000);
	assert_int_equal(world_touched(&w, "h1", ""), 0);
	/* a stream that begins anew now is held too */
	node_stream_close(h1->stream);
	h1->stream = NULL;
	world_run(&w, 500);
	assert_int_equal(json_object_size(h1->held), 1);
	world_feed_start(&w, "gw1", "s2");
	world_feed_peer_up(&w, "gw1", T);
	world_feed_route(&w, "gw1", T, "172.16.1.0/24", "14.1.10.1");
	world_run(&w, 500);
	assert_int_equal(nexthop(&w, "h1", "172.16.2.0/24"), 2001);
	world_feed_end(&w, "gw1", T);
	world_run(&w, 500);
	assert_int_equal(json_object_size(h1->held), 0);
	assert_int_equal(nexthop(&w, "h1", "172.16.1.0/24"), 2000);
	assert_int_equal(nexthop(&w, "h2", "172.16.2.0/24"), -1);
	assert_int_equal(world_touched(&w, "h2", ""), 1);
	world_done(&w);
}

/* The reflector moves: its table is stale, kept, and swept at the new one's End-of-RIB. Only the
 * reflector's feed counts. */
static void test_reflector_moves(void **state)
{
	struct world w;
	uint64_t offset = 0;

	(void)state;
	start(&w);
	world_mark(&w);
	/* the client's own feed, which is not listened to */
	world_feed_start(&w, "gw3", "g3");
	world_feed_peer_up(&w, "gw3", T);
	world_feed_route(&w, "gw3", T, "172.16.7.0/24", "14.1.10.1");
	world_feed_end(&w, "gw3", T);
	world_kill(&w, "gw1");
	world_run(&w, 6000);
	assert_string_equal(world_view(&w, C1, "gateway.resourceRef"), "/gateways/gw3");
	assert_int_equal(nexthop(&w, "h1", "172.16.1.0/24"), 2000);
	assert_int_equal(nexthop(&w, "h1", "172.16.7.0/24"), -1);
	assert_int_equal(world_touched(&w, "h1", "route/"), 0);
	/* it has to begin anew, because what it said before was not heard */
	assert_int_equal(
		orchestrator_feed(w.o, "gw3", "g3", 1000, (const uint8_t *)"", 0, &offset, w.now),
		1);
	assert_int_equal(offset, 0);
	world_feed_start(&w, "gw3", "g4");
	world_feed_peer_up(&w, "gw3", T);
	world_feed_route(&w, "gw3", T, "172.16.2.0/24", "14.1.20.1");
	world_run(&w, 500);
	assert_int_equal(world_touched(&w, "h1", "route/"), 0);
	world_feed_end(&w, "gw3", T);
	world_run(&w, 500);
	assert_int_equal(nexthop(&w, "h1", "172.16.1.0/24"), -1);
	assert_int_equal(nexthop(&w, "h1", "172.16.2.0/24"), 2001);
	assert_int_equal(world_touched(&w, "h1", "route/"), 1);
	assert_int_equal(compile_verify(w.o), 0);
	world_done(&w);
}

/* A host that gets its first virtual machine of the tenant gets the learned routes, too. */
static void test_new_host(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.nics = 1;
	world_apply(&w);
	world_run(&w, 2000);
	world_feed_start(&w, "gw1", "s1");
	world_feed_peer_up(&w, "gw1", T);
	world_feed_route(&w, "gw1", T, "172.16.1.0/24", "14.1.10.1");
	world_feed_end(&w, "gw1", T);
	world_run(&w, 200);
	assert_int_equal(nexthop(&w, "h2", "172.16.1.0/24"), -1);
	w.nics = 2;
	world_apply(&w);
	world_run(&w, 200);
	assert_int_equal(nexthop(&w, "h2", "172.16.1.0/24"), 2000);
	w.nics = 1;
	world_apply(&w);
	world_run(&w, 200);
	assert_int_equal(json_object_size(world_machine(&w, "h2")->objects), 1);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_routes_reach_hosts),
		cmocka_unit_test(test_one_object_a_prefix),
		cmocka_unit_test(test_move_with_routes),
		cmocka_unit_test(test_static_wins),
		cmocka_unit_test(test_hold_over_restart),
		cmocka_unit_test(test_reflector_moves),
		cmocka_unit_test(test_new_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

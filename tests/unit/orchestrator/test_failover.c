/*
 * test_failover: leases, witnesses, deaths and returns, on virtual time.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "world.h"

#include "orchestrator/state.h"

#define T "T0001"
#define C1 "/virtualGateways/" T "/networkConnections/c1"
#define C2 "/virtualGateways/" T "/networkConnections/c2"

static void start(struct world *w)
{
	world_init(w);
	world_apply(w);
	world_run(w, 3000);
	assert_string_equal(world_view(w, C1, "gateway.resourceRef"), "/gateways/gw1");
	assert_string_equal(world_view(w, C2, "gateway.resourceRef"), "/gateways/gw2");
}

static void end(struct world *w)
{
	assert_int_equal(compile_verify(w->o), 0);
	for (size_t i = 0; i < w->machine_count; i++)
		assert_int_equal(w->machines[i].stale_puts, 0);
	world_done(w);
}

/* How many machines have this object and are up. */
static unsigned holders(struct world *w, const char *key)
{
	unsigned count = 0;

	for (size_t i = 0; i < w->machine_count; i++)
		count += w->machines[i].up && world_object(w, w->machines[i].name, key) != NULL;
	return count;
}

static const char *via(struct world *w, const char *machine, const char *key)
{
	const json_t *object = world_object(w, machine, key);
	const char *text = json_string_value(json_object_get(object, "via"));

	return text == NULL ? "" : text;
}

static void test_client_dies(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	world_mark(&w);
	world_kill(&w, "gw2");
	world_run(&w, 1900);
	/* the lease still holds */
	assert_string_equal(world_view(&w, C2, "gateway.resourceRef"), "/gateways/gw2");
	world_run(&w, 2600);
	assert_string_equal(world_view(&w, C2, "gateway.resourceRef"), "/gateways/gw3");
	assert_int_equal(holders(&w, "connection/" T "/c2"), 1);
	assert_string_equal(via(&w, "h1", "nexthop/" T "/2001"), "10.1.255.5");
	/* one next hop on each host, no route; the dead is nobody's neighbour */
	assert_int_equal(world_touched(&w, "h1", "nexthop/"), 1);
	assert_int_equal(world_touched(&w, "h1", "route/"), 0);
	assert_null(world_object(&w, "h1", "neighbor/" T "/gw2"));
	assert_null(world_object(&w, "gw1", "neighbor/" T "/gw2"));
	/* the reflector stays */
	assert_int_equal(world_touched(&w, "h1", "nexthop/" T "/1000"), 0);
	assert_string_equal(world_view(&w, "/gateways/gw2", "healthState"), "Unhealthy");
	/* it comes back as a standby */
	world_boot(&w, "gw2");
	world_run(&w, 2000);
	assert_string_equal(world_view(&w, "/gateways/gw2", "state"), "Redundant");
	assert_string_equal(world_view(&w, "/gateways/gw2", "healthState"), "Healthy");
	assert_int_equal(json_object_size(world_machine(&w, "gw2")->objects), 1);
	assert_string_equal(world_view(&w, C2, "gateway.resourceRef"), "/gateways/gw3");
	end(&w);
}

static void test_reflector_dies(void **state)
{
	struct world w;
	uint64_t epoch;
	const json_t *compartment, *restart;

	(void)state;
	start(&w);
	epoch = world_epoch(&w, "gw1", "bgp/" T);
	world_mark(&w);
	world_kill(&w, "gw1");
	world_run(&w, 5000);
	/* connections, role and BGP address are on the standby */
	assert_string_equal(world_view(&w, C1, "gateway.resourceRef"), "/gateways/gw3");
	compartment = world_object(&w, "gw3", "compartment/" T);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(compartment, "bgpAddresses"), 0)),
		"10.1.255.2");
	assert_true(world_epoch(&w, "gw3", "bgp/" T) > epoch);
	restart = json_object_get(json_object_get(world_object(&w, "gw3", "bgp/" T), "instance"),
				  "graceful-restart");
	assert_true(json_is_true(json_object_get(restart, "restarting")));
	assert_string_equal(via(&w, "gw2", "nexthop/" T "/1000"), "10.1.255.5");
	assert_string_equal(via(&w, "h1", "nexthop/" T "/1000"), "10.1.255.5");
	assert_string_equal(via(&w, "h1", "nexthop/" T "/2000"), "10.1.255.5");
	assert_int_equal(world_touched(&w, "h1", "nexthop/"), 2);
	assert_int_equal(world_touched(&w, "h1", "route/"), 0);
	assert_string_equal(world_view(&w, "/virtualGateways/" T, "configurationState.status"),
			    "Success");
	world_boot(&w, "gw1");
	world_run(&w, 2000);
	assert_int_equal(json_object_size(world_machine(&w, "gw1")->objects), 1);
	assert_int_equal(holders(&w, "connection/" T "/c1"), 1);
	end(&w);
}

/* Without a standby the role goes to a client that has room for the connections. */
static void test_reflector_dies_without_standby(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	world_kill(&w, "gw3");
	world_run(&w, 5000);
	w.capacity_kbps = 200;
	world_apply(&w);
	world_kill(&w, "gw1");
	world_run(&w, 7000);
	assert_string_equal(world_view(&w, C1, "gateway.resourceRef"), "/gateways/gw2");
	assert_string_equal(
		world_view(&w, "/gateways/gw2", "virtualGateways.0.bgpRouter.resourceRef"),
		"/virtualGateways/" T "/bgpRouters/router");
	assert_null(world_object(&w, "gw2", "nexthop/" T "/1000"));
	end(&w);
}

/* Its agent is cut off from us, but another gateway reaches it and its heliod: nothing moves. */
static void test_witness_vouches(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	world_machine(&w, "gw2")->mute = true;
	world_run(&w, 20000);
	assert_string_equal(world_view(&w, C2, "gateway.resourceRef"), "/gateways/gw2");
	assert_string_equal(world_view(&w, C2, "configurationState.detailedInfo.0.code"),
			    "HostUnreachable");
	world_machine(&w, "gw2")->mute = false;
	world_run(&w, 2000);
	assert_string_equal(world_view(&w, C2, "configurationState.status"), "Success");
	end(&w);
}

/* Most leases are lost at once: it may be us. */
static void test_storm_suspends(void **state)
{
	struct world w;
	char *before, *after;

	(void)state;
	start(&w);
	before = world_dump(&w);
	for (size_t i = 0; i < 4; i++)
		w.machines[i].mute = true;
	/* the one that can speak says that the others are gone */
	world_kill(&w, "gw1");
	world_run(&w, 30000);
	assert_int_equal(w.loud, 1);
	assert_non_null(strstr(buf_text(&w.log), "FAILOVER IS SUSPENDED: 3 of 5"));
	assert_string_equal(world_view(&w, C1, "gateway.resourceRef"), "/gateways/gw1");
	assert_string_equal(world_view(&w, C2, "gateway.resourceRef"), "/gateways/gw2");
	world_boot(&w, "gw1");
	for (size_t i = 0; i < 4; i++)
		w.machines[i].mute = false;
	world_run(&w, 5000);
	assert_non_null(strstr(buf_text(&w.log), "no longer suspended"));
	after = world_dump(&w);
	assert_string_equal(before, after);
	free(before);
	free(after);
	end(&w);
}

/* Two gateways: when one dies nobody can witness that is not the other; and when the last witness
 * is gone, twice the lease decides. */
static void test_last_witness(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	world_kill(&w, "gw3");
	world_run(&w, 5000);
	world_kill(&w, "gw2");
	world_run(&w, 5000);
	/* gw1 has no room: its owner stays, as nobody's */
	assert_string_equal(world_view(&w, C2, "configurationState.detailedInfo.0.code"),
			    "Overloaded");
	assert_true(json_is_true(
		json_object_get(world_object(&w, "h1", "nexthop/" T "/2001"), "blackhole")));
	/* capacity comes: it is placed */
	w.capacity_kbps = 120;
	world_apply(&w);
	world_run(&w, 1000);
	assert_string_equal(world_view(&w, C2, "gateway.resourceRef"), "/gateways/gw1");
	assert_string_equal(via(&w, "h1", "nexthop/" T "/2001"), "10.1.255.3");
	end(&w);
}

/* Nothing else has room, and it comes back itself. */
static void test_owner_returns(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	world_kill(&w, "gw3");
	world_run(&w, 5000);
	world_kill(&w, "gw2");
	world_run(&w, 5000);
	world_boot(&w, "gw2");
	world_run(&w, 2000);
	assert_string_equal(world_view(&w, C2, "gateway.resourceRef"), "/gateways/gw2");
	assert_string_equal(world_view(&w, C2, "configurationState.status"), "Success");
	assert_string_equal(via(&w, "h1", "nexthop/" T "/2001"), "10.1.255.4");
	assert_int_equal(holders(&w, "connection/" T "/c2"), 1);
	end(&w);
}

/* A gateway was dead when the controller started: two leases of grace, then failover. */
static void test_dead_at_start(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	world_kill(&w, "gw2");
	world_restart_controller(&w);
	world_run(&w, 5800);
	assert_string_equal(world_view(&w, C2, "gateway.resourceRef"), "/gateways/gw2");
	world_run(&w, 2000);
	assert_string_equal(world_view(&w, C2, "gateway.resourceRef"), "/gateways/gw3");
	end(&w);
}

static void test_gateway_is_deleted(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	w.gateways = 1; /* gw2 and gw3 leave the configuration */
	w.capacity_kbps = 200;
	world_apply(&w);
	world_run(&w, 1000);
	assert_string_equal(world_view(&w, C2, "gateway.resourceRef"), "/gateways/gw1");
	assert_int_equal(json_object_size(world_machine(&w, "gw2")->objects), 0);
	assert_null(json_object_get(w.kept, "orchestrator/node/gw2"));
	end(&w);
}

/* A node that has seen higher epochs than we gave: our store is old. */
static void test_epochs_of_another_life(void **state)
{
	struct world w;
	struct error e;
	json_t *body = json_pack("{s:{s:i}}", "epochs", "bgp/" T, 900);
	json_t *reply;

	(void)state;
	start(&w);
	reply = orchestrator_lease(w.o, "gw1", body, &e, w.now);
	assert_non_null(reply);
	json_decref(reply);
	json_decref(body);
	world_run(&w, 1000);
	assert_true(world_epoch(&w, "gw1", "bgp/" T) > 900);
	assert_true(world_epoch(&w, "gw2", "connection/" T "/c2") > 900);
	end(&w);
}

/* Deaths and returns in every order: never two holders, and everything has a place in the end. */
static void test_random_failures(void **state)
{
	uint64_t random = 12345;
	struct world w;

	(void)state;
	start(&w);
	w.tenants = 8;
	w.capacity_kbps = 60 * 16;
	world_apply(&w);
	for (int round = 0; round < 60; round++) {
		char name[8];
		struct machine *m;

		random = random * 6364136223846793005u + 1442695040888963407u;
		snprintf(name, sizeof(name), "gw%u", (unsigned)(random >> 33) % 3 + 1);
		m = world_machine(&w, name);
		if (m->up)
			world_kill(&w, name);
		else
			world_boot(&w, name);
		if (round % 17 == 16)
			world_restart_controller(&w);
		world_run(&w, (int64_t)(random >> 40) % 9000);
		assert_int_equal(compile_verify(w.o), 0);
	}
	for (unsigned i = 1; i <= 3; i++) {
		char name[8];

		snprintf(name, sizeof(name), "gw%u", i);
		if (!world_machine(&w, name)->up)
			world_boot(&w, name);
	}
	world_run(&w, 20000);
	for (unsigned i = 1; i <= 8; i++) {
		char key[64];

		snprintf(key, sizeof(key), "connection/T%04u/c1", i);
		assert_int_equal(holders(&w, key), 1);
		snprintf(key, sizeof(key), "/virtualGateways/T%04u", i);
		assert_string_equal(world_view(&w, key, "configurationState.status"), "Success");
	}
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_client_dies),
		cmocka_unit_test(test_reflector_dies),
		cmocka_unit_test(test_reflector_dies_without_standby),
		cmocka_unit_test(test_witness_vouches),
		cmocka_unit_test(test_storm_suspends),
		cmocka_unit_test(test_last_witness),
		cmocka_unit_test(test_owner_returns),
		cmocka_unit_test(test_dead_at_start),
		cmocka_unit_test(test_gateway_is_deleted),
		cmocka_unit_test(test_epochs_of_another_life),
		cmocka_unit_test(test_random_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_placement: creation, clients, moves, limits, and a restart of the controller.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "world.h"

#include "model/instance.h"
#include "orchestrator/state.h"

#define T "T0001"

static const char *text_at(const json_t *value, const char *key)
{
	const char *text = json_string_value(json_object_get(value, key));

	return text == NULL ? "" : text;
}

/* The instance document of a machine passes heliod's own parser; parsed, the caller frees it. */
static struct instance_config *instance(struct world *w, const char *machine)
{
	struct error e = { "" };
	const json_t *object = world_object(w, machine, "bgp/" T);
	struct instance_config *config;

	assert_non_null(object);
	config = instance_config_parse(json_object_get(object, "instance"), "instance", &e);
	assert_string_equal(e.text, "");
	assert_non_null(config);
	return config;
}

static json_int_t listen_port(struct world *w, const char *machine, const char *connection)
{
	const json_t *wireguard =
		json_object_get(world_object(w, machine, connection), "wireGuard");

	return json_integer_value(json_object_get(wireguard, "listenPort"));
}

static void test_first_gateway_is_reflector(void **state)
{
	struct world w;
	const json_t *compartment;

	(void)state;
	world_init(&w);
	world_apply(&w);
	world_run(&w, 2000);
	assert_string_equal(world_view(&w, "/gateways/gw1", "state"), "Active");
	assert_string_equal(world_view(&w, "/gateways/gw1",
				       "virtualGateways.0.bgpRouter."
				       "resourceRef"),
			    "/virtualGateways/" T "/bgpRouters/router");
	assert_string_equal(world_view(&w, "/gateways/gw2", "state"), "Active");
	assert_string_equal(world_view(&w, "/gateways/gw2",
				       "virtualGateways.0.networkConnections.0.resourceRef"),
			    "/virtualGateways/" T "/networkConnections/c2");
	assert_string_equal(world_view(&w, "/gateways/gw2", "virtualGateways.0.bgpRouter"), "");
	assert_string_equal(world_view(&w, "/gateways/gw3", "state"), "Redundant");
	assert_string_equal(world_view(&w, "/gateways/gw1", "availableCapacity"), "40");
	assert_string_equal(world_view(&w, "/virtualGateways/" T, "configurationState.status"),
			    "Success");
	assert_string_equal(world_view(&w, "/virtualGateways/" T "/networkConnections/c2",
				       "gateway.resourceRef"),
			    "/gateways/gw2");
	assert_string_equal(
		world_view(&w, "/virtualgateways/" T "/NETWORKCONNECTIONS/c1", "sourceIPAddress"),
		"198.51.100.10");

	/* what nodes have */
	compartment = world_object(&w, "gw1", "compartment/" T);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(compartment, "bgpAddresses"), 0)),
		"10.1.255.2");
	assert_string_equal(text_at(compartment, "overlayAddress"), "10.1.255.3");
	compartment = world_object(&w, "gw2", "compartment/" T);
	assert_int_equal(json_array_size(json_object_get(compartment, "bgpAddresses")), 0);
	assert_string_equal(text_at(compartment, "overlayAddress"), "10.1.255.4");
	assert_null(world_object(&w, "gw3", "compartment/" T));
	assert_non_null(world_object(&w, "gw3", "node/self"));
	assert_non_null(world_object(&w, "gw1", "connection/" T "/c1"));
	assert_null(world_object(&w, "gw1", "connection/" T "/c2"));
	/* A gateway binds a port on all of its addresses: any two connections must be able to share
	 * it. */
	assert_int_equal(listen_port(&w, "gw1", "connection/" T "/c1"), 51820);
	assert_int_equal(listen_port(&w, "gw2", "connection/" T "/c2"), 51821);
	assert_non_null(world_object(&w, "gw2", "route/" T "/10.1.255.2/32"));
	assert_null(world_object(&w, "gw1", "route/" T "/10.1.255.2/32"));
	assert_non_null(world_object(&w, "gw1", "route/" T "/10.1.1.4/32"));
	assert_string_equal(text_at(world_object(&w, "h1", "nexthop/" T "/2000"), "via"),
			    "10.1.255.3");
	assert_string_equal(text_at(world_object(&w, "h1", "nexthop/" T "/2001"), "via"),
			    "10.1.255.4");
	assert_non_null(world_object(&w, "h1", "port/" T "/t1vm1"));
	assert_null(world_object(&w, "h1", "port/" T "/t1vm2"));
	assert_non_null(world_object(&w, "h1", "route/" T "/10.1.1.5/32"));
	assert_null(world_object(&w, "h1", "route/" T "/10.1.1.4/32"));
	assert_int_equal(compile_verify(w.o), 0);
	world_done(&w);
}

static void test_instances(void **state)
{
	struct world w;
	struct instance_config *reflector, *client;
	const struct neighbor_config *site;

	(void)state;
	world_init(&w);
	w.connections[1].extra = "192.168.77.0/24";
	world_apply(&w);
	world_run(&w, 2000);
	reflector = instance(&w, "gw1");
	client = instance(&w, "gw2");
	/* one client and two sites; the gateway itself is nobody's client */
	assert_int_equal(reflector->neighbor_count, 3);
	assert_true(reflector->neighbors[0].route_reflector_client);
	assert_true(reflector->neighbors[0].passive);
	assert_int_equal(reflector->neighbors[0].hold_time_s, 9);
	site = &reflector->neighbors[1];
	assert_int_equal(site->hold_time_s, 30);
	assert_int_equal(site->ttl, 64);
	assert_true(site->next_hop_peer && site->next_hop_self);
	assert_int_equal(site->import_policy, POLICY_ACCEPT_ALL);
	assert_int_equal(site->import_reject_count, 4);
	assert_int_equal(reflector->next_hop_resolution, NEXT_HOP_RESOLUTION_EXACT);
	assert_false(reflector->restarting);
	/* the virtual network, and its own site's CE */
	assert_int_equal(reflector->network_count, 2);
	assert_int_equal(reflector->networks[0].kind, NETWORK_VIRTUAL);
	assert_int_equal(reflector->networks[0].advertise, NETWORK_ADVERTISE_EXTERNAL);
	assert_int_equal(reflector->networks[1].kind, NETWORK_HOST);
	assert_int_equal(reflector->networks[1].community_count, 1);
	assert_int_equal(client->neighbor_count, 1);
	assert_false(client->neighbors[0].passive);
	assert_int_equal(client->network_count, 2);
	assert_int_equal(client->networks[1].kind, NETWORK_STATIC);
	assert_int_equal(client->networks[1].med, 20);
	assert_int_equal(ip_addr_to_u32(&client->router_id), 0x0a01ff04);
	instance_config_free(reflector);
	instance_config_free(client);
	/* hosts have the static route, over the CE's next hop */
	assert_int_equal(json_integer_value(json_object_get(
				 world_object(&w, "h2", "route/" T "/192.168.77.0/24"), "nexthop")),
			 2001);
	world_done(&w);
}

static void test_move_changes_one_object(void **state)
{
	struct world w;
	struct error e = { "" };
	uint64_t before;

	(void)state;
	world_init(&w);
	world_apply(&w);
	world_run(&w, 2000);
	before = world_epoch(&w, "gw2", "connection/" T "/c2");
	world_mark(&w);
	assert_int_equal(orchestrator_move(w.o, T, "c2", "gw3", &e, w.now), 0);
	assert_string_equal(world_view(&w, "/virtualGateways/" T "/networkConnections/c2",
				       "gateway.resourceRef"),
			    "/gateways/gw3");
	world_run(&w, 3000);
	assert_true(world_epoch(&w, "gw3", "connection/" T "/c2") > before);
	assert_null(world_object(&w, "gw2", "connection/" T "/c2"));
	assert_null(world_object(&w, "gw2", "compartment/" T));
	assert_int_equal(world_touched(&w, "h1", "nexthop/"), 1);
	assert_int_equal(world_touched(&w, "h2", "nexthop/"), 1);
	assert_int_equal(world_touched(&w, "h1", "route/"), 0);
	assert_string_equal(text_at(world_object(&w, "h1", "nexthop/" T "/2001"), "via"),
			    "10.1.255.5");
	assert_string_equal(
		text_at(world_object(&w, "gw3", "connection/" T "/c2"), "publicAddress"),
		"198.51.100.11");
	/* and on to a gateway that has the tenant: then it is one object, and nothing else */
	w.capacity_kbps = 200;
	world_apply(&w);
	world_run(&w, 1000);
	world_mark(&w);
	assert_int_equal(orchestrator_move(w.o, T, "c1", "gw3", &e, w.now), 0);
	world_run(&w, 3000);
	assert_int_equal(world_touched(&w, "h1", ""), 1);
	assert_int_equal(world_touched(&w, "h1", "nexthop/" T "/2000"), 1);
	/* the role stays when its last connection leaves */
	assert_non_null(world_object(&w, "gw1", "bgp/" T));
	assert_string_equal(world_view(&w, "/gateways/gw1",
				       "virtualGateways.0.bgpRouter."
				       "resourceRef"),
			    "/virtualGateways/" T "/bgpRouters/router");
	assert_int_equal(compile_verify(w.o), 0);
	world_done(&w);
}

/* While it moves both have it, and hosts still send to the old one; it ends on success or in 2 s.
 */
static void test_move_overlaps(void **state)
{
	struct world w;
	struct error e = { "" };

	(void)state;
	world_init(&w);
	world_apply(&w);
	world_run(&w, 2000);
	world_machine(&w, "gw3")->lame = true;
	assert_int_equal(orchestrator_move(w.o, T, "c2", "gw3", &e, w.now), 0);
	world_run(&w, 1000);
	assert_non_null(world_object(&w, "gw2", "connection/" T "/c2"));
	assert_non_null(world_object(&w, "gw3", "connection/" T "/c2"));
	assert_string_equal(text_at(world_object(&w, "h1", "nexthop/" T "/2001"), "via"),
			    "10.1.255.4");
	assert_int_equal(orchestrator_move(w.o, T, "c2", "gw2", &e, w.now), -1);
	world_run(&w, 1500);
	assert_null(world_object(&w, "gw2", "connection/" T "/c2"));
	assert_string_equal(text_at(world_object(&w, "h1", "nexthop/" T "/2001"), "via"),
			    "10.1.255.5");
	world_done(&w);
}

static void test_move_is_refused(void **state)
{
	struct world w;
	struct error e = { "" };

	(void)state;
	world_init(&w);
	world_apply(&w);
	world_run(&w, 2000);
	assert_int_equal(orchestrator_move(w.o, T, "c2", "gw1", &e, w.now), -1);
	assert_non_null(strstr(e.text, "has 40 kbps left, the connection needs 60"));
	assert_int_equal(orchestrator_move(w.o, T, "c2", "gw9", &e, w.now), -1);
	assert_int_equal(orchestrator_move(w.o, T, "c9", "gw3", &e, w.now), -1);
	assert_int_equal(orchestrator_move(w.o, "T9", "c2", "gw3", &e, w.now), -1);
	assert_int_equal(orchestrator_move(w.o, T, "c2", "gw2", &e, w.now), 0);
	world_kill(&w, "gw3");
	world_run(&w, 8000);
	assert_int_equal(orchestrator_move(w.o, T, "c2", "gw3", &e, w.now), -1);
	assert_non_null(strstr(e.text, "is not alive"));
	world_done(&w);
}

static void test_restart_changes_nothing(void **state)
{
	struct world w;
	struct error e = { "" };
	char *before, *after;

	(void)state;
	world_init(&w);
	w.tenants = 5;
	w.capacity_kbps = 1000;
	world_apply(&w);
	world_run(&w, 2000);
	assert_int_equal(orchestrator_move(w.o, T, "c2", "gw2", &e, w.now), 0);
	world_run(&w, 3000);
	before = world_dump(&w);
	w.persisted = 0;
	world_restart_controller(&w);
	assert_int_equal(w.persisted, 0);
	world_run(&w, 20000);
	after = world_dump(&w);
	assert_string_equal(before, after);
	assert_int_equal(w.persisted, 0);
	free(before);
	free(after);
	world_done(&w);
}

static void test_small_subnet_is_refused(void **state)
{
	struct world w;
	struct error e = { "" };
	struct intent *intent;

	(void)state;
	world_init(&w);
	w.gateway_subnet = "10.1.255.0/30";
	intent = world_intent(&w);
	assert_int_equal(orchestrator_check(w.o, intent, &e), -1);
	assert_non_null(strstr(e.text, "virtualGateways/" T ": properties.gatewaySubnets[0]: "
				       "10.1.255.0/30 has 2 usable addresses and 5 are needed"));
	assert_non_null(strstr(e.text, "/29"));
	intent_free(intent);
	world_done(&w);
}

/* A gateway more in the pool than the subnet has addresses for is not refused, and not used. */
static void test_subnet_limits_gateways(void **state)
{
	struct world w;
	struct error e = { "" };

	(void)state;
	world_init(&w);
	w.gateway_subnet = "10.1.255.0/29"; /* four compartments */
	w.capacity_kbps = 60;
	w.connection_count = 1;
	w.redundant = 0;
	world_apply(&w);
	world_run(&w, 2000);
	w.gateways = 6;
	for (unsigned i = 4; i <= 6; i++)
		world_add_gateway(&w, i);
	world_apply(&w);
	world_run(&w, 2000);
	for (unsigned i = 2; i <= 6; i++) {
		char name[8];

		snprintf(name, sizeof(name), "gw%u", i);
		assert_int_equal(orchestrator_move(w.o, T, "c1", name, &e, w.now), 0);
		world_run(&w, 3000);
	}
	assert_string_equal(text_at(world_object(&w, "gw6", "compartment/" T), "overlayAddress"),
			    "10.1.255.5");
	assert_int_equal(compile_verify(w.o), 0);
	world_done(&w);
}

static void test_redundant_paths(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.connections[1].peer = NULL;
	w.connections[1].extra = "14.1.10.1/32"; /* metric 20, beside 10 on c1 */
	world_apply(&w);
	world_run(&w, 2000);
	assert_string_equal(world_view(&w, "/virtualGateways/" T, "configurationState.status"),
			    "Success");
	assert_string_equal(text_at(world_object(&w, "h1", "nexthop/" T "/2000"), "via"),
			    "10.1.255.3");
	world_kill(&w, "gw3");
	world_run(&w, 5000);
	world_kill(&w, "gw1"); /* there is no room for c1 anywhere */
	world_run(&w, 7000);
	assert_string_equal(text_at(world_object(&w, "h1", "nexthop/" T "/2000"), "via"),
			    "10.1.255.4");
	assert_int_equal(compile_verify(w.o), 0);
	world_done(&w);
}

static void test_own_as_is_refused(void **state)
{
	struct world w;
	struct error e = { "" };
	struct intent *intent;

	(void)state;
	world_init(&w);
	w.peer_as = 64510;
	intent = world_intent(&w);
	assert_int_equal(orchestrator_check(w.o, intent, &e), -1);
	assert_non_null(strstr(e.text, "bgpPeers/site-c1: properties.extAsNumber"));
	intent_free(intent);
	w.peer_as = 64521;
	w.extra_peer = "10.1.7.7";
	intent = world_intent(&w);
	assert_int_equal(orchestrator_check(w.o, intent, &e), -1);
	assert_non_null(strstr(e.text, "inside the virtual network's"));
	intent_free(intent);
	world_done(&w);
}

static void test_peer_without_connection(void **state)
{
	struct world w;
	struct instance_config *reflector;

	(void)state;
	world_init(&w);
	w.extra_peer = "14.1.30.1";
	world_apply(&w);
	world_run(&w, 2000);
	assert_string_equal(world_view(&w, "/virtualGateways/" T, "configurationState.status"),
			    "Failure");
	assert_string_equal(
		world_view(&w, "/virtualGateways/" T, "configurationState.detailedInfo.0.message"),
		"Peers site-without do not have connectivity through any networkconnection. Ensure "
		"one of the networkconnections has static routes configured these BGP peers.");
	assert_string_equal(world_view(&w,
				       "/virtualGateways/" T "/bgpRouters/router/bgpPeers/"
				       "site-without",
				       "configurationState.detailedInfo.0.code"),
			    "PolicyConfigurationFailure");
	/* the others work */
	assert_string_equal(world_view(&w,
				       "/virtualGateways/" T "/bgpRouters/router/bgpPeers/"
				       "site-c1",
				       "configurationState.status"),
			    "Success");
	reflector = instance(&w, "gw1");
	assert_int_equal(reflector->neighbor_count, 3);
	instance_config_free(reflector);
	world_done(&w);
}

static void test_static_tenant(void **state)
{
	struct world w;
	struct instance_config *reflector;

	(void)state;
	world_init(&w);
	w.dynamic = false;
	w.connections[0].extra = "192.168.1.0/24";
	w.connections[1].peer = NULL;
	w.connections[1].extra = "192.168.2.0/24";
	world_apply(&w);
	world_run(&w, 2000);
	reflector = instance(&w, "gw1");
	assert_int_equal(reflector->neighbor_count, 1); /* the client, no site */
	instance_config_free(reflector);
	assert_string_equal(text_at(world_object(&w, "h1", "nexthop/" T "/2001"), "via"),
			    "10.1.255.4");
	assert_int_equal(json_integer_value(json_object_get(
				 world_object(&w, "h1", "route/" T "/192.168.2.0/24"), "nexthop")),
			 2001);
	assert_string_equal(world_view(&w, "/virtualGateways/" T, "configurationState.status"),
			    "Success");
	world_done(&w);
}

static void test_no_capacity(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.connections[1].kbps = 60;
	world_apply(&w);
	world_run(&w, 2000);
	assert_string_equal(world_view(&w, "/virtualGateways/" T "/networkConnections/c2",
				       "configurationState.detailedInfo.0.code"),
			    "Overloaded");
	w.capacity_kbps = 120;
	world_apply(&w);
	world_run(&w, 1000);
	assert_string_equal(world_view(&w, "/virtualGateways/" T "/networkConnections/c2",
				       "configurationState.status"),
			    "Success");
	assert_int_equal(compile_verify(w.o), 0);
	world_done(&w);
}

/* A tenant goes, its numbers may be used again, and epochs never go back. */
static void test_delete_and_create_again(void **state)
{
	struct world w;
	uint64_t before;

	(void)state;
	world_init(&w);
	w.tenants = 2;
	w.capacity_kbps = 1000;
	world_apply(&w);
	world_run(&w, 2000);
	before = world_epoch(&w, "gw1", "connection/" T "/c1");
	w.tenants = 0;
	world_apply(&w);
	world_run(&w, 1000);
	for (size_t i = 0; i < w.machine_count; i++)
		assert_int_equal(json_object_size(w.machines[i].objects), 1); /* node/self */
	assert_string_equal(world_view(&w, "/gateways/gw1", "availableCapacity"), "1000");
	assert_null(json_object_get(w.kept, "orchestrator/tenant/" T));
	assert_null(json_object_get(w.kept, "orchestrator/connection/" T "/c1"));
	w.tenants = 1;
	world_apply(&w);
	world_run(&w, 1000);
	assert_true(world_epoch(&w, "gw1", "connection/" T "/c1") > before);
	assert_int_equal(world_machine(&w, "gw1")->stale_puts, 0);
	world_done(&w);
}

static void test_stream_goes_on(void **state)
{
	struct world w;
	struct machine *h1;

	(void)state;
	world_init(&w);
	world_apply(&w);
	world_run(&w, 2500);
	h1 = world_machine(&w, "h1");
	assert_true(h1->full);
	assert_true(h1->pings >= 1);
	node_stream_close(h1->stream);
	h1->stream = NULL;
	w.nics = 3;
	world_apply(&w);
	world_mark(&w);
	world_run(&w, 1000);
	assert_false(h1->full); /* from where it was */
	assert_int_equal(world_touched(&w, "h1", "port/"), 1);
	assert_int_equal(world_touched(&w, "h1", ""), 1);
	assert_null(node_stream_open(w.o, "nobody", "", 0, NULL));
	world_done(&w);
}

static void test_bad_posts(void **state)
{
	struct world w;
	struct error e = { "" };
	json_t *body = json_pack("{s:[{s:s}]}", "objects", "key", "x");
	json_t *list = json_array();
	uint64_t offset = 7;

	(void)state;
	world_init(&w);
	world_apply(&w);
	assert_int_equal(orchestrator_status(w.o, "gw1", body, &e, w.now), -1);
	assert_string_equal(e.text, "objects[0]: revision must be a number");
	assert_int_equal(orchestrator_status(w.o, "nobody", body, &e, w.now), -1);
	assert_null(orchestrator_lease(w.o, "gw1", list, &e, w.now));
	assert_null(orchestrator_lease(w.o, "nobody", body, &e, w.now));
	assert_int_equal(
		orchestrator_feed(w.o, "gw1", "s", 5, (const uint8_t *)"x", 1, &offset, w.now), 1);
	assert_int_equal(offset, 0);
	/* not BMP */
	assert_int_equal(orchestrator_feed(w.o, "gw1", "s", 0, (const uint8_t *)"GET / HTTP", 10,
					   &offset, w.now),
			 1);
	json_decref(body);
	json_decref(list);
	world_done(&w);
}

static void test_fifty_tenants(void **state)
{
	struct world w;
	char *before, *after;

	(void)state;
	world_init(&w);
	w.tenants = 50;
	w.nics = 4;
	w.capacity_kbps = 60 * 60;
	world_apply(&w);
	world_run(&w, 2000);
	for (unsigned i = 1; i <= 50; i++) {
		char ref[64];

		snprintf(ref, sizeof(ref), "/virtualGateways/T%04u", i);
		assert_string_equal(world_view(&w, ref, "configurationState.status"), "Success");
	}
	/* two gateways carry them; the third is the pool's standby */
	assert_string_equal(world_view(&w, "/gateways/gw3", "state"), "Redundant");
	assert_int_equal(compile_verify(w.o), 0);
	before = world_dump(&w);
	world_restart_controller(&w);
	world_run(&w, 10000);
	after = world_dump(&w);
	assert_string_equal(before, after);
	free(before);
	free(after);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_gateway_is_reflector),
		cmocka_unit_test(test_instances),
		cmocka_unit_test(test_move_changes_one_object),
		cmocka_unit_test(test_move_overlaps),
		cmocka_unit_test(test_move_is_refused),
		cmocka_unit_test(test_restart_changes_nothing),
		cmocka_unit_test(test_small_subnet_is_refused),
		cmocka_unit_test(test_subnet_limits_gateways),
		cmocka_unit_test(test_redundant_paths),
		cmocka_unit_test(test_own_as_is_refused),
		cmocka_unit_test(test_peer_without_connection),
		cmocka_unit_test(test_static_tenant),
		cmocka_unit_test(test_no_capacity),
		cmocka_unit_test(test_delete_and_create_again),
		cmocka_unit_test(test_stream_goes_on),
		cmocka_unit_test(test_bad_posts),
		cmocka_unit_test(test_fifty_tenants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

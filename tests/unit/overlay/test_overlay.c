/*
 * test_overlay: the objects of a tenant on each kind of node, and the BGP documents.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The tenant of SYSTEM.md: site A on gw1, site B on gw2, which hosts the reflector; a virtual
 * machine on each of two hosts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "model/instance.h"
#include "overlay/overlay.h"

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	assert_int_equal(ip_addr_parse(text, &a, NULL), 0);
	return a;
}

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix p;

	assert_int_equal(ip_prefix_parse(text, &p, NULL), 0);
	return p;
}

struct sample {
	struct intent_tenant intent;
	struct intent_connection intents[2];
	struct intent_static_route routes[2][2];
	struct intent_bgp_peer peers[2];
	struct intent_nic nics[2];
	struct ip_prefix space;
	struct overlay_node nodes[4];
	struct overlay_connection connections[2];
	struct overlay_ce ces[2];
	struct overlay_tenant tenant;
	json_t *objects; /* of the last compilation */
	json_t *epochs;
};

static void sample_connections(struct sample *s)
{
	static const char *const names[] = { "c1", "c2" };
	static const char *const ces[] = { "14.1.10.1/32", "14.1.20.1/32" };
	static const char *const statics[] = { "192.168.1.0/24", "192.168.1.0/24" };

	for (size_t i = 0; i < 2; i++) {
		s->routes[i][0] = (struct intent_static_route){ prefix(ces[i]), 10 };
		s->routes[i][1] =
			(struct intent_static_route){ prefix(statics[i]), 30 - (uint32_t)i };
		s->intents[i] = (struct intent_connection){
			.name = names[i],
			.destination_address = addr("203.0.113.9"),
			.routes = s->routes[i],
			.route_count = 2,
			.wireguard = { .private_key = "k", .peer_public_key = "p", .peer_port = 7 },
		};
		s->peers[i] = (struct intent_bgp_peer){ .name = i ? "b" : "a",
							.address = s->routes[i][0].prefix.addr,
							.as = { 64521 + (uint32_t)i } };
		s->connections[i] = (struct overlay_connection){
			.intent = &s->intents[i],
			.public_address = addr("198.51.100.11"),
			.public_prefix_length = 24,
			.listen_port = 51820,
			.owner = &s->nodes[i],
			.epoch = 7 + i,
			.nexthop = 2000 + (uint32_t)i,
		};
		s->ces[i] = (struct overlay_ce){ s->peers[i].address, &s->peers[i],
						 2000 + (uint32_t)i, &s->connections[i] };
	}
}

static void sample_init(struct sample *s)
{
	static const char *const names[] = { "gw1", "gw2", "h1", "h2" };
	static const char *const overlays[] = { "10.1.255.5", "10.1.255.6", "169.254.0.3",
						"169.254.0.4" };

	*s = (struct sample){ 0 };
	s->objects = json_object();
	s->epochs = json_object();
	for (size_t i = 0; i < 4; i++) {
		s->nodes[i] = (struct overlay_node){ .name = names[i],
						     .gateway = i < 2,
						     .number = (uint32_t)i + 1,
						     .overlay = addr(overlays[i]),
						     .provider = addr("100.64.0.1") };
		s->nodes[i].mac.bytes[5] = (uint8_t)i;
	}
	sample_connections(s);
	s->space = prefix("10.1.0.0/16");
	s->nics[0] = (struct intent_nic){
		"vm1", "h1", { { 2, 0, 0, 0, 0, 9 } }, addr("10.1.1.4"), prefix("10.1.1.0/24")
	};
	s->nics[1] = s->nics[0];
	s->nics[1].name = "vm2";
	s->nics[1].host = "h2";
	s->nics[1].address = addr("10.1.1.5");
	s->intent = (struct intent_tenant){ .name = "T1",
					    .dynamic = true,
					    .address_space = &s->space,
					    .address_space_count = 1,
					    .gateway_subnet = prefix("10.1.255.0/27"),
					    .connections = s->intents,
					    .connection_count = 2,
					    .peers = s->peers,
					    .peer_count = 2,
					    .nics = s->nics,
					    .nic_count = 2 };
	s->tenant = (struct overlay_tenant){ .intent = &s->intent,
					     .table_id = 1,
					     .vni = 5001,
					     .local_as = { 64510 },
					     .bgp_address = addr("10.1.255.2"),
					     .reflector = &s->nodes[1],
					     .reflector_epoch = 3,
					     .nodes = s->nodes,
					     .node_count = 4,
					     .connections = s->connections,
					     .connection_count = 2,
					     .ces = s->ces,
					     .ce_count = 2 };
}

static void sample_done(struct sample *s)
{
	json_decref(s->objects);
	json_decref(s->epochs);
}

static void on_object(void *context, const char *key, uint64_t epoch, const char *value)
{
	struct sample *s = context;
	json_t *read = json_loads(value, 0, NULL);

	assert_true(json_is_object(read));
	/* each key once */
	assert_null(json_object_get(s->objects, key));
	json_object_set_new(s->objects, key, read);
	json_object_set_new(s->epochs, key, json_integer((json_int_t)epoch));
}

static void compile(struct sample *s, size_t node)
{
	struct overlay_scratch scratch;

	json_object_clear(s->objects);
	overlay_scratch_init(&scratch);
	overlay_compile(&s->tenant, &s->nodes[node], &scratch, on_object, s);
	overlay_scratch_done(&scratch);
}

static void assert_object(const struct sample *s, const char *key, const char *expected)
{
	json_t *object = json_object_get(s->objects, key);
	char *text = json_dumps(object, JSON_COMPACT);

	assert_string_equal(text == NULL ? "" : text, expected);
	free(text);
}

static void assert_absent(const struct sample *s, const char *key)
{
	assert_null(json_object_get(s->objects, key));
}

static void test_client_gateway(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s);
	compile(&s, 0);
	assert_object(&s, "compartment/T1",
		      "{\"tableId\":1,\"vni\":5001,\"overlayAddress\":\"10.1.255.5\",\"mac\":"
		      "\"00:00:00:00:00:00\",\"bgpAddresses\":[],\"providerAddress\":"
		      "\"100.64.0.1\",\"mtu\":1450,\"role\":\"gateway\"}");
	assert_object(&s, "neighbor/T1/gw2",
		      "{\"overlayAddress\":\"10.1.255.6\",\"mac\":\"00:00:00:00:00:01\","
		      "\"providerAddress\":\"100.64.0.1\"}");
	assert_absent(&s, "neighbor/T1/gw1");
	assert_object(&s, "nexthop/T1/1000", "{\"id\":1000,\"via\":\"10.1.255.6\"}");
	assert_object(&s, "nexthop/T1/3", "{\"id\":3,\"via\":\"169.254.0.3\"}");
	assert_absent(&s, "nexthop/T1/2000"); /* gateways have CEs by BGP */
	assert_object(&s, "route/T1/10.1.255.2/32", "{\"nexthop\":1000}");
	assert_object(&s, "route/T1/10.1.1.5/32", "{\"nexthop\":4}");
	assert_object(&s, "route/T1/10.1.255.6/32", "{\"nexthop\":2}");
	assert_object(&s, "connection/T1/c1",
		      "{\"type\":\"WireGuard\",\"publicAddress\":\"198.51.100.11\","
		      "\"publicPrefixLength\":24,\"mtu\":1420,\"peerAddress\":\"203.0.113.9\","
		      "\"ceAddresses\":[\"14.1.10.1\"],\"staticRoutes\":[{\"prefix\":"
		      "\"192.168.1.0/24\",\"metric\":30}],\"wireGuard\":{\"privateKey\":\"k\","
		      "\"listenPort\":51820,\"peerPublicKey\":\"p\",\"peerEndpointPort\":7,"
		      "\"persistentKeepaliveSeconds\":0}}");
	assert_absent(&s, "connection/T1/c2");
	assert_int_equal(json_integer_value(json_object_get(s.epochs, "connection/T1/c1")), 7);
	assert_int_equal(json_integer_value(json_object_get(s.epochs, "bgp/T1")), 3);
	sample_done(&s);
}

static void test_reflector_gateway(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s);
	compile(&s, 1);
	assert_absent(&s, "nexthop/T1/1000");
	assert_absent(&s, "route/T1/10.1.255.2/32");
	assert_string_equal(json_string_value(json_array_get(
				    json_object_get(json_object_get(s.objects, "compartment/T1"),
						    "bgpAddresses"),
				    0)),
			    "10.1.255.2");
	sample_done(&s);
}

static void test_host(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s);
	compile(&s, 2);
	assert_absent(&s, "bgp/T1");
	assert_absent(&s, "connection/T1/c1");
	assert_absent(&s, "nexthop/T1/1"); /* a gateway as such */
	assert_object(&s, "nexthop/T1/4", "{\"id\":4,\"via\":\"169.254.0.4\"}");
	assert_object(&s, "nexthop/T1/2001", "{\"id\":2001,\"via\":\"10.1.255.6\"}");
	assert_object(&s, "route/T1/14.1.20.1/32", "{\"nexthop\":2001}");
	/* two connections have it: the smaller metric */
	assert_object(&s, "route/T1/192.168.1.0/24", "{\"nexthop\":2001}");
	assert_object(&s, "port/T1/vm1",
		      "{\"address\":\"10.1.1.4\",\"mac\":\"02:00:00:00:00:09\",\"gateways\":["
		      "\"10.1.1.1\"],\"subnet\":\"10.1.1.0/24\"}");
	assert_absent(&s, "port/T1/vm2");
	assert_absent(&s, "route/T1/10.1.1.4/32");
	/* placed nowhere: a blackhole */
	s.connections[1].owner = NULL;
	compile(&s, 2);
	assert_object(&s, "nexthop/T1/2001", "{\"id\":2001,\"blackhole\":true}");
	/* moving: still to where it was */
	s.connections[1].owner = &s.nodes[0];
	s.connections[1].leaving = &s.nodes[1];
	compile(&s, 2);
	assert_object(&s, "nexthop/T1/2001", "{\"id\":2001,\"via\":\"10.1.255.6\"}");
	sample_done(&s);
}

static struct instance_config *instance(const struct sample *s)
{
	struct error e = { "" };
	struct instance_config *config = instance_config_parse(
		json_object_get(json_object_get(s->objects, "bgp/T1"), "instance"), "i", &e);

	assert_string_equal(e.text, "");
	return config;
}

static void test_documents(void **state)
{
	struct sample s;
	struct instance_config *config;

	(void)state;
	sample_init(&s);
	s.tenant.restarting = true;
	s.peers[0].hold_time_s = 90;
	s.peers[1].as_override = true;
	compile(&s, 1);
	config = instance(&s);
	assert_true(config->restarting);
	assert_int_equal(config->neighbor_count, 3);
	assert_string_equal(config->neighbors[0].description, "gw1");
	assert_int_equal(ip_addr_to_u32(&config->neighbors[0].local_address), 0x0a01ff02);
	assert_int_equal(config->neighbors[1].hold_time_s, 90);
	assert_false(config->neighbors[1].as_override);
	assert_true(config->neighbors[2].as_override);
	/* local: the virtual network, CE and static route of c2 */
	assert_int_equal(config->network_count, 3);
	assert_int_equal(ip_addr_to_u32(&config->networks[0].next_hop), 0x0a01ff02);
	assert_int_equal(ip_addr_to_u32(&config->networks[1].next_hop), 0x0a01ff06);
	assert_int_equal(config->networks[2].med, 29);
	instance_config_free(config);
	compile(&s, 0);
	config = instance(&s);
	assert_false(config->restarting);
	assert_int_equal(config->neighbor_count, 1);
	assert_int_equal(ip_addr_to_u32(&config->neighbors[0].address), 0x0a01ff02);
	assert_int_equal(config->neighbors[0].peer_as.number, 64510);
	instance_config_free(config);
	/* no reflector yet, no instance */
	s.tenant.reflector = NULL;
	compile(&s, 0);
	assert_absent(&s, "bgp/T1");
	sample_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_client_gateway),
		cmocka_unit_test(test_reflector_gateway),
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_documents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_api: what the pure API does between a request, the store and the orchestrator.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The shapes and the wrong bodies are tested over HTTP in tests/api; here is what cannot be seen
 * from outside: what is committed, that a failed commit leaves nothing behind, and the intent that
 * follows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/api.h"
#include "base/buf.h"
#include "base/mem.h"

#define PUBLIC_KEY "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="

struct bench {
	struct api *api;
	unsigned guids;
	unsigned commits;
	bool commit_fails;
	bool check_fails;
	json_t *stored;
	struct intent *intent;
};

static void op_guid(void *context, char text[static API_GUID_MAX])
{
	struct bench *bench = context;

	snprintf(text, API_GUID_MAX, "00000000-0000-4000-8000-%012u", ++bench->guids);
}

/* Not secret at all, but reversible and bound to its place. */
static char *op_seal(void *context, const char *place, const char *secret)
{
	struct buf text;

	(void)context;
	buf_init(&text, 0);
	buf_printf(&text, "sealed:%s:%s", place, secret);
	return buf_take(&text);
}

static char *op_unseal(void *context, const char *place, const char *sealed, struct error *e)
{
	size_t length = strlen(place);

	(void)context;
	if (strncmp(sealed, "sealed:", 7) != 0 || strncmp(sealed + 7, place, length) != 0 ||
	    sealed[7 + length] != ':') {
		error_set(e, "%s: not sealed for this", place);
		return NULL;
	}
	return mem_strdup(sealed + 8 + length);
}

static void op_wipe(void *context, char *secret)
{
	(void)context;
	memset(secret, 0, strlen(secret));
}

static void op_private_key(void *context, char text[static API_KEY_MAX])
{
	(void)context;
	snprintf(text, API_KEY_MAX, "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=");
}

static int op_public_key(void *context, const char *private_key, char text[static API_KEY_MAX])
{
	(void)context;
	assert_string_equal(private_key, "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=");
	snprintf(text, API_KEY_MAX, PUBLIC_KEY);
	return 0;
}

static int op_check(void *context, const struct intent *intent, struct error *e)
{
	struct bench *bench = context;

	assert_non_null(intent);
	if (bench->check_fails)
		return error_set(e, "virtualGateways/T: properties.gatewaySubnets[0]: too small");
	return 0;
}

static json_t *op_view(void *context, const char *ref)
{
	(void)context;
	if (strcmp(ref, "/virtualGateways/T/networkConnections/c") == 0)
		return json_pack("{s:s, s:i, s:{s:s}}", "connectionState", "Connected",
				 "listenPort", 51999, "configurationState", "status", "Success");
	return NULL;
}

static json_t *op_generated_router(void *context, const char *tenant)
{
	(void)context;
	(void)tenant;
	return NULL;
}

static int op_move(void *context, const char *tenant, const char *connection, const char *gateway,
		   struct error *e)
{
	(void)context;
	if (strcmp(gateway, "g") == 0 && strcmp(tenant, "T") == 0 && strcmp(connection, "c") == 0)
		return 0;
	return error_set(e, "refused");
}

static int op_commit(void *context, const char *key, const json_t *value, struct intent *intent,
		     struct error *e)
{
	struct bench *bench = context;

	if (bench->commit_fails)
		return error_set(e, "disk full");
	bench->commits++;
	if (value != NULL)
		json_object_set_new(bench->stored, key, json_deep_copy(value));
	else
		json_object_del(bench->stored, key);
	intent_free(bench->intent);
	bench->intent = intent;
	return 0;
}

static const struct api_ops ops = {
	.guid = op_guid,
	.seal = op_seal,
	.unseal = op_unseal,
	.wipe = op_wipe,
	.private_key = op_private_key,
	.public_key = op_public_key,
	.check = op_check,
	.view = op_view,
	.generated_router = op_generated_router,
	.move = op_move,
	.commit = op_commit,
};

static int setup(void **state)
{
	struct bench *bench = mem_zalloc(sizeof(*bench));

	bench->api = api_new(&ops, bench);
	bench->stored = json_object();
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	api_free(bench->api);
	json_decref(bench->stored);
	intent_free(bench->intent);
	mem_free(bench);
	return 0;
}

/* The status; the body, if wanted, is the caller's. */
static unsigned ask_as(struct bench *bench, enum api_role role, const char *method,
		       const char *path, const char *body, json_t **ret_body)
{
	struct api_request request = { .method = method,
				       .path = path,
				       .content_type = "application/json",
				       .role = role,
				       .body = body,
				       .body_bytes = strlen(body) };
	struct api_response response;

	api_handle(bench->api, &request, &response);
	if (ret_body != NULL)
		*ret_body = response.body;
	else
		json_decref(response.body);
	return response.status;
}

static unsigned ask(struct bench *bench, const char *method, const char *path, const char *body)
{
	return ask_as(bench, API_ROLE_ADMIN, method, path, body, NULL);
}

#define VNET                                                                                     \
	"{\"properties\":{\"addressSpace\":{\"addressPrefixes\":[\"10.0.0.0/8\"]},\"subnets\":[" \
	"{\"resourceId\":\"gw\",\"properties\":{\"addressPrefix\":\"10.1.0.0/24\"}},"            \
	"{\"resourceId\":\"vm\",\"properties\":{\"addressPrefix\":\"10.2.0.0/24\"}}]}}"
#define TENANT                                                                                    \
	"{\"properties\":{\"gatewayPools\":[{\"resourceRef\":\"/gatewayPools/p\"}],"              \
	"\"gatewaySubnets\":[{\"resourceRef\":\"/virtualnetworks/v/SUBNETS/gw\"}],"               \
	"\"networkConnections\":[{\"resourceId\":\"c\",\"properties\":{\"connectionType\":"       \
	"\"wireguard\",\"outboundKiloBitsPerSecond\":\"7\",\"inboundKiloBitsPerSecond\":8,"       \
	"\"destinationIPAddress\":\"192.0.2.9\",\"wireGuardConfiguration\":{\"peerPublicKey\":"   \
	"\"" PUBLIC_KEY "\"},\"routes\":[{\"destinationPrefix\":\"14.1.1.1/32\",\"metric\":20},{" \
	"\"destinationPrefix\":\"9.9.9.0/24\",\"protocol\":\"Bgp\",\"anything\":1}]}}],"          \
	"\"bgpRouters\":[{\"resourceId\":\"r\",\"properties\":{\"extAsNumber\":\"0.64512\","      \
	"\"bgpPeers\":[{\"resourceId\":\"z\",\"properties\":{\"peerIpAddress\":\"14.1.1.2\","     \
	"\"asNumber\":\"64514\"}},{\"resourceId\":\"a\",\"properties\":{\"peerIpAddress\":"       \
	"\"14.1.1.1\",\"extAsNumber\":\"0.64513\",\"asOverride\":\"True\"}}]}}]}}"

static void fill(struct bench *bench)
{
	static const char *const bodies[][2] = {
		{ "/publicIPAddresses/a", "{\"properties\":{\"ipAddress\":\"198.51.100.1\"}}" },
		{ "/gatewayPools/p", "{\"properties\":{\"ipConfiguration\":{\"publicIPAddresses\":["
				     "{\"resourceRef\":\"/publicIPAddresses/a\"}]}}}" },
		{ "/gateways/g", "{\"properties\":{\"pool\":{\"resourceRef\":\"/gatewayPools/p\"},"
				 "\"providerAddress\":\"100.64.0.1\"}}" },
		{ "/gateways/f", "{\"properties\":{\"pool\":{\"resourceRef\":\"/gatewayPools/p\"},"
				 "\"providerAddress\":\"100.64.0.2\"}}" },
		{ "/servers/h", "{\"properties\":{\"providerAddress\":\"100.64.0.3\"}}" },
		{ "/virtualNetworks/v", VNET },
		{ "/networkInterfaces/n",
		  "{\"properties\":{\"privateMacAddress\":\"020000000001\",\"server\":{"
		  "\"resourceRef\":\"/servers/h\"},\"ipConfigurations\":[{\"properties\":{"
		  "\"privateIPAddress\":\"10.2.0.4\",\"subnet\":{\"resourceRef\":"
		  "\"/virtualNetworks/v/subnets/vm\"}}}]}}" },
		{ "/virtualGateways/T", TENANT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
		assert_int_equal(ask(bench, "PUT", bodies[i][0], bodies[i][1]), 201);
}

static void test_intent(void **state)
{
	struct bench *bench = *state;
	const struct intent *intent;
	const struct intent_tenant *t;
	char text[IP_PREFIX_TEXT_MAX];

	fill(bench);
	intent = bench->intent;
	assert_int_equal(intent->gateway_count, 2);
	assert_string_equal(intent->gateways[0].name, "f");
	assert_string_equal(intent->gateways[1].pool, "p");
	assert_int_equal(intent->pools[0].public_addresses[0].prefix_length, 32);
	assert_true(intent->pools[0].gateway_capacity_kbps == 10000000);
	t = intent_tenant_by_name(intent, "T");
	assert_true(t->dynamic);
	assert_string_equal(t->virtual_network, "v");
	assert_string_equal(ip_prefix_format(&t->gateway_subnet, text), "10.1.0.0/24");
	assert_int_equal(t->local_as.number, 64512);
	assert_int_equal(t->connection_count, 1);
	assert_true(t->connections[0].outbound_kbps == 7 && t->connections[0].inbound_kbps == 8);
	assert_int_equal(t->connections[0].route_count, 1);
	assert_int_equal(t->connections[0].routes[0].metric, 20);
	assert_string_equal(t->connections[0].wireguard.public_key, PUBLIC_KEY);
	assert_string_equal(t->connections[0].wireguard.private_key,
			    "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=");
	assert_int_equal(t->connections[0].wireguard.peer_port, 51820);
	assert_int_equal(t->peer_count, 2);
	assert_string_equal(t->peers[0].name, "a");
	assert_true(t->peers[0].as_override && !t->peers[1].as_override);
	assert_int_equal(t->peers[1].as.number, 64514);
	assert_int_equal(t->nic_count, 1);
	assert_string_equal(t->nics[0].host, "h");
	assert_string_equal(ip_prefix_format(&t->nics[0].subnet, text), "10.2.0.0/24");
}

static void test_one_operation(void **state)
{
	struct bench *bench = *state;
	const json_t *document;
	char *text;

	fill(bench);
	assert_int_equal(bench->commits, 8);
	assert_int_equal(json_object_size(bench->stored), 8);
	document = json_object_get(bench->stored, "resources/virtualGateways/T");
	text = json_dumps(document, 0);
	assert_non_null(strstr(text, "sealed:/virtualGateways/T/networkConnections/c#privateKey:"));
	free(text);
	assert_int_equal(ask(bench, "PUT", "/virtualGateways/T", TENANT), 200);
	assert_int_equal(bench->commits, 8); /* nothing changed, nothing is written */
	assert_int_equal(ask(bench, "DELETE", "/virtualGateways/T/bgpRouters/r/bgpPeers/z", ""),
			 202);
	assert_int_equal(bench->commits, 9);
	assert_int_equal(bench->intent->tenants[0].peer_count, 1);
	assert_int_equal(ask(bench, "DELETE", "/virtualGateways/T", ""), 202);
	assert_null(json_object_get(bench->stored, "resources/virtualGateways/T"));
	assert_int_equal(bench->intent->tenant_count, 0);
}

static void test_failed_commit(void **state)
{
	struct bench *bench = *state;
	json_t *before, *after, *body;

	fill(bench);
	assert_int_equal(ask_as(bench, API_ROLE_READ, "GET", "/virtualGateways", "", &before), 200);
	bench->commit_fails = true;
	assert_int_equal(ask(bench, "PUT", "/servers/x",
			     "{\"properties\":{\"providerAddress\":\"100.64.0.9\"}}"),
			 503);
	assert_int_equal(ask(bench, "DELETE", "/virtualGateways/T/networkConnections/c", ""), 503);
	assert_int_equal(ask(bench, "DELETE", "/virtualGateways/T", ""), 503);
	bench->commit_fails = false;
	assert_int_equal(ask(bench, "GET", "/servers/x", ""), 404);
	assert_int_equal(ask_as(bench, API_ROLE_READ, "GET", "/virtualGateways", "", &after), 200);
	assert_true(json_equal(before, after));
	bench->check_fails = true;
	assert_int_equal(ask_as(bench, API_ROLE_ADMIN, "PUT", "/servers/x",
				"{\"properties\":{\"providerAddress\":\"100.64.0.9\"}}", &body),
			 422);
	assert_string_equal(
		json_string_value(json_object_get(
			json_array_get(json_object_get(json_object_get(body, "error"), "details"),
				       0),
			"target")),
		"properties.gatewaySubnets[0]");
	assert_int_equal(ask(bench, "GET", "/servers/x", ""), 404);
	json_decref(before);
	json_decref(after);
	json_decref(body);
}

static void test_load(void **state)
{
	struct bench *bench = *state, *second;
	json_t *before, *after, *value;
	struct intent *intent;
	struct error error;
	const char *key;
	void *other;

	fill(bench);
	setup(&other);
	second = other;
	json_object_foreach(bench->stored, key, value)
		assert_int_equal(api_load(second->api, key, value, &error), 0);
	assert_int_equal(ask_as(bench, API_ROLE_READ, "GET", "/virtualGateways/T", "", &before),
			 200);
	assert_int_equal(ask_as(second, API_ROLE_READ, "GET", "/virtualGateways/T", "", &after),
			 200);
	assert_true(json_equal(before, after));
	intent = api_intent(second->api, &error);
	assert_int_equal(intent->tenant_count, 1);
	intent_free(intent);
	value = json_pack("{s:s}", "resourceId", "x");
	assert_int_equal(api_load(second->api, "resources/servers/y", value, &error), -1);
	assert_int_equal(api_load(second->api, "resources/nonsense/x", value, &error), -1);
	assert_int_equal(api_load(second->api, "other/servers/x", value, &error), -1);
	json_decref(value);
	json_decref(before);
	json_decref(after);
	teardown(&other);
}

static void test_view(void **state)
{
	struct bench *bench = *state;
	const json_t *properties, *wireguard;
	json_t *body;

	fill(bench);
	assert_int_equal(ask_as(bench, API_ROLE_READ, "GET",
				"/virtualGateways/T/networkConnections/c", "", &body),
			 200);
	properties = json_object_get(body, "properties");
	wireguard = json_object_get(properties, "wireGuardConfiguration");
	assert_string_equal(json_string_value(json_object_get(properties, "connectionState")),
			    "Connected");
	assert_int_equal(json_integer_value(json_object_get(wireguard, "listenPort")), 51999);
	assert_null(json_object_get(wireguard, "privateKey"));
	assert_null(json_object_get(properties, "listenPort"));
	json_decref(body);
}

static void test_roles(void **state)
{
	static const struct {
		enum api_role role;
		unsigned get, post, put;
	} cases[] = {
		{ API_ROLE_NONE, 401, 401, 401 },
		{ API_ROLE_READ, 200, 403, 403 },
		{ API_ROLE_OPERATE, 200, 200, 403 },
		{ API_ROLE_ADMIN, 200, 200, 200 },
	};
	struct bench *bench = *state;

	fill(bench);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(ask_as(bench, cases[i].role, "GET", "/servers", "", NULL),
				 cases[i].get);
		assert_int_equal(ask_as(bench, cases[i].role, "POST",
					"/virtualGateways/T/networkConnections/c/move",
					"{\"gateway\":{\"resourceRef\":\"/gateways/g\"}}", NULL),
				 cases[i].post);
		assert_int_equal(
			ask_as(bench, cases[i].role, "PUT", "/virtualNetworks/v", VNET, NULL),
			cases[i].put);
	}
	assert_int_equal(ask(bench, "POST", "/virtualGateways/T/networkConnections/c/move",
			     "{\"gateway\":{\"resourceRef\":\"/gateways/f\"}}"),
			 409);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_intent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_operation, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failed_commit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_load, setup, teardown),
		cmocka_unit_test_setup_teardown(test_view, setup, teardown),
		cmocka_unit_test_setup_teardown(test_roles, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

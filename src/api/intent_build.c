/*
 * intent_build: the stored documents as a struct intent.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "api/intent_build.h"

#include "api/value.h"
#include "base/mem.h"

struct build {
	const struct document_set *set;
	const struct api_ops *ops;
	void *ops_context;
	struct intent *intent;
	struct error *error;
	bool failed;
};

/* Every struct of an intent opens with its name. */
static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

#define SORT_BY_NAME(array, count)                                                \
	do {                                                                      \
		if ((count) > 1)                                                  \
			qsort((array), (count), sizeof(*(array)), compare_names); \
	} while (0)

static void *array_of(struct build *b, size_t count, size_t element_bytes)
{
	return arena_zalloc(&b->intent->arena, MAX(count, 1) * element_bytes);
}

static const char *text_of(struct build *b, const char *text)
{
	return text == NULL ? NULL : arena_strdup(&b->intent->arena, text);
}

static struct ip_addr address_of(const json_t *value)
{
	struct ip_addr addr = { 0 };

	if (!json_is_string(value) || ip_addr_parse(json_string_value(value), &addr, NULL) < 0)
		return (struct ip_addr){ 0 };
	return addr;
}

static struct ip_prefix prefix_of(const json_t *value)
{
	struct ip_prefix prefix = { 0 };

	if (!json_is_string(value) || ip_prefix_parse(json_string_value(value), &prefix, NULL) < 0)
		return (struct ip_prefix){ 0 };
	return prefix;
}

static asn_t as_of(const json_t *value)
{
	asn_t as = { 0 };

	if (value == NULL || value_as_number(value, &as, NULL) < 0)
		return (asn_t){ 0 };
	return as;
}

static uint64_t number_of(const json_t *value)
{
	return (uint64_t)json_integer_value(value);
}

/* The id of the root that a reference names. */
static const char *root_name(struct build *b, const json_t *reference)
{
	const char *text = document_reference(reference);
	struct resource_ref ref;

	if (text == NULL || resource_ref_parse(text, &ref, NULL, NULL) < 0)
		return NULL;
	return text_of(b, ref.ids[0]);
}

static void build_pool_addresses(struct build *b, struct intent_pool *pool, const json_t *document)
{
	const json_t *references = json_object_get(document_property(document, "ipConfiguration"),
						   "publicIPAddresses");
	json_t *reference;
	size_t index;

	pool->public_addresses =
		array_of(b, json_array_size(references), sizeof(*pool->public_addresses));
	json_array_foreach(references, index, reference)
	{
		const char *name = root_name(b, reference);
		const json_t *address =
			name == NULL
				? NULL
				: json_object_get(document_all(b->set, &schema_public_ip_addresses),
						  name);

		if (address == NULL)
			continue;
		pool->public_addresses[pool->public_address_count++] =
			(struct intent_public_address){
				.name = name,
				.address = address_of(document_property(address, "ipAddress")),
				.prefix_length = (uint8_t)number_of(
					document_property(address, "prefixLength")),
			};
	}
	SORT_BY_NAME(pool->public_addresses, pool->public_address_count);
}

static void build_pools(struct build *b)
{
	const json_t *all = document_all(b->set, &schema_gateway_pools);
	struct intent *intent = b->intent;
	const char *id;
	json_t *document;

	intent->pools = array_of(b, json_object_size(all), sizeof(*intent->pools));
	json_object_foreach((json_t *)(uintptr_t)all, id, document)
	{
		struct intent_pool *pool = &intent->pools[intent->pool_count++];

		pool->name = text_of(b, id);
		pool->gateway_capacity_kbps =
			number_of(document_property(document, "gatewayCapacityKiloBitsPerSecond"));
		pool->redundant_gateway_count =
			(uint32_t)number_of(document_property(document, "redundantGatewayCount"));
		build_pool_addresses(b, pool, document);
	}
	SORT_BY_NAME(intent->pools, intent->pool_count);
}

static void build_nodes(struct build *b)
{
	const json_t *gateways = document_all(b->set, &schema_gateways);
	const json_t *servers = document_all(b->set, &schema_servers);
	struct intent *intent = b->intent;
	const char *id;
	json_t *document;

	intent->gateways = array_of(b, json_object_size(gateways), sizeof(*intent->gateways));
	json_object_foreach((json_t *)(uintptr_t)gateways, id, document)
	{
		intent->gateways[intent->gateway_count++] = (struct intent_gateway){
			.name = text_of(b, id),
			.pool = root_name(b, document_property(document, "pool")),
			.provider_address =
				address_of(document_property(document, "providerAddress")),
		};
	}
	SORT_BY_NAME(intent->gateways, intent->gateway_count);
	intent->hosts = array_of(b, json_object_size(servers), sizeof(*intent->hosts));
	json_object_foreach((json_t *)(uintptr_t)servers, id, document)
	{
		intent->hosts[intent->host_count++] = (struct intent_host){
			.name = text_of(b, id),
			.provider_address =
				address_of(document_property(document, "providerAddress")),
		};
	}
	SORT_BY_NAME(intent->hosts, intent->host_count);
}

static void build_static_routes(struct build *b, struct intent_connection *c, const json_t *routes)
{
	json_t *route;
	size_t index;

	c->routes = array_of(b, json_array_size(routes), sizeof(*c->routes));
	json_array_foreach(routes, index, route)
	{
		c->routes[c->route_count++] = (struct intent_static_route){
			.prefix = prefix_of(json_object_get(route, "destinationPrefix")),
			.metric = (uint32_t)number_of(json_object_get(route, "metric")),
		};
	}
}

static const char *open_secret(struct build *b, const char *tenant, const char *connection,
			       const json_t *sealed)
{
	const char *text = json_string_value(json_object_get(sealed, "sealed"));
	char ref[RESOURCE_REF_TEXT_MAX], place[VALUE_PLACE_MAX];
	const char *kept;
	char *secret;

	if (text == NULL)
		return NULL;
	snprintf(ref, sizeof(ref), "/virtualGateways/%s/networkConnections/%s", tenant, connection);
	secret = b->ops->unseal(b->ops_context, value_secret_place(ref, "privateKey", place), text,
				b->error);
	if (secret == NULL) {
		b->failed = true;
		return NULL;
	}
	kept = text_of(b, secret);
	b->ops->wipe(b->ops_context, secret);
	mem_free(secret);
	return kept;
}

static void build_wireguard(struct build *b, const struct intent_tenant *tenant,
			    struct intent_connection *c, const json_t *configuration)
{
	struct intent_wireguard *wg = &c->wireguard;

	wg->private_key =
		open_secret(b, tenant->name, c->name, json_object_get(configuration, "privateKey"));
	wg->public_key = text_of(b, json_string_value(json_object_get(configuration, "publicKey")));
	wg->peer_public_key =
		text_of(b, json_string_value(json_object_get(configuration, "peerPublicKey")));
	wg->listen_port = (uint16_t)number_of(json_object_get(configuration, "listenPort"));
	wg->peer_port = (uint16_t)number_of(json_object_get(configuration, "peerEndpointPort"));
	wg->persistent_keepalive_s =
		(uint16_t)number_of(json_object_get(configuration, "persistentKeepaliveSeconds"));
}

static void build_connections(struct build *b, struct intent_tenant *tenant, const json_t *document)
{
	const json_t *connections = document_children(document, &schema_network_connections);
	json_t *child;
	size_t index;

	tenant->connections =
		array_of(b, json_array_size(connections), sizeof(*tenant->connections));
	json_array_foreach(connections, index, child)
	{
		struct intent_connection *c = &tenant->connections[tenant->connection_count++];

		c->name = text_of(b, document_id(child));
		c->instance_id =
			text_of(b, json_string_value(json_object_get(child, "instanceId")));
		c->type = CONNECTION_WIREGUARD;
		c->inbound_kbps = number_of(document_property(child, "inboundKiloBitsPerSecond"));
		c->outbound_kbps = number_of(document_property(child, "outboundKiloBitsPerSecond"));
		c->source_address = address_of(document_property(child, "sourceIPAddress"));
		c->destination_address =
			address_of(document_property(child, "destinationIPAddress"));
		build_static_routes(b, c, document_property(child, "routes"));
		build_wireguard(b, tenant, c, document_property(child, "wireGuardConfiguration"));
	}
	SORT_BY_NAME(tenant->connections, tenant->connection_count);
}

static void build_router(struct build *b, struct intent_tenant *tenant, const json_t *router)
{
	const json_t *peers = document_children(router, &schema_bgp_peers);
	json_t *child;
	size_t index;

	if (router == NULL)
		return;
	tenant->bgp_router = text_of(b, document_id(router));
	tenant->local_as = as_of(document_property(router, "extAsNumber"));
	tenant->router_ip = address_of(json_array_get(document_property(router, "routerIP"), 0));
	tenant->peers = array_of(b, json_array_size(peers), sizeof(*tenant->peers));
	json_array_foreach(peers, index, child)
	{
		tenant->peers[tenant->peer_count++] = (struct intent_bgp_peer){
			.name = text_of(b, document_id(child)),
			.address = address_of(document_property(child, "peerIPAddress")),
			.as = as_of(document_property(child, "extAsNumber")),
			.hold_time_s =
				(uint16_t)number_of(document_property(child, "holdTimeSeconds")),
			.as_override = json_is_true(document_property(child, "asOverride")),
		};
	}
	SORT_BY_NAME(tenant->peers, tenant->peer_count);
}

/* The virtual network's name of the interface's first address; NULL: of no virtual network. */
static bool nic_subnet(const json_t *nic, struct resource_ref *ret_subnet)
{
	const json_t *configuration =
		json_array_get(document_children(nic, &schema_ip_configurations), 0);
	const char *subnet = document_reference(document_property(configuration, "subnet"));

	return document_property(nic, "server") != NULL && subnet != NULL &&
	       resource_ref_parse(subnet, ret_subnet, NULL, NULL) == 0 &&
	       resource_ref_kind(ret_subnet) == &schema_subnets;
}

static void build_nic(struct build *b, struct intent_tenant *tenant, const char *id,
		      const json_t *nic, const struct resource_ref *subnet)
{
	const json_t *configuration =
		json_array_get(document_children(nic, &schema_ip_configurations), 0);
	const char *mac = json_string_value(document_property(nic, "privateMacAddress"));
	struct intent_nic *to = &tenant->nics[tenant->nic_count];

	if (mac == NULL || mac_addr_parse(mac, &to->mac, NULL) < 0)
		return;
	to->name = text_of(b, id);
	to->host = root_name(b, document_property(nic, "server"));
	to->address = address_of(document_property(configuration, "privateIPAddress"));
	to->subnet =
		prefix_of(document_property(document_find_in(b->set, subnet), "addressPrefix"));
	tenant->nic_count++;
}

/* The tenant of a virtual network: the index in `by_network`, {"NETWORK": index}. */
static struct intent_tenant *tenant_of(struct build *b, const json_t *by_network,
				       const struct resource_ref *subnet)
{
	const json_t *index = json_object_get(by_network, subnet->ids[0]);

	return index == NULL ? NULL : &b->intent->tenants[json_integer_value(index)];
}

/* The interfaces that are on a server, by their first address: counted, then filled in. */
static void build_nics(struct build *b)
{
	const json_t *all = document_all(b->set, &schema_network_interfaces);
	json_t *by_network = json_object(), *nic;
	struct intent_tenant *tenant;
	struct resource_ref subnet;
	const char *id;

	for (size_t i = 0; i < b->intent->tenant_count; i++)
		json_object_set_new(by_network, b->intent->tenants[i].virtual_network,
				    json_integer((json_int_t)i));
	json_object_foreach((json_t *)(uintptr_t)all, id, nic)
	{
		if (nic_subnet(nic, &subnet) &&
		    (tenant = tenant_of(b, by_network, &subnet)) != NULL)
			tenant->nic_count++;
	}
	for (size_t i = 0; i < b->intent->tenant_count; i++) {
		tenant = &b->intent->tenants[i];
		tenant->nics = array_of(b, tenant->nic_count, sizeof(*tenant->nics));
		tenant->nic_count = 0;
	}
	json_object_foreach((json_t *)(uintptr_t)all, id, nic)
	{
		if (nic_subnet(nic, &subnet) &&
		    (tenant = tenant_of(b, by_network, &subnet)) != NULL)
			build_nic(b, tenant, id, nic, &subnet);
	}
	for (size_t i = 0; i < b->intent->tenant_count; i++)
		SORT_BY_NAME(b->intent->tenants[i].nics, b->intent->tenants[i].nic_count);
	json_decref(by_network);
}

static void build_network(struct build *b, struct intent_tenant *tenant, const json_t *document)
{
	const json_t *subnets = document_children(document, &schema_subnets);
	const json_t *prefixes =
		json_object_get(document_property(document, "addressSpace"), "addressPrefixes");
	json_t *value;
	size_t index;

	tenant->address_space =
		array_of(b, json_array_size(prefixes), sizeof(*tenant->address_space));
	json_array_foreach(prefixes, index, value)
		tenant->address_space[tenant->address_space_count++] = prefix_of(value);
	tenant->subnets = array_of(b, json_array_size(subnets), sizeof(*tenant->subnets));
	json_array_foreach(subnets, index, value)
	{
		tenant->subnets[tenant->subnet_count++] = (struct intent_subnet){
			.name = text_of(b, document_id(value)),
			.prefix = prefix_of(document_property(value, "addressPrefix")),
		};
	}
	SORT_BY_NAME(tenant->subnets, tenant->subnet_count);
}

static void build_tenant(struct build *b, struct intent_tenant *tenant, const json_t *document)
{
	const json_t *subnets = document_property(document, "gatewaySubnets");
	const json_t *pools = document_property(document, "gatewayPools");
	const char *routing = json_string_value(document_property(document, "routingType"));
	const char *subnet_ref = document_reference(json_array_get(subnets, 0));
	struct resource_ref subnet;
	json_t *pool;
	size_t index;

	tenant->dynamic = routing == NULL || strcmp(routing, "Dynamic") == 0;
	tenant->pools = array_of(b, json_array_size(pools), sizeof(*tenant->pools));
	json_array_foreach(pools, index, pool) tenant->pools[tenant->pool_count++] =
		root_name(b, pool);
	if (subnet_ref == NULL || resource_ref_parse(subnet_ref, &subnet, NULL, NULL) < 0)
		return;
	tenant->virtual_network = text_of(b, subnet.ids[0]);
	tenant->gateway_subnet =
		prefix_of(document_property(document_find_in(b->set, &subnet), "addressPrefix"));
	build_network(b, tenant, document_root(b->set, &subnet));
	build_connections(b, tenant, document);
	build_router(b, tenant,
		     json_array_get(document_children(document, &schema_bgp_routers), 0));
}

static void build_tenants(struct build *b)
{
	const json_t *all = document_all(b->set, &schema_virtual_gateways);
	struct intent *intent = b->intent;
	const char *id;
	json_t *document;

	intent->tenants = array_of(b, json_object_size(all), sizeof(*intent->tenants));
	json_object_foreach((json_t *)(uintptr_t)all, id, document)
	{
		struct intent_tenant *tenant = &intent->tenants[intent->tenant_count++];

		tenant->name = text_of(b, id);
		build_tenant(b, tenant, document);
	}
	build_nics(b);
	SORT_BY_NAME(intent->tenants, intent->tenant_count);
}

struct intent *intent_build(const struct document_set *set, const struct api_ops *ops,
			    void *ops_context, struct error *e)
{
	struct build b = { .set = set,
			   .ops = ops,
			   .ops_context = ops_context,
			   .intent = intent_new(),
			   .error = e };

	build_pools(&b);
	build_nodes(&b);
	build_tenants(&b);
	if (!b.failed)
		return b.intent;
	intent_free(b.intent);
	return NULL;
}

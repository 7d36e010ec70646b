/*
 * cli_get: get and describe: the controller's resources as tables, documents and words.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What is inside a tenant (connections, routers, peers, routes) is shown across tenants: one row
 * each, with the tenant's name.
 */
#include "cli/cli_get.h"

#include <strings.h>

#include "base/buf.h"
#include "cli/cli_document.h"
#include "cli/cli_http.h"
#include "cli/cli_output.h"

static const json_t *property(const json_t *resource, const char *name)
{
	return json_object_get(json_object_get(resource, "properties"), name);
}

static const char *text_or(const json_t *value, const char *otherwise)
{
	const char *text = json_string_value(value);

	return text != NULL ? text : otherwise;
}

static const char *id_of(const json_t *resource)
{
	return text_or(json_object_get(resource, "resourceId"), "");
}

/* The last word of {"resourceRef": "/gateways/gw1"}. */
static const char *ref_name(const json_t *reference)
{
	const char *text = text_or(json_object_get(reference, "resourceRef"), "-");
	const char *slash = strrchr(text, '/');

	return slash != NULL ? slash + 1 : text;
}

static const char *status_of(const json_t *resource)
{
	return text_or(json_object_get(property(resource, "configurationState"), "status"), "-");
}

static json_int_t number(const json_t *resource, const char *name)
{
	return json_integer_value(property(resource, name));
}

/* "240M", "1.5G": kilobits a second as people say them. */
static const char *rate_text(json_int_t kbps, char text[static CLI_MEMBER_TEXT_MAX])
{
	if (kbps >= 1000000)
		snprintf(text, CLI_MEMBER_TEXT_MAX, "%.4gG", (double)kbps / 1000000);
	else
		snprintf(text, CLI_MEMBER_TEXT_MAX, "%.4gM", (double)kbps / 1000);
	return text;
}

/* The names of a list's items, with commas; `of` picks the reference in an item. */
static void add_names(struct cli_table *table, const json_t *list, const char *of)
{
	struct buf names;
	json_t *item;
	size_t index;

	buf_init(&names, 0);
	json_array_foreach(list, index, item)
	{
		const json_t *reference = of != NULL ? json_object_get(item, of) : item;

		buf_printf(&names, "%s%s", index == 0 ? "" : ",",
			   json_is_string(reference) ? json_string_value(reference)
						     : ref_name(reference));
	}
	cli_table_add(table, names.length != 0 ? buf_text(&names) : "-");
	buf_done(&names);
}

/* Rows of one resource of a root kind. */

static void row_gateway(struct cli_table *table, const json_t *gateway)
{
	const json_t *tenants = property(gateway, "virtualGateways");
	char total[CLI_MEMBER_TEXT_MAX], left[CLI_MEMBER_TEXT_MAX];
	struct buf reflectors;
	json_t *tenant;
	size_t index;

	cli_table_add(table, id_of(gateway));
	cli_table_add(table, ref_name(property(gateway, "pool")));
	cli_table_add(table, text_or(property(gateway, "providerAddress"), "-"));
	cli_table_add(table, text_or(property(gateway, "state"), "-"));
	cli_table_add(table, text_or(property(gateway, "healthState"), "-"));
	cli_table_printf(table, "%s of %s", rate_text(number(gateway, "availableCapacity"), left),
			 rate_text(number(gateway, "totalCapacity"), total));
	cli_table_printf(table, "%zu", json_array_size(property(gateway, "connections")));
	buf_init(&reflectors, 0);
	json_array_foreach(tenants, index, tenant)
	{
		if (json_object_get(tenant, "bgpRouter") != NULL)
			buf_printf(&reflectors, "%s%s", reflectors.length == 0 ? "" : ",",
				   ref_name(json_object_get(tenant, "virtualGateway")));
	}
	cli_table_add(table, reflectors.length != 0 ? buf_text(&reflectors) : "-");
	buf_done(&reflectors);
	cli_table_add(table, status_of(gateway));
}

static void row_virtual_gateway(struct cli_table *table, const json_t *tenant)
{
	const json_t *router = json_array_get(property(tenant, "bgpRouters"), 0);
	const json_t *peers = property(router, "bgpPeers");
	const json_t *connections = property(tenant, "networkConnections");
	size_t index, connected = 0, up = 0;
	json_t *item;

	json_array_foreach(connections, index, item) connected +=
		strcmp(text_or(property(item, "connectionState"), ""), "Connected") == 0;
	json_array_foreach(peers, index, item) up +=
		strcmp(text_or(property(item, "connectionState"), ""), "Connected") == 0;
	cli_table_add(table, id_of(tenant));
	cli_table_add(table, text_or(property(tenant, "routingType"), "-"));
	add_names(table, property(tenant, "gatewayPools"), NULL);
	cli_table_printf(table, "%zu/%zu", connected, json_array_size(connections));
	cli_table_printf(table, "%zu/%zu", up, json_array_size(peers));
	cli_table_add(table, text_or(json_array_get(property(router, "routerIP"), 0), "-"));
	cli_table_add(table, ref_name(property(router, "gateway")));
	cli_table_add(table, status_of(tenant));
}

static void row_server(struct cli_table *table, const json_t *server)
{
	cli_table_add(table, id_of(server));
	cli_table_add(table, text_or(property(server, "providerAddress"), "-"));
	cli_table_add(table, text_or(property(server, "healthState"), "-"));
	cli_table_add(table, status_of(server));
}

static void row_network_interface(struct cli_table *table, const json_t *nic)
{
	const json_t *configuration = json_array_get(property(nic, "ipConfigurations"), 0);

	cli_table_add(table, id_of(nic));
	cli_table_add(table, text_or(property(configuration, "privateIPAddress"), "-"));
	cli_table_add(table, text_or(property(nic, "privateMacAddress"), "-"));
	cli_table_add(
		table,
		text_or(json_object_get(property(configuration, "subnet"), "resourceRef"), "-"));
	cli_table_add(table, ref_name(property(nic, "server")));
	cli_table_add(table, status_of(nic));
}

static void row_public_address(struct cli_table *table, const json_t *address)
{
	cli_table_add(table, id_of(address));
	cli_table_printf(table, "%s/%" JSON_INTEGER_FORMAT,
			 text_or(property(address, "ipAddress"), "-"),
			 number(address, "prefixLength"));
	cli_table_add(table, text_or(property(address, "publicIPAllocationMethod"), "-"));
}

static void row_pool(struct cli_table *table, const json_t *pool)
{
	const json_t *addresses =
		json_object_get(property(pool, "ipConfiguration"), "publicIPAddresses");
	char text[CLI_MEMBER_TEXT_MAX];

	cli_table_add(table, id_of(pool));
	cli_table_add(table, text_or(property(pool, "type"), "-"));
	cli_table_add(table, rate_text(number(pool, "gatewayCapacityKiloBitsPerSecond"), text));
	cli_table_printf(table, "%" JSON_INTEGER_FORMAT, number(pool, "redundantGatewayCount"));
	add_names(table, property(pool, "gateways"), NULL);
	cli_table_printf(table, "%zu", json_array_size(addresses));
	add_names(table, property(pool, "virtualGateways"), NULL);
}

static void row_virtual_network(struct cli_table *table, const json_t *network)
{
	struct buf subnets;
	json_t *subnet;
	size_t index;

	cli_table_add(table, id_of(network));
	add_names(table, json_object_get(property(network, "addressSpace"), "addressPrefixes"),
		  NULL);
	buf_init(&subnets, 0);
	json_array_foreach(property(network, "subnets"), index, subnet)
		buf_printf(&subnets, "%s%s=%s", index == 0 ? "" : " ", id_of(subnet),
			   text_or(property(subnet, "addressPrefix"), "-"));
	cli_table_add(table, subnets.length != 0 ? buf_text(&subnets) : "-");
	buf_done(&subnets);
}

static void row_other(struct cli_table *table, const json_t *resource)
{
	cli_table_add(table, id_of(resource));
	cli_table_add(table, text_or(property(resource, "provisioningState"), "-"));
	cli_table_add(table, status_of(resource));
}

/* Rows of what is inside a tenant. */

static void rows_connection(struct cli_table *table, const char *tenant, const json_t *resource)
{
	char in[CLI_MEMBER_TEXT_MAX], out[CLI_MEMBER_TEXT_MAX];

	cli_table_add(table, tenant);
	cli_table_add(table, id_of(resource));
	cli_table_add(table, text_or(property(resource, "connectionType"), "-"));
	cli_table_add(table, ref_name(property(resource, "gateway")));
	cli_table_add(table, text_or(property(resource, "sourceIPAddress"), "-"));
	cli_table_add(table, text_or(property(resource, "destinationIPAddress"), "-"));
	cli_table_printf(table, "%s/%s",
			 rate_text(number(resource, "inboundKiloBitsPerSecond"), in),
			 rate_text(number(resource, "outboundKiloBitsPerSecond"), out));
	cli_table_printf(table, "%zu", json_array_size(property(resource, "routes")));
	cli_table_add(table, text_or(property(resource, "connectionState"), "-"));
	cli_table_add(table, status_of(resource));
}

static void rows_router(struct cli_table *table, const char *tenant, const json_t *router)
{
	cli_table_add(table, tenant);
	cli_table_add(table, id_of(router));
	cli_table_add(table, text_or(property(router, "extAsNumber"), "-"));
	cli_table_add(table, text_or(json_array_get(property(router, "routerIP"), 0), "-"));
	cli_table_add(table, ref_name(property(router, "gateway")));
	cli_table_printf(table, "%zu", json_array_size(property(router, "bgpPeers")));
	cli_table_add(table, json_is_true(property(router, "isGenerated")) ? "yes" : "no");
	cli_table_add(table, status_of(router));
}

/* How many routes of the tenant have this next hop. */
static size_t routes_from(const json_t *tenant, const char *address)
{
	json_t *connection, *route;
	size_t i, k, count = 0;

	json_array_foreach(property(tenant, "networkConnections"), i, connection)
	{
		json_array_foreach(property(connection, "routes"), k, route)
		{
			if (strcmp(text_or(json_object_get(route, "protocol"), ""), "Bgp") == 0 &&
			    strcmp(text_or(json_object_get(route, "nextHop"), ""), address) == 0)
				count++;
		}
	}
	return count;
}

static void rows_peer(struct cli_table *table, const json_t *tenant, const json_t *peer)
{
	const char *address = text_or(property(peer, "peerIPAddress"), "-");

	cli_table_add(table, id_of(tenant));
	cli_table_add(table, id_of(peer));
	cli_table_add(table, address);
	cli_table_add(table, text_or(property(peer, "asNumber"), "-"));
	cli_table_add(table, text_or(property(peer, "connectionState"), "-"));
	cli_table_printf(table, "%zu", routes_from(tenant, address));
	cli_table_printf(table, "%zu", json_array_size(property(peer, "rejectedRoutes")));
	cli_table_add(table, status_of(peer));
}

static void rows_routes(struct cli_table *table, const char *tenant, const json_t *connection)
{
	json_t *route;
	size_t index;

	json_array_foreach(property(connection, "routes"), index, route)
	{
		char text[CLI_MEMBER_TEXT_MAX];

		cli_table_add(table, tenant);
		cli_table_add(table, cli_member(route, "destinationPrefix", text));
		cli_table_add(table, cli_member(route, "nextHop", text));
		cli_table_add(table, cli_member(route, "metric", text));
		cli_table_add(table, cli_member(route, "protocol", text));
		cli_table_add(table, id_of(connection));
		cli_table_add(table, ref_name(property(connection, "gateway")));
	}
}

struct view {
	const struct schema_kind *kind;
	void (*row)(struct cli_table *table, const json_t *resource);
	const char *headings[12];
};

static const struct view views[] = {
	{ &schema_gateways,
	  row_gateway,
	  { "<Gateway", "<Pool", "<Address", "<State", "<Health", ">Free", ">Connections",
	    "<Reflector for", "<Configuration", NULL } },
	{ &schema_virtual_gateways,
	  row_virtual_gateway,
	  { "<Tenant", "<Routing", "<Pools", ">Connections", ">Peers", "<BGP address",
	    "<Reflector on", "<Configuration", NULL } },
	{ &schema_servers,
	  row_server,
	  { "<Server", "<Address", "<Health", "<Configuration", NULL } },
	{ &schema_network_interfaces,
	  row_network_interface,
	  { "<Interface", "<Address", "<MAC", "<Subnet", "<Server", "<Configuration", NULL } },
	{ &schema_public_ip_addresses,
	  row_public_address,
	  { "<Public address", "<Address", "<Allocation", NULL } },
	{ &schema_gateway_pools,
	  row_pool,
	  { "<Pool", "<Type", ">Capacity each", ">Redundant", "<Gateways", ">Addresses", "<Tenants",
	    NULL } },
	{ &schema_virtual_networks,
	  row_virtual_network,
	  { "<Network", "<Address space", "<Subnets", NULL } },
};

static const struct view view_other = { NULL,
					row_other,
					{ "<Name", "<Provisioning", "<Configuration", NULL } };

static void print_table(const struct schema_kind *kind, const json_t *resources)
{
	const struct view *view = &view_other;
	struct cli_table table;
	json_t *resource;
	size_t index;

	for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
		if (views[i].kind == kind)
			view = &views[i];
	}
	cli_table_init(&table, view->headings);
	json_array_foreach(resources, index, resource) view->row(&table, resource);
	cli_table_print(&table, "");
	cli_table_done(&table);
}

enum inside {
	INSIDE_CONNECTIONS,
	INSIDE_ROUTERS,
	INSIDE_PEERS,
	INSIDE_ROUTES,
	INSIDE_COUNT,
};

static const char *const inside_words[INSIDE_COUNT] = {
	[INSIDE_CONNECTIONS] = "networkConnections",
	[INSIDE_ROUTERS] = "bgpRouters",
	[INSIDE_PEERS] = "bgpPeers",
	[INSIDE_ROUTES] = "routes",
};

static const char *const inside_headings[INSIDE_COUNT][12] = {
	[INSIDE_CONNECTIONS] = { "<Tenant", "<Connection", "<Type", "<Gateway", "<Source",
				 "<Destination", ">In/out", ">Routes", "<State", "<Configuration",
				 NULL },
	[INSIDE_ROUTERS] = { "<Tenant", "<Router", "<AS", "<BGP address", "<Gateway", ">Peers",
			     "<Generated", "<Configuration", NULL },
	[INSIDE_PEERS] = { "<Tenant", "<Peer", "<Address", ">AS", "<Session", ">Routes",
			   ">Rejected", "<Configuration", NULL },
	[INSIDE_ROUTES] = { "<Tenant", "<Prefix", "<Next hop", ">Metric", "<Protocol",
			    "<Connection", "<Gateway", NULL },
};

static void rows_inside(struct cli_table *table, enum inside what, const json_t *tenant)
{
	const json_t *list = property(tenant, what == INSIDE_CONNECTIONS || what == INSIDE_ROUTES
						      ? "networkConnections"
						      : "bgpRouters");
	json_t *item, *peer;
	size_t i, k;

	json_array_foreach(list, i, item)
	{
		if (what == INSIDE_CONNECTIONS)
			rows_connection(table, id_of(tenant), item);
		else if (what == INSIDE_ROUTES)
			rows_routes(table, id_of(tenant), item);
		else if (what == INSIDE_ROUTERS)
			rows_router(table, id_of(tenant), item);
		else
			json_array_foreach(property(item, "bgpPeers"), k, peer)
				rows_peer(table, tenant, peer);
	}
}

/* The same as a document: the resources themselves, one list. */
static json_t *collect_inside(enum inside what, const json_t *tenants)
{
	json_t *all = json_array(), *tenant, *item;
	size_t i, k, n;

	json_array_foreach(tenants, i, tenant)
	{
		const json_t *connections = property(tenant, "networkConnections");
		const json_t *routers = property(tenant, "bgpRouters");

		json_array_foreach(what == INSIDE_ROUTERS || what == INSIDE_PEERS ? routers
										  : connections,
				   k, item)
		{
			json_t *route;

			if (what == INSIDE_CONNECTIONS || what == INSIDE_ROUTERS)
				json_array_append(all, item);
			else if (what == INSIDE_PEERS)
				json_array_extend(all,
						  (json_t *)(uintptr_t)property(item, "bgpPeers"));
			else
				json_array_foreach(property(item, "routes"), n, route)
				{
					json_t *copy = json_deep_copy(route);

					json_object_set_new(copy, "virtualGateway",
							    json_string(id_of(tenant)));
					json_object_set_new(copy, "networkConnection",
							    json_string(id_of(item)));
					json_array_append_new(all, copy);
				}
		}
	}
	return all;
}

static int get_inside(const struct cli *cli, enum inside what)
{
	const char *tenant = cli->argument_count > 1 ? cli->arguments[1] : NULL;
	char path[RESOURCE_REF_TEXT_MAX];
	const struct schema_kind *kind;
	struct cli_table table;
	json_t *answer, *tenants, *all, *each;
	struct error error;
	size_t index;

	if (cli_document_path("virtualGateways", tenant, path, &kind, &error) < 0)
		return cli_fail_error(&error);
	answer = cli_http_get(cli, path);
	if (answer == NULL)
		return CLI_FAILED;
	tenants = tenant == NULL ? json_incref(json_object_get(answer, "value"))
				 : json_pack("[O]", answer);
	if (cli->format != CLI_TABLE) {
		all = collect_inside(what, tenants);
		if (!cli_print_document(cli, all))
			cli_fail("no such format");
		json_decref(all);
	} else {
		cli_table_init(&table, inside_headings[what]);
		json_array_foreach(tenants, index, each) rows_inside(&table, what, each);
		cli_table_print(&table, "");
		cli_table_done(&table);
	}
	json_decref(tenants);
	json_decref(answer);
	return CLI_OK;
}

/* Without a slash in the name these go across tenants. */
static int inside_of(const struct cli *cli)
{
	if (cli->argument_count > 1 && strchr(cli->arguments[1], '/') != NULL)
		return -1;
	for (int i = 0; i < INSIDE_COUNT; i++) {
		size_t length = strlen(inside_words[i]);

		if (strcasecmp(cli->arguments[0], inside_words[i]) == 0 ||
		    (strlen(cli->arguments[0]) == length - 1 &&
		     strncasecmp(cli->arguments[0], inside_words[i], length - 1) == 0))
			return i;
	}
	return -1;
}

int cli_get(const struct cli *cli)
{
	const char *name = cli->argument_count > 1 ? cli->arguments[1] : NULL;
	char path[RESOURCE_REF_TEXT_MAX];
	const struct schema_kind *kind;
	struct error error;
	json_t *answer, *list;

	if (inside_of(cli) >= 0)
		return get_inside(cli, (enum inside)inside_of(cli));
	if (cli_document_path(cli->arguments[0], name, path, &kind, &error) < 0)
		return cli_fail_error(&error);
	answer = cli_http_get(cli, path);
	if (answer == NULL)
		return CLI_FAILED;
	list = name == NULL ? json_incref(json_object_get(answer, "value"))
			    : json_pack("[O]", answer);
	if (!cli_print_document(cli, answer))
		print_table(kind, list);
	json_decref(list);
	json_decref(answer);
	return CLI_OK;
}

int cli_get_describe(const struct cli *cli)
{
	char path[RESOURCE_REF_TEXT_MAX];
	const struct schema_kind *kind;
	struct error error;
	json_t *resource, *detail;
	size_t index;

	if (cli_document_path(cli->arguments[0], cli->arguments[1], path, &kind, &error) < 0)
		return cli_fail_error(&error);
	resource = cli_http_get(cli, path);
	if (resource == NULL)
		return CLI_FAILED;
	if (!cli_print_document(cli, resource)) {
		const json_t *state = property(resource, "configurationState");

		printf("%s %s\n", kind->singular, id_of(resource));
		printf("configuration: %s\n",
		       state != NULL ? status_of(resource) : "nothing to realise");
		json_array_foreach(json_object_get(state, "detailedInfo"), index, detail)
			printf("  %s (%s): %s\n", text_or(json_object_get(detail, "source"), "-"),
			       text_or(json_object_get(detail, "code"), "-"),
			       text_or(json_object_get(detail, "message"), "-"));
		printf("\n");
		cli_print_yaml(resource);
	}
	json_decref(resource);
	return CLI_OK;
}

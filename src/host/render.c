/*
 * render: from a tenant's objects to the items that they want.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A tenant is rendered whole whenever one of its objects, or a device that they speak of, changed:
 * what this rendering did not want again is wanted no more. Only route objects, which can be many,
 * are wanted one by one.
 *
 * A next hop into a device that is not there, or not up, is wanted as a blackhole: so a device can
 * go without the routes on it, and come back without one of them being touched.
 */
#include "host/state.h"

#include <linux/rtnetlink.h>

/* Metrics: what a node knows of its own wins over what it was told, and that over BGP. */
#define METRIC_NEIGHBOR 1
#define METRIC_CE 2
#define METRIC_OBJECT 10
#define METRIC_STATIC 100

#define RULE_PRIORITY 1000

/* The rendering under way. */
struct render {
	struct host *host;
	struct tenant *tenant;
	struct object *owner;
	uint32_t place;
};

static void want(struct render *r, const struct item_key *key, const struct item_value *value)
{
	struct item *item = item_get(r->host, key);
	char words[OBJECT_KEY_MAX + 64];

	if (item->wanted && item->owner != r->owner && item->owner != NULL &&
	    (item->owner->tenant != r->tenant || item->generation == r->tenant->generation)) {
		snprintf(words, sizeof(words), "the %s is that of %s already",
			 item_kind_name(key->kind), item->owner->key);
		object_set_status(r->owner, OBJECT_FAILURE, "Conflict", words);
		return;
	}
	item->generation = r->tenant->generation;
	list_remove(&item->in_render);
	list_push_back(&r->tenant->items, &item->in_render);
	item_want(r->host, item, value, r->owner);
}

static void want_link(struct render *r, uint32_t name, enum item_link_type type, uint32_t mtu)
{
	struct item_key key = { .kind = ITEM_LINK, .place = r->place, .name = name };
	struct item_value value = { .link_type = (uint8_t)type, .up = true, .mtu = mtu };

	want(r, &key, &value);
}

/* `path` is printf's, with one %s for the device; device 0: a path without one. */
static void want_sysctl(struct render *r, const char *path, uint32_t device, const char *text)
{
	char full[128];
	struct item_key key = { .kind = ITEM_SYSCTL, .place = r->place };
	struct item_value value = { .device = device, .text = host_intern(r->host, text) };
	const char *hole = strstr(path, "%s");

	if (hole == NULL)
		snprintf(full, sizeof(full), "%s", path);
	else
		snprintf(full, sizeof(full), "%.*s%s%s", (int)(hole - path), path,
			 host_text(r->host, device), hole + 2);
	key.name = host_intern(r->host, full);
	want(r, &key, &value);
}

static void want_addr(struct render *r, uint32_t place, uint32_t device, const struct ip_addr *addr)
{
	struct item_key key = { .kind = ITEM_ADDR,
				.place = place,
				.name = device,
				.addr = *addr,
				.length = ip_family_bits(addr->family) };
	struct item_value value = { .protocol = HOST_PROTOCOL_OBJECTS };

	want(r, &key, &value);
}

static void want_nexthop(struct render *r, uint32_t id, uint32_t device,
			 const struct ip_addr *gateway)
{
	struct item_key key = { .kind = ITEM_NEXTHOP, .place = r->place, .number = id };
	struct item_value value = { .protocol = HOST_PROTOCOL_OBJECTS };

	if (device == 0 || !link_is_usable(r->host, r->place, device)) {
		value.blackhole = true;
	} else {
		value.device = device;
		if (gateway != NULL)
			value.addr = *gateway;
	}
	want(r, &key, &value);
}

static struct item_key route_key(uint32_t place, uint32_t table, const struct ip_prefix *prefix,
				 uint32_t metric)
{
	return (struct item_key){ .kind = ITEM_ROUTE,
				  .place = place,
				  .number = table,
				  .priority = metric,
				  .addr = prefix->addr,
				  .length = prefix->length };
}

static void want_route(struct render *r, const struct ip_prefix *prefix, uint32_t metric,
		       uint32_t nexthop, uint32_t device, const struct ip_addr *source)
{
	struct item_key key = route_key(r->place, HOST_TABLE_MAIN, prefix, metric);
	struct item_value value = { .protocol = HOST_PROTOCOL_OBJECTS,
				    .number = nexthop,
				    .device = device };

	if (source != NULL)
		value.source = *source;
	want(r, &key, &value);
}

static void want_neigh(struct render *r, uint32_t device, const struct ip_addr *addr,
		       const struct mac_addr *mac)
{
	struct item_key key = {
		.kind = ITEM_NEIGH, .place = r->place, .name = device, .addr = *addr
	};
	struct item_value value = { .mac = *mac };

	want(r, &key, &value);
}

static void render_compartment(struct render *r)
{
	const struct object_compartment *c = &r->owner->compartment;
	struct host *host = r->host;
	struct item_key namespace = { .kind = ITEM_NAMESPACE, .place = r->place };
	struct item_key vx = { .kind = ITEM_LINK, .place = r->place, .name = host->name_vx };
	struct item_value none = { 0 };
	struct item_value vxlan = { .link_type = ITEM_LINK_VXLAN,
				    .up = true,
				    .mtu = c->mtu,
				    .number = c->vni,
				    .addr = c->provider_address,
				    .mac = c->mac };

	want(r, &namespace, &none);
	want_link(r, host->name_lo, ITEM_LINK_LOOPBACK, 0);
	want(r, &vx, &vxlan);
	want_sysctl(r, "net/ipv4/ip_forward", 0, "1");
	/* A nexthop that is replaced is one message, not one for each route on it as well. */
	want_sysctl(r, "net/ipv4/nexthop_compat_mode", 0, "0");
	want_sysctl(r, "net/ipv4/conf/all/rp_filter", 0, "0");
	want_sysctl(r, "net/ipv4/conf/default/rp_filter", 0, "0");
	want_sysctl(r, "net/ipv4/conf/all/send_redirects", 0, "0");
	want_sysctl(r, "net/ipv4/conf/default/send_redirects", 0, "0");
	want_sysctl(r, "net/ipv4/conf/%s/rp_filter", host->name_vx, "0");
	want_sysctl(r, "net/ipv4/conf/%s/send_redirects", host->name_vx, "0");
	want_addr(r, r->place, host->name_vx, &c->overlay_address);
	for (size_t i = 0; i < c->bgp_address_count; i++)
		want_addr(r, r->place, host->name_lo, &c->bgp_addresses[i]);
}

static void render_neighbor(struct render *r)
{
	const struct object_neighbor *neighbor = &r->owner->neighbor;
	uint32_t vx = r->host->name_vx;
	struct item_key fdb = {
		.kind = ITEM_FDB, .place = r->place, .name = vx, .mac = neighbor->mac
	};
	struct item_value behind = { .addr = neighbor->provider_address };
	struct ip_prefix prefix = ip_prefix_host(&neighbor->overlay_address);
	const struct object_compartment *c = &r->tenant->compartment->compartment;

	want_neigh(r, vx, &neighbor->overlay_address, &neighbor->mac);
	want(r, &fdb, &behind);
	/* A host speaks to no gateway's own address: a new gateway is no new route there. */
	if (r->host->self == NULL || !r->host->self->self.host)
		want_route(r, &prefix, METRIC_NEIGHBOR, 0, vx, &c->overlay_address);
}

/* The name that a virtual machine's interface has, by name or alias, here or still outside. */
static uint32_t port_device(struct host *host, uint32_t place, const char *nic)
{
	static const int looks = 2;
	uint32_t number = host_intern(host, nic);

	for (int look = 0; look < looks; look++) {
		const struct place *where = place_get(host, look == 0 ? place : ITEM_PLACE_NODE);

		LIST_FOR_EACH (node, &where->items) {
			const struct item *item = CONTAINER_OF(node, struct item, in_place);

			if (item->key.kind == ITEM_LINK && item->seen &&
			    item->have.link_type == ITEM_LINK_OTHER &&
			    (item->key.name == number || item->have.text == number))
				return item->key.name;
			if (item->key.kind == ITEM_LINK && item->seen && look == 0 &&
			    item->have.link_type == ITEM_LINK_PORT &&
			    (item->key.name == number || item->have.text == number))
				return item->key.name;
		}
	}
	return 0;
}

static void render_port(struct render *r)
{
	const struct object_port *port = &r->owner->port;
	uint32_t device = port_device(r->host, r->place, port->nic);
	struct ip_prefix prefix = ip_prefix_host(&port->address);
	char words[OBJECT_NAME_MAX + 64];

	if (device == 0) {
		snprintf(words, sizeof(words), "no interface has the name or alias %s", port->nic);
		object_set_status(r->owner, OBJECT_WARNING, "InterfaceMissing", words);
		return;
	}
	want_link(r, device, ITEM_LINK_PORT, 0);
	want_sysctl(r, "net/ipv4/conf/%s/proxy_arp", device, "1");
	want_sysctl(r, "net/ipv4/neigh/%s/proxy_delay", device, "0");
	want_sysctl(r, "net/ipv4/conf/%s/rp_filter", device, "0");
	want_sysctl(r, "net/ipv4/conf/%s/send_redirects", device, "0");
	want_addr(r, r->place, device, &port->gateway);
	want_neigh(r, device, &port->address, &port->mac);
	want_route(r, &prefix, METRIC_CE, 0, device, NULL);
}

/* The route of the node's own namespace to an address: the longest that holds it. */
static const struct host_way *way_to(const struct host *host, const struct ip_addr *addr)
{
	const struct host_way *best = NULL;

	for (size_t i = 0; i < host->way_count; i++) {
		const struct host_way *way = &host->ways[i];

		if (ip_prefix_contains(&way->prefix, addr) &&
		    (best == NULL || way->prefix.length > best->prefix.length))
			best = way;
	}
	return best;
}

/* What the connection needs outside: its public address, and packets of its tunnel that leave with
 * that address as source: their mark selects a table with a route of its own to the site. */
static void render_outside(struct render *r)
{
	const struct object_connection *connection = &r->owner->connection;
	struct host *host = r->host;
	const struct ip_addr *peer = &connection->wireguard.endpoint_address;
	const struct host_way *way = way_to(host, peer);
	struct ip_prefix local =
		ip_prefix_of(&connection->public_address, connection->public_prefix_length);
	struct ip_prefix prefix = ip_prefix_host(peer);
	struct item_key rule = { .kind = ITEM_RULE,
				 .place = ITEM_PLACE_NODE,
				 .number = connection->table,
				 .priority = RULE_PRIORITY };
	struct item_value to_table = { .protocol = HOST_PROTOCOL_OBJECTS,
				       .number = connection->table };
	struct item_key key = route_key(ITEM_PLACE_NODE, connection->table, &prefix, 0);
	struct item_value value = { .protocol = HOST_PROTOCOL_OBJECTS,
				    .device = host->external,
				    .source = connection->public_address };
	char words[128], text[IP_TEXT_MAX];

	if (host->external == 0) {
		object_set_status(r->owner, OBJECT_FAILURE, "NoExternalInterface",
				  "external-interface is not set in this node's configuration");
		return;
	}
	want_addr(r, ITEM_PLACE_NODE, host->external, &connection->public_address);
	if (way != NULL) {
		value.device = way->device;
		value.addr = way->gateway;
	} else if (!ip_prefix_contains(&local, peer)) {
		snprintf(words, sizeof(words), "this node has no route to %s",
			 ip_addr_format(peer, text));
		object_set_status(r->owner, OBJECT_WARNING, "NoRoute", words);
		return;
	}
	want(r, &key, &value);
	want(r, &rule, &to_table);
}

static void render_connection(struct render *r)
{
	const struct object_connection *connection = &r->owner->connection;
	uint32_t device = host_intern(r->host, connection->device);
	struct item_key tunnel = { .kind = ITEM_TUNNEL, .place = r->place, .name = device };
	struct item_value config = { .hash = object_wireguard_hash(&connection->wireguard) };

	render_outside(r);
	want(r, &tunnel, &config);
	want_link(r, device, ITEM_LINK_TUNNEL, connection->mtu);
	want_sysctl(r, "net/ipv4/conf/%s/rp_filter", device, "0");
	want_sysctl(r, "net/ipv4/conf/%s/send_redirects", device, "0");
	want_nexthop(r, connection->nexthop_id, device, NULL);
	for (size_t i = 0; i < connection->ce_address_count; i++) {
		struct ip_prefix prefix = ip_prefix_host(&connection->ce_addresses[i]);

		want_route(r, &prefix, METRIC_CE, connection->nexthop_id, 0, NULL);
	}
	for (size_t i = 0; i < connection->static_route_count; i++)
		want_route(r, &connection->static_routes[i].prefix,
			   METRIC_STATIC + connection->static_routes[i].metric,
			   connection->nexthop_id, 0, NULL);
}

static const struct object_connection *tenant_connection(const struct tenant *tenant,
							 const char *name)
{
	LIST_FOR_EACH (node, &tenant->objects) {
		const struct object *object = CONTAINER_OF(node, struct object, in_tenant);

		if (object->kind == OBJECT_CONNECTION && strcmp(object->connection.name, name) == 0)
			return &object->connection;
	}
	return NULL;
}

static void render_nexthop(struct render *r)
{
	const struct object_nexthop *nexthop = &r->owner->nexthop;
	const struct object_connection *connection;
	char words[OBJECT_NAME_MAX + 64];

	if (nexthop->blackhole) {
		want_nexthop(r, nexthop->id, 0, NULL);
	} else if (nexthop->connection[0] == '\0') {
		want_nexthop(r, nexthop->id, r->host->name_vx, &nexthop->via);
	} else {
		connection = tenant_connection(r->tenant, nexthop->connection);
		if (connection == NULL) {
			snprintf(words, sizeof(words), "connection %s is not on this node",
				 nexthop->connection);
			object_set_status(r->owner, OBJECT_WARNING, "ConnectionMissing", words);
			want_nexthop(r, nexthop->id, 0, NULL);
		} else {
			want_nexthop(r, nexthop->id, host_intern(r->host, connection->device),
				     NULL);
		}
	}
}

typedef void render_fn(struct render *r);

static render_fn *const renderers[OBJECT_KINDS] = {
	[OBJECT_COMPARTMENT] = render_compartment,
	[OBJECT_NEIGHBOR] = render_neighbor,
	[OBJECT_NEXTHOP] = render_nexthop,
	[OBJECT_CONNECTION] = render_connection,
	[OBJECT_PORT] = render_port,
};

/* The compartment of a tenant may have got, changed or lost its place. */
static void render_set_place(struct host *host, struct tenant *tenant)
{
	struct place *place = NULL;

	if (tenant->compartment != NULL)
		place = place_get(host, tenant->compartment->compartment.table_id);
	if (place == tenant->place)
		return;
	LIST_FOR_EACH (node, &tenant->objects) {
		struct object *object = CONTAINER_OF(node, struct object, in_tenant);

		if (object->kind == OBJECT_ROUTE)
			render_route_gone(host, object);
	}
	if (tenant->place != NULL && tenant->place->tenant == tenant) {
		tenant->place->tenant = NULL;
		routes_drop(host, tenant->place);
	}
	tenant->place = place;
	if (place == NULL)
		return;
	place->tenant = tenant;
	LIST_FOR_EACH (node, &tenant->objects) {
		struct object *object = CONTAINER_OF(node, struct object, in_tenant);

		if (object->kind == OBJECT_ROUTE)
			render_route(host, object);
	}
}

void render_tenant(struct host *host, struct tenant *tenant)
{
	struct render r = { .host = host, .tenant = tenant };

	render_set_place(host, tenant);
	tenant->generation++;
	LIST_FOR_EACH (node, &tenant->objects) {
		r.owner = CONTAINER_OF(node, struct object, in_tenant);
		if (r.owner->kind == OBJECT_ROUTE)
			continue;
		object_set_status(r.owner, OBJECT_SUCCESS, NULL, NULL);
		if (renderers[r.owner->kind] == NULL)
			continue;
		if (tenant->place == NULL) {
			object_set_status(r.owner, OBJECT_WARNING, "CompartmentMissing",
					  "the tenant has no compartment on this node yet");
			continue;
		}
		r.place = tenant->place->id;
		renderers[r.owner->kind](&r);
	}
	LIST_FOR_EACH_SAFE (node, &tenant->items) {
		struct item *item = CONTAINER_OF(node, struct item, in_render);

		if (item->generation != tenant->generation)
			item_unwant(host, item);
	}
	if (tenant->place != NULL)
		routes_resolve(host, tenant->place);
}

void render_route(struct host *host, struct object *object)
{
	const struct object_route *route = &object->route;
	struct item_value value = { .protocol = HOST_PROTOCOL_OBJECTS, .number = route->nexthop };
	struct item_key key;

	if (object->tenant->place == NULL)
		return;
	key = route_key(object->tenant->place->id, HOST_TABLE_MAIN, &route->prefix, METRIC_OBJECT);
	item_want(host, item_get(host, &key), &value, object);
}

void render_route_gone(struct host *host, struct object *object)
{
	const struct object_route *route = &object->route;
	struct item_key key;
	struct item *item;

	if (object->tenant->place == NULL)
		return;
	key = route_key(object->tenant->place->id, HOST_TABLE_MAIN, &route->prefix, METRIC_OBJECT);
	item = item_find(host, &key);
	if (item != NULL && item->owner == object)
		item_unwant(host, item);
}

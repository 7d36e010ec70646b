/*
 * object: one keyed object of the node channel, checked and read into a plain struct.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "host/object.h"

#include "base/hash.h"
#include "base/mem.h"

static const char *const object_kind_names[OBJECT_KINDS] = {
	[OBJECT_NODE] = "node",		[OBJECT_COMPARTMENT] = "compartment",
	[OBJECT_NEIGHBOR] = "neighbor", [OBJECT_NEXTHOP] = "nexthop",
	[OBJECT_ROUTE] = "route",	[OBJECT_CONNECTION] = "connection",
	[OBJECT_BGP] = "bgp",		[OBJECT_PORT] = "port",
};

static int object_copy_part(const char *part, size_t length, char ret[static OBJECT_NAME_MAX],
			    struct error *e)
{
	if (length == 0 || length >= OBJECT_NAME_MAX)
		return error_set(e, "a part of the key has 1 to %d characters",
				 OBJECT_NAME_MAX - 1);
	memcpy(ret, part, length);
	ret[length] = '\0';
	return 0;
}

int object_key_parse(const char *key, enum object_kind *ret_kind,
		     char ret_tenant[static OBJECT_NAME_MAX], char ret_name[static OBJECT_NAME_MAX],
		     struct error *e)
{
	const char *slash = strchr(key, '/');
	const char *tenant, *second;
	unsigned kind;

	ret_tenant[0] = ret_name[0] = '\0';
	if (slash == NULL || strlen(key) >= OBJECT_KEY_MAX)
		return error_set(e, "key \"%.64s\": expected KIND/TENANT or KIND/TENANT/NAME", key);
	for (kind = 0; kind < OBJECT_KINDS; kind++) {
		if (strlen(object_kind_names[kind]) == (size_t)(slash - key) &&
		    memcmp(object_kind_names[kind], key, (size_t)(slash - key)) == 0)
			break;
	}
	if (kind == OBJECT_KINDS)
		return error_set(e, "key \"%.64s\": this agent knows no such kind", key);
	*ret_kind = kind;
	tenant = slash + 1;
	if (kind == OBJECT_NODE)
		return strcmp(tenant, "self") == 0
			       ? 0
			       : error_set(e, "key \"%.64s\": expected node/self", key);
	second = strchr(tenant, '/');
	if (kind == OBJECT_COMPARTMENT || kind == OBJECT_BGP) {
		if (second != NULL)
			return error_set(e, "key \"%.64s\": expected KIND/TENANT", key);
		return object_copy_part(tenant, strlen(tenant), ret_tenant, e);
	}
	if (second == NULL)
		return error_set(e, "key \"%.64s\": expected KIND/TENANT/NAME", key);
	if (object_copy_part(tenant, (size_t)(second - tenant), ret_tenant, e) < 0)
		return -1;
	return object_copy_part(second + 1, strlen(second + 1), ret_name, e);
}

/* Readers of one field. An absent field is an error unless `required` is false. */
static int field_text(const json_t *value, const char *field, const char **ret_text,
		      struct error *e)
{
	const json_t *text = json_object_get(value, field);

	if (!json_is_string(text))
		return error_set(e, "%s: expected a text", field);
	*ret_text = json_string_value(text);
	return 0;
}

static int field_number(const json_t *value, const char *field, bool required, int64_t min,
			int64_t max, int64_t *ret_number, struct error *e)
{
	const json_t *number = json_object_get(value, field);

	if (number == NULL && !required)
		return 0;
	if (!json_is_integer(number) || json_integer_value(number) < min ||
	    json_integer_value(number) > max)
		return error_set(e, "%s: expected a number from %" PRId64 " to %" PRId64, field,
				 min, max);
	*ret_number = json_integer_value(number);
	return 0;
}

static int field_u32(const json_t *value, const char *field, uint32_t *ret_number, struct error *e)
{
	int64_t number;

	if (field_number(value, field, true, 1, UINT32_MAX, &number, e) < 0)
		return -1;
	*ret_number = (uint32_t)number;
	return 0;
}

static int field_addr(const json_t *value, const char *field, struct ip_addr *ret_addr,
		      struct error *e)
{
	const char *text;

	if (field_text(value, field, &text, e) < 0)
		return -1;
	if (ip_addr_parse(text, ret_addr, e) < 0)
		return error_prefix(e, "%s", field);
	return 0;
}

static int field_mac(const json_t *value, const char *field, struct mac_addr *ret_mac,
		     struct error *e)
{
	const char *text;

	if (field_text(value, field, &text, e) < 0)
		return -1;
	if (mac_addr_parse(text, ret_mac, e) < 0)
		return error_prefix(e, "%s", field);
	return 0;
}

/* A list of addresses; absent is the same as empty. */
static int field_addrs(const json_t *value, const char *field,
		       struct ip_addr ret_addrs[static OBJECT_ADDRESSES_MAX], size_t *ret_count,
		       struct error *e)
{
	const json_t *list = json_object_get(value, field);
	size_t count = json_array_size(list);

	if (list != NULL && (!json_is_array(list) || count > OBJECT_ADDRESSES_MAX))
		return error_set(e, "%s: expected a list of at most %d addresses", field,
				 OBJECT_ADDRESSES_MAX);
	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (ip_addr_parse(text == NULL ? "" : text, &ret_addrs[i], e) < 0)
			return error_prefix(e, "%s[%zu]", field, i);
	}
	*ret_count = count;
	return 0;
}

static int base64_digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = c == '\0' ? NULL : strchr(digits, c);

	return found == NULL ? -1 : (int)(found - digits);
}

/* A WireGuard key: 44 characters of base64 that stand for 32 octets. The text is never repeated. */
static int field_key(const json_t *value, const char *field,
		     uint8_t ret_key[static OBJECT_KEY_BYTES], struct error *e)
{
	const char *text;
	uint32_t bits = 0;
	size_t out = 0;

	if (field_text(value, field, &text, e) < 0)
		return -1;
	if (strlen(text) != 44 || text[43] != '=')
		return error_set(e, "%s: expected a WireGuard key of 44 characters", field);
	for (size_t i = 0; i < 43; i++) {
		int digit = base64_digit(text[i]);

		if (digit < 0)
			return error_set(e, "%s: expected a WireGuard key in base64", field);
		bits = bits << 6 | (uint32_t)digit;
		if (i % 4 == 3) {
			ret_key[out++] = (uint8_t)(bits >> 16);
			ret_key[out++] = (uint8_t)(bits >> 8);
			ret_key[out++] = (uint8_t)bits;
		}
	}
	ret_key[out++] = (uint8_t)(bits >> 10);
	ret_key[out++] = (uint8_t)(bits >> 2);
	assert(out == OBJECT_KEY_BYTES);
	return 0;
}

static int object_read_node(struct object *object, const char *name UNUSED, json_t *value,
			    struct error *e)
{
	struct object_node *self = &object->self;
	const json_t *list = json_object_get(value, "witness");
	size_t count = json_array_size(list);
	const char *role;
	int64_t number = 0;

	self->lease_ms = 3000;
	if (field_text(value, "role", &role, e) < 0 ||
	    field_addr(value, "providerAddress", &self->provider_address, e) < 0 ||
	    field_number(value, "number", false, 0, 65535, &number, e) < 0 ||
	    field_number(value, "leaseMs", false, 100, 600000, &self->lease_ms, e) < 0)
		return -1;
	self->host = strcmp(role, "host") == 0;
	self->number = (uint32_t)number;
	if (!self->host && strcmp(role, "gateway") != 0)
		return error_set(e, "role: expected gateway or host");
	if (count > OBJECT_WITNESSES_MAX)
		return error_set(e, "witness: at most %d", OBJECT_WITNESSES_MAX);
	self->witnesses = mem_zalloc((count + 1) * sizeof(*self->witnesses));
	for (size_t i = 0; i < count; i++) {
		const json_t *entry = json_array_get(list, i);
		const char *text;

		if (field_text(entry, "name", &text, e) < 0 ||
		    field_addr(entry, "address", &self->witnesses[i].address, e) < 0 ||
		    object_copy_part(text, strlen(text), self->witnesses[i].name, e) < 0)
			return error_prefix(e, "witness[%zu]", i);
		self->witness_count = i + 1;
	}
	return 0;
}

static int object_read_compartment(struct object *object, const char *name UNUSED, json_t *value,
				   struct error *e)
{
	struct object_compartment *c = &object->compartment;
	int64_t mtu = 1450, table;

	if (field_number(value, "tableId", true, 1, INT32_MAX, &table, e) < 0 ||
	    field_u32(value, "vni", &c->vni, e) < 0 ||
	    field_addr(value, "overlayAddress", &c->overlay_address, e) < 0 ||
	    field_mac(value, "mac", &c->mac, e) < 0 ||
	    field_addrs(value, "bgpAddresses", c->bgp_addresses, &c->bgp_address_count, e) < 0 ||
	    field_addr(value, "providerAddress", &c->provider_address, e) < 0 ||
	    field_number(value, "mtu", false, 576, 65535, &mtu, e) < 0)
		return -1;
	if (c->vni >= 1u << 24)
		return error_set(e, "vni: expected a number from 1 to 16777215");
	c->table_id = (uint32_t)table;
	c->mtu = (uint32_t)mtu;
	return 0;
}

static int object_read_neighbor(struct object *object, const char *name UNUSED, json_t *value,
				struct error *e)
{
	struct object_neighbor *neighbor = &object->neighbor;

	if (field_addr(value, "overlayAddress", &neighbor->overlay_address, e) < 0 ||
	    field_mac(value, "mac", &neighbor->mac, e) < 0 ||
	    field_addr(value, "providerAddress", &neighbor->provider_address, e) < 0)
		return -1;
	return 0;
}

static int object_read_nexthop(struct object *object, const char *name UNUSED, json_t *value,
			       struct error *e)
{
	struct object_nexthop *nexthop = &object->nexthop;
	const char *text;
	int64_t id;

	if (field_number(value, "id", true, 1, 0x0fffffff, &id, e) < 0)
		return -1;
	nexthop->id = (uint32_t)id;
	if (json_is_true(json_object_get(value, "blackhole"))) {
		nexthop->blackhole = true;
		return 0;
	}
	if (json_object_get(value, "connection") != NULL)
		return field_text(value, "connection", &text, e) < 0 ||
				       object_copy_part(text, strlen(text), nexthop->connection,
							e) < 0
			       ? -1
			       : 0;
	return field_addr(value, "via", &nexthop->via, e);
}

static int object_read_route(struct object *object, const char *name, json_t *value,
			     struct error *e)
{
	struct object_route *route = &object->route;
	int64_t id;

	if (ip_prefix_parse(name, &route->prefix, e) < 0)
		return error_prefix(e, "key");
	if (field_number(value, "nexthop", true, 1, 0x0fffffff, &id, e) < 0)
		return -1;
	route->nexthop = (uint32_t)id;
	return 0;
}

static int object_read_static_routes(struct object_connection *connection, const json_t *value,
				     struct error *e)
{
	const json_t *list = json_object_get(value, "staticRoutes");
	size_t count = json_array_size(list);

	if (count > OBJECT_STATIC_ROUTES_MAX)
		return error_set(e, "staticRoutes: at most %d", OBJECT_STATIC_ROUTES_MAX);
	connection->static_routes = mem_zalloc((count + 1) * sizeof(*connection->static_routes));
	for (size_t i = 0; i < count; i++) {
		const json_t *entry = json_array_get(list, i);
		const char *text;
		int64_t metric = 0;

		if (field_text(entry, "prefix", &text, e) < 0 ||
		    ip_prefix_parse(text, &connection->static_routes[i].prefix, e) < 0 ||
		    field_number(entry, "metric", false, 0, 0x7fffffff, &metric, e) < 0)
			return error_prefix(e, "staticRoutes[%zu]", i);
		connection->static_routes[i].metric = (uint32_t)metric;
	}
	connection->static_route_count = count;
	return 0;
}

static int object_read_wireguard(struct object_connection *connection, const json_t *value,
				 struct error *e)
{
	struct object_wireguard *wireguard = &connection->wireguard;
	const json_t *part = json_object_get(value, "wireGuard");
	int64_t listen_port = 0, peer_port = 0, keepalive = 0;

	if (field_addr(value, "peerAddress", &wireguard->endpoint_address, e) < 0)
		return -1;
	if (field_key(part, "privateKey", wireguard->private_key, e) < 0 ||
	    field_key(part, "peerPublicKey", wireguard->peer_public_key, e) < 0 ||
	    field_number(part, "listenPort", true, 1, 65535, &listen_port, e) < 0 ||
	    field_number(part, "peerEndpointPort", true, 1, 65535, &peer_port, e) < 0 ||
	    field_number(part, "persistentKeepaliveSeconds", false, 0, 65535, &keepalive, e) < 0)
		return error_prefix(e, "wireGuard");
	wireguard->listen_port = (uint16_t)listen_port;
	wireguard->endpoint_port = (uint16_t)peer_port;
	wireguard->keepalive_seconds = (uint16_t)keepalive;
	return 0;
}

static int object_read_connection(struct object *object, const char *name, json_t *value,
				  struct error *e)
{
	struct object_connection *connection = &object->connection;
	uint64_t hash = hash_string(object->key, 0);
	int64_t length = 32, mtu = 1380;
	const char *type;

	if (field_text(value, "type", &type, e) < 0)
		return -1;
	if (strcmp(type, "WireGuard") != 0)
		return error_set(e, "type: this agent has no driver for \"%.32s\", only WireGuard",
				 type);
	if (field_addr(value, "publicAddress", &connection->public_address, e) < 0 ||
	    field_number(value, "publicPrefixLength", false, 0, 128, &length, e) < 0 ||
	    field_number(value, "mtu", false, 576, 65535, &mtu, e) < 0 ||
	    field_addrs(value, "ceAddresses", connection->ce_addresses,
			&connection->ce_address_count, e) < 0 ||
	    object_read_static_routes(connection, value, e) < 0 ||
	    object_read_wireguard(connection, value, e) < 0)
		return -1;
	snprintf(connection->name, sizeof(connection->name), "%s", name);
	connection->public_prefix_length = (uint8_t)length;
	connection->mtu = (uint32_t)mtu;
	snprintf(connection->device, sizeof(connection->device), "hwg%08x", (unsigned)hash);
	connection->nexthop_id = 0x20000000u | (uint32_t)(hash & 0x0fffffff);
	connection->table = 0x48000000u | (uint32_t)(hash >> 32 & 0x00ffffff);
	connection->wireguard.mark = connection->table;
	return 0;
}

static int object_read_bgp(struct object *object, const char *name UNUSED, json_t *value,
			   struct error *e)
{
	json_t *instance = json_object_get(value, "instance");
	int64_t table;

	if (field_number(value, "tableId", true, 1, INT32_MAX, &table, e) < 0)
		return -1;
	if (!json_is_object(instance))
		return error_set(e, "instance: expected an instance document");
	object->bgp.table_id = (uint32_t)table;
	object->bgp.instance = json_incref(instance);
	return 0;
}

static int object_read_port(struct object *object, const char *name, json_t *value, struct error *e)
{
	struct object_port *port = &object->port;
	struct ip_addr gateways[OBJECT_ADDRESSES_MAX];
	size_t count = 0;
	const char *text;

	if (field_addr(value, "address", &port->address, e) < 0 ||
	    field_mac(value, "mac", &port->mac, e) < 0 ||
	    field_addrs(value, "gateways", gateways, &count, e) < 0 ||
	    field_text(value, "subnet", &text, e) < 0)
		return -1;
	if (ip_prefix_parse(text, &port->subnet, e) < 0)
		return error_prefix(e, "subnet");
	if (count == 0)
		return error_set(e, "gateways: expected at least one address");
	port->gateway = gateways[0];
	snprintf(port->nic, sizeof(port->nic), "%s", name);
	return 0;
}

typedef int object_read_fn(struct object *object, const char *name, json_t *value, struct error *e);

static object_read_fn *const object_readers[OBJECT_KINDS] = {
	[OBJECT_NODE] = object_read_node,	  [OBJECT_COMPARTMENT] = object_read_compartment,
	[OBJECT_NEIGHBOR] = object_read_neighbor, [OBJECT_NEXTHOP] = object_read_nexthop,
	[OBJECT_ROUTE] = object_read_route,	  [OBJECT_CONNECTION] = object_read_connection,
	[OBJECT_BGP] = object_read_bgp,		  [OBJECT_PORT] = object_read_port,
};

struct object *object_new(const char *key, json_t *value, struct error *e)
{
	char tenant[OBJECT_NAME_MAX], name[OBJECT_NAME_MAX];
	enum object_kind kind;
	struct object *object;

	if (object_key_parse(key, &kind, tenant, name, e) < 0)
		return NULL;
	if (!json_is_object(value)) {
		error_set(e, "value: expected an object");
		return NULL;
	}
	object = mem_zalloc(sizeof(*object));
	list_init(&object->in_tenant);
	object->key = mem_strdup(key);
	object->kind = (uint8_t)kind;
	if (object_readers[kind](object, name, value, e) < 0) {
		object_free(object);
		return NULL;
	}
	return object;
}

void object_free(struct object *object)
{
	if (object == NULL)
		return;
	if (object->kind == OBJECT_NODE)
		mem_free(object->self.witnesses);
	else if (object->kind == OBJECT_CONNECTION)
		mem_free(object->connection.static_routes);
	else if (object->kind == OBJECT_BGP)
		json_decref(object->bgp.instance);
	mem_free(object->key);
	mem_free(object->message);
	explicit_bzero(object, sizeof(*object));
	mem_free(object);
}

void object_set_status(struct object *object, enum object_status status, const char *code,
		       const char *message)
{
	mem_free(object->message);
	object->status = (uint8_t)status;
	object->code = code;
	object->message = message == NULL ? NULL : mem_strdup(message);
}

uint64_t object_wireguard_hash(const struct object_wireguard *wireguard)
{
	uint64_t hash = hash_bytes(wireguard->private_key, OBJECT_KEY_BYTES, 0);

	hash = hash_bytes(wireguard->peer_public_key, OBJECT_KEY_BYTES, hash);
	hash = hash_u64(hash, (uint64_t)wireguard->listen_port << 32 | wireguard->mark);
	hash = hash_bytes(wireguard->endpoint_address.bytes,
			  sizeof(wireguard->endpoint_address.bytes), hash);
	return hash_u64(hash,
			(uint64_t)wireguard->endpoint_port << 16 | wireguard->keepalive_seconds);
}

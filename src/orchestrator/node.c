/*
 * node: gateways and hosts by name, what the intent says of them, and their own object.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A node that leaves the intent keeps its struct (its streams may be open) and loses everything
 * else: objects, roles and number.
 */
#include "orchestrator/state.h"
#include "overlay/json_text.h"

/* Each gateway is watched by this many others, the next ones by name. */
#define WITNESSES 4u
#define GRACE_LEASES 2

struct node *node_find(const struct orchestrator *o, const char *name)
{
	struct hmap_node *each;

	HMAP_FOR_EACH_WITH_HASH (each, hash_string(name, o->config.seed), &o->nodes) {
		struct node *node = CONTAINER_OF(each, struct node, by_name);

		if (strcmp(node->name, name) == 0)
			return node;
	}
	return NULL;
}

struct node *node_obtain(struct orchestrator *o, const char *name)
{
	struct node *node = node_find(o, name);

	if (node != NULL)
		return node;
	node = mem_zalloc(sizeof(*node));
	node->name = mem_strdup(name);
	hmap_init(&node->objects);
	list_init(&node->log);
	list_init(&node->streams);
	node->connection_reports = json_object();
	node->neighbor_reports = json_object();
	node->lease_until = INSTANT_NEVER;
	hmap_init(&node->feed.tables);
	bmp_decoder_init(&node->feed.decoder);
	hmap_insert(&o->nodes, &node->by_name, hash_string(name, o->config.seed));
	return node;
}

void node_free(struct node *node)
{
	if (node == NULL)
		return;
	objects_free_all(node);
	feed_done(node);
	json_decref(node->probes);
	json_decref(node->connection_reports);
	json_decref(node->neighbor_reports);
	mem_free(node->name);
	mem_free(node);
}

bool node_has_roles(const struct node *node)
{
	return node->connections != 0 || node->reflectors != 0;
}

bool node_is_alive(const struct node *node)
{
	return node != NULL && node->known && node->health == HEALTH_ALIVE;
}

static void obtain_number(struct orchestrator *o, struct node *node)
{
	size_t number;

	if (node->number != 0)
		return;
	number = bitset_first_free(&o->numbers);
	if (number > OVERLAY_NODE_NUMBER_MAX) {
		orchestrator_log(
			o, LOG_LOUD, NULL, node->name,
			"there are already %u nodes: this one gets no number, and carries no "
			"tenant",
			OVERLAY_NODE_NUMBER_MAX);
		return;
	}
	bitset_add(&o->numbers, number);
	node->number = (uint32_t)number;
	node->persist_dirty = true;
}

/* Every tenant that is on the node has to be compiled: its provider address is in all its nodes'
 * objects. */
static void dirty_tenants_of(struct orchestrator *o, const struct node *node)
{
	struct hmap_node *each;

	HMAP_FOR_EACH (each, &o->tenants) {
		struct tenant *tenant = CONTAINER_OF(each, struct tenant, by_name);

		LIST_FOR_EACH (entry, &tenant->programs) {
			if (CONTAINER_OF(entry, struct program, in_tenant)->node == node)
				tenant->dirty = true;
		}
	}
}

/* The node came or went: tenants with a virtual machine on it are made anew. (Those of the former
 * intent; what changed in a tenant itself is seen by its fingerprint.) */
static void dirty_tenants_with_port(struct orchestrator *o, const struct node *node)
{
	struct hmap_node *each;

	HMAP_FOR_EACH (each, &o->tenants) {
		struct tenant *tenant = CONTAINER_OF(each, struct tenant, by_name);

		if (tenant->intent != NULL && overlay_host_has_port(tenant->intent, node->name))
			tenant->dirty = true;
	}
}

static struct node *update(struct orchestrator *o, const char *name, bool gateway,
			   const struct ip_addr *provider, bool was_known, instant_t now)
{
	struct node *node = node_obtain(o, name);
	duration_t grace = { GRACE_LEASES * o->config.lease.ns };

	obtain_number(o, node);
	node->known = true;
	node->gateway = gateway;
	if (!was_known) {
		node->health = HEALTH_UNKNOWN;
		node->ever_leased = false;
		node->lease_until = instant_add(now, grace);
		dirty_tenants_with_port(o, node);
	}
	if (!ip_addr_equal(&node->provider, provider)) {
		node->provider = *provider;
		dirty_tenants_of(o, node);
	}
	return node;
}

static void forget(struct orchestrator *o, struct node *node)
{
	orchestrator_log(o, LOG_NOTE, NULL, node->name, "left the configuration");
	LIST_FOR_EACH_SAFE (entry, &node->log) {
		struct object *object = CONTAINER_OF(entry, struct object, in_log);

		if (object->value != NULL && object->program == NULL)
			objects_delete(o, node, object);
	}
	dirty_tenants_of(o, node);
	bitset_remove(&o->numbers, node->number);
	node->number = 0;
	node->successor = NULL;
	node->health = HEALTH_UNKNOWN;
	node->ever_leased = false;
	persist_delete(o, "node", node->name, NULL);
}

void node_update_all(struct orchestrator *o, instant_t now)
{
	const struct intent *intent = o->intent;
	struct hmap_node *each;
	uint64_t stamp = ++o->mark;

	mem_free(o->gateways);
	mem_free(o->plan_pools);
	o->gateways = mem_zalloc((intent->gateway_count + 1) * sizeof(*o->gateways));
	o->plan_pools = mem_zalloc((intent->pool_count + 1) * sizeof(*o->plan_pools));
	for (size_t i = 0; i < intent->pool_count; i++)
		o->plan_pools[i].redundant = intent->pools[i].redundant_gateway_count;
	for (size_t i = 0; i < intent->gateway_count; i++) {
		const struct intent_gateway *g = &intent->gateways[i];
		struct node *node = node_obtain(o, g->name);

		node = update(o, g->name, true, &g->provider_address, node->known, now);
		node->pool = g->pool == NULL ? NULL : intent_pool_by_name(intent, g->pool);
		node->plan_pool =
			node->pool == NULL ? NULL : &o->plan_pools[node->pool - intent->pools];
		node->stamp = stamp;
		o->gateways[i] = node;
	}
	for (size_t i = 0; i < intent->host_count; i++) {
		const struct intent_host *h = &intent->hosts[i];
		struct node *node = node_obtain(o, h->name);

		if (node->stamp == stamp)
			continue;
		node = update(o, h->name, false, &h->provider_address, node->known, now);
		node->stamp = stamp;
	}
	HMAP_FOR_EACH (each, &o->nodes) {
		struct node *node = CONTAINER_OF(each, struct node, by_name);

		if (node->stamp == stamp || (!node->known && node->number == 0))
			continue;
		node->known = false;
		node->pool = NULL;
		node->plan_pool = NULL;
		forget(o, node);
	}
	o->selves_dirty = true;
}

static void witnesses(struct orchestrator *o, struct json_text *j, size_t mine)
{
	size_t count = o->intent->gateway_count;

	for (size_t i = 1; i < count && i <= WITNESSES; i++) {
		const struct node *other = o->gateways[(mine + i) % count];

		json_text_object(j, NULL);
		json_text_string(j, "name", other->name);
		json_text_addr(j, "address", &other->provider);
		json_text_end_object(j);
	}
}

static void update_self(struct orchestrator *o, struct node *node, size_t gateway_index)
{
	struct buf *value = &o->scratch.value;
	struct json_text j = json_text_of(value);

	buf_clear(value);
	json_text_object(&j, NULL);
	json_text_string(&j, "role", node->gateway ? "gateway" : "host");
	json_text_number(&j, "number", node->number);
	json_text_addr(&j, "providerAddress", &node->provider);
	json_text_number(&j, "leaseMs", (uint64_t)duration_to_ms(o->config.lease));
	json_text_array(&j, "witness");
	if (node->gateway)
		witnesses(o, &j, gateway_index);
	json_text_end_array(&j);
	json_text_end_object(&j);
	objects_put(o, node, "node/self", 0, buf_text(value));
}

void node_update_selves(struct orchestrator *o)
{
	for (size_t i = 0; i < o->intent->gateway_count; i++)
		update_self(o, o->gateways[i], i);
	for (size_t i = 0; i < o->intent->host_count; i++) {
		struct node *node = node_find(o, o->intent->hosts[i].name);

		if (!node->gateway)
			update_self(o, node, 0);
	}
}

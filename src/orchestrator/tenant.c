/*
 * tenant: tenants and their connections by name, and the numbers and addresses that they keep.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Table id and VNI, overlay addresses and public addresses are given out once, kept, and not given
 * to another while they are in use. An overlay address of a gateway that does not have the tenant
 * now stays reserved for it until another needs it.
 */
#include "orchestrator/state.h"
#include "plan/subnet.h"

#define VNI_BASE 5000u

struct tenant *tenant_find(const struct orchestrator *o, const char *name)
{
	struct hmap_node *each;

	HMAP_FOR_EACH_WITH_HASH (each, hash_string(name, o->config.seed), &o->tenants) {
		struct tenant *tenant = CONTAINER_OF(each, struct tenant, by_name);

		if (strcmp(tenant->name, name) == 0)
			return tenant;
	}
	return NULL;
}

struct tenant *tenant_obtain(struct orchestrator *o, const char *name)
{
	struct tenant *tenant = tenant_find(o, name);

	if (tenant != NULL)
		return tenant;
	tenant = mem_zalloc(sizeof(*tenant));
	tenant->name = mem_strdup(name);
	tenant->dirty = tenant->routes_dirty = true;
	list_init(&tenant->programs);
	hmap_init(&tenant->learned);
	hmap_insert(&o->tenants, &tenant->by_name, hash_string(name, o->config.seed));
	return tenant;
}

struct connection *tenant_connection(const struct tenant *tenant, const char *name)
{
	for (size_t i = 0; i < tenant->connection_count; i++)
		if (strcmp(tenant->connections[i]->name, name) == 0)
			return tenant->connections[i];
	return NULL;
}

static struct connection *new_connection(struct tenant *tenant, const char *name)
{
	struct connection *c = mem_zalloc(sizeof(*c));

	c->name = mem_strdup(name);
	c->tenant = tenant;
	return c;
}

struct connection *tenant_obtain_connection(struct tenant *tenant, const char *name)
{
	struct connection *c = tenant_connection(tenant, name);
	size_t count = tenant->connection_count;

	if (c != NULL)
		return c;
	tenant->connections =
		mem_realloc(tenant->connections, (count + 1) * sizeof(struct connection *));
	c = tenant->connections[count] = new_connection(tenant, name);
	tenant->connection_count++;
	return c;
}

void tenant_set_source(struct orchestrator *o, struct connection *c, const struct ip_addr *source,
		       uint8_t length)
{
	if (c->source.family != IP_NONE)
		hmap_remove(&o->addresses, &c->by_address);
	c->source = *source;
	c->source_length = length;
	if (c->source.family != IP_NONE)
		hmap_insert(&o->addresses, &c->by_address,
			    hash_bytes(source->bytes, sizeof(source->bytes), o->config.seed));
}

struct connection *tenant_address_user(const struct orchestrator *o, const struct ip_addr *address)
{
	struct hmap_node *each;

	HMAP_FOR_EACH_WITH_HASH (each,
				 hash_bytes(address->bytes, sizeof(address->bytes), o->config.seed),
				 &o->addresses) {
		struct connection *c = CONTAINER_OF(each, struct connection, by_address);

		if (ip_addr_equal(&c->source, address))
			return c;
	}
	return NULL;
}

static void free_connection(struct orchestrator *o, struct connection *c, bool forget)
{
	static const struct ip_addr none = { 0 };

	placement_set_gateway(o, c, NULL);
	tenant_set_source(o, c, &none, 0);
	if (forget)
		persist_delete(o, "connection", c->tenant->name, c->name);
	mem_free(c->persisted);
	mem_free(c->name);
	mem_free(c);
}

static void free_parts(struct orchestrator *o, struct tenant *tenant, bool forget)
{
	for (size_t i = 0; i < tenant->connection_count; i++)
		free_connection(o, tenant->connections[i], forget);
	learned_free_all(tenant);
	mem_free(tenant->connections);
	mem_free(tenant->overlays);
	mem_free(tenant->ces);
	mem_free(tenant->persisted);
	mem_free(tenant->name);
	mem_free(tenant);
}

void tenant_free(struct orchestrator *o, struct tenant *tenant)
{
	/* at the very end: nodes may be gone, nothing is to be told */
	while (!list_is_empty(&tenant->programs)) {
		struct program *program =
			CONTAINER_OF(tenant->programs.next, struct program, in_tenant);

		list_remove(&program->in_tenant);
		mem_free(program);
	}
	for (size_t i = 0; i < tenant->connection_count; i++)
		tenant->connections[i]->gateway = NULL;
	free_parts(o, tenant, false);
}

static void delete_tenant(struct orchestrator *o, struct tenant *tenant)
{
	orchestrator_log(o, LOG_NOTE, tenant->name, NULL, "deleted");
	while (!list_is_empty(&tenant->programs))
		compile_forget_program(
			o, CONTAINER_OF(tenant->programs.next, struct program, in_tenant));
	placement_set_reflector(o, tenant, NULL);
	if (tenant->hold) {
		tenant->hold = false;
		stream_release(o, tenant);
	}
	stream_forget_tenant(o, tenant);
	hmap_remove(&o->tenants, &tenant->by_name);
	if (tenant->table_id != 0)
		bitset_remove(&o->tables, tenant->table_id);
	persist_delete(o, "tenant", tenant->name, NULL);
	free_parts(o, tenant, true);
}

/* A hash over everything that the tenant is made from. */
static uint64_t mix(uint64_t h, const void *bytes, size_t length)
{
	return hash_bytes(bytes, length, h);
}

static uint64_t mix_text(uint64_t h, const char *text)
{
	return text == NULL ? mix(h, "", 1) : mix(h, text, strlen(text) + 1);
}

static uint64_t mix_number(uint64_t h, uint64_t number)
{
	return mix(h, &number, sizeof(number));
}

static uint64_t mix_addr(uint64_t h, const struct ip_addr *addr)
{
	return mix(h, addr, sizeof(*addr));
}

static uint64_t mix_prefix(uint64_t h, const struct ip_prefix *prefix)
{
	return mix(h, prefix, sizeof(*prefix));
}

static uint64_t connection_fingerprint(uint64_t h, const struct intent_connection *c)
{
	const struct intent_wireguard *w = &c->wireguard;

	h = mix_text(h, c->name);
	h = mix_number(h, c->type);
	h = mix_number(h, c->inbound_kbps + c->outbound_kbps);
	h = mix_addr(h, &c->source_address);
	h = mix_addr(h, &c->destination_address);
	h = mix_number(h, c->route_count);
	for (size_t i = 0; i < c->route_count; i++)
		h = mix_number(mix_prefix(h, &c->routes[i].prefix), c->routes[i].metric);
	h = mix_text(mix_text(mix_text(h, w->private_key), w->public_key), w->peer_public_key);
	h = mix_number(mix_number(h, w->listen_port), w->peer_port);
	return mix_number(h, w->persistent_keepalive_s);
}

static uint64_t fingerprint(const struct intent_tenant *t)
{
	uint64_t h = mix_text(0, t->name);

	h = mix_number(h, t->dynamic);
	for (size_t i = 0; i < t->pool_count; i++)
		h = mix_text(h, t->pools[i]);
	h = mix_number(h, t->address_space_count);
	for (size_t i = 0; i < t->address_space_count; i++)
		h = mix_prefix(h, &t->address_space[i]);
	h = mix_prefix(h, &t->gateway_subnet);
	h = mix_text(h, t->bgp_router);
	h = mix_number(h, t->local_as.number);
	h = mix_addr(h, &t->router_ip);
	h = mix_number(h, t->connection_count);
	for (size_t i = 0; i < t->connection_count; i++)
		h = connection_fingerprint(h, &t->connections[i]);
	for (size_t i = 0; i < t->peer_count; i++) {
		const struct intent_bgp_peer *p = &t->peers[i];

		h = mix_addr(mix_text(h, p->name), &p->address);
		h = mix_number(mix_number(h, p->as.number), p->hold_time_s);
		h = mix_number(h, p->as_override);
	}
	for (size_t i = 0; i < t->nic_count; i++) {
		const struct intent_nic *n = &t->nics[i];

		h = mix_text(mix_text(h, n->name), n->host);
		h = mix(h, &n->mac, sizeof(n->mac));
		h = mix_prefix(mix_addr(h, &n->address), &n->subnet);
	}
	return h;
}

/* Lines the connections up with those of the intent. */
static void update_connections(struct orchestrator *o, struct tenant *t)
{
	size_t count = t->intent->connection_count;
	struct connection **made = mem_zalloc((count + 1) * sizeof(struct connection *));

	for (size_t i = 0; i < count; i++) {
		const struct intent_connection *intent = &t->intent->connections[i];
		struct connection *c = tenant_connection(t, intent->name);

		if (c == NULL) {
			c = new_connection(t, intent->name);
			t->dirty = true;
		}
		c->intent = intent;
		made[i] = c;
	}
	for (size_t i = 0; i < t->connection_count; i++) {
		struct connection *old = t->connections[i];
		bool kept = intent_connection_by_name(t->intent, old->name) != NULL;

		if (!kept)
			free_connection(o, old, true);
	}
	mem_free(t->connections);
	t->connections = made;
	t->connection_count = count;
	for (size_t i = 0; i < count; i++) {
		struct connection *c = made[i];
		struct node *gateway = c->gateway;

		if (gateway == NULL)
			continue;
		/* the bandwidth may be another one now */
		gateway->used_kbps -= c->kbps;
		c->kbps = c->intent->inbound_kbps + c->intent->outbound_kbps;
		gateway->used_kbps += c->kbps;
	}
}

void tenant_update_all(struct orchestrator *o)
{
	struct hmap_node *each, *next;

	mem_free(o->ordered);
	o->ordered = mem_zalloc((o->intent->tenant_count + 1) * sizeof(struct tenant *));
	for (size_t i = 0; i < o->intent->tenant_count; i++) {
		const struct intent_tenant *intent = &o->intent->tenants[i];
		struct tenant *t = tenant_obtain(o, intent->name);
		uint64_t now_is = fingerprint(intent);

		o->ordered[i] = t;
		t->seen = true;
		t->intent = intent;
		if (now_is != t->fingerprint)
			t->dirty = t->routes_dirty = true;
		t->fingerprint = now_is;
		update_connections(o, t);
	}
	HMAP_FOR_EACH_SAFE (each, next, &o->tenants) {
		struct tenant *t = CONTAINER_OF(each, struct tenant, by_name);

		if (!t->seen)
			delete_tenant(o, t);
		else
			t->seen = false;
	}
}

uint32_t tenant_vni(const struct tenant *tenant)
{
	return VNI_BASE + tenant->table_id;
}

asn_t tenant_as(const struct orchestrator *o, const struct tenant *tenant)
{
	return tenant->intent->local_as.number != 0 ? tenant->intent->local_as
						    : o->config.default_as;
}

void tenant_obtain_numbers(struct orchestrator *o, struct tenant *t)
{
	if (t->table_id == 0) {
		t->table_id = (uint32_t)bitset_first_free(&o->tables);
		bitset_add(&o->tables, t->table_id);
	}
	t->bgp_address = t->intent->router_ip.family != IP_NONE
				 ? t->intent->router_ip
				 : subnet_address(&t->intent->gateway_subnet, 1);
}

bool tenant_on_gateway(const struct tenant *t, const struct node *node)
{
	if (t->reflector == node)
		return true;
	for (size_t i = 0; i < t->connection_count; i++)
		if (t->connections[i]->gateway == node || t->connections[i]->leaving == node)
			return true;
	return false;
}

static bool overlay_usable(const struct tenant *t, const struct ip_addr *address)
{
	return ip_prefix_contains(&t->intent->gateway_subnet, address) &&
	       !ip_addr_equal(address, &t->bgp_address);
}

static bool overlay_taken(const struct tenant *t, const struct ip_addr *address)
{
	for (size_t i = 0; i < t->overlay_count; i++)
		if (ip_addr_equal(&t->overlays[i].address, address))
			return true;
	return false;
}

/* Where the address of this node is, or would come from: an entry of overlays (that of the node, or
 * of one that does not need it), or a free address. */
struct overlay_choice {
	struct overlay_lease *lease; /* NULL: a free address */
	struct ip_addr address;
};

static bool choose_overlay(const struct tenant *t, const struct node *node,
			   struct overlay_choice *ret)
{
	uint64_t usable = subnet_usable(&t->intent->gateway_subnet);

	for (size_t i = 0; i < t->overlay_count; i++)
		if (t->overlays[i].node == node && overlay_usable(t, &t->overlays[i].address)) {
			*ret = (struct overlay_choice){ &t->overlays[i], t->overlays[i].address };
			return true;
		}
	for (uint64_t n = 2; n < usable; n++) {
		struct ip_addr address = subnet_address(&t->intent->gateway_subnet, n);

		if (overlay_taken(t, &address) || !overlay_usable(t, &address))
			continue;
		*ret = (struct overlay_choice){ NULL, address };
		return true;
	}
	for (size_t i = 0; i < t->overlay_count; i++)
		if (!tenant_on_gateway(t, t->overlays[i].node) &&
		    overlay_usable(t, &t->overlays[i].address)) {
			*ret = (struct overlay_choice){ &t->overlays[i], t->overlays[i].address };
			return true;
		}
	return false;
}

bool tenant_has_overlay_for(const struct tenant *t, const struct node *node)
{
	struct overlay_choice ignored;

	return choose_overlay(t, node, &ignored);
}

/* An address of a subnet that the tenant does not have any more. */
static void drop_unusable_overlay(struct tenant *t, const struct node *node)
{
	for (size_t i = 0; i < t->overlay_count; i++)
		if (t->overlays[i].node == node && !overlay_usable(t, &t->overlays[i].address)) {
			t->overlays[i] = t->overlays[--t->overlay_count];
			return;
		}
}

bool tenant_overlay(struct tenant *t, struct node *node, struct ip_addr *ret_address)
{
	struct overlay_choice choice;

	drop_unusable_overlay(t, node);
	if (!choose_overlay(t, node, &choice))
		return false;
	if (choice.lease == NULL) {
		MEM_RESERVE(t->overlays, t->overlay_capacity, t->overlay_count + 1);
		choice.lease = &t->overlays[t->overlay_count++];
		choice.lease->address = choice.address;
	}
	choice.lease->node = node;
	*ret_address = choice.address;
	return true;
}

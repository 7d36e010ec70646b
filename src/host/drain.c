/*
 * drain: from items that differ to ordered operations, and from their outcome back to items.
 * SPDX-License-Identifier: Apache-2.0
 *
 * item_touch is the one place that decides what an item needs. Its rules:
 *
 *	wanted, not as seen		make or change, once what it needs is there
 *	wanted, must be remade		remove, after the nexthops on it became blackholes
 *	not wanted, seen		remove, when leave is given (may_remove)
 *	not wanted, not seen		nothing is left of it
 */
#include "host/state.h"

#include <errno.h>

static struct item *link_item(const struct host *host, uint32_t place, uint32_t name)
{
	struct item_key key = { .kind = ITEM_LINK, .place = place, .name = name };

	return item_find(host, &key);
}

static bool item_is_seen(const struct host *host, const struct item_key *key)
{
	const struct item *item = item_find(host, key);

	return item != NULL && item->seen;
}

bool link_is_usable(const struct host *host, uint32_t place, uint32_t name)
{
	const struct item *item = link_item(host, place, name);

	return item != NULL && item->seen && item->have.up && !item->remake;
}

static bool link_is_seen(const struct host *host, uint32_t place, uint32_t name)
{
	const struct item *item = link_item(host, place, name);

	return item != NULL && item->seen && !item->remake;
}

/* Is everything there that this item stands on? */
static bool item_is_ready(const struct host *host, const struct item *item)
{
	const struct item_key *key = &item->key;
	struct item_key need = { .kind = ITEM_NAMESPACE, .place = key->place };

	if (key->kind == ITEM_NAMESPACE)
		return true;
	if (key->place != ITEM_PLACE_NODE && !item_is_seen(host, &need))
		return false;
	switch (key->kind) {
	case ITEM_LINK:
		if (item->seen || item->want.link_type == ITEM_LINK_VXLAN)
			return true;
		return link_is_seen(host, ITEM_PLACE_NODE, key->name);
	case ITEM_ADDR:
	case ITEM_NEIGH:
	case ITEM_FDB:
		return link_is_seen(host, key->place, key->name);
	case ITEM_SYSCTL:
		return item->want.device == 0 || link_is_seen(host, key->place, item->want.device);
	case ITEM_NEXTHOP:
		return item->want.blackhole || link_is_usable(host, key->place, item->want.device);
	case ITEM_ROUTE:
		if (item->want.number == 0)
			return link_is_usable(host, key->place, item->want.device);
		need.kind = ITEM_NEXTHOP;
		need.number = item->want.number;
		return item_is_seen(host, &need);
	default:
		return true;
	}
}

static bool host_has_hold(const struct host *host, const char *kind, const char *tenant)
{
	char start[OBJECT_KEY_MAX];
	size_t length = (size_t)snprintf(start, sizeof(start), "%s/%s/", kind, tenant);

	for (size_t i = 0; i < host->hold_count; i++) {
		size_t hold_length = strlen(host->holds[i]);

		if (strncmp(host->holds[i], start, MIN(hold_length, length)) == 0)
			return true;
	}
	return false;
}

static bool nexthop_is_fpm(uint32_t id)
{
	return id >= HOST_FPM_NEXTHOP_BASE && id < 2 * HOST_FPM_NEXTHOP_BASE;
}

/* May something go that this process never wanted: left by another life of the agent? */
static bool may_remove_leftover(const struct host *host, const struct item *item)
{
	const struct place *place = place_find(host, item->key.place);
	const char *tenant = place->tenant != NULL ? place->tenant->name : "";
	bool route = item->key.kind == ITEM_ROUTE, nexthop = item->key.kind == ITEM_NEXTHOP;

	if (!host->synced)
		return false;
	if (item->key.kind == ITEM_NAMESPACE)
		return !host_has_hold(host, "compartment", tenant);
	if (place->tenant == NULL)
		return true;
	if ((route && item->have.protocol == HOST_PROTOCOL_BGP) ||
	    (nexthop && nexthop_is_fpm(item->key.number)))
		return place->end_of_rib || place->tenant->bgp == NULL;
	if (route || nexthop)
		return !host_has_hold(host, "route", tenant) &&
		       !(nexthop && host_has_hold(host, "nexthop", tenant));
	return true;
}

/* Things that are seen without being ours to take away. */
static bool item_is_foreign(const struct item *item)
{
	const struct item_key *key = &item->key;

	if (key->kind == ITEM_SYSCTL)
		return true;
	if (key->kind != ITEM_LINK)
		return false;
	return item->have.link_type == ITEM_LINK_LOOPBACK ||
	       (key->place == ITEM_PLACE_NODE && item->have.link_type != ITEM_LINK_TUNNEL);
}

/* A tunnel's device on its way through the node's own namespace belongs to the tunnel's item. */
static bool link_is_in_transit(const struct host *host, const struct item *item)
{
	const struct object *object;

	if (item->key.kind != ITEM_LINK || item->key.place != ITEM_PLACE_NODE)
		return false;
	object = host_connection_by_device(host, host_text(host, item->key.name));
	return object != NULL;
}

static void item_set_state(struct item *item, enum item_state state, struct list *list)
{
	list_remove(&item->in_state);
	item->state = (uint8_t)state;
	if (list != NULL)
		list_push_back(list, &item->in_state);
}

void item_touch(struct host *host, struct item *item)
{
	enum item_kind kind = item->key.kind;
	struct place *place;

	if (item->state == ITEM_BUSY)
		return;
	if (!item->wanted && !item->seen) {
		item_set_state(item, ITEM_CLEAN, &host->dead);
		return;
	}
	item->remake = item->wanted && item->seen &&
		       item_value_needs_remake(kind, &item->have, &item->want);
	if (item->wanted && item->seen && item_value_satisfies(kind, &item->have, &item->want)) {
		mem_free(item->error);
		item->error = NULL;
		item_set_state(item, ITEM_CLEAN, NULL);
	} else if (item->remake) {
		item_set_state(item, ITEM_DIRTY, &host->remove[kind]);
	} else if (item->wanted) {
		place = place_get(host, item->key.place);
		if (item_is_ready(host, item))
			item_set_state(item, ITEM_DIRTY, &host->make[kind]);
		else
			item_set_state(item, ITEM_BLOCKED, &place->blocked);
	} else if (item_is_foreign(item) || link_is_in_transit(host, item) ||
		   !(item->known || may_remove_leftover(host, item))) {
		item_set_state(item, ITEM_CLEAN, NULL);
	} else {
		item_set_state(item, ITEM_DIRTY, &host->remove[kind]);
	}
}

void item_want(struct host *host, struct item *item, const struct item_value *value,
	       struct object *owner)
{
	item->want = *value;
	item->wanted = true;
	item->known = true;
	item->owner = owner;
	item_touch(host, item);
}

void item_unwant(struct host *host, struct item *item)
{
	item->wanted = false;
	item->owner = NULL;
	item->from_fpm = false;
	list_remove(&item->in_render);
	item_touch(host, item);
}

void place_touch_blocked(struct host *host, struct place *place)
{
	struct list waiting;

	list_init(&waiting);
	while (!list_is_empty(&place->blocked))
		list_push_back(&waiting, list_pop_front(&place->blocked));
	while (!list_is_empty(&waiting))
		item_touch(host, CONTAINER_OF(list_pop_front(&waiting), struct item, in_state));
}

void place_touch_all(struct host *host, struct place *place)
{
	LIST_FOR_EACH_SAFE (node, &place->items)
		item_touch(host, CONTAINER_OF(node, struct item, in_place));
}

/* A device came, went, or changed its state: what stands on it is looked at anew. */
static void link_changed(struct host *host, struct item *link, bool was_usable)
{
	struct place *place = place_get(host, link->key.place);
	bool usable = link->seen && link->have.up;

	if (was_usable && !usable) {
		place->suspect = true;
		LIST_FOR_EACH_SAFE (node, &place->items) {
			struct item *item = CONTAINER_OF(node, struct item, in_place);

			if (item->key.kind == ITEM_SYSCTL && !link->seen &&
			    item->want.device == link->key.name && item->state != ITEM_BUSY)
				item_saw(host, item, NULL);
		}
	}
	if (!link->seen && link->have.link_type == ITEM_LINK_TUNNEL) {
		struct item_key key = { .kind = ITEM_TUNNEL,
					.place = place->id,
					.name = link->key.name };
		struct item *tunnel = item_find(host, &key);

		if (tunnel != NULL && tunnel->state != ITEM_BUSY)
			item_saw(host, tunnel, NULL);
	}
	tenant_dirty(host, place->tenant);
	place_touch_blocked(host, place);
	if (place->id != ITEM_PLACE_NODE)
		return;
	/* Devices of the node may be ones that compartments wait for. */
	for (struct hmap_node *node = hmap_first(&host->places); node != NULL;
	     node = hmap_next(&host->places, node)) {
		struct place *other = CONTAINER_OF(node, struct place, node);

		tenant_dirty(host, other->tenant);
		place_touch_blocked(host, other);
	}
}

void item_saw(struct host *host, struct item *item, const struct item_value *value)
{
	bool was_usable = item->seen && item->have.up;
	bool changed = item->seen != (value != NULL);
	enum item_kind kind = item->key.kind;
	struct place *place = place_get(host, item->key.place);

	if (kind == ITEM_LINK && value != NULL && item->seen)
		changed = item->have.up != value->up || item->have.text != value->text;
	item->seen = value != NULL;
	if (value != NULL)
		item->have = *value;
	if (changed && kind == ITEM_LINK)
		link_changed(host, item, was_usable);
	else if (changed && value != NULL && (kind == ITEM_NAMESPACE || kind == ITEM_NEXTHOP))
		place_touch_blocked(host, place);
	item_touch(host, item);
}

static void host_operation_fill(struct item *item, bool removing, struct host_operation *operation)
{
	*operation = (struct host_operation){ .item = item,
					      .key = item->key,
					      .value = removing ? item->have : item->want };
	operation->verb = removing ? HOST_REMOVE : item->seen ? HOST_CHANGE : HOST_MAKE;
	if (!removing && item->key.kind == ITEM_LINK && !item->seen &&
	    item->want.link_type != ITEM_LINK_VXLAN) {
		operation->verb = HOST_MOVE;
		operation->from_place = ITEM_PLACE_NODE;
	}
	if (!removing && item->key.kind == ITEM_TUNNEL && item->owner != NULL)
		operation->connection = &item->owner->connection;
}

static size_t host_take(struct host *host, struct list *list, bool removing,
			struct host_operation *ret_operations, size_t max)
{
	size_t count = 0;

	while (count < max && !list_is_empty(list)) {
		struct item *item = CONTAINER_OF(list->next, struct item, in_state);

		/* What it stands on may have gone since it was listed. */
		if (!removing && !item_is_ready(host, item)) {
			item_touch(host, item);
			continue;
		}
		item_set_state(item, ITEM_BUSY, NULL);
		host_operation_fill(item, removing, &ret_operations[count++]);
	}
	return count;
}

/* Frees what nothing is left of: here, where nobody walks a list of items. */
static void host_reap(struct host *host)
{
	while (!list_is_empty(&host->dead)) {
		struct item *item =
			CONTAINER_OF(list_pop_front(&host->dead), struct item, in_state);

		if (!item->wanted && !item->seen && item->state == ITEM_CLEAN)
			item_free(host, item);
	}
}

size_t host_operations(struct host *host, struct host_operation *ret_operations, size_t max)
{
	size_t count;

	host_reap(host);
	while (!list_is_empty(&host->dirty_tenants)) {
		struct tenant *tenant =
			CONTAINER_OF(list_pop_front(&host->dirty_tenants), struct tenant, dirty);

		render_tenant(host, tenant);
	}
	for (int kind = 0; kind < ITEM_KINDS; kind++) {
		count = host_take(host, &host->make[kind], false, ret_operations, max);
		if (count != 0)
			return count;
	}
	for (int kind = ITEM_KINDS - 1; kind >= 0; kind--) {
		count = host_take(host, &host->remove[kind], true, ret_operations, max);
		if (count != 0)
			return count;
	}
	return 0;
}

/* What the kernel took with a namespace or a device that was removed. */
static void host_removed(struct host *host, const struct item_key *key)
{
	struct place *place = place_get(host, key->place);

	if (key->kind != ITEM_NAMESPACE)
		return;
	LIST_FOR_EACH_SAFE (node, &place->items) {
		struct item *item = CONTAINER_OF(node, struct item, in_place);

		if (item->state != ITEM_BUSY)
			item->seen = false;
	}
	place_touch_all(host, place);
	tenant_dirty(host, place->tenant);
}

void host_done(struct host *host, const struct host_operation *operation, int code,
	       const char *text)
{
	struct item *item = operation->item;
	struct item_value have = operation->value;

	item->state = ITEM_CLEAN;
	if (code != 0) {
		const char *words = text != NULL && text[0] != '\0' ? text : strerror(code);

		mem_free(item->error);
		item->error = mem_strdup(words);
		item_set_state(item, ITEM_FAILED, &host->failed);
		return;
	}
	mem_free(item->error);
	item->error = NULL;
	if (operation->verb == HOST_REMOVE) {
		struct item_key key = item->key;

		item_saw(host, item, NULL);
		host_removed(host, &key);
		return;
	}
	/* A moved device is down, and its settings are what they were: the next turn sets them. */
	if (operation->verb == HOST_MOVE) {
		struct item *left = link_item(host, operation->from_place, item->key.name);

		have.up = false;
		have.mtu = 0;
		if (left != NULL) {
			have.text = left->have.text;
			item_saw(host, left, NULL);
		}
	}
	if (item->key.kind == ITEM_LINK && item->seen)
		have.text = item->have.text;
	item_saw(host, item, &have);
}

bool host_retry(struct host *host)
{
	struct list waiting;
	bool any = !list_is_empty(&host->failed);

	list_init(&waiting);
	while (!list_is_empty(&host->failed))
		list_push_back(&waiting, list_pop_front(&host->failed));
	while (!list_is_empty(&waiting))
		item_touch(host, CONTAINER_OF(list_pop_front(&waiting), struct item, in_state));
	return any;
}

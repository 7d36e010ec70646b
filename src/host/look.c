/*
 * look: what was seen in the kernel comes in, what the brain knows goes out.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "host/state.h"

void host_observe_begin(struct host *host, uint32_t id, unsigned kinds)
{
	struct place *place = place_get(host, id);

	LIST_FOR_EACH (node, &place->items)
		CONTAINER_OF(node, struct item, in_place)->marked = false;
	if (id == ITEM_PLACE_NODE && (kinds & 1u << ITEM_ROUTE) != 0)
		host->way_count = 0;
}

void host_observe(struct host *host, const struct item_key *key, const struct item_value *value)
{
	struct item *item = item_get(host, key);

	item->marked = true;
	if (item->state != ITEM_BUSY)
		item_saw(host, item, value);
}

void host_observe_way(struct host *host, const struct ip_prefix *prefix,
		      const struct ip_addr *gateway, uint32_t device)
{
	MEM_RESERVE(host->ways, host->way_capacity, host->way_count + 1);
	host->ways[host->way_count++] =
		(struct host_way){ .prefix = *prefix, .gateway = *gateway, .device = device };
}

void host_observe_end(struct host *host, uint32_t id, unsigned kinds)
{
	struct place *place = place_get(host, id);

	LIST_FOR_EACH_SAFE (node, &place->items) {
		struct item *item = CONTAINER_OF(node, struct item, in_place);

		if ((kinds & 1u << item->key.kind) != 0 && item->seen && !item->marked &&
		    item->state != ITEM_BUSY)
			item_saw(host, item, NULL);
	}
	if (id != ITEM_PLACE_NODE || (kinds & 1u << ITEM_ROUTE) == 0)
		return;
	/* The ways to the sites may have changed. */
	for (struct hmap_node *node = hmap_first(&host->tenants); node != NULL;
	     node = hmap_next(&host->tenants, node))
		tenant_dirty(host, CONTAINER_OF(node, struct tenant, node));
}

bool host_take_suspect(struct host *host, uint32_t *ret_place)
{
	struct hmap_node *node;

	HMAP_FOR_EACH (node, &host->places) {
		struct place *place = CONTAINER_OF(node, struct place, node);

		if (!place->suspect)
			continue;
		place->suspect = false;
		*ret_place = place->id;
		return true;
	}
	return false;
}

uint32_t host_tenant_place(const struct host *host, const char *name)
{
	const struct tenant *tenant = tenant_find(host, name);
	struct item_key key = { .kind = ITEM_NAMESPACE };
	const struct item *item;

	if (tenant == NULL || tenant->compartment == NULL)
		return 0;
	key.place = tenant->compartment->compartment.table_id;
	item = item_find(host, &key);
	return item != NULL && item->seen ? key.place : 0;
}

const char *host_place_tenant(const struct host *host, uint32_t id)
{
	const struct place *place = place_find(host, id);

	return place != NULL && place->tenant != NULL ? place->tenant->name : "";
}

void host_places(const struct host *host, host_place_fn *call, void *arg)
{
	struct hmap_node *node;

	HMAP_FOR_EACH (node, &host->places) {
		const struct place *place = CONTAINER_OF(node, struct place, node);

		if (place->id == ITEM_PLACE_NODE || !list_is_empty(&place->items))
			call(place->id, arg);
	}
}

const struct object_node *host_self(const struct host *host)
{
	return host->self != NULL ? &host->self->self : NULL;
}

void host_objects(const struct host *host, host_object_fn *call, void *arg)
{
	struct hmap_node *node;

	HMAP_FOR_EACH (node, &host->objects)
		call(CONTAINER_OF(node, struct object, node), arg);
}

const char *host_object_tenant(const struct object *object)
{
	return object->tenant != NULL ? object->tenant->name : "";
}

const struct object *host_connection_by_device(const struct host *host, const char *device)
{
	struct hmap_node *node;

	HMAP_FOR_EACH (node, &host->tenants) {
		const struct tenant *tenant = CONTAINER_OF(node, struct tenant, node);

		LIST_FOR_EACH (in_tenant, &tenant->objects) {
			const struct object *object =
				CONTAINER_OF(in_tenant, struct object, in_tenant);

			if (object->kind == OBJECT_CONNECTION &&
			    strcmp(object->connection.device, device) == 0)
				return object;
		}
	}
	return NULL;
}

bool host_connection_is_up(const struct host *host, const struct object *object)
{
	const struct place *place = object->tenant->place;
	struct hmap_node *node;

	if (place == NULL)
		return false;
	HMAP_FOR_EACH (node, &host->names) {
		const struct host_name *name = CONTAINER_OF(node, struct host_name, node);

		if (strcmp(name->text, object->connection.device) == 0)
			return link_is_usable(host, place->id, name->number);
	}
	return false;
}

/* The words for an item that is not as wanted. */
static void item_words(const struct host *host, const struct item *item, char *text,
		       size_t capacity)
{
	char address[IP_TEXT_MAX];
	const char *name = item->key.name != 0 ? host_text(host, item->key.name) : "";

	if (item->key.addr.family != IP_NONE)
		name = ip_addr_format(&item->key.addr, address);
	if (item->error != NULL)
		snprintf(text, capacity, "%s %s: %s", item_kind_name(item->key.kind), name,
			 item->error);
	else if (item->key.kind == ITEM_ROUTE && item->want.number != 0)
		snprintf(text, capacity, "route %s/%u waits for nexthop %u", name, item->key.length,
			 item->want.number);
	else
		snprintf(text, capacity, "%s %s waits for what it stands on",
			 item_kind_name(item->key.kind), name);
}

/* Lays the trouble of items on the objects that own them; the first one stays. */
static void statuses_collect(struct host *host, const struct list *items, bool failed)
{
	char text[256];

	LIST_FOR_EACH (node, items) {
		const struct item *item = CONTAINER_OF(node, struct item, in_state);

		if (item->owner == NULL || item->owner->status != OBJECT_SUCCESS)
			continue;
		item_words(host, item, text, sizeof(text));
		object_set_status(item->owner, failed ? OBJECT_FAILURE : OBJECT_WARNING,
				  failed ? "KernelRefused" : "Waiting", text);
	}
}

/* Takes away what statuses_collect laid. */
static void statuses_clear(struct object *object)
{
	if (object->code != NULL &&
	    (strcmp(object->code, "KernelRefused") == 0 || strcmp(object->code, "Waiting") == 0))
		object_set_status(object, OBJECT_SUCCESS, NULL, NULL);
}

void host_statuses(struct host *host, host_status_fn *call, void *arg)
{
	struct hmap_node *node;

	statuses_collect(host, &host->failed, true);
	HMAP_FOR_EACH (node, &host->places)
		statuses_collect(host, &CONTAINER_OF(node, struct place, node)->blocked, false);
	HMAP_FOR_EACH (node, &host->objects) {
		struct object *object = CONTAINER_OF(node, struct object, node);
		struct host_status status = { .key = object->key,
					      .revision = object->revision,
					      .status = object->status,
					      .code = object->code,
					      .message = object->message };

		if (object->kind != OBJECT_ROUTE || object->status != OBJECT_SUCCESS)
			call(&status, arg);
		statuses_clear(object);
	}
	LIST_FOR_EACH (refused, &host->refusals) {
		const struct host_refusal *refusal =
			CONTAINER_OF(refused, struct host_refusal, node);
		struct host_status status = { .key = refusal->key,
					      .revision = refusal->revision,
					      .status = OBJECT_FAILURE,
					      .code = refusal->code,
					      .message = refusal->message };

		call(&status, arg);
	}
}

static size_t list_length(const struct list *list)
{
	size_t count = 0;

	LIST_FOR_EACH (node, list)
		count++;
	return count;
}

struct host_counts host_count(const struct host *host)
{
	struct host_counts counts = { .objects = host->objects.count, .items = host->items.count };
	struct hmap_node *node;

	HMAP_FOR_EACH (node, &host->items)
		counts.wanted += CONTAINER_OF(node, struct item, node)->wanted;
	for (int kind = 0; kind < ITEM_KINDS; kind++)
		counts.dirty += list_length(&host->make[kind]) + list_length(&host->remove[kind]);
	HMAP_FOR_EACH (node, &host->places)
		counts.blocked += list_length(&CONTAINER_OF(node, struct place, node)->blocked);
	counts.failed = list_length(&host->failed);
	return counts;
}

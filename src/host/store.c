/*
 * store: finding and making the things that the brain remembers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/hash.h"
#include "host/state.h"

struct host *host_new(uint64_t seed, const char *external)
{
	struct host *host = mem_zalloc(sizeof(*host));

	host->seed = seed;
	hmap_init(&host->names);
	hmap_init(&host->objects);
	hmap_init(&host->tenants);
	hmap_init(&host->places);
	hmap_init(&host->items);
	hmap_init(&host->epochs);
	slab_init(&host->item_slab, sizeof(struct item));
	list_init(&host->dirty_tenants);
	list_init(&host->failed);
	list_init(&host->dead);
	list_init(&host->refusals);
	for (int kind = 0; kind < ITEM_KINDS; kind++) {
		list_init(&host->make[kind]);
		list_init(&host->remove[kind]);
	}
	host_intern(host, ""); /* number 0 */
	host->external = host_intern(host, external);
	host->name_vx = host_intern(host, "vx");
	host->name_lo = host_intern(host, "lo");
	place_get(host, ITEM_PLACE_NODE);
	return host;
}

static void host_free_items(struct host *host)
{
	struct hmap_node *node, *next;

	HMAP_FOR_EACH_SAFE (node, next, &host->items)
		mem_free(CONTAINER_OF(node, struct item, node)->error);
	slab_done(&host->item_slab);
	hmap_done(&host->items);
}

void host_free(struct host *host)
{
	struct hmap_node *node, *next;

	if (host == NULL)
		return;
	host_free_items(host);
	HMAP_FOR_EACH_SAFE (node, next, &host->objects)
		object_free(CONTAINER_OF(node, struct object, node));
	HMAP_FOR_EACH_SAFE (node, next, &host->tenants) {
		struct tenant *tenant = CONTAINER_OF(node, struct tenant, node);

		mem_free(tenant->name);
		mem_free(tenant);
	}
	HMAP_FOR_EACH_SAFE (node, next, &host->places) {
		struct place *place = CONTAINER_OF(node, struct place, node);

		mem_free(place->nexthops);
		mem_free(place);
	}
	HMAP_FOR_EACH_SAFE (node, next, &host->epochs)
		mem_free(CONTAINER_OF(node, struct host_epoch, node));
	while (!list_is_empty(&host->refusals)) {
		struct host_refusal *refusal =
			CONTAINER_OF(list_pop_front(&host->refusals), struct host_refusal, node);

		mem_free(refusal->message);
		mem_free(refusal);
	}
	for (size_t i = 0; i < host->name_count; i++)
		mem_free(host->name_of[i]);
	for (size_t i = 0; i < host->hold_count; i++)
		mem_free(host->holds[i]);
	hmap_done(&host->names);
	hmap_done(&host->objects);
	hmap_done(&host->tenants);
	hmap_done(&host->places);
	hmap_done(&host->epochs);
	mem_free(host->name_of);
	mem_free(host->ways);
	mem_free(host);
}

uint32_t host_intern(struct host *host, const char *text)
{
	uint64_t hash = hash_string(text, host->seed);
	size_t length = strlen(text);
	struct hmap_node *node;
	struct host_name *name;

	HMAP_FOR_EACH_WITH_HASH (node, hash, &host->names) {
		name = CONTAINER_OF(node, struct host_name, node);
		if (strcmp(name->text, text) == 0)
			return name->number;
	}
	MEM_RESERVE(host->name_of, host->name_capacity, host->name_count + 1);
	name = mem_alloc(sizeof(*name) + length + 1);
	memcpy(name->text, text, length + 1);
	name->number = (uint32_t)host->name_count;
	host->name_of[host->name_count++] = name;
	hmap_insert(&host->names, &name->node, hash);
	return name->number;
}

const char *host_text(const struct host *host, uint32_t number)
{
	assert(number < host->name_count);
	return host->name_of[number]->text;
}

struct place *place_find(const struct host *host, uint32_t id)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash_u64(id, host->seed), &host->places) {
		struct place *place = CONTAINER_OF(node, struct place, node);

		if (place->id == id)
			return place;
	}
	return NULL;
}

struct place *place_get(struct host *host, uint32_t id)
{
	struct place *place = place_find(host, id);

	if (place != NULL)
		return place;
	place = mem_zalloc(sizeof(*place));
	place->id = id;
	list_init(&place->items);
	list_init(&place->blocked);
	hmap_insert(&host->places, &place->node, hash_u64(id, host->seed));
	return place;
}

struct tenant *tenant_find(const struct host *host, const char *name)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash_string(name, host->seed), &host->tenants) {
		struct tenant *tenant = CONTAINER_OF(node, struct tenant, node);

		if (strcmp(tenant->name, name) == 0)
			return tenant;
	}
	return NULL;
}

struct tenant *tenant_get(struct host *host, const char *name)
{
	struct tenant *tenant = tenant_find(host, name);

	if (tenant != NULL)
		return tenant;
	tenant = mem_zalloc(sizeof(*tenant));
	tenant->name = mem_strdup(name);
	list_init(&tenant->objects);
	list_init(&tenant->items);
	list_init(&tenant->dirty);
	hmap_insert(&host->tenants, &tenant->node, hash_string(name, host->seed));
	return tenant;
}

void tenant_dirty(struct host *host, struct tenant *tenant)
{
	if (tenant != NULL && list_is_empty(&tenant->dirty))
		list_push_back(&host->dirty_tenants, &tenant->dirty);
}

struct object *object_find(const struct host *host, const char *key)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash_string(key, host->seed), &host->objects) {
		struct object *object = CONTAINER_OF(node, struct object, node);

		if (strcmp(object->key, key) == 0)
			return object;
	}
	return NULL;
}

struct item *item_find(const struct host *host, const struct item_key *key)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, item_key_hash(key, host->seed), &host->items) {
		struct item *item = CONTAINER_OF(node, struct item, node);

		if (item_key_equal(&item->key, key))
			return item;
	}
	return NULL;
}

struct item *item_get(struct host *host, const struct item_key *key)
{
	struct item *item = item_find(host, key);

	if (item != NULL)
		return item;
	item = slab_alloc(&host->item_slab);
	item->key = *key;
	list_init(&item->in_place);
	list_init(&item->in_state);
	list_init(&item->in_render);
	list_push_back(&place_get(host, key->place)->items, &item->in_place);
	hmap_insert(&host->items, &item->node, item_key_hash(key, host->seed));
	return item;
}

void item_free(struct host *host, struct item *item)
{
	list_remove(&item->in_place);
	list_remove(&item->in_state);
	list_remove(&item->in_render);
	hmap_remove(&host->items, &item->node);
	mem_free(item->error);
	slab_free(&host->item_slab, item);
}

/*
 * host: the agent's brain: objects, holds and epochs.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/hash.h"
#include "host/state.h"

#define HOST_REFUSALS_MAX 1024

static struct host_epoch *epoch_find(const struct host *host, const char *key)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash_string(key, host->seed), &host->epochs) {
		struct host_epoch *epoch = CONTAINER_OF(node, struct host_epoch, node);

		if (strcmp(epoch->key, key) == 0)
			return epoch;
	}
	return NULL;
}

void host_epoch_set(struct host *host, const char *key, int64_t number)
{
	struct host_epoch *epoch = epoch_find(host, key);
	size_t length = strlen(key);

	if (epoch == NULL) {
		epoch = mem_zalloc(sizeof(*epoch) + length + 1);
		memcpy(epoch->key, key, length + 1);
		hmap_insert(&host->epochs, &epoch->node, hash_string(key, host->seed));
	}
	if (number <= epoch->epoch)
		return;
	epoch->epoch = number;
	host->epochs_version++;
}

void host_epochs(const struct host *host, host_epoch_fn *call, void *arg)
{
	struct hmap_node *node;

	HMAP_FOR_EACH (node, &host->epochs) {
		const struct host_epoch *epoch = CONTAINER_OF(node, struct host_epoch, node);

		call(epoch->key, epoch->epoch, arg);
	}
}

uint64_t host_epochs_version(const struct host *host)
{
	return host->epochs_version;
}

static void refusal_clear(struct host *host, const char *key)
{
	LIST_FOR_EACH_SAFE (node, &host->refusals) {
		struct host_refusal *refusal = CONTAINER_OF(node, struct host_refusal, node);

		if (strcmp(refusal->key, key) != 0)
			continue;
		list_remove(&refusal->node);
		host->refusal_count--;
		mem_free(refusal->message);
		mem_free(refusal);
	}
}

static void refuse(struct host *host, const char *key, int64_t revision, const char *code,
		   const char *message)
{
	size_t length = strlen(key);
	struct host_refusal *refusal;

	refusal_clear(host, key);
	if (host->refusal_count >= HOST_REFUSALS_MAX)
		return;
	refusal = mem_zalloc(sizeof(*refusal) + length + 1);
	memcpy(refusal->key, key, length + 1);
	refusal->revision = revision;
	refusal->code = code;
	refusal->message = mem_strdup(message);
	list_push_back(&host->refusals, &refusal->node);
	host->refusal_count++;
}

void host_snapshot_begin(struct host *host)
{
	struct hmap_node *node;

	HMAP_FOR_EACH (node, &host->objects)
		CONTAINER_OF(node, struct object, node)->unseen = true;
	while (host->hold_count != 0)
		mem_free(host->holds[--host->hold_count]);
}

static const uint8_t kinds_with_epoch[OBJECT_KINDS] = {
	[OBJECT_COMPARTMENT] = 1,
	[OBJECT_CONNECTION] = 1,
	[OBJECT_BGP] = 1,
};

/* The content moves into the object that has the key already: what points at that stays valid. */
static void object_take_content(struct object *to, struct object *from)
{
	struct object kept = *to;

	*to = *from;
	*from = kept;
	/* The identity stays where it was: links of lists and maps point at it. */
	from->key = to->key;
	to->key = kept.key;
	to->node = kept.node;
	to->in_tenant = kept.in_tenant;
	to->tenant = kept.tenant;
	list_init(&from->in_tenant);
}

static void object_add(struct host *host, struct object *object)
{
	char tenant[OBJECT_NAME_MAX], name[OBJECT_NAME_MAX];
	enum object_kind kind;

	if (object_key_parse(object->key, &kind, tenant, name, NULL) < 0)
		return;
	hmap_insert(&host->objects, &object->node, hash_string(object->key, host->seed));
	if (kind == OBJECT_NODE) {
		host->self = object;
		return;
	}
	object->tenant = tenant_get(host, tenant);
	list_push_back(&object->tenant->objects, &object->in_tenant);
	if (kind == OBJECT_COMPARTMENT)
		object->tenant->compartment = object;
	else if (kind == OBJECT_BGP)
		object->tenant->bgp = object;
}

static void object_changed(struct host *host, struct object *object)
{
	struct hmap_node *node;

	if (object->kind == OBJECT_ROUTE) {
		render_route(host, object);
	} else if (object->kind == OBJECT_NODE) {
		/* What the node is bears on every tenant. */
		HMAP_FOR_EACH (node, &host->tenants)
			tenant_dirty(host, CONTAINER_OF(node, struct tenant, node));
	} else {
		tenant_dirty(host, object->tenant);
	}
}

int host_put(struct host *host, const char *key, int64_t revision, int64_t epoch, json_t *value,
	     struct error *e)
{
	struct host_epoch *seen = epoch_find(host, key);
	struct error own;
	struct object *object, *old;

	if (e == NULL)
		e = &own;
	old = object_find(host, key);
	if (old != NULL)
		old->unseen = false;
	if (seen != NULL && epoch < seen->epoch) {
		error_set(e, "epoch %" PRId64 " is older than %" PRId64 ", which was seen before",
			  epoch, seen->epoch);
		refuse(host, key, revision, "StaleEpoch", e->text);
		return -1;
	}
	object = object_new(key, value, e);
	if (object == NULL) {
		refuse(host, key, revision, "InvalidObject", e->text);
		return -1;
	}
	refusal_clear(host, key);
	if (kinds_with_epoch[object->kind] && epoch > 0)
		host_epoch_set(host, key, epoch);
	object->revision = revision;
	object->epoch = epoch;
	if (old == NULL) {
		object_add(host, object);
		object_changed(host, object);
		return 0;
	}
	if (old->kind == OBJECT_ROUTE && old->route.nexthop == object->route.nexthop) {
		old->revision = revision;
		object_free(object);
		return 0;
	}
	object_take_content(old, object);
	object_free(object);
	object_changed(host, old);
	return 0;
}

static void object_gone(struct host *host, struct object *object)
{
	struct tenant *tenant = object->tenant;

	hmap_remove(&host->objects, &object->node);
	if (object->kind == OBJECT_ROUTE)
		render_route_gone(host, object);
	list_remove(&object->in_tenant);
	if (host->self == object)
		host->self = NULL;
	if (tenant != NULL) {
		LIST_FOR_EACH (node, &tenant->items) {
			struct item *item = CONTAINER_OF(node, struct item, in_render);

			if (item->owner == object)
				item->owner = NULL;
		}
		if (tenant->compartment == object)
			tenant->compartment = NULL;
		if (tenant->bgp == object) {
			tenant->bgp = NULL;
			if (tenant->place != NULL)
				routes_drop(host, tenant->place);
		}
		tenant_dirty(host, tenant);
	}
	object_free(object);
}

void host_delete(struct host *host, const char *key, int64_t revision UNUSED)
{
	struct object *object = object_find(host, key);

	refusal_clear(host, key);
	if (object != NULL)
		object_gone(host, object);
}

static bool key_is_held(const struct host *host, const char *key)
{
	for (size_t i = 0; i < host->hold_count; i++) {
		if (strncmp(key, host->holds[i], strlen(host->holds[i])) == 0)
			return true;
	}
	return false;
}

/* What the snapshot did not mention, and no hold covers, is gone. */
static void host_drop_unseen(struct host *host)
{
	struct hmap_node *node, *next;

	HMAP_FOR_EACH_SAFE (node, next, &host->objects) {
		struct object *object = CONTAINER_OF(node, struct object, node);

		if (object->unseen && !key_is_held(host, object->key))
			object_gone(host, object);
	}
}

/* Leave to remove may be given now to what was kept. */
static void host_touch_all(struct host *host)
{
	struct hmap_node *node;

	HMAP_FOR_EACH (node, &host->places)
		place_touch_all(host, CONTAINER_OF(node, struct place, node));
}

/* Renders now, so that nothing counts as left over that an object in hand still wants. */
static void host_render_dirty(struct host *host)
{
	while (!list_is_empty(&host->dirty_tenants)) {
		struct tenant *tenant =
			CONTAINER_OF(list_pop_front(&host->dirty_tenants), struct tenant, dirty);

		render_tenant(host, tenant);
	}
}

void host_hold(struct host *host, const char *prefix)
{
	if (host->hold_count < HOST_HOLDS_MAX)
		host->holds[host->hold_count++] = mem_strdup(prefix);
}

void host_release(struct host *host, const char *prefix)
{
	size_t kept = 0;

	for (size_t i = 0; i < host->hold_count; i++) {
		if (strcmp(host->holds[i], prefix) == 0)
			mem_free(host->holds[i]);
		else
			host->holds[kept++] = host->holds[i];
	}
	host->hold_count = kept;
	if (!host->synced)
		return;
	host_drop_unseen(host);
	host_render_dirty(host);
	host_touch_all(host);
}

void host_synced(struct host *host)
{
	host->synced = true;
	host_drop_unseen(host);
	host_render_dirty(host);
	host_touch_all(host);
}

bool host_is_synced(const struct host *host)
{
	return host->synced;
}

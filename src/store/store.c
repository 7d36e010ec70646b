/*
 * store: the durable intent, behind one interface shaped after etcd's contract.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store/store.h"

#include "base/mem.h"
#include "store/store_backend.h"

struct store_watch {
	struct list node;
	char *prefix;
	size_t prefix_length;
	store_event_fn *fn;
	void *context;
};

struct lease {
	struct list node;
	uint64_t id;
	duration_t ttl;
	instant_t deadline;
};

void store_init(struct store *store, const struct store_backend *backend)
{
	store->backend = backend;
	store->revision = 0;
	store->compacted = 0;
	store->lease_next = 1;
	store->leases_armed = true;
	list_init(&store->watches);
	list_init(&store->leases);
}

void store_free(struct store *store)
{
	if (store == NULL)
		return;
	LIST_FOR_EACH_SAFE (node, &store->watches) {
		store_watch_free(CONTAINER_OF(node, struct store_watch, node));
	}
	LIST_FOR_EACH_SAFE (node, &store->leases) {
		mem_free(CONTAINER_OF(node, struct lease, node));
	}
	store->backend->close(store);
}

uint64_t store_revision(const struct store *store)
{
	return store->revision;
}

struct get {
	store_entry_fn *fn;
	void *context;
	bool found;
};

static void get_entry(void *context, const struct store_entry *entry)
{
	struct get *get = context;

	get->found = true;
	if (get->fn != NULL)
		get->fn(get->context, entry);
}

int store_get(struct store *store, const char *key, store_entry_fn *fn, void *context,
	      bool *ret_found, struct error *e)
{
	struct get get = { .fn = fn, .context = context };

	if (store->backend->range(store, key, true, get_entry, &get, e) < 0)
		return -1;
	*ret_found = get.found;
	return 0;
}

int store_range(struct store *store, const char *prefix, store_entry_fn *fn, void *context,
		struct error *e)
{
	return store->backend->range(store, prefix, false, fn, context, e);
}

bool store_compare_holds(const struct store_compare *compare, const struct store_entry *entry)
{
	uint64_t number = 0;

	switch (compare->target) {
	case STORE_TARGET_VERSION:
		number = entry == NULL ? 0 : entry->version;
		break;
	case STORE_TARGET_CREATE_REVISION:
		number = entry == NULL ? 0 : entry->create_revision;
		break;
	case STORE_TARGET_MOD_REVISION:
		number = entry == NULL ? 0 : entry->mod_revision;
		break;
	case STORE_TARGET_VALUE: {
		bool equal = entry != NULL && entry->value_bytes == compare->value_bytes &&
			     (entry->value_bytes == 0 ||
			      memcmp(entry->value, compare->value, entry->value_bytes) == 0);

		return compare->relation == STORE_EQUAL ? equal : !equal;
	}
	}
	switch (compare->relation) {
	case STORE_EQUAL:
		return number == compare->number;
	case STORE_NOT_EQUAL:
		return number != compare->number;
	case STORE_LESS:
		return number < compare->number;
	case STORE_GREATER:
		return number > compare->number;
	}
	return false;
}

static struct lease *lease_find(const struct store *store, uint64_t id)
{
	LIST_FOR_EACH (node, &store->leases) {
		struct lease *lease = CONTAINER_OF(node, struct lease, node);

		if (lease->id == id)
			return lease;
	}
	return NULL;
}

static int check_key(const char *key, struct error *e)
{
	size_t length = strlen(key);

	if (length == 0 || length > STORE_KEY_BYTES_MAX)
		return error_set(e, "key of %zu octets: must be 1 to %u", length,
				 STORE_KEY_BYTES_MAX);
	return 0;
}

static int check_op(const struct store *store, const struct store_txn *txn, size_t index,
		    struct error *e)
{
	const struct store_op *op = &txn->ops[index];

	if (check_key(op->key, e) < 0)
		return -1;
	for (size_t i = 0; i < index; i++) {
		if (strcmp(txn->ops[i].key, op->key) == 0)
			return error_set(e, "key %s: stands twice in one transaction", op->key);
	}
	if (op->kind == STORE_PUT && op->lease != 0 && lease_find(store, op->lease) == NULL)
		return error_set(e, "key %s: lease %" PRIu64 " does not exist", op->key, op->lease);
	return 0;
}

static int check_txn(const struct store *store, const struct store_txn *txn, struct error *e)
{
	size_t bytes = 0;

	if (txn->op_count > STORE_OPS_MAX || txn->compare_count > STORE_OPS_MAX)
		return error_set(e, "transaction of %zu operations: at most %u",
				 MAX(txn->op_count, txn->compare_count), STORE_OPS_MAX);
	for (size_t i = 0; i < txn->op_count; i++) {
		if (check_op(store, txn, i, e) < 0)
			return -1;
		bytes += strlen(txn->ops[i].key);
		if (txn->ops[i].kind == STORE_PUT)
			bytes += txn->ops[i].value_bytes;
	}
	for (size_t i = 0; i < txn->compare_count; i++) {
		if (check_key(txn->compares[i].key, e) < 0)
			return -1;
	}
	if (bytes > STORE_TXN_BYTES_MAX)
		return error_set(e, "transaction of %zu octets: at most %u", bytes,
				 STORE_TXN_BYTES_MAX);
	return 0;
}

static void watch_deliver(const struct store *store, const struct store_event *event)
{
	LIST_FOR_EACH (node, &store->watches) {
		struct store_watch *watch = CONTAINER_OF(node, struct store_watch, node);

		if (strncmp(event->key, watch->prefix, watch->prefix_length) == 0)
			watch->fn(watch->context, event);
	}
}

static void deliver_fn(void *context, const struct store_event *event)
{
	watch_deliver(context, event);
}

int store_commit(struct store *store, const struct store_txn *txn, struct store_result *ret_result,
		 struct error *e)
{
	uint64_t before = store->revision;
	bool succeeded = false;

	if (check_txn(store, txn, e) < 0 || store->backend->commit(store, txn, &succeeded, e) < 0)
		return -1;
	ret_result->succeeded = succeeded;
	ret_result->revision = store->revision;
	/* From the backend's own history: a delete of what was not there is no change. */
	if (store->revision != before && !list_is_empty(&store->watches))
		return store->backend->history(store, before, deliver_fn, store, e);
	return 0;
}

struct replay {
	struct store_watch *watch;
};

static void replay_fn(void *context, const struct store_event *event)
{
	struct store_watch *watch = ((struct replay *)context)->watch;

	if (strncmp(event->key, watch->prefix, watch->prefix_length) == 0)
		watch->fn(watch->context, event);
}

struct store_watch *store_watch_new(struct store *store, const char *prefix, uint64_t revision,
				    store_event_fn *fn, void *context, struct error *e)
{
	struct store_watch *watch;
	struct replay replay;

	if (revision > store->revision) {
		error_set(e, "revision %" PRIu64 " is not there yet: the store is at %" PRIu64,
			  revision, store->revision);
		return NULL;
	}
	if (revision < store->compacted) {
		error_set(e,
			  "revision %" PRIu64 " is compacted: read everything, then watch from "
			  "%" PRIu64,
			  revision, store->revision);
		return NULL;
	}
	watch = mem_zalloc(sizeof(*watch));
	watch->prefix = mem_strdup(prefix);
	watch->prefix_length = strlen(prefix);
	watch->fn = fn;
	watch->context = context;
	list_init(&watch->node);
	replay.watch = watch;
	if (store->backend->history(store, revision, replay_fn, &replay, e) < 0) {
		store_watch_free(watch);
		return NULL;
	}
	list_push_back(&store->watches, &watch->node);
	return watch;
}

void store_watch_free(struct store_watch *watch)
{
	if (watch == NULL)
		return;
	list_remove(&watch->node);
	mem_free(watch->prefix);
	mem_free(watch);
}

void store_lease_adopt(void *context, uint64_t id, duration_t ttl)
{
	struct store *store = context;
	struct lease *lease = mem_zalloc(sizeof(*lease));

	lease->id = id;
	lease->ttl = ttl;
	lease->deadline = INSTANT_NEVER;
	list_push_back(&store->leases, &lease->node);
	store->leases_armed = false;
	if (id >= store->lease_next)
		store->lease_next = id + 1;
}

static void leases_arm(struct store *store, instant_t now)
{
	if (store->leases_armed)
		return;
	LIST_FOR_EACH (node, &store->leases) {
		struct lease *lease = CONTAINER_OF(node, struct lease, node);

		if (instant_is_never(lease->deadline))
			lease->deadline = instant_add(now, lease->ttl);
	}
	store->leases_armed = true;
}

int store_lease_grant(struct store *store, duration_t ttl, uint64_t *ret_lease, struct error *e,
		      instant_t now)
{
	uint64_t id = store->lease_next;

	if (ttl.ns <= 0)
		return error_set(e, "lease: its time must be longer than 0");
	leases_arm(store, now);
	if (store->backend->lease_put(store, id, ttl, e) < 0)
		return -1;
	store_lease_adopt(store, id, ttl);
	leases_arm(store, now);
	*ret_lease = id;
	return 0;
}

int store_lease_renew(struct store *store, uint64_t id, struct error *e, instant_t now)
{
	struct lease *lease = lease_find(store, id);

	leases_arm(store, now);
	if (lease == NULL)
		return error_set(e, "lease %" PRIu64 " does not exist", id);
	lease->deadline = instant_add(now, lease->ttl);
	return 0;
}

struct lease_keys {
	uint64_t lease;
	char **keys;
	size_t count;
	size_t capacity;
};

static void lease_collect(void *context, const struct store_entry *entry)
{
	struct lease_keys *keys = context;

	if (entry->lease != keys->lease)
		return;
	MEM_RESERVE(keys->keys, keys->capacity, keys->count + 1);
	keys->keys[keys->count++] = mem_strdup(entry->key);
}

/* In batches: a lease may have more keys than a transaction has operations. */
static int lease_delete_keys(struct store *store, const struct lease_keys *keys, struct error *e)
{
	struct store_op ops[STORE_OPS_MAX];
	struct store_result result;

	for (size_t done = 0; done < keys->count;) {
		size_t count = MIN(keys->count - done, STORE_OPS_MAX);
		struct store_txn txn = { .ops = ops, .op_count = count };

		for (size_t i = 0; i < count; i++)
			ops[i] = (struct store_op){ .kind = STORE_DELETE,
						    .key = keys->keys[done + i] };
		if (store_commit(store, &txn, &result, e) < 0)
			return -1;
		done += count;
	}
	return 0;
}

int store_lease_revoke(struct store *store, uint64_t id, struct error *e)
{
	struct lease *lease = lease_find(store, id);
	struct lease_keys keys = { .lease = id };
	int result = -1;

	if (lease == NULL)
		return error_set(e, "lease %" PRIu64 " does not exist", id);
	if (store_range(store, "", lease_collect, &keys, e) == 0 &&
	    lease_delete_keys(store, &keys, e) == 0 &&
	    store->backend->lease_delete(store, id, e) == 0) {
		list_remove(&lease->node);
		mem_free(lease);
		result = 0;
	}
	for (size_t i = 0; i < keys.count; i++)
		mem_free(keys.keys[i]);
	mem_free(keys.keys);
	return result;
}

instant_t store_deadline(const struct store *store)
{
	instant_t deadline = INSTANT_NEVER;

	if (!store->leases_armed)
		return (instant_t){ INT64_MIN };
	LIST_FOR_EACH (node, &store->leases) {
		deadline = instant_min(deadline, CONTAINER_OF(node, struct lease, node)->deadline);
	}
	return deadline;
}

int store_tick(struct store *store, struct error *e, instant_t now)
{
	leases_arm(store, now);
	LIST_FOR_EACH_SAFE (node, &store->leases) {
		struct lease *lease = CONTAINER_OF(node, struct lease, node);

		if (instant_due(lease->deadline, now) &&
		    store_lease_revoke(store, lease->id, e) < 0)
			return -1;
	}
	return 0;
}

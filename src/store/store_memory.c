/*
 * store_memory: a store in memory, for tests and simulation.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/mem.h"
#include "store/store_backend.h"

struct record {
	char *key;
	void *value;
	size_t value_bytes;
	uint64_t create_revision;
	uint64_t mod_revision;
	uint64_t version;
	uint64_t lease;
};

struct change {
	uint64_t revision;
	enum store_op_kind kind;
	char *key;
	void *value;
	size_t value_bytes;
};

struct store_memory {
	struct store store;
	struct record *records; /* sorted by key */
	size_t count;
	size_t capacity;
	struct change *changes; /* oldest first; at most STORE_HISTORY_REVISIONS revisions */
	size_t change_count;
	size_t change_capacity;
};

static struct store_memory *memory_of(struct store *store)
{
	return CONTAINER_OF(store, struct store_memory, store);
}

static void *value_dup(const void *value, size_t bytes)
{
	return bytes == 0 ? NULL : mem_dup(value, bytes);
}

/* The place of key, or where it would go. */
static size_t record_find(const struct store_memory *m, const char *key, bool *ret_found)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(m->records[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_found = low < m->count && strcmp(m->records[low].key, key) == 0;
	return low;
}

static struct store_entry record_entry(const struct record *record)
{
	return (struct store_entry){ .key = record->key,
				     .value = record->value,
				     .value_bytes = record->value_bytes,
				     .create_revision = record->create_revision,
				     .mod_revision = record->mod_revision,
				     .version = record->version,
				     .lease = record->lease };
}

static int memory_range(struct store *store, const char *prefix, bool exact, store_entry_fn *fn,
			void *context, struct error *e UNUSED)
{
	struct store_memory *m = memory_of(store);
	size_t length = strlen(prefix);
	bool found;

	for (size_t i = record_find(m, prefix, &found); i < m->count; i++) {
		struct store_entry entry = record_entry(&m->records[i]);

		if (exact ? !found : strncmp(entry.key, prefix, length) != 0)
			break;
		fn(context, &entry);
		if (exact)
			break;
	}
	return 0;
}

static void change_add(struct store_memory *m, const struct store_op *op, uint64_t revision)
{
	MEM_RESERVE(m->changes, m->change_capacity, m->change_count + 1);
	m->changes[m->change_count++] = (struct change){
		.revision = revision,
		.kind = op->kind,
		.key = mem_strdup(op->key),
		.value = op->kind == STORE_PUT ? value_dup(op->value, op->value_bytes) : NULL,
		.value_bytes = op->kind == STORE_PUT ? op->value_bytes : 0,
	};
}

static void changes_compact(struct store_memory *m)
{
	size_t gone = 0;

	if (m->store.revision <= STORE_HISTORY_REVISIONS)
		return;
	m->store.compacted = m->store.revision - STORE_HISTORY_REVISIONS;
	while (gone < m->change_count && m->changes[gone].revision <= m->store.compacted) {
		mem_free(m->changes[gone].key);
		mem_free(m->changes[gone].value);
		gone++;
	}
	if (gone != 0) {
		m->change_count -= gone;
		memmove(m->changes, m->changes + gone, m->change_count * sizeof(*m->changes));
	}
}

static void record_put(struct store_memory *m, const struct store_op *op, uint64_t revision)
{
	bool found;
	size_t at = record_find(m, op->key, &found);
	struct record *record;

	if (!found) {
		MEM_RESERVE(m->records, m->capacity, m->count + 1);
		memmove(m->records + at + 1, m->records + at,
			(m->count - at) * sizeof(*m->records));
		m->count++;
		m->records[at] =
			(struct record){ .key = mem_strdup(op->key), .create_revision = revision };
	}
	record = &m->records[at];
	mem_free(record->value);
	record->value = value_dup(op->value, op->value_bytes);
	record->value_bytes = op->value_bytes;
	record->mod_revision = revision;
	record->version++;
	record->lease = op->lease;
}

static bool record_delete(struct store_memory *m, const char *key)
{
	bool found;
	size_t at = record_find(m, key, &found);

	if (!found)
		return false;
	mem_free(m->records[at].key);
	mem_free(m->records[at].value);
	m->count--;
	memmove(m->records + at, m->records + at + 1, (m->count - at) * sizeof(*m->records));
	return true;
}

static bool compares_hold(const struct store_memory *m, const struct store_txn *txn)
{
	for (size_t i = 0; i < txn->compare_count; i++) {
		bool found;
		size_t at = record_find(m, txn->compares[i].key, &found);
		struct store_entry entry;

		if (found)
			entry = record_entry(&m->records[at]);
		if (!store_compare_holds(&txn->compares[i], found ? &entry : NULL))
			return false;
	}
	return true;
}

static int memory_commit(struct store *store, const struct store_txn *txn, bool *ret_succeeded,
			 struct error *e UNUSED)
{
	struct store_memory *m = memory_of(store);
	uint64_t revision = store->revision + 1;
	bool changed = false;

	*ret_succeeded = compares_hold(m, txn);
	if (!*ret_succeeded)
		return 0;
	for (size_t i = 0; i < txn->op_count; i++) {
		const struct store_op *op = &txn->ops[i];

		if (op->kind == STORE_PUT)
			record_put(m, op, revision);
		else if (!record_delete(m, op->key))
			continue;
		change_add(m, op, revision);
		changed = true;
	}
	if (changed) {
		store->revision = revision;
		changes_compact(m);
	}
	return 0;
}

static int memory_history(struct store *store, uint64_t revision, store_event_fn *fn, void *context,
			  struct error *e UNUSED)
{
	struct store_memory *m = memory_of(store);

	for (size_t i = 0; i < m->change_count; i++) {
		const struct change *change = &m->changes[i];
		struct store_event event = { .kind = change->kind,
					     .key = change->key,
					     .value = change->value,
					     .value_bytes = change->value_bytes,
					     .revision = change->revision };

		if (change->revision > revision)
			fn(context, &event);
	}
	return 0;
}

static int memory_lease_put(struct store *store UNUSED, uint64_t lease UNUSED,
			    duration_t ttl UNUSED, struct error *e UNUSED)
{
	return 0;
}

static int memory_lease_delete(struct store *store UNUSED, uint64_t lease UNUSED,
			       struct error *e UNUSED)
{
	return 0;
}

static int memory_lease_load(struct store *store UNUSED, store_lease_fn *fn UNUSED,
			     void *context UNUSED, struct error *e UNUSED)
{
	return 0;
}

static void memory_close(struct store *store)
{
	struct store_memory *m = memory_of(store);

	for (size_t i = 0; i < m->count; i++) {
		mem_free(m->records[i].key);
		mem_free(m->records[i].value);
	}
	for (size_t i = 0; i < m->change_count; i++) {
		mem_free(m->changes[i].key);
		mem_free(m->changes[i].value);
	}
	mem_free(m->records);
	mem_free(m->changes);
	mem_free(m);
}

static const struct store_backend memory_backend = {
	.close = memory_close,
	.range = memory_range,
	.commit = memory_commit,
	.history = memory_history,
	.lease_put = memory_lease_put,
	.lease_delete = memory_lease_delete,
	.lease_load = memory_lease_load,
};

struct store *store_memory_new(void)
{
	struct store_memory *m = mem_zalloc(sizeof(*m));

	store_init(&m->store, &memory_backend);
	return &m->store;
}

/*
 * route_data: what is announced with an NLRI and is no part of its key, interned.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rib/route_data.h"

#include "base/hash.h"
#include "base/mem.h"
#include "rib/hash_index.h"

#define ROUTE_DATA_SHRINK_MIN 1024u

struct route_data_entry {
	uint32_t hash;
	uint32_t refs;
	uint32_t length;
	uint8_t bytes[];
};

struct route_data {
	struct hash_index index;	   /* of ids */
	struct route_data_entry **entries; /* by id; [0] unused */
	size_t capacity;
	uint32_t end;
	uint32_t *free_ids;
	size_t free_count;
	size_t free_capacity;
	uint64_t seed;
	struct mem_account *account;
};

struct route_data *route_data_new(uint64_t seed, struct mem_account *account)
{
	struct route_data *d = mem_zalloc(sizeof(*d));

	hash_index_init(&d->index);
	d->end = 1;
	d->seed = seed;
	d->account = account;
	mem_account_charge(account, sizeof(*d));
	return d;
}

static void free_entry(struct route_data *d, struct route_data_entry *entry)
{
	if (entry == NULL)
		return;
	mem_account_release(d->account, sizeof(*entry) + entry->length);
	mem_free(entry);
}

void route_data_free(struct route_data *d)
{
	if (d == NULL)
		return;
	for (uint32_t id = 1; id < d->end; id++)
		free_entry(d, d->entries[id]);
	mem_account_release(d->account, hash_index_bytes(&d->index) + sizeof(*d));
	hash_index_done(&d->index);
	MEM_ACCOUNT_FREE(d->account, d->entries, d->capacity);
	MEM_ACCOUNT_FREE(d->account, d->free_ids, d->free_capacity);
	mem_free(d);
}

static bool has_bytes(const struct route_data_entry *entry, const uint8_t *bytes, size_t length)
{
	return entry->length == length && memcmp(entry->bytes, bytes, length) == 0;
}

static uint32_t find(const struct route_data *d, uint32_t hash, const uint8_t *bytes, size_t length)
{
	struct hash_probe probe = hash_index_probe(&d->index, hash);
	uint32_t id;

	do
		id = hash_probe_next(&probe);
	while (id != 0 && !has_bytes(d->entries[id], bytes, length));
	return id;
}

static void resize_index(struct route_data *d)
{
	size_t before = hash_index_bytes(&d->index);

	hash_index_reset(&d->index, d->index.count);
	mem_account_change(d->account, before, hash_index_bytes(&d->index));
	for (uint32_t id = 1; id < d->end; id++)
		if (d->entries[id] != NULL)
			hash_index_add(&d->index, d->entries[id]->hash, id);
}

static uint32_t take_id(struct route_data *d)
{
	if (d->free_count != 0)
		return d->free_ids[--d->free_count];
	MEM_ACCOUNT_RESERVE(d->account, d->entries, d->capacity, (size_t)d->end + 1);
	d->entries[0] = NULL;
	return d->end++;
}

static uint32_t add(struct route_data *d, uint32_t hash, const uint8_t *bytes, size_t length)
{
	struct route_data_entry *entry = mem_alloc(sizeof(*entry) + length);
	uint32_t id;

	if (hash_index_is_full(&d->index))
		resize_index(d);
	id = take_id(d);
	*entry = (struct route_data_entry){ .hash = hash, .length = (uint32_t)length };
	memcpy(entry->bytes, bytes, length);
	mem_account_charge(d->account, sizeof(*entry) + length);
	d->entries[id] = entry;
	hash_index_add(&d->index, hash, id);
	return id;
}

uint32_t route_data_get(struct route_data *d, const uint8_t *bytes, size_t length)
{
	uint32_t hash, id;

	if (length == 0)
		return 0;
	hash = (uint32_t)hash_bytes(bytes, length, d->seed);
	id = find(d, hash, bytes, length);
	if (id == 0)
		id = add(d, hash, bytes, length);
	d->entries[id]->refs++;
	return id;
}

void route_data_ref(struct route_data *d, uint32_t id)
{
	if (id != 0)
		d->entries[id]->refs++;
}

void route_data_unref(struct route_data *d, uint32_t id)
{
	struct route_data_entry *entry;

	if (id == 0)
		return;
	entry = d->entries[id];
	assert(entry->refs > 0);
	if (--entry->refs != 0)
		return;
	hash_index_remove(&d->index, entry->hash, id);
	d->entries[id] = NULL;
	free_entry(d, entry);
	MEM_ACCOUNT_RESERVE(d->account, d->free_ids, d->free_capacity, d->free_count + 1);
	d->free_ids[d->free_count++] = id;
}

void route_data_shrink(struct route_data *d)
{
	size_t kept = 0;

	if (d->capacity < ROUTE_DATA_SHRINK_MIN || d->index.count * 4 > d->capacity)
		return;
	while (d->end > 1 && d->entries[d->end - 1] == NULL)
		d->end--;
	for (size_t i = 0; i < d->free_count; i++) /* ids past the end are none any more */
		if (d->free_ids[i] < d->end)
			d->free_ids[kept++] = d->free_ids[i];
	d->free_count = kept;
	if ((size_t)d->end * 2 <= d->capacity) {
		MEM_ACCOUNT_RESIZE(d->account, d->entries, d->capacity, d->end);
		MEM_ACCOUNT_RESIZE(d->account, d->free_ids, d->free_capacity, kept + 1);
	}
	if (hash_index_is_roomy(&d->index))
		resize_index(d);
}

const uint8_t *route_data_bytes(const struct route_data *d, uint32_t id, size_t *ret_length)
{
	*ret_length = 0;
	if (id == 0)
		return NULL;
	*ret_length = d->entries[id]->length;
	return d->entries[id]->bytes;
}

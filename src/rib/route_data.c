/*
 * route_data: what is announced with an NLRI and is no part of its key, interned.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rib/route_data.h"

#include "base/hash.h"
#include "base/hmap.h"
#include "base/mem.h"

struct route_data_entry {
	struct hmap_node node;
	uint32_t id;
	uint32_t refs;
	uint32_t length;
	uint8_t bytes[];
};

struct route_data {
	struct hmap by_bytes;
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

	hmap_init(&d->by_bytes);
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
	mem_account_release(d->account, hmap_bytes(&d->by_bytes) + sizeof(*d));
	hmap_done(&d->by_bytes);
	MEM_ACCOUNT_FREE(d->account, d->entries, d->capacity);
	MEM_ACCOUNT_FREE(d->account, d->free_ids, d->free_capacity);
	mem_free(d);
}

static struct route_data_entry *find(const struct route_data *d, uint64_t hash,
				     const uint8_t *bytes, size_t length)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash, &d->by_bytes) {
		struct route_data_entry *entry = CONTAINER_OF(node, struct route_data_entry, node);

		if (entry->length == length && memcmp(entry->bytes, bytes, length) == 0)
			return entry;
	}
	return NULL;
}

static uint32_t take_id(struct route_data *d)
{
	if (d->free_count != 0)
		return d->free_ids[--d->free_count];
	MEM_ACCOUNT_RESERVE(d->account, d->entries, d->capacity, (size_t)d->end + 1);
	return d->end++;
}

uint32_t route_data_get(struct route_data *d, const uint8_t *bytes, size_t length)
{
	struct route_data_entry *entry;
	size_t table_bytes;
	uint64_t hash;

	if (length == 0)
		return 0;
	hash = hash_bytes(bytes, length, d->seed);
	entry = find(d, hash, bytes, length);
	if (entry == NULL) {
		entry = mem_alloc(sizeof(*entry) + length);
		*entry = (struct route_data_entry){ .id = take_id(d), .length = (uint32_t)length };
		memcpy(entry->bytes, bytes, length);
		d->entries[entry->id] = entry;
		table_bytes = hmap_bytes(&d->by_bytes);
		hmap_insert(&d->by_bytes, &entry->node, hash);
		mem_account_charge(d->account, sizeof(*entry) + length + hmap_bytes(&d->by_bytes) -
						       table_bytes);
	}
	entry->refs++;
	return entry->id;
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
	hmap_remove(&d->by_bytes, &entry->node);
	d->entries[id] = NULL;
	free_entry(d, entry);
	MEM_ACCOUNT_RESERVE(d->account, d->free_ids, d->free_capacity, d->free_count + 1);
	d->free_ids[d->free_count++] = id;
}

const uint8_t *route_data_bytes(const struct route_data *d, uint32_t id, size_t *ret_length)
{
	*ret_length = 0;
	if (id == 0)
		return NULL;
	*ret_length = d->entries[id]->length;
	return d->entries[id]->bytes;
}

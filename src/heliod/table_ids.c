/*
 * table_ids: which instance has which table-id.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/table_ids.h"

#include "base/hash.h"
#include "base/mem.h"

struct table_id {
	struct hmap_node node;
	uint32_t id;
	char *name;
};

void table_ids_init(struct table_ids *ids)
{
	hmap_init(&ids->by_id);
}

static struct table_id *find(const struct table_ids *ids, uint32_t id)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash_u64(id, 0), &ids->by_id) {
		struct table_id *table = CONTAINER_OF(node, struct table_id, node);

		if (table->id == id)
			return table;
	}
	return NULL;
}

static void forget(struct table_ids *ids, struct table_id *table)
{
	hmap_remove(&ids->by_id, &table->node);
	mem_free(table->name);
	mem_free(table);
}

void table_ids_done(struct table_ids *ids)
{
	struct hmap_node *node, *next;

	HMAP_FOR_EACH_SAFE (node, next, &ids->by_id)
		forget(ids, CONTAINER_OF(node, struct table_id, node));
	hmap_done(&ids->by_id);
}

const char *table_ids_holder(const struct table_ids *ids, uint32_t id)
{
	const struct table_id *table = find(ids, id);

	return table == NULL ? NULL : table->name;
}

uint32_t table_ids_free_from(const struct table_ids *ids, uint32_t first)
{
	while (find(ids, first) != NULL)
		first++;
	return first;
}

void table_ids_take(struct table_ids *ids, uint32_t id, const char *name)
{
	struct table_id *table = mem_zalloc(sizeof(*table));

	assert(find(ids, id) == NULL);
	table->id = id;
	table->name = mem_strdup(name);
	hmap_insert(&ids->by_id, &table->node, hash_u64(id, 0));
}

void table_ids_drop(struct table_ids *ids, uint32_t id)
{
	struct table_id *table = find(ids, id);

	if (table != NULL)
		forget(ids, table);
}

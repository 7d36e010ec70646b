/*
 * hmap: an intrusive chained hash map.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/hmap.h"

#include "base/mem.h"

#define HMAP_BUCKETS_FIRST 8u

void hmap_init(struct hmap *map)
{
	*map = (struct hmap){ 0 };
}

void hmap_done(struct hmap *map)
{
	mem_free(map->buckets);
	hmap_init(map);
}

static void hmap_grow(struct hmap *map)
{
	size_t buckets = map->buckets == NULL ? HMAP_BUCKETS_FIRST : (map->mask + 1) * 2;
	struct hmap_node **table = mem_zalloc(buckets * sizeof(struct hmap_node *));
	struct hmap_node *next;

	for (size_t i = 0; map->buckets != NULL && i <= map->mask; i++) {
		for (struct hmap_node *node = map->buckets[i]; node != NULL; node = next) {
			struct hmap_node **bucket = &table[node->hash & (buckets - 1)];

			next = node->next;
			node->next = *bucket;
			*bucket = node;
		}
	}
	mem_free(map->buckets);
	map->buckets = table;
	map->mask = buckets - 1;
}

void hmap_insert(struct hmap *map, struct hmap_node *node, uint64_t hash)
{
	struct hmap_node **bucket;

	if (map->buckets == NULL || map->count > map->mask)
		hmap_grow(map);
	bucket = &map->buckets[hash & map->mask];
	node->hash = hash;
	node->next = *bucket;
	*bucket = node;
	map->count++;
}

void hmap_remove(struct hmap *map, struct hmap_node *node)
{
	struct hmap_node **link = &map->buckets[node->hash & map->mask];

	while (*link != node) {
		assert(*link != NULL);
		link = &(*link)->next;
	}
	*link = node->next;
	map->count--;
}

struct hmap_node *hmap_first_with_hash(const struct hmap *map, uint64_t hash)
{
	struct hmap_node *node;

	if (map->buckets == NULL)
		return NULL;
	for (node = map->buckets[hash & map->mask]; node != NULL && node->hash != hash;
	     node = node->next)
		;
	return node;
}

struct hmap_node *hmap_next_with_hash(const struct hmap_node *node)
{
	uint64_t hash = node->hash;
	struct hmap_node *next;

	for (next = node->next; next != NULL && next->hash != hash; next = next->next)
		;
	return next;
}

size_t hmap_bytes(const struct hmap *map)
{
	return map->buckets == NULL ? 0 : (map->mask + 1) * sizeof(struct hmap_node *);
}

static struct hmap_node *first_from(const struct hmap *map, size_t bucket)
{
	if (map->buckets == NULL)
		return NULL;
	for (; bucket <= map->mask; bucket++)
		if (map->buckets[bucket] != NULL)
			return map->buckets[bucket];
	return NULL;
}

struct hmap_node *hmap_first(const struct hmap *map)
{
	return first_from(map, 0);
}

struct hmap_node *hmap_next(const struct hmap *map, const struct hmap_node *node)
{
	if (node->next != NULL)
		return node->next;
	return first_from(map, (node->hash & map->mask) + 1);
}

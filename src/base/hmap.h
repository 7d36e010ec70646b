/*
 * hmap: an intrusive chained hash map. The user embeds a node, and compares keys himself.
 * SPDX-License-Identifier: Apache-2.0
 *
 *	struct hmap_node *node;
 *	HMAP_FOR_EACH_WITH_HASH(node, hash, &map) {
 *		struct thing *thing = CONTAINER_OF(node, struct thing, node);
 *		if (thing_has_key(thing, key)) return thing;
 *	}
 */
#ifndef BASE_HMAP_H
#define BASE_HMAP_H

#include "base/base.h"

struct hmap_node {
	struct hmap_node *next;
	uint64_t hash;
};

struct hmap {
	struct hmap_node **buckets; /* NULL while the map is empty and new */
	size_t mask;		    /* number of buckets - 1 */
	size_t count;
};

void hmap_init(struct hmap *map);
/* Frees the table, not the things in it. */
void hmap_done(struct hmap *map);
void hmap_insert(struct hmap *map, struct hmap_node *node, uint64_t hash);
/* The node must be in the map. */
void hmap_remove(struct hmap *map, struct hmap_node *node);
struct hmap_node *hmap_first_with_hash(const struct hmap *map, uint64_t hash);
struct hmap_node *hmap_next_with_hash(const struct hmap_node *node);
/* What the table takes, for accounts. */
size_t hmap_bytes(const struct hmap *map);
/* Iteration in bucket order. NULL at the end. */
struct hmap_node *hmap_first(const struct hmap *map);
struct hmap_node *hmap_next(const struct hmap *map, const struct hmap_node *node);

#define HMAP_FOR_EACH_WITH_HASH(node, hash, map)                       \
	for (node = hmap_first_with_hash((map), (hash)); node != NULL; \
	     node = hmap_next_with_hash(node))

#define HMAP_FOR_EACH(node, map) \
	for (node = hmap_first(map); node != NULL; node = hmap_next((map), node))

/* The body may remove and free `node`. */
#define HMAP_FOR_EACH_SAFE(node, next_node, map)                                       \
	for (node = hmap_first(map), next_node = node ? hmap_next((map), node) : NULL; \
	     node != NULL; node = next_node, next_node = node ? hmap_next((map), node) : NULL)

#endif

/*
 * prefix_index: gives every prefix of the table a small number, and finds it again fast.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Open addressing in one array of 8-byte slots (38 bits of key, 26 bits of number), so that a probe
 * is one cache line, which the caller can prefetch: the sinks look up tens of millions of prefixes.
 */
#ifndef BENCH_PREFIX_INDEX_H
#define BENCH_PREFIX_INDEX_H

#include "base/base.h"
#include "base/hash.h"

#define PREFIX_INDEX_NONE UINT32_MAX
#define PREFIX_INDEX_COUNT_MAX (1u << 25)

struct prefix_index {
	uint64_t *slots;
	uint64_t mask;
	uint32_t count;
};

/* Room for at most `capacity` prefixes (below PREFIX_INDEX_COUNT_MAX). */
void prefix_index_init(struct prefix_index *index, uint32_t capacity);
void prefix_index_done(struct prefix_index *index);
/* The number of the prefix, which is the next free one when it is new. */
uint32_t prefix_index_add(struct prefix_index *index, uint64_t key);

static inline uint64_t prefix_index_slot(const struct prefix_index *index, uint64_t key)
{
	return hash_u64(key, 0) & index->mask;
}

static inline void prefix_index_prefetch(const struct prefix_index *index, uint64_t key)
{
	__builtin_prefetch(&index->slots[prefix_index_slot(index, key)]);
}

/* The two halves of a slot that is not 0. */
static inline uint64_t prefix_index_key(uint64_t slot)
{
	return slot >> 26;
}

static inline uint32_t prefix_index_number(uint64_t slot)
{
	return (uint32_t)(slot & ((1u << 26) - 1)) - 1;
}

/* PREFIX_INDEX_NONE when it is not in the table. */
static inline uint32_t prefix_index_find(const struct prefix_index *index, uint64_t key)
{
	for (uint64_t at = prefix_index_slot(index, key);; at = (at + 1) & index->mask) {
		uint64_t slot = index->slots[at];

		if (slot == 0)
			return PREFIX_INDEX_NONE;
		if (prefix_index_key(slot) == key)
			return prefix_index_number(slot);
	}
}

#endif

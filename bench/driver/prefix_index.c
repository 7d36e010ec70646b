/*
 * prefix_index: gives every prefix of the table a small number, and finds it again fast.
 * SPDX-License-Identifier: Apache-2.0
 *
 * See prefix_index.h.
 */
#include "prefix_index.h"

#include "base/mem.h"

void prefix_index_init(struct prefix_index *index, uint32_t capacity)
{
	uint64_t slots = 1024;

	assert(capacity < PREFIX_INDEX_COUNT_MAX);
	while (slots < (uint64_t)capacity * 3 / 2)
		slots *= 2;
	index->slots = mem_zalloc(slots * sizeof(*index->slots));
	index->mask = slots - 1;
	index->count = 0;
}

void prefix_index_done(struct prefix_index *index)
{
	mem_free(index->slots);
	index->slots = NULL;
}

uint32_t prefix_index_add(struct prefix_index *index, uint64_t key)
{
	uint32_t number = prefix_index_find(index, key);
	uint64_t at;

	if (number != PREFIX_INDEX_NONE)
		return number;
	assert(index->count < index->mask);
	for (at = prefix_index_slot(index, key); index->slots[at] != 0;)
		at = (at + 1) & index->mask;
	number = index->count++;
	index->slots[at] = key << 26 | (number + 1);
	return number;
}

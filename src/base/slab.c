/*
 * slab: equal-sized objects from large blocks, with a free list.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/slab.h"

#define SLAB_BLOCK_BYTES_MAX (64u * 1024u)

struct slab_block {
	struct slab_block *next;
	uint64_t data[];
};

void slab_init(struct slab *slab, size_t object_bytes)
{
	if (object_bytes < sizeof(void *))
		object_bytes = sizeof(void *);
	*slab = (struct slab){ .object_bytes = (object_bytes + 7) & ~(size_t)7,
			       .objects_per_block = 8 };
}

void slab_done(struct slab *slab)
{
	struct slab_block *block = slab->blocks;
	struct mem_account *account = slab->account;

	while (block != NULL) {
		struct slab_block *next = block->next;

		mem_free(block);
		block = next;
	}
	mem_account_release(account, slab->bytes);
	slab_init(slab, slab->object_bytes);
	slab->account = account;
}

static void slab_add_block(struct slab *slab)
{
	size_t bytes = sizeof(struct slab_block) + slab->object_bytes * slab->objects_per_block;
	struct slab_block *block = mem_alloc(bytes);
	uint8_t *object = (uint8_t *)block->data;

	slab->bytes += bytes;
	mem_account_charge(slab->account, bytes);
	block->next = slab->blocks;
	slab->blocks = block;
	for (size_t i = 0; i < slab->objects_per_block; i++, object += slab->object_bytes) {
		*(void **)(void *)object = slab->free;
		slab->free = object;
	}
	if (slab->objects_per_block * slab->object_bytes * 2 <= SLAB_BLOCK_BYTES_MAX)
		slab->objects_per_block *= 2;
}

void *slab_alloc(struct slab *slab)
{
	void *object;

	if (slab->free == NULL)
		slab_add_block(slab);
	object = slab->free;
	slab->free = *(void **)object;
	slab->used++;
	return memset(object, 0, slab->object_bytes);
}

void slab_free(struct slab *slab, void *object)
{
	if (object == NULL)
		return;
	*(void **)object = slab->free;
	slab->free = object;
	slab->used--;
}

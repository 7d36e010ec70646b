/*
 * slab: equal-sized objects from large blocks, with a free list.
 * SPDX-License-Identifier: Apache-2.0
 *
 * For what comes and goes one by one and is of one size. Blocks are given back all at once.
 */
#ifndef BASE_SLAB_H
#define BASE_SLAB_H

#include "base/mem_account.h"

struct slab_block;

struct slab {
	size_t object_bytes;
	size_t objects_per_block;
	struct slab_block *blocks;
	void *free;
	size_t used;
	size_t bytes;		     /* of all blocks */
	struct mem_account *account; /* set by the owner after _init; NULL: not counted */
};

/* `object_bytes` is rounded up to a multiple of 8; blocks start small and grow to 64 KiB. */
void slab_init(struct slab *slab, size_t object_bytes);
/* Frees every block, also those with objects in use. It can be used again. */
void slab_done(struct slab *slab);
/* A zeroed object, owned by the caller until slab_free or slab_done. */
void *slab_alloc(struct slab *slab);
void slab_free(struct slab *slab, void *object);

#endif

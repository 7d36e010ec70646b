/*
 * arena: memory that is taken piece by piece and given back all at once.
 * SPDX-License-Identifier: Apache-2.0
 *
 * For what lives as long as a message, a request or an instance. Chunks grow with the arena, so
 * that a small instance stays small. Nothing is freed singly.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/mem_account.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks; /* newest first */
	uint8_t *next;
	uint8_t *end;
	size_t bytes; /* of all chunks */
	size_t chunk_bytes;
	struct mem_account *account; /* set by the owner after _init; NULL: not counted */
};

/* `first_chunk_bytes` is the size of the first chunk; 0 means 4096. Nothing is allocated yet. */
void arena_init(struct arena *arena, size_t first_chunk_bytes);
void arena_done(struct arena *arena);
/* Gives everything back but the newest chunk, which is kept for reuse. */
void arena_clear(struct arena *arena);
/* Returns memory aligned to 8 bytes, not zeroed, valid until _clear or _done. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((alloc_size(2)));
void *arena_zalloc(struct arena *arena, size_t size) __attribute__((alloc_size(2)));
void *arena_dup(struct arena *arena, const void *bytes, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF(2, 3);

#endif

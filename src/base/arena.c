/*
 * arena: memory that is taken piece by piece and given back all at once.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/arena.h"

#define ARENA_CHUNK_BYTES_FIRST 4096u
#define ARENA_CHUNK_BYTES_MAX (1u << 20)

struct arena_chunk {
	struct arena_chunk *next;
	size_t bytes;
	uint8_t data[];
};

void arena_init(struct arena *arena, size_t first_chunk_bytes)
{
	*arena = (struct arena){ .chunk_bytes = first_chunk_bytes ? first_chunk_bytes
								  : ARENA_CHUNK_BYTES_FIRST };
}

static void free_chunks(struct arena *arena, struct arena_chunk *chunk)
{
	while (chunk != NULL) {
		struct arena_chunk *next = chunk->next;

		arena->bytes -= chunk->bytes;
		mem_account_release(arena->account, sizeof(*chunk) + chunk->bytes);
		mem_free(chunk);
		chunk = next;
	}
}

void arena_done(struct arena *arena)
{
	free_chunks(arena, arena->chunks);
	*arena = (struct arena){ .chunk_bytes = arena->chunk_bytes, .account = arena->account };
}

void arena_clear(struct arena *arena)
{
	if (arena->chunks == NULL)
		return;
	free_chunks(arena, arena->chunks->next);
	arena->chunks->next = NULL;
	arena->next = arena->chunks->data;
}

static void add_chunk(struct arena *arena, size_t at_least)
{
	size_t bytes = arena->chunk_bytes > at_least ? arena->chunk_bytes : at_least;
	struct arena_chunk *chunk = mem_alloc(sizeof(*chunk) + bytes);

	chunk->next = arena->chunks;
	chunk->bytes = bytes;
	arena->chunks = chunk;
	arena->next = chunk->data;
	arena->end = chunk->data + bytes;
	arena->bytes += bytes;
	mem_account_charge(arena->account, sizeof(*chunk) + bytes);
	if (arena->chunk_bytes < ARENA_CHUNK_BYTES_MAX)
		arena->chunk_bytes *= 2;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	size_t rounded = (size + 7) & ~(size_t)7;
	void *memory;

	assert(size <= SIZE_MAX / 2); /* or it wraps to nothing */
	if ((size_t)(arena->end - arena->next) < rounded || arena->next == NULL)
		add_chunk(arena, rounded);
	memory = arena->next;
	arena->next += rounded;
	return memory;
}

void *arena_zalloc(struct arena *arena, size_t size)
{
	return memset(arena_alloc(arena, size), 0, size);
}

void *arena_dup(struct arena *arena, const void *bytes, size_t size)
{
	void *copy = arena_alloc(arena, size);

	if (size != 0)
		memcpy(copy, bytes, size);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_dup(arena, text, strlen(text) + 1);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	char *text;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(length >= 0);
	text = arena_alloc(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

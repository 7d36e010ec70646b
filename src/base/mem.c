/*
 * mem: the only callers of malloc.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/mem.h"

#include <sys/mman.h>

/* Tables of a whole Internet: hashing into one of this size in 4 KiB pages misses the TLB at every
 * step. Smaller blocks stay as they are, so that a small tenant takes no more than it needs. */
#define HUGE_BLOCK_BYTES ((size_t)4 << 20)
#define PAGE_BYTES ((uintptr_t)4096)

/* Asks for huge pages in a large block, whose pages are its own. All of them: where a part of a
 * mapping is advised otherwise than the rest it is two mappings, which mremap refuses, and growing
 * would copy. It is a wish: a kernel without huge pages, or with larger small ones, says no,
 * and nothing changes. */
static void wish_huge_pages(void *memory, size_t size)
{
	uintptr_t start = (uintptr_t)memory & ~(PAGE_BYTES - 1);
	uintptr_t end = ((uintptr_t)memory + size + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);

	if (madvise((void *)start, end - start, MADV_HUGEPAGE) != 0)
		return;
}

static void *checked(void *memory, size_t size)
{
	if (memory == NULL && size != 0) {
		fprintf(stderr, "out of memory: %zu bytes wanted\n", size);
		abort();
	}
	if (size >= HUGE_BLOCK_BYTES)
		wish_huge_pages(memory, size);
	return memory;
}

void *mem_alloc(size_t size)
{
	return checked(malloc(size), size);
}

void *mem_zalloc(size_t size)
{
	return checked(calloc(1, size), size);
}

void *mem_realloc(void *old, size_t size)
{
	return checked(realloc(old, size), size);
}

void *mem_realloc_array(void *old, size_t count, size_t element_bytes)
{
	size_t size;

	if (__builtin_mul_overflow(count, element_bytes, &size))
		checked(NULL, SIZE_MAX);
	return mem_realloc(old, size);
}

void mem_free(void *memory)
{
	free(memory);
}

char *mem_strdup(const char *text)
{
	return mem_dup(text, strlen(text) + 1);
}

void *mem_dup(const void *bytes, size_t size)
{
	void *copy = mem_alloc(size);

	if (size != 0)
		memcpy(copy, bytes, size);
	return copy;
}

size_t mem_grow_capacity(size_t capacity, size_t wanted)
{
	size_t grown = capacity < 8 ? 8 : capacity <= SIZE_MAX / 2 ? capacity * 2 : SIZE_MAX;

	return grown < wanted ? wanted : grown;
}

/*
 * mem: the only callers of malloc. Running out of memory ends the process: a control plane that is
 * half out of memory gives wrong answers, and budgets (mem_account.h) refuse work long before.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/base.h"

void *mem_alloc(size_t size) __attribute__((malloc, alloc_size(1)));
void *mem_zalloc(size_t size) __attribute__((malloc, alloc_size(1)));
/* Grows or shrinks; `old` may be NULL. Moves large blocks by remapping, not by copying. */
void *mem_realloc(void *old, size_t size) __attribute__((alloc_size(2)));
void mem_free(void *memory);
char *mem_strdup(const char *text) __attribute__((malloc));
void *mem_dup(const void *bytes, size_t size) __attribute__((malloc));

/* A doubling growth step for arrays: returns a capacity >= wanted, given the present one. */
size_t mem_grow_capacity(size_t capacity, size_t wanted);

/* mem_realloc of an array; ends the process when its size cannot be said in bytes. */
void *mem_realloc_array(void *old, size_t count, size_t element_bytes)
	__attribute__((alloc_size(2, 3)));

/* Makes sure that *array (elements of `element_bytes`) has room for `wanted` elements. New room is
 * not zeroed. */
#define MEM_RESERVE(array, capacity, wanted)                                                   \
	do {                                                                                   \
		if ((size_t)(wanted) > (size_t)(capacity)) {                                   \
			size_t new_capacity_ = mem_grow_capacity((capacity), (wanted));        \
			(array) = mem_realloc_array((array), new_capacity_, sizeof(*(array))); \
			(capacity) = (__typeof__(capacity))new_capacity_;                      \
			assert((size_t)(capacity) == new_capacity_);                           \
		}                                                                              \
	} while (0)

#endif

/*
 * mem_account: who uses how much memory, and for what.
 * SPDX-License-Identifier: Apache-2.0
 *
 * An account is a named count of bytes. Accounts form a tree: an instance's pool is an account with
 * a budget, and one below it for each purpose; what is charged to a purpose is charged to all above
 * it. Whoever owns memory charges it when it grows, by what it takes from the allocator, and
 * releases as much when it gives it back: an array by its capacity, so that an element costs
 * nothing. A charge is never refused, for the memory is needed by then; the budget is asked after a
 * unit of work (an UPDATE), by who can do something about it.
 *
 * An account is part of its owner and allocates nothing. Every function takes NULL for memory that
 * nobody counts.
 */
#ifndef BASE_MEM_ACCOUNT_H
#define BASE_MEM_ACCOUNT_H

#include "base/base.h"
#include "base/mem.h"

struct mem_account {
	const char *name; /* the owner's; outlives the account */
	struct mem_account *parent;
	struct mem_account *parts; /* the first below it, in the order of _init */
	struct mem_account *next;  /* below the same parent */
	size_t bytes;		   /* with what is below it */
	size_t bytes_peak;
	size_t budget_bytes; /* 0: none */
};

/* `parent` NULL: the root of a tree. */
void mem_account_init(struct mem_account *account, const char *name, struct mem_account *parent,
		      size_t budget_bytes);
/* Takes it out of its tree. It must be empty: a byte that is left was forgotten by its owner. */
void mem_account_done(struct mem_account *account);

void mem_account_charge(struct mem_account *account, size_t bytes);
void mem_account_release(struct mem_account *account, size_t bytes);
/* Releases `before` and charges `after`: for what changed its size. */
void mem_account_change(struct mem_account *account, size_t before, size_t after);
/* The bytes above the budget; 0 while within it, or without one. */
size_t mem_account_excess(const struct mem_account *account);
/* The capacity that an array of the account should grow to: twice as large, and in smaller steps
 * where that would pass the budget. At least `wanted`. */
size_t mem_account_grow_capacity(const struct mem_account *account, size_t capacity, size_t wanted,
				 size_t element_bytes);

/* Like MEM_RESERVE, with what the array grows by charged to the account. */
#define MEM_ACCOUNT_RESERVE(account, array, capacity, wanted)                                      \
	do {                                                                                       \
		if (UNLIKELY((size_t)(wanted) > (size_t)(capacity)))                               \
			MEM_ACCOUNT_RESIZE(account, array, capacity,                               \
					   mem_account_grow_capacity((account), (capacity),        \
								     (wanted), sizeof(*(array)))); \
	} while (0)

/* Makes the array hold so many elements, at least one. */
#define MEM_ACCOUNT_RESIZE(account, array, capacity, elements)                       \
	do {                                                                         \
		size_t resized_ = (elements);                                        \
		(array) = mem_realloc_array((array), resized_, sizeof(*(array)));    \
		mem_account_change((account), (size_t)(capacity) * sizeof(*(array)), \
				   resized_ * sizeof(*(array)));                     \
		(capacity) = (__typeof__(capacity))resized_;                         \
		assert((size_t)(capacity) == resized_);                              \
	} while (0)

/* Frees such an array. */
#define MEM_ACCOUNT_FREE(account, array, capacity)                                     \
	do {                                                                           \
		mem_account_release((account), (size_t)(capacity) * sizeof(*(array))); \
		mem_free(array);                                                       \
		(array) = NULL;                                                        \
		(capacity) = 0;                                                        \
	} while (0)

#endif

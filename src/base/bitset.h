/*
 * bitset: a growable set of small numbers.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_BITSET_H
#define BASE_BITSET_H

#include "base/base.h"

struct bitset {
	uint64_t *words;
	size_t word_count;
};

void bitset_init(struct bitset *set);
void bitset_done(struct bitset *set);
void bitset_add(struct bitset *set, size_t number);
void bitset_remove(struct bitset *set, size_t number);
bool bitset_has(const struct bitset *set, size_t number);
/* The smallest number that is not in the set. */
size_t bitset_first_free(const struct bitset *set);
size_t bitset_count(const struct bitset *set);

#endif

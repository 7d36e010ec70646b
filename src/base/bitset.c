/*
 * bitset: a growable set of small numbers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/bitset.h"

#include "base/mem.h"

void bitset_init(struct bitset *set)
{
	*set = (struct bitset){ 0 };
}

void bitset_done(struct bitset *set)
{
	mem_free(set->words);
	bitset_init(set);
}

void bitset_add(struct bitset *set, size_t number)
{
	size_t word = number / 64;

	if (word >= set->word_count) {
		size_t grown = mem_grow_capacity(set->word_count, word + 1);

		set->words = mem_realloc(set->words, grown * sizeof(*set->words));
		memset(set->words + set->word_count, 0,
		       (grown - set->word_count) * sizeof(*set->words));
		set->word_count = grown;
	}
	set->words[word] |= UINT64_C(1) << (number % 64);
}

void bitset_remove(struct bitset *set, size_t number)
{
	if (number / 64 < set->word_count)
		set->words[number / 64] &= ~(UINT64_C(1) << (number % 64));
}

bool bitset_has(const struct bitset *set, size_t number)
{
	return number / 64 < set->word_count && (set->words[number / 64] >> (number % 64) & 1) != 0;
}

size_t bitset_first_free(const struct bitset *set)
{
	for (size_t i = 0; i < set->word_count; i++)
		if (set->words[i] != UINT64_MAX)
			return i * 64 + (size_t)__builtin_ctzll(~set->words[i]);
	return set->word_count * 64;
}

size_t bitset_count(const struct bitset *set)
{
	size_t count = 0;

	for (size_t i = 0; i < set->word_count; i++)
		count += (size_t)__builtin_popcountll(set->words[i]);
	return count;
}

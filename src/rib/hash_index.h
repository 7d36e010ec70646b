/*
 * hash_index: numbers found by a hash, one cache line a look-up.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The owner keeps records in an array and knows each one's hash; the index knows numbers alone. A
 * line of 64 octets holds twelve of them and, of each, eight bits of its hash, which are compared
 * all at once: a look-up touches one line, and most often no record but the right one. What finds
 * its line full goes to the next that has room, and is counted in each line that it passed, so that
 * a look-up goes on for no longer than it must and a removal leaves nothing behind. (Open
 * addressing with pairs of hash and number takes twice the memory: for the 577,703 prefixes of a
 * full table 8.4 MB instead of 4.2.) Filled to seven eighths at most; the owner makes it larger.
 */
#ifndef RIB_HASH_INDEX_H
#define RIB_HASH_INDEX_H

#include <endian.h>

#include "base/base.h"

#define HASH_LINE_NUMBERS 12u
#define HASH_LINE_BYTES 64u

struct hash_line {
	uint8_t tags[HASH_LINE_NUMBERS]; /* 0: empty */
	uint32_t passed;		 /* numbers that belong here or before and stand behind */
	uint32_t numbers[HASH_LINE_NUMBERS];
};

struct hash_index {
	struct hash_line *lines; /* aligned, in `memory`; NULL: none */
	void *memory;
	size_t mask; /* of lines, a power of two */
	size_t count;
	size_t count_max; /* before it must be made larger */
};

/* A look-up under way. */
struct hash_probe {
	const struct hash_index *index;
	size_t home;	  /* line where it began: it may come round when all are passed */
	size_t at;	  /* line */
	uint64_t matches; /* in this line, not given yet */
	uint8_t tag;
};

static inline void hash_index_init(struct hash_index *ix)
{
	*ix = (struct hash_index){ 0 };
}

void hash_index_done(struct hash_index *ix);
/* What its lines take. */
size_t hash_index_bytes(const struct hash_index *ix);
/* Is there so much more room than its numbers need that _reset would make it smaller? */
bool hash_index_is_roomy(const struct hash_index *ix);
/* Empties it and makes room for `count` numbers and some more; the owner adds all again. The old
 * memory goes first: there are never two. */
void hash_index_reset(struct hash_index *ix, size_t count);
/* Number is not 0 and not in it yet. */
void hash_index_add(struct hash_index *ix, uint32_t hash, uint32_t number);
/* It must be in it. */
void hash_index_remove(struct hash_index *ix, uint32_t hash, uint32_t number);

/* May nothing be added before there is more room? */
static inline bool hash_index_is_full(const struct hash_index *ix)
{
	return ix->count >= ix->count_max;
}

/* The line is chosen by the low bits. */
static inline uint8_t hash_index_tag(uint32_t hash)
{
	return (uint8_t)(hash >> 24 == 0 ? 1 : hash >> 24);
}

/* Sends for the line in which the look-up of this hash begins. */
static inline void hash_index_prefetch(const struct hash_index *ix, uint32_t hash)
{
	if (ix->lines != NULL)
		__builtin_prefetch(&ix->lines[hash & ix->mask]);
}

/* One bit for each place of the line that has this tag: of place i bit 8 * i, and of the last four,
 * which the second word holds, bit 8 * (i - 8) + 1. */
static inline uint64_t hash_line_matches(const struct hash_line *line, uint8_t tag)
{
	typedef uint8_t octets __attribute__((vector_size(16)));
	octets tags;
	uint64_t words[2];

	memcpy(&tags, line, sizeof(tags)); /* with `passed`, which is masked out */
	tags = (octets)(tags == tag);
	memcpy(words, &tags, sizeof(words));
	return (le64toh(words[0]) & UINT64_C(0x0101010101010101)) |
	       (le64toh(words[1]) & UINT64_C(0x02020202));
}

/* The place of the lowest bit. */
static inline unsigned hash_line_place(uint64_t matches)
{
	unsigned bit = (unsigned)__builtin_ctzll(matches);

	return bit / 8 + bit % 8 * 8;
}

static inline struct hash_probe hash_index_probe(const struct hash_index *ix, uint32_t hash)
{
	size_t home = hash & ix->mask;
	struct hash_probe p = {
		.index = ix, .home = home, .at = home, .tag = hash_index_tag(hash)
	};

	if (ix->lines != NULL)
		p.matches = hash_line_matches(&ix->lines[home], p.tag);
	return p;
}

/* The next number that may have this hash; 0 when there is no more. */
static inline uint32_t hash_probe_next(struct hash_probe *p)
{
	const struct hash_line *lines = p->index->lines;
	unsigned place;

	while (p->matches == 0) {
		if (lines == NULL || lines[p->at].passed == 0)
			return 0;
		p->at = (p->at + 1) & p->index->mask;
		if (p->at == p->home)
			return 0;
		p->matches = hash_line_matches(&lines[p->at], p->tag);
	}
	place = hash_line_place(p->matches);
	p->matches &= p->matches - 1;
	return lines[p->at].numbers[place];
}

#endif

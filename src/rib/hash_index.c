/*
 * hash_index: numbers found by a hash, one cache line a look-up.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rib/hash_index.h"

#include "base/mem.h"

#define HUGE_PAGE_BYTES ((size_t)2 << 20)

static_assert(sizeof(struct hash_line) == HASH_LINE_BYTES, "a line of the cache");

/* Seven eighths of twelve: at 10.5 numbers a line one in ten stands behind its line. */
static size_t numbers_max(size_t lines)
{
	return lines * HASH_LINE_NUMBERS * 7 / 8;
}

static size_t line_count(const struct hash_index *ix)
{
	return ix->lines == NULL ? 0 : ix->mask + 1;
}

/* A large index lies in whole huge pages (base/mem.c asks for them): every look-up is in another
 * page. What comes before and behind it in its memory is never touched. */
static size_t alignment_of(size_t lines)
{
	return lines * HASH_LINE_BYTES < 2 * HUGE_PAGE_BYTES ? HASH_LINE_BYTES : HUGE_PAGE_BYTES;
}

void hash_index_done(struct hash_index *ix)
{
	mem_free(ix->memory);
	hash_index_init(ix);
}

size_t hash_index_bytes(const struct hash_index *ix)
{
	return line_count(ix) * HASH_LINE_BYTES;
}

static size_t lines_for(size_t count)
{
	size_t lines = 1;

	while (numbers_max(lines) <= count)
		lines *= 2;
	return lines;
}

bool hash_index_is_roomy(const struct hash_index *ix)
{
	return lines_for(ix->count) < line_count(ix);
}

void hash_index_reset(struct hash_index *ix, size_t count)
{
	size_t lines = lines_for(count);
	uintptr_t alignment = alignment_of(lines);

	hash_index_done(ix);
	ix->memory = mem_zalloc(lines * HASH_LINE_BYTES + alignment - 1);
	ix->lines =
		(struct hash_line *)(((uintptr_t)ix->memory + alignment - 1) & ~(alignment - 1));
	ix->mask = lines - 1;
	ix->count_max = numbers_max(lines);
}

void hash_index_add(struct hash_index *ix, uint32_t hash, uint32_t number)
{
	size_t at = hash & ix->mask;
	uint64_t empty;
	unsigned place;

	assert(!hash_index_is_full(ix));
	while ((empty = hash_line_matches(&ix->lines[at], 0)) == 0) {
		ix->lines[at].passed++;
		at = (at + 1) & ix->mask;
	}
	place = hash_line_place(empty);
	ix->lines[at].tags[place] = hash_index_tag(hash);
	ix->lines[at].numbers[place] = number;
	ix->count++;
}

void hash_index_remove(struct hash_index *ix, uint32_t hash, uint32_t number)
{
	size_t at = hash & ix->mask;

	for (;;) {
		struct hash_line *line = &ix->lines[at];
		uint64_t matches = hash_line_matches(line, hash_index_tag(hash));

		for (; matches != 0; matches &= matches - 1) {
			unsigned place = hash_line_place(matches);

			if (line->numbers[place] != number)
				continue;
			line->tags[place] = 0;
			ix->count--;
			return;
		}
		assert(line->passed != 0);
		line->passed--;
		at = (at + 1) & ix->mask;
	}
}

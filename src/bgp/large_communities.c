/*
 * large_communities: a list of them without repetitions.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 8092 3: a receiver removes redundant values without a word. A message of 65,535 octets has
 * room for 5,400 of them, so they are sorted to be compared; a list that comes in ascending order,
 * as most do, is only walked through.
 */
#include "bgp/large_communities.h"

#include "base/writer.h"

static int compare(const uint8_t *list, size_t a, size_t b)
{
	return memcmp(list + a * LARGE_COMMUNITY_BYTES, list + b * LARGE_COMMUNITY_BYTES,
		      LARGE_COMMUNITY_BYTES);
}

static bool is_ascending(const uint8_t *list, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (compare(list, i - 1, i) >= 0)
			return false;
	return true;
}

/* Merges two sorted runs of places that touch; of equal ones those of the first run come first. */
static void merge(const uint8_t *list, const uint16_t *from, size_t first, size_t second,
		  uint16_t *to)
{
	const uint16_t *a = from, *b = from + first, *a_end = b, *b_end = b + second;

	while (a < a_end || b < b_end) {
		if (b == b_end || (a < a_end && compare(list, *a, *b) <= 0))
			*to++ = *a++;
		else
			*to++ = *b++;
	}
}

/* The places 0 to count - 1 in ascending order of what is there, of equal ones the first first. The
 * result is one of the two, each of which has room for all. */
static const uint16_t *sort(const uint8_t *list, size_t count, uint16_t *places, uint16_t *room)
{
	for (size_t i = 0; i < count; i++)
		places[i] = (uint16_t)i;
	for (size_t run = 1; run < count; run *= 2) {
		uint16_t *sorted = room;

		for (size_t at = 0; at < count; at += 2 * run) {
			size_t first = MIN(run, count - at), second = MIN(run, count - at - first);

			merge(list, places + at, first, second, room + at);
		}
		room = places;
		places = sorted;
	}
	return places;
}

const uint8_t *large_communities_distinct(const uint8_t *list, size_t *length, struct arena *arena)
{
	size_t count = *length / LARGE_COMMUNITY_BYTES, repeated = 0;
	const uint16_t *sorted;
	struct writer w;
	bool *again;

	assert(count <= UINT16_MAX);
	if (is_ascending(list, count))
		return list;
	again = arena_zalloc(arena, count * sizeof(*again));
	sorted = sort(list, count, arena_alloc(arena, count * sizeof(*sorted)),
		      arena_alloc(arena, count * sizeof(*sorted)));
	for (size_t i = 1; i < count; i++)
		if (compare(list, sorted[i - 1], sorted[i]) == 0) {
			again[sorted[i]] = true;
			repeated++;
		}
	if (repeated == 0)
		return list;
	*length = (count - repeated) * LARGE_COMMUNITY_BYTES;
	w = writer_of(arena_alloc(arena, *length), *length);
	for (size_t i = 0; i < count; i++)
		if (!again[i])
			writer_bytes(&w, list + i * LARGE_COMMUNITY_BYTES, LARGE_COMMUNITY_BYTES);
	assert(!w.failed);
	return w.start;
}

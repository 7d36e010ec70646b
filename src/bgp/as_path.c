/*
 * as_path: see as_path.h, and the public part in attrs.h.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 9.1.2.2 a (what counts), 5065 5.3 (confederation segments count nothing), 6793 4.2.
 */
#include "bgp/as_path.h"

#include <limits.h>

#include "base/buf.h"

#define SEGMENT_AS_MAX 255u

/* One segment: its header, and its AS numbers behind a reader. */
struct segment {
	uint8_t type;
	uint8_t count;
	struct reader numbers;
};

static bool next_segment(struct reader *r, unsigned as_bytes, struct segment *ret_segment)
{
	if (r->failed || reader_left(r) == 0)
		return false;
	ret_segment->type = reader_u8(r);
	ret_segment->count = reader_u8(r);
	ret_segment->numbers = reader_sub(r, (size_t)ret_segment->count * as_bytes);
	return !r->failed;
}

static uint32_t next_number(struct reader *numbers, unsigned as_bytes)
{
	return as_bytes == 4 ? reader_u32(numbers) : reader_u16(numbers);
}

static bool is_confederation(uint8_t type)
{
	return type == AS_CONFED_SEQUENCE || type == AS_CONFED_SET;
}

static unsigned counted(const struct segment *segment)
{
	if (is_confederation(segment->type))
		return 0;
	return segment->type == AS_SET ? 1 : segment->count;
}

static void measure_segment(struct segment s, unsigned as_bytes, bool first,
			    struct as_path_facts *facts)
{
	uint32_t number = 0, leftmost = 0;

	for (unsigned i = 0; i < s.count; i++) {
		number = next_number(&s.numbers, as_bytes);
		if (i == 0)
			leftmost = number;
		facts->has_as0 |= number == 0;
		facts->has_wide |= number > UINT16_MAX;
	}
	facts->length += counted(&s);
	facts->has_set |= s.type == AS_SET || s.type == AS_CONFED_SET;
	if (is_confederation(s.type)) {
		facts->has_confederation = true;
		return;
	}
	if (first)
		facts->neighbor.number = s.type == AS_SEQUENCE ? leftmost : 0;
	facts->origin.number = s.type == AS_SEQUENCE ? number : 0;
}

const char *as_path_check(const uint8_t *bytes, size_t length, unsigned as_bytes,
			  struct as_path_facts *ret_facts)
{
	struct reader r = reader_of(bytes, length);
	struct as_path_facts facts = { 0 };
	struct segment s;
	bool first = true;

	while (next_segment(&r, as_bytes, &s)) {
		if (s.type < AS_SET || s.type > AS_CONFED_SET)
			return "a segment has an unknown type";
		if (s.count == 0)
			return "a segment is empty";
		measure_segment(s, as_bytes, first, &facts);
		if (!is_confederation(s.type))
			first = false;
	}
	if (r.failed)
		return "a segment is longer than what is left";
	*ret_facts = facts;
	return NULL;
}

/* The 4-octet path under construction. Sequences that touch are joined while they fit, so that what
 * RFC 6793 took apart is put together again. */
struct path_builder {
	struct writer w;
	size_t last_at; /* of the last segment's header */
	bool any;
};

static void builder_add(struct path_builder *b, uint8_t type, uint32_t number, bool new_segment)
{
	uint8_t *last = b->w.start + b->last_at;
	bool full = b->any && last[1] == SEGMENT_AS_MAX;
	bool join = b->any && last[0] == type && !full && (type == AS_SEQUENCE || !new_segment);

	if (!join) {
		b->last_at = writer_length(&b->w);
		b->any = true;
		last = b->w.next;
		writer_u8(&b->w, type);
		writer_u8(&b->w, 0);
	}
	if (!b->w.failed)
		last[1]++;
	writer_u32(&b->w, number);
}

/* Copies the first `wanted` counted AS numbers, and the confederation segments that lead the path
 * or touch what is copied. */
static void builder_copy(struct path_builder *b, const uint8_t *bytes, size_t length,
			 unsigned as_bytes, unsigned wanted)
{
	struct reader r = reader_of(bytes, length);
	struct segment s;

	while (next_segment(&r, as_bytes, &s)) {
		unsigned take = s.type == AS_SEQUENCE ? MIN(s.count, wanted) : s.count;

		if (wanted == 0 && !is_confederation(s.type))
			return;
		for (unsigned i = 0; i < take; i++)
			builder_add(b, s.type, next_number(&s.numbers, as_bytes), i == 0);
		if (take < s.count)
			return;
		wanted -= s.type == AS_SEQUENCE ? take : counted(&s);
	}
}

int as_path_widen(const uint8_t *bytes, size_t length, const uint8_t *as4_path, size_t as4_length,
		  struct arena *arena, const uint8_t **ret_path, uint16_t *ret_length)
{
	struct as_path_facts facts = { 0 }, as4_facts = { 0 };
	size_t capacity = 2 * length + as4_length;
	struct path_builder b = { 0 };
	const char *wrong = as_path_check(bytes, length, 2, &facts);
	bool merge = wrong == NULL && as4_path != NULL &&
		     as_path_check(as4_path, as4_length, 4, &as4_facts) == NULL &&
		     as4_facts.length <= facts.length;

	/* joining and splitting need at most a header more */
	b.w = writer_of(arena_alloc(arena, capacity + 8), capacity + 8);
	if (merge) {
		builder_copy(&b, bytes, length, 2, facts.length - as4_facts.length);
		builder_copy(&b, as4_path, as4_length, 4, UINT_MAX);
	} else {
		builder_copy(&b, bytes, length, 2, UINT_MAX);
	}
	assert(!b.w.failed);
	if (writer_length(&b.w) > BGP_AS_PATH_BYTES_MAX)
		return -1;
	*ret_path = b.w.start;
	*ret_length = (uint16_t)writer_length(&b.w);
	return 0;
}

void as_path_write_narrow(struct writer *w, const uint8_t *path, size_t length)
{
	struct reader r = reader_of(path, length);
	struct segment s;

	while (next_segment(&r, 4, &s)) {
		writer_u8(w, s.type);
		writer_u8(w, s.count);
		for (unsigned i = 0; i < s.count; i++) {
			uint32_t number = reader_u32(&s.numbers);

			writer_u16(w, number > UINT16_MAX ? BGP_AS_TRANS : (uint16_t)number);
		}
	}
}

void as_path_write_as4(struct writer *w, const uint8_t *path, size_t length)
{
	struct reader r = reader_of(path, length);
	struct segment s;

	while (next_segment(&r, 4, &s)) {
		if (is_confederation(s.type))
			continue;
		writer_u8(w, s.type);
		writer_u8(w, s.count);
		writer_bytes(w, s.numbers.next, reader_left(&s.numbers));
	}
}

unsigned bgp_as_path_count(const struct bgp_attrs *attrs, asn_t as)
{
	struct reader r = reader_of(attrs->as_path, attrs->as_path_bytes);
	struct segment s;
	unsigned count = 0;

	while (next_segment(&r, 4, &s))
		for (unsigned i = 0; i < s.count; i++)
			count += reader_u32(&s.numbers) == as.number;
	return count;
}

void bgp_as_path_prepend(struct bgp_attrs *attrs, asn_t as, struct arena *arena)
{
	const uint8_t *old = attrs->as_path;
	size_t length = attrs->as_path_bytes;
	bool join = length >= 2 && old[0] == AS_SEQUENCE && old[1] < SEGMENT_AS_MAX;
	struct writer w;

	/* Longer than any message holds: it can never be sent, with or without one more. */
	if (length + 6 > UINT16_MAX)
		return;
	w = writer_of(arena_alloc(arena, length + 6), length + 6);
	writer_u8(&w, AS_SEQUENCE);
	writer_u8(&w, join ? (uint8_t)(old[1] + 1) : 1);
	writer_u32(&w, as.number);
	if (join)
		writer_bytes(&w, old + 2, length - 2);
	else
		writer_bytes(&w, old, length);
	attrs->as_path = w.start;
	attrs->as_path_bytes = (uint16_t)writer_length(&w);
	if (attrs->as_path_length == 0)
		attrs->origin_as = as;
	attrs->as_path_length++;
	attrs->neighbor_as = as;
	attrs->present |= UINT64_C(1) << BGP_ATTR_AS_PATH;
}

void bgp_as_path_replace(struct bgp_attrs *attrs, asn_t from, asn_t to, struct arena *arena)
{
	struct reader r;
	struct writer w;
	struct segment s;

	if (bgp_as_path_count(attrs, from) == 0)
		return;
	r = reader_of(attrs->as_path, attrs->as_path_bytes);
	w = writer_of(arena_alloc(arena, attrs->as_path_bytes), attrs->as_path_bytes);
	while (next_segment(&r, 4, &s)) {
		writer_u8(&w, s.type);
		writer_u8(&w, s.count);
		for (unsigned i = 0; i < s.count; i++) {
			uint32_t number = reader_u32(&s.numbers);

			writer_u32(&w, number == from.number ? to.number : number);
		}
	}
	attrs->as_path = w.start;
	if (attrs->neighbor_as.number == from.number)
		attrs->neighbor_as = to;
	if (attrs->origin_as.number == from.number)
		attrs->origin_as = to;
}

void bgp_as_path_format(const struct bgp_attrs *attrs, struct buf *to)
{
	static const char *const brackets[][2] = {
		[AS_SET] = { "{", "}" },
		[AS_SEQUENCE] = { "", "" },
		[AS_CONFED_SEQUENCE] = { "(", ")" },
		[AS_CONFED_SET] = { "[", "]" },
	};
	struct reader r = reader_of(attrs->as_path, attrs->as_path_bytes);
	const char *gap = "";

	while (reader_left(&r) != 0) {
		uint8_t type = reader_u8(&r), count = reader_u8(&r);
		struct reader numbers = reader_sub(&r, (size_t)count * 4);

		if (type < AS_SET || type > AS_CONFED_SET || r.failed)
			return;
		buf_printf(to, "%s%s", gap, brackets[type][0]);
		for (unsigned i = 0; i < count; i++)
			buf_printf(to, "%s%" PRIu32, i == 0 ? "" : " ", reader_u32(&numbers));
		buf_add_text(to, brackets[type][1]);
		gap = " ";
	}
}

/*
 * reader: bounds-checked reading of network bytes, with a sticky error.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A read past the end yields zeroes and sets `failed`; every later read fails too. So a parser
 * reads a whole structure and checks once. No parser indexes a network buffer by itself.
 */
#ifndef BASE_READER_H
#define BASE_READER_H

#include "base/base.h"

struct reader {
	const uint8_t *next;
	const uint8_t *end;
	const uint8_t *start;
	bool failed;
};

static inline struct reader reader_of(const void *bytes, size_t length)
{
	const uint8_t *start = bytes;

	/* NULL is allowed for no bytes */
	return (struct reader){ .next = start,
				.end = length == 0 ? start : start + length,
				.start = start };
}

static inline size_t reader_left(const struct reader *r)
{
	return (size_t)(r->end - r->next);
}

/* Octets read so far. */
static inline size_t reader_offset(const struct reader *r)
{
	return (size_t)(r->next - r->start);
}

static inline void reader_fail(struct reader *r)
{
	r->failed = true;
	r->next = r->end;
}

/* Points at `length` bytes and steps over them; NULL (and failed) when there are fewer. A length of
 * 0 gives a pointer that must not be read. */
static inline const uint8_t *reader_bytes(struct reader *r, size_t length)
{
	const uint8_t *bytes = r->next;

	if (UNLIKELY(r->failed || reader_left(r) < length)) {
		reader_fail(r);
		return NULL;
	}
	if (length != 0) /* next is NULL in a reader of nothing */
		r->next += length;
	return bytes;
}

static inline uint8_t reader_u8(struct reader *r)
{
	const uint8_t *b = reader_bytes(r, 1);

	return b == NULL ? 0 : b[0];
}

static inline uint16_t reader_u16(struct reader *r)
{
	const uint8_t *b = reader_bytes(r, 2);

	return b == NULL ? 0 : (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t reader_u32(struct reader *r)
{
	const uint8_t *b = reader_bytes(r, 4);

	return b == NULL ? 0
			 : (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static inline uint64_t reader_u64(struct reader *r)
{
	uint64_t high = reader_u32(r);

	return high << 32 | reader_u32(r);
}

/* Copies `length` bytes out; on failure `to` is zeroed. */
static inline void reader_copy(struct reader *r, void *to, size_t length)
{
	const uint8_t *b = reader_bytes(r, length);

	if (b == NULL)
		memset(to, 0, length);
	else if (length != 0)
		memcpy(to, b, length);
}

/* A reader over the next `length` bytes, which are stepped over. Both are failed, and empty, when
 * there are fewer; what fails in the part later does not fail the whole. */
static inline struct reader reader_sub(struct reader *r, size_t length)
{
	const uint8_t *b = reader_bytes(r, length);
	struct reader sub = { 0 };

	if (r->failed)
		sub.failed = true;
	else
		sub = reader_of(b, length); /* NULL, when a reader of nothing gives nothing */
	return sub;
}

#endif

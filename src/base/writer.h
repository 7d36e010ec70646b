/*
 * writer: bounds-checked writing of network bytes into memory that the caller owns, with a sticky
 * error.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A write that does not fit sets `failed` and changes nothing: a writer fails, it never truncates.
 */
#ifndef BASE_WRITER_H
#define BASE_WRITER_H

#include "base/base.h"

struct writer {
	uint8_t *start;
	uint8_t *next;
	uint8_t *end;
	bool failed;
};

static inline struct writer writer_of(void *memory, size_t capacity)
{
	uint8_t *start = memory;

	/* NULL is allowed for no bytes */
	return (struct writer){ .start = start,
				.next = start,
				.end = capacity == 0 ? start : start + capacity };
}

static inline size_t writer_length(const struct writer *w)
{
	return (size_t)(w->next - w->start);
}

static inline size_t writer_left(const struct writer *w)
{
	return (size_t)(w->end - w->next);
}

/* Reserves `length` bytes and returns them for the caller to fill; NULL (and failed) when they do
 * not fit. */
static inline uint8_t *writer_reserve(struct writer *w, size_t length)
{
	uint8_t *bytes = w->next;

	if (UNLIKELY(w->failed || writer_left(w) < length)) {
		w->failed = true;
		return NULL;
	}
	if (length != 0) /* next is NULL in a writer of nothing */
		w->next += length;
	return bytes;
}

static inline void writer_bytes(struct writer *w, const void *bytes, size_t length)
{
	uint8_t *to = writer_reserve(w, length);

	if (to != NULL && length != 0)
		memcpy(to, bytes, length);
}

static inline void writer_u8(struct writer *w, uint8_t value)
{
	uint8_t *to = writer_reserve(w, 1);

	if (to != NULL)
		to[0] = value;
}

static inline void writer_u16(struct writer *w, uint16_t value)
{
	uint8_t *to = writer_reserve(w, 2);

	if (to != NULL) {
		to[0] = (uint8_t)(value >> 8);
		to[1] = (uint8_t)value;
	}
}

static inline void writer_u32(struct writer *w, uint32_t value)
{
	uint8_t *to = writer_reserve(w, 4);

	if (to != NULL) {
		to[0] = (uint8_t)(value >> 24);
		to[1] = (uint8_t)(value >> 16);
		to[2] = (uint8_t)(value >> 8);
		to[3] = (uint8_t)value;
	}
}

static inline void writer_u64(struct writer *w, uint64_t value)
{
	uint8_t *to = writer_reserve(w, 8);

	for (unsigned i = 0; to != NULL && i < 8; i++)
		to[i] = (uint8_t)(value >> (56 - 8 * i));
}

/* Writes a 16-bit value at an offset that was written before: for lengths that are known late. */
static inline void writer_patch_u16(struct writer *w, size_t offset, uint16_t value)
{
	if (w->failed)
		return;
	assert(writer_length(w) >= 2 && offset <= writer_length(w) - 2);
	w->start[offset] = (uint8_t)(value >> 8);
	w->start[offset + 1] = (uint8_t)value;
}

#endif

/*
 * buf: a growable byte buffer with a declared maximum; also the project's text builder.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The bytes are always followed by a NUL that is not counted, so that `data` can be read as text.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/base.h"

struct buf {
	char *data; /* NULL while nothing was ever added: use buf_text for text */
	size_t length;
	size_t capacity;
	size_t length_max;
	bool overflowed; /* sticky: something did not fit below length_max and was left out whole */
};

/* `length_max`: the most bytes that it will hold; 0 means 1 GiB. */
void buf_init(struct buf *buf, size_t length_max);
void buf_done(struct buf *buf);
/* Empties it and keeps the memory. */
void buf_clear(struct buf *buf);
/* Room for `length` more bytes at the end (the caller fills them, then calls buf_commit); NULL when
 * over the maximum. */
void *buf_reserve(struct buf *buf, size_t length);
void buf_commit(struct buf *buf, size_t length);
void buf_add(struct buf *buf, const void *bytes, size_t length);
void buf_add_text(struct buf *buf, const char *text);
/* Two digits an octet, small letters. */
void buf_add_hex(struct buf *buf, const void *bytes, size_t length);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF(2, 3);
/* Takes back everything past the first `length` bytes, of which there are as many. */
void buf_truncate(struct buf *buf, size_t length);
/* Takes `length` bytes away from the front. */
void buf_consume(struct buf *buf, size_t length);
/* The content as text; "" when empty. Valid until the next change. */
const char *buf_text(const struct buf *buf);
/* Hands the memory to the caller, who frees it with mem_free; the buffer is empty afterwards. Never
 * NULL. */
char *buf_take(struct buf *buf);

#endif

/*
 * buf: a growable byte buffer with a declared maximum.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/buf.h"

#include "base/mem.h"

#define BUF_LENGTH_MAX_DEFAULT ((size_t)1 << 30)

void buf_init(struct buf *buf, size_t length_max)
{
	*buf = (struct buf){ .length_max = length_max ? length_max : BUF_LENGTH_MAX_DEFAULT };
}

void buf_done(struct buf *buf)
{
	mem_free(buf->data);
	buf_init(buf, buf->length_max);
}

void buf_clear(struct buf *buf)
{
	buf->length = 0;
	buf->overflowed = false;
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

void *buf_reserve(struct buf *buf, size_t length)
{
	if (length > buf->length_max - buf->length) {
		buf->overflowed = true;
		return NULL;
	}
	MEM_RESERVE(buf->data, buf->capacity, buf->length + length + 1);
	return buf->data + buf->length;
}

void buf_commit(struct buf *buf, size_t length)
{
	assert(buf->length + length < buf->capacity);
	buf->length += length;
	buf->data[buf->length] = '\0';
}

void buf_add(struct buf *buf, const void *bytes, size_t length)
{
	void *to = buf_reserve(buf, length);

	if (to == NULL)
		return;
	if (length != 0)
		memcpy(to, bytes, length);
	buf_commit(buf, length);
}

void buf_add_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_add_hex(struct buf *buf, const void *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *from = bytes;
	char *to = buf_reserve(buf, length * 2);

	if (to == NULL)
		return;
	for (size_t i = 0; i < length; i++) {
		to[2 * i] = digits[from[i] >> 4];
		to[2 * i + 1] = digits[from[i] & 15];
	}
	buf_commit(buf, length * 2);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args, again;
	int length;
	char *to;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(length >= 0);
	to = buf_reserve(buf, (size_t)length);
	if (to != NULL) {
		vsnprintf(to, (size_t)length + 1, format, again);
		buf_commit(buf, (size_t)length);
	}
	va_end(again);
}

void buf_truncate(struct buf *buf, size_t length)
{
	assert(length <= buf->length);
	buf->length = length;
	if (buf->data != NULL)
		buf->data[length] = '\0';
}

void buf_consume(struct buf *buf, size_t length)
{
	assert(length <= buf->length);
	if (length == 0)
		return;
	memmove(buf->data, buf->data + length, buf->length - length);
	buf->length -= length;
	buf->data[buf->length] = '\0';
}

const char *buf_text(const struct buf *buf)
{
	return buf->data == NULL ? "" : buf->data;
}

char *buf_take(struct buf *buf)
{
	char *data = buf->data == NULL ? mem_strdup("") : buf->data;

	buf->data = NULL;
	buf_init(buf, buf->length_max);
	return data;
}

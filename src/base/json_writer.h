/*
 * json_writer: JSON text, written value by value.
 * SPDX-License-Identifier: Apache-2.0
 *
 * For folders that build no document in memory, and for output that is longer than memory. RFC
 * 8259. Strings may hold any octets: what is no UTF-8 becomes U+FFFD, and control characters are
 * escaped, those that only steer a terminal or the direction of writing too. So the output is
 * always valid, as long as the calls nest; a call that does not (a key in an array, two keys in a
 * row) is a programming error and is asserted.
 */
#ifndef BASE_JSON_WRITER_H
#define BASE_JSON_WRITER_H

#include "base/base.h"
#include "base/buf.h"

#define JSON_WRITER_DEPTH_MAX 63u

/* Fields are private. */
struct json_writer {
	struct buf *to;
	unsigned depth;
	uint64_t is_object; /* bit per depth */
	uint64_t has_members;
	bool after_key;
};

/* Appends to `to`, which must outlive the writer. */
void json_writer_init(struct json_writer *w, struct buf *to);

void json_writer_object(struct json_writer *w);
void json_writer_array(struct json_writer *w);
/* Ends the innermost object or array. */
void json_writer_end(struct json_writer *w);

/* The name of the next value; within objects, and nowhere else. */
void json_writer_key(struct json_writer *w, const char *key);

void json_writer_text(struct json_writer *w, const char *text);
void json_writer_string(struct json_writer *w, const void *bytes, size_t length);
/* The octets as a string of hexadecimal digits. */
void json_writer_hex(struct json_writer *w, const void *bytes, size_t length);
void json_writer_uint(struct json_writer *w, uint64_t value);
void json_writer_int(struct json_writer *w, int64_t value);
void json_writer_bool(struct json_writer *w, bool value);
void json_writer_null(struct json_writer *w);

/* The inside of a JSON string for any octets, without the quotes. */
void json_writer_escape(struct buf *to, const void *bytes, size_t length);

#endif

/*
 * outline: one record of names and values, as a JSON line or as a block of text.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A caller describes the record once; whether people or programs read it is decided at the start.
 * As text, the members of the record stand on its first line, until an object or array that is
 * laid out in lines: from there on each stands on a line of its own, indented.
 *
 *   UPDATE length 61
 *     attributes
 *       origin igp
 *       as-path 64512 64513
 *     announced
 *       10.0.0.0/8
 */
#ifndef BASE_OUTLINE_H
#define BASE_OUTLINE_H

#include "base/base.h"
#include "base/buf.h"
#include "base/ip.h"
#include "base/json_writer.h"

#define OUTLINE_DEPTH_MAX 24u

enum outline_layout {
	OUTLINE_INLINE, /* its members one behind the other */
	OUTLINE_LINES,	/* each on its line */
	OUTLINE_BLOCK,	/* on a line of its own; its members as those of a record */
};

/* Fields are private. */
struct outline {
	struct buf *to;
	struct json_writer json;
	bool is_json;
	unsigned depth;
	struct {
		bool lines;
		bool is_array;
		bool has_members;
		bool has_containers;
	} levels[OUTLINE_DEPTH_MAX + 1];
};

void outline_init(struct outline *o, struct buf *to, bool json);

/* A record: one line of JSON, or a line of text and those that belong to it. */
void outline_begin(struct outline *o);
void outline_finish(struct outline *o);

/* Members. `key` is NULL within an array, and nowhere else. */
void outline_object(struct outline *o, const char *key, enum outline_layout layout);
void outline_array(struct outline *o, const char *key, enum outline_layout layout);
void outline_end(struct outline *o);

/* Our own words. _bare: as text without the key. */
void outline_text(struct outline *o, const char *key, const char *text);
void outline_bare(struct outline *o, const char *key, const char *text);
/* What somebody else chose: any octets; quoted in text. */
void outline_string(struct outline *o, const char *key, const void *bytes, size_t length);
void outline_hex(struct outline *o, const char *key, const void *bytes, size_t length);
void outline_uint(struct outline *o, const char *key, uint64_t value);
/* As text the key alone, or nothing. */
void outline_bool(struct outline *o, const char *key, bool value);
void outline_address(struct outline *o, const char *key, const struct ip_addr *address);
/* Words with spaces between them, as an array of JSON. */
void outline_words(struct outline *o, const char *key, const char *words);

#endif

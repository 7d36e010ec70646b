/*
 * doc: typed reading and printing of a JSON object by a table of its keys.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A configuration is a struct; a table says which key goes to which member, of which type and in
 * which range. Reading checks everything, refuses unknown keys, and every error starts with the
 * path of the key ("instances[0].neighbors[2].peer-as: must be ..."). The same table prints. It
 * knows no key of any document by itself.
 */
#ifndef MODEL_DOC_H
#define MODEL_DOC_H

#include <jansson.h>

#include "base/base.h"
#include "base/error.h"
#include "base/ip.h"

#define DOC_PATH_MAX 256u
#define DOC_TEXT_BYTES_MAX 255u

enum doc_type {
	DOC_BOOL, /* bool */
	DOC_U8,	  /* uint8_t, uint16_t, uint32_t: within min..max */
	DOC_U16,
	DOC_U32,
	DOC_BYTES, /* uint64_t: bytes, or text with KiB, MiB or GiB; 0, or at least `min` */
	DOC_ASN,   /* asn_t; 1..4294967295 but not 23456 */
	DOC_ADDR,  /* struct ip_addr */
	DOC_ADDR_V4,
	DOC_PREFIX, /* struct ip_prefix */
	DOC_TEXT,   /* char *, from mem_strdup; the old one is freed */
	DOC_CHOICE, /* an enum: the index in `choices`; an empty text in it cannot be chosen */
	DOC_CUSTOM, /* read and print */
};

/* What a row is flagged with. */
#define DOC_REQUIRED 1u
#define DOC_SECRET 2u /* left out when redacted */

struct doc_field {
	const char *name;
	enum doc_type type;
	size_t offset;
	unsigned flags;
	uint32_t min, max;	    /* numbers; max 0: what the type holds */
	size_t has_offset;	    /* of a bool that tells presence; 0: none */
	const char *const *choices; /* NULL after the last */
	unsigned where; /* bit mask of the places the key is allowed in; 0: everywhere */
	/* DOC_CUSTOM: `to` is struct + offset. */
	int (*read)(const json_t *value, void *to, const char *path, struct error *e);
	json_t *(*print)(const void *from, bool redact); /* NULL result: leave the key out */
};

/* Reads `object` into the struct at `to`. Members whose key is absent keep their value. `where`:
 * the place, one bit (0: tables without places). 0, or -1 with *e; *to may then be half filled, and
 * is still the caller's to release. */
int doc_read(const json_t *object, const struct doc_field *fields, size_t count, unsigned where,
	     void *to, const char *path, struct error *e) MUST_CHECK;
/* The object that doc_read would read: a new reference. */
json_t *doc_print(const struct doc_field *fields, size_t count, unsigned where, const void *from,
		  bool redact);

/* "path.key" or "key", and "path[index]"; cut when too long. Return `to`. */
const char *doc_path_key(char to[static DOC_PATH_MAX], const char *path, const char *key);
const char *doc_path_index(char to[static DOC_PATH_MAX], const char *path, size_t index);

/* Error unless value is an array of at most `count_max`. */
int doc_check_array(const json_t *value, size_t count_max, const char *path,
		    struct error *e) MUST_CHECK;
/* Text of 1 to DOC_TEXT_BYTES_MAX octets without control characters; NULL with *e. */
const char *doc_check_text(const json_t *value, const char *path, struct error *e) MUST_CHECK;
int doc_check_addr(const json_t *value, struct ip_addr *ret, const char *path,
		   struct error *e) MUST_CHECK;
int doc_check_prefix(const json_t *value, struct ip_prefix *ret, const char *path,
		     struct error *e) MUST_CHECK;

#endif

/*
 * yaml: YAML text to a JSON tree, strictly.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The JSON subset of YAML's meaning in YAML's clothes: scalars are resolved by the rules of the
 * YAML 1.2 core schema (so `no` is text and 0o17 is 15); anchors, aliases, tags, duplicate keys and
 * keys that are not scalars are refused, and so are numbers that JSON cannot hold. Depth and size
 * are capped. Errors start with NAME:LINE:COLUMN.
 */
#ifndef MODEL_YAML_H
#define MODEL_YAML_H

#include <jansson.h>

#include "base/base.h"
#include "base/error.h"

#define YAML_DEPTH_MAX 32u
#define YAML_BYTES_MAX (64u << 20)
#define YAML_DOCUMENTS_MAX 100000u

/* Exactly one document. `name` (of the file) starts the error's text. A new reference, or NULL. */
json_t *yaml_parse(const char *text, size_t length, const char *name, struct error *e) MUST_CHECK;
/* Any number of documents, empty ones left out: a new reference to a list of them, or NULL. */
json_t *yaml_parse_all(const char *text, size_t length, const char *name,
		       struct error *e) MUST_CHECK;
/*
 * Puts "NAME:LINE:COLUMN: " before an error whose text starts with the path of a key
 * ("instances[0].neighbors[2].peer-as: ..."), by reading the text again. Where the key itself is
 * missing, the place is that of what it is missing in. Returns -1.
 */
int yaml_error_locate(const char *text, size_t length, const char *name, struct error *e);

/* Resolves a plain scalar by the core schema; a new reference, NULL with *e when JSON cannot hold
 * it. */
json_t *yaml_scalar(const char *text, size_t length, struct error *e) MUST_CHECK;

#endif

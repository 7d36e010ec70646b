/*
 * resource_ref: the name of a resource: "/virtualGateways/T1/networkConnections/c1".
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef API_RESOURCE_REF_H
#define API_RESOURCE_REF_H

#include "api/schema.h"
#include "base/error.h"

#define RESOURCE_REF_TEXT_MAX 320

struct resource_ref {
	size_t depth; /* 1: a root */
	const struct schema_kind *kinds[SCHEMA_DEPTH_MAX];
	char ids[SCHEMA_DEPTH_MAX][SCHEMA_ID_MAX]; /* the last is "" in the name of a collection */
};

/* Parses a reference, or the path of a request; "/networking/v1" before it is stepped over.
 * *ret_collection (NULL: a collection is an error): the last id is missing. */
int resource_ref_parse(const char *text, struct resource_ref *ret_ref, bool *ret_collection,
		       struct error *e) MUST_CHECK;
const char *resource_ref_format(const struct resource_ref *ref,
				char text[static RESOURCE_REF_TEXT_MAX]);
/* The kind that it ends in. */
const struct schema_kind *resource_ref_kind(const struct resource_ref *ref);
const char *resource_ref_id(const struct resource_ref *ref);
/* Is `inner` the same resource, or inside it? */
bool resource_ref_covers(const struct resource_ref *outer, const struct resource_ref *inner);
/* Letters, digits, dot, dash, underscore; at most 63; a letter, digit or underscore first. */
bool resource_ref_id_is_valid(const char *id);

#endif

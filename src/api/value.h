/*
 * value: a body read by the schema: checked whole, and written in the one form that is stored.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Names get the case of the table, addresses and numbers their canonical text, secrets are sealed,
 * what is read-only is left out, defaults are filled in. Problems are gathered, each with the path
 * of its property.
 */
#ifndef API_VALUE_H
#define API_VALUE_H

#include "api/api.h"
#include "api/problem.h"
#include "api/resource_ref.h"
#include "base/ip.h"

struct value_reader {
	const struct api_ops *ops;
	void *ops_context;
	struct problem_list *problems;
};

/* Reads the body of a resource into its stored form: {"resourceId", "instanceId", "tags",
 * "resourceMetadata", "properties"}, a new reference; NULL when `problems` got something. `old` is
 * the stored form that is replaced (NULL: none): its ids stay, and so do its secrets that the body
 * leaves out. */
json_t *value_read_resource(const struct value_reader *reader, const struct resource_ref *ref,
			    const json_t *body, const json_t *old);

/* "0.64512", "64512" or 64512; 0 or -1 with *e. */
int value_as_number(const json_t *input, asn_t *ret_as, struct error *e) MUST_CHECK;
/* Where a secret of a resource is sealed for; `text` is returned. */
#define VALUE_PLACE_MAX (RESOURCE_REF_TEXT_MAX + 64)
const char *value_secret_place(const char *ref, const char *property,
			       char text[static VALUE_PLACE_MAX]);

#endif

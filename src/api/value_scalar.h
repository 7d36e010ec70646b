/*
 * value_scalar: single values of a body: numbers, addresses, keys, references.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef API_VALUE_SCALAR_H
#define API_VALUE_SCALAR_H

#include "api/value.h"

/* Reads one value of a type that has no inside. Its canonical form, a new reference; NULL after a
 * problem. */
json_t *value_scalar_read(const struct value_reader *r, const struct schema_property *p,
			  const struct problem_place *place, const json_t *input);
/* "a list", "text": what an input is. */
const char *value_scalar_type_words(const json_t *input);

#endif

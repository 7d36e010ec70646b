/*
 * openapi: the schema as an OpenAPI document, for those who generate clients or look things up.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef API_OPENAPI_H
#define API_OPENAPI_H

#include <jansson.h>

/* OpenAPI 3.0: a new reference. Made of the same table that checks bodies, so that it cannot say
 * something else. */
json_t *openapi_document(const char *version);

#endif

/*
 * token: who may do what northbound: bearer tokens and their roles.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The file holds SHA-256 digests, so that reading it gives nobody a token. Tokens are long and
 * random, so a plain digest is enough.
 */
#ifndef CONTROLLER_TOKEN_H
#define CONTROLLER_TOKEN_H

#include "api/api.h"
#include "base/error.h"

struct token;

struct token_list {
	struct token *tokens;
	size_t count;
};

/* [{name, role: read|operate|admin, sha256: 64 hex digits}], in YAML. */
int token_list_load(struct token_list *list, const char *path, struct error *e) MUST_CHECK;
void token_list_done(struct token_list *list);
/* The role of "Bearer TOKEN"; NONE when the header (may be NULL) is of nobody. *ret_name is its
 * owner's name. */
enum api_role token_list_role(const struct token_list *list, const char *authorization,
			      const char **ret_name);

#endif

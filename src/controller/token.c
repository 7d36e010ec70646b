/*
 * token: who may do what northbound: bearer tokens and their roles.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "controller/token.h"

#include <ctype.h>
#include <strings.h>

#include "base/mem.h"
#include "controller/config.h"
#include "model/doc.h"
#include "model/yaml.h"
#include "tls/random.h"

#define TOKENS_MAX 10000u
#define DIGEST_DIGITS 64u

struct token {
	char *name;
	uint8_t role; /* index in roles */
	char *sha256;
};

static const char *const roles[] = { "read", "operate", "admin", NULL };

static const struct doc_field token_fields[] = {
	{ .name = "name",
	  .type = DOC_TEXT,
	  .offset = offsetof(struct token, name),
	  .flags = DOC_REQUIRED },
	{ .name = "role",
	  .type = DOC_CHOICE,
	  .offset = offsetof(struct token, role),
	  .flags = DOC_REQUIRED,
	  .choices = roles },
	{ .name = "sha256",
	  .type = DOC_TEXT,
	  .offset = offsetof(struct token, sha256),
	  .flags = DOC_REQUIRED },
};

static int read_token(struct token *token, const json_t *value, size_t index, struct error *e)
{
	char path[DOC_PATH_MAX];

	doc_path_index(path, "", index);
	if (doc_read(value, token_fields, ARRAY_SIZE(token_fields), 0, token, path, e) < 0)
		return -1;
	if (strspn(token->sha256, "0123456789abcdefABCDEF") != DIGEST_DIGITS ||
	    strlen(token->sha256) != DIGEST_DIGITS)
		return error_set(e,
				 "%s.sha256: must be %u hex digits: printf %%s TOKEN | sha256sum",
				 path, DIGEST_DIGITS);
	for (size_t i = 0; i < DIGEST_DIGITS; i++)
		token->sha256[i] = (char)tolower((unsigned char)token->sha256[i]);
	return 0;
}

static int read_tokens(struct token_list *list, const json_t *document, struct error *e)
{
	if (doc_check_array(document, TOKENS_MAX, "tokens", e) < 0)
		return -1;
	list->tokens = mem_zalloc(MAX(json_array_size(document), 1) * sizeof(*list->tokens));
	for (size_t i = 0; i < json_array_size(document); i++) {
		list->count++;
		if (read_token(&list->tokens[i], json_array_get(document, i), i, e) < 0)
			return -1;
	}
	return 0;
}

int token_list_load(struct token_list *list, const char *path, struct error *e)
{
	size_t bytes;
	char *text = config_read_file(path, &bytes, e);
	json_t *document;
	int result = -1;

	*list = (struct token_list){ 0 };
	if (text == NULL)
		return -1;
	document = yaml_parse(text, bytes, path, e);
	if (document != NULL) {
		result = read_tokens(list, document, e);
		if (result < 0)
			error_prefix(e, "%s", path);
	}
	json_decref(document);
	mem_free(text);
	if (result < 0)
		token_list_done(list);
	return result;
}

void token_list_done(struct token_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		mem_free(list->tokens[i].name);
		mem_free(list->tokens[i].sha256);
	}
	mem_free(list->tokens);
	*list = (struct token_list){ 0 };
}

enum api_role token_list_role(const struct token_list *list, const char *authorization,
			      const char **ret_name)
{
	char digest[RANDOM_SHA256_TEXT_MAX];

	if (authorization == NULL || strncasecmp(authorization, "Bearer ", 7) != 0)
		return API_ROLE_NONE;
	authorization += 7;
	while (*authorization == ' ')
		authorization++;
	random_sha256(authorization, digest);
	for (size_t i = 0; i < list->count; i++) {
		/* Of digests: how far two agree says nothing about a token. */
		if (strcmp(digest, list->tokens[i].sha256) == 0) {
			*ret_name = list->tokens[i].name;
			return (enum api_role)(API_ROLE_READ + list->tokens[i].role);
		}
	}
	return API_ROLE_NONE;
}

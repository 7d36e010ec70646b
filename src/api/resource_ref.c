/*
 * resource_ref: the name of a resource: "/virtualGateways/T1/networkConnections/c1".
 * SPDX-License-Identifier: Apache-2.0
 */
#include "api/resource_ref.h"

#include <ctype.h>
#include <strings.h>

#define BASE_PATH "/networking/v1"

bool resource_ref_id_is_valid(const char *id)
{
	size_t length = strlen(id);

	if (length == 0 || length >= SCHEMA_ID_MAX || id[0] == '.' || id[0] == '-')
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)id[i];

		if (!isalnum(c) && c != '.' && c != '-' && c != '_')
			return false;
	}
	return true;
}

static const char *skip_base(const char *text)
{
	size_t length = strlen(BASE_PATH);

	if (strncasecmp(text, BASE_PATH, length) == 0 &&
	    (text[length] == '/' || text[length] == '\0'))
		return text + length;
	return text;
}

/* The next segment between slashes; false at the end. */
static bool next_segment(const char **text, const char **ret_start, size_t *ret_length)
{
	const char *start = *text;

	while (*start == '/')
		start++;
	if (*start == '\0')
		return false;
	*ret_start = start;
	*ret_length = strcspn(start, "/");
	*text = start + *ret_length;
	return true;
}

static int parse_id(struct resource_ref *ref, const char *start, size_t length, struct error *e)
{
	char *id = ref->ids[ref->depth - 1];

	if (length < SCHEMA_ID_MAX) {
		memcpy(id, start, length);
		id[length] = '\0';
		if (strlen(id) == length && resource_ref_id_is_valid(id))
			return 0;
	}
	return error_set(e,
			 "'%.*s' is no resourceId: 1 to %u letters, digits, dots, dashes and "
			 "underscores, with a letter, digit or underscore first",
			 (int)MIN(length, 80), start, SCHEMA_ID_MAX - 1);
}

int resource_ref_parse(const char *text, struct resource_ref *ret_ref, bool *ret_collection,
		       struct error *e)
{
	struct resource_ref ref = { 0 };
	const char *rest = skip_base(text);
	const char *start;
	size_t length;
	bool collection = false;

	while (next_segment(&rest, &start, &length)) {
		const struct schema_kind *parent = ref.depth == 0 ? NULL : ref.kinds[ref.depth - 1];
		const struct schema_kind *kind = schema_kind_by_name(parent, start, length);

		if (kind == NULL || ref.depth == SCHEMA_DEPTH_MAX)
			return error_set(e, "'%.*s' is no kind of resource%s%s",
					 (int)MIN(length, 80), start, parent ? " in " : "",
					 parent ? parent->name : "");
		ref.kinds[ref.depth++] = kind;
		collection = !next_segment(&rest, &start, &length);
		if (!collection && parse_id(&ref, start, length, e) < 0)
			return -1;
	}
	if (ref.depth == 0)
		return error_set(e, "names no resource: must be like /virtualNetworks/NAME");
	if (collection && ret_collection == NULL)
		return error_set(e, "'%s' names a collection: a resourceId is missing", text);
	if (ret_collection != NULL)
		*ret_collection = collection;
	*ret_ref = ref;
	return 0;
}

const char *resource_ref_format(const struct resource_ref *ref,
				char text[static RESOURCE_REF_TEXT_MAX])
{
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < ref->depth; i++) {
		bool has_id = ref->ids[i][0] != '\0';

		length += (size_t)snprintf(text + length, RESOURCE_REF_TEXT_MAX - length,
					   has_id ? "/%s/%s" : "/%s%s", ref->kinds[i]->name,
					   ref->ids[i]);
		assert(length < RESOURCE_REF_TEXT_MAX);
	}
	return text;
}

const struct schema_kind *resource_ref_kind(const struct resource_ref *ref)
{
	return ref->kinds[ref->depth - 1];
}

const char *resource_ref_id(const struct resource_ref *ref)
{
	return ref->ids[ref->depth - 1];
}

bool resource_ref_covers(const struct resource_ref *outer, const struct resource_ref *inner)
{
	if (outer->depth > inner->depth)
		return false;
	for (size_t i = 0; i < outer->depth; i++) {
		if (outer->kinds[i] != inner->kinds[i] || strcmp(outer->ids[i], inner->ids[i]) != 0)
			return false;
	}
	return true;
}

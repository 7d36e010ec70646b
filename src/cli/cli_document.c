/*
 * cli_document: resource documents from files, and resources' paths from what people type.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli_document.h"

#include <dirent.h>
#include <errno.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "model/yaml.h"

#define FILES_MAX 10000u

static char *read_stream(FILE *file, const char *name, size_t *ret_bytes, struct error *e)
{
	struct buf text;
	size_t got;

	buf_init(&text, YAML_BYTES_MAX);
	do {
		char *to = buf_reserve(&text, 65536);

		if (to == NULL) {
			error_set(e, "%s: is larger than %u octets", name, YAML_BYTES_MAX);
			buf_done(&text);
			return NULL;
		}
		got = fread(to, 1, 65536, file);
		buf_commit(&text, got);
	} while (got != 0);
	if (ferror(file)) {
		error_set(e, "%s: cannot be read", name);
		buf_done(&text);
		return NULL;
	}
	*ret_bytes = text.length;
	return buf_take(&text);
}

static size_t order_of(const struct resource_ref *ref)
{
	for (size_t i = 0; schema_roots[i] != NULL; i++) {
		if (schema_roots[i] == ref->kinds[0])
			return i * (SCHEMA_DEPTH_MAX + 1) + ref->depth;
	}
	return 0;
}

static int add_document(struct cli_document_list *list, const char *name, size_t index,
			json_t *value, struct error *e)
{
	const char *kind = json_string_value(json_object_get(value, "kind"));
	const char *id = json_string_value(json_object_get(value, "resourceId"));
	struct cli_document document = { .position = list->count };
	struct resource_ref ref;
	char path[2 * RESOURCE_REF_TEXT_MAX];

	if (kind == NULL || id == NULL)
		return error_set(e, "%s: document %zu: needs `kind` and `resourceId`, as text",
				 name, index + 1);
	snprintf(path, sizeof(path), "/%.300s/%.300s", kind, id);
	if (resource_ref_parse(path, &ref, NULL, e) < 0)
		return error_prefix(e, "%s: document %zu", name, index + 1);
	resource_ref_format(&ref, document.path);
	document.order = order_of(&ref);
	document.body = json_deep_copy(value);
	json_object_del(document.body, "kind");
	MEM_RESERVE(list->items, list->capacity, list->count + 1);
	list->items[list->count++] = document;
	return 0;
}

static int add_text(struct cli_document_list *list, const char *name, const char *text,
		    size_t bytes, struct error *e)
{
	json_t *documents = yaml_parse_all(text, bytes, name, e), *document;
	size_t index;
	int result = documents == NULL ? -1 : 0;

	json_array_foreach(documents, index, document)
	{
		if (result == 0)
			result = add_document(list, name, index, document, e);
	}
	json_decref(documents);
	return result;
}

static int add_file(struct cli_document_list *list, const char *path, struct error *e)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(path, "re");
	size_t bytes;
	char *text;
	int result;

	if (file == NULL)
		return error_set(e, "%s: %s", path, strerror(errno));
	text = read_stream(file, path, &bytes, e);
	if (!is_stdin)
		fclose(file);
	if (text == NULL)
		return -1;
	result = add_text(list, path, text, bytes, e);
	mem_free(text);
	return result;
}

static int is_document(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot != NULL &&
	       (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0 || strcmp(dot, ".json") == 0);
}

static int add_directory(struct cli_document_list *list, const char *path, struct error *e)
{
	struct dirent **entries;
	int count = scandir(path, &entries, is_document, alphasort);
	int result = 0;

	if (count < 0)
		return error_set(e, "%s: %s", path, strerror(errno));
	if (count == 0)
		result = error_set(e, "%s: holds no .yaml, .yml or .json", path);
	for (int i = 0; i < count; i++) {
		struct buf file;

		buf_init(&file, 0);
		buf_printf(&file, "%s/%s", path, entries[i]->d_name);
		if (result == 0)
			result = add_file(list, buf_text(&file), e);
		buf_done(&file);
		free(entries[i]);
	}
	free(entries);
	return result;
}

static int compare(const void *a, const void *b)
{
	const struct cli_document *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->position < y->position ? -1 : x->position > y->position;
}

int cli_document_read(struct cli_document_list *list, const char *from, struct error *e)
{
	struct stat info;
	int result;

	*list = (struct cli_document_list){ 0 };
	if (strcmp(from, "-") != 0 && stat(from, &info) == 0 && S_ISDIR(info.st_mode))
		result = add_directory(list, from, e);
	else
		result = add_file(list, from, e);
	if (result == 0 && list->count == 0)
		result = error_set(e, "%s: holds no document", from);
	if (result < 0) {
		cli_document_list_done(list);
		return -1;
	}
	qsort(list->items, list->count, sizeof(*list->items), compare);
	return 0;
}

void cli_document_list_done(struct cli_document_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		json_decref(list->items[i].body);
	mem_free(list->items);
	*list = (struct cli_document_list){ 0 };
}

/* Kinds inside others, by their own name: their parents come before it in NAME. */
static const struct schema_kind *const nested[] = {
	&schema_network_connections, &schema_bgp_routers,
	&schema_bgp_peers,	     &schema_subnets,
	&schema_ip_configurations,   NULL,
};

static bool name_matches(const struct schema_kind *kind, const char *text)
{
	size_t length = strlen(kind->name);

	return strcasecmp(kind->name, text) == 0 ||
	       (strlen(text) == length - 1 && strncasecmp(kind->name, text, length - 1) == 0) ||
	       (length > 4 && strcasecmp(kind->name + length - 4, "sses") == 0 &&
		strlen(text) == length - 2 && strncasecmp(kind->name, text, length - 2) == 0);
}

static const struct schema_kind *find_kind(const char *text)
{
	for (size_t i = 0; schema_roots[i] != NULL; i++) {
		if (name_matches(schema_roots[i], text))
			return schema_roots[i];
	}
	for (size_t i = 0; nested[i] != NULL; i++) {
		if (name_matches(nested[i], text))
			return nested[i];
	}
	return NULL;
}

static int unknown_kind(const char *kind, struct error *e)
{
	struct buf words;

	buf_init(&words, 0);
	for (size_t i = 0; schema_roots[i] != NULL; i++)
		buf_printf(&words, "%s%s", i == 0 ? "" : ", ", schema_roots[i]->name);
	for (size_t i = 0; nested[i] != NULL; i++)
		buf_printf(&words, ", %s", nested[i]->name);
	error_set(e, "'%.60s' is no kind: %s", kind, buf_text(&words));
	buf_done(&words);
	return -1;
}

int cli_document_path(const char *kind_text, const char *name,
		      char path[static RESOURCE_REF_TEXT_MAX], const struct schema_kind **ret_kind,
		      struct error *e)
{
	const struct schema_kind *kind = find_kind(kind_text);
	const struct schema_kind *chain[SCHEMA_DEPTH_MAX];
	struct resource_ref ref = { 0 };
	size_t depth = 0;

	if (kind == NULL)
		return unknown_kind(kind_text, e);
	for (const struct schema_kind *k = kind; k != NULL; k = k->parent)
		chain[depth++] = k;
	while (depth > 0) {
		size_t length = name == NULL ? 0 : strcspn(name, "/");

		ref.kinds[ref.depth] = chain[--depth];
		if (length >= SCHEMA_ID_MAX)
			return error_set(e, "'%.80s' is too long for a name", name);
		if (name != NULL) {
			memcpy(ref.ids[ref.depth], name, length);
			if (!resource_ref_id_is_valid(ref.ids[ref.depth]))
				return error_set(e, "'%.80s' is no name", ref.ids[ref.depth]);
			name = name[length] == '/' ? name + length + 1 : NULL;
		} else if (depth > 0) {
			return error_set(e, "a %s is named %s%s/NAME", kind->singular,
					 kind->parent->parent != NULL ? "TENANT/" : "",
					 kind->parent->parent != NULL ? "ROUTER" : "PARENT");
		}
		ref.depth++;
	}
	if (name != NULL)
		return error_set(e, "'/%.80s': is too much of a name for a %s", name,
				 kind->singular);
	resource_ref_format(&ref, path);
	*ret_kind = kind;
	return 0;
}

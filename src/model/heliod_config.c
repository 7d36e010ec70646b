/*
 * heliod_config: heliod's configuration file, as plain structs.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "model/heliod_config.h"

#include "base/mem.h"
#include "model/doc.h"
#include "model/yaml.h"

#define LOG_LEVEL_FIRST 3u /* "error" */
#define LOG_LEVEL_DEFAULT 5u
#define UNIX_PATH_BYTES_MAX 107u
#define BGP_PORT 179

static const char *const log_levels[] = { "error", "warning", "notice", "info", "debug", NULL };

static const struct doc_field listen_fields[] = {
	{ .name = "address",
	  .type = DOC_ADDR,
	  .offset = offsetof(struct heliod_listen, address),
	  .flags = DOC_REQUIRED },
	{ .name = "port",
	  .type = DOC_U16,
	  .offset = offsetof(struct heliod_listen, port),
	  .min = 1 },
};

static int read_listen(const json_t *value, void *to, const char *path, struct error *e)
{
	struct heliod_config *config = to;
	char item[DOC_PATH_MAX];

	if (doc_check_array(value, HELIOD_LISTEN_MAX, path, e) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(value); i++) {
		struct heliod_listen *listen = &config->listen[i];

		listen->port = BGP_PORT;
		if (doc_read(json_array_get(value, i), listen_fields, ARRAY_SIZE(listen_fields), 0,
			     listen, doc_path_index(item, path, i), e) < 0)
			return -1;
	}
	config->listen_count = json_array_size(value);
	return 0;
}

static int read_path(const json_t *value, void *to, const char *path, struct error *e)
{
	const char *text = doc_check_text(value, path, e);
	char **member = to;

	if (text == NULL)
		return -1;
	if (strlen(text) > UNIX_PATH_BYTES_MAX)
		return error_set(e, "%s: a socket's path has at most %u octets, this one %zu", path,
				 UNIX_PATH_BYTES_MAX, strlen(text));
	mem_free(*member);
	*member = mem_strdup(text);
	return 0;
}

static const struct doc_field bmp_fields[] = {
	{ .name = "path",
	  .type = DOC_CUSTOM,
	  .offset = offsetof(struct heliod_bmp, path),
	  .read = read_path },
	{ .name = "address", .type = DOC_ADDR, .offset = offsetof(struct heliod_bmp, address) },
	{ .name = "port", .type = DOC_U16, .offset = offsetof(struct heliod_bmp, port), .min = 1 },
};

static int read_bmp(const json_t *value, void *to, const char *path, struct error *e)
{
	struct heliod_config *config = to;
	char item[DOC_PATH_MAX];

	if (doc_check_array(value, HELIOD_BMP_MAX, path, e) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(value); i++) {
		struct heliod_bmp *bmp = &config->bmp[i];
		bool tcp;

		config->bmp_count = i + 1;
		doc_path_index(item, path, i);
		if (doc_read(json_array_get(value, i), bmp_fields, ARRAY_SIZE(bmp_fields), 0, bmp,
			     item, e) < 0)
			return -1;
		tcp = bmp->address.family != IP_NONE && bmp->port != 0;
		if (tcp == (bmp->path != NULL) ||
		    (bmp->path != NULL && (bmp->address.family != IP_NONE || bmp->port != 0)))
			return error_set(e, "%s: must have path, or address and port", item);
	}
	return 0;
}

/* `names` and `tables`: those of the instances before, with the name of who has it. */
static int check_unique(const struct instance_config *new, json_t *names, json_t *tables,
			const char *path, struct error *e)
{
	char id[16];
	const json_t *holder;

	if (json_object_get(names, new->name) != NULL)
		return error_set(e, "%s.name: the instance %s is there twice", path, new->name);
	json_object_set_new(names, new->name, json_true());
	if (new->table_id == 0)
		return 0;
	snprintf(id, sizeof(id), "%" PRIu32, new->table_id);
	holder = json_object_get(tables, id);
	if (holder != NULL)
		return error_set(e, "%s.table-id: %s is that of instance %s", path, id,
				 json_string_value(holder));
	json_object_set_new(tables, id, json_string(new->name));
	return 0;
}

static int read_instances(const json_t *value, void *to, const char *path, struct error *e)
{
	struct heliod_config *config = to;
	json_t *names, *tables;
	char item[DOC_PATH_MAX];
	int result = 0;

	if (doc_check_array(value, HELIOD_INSTANCES_MAX, path, e) < 0)
		return -1;
	config->instances = mem_zalloc((json_array_size(value) + 1) * sizeof(*config->instances));
	names = json_object();
	tables = json_object();
	for (size_t i = 0; result == 0 && i < json_array_size(value); i++) {
		struct instance_config *new;

		doc_path_index(item, path, i);
		new = instance_config_parse(json_array_get(value, i), item, e);
		if (new != NULL)
			config->instances[config->instance_count++] = new;
		result = new == NULL ? -1 : check_unique(new, names, tables, item, e);
	}
	json_decref(names);
	json_decref(tables);
	return result;
}

static int read_log_level(const json_t *value, void *to, const char *path, struct error *e)
{
	unsigned index = 0;
	const struct doc_field field = { .name = path, .type = DOC_CHOICE, .choices = log_levels };
	json_t *wrapped = json_pack("{s:O}", path, value);
	int result = doc_read(wrapped, &field, 1, 0, &index, "", e);

	json_decref(wrapped);
	if (result == 0)
		*(unsigned *)to = LOG_LEVEL_FIRST + index;
	return result;
}

#define FIELD(key, kind, member) \
	.name = key, .type = kind, .offset = offsetof(struct heliod_config, member)

static const struct doc_field file_fields[] = {
	{ .name = "listen", .type = DOC_CUSTOM, .read = read_listen },
	{ FIELD("control", DOC_CUSTOM, control), .read = read_path },
	{ FIELD("sockets", DOC_CUSTOM, sockets), .read = read_path },
	{ FIELD("fpm", DOC_CUSTOM, fpm), .read = read_path },
	{ .name = "bmp", .type = DOC_CUSTOM, .read = read_bmp },
	{ FIELD("user", DOC_TEXT, user) },
	{ FIELD("log-level", DOC_CUSTOM, log_level), .read = read_log_level },
	{ .name = "instances", .type = DOC_CUSTOM, .read = read_instances },
};

static int check_whole(const struct heliod_config *config, struct error *e)
{
	if (config->sockets == NULL)
		return 0;
	if (config->listen_count != 0)
		return error_set(e, "listen: cannot be combined with sockets: managed, the agent "
				    "hands over the listening sockets");
	if (config->instance_count != 0)
		return error_set(e,
				 "instances: cannot be combined with sockets: managed, instances "
				 "come by the control socket");
	if (config->control == NULL)
		return error_set(e, "control: missing, must be given with sockets");
	return 0;
}

struct heliod_config *heliod_config_read(const json_t *document, struct error *e)
{
	struct heliod_config *config = mem_zalloc(sizeof(*config));

	config->log_level = LOG_LEVEL_DEFAULT;
	if (doc_read(document, file_fields, ARRAY_SIZE(file_fields), 0, config, "", e) == 0 &&
	    check_whole(config, e) == 0)
		return config;
	heliod_config_free(config);
	return NULL;
}

struct heliod_config *heliod_config_parse(const char *text, size_t length, const char *name,
					  struct error *e)
{
	json_t *document = yaml_parse(text, length, name, e);
	struct heliod_config *config;

	if (document == NULL)
		return NULL;
	config = heliod_config_read(document, e);
	json_decref(document);
	if (config == NULL)
		yaml_error_locate(text, length, name, e);
	return config;
}

void heliod_config_free(struct heliod_config *config)
{
	if (config == NULL)
		return;
	for (size_t i = 0; i < config->bmp_count; i++)
		mem_free(config->bmp[i].path);
	for (size_t i = 0; i < config->instance_count; i++)
		instance_config_free(config->instances[i]);
	mem_free(config->instances);
	mem_free(config->control);
	mem_free(config->sockets);
	mem_free(config->fpm);
	mem_free(config->user);
	mem_free(config);
}

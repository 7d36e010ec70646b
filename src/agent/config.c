/*
 * config: the agent's configuration file.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "agent/config.h"

#include <errno.h>
#include <yaml.h>

struct config_key {
	const char *name; /* with its section: "tls.ca" */
	size_t offset;
	bool required;
	bool path; /* relative to the file */
	const char *preset;
};

#define KEY(name, member, ...)                                     \
	{                                                          \
		name, offsetof(struct config, member), __VA_ARGS__ \
	}

static const struct config_key config_keys[] = {
	KEY("node", node, true, false, ""),
	KEY("controller", controller, true, false, ""),
	KEY("tls.ca", tls_ca, true, true, ""),
	KEY("tls.certificate", tls_certificate, true, true, ""),
	KEY("tls.key", tls_key, true, true, ""),
	KEY("provider-interface", provider_interface, false, false, ""),
	KEY("external-interface", external_interface, false, false, ""),
	KEY("state", state, false, false, "/var/lib/helio-agent"),
	KEY("run", run, false, false, "/run/helio-agent"),
	KEY("heliod.control", heliod_control, false, false, ""),
	KEY("heliod.sockets", heliod_sockets, false, false, ""),
	KEY("heliod.user", heliod_user, false, false, ""),
	KEY("log-level", log_level, false, false, "info"),
};

struct config_read {
	const char *path;
	struct config *config;
	bool given[ARRAY_SIZE(config_keys)];
	struct error *e;
};

static char *config_member(struct config *config, size_t i)
{
	return (char *)config + config_keys[i].offset;
}

static int config_store(struct config_read *read, const char *key, const char *value, size_t line)
{
	const char *slash = strrchr(read->path, '/');
	char text[2 * CONFIG_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(config_keys); i++) {
		if (strcmp(config_keys[i].name, key) != 0)
			continue;
		if (read->given[i])
			return error_set(read->e, "%s:%zu: %s is there twice", read->path, line,
					 key);
		if (config_keys[i].path && value[0] != '/' && slash != NULL)
			snprintf(text, sizeof(text), "%.*s/%s", (int)(slash - read->path),
				 read->path, value);
		else
			snprintf(text, sizeof(text), "%s", value);
		if (text[0] == '\0' || strlen(text) >= CONFIG_TEXT_MAX)
			return error_set(read->e, "%s:%zu: %s: expected 1 to %d characters",
					 read->path, line, key, CONFIG_TEXT_MAX - 1);
		memcpy(config_member(read->config, i), text, strlen(text) + 1);
		read->given[i] = true;
		return 0;
	}
	return error_set(read->e, "%s:%zu: %s: unknown key", read->path, line, key);
}

/* One event of a document that is a mapping of texts, or of mappings of texts. `section` and `key`
 * are what came before. Returns 1 at the end, 0, or -1. */
static int config_event(struct config_read *read, const yaml_event_t *event, char *section,
			char *key, unsigned *depth)
{
	size_t line = event->start_mark.line + 1;
	char full[2 * CONFIG_TEXT_MAX];
	const char *text;

	switch (event->type) {
	case YAML_STREAM_END_EVENT:
		return 1;
	case YAML_MAPPING_START_EVENT:
		if (++*depth > 2 || (*depth == 2 && key[0] == '\0'))
			return error_set(read->e, "%s:%zu: no mapping is expected here", read->path,
					 line);
		if (*depth == 2)
			snprintf(section, CONFIG_TEXT_MAX, "%s.", key);
		key[0] = '\0';
		return 0;
	case YAML_MAPPING_END_EVENT:
		--*depth;
		section[0] = key[0] = '\0';
		return 0;
	case YAML_SCALAR_EVENT:
		text = (const char *)event->data.scalar.value;
		if (*depth == 0)
			return error_set(read->e, "%s:%zu: expected `key: value`", read->path,
					 line);
		if (key[0] == '\0') {
			snprintf(key, CONFIG_TEXT_MAX, "%s", text);
			return 0;
		}
		snprintf(full, sizeof(full), "%s%s", section, key);
		key[0] = '\0';
		return config_store(read, full, text, line);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_ALIAS_EVENT:
		return error_set(read->e, "%s:%zu: no list and no alias is expected here",
				 read->path, line);
	default:
		return 0;
	}
}

static int config_parse(struct config_read *read, FILE *file)
{
	char section[CONFIG_TEXT_MAX] = "", key[CONFIG_TEXT_MAX] = "";
	unsigned depth = 0;
	yaml_parser_t parser;
	yaml_event_t event;
	int result = 0;

	if (!yaml_parser_initialize(&parser))
		return error_set(read->e, "%s: libyaml has no memory", read->path);
	yaml_parser_set_input_file(&parser, file);
	while (result == 0) {
		if (!yaml_parser_parse(&parser, &event)) {
			result = error_set(read->e, "%s:%zu: %s", read->path,
					   parser.problem_mark.line + 1, parser.problem);
			break;
		}
		result = config_event(read, &event, section, key, &depth);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return result < 0 ? -1 : 0;
}

static int config_check(struct config_read *read)
{
	struct config *config = read->config;

	for (size_t i = 0; i < ARRAY_SIZE(config_keys); i++) {
		if (read->given[i])
			continue;
		if (config_keys[i].required)
			return error_set(read->e, "%s: %s is required", read->path,
					 config_keys[i].name);
		snprintf(config_member(config, i), CONFIG_TEXT_MAX, "%s", config_keys[i].preset);
	}
	if (strncmp(config->controller, "https://", 8) != 0)
		return error_set(read->e, "%s: controller: expected https://HOST:PORT", read->path);
	if (strlen(config->external_interface) > 15)
		return error_set(read->e, "%s: external-interface: at most 15 characters",
				 read->path);
	if ((config->heliod_control[0] == '\0') != (config->heliod_sockets[0] == '\0'))
		return error_set(read->e, "%s: heliod: expected both control and sockets",
				 read->path);
	return 0;
}

int config_load(const char *path, struct config *ret_config, struct error *e)
{
	struct config config = { 0 };
	struct config_read read = { .path = path, .config = &config, .e = e };
	FILE *file = fopen(path, "re");
	int result;

	if (file == NULL)
		return error_set(e, "%s: %s", path, strerror(errno));
	result = config_parse(&read, file);
	fclose(file);
	if (result == 0)
		result = config_check(&read);
	if (result == 0)
		*ret_config = config;
	return result;
}

/*
 * config_file: heliod's file, read from disk and checked whole.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/config_file.h"

#include <errno.h>
#include <stdio.h>

#include "base/buf.h"
#include "bgp/family.h"
#include "model/yaml.h"

static int read_file(const char *path, struct buf *to, struct error *e)
{
	FILE *file = fopen(path, "re");
	bool failed;

	if (file == NULL)
		return error_set(e, "%s: %s", path, strerror(errno));
	while (!feof(file) && !ferror(file) && !to->overflowed) {
		void *room = buf_reserve(to, 65536);

		if (room != NULL)
			buf_commit(to, fread(room, 1, 65536, file));
	}
	failed = ferror(file) != 0;
	if (failed)
		error_set(e, "%s: %s", path, strerror(errno));
	else if (to->overflowed)
		error_set(e, "%s: more than %u octets", path, YAML_BYTES_MAX);
	fclose(file);
	return failed || to->overflowed ? -1 : 0;
}

/* "a, b and c": every family that there is. */
static void list_families(char *to, size_t room)
{
	size_t length = 0;

	to[0] = '\0';
	for (size_t i = 0; i < BGP_FAMILY_COUNT && length < room; i++)
		length += (size_t)snprintf(to + length, room - length, "%s%s",
					   i == 0		       ? ""
					   : i == BGP_FAMILY_COUNT - 1 ? " and "
								       : ", ",
					   bgp_family_info((enum bgp_family)i)->name);
}

static int check_families(const struct neighbor_config *neighbor, const char *path,
			  const char *list, size_t index, struct error *e)
{
	char known[512];

	for (size_t i = 0; i < INSTANCE_FAMILIES_MAX && neighbor->families[i] != NULL; i++) {
		if (bgp_family_by_name(neighbor->families[i]) != BGP_FAMILY_NONE)
			continue;
		list_families(known, sizeof(known));
		return error_set(e, "%s%s%s[%zu].families: %s is not known; known are %s", path,
				 path[0] == '\0' ? "" : ".", list, index, neighbor->families[i],
				 known);
	}
	return 0;
}

int config_file_check_instance(const struct instance_config *config, const char *path,
			       struct error *e)
{
	for (size_t i = 0; i < config->neighbor_count; i++) {
		if (check_families(&config->neighbors[i], path, "neighbors", i, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < config->dynamic_neighbor_count; i++) {
		if (check_families(&config->dynamic_neighbors[i].template, path,
				   "dynamic-neighbors", i, e) < 0)
			return -1;
	}
	return 0;
}

static int check_instances(const struct heliod_config *config, struct error *e)
{
	char path[64];

	for (size_t i = 0; i < config->instance_count; i++) {
		snprintf(path, sizeof(path), "instances[%zu]", i);
		if (config_file_check_instance(config->instances[i], path, e) < 0)
			return -1;
	}
	return 0;
}

struct heliod_config *config_file_load(const char *path, struct error *e)
{
	struct heliod_config *config = NULL;
	struct buf text;

	buf_init(&text, YAML_BYTES_MAX + 65536);
	if (read_file(path, &text, e) == 0)
		config = heliod_config_parse(buf_text(&text), text.length, path, e);
	if (config != NULL && check_instances(config, e) < 0) {
		yaml_error_locate(buf_text(&text), text.length, path, e);
		heliod_config_free(config);
		config = NULL;
	}
	buf_done(&text);
	return config;
}

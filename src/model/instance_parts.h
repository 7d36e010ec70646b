/*
 * instance_parts: the parts of an instance document that repeat: neighbors and networks.
 * SPDX-License-Identifier: Apache-2.0
 *
 * For instance.c alone. A peer group, a neighbor and a dynamic neighbor share one table of keys.
 */
#ifndef MODEL_INSTANCE_PARTS_H
#define MODEL_INSTANCE_PARTS_H

#include "model/instance.h"

/* Where a neighbor's keys are read (struct doc_field: where). */
#define NEIGHBOR_IN_GROUP 1u
#define NEIGHBOR_IN_LIST 2u
#define NEIGHBOR_IN_DYNAMIC 4u

/* What is read of a group, a neighbor, or a dynamic neighbor. */
struct neighbor_entry {
	struct neighbor_config config;
	char *name; /* of a group */
	/* given, here or in the group; else the default depends on the rest of the neighbor */
	bool has_extended_next_hop;
	bool has_aigp;
	struct ip_prefix prefix; /* of a dynamic neighbor */
};

int neighbor_entry_read(const json_t *object, struct neighbor_entry *entry, unsigned where,
			const char *path, struct error *e) MUST_CHECK;
json_t *neighbor_config_print(const struct neighbor_config *config, bool redact);
json_t *dynamic_neighbor_config_print(const struct dynamic_neighbor_config *config, bool redact);
/* *to is overwritten, not released. */
void neighbor_config_copy(struct neighbor_config *to, const struct neighbor_config *from);
/* Releases what it holds. */
void neighbor_config_clear(struct neighbor_config *config);

int network_config_read(const json_t *object, struct network_config *network, const char *path,
			struct error *e) MUST_CHECK;
json_t *network_config_print(const struct network_config *network, bool redact);

#endif

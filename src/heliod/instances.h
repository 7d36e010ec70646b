/*
 * instances: the instances as file or control socket want them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The speaker holds them; here is decided which come, change or go, who has which table-id, and
 * who of heliod's other parts (listeners, handover, FPM, BMP, next hops) hears of it.
 */
#ifndef HELIOD_INSTANCES_H
#define HELIOD_INSTANCES_H

#include "heliod/daemon.h"

/* What a file did: how many instances. */
struct instances_change {
	size_t added, changed, deleted, same;
};

/* The daemon's parts are looked up when they are needed. */
struct instances *instances_new(struct daemon *daemon);
/* After the speaker was freed. */
void instances_free(struct instances *instances);

/* instance.put: takes the config. A table-id that it lacks is given to it. */
int instances_put(struct instances *instances, struct instance_config *config, bool *ret_changed,
		  struct error *e) MUST_CHECK;
int instances_delete(struct instances *instances, const char *name, struct error *e) MUST_CHECK;
/* Makes them those of the file, whose entries are taken out of it. Those without a table-id keep
 * what they have. -1 with the first error when one could not be put; the others are. */
int instances_apply(struct instances *instances, struct heliod_config *config,
		    struct instances_change *ret_change, struct error *e) MUST_CHECK;

/* For ops.neighbors_changed: listeners and passwords are looked at again soon. */
void instances_neighbors_changed(struct instances *instances, const char *name);

#endif

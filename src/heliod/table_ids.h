/*
 * table_ids: which instance has which table-id.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A table-id names an instance to FPM and BMP, so two never have the same. Knows numbers and names,
 * and nothing else of an instance.
 */
#ifndef HELIOD_TABLE_IDS_H
#define HELIOD_TABLE_IDS_H

#include "base/hmap.h"

struct table_ids {
	struct hmap by_id;
};

void table_ids_init(struct table_ids *ids);
void table_ids_done(struct table_ids *ids);

/* The name of the instance that has it; NULL when it is free. Valid until it is dropped. */
const char *table_ids_holder(const struct table_ids *ids, uint32_t id);
/* The lowest that is free, from `first` on. */
uint32_t table_ids_free_from(const struct table_ids *ids, uint32_t first);
/* It must be free. */
void table_ids_take(struct table_ids *ids, uint32_t id, const char *name);
/* Nothing happens when it is free. */
void table_ids_drop(struct table_ids *ids, uint32_t id);

#endif

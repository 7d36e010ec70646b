/*
 * learn: parsing a table, interning its attributes and putting its prefixes into the RIB's tables.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What a reflector does with an UPDATE before it decides anything, by the same functions: cut and
 * check, intern the attribute block, find or insert each prefix, and set the peer's path.
 */
#ifndef BENCH_LEARN_H
#define BENCH_LEARN_H

#include "base/arena.h"
#include "rib/attr_table.h"
#include "rib/prefix_table.h"

struct learn {
	struct attr_table attrs;
	struct prefix_table prefixes;
	struct arena arena;
	uint64_t changed; /* paths that got other attributes */
};

void learn_init(struct learn *l);
void learn_done(struct learn *l);
/* Learns every UPDATE among the messages. */
void learn_table(struct learn *l, const uint8_t *table, size_t length);

#endif

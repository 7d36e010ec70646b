/*
 * keeper: what the orchestrator wants kept, gathered and then committed.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The last word for a key counts. A commit is one transaction as long as it fits into one.
 */
#ifndef CONTROLLER_KEEPER_H
#define CONTROLLER_KEEPER_H

#include <jansson.h>

#include "base/base.h"
#include "base/error.h"
#include "store/store.h"

struct keeper_item {
	char *key;
	char *value; /* NULL: delete */
};

struct keeper {
	struct keeper_item *items;
	size_t count;
	size_t capacity;
};

void keeper_done(struct keeper *keeper);
void keeper_add(struct keeper *keeper, const char *key, const json_t *value);
/* Commits all and is empty, or -1 with *e, and keeps what is not committed. */
int keeper_commit(struct keeper *keeper, struct store *store, struct error *e) MUST_CHECK;

#endif

/*
 * store_backend: what a backend of the store gives, and the part of a store that all share.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Only for the files of this folder. The limits, the watchers and the clocks of leases are in
 * store.c; a backend keeps entries, the changes of the last revisions, and the names of leases.
 */
#ifndef STORE_STORE_BACKEND_H
#define STORE_STORE_BACKEND_H

#include "base/list.h"
#include "store/store.h"

typedef void store_lease_fn(void *context, uint64_t lease, duration_t ttl);

struct store_backend {
	void (*close)(struct store *store);
	int (*range)(struct store *store, const char *prefix, bool exact, store_entry_fn *fn,
		     void *context, struct error *e);
	/* Whole or not at all; store->revision is set when it succeeded. */
	int (*commit)(struct store *store, const struct store_txn *txn, bool *ret_succeeded,
		      struct error *e);
	/* The changes after `revision`, in order. */
	int (*history)(struct store *store, uint64_t revision, store_event_fn *fn, void *context,
		       struct error *e);
	int (*lease_put)(struct store *store, uint64_t lease, duration_t ttl, struct error *e);
	int (*lease_delete)(struct store *store, uint64_t lease, struct error *e);
	int (*lease_load)(struct store *store, store_lease_fn *fn, void *context, struct error *e);
};

struct store {
	const struct store_backend *backend;
	uint64_t revision;
	uint64_t compacted; /* changes up to and including this revision are gone */
	uint64_t lease_next;
	bool leases_armed;
	struct list watches;
	struct list leases;
};

void store_init(struct store *store, const struct store_backend *backend);
/* A lease that the backend had before: its time starts with the next call that brings a clock. */
void store_lease_adopt(void *context, uint64_t lease, duration_t ttl);
/* Does the compare hold for this entry (NULL: absent)? */
bool store_compare_holds(const struct store_compare *compare, const struct store_entry *entry);

#endif

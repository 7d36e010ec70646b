/*
 * store: the durable intent, behind one interface shaped after etcd's contract.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A store is a map from keys to values with one revision that grows by one with each transaction
 * that changed something. What etcd promises, each backend promises: a transaction is whole or not
 * at all, its compares and its writes see one state, a watch from revision R gives every later
 * change once and in order, and a lease that is not renewed takes its keys with it. A transaction
 * that was answered is on disk. The limits of etcd are the limits of all, so that what works on one
 * works on the other.
 *
 * The store does not know what is stored, and knows no clock: `now` is an argument.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/base.h"
#include "base/error.h"
#include "base/instant.h"

#define STORE_OPS_MAX 128u
#define STORE_TXN_BYTES_MAX (1u << 20)
#define STORE_KEY_BYTES_MAX 1024u
/* A watch may start at most this many revisions back. */
#define STORE_HISTORY_REVISIONS 1000u

struct store;
struct store_watch;

struct store_entry {
	const char *key;
	const void *value;
	size_t value_bytes;
	uint64_t create_revision;
	uint64_t mod_revision;
	uint64_t version; /* 1 when created, one more with each put */
	uint64_t lease;	  /* 0: none */
};

enum store_target {
	STORE_TARGET_VERSION, /* all three numbers are 0 for a key that is not there */
	STORE_TARGET_CREATE_REVISION,
	STORE_TARGET_MOD_REVISION,
	STORE_TARGET_VALUE, /* EQUAL and NOT_EQUAL only; an absent key equals nothing */
};

enum store_relation {
	STORE_EQUAL,
	STORE_NOT_EQUAL,
	STORE_LESS,
	STORE_GREATER,
};

struct store_compare {
	const char *key;
	enum store_target target;
	enum store_relation relation;
	uint64_t number;
	const void *value;
	size_t value_bytes;
};

enum store_op_kind {
	STORE_PUT,
	STORE_DELETE, /* of an absent key: nothing */
};

struct store_op {
	enum store_op_kind kind;
	const char *key;
	const void *value;
	size_t value_bytes;
	uint64_t lease;
};

struct store_txn {
	const struct store_compare *compares;
	size_t compare_count;
	const struct store_op *ops; /* a key at most once */
	size_t op_count;
};

struct store_result {
	bool succeeded;	   /* every compare held, and the ops are done */
	uint64_t revision; /* of the store, after it */
};

struct store_event {
	enum store_op_kind kind;
	const char *key;
	const void *value; /* of a put */
	size_t value_bytes;
	uint64_t revision;
};

/* Called for each entry; what it points at is valid during the call only. The callback must not
 * call the store. */
typedef void store_entry_fn(void *context, const struct store_entry *entry);
typedef void store_event_fn(void *context, const struct store_event *event);

/* Gone with the process: for tests. */
struct store *store_memory_new(void);
/* Opens or makes the database file (mode 0600) and holds it locked. */
struct store *store_sqlite_open(const char *path, struct error *e);
void store_free(struct store *store);
uint64_t store_revision(const struct store *store);
/* The entry of one key: *ret_found tells whether there is one, and then `fn` was called. */
int store_get(struct store *store, const char *key, store_entry_fn *fn, void *context,
	      bool *ret_found, struct error *e) MUST_CHECK;
/* The entries whose key starts with `prefix`, in order of key. */
int store_range(struct store *store, const char *prefix, store_entry_fn *fn, void *context,
		struct error *e) MUST_CHECK;
/* 0 when it was decided (see ret_result->succeeded), -1 with *e when the transaction is over a
 * limit or the disk fails: nothing is changed then. Watchers are called before it returns. */
int store_commit(struct store *store, const struct store_txn *txn, struct store_result *ret_result,
		 struct error *e) MUST_CHECK;
/* Calls `fn` for each change of a key that starts with `prefix`: those after `revision` that are
 * already there during this call, the rest when they are committed. NULL with *e when `revision` is
 * further back than what is kept: range again. */
struct store_watch *store_watch_new(struct store *store, const char *prefix, uint64_t revision,
				    store_event_fn *fn, void *context, struct error *e);
/* Not from within a callback. NULL is harmless. */
void store_watch_free(struct store_watch *watch);

/* A lease of `ttl`; its keys go with it. After a restart of the store every lease has its whole ttl
 * again. */
int store_lease_grant(struct store *store, duration_t ttl, uint64_t *ret_lease, struct error *e,
		      instant_t now) MUST_CHECK;
int store_lease_renew(struct store *store, uint64_t lease, struct error *e,
		      instant_t now) MUST_CHECK;
int store_lease_revoke(struct store *store, uint64_t lease, struct error *e) MUST_CHECK;
/* When store_tick has something to do. */
instant_t store_deadline(const struct store *store);
/* Ends the leases that are over. */
int store_tick(struct store *store, struct error *e, instant_t now) MUST_CHECK;

#endif

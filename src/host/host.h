/*
 * host: the agent's brain: desired objects and observed kernel state in, ordered operations out.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Three streams come in. Objects of the node channel (keyed, with revisions, holds and epochs), the
 * routes that heliod sends (FPM), and what was seen in the kernels of the node. Objects are
 * rendered into items (item.h), tenant by tenant; routes become items one by one; what was seen is
 * laid beside what is wanted. Where they differ there is an operation, and host_operations hands
 * the operations out in an order in which each can succeed: what others stand on is made first and
 * taken away last, and before a device goes, the nexthop objects on it are made blackholes, because
 * the kernel would delete them with every route on them.
 *
 * Nothing that is in the kernel and not wanted is taken away before the controller's snapshot is
 * complete (`synced`), while a hold covers it, or, for BGP routes, before their table's End-of-RIB.
 *
 * Must not know: how operations are done, where objects come from. Makes no system call.
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "fpm/fpm.h"
#include "host/item.h"
#include "host/object.h"

#define HOST_PROTOCOL_OBJECTS 72 /* who made it: this agent, for an object */
#define HOST_PROTOCOL_BGP 186	 /* this agent, for heliod */
#define HOST_FPM_NEXTHOP_BASE 0x10000000u
#define HOST_TUNNEL_PREFIX "hwg" /* how the names of tunnel devices begin */
#define HOST_TABLE_MAIN 254

struct host;

/* `seed`: random, for the hash tables. `external`: the external interface, "" on hosts. */
struct host *host_new(uint64_t seed, const char *external);
void host_free(struct host *host);

/* --- names --- */
uint32_t host_intern(struct host *host, const char *text);
/* The text of a number that host_intern gave; valid for the host's life. */
const char *host_text(const struct host *host, uint32_t number);

/* --- objects --- */
/* A snapshot begins: what it does not mention is gone after host_synced. */
void host_snapshot_begin(struct host *host);
/* Puts an object (value is borrowed). Returns 0; or -1 when it was refused, which the status of the
 * key says too: a value that is wrong keeps what was there, a lower epoch likewise. */
int host_put(struct host *host, const char *key, int64_t revision, int64_t epoch, json_t *value,
	     struct error *e);
void host_delete(struct host *host, const char *key, int64_t revision);
void host_hold(struct host *host, const char *prefix);
void host_release(struct host *host, const char *prefix);
void host_synced(struct host *host);
bool host_is_synced(const struct host *host);

/* The highest epoch seen of a key: for the file that outlives the process. `_epoch_set` loads it.
 */
void host_epoch_set(struct host *host, const char *key, int64_t epoch);
typedef void host_epoch_fn(const char *key, int64_t epoch, void *arg);
void host_epochs(const struct host *host, host_epoch_fn *call, void *arg);
/* Changes whenever an epoch rose. */
uint64_t host_epochs_version(const struct host *host);

/* --- routes of heliod --- */
/* A new FPM connection: everything will come again. */
void host_fpm_begin(struct host *host);
void host_fpm_event(struct host *host, const struct fpm_event *event);

/* --- what is in the kernel --- */
/* Between begin and end everything of the kinds in `kinds` (bits 1 << ITEM_*) at a place is told by
 * host_observe; what was not told is not there. */
void host_observe_begin(struct host *host, uint32_t place, unsigned kinds);
void host_observe(struct host *host, const struct item_key *key, const struct item_value *value);
void host_observe_end(struct host *host, uint32_t place, unsigned kinds);
/* A route of the node's own main table that others made: the way to the sites. Told between begin
 * and end of ITEM_PLACE_NODE with ITEM_ROUTE. */
void host_observe_way(struct host *host, const struct ip_prefix *prefix,
		      const struct ip_addr *gateway, uint32_t device);
/* A place whose device went down or away, and with it things that the kernel told nobody about: it
 * must be observed whole. Returns false when there is none. */
bool host_take_suspect(struct host *host, uint32_t *ret_place);

/* --- operations --- */
enum host_verb {
	HOST_MAKE,   /* not there: make it */
	HOST_CHANGE, /* there: replace it in place, or set what differs */
	HOST_REMOVE,
	HOST_MOVE, /* a device: bring it from `from_place` to the key's place */
};

struct host_operation {
	enum host_verb verb;
	struct item *item; /* opaque */
	struct item_key key;
	struct item_value value;
	uint32_t from_place;
	/* TUNNEL: the connection, valid until the next change of objects. */
	const struct object_connection *connection;
};

/* The next operations, all of one kind and direction, at most `max`; 0 when nothing is left to do.
 * Each must be answered by host_done; the next call may depend on the answers. */
size_t host_operations(struct host *host, struct host_operation *ret_operations, size_t max);
/* `code`: 0, or a positive errno with the kernel's words (`text`, may be NULL). */
void host_done(struct host *host, const struct host_operation *operation, int code,
	       const char *text);
/* Tries again what failed. Returns whether there was any. */
bool host_retry(struct host *host);

/* --- looking --- */
/* The compartment of a tenant, when its namespace is there: its place; 0 otherwise. */
uint32_t host_tenant_place(const struct host *host, const char *tenant);
/* The tenant of a place; "" when it has none. */
const char *host_place_tenant(const struct host *host, uint32_t place);
typedef void host_place_fn(uint32_t place, void *arg);
/* All places with something in them, ITEM_PLACE_NODE too. */
void host_places(const struct host *host, host_place_fn *call, void *arg);
const struct object_node *host_self(const struct host *host); /* NULL: not told yet */

typedef void host_object_fn(const struct object *object, void *arg);
void host_objects(const struct host *host, host_object_fn *call, void *arg);
/* The tenant's name of an object; "" for node/self. */
const char *host_object_tenant(const struct object *object);
/* The connection whose tunnel has this device; NULL when there is none. */
const struct object *host_connection_by_device(const struct host *host, const char *device);
/* Is this connection's device there and up? */
bool host_connection_is_up(const struct host *host, const struct object *object);

struct host_status {
	const char *key;
	int64_t revision;
	enum object_status status;
	const char *code;    /* NULL: none */
	const char *message; /* NULL: none */
};

typedef void host_status_fn(const struct host_status *status, void *arg);
/* The status of every object, refused ones included; routes only when they are no success. */
void host_statuses(struct host *host, host_status_fn *call, void *arg);

struct host_counts {
	size_t objects, items, wanted, dirty, blocked, failed;
};

struct host_counts host_count(const struct host *host);

#endif

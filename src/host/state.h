/*
 * state: the memory of the brain; private to host/.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HOST_STATE_H
#define HOST_STATE_H

#include "base/buf.h"
#include "base/mem.h"
#include "base/slab.h"
#include "host/host.h"

#define HOST_HOLDS_MAX 1024

struct host_name {
	struct hmap_node node;
	uint32_t number;
	char text[];
};

struct host_epoch {
	struct hmap_node node;
	int64_t epoch;
	char key[];
};

/* A put that was refused: kept so that the status can say so. */
struct host_refusal {
	struct list node;
	int64_t revision;
	const char *code;
	char *message;
	char key[];
};

struct place_nexthop {
	uint32_t id;	    /* of FPM */
	uint32_t kernel_id; /* see routes.c */
	bool blackhole;
	bool stale; /* not told again by the present FPM connection */
	struct ip_addr gateway;
};

/* A namespace: the node's own, or a compartment. */
struct place {
	struct hmap_node node;
	uint32_t id;
	struct tenant *tenant;		/* whose compartment it is; NULL: not known */
	struct list items;		/* item.in_place */
	struct list blocked;		/* item.in_state */
	struct place_nexthop *nexthops; /* by id, ascending */
	size_t nexthop_count, nexthop_capacity;
	bool end_of_rib; /* of the present FPM connection */
	bool suspect;
};

struct tenant {
	struct hmap_node node;
	char *name;
	struct list objects; /* object.in_tenant */
	struct list items;   /* item.in_render */
	struct list dirty;   /* in host->dirty_tenants; alone when clean */
	struct object *compartment;
	struct object *bgp;
	struct place *place; /* NULL without a compartment */
	uint32_t generation;
};

/* A route of the node's main table. */
struct host_way {
	struct ip_prefix prefix;
	struct ip_addr gateway;
	uint32_t device;
};

struct host {
	uint64_t seed;
	struct hmap names;
	struct host_name **name_of; /* by number */
	size_t name_count, name_capacity;
	uint32_t external, name_vx, name_lo; /* interned */
	struct hmap objects, tenants, places, items, epochs;
	struct slab item_slab;
	struct object *self;
	struct list dirty_tenants;
	struct list make[ITEM_KINDS];	/* item.in_state */
	struct list remove[ITEM_KINDS]; /* item.in_state */
	struct list failed;
	struct list dead; /* items that nothing is left of */
	struct list refusals;
	size_t refusal_count;
	char *holds[HOST_HOLDS_MAX];
	size_t hold_count;
	struct host_way *ways;
	size_t way_count, way_capacity;
	uint32_t fpm_generation;
	uint64_t epochs_version;
	bool synced;
};

/* store.c */
struct place *place_get(struct host *host, uint32_t id);
struct place *place_find(const struct host *host, uint32_t id);
struct tenant *tenant_get(struct host *host, const char *name);
struct tenant *tenant_find(const struct host *host, const char *name);
void tenant_dirty(struct host *host, struct tenant *tenant);
struct object *object_find(const struct host *host, const char *key);
struct item *item_find(const struct host *host, const struct item_key *key);
struct item *item_get(struct host *host, const struct item_key *key);
void item_free(struct host *host, struct item *item);

/* drain.c */
/* Looks at the item anew and puts it in the list where it belongs. It is freed
 * later when nothing is left of it. */
void item_touch(struct host *host, struct item *item);
void item_want(struct host *host, struct item *item, const struct item_value *value,
	       struct object *owner);
void item_unwant(struct host *host, struct item *item);
/* Sets what was seen; NULL: it is not there. */
void item_saw(struct host *host, struct item *item, const struct item_value *value);
void place_touch_all(struct host *host, struct place *place);
void place_touch_blocked(struct host *host, struct place *place);
/* Is a device there, up, and to stay? */
bool link_is_usable(const struct host *host, uint32_t place, uint32_t name);

/* render.c */
void render_tenant(struct host *host, struct tenant *tenant);
/* Wants the item of a route object, when its compartment is known. */
void render_route(struct host *host, struct object *object);
void render_route_gone(struct host *host, struct object *object);

/* routes.c */
/* Wants the nexthop items of FPM anew: after a change of tunnels or neighbours. */
void routes_resolve(struct host *host, struct place *place);
void routes_drop(struct host *host, struct place *place);

#endif

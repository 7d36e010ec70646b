/*
 * state: what the orchestrator remembers, shared by the files of this folder only.
 * SPDX-License-Identifier: Apache-2.0
 *
 * How it hangs together: a `node` has the objects that it must be told, with revisions, and the
 * streams that tell it. A `tenant` has its roles (reflector, the owners of its connections) and one
 * `program` for each node that needs it: the part of the node's objects that is this tenant's.
 * Every change marks tenants dirty; orchestrator_settle at the end of each call places what has no
 * place, compiles what is dirty and gives to the rim what has to be kept.
 *
 * Names live in the nodes, tenants and connections themselves; pointers into the intent are renewed
 * with each intent.
 */
#ifndef ORCHESTRATOR_STATE_H
#define ORCHESTRATOR_STATE_H

#include "base/bitset.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/hmap.h"
#include "base/list.h"
#include "base/mem.h"
#include "bmp/bmp.h"
#include "orchestrator/orchestrator.h"
#include "overlay/overlay.h"
#include "plan/plan.h"

#define LOG_LOUD 2
#define LOG_FAILURE 3
#define LOG_WARN 4
#define LOG_NOTE 5

enum health {
	HEALTH_UNKNOWN, /* new, or this controller is: no lease yet, within the time of grace */
	HEALTH_ALIVE,
	HEALTH_LOST, /* its lease ran out; nobody has agreed yet that it is dead */
	HEALTH_DEAD,
};

enum object_status {
	STATUS_NONE, /* not reported yet, at this revision */
	STATUS_SUCCESS,
	STATUS_WARNING,
	STATUS_FAILURE,
};

struct program;

/* A keyed object of a node, or its tombstone. */
struct object {
	struct hmap_node by_key;
	struct list in_log;	/* ascending by revision */
	struct list in_program; /* of its own when in none */
	struct program *program;
	char *value; /* NULL: deleted */
	uint64_t revision;
	uint64_t epoch;
	uint64_t mark; /* of the last compilation that made it */
	bool learned;  /* made from a learned route */
	enum object_status status;
	uint64_t status_revision;
	char *status_code; /* NULL when there is none */
	char *status_message;
	char key[];
};

struct node_feed {
	char *session; /* NULL: none yet */
	uint64_t offset;
	bool refused; /* a role came here: the feed has to start from its beginning */
	struct bmp_decoder decoder;
	struct hmap tables; /* struct feed_table: whose the peers of this session are */
};

struct node {
	struct hmap_node by_name;
	char *name;
	bool known; /* to the intent */
	bool gateway;
	bool persist_dirty;
	uint32_t number; /* 0: none yet */
	struct ip_addr provider;
	const struct intent_pool *pool;
	const struct plan_pool *plan_pool;
	struct node *successor; /* who took over the first of its roles when it was declared dead */
	uint64_t stamp;		/* for walks that want each node once */

	enum health health;
	instant_t lease_until;
	bool ever_leased;
	bool heliod_running;
	json_t *probes; /* what it says of others; NULL: nothing */
	instant_t probes_at;

	uint64_t used_kbps;
	uint32_t connections;
	uint32_t reflectors;

	struct hmap objects;
	struct list log;
	uint64_t revision;
	size_t tombstones;
	uint64_t forgotten; /* the newest revision whose tombstone is gone */
	struct list streams;

	json_t *connection_reports; /* by "T/c" */
	json_t *neighbor_reports;   /* by "T/address" */
	struct node_feed feed;
};

struct node_stream {
	struct list in_node;
	struct node *node;
	struct orchestrator *o;
	void *rim_data;
	bool told;    /* the rim knows that there is something */
	bool started; /* the start line was given */
	bool full;
	bool synced; /* the synced line was given */
	bool ping;
	uint64_t opened_at;   /* the node's revision then */
	struct list *next;    /* in the node's log; the log itself at the end */
	struct tenant *hold;  /* cursor while hold lines are given */
	struct list releases; /* struct release */
};

/* A tenant's objects on one node. */
struct program {
	struct list in_tenant;
	struct tenant *tenant;
	struct node *node;
	struct list objects;
	struct list learned; /* those that learned routes made: a move does not touch them */
	uint64_t mark;
	bool fresh;
};

enum problem {
	PROBLEM_NONE,
	PROBLEM_WAITING, /* gateways have not reported yet */
	PROBLEM_NO_GATEWAY,
	PROBLEM_NONE_ALIVE,
	PROBLEM_NO_CAPACITY,
	PROBLEM_NO_ADDRESS,
	PROBLEM_SUBNET,
};

struct connection {
	struct hmap_node by_address; /* in orchestrator.addresses while it has a source address */
	char *name;
	struct tenant *tenant;
	const struct intent_connection *intent;
	struct node *gateway; /* NULL: not placed */
	uint64_t epoch;
	uint64_t kbps;	      /* as counted at its gateway */
	struct node *leaving; /* the former owner, during a move */
	uint64_t leaving_epoch;
	instant_t leaving_until;
	struct ip_addr source;
	uint8_t source_length;
	uint16_t port;
	uint32_t nexthop; /* its own; 0: none */
	enum problem problem;
	struct error problem_text;
	char *persisted; /* the text that is kept; NULL: nothing */
};

struct overlay_lease {
	struct node *node;
	struct ip_addr address;
};

struct ce_id {
	struct ip_addr address;
	uint32_t nexthop;
	bool used;
};

/* An enterprise prefix, from the reflector's Loc-RIB. */
struct learned {
	struct hmap_node by_prefix;
	struct ip_prefix prefix;
	struct ip_addr next_hop;
	bool stale;
};

struct tenant {
	struct hmap_node by_name;
	char *name;
	const struct intent_tenant *intent; /* NULL between load and the first intent */
	uint64_t fingerprint;
	bool dirty;
	bool routes_dirty; /* learned routes have to be compiled anew, too */
	bool seen;

	uint32_t table_id; /* 0: none yet; the VNI follows from it */
	struct ip_addr bgp_address;
	struct node *reflector;
	uint64_t reflector_epoch;
	bool restarting;
	struct error reflector_problem;

	struct connection **connections; /* as in the intent */
	size_t connection_count;
	struct overlay_lease *overlays;
	size_t overlay_count;
	size_t overlay_capacity;
	struct ce_id *ces;
	size_t ce_count;
	size_t ce_capacity;
	struct list programs;

	struct hmap learned;
	size_t stale_count;
	bool synced; /* the reflector's feed has reached End-of-RIB since it has the role */
	bool hold;   /* nothing learned in this life yet: hosts keep what they have */
	char *persisted;
};

struct orchestrator {
	struct orchestrator_config config;
	char *generation;
	struct orchestrator_ops ops;
	void *context;
	instant_t started;
	instant_t now; /* of the call that is under way */
	struct intent *intent;
	struct plan_pool *plan_pools; /* as intent->pools */
	struct node **gateways;	      /* as intent->gateways */
	struct tenant **ordered;      /* as intent->tenants */
	struct hmap nodes;
	struct hmap tenants;
	struct hmap addresses;
	struct bitset numbers;
	struct bitset tables;
	uint64_t epoch; /* the highest given out */
	uint64_t epoch_persisted;
	uint64_t mark;
	bool suspended;
	bool selves_dirty;
	instant_t next_ping;
	size_t stream_count;
	struct overlay_scratch scratch;
	struct buf line;
};

/* orchestrator.c */
void orchestrator_settle(struct orchestrator *o, instant_t now);
void orchestrator_log(const struct orchestrator *o, int level, const char *tenant, const char *node,
		      const char *format, ...) PRINTF(5, 6);
uint64_t orchestrator_next_epoch(struct orchestrator *o);

/* node.c: nodes by name */
struct node *node_find(const struct orchestrator *o, const char *name);
struct node *node_obtain(struct orchestrator *o, const char *name);
void node_free(struct node *node);
void node_update_all(struct orchestrator *o, instant_t now);
void node_update_selves(struct orchestrator *o);
bool node_has_roles(const struct node *node);
bool node_is_alive(const struct node *node); /* NULL is not */

/* objects.c: the keyed objects of a node */
struct object *objects_find(const struct orchestrator *o, const struct node *node, const char *key);
/* Equal value and epoch change nothing. Returns the object. */
struct object *objects_put(struct orchestrator *o, struct node *node, const char *key,
			   uint64_t epoch, const char *value);
void objects_delete(struct orchestrator *o, struct node *node, struct object *object);
void objects_free_all(struct node *node);
/* Its status, when that is of its present revision. */
enum object_status objects_status(const struct object *object);
/* A stream of this node has something to say. */
void objects_wake(struct orchestrator *o, struct node *node);

/* stream.c */
void stream_moved(struct node *node, struct list *entry);
void stream_appended(struct node *node, struct list *entry);
void stream_release(struct orchestrator *o, struct tenant *tenant);
void stream_forget_tenant(struct orchestrator *o, const struct tenant *tenant);
void stream_ping_all(struct orchestrator *o);

/* tenant.c */
struct tenant *tenant_find(const struct orchestrator *o, const char *name);
struct tenant *tenant_obtain(struct orchestrator *o, const char *name);
struct connection *tenant_connection(const struct tenant *tenant, const char *name);
struct connection *tenant_obtain_connection(struct tenant *tenant, const char *name);
void tenant_update_all(struct orchestrator *o);
void tenant_free(struct orchestrator *o, struct tenant *tenant);
uint32_t tenant_vni(const struct tenant *tenant);
asn_t tenant_as(const struct orchestrator *o, const struct tenant *tenant);
void tenant_obtain_numbers(struct orchestrator *o, struct tenant *tenant);
/* The overlay address of the tenant on a gateway; false when the subnet has none left. */
bool tenant_overlay(struct tenant *tenant, struct node *node, struct ip_addr *ret_address);
bool tenant_has_overlay_for(const struct tenant *tenant, const struct node *node);
void tenant_set_source(struct orchestrator *o, struct connection *c, const struct ip_addr *source,
		       uint8_t length);
struct connection *tenant_address_user(const struct orchestrator *o, const struct ip_addr *address);
bool tenant_on_gateway(const struct tenant *tenant, const struct node *node);

/* site.c: which connection leads to which CE */
/* The index of the connection that traffic to the peer takes; -1 when none, or not exactly one,
 * routes its address (*ret_routed tells how many do). */
ptrdiff_t site_connection(const struct intent_tenant *tenant, const struct intent_bgp_peer *peer,
			  size_t *ret_routed);
/* Keeps an id for each CE and for each connection that leads to none; drops the others. */
void site_obtain_ids(struct tenant *tenant);
uint32_t site_ce_id(const struct tenant *tenant, const struct ip_addr *address); /* 0: no CE */
/* The id that static routes of this connection refer to. 0: none. */
uint32_t site_connection_id(const struct tenant *tenant, const struct connection *c, bool *ret_own);
/* The names of the peers that exactly one connection should route and does not, joined with ", ";
 * empty when there are none. */
void site_peers_without_connection(const struct intent_tenant *tenant, struct buf *to);

/* placement.c */
void placement_tenant(struct orchestrator *o, struct tenant *tenant);
void placement_set_gateway(struct orchestrator *o, struct connection *c, struct node *gateway);
void placement_set_reflector(struct orchestrator *o, struct tenant *t, struct node *gateway);
uint64_t placement_free_kbps(const struct node *node);
bool placement_is_incomplete(const struct tenant *tenant);

/* move.c */
void move_progress(struct orchestrator *o, struct tenant *tenant, instant_t now);
instant_t move_deadline(const struct tenant *tenant);

/* compile.c */
void compile_tenant(struct orchestrator *o, struct tenant *tenant);
void compile_forget_program(struct orchestrator *o, struct program *program);
/* For tests: everything is compiled anew; returns how many objects changed by that (0 when the
 * incremental ways are right). */
size_t compile_verify(struct orchestrator *o);

/* learned.c */
void learned_route_update(struct orchestrator *o, struct tenant *tenant,
			  const struct ip_prefix *prefix, const struct ip_addr *next_hop,
			  bool withdrawn);
void learned_restart(struct tenant *tenant); /* a table from its beginning: marks all stale */
void learned_end_of_rib(struct orchestrator *o, struct tenant *tenant);
void learned_free_all(struct tenant *tenant);
/* Puts every learned route into this program. */
void learned_compile(struct orchestrator *o, struct program *program);
/* Learned routes in order of prefix; an array that the caller frees with mem_free. */
const struct learned **learned_sorted(const struct tenant *tenant, size_t *ret_count);

/* leases.c */
void leases_evaluate(struct orchestrator *o, instant_t now);
instant_t leases_deadline(const struct orchestrator *o);

/* persist.c */
void persist_tenant(struct orchestrator *o, struct tenant *tenant);
void persist_connection(struct orchestrator *o, struct connection *c);
void persist_node(struct orchestrator *o, struct node *node);
void persist_epoch(struct orchestrator *o);
void persist_delete(struct orchestrator *o, const char *kind, const char *name, const char *name2);

/* feed.c */
void feed_done(struct node *node);
/* The tenant's table of this node was not listened to so far, and has to be now: when the feed has
 * it already, it is asked for from its beginning. */
void feed_refuse(struct node *node, const struct tenant *tenant);

/* view*.c */
/* {status, detailedInfo?} */
struct view_state {
	int worst; /* enum view_status */
	json_t *details;
};
enum view_status {
	VIEW_SUCCESS,
	VIEW_UNINITIALIZED,
	VIEW_WARNING,
	VIEW_FAILURE,
};
void view_state_add(struct view_state *state, enum view_status status, const char *source,
		    const char *code, const char *message);
/* The status of one object, as `source`. A missing object counts as not there yet. */
void view_state_add_object(const struct orchestrator *o, struct view_state *state,
			   const struct node *node, const char *kind, const struct tenant *tenant,
			   const char *name, const char *source);
/* Puts configurationState into properties; the state is used up. */
void view_state_finish(struct view_state *state, json_t *properties);
json_t *view_ref(const char *format, ...) PRINTF(1, 2);
void view_connection_state(const struct orchestrator *o, const struct connection *c,
			   struct view_state *state);
json_t *view_connection(const struct orchestrator *o, const struct tenant *t, const char *name);
json_t *view_router(const struct orchestrator *o, const struct tenant *t, const char *name);
json_t *view_peer(const struct orchestrator *o, const struct tenant *t, const char *name);
json_t *view_tenant(const struct orchestrator *o, const struct tenant *t);
const char *view_router_name(const struct tenant *t, struct buf *scratch);
json_t *view_gateway(const struct orchestrator *o, const struct node *node);
json_t *view_server(const struct orchestrator *o, const struct node *node);
json_t *view_pool(const struct orchestrator *o, const struct intent_pool *pool);
json_t *view_nic(const struct orchestrator *o, const char *name);
json_t *view_network(const struct orchestrator *o, const char *name);

#endif

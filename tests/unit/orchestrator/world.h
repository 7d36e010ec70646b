/*
 * world: nodes, sites and a clock around an orchestrator, for its tests: what agents would do, on
 * virtual time.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Gateways are gw1, gw2 ...; hosts h1, h2 ...; tenants T1, T2 ... with the same addresses each.
 * Every machine that is up leases, probes the others, reads its stream into `objects` as an agent
 * does, and reports success for what it has.
 */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/base.h"
#include "base/buf.h"
#include "base/mem.h"
#include "orchestrator/orchestrator.h"

#define WORLD_MACHINES_MAX 16
#define WORLD_CONNECTIONS_MAX 4

struct machine {
	char name[16];
	bool gateway;
	bool up;
	bool mute; /* lives, but cannot reach the controller */
	bool lame; /* does not report the status of its objects */
	struct node_stream *stream;
	char generation[32];
	uint64_t revision;
	bool full;
	bool synced;
	json_t *objects; /* key: {"epoch", "value"} */
	json_t *present; /* keys named since a full start */
	json_t *held;	 /* prefixes */
	json_t *reports; /* to be sent */
	json_t *touched; /* keys put or deleted since world_mark */
	uint64_t stale_puts;
	size_t pings;
};

struct world_connection {
	const char *name;
	uint64_t kbps;	   /* each way */
	const char *peer;  /* CE; NULL: none */
	const char *extra; /* a static route; NULL: none */
};

struct world {
	struct orchestrator *o;
	instant_t now;
	unsigned lives;
	json_t *kept;
	size_t persisted; /* calls */
	struct buf log;
	unsigned loud;
	struct machine machines[WORLD_MACHINES_MAX];
	size_t machine_count;
	/* the intent */
	unsigned gateways, hosts, tenants, redundant;
	uint64_t capacity_kbps;
	const char *gateway_subnet;
	bool dynamic;
	unsigned nics; /* a tenant has so many, round the hosts */
	struct world_connection connections[WORLD_CONNECTIONS_MAX]; /* of each tenant */
	size_t connection_count;
	const char *extra_peer; /* a peer that no connection routes */
	uint32_t peer_as;	/* of the first peer */
};

/* Three gateways, two hosts, one tenant with two connections that do not fit on one gateway. */
void world_init(struct world *w);
void world_done(struct world *w);
struct intent *world_intent(const struct world *w);
void world_apply(struct world *w);
/* A new life of the controller, with what the former one kept. */
void world_restart_controller(struct world *w);
void world_run(struct world *w, int64_t ms);
struct machine *world_machine(struct world *w, const char *name);
void world_add_gateway(struct world *w, unsigned number);
void world_kill(struct world *w, const char *name);
void world_boot(struct world *w, const char *name);
/* Forgets what was touched. */
void world_mark(struct world *w);
/* How many of the keys touched since start with this. */
size_t world_touched(struct world *w, const char *machine, const char *start);
/* The value of an object on a machine; NULL when it has none. */
const json_t *world_object(struct world *w, const char *machine, const char *key);
uint64_t world_epoch(struct world *w, const char *machine, const char *key);
/* A view's member as text, "" when absent; "a.b" goes down. Valid until the next call. */
const char *world_view(struct world *w, const char *ref, const char *path);
/* All objects of all machines, as text; the caller frees it with free. */
char *world_dump(struct world *w);
/* BMP: the reflector's Loc-RIB. */
void world_feed_start(struct world *w, const char *machine, const char *session);
void world_feed_peer_up(struct world *w, const char *machine, const char *tenant);
void world_feed_route(struct world *w, const char *machine, const char *tenant, const char *prefix,
		      const char *next_hop); /* NULL: withdrawn */
void world_feed_end(struct world *w, const char *machine, const char *tenant);

#endif

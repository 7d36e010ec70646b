/*
 * orchestrator: the controller's brain. Intent, leases, reports and learned routes in; placements
 * to keep and objects for the nodes out.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Pure, on virtual time. It owns who is alive (leases and witnesses), who holds which role with
 * which epoch, what each node must be told (docs/INTERFACES.md section 7) and the learned routes of
 * each tenant. It decides by calling plan/ (placement) and overlay/ (the objects of a tenant on a
 * node). It knows no HTTP and no store: what must survive is given to ops.persist, and the rim
 * makes it durable before it pumps any node stream.
 */
#ifndef ORCHESTRATOR_ORCHESTRATOR_H
#define ORCHESTRATOR_ORCHESTRATOR_H

#include <jansson.h>

#include "base/base.h"
#include "base/error.h"
#include "base/instant.h"
#include "model/intent.h"

struct orchestrator;
struct node_stream;

struct orchestrator_ops {
	/* Durable state: value NULL deletes. Keys start with "orchestrator/". Gathered by the rim
	 * during a call, committed as one transaction before any stream is pumped. */
	void (*persist)(void *context, const char *key, const json_t *value);
	/* The stream has lines. Called again only after node_stream_next gave nothing. */
	void (*stream_ready)(void *context, struct node_stream *stream);
	/* level as in syslog; tenant and node may be NULL */
	void (*log)(void *context, int level, const char *tenant, const char *node,
		    const char *text);
};

struct orchestrator_config {
	duration_t lease;
	const char *generation; /* of this controller's life: node revisions start anew with it */
	asn_t default_as;	/* of generated BGP routers */
	uint64_t seed;
};

struct orchestrator *orchestrator_new(const struct orchestrator_config *config,
				      const struct orchestrator_ops *ops, void *context,
				      instant_t now);
void orchestrator_free(struct orchestrator *o);
/* What was persisted by an earlier life; before the first intent. */
int orchestrator_load(struct orchestrator *o, const char *key, const json_t *value,
		      struct error *e) MUST_CHECK;
/* Takes the intent (the former one is freed). Places what is new, compiles what changed. */
void orchestrator_set_intent(struct orchestrator *o, struct intent *intent, instant_t now);
/* Would this tenant's gateway subnet, addresses, peers be acceptable? For the API, before it
 * stores. 0, or -1 with *e naming the property. */
int orchestrator_check(const struct orchestrator *o, const struct intent *intent,
		       struct error *e) MUST_CHECK;
/* Moves a connection by hand, make before break where it can. */
int orchestrator_move(struct orchestrator *o, const char *tenant, const char *connection,
		      const char *gateway, struct error *e, instant_t now) MUST_CHECK;

/* A node's posts: bodies of section 7. The lease's reply is a new reference; NULL with *e when the
 * body is wrong. */
json_t *orchestrator_lease(struct orchestrator *o, const char *node, const json_t *body,
			   struct error *e, instant_t now);
int orchestrator_status(struct orchestrator *o, const char *node, const json_t *body,
			struct error *e, instant_t now) MUST_CHECK;
/* BMP octets relayed by a node. Returns 0 with *ret_offset = the offset after them, or 1 with the
 * offset that is expected (409). */
int orchestrator_feed(struct orchestrator *o, const char *node, const char *session,
		      uint64_t offset, const uint8_t *bytes, size_t length, uint64_t *ret_offset,
		      instant_t now) MUST_CHECK;
/* Is this node known to the intent? */
bool orchestrator_knows_node(const struct orchestrator *o, const char *node);

/* The watch of one node: NDJSON lines. `generation` and `revision` are what the agent has; "" and 0
 * for nothing. */
struct node_stream *node_stream_open(struct orchestrator *o, const char *node,
				     const char *generation, uint64_t revision, void *rim_data);
void node_stream_close(struct node_stream *stream);
void *node_stream_data(const struct node_stream *stream);
/* The next line, with its newline; NULL: nothing now. Valid until the next call into the
 * orchestrator. */
const char *node_stream_next(struct node_stream *stream, size_t *ret_length);

instant_t orchestrator_deadline(const struct orchestrator *o);
void orchestrator_tick(struct orchestrator *o, instant_t now);

/*
 * The read-only properties of a resource, to be merged into `properties` of a GET: "/gateways/gw1",
 * "/virtualGateways/T1",
 * "/virtualGateways/T1/networkConnections/c1", "/virtualGateways/T1/bgpRouters/R",
 * "/virtualGateways/T1/bgpRouters/R/bgpPeers/P" ... (names as given, kinds without regard to case).
 * A new reference to an object (with configurationState), or NULL when there is nothing to add.
 */
json_t *orchestrator_view(const struct orchestrator *o, const char *resource_ref, instant_t now);
/* The generated BGP router of a tenant without one of its own, as a whole resource (isGenerated:
 * true); NULL when none. */
json_t *orchestrator_generated_router(const struct orchestrator *o, const char *tenant);

#endif

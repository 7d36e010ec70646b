/*
 * overlay: the policy compiler. A tenant with its placements in, the objects of one node out.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The objects are those of docs/INTERFACES.md section 7, the bgp document that of section 2. Why
 * they are cut as they are: where a CE is, is one nexthop object on each host, however many
 * prefixes its site announces; so routes refer to an id, the id says where. A move of a tunnel
 * changes that one object. A compartment's neighbours are static entries; nothing is flooded or
 * learned.
 *
 * Pure and stateless: the same tenant gives the same objects, byte by byte, in the same order
 * (what others refer to first). Which of them changed is the caller's to find out. Knows nothing of
 * netlink and of how nodes are told.
 */
#ifndef OVERLAY_OVERLAY_H
#define OVERLAY_OVERLAY_H

#include "base/base.h"
#include "base/buf.h"
#include "base/ip.h"
#include "model/intent.h"

#define OVERLAY_NEXTHOP_REFLECTOR 1000u
#define OVERLAY_NEXTHOP_CE_FIRST 2000u
#define OVERLAY_NODE_NUMBER_MAX 999u

/* A node that has the tenant. */
struct overlay_node {
	const char *name;
	bool gateway;
	uint32_t number;
	struct ip_addr overlay;
	struct ip_addr provider;
	struct mac_addr mac;
};

struct overlay_connection {
	const struct intent_connection *intent;
	struct ip_addr public_address;
	uint8_t public_prefix_length;
	uint16_t listen_port;
	/* The owner, and its epoch; NULL while it is placed nowhere. */
	const struct overlay_node *owner;
	uint64_t epoch;
	/* While it moves: the former owner, which keeps it and carries the traffic until the new
	 * one is ready. NULL otherwise. */
	const struct overlay_node *leaving;
	uint64_t leaving_epoch;
	/* What its static routes refer to: the id of its first CE, or its own. */
	uint32_t nexthop;
	bool own_nexthop; /* no CE: the object of `nexthop` is the connection's */
};

/* A site's router, reached by a connection. */
struct overlay_ce {
	struct ip_addr address;
	const struct intent_bgp_peer *peer;
	uint32_t nexthop;
	const struct overlay_connection *connection; /* that traffic takes */
};

struct overlay_tenant {
	const struct intent_tenant *intent;
	uint32_t table_id;
	uint32_t vni;
	asn_t local_as;
	struct ip_addr bgp_address;
	const struct overlay_node *reflector; /* NULL: none yet */
	uint64_t reflector_epoch;
	bool restarting; /* the role moved here from a gateway that died */
	const struct overlay_node *nodes;
	size_t node_count;
	const struct overlay_connection *connections; /* as in intent */
	size_t connection_count;
	const struct overlay_ce *ces; /* by address */
	size_t ce_count;
};

/* The texts are valid during the call. */
typedef void overlay_emit_fn(void *context, const char *key, uint64_t epoch, const char *value);

/* Everything but the learned routes. `scratch` is cleared and used. */
struct overlay_scratch {
	struct buf key;
	struct buf value;
};
void overlay_scratch_init(struct overlay_scratch *scratch);
void overlay_scratch_done(struct overlay_scratch *scratch);
void overlay_compile(const struct overlay_tenant *tenant, const struct overlay_node *node,
		     struct overlay_scratch *scratch, overlay_emit_fn *emit, void *context);
/* One route object, for learned routes. */
void overlay_route(const char *tenant, const struct ip_prefix *prefix, uint32_t nexthop,
		   struct overlay_scratch *scratch, overlay_emit_fn *emit, void *context);

/* Is this route of a connection the host route of a CE? */
bool overlay_route_is_ce(const struct overlay_tenant *tenant, const struct ip_prefix *prefix);
/* Is there a VM of the tenant on this host? */
bool overlay_host_has_port(const struct intent_tenant *tenant, const char *host);

/* Between the files of this folder. */
struct overlay_job {
	const struct overlay_tenant *tenant;
	const struct overlay_node *node;
	struct overlay_scratch *scratch;
	overlay_emit_fn *emit;
	void *context;
};
struct json_text;
/* Starts the value of the object KIND/TENANT[/NAME] in the scratch; _emit gives it to the caller.
 */
struct json_text overlay_job_begin(struct overlay_job *job, const char *kind, const char *name);
void overlay_job_emit(struct overlay_job *job, struct json_text *j, uint64_t epoch);
void overlay_bgp(struct overlay_job *job);
void overlay_connections(struct overlay_job *job);
/* Does this node have this connection now? */
bool overlay_connection_is_on(const struct overlay_connection *c, const struct overlay_node *node);
/* Where its traffic goes: the former owner while it moves. NULL: nowhere. */
const struct overlay_node *overlay_connection_via(const struct overlay_connection *c);

#endif

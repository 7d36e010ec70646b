/*
 * plan: where a connection goes. Inventory and demand in, a gateway out.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The rules are the original's. A tenant's connections stay on the gateway of its first one while
 * capacity lasts; else best fit: the gateway that has the least room left after it, among those
 * with enough; ties go to the fewest reflectors, then to the name. A pool keeps
 * redundantGatewayCount idle gateways as standbys: they take over from a dead gateway first of all,
 * and take new connections only when nothing else has room. Knows nothing of leases and of how a
 * plan is carried out.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "base/base.h"

struct plan_pool {
	uint32_t redundant; /* redundantGatewayCount */
};

struct plan_gateway {
	const char *name;
	const struct plan_pool *pool;
	bool alive;
	bool idle;	     /* has no connection and no reflector role */
	uint64_t free_kbps;  /* capacity minus what is placed there */
	uint32_t reflectors; /* roles that it has */
};

struct plan_demand {
	uint64_t kbps; /* inbound and outbound together */
	bool failover; /* away from a dead gateway: standbys first */
	/* The gateway to prefer while it has room: the tenant's original one or, in a failover, the
	 * one that took over what the dead one had. NULL: none. */
	const char *preferred;
	/* Never this one; NULL: none. */
	const char *avoid;
};

enum plan_result {
	PLAN_PLACED,
	PLAN_NO_GATEWAY, /* the pools have none */
	PLAN_NONE_ALIVE,
	PLAN_NO_CAPACITY, /* *ret_most_free is the most that one of them has */
};

/* Picks a gateway. `gateways` in any order. *ret_index is set when PLAN_PLACED; *ret_most_free_kbps
 * always. */
enum plan_result plan_place(const struct plan_gateway *gateways, size_t count,
			    const struct plan_demand *demand, size_t *ret_index,
			    uint64_t *ret_most_free_kbps);

/* The alive gateway with the fewest reflectors (then by name) among those for which member[i] is
 * true; `count` when there is none. For the reflector role when no connection comes with it. */
size_t plan_reflector(const struct plan_gateway *gateways, const bool *member, size_t count);

#endif

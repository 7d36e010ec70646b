/*
 * schema: the kinds of resources as a table: their properties, types and references.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The shapes of MS-NCNBI and what is ours beside them (WireGuard, providerAddress). A property that
 * is not in the table does not exist. Names are matched without regard to case, and written as the
 * table writes them.
 */
#ifndef API_SCHEMA_H
#define API_SCHEMA_H

#include "base/base.h"

#define SCHEMA_DEPTH_MAX 3u /* kinds in one another: virtualGateways, bgpRouters, bgpPeers */
#define SCHEMA_ID_MAX 64u   /* with its NUL */

enum schema_type {
	SCHEMA_TEXT,
	SCHEMA_ENUM,
	SCHEMA_INTEGER, /* also as text, as the original's clients send it */
	SCHEMA_BOOLEAN, /* also "true", "False" */
	SCHEMA_ADDRESS,
	SCHEMA_PREFIX,
	SCHEMA_MAC,
	SCHEMA_AS_NUMBER,     /* stored as text: "64512" */
	SCHEMA_EXT_AS_NUMBER, /* stored as "high.low": "0.64512" */
	SCHEMA_PUBLIC_KEY,    /* 32 octets in base64 */
	SCHEMA_PRIVATE_KEY, /* sealed; made when absent; its public key becomes publicKey beside it
			     */
	SCHEMA_SECRET,	    /* sealed */
	SCHEMA_REFERENCE,   /* {"resourceRef": "/kind/id"} */
	SCHEMA_OBJECT,
	SCHEMA_CHILDREN, /* a list of resources */
	SCHEMA_ANY,	 /* stored as it is */
};

#define SCHEMA_LIST 1u
#define SCHEMA_REQUIRED 2u
#define SCHEMA_READ_ONLY 4u   /* ignored in a PUT */
#define SCHEMA_UNSUPPORTED 8u /* refused unless empty; `note` says more */
#define SCHEMA_NOT_EMPTY 16u  /* of a list */
#define SCHEMA_IPV6 32u	      /* addresses of both families */

struct schema_kind;

struct schema_property {
	const char *name; /* NULL ends a table */
	enum schema_type type;
	unsigned flags;
	int64_t min, max;	   /* SCHEMA_INTEGER */
	const char *const *values; /* SCHEMA_ENUM; ended by NULL */
	const struct schema_kind
		*kind; /* SCHEMA_CHILDREN: of what; SCHEMA_REFERENCE: to what, NULL: not checked */
	const struct schema_kind *other_kind; /* SCHEMA_REFERENCE: or to this */
	const struct schema_property *object; /* SCHEMA_OBJECT */
	const char *fallback;		      /* what an absent one becomes, as JSON */
	const char *note;
	const char *skip_protocol; /* items of an object list whose `protocol` is this are the
				      controller's own: ignored */
};

struct schema_kind {
	const char *name; /* also the property that holds it in its parent */
	const char *singular;
	const struct schema_kind *parent;
	const struct schema_property *properties;
	const char *id_fallback; /* an inline child without resourceId is called this and its place
				    in the list */
	const char *refused;	 /* why none can be made */
};

extern const struct schema_kind schema_virtual_networks;
extern const struct schema_kind schema_subnets;
extern const struct schema_kind schema_logical_networks;
extern const struct schema_kind schema_logical_subnets;
extern const struct schema_kind schema_servers;
extern const struct schema_kind schema_network_interfaces;
extern const struct schema_kind schema_ip_configurations;
extern const struct schema_kind schema_public_ip_addresses;
extern const struct schema_kind schema_gateway_pools;
extern const struct schema_kind schema_gateways;
extern const struct schema_kind schema_virtual_gateways;
extern const struct schema_kind schema_network_connections;
extern const struct schema_kind schema_bgp_routers;
extern const struct schema_kind schema_bgp_peers;
extern const struct schema_kind schema_policy_maps;
extern const struct schema_kind schema_credentials;

/* The root kinds in the order in which they refer to one another; ended by NULL. */
extern const struct schema_kind *const schema_roots[];

/* Finds a kind by its name in any case: a root with parent NULL. NULL when there is none. */
const struct schema_kind *schema_kind_by_name(const struct schema_kind *parent, const char *name,
					      size_t length);
/* The property of a table, by its name in any case. */
const struct schema_property *schema_property_by_name(const struct schema_property *table,
						      const char *name);
/* The kind's property that holds the children of `child`. */
const struct schema_property *schema_children_property(const struct schema_kind *kind,
						       const struct schema_kind *child);

#endif

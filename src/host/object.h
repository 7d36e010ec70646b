/*
 * object: one keyed object of the node channel, checked and read into a plain struct.
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/INTERFACES.md section 7 has the keys and values. Keys of a value that are not known are left
 * alone, so that an older agent can be told more than it knows. Holds private keys: an object's
 * memory is wiped when it is freed, and nothing here prints them.
 */
#ifndef HOST_OBJECT_H
#define HOST_OBJECT_H

#include <jansson.h>

#include "base/error.h"
#include "base/hmap.h"
#include "base/ip.h"
#include "base/list.h"

enum object_kind {
	OBJECT_NODE,
	OBJECT_COMPARTMENT,
	OBJECT_NEIGHBOR,
	OBJECT_NEXTHOP,
	OBJECT_ROUTE,
	OBJECT_CONNECTION,
	OBJECT_BGP,
	OBJECT_PORT,
	OBJECT_KINDS
};

enum object_status {
	OBJECT_SUCCESS,
	OBJECT_WARNING,
	OBJECT_FAILURE,
};

#define OBJECT_KEY_MAX 512
#define OBJECT_NAME_MAX 256
#define OBJECT_ADDRESSES_MAX 16
#define OBJECT_STATIC_ROUTES_MAX 1024
#define OBJECT_WITNESSES_MAX 64
#define OBJECT_KEY_BYTES 32 /* of a WireGuard key */

struct object_witness {
	char name[OBJECT_NAME_MAX];
	struct ip_addr address;
};

struct object_node {
	bool host; /* else gateway */
	uint32_t number;
	struct ip_addr provider_address;
	int64_t lease_ms;
	struct object_witness *witnesses;
	size_t witness_count;
};

struct object_compartment {
	uint32_t table_id;
	uint32_t vni;
	struct ip_addr overlay_address;
	struct mac_addr mac;
	struct ip_addr bgp_addresses[OBJECT_ADDRESSES_MAX];
	size_t bgp_address_count;
	struct ip_addr provider_address;
	uint32_t mtu;
};

struct object_neighbor {
	struct ip_addr overlay_address;
	struct mac_addr mac;
	struct ip_addr provider_address;
};

struct object_nexthop {
	uint32_t id;
	bool blackhole;
	struct ip_addr via;		  /* IP_NONE: not over the VXLAN */
	char connection[OBJECT_NAME_MAX]; /* "": not into a tunnel */
};

struct object_route {
	struct ip_prefix prefix;
	uint32_t nexthop;
};

struct object_static_route {
	struct ip_prefix prefix;
	uint32_t metric;
};

/* What a WireGuard tunnel is told; of one connection. */
struct object_wireguard {
	uint8_t private_key[OBJECT_KEY_BYTES];
	uint8_t peer_public_key[OBJECT_KEY_BYTES];
	struct ip_addr endpoint_address;
	uint16_t endpoint_port;
	uint16_t listen_port;
	uint16_t keepalive_seconds; /* 0: none */
	uint32_t mark;		    /* of the packets that it sends outside */
};

struct object_connection {
	char name[OBJECT_NAME_MAX];
	struct ip_addr public_address;
	uint8_t public_prefix_length;
	uint32_t mtu;
	struct ip_addr ce_addresses[OBJECT_ADDRESSES_MAX];
	size_t ce_address_count;
	struct object_static_route *static_routes;
	size_t static_route_count;
	struct object_wireguard wireguard;
	/* Derived from tenant and name, the same on every start: */
	char device[16];
	uint32_t nexthop_id; /* of the nexthop object into the tunnel */
	uint32_t table;	     /* of the routes to the site outside; also the mark */
};

struct object_bgp {
	uint32_t table_id;
	json_t *instance; /* owned */
};

struct object_port {
	char nic[OBJECT_NAME_MAX];
	struct ip_addr address;
	struct mac_addr mac;
	struct ip_addr gateway;
	struct ip_prefix subnet;
};

struct tenant;

struct object {
	struct hmap_node node;
	struct list in_tenant; /* alone for node/self */
	struct tenant *tenant; /* NULL for node/self */
	char *key;
	uint8_t kind;	  /* enum object_kind */
	bool unseen;	  /* of the snapshot under way: not mentioned yet */
	uint8_t status;	  /* enum object_status: of the object itself, without its items */
	char *message;	  /* words for `status`; NULL: none */
	const char *code; /* a constant text; NULL: none */
	int64_t revision;
	int64_t epoch;
	union {
		struct object_node self;
		struct object_compartment compartment;
		struct object_neighbor neighbor;
		struct object_nexthop nexthop;
		struct object_route route;
		struct object_connection connection;
		struct object_bgp bgp;
		struct object_port port;
	};
};

/* Reads kind, tenant ("" for node/self) and name ("" where there is none) from a key. */
int object_key_parse(const char *key, enum object_kind *ret_kind,
		     char ret_tenant[static OBJECT_NAME_MAX], char ret_name[static OBJECT_NAME_MAX],
		     struct error *e) MUST_CHECK;

/* Makes an object of a key and a value (borrowed; what is kept of it is copied or referenced). NULL
 * with words that name the field. Status, revision and epoch are the caller's to set. */
struct object *object_new(const char *key, json_t *value, struct error *e);
void object_free(struct object *object);
void object_set_status(struct object *object, enum object_status status, const char *code,
		       const char *message);

/* Of the whole configuration but the place of the endpoint, which may roam; see the agent. */
uint64_t object_wireguard_hash(const struct object_wireguard *wireguard);

#endif

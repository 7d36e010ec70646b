/*
 * item: one piece of kernel state, as it is wanted and as it was seen.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Everything that the agent keeps in a kernel is an item with a key that the kernel knows too: a
 * namespace, a device, an address, a nexthop object, a route. An item whose wanted and seen values
 * differ is dirty; draining the dirty items in the order of their kinds gives the operations. So
 * "what to do" is never written down as steps, and doing it twice does nothing twice.
 *
 * Names (devices, paths, texts) are interned by the owner: a number stands for each.
 */
#ifndef HOST_ITEM_H
#define HOST_ITEM_H

#include "base/hmap.h"
#include "base/ip.h"
#include "base/list.h"

/* In the order in which they are made; they are taken away in the reverse order. */
enum item_kind {
	ITEM_NAMESPACE, /* the compartment itself */
	ITEM_TUNNEL, /* a tunnel's device, made in the node's own namespace, and its configuration
		      */
	ITEM_LINK,   /* a device: made, moved in, and its settings */
	ITEM_SYSCTL, /* a file under /proc/sys */
	ITEM_ADDR,
	ITEM_NEIGH,
	ITEM_FDB,
	ITEM_NEXTHOP,
	ITEM_ROUTE,
	ITEM_RULE,
	ITEM_KINDS
};

/* The node's own namespace; a compartment's place is its table id. */
#define ITEM_PLACE_NODE 0

struct item_key {
	uint8_t kind;	     /* enum item_kind */
	uint8_t length;	     /* ADDR, ROUTE: bits of the prefix */
	struct mac_addr mac; /* FDB */
	uint32_t place;	     /* ITEM_PLACE_NODE or the compartment's table id */
	uint32_t name;	     /* TUNNEL, LINK, ADDR, NEIGH, FDB: the device; SYSCTL: the path */
	uint32_t number;     /* NEXTHOP: id; ROUTE: table; RULE: mark */
	uint32_t priority;   /* ROUTE: metric; RULE */
	struct ip_addr addr; /* ADDR, NEIGH, ROUTE */
};

enum item_link_type {
	ITEM_LINK_OTHER,
	ITEM_LINK_LOOPBACK,
	ITEM_LINK_VXLAN,
	ITEM_LINK_TUNNEL,
	ITEM_LINK_PORT, /* a virtual machine's: found, not made */
};

struct item_value {
	uint8_t protocol;      /* ADDR, NEXTHOP, ROUTE, RULE: who made it */
	uint8_t link_type;     /* LINK: enum item_link_type */
	bool up;	       /* LINK */
	bool blackhole;	       /* NEXTHOP */
	struct mac_addr mac;   /* LINK (vxlan), NEIGH */
	uint32_t device;       /* NEXTHOP, ROUTE; SYSCTL: the device it is about */
	uint32_t number;       /* ROUTE: nexthop id; RULE: table; LINK: VNI */
	uint32_t mtu;	       /* LINK; 0: as it is */
	uint32_t text;	       /* SYSCTL: the content; LINK: the alias (seen) */
	struct ip_addr addr;   /* NEXTHOP, ROUTE: gateway; FDB, LINK: underlay address */
	struct ip_addr source; /* ROUTE */
	uint64_t hash;	       /* TUNNEL: of its configuration */
};

enum item_state {
	ITEM_CLEAN,
	ITEM_DIRTY,   /* in a dirty list: an operation is to come */
	ITEM_BUSY,    /* its operation is under way */
	ITEM_BLOCKED, /* waits for something that it needs */
	ITEM_FAILED,  /* the kernel refused; tried again later */
};

struct object;

struct item {
	struct hmap_node node;
	struct list in_place;  /* all items of a place */
	struct list in_state;  /* the list of its state; alone when clean or busy */
	struct list in_render; /* of what a tenant's rendering made; alone otherwise */
	struct item_key key;
	struct item_value want;
	struct item_value have;
	struct object *owner; /* the object that wants it; NULL: none */
	char *error;	      /* the kernel's last words; NULL: none */
	uint32_t generation;  /* of the rendering, or of the FPM connection, that wanted it last */
	uint8_t state;	      /* enum item_state */
	bool wanted;
	bool seen;  /* it is in the kernel, with the value `have` */
	bool known; /* was wanted at some time: taking it away needs no further leave */
	bool from_fpm;
	bool marked; /* seen by the observation under way */
	bool remake; /* must be taken away before it can be as wanted */
};

uint64_t item_key_hash(const struct item_key *key, uint64_t seed);
bool item_key_equal(const struct item_key *a, const struct item_key *b);
/* Is what was seen as good as what is wanted? What the wanted value leaves open does not count. */
bool item_value_satisfies(enum item_kind kind, const struct item_value *have,
			  const struct item_value *want);
/* Must the device be taken away and made anew, to be as wanted? */
bool item_value_needs_remake(enum item_kind kind, const struct item_value *have,
			     const struct item_value *want);
const char *item_kind_name(enum item_kind kind);

#endif

/*
 * instance: the configuration of one BGP instance (a tenant), as plain structs.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The document is that of docs/INTERFACES.md section 2, names after OpenConfig: a YAML file's
 * `instances` and the JSON of `instance.put` go through the same parser. Peer groups are resolved
 * by the parser: a neighbor is complete.
 */
#ifndef MODEL_INSTANCE_H
#define MODEL_INSTANCE_H

#include <jansson.h>

#include "base/base.h"
#include "base/error.h"
#include "base/ip.h"

/* The model knows families by name only; these are the names' positions. */
#define INSTANCE_FAMILIES_MAX 32u
#define INSTANCE_NEIGHBORS_MAX 100000u
#define INSTANCE_NETWORKS_MAX 1000000u

enum next_hop_resolution {
	NEXT_HOP_RESOLUTION_NONE,
	NEXT_HOP_RESOLUTION_KERNEL,
	NEXT_HOP_RESOLUTION_EXACT,
};

enum network_kind {
	NETWORK_STATIC,
	NETWORK_HOST,	 /* a CE host route */
	NETWORK_VIRTUAL, /* a prefix of the tenant's virtual network */
};

enum network_advertise {
	NETWORK_ADVERTISE_ALL,
	NETWORK_ADVERTISE_INTERNAL,
	NETWORK_ADVERTISE_EXTERNAL, /* to eBGP peers only; not to FPM */
};

struct network_config {
	struct ip_prefix prefix;
	struct ip_addr next_hop;
	uint32_t med;
	bool has_med;
	enum network_kind kind;
	enum network_advertise advertise;
	uint32_t *communities;
	size_t community_count;
};

struct import_reject {
	struct ip_prefix prefix;
	bool or_longer; /* else exact */
	char *reason;
};

/* Default policy of a peer in one direction (RFC 8212). */
enum policy_default {
	POLICY_UNSET,
	POLICY_ACCEPT_ALL,
	POLICY_REJECT_ALL,
};

struct neighbor_config {
	struct ip_addr address;	      /* IP_NONE in a dynamic neighbour's template */
	struct ip_addr local_address; /* IP_NONE: whatever the transport has */
	asn_t peer_as;
	char *description; /* NULL when absent */
	char *peer_group;  /* NULL when absent */
	uint16_t port;
	uint8_t ttl; /* of packets sent: ebgp-multihop */
	uint16_t hold_time_s;
	uint16_t connect_retry_s;
	bool route_reflector_client;
	bool passive;
	bool enabled;
	bool expected;
	bool next_hop_self;
	bool next_hop_peer; /* import-next-hop: peer-address */
	bool as_override;
	bool has_med;
	uint32_t med;
	uint32_t prefix_limit; /* 0: none */
	enum policy_default import_policy;
	enum policy_default export_policy;
	/* RFC 7911, in every family of the session */
	bool addpath_receive;
	bool addpath_send;
	uint8_t addpath_send_max; /* paths of a prefix, the best first; 0: all */
	bool extended_messages;	  /* RFC 8654 */
	bool extended_next_hop;	  /* RFC 8950; default: when the neighbour's address is IPv6 */
	bool multiple_labels;	  /* RFC 8277 2.1 */
	bool accept_as_sets;	  /* RFC 9774 asks to refuse them */
	bool aigp;		  /* RFC 7311; default: iBGP yes, eBGP no */
	bool role_strict;
	bool has_role;
	uint8_t role;		   /* ours, as RFC 9234 4.1 numbers them */
	uint8_t ttl_security_hops; /* RFC 5082: packets must have come at most this far; 0: off */
	uint16_t delay_open_s;	   /* RFC 4271 8.1.1; 0: off */
	char *password;		   /* TCP-MD5; NULL when absent; never printed */
	char *families[INSTANCE_FAMILIES_MAX]; /* names, "ipv4-unicast"; NULL after the last */
	struct import_reject *import_rejects;
	size_t import_reject_count;
};

struct dynamic_neighbor_config {
	struct ip_prefix prefix;
	struct neighbor_config template;
};

struct instance_config {
	char *name;
	uint32_t table_id;
	asn_t local_as;
	struct ip_addr router_id; /* IPv4 */
	struct ip_addr cluster_id;
	enum next_hop_resolution next_hop_resolution;
	struct ip_prefix *direct_next_hops;
	size_t direct_next_hop_count;
	uint32_t next_hop_hold_s;
	uint32_t selection_deferral_s;
	bool graceful_restart;
	uint16_t restart_time_s;
	bool restarting;
	bool long_lived_graceful_restart; /* RFC 9494 */
	uint32_t long_lived_stale_time_s;
	char *hostname;	   /* announced in OPEN; NULL when absent */
	char *domain_name; /* likewise */
	bool announce_software_version;
	bool ebgp_requires_policy;
	uint64_t memory_limit_bytes; /* of the instance's tables and logs; 0: none */
	struct network_config *networks;
	size_t network_count;
	struct neighbor_config *neighbors;
	size_t neighbor_count;
	struct dynamic_neighbor_config *dynamic_neighbors;
	size_t dynamic_neighbor_count;
};

/* Parses and checks one document. `path` (like "instances[0]") starts every error's text. Returns
 * NULL with *e set when anything is wrong; the result is the caller's, freed with
 * instance_config_free. */
struct instance_config *instance_config_parse(const json_t *document, const char *path,
					      struct error *e) MUST_CHECK;
void instance_config_free(struct instance_config *config);
/* The canonical document: what _parse would read back. Secrets are left out when `redact`. A new
 * reference. */
json_t *instance_config_to_json(const struct instance_config *config, bool redact);
/* Equal in everything that needs a new session (addresses, AS numbers, timers, families, password).
 */
bool neighbor_config_same_session(const struct neighbor_config *a, const struct neighbor_config *b);

#endif

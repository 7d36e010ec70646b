/*
 * intent: what the operators asked for, as plain structs: the controller's resources, checked and
 * with references resolved.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Made by api/ from the stored resources after each change, read by orchestrator/, plan/ and
 * overlay/. Names are resourceIds. Arrays are sorted by name. Everything in an intent lives in its
 * arena and is freed with it.
 */
#ifndef MODEL_INTENT_H
#define MODEL_INTENT_H

#include "base/arena.h"
#include "base/base.h"
#include "base/ip.h"

enum connection_type {
	CONNECTION_WIREGUARD,
	CONNECTION_IPSEC,
	CONNECTION_GRE,
	CONNECTION_L3,
};

struct intent_static_route {
	struct ip_prefix prefix;
	uint32_t metric;
};

struct intent_wireguard {
	const char *private_key; /* base64; a secret, in the arena: intent_free overwrites it */
	const char *public_key;	 /* of private_key */
	const char *peer_public_key;
	uint16_t listen_port; /* 0: the orchestrator picks one that is free at the public address */
	uint16_t peer_port;
	uint16_t persistent_keepalive_s;
};

struct intent_connection {
	const char *name;
	const char *instance_id;
	enum connection_type type;
	uint64_t inbound_kbps;
	uint64_t outbound_kbps;
	struct ip_addr
		source_address; /* asked for; IP_NONE: picked from the pool's public addresses */
	struct ip_addr destination_address;
	struct intent_static_route
		*routes; /* `routes` of the connection: /32s of BGP peers among them make a CE */
	size_t route_count;
	struct intent_wireguard wireguard;
};

struct intent_bgp_peer {
	const char *name;
	struct ip_addr address; /* peerIPAddress: the CE */
	asn_t as;
	uint16_t hold_time_s; /* 0: the default */
	bool as_override;
};

struct intent_subnet {
	const char *name;
	struct ip_prefix prefix;
};

struct intent_nic {
	const char *name;
	const char *host; /* server */
	struct mac_addr mac;
	struct ip_addr address;
	struct ip_prefix subnet;
};

struct intent_tenant {
	const char *name; /* of the virtualGateway */
	const char *virtual_network;
	bool dynamic; /* routingType */
	const char **pools;
	size_t pool_count;
	struct ip_prefix *address_space;
	size_t address_space_count;
	struct ip_prefix gateway_subnet;
	struct intent_subnet *subnets;
	size_t subnet_count;
	const char *bgp_router; /* NULL: made by the controller (isGenerated) */
	asn_t local_as;
	struct ip_addr router_ip; /* asked for; IP_NONE: the second address of the gateway subnet */
	struct intent_connection *connections;
	size_t connection_count;
	struct intent_bgp_peer *peers;
	size_t peer_count;
	struct intent_nic *nics;
	size_t nic_count;
};

struct intent_public_address {
	const char *name;
	struct ip_addr address;
	uint8_t prefix_length;
};

struct intent_pool {
	const char *name;
	uint64_t gateway_capacity_kbps;
	uint32_t redundant_gateway_count;
	struct intent_public_address *public_addresses;
	size_t public_address_count;
};

struct intent_gateway {
	const char *name;
	const char *pool;
	struct ip_addr provider_address;
};

struct intent_host {
	const char *name;
	struct ip_addr provider_address;
};

struct intent {
	struct arena arena;
	struct intent_pool *pools;
	size_t pool_count;
	struct intent_gateway *gateways;
	size_t gateway_count;
	struct intent_host *hosts;
	size_t host_count;
	struct intent_tenant *tenants;
	size_t tenant_count;
};

/* An empty intent: its arena is ready, everything else zero. */
struct intent *intent_new(void);
/* NULL is harmless. */
void intent_free(struct intent *intent);
const struct intent_tenant *intent_tenant_by_name(const struct intent *intent, const char *name);
const struct intent_gateway *intent_gateway_by_name(const struct intent *intent, const char *name);
const struct intent_pool *intent_pool_by_name(const struct intent *intent, const char *name);
const struct intent_host *intent_host_by_name(const struct intent *intent, const char *name);
const struct intent_connection *intent_connection_by_name(const struct intent_tenant *tenant,
							  const char *name);

#endif

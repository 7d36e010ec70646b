/*
 * check: would an intent be acceptable? For the API, before it stores anything.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Only what can never work is refused. What does not work yet (no gateway alive, no capacity, a
 * peer without a connection) is accepted and shown in configurationState.
 */
#include "orchestrator/state.h"
#include "plan/subnet.h"

#define PATH_MAX_BYTES 256

static size_t gateways_of(const struct intent *intent, const struct intent_tenant *t)
{
	size_t count = 0;

	for (size_t i = 0; i < intent->gateway_count; i++) {
		const char *pool = intent->gateways[i].pool;

		for (size_t k = 0; pool != NULL && k < t->pool_count; k++)
			if (strcmp(t->pools[k], pool) == 0) {
				count++;
				break;
			}
	}
	return count;
}

/* Somebody else's change (another gateway in the pool) is not refused for a subnet that was good so
 * far: then only the gateways that have an address are used. */
static bool is_as_before(const struct orchestrator *o, const struct intent_tenant *t)
{
	const struct tenant *known = tenant_find(o, t->name);

	return known != NULL && known->intent != NULL &&
	       ip_prefix_equal(&known->intent->gateway_subnet, &t->gateway_subnet) &&
	       known->intent->connection_count >= t->connection_count;
}

static int check_subnet(const struct orchestrator *o, const struct intent *intent,
			const struct intent_tenant *t, struct error *e)
{
	char path[PATH_MAX_BYTES], text[IP_TEXT_MAX], prefix[IP_PREFIX_TEXT_MAX];
	uint64_t needed = subnet_needed(t->connection_count, gateways_of(intent, t));
	struct ip_addr router = subnet_address(&t->gateway_subnet, 0);

	snprintf(path, sizeof(path), "virtualGateways/%s: properties.gatewaySubnets[0]", t->name);
	if (t->gateway_subnet.addr.family == IP_NONE)
		return error_set(e, "%s: a gateway subnet is needed", path);
	if (!is_as_before(o, t) && subnet_check(&t->gateway_subnet, needed, path, e) != 0)
		return -1;
	if (t->router_ip.family == IP_NONE)
		return 0;
	if (ip_prefix_contains(&t->gateway_subnet, &t->router_ip) &&
	    !ip_addr_equal(&t->router_ip, &router) &&
	    !ip_addr_equal(&t->router_ip, &t->gateway_subnet.addr))
		return 0;
	return error_set(e,
			 "virtualGateways/%s/bgpRouters/%s: properties.routerIP: %s must be an "
			 "address of the gateway subnet %s, and not its first",
			 t->name, t->bgp_router == NULL ? "" : t->bgp_router,
			 ip_addr_format(&t->router_ip, text),
			 ip_prefix_format(&t->gateway_subnet, prefix));
}

static int check_peer(const struct orchestrator *o, const struct intent_tenant *t, size_t index,
		      struct error *e)
{
	const struct intent_bgp_peer *p = &t->peers[index];
	asn_t mine = t->local_as.number != 0 ? t->local_as : o->config.default_as;
	char path[PATH_MAX_BYTES], text[IP_TEXT_MAX], prefix[IP_PREFIX_TEXT_MAX];

	snprintf(path, sizeof(path), "virtualGateways/%s/bgpRouters/%s/bgpPeers/%s: properties",
		 t->name, t->bgp_router == NULL ? "" : t->bgp_router, p->name);
	ip_addr_format(&p->address, text);
	if (p->as.number == mine.number)
		return error_set(e,
				 "%s.extAsNumber: AS %" PRIu32
				 " is the tenant's own; a site's AS number has to be another",
				 path, p->as.number);
	if (p->as.number == 0)
		return error_set(e, "%s.extAsNumber: an AS number is needed", path);
	if (p->hold_time_s == 1 || p->hold_time_s == 2)
		return error_set(e, "%s.holdTimeSeconds: must be 0 or at least 3", path);
	for (size_t i = 0; i < index; i++)
		if (ip_addr_equal(&t->peers[i].address, &p->address))
			return error_set(e, "%s.peerIPAddress: %s is the peer %s already", path,
					 text, t->peers[i].name);
	for (size_t i = 0; i < t->address_space_count; i++)
		if (ip_prefix_contains(&t->address_space[i], &p->address))
			return error_set(e,
					 "%s.peerIPAddress: %s is inside the virtual network's "
					 "address space %s; a site's router is outside of it",
					 path, text,
					 ip_prefix_format(&t->address_space[i], prefix));
	return 0;
}

/* Is the address one that a pool of the tenant gives out? */
static bool in_pools(const struct intent *intent, const struct intent_tenant *t,
		     const struct ip_addr *address)
{
	for (size_t i = 0; i < t->pool_count; i++) {
		const struct intent_pool *pool = intent_pool_by_name(intent, t->pools[i]);

		for (size_t k = 0; pool != NULL && k < pool->public_address_count; k++)
			if (ip_addr_equal(&pool->public_addresses[k].address, address))
				return true;
	}
	return false;
}

static int check_source(const struct orchestrator *o, const struct intent *intent,
			const struct intent_tenant *t, size_t index, struct error *e)
{
	const struct intent_connection *c = &t->connections[index];
	const struct connection *user;
	const struct intent_tenant *other;
	char path[PATH_MAX_BYTES], text[IP_TEXT_MAX];

	if (c->source_address.family == IP_NONE)
		return 0;
	ip_addr_format(&c->source_address, text);
	snprintf(path, sizeof(path),
		 "virtualGateways/%s/networkConnections/%s: properties.sourceIPAddress", t->name,
		 c->name);
	if (!in_pools(intent, t, &c->source_address))
		return error_set(e, "%s: %s is no public IP address of the tenant's pools", path,
				 text);
	user = tenant_address_user(o, &c->source_address);
	if (user == NULL ||
	    (strcmp(user->tenant->name, t->name) == 0 && strcmp(user->name, c->name) == 0))
		return 0;
	/* it may be that this very intent takes it away from its user */
	other = intent_tenant_by_name(intent, user->tenant->name);
	if (other == NULL || intent_connection_by_name(other, user->name) == NULL)
		return 0;
	return error_set(e, "%s: %s is in use by the connection %s of %s", path, text, user->name,
			 user->tenant->name);
}

/* Two connections of the intent that ask for the same address. */
static int check_same_source(const struct intent_tenant *t, size_t index, struct error *e)
{
	const struct ip_addr *mine = &t->connections[index].source_address;
	char text[IP_TEXT_MAX];

	for (size_t i = 0; mine->family != IP_NONE && i < index; i++)
		if (ip_addr_equal(mine, &t->connections[i].source_address))
			return error_set(
				e,
				"virtualGateways/%s/networkConnections/%s: "
				"properties.sourceIPAddress: %s is asked for by %s already",
				t->name, t->connections[index].name, ip_addr_format(mine, text),
				t->connections[i].name);
	return 0;
}

int orchestrator_check(const struct orchestrator *o, const struct intent *intent, struct error *e)
{
	for (size_t i = 0; i < intent->tenant_count; i++) {
		const struct intent_tenant *t = &intent->tenants[i];

		if (check_subnet(o, intent, t, e) != 0)
			return -1;
		for (size_t k = 0; k < t->peer_count; k++)
			if (check_peer(o, t, k, e) != 0)
				return -1;
		for (size_t k = 0; k < t->connection_count; k++)
			if (check_source(o, intent, t, k, e) != 0 ||
			    check_same_source(t, k, e) != 0)
				return -1;
	}
	return 0;
}

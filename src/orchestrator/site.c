/*
 * site: which connection leads to which CE, and the next hop ids of both.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A CE is a bgpPeer whose address one connection routes as a host route. The original refuses to
 * work with a peer that no connection routes, because its address would be looked for in what the
 * peer itself announces; so do we, for that peer alone.
 */
#include "orchestrator/state.h"

/* The metric of the connection's host route to addr; -1: it has none. */
static int64_t host_route_metric(const struct intent_connection *c, const struct ip_addr *addr)
{
	int64_t metric = -1;

	for (size_t i = 0; i < c->route_count; i++) {
		const struct intent_static_route *r = &c->routes[i];

		if (r->prefix.length == ip_family_bits(addr->family) &&
		    ip_addr_equal(&r->prefix.addr, addr) && (metric < 0 || r->metric < metric))
			metric = r->metric;
	}
	return metric;
}

ptrdiff_t site_connection(const struct intent_tenant *tenant, const struct intent_bgp_peer *peer,
			  size_t *ret_routed)
{
	ptrdiff_t best = -1;
	int64_t best_metric = 0;
	bool tie = false;

	*ret_routed = 0;
	for (size_t i = 0; i < tenant->connection_count; i++) {
		int64_t metric = host_route_metric(&tenant->connections[i], &peer->address);

		if (metric < 0)
			continue;
		++*ret_routed;
		tie = best >= 0 && metric == best_metric;
		if (best < 0 || metric < best_metric) {
			best = (ptrdiff_t)i;
			best_metric = metric;
		}
	}
	/* two are redundant paths, when the metric tells them apart */
	return *ret_routed > 2 || tie ? -1 : best;
}

static bool number_in_use(const struct tenant *t, uint32_t number)
{
	for (size_t i = 0; i < t->ce_count; i++)
		if (t->ces[i].nexthop == number)
			return true;
	for (size_t i = 0; i < t->connection_count; i++)
		if (t->connections[i]->nexthop == number)
			return true;
	return false;
}

static uint32_t free_number(const struct tenant *t)
{
	uint32_t number = OVERLAY_NEXTHOP_CE_FIRST;

	while (number_in_use(t, number))
		number++;
	return number;
}

static struct ce_id *find_ce(const struct tenant *t, const struct ip_addr *address)
{
	for (size_t i = 0; i < t->ce_count; i++)
		if (ip_addr_equal(&t->ces[i].address, address))
			return &t->ces[i];
	return NULL;
}

uint32_t site_ce_id(const struct tenant *t, const struct ip_addr *address)
{
	const struct ce_id *ce = find_ce(t, address);

	return ce == NULL ? 0 : ce->nexthop;
}

static void obtain_ce(struct tenant *t, const struct intent_bgp_peer *peer)
{
	struct ce_id *ce = find_ce(t, &peer->address);

	if (ce == NULL) {
		MEM_RESERVE(t->ces, t->ce_capacity, t->ce_count + 1);
		ce = &t->ces[t->ce_count];
		*ce = (struct ce_id){ .address = peer->address, .nexthop = free_number(t) };
		t->ce_count++;
	}
	ce->used = true;
}

/* The CE with the lowest address that this connection routes. */
static const struct ce_id *first_ce(const struct tenant *t, const struct intent_connection *c)
{
	const struct ce_id *first = NULL;

	for (size_t i = 0; i < t->ce_count; i++)
		if (host_route_metric(c, &t->ces[i].address) >= 0 &&
		    (first == NULL || ip_addr_compare(&t->ces[i].address, &first->address) < 0))
			first = &t->ces[i];
	return first;
}

uint32_t site_connection_id(const struct tenant *t, const struct connection *c, bool *ret_own)
{
	const struct ce_id *ce = first_ce(t, c->intent);

	*ret_own = ce == NULL && c->nexthop != 0;
	return ce == NULL ? c->nexthop : ce->nexthop;
}

void site_obtain_ids(struct tenant *t)
{
	const struct intent_tenant *intent = t->intent;
	size_t kept = 0, routed;

	for (size_t i = 0; i < t->ce_count; i++)
		t->ces[i].used = false;
	for (size_t i = 0; intent->dynamic && i < intent->peer_count; i++)
		if (site_connection(intent, &intent->peers[i], &routed) >= 0)
			obtain_ce(t, &intent->peers[i]);
	for (size_t i = 0; i < t->ce_count; i++)
		if (t->ces[i].used)
			t->ces[kept++] = t->ces[i];
	t->ce_count = kept;
	for (size_t i = 0; i < t->connection_count; i++) {
		struct connection *c = t->connections[i];

		if (c->intent->route_count == 0 || first_ce(t, c->intent) != NULL)
			c->nexthop = 0;
		else if (c->nexthop == 0)
			c->nexthop = free_number(t);
	}
}

void site_peers_without_connection(const struct intent_tenant *tenant, struct buf *to)
{
	size_t routed;

	for (size_t i = 0; tenant->dynamic && i < tenant->peer_count; i++) {
		if (site_connection(tenant, &tenant->peers[i], &routed) >= 0)
			continue;
		if (to->length != 0)
			buf_add_text(to, ", ");
		buf_add_text(to, tenant->peers[i].name);
	}
}

/*
 * next_hops: where the next hops are, for next-hop-resolution exact and kernel.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A next hop is usable when it lies in a directly connected prefix (the gateway subnet), or when
 * the Loc-RIB holds exactly its host route and that route's own next hop is usable so. Never by
 * longest prefix: a site that announces a default route must not become the way to another site.
 * When a host route moves, only this table changes and one call tells of it; the routes behind it
 * are not touched. When it is lost, they stay for next-hop-hold.
 */
#include "reflector/reflector.h"

#include "base/hash.h"
#include "base/mem.h"

static bool is_direct(const struct reflector *r, const struct ip_addr *address)
{
	for (size_t i = 0; i < r->config->direct_next_hop_count; i++)
		if (ip_prefix_contains(&r->config->direct_next_hops[i], address))
			return true;
	return false;
}

static uint64_t address_hash(const struct reflector *r, const struct ip_addr *address)
{
	return hash_bytes(address->bytes, sizeof(address->bytes), r->seed);
}

static struct reflector_next_hop *find(const struct reflector *r, const struct ip_addr *address)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, address_hash(r, address), &r->next_hops_by_address) {
		struct reflector_next_hop *nh = CONTAINER_OF(node, struct reflector_next_hop, node);

		if (ip_addr_equal(&nh->address, address))
			return nh;
	}
	return NULL;
}

const struct reflector_next_hop *reflector_next_hop_find(const struct reflector *r,
							 const struct ip_addr *address)
{
	return find(r, address);
}

static enum bgp_family family_of(const struct ip_addr *address)
{
	return address->family == IP_V6 ? BGP_IPV6_UNICAST : BGP_IPV4_UNICAST;
}

/* What the Loc-RIB says now of the way to this address. */
static enum reflector_next_hop_state resolve(const struct reflector *r,
					     const struct ip_addr *address, struct ip_addr *ret_via)
{
	enum bgp_family family = family_of(address);
	const struct prefix_table *t = &r->tables[family];
	struct ip_prefix host = ip_prefix_host(address);
	const struct reflector_next_hop *via;
	struct bgp_nlri nlri;
	uint32_t prefix, best;

	bgp_nlri_from_prefix(&host, &nlri);
	prefix = prefix_table_find(t, &nlri);
	best = prefix == RIB_NONE ? RIB_NONE : t->prefixes[prefix].best;
	if (best == RIB_NONE)
		return REFLECTOR_NEXT_HOP_UNKNOWN;
	if (t->paths[best].peer == RIB_PEER_LOCAL)
		return REFLECTOR_NEXT_HOP_LOCAL;
	via = r->next_hops[attr_table_entry(&r->attrs, t->paths[best].attr)->next_hop];
	if (via == NULL || via->state != REFLECTOR_NEXT_HOP_DIRECT)
		return REFLECTOR_NEXT_HOP_UNKNOWN;
	*ret_via = via->address;
	return REFLECTOR_NEXT_HOP_REMOTE;
}

uint32_t reflector_next_hop_number(struct reflector *r, const struct ip_addr *address)
{
	struct reflector_next_hop *nh = find(r, address);
	size_t table_bytes;

	if (nh == NULL && r->next_hops_end > REFLECTOR_NEXT_HOPS_MAX)
		return 0;
	if (nh == NULL) {
		nh = mem_zalloc(sizeof(*nh));
		table_bytes = hmap_bytes(&r->next_hops_by_address);
		nh->address = *address;
		nh->deadline = INSTANT_NEVER;
		if (address->family == IP_NONE)
			nh->state = REFLECTOR_NEXT_HOP_DIRECT;
		else if (r->config->next_hop_resolution == NEXT_HOP_RESOLUTION_KERNEL)
			r->ops->track_next_hop(r->context, r, address);
		else if (is_direct(r, address))
			nh->state = REFLECTOR_NEXT_HOP_DIRECT;
		else
			nh->state = resolve(r, address, &nh->via);
		hmap_insert(&r->next_hops_by_address, &nh->node, address_hash(r, address));
		mem_account_charge(&r->memory.other, sizeof(*nh) +
							     hmap_bytes(&r->next_hops_by_address) -
							     table_bytes);
		MEM_ACCOUNT_RESERVE(&r->memory.other, r->next_hops, r->next_hops_capacity,
				    r->next_hops_end + 1);
		nh->number = (uint32_t)r->next_hops_end;
		r->next_hops[r->next_hops_end++] = nh;
	}
	return nh->number;
}

static bool is_tracked(const struct reflector *r)
{
	return r->config->next_hop_resolution != NEXT_HOP_RESOLUTION_NONE;
}

bool reflector_next_hop_usable(const struct reflector *r, const struct rib_path *path)
{
	uint32_t number;

	if (!is_tracked(r) || path->peer == RIB_PEER_LOCAL)
		return true;
	number = attr_table_entry(&r->attrs, path->attr)->next_hop;
	return number != 0 && r->next_hops[number]->state != REFLECTOR_NEXT_HOP_UNKNOWN;
}

/* The usability of a next hop changed: everything with a path over it is decided again. */
static void redecide(struct reflector *r, const struct reflector_next_hop *nh)
{
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		struct prefix_table *t = &r->tables[f];

		for (uint32_t prefix = 1; prefix < t->prefixes_end; prefix++) {
			for (uint32_t p = t->prefixes[prefix].paths; p != RIB_NONE;
			     p = t->paths[p].next) {
				if (attr_table_entry(&r->attrs, t->paths[p].attr)->next_hop ==
				    nh->number)
					reflector_mark_dirty(r, f, prefix);
			}
		}
	}
}

void reflector_next_hops_route_changed(struct reflector *r, enum bgp_family family, uint32_t prefix,
				       instant_t now)
{
	enum reflector_next_hop_state state;
	struct ip_addr via = { 0 };
	struct reflector_next_hop *nh;
	struct ip_prefix host;
	struct bgp_nlri nlri;
	bool was_usable;

	prefix_table_nlri(&r->tables[family], prefix, &nlri);
	if (nlri.key[0] != ip_family_bits(bgp_family_info(family)->ip_family))
		return;
	bgp_nlri_to_prefix(family, &nlri, &host);
	nh = find(r, &host.addr);
	if (nh == NULL || nh->state == REFLECTOR_NEXT_HOP_DIRECT)
		return;
	state = resolve(r, &nh->address, &via);
	was_usable = nh->state != REFLECTOR_NEXT_HOP_UNKNOWN;
	if (state == REFLECTOR_NEXT_HOP_UNKNOWN && was_usable) {
		if (nh->state == REFLECTOR_NEXT_HOP_HELD)
			return;
		state = REFLECTOR_NEXT_HOP_HELD;
		nh->deadline = instant_add(now, duration_seconds(r->config->next_hop_hold_s));
	} else {
		if (state == nh->state && ip_addr_equal(&via, &nh->via))
			return;
		nh->deadline = INSTANT_NEVER;
	}
	nh->state = state;
	nh->via = via;
	r->ops->next_hop_changed(r->context, r, &nh->address);
	if (!was_usable)
		redecide(r, nh);
}

/* RESOLUTION_EXACT: where it is now. */
static void look_again(struct reflector *r, struct reflector_next_hop *nh)
{
	struct ip_addr via = { 0 };
	enum reflector_next_hop_state state = is_direct(r, &nh->address)
						      ? REFLECTOR_NEXT_HOP_DIRECT
						      : resolve(r, &nh->address, &via);
	bool was_usable = nh->state != REFLECTOR_NEXT_HOP_UNKNOWN;

	if (nh->address.family == IP_NONE || (state == nh->state && ip_addr_equal(&via, &nh->via)))
		return;
	/* A host route that is lost, with a neighbor or a network that the configuration has no
	 * more, is found by the drain, which holds its next hop: another may be there already. */
	if (state == REFLECTOR_NEXT_HOP_UNKNOWN && nh->state != REFLECTOR_NEXT_HOP_DIRECT &&
	    (nh->state != REFLECTOR_NEXT_HOP_REMOTE || is_direct(r, &nh->via)))
		return;
	nh->state = state;
	nh->via = via;
	nh->deadline = INSTANT_NEVER;
	r->ops->next_hop_changed(r->context, r, &nh->address);
	if (was_usable != (state != REFLECTOR_NEXT_HOP_UNKNOWN))
		redecide(r, nh);
}

void reflector_next_hops_apply(struct reflector *r)
{
	if (r->config->next_hop_resolution != NEXT_HOP_RESOLUTION_EXACT)
		return;
	/* twice: a host route's own next hop must be known to be direct, or not any more */
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 1; i < r->next_hops_end; i++)
			look_again(r, r->next_hops[i]);
}

void reflector_next_hop_resolved(struct reflector *r, const struct ip_addr *address, bool reachable,
				 uint32_t metric)
{
	struct reflector_next_hop *nh = find(r, address);
	enum reflector_next_hop_state state =
		reachable ? REFLECTOR_NEXT_HOP_DIRECT : REFLECTOR_NEXT_HOP_UNKNOWN;

	if (nh == NULL || (nh->state == state && nh->metric == metric))
		return;
	nh->state = state;
	nh->metric = metric;
	redecide(r, nh);
}

void reflector_next_hops_tick(struct reflector *r, instant_t now)
{
	for (size_t i = 1; i < r->next_hops_end; i++) {
		struct reflector_next_hop *nh = r->next_hops[i];

		if (!instant_due(nh->deadline, now))
			continue;
		nh->deadline = INSTANT_NEVER;
		nh->state = REFLECTOR_NEXT_HOP_UNKNOWN;
		redecide(r, nh);
		r->ops->next_hop_changed(r->context, r, &nh->address);
	}
}

void reflector_next_hops_done(struct reflector *r)
{
	for (size_t i = 1; i < r->next_hops_end; i++)
		mem_free(r->next_hops[i]);
	mem_account_release(&r->memory.other,
			    (r->next_hops_end - 1) * sizeof(struct reflector_next_hop) +
				    hmap_bytes(&r->next_hops_by_address));
	MEM_ACCOUNT_FREE(&r->memory.other, r->next_hops, r->next_hops_capacity);
	hmap_done(&r->next_hops_by_address);
}

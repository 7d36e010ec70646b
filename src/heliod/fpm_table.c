/*
 * fpm_table: what heliod has told the agent of one instance: nexthop ids and routes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/fpm_table.h"

#include <linux/rtnetlink.h>

#include "base/hash.h"
#include "base/mem.h"
#include "fpm/fpm.h"

struct next_hop {
	struct hmap_node node;
	struct ip_addr address;
	struct fpm_way way;
	uint32_t id;
	size_t route_count;
};

struct route {
	struct hmap_node node;
	struct ip_prefix prefix;
	struct next_hop *next_hop;
};

void fpm_table_init(struct fpm_table *table, uint32_t table_id, struct bitset *ids, uint64_t seed,
		    fpm_table_resolve_fn *resolve, void *arg)
{
	*table = (struct fpm_table){
		.table_id = table_id, .ids = ids, .seed = seed, .resolve = resolve, .arg = arg
	};
	hmap_init(&table->next_hops);
	hmap_init(&table->routes);
	slab_init(&table->route_slab, sizeof(struct route));
}

void fpm_table_done(struct fpm_table *table)
{
	struct hmap_node *node, *next;

	HMAP_FOR_EACH_SAFE (node, next, &table->next_hops) {
		struct next_hop *next_hop = CONTAINER_OF(node, struct next_hop, node);

		if (next_hop->id != 0)
			bitset_remove(table->ids, next_hop->id);
		hmap_remove(&table->next_hops, node);
		mem_free(next_hop);
	}
	hmap_done(&table->next_hops);
	hmap_done(&table->routes);
	slab_done(&table->route_slab);
}

static uint64_t hash_address(const struct fpm_table *table, const struct ip_addr *address)
{
	return hash_bytes(address, sizeof(*address), table->seed);
}

static uint64_t hash_prefix(const struct fpm_table *table, const struct ip_prefix *prefix)
{
	return hash_bytes(prefix, sizeof(*prefix), table->seed);
}

static struct next_hop *find_next_hop(const struct fpm_table *table, const struct ip_addr *address)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash_address(table, address), &table->next_hops) {
		struct next_hop *next_hop = CONTAINER_OF(node, struct next_hop, node);

		if (ip_addr_equal(&next_hop->address, address))
			return next_hop;
	}
	return NULL;
}

static struct route *find_route(const struct fpm_table *table, const struct ip_prefix *prefix)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash_prefix(table, prefix), &table->routes) {
		struct route *route = CONTAINER_OF(node, struct route, node);

		if (ip_prefix_equal(&route->prefix, prefix))
			return route;
	}
	return NULL;
}

static void put_next_hop(const struct fpm_table *table, enum rtnl_verb verb,
			 const struct next_hop *next_hop, struct buf *to)
{
	const struct rtnl_nexthop object = {
		.id = next_hop->id,
		.family = next_hop->address.family,
		.protocol = RTPROT_BGP,
		.blackhole = next_hop->way.blackhole,
		.gateway = next_hop->way.gateway,
		.table = table->table_id,
	};

	fpm_put_nexthop(to, verb, &object);
}

static void put_route(const struct fpm_table *table, enum rtnl_verb verb, const struct route *route,
		      struct buf *to)
{
	const struct rtnl_route object = {
		.prefix = route->prefix,
		.table = table->table_id,
		.protocol = RTPROT_BGP,
		.nexthop_id = route->next_hop->id,
	};

	fpm_put_route(to, verb, &object);
}

static uint32_t take_id(struct bitset *ids)
{
	size_t id;

	bitset_add(ids, 0); /* no object has id 0 */
	id = bitset_first_free(ids);
	bitset_add(ids, id);
	return (uint32_t)id;
}

static struct next_hop *add_next_hop(struct fpm_table *table, const struct ip_addr *address,
				     struct buf *to)
{
	struct next_hop *next_hop = mem_zalloc(sizeof(*next_hop));

	next_hop->address = *address;
	next_hop->way = table->resolve(address, table->arg);
	hmap_insert(&table->next_hops, &next_hop->node, hash_address(table, address));
	if (next_hop->way.skip)
		return next_hop;
	next_hop->id = take_id(table->ids);
	put_next_hop(table, RTNL_REPLACE, next_hop, to);
	return next_hop;
}

/* One route less: the object of a next hop without routes goes, after them. */
static void release_next_hop(struct fpm_table *table, struct next_hop *next_hop, struct buf *to)
{
	if (--next_hop->route_count != 0)
		return;
	if (next_hop->id != 0) {
		put_next_hop(table, RTNL_DELETE, next_hop, to);
		bitset_remove(table->ids, next_hop->id);
	}
	hmap_remove(&table->next_hops, &next_hop->node);
	mem_free(next_hop);
}

void fpm_table_announce(struct fpm_table *table, const struct ip_prefix *prefix,
			const struct ip_addr *address, struct buf *to)
{
	struct next_hop *next_hop = find_next_hop(table, address);
	struct route *route = find_route(table, prefix);
	struct next_hop *old;

	if (next_hop == NULL)
		next_hop = add_next_hop(table, address, to);
	if (route == NULL) {
		route = slab_alloc(&table->route_slab);
		route->prefix = *prefix;
		hmap_insert(&table->routes, &route->node, hash_prefix(table, prefix));
	}
	old = route->next_hop;
	if (old == next_hop)
		return;
	next_hop->route_count++;
	if (next_hop->id == 0 && old != NULL && old->id != 0)
		put_route(table, RTNL_DELETE, route, to);
	route->next_hop = next_hop;
	if (next_hop->id != 0)
		put_route(table, RTNL_REPLACE, route, to);
	if (old != NULL)
		release_next_hop(table, old, to);
}

static void remove_route(struct fpm_table *table, struct route *route, struct buf *to)
{
	struct next_hop *next_hop = route->next_hop;

	if (next_hop->id != 0)
		put_route(table, RTNL_DELETE, route, to);
	hmap_remove(&table->routes, &route->node);
	slab_free(&table->route_slab, route);
	release_next_hop(table, next_hop, to);
}

void fpm_table_withdraw(struct fpm_table *table, const struct ip_prefix *prefix, struct buf *to)
{
	struct route *route = find_route(table, prefix);

	if (route != NULL)
		remove_route(table, route, to);
}

/* An own next hop became another's, or the reverse: its routes appear, or go, with it. */
static void put_routes_of(struct fpm_table *table, const struct next_hop *next_hop,
			  enum rtnl_verb verb, struct buf *to)
{
	struct hmap_node *node;

	HMAP_FOR_EACH (node, &table->routes) {
		const struct route *route = CONTAINER_OF(node, struct route, node);

		if (route->next_hop == next_hop)
			put_route(table, verb, route, to);
	}
}

void fpm_table_next_hop_changed(struct fpm_table *table, const struct ip_addr *address,
				struct buf *to)
{
	struct next_hop *next_hop = find_next_hop(table, address);
	struct fpm_way way;

	if (next_hop == NULL)
		return;
	way = table->resolve(address, table->arg);
	if (way.skip == next_hop->way.skip && way.blackhole == next_hop->way.blackhole &&
	    ip_addr_equal(&way.gateway, &next_hop->way.gateway))
		return;
	next_hop->way = way;
	if (way.skip && next_hop->id != 0) {
		put_routes_of(table, next_hop, RTNL_DELETE, to);
		put_next_hop(table, RTNL_DELETE, next_hop, to);
		bitset_remove(table->ids, next_hop->id);
		next_hop->id = 0;
	} else if (!way.skip && next_hop->id == 0) {
		next_hop->id = take_id(table->ids);
		put_next_hop(table, RTNL_REPLACE, next_hop, to);
		put_routes_of(table, next_hop, RTNL_REPLACE, to);
	} else if (!way.skip) {
		put_next_hop(table, RTNL_REPLACE, next_hop, to);
	}
}

bool fpm_table_drop(struct fpm_table *table, size_t count, struct buf *to)
{
	while (count-- != 0) {
		struct hmap_node *node = hmap_first(&table->routes);

		if (node == NULL)
			return false;
		remove_route(table, CONTAINER_OF(node, struct route, node), to);
	}
	return table->routes.count != 0;
}

/*
 * routes: what heliod sends over FPM becomes nexthop and route items.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The nexthop objects of a table are remembered as heliod sent them, because what they mean here
 * depends on this node: an address that is a local connection's CE is the way into its tunnel, an
 * overlay address is the way over the VXLAN. So a tunnel that comes or goes changes one nexthop.
 *
 * An id of FPM lives as long as its connection. After heliod restarted, the same id may stand for
 * another CE, while routes of before still hang on the kernel's object with that id. So an id that
 * is new in a connection takes the kernel's object of that number only when it says the same; else
 * another number is taken, and the old object goes with the routes on it at End-of-RIB.
 */
#include "host/state.h"

#define METRIC_BGP 1000
#define NEXTHOP_ID_BITS 26 /* of FPM's ids; above them the choice of the kernel's number */
#define NEXTHOP_CHOICES 4

void host_fpm_begin(struct host *host)
{
	host->fpm_generation++;
	for (struct hmap_node *node = hmap_first(&host->places); node != NULL;
	     node = hmap_next(&host->places, node)) {
		struct place *place = CONTAINER_OF(node, struct place, node);

		place->end_of_rib = false;
		for (size_t i = 0; i < place->nexthop_count; i++)
			place->nexthops[i].stale = true;
	}
}

/* The position of the id, or where it would be. */
static size_t nexthop_position(const struct place *place, uint32_t id)
{
	size_t low = 0, high = place->nexthop_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (place->nexthops[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The device into which packets for this next hop go; 0: nowhere. */
static uint32_t nexthop_device(struct host *host, const struct place *place,
			       const struct place_nexthop *nexthop, bool *ret_via)
{
	*ret_via = false;
	if (nexthop->blackhole || place->tenant == NULL)
		return 0;
	LIST_FOR_EACH (node, &place->tenant->objects) {
		const struct object *object = CONTAINER_OF(node, struct object, in_tenant);

		if (object->kind == OBJECT_CONNECTION) {
			const struct object_connection *connection = &object->connection;

			for (size_t i = 0; i < connection->ce_address_count; i++) {
				if (ip_addr_equal(&connection->ce_addresses[i], &nexthop->gateway))
					return host_intern(host, connection->device);
			}
		} else if (object->kind == OBJECT_NEIGHBOR &&
			   ip_addr_equal(&object->neighbor.overlay_address, &nexthop->gateway)) {
			*ret_via = true;
		}
	}
	return *ret_via ? host->name_vx : 0;
}

static struct item_value nexthop_value(struct host *host, const struct place *place,
				       const struct place_nexthop *nexthop)
{
	struct item_value value = { .protocol = HOST_PROTOCOL_BGP };
	bool via;
	uint32_t device = nexthop_device(host, place, nexthop, &via);

	if (device == 0 || !link_is_usable(host, place->id, device)) {
		value.blackhole = true;
	} else {
		value.device = device;
		if (via)
			value.addr = nexthop->gateway;
	}
	return value;
}

static struct item_key nexthop_key(const struct place *place, uint32_t kernel_id)
{
	return (struct item_key){ .kind = ITEM_NEXTHOP, .place = place->id, .number = kernel_id };
}

static void nexthop_want(struct host *host, struct place *place,
			 const struct place_nexthop *nexthop)
{
	struct item_key key = nexthop_key(place, nexthop->kernel_id);
	struct item_value value = nexthop_value(host, place, nexthop);
	struct item *item;

	/* Until the tenant is known, what another life of the agent made stays as it is. */
	if (place->tenant == NULL)
		return;
	item = item_get(host, &key);
	item->from_fpm = true;
	if (!nexthop->stale)
		item->generation = host->fpm_generation;
	item_want(host, item, &value, place->tenant->bgp);
}

/* The kernel's number for an id that is new in this connection. */
static uint32_t nexthop_choose(struct host *host, const struct place *place,
			       const struct place_nexthop *nexthop)
{
	struct item_value value = nexthop_value(host, place, nexthop);

	for (uint32_t choice = 0; choice < NEXTHOP_CHOICES; choice++) {
		uint32_t id = HOST_FPM_NEXTHOP_BASE + (choice << NEXTHOP_ID_BITS) + nexthop->id;
		struct item_key key = nexthop_key(place, id);
		const struct item *item = item_find(host, &key);

		if (item == NULL || (!item->seen && !item->wanted) ||
		    (item->seen && item_value_satisfies(ITEM_NEXTHOP, &item->have, &value)))
			return id;
	}
	return HOST_FPM_NEXTHOP_BASE + nexthop->id;
}

void routes_resolve(struct host *host, struct place *place)
{
	for (size_t i = 0; i < place->nexthop_count; i++)
		nexthop_want(host, place, &place->nexthops[i]);
}

static void fpm_nexthop(struct host *host, struct place *place, const struct rtnl_nexthop *nexthop)
{
	size_t position = nexthop_position(place, nexthop->id);
	struct place_nexthop *entry;
	bool fresh =
		position == place->nexthop_count || place->nexthops[position].id != nexthop->id;

	if (nexthop->id >= 1u << NEXTHOP_ID_BITS)
		return;
	if (fresh) {
		MEM_RESERVE(place->nexthops, place->nexthop_capacity, place->nexthop_count + 1);
		memmove(&place->nexthops[position + 1], &place->nexthops[position],
			(place->nexthop_count - position) * sizeof(*place->nexthops));
		place->nexthop_count++;
	}
	entry = &place->nexthops[position];
	fresh = fresh || entry->stale;
	*entry = (struct place_nexthop){ .id = nexthop->id,
					 .kernel_id = entry->kernel_id,
					 .blackhole = nexthop->blackhole,
					 .gateway = nexthop->gateway };
	if (fresh)
		entry->kernel_id = nexthop_choose(host, place, entry);
	nexthop_want(host, place, entry);
}

static void fpm_nexthop_delete(struct host *host, struct place *place, uint32_t id)
{
	size_t position = nexthop_position(place, id);
	struct item_key key;
	struct item *item;

	if (position == place->nexthop_count || place->nexthops[position].id != id)
		return;
	key = nexthop_key(place, place->nexthops[position].kernel_id);
	item = item_find(host, &key);
	place->nexthop_count--;
	memmove(&place->nexthops[position], &place->nexthops[position + 1],
		(place->nexthop_count - position) * sizeof(*place->nexthops));
	if (item != NULL)
		item_unwant(host, item);
}

static void fpm_route_gone(struct host *host, const struct item_key *key)
{
	struct item *item = item_find(host, key);

	if (item == NULL)
		return;
	item->known = true;
	item_unwant(host, item);
}

static void fpm_route(struct host *host, struct place *place, const struct rtnl_route *route,
		      bool deleted)
{
	struct item_key key = { .kind = ITEM_ROUTE,
				.place = place->id,
				.number = HOST_TABLE_MAIN,
				.priority = METRIC_BGP,
				.addr = route->prefix.addr,
				.length = route->prefix.length };
	struct item_value value = { .protocol = HOST_PROTOCOL_BGP };
	size_t position = nexthop_position(place, route->nexthop_id);
	struct item *item;

	if (deleted) {
		fpm_route_gone(host, &key);
		return;
	}
	/* heliod tells a next hop before the routes on it. */
	if (position == place->nexthop_count || place->nexthops[position].id != route->nexthop_id)
		return;
	value.number = place->nexthops[position].kernel_id;
	item = item_get(host, &key);
	item->from_fpm = true;
	item->generation = host->fpm_generation;
	item_want(host, item, &value, place->tenant != NULL ? place->tenant->bgp : NULL);
}

/* What the present connection did not tell again goes. */
static void fpm_sweep(struct host *host, struct place *place)
{
	size_t kept = 0;

	place->end_of_rib = true;
	LIST_FOR_EACH_SAFE (node, &place->items) {
		struct item *item = CONTAINER_OF(node, struct item, in_place);

		if (item->from_fpm && item->generation != host->fpm_generation)
			item_unwant(host, item);
	}
	for (size_t i = 0; i < place->nexthop_count; i++) {
		if (!place->nexthops[i].stale)
			place->nexthops[kept++] = place->nexthops[i];
	}
	place->nexthop_count = kept;
	place_touch_all(host, place);
}

void host_fpm_event(struct host *host, const struct fpm_event *event)
{
	struct place *place;

	if (event->kind == FPM_OTHER || event->table == ITEM_PLACE_NODE)
		return;
	place = place_get(host, event->table);
	switch (event->kind) {
	case FPM_NEXTHOP:
		fpm_nexthop(host, place, &event->nexthop);
		break;
	case FPM_NEXTHOP_DELETE:
		fpm_nexthop_delete(host, place, event->nexthop.id);
		break;
	case FPM_ROUTE:
	case FPM_ROUTE_DELETE:
		fpm_route(host, place, &event->route, event->kind == FPM_ROUTE_DELETE);
		break;
	case FPM_END_OF_RIB:
		fpm_sweep(host, place);
		break;
	case FPM_OTHER:
		break;
	}
}

void routes_drop(struct host *host, struct place *place)
{
	LIST_FOR_EACH_SAFE (node, &place->items) {
		struct item *item = CONTAINER_OF(node, struct item, in_place);

		if (item->from_fpm)
			item_unwant(host, item);
	}
	place->nexthop_count = 0;
	place_touch_all(host, place);
}

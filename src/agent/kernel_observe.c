/*
 * kernel_observe: what is in a namespace, told to the brain.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Only what the agent may have made is told as items: addresses, routes and rules of the node's own
 * namespace by their protocol number; in a compartment everything that such an item can be.
 */
#include "agent/kernel_private.h"

#include <sys/socket.h>

#include "agent/log.h"
#include "base/mem.h"

static uint32_t observe_intern(struct kernel_place *place, const char *text)
{
	return host_intern(place->kernel->host, text);
}

/* The interned name of the device with this index; 0 when it is not known. */
static uint32_t observe_device(struct kernel_place *place, uint32_t index)
{
	for (size_t i = 0; i < place->device_count; i++) {
		if (place->devices[i].index == index)
			return observe_intern(place, place->devices[i].name);
	}
	return 0;
}

static void on_link(const struct rtnl_message *message, void *arg)
{
	struct kernel_place *place = arg;
	struct item_key key = { .kind = ITEM_LINK, .place = place->id };
	struct item_value value = { 0 };
	struct rtnl_link link;

	if (message->type != RTM_NEWLINK || rtnl_link_parse(message, &link) < 0)
		return;
	kernel_device_note(place, &link);
	key.name = observe_intern(place, link.name);
	value.up = link.up;
	value.mtu = link.mtu;
	value.mac = link.mac;
	value.text = observe_intern(place, link.alias);
	value.link_type = ITEM_LINK_OTHER;
	if (strcmp(link.name, "lo") == 0) {
		value.link_type = ITEM_LINK_LOOPBACK;
	} else if (strncmp(link.name, HOST_TUNNEL_PREFIX, strlen(HOST_TUNNEL_PREFIX)) == 0) {
		value.link_type = ITEM_LINK_TUNNEL;
	} else if (link.has_vxlan && place->id != ITEM_PLACE_NODE) {
		value.link_type = ITEM_LINK_VXLAN;
		value.number = link.vxlan.vni;
		value.addr = link.vxlan.local;
	}
	host_observe(place->kernel->host, &key, &value);
}

static void on_addr(const struct rtnl_message *message, void *arg)
{
	struct kernel_place *place = arg;
	struct item_key key = { .kind = ITEM_ADDR, .place = place->id };
	struct item_value value = { 0 };
	struct rtnl_addr addr;

	if (message->type != RTM_NEWADDR || rtnl_addr_parse(message, &addr) < 0)
		return;
	if (addr.scope != RT_SCOPE_UNIVERSE ||
	    (place->id == ITEM_PLACE_NODE && addr.protocol != HOST_PROTOCOL_OBJECTS))
		return;
	key.name = observe_device(place, addr.index);
	key.addr = addr.addr;
	key.length = addr.length;
	value.protocol = addr.protocol;
	host_observe(place->kernel->host, &key, &value);
}

static void on_neigh(const struct rtnl_message *message, void *arg)
{
	struct kernel_place *place = arg;
	struct item_key key = { .kind = ITEM_NEIGH, .place = place->id };
	struct item_value value = { 0 };
	struct rtnl_neigh neigh;

	if (message->type != RTM_NEWNEIGH || rtnl_neigh_parse(message, &neigh) < 0 ||
	    !neigh.permanent || !neigh.has_mac || neigh.addr.family == IP_NONE)
		return;
	key.name = observe_device(place, neigh.index);
	value.mac = neigh.mac;
	if (neigh.fdb) {
		key.kind = ITEM_FDB;
		key.mac = neigh.mac;
		value.addr = neigh.addr;
	} else {
		key.addr = neigh.addr;
	}
	host_observe(place->kernel->host, &key, &value);
}

static void on_nexthop(const struct rtnl_message *message, void *arg)
{
	struct kernel_place *place = arg;
	struct item_key key = { .kind = ITEM_NEXTHOP, .place = place->id };
	struct item_value value = { 0 };
	struct rtnl_nexthop nexthop;

	if (message->type != RTM_NEWNEXTHOP || rtnl_nexthop_parse(message, &nexthop) < 0 ||
	    (nexthop.protocol != HOST_PROTOCOL_OBJECTS && nexthop.protocol != HOST_PROTOCOL_BGP))
		return;
	key.number = nexthop.id;
	value.protocol = nexthop.protocol;
	value.blackhole = nexthop.blackhole;
	if (!nexthop.blackhole) {
		value.device = observe_device(place, nexthop.oif);
		value.addr = nexthop.gateway;
	}
	host_observe(place->kernel->host, &key, &value);
}

static void on_route(const struct rtnl_message *message, void *arg)
{
	struct kernel_place *place = arg;
	struct item_key key = { .kind = ITEM_ROUTE, .place = place->id };
	struct item_value value = { 0 };
	struct rtnl_route route;

	if (message->type != RTM_NEWROUTE || rtnl_route_parse(message, &route) < 0)
		return;
	if (route.type != RTN_UNICAST && route.type != RTN_BLACKHOLE)
		return;
	if (route.protocol != HOST_PROTOCOL_OBJECTS && route.protocol != HOST_PROTOCOL_BGP) {
		if (place->id == ITEM_PLACE_NODE && route.table == HOST_TABLE_MAIN &&
		    !route.multipath && route.oif != 0)
			host_observe_way(place->kernel->host, &route.prefix, &route.gateway,
					 observe_device(place, route.oif));
		return;
	}
	key.number = route.table;
	key.priority = route.priority;
	key.addr = route.prefix.addr;
	key.length = route.prefix.length;
	value.protocol = route.protocol;
	value.source = route.source;
	value.number = route.nexthop_id;
	if (route.nexthop_id == 0) {
		value.device = observe_device(place, route.oif);
		value.addr = route.gateway;
	}
	host_observe(place->kernel->host, &key, &value);
}

static void on_rule(const struct rtnl_message *message, void *arg)
{
	struct kernel_place *place = arg;
	struct item_key key = { .kind = ITEM_RULE, .place = place->id };
	struct item_value value = { 0 };
	struct rtnl_rule rule;

	if (message->type != RTM_NEWRULE || rtnl_rule_parse(message, &rule) < 0 ||
	    rule.protocol != HOST_PROTOCOL_OBJECTS)
		return;
	key.number = rule.mark;
	key.priority = rule.priority;
	value.protocol = rule.protocol;
	value.number = rule.table;
	host_observe(place->kernel->host, &key, &value);
}

struct observation {
	enum item_kind kind;
	uint16_t type;
	uint8_t family;
	netlink_message_fn *call;
	bool node, compartment; /* where such items can be ours */
};

static const struct observation observations[] = {
	{ ITEM_LINK, RTM_GETLINK, AF_UNSPEC, on_link, true, true },
	{ ITEM_ADDR, RTM_GETADDR, AF_INET, on_addr, true, true },
	{ ITEM_NEIGH, RTM_GETNEIGH, AF_INET, on_neigh, false, true },
	{ ITEM_FDB, RTM_GETNEIGH, PF_BRIDGE, on_neigh, false, true },
	{ ITEM_NEXTHOP, RTM_GETNEXTHOP, AF_UNSPEC, on_nexthop, false, true },
	{ ITEM_ROUTE, RTM_GETROUTE, AF_INET, on_route, true, true },
	{ ITEM_RULE, RTM_GETRULE, AF_INET, on_rule, true, false },
};

void kernel_observe(struct kernel_place *place, unsigned kinds)
{
	struct host *host = place->kernel->host;
	bool node = place->id == ITEM_PLACE_NODE;
	struct item_key namespace = { .kind = ITEM_NAMESPACE, .place = place->id };
	struct item_value none = { 0 };
	struct error e = { "" };

	/* Settings are read when they are set; tunnels are found by their devices. */
	kinds &= ~(1u << ITEM_SYSCTL);
	if ((kinds & 1u << ITEM_LINK) == 0)
		kernel_devices_refresh(place);
	else
		place->device_count = 0;
	host_observe_begin(host, place->id, kinds);
	if (!node && (kinds & 1u << ITEM_NAMESPACE) != 0)
		host_observe(host, &namespace, &none);
	for (size_t i = 0; i < ARRAY_SIZE(observations); i++) {
		const struct observation *o = &observations[i];

		if ((kinds & 1u << o->kind) == 0 || !(node ? o->node : o->compartment))
			continue;
		if (netlink_dump(place->nl, o->type, o->family, o->call, place, &e) < 0) {
			log_event(LOG_LEVEL_WARNING, host_place_tenant(host, place->id),
				  "looking at %ss of %u: %s", item_kind_name(o->kind), place->id,
				  e.text);
			kinds &= ~(1u << o->kind);
		}
	}
	for (size_t i = 0; i < place->device_count && (kinds & 1u << ITEM_TUNNEL) != 0; i++) {
		if (!node && strncmp(place->devices[i].name, HOST_TUNNEL_PREFIX,
				     strlen(HOST_TUNNEL_PREFIX)) == 0)
			kernel_tunnel_observe(place, place->devices[i].name);
	}
	host_observe_end(host, place->id, kinds);
}

/*
 * kernel_place: the namespaces that are open: the node's own and the compartments, their sockets,
 * what they tell by themselves, and their devices.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "agent/kernel_private.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/log.h"
#include "base/mem.h"

#define KERNEL_SETTLE_MS 10 /* after a notification, for its siblings to come */

struct kernel_place *kernel_place(const struct kernel *kernel, uint32_t id)
{
	LIST_FOR_EACH (node, &kernel->places) {
		struct kernel_place *place = CONTAINER_OF(node, struct kernel_place, node);

		if (place->id == id)
			return place;
	}
	return NULL;
}

void kernel_place_close(struct kernel_place *place)
{
	if (place == NULL)
		return;
	list_remove(&place->node);
	loop_fd_remove(&place->watch);
	if (place->monitor_fd >= 0)
		close(place->monitor_fd);
	netlink_close(place->nl);
	if (place->netns_fd >= 0)
		close(place->netns_fd);
	mem_free(place->devices);
	mem_free(place);
}

static void on_notification(const struct rtnl_message *message, void *arg)
{
	struct kernel_place *place = arg;
	struct rtnl_route route;

	switch (message->type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		place->dirty_kinds |= 1u << ITEM_LINK;
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		place->dirty_kinds |= 1u << ITEM_ADDR;
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		if (rtnl_route_parse(message, &route) == 0 &&
		    route.protocol != HOST_PROTOCOL_OBJECTS && route.table == HOST_TABLE_MAIN)
			place->dirty_kinds |= 1u << ITEM_ROUTE;
		break;
	default:
		break;
	}
}

static void on_monitor(struct loop_fd *watch, uint32_t events UNUSED, void *arg)
{
	struct kernel_place *place = arg;
	struct kernel *kernel = place->kernel;

	if (netlink_monitor_read(watch->fd, on_notification, place) < 0)
		place->dirty_kinds = KERNEL_ALL_KINDS;
	if (place->dirty_kinds != 0 && !loop_timer_is_set(&kernel->settle))
		loop_timer_set(kernel->loop, &kernel->settle,
			       instant_add(loop_now(kernel->loop), duration_ms(KERNEL_SETTLE_MS)));
}

struct kernel_place *kernel_place_open(struct kernel *kernel, uint32_t id, int netns_fd,
				       struct error *e)
{
	uint32_t groups = 1u << (RTNLGRP_LINK - 1) | 1u << (RTNLGRP_IPV4_IFADDR - 1);
	struct kernel_place *place = mem_zalloc(sizeof(*place));

	if (id == ITEM_PLACE_NODE)
		groups |= 1u << (RTNLGRP_IPV4_ROUTE - 1);
	place->kernel = kernel;
	place->id = id;
	place->netns_fd = netns_fd;
	place->monitor_fd = -1;
	loop_fd_init(&place->watch);
	list_push_back(&kernel->places, &place->node);
	place->nl = netlink_open(netns_fd, e);
	if (place->nl != NULL)
		place->monitor_fd = netlink_monitor_open(netns_fd, groups, e);
	if (place->monitor_fd < 0) {
		kernel_place_close(place);
		return NULL;
	}
	if (loop_fd_add(kernel->loop, &place->watch, place->monitor_fd, EPOLLIN, on_monitor,
			place) < 0) {
		error_set(e, "epoll_ctl of a netlink monitor: %s", strerror(errno));
		kernel_place_close(place);
		return NULL;
	}
	return place;
}

int kernel_netns(const struct kernel *kernel, uint32_t id)
{
	const struct kernel_place *place = kernel_place(kernel, id);

	return place == NULL ? -1 : place->netns_fd;
}

void kernel_device_note(struct kernel_place *place, const struct rtnl_link *link)
{
	struct kernel_device *device;

	MEM_RESERVE(place->devices, place->device_capacity, place->device_count + 1);
	device = &place->devices[place->device_count++];
	device->index = link->index;
	memcpy(device->name, link->name, sizeof(device->name));
}

static void on_device(const struct rtnl_message *message, void *arg)
{
	struct rtnl_link link;

	if (message->type == RTM_NEWLINK && rtnl_link_parse(message, &link) == 0)
		kernel_device_note(arg, &link);
}

void kernel_devices_refresh(struct kernel_place *place)
{
	struct error e = { "" };

	place->device_count = 0;
	if (netlink_dump(place->nl, RTM_GETLINK, AF_UNSPEC, on_device, place, &e) < 0)
		log_event(LOG_LEVEL_WARNING, NULL, "place %u: %s", place->id, e.text);
}

uint32_t kernel_device_known(const struct kernel_place *place, const char *name)
{
	for (size_t i = 0; i < place->device_count; i++) {
		if (strcmp(place->devices[i].name, name) == 0)
			return place->devices[i].index;
	}
	return 0;
}

uint32_t kernel_device_index(struct kernel_place *place, const char *name)
{
	uint32_t index = kernel_device_known(place, name);

	if (index != 0)
		return index;
	kernel_devices_refresh(place);
	return kernel_device_known(place, name);
}

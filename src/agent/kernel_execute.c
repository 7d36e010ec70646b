/*
 * kernel_execute: the brain's operations, done.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "agent/kernel_private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "agent/log.h"
#include "os/netns.h"

/* Operations of one namespace whose messages wait in its batch. */
struct execution {
	struct kernel *kernel;
	const struct host_operation *operations;
	struct kernel_place *batch; /* NULL: nothing waits */
};

static void on_result(uint64_t cookie, int code, const char *text, void *arg)
{
	struct execution *x = arg;
	const struct host_operation *operation = &x->operations[cookie];

	kernel_answer(x->kernel, operation, code, text);
	if (code == 0 && operation->key.kind == ITEM_ADDR && operation->verb == HOST_MAKE &&
	    operation->key.place == ITEM_PLACE_NODE)
		kernel_announce(x->kernel, host_text(x->kernel->host, operation->key.name),
				&operation->key.addr);
}

static void execution_flush(struct execution *x)
{
	struct kernel_place *place = x->batch;
	struct error e = { "" };

	x->batch = NULL;
	if (place != NULL && netlink_flush(place->nl, on_result, x, &e) < 0)
		log_event(LOG_LEVEL_ERROR, host_place_tenant(x->kernel->host, place->id), "%s",
			  e.text);
}

/* The batch to put one message in. */
static struct buf *execution_buf(struct execution *x, struct kernel_place *place)
{
	if (x->batch != place || netlink_is_full(place->nl))
		execution_flush(x);
	x->batch = place;
	return netlink_begin(place->nl);
}

static uint32_t device_index(struct kernel *kernel, struct kernel_place *place, uint32_t name)
{
	return name == 0 ? 0 : kernel_device_known(place, host_text(kernel->host, name));
}

static void execute_namespace(struct kernel *kernel, const struct host_operation *operation)
{
	struct kernel_place *place = kernel_place(kernel, operation->key.place);
	struct error e = { "" };
	char name[NETNS_NAME_MAX];
	int fd, result = 0;

	snprintf(name, sizeof(name), KERNEL_NAMESPACE_PREFIX "%u", operation->key.place);
	if (operation->verb == HOST_REMOVE) {
		kernel_place_close(place);
		result = netns_delete(name, &e);
		kernel_answer(kernel, operation, result < 0 ? EBUSY : 0, e.text);
		return;
	}
	if (place == NULL) {
		fd = netns_create(name, &e);
		place = fd < 0 ? NULL : kernel_place_open(kernel, operation->key.place, fd, &e);
	}
	kernel_answer(kernel, operation, place == NULL ? EIO : 0, e.text);
	if (place != NULL)
		kernel_observe(place, ~(1u << ITEM_NAMESPACE));
}

static int sysctl_set(const char *path, const char *text, struct error *e)
{
	char full[256], now[64];
	ssize_t length;
	int fd, result = 0;

	snprintf(full, sizeof(full), "/proc/sys/%s", path);
	fd = open(full, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return error_set(e, "%s: %s", full, strerror(errno));
	length = read(fd, now, sizeof(now) - 1);
	now[MAX(length, 0)] = '\0';
	now[strcspn(now, "\n")] = '\0';
	if (strcmp(now, text) != 0 && pwrite(fd, text, strlen(text), 0) < 0)
		result = error_set(e, "%s: %s", full, strerror(errno));
	close(fd);
	return result;
}

static void execute_sysctl(struct kernel *kernel, const struct host_operation *operation)
{
	struct kernel_place *place = kernel_place(kernel, operation->key.place);
	struct error e = { "" };
	int home_fd = place == NULL ? -1 : netns_visit(place->netns_fd, &e);
	int result = -1;

	if (home_fd >= 0) {
		result = operation->verb == HOST_REMOVE
				 ? 0
				 : sysctl_set(host_text(kernel->host, operation->key.name),
					      host_text(kernel->host, operation->value.text), &e);
		netns_leave(home_fd);
	}
	kernel_answer(kernel, operation, result < 0 ? EIO : 0, e.text);
}

/* A device is made by a request of the node's own namespace, which becomes its underlay. */
static void put_link_make(struct execution *x, const struct host_operation *operation,
			  struct kernel_place *place, struct rtnl_link *link)
{
	const struct item_value *value = &operation->value;

	snprintf(link->kind, sizeof(link->kind), "vxlan");
	link->has_mac = link->has_vxlan = link->set_up = link->up = true;
	link->mac = value->mac;
	link->mtu = value->mtu;
	link->netns_fd = place->netns_fd;
	link->vxlan =
		(struct rtnl_vxlan){ .vni = value->number, .local = value->addr, .port = 4789 };
	rtnl_link_put(execution_buf(x, kernel_place(x->kernel, ITEM_PLACE_NODE)), RTNL_CREATE,
		      link);
}

static void put_link_move(struct execution *x, struct kernel_place *from,
			  const struct kernel_place *to, struct rtnl_link *link)
{
	struct rtnl_link move = { .netns_fd = to->netns_fd };

	kernel_devices_refresh(from);
	move.index = kernel_device_index(from, link->name);
	rtnl_link_put(execution_buf(x, from), RTNL_CHANGE, &move);
}

static void execute_link(struct execution *x, const struct host_operation *operation, size_t i)
{
	struct kernel *kernel = x->kernel;
	struct kernel_place *place = kernel_place(kernel, operation->key.place);
	struct kernel_place *node = kernel_place(kernel, ITEM_PLACE_NODE);
	struct kernel_place *other = kernel_place(kernel, operation->from_place);
	const struct item_value *value = &operation->value;
	struct rtnl_link link = { 0 };

	if (place == NULL || other == NULL) {
		kernel_answer(kernel, operation, ENOENT, "the compartment is not open");
		return;
	}
	execution_flush(x);
	snprintf(link.name, sizeof(link.name), "%s", host_text(kernel->host, operation->key.name));
	if (operation->verb == HOST_MAKE) {
		put_link_make(x, operation, place, &link);
	} else if (operation->verb == HOST_MOVE) {
		put_link_move(x, other, place, &link);
	} else if (operation->verb == HOST_REMOVE &&
		   (value->link_type == ITEM_LINK_OTHER || value->link_type == ITEM_LINK_PORT)) {
		put_link_move(x, place, node, &link);
	} else {
		kernel_devices_refresh(place);
		link.index = kernel_device_index(place, link.name);
		link.name[0] = '\0';
		link.has_mac = value->link_type == ITEM_LINK_VXLAN;
		link.mac = value->mac;
		link.mtu = value->mtu;
		link.set_up = link.up = true;
		rtnl_link_put(execution_buf(x, place),
			      operation->verb == HOST_REMOVE ? RTNL_DELETE : RTNL_CHANGE, &link);
	}
	netlink_queue(x->batch->nl, i);
	execution_flush(x);
	kernel_devices_refresh(place);
}

static void put_route(struct kernel *kernel, struct kernel_place *place, struct buf *buf,
		      enum rtnl_verb verb, const struct host_operation *operation)
{
	const struct item_key *key = &operation->key;
	const struct item_value *value = &operation->value;
	struct rtnl_route route = { .prefix = { .addr = key->addr, .length = key->length },
				    .table = key->number,
				    .priority = key->priority,
				    .protocol = value->protocol,
				    .nexthop_id = value->number,
				    .gateway = value->addr,
				    .source = value->source };

	if (value->number == 0)
		route.oif = device_index(kernel, place, value->device);
	if (value->number == 0 && value->addr.family == IP_NONE)
		route.scope = RT_SCOPE_LINK;
	rtnl_route_put(buf, verb, &route);
}

static void put_nexthop(struct kernel *kernel, struct kernel_place *place, struct buf *buf,
			enum rtnl_verb verb, const struct host_operation *operation)
{
	const struct item_value *value = &operation->value;
	struct rtnl_nexthop nexthop = { .id = operation->key.number,
					.family = IP_V4,
					.protocol = value->protocol,
					.blackhole = value->blackhole,
					.gateway = value->addr,
					.onlink = value->addr.family != IP_NONE };

	if (!value->blackhole)
		nexthop.oif = device_index(kernel, place, value->device);
	if (value->addr.family != IP_NONE)
		nexthop.family = value->addr.family;
	rtnl_nexthop_put(buf, verb, &nexthop);
}

static void put_neigh(struct kernel *kernel, struct kernel_place *place, struct buf *buf,
		      enum rtnl_verb verb, const struct host_operation *operation)
{
	const struct item_key *key = &operation->key;
	bool fdb = key->kind == ITEM_FDB;
	struct rtnl_neigh neigh = { .index = device_index(kernel, place, key->name),
				    .fdb = fdb,
				    .addr = fdb ? operation->value.addr : key->addr,
				    .mac = fdb ? key->mac : operation->value.mac,
				    .has_mac = true,
				    .permanent = true };

	rtnl_neigh_put(buf, verb, &neigh);
}

static void put_addr(struct kernel *kernel, struct kernel_place *place, struct buf *buf,
		     enum rtnl_verb verb, const struct host_operation *operation)
{
	const struct item_key *key = &operation->key;
	struct rtnl_addr addr = { .index = device_index(kernel, place, key->name),
				  .addr = key->addr,
				  .length = key->length,
				  .protocol = HOST_PROTOCOL_OBJECTS };

	rtnl_addr_put(buf, verb, &addr);
}

static void put_rule(struct kernel *kernel UNUSED, struct kernel_place *place UNUSED,
		     struct buf *buf, enum rtnl_verb verb, const struct host_operation *operation)
{
	struct rtnl_rule rule = { .family = IP_V4,
				  .priority = operation->key.priority,
				  .mark = operation->key.number,
				  .table = operation->value.number,
				  .protocol = HOST_PROTOCOL_OBJECTS };

	rtnl_rule_put(buf, verb == RTNL_DELETE ? RTNL_DELETE : RTNL_CREATE, &rule);
}

typedef void put_fn(struct kernel *kernel, struct kernel_place *place, struct buf *buf,
		    enum rtnl_verb verb, const struct host_operation *operation);

static put_fn *const put_of[ITEM_KINDS] = {
	[ITEM_ADDR] = put_addr,	      [ITEM_NEIGH] = put_neigh, [ITEM_FDB] = put_neigh,
	[ITEM_NEXTHOP] = put_nexthop, [ITEM_ROUTE] = put_route, [ITEM_RULE] = put_rule,
};

static void execute_message(struct execution *x, const struct host_operation *operation, size_t i)
{
	enum rtnl_verb verb = operation->verb == HOST_REMOVE ? RTNL_DELETE : RTNL_REPLACE;
	struct kernel_place *place = kernel_place(x->kernel, operation->key.place);
	uint32_t name = operation->key.name != 0 ? operation->key.name : operation->value.device;

	if (place == NULL) {
		kernel_answer(x->kernel, operation, ENOENT, "the compartment is not open");
		return;
	}
	/* A device that is not known is looked for, which a waiting batch does not allow. */
	if (name != 0 && device_index(x->kernel, place, name) == 0) {
		execution_flush(x);
		kernel_devices_refresh(place);
		if (device_index(x->kernel, place, name) == 0) {
			kernel_answer(x->kernel, operation, ENODEV, "the device is not there");
			return;
		}
	}
	put_of[operation->key.kind](x->kernel, place, execution_buf(x, place), verb, operation);
	netlink_queue(place->nl, i);
}

void kernel_execute(struct kernel *kernel, const struct host_operation *operations, size_t count)
{
	struct execution x = { .kernel = kernel, .operations = operations };

	for (size_t i = 0; i < count; i++) {
		const struct host_operation *operation = &operations[i];

		switch (operation->key.kind) {
		case ITEM_NAMESPACE:
			execute_namespace(kernel, operation);
			break;
		case ITEM_TUNNEL:
			if (operation->verb == HOST_REMOVE)
				kernel_tunnel_remove(kernel, operation);
			else
				kernel_tunnel_make(kernel, operation);
			break;
		case ITEM_SYSCTL:
			execute_sysctl(kernel, operation);
			break;
		case ITEM_LINK:
			execute_link(&x, operation, i);
			break;
		default:
			execute_message(&x, operation, i);
			break;
		}
	}
	execution_flush(&x);
}

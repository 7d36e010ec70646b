/*
 * next_hops: what the kernel's routing table says of BGP next hops (next-hop-resolution: kernel).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/next_hops.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/hmap.h"
#include "base/list.h"
#include "base/mem.h"
#include "heliod/log.h"
#include "netlink/netlink.h"
#include "rtnl/route.h"

#define ASK_MAX 256	    /* a turn of the loop */
#define CHANGE_PAUSE_MS 200 /* changes come in bursts */
#define REPEAT_S 30
#define GROUPS \
	(1u << (RTNLGRP_LINK - 1) | 1u << (RTNLGRP_IPV4_ROUTE - 1) | 1u << (RTNLGRP_IPV6_ROUTE - 1))

struct next_hop {
	struct hmap_node node;
	struct list ask; /* waits to be asked for */
	struct ip_addr address;
	char *instance;
};

struct next_hops {
	struct loop *loop;
	struct speaker *speaker;
	uint64_t seed;
	void (*changed)(void *arg);
	void *arg;
	int fd; /* for questions */
	struct loop_fd monitor;
	struct loop_timer again;
	struct loop_defer work;
	struct list ask;
	struct hmap all;
	uint32_t sequence;
};

struct answer {
	bool reachable;
	uint32_t metric;
};

static int send_question(struct next_hops *next_hops, const struct ip_addr *address)
{
	struct rtmsg body = { .rtm_family = address->family,
			      .rtm_dst_len = ip_family_bits(address->family),
			      .rtm_flags = RTM_F_FIB_MATCH };
	struct buf buf;
	size_t start;
	ssize_t sent;

	buf_init(&buf, 0);
	start = rtnl_message_begin(&buf, RTM_GETROUTE, NLM_F_REQUEST);
	buf_add(&buf, &body, sizeof(body));
	rtnl_attr_put_addr(&buf, RTA_DST, address);
	rtnl_message_end(&buf, start);
	rtnl_message_set_sequence(&buf, start, ++next_hops->sequence);
	sent = send(next_hops->fd, buf.data, buf.length, MSG_NOSIGNAL);
	buf_done(&buf);
	return sent < 0 ? -1 : 0;
}

/* What stops a packet is no way to a next hop. */
static bool is_way(const struct rtnl_route *route)
{
	return route->type == RTN_UNICAST || route->type == RTN_LOCAL;
}

/* The kernel has answered when the question was sent. 1: the answer is there. */
static int read_answer(struct next_hops *next_hops, struct answer *ret)
{
	uint8_t bytes[8192];
	ssize_t length = recv(next_hops->fd, bytes, sizeof(bytes), 0);
	struct rtnl_message message;
	struct reader r;

	if (length < 0)
		return errno == EINTR ? 0 : -1;
	r = reader_of(bytes, (size_t)length);
	while (rtnl_message_next(&r, &message) == 1) {
		struct rtnl_route route;

		if (message.sequence != next_hops->sequence)
			continue;
		*ret = (struct answer){ 0 };
		if (message.type == RTM_NEWROUTE && rtnl_route_parse(&message, &route) == 0)
			*ret = (struct answer){ is_way(&route), route.priority };
		return 1;
	}
	return 0;
}

static void ask(struct next_hops *next_hops, const struct next_hop *next_hop)
{
	struct answer answer = { 0 };
	int result = send_question(next_hops, &next_hop->address);

	while (result == 0)
		result = read_answer(next_hops, &answer);
	if (result < 0) {
		log_line(LOG_WARNING, "next-hop-resolution: asking the kernel: %s",
			 strerror(errno));
		return;
	}
	speaker_next_hop_resolved(next_hops->speaker, next_hop->instance, &next_hop->address,
				  answer.reachable, answer.metric);
}

static void do_work(UNUSED struct loop_defer *defer, void *arg)
{
	struct next_hops *next_hops = arg;
	struct list *node;

	for (int i = 0; i < ASK_MAX && (node = list_pop_front(&next_hops->ask)) != NULL; i++)
		ask(next_hops, CONTAINER_OF(node, struct next_hop, ask));
	if (!list_is_empty(&next_hops->ask))
		loop_defer_add(next_hops->loop, &next_hops->work);
	next_hops->changed(next_hops->arg);
}

static void ask_soon(struct next_hops *next_hops, struct next_hop *next_hop)
{
	if (list_is_empty(&next_hop->ask))
		list_push_back(&next_hops->ask, &next_hop->ask);
	loop_defer_add(next_hops->loop, &next_hops->work);
}

static void repeat_in(struct next_hops *next_hops, duration_t span)
{
	loop_timer_set(next_hops->loop, &next_hops->again,
		       instant_add(loop_now(next_hops->loop), span));
}

static void on_again(UNUSED struct loop_timer *timer, void *arg)
{
	struct next_hops *next_hops = arg;
	struct hmap_node *node;

	HMAP_FOR_EACH (node, &next_hops->all)
		ask_soon(next_hops, CONTAINER_OF(node, struct next_hop, node));
	repeat_in(next_hops, duration_seconds(REPEAT_S));
}

static void on_message(UNUSED const struct rtnl_message *message, UNUSED void *arg)
{
}

static void on_change(struct loop_fd *watch, UNUSED uint32_t events, void *arg)
{
	struct next_hops *next_hops = arg;

	/* Whatever changed, or was lost: all is asked for again, but not at each of many changes.
	 */
	if (netlink_monitor_read(watch->fd, on_message, NULL) < 0)
		log_line(LOG_DEBUG, "next-hop-resolution: notifications were lost");
	if (next_hops->all.count != 0 &&
	    next_hops->again.node.key >
		    instant_add(loop_now(next_hops->loop), duration_ms(CHANGE_PAUSE_MS)).ns)
		repeat_in(next_hops, duration_ms(CHANGE_PAUSE_MS));
}

struct next_hops *next_hops_new(struct loop *loop, struct speaker *speaker, uint64_t seed,
				void (*changed)(void *arg), void *arg, struct error *e)
{
	struct next_hops *next_hops = mem_zalloc(sizeof(*next_hops));
	int fd = netlink_monitor_open(-1, GROUPS, e);

	next_hops->loop = loop;
	next_hops->speaker = speaker;
	next_hops->seed = seed;
	next_hops->changed = changed;
	next_hops->arg = arg;
	next_hops->fd = -1;
	loop_fd_init(&next_hops->monitor);
	loop_timer_init(&next_hops->again, on_again, next_hops);
	loop_defer_init(&next_hops->work, do_work, next_hops);
	list_init(&next_hops->ask);
	hmap_init(&next_hops->all);
	if (fd >= 0 &&
	    loop_fd_add(loop, &next_hops->monitor, fd, EPOLLIN, on_change, next_hops) < 0) {
		error_set(e, "epoll: %s", strerror(errno));
		close(fd);
		fd = -1;
	}
	if (fd >= 0)
		next_hops->fd =
			socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (next_hops->fd >= 0)
		return next_hops;
	if (fd >= 0)
		error_set(e, "netlink: %s", strerror(errno));
	next_hops_free(next_hops);
	return NULL;
}

static void forget(struct next_hops *next_hops, struct next_hop *next_hop)
{
	hmap_remove(&next_hops->all, &next_hop->node);
	list_remove(&next_hop->ask);
	mem_free(next_hop->instance);
	mem_free(next_hop);
}

void next_hops_free(struct next_hops *next_hops)
{
	int monitor_fd;

	if (next_hops == NULL)
		return;
	while (next_hops->all.count != 0)
		forget(next_hops, CONTAINER_OF(hmap_first(&next_hops->all), struct next_hop, node));
	hmap_done(&next_hops->all);
	monitor_fd = next_hops->monitor.fd;
	loop_fd_remove(&next_hops->monitor);
	if (monitor_fd >= 0)
		close(monitor_fd);
	if (next_hops->fd >= 0)
		close(next_hops->fd);
	loop_timer_clear(next_hops->loop, &next_hops->again);
	loop_defer_remove(&next_hops->work);
	mem_free(next_hops);
}

void next_hops_track(struct next_hops *next_hops, const char *instance,
		     const struct ip_addr *address)
{
	uint64_t hash = hash_bytes(address, sizeof(*address), next_hops->seed);
	struct hmap_node *node;
	struct next_hop *new;

	HMAP_FOR_EACH_WITH_HASH (node, hash, &next_hops->all) {
		struct next_hop *next_hop = CONTAINER_OF(node, struct next_hop, node);

		if (ip_addr_equal(&next_hop->address, address) &&
		    strcmp(next_hop->instance, instance) == 0) {
			ask_soon(next_hops, next_hop);
			return;
		}
	}
	new = mem_zalloc(sizeof(*new));
	new->address = *address;
	new->instance = mem_strdup(instance);
	list_init(&new->ask);
	hmap_insert(&next_hops->all, &new->node, hash);
	ask_soon(next_hops, new);
	if (!loop_timer_is_set(&next_hops->again))
		repeat_in(next_hops, duration_seconds(REPEAT_S));
}

void next_hops_instance_deleted(struct next_hops *next_hops, const char *instance)
{
	struct hmap_node *node, *next;

	HMAP_FOR_EACH_SAFE (node, next, &next_hops->all) {
		struct next_hop *next_hop = CONTAINER_OF(node, struct next_hop, node);

		if (strcmp(next_hop->instance, instance) == 0)
			forget(next_hops, next_hop);
	}
}

/*
 * netlink: rtnetlink sockets of a namespace: requests in batches, dumps, and monitors.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A `struct netlink` is one socket in one namespace for requests that are answered at once.
 *Messages are queued (rtnl/ writes them) and flushed with one send for many; every message has its
 *own acknowledgement, which is told with the cookie that it was queued with. A monitor is a socket
 *that only listens.
 *
 *	rtnl_route_put(netlink_begin(nl), RTNL_REPLACE, &route);
 *	netlink_queue(nl, cookie);
 *	...
 *	netlink_flush(nl, on_result, arg);
 */
#ifndef NETLINK_NETLINK_H
#define NETLINK_NETLINK_H

#include "rtnl/message.h"

struct netlink;

/* In the namespace `netns_fd` (borrowed for the call; -1: the present one). NULL with words. */
struct netlink *netlink_open(int netns_fd, struct error *e);
void netlink_close(struct netlink *nl);

/* `code`: 0, or a positive errno with the kernel's words ("" when it has none). */
typedef void netlink_result_fn(uint64_t cookie, int code, const char *text, void *arg);

/* The buffer to put exactly one message in, followed by netlink_queue. */
struct buf *netlink_begin(struct netlink *nl);
void netlink_queue(struct netlink *nl, uint64_t cookie);
/* Is the batch as large as it should get? */
bool netlink_is_full(const struct netlink *nl);
/* Sends what is queued and tells each result, in order. Returns 0, or -1 when the socket failed:
 * the results that did not come are told as EIO then. */
int netlink_flush(struct netlink *nl, netlink_result_fn *call, void *arg, struct error *e);

typedef void netlink_message_fn(const struct rtnl_message *message, void *arg);
/* Dumps all objects of an RTM_GET type. Nothing may be queued. */
int netlink_dump(struct netlink *nl, uint16_t type, uint8_t family, netlink_message_fn *call,
		 void *arg, struct error *e) MUST_CHECK;

/* A non-blocking socket in the namespace that hears the groups (bits 1 << (RTNLGRP_* - 1)).
 * Returns the descriptor, the caller's to close, or -1. */
int netlink_monitor_open(int netns_fd, uint32_t groups, struct error *e) MUST_CHECK;
/* Tells what has come. Returns 0; -1 when messages were lost (ENOBUFS) or the socket failed: what
 * was monitored must be looked at anew. */
int netlink_monitor_read(int fd, netlink_message_fn *call, void *arg) MUST_CHECK;

#endif

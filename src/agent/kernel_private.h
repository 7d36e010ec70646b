/*
 * kernel_private: what the files of `kernel` share, and who calls whom.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AGENT_KERNEL_PRIVATE_H
#define AGENT_KERNEL_PRIVATE_H

#include "agent/kernel.h"
#include "netlink/netlink.h"
#include "rtnl/addr.h"
#include "rtnl/link.h"
#include "rtnl/neigh.h"
#include "rtnl/nexthop.h"
#include "rtnl/route.h"
#include "rtnl/rule.h"

#define KERNEL_NAMESPACE_PREFIX "helio-"
#define KERNEL_OPERATIONS_MAX 4096
#define KERNEL_ALL_KINDS ((1u << ITEM_KINDS) - 1)

struct kernel_device {
	uint32_t index;
	char name[RTNL_NAME_MAX];
};

struct kernel_place {
	struct list node;
	struct kernel *kernel;
	uint32_t id;
	int netns_fd;
	struct netlink *nl;
	int monitor_fd;
	struct loop_fd watch;
	struct kernel_device *devices;
	size_t device_count, device_capacity;
	unsigned dirty_kinds; /* to be observed anew */
	bool failed;	      /* an operation failed here: observe before trying again */
};

struct kernel {
	struct loop *loop;
	struct host *host;
	struct list places;
	struct list children;	   /* processes that make tunnels */
	struct list announcements; /* gratuitous ARP under way */
	struct host_operation *operations;
	struct loop_timer settle, retry, audit;
	struct loop_defer wake;
	bool any_failed;
};

/* Each file calls those above it alone. */

/* kernel_place.c */
struct kernel_place *kernel_place(const struct kernel *kernel, uint32_t id);
struct kernel_place *kernel_place_open(struct kernel *kernel, uint32_t id, int netns_fd,
				       struct error *e);
void kernel_place_close(struct kernel_place *place);
void kernel_devices_refresh(struct kernel_place *place);
/* The index of a device, as the last look had it; 0 when it had none. */
uint32_t kernel_device_known(const struct kernel_place *place, const char *name);
/* The same, but looks again before it says 0. Nothing may be queued at the place. */
uint32_t kernel_device_index(struct kernel_place *place, const char *name);
/* A dump of links is being read: this is one of them. */
void kernel_device_note(struct kernel_place *place, const struct rtnl_link *link);

/* kernel_answer.c */
void kernel_answer(struct kernel *kernel, const struct host_operation *operation, int code,
		   const char *text);

/* kernel_tunnel_look.c */
void kernel_tunnel_observe(struct kernel_place *place, const char *device);

/* kernel_observe.c */
void kernel_observe(struct kernel_place *place, unsigned kinds);

/* kernel_tunnel.c */
void kernel_tunnel_make(struct kernel *kernel, const struct host_operation *operation);
void kernel_tunnel_remove(struct kernel *kernel, const struct host_operation *operation);
void kernel_forget_children(struct kernel *kernel);

/* kernel_announce.c */
/* Tells the segment of the device, three times, that the address is here (gratuitous ARP). */
void kernel_announce(struct kernel *kernel, const char *device, const struct ip_addr *addr);
void kernel_forget_announcements(struct kernel *kernel);

/* kernel_execute.c */
void kernel_execute(struct kernel *kernel, const struct host_operation *operations, size_t count);

#endif

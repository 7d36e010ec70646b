/*
 * kernel: the hands of the brain: observes the node's namespaces and does the operations.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Keeps a socket per namespace for requests, and one that listens. When a device or an address
 * changes, its namespace is observed anew, never patched from the notification: what is true now is
 * asked for. Operations of one namespace travel in batches.
 */
#ifndef AGENT_KERNEL_H
#define AGENT_KERNEL_H

#include "host/host.h"
#include "os/loop.h"
#include "tunnel/tunnel.h"

struct kernel;

/* Observes everything that is there. NULL with words. */
struct kernel *kernel_new(struct loop *loop, struct host *host, struct error *e);
void kernel_free(struct kernel *kernel);

/* Does, soon, whatever the brain has to do. */
void kernel_wake(struct kernel *kernel);
/* Does it now, to its end or to the end of a time budget. */
void kernel_drain(struct kernel *kernel);

/* A descriptor of the place's namespace, borrowed; -1 when it is not open. */
int kernel_netns(const struct kernel *kernel, uint32_t place);
/* What a connection's tunnel does; -1 when it cannot be asked. */
int kernel_tunnel_state(struct kernel *kernel, const struct object *object,
			struct tunnel_state *ret_state);
const char *kernel_tunnel_driver(void);

#endif

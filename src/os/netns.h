/*
 * netns: named network namespaces, as `ip netns` has them (bind mounts under /run/netns), and
 * sockets made inside them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A namespace is entered for the length of one call and left before it returns; the process is
 * single-threaded here, so nothing else sees the change. Descriptors are close-on-exec and the
 * caller's to close.
 */
#ifndef OS_NETNS_H
#define OS_NETNS_H

#include "base/error.h"

#define NETNS_NAME_MAX 64

/* Opens the namespace of that name: a descriptor, or -1 (errno ENOENT: there is none). */
int netns_open(const char *name, struct error *e) MUST_CHECK;
/* The namespace that the process is in. */
int netns_open_self(struct error *e) MUST_CHECK;
/* Makes it; one that exists is kept. Returns a descriptor, or -1. */
int netns_create(const char *name, struct error *e) MUST_CHECK;
/* Unmounts and unlinks the name: the namespace ends with its last process, socket and descriptor.
 * 0 also when there is none. */
int netns_delete(const char *name, struct error *e) MUST_CHECK;

/* Moves the process into the namespace. */
int netns_enter(int netns_fd, struct error *e) MUST_CHECK;

/* Enters netns_fd and returns a descriptor of the namespace that was left, for netns_leave; -1 on
 * failure (nothing is entered then). */
int netns_visit(int netns_fd, struct error *e) MUST_CHECK;
/* Goes back, and closes `home_fd`. A failure ends the process: it would go on in the wrong place.
 */
void netns_leave(int home_fd);

/* socket(2) inside the namespace; netns_fd -1 means the present one. SOCK_CLOEXEC is added. */
int netns_socket(int netns_fd, int domain, int type, int protocol, struct error *e) MUST_CHECK;

typedef void netns_name_fn(const char *name, void *arg);
/* Calls for every name under /run/netns that starts with `prefix`. */
int netns_list(const char *prefix, netns_name_fn *call, void *arg, struct error *e) MUST_CHECK;

#endif

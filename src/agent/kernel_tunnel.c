/*
 * kernel_tunnel: tunnels made, told and taken away, through their drivers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Making a device may take a process its time (wireguard-go); the loop goes on meanwhile, and the
 * operation is answered when the process has ended.
 */
#include "agent/kernel_private.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/log.h"
#include "base/mem.h"

struct kernel_child {
	struct list node;
	struct kernel *kernel;
	struct loop_fd watch;
	pid_t pid;
	int pid_fd;
	struct host_operation operation;
	struct tunnel_config config;
};

static struct tunnel_config config_of(const struct object_wireguard *wireguard)
{
	struct tunnel_config config = { .endpoint_address = wireguard->endpoint_address,
					.endpoint_port = wireguard->endpoint_port,
					.listen_port = wireguard->listen_port,
					.keepalive_seconds = wireguard->keepalive_seconds,
					.mark = wireguard->mark };

	memcpy(config.private_key, wireguard->private_key, sizeof(config.private_key));
	memcpy(config.peer_public_key, wireguard->peer_public_key, sizeof(config.peer_public_key));
	return config;
}

/* Where the device is: its compartment, or still in the node's own namespace. */
static struct kernel_place *tunnel_place(struct kernel *kernel, uint32_t id, const char *device)
{
	struct kernel_place *place = kernel_place(kernel, id);
	struct kernel_place *node = kernel_place(kernel, ITEM_PLACE_NODE);

	if (place != NULL && kernel_device_index(place, device) != 0)
		return place;
	return kernel_device_index(node, device) != 0 ? node : NULL;
}

static void tunnel_configure(struct kernel *kernel, const struct host_operation *operation,
			     const struct tunnel_config *config)
{
	const char *device = host_text(kernel->host, operation->key.name);
	const struct tunnel_driver *driver = tunnel_wireguard(NULL);
	struct kernel_place *place;
	struct error e = { "" };
	int result;

	kernel_devices_refresh(kernel_place(kernel, ITEM_PLACE_NODE));
	place = tunnel_place(kernel, operation->key.place, device);
	if (place == NULL)
		result = error_set(&e, "the driver made no device");
	else
		result = driver->configure(device, place->netns_fd, config, &e);
	kernel_answer(kernel, operation, result < 0 ? EIO : 0, e.text);
	if (place != NULL)
		kernel_observe(place, 1u << ITEM_LINK);
}

static void child_free(struct kernel_child *child)
{
	list_remove(&child->node);
	loop_fd_remove(&child->watch);
	close(child->pid_fd);
	explicit_bzero(&child->config, sizeof(child->config));
	mem_free(child);
}

static void on_child(struct loop_fd *watch UNUSED, uint32_t events UNUSED, void *arg)
{
	struct kernel_child *child = arg;
	struct kernel *kernel = child->kernel;
	char words[64];
	int status;

	if (waitpid(child->pid, &status, WNOHANG) != child->pid)
		return;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		tunnel_configure(kernel, &child->operation, &child->config);
	} else {
		snprintf(words, sizeof(words), "the driver ends with status %d",
			 WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
		kernel_answer(kernel, &child->operation, EIO, words);
	}
	child_free(child);
	loop_defer_add(kernel->loop, &kernel->wake);
}

static void tunnel_wait(struct kernel *kernel, const struct host_operation *operation,
			const struct tunnel_config *config, pid_t pid)
{
	struct kernel_child *child = mem_zalloc(sizeof(*child));

	child->kernel = kernel;
	child->pid = pid;
	child->operation = *operation;
	child->operation.connection = NULL;
	child->config = *config;
	child->pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	loop_fd_init(&child->watch);
	list_push_back(&kernel->children, &child->node);
	if (child->pid_fd < 0 ||
	    loop_fd_add(kernel->loop, &child->watch, child->pid_fd, EPOLLIN, on_child, child) < 0) {
		/* Without a descriptor to watch it is waited for here. */
		waitpid(pid, NULL, 0);
		tunnel_configure(kernel, operation, config);
		child_free(child);
	}
}

void kernel_tunnel_make(struct kernel *kernel, const struct host_operation *operation)
{
	const char *device = host_text(kernel->host, operation->key.name);
	struct error e = { "" };
	const struct tunnel_driver *driver = tunnel_wireguard(&e);
	struct tunnel_config config;
	pid_t pid;

	if (driver == NULL || operation->connection == NULL) {
		kernel_answer(kernel, operation, EOPNOTSUPP, e.text);
		return;
	}
	config = config_of(&operation->connection->wireguard);
	if (tunnel_place(kernel, operation->key.place, device) != NULL) {
		tunnel_configure(kernel, operation, &config);
	} else {
		pid = driver->create(device, &e);
		if (pid < 0)
			kernel_answer(kernel, operation, EIO, e.text);
		else if (pid == 0)
			tunnel_configure(kernel, operation, &config);
		else
			tunnel_wait(kernel, operation, &config, pid);
	}
	explicit_bzero(&config, sizeof(config));
}

static void on_removed(uint64_t cookie UNUSED, int code, const char *text UNUSED, void *arg)
{
	*(int *)arg = code;
}

void kernel_tunnel_remove(struct kernel *kernel, const struct host_operation *operation)
{
	const char *device = host_text(kernel->host, operation->key.name);
	struct kernel_place *place;
	struct rtnl_link link = { 0 };
	int code = 0;

	kernel_devices_refresh(kernel_place(kernel, ITEM_PLACE_NODE));
	place = tunnel_place(kernel, operation->key.place, device);
	if (place != NULL) {
		snprintf(link.name, sizeof(link.name), "%s", device);
		rtnl_link_put(netlink_begin(place->nl), RTNL_DELETE, &link);
		netlink_queue(place->nl, 0);
		netlink_flush(place->nl, on_removed, &code, NULL);
	}
	kernel_answer(kernel, operation, code, NULL);
}

void kernel_forget_children(struct kernel *kernel)
{
	while (!list_is_empty(&kernel->children))
		child_free(CONTAINER_OF(kernel->children.next, struct kernel_child, node));
}

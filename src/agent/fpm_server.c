/*
 * fpm_server: the socket that heliod sends its routes to.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One connection at a time: a new one takes the place of the old, because a heliod that restarted
 * may be here before the old one's end is seen. Nobody is let in before the controller's snapshot
 * is complete: what a next hop means depends on the tunnels of this node.
 */
#include "agent/agent.h"

#include <errno.h>
#include <unistd.h>

#include "agent/local.h"
#include "base/mem.h"
#include "os/unixsock.h"

#define FPM_BUFFER_MAX (1 << 20)
#define FPM_READ_BYTES (128 << 10)

struct fpm_server {
	struct agent *agent;
	int listen_fd, fd;
	struct loop_fd listen_watch, watch;
	struct buf in;
};

static void fpm_close(struct fpm_server *server, const char *words)
{
	if (server->fd < 0)
		return;
	log_event(LOG_LEVEL_WARNING, NULL, "heliod's route feed ends: %s; its routes are kept",
		  words);
	loop_fd_remove(&server->watch);
	close(server->fd);
	server->fd = -1;
	buf_clear(&server->in);
}

static void fpm_log(struct fpm_server *server, const struct fpm_event *event)
{
	if (event->kind == FPM_END_OF_RIB)
		log_event(LOG_LEVEL_INFO, host_place_tenant(server->agent->host, event->table),
			  "End-of-RIB of heliod's table %u", event->table);
}

/* Decodes what is whole. Returns -1 when the stream is lost. */
static int fpm_take(struct fpm_server *server, struct error *e)
{
	size_t done = 0;
	int more;

	for (;;) {
		struct fpm_event event;
		size_t used;

		more = fpm_decode(server->in.data + done, server->in.length - done, &used, &event,
				  e);
		if (more <= 0)
			break;
		done += used;
		fpm_log(server, &event);
		host_fpm_event(server->agent->host, &event);
	}
	buf_consume(&server->in, done);
	return more;
}

static void on_fpm_readable(struct loop_fd *watch UNUSED, uint32_t events UNUSED, void *arg)
{
	struct fpm_server *server = arg;
	char *to = buf_reserve(&server->in, FPM_READ_BYTES);
	struct error e = { "" };
	ssize_t length;

	if (to == NULL) {
		fpm_close(server, "a frame is longer than can be");
		return;
	}
	length = read(server->fd, to, FPM_READ_BYTES);
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length <= 0) {
		fpm_close(server, length == 0 ? "it closed" : strerror(errno));
		return;
	}
	buf_commit(&server->in, (size_t)length);
	if (fpm_take(server, &e) < 0)
		fpm_close(server, e.text);
	kernel_wake(server->agent->kernel);
}

static void on_fpm_accept(struct loop_fd *watch, uint32_t events UNUSED, void *arg)
{
	struct fpm_server *server = arg;
	int fd = unixsock_accept(watch->fd);

	if (fd < 0)
		return;
	fpm_close(server, "a new one takes its place");
	if (loop_fd_add(server->agent->loop, &server->watch, fd, EPOLLIN, on_fpm_readable, server) <
	    0) {
		close(fd);
		return;
	}
	server->fd = fd;
	log_event(LOG_LEVEL_INFO, NULL, "heliod's route feed begins");
	host_fpm_begin(server->agent->host);
}

struct fpm_server *fpm_server_new(struct agent *agent, struct error *e)
{
	struct fpm_server *server = mem_zalloc(sizeof(*server));

	server->agent = agent;
	server->fd = -1;
	loop_fd_init(&server->watch);
	loop_fd_init(&server->listen_watch);
	buf_init(&server->in, FPM_BUFFER_MAX);
	server->listen_fd = local_listen(agent, "fpm.sock", e);
	if (server->listen_fd < 0 || loop_fd_add(agent->loop, &server->listen_watch,
						 server->listen_fd, 0, on_fpm_accept, server) < 0) {
		fpm_server_free(server);
		return NULL;
	}
	return server;
}

void fpm_server_open(struct fpm_server *server)
{
	loop_fd_set(&server->listen_watch, EPOLLIN);
}

void fpm_server_free(struct fpm_server *server)
{
	if (server == NULL)
		return;
	loop_fd_remove(&server->watch);
	loop_fd_remove(&server->listen_watch);
	if (server->fd >= 0)
		close(server->fd);
	if (server->listen_fd >= 0)
		close(server->listen_fd);
	buf_done(&server->in);
	mem_free(server);
}

/*
 * control: the control socket: JSON-RPC for the agent and for operators.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/control.h"

#include <errno.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/mem.h"
#include "os/unixsock.h"
#include "rpc/rpc.h"

#define SOCKET_MODE 0660
#define CLIENTS_MAX 256u
#define READ_BYTES 65536
#define OUT_LOW_BYTES ((size_t)128 << 10) /* below this, more is made */
#define OUT_BYTES_MAX ((size_t)64 << 20)  /* one page, however long, fits */

struct client {
	struct control *control;
	struct list node;
	struct loop_fd watch;
	struct loop_defer work;
	struct rpc_lines lines;
	struct buf out;
	size_t sent;
	bool ended;		    /* it sends no more */
	struct rpc_request request; /* whose answer goes on; root NULL: none */
	uint64_t cursor;
};

struct control {
	struct loop *loop;
	char *path;
	control_call_fn *call;
	void *arg;
	struct loop_fd watch;
	struct list clients; /* who spoke last is last */
	size_t client_count;
};

static void client_free(struct client *client)
{
	int fd = client->watch.fd;

	loop_fd_remove(&client->watch);
	if (fd >= 0)
		close(fd);
	loop_defer_remove(&client->work);
	list_remove(&client->node);
	client->control->client_count--;
	rpc_lines_done(&client->lines);
	rpc_request_done(&client->request);
	buf_done(&client->out);
	mem_free(client);
}

/* Writes what it can. -1: the client is gone. */
static int flush(struct client *client)
{
	while (client->sent < client->out.length) {
		ssize_t sent = unixsock_send(client->watch.fd, client->out.data + client->sent,
					     client->out.length - client->sent, -1);

		if (sent >= 0)
			client->sent += (size_t)sent;
		else if (errno == EAGAIN)
			return 0;
		else if (errno != EINTR)
			return -1;
	}
	buf_clear(&client->out);
	client->sent = 0;
	return 0;
}

static size_t waiting(const struct client *client)
{
	return client->out.length - client->sent;
}

/* The next page of the answer under way; the request ends with its last. */
static void answer_page(struct client *client)
{
	struct control *control = client->control;
	struct rpc_request *request = &client->request;
	int code = RPC_INTERNAL_ERROR;
	struct error e = { "" };
	json_t *result = control->call(request->method, request->params, &client->cursor, &code, &e,
				       control->arg);
	bool more = json_is_true(json_object_get(result, "more"));

	if (request->id != NULL && result != NULL)
		rpc_add_result(&client->out, request->id, result);
	else if (request->id != NULL)
		rpc_add_error(&client->out, request->id, code, e.text);
	json_decref(result);
	if (!more)
		rpc_request_done(request);
}

static void begin_request(struct client *client, const char *line, size_t length)
{
	struct error e;
	int code = rpc_request_parse(line, length, &client->request, &e);

	client->cursor = 0;
	if (code == 0)
		return;
	rpc_add_error(&client->out, client->request.id, code, e.text);
	rpc_request_done(&client->request);
}

/* One step of work; false when there is nothing to do but to wait for the client. */
static bool step(struct client *client)
{
	const char *line;
	size_t length;

	if (waiting(client) >= OUT_LOW_BYTES)
		return false;
	if (client->request.root != NULL) {
		answer_page(client);
		return true;
	}
	line = rpc_lines_next(&client->lines, &length);
	if (line == NULL)
		return false;
	begin_request(client, line, length);
	return true;
}

/* One step a turn, so that a long answer leaves room for BGP. */
static void do_work(UNUSED struct loop_defer *defer, void *arg)
{
	struct client *client = arg;
	bool more = step(client);
	bool idle;

	if (flush(client) < 0 || client->out.overflowed) {
		client_free(client);
		return;
	}
	/* Writing may have made the room that the step did not find. */
	more = more || (client->request.root != NULL && waiting(client) < OUT_LOW_BYTES);
	idle = !more && client->request.root == NULL;
	if (idle && client->ended && waiting(client) == 0) {
		client_free(client);
		return;
	}
	if (more)
		loop_defer_add(client->control->loop, &client->work);
	/* A request that waits for room holds further input up. */
	loop_fd_set(&client->watch, (idle && !client->ended ? (uint32_t)EPOLLIN : 0u) |
					    (waiting(client) != 0 ? (uint32_t)EPOLLOUT : 0u));
}

/* -1: the client is to be closed. */
static int read_some(struct client *client)
{
	char bytes[READ_BYTES];
	ssize_t length = read(client->watch.fd, bytes, sizeof(bytes));

	if (length < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (length == 0)
		client->ended = true;
	else if (rpc_lines_add(&client->lines, bytes, (size_t)length) < 0)
		return -1;
	list_remove(&client->node);
	list_push_back(&client->control->clients, &client->node);
	return 0;
}

static void on_client(UNUSED struct loop_fd *watch, uint32_t events, void *arg)
{
	struct client *client = arg;

	if ((events & EPOLLERR) != 0 || ((events & EPOLLIN) != 0 && read_some(client) < 0) ||
	    ((events & EPOLLHUP) != 0 && (events & EPOLLIN) == 0)) {
		client_free(client);
		return;
	}
	loop_defer_add(client->control->loop, &client->work);
}

static void on_accept(struct loop_fd *watch, UNUSED uint32_t events, void *arg)
{
	struct control *control = arg;
	int fd = unixsock_accept(watch->fd);
	struct client *client;

	if (fd < 0)
		return;
	/* Whoever leaves connections lying about does not keep others out. */
	if (control->client_count == CLIENTS_MAX)
		client_free(CONTAINER_OF(control->clients.next, struct client, node));
	client = mem_zalloc(sizeof(*client));
	client->control = control;
	control->client_count++;
	list_push_back(&control->clients, &client->node);
	rpc_lines_init(&client->lines, 0);
	buf_init(&client->out, OUT_BYTES_MAX);
	loop_fd_init(&client->watch);
	loop_defer_init(&client->work, do_work, client);
	if (loop_fd_add(control->loop, &client->watch, fd, EPOLLIN, on_client, client) < 0) {
		close(fd);
		client_free(client);
	}
}

struct control *control_new(struct loop *loop, const char *path, control_call_fn *call, void *arg,
			    struct error *e)
{
	int fd = unixsock_listen(path, SOCK_STREAM, SOCKET_MODE, e);
	struct control *control;

	if (fd < 0)
		return NULL;
	control = mem_zalloc(sizeof(*control));
	control->loop = loop;
	control->path = mem_strdup(path);
	control->call = call;
	control->arg = arg;
	list_init(&control->clients);
	if (loop_fd_add(loop, &control->watch, fd, EPOLLIN, on_accept, control) < 0) {
		error_set(e, "epoll: %s", strerror(errno));
		loop_fd_init(&control->watch);
		close(fd);
		control_free(control);
		return NULL;
	}
	return control;
}

void control_free(struct control *control)
{
	int fd;

	if (control == NULL)
		return;
	while (!list_is_empty(&control->clients))
		client_free(CONTAINER_OF(control->clients.next, struct client, node));
	fd = control->watch.fd;
	loop_fd_remove(&control->watch);
	if (fd >= 0) {
		close(fd);
		unlink(control->path);
	}
	mem_free(control->path);
	mem_free(control);
}

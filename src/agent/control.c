/*
 * control: the agent's own control socket: what it holds, what it does, what is wrong.
 * SPDX-License-Identifier: Apache-2.0
 *
 * JSON-RPC 2.0, one object a line, like heliod's. `version` and `status`; nothing here changes
 * anything.
 */
#include "agent/agent.h"

#include <errno.h>
#include <unistd.h>

#include "agent/local.h"
#include "base/mem.h"
#include "os/unixsock.h"

#define CONTROL_CLIENTS_MAX 16
#define CONTROL_LINE_MAX 65536
#define CONTROL_OUT_MAX (64 << 20)

struct control_client {
	struct list node;
	struct control *control;
	int fd;
	struct loop_fd watch;
	struct buf in, out;
};

struct control {
	struct agent *agent;
	int listen_fd;
	struct loop_fd watch;
	struct list clients;
	size_t client_count;
};

static void client_free(struct control_client *client)
{
	loop_fd_remove(&client->watch);
	list_remove(&client->node);
	client->control->client_count--;
	close(client->fd);
	buf_done(&client->in);
	buf_done(&client->out);
	mem_free(client);
}

static void on_place(uint32_t place, void *arg)
{
	void **args = arg;
	struct agent *agent = args[0];

	if (place == ITEM_PLACE_NODE || kernel_netns(agent->kernel, place) < 0)
		return;
	json_array_append_new(args[1], json_pack("{s:i, s:s}", "tableId", (int)place, "tenant",
						 host_place_tenant(agent->host, place)));
}

static json_t *control_status(struct agent *agent)
{
	struct host_counts counts = host_count(agent->host);
	json_t *status = report_status(agent, true), *compartments = json_array();
	void *args[] = { agent, compartments };

	host_places(agent->host, on_place, args);
	json_object_set_new(status, "node", json_string(agent->config.node));
	json_object_set_new(status, "controller",
			    json_pack("{s:b, s:b}", "connected",
				      channel_is_connected(agent->channel), "synced",
				      host_is_synced(agent->host)));
	json_object_set_new(status, "heliod",
			    json_pack("{s:b}", "running",
				      agent->heliod != NULL && heliod_is_alive(agent->heliod)));
	json_object_set_new(status, "drivers",
			    json_pack("{s:s}", "WireGuard", kernel_tunnel_driver()));
	json_object_set_new(status, "compartments", compartments);
	json_object_set_new(status, "probes", witness_report(agent->witness));
	json_object_set_new(
		status, "counts",
		json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "objects", (json_int_t)counts.objects,
			  "items", (json_int_t)counts.items, "wanted", (json_int_t)counts.wanted,
			  "dirty", (json_int_t)counts.dirty, "blocked", (json_int_t)counts.blocked,
			  "failed", (json_int_t)counts.failed));
	return status;
}

static json_t *control_answer(struct agent *agent, const json_t *request)
{
	const char *method = json_string_value(json_object_get(request, "method"));
	json_t *id = json_object_get(request, "id");
	json_t *answer = json_pack("{s:s}", "jsonrpc", "2.0");

	json_object_set(answer, "id", id != NULL ? id : json_null());
	if (method != NULL && strcmp(method, "version") == 0)
		json_object_set_new(answer, "result",
				    json_pack("{s:s, s:s}", "program", "helio-agent", "version",
					      HELIOSTAT_VERSION));
	else if (method != NULL && strcmp(method, "status") == 0)
		json_object_set_new(answer, "result", control_status(agent));
	else
		json_object_set_new(answer, "error",
				    json_pack("{s:i, s:s}", "code", -32601, "message",
					      "method: expected version or status"));
	return answer;
}

/* Returns false when the client is gone. */
static bool client_send(struct control_client *client)
{
	while (client->out.length != 0) {
		ssize_t sent = unixsock_send(client->fd, client->out.data, client->out.length, -1);

		if (sent < 0 && errno == EAGAIN)
			break;
		if (sent < 0) {
			client_free(client);
			return false;
		}
		buf_consume(&client->out, (size_t)sent);
	}
	loop_fd_set(&client->watch, EPOLLIN | (client->out.length != 0 ? EPOLLOUT : 0));
	return true;
}

static void client_line(struct control_client *client, const char *line, size_t length)
{
	json_t *request = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
	json_t *answer = control_answer(client->control->agent, request);
	char *text = json_dumps(answer, JSON_COMPACT);

	buf_add_text(&client->out, text);
	buf_add_text(&client->out, "\n");
	free(text);
	json_decref(answer);
	json_decref(request);
}

static void on_client(struct loop_fd *watch, uint32_t events UNUSED, void *arg)
{
	struct control_client *client = arg;
	char bytes[4096];
	ssize_t length = read(watch->fd, bytes, sizeof(bytes));
	const char *end;

	if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR)) {
		client_free(client);
		return;
	}
	if (length > 0)
		buf_add(&client->in, bytes, (size_t)length);
	if (client->in.overflowed) {
		client_free(client);
		return;
	}
	while (client->in.length != 0 &&
	       (end = memchr(client->in.data, '\n', client->in.length)) != NULL) {
		size_t line = (size_t)(end - client->in.data);

		client_line(client, client->in.data, line);
		buf_consume(&client->in, line + 1);
	}
	client_send(client);
}

static void on_control(struct loop_fd *watch, uint32_t events UNUSED, void *arg)
{
	struct control *control = arg;
	int fd = unixsock_accept(watch->fd);
	struct control_client *client;

	if (fd < 0)
		return;
	if (control->client_count >= CONTROL_CLIENTS_MAX) {
		close(fd);
		return;
	}
	client = mem_zalloc(sizeof(*client));
	client->control = control;
	client->fd = fd;
	loop_fd_init(&client->watch);
	buf_init(&client->in, CONTROL_LINE_MAX);
	buf_init(&client->out, CONTROL_OUT_MAX);
	list_push_back(&control->clients, &client->node);
	control->client_count++;
	if (loop_fd_add(control->agent->loop, &client->watch, fd, EPOLLIN, on_client, client) < 0)
		client_free(client);
}

struct control *control_new(struct agent *agent, struct error *e)
{
	struct control *control = mem_zalloc(sizeof(*control));

	control->agent = agent;
	list_init(&control->clients);
	loop_fd_init(&control->watch);
	control->listen_fd = local_listen(agent, "control.sock", e);
	if (control->listen_fd < 0 || loop_fd_add(agent->loop, &control->watch, control->listen_fd,
						  EPOLLIN, on_control, control) < 0) {
		control_free(control);
		return NULL;
	}
	return control;
}

void control_free(struct control *control)
{
	if (control == NULL)
		return;
	while (!list_is_empty(&control->clients))
		client_free(CONTAINER_OF(control->clients.next, struct control_client, node));
	loop_fd_remove(&control->watch);
	if (control->listen_fd >= 0)
		close(control->listen_fd);
	mem_free(control);
}

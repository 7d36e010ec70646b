/*
 * handover: sockets that the agent makes in the tenants' compartments (managed).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/handover.h"

#include <errno.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/hmap.h"
#include "base/list.h"
#include "base/mem.h"
#include "heliod/listener.h"
#include "heliod/log.h"
#include "os/tcp.h"
#include "os/unixsock.h"
#include "rpc/rpc.h"

#define PACKET_BYTES_MAX 65536u
#define SOCKET_MODE 0660
#define LISTEN_PORT 179
#define LISTEN_RETRY_MS 1000
#define SEND_RETRY_MS 50

/* A socket that we want, or have. */
struct request {
	struct list node; /* of struct handover: unsent, or sent */
	struct hmap_node by_id;
	struct hmap_node by_owner; /* the connection, or the listener's instance */
	uint64_t id;
	struct wire_conn *conn; /* a connection; NULL: a listener */
	json_t *packet;
	bool is_sent;
	/* a listener */
	char *instance;
	struct ip_addr address;
	struct listener *listener; /* NULL: it has not come yet */
	bool wanted;
};

struct handover {
	struct loop *loop;
	struct speaker *speaker;
	struct wire *wire;
	char *path;
	struct loop_fd listen_watch;
	struct loop_fd agent;
	struct loop_timer retry;
	struct list unsent; /* in the order in which they are to be sent */
	struct list sent;
	struct hmap ids;
	struct hmap owners;
	uint64_t next_id;
	uint8_t packet[PACKET_BYTES_MAX];
};

static uint64_t hash_conn(const struct wire_conn *conn)
{
	return hash_u64((uint64_t)(uintptr_t)conn, 0);
}

static void request_free(struct handover *handover, struct request *request)
{
	list_remove(&request->node);
	hmap_remove(&handover->ids, &request->by_id);
	hmap_remove(&handover->owners, &request->by_owner);
	listener_free(request->listener);
	json_decref(request->packet);
	mem_free(request->instance);
	mem_free(request);
}

/* -1: it did not go, and is to be sent later. */
static int send_packet(struct handover *handover, const json_t *packet)
{
	struct buf text;
	ssize_t sent;

	if (handover->agent.fd < 0)
		return -1;
	buf_init(&text, PACKET_BYTES_MAX);
	rpc_add_json(&text, packet);
	sent = unixsock_send(handover->agent.fd, text.data, text.length, -1);
	if (text.length != 0)
		explicit_bzero(text.data, text.length); /* passwords */
	buf_done(&text);
	return sent < 0 ? -1 : 0;
}

static void retry_in(struct handover *handover, int64_t ms)
{
	if (!loop_timer_is_set(&handover->retry))
		loop_timer_set(handover->loop, &handover->retry,
			       instant_add(loop_now(handover->loop), duration_ms(ms)));
}

static void send_pending(struct handover *handover)
{
	while (!list_is_empty(&handover->unsent)) {
		struct request *request = CONTAINER_OF(handover->unsent.next, struct request, node);

		if (send_packet(handover, request->packet) < 0) {
			if (handover->agent.fd >= 0)
				retry_in(handover, SEND_RETRY_MS);
			return;
		}
		request->is_sent = true;
		list_remove(&request->node);
		list_push_back(&handover->sent, &request->node);
	}
}

/* To be sent again. */
static void unsend(struct handover *handover, struct request *request)
{
	request->is_sent = false;
	list_remove(&request->node);
	list_push_back(&handover->unsent, &request->node);
}

static struct request *request_new(struct handover *handover, const char *kind,
				   const char *instance, struct wire_conn *conn)
{
	struct request *request = mem_zalloc(sizeof(*request));

	request->id = handover->next_id++;
	request->instance = mem_strdup(instance);
	request->packet = json_pack("{s:I,s:s,s:s}", "id", (json_int_t)request->id, "request", kind,
				    "instance", instance);
	request->conn = conn;
	list_push_back(&handover->unsent, &request->node);
	hmap_insert(&handover->ids, &request->by_id, request->id);
	hmap_insert(&handover->owners, &request->by_owner,
		    conn != NULL ? hash_conn(conn) : hash_string(instance, 0));
	return request;
}

static void set_address(json_t *packet, const char *key, const struct ip_addr *address)
{
	char text[IP_TEXT_MAX];

	if (address->family != IP_NONE)
		json_object_set_new(packet, key, json_string(ip_addr_format(address, text)));
}

void handover_connect(struct handover *handover, struct wire_conn *conn, const char *instance,
		      const struct ip_addr *local, const struct ip_addr *remote, uint16_t port,
		      uint8_t ttl, const char *password)
{
	struct request *request = request_new(handover, "connect", instance, conn);

	set_address(request->packet, "local", local);
	set_address(request->packet, "remote", remote);
	json_object_set_new(request->packet, "port", json_integer(port));
	json_object_set_new(request->packet, "ttl", json_integer(ttl));
	if (password != NULL)
		json_object_set_new(request->packet, "password", json_string(password));
	send_pending(handover);
}

/* What the agent was told is taken back; what it was not told is forgotten. */
static void request_cancel(struct handover *handover, struct request *request)
{
	if (request->is_sent && handover->agent.fd >= 0) {
		json_t *packet = json_pack("{s:I,s:s,s:I}", "id", (json_int_t)handover->next_id++,
					   "request", "cancel", "of", (json_int_t)request->id);

		if (send_packet(handover, packet) < 0)
			log_line(LOG_WARNING, "handover: a cancel was not sent: %s",
				 strerror(errno));
		json_decref(packet);
	}
	request_free(handover, request);
}

void handover_cancel(struct handover *handover, const struct wire_conn *conn)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash_conn(conn), &handover->owners) {
		struct request *request = CONTAINER_OF(node, struct request, by_owner);

		if (request->conn == conn) {
			request_cancel(handover, request);
			return;
		}
	}
}

static bool is_listener_of(const struct request *request, const char *instance)
{
	return request->conn == NULL && strcmp(request->instance, instance) == 0;
}

static struct request *find_listener(const struct handover *handover, const char *instance,
				     const struct ip_addr *address)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash_string(instance, 0), &handover->owners) {
		struct request *request = CONTAINER_OF(node, struct request, by_owner);

		if (is_listener_of(request, instance) && ip_addr_equal(&request->address, address))
			return request;
	}
	return NULL;
}

/* Those of prefixes are set when the socket is here; until then the listener lets nobody in. */
static void add_password(void *context, const struct ip_prefix *peers, const char *password)
{
	const struct ip_prefix host = ip_prefix_host(&peers->addr);
	json_t *entry;

	if (!ip_prefix_equal(peers, &host))
		return;
	entry = json_object();
	set_address(entry, "address", &peers->addr);
	json_object_set_new(entry, "password", json_string(password));
	json_array_append_new(context, entry);
}

static void want_listener(struct handover *handover, const char *instance,
			  const struct ip_addr *address)
{
	struct request *request;
	json_t *passwords;

	if (address->family == IP_NONE)
		return;
	request = find_listener(handover, instance, address);
	if (request == NULL) {
		request = request_new(handover, "listen", instance, NULL);
		request->address = *address;
		passwords = json_array();
		speaker_listen_passwords(handover->speaker, instance, add_password, passwords);
		set_address(request->packet, "address", address);
		json_object_set_new(request->packet, "port", json_integer(LISTEN_PORT));
		json_object_set_new(request->packet, "passwords", passwords);
	}
	request->wanted = true;
}

static void want_listeners_of(struct handover *handover, const struct instance_config *config)
{
	for (size_t i = 0; i < config->neighbor_count; i++) {
		if (config->neighbors[i].enabled)
			want_listener(handover, config->name, &config->neighbors[i].local_address);
	}
	for (size_t i = 0; i < config->dynamic_neighbor_count; i++)
		want_listener(handover, config->name,
			      &config->dynamic_neighbors[i].template.local_address);
}

void handover_refresh(struct handover *handover, const char *instance)
{
	const struct instance_config *config = speaker_instance_config(handover->speaker, instance);
	uint64_t hash = hash_string(instance, 0);
	struct hmap_node *node, *next;

	HMAP_FOR_EACH_WITH_HASH (node, hash, &handover->owners)
		CONTAINER_OF(node, struct request, by_owner)->wanted = false;
	if (config != NULL)
		want_listeners_of(handover, config);
	for (node = hmap_first_with_hash(&handover->owners, hash); node != NULL; node = next) {
		struct request *request = CONTAINER_OF(node, struct request, by_owner);

		next = hmap_next_with_hash(node);
		if (!is_listener_of(request, instance))
			continue;
		if (!request->wanted)
			request_cancel(handover, request);
		else if (request->listener != NULL)
			listener_refresh_passwords(request->listener);
	}
	send_pending(handover);
}

static struct request *find_request(const struct handover *handover, uint64_t id)
{
	struct hmap_node *node = hmap_first_with_hash(&handover->ids, id);

	return node == NULL ? NULL : CONTAINER_OF(node, struct request, by_id);
}

static void take_listener(struct handover *handover, struct request *request, int fd,
			  const char *why)
{
	struct error e;

	if (fd >= 0) {
		request->listener = listener_new(handover->loop, handover->speaker, handover->wire,
						 request->instance, fd, &e);
		why = request->listener == NULL ? e.text : NULL;
	}
	if (why == NULL)
		return;
	log_text(LOG_WARNING, request->instance, NULL, why);
	unsend(handover, request);
	retry_in(handover, LISTEN_RETRY_MS);
}

static void take_connection(struct handover *handover, struct request *request, int fd,
			    const char *why)
{
	struct wire_conn *conn = request->conn;

	request_free(handover, request);
	if (fd >= 0)
		wire_conn_connecting(conn, fd);
	else
		wire_conn_fail(conn, why);
}

/* Takes the descriptor, if there is one. */
static void take_answer(struct handover *handover, const json_t *answer, int fd)
{
	json_int_t id = json_integer_value(json_object_get(answer, "id"));
	const char *why = json_string_value(json_object_get(answer, "error"));
	struct request *request = find_request(handover, (uint64_t)id);

	if (request == NULL || !request->is_sent || request->listener != NULL) {
		/* taken back meanwhile */
		if (fd >= 0)
			close(fd);
		return;
	}
	if (fd >= 0 && tcp_prepare(fd) < 0) {
		close(fd);
		fd = -1;
		why = "the agent's descriptor is no TCP socket";
	}
	if (fd < 0 && why == NULL)
		why = "the agent sent no descriptor";
	if (request->conn != NULL)
		take_connection(handover, request, fd, why);
	else
		take_listener(handover, request, fd, why);
}

/* Without the agent, what it was asked is asked again; its listeners are asked for anew. */
static void forget_agent(struct handover *handover)
{
	int fd = handover->agent.fd;

	if (fd < 0)
		return;
	loop_fd_remove(&handover->agent);
	close(fd);
	while (!list_is_empty(&handover->sent))
		unsend(handover, CONTAINER_OF(handover->sent.next, struct request, node));
}

static void on_agent(UNUSED struct loop_fd *watch, UNUSED uint32_t events, void *arg)
{
	struct handover *handover = arg;

	while (handover->agent.fd >= 0) {
		int fd = -1;
		ssize_t length = unixsock_receive(handover->agent.fd, handover->packet,
						  sizeof(handover->packet), &fd);
		json_t *answer;

		if (length < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (length <= 0) {
			log_line(LOG_WARNING, "handover: the agent is gone: %s",
				 length == 0 ? "it closed the connection" : strerror(errno));
			forget_agent(handover);
			return;
		}
		answer = json_loadb((const char *)handover->packet, (size_t)length,
				    JSON_REJECT_DUPLICATES, NULL);
		if (json_is_object(answer)) {
			take_answer(handover, answer, fd);
		} else {
			log_line(LOG_WARNING, "handover: a packet that is no JSON object");
			if (fd >= 0)
				close(fd);
		}
		json_decref(answer);
	}
}

static void on_accept(struct loop_fd *watch, UNUSED uint32_t events, void *arg)
{
	struct handover *handover = arg;
	int fd = unixsock_accept(watch->fd);

	if (fd < 0)
		return;
	forget_agent(handover);
	LIST_FOR_EACH (node, &handover->unsent) {
		struct request *request = CONTAINER_OF(node, struct request, node);

		listener_free(request->listener);
		request->listener = NULL;
	}
	if (loop_fd_add(handover->loop, &handover->agent, fd, EPOLLIN, on_agent, handover) < 0) {
		close(fd);
		return;
	}
	log_line(LOG_NOTICE, "handover: the agent is connected");
	send_pending(handover);
}

static void on_retry(UNUSED struct loop_timer *timer, void *arg)
{
	send_pending(arg);
}

struct handover *handover_new(struct loop *loop, struct speaker *speaker, struct wire *wire,
			      const char *path, struct error *e)
{
	struct handover *handover = mem_zalloc(sizeof(*handover));
	int fd = unixsock_listen(path, SOCK_SEQPACKET, SOCKET_MODE, e);

	handover->loop = loop;
	handover->speaker = speaker;
	handover->wire = wire;
	handover->path = mem_strdup(path);
	handover->next_id = 1;
	list_init(&handover->unsent);
	list_init(&handover->sent);
	hmap_init(&handover->ids);
	hmap_init(&handover->owners);
	loop_fd_init(&handover->listen_watch);
	loop_fd_init(&handover->agent);
	loop_timer_init(&handover->retry, on_retry, handover);
	if (fd >= 0 &&
	    loop_fd_add(loop, &handover->listen_watch, fd, EPOLLIN, on_accept, handover) < 0) {
		error_set(e, "epoll: %s", strerror(errno));
		close(fd);
		fd = -1;
	}
	if (fd >= 0)
		return handover;
	handover_free(handover);
	return NULL;
}

void handover_free(struct handover *handover)
{
	int fd;

	if (handover == NULL)
		return;
	forget_agent(handover);
	while (!list_is_empty(&handover->unsent))
		request_free(handover, CONTAINER_OF(handover->unsent.next, struct request, node));
	while (!list_is_empty(&handover->sent))
		request_free(handover, CONTAINER_OF(handover->sent.next, struct request, node));
	hmap_done(&handover->ids);
	hmap_done(&handover->owners);
	loop_timer_clear(handover->loop, &handover->retry);
	fd = handover->listen_watch.fd;
	loop_fd_remove(&handover->listen_watch);
	if (fd >= 0) {
		close(fd);
		unlink(handover->path);
	}
	mem_free(handover->path);
	mem_free(handover);
}

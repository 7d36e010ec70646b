/*
 * sockets: sockets made in compartments and handed to heliod.
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/INTERFACES.md section 4. heliod, which parses what strangers send, has no privilege: it
 * asks, and gets a descriptor. An address that is not in the compartment is an error that heliod
 * asks again about. TCP-MD5 is RFC 2385.
 */
#include "agent/agent.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/netns.h"
#include "os/unixsock.h"

#define SOCKETS_PAUSE_MS 300
#define SOCKETS_PACKET_MAX 65536
#define SOCKETS_BACKLOG 128

struct sockets {
	struct agent *agent;
	int fd;
	struct loop_fd watch;
	struct loop_timer timer;
};

/* A socket address; returns its length. */
static socklen_t address_of(const struct ip_addr *addr, uint16_t port,
			    struct sockaddr_storage *ret_address)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	memset(ret_address, 0, sizeof(*ret_address));
	if (addr->family == IP_V4) {
		memcpy(&v4.sin_addr, addr->bytes, 4);
		memcpy(ret_address, &v4, sizeof(v4));
		return sizeof(v4);
	}
	memcpy(&v6.sin6_addr, addr->bytes, 16);
	memcpy(ret_address, &v6, sizeof(v6));
	return sizeof(v6);
}

static int field_addr(const json_t *packet, const char *field, struct ip_addr *ret_addr,
		      struct error *e)
{
	const char *text = json_string_value(json_object_get(packet, field));

	if (text == NULL)
		return error_set(e, "%s: expected an address", field);
	if (ip_addr_parse(text, ret_addr, e) < 0)
		return error_prefix(e, "%s", field);
	return 0;
}

static int socket_set_password(int fd, const struct ip_addr *peer, const char *password,
			       struct error *e)
{
	struct tcp_md5sig md5 = { .tcpm_keylen = (uint16_t)strlen(password) };
	struct sockaddr_storage address;
	int result;

	if (strlen(password) > TCP_MD5SIG_MAXKEYLEN)
		return error_set(e, "password: at most %d characters", TCP_MD5SIG_MAXKEYLEN);
	address_of(peer, 0, &address);
	memcpy(&md5.tcpm_addr, &address, sizeof(md5.tcpm_addr));
	memcpy(md5.tcpm_key, password, strlen(password));
	result = setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &md5, sizeof(md5));
	explicit_bzero(&md5, sizeof(md5));
	return result < 0 ? error_set(e, "TCP-MD5: %s", strerror(errno)) : 0;
}

/* A TCP socket in the tenant's compartment, bound to `local` and `port`. */
static int socket_make(struct sockets *sockets, const char *tenant, const struct ip_addr *local,
		       uint16_t port, struct error *e)
{
	uint32_t place = host_tenant_place(sockets->agent->host, tenant);
	int netns_fd = place == 0 ? -1 : kernel_netns(sockets->agent->kernel, place);
	struct sockaddr_storage address;
	socklen_t length = address_of(local, port, &address);
	int fd, on = 1;
	char text[IP_TEXT_MAX];

	if (netns_fd < 0)
		return error_set(e, "compartment %s does not exist", tenant);
	fd = netns_socket(netns_fd, local->family, SOCK_STREAM | SOCK_NONBLOCK, 0, e);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&address, length) < 0) {
		error_set(e, "%s port %u in compartment %s: %s", ip_addr_format(local, text), port,
			  tenant, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static int sockets_listen(struct sockets *sockets, const json_t *packet, const char *tenant,
			  struct error *e)
{
	int64_t port = json_integer_value(json_object_get(packet, "port"));
	const json_t *passwords = json_object_get(packet, "passwords"), *entry;
	struct ip_addr local, peer;
	size_t i;
	int fd;

	if (port <= 0 || port > UINT16_MAX)
		return error_set(e, "port: expected a number from 1 to 65535");
	if (field_addr(packet, "address", &local, e) < 0)
		return -1;
	fd = socket_make(sockets, tenant, &local, (uint16_t)port, e);
	if (fd < 0)
		return -1;
	json_array_foreach(passwords, i, entry)
	{
		const char *password = json_string_value(json_object_get(entry, "password"));

		if (password == NULL || field_addr(entry, "address", &peer, e) < 0 ||
		    socket_set_password(fd, &peer, password, e) < 0) {
			error_prefix(e, "passwords[%zu]", i);
			close(fd);
			return -1;
		}
	}
	if (listen(fd, SOCKETS_BACKLOG) < 0) {
		error_set(e, "listen: %s", strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static int sockets_connect(struct sockets *sockets, const json_t *packet, const char *tenant,
			   struct error *e)
{
	int64_t port = json_integer_value(json_object_get(packet, "port"));
	int ttl = (int)json_integer_value(json_object_get(packet, "ttl"));
	const char *password = json_string_value(json_object_get(packet, "password"));
	struct ip_addr local, remote;
	struct sockaddr_storage address;
	socklen_t length;
	int fd;

	if (port <= 0 || port > UINT16_MAX)
		return error_set(e, "port: expected a number from 1 to 65535");
	if (field_addr(packet, "local", &local, e) < 0 ||
	    field_addr(packet, "remote", &remote, e) < 0)
		return -1;
	if (local.family != remote.family)
		return error_set(e, "remote: expected the address family of local");
	fd = socket_make(sockets, tenant, &local, 0, e);
	if (fd < 0)
		return -1;
	if (ttl > 0 && ttl <= 255)
		setsockopt(fd, local.family == IP_V4 ? IPPROTO_IP : IPPROTO_IPV6,
			   local.family == IP_V4 ? IP_TTL : IPV6_UNICAST_HOPS, &ttl, sizeof(ttl));
	length = address_of(&remote, (uint16_t)port, &address);
	if ((password != NULL && socket_set_password(fd, &remote, password, e) < 0)) {
		close(fd);
		return -1;
	}
	if (connect(fd, (struct sockaddr *)&address, length) < 0 && errno != EINPROGRESS) {
		error_set(e, "connect: %s", strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static void sockets_close(struct sockets *sockets)
{
	struct loop *loop = sockets->agent->loop;

	if (sockets->fd >= 0) {
		loop_fd_remove(&sockets->watch);
		close(sockets->fd);
	}
	sockets->fd = -1;
	loop_timer_set(loop, &sockets->timer,
		       instant_add(loop_now(loop), duration_ms(SOCKETS_PAUSE_MS)));
}

static void sockets_answer(struct sockets *sockets, json_int_t id, int fd, const char *words)
{
	json_t *answer = json_pack("{s:I}", "id", id);
	char *text;

	if (words == NULL)
		json_object_set_new(answer, "ok", json_true());
	else
		json_object_set_new(answer, "error", json_string(words));
	text = json_dumps(answer, JSON_COMPACT);
	if (unixsock_send(sockets->fd, text, strlen(text), fd) < 0)
		log_event(LOG_LEVEL_WARNING, NULL, "answering heliod's socket request: %s",
			  strerror(errno));
	free(text);
	json_decref(answer);
	if (fd >= 0)
		close(fd);
}

static void sockets_request(struct sockets *sockets, const json_t *packet)
{
	const char *request = json_string_value(json_object_get(packet, "request"));
	const char *tenant = json_string_value(json_object_get(packet, "instance"));
	json_int_t id = json_integer_value(json_object_get(packet, "id"));
	struct error e = { "" };
	int fd = -1;

	if (request == NULL) {
		error_set(&e, "request: expected listen, connect or cancel");
	} else if (strcmp(request, "cancel") == 0) {
		/* The descriptor went to heliod, which closes it: nothing is kept here. */
		sockets_answer(sockets, id, -1, NULL);
		return;
	} else if (tenant == NULL) {
		error_set(&e, "instance: expected a text");
	} else if (strcmp(request, "listen") == 0) {
		fd = sockets_listen(sockets, packet, tenant, &e);
	} else if (strcmp(request, "connect") == 0) {
		fd = sockets_connect(sockets, packet, tenant, &e);
	} else {
		error_set(&e, "request: expected listen, connect or cancel");
	}
	if (fd < 0)
		log_event(LOG_LEVEL_DEBUG, tenant, "socket for heliod: %s", e.text);
	else
		log_event(LOG_LEVEL_DEBUG, tenant, "socket for heliod: %s", request);
	sockets_answer(sockets, id, fd, fd < 0 ? e.text : NULL);
}

static void on_sockets(struct loop_fd *watch UNUSED, uint32_t events UNUSED, void *arg)
{
	struct sockets *sockets = arg;
	static char packet[SOCKETS_PACKET_MAX];
	int passed = -1;
	ssize_t length = unixsock_receive(sockets->fd, packet, sizeof(packet), &passed);
	json_t *document;

	if (passed >= 0)
		close(passed);
	if (length < 0 && (errno == EAGAIN || errno == EINTR || errno == EMSGSIZE))
		return;
	if (length <= 0) {
		sockets_close(sockets);
		return;
	}
	document = json_loadb(packet, (size_t)length, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(document))
		sockets_request(sockets, document);
	json_decref(document);
	explicit_bzero(packet, (size_t)length);
}

static void on_sockets_connect(struct loop_timer *timer UNUSED, void *arg)
{
	struct sockets *sockets = arg;
	const char *path = sockets->agent->config.heliod_sockets;

	sockets->fd = unixsock_connect(path, SOCK_SEQPACKET, NULL);
	if (sockets->fd >= 0 && loop_fd_add(sockets->agent->loop, &sockets->watch, sockets->fd,
					    EPOLLIN, on_sockets, sockets) == 0)
		return;
	if (sockets->fd >= 0)
		close(sockets->fd);
	sockets->fd = -1;
	sockets_close(sockets);
}

struct sockets *sockets_new(struct agent *agent)
{
	struct sockets *sockets = mem_zalloc(sizeof(*sockets));

	sockets->agent = agent;
	sockets->fd = -1;
	loop_fd_init(&sockets->watch);
	loop_timer_init(&sockets->timer, on_sockets_connect, sockets);
	loop_timer_set(agent->loop, &sockets->timer, loop_now(agent->loop));
	return sockets;
}

void sockets_free(struct sockets *sockets)
{
	if (sockets == NULL)
		return;
	sockets_close(sockets);
	loop_timer_clear(sockets->agent->loop, &sockets->timer);
	mem_free(sockets);
}

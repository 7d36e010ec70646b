/*
 * listener: listening sockets for BGP, opened by us (stand-alone) or handed over (managed).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/listener.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "bgp/message.h"
#include "heliod/log.h"
#include "os/tcp.h"

#define ACCEPT_MAX 512 /* a turn */
#define PAUSE_MS 500   /* when there are no descriptors left */

struct key {
	struct ip_addr peer;
	bool wanted;
};

struct listener {
	struct loop *loop;
	struct speaker *speaker;
	struct wire *wire;
	char *instance;
	struct loop_fd watch;
	struct loop_timer pause;
	struct key *keys; /* that the socket has */
	size_t key_count, key_capacity;
};

static void on_pause_over(UNUSED struct loop_timer *timer, void *arg)
{
	struct listener *listener = arg;

	loop_fd_set(&listener->watch, EPOLLIN);
}

/* RFC 4486 4: tells the peer why, as far as one write goes, and closes. */
static void refuse(int fd, uint8_t subcode)
{
	uint8_t bytes[BGP_HEADER_BYTES + 2];
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct bgp_notification n;

	bgp_notification_set(&n, BGP_CEASE, subcode, NULL, 0);
	bgp_notification_encode(&w, &n);
	if (send(fd, bytes, writer_length(&w), MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
		shutdown(fd, SHUT_WR);
	close(fd);
}

/* RFC 5082: a stranger from afar must not even disturb the session that there is. Afterwards the
 * kernel looks at each packet (wire.c). */
static bool comes_from_too_far(const struct listener *listener, int fd, const struct ip_addr *local,
			       const struct ip_addr *remote)
{
	uint8_t least = speaker_ttl_min(listener->speaker, listener->instance, local, remote);
	uint8_t ttl = least == 0 ? 0 : tcp_syn_ttl(fd);

	return ttl != 0 && ttl < least;
}

static void on_event(UNUSED struct loop_fd *watch, UNUSED uint32_t events, void *arg)
{
	struct listener *listener = arg;
	instant_t now = loop_now(listener->loop);

	for (int i = 0; i < ACCEPT_MAX; i++) {
		struct ip_addr local, remote;
		int fd = tcp_accept(listener->watch.fd, &local, &remote);
		struct speaker_conn *conn;
		uint8_t subcode;

		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0) {
			if (errno == EAGAIN)
				return;
			log_line(LOG_ERROR, "accept: %s", strerror(errno));
			loop_fd_set(&listener->watch, 0);
			loop_timer_set(listener->loop, &listener->pause,
				       instant_add(now, duration_ms(PAUSE_MS)));
			return;
		}
		if (comes_from_too_far(listener, fd, &local, &remote)) {
			log_text(LOG_INFO, listener->instance, &remote,
				 "a connection from farther than ttl-security-hops was dropped");
			close(fd);
			continue;
		}
		conn = speaker_accept(listener->speaker, listener->instance, &local, &remote, now);
		if (conn != NULL) {
			if (tcp_set_ttl(fd, remote.family, speaker_conn_ttl(conn)) < 0)
				log_text(LOG_WARNING, listener->instance, &remote,
					 "its TTL could not be set");
			wire_accepted(listener->wire, conn, fd);
			continue;
		}
		subcode = speaker_refusal(listener->speaker, listener->instance, &local, &remote);
		log_text(LOG_INFO, listener->instance, &remote,
			 subcode == BGP_CEASE_COLLISION
				 ? "a second connection was refused: its session is established"
				 : "a connection that no neighbor's configuration allows was "
				   "refused");
		refuse(fd, subcode);
	}
}

struct listener *listener_new(struct loop *loop, struct speaker *speaker, struct wire *wire,
			      const char *instance, int fd, struct error *e)
{
	struct listener *listener = mem_zalloc(sizeof(*listener));

	listener->loop = loop;
	listener->speaker = speaker;
	listener->wire = wire;
	listener->instance = instance == NULL ? NULL : mem_strdup(instance);
	loop_fd_init(&listener->watch);
	loop_timer_init(&listener->pause, on_pause_over, listener);
	if (loop_fd_add(loop, &listener->watch, fd, EPOLLIN, on_event, listener) < 0) {
		error_set(e, "epoll: %s", strerror(errno));
		close(fd);
		listener_free(listener);
		return NULL;
	}
	if (tcp_save_syn(fd) < 0)
		log_text(LOG_WARNING, instance, NULL,
			 "the TTL of new connections cannot be seen (ttl-security-hops)");
	listener_refresh_passwords(listener);
	return listener;
}

void listener_free(struct listener *listener)
{
	int fd;

	if (listener == NULL)
		return;
	fd = listener->watch.fd;
	loop_fd_remove(&listener->watch);
	loop_timer_clear(listener->loop, &listener->pause);
	if (fd >= 0)
		close(fd);
	mem_free(listener->keys);
	mem_free(listener->instance);
	mem_free(listener);
}

static void set_password(void *context, const struct ip_addr *peer, const char *password)
{
	struct listener *listener = context;
	struct key *key = NULL;
	struct error e;

	for (size_t i = 0; i < listener->key_count && key == NULL; i++) {
		if (ip_addr_equal(&listener->keys[i].peer, peer))
			key = &listener->keys[i];
	}
	if (tcp_set_md5(listener->watch.fd, peer, password, &e) < 0) {
		log_text(LOG_ERROR, listener->instance, peer, e.text);
		return;
	}
	if (key == NULL) {
		MEM_RESERVE(listener->keys, listener->key_capacity, listener->key_count + 1);
		key = &listener->keys[listener->key_count++];
		key->peer = *peer;
	}
	key->wanted = true;
}

void listener_refresh_passwords(struct listener *listener)
{
	struct error e;
	size_t kept = 0;

	for (size_t i = 0; i < listener->key_count; i++)
		listener->keys[i].wanted = false;
	speaker_listen_passwords(listener->speaker, listener->instance, set_password, listener);
	for (size_t i = 0; i < listener->key_count; i++) {
		if (listener->keys[i].wanted)
			listener->keys[kept++] = listener->keys[i];
		else if (tcp_set_md5(listener->watch.fd, &listener->keys[i].peer, NULL, &e) < 0)
			log_text(LOG_ERROR, listener->instance, &listener->keys[i].peer, e.text);
	}
	listener->key_count = kept;
}

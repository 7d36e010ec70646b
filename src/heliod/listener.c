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
#include "heliod/passwords.h"
#include "os/tcp.h"

#define ACCEPT_MAX 512 /* a turn */
#define PAUSE_MS 500   /* when there are no descriptors left */

struct listener {
	struct loop *loop;
	struct speaker *speaker;
	struct wire *wire;
	char *instance;
	struct loop_fd watch;
	struct loop_timer pause;
	struct passwords passwords;
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

/* What must not even disturb the session that there is: a stranger from afar (RFC 5082), and who
 * does not know the password. For what comes later the kernel looks at each packet. NULL: let it
 * in. */
static const char *find_fault(const struct listener *listener, int fd, const struct ip_addr *local,
			      const struct ip_addr *remote)
{
	struct speaker_guard guard =
		speaker_guard(listener->speaker, listener->instance, local, remote);
	struct tcp_syn syn;

	if (guard.ttl_min == 0 && !guard.password)
		return NULL;
	syn = tcp_syn(fd);
	if (syn.ttl != 0 && syn.ttl < guard.ttl_min)
		return "a connection from farther than ttl-security-hops was dropped";
	/* It may have come before the kernel had the password, or the kernel could not take it. */
	if (guard.password && !syn.md5)
		return "a connection without the signature of auth-password was dropped";
	return NULL;
}

static void on_event(UNUSED struct loop_fd *watch, UNUSED uint32_t events, void *arg)
{
	struct listener *listener = arg;
	instant_t now = loop_now(listener->loop);

	for (int i = 0; i < ACCEPT_MAX; i++) {
		struct ip_addr local, remote;
		int fd = tcp_accept(listener->watch.fd, &local, &remote);
		struct speaker_conn *conn;
		char why[SPEAKER_WHY_TEXT_MAX], text[SPEAKER_WHY_TEXT_MAX + 32];
		const char *fault;
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
		fault = find_fault(listener, fd, &local, &remote);
		if (fault != NULL) {
			speaker_note_refusal(listener->speaker, listener->instance, &local, &remote,
					     fault);
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
		subcode = speaker_refusal(listener->speaker, listener->instance, &local, &remote,
					  why);
		snprintf(text, sizeof(text), "a connection was refused: %s", why);
		log_text(LOG_INFO, listener->instance, &remote, text);
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
	passwords_init(&listener->passwords, fd, (uint64_t)loop_now(loop).ns);
	if (loop_fd_add(loop, &listener->watch, fd, EPOLLIN, on_event, listener) < 0) {
		error_set(e, "epoll: %s", strerror(errno));
		close(fd);
		listener_free(listener);
		return NULL;
	}
	if (tcp_set_ttl_max(fd) < 0)
		log_text(LOG_WARNING, instance, NULL,
			 "neighbors with GTSM may not hear us: the TTL cannot be set");
	if (tcp_save_syn(fd) < 0)
		log_text(LOG_WARNING, instance, NULL,
			 "what new connections begin with cannot be seen: ttl-security-hops and "
			 "auth-password let nobody in");
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
	passwords_done(&listener->passwords);
	mem_free(listener->instance);
	mem_free(listener);
}

static void want_password(void *context, const struct ip_prefix *peers, const char *password)
{
	passwords_want(context, peers, password);
}

void listener_refresh_passwords(struct listener *listener)
{
	struct error e;

	passwords_begin(&listener->passwords);
	speaker_listen_passwords(listener->speaker, listener->instance, want_password,
				 &listener->passwords);
	if (passwords_end(&listener->passwords, &e) < 0)
		log_text(LOG_ERROR, listener->instance, NULL, e.text);
}

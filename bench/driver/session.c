/*
 * session: one BGP session of the driver, from connect() to Established.
 * SPDX-License-Identifier: Apache-2.0
 *
 * See session.h.
 */
#include "session.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/ip.h"

#define RETRY_MS 100
#define EVENTS_MAX 64
/* Connections under way at once: a daemon accepts a few at a time. */
#define CONNECTING_MAX 64

instant_t session_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (instant_t){ (int64_t)t.tv_sec * 1000000000 + t.tv_nsec };
}

uint32_t session_address(uint32_t number)
{
	return 10u << 24 | 254u << 16 | (1 + number / 250) << 8 | (1 + number % 250);
}

static const char *name_of(const struct session *session, char text[static IP_TEXT_MAX])
{
	struct ip_addr address = ip_addr_v4(session->address);

	return ip_addr_format(&address, text);
}

void session_close(struct session *session)
{
	if (session->fd >= 0)
		close(session->fd);
	session->fd = -1;
	session->state = SESSION_CLOSED;
}

static void try_later(struct session *session, const char *why, instant_t now)
{
	session_close(session);
	session->state = SESSION_IDLE;
	session->tail_length = 0;
	session->retry = instant_add(now, duration_ms(RETRY_MS));
	if (why != NULL)
		error_set(&session->last_error, "%s", why);
}

static int start_connect(struct session *session, const struct session_plan *plan, int epoll,
			 struct error *e)
{
	struct sockaddr_in own = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(session->address) };
	struct epoll_event event = { .events = EPOLLOUT, .data.ptr = session };
	int one = 1;

	session->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (session->fd < 0)
		return error_set(e, "socket: %s", strerror(errno));
	setsockopt(session->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (bind(session->fd, (const struct sockaddr *)&own, sizeof(own)) < 0)
		return error_set(e, "bind to a session's address: %s (is 10.254.0.0/16 local?)",
				 strerror(errno));
	if (connect(session->fd, (const struct sockaddr *)&plan->target, sizeof(plan->target)) <
		    0 &&
	    errno != EINPROGRESS) {
		try_later(session, strerror(errno), session_clock());
		return 0;
	}
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, session->fd, &event) < 0)
		return error_set(e, "epoll: %s", strerror(errno));
	session->state = SESSION_CONNECTING;
	return 0;
}

static bool send_message(const struct session *session, const struct writer *w)
{
	assert(!w->failed);
	return send(session->fd, w->start, writer_length(w), MSG_NOSIGNAL) ==
	       (ssize_t)writer_length(w);
}

static void connected(struct session *session, const struct session_plan *plan, int epoll,
		      instant_t now)
{
	struct wire_open open = { plan->as, session->address, plan->hold_time_seconds,
				  plan->graceful_restart };
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = session };
	uint8_t bytes[128];
	struct writer w = writer_of(bytes, sizeof(bytes));
	int failure = 0;
	socklen_t length = sizeof(failure);

	getsockopt(session->fd, SOL_SOCKET, SO_ERROR, &failure, &length);
	wire_write_open(&w, &open);
	if (failure != 0 || !send_message(session, &w)) {
		try_later(session, strerror(failure != 0 ? failure : errno), now);
		return;
	}
	epoll_ctl(epoll, EPOLL_CTL_MOD, session->fd, &event);
	session->state = SESSION_OPEN_SENT;
}

int session_notified(const struct session *session, struct reader body, struct error *e)
{
	uint8_t code = reader_u8(&body), subcode = reader_u8(&body);
	char text[IP_TEXT_MAX];

	return error_set(e, "the session of %s got NOTIFICATION %u/%u", name_of(session, text),
			 code, subcode);
}

/* One message of the handshake. Returns false when the session has failed. */
static bool handshake(struct session *session, const struct session_plan *plan,
		      const struct wire_message *message, instant_t now)
{
	uint8_t bytes[WIRE_HEADER_BYTES];
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct reader body = message->body;
	uint16_t hold;

	if (message->type == WIRE_NOTIFICATION) {
		session_notified(session, body, &session->last_error);
		return false;
	}
	if (message->type == WIRE_OPEN && session->state == SESSION_OPEN_SENT) {
		reader_bytes(&body, 3);
		hold = MIN(reader_u16(&body), plan->hold_time_seconds);
		session->keepalive_interval = duration_seconds(MAX(hold / 3, 1));
		session->next_keepalive = instant_add(now, session->keepalive_interval);
		wire_write_keepalive(&w);
		session->state = SESSION_OPEN_CONFIRM;
		return send_message(session, &w);
	}
	if (message->type == WIRE_KEEPALIVE && session->state == SESSION_OPEN_CONFIRM)
		session->state = SESSION_ESTABLISHED;
	return true;
}

/* Reads during the handshake; what comes after it stays in the socket or in the tail. */
static void read_handshake(struct session *session, const struct session_plan *plan, instant_t now)
{
	ssize_t got = recv(session->fd, session->tail + session->tail_length,
			   sizeof(session->tail) - session->tail_length, 0);
	struct wire_message message;
	struct reader r;
	int next = 0;

	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		try_later(session, got == 0 ? NULL : strerror(errno), now);
		return;
	}
	session->tail_length += (size_t)got;
	r = reader_of(session->tail, session->tail_length);
	while (session->state != SESSION_ESTABLISHED &&
	       (next = wire_next(&r, &message, &session->last_error)) == 1) {
		if (!handshake(session, plan, &message, now)) {
			try_later(session, NULL, now);
			return;
		}
	}
	if (next < 0) {
		try_later(session, NULL, now);
		return;
	}
	session->tail_length = reader_left(&r);
	memmove(session->tail, r.next, session->tail_length);
}

/* Starts idle sessions that are due, as many as may be under way. Returns how many are not
 * Established, or -1. */
static int start_due(struct session *sessions, size_t count, const struct session_plan *plan,
		     int epoll, instant_t now, struct error *e)
{
	int open = 0, under_way = 0;

	for (size_t i = 0; i < count; i++)
		under_way += sessions[i].state != SESSION_ESTABLISHED &&
			     sessions[i].state != SESSION_IDLE;
	for (size_t i = 0; i < count; i++) {
		if (sessions[i].state == SESSION_ESTABLISHED)
			continue;
		open++;
		if (sessions[i].state != SESSION_IDLE || under_way >= CONNECTING_MAX ||
		    !instant_due(sessions[i].retry, now))
			continue;
		if (start_connect(&sessions[i], plan, epoll, e) < 0)
			return -1;
		under_way++;
	}
	return open;
}

static void handle_event(const struct epoll_event *event, const struct session_plan *plan,
			 int epoll, instant_t now)
{
	struct session *session = event->data.ptr;

	if (session->state == SESSION_CONNECTING)
		connected(session, plan, epoll, now);
	else if (session->state == SESSION_OPEN_SENT || session->state == SESSION_OPEN_CONFIRM)
		read_handshake(session, plan, now);
	if (session->state == SESSION_ESTABLISHED)
		epoll_ctl(epoll, EPOLL_CTL_DEL, session->fd, NULL);
}

static int report_timeout(const struct session *sessions, size_t count, struct error *e)
{
	size_t missing = 0;
	const struct session *first = NULL;
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < count; i++) {
		if (sessions[i].state == SESSION_ESTABLISHED)
			continue;
		missing++;
		if (first == NULL || first->last_error.text[0] == '\0')
			first = &sessions[i];
	}
	assert(first != NULL);
	return error_set(e, "%zu of %zu sessions did not reach Established; %s: %s", missing, count,
			 name_of(first, text),
			 first->last_error.text[0] != '\0' ? first->last_error.text : "no answer");
}

int session_open_all(struct session *sessions, size_t count, const struct session_plan *plan,
		     struct error *e)
{
	instant_t now = session_clock(), deadline = instant_add(now, plan->timeout);
	struct epoll_event events[EVENTS_MAX];
	int epoll = epoll_create1(EPOLL_CLOEXEC), open;

	if (epoll < 0)
		return error_set(e, "epoll: %s", strerror(errno));
	for (size_t i = 0; i < count; i++) {
		sessions[i].fd = -1;
		sessions[i].address = session_address((uint32_t)i);
		sessions[i].retry = now;
	}
	for (;;) {
		int got;

		now = session_clock();
		open = start_due(sessions, count, plan, epoll, now, e);
		if (open <= 0)
			break;
		if (instant_due(deadline, now)) {
			open = report_timeout(sessions, count, e);
			break;
		}
		got = epoll_wait(epoll, events, EVENTS_MAX, 20);
		now = session_clock();
		for (int i = 0; i < got; i++)
			handle_event(&events[i], plan, epoll, now);
		for (size_t i = 0; i < count; i++)
			if (sessions[i].state == SESSION_ESTABLISHED)
				session_keep_alive(&sessions[i], now);
	}
	close(epoll);
	return open;
}

void session_keep_alive(struct session *session, instant_t now)
{
	uint8_t bytes[WIRE_HEADER_BYTES];
	struct writer w = writer_of(bytes, sizeof(bytes));

	if (session->fd < 0 || !instant_due(session->next_keepalive, now))
		return;
	session->next_keepalive = instant_add(now, session->keepalive_interval);
	wire_write_keepalive(&w);
	(void)send_message(session, &w);
}

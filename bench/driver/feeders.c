/*
 * feeders: the sessions that announce the table, and then leave.
 * SPDX-License-Identifier: Apache-2.0
 *
 * See feeders.h.
 */
#include "feeders.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

#define WRITE_BYTES ((size_t)256 * 1024)
#define DISCARD_BYTES ((size_t)1 << 20)
#define EVENTS_MAX 64
#define LEAVE_SECONDS_MAX 20
#define NOTIFY_CEASE 6
#define CEASE_PEER_DECONFIGURED 3

static void fail(struct feeders *feeders, const char *what, int number)
{
	error_set(&feeders->failure, "a feeder's session was closed: %s: %s", what,
		  number == 0 ? "end of stream" : strerror(number));
	atomic_store(&feeders->failed, true);
}

static void finish(struct feeders *feeders, struct feeder *feeder)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = feeder };
	uint8_t bytes[WIRE_HEADER_BYTES + 4];
	struct writer w = writer_of(bytes, sizeof(bytes));

	wire_write_end_of_rib(&w);
	if (send(feeder->session->fd, bytes, writer_length(&w), MSG_NOSIGNAL) < 0)
		return; /* full: the next EPOLLOUT tries again */
	feeder->finished = true;
	feeders->last_byte = session_clock();
	feeder->session->next_keepalive =
		instant_add(feeders->last_byte, feeder->session->keepalive_interval);
	epoll_ctl(feeders->epoll, EPOLL_CTL_MOD, feeder->session->fd, &event);
	feeders->finished_count++;
}

static void feed(struct feeders *feeders, struct feeder *feeder)
{
	const struct table_stream *stream = feeder->stream;
	ssize_t sent;

	if (instant_is_never(feeders->first_byte))
		feeders->first_byte = session_clock();
	if (feeder->sent < stream->length) {
		sent = send(feeder->session->fd, stream->bytes + feeder->sent,
			    MIN(WRITE_BYTES, stream->length - feeder->sent), MSG_NOSIGNAL);
		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			fail(feeders, "send", errno);
		feeder->sent += sent > 0 ? (size_t)sent : 0;
	}
	if (feeder->sent == stream->length && !feeder->finished)
		finish(feeders, feeder);
}

/* Throws away what came; TCP does so without copying (MSG_TRUNC). */
static void discard(struct feeders *feeders, const struct feeder *feeder)
{
	ssize_t got = recv(feeder->session->fd, NULL, DISCARD_BYTES, MSG_TRUNC);

	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		fail(feeders, "recv", got == 0 ? 0 : errno);
}

/* What is unread when a socket is closed, and what comes after, makes TCP reset the connection, and
 * the NOTIFICATION may be lost with it: the daemon closes first. */
static void await_close(const struct session *session, instant_t deadline)
{
	struct pollfd poll_fd = { .fd = session->fd, .events = POLLIN };

	for (;;) {
		ssize_t got = recv(session->fd, NULL, DISCARD_BYTES, MSG_TRUNC);
		int64_t left_ms = duration_to_ms(instant_diff(deadline, session_clock()));

		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR) || left_ms <= 0)
			return;
		if (got < 0)
			poll(&poll_fd, 1, (int)left_ms);
	}
}

static void leave_all(struct feeders *feeders)
{
	uint8_t bytes[32];
	struct writer w = writer_of(bytes, sizeof(bytes));

	wire_write_notification(&w, NOTIFY_CEASE, CEASE_PEER_DECONFIGURED);
	feeders->left = session_clock();
	for (size_t i = 0; i < feeders->count; i++) {
		struct session *session = feeders->feeders[i].session;

		if (feeders->feeders[i].finished &&
		    send(session->fd, bytes, writer_length(&w), MSG_NOSIGNAL) < 0)
			continue; /* the daemon has closed it already */
		shutdown(session->fd, SHUT_WR);
	}
	for (size_t i = 0; i < feeders->count; i++) {
		await_close(feeders->feeders[i].session,
			    instant_add(feeders->left, duration_seconds(LEAVE_SECONDS_MAX)));
		session_close(feeders->feeders[i].session);
	}
}

static void *run(void *argument)
{
	struct feeders *feeders = argument;
	struct epoll_event events[EVENTS_MAX];
	struct timespec cpu;

	while (!atomic_load(&feeders->leave)) {
		int got = epoll_wait(feeders->epoll, events, EVENTS_MAX, 1000);
		instant_t now = session_clock();

		for (int i = 0; i < got && !atomic_load(&feeders->failed); i++) {
			struct feeder *feeder = events[i].data.ptr;

			if (feeder != NULL && events[i].events & EPOLLOUT)
				feed(feeders, feeder);
			if (feeder != NULL && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
				discard(feeders, feeder);
		}
		if (atomic_load(&feeders->failed))
			break;
		for (size_t i = 0; i < feeders->count && got < EVENTS_MAX; i++)
			if (feeders->feeders[i].finished)
				session_keep_alive(feeders->feeders[i].session, now);
	}
	leave_all(feeders);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
	feeders->cpu_seconds = (double)cpu.tv_sec + (double)cpu.tv_nsec * 1e-9;
	return NULL;
}

int feeders_start(struct feeders *feeders, struct session *sessions, size_t count,
		  const struct table *table, struct error *e)
{
	struct epoll_event event = { .events = EPOLLIN };

	*feeders = (struct feeders){ .count = count, .first_byte = INSTANT_NEVER };
	feeders->feeders = mem_zalloc(count * sizeof(*feeders->feeders));
	feeders->epoll = epoll_create1(EPOLL_CLOEXEC);
	feeders->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (feeders->epoll < 0 || feeders->wake < 0 ||
	    epoll_ctl(feeders->epoll, EPOLL_CTL_ADD, feeders->wake, &event) < 0)
		return error_set(e, "epoll: %s", strerror(errno));
	for (size_t i = 0; i < count; i++) {
		feeders->feeders[i].session = &sessions[i];
		feeders->feeders[i].stream = &table->streams[i];
		event = (struct epoll_event){ .events = EPOLLIN | EPOLLOUT,
					      .data.ptr = &feeders->feeders[i] };
		if (epoll_ctl(feeders->epoll, EPOLL_CTL_ADD, sessions[i].fd, &event) < 0)
			return error_set(e, "epoll: %s", strerror(errno));
	}
	if (pthread_create(&feeders->thread, NULL, run, feeders) != 0)
		return error_set(e, "pthread_create failed");
	return 0;
}

void feeders_leave(struct feeders *feeders)
{
	uint64_t one = 1;

	atomic_store(&feeders->leave, true);
	if (write(feeders->wake, &one, sizeof(one)) < 0)
		perror("eventfd");
	pthread_join(feeders->thread, NULL);
}

void feeders_done(struct feeders *feeders)
{
	mem_free(feeders->feeders);
	close(feeders->epoll);
	close(feeders->wake);
}

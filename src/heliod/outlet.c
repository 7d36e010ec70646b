/*
 * outlet: an outgoing stream that is kept up: connect, buffer, reconnect.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/outlet.h"

#include <errno.h>
#include <unistd.h>

#include "os/tcp.h"
#include "os/unixsock.h"

/* A reader on this machine is soon back; another one is not to be flooded with connections (RFC
 * 7854 3.2). */
#define RETRY_FIRST_MS 100
#define RETRY_MAX_LOCAL_MS 2000
#define RETRY_MAX_MS 30000
/* A connection that lasted as long was a good one: the next attempt follows at once. */
#define STEADY_MS 10000

static void disconnect(struct outlet *outlet)
{
	int fd = outlet->watch.fd;

	loop_fd_remove(&outlet->watch);
	if (fd >= 0)
		close(fd);
	outlet->up = false;
	buf_clear(&outlet->buffer);
	outlet->sent = 0;
}

static void retry_later(struct outlet *outlet)
{
	loop_timer_set(outlet->loop, &outlet->retry,
		       instant_add(loop_now(outlet->loop), duration_ms(outlet->retry_ms)));
	outlet->retry_ms =
		MIN(outlet->retry_ms * 2, outlet->path != NULL ? RETRY_MAX_LOCAL_MS : RETRY_MAX_MS);
}

static void lost(struct outlet *outlet, const char *why)
{
	bool was_up = outlet->up;

	disconnect(outlet);
	if (was_up && !instant_before(loop_now(outlet->loop),
				      instant_add(outlet->up_since, duration_ms(STEADY_MS))))
		outlet->retry_ms = RETRY_FIRST_MS;
	if (was_up)
		outlet->ops->closed(outlet->arg, why);
	retry_later(outlet);
}

static void flush(struct outlet *outlet)
{
	bool wrote = outlet->buffer.length != 0;

	while (outlet->sent < outlet->buffer.length) {
		ssize_t sent = unixsock_send(outlet->watch.fd, outlet->buffer.data + outlet->sent,
					     outlet->buffer.length - outlet->sent, -1);

		if (sent >= 0) {
			outlet->sent += (size_t)sent;
		} else if (errno == EAGAIN) {
			loop_fd_set(&outlet->watch, EPOLLIN | EPOLLOUT);
			return;
		} else if (errno != EINTR) {
			lost(outlet, strerror(errno));
			return;
		}
	}
	buf_clear(&outlet->buffer);
	outlet->sent = 0;
	loop_fd_set(&outlet->watch, EPOLLIN);
	/* Its owner may have stopped for want of room. */
	if (wrote)
		outlet_wake(outlet);
}

static void pump(UNUSED struct loop_defer *defer, void *arg)
{
	struct outlet *outlet = arg;

	if (!outlet->up)
		return;
	if (outlet_has_room(outlet))
		outlet->ops->room(outlet->arg);
	if (outlet->buffer.overflowed) {
		lost(outlet, "the buffer is full");
		return;
	}
	flush(outlet);
}

static void on_up(struct outlet *outlet)
{
	outlet->up = true;
	outlet->up_since = loop_now(outlet->loop);
	outlet->ops->opened(outlet->arg);
	outlet_wake(outlet);
}

/* Readers send nothing: what can be read is the end, or is thrown away. */
static bool read_away(struct outlet *outlet)
{
	char bytes[512];
	ssize_t length = read(outlet->watch.fd, bytes, sizeof(bytes));

	if (length > 0 || (length < 0 && (errno == EAGAIN || errno == EINTR)))
		return true;
	lost(outlet, length == 0 ? "the reader closed the connection" : strerror(errno));
	return false;
}

static void on_event(UNUSED struct loop_fd *watch, uint32_t events, void *arg)
{
	struct outlet *outlet = arg;
	struct error e;

	if (!outlet->up) {
		if (tcp_connect_result(outlet->watch.fd, &e) < 0)
			lost(outlet, e.text);
		else
			on_up(outlet);
		return;
	}
	if ((events & ~(uint32_t)EPOLLOUT) != 0 && !read_away(outlet))
		return;
	outlet_wake(outlet);
}

static void on_retry(UNUSED struct loop_timer *timer, void *arg)
{
	static const struct ip_addr any = { 0 };
	struct outlet *outlet = arg;
	struct error e;
	int fd;

	fd = outlet->path != NULL
		     ? unixsock_connect(outlet->path, SOCK_STREAM, &e)
		     : tcp_connect(&any, &outlet->address, outlet->port, 0, 0, NULL, &e);
	if (fd < 0) {
		retry_later(outlet);
		return;
	}
	if (loop_fd_add(outlet->loop, &outlet->watch, fd, outlet->path != NULL ? EPOLLIN : EPOLLOUT,
			on_event, outlet) < 0) {
		close(fd);
		retry_later(outlet);
		return;
	}
	if (outlet->path != NULL)
		on_up(outlet);
}

void outlet_init(struct outlet *outlet, struct loop *loop, const char *path,
		 const struct ip_addr *address, uint16_t port, const struct outlet_ops *ops,
		 void *arg)
{
	*outlet = (struct outlet){ .loop = loop,
				   .ops = ops,
				   .arg = arg,
				   .path = path,
				   .port = port,
				   .retry_ms = RETRY_FIRST_MS };
	if (path == NULL)
		outlet->address = *address;
	buf_init(&outlet->buffer, OUTLET_BUFFER_BYTES_MAX);
	loop_fd_init(&outlet->watch);
	loop_timer_init(&outlet->retry, on_retry, outlet);
	loop_defer_init(&outlet->pump, pump, outlet);
	loop_timer_set(loop, &outlet->retry, loop_now(loop));
}

void outlet_done(struct outlet *outlet)
{
	disconnect(outlet);
	loop_timer_clear(outlet->loop, &outlet->retry);
	loop_defer_remove(&outlet->pump);
	buf_done(&outlet->buffer);
}

bool outlet_is_up(const struct outlet *outlet)
{
	return outlet->up;
}

bool outlet_has_room(const struct outlet *outlet)
{
	return outlet->buffer.length - outlet->sent < OUTLET_ROOM_BYTES &&
	       outlet->buffer.length < OUTLET_BUFFER_BYTES_MAX / 2;
}

struct buf *outlet_buffer(struct outlet *outlet)
{
	return &outlet->buffer;
}

void outlet_wake(struct outlet *outlet)
{
	if (outlet->up)
		loop_defer_add(outlet->loop, &outlet->pump);
}

/*
 * wire: the BGP connections of the process: reading, draining, writing.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/list.h"
#include "base/mem.h"
#include "os/tcp.h"

#define READ_BYTES ((size_t)256 << 10)
#define TAIL_BYTES_MAX 65536u /* more than the longest message */
#define WRITE_BYTES ((size_t)64 << 10)
#define WRITE_VECTORS 64
#define WRITE_PASSES 8
#define DRAIN_PAUSE_MS 3   /* input may hold the drain up for so long */
#define STALL_MS 1000	   /* a tick that late: the process stood still, and input comes first */
#define STALL_TURNS_MAX 64 /* so many turns long */

struct wire {
	struct loop *loop;
	struct speaker *speaker;
	struct loop_timer tick;
	struct loop_defer work;
	struct list readable;	    /* struct wire_conn by `in` */
	struct list writable;	    /* by `out` */
	struct list failed;	    /* by `in`: no socket came */
	struct wire_conn *in_input; /* whose octets the speaker has just now; NULL once closed */
	bool drain_wanted;
	instant_t dirty_since; /* when the first octets came that no drain followed */
	unsigned stall_turns;
	uint8_t buffer[READ_BYTES];
};

struct wire_conn {
	struct wire *wire;
	struct speaker_conn *speaker;
	struct loop_fd watch;
	struct list in, out;
	bool connecting;
	bool blocked; /* the socket takes no more; EPOLLOUT will come */
	bool hung_up; /* the end is in the socket, behind what can be read */
	uint32_t tail_length;
	uint8_t *tail; /* the beginning of a message */
	char *failure; /* why there is no socket, or why it takes nothing any more */
};

static void do_work(struct loop_defer *defer, void *arg);

static void on_tick(UNUSED struct loop_timer *timer, void *arg)
{
	wire_wake(arg);
}

struct wire *wire_new(struct loop *loop, struct speaker *speaker)
{
	struct wire *wire = mem_alloc(sizeof(*wire));

	/* The buffer is left untouched: its pages come when octets do. */
	wire->loop = loop;
	wire->speaker = speaker;
	wire->in_input = NULL;
	wire->drain_wanted = false;
	wire->dirty_since = INSTANT_NEVER;
	wire->stall_turns = 0;
	list_init(&wire->readable);
	list_init(&wire->writable);
	list_init(&wire->failed);
	loop_timer_init(&wire->tick, on_tick, wire);
	loop_defer_init(&wire->work, do_work, wire);
	return wire;
}

void wire_free(struct wire *wire)
{
	if (wire == NULL)
		return;
	loop_timer_clear(wire->loop, &wire->tick);
	loop_defer_remove(&wire->work);
	mem_free(wire);
}

void wire_wake(struct wire *wire)
{
	wire->drain_wanted = true;
	loop_defer_add(wire->loop, &wire->work);
}

static void add_once(struct wire *wire, struct list *to, struct list *node)
{
	if (list_is_empty(node))
		list_push_back(to, node);
	loop_defer_add(wire->loop, &wire->work);
}

struct wire_conn *wire_conn_new(struct wire *wire, struct speaker_conn *conn)
{
	struct wire_conn *new = mem_zalloc(sizeof(*new));

	new->wire = wire;
	new->speaker = conn;
	list_init(&new->in);
	list_init(&new->out);
	loop_fd_init(&new->watch);
	speaker_conn_set_data(conn, new);
	return new;
}

static void conn_free(struct wire_conn *conn)
{
	int fd = conn->watch.fd;

	if (conn->wire->in_input == conn)
		conn->wire->in_input = NULL;
	list_remove(&conn->in);
	list_remove(&conn->out);
	loop_fd_remove(&conn->watch);
	if (fd >= 0)
		close(fd);
	mem_free(conn->tail);
	mem_free(conn->failure);
	mem_free(conn);
}

/* The transport ended: the speaker is told, which forgets its connection. */
static void conn_lost(struct wire_conn *conn, const char *why)
{
	struct speaker_conn *speaker_conn = conn->speaker;
	struct wire *wire = conn->wire;

	conn_free(conn);
	speaker_closed(speaker_conn, why, loop_now(wire->loop));
	wire_wake(wire);
}

static void connect_failed(struct wire_conn *conn, const char *why)
{
	struct speaker_conn *speaker_conn = conn->speaker;
	struct wire *wire = conn->wire;

	conn_free(conn);
	speaker_connect_failed(speaker_conn, why, loop_now(wire->loop));
	wire_wake(wire);
}

static void on_connected(struct wire_conn *conn)
{
	struct ip_addr local = tcp_local_address(conn->watch.fd);
	struct wire *wire = conn->wire;
	struct error e;

	if (tcp_connect_result(conn->watch.fd, &e) < 0) {
		connect_failed(conn, e.text);
		return;
	}
	conn->connecting = false;
	add_once(wire, &wire->readable, &conn->in);
	add_once(wire, &wire->writable, &conn->out);
	speaker_connected(conn->speaker, &local, loop_now(wire->loop));
}

static void on_event(UNUSED struct loop_fd *watch, uint32_t events, void *arg)
{
	struct wire_conn *conn = arg;
	struct wire *wire = conn->wire;

	if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
		conn->hung_up = true;
	if (conn->connecting) {
		on_connected(conn);
		return;
	}
	if ((events & EPOLLIN) != 0 || conn->hung_up)
		add_once(wire, &wire->readable, &conn->in);
	if ((events & EPOLLOUT) != 0 && conn->blocked && conn->failure == NULL) {
		conn->blocked = false;
		add_once(wire, &wire->writable, &conn->out);
	}
}

static int watch(struct wire_conn *conn, int fd)
{
	/* However the socket was made: what comes from too far must not get in (RFC 5082). */
	if (tcp_set_ttl_min(fd, speaker_conn_ttl_min(conn->speaker)) < 0)
		return -1;
	return loop_fd_add(conn->wire->loop, &conn->watch, fd,
			   EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, on_event, conn);
}

void wire_conn_connecting(struct wire_conn *conn, int fd)
{
	conn->connecting = true;
	if (watch(conn, fd) < 0) {
		wire_conn_fail(conn, strerror(errno));
		close(fd);
	}
}

void wire_conn_fail(struct wire_conn *conn, const char *why)
{
	conn->connecting = false;
	conn->failure = mem_strdup(why);
	add_once(conn->wire, &conn->wire->failed, &conn->in);
}

bool wire_conn_has_socket(const struct wire_conn *conn)
{
	return conn->watch.fd >= 0;
}

void wire_accepted(struct wire *wire, struct speaker_conn *conn, int fd)
{
	struct wire_conn *new = wire_conn_new(wire, conn);

	if (watch(new, fd) < 0) {
		close(fd);
		conn_lost(new, strerror(errno));
		return;
	}
	/* The speaker may have had something to say before it knew us. */
	add_once(wire, &wire->readable, &new->in);
	add_once(wire, &wire->writable, &new->out);
}

void wire_want_write(struct wire *wire, struct speaker_conn *speaker_conn)
{
	struct wire_conn *conn = speaker_conn_data(speaker_conn);

	if (conn != NULL && !conn->blocked && !conn->connecting && conn->watch.fd >= 0)
		add_once(wire, &wire->writable, &conn->out);
}

void wire_close(struct wire *wire, struct speaker_conn *speaker_conn)
{
	struct wire_conn *conn = speaker_conn_data(speaker_conn);
	struct iovec vectors[WRITE_VECTORS];

	if (conn == NULL)
		return;
	if (conn->watch.fd >= 0 && !conn->connecting) {
		size_t count = speaker_output(speaker_conn, vectors, WRITE_VECTORS, WRITE_BYTES);

		/* A NOTIFICATION, if there is one; nobody is there for an error. */
		if (count != 0 && writev(conn->watch.fd, vectors, (int)count) < 0)
			errno = 0;
		/* Closing with octets unread sends a reset, which may overtake it. */
		if (recv(conn->watch.fd, NULL, INT32_MAX, MSG_TRUNC | MSG_DONTWAIT) < 0)
			errno = 0;
	}
	conn_free(conn);
	loop_defer_add(wire->loop, &wire->work);
}

static void keep_tail(struct wire_conn *conn, const uint8_t *bytes, size_t length)
{
	mem_free(conn->tail);
	conn->tail = length == 0 ? NULL : mem_dup(bytes, length);
	conn->tail_length = (uint32_t)length;
}

/* Hands over what is in the buffer. False when the connection is no more. */
static bool give_input(struct wire_conn *conn, size_t length)
{
	struct wire *wire = conn->wire;
	size_t used;

	wire->in_input = conn;
	used = speaker_input(conn->speaker, wire->buffer, length, loop_clock(wire->loop));
	if (wire->in_input == NULL)
		return false;
	wire->in_input = NULL;
	if (length - used > TAIL_BYTES_MAX) {
		conn_lost(conn, "a message without end");
		return false;
	}
	keep_tail(conn, wire->buffer + used, length - used);
	if (instant_is_never(wire->dirty_since))
		wire->dirty_since = loop_now(wire->loop);
	return true;
}

/* The socket is at its end, or broken. */
static void reading_ended(struct wire_conn *conn, const char *why)
{
	char *failure = conn->failure;

	conn->failure = NULL;
	conn_lost(conn, failure != NULL ? failure : why);
	mem_free(failure);
}

/* Reads once. The connection leaves the list when its socket is empty. */
static void read_once(struct wire_conn *conn)
{
	struct wire *wire = conn->wire;
	size_t room = READ_BYTES - conn->tail_length;
	ssize_t length;

	if (conn->tail_length != 0)
		memcpy(wire->buffer, conn->tail, conn->tail_length);
	do
		length = read(conn->watch.fd, wire->buffer + conn->tail_length, room);
	while (length < 0 && errno == EINTR);
	if (length <= 0) {
		if (length < 0 && errno == EAGAIN && conn->failure == NULL)
			list_remove(&conn->in);
		else
			reading_ended(conn, length == 0 ? "the peer closed it" : strerror(errno));
		return;
	}
	/* What comes after a short read makes a new event; the end may have made its own before. */
	if ((size_t)length < room && !conn->hung_up)
		list_remove(&conn->in);
	give_input(conn, conn->tail_length + (size_t)length);
}

/* One read for each connection that has input. Returns whether there was any. */
static bool read_pass(struct wire *wire, bool all)
{
	struct list pass;
	bool any = false;

	list_init(&pass);
	while (!list_is_empty(&wire->readable))
		list_push_back(&pass, list_pop_front(&wire->readable));
	while (!list_is_empty(&pass)) {
		struct list *node = list_pop_front(&pass);

		list_push_back(&wire->readable, node);
		if (!all && speaker_wants_drain(wire->speaker))
			continue;
		read_once(CONTAINER_OF(node, struct wire_conn, in));
		any = true;
	}
	return any;
}

/* A peer that closes may have said why: its NOTIFICATION waits in the socket, and is read before
 * the connection is given up. It decides whether routes are retained (RFC 4724 4). */
static void writing_failed(struct wire_conn *conn, const char *why)
{
	conn->failure = mem_strdup(why);
	conn->blocked = true;
	conn->hung_up = true;
	list_remove(&conn->out);
	add_once(conn->wire, &conn->wire->readable, &conn->in);
}

/* Writes once. False when the connection left the list: blocked, empty, or lost. */
static bool write_once(struct wire_conn *conn)
{
	struct wire *wire = conn->wire;
	struct iovec vectors[WRITE_VECTORS];
	size_t count = speaker_output(conn->speaker, vectors, WRITE_VECTORS, WRITE_BYTES);
	size_t offered = 0;
	ssize_t written;

	if (count == 0) {
		list_remove(&conn->out);
		return false;
	}
	for (size_t i = 0; i < count; i++)
		offered += vectors[i].iov_len;
	do
		written = writev(conn->watch.fd, vectors, (int)count);
	while (written < 0 && errno == EINTR);
	if (written < 0 && errno != EAGAIN) {
		writing_failed(conn, strerror(errno));
		return false;
	}
	if (written > 0)
		speaker_wrote(conn->speaker, (size_t)written, loop_now(wire->loop));
	if (written >= 0 && (size_t)written == offered)
		return true;
	conn->blocked = true;
	list_remove(&conn->out);
	return false;
}

static void write_pass(struct wire *wire)
{
	struct list pass;

	list_init(&pass);
	while (!list_is_empty(&wire->writable))
		list_push_back(&pass, list_pop_front(&wire->writable));
	while (!list_is_empty(&pass)) {
		struct list *node = list_pop_front(&pass);

		list_push_back(&wire->writable, node);
		write_once(CONTAINER_OF(node, struct wire_conn, out));
	}
}

static void tell_failures(struct wire *wire)
{
	while (!list_is_empty(&wire->failed)) {
		struct wire_conn *conn =
			CONTAINER_OF(list_pop_front(&wire->failed), struct wire_conn, in);
		char *why = conn->failure;

		conn->failure = NULL;
		connect_failed(conn, why);
		mem_free(why);
	}
}

/* Timers. Octets that wait in a socket are a sign of life: after a stall the sockets are looked at
 * once more, and read, first. */
static bool tick(struct wire *wire, bool had_input)
{
	instant_t now = loop_now(wire->loop);
	instant_t deadline = speaker_deadline(wire->speaker);

	if (!instant_due(deadline, now)) {
		wire->stall_turns = 0;
		return false;
	}
	if ((had_input || wire->stall_turns == 0) && wire->stall_turns < STALL_TURNS_MAX &&
	    instant_diff(now, deadline).ns > duration_ms(STALL_MS).ns) {
		wire->stall_turns++;
		return true;
	}
	wire->stall_turns = 0;
	speaker_tick(wire->speaker, now);
	return true;
}

/* Input that goes on holds the drain up for a little, for larger batches. */
static bool drain_due(const struct wire *wire, bool had_input)
{
	if (!had_input || speaker_wants_drain(wire->speaker))
		return true;
	return instant_diff(loop_now(wire->loop), wire->dirty_since).ns >
	       duration_ms(DRAIN_PAUSE_MS).ns;
}

static void do_work(UNUSED struct loop_defer *defer, void *arg)
{
	struct wire *wire = arg;
	bool late = instant_due(speaker_deadline(wire->speaker), loop_now(wire->loop));
	bool had_input, again;

	tell_failures(wire);
	had_input = read_pass(wire, late);
	loop_clock(wire->loop);
	again = tick(wire, had_input) || had_input;
	if (!instant_is_never(wire->dirty_since) || speaker_is_dirty(wire->speaker))
		wire->drain_wanted = true;
	if (wire->drain_wanted && drain_due(wire, had_input)) {
		wire->drain_wanted = speaker_drain(wire->speaker, loop_now(wire->loop));
		wire->dirty_since = INSTANT_NEVER;
	}
	for (int i = 0; i < WRITE_PASSES && !list_is_empty(&wire->writable); i++)
		write_pass(wire);
	if (again || wire->drain_wanted || !list_is_empty(&wire->readable) ||
	    !list_is_empty(&wire->writable) || !list_is_empty(&wire->failed))
		loop_defer_add(wire->loop, &wire->work);
	loop_timer_set(wire->loop, &wire->tick, speaker_deadline(wire->speaker));
}

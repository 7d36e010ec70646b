/*
 * test_wire: octets in and out: in pieces, in bulk, blocked, ended in the middle.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_speaker.h"
#include "heliod/wire.h"

#define MESSAGE_BYTES 300u

struct world {
	struct loop *loop;
	struct speaker *speaker;
	struct wire *wire;
	int fd; /* the peer's end */
};

static void op_close(void *context, struct speaker_conn *conn)
{
	wire_close(((struct world *)context)->wire, conn);
}

static void op_want_write(void *context, struct speaker_conn *conn)
{
	wire_want_write(((struct world *)context)->wire, conn);
}

static void setup(struct world *world)
{
	static const struct speaker_ops ops = { .close = op_close, .want_write = op_want_write };
	static const struct ip_addr none = { 0 };
	struct speaker_conn *conn;
	struct error e;
	int fds[2];

	world->loop = loop_new(&e);
	world->speaker = speaker_new(&ops, world, 1);
	world->wire = wire_new(world->loop, world->speaker);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	conn = speaker_accept(world->speaker, NULL, &none, &none, loop_now(world->loop));
	fake_speaker_send(conn, "hello", 5); /* before the wire knows it */
	wire_accepted(world->wire, conn, fds[0]);
	world->fd = fds[1];
}

static void done(struct world *world)
{
	close(world->fd);
	speaker_free(world->speaker, loop_now(world->loop));
	wire_free(world->wire);
	loop_free(world->loop);
}

static void turns(struct world *world, int count)
{
	struct error e;

	while (count-- != 0)
		assert_int_equal(loop_turn(world->loop, DURATION_ZERO, &e), 0);
}

static void expect(struct world *world, const void *wanted, size_t length)
{
	uint8_t got[4096];
	size_t have = 0;

	for (int i = 0; i < 100 && have < length; i++) {
		ssize_t n = read(world->fd, got + have, length - have);

		if (n > 0)
			have += (size_t)n;
		turns(world, 1);
	}
	assert_int_equal(have, length);
	assert_memory_equal(got, wanted, length);
}

static void fill_message(uint8_t *message, size_t length, uint8_t type, uint8_t content)
{
	memset(message, content, length);
	message[16] = (uint8_t)(length >> 8);
	message[17] = (uint8_t)length;
	message[18] = type;
}

static void test_in_pieces(void **state)
{
	uint8_t message[MESSAGE_BYTES];
	struct world w;

	(void)state;
	setup(&w);
	expect(&w, "hello", 5);
	fill_message(message, sizeof(message), 2, 7);
	for (size_t i = 0; i < sizeof(message); i++) {
		assert_int_equal(write(w.fd, message + i, 1), 1);
		turns(&w, 1);
	}
	turns(&w, 3);
	assert_int_equal(w.speaker->messages, 1);
	expect(&w, message, sizeof(message));
	done(&w);
}

/* Everything comes back, in order, although neither side ever takes all at once. */
static void test_in_bulk(void **state)
{
	enum {
		TOTAL = 20000
	};
	uint8_t message[MESSAGE_BYTES], got[10000];
	size_t sent = 0, received = 0;
	struct world w;

	(void)state;
	setup(&w);
	expect(&w, "hello", 5);
	for (int i = 0; i < 10000000 && received < (size_t)TOTAL * MESSAGE_BYTES; i++) {
		fill_message(message, sizeof(message), 2, (uint8_t)(sent / MESSAGE_BYTES));
		if (sent < (size_t)TOTAL * MESSAGE_BYTES) {
			ssize_t n = write(w.fd, message + sent % MESSAGE_BYTES,
					  MESSAGE_BYTES - sent % MESSAGE_BYTES);

			sent += n > 0 ? (size_t)n : 0;
		}
		if (i % 100 == 0)
			turns(&w, 1);
		if (i % 50 == 0) {
			ssize_t n = read(w.fd, got, sizeof(got));

			for (ssize_t j = 0; j < n; j++) {
				if (received % MESSAGE_BYTES == 20)
					assert_int_equal(got[j],
							 (uint8_t)(received / MESSAGE_BYTES));
				received++;
			}
		}
	}
	assert_int_equal(received, (size_t)TOTAL * MESSAGE_BYTES);
	assert_int_equal(w.speaker->messages, TOTAL);
	done(&w);
}

static void test_peer_sends_and_leaves(void **state)
{
	uint8_t message[MESSAGE_BYTES];
	struct world w;

	(void)state;
	setup(&w);
	fill_message(message, sizeof(message), 2, 7);
	assert_int_equal(write(w.fd, message, sizeof(message)), sizeof(message));
	assert_int_equal(write(w.fd, message, 10), 10);
	shutdown(w.fd, SHUT_WR);
	turns(&w, 5);
	assert_int_equal(w.speaker->messages, 1);
	assert_int_equal(w.speaker->closed, 1);
	assert_string_equal(w.speaker->why, "the peer closed it");
	done(&w);
}

/* The peer took our connection, wrote and left before we looked: one event says it all. */
static void test_peer_leaves_while_connecting(void **state)
{
	static const struct ip_addr none = { 0 };
	uint8_t message[MESSAGE_BYTES];
	struct speaker_conn *conn;
	struct world w;
	int fds[2];

	(void)state;
	setup(&w);
	turns(&w, 3);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	fill_message(message, sizeof(message), 2, 7);
	assert_int_equal(write(fds[1], message, sizeof(message)), sizeof(message));
	shutdown(fds[1], SHUT_WR);
	conn = speaker_accept(w.speaker, NULL, &none, &none, loop_now(w.loop));
	wire_conn_connecting(wire_conn_new(w.wire, conn), fds[0]);
	turns(&w, 5);
	assert_int_equal(w.speaker->messages, 1);
	assert_int_equal(w.speaker->closed, 1);
	close(fds[1]);
	done(&w);
}

/* Writing fails before the peer's last message was read: a NOTIFICATION is not to be missed. */
static void test_peer_sends_and_resets(void **state)
{
	uint8_t message[MESSAGE_BYTES];
	struct world w;

	(void)state;
	setup(&w);
	w.speaker->wants_drain = true; /* not to be read yet */
	fill_message(message, sizeof(message), 3, 7);
	assert_int_equal(write(w.fd, message, sizeof(message)), sizeof(message));
	close(w.fd);
	turns(&w, 3);
	assert_int_equal(w.speaker->messages + w.speaker->closed, 0);
	w.speaker->wants_drain = false;
	turns(&w, 5);
	assert_int_equal(w.speaker->messages, 1);
	assert_int_equal(w.speaker->closed, 1);
	assert_string_equal(w.speaker->why, "Broken pipe");
	w.fd = open("/dev/null", O_RDONLY);
	done(&w);
}

static void test_closed_in_input(void **state)
{
	uint8_t messages[3 * MESSAGE_BYTES];
	uint8_t byte;
	struct world w;

	(void)state;
	setup(&w);
	expect(&w, "hello", 5);
	w.speaker->close_on_type = 3;
	fill_message(messages, MESSAGE_BYTES, 2, 1);
	fill_message(messages + MESSAGE_BYTES, MESSAGE_BYTES, 3, 2);
	fill_message(messages + (size_t)2 * MESSAGE_BYTES, MESSAGE_BYTES, 2, 3);
	assert_int_equal(write(w.fd, messages, sizeof(messages)), sizeof(messages));
	turns(&w, 3);
	assert_int_equal(w.speaker->messages, 2);
	/* What was to be sent before is still sent. */
	expect(&w, messages, MESSAGE_BYTES);
	assert_int_equal(read(w.fd, &byte, 1), 0);
	done(&w);
}

/* The process stood still for long, and was woken without a look at the sockets. */
static void test_input_before_a_late_tick(void **state)
{
	uint8_t message[MESSAGE_BYTES];
	struct world w;

	(void)state;
	setup(&w);
	turns(&w, 3);
	wire_wake(w.wire);
	w.speaker->deadline = (instant_t){ loop_now(w.loop).ns - duration_seconds(5).ns };
	turns(&w, 1);
	assert_int_equal(w.speaker->ticks, 0);
	fill_message(message, sizeof(message), 2, 1);
	assert_int_equal(write(w.fd, message, sizeof(message)), sizeof(message));
	turns(&w, 5);
	assert_int_equal(w.speaker->ticks, 1);
	assert_int_equal(w.speaker->messages_before_tick, 1);
	/* One that is due in time is not held up, whatever comes in. */
	assert_int_equal(write(w.fd, message, sizeof(message)), sizeof(message));
	w.speaker->deadline = loop_now(w.loop);
	turns(&w, 1);
	assert_int_equal(w.speaker->ticks, 2);
	done(&w);
}

static void test_drains(void **state)
{
	struct world w;
	size_t before;

	(void)state;
	setup(&w);
	turns(&w, 5);
	before = w.speaker->drains;
	turns(&w, 5);
	assert_int_equal(w.speaker->drains, before); /* idle: nothing is done */
	wire_wake(w.wire);
	turns(&w, 5);
	assert_true(w.speaker->drains > before);
	done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_pieces),
		cmocka_unit_test(test_in_bulk),
		cmocka_unit_test(test_peer_sends_and_leaves),
		cmocka_unit_test(test_peer_leaves_while_connecting),
		cmocka_unit_test(test_peer_sends_and_resets),
		cmocka_unit_test(test_closed_in_input),
		cmocka_unit_test(test_input_before_a_late_tick),
		cmocka_unit_test(test_drains),
	};

	signal(SIGPIPE, SIG_IGN); /* as heliod does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}

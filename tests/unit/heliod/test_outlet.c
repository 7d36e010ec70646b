/*
 * test_outlet: the outgoing stream: a reader that is slow, gone, and back.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "heliod/outlet.h"
#include "os/unixsock.h"

struct world {
	struct loop *loop;
	struct outlet outlet;
	int listen_fd;
	char path[64];
	size_t opened, closed;
	uint64_t next; /* number to send */
	uint64_t stop; /* below this */
};

static void on_opened(void *arg)
{
	struct world *world = arg;

	world->opened++;
	world->next = 0;
}

static void on_closed(void *arg, UNUSED const char *why)
{
	((struct world *)arg)->closed++;
}

static void on_room(void *arg)
{
	struct world *world = arg;

	while (outlet_has_room(&world->outlet) && world->next < world->stop) {
		buf_add(outlet_buffer(&world->outlet), &world->next, sizeof(world->next));
		world->next++;
	}
}

static void turns(struct world *world, int count)
{
	struct error e;

	while (count-- != 0)
		assert_int_equal(loop_turn(world->loop, duration_ms(1), &e), 0);
}

/* Reads until `stop` numbers came, in order. */
static void read_all(struct world *world, int fd)
{
	uint64_t numbers[1000], wanted = 0;
	size_t kept = 0;

	for (int i = 0; i < 100000 && wanted < world->stop; i++) {
		ssize_t n = read(fd, (char *)numbers + kept, sizeof(numbers) - kept);

		turns(world, n <= 0);
		if (n <= 0)
			continue;
		kept += (size_t)n;
		for (size_t j = 0; j < kept / 8; j++)
			assert_int_equal(numbers[j], wanted++);
		memmove(numbers, (char *)numbers + kept / 8 * 8, kept % 8);
		kept %= 8;
	}
	assert_int_equal(wanted, world->stop);
}

static void test_slow_gone_and_back(void **state)
{
	static const struct outlet_ops ops = { on_opened, on_closed, on_room };
	struct world w = { .stop = 1000000 };
	struct error e;
	int fd;

	(void)state;
	snprintf(w.path, sizeof(w.path), "/tmp/heliod-test-outlet-%d", (int)getpid());
	w.loop = loop_new(&e);
	outlet_init(&w.outlet, w.loop, w.path, NULL, 0, &ops, &w);
	turns(&w, 5);
	assert_int_equal(w.opened, 0);
	w.listen_fd = unixsock_listen(w.path, SOCK_STREAM, 0600, &e);
	assert_true(w.listen_fd >= 0);
	for (int i = 0; i < 1000 && w.opened == 0; i++)
		turns(&w, 1);
	assert_int_equal(w.opened, 1);
	fd = unixsock_accept(w.listen_fd);
	turns(&w, 100);
	assert_true(w.next < 200000); /* it waits for its reader */
	close(fd);
	turns(&w, 3);
	assert_int_equal(w.closed, 1);
	for (int i = 0; i < 1000 && w.opened == 1; i++)
		turns(&w, 1);
	fd = unixsock_accept(w.listen_fd);
	assert_true(fd >= 0);
	read_all(&w, fd);
	outlet_done(&w.outlet);
	close(fd);
	close(w.listen_fd);
	unlink(w.path);
	loop_free(w.loop);
}

/* A reader that takes each connection and closes it is not asked again at once for ever: each would
 * be sent all there is from the beginning. */
static void test_a_reader_that_hangs_up(void **state)
{
	static const struct outlet_ops ops = { on_opened, on_closed, on_room };
	struct world w = { .stop = 10 };
	int64_t before = 0;
	struct error e;

	(void)state;
	snprintf(w.path, sizeof(w.path), "/tmp/heliod-test-outlet-%d", (int)getpid());
	w.loop = loop_new(&e);
	w.listen_fd = unixsock_listen(w.path, SOCK_STREAM, 0600, &e);
	assert_true(w.listen_fd >= 0);
	outlet_init(&w.outlet, w.loop, w.path, NULL, 0, &ops, &w);
	for (size_t flap = 1; flap <= 3; flap++) {
		int fd;

		for (int i = 0; i < 10000 && w.opened < flap; i++)
			turns(&w, 1);
		assert_int_equal(w.opened, flap);
		fd = unixsock_accept(w.listen_fd);
		assert_true(fd >= 0);
		close(fd);
		for (int i = 0; i < 10000 && w.closed < flap; i++)
			turns(&w, 1);
		assert_int_equal(w.closed, flap);
		assert_true(w.outlet.retry_ms > before);
		before = w.outlet.retry_ms;
	}
	outlet_done(&w.outlet);
	close(w.listen_fd);
	unlink(w.path);
	loop_free(w.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slow_gone_and_back),
		cmocka_unit_test(test_a_reader_that_hangs_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

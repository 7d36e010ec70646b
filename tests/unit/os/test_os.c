/*
 * test_os: the loop's order and removals, unix sockets with a descriptor, namespaces when root.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "os/loop.h"
#include "os/netns.h"
#include "os/unixsock.h"

struct trace {
	struct loop *loop;
	struct loop_timer first, second;
	struct loop_defer defer;
	struct loop_fd a, b;
	char order[32];
	size_t length;
};

static void trace_add(struct trace *trace, char what)
{
	trace->order[trace->length++] = what;
}

static void on_timer(struct loop_timer *timer, void *arg)
{
	struct trace *trace = arg;

	trace_add(trace, timer == &trace->first ? '1' : '2');
	if (timer == &trace->second)
		loop_stop(trace->loop);
}

static void on_defer(struct loop_defer *defer UNUSED, void *arg)
{
	trace_add(arg, 'd');
}

/* Whichever descriptor comes first removes both: the other's event must not be delivered. */
static void on_fd(struct loop_fd *watch UNUSED, uint32_t events UNUSED, void *arg)
{
	struct trace *trace = arg;

	trace_add(trace, 'f');
	loop_fd_remove(&trace->a);
	loop_fd_remove(&trace->b);
}

static void loop_order(void **state UNUSED)
{
	struct trace trace = { 0 };
	int pipe_fds[2];

	trace.loop = loop_new(NULL);
	assert_non_null(trace.loop);
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(write(pipe_fds[1], "x", 1), 1);
	loop_timer_init(&trace.first, on_timer, &trace);
	loop_timer_init(&trace.second, on_timer, &trace);
	loop_defer_init(&trace.defer, on_defer, &trace);
	loop_timer_set(trace.loop, &trace.second,
		       instant_add(loop_now(trace.loop), duration_ms(20)));
	loop_timer_set(trace.loop, &trace.first,
		       instant_add(loop_now(trace.loop), duration_ms(10)));
	loop_defer_add(trace.loop, &trace.defer);
	loop_defer_add(trace.loop, &trace.defer);
	assert_int_equal(loop_fd_add(trace.loop, &trace.a, pipe_fds[0], EPOLLIN, on_fd, &trace), 0);
	assert_int_equal(loop_fd_add(trace.loop, &trace.b, pipe_fds[1], EPOLLOUT, on_fd, &trace),
			 0);
	assert_int_equal(loop_run(trace.loop, NULL), 0);
	assert_string_equal(trace.order, "fd12");
	loop_free(trace.loop);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

static void on_signal(int number, void *arg)
{
	struct trace *trace = arg;

	trace_add(trace, number == SIGUSR1 ? 's' : '?');
	loop_stop(trace->loop);
}

static void loop_takes_signals(void **state UNUSED)
{
	static const int signals[] = { SIGUSR1, 0 };
	struct trace trace = { 0 };

	trace.loop = loop_new(NULL);
	assert_int_equal(loop_signals(trace.loop, signals, on_signal, &trace, NULL), 0);
	raise(SIGUSR1);
	assert_int_equal(loop_run(trace.loop, NULL), 0);
	assert_string_equal(trace.order, "s");
	loop_free(trace.loop);
}

static void descriptors_travel(void **state UNUSED)
{
	char path[] = "/tmp/test_os.XXXXXX";
	char socket_path[64], bytes[16];
	int listener, client, server, pipe_fds[2], got = -1;
	struct error e;

	assert_non_null(mkdtemp(path));
	snprintf(socket_path, sizeof(socket_path), "%s/s", path);
	listener = unixsock_listen(socket_path, SOCK_SEQPACKET, 0600, &e);
	assert_true(listener >= 0);
	assert_int_equal(unixsock_listen(socket_path, SOCK_SEQPACKET, 0600, &e), -1);
	assert_non_null(strstr(e.text, "another process"));
	close(unixsock_accept(listener)); /* the probe of the second listener */
	client = unixsock_connect(socket_path, SOCK_SEQPACKET, &e);
	server = unixsock_accept(listener);
	assert_true(client >= 0 && server >= 0);
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(unixsock_send(client, "hello", 5, pipe_fds[1]), 5);
	assert_int_equal(unixsock_receive(server, bytes, sizeof(bytes), &got), 5);
	assert_true(got >= 0);
	assert_int_equal(write(got, "y", 1), 1);
	assert_int_equal(read(pipe_fds[0], bytes, 1), 1);
	assert_int_equal(unixsock_send(client, "0123456789", 10, -1), 10);
	assert_int_equal(unixsock_receive(server, bytes, 4, &got), -1);
	assert_int_equal(errno, EMSGSIZE);
	close(listener);
	/* Nobody listens on the file now: it is taken over. */
	listener = unixsock_listen(socket_path, SOCK_SEQPACKET, 0600, &e);
	assert_true(listener >= 0);
	close(listener);
	unlink(socket_path);
	rmdir(path);
}

static void namespaces(void **state UNUSED)
{
	struct error e;
	char name[32];
	int fd, again, sock;

	if (geteuid() != 0)
		skip();
	snprintf(name, sizeof(name), "helio-test-os-%d", (int)getpid());
	fd = netns_create(name, &e);
	if (fd < 0)
		skip();
	again = netns_create(name, &e);
	assert_true(again >= 0);
	sock = netns_socket(fd, AF_INET, SOCK_DGRAM, 0, &e);
	assert_true(sock >= 0);
	close(sock);
	close(fd);
	close(again);
	assert_int_equal(netns_delete(name, &e), 0);
	assert_int_equal(netns_delete(name, &e), 0);
	assert_int_equal(netns_open(name, &e), -1);
	assert_int_equal(errno, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loop_order),
		cmocka_unit_test(loop_takes_signals),
		cmocka_unit_test(descriptors_travel),
		cmocka_unit_test(namespaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

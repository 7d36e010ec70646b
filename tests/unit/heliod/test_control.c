/*
 * test_control: the control socket: pages, slow clients, wrong lines, many requests at once.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "heliod/control.h"
#include "os/unixsock.h"
#include "rpc/rpc.h"

#define PAGES 2000u

struct world {
	struct loop *loop;
	struct control *control;
	char path[64];
	size_t pages_made;
};

static json_t *call(const char *method, const json_t *params, uint64_t *cursor, int *code,
		    struct error *e, void *arg)
{
	struct world *world = arg;
	char filler[1000];

	if (strcmp(method, "echo") == 0)
		return json_incref((json_t *)(uintptr_t)params);
	if (strcmp(method, "long") == 0) {
		memset(filler, 'x', sizeof(filler) - 1);
		filler[sizeof(filler) - 1] = '\0';
		world->pages_made++;
		if (++*cursor == PAGES)
			return json_pack("{s:s}", "filler", filler);
		return json_pack("{s:s,s:b}", "filler", filler, "more", 1);
	}
	*code = RPC_METHOD_NOT_FOUND;
	error_set(e, "%s: unknown method", method);
	return NULL;
}

static void setup(struct world *world)
{
	struct error e;

	*world = (struct world){ 0 };
	snprintf(world->path, sizeof(world->path), "/tmp/heliod-test-control-%d", (int)getpid());
	world->loop = loop_new(&e);
	world->control = control_new(world->loop, world->path, call, world, &e);
	assert_non_null(world->control);
}

static void done(struct world *world)
{
	control_free(world->control);
	assert_int_equal(access(world->path, F_OK), -1);
	loop_free(world->loop);
}

static void turn(struct world *world)
{
	struct error e;

	assert_int_equal(loop_turn(world->loop, DURATION_ZERO, &e), 0);
}

static int client(struct world *world)
{
	struct error e;
	int fd = unixsock_connect(world->path, SOCK_STREAM, &e);

	assert_true(fd >= 0);
	turn(world);
	return fd;
}

static void send_text(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* Turns until the text came, or many turns went by. */
static void expect(struct world *world, int fd, const char *wanted)
{
	char got[4096];
	size_t length = 0;

	for (int i = 0; i < 100 && length < strlen(wanted); i++) {
		ssize_t n;

		turn(world);
		n = read(fd, got + length, sizeof(got) - length - 1);
		if (n > 0)
			length += (size_t)n;
	}
	got[length] = '\0';
	assert_string_equal(got, wanted);
}

static void test_answers(void **state)
{
	struct world w;
	int fd;

	(void)state;
	setup(&w);
	fd = client(&w);
	send_text(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":{\"a\":1}}\n"
		      "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"params\":{\"quiet\":1}}\n"
		      "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"other\"}\nnonsense\n");
	expect(&w, fd,
	       "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"a\":1}}\n"
	       "{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":-32601,\"message\":\"other: "
	       "unknown method\"}}\n"
	       "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"column "
	       "8: '[' or '{' expected near 'nonsense'\"}}\n");
	close(fd);
	done(&w);
}

static void test_slow_client_holds_pages(void **state)
{
	struct world w;
	struct rpc_lines lines;
	char bytes[65536];
	size_t length, pages = 0;
	int slow, quick;

	(void)state;
	setup(&w);
	slow = client(&w);
	quick = client(&w);
	send_text(slow, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"long\"}\n");
	for (int i = 0; i < 5000; i++)
		turn(&w);
	assert_true(w.pages_made < 1000);
	send_text(quick, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":{}}\n");
	expect(&w, quick, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n");
	rpc_lines_init(&lines, 0);
	for (int i = 0; i < 100000 && pages < PAGES; i++) {
		ssize_t n = read(slow, bytes, sizeof(bytes));

		turn(&w);
		if (n > 0)
			assert_int_equal(rpc_lines_add(&lines, bytes, (size_t)n), 0);
		while (rpc_lines_next(&lines, &length) != NULL)
			pages++;
	}
	assert_int_equal(pages, PAGES);
	rpc_lines_done(&lines);
	close(slow);
	close(quick);
	turn(&w);
	done(&w);
}

static void test_client_that_only_asks(void **state)
{
	struct world w;
	int fd;

	(void)state;
	setup(&w);
	fd = client(&w);
	send_text(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":{}}\n");
	shutdown(fd, SHUT_WR);
	expect(&w, fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n");
	for (int i = 0; i < 5; i++)
		turn(&w);
	assert_int_equal(read(fd, &fd, 1), 0);
	close(fd);
	done(&w);
}

static void test_client_leaves_in_the_middle(void **state)
{
	struct world w;
	int fd;

	(void)state;
	setup(&w);
	fd = client(&w);
	send_text(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"long\"}\n");
	for (int i = 0; i < 300; i++)
		turn(&w);
	close(fd);
	for (int i = 0; i < 5; i++)
		turn(&w);
	done(&w);
}

/* Many that say nothing and stay: those that do something are served, the oldest of the others go.
 */
static void test_more_connections_than_fit(void **state)
{
	static const char ask[] =
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":{}}\n";
	static const char answer[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n";
	struct world w;
	int busy, idle[300], last;
	char byte;

	(void)state;
	setup(&w);
	busy = client(&w);
	for (size_t i = 0; i < ARRAY_SIZE(idle); i++) {
		idle[i] = client(&w);
		if (i % 100 == 0) {
			send_text(busy, ask);
			expect(&w, busy, answer);
		}
	}
	last = client(&w);
	send_text(last, ask);
	expect(&w, last, answer);
	send_text(busy, ask);
	expect(&w, busy, answer);
	assert_int_equal(read(idle[0], &byte, 1), 0);
	assert_int_equal(read(idle[299], &byte, 1), -1);
	assert_int_equal(errno, EAGAIN);
	for (size_t i = 0; i < ARRAY_SIZE(idle); i++)
		close(idle[i]);
	close(busy);
	close(last);
	turn(&w);
	done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_slow_client_holds_pages),
		cmocka_unit_test(test_client_that_only_asks),
		cmocka_unit_test(test_client_leaves_in_the_middle),
		cmocka_unit_test(test_more_connections_than_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

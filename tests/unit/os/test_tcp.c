/*
 * test_tcp: TCP sockets for BGP on loopback: connect, accept, refusal, TCP-MD5, GTSM.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/tcp.h"

static const struct ip_addr server = { IP_V4, { 127, 0, 30, 1 } };
static const struct ip_addr client = { IP_V4, { 127, 0, 30, 2 } };

/* What is not to come is waited for a little, what is to come for long. */
static void wait_for(int fd, short events, bool to_come)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };

	assert_int_equal(poll(&poll_fd, 1, to_come ? 20000 : 300), to_come);
}

static void test_connect_and_accept(void **state)
{
	struct ip_addr local, remote, own;
	struct error e;
	int listening = tcp_listen(&server, 17911, 5, &e);
	int fd, accepted;

	(void)state;
	assert_true(listening >= 0);
	errno = 0;
	assert_int_equal(tcp_accept(listening, &local, &remote), -1);
	assert_int_equal(errno, EAGAIN);
	fd = tcp_connect(&client, &server, 17911, 3, 0, NULL, &e);
	assert_true(fd >= 0);
	wait_for(fd, POLLOUT, true);
	assert_int_equal(tcp_connect_result(fd, &e), 0);
	wait_for(listening, POLLIN, true);
	accepted = tcp_accept(listening, &local, &remote);
	assert_true(accepted >= 0);
	assert_true(ip_addr_equal(&local, &server));
	assert_true(ip_addr_equal(&remote, &client));
	own = tcp_local_address(fd);
	assert_true(ip_addr_equal(&own, &client));
	assert_int_equal(tcp_listen(&server, 17911, 5, &e), -1);
	assert_string_equal(e.text, "listen on 127.0.30.1 port 17911: Address already in use "
				    "(does another BGP daemon run?)");
	close(accepted);
	close(fd);
	close(listening);
}

static void test_refused(void **state)
{
	struct error e = { "" };
	int fd = tcp_connect(&client, &server, 17912, 0, 0, NULL, &e);

	(void)state;
	if (fd >= 0) {
		wait_for(fd, POLLOUT, true);
		assert_int_equal(tcp_connect_result(fd, &e), -1);
		close(fd);
	}
	assert_string_equal(e.text, "connect: Connection refused");
}

/* Is one accepted that comes with this password, and signed? */
static void check_md5(int listening, const char *password, bool taken)
{
	struct ip_addr local, remote;
	struct error e = { "" };
	int fd = tcp_connect(&client, &server, 17913, 0, 0, password, &e), accepted;

	wait_for(fd, POLLOUT, taken);
	if (taken) {
		assert_int_equal(tcp_connect_result(fd, &e), 0);
		accepted = tcp_accept(listening, &local, &remote);
		assert_true(accepted >= 0);
		assert_int_equal(tcp_syn(accepted).md5, password != NULL);
		close(accepted);
	}
	close(fd);
}

static void test_md5(void **state)
{
	const struct ip_prefix peer = ip_prefix_host(&client), net = ip_prefix_of(&client, 8);
	struct error e = { "" };
	int listening = tcp_listen(&server, 17913, 5, &e);

	(void)state;
	assert_int_equal(tcp_save_syn(listening), 0);
	check_md5(listening, NULL, true);
	if (tcp_set_md5(listening, &peer, "one", &e) < 0) {
		close(listening);
		skip(); /* a kernel without TCP-MD5 */
	}
	check_md5(listening, "two", false);
	check_md5(listening, NULL, false);
	check_md5(listening, "one", true);
	/* a prefix, and the longer one counts */
	assert_int_equal(tcp_set_md5(listening, &net, "net", &e), 0);
	check_md5(listening, "net", false);
	check_md5(listening, "one", true);
	assert_int_equal(tcp_set_md5(listening, &peer, NULL, &e), 0);
	assert_int_equal(tcp_set_md5(listening, &peer, NULL, &e), 0);
	check_md5(listening, "one", false);
	check_md5(listening, "net", true);
	close(listening);
}

/* RFC 5082: of two peers, the one whose packets have too low a TTL is not heard. */
static void check_ttl_security(const struct ip_addr *to, const struct ip_addr *from, uint16_t port)
{
	static const uint8_t ttls[] = { 255, 254 };
	struct error e = { "" };
	int listening = tcp_listen(to, port, 5, &e);

	assert_true(listening >= 0);
	assert_int_equal(tcp_save_syn(listening), 0);
	assert_int_equal(tcp_set_ttl_max(listening), 0);
	for (size_t i = 0; i < ARRAY_SIZE(ttls); i++) {
		struct ip_addr local, remote;
		int fd = tcp_connect(from, to, port, ttls[i], 255, NULL, &e), accepted;

		wait_for(listening, POLLIN, true);
		accepted = tcp_accept(listening, &local, &remote);
		assert_true(accepted >= 0);
		assert_int_equal(tcp_syn(accepted).ttl, ttls[i]);
		assert_int_equal(tcp_set_ttl_min(accepted, 255), 0);
		assert_int_equal(send(fd, "x", 1, 0), 1);
		wait_for(accepted, POLLIN, ttls[i] == 255);
		assert_int_equal(tcp_set_ttl_min(accepted, 0), 0);
		/* and what it says is heard by one that takes nothing from afar */
		assert_int_equal(send(accepted, "y", 1, 0), 1);
		wait_for(fd, POLLIN, true);
		close(accepted);
		close(fd);
	}
	/* it can be asked once, and not of those that we opened */
	assert_int_equal(tcp_syn(listening).ttl, 0);
	close(listening);
}

static void test_ttl_security(void **state)
{
	struct ip_addr v6;
	struct error e = { "" };

	(void)state;
	check_ttl_security(&server, &client, 17914);
	assert_int_equal(ip_addr_parse("::1", &v6, &e), 0);
	check_ttl_security(&v6, &v6, 17915);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connect_and_accept),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_md5),
		cmocka_unit_test(test_ttl_security),
	};

	assert(tcp_raise_descriptor_limit() > 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

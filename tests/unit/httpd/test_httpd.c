/*
 * test_httpd: requests over a real socket: bodies, caps, streams that sleep and wake, the end.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "httpd/httpd.h"

struct bench {
	struct httpd *httpd;
	struct httpd_stream *stream;
	const char *next; /* what the stream gives */
	bool end;
	unsigned pulls;
	unsigned closed;
	unsigned wanted;
	unsigned requests;
};

static ssize_t pull(void *context, void *to, size_t bytes)
{
	struct bench *bench = context;
	size_t length = strlen(bench->next);

	bench->pulls++;
	if (length == 0)
		return bench->end ? -1 : 0;
	length = MIN(length, bytes);
	memcpy(to, bench->next, length);
	bench->next += length;
	return (ssize_t)length;
}

static void closed(void *context)
{
	struct bench *bench = context;

	bench->closed++;
	bench->stream = NULL;
}

static void handler(void *context, struct httpd_request *request)
{
	struct bench *bench = context;
	const struct httpd_header header = { "X-Test", "yes" };
	size_t bytes;
	const char *body = httpd_request_body(request, &bytes);
	const char *query = httpd_request_query(request, "q");
	struct buf answer;

	bench->requests++;
	assert_null(httpd_request_client_name(request));
	if (strcmp(httpd_request_path(request), "/stream") == 0) {
		bench->stream = httpd_respond_stream(request, &header, 1, pull, closed, bench);
		return;
	}
	buf_init(&answer, 0);
	buf_printf(&answer, "%s %s q=%s h=%s body=%.*s", httpd_request_method(request),
		   httpd_request_path(request), query != NULL ? query : "-",
		   httpd_request_header(request, "X-Given") != NULL
			   ? httpd_request_header(request, "x-given")
			   : "-",
		   (int)MIN(bytes, 100), body);
	httpd_respond(request, 200, &header, 1, buf_text(&answer), answer.length);
	buf_done(&answer);
}

static void run_wanted(void *context)
{
	((struct bench *)context)->wanted++;
}

static int setup(void **state)
{
	struct bench *bench = mem_zalloc(sizeof(*bench));
	struct httpd_config config = { .body_bytes_max = 1000,
				       .handler = handler,
				       .context = bench,
				       .run_wanted = run_wanted,
				       .run_context = bench };
	struct error error;

	config.address = ip_addr_v4(0x7f000001);
	bench->next = "";
	bench->httpd = httpd_new(&config, &error);
	*state = bench;
	return bench->httpd == NULL;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	httpd_free(bench->httpd);
	mem_free(bench);
	return 0;
}

static int dial(const struct bench *bench)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(httpd_port(bench->httpd)),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Runs the server until the answer has `until` in it (NULL: until the connection is closed), or
 * nothing comes for a while. */
static void exchange(struct bench *bench, int fd, const char *until, struct buf *answer)
{
	for (int idle = 0; idle < 50;) {
		struct pollfd polled = { .fd = fd, .events = POLLIN };
		char bytes[4096];
		ssize_t got;

		httpd_run(bench->httpd);
		if (until != NULL && strstr(buf_text(answer), until) != NULL)
			return;
		if (poll(&polled, 1, 10) == 0) {
			idle++;
			continue;
		}
		got = read(fd, bytes, sizeof(bytes));
		if (got <= 0)
			return;
		buf_add(answer, bytes, (size_t)got);
	}
}

static void expect(struct bench *bench, const char *request, size_t bytes, const char *words)
{
	int fd = dial(bench);
	struct buf answer;

	buf_init(&answer, 0);
	assert_int_equal(write(fd, request, bytes), bytes);
	exchange(bench, fd, words, &answer);
	if (strstr(buf_text(&answer), words) == NULL)
		fail_msg("no '%s' in '%s'", words, buf_text(&answer));
	close(fd);
	buf_done(&answer);
}

#define EXPECT(bench, request, words) expect((bench), (request), strlen(request), (words))

static void test_requests(void **state)
{
	struct bench *bench = *state;

	EXPECT(bench, "GET /a%20b?q=1%202 HTTP/1.1\r\nHost: x\r\nX-Given: v\r\n\r\n",
	       "GET /a b q=1 2 h=v body=");
	EXPECT(bench, "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
	       "PUT /x q=- h=- body=hello");
	EXPECT(bench,
	       "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
	       "chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n"
	       "0\r\n\r\n",
	       "POST /x q=- h=- body=abcde");
	EXPECT(bench, "GET /y?q HTTP/1.1\r\nHost: x\r\n\r\n", "GET /y q= h=-");
	EXPECT(bench, "GET /y HTTP/1.1\r\nHost: x\r\n\r\n", "X-Test: yes");
}

static void test_refused(void **state)
{
	struct bench *bench = *state;
	char request[2048];
	int length;

	EXPECT(bench, "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", " 413 ");
	length = snprintf(request, sizeof(request),
			  "PUT /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
			  "400\r\n%01024d\r\n0\r\n\r\n",
			  0);
	expect(bench, request, (size_t)length, " 413 ");
	EXPECT(bench, "GET /a%00b HTTP/1.1\r\nHost: x\r\n\r\n", " 400 ");
	EXPECT(bench, "nonsense\r\n\r\n", "");
	assert_int_equal(bench->requests, 0);
}

static void test_stream(void **state)
{
	struct bench *bench = *state;
	const char *request = "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n";
	int fd = dial(bench);
	struct buf answer;
	unsigned pulls;

	buf_init(&answer, 0);
	bench->next = "first\n";
	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	exchange(bench, fd, "first\n", &answer);
	assert_non_null(strstr(buf_text(&answer), "chunked"));
	for (int i = 0; i < 5; i++)
		httpd_run(bench->httpd);
	pulls = bench->pulls;
	for (int i = 0; i < 5; i++)
		httpd_run(bench->httpd);
	assert_int_equal(bench->pulls, pulls); /* it sleeps */
	bench->next = "second\n";
	assert_int_equal(bench->wanted, 0);
	httpd_stream_wake(bench->stream);
	httpd_stream_wake(bench->stream);
	assert_int_equal(bench->wanted, 1);
	exchange(bench, fd, "second\n", &answer);
	bench->end = true;
	httpd_stream_wake(bench->stream);
	exchange(bench, fd, "\r\n0\r\n\r\n", &answer);
	assert_non_null(strstr(buf_text(&answer), "\r\n0\r\n\r\n"));
	assert_int_equal(bench->closed, 1);
	close(fd);
	buf_done(&answer);
}

/* A client that is gone is noticed at the next word; a sleeping stream ends with the server. */
static void test_stream_ends(void **state)
{
	struct bench *bench = *state;
	const char *request = "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n";
	static const char words[200000] = { [0 ... 199998] = 'x' };
	int fd = dial(bench);
	struct buf answer;

	buf_init(&answer, 0);
	bench->next = "first\n";
	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	exchange(bench, fd, "first\n", &answer);
	close(fd);
	for (int i = 0; i < 50 && bench->closed == 0; i++) {
		bench->next = words;
		if (bench->stream != NULL)
			httpd_stream_wake(bench->stream);
		httpd_run(bench->httpd);
	}
	assert_int_equal(bench->closed, 1);
	fd = dial(bench);
	buf_clear(&answer);
	bench->next = "first\n";
	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	exchange(bench, fd, "first\n", &answer);
	httpd_free(bench->httpd);
	bench->httpd = NULL;
	assert_int_equal(bench->closed, 2);
	close(fd);
	buf_done(&answer);
}

static void test_start(void **state)
{
	struct bench *bench = *state;
	struct httpd_config config = { .address = ip_addr_v4(0x7f000001),
				       .port = httpd_port(bench->httpd),
				       .handler = handler };
	struct error error;

	assert_null(httpd_new(&config, &error));
	assert_non_null(strstr(error.text, "cannot listen on 127.0.0.1"));
	config.port = 0;
	config.certificate_pem = config.key_pem = "nonsense";
	assert_null(httpd_new(&config, &error));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stream, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stream_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_start, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

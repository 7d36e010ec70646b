/*
 * cli_rpc: calls on heliod's control socket.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli_rpc.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/unixsock.h"
#include "rpc/rpc.h"

#define ANSWER_WAIT_MS 30000
#define READ_BYTES 65536

static int wait_for(int fd, short events, struct error *e)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };
	int result;

	do
		result = poll(&poll_fd, 1, ANSWER_WAIT_MS);
	while (result < 0 && errno == EINTR);
	if (result < 0)
		return error_set(e, "poll: %s", strerror(errno));
	if (result == 0)
		return error_set(e, "no answer within %d seconds", ANSWER_WAIT_MS / 1000);
	return 0;
}

static int send_request(int fd, const char *method, const json_t *params, struct error *e)
{
	struct buf out;
	int result = 0;

	buf_init(&out, 0);
	rpc_add_request(&out, 1, method, params);
	while (result == 0 && out.length != 0) {
		ssize_t sent = unixsock_send(fd, out.data, out.length, -1);

		if (sent > 0)
			buf_consume(&out, (size_t)sent);
		else if (errno == EAGAIN)
			result = wait_for(fd, POLLOUT, e);
		else if (errno != EINTR)
			result = error_set(e, "send: %s", strerror(errno));
	}
	buf_done(&out);
	return result;
}

/* 1: the answer is complete; 0: more is to come. */
static int take_line(const char *line, size_t length, cli_rpc_page_fn *page, void *arg,
		     struct error *e)
{
	struct rpc_response response;
	int result = rpc_response_parse(line, length, &response, e);

	if (result == 0 && response.result == NULL)
		result = error_set(e, "%s", response.message);
	else if (result == 0)
		result = page(response.result, response.more, arg);
	if (result == 0 && !response.more)
		result = 1;
	rpc_response_done(&response);
	return result;
}

static int read_some(int fd, struct rpc_lines *lines, struct error *e)
{
	char bytes[READ_BYTES];
	ssize_t length;

	if (wait_for(fd, POLLIN, e) < 0)
		return -1;
	length = read(fd, bytes, sizeof(bytes));
	if (length < 0)
		return errno == EINTR || errno == EAGAIN
			       ? 0
			       : error_set(e, "read: %s", strerror(errno));
	if (length == 0)
		return error_set(e, "heliod closed the connection before its answer was complete");
	if (rpc_lines_add(lines, bytes, (size_t)length) < 0)
		return error_set(e, "a line of more than %u octets", RPC_LINE_BYTES_MAX);
	return 0;
}

static int read_answer(int fd, cli_rpc_page_fn *page, void *arg, struct error *e)
{
	struct rpc_lines lines;
	int result = 0;

	rpc_lines_init(&lines, 0);
	while (result == 0) {
		size_t length;
		const char *line = rpc_lines_next(&lines, &length);

		if (line == NULL)
			result = read_some(fd, &lines, e);
		else
			result = take_line(line, length, page, arg, e);
	}
	rpc_lines_done(&lines);
	return result == 1 ? 0 : result;
}

int cli_rpc_call(const char *socket, const char *method, const json_t *params,
		 cli_rpc_page_fn *page, void *arg, struct error *e)
{
	int fd = unixsock_connect(socket, SOCK_STREAM, e);
	int result;

	if (fd < 0)
		return error_prefix(e, "heliod cannot be reached (is it running? --socket)");
	result = send_request(fd, method, params, e);
	if (result == 0)
		result = read_answer(fd, page, arg, e);
	close(fd);
	return result;
}

/* Lists that go on are put together. */
static int keep_page(const json_t *result, UNUSED bool more, void *arg)
{
	json_t **kept = arg;
	json_t *value;
	const char *key;

	if (*kept == NULL)
		*kept = json_object();
	json_object_foreach((json_t *)(uintptr_t)result, key, value)
	{
		json_t *so_far = json_object_get(*kept, key);

		if (json_is_array(so_far) && json_is_array(value))
			json_array_extend(so_far, value);
		else if (strcmp(key, "more") != 0)
			json_object_set(*kept, key, value);
	}
	return 0;
}

json_t *cli_rpc_get(const char *socket, const char *method, const json_t *params, struct error *e)
{
	json_t *kept = NULL;

	if (cli_rpc_call(socket, method, params, keep_page, &kept, e) != 0) {
		json_decref(kept);
		return NULL;
	}
	return kept;
}

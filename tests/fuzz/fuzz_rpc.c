/*
 * Fuzz target: the octets of a control socket: lines, requests, responses.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The first octet says in pieces of which size the rest comes; the lines are the same for every
 * size. A request that is refused has a code and words.
 */
#include "fuzz.h"

#include "base/hash.h"
#include "rpc/rpc.h"

static void take_line(const char *line, size_t length)
{
	struct rpc_request request;
	struct rpc_response response;
	struct error e = { "" };
	struct buf out;
	int code = rpc_request_parse(line, length, &request, &e);

	buf_init(&out, 0);
	if (code == 0) {
		MUST_HOLD(request.method != NULL);
		rpc_add_result(&out, request.id, request.root);
	} else {
		MUST_HOLD(code < 0 && e.text[0] != '\0');
		rpc_add_error(&out, request.id, code, e.text);
	}
	MUST_HOLD(out.length != 0 &&
		  memchr(out.data, '\n', out.length) == out.data + out.length - 1);
	rpc_request_done(&request);
	if (rpc_response_parse(line, length, &response, &e) == 0)
		MUST_HOLD(response.result != NULL || response.message != NULL);
	rpc_response_done(&response);
	buf_done(&out);
}

/* A number that stands for all lines. -1: a line was too long. */
static int64_t cut(const uint8_t *data, size_t size, size_t piece, bool take)
{
	struct rpc_lines lines;
	uint64_t sum = 0;
	int64_t result = 0;

	rpc_lines_init(&lines, 1 << 16);
	for (size_t at = 0; at < size && result == 0; at += piece) {
		const char *line;
		size_t length;

		result = rpc_lines_add(&lines, data + at, MIN(piece, size - at));
		while (result == 0 && (line = rpc_lines_next(&lines, &length)) != NULL) {
			sum = hash_bytes(line, length, sum + 1);
			if (take)
				take_line(line, length);
		}
	}
	rpc_lines_done(&lines);
	return result < 0 ? -1 : (int64_t)(sum >> 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	MUST_HOLD(cut(data + 1, size - 1, size, true) ==
		  cut(data + 1, size - 1, (size_t)data[0] + 1, false));
	return 0;
}

/*
 * test_rpc: JSON-RPC lines: cutting, reading, building, and what is refused.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rpc/rpc.h"

static void test_lines_in_pieces(void **state)
{
	static const char text[] = "{\"a\":1}\r\n\n{\"b\":2}\n{\"c\"";
	struct rpc_lines lines;
	size_t count = 0;

	(void)state;
	rpc_lines_init(&lines, 0);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		const char *line;
		size_t length;

		assert_int_equal(rpc_lines_add(&lines, text + i, 1), 0);
		while ((line = rpc_lines_next(&lines, &length)) != NULL) {
			assert_int_equal(length, 7);
			assert_memory_equal(line, count == 0 ? "{\"a\":1}" : "{\"b\":2}", 7);
			count++;
		}
	}
	assert_int_equal(count, 2);
	rpc_lines_done(&lines);
}

static void test_several_lines_at_once(void **state)
{
	struct rpc_lines lines;
	size_t length;

	(void)state;
	rpc_lines_init(&lines, 0);
	assert_int_equal(rpc_lines_add(&lines, "one\ntwo\nthr", 11), 0);
	assert_memory_equal(rpc_lines_next(&lines, &length), "one", 3);
	assert_memory_equal(rpc_lines_next(&lines, &length), "two", 3);
	assert_null(rpc_lines_next(&lines, &length));
	assert_int_equal(rpc_lines_add(&lines, "ee\n", 3), 0);
	assert_memory_equal(rpc_lines_next(&lines, &length), "three", 5);
	assert_int_equal(length, 5);
	rpc_lines_done(&lines);
}

static void test_line_too_long(void **state)
{
	struct rpc_lines lines;

	(void)state;
	rpc_lines_init(&lines, 8);
	assert_int_equal(rpc_lines_add(&lines, "12345678", 8), 0);
	assert_int_equal(rpc_lines_add(&lines, "9", 1), -1);
	rpc_lines_done(&lines);
}

static void check_request(const char *line, int code, const char *message, const char *answer)
{
	struct rpc_request request;
	struct error e = { "" };
	struct buf out;

	assert_int_equal(rpc_request_parse(line, strlen(line), &request, &e), code);
	assert_string_equal(e.text, message);
	if (code != 0) {
		buf_init(&out, 0);
		rpc_add_error(&out, request.id, code, e.text);
		assert_string_equal(buf_text(&out), answer);
		buf_done(&out);
	}
	rpc_request_done(&request);
}

static void test_requests_refused(void **state)
{
	(void)state;
	check_request("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}", 0, "", NULL);
	check_request("{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":7}", RPC_INVALID_REQUEST,
		      "method: must be text",
		      "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"error\":{\"code\":-32600,\"message\":"
		      "\"method: must be text\"}}\n");
	check_request("{\"id\":1,\"method\":\"m\"}", RPC_INVALID_REQUEST,
		      "jsonrpc: must be \"2.0\"",
		      "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32600,\"message\":"
		      "\"jsonrpc: must be \\\"2.0\\\"\"}}\n");
	check_request("[]", RPC_INVALID_REQUEST,
		      "a list of requests (batch) is not supported: one object a line",
		      "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":\"a "
		      "list of requests (batch) is not supported: one object a line\"}}\n");
	check_request("{\"jsonrpc\":\"2.0\",\"id\":[1],\"method\":\"m\"}", RPC_INVALID_REQUEST,
		      "id: must be text or a number",
		      "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":"
		      "\"id: must be text or a number\"}}\n");
	check_request("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":3}",
		      RPC_INVALID_REQUEST, "params: must be an object",
		      "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32600,\"message\":"
		      "\"params: must be an object\"}}\n");
}

static void test_request_not_json(void **state)
{
	static const char twice[] = "{\"a\":1,\"a\":2}";
	struct rpc_request request;
	struct error e;
	char deep[200];

	(void)state;
	assert_int_equal(rpc_request_parse("{nonsense", 9, &request, &e), RPC_PARSE_ERROR);
	assert_non_null(strstr(e.text, "column"));
	rpc_request_done(&request);
	assert_int_equal(rpc_request_parse(twice, strlen(twice), &request, &e), RPC_PARSE_ERROR);
	rpc_request_done(&request);
	memset(deep, '[', sizeof(deep));
	assert_int_equal(rpc_request_parse(deep, sizeof(deep), &request, &e), RPC_PARSE_ERROR);
	assert_string_equal(e.text, "nested deeper than 64 levels");
	rpc_request_done(&request);
}

static void test_round_trip(void **state)
{
	json_t *params = json_pack("{s:s}", "instance", "T1");
	json_t *result = json_pack("{s:b}", "more", 1);
	struct rpc_request request;
	struct rpc_response response;
	struct error e;
	struct buf out;

	(void)state;
	buf_init(&out, 0);
	rpc_add_request(&out, 7, "show.routes", params);
	assert_string_equal(buf_text(&out), "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"show."
					    "routes\",\"params\":{\"instance\":\"T1\"}}\n");
	assert_int_equal(rpc_request_parse(out.data, out.length, &request, &e), 0);
	assert_string_equal(request.method, "show.routes");
	buf_clear(&out);
	rpc_add_result(&out, request.id, result);
	assert_int_equal(rpc_response_parse(out.data, out.length, &response, &e), 0);
	assert_int_equal(response.id, 7);
	assert_true(response.more);
	rpc_response_done(&response);
	buf_clear(&out);
	rpc_add_error(&out, request.id, RPC_INVALID_PARAMS, "prefix: must be a prefix");
	assert_int_equal(rpc_response_parse(out.data, out.length, &response, &e), 0);
	assert_null(response.result);
	assert_int_equal(response.code, RPC_INVALID_PARAMS);
	assert_string_equal(response.message, "prefix: must be a prefix");
	rpc_response_done(&response);
	rpc_request_done(&request);
	buf_done(&out);
	json_decref(params);
	json_decref(result);
}

static void test_whole_or_not_at_all(void **state)
{
	json_t *result = json_string("longer than the room that there is");
	struct buf out;

	(void)state;
	buf_init(&out, 60);
	buf_add_text(&out, "before\n");
	rpc_add_result(&out, NULL, result);
	assert_true(out.overflowed);
	assert_string_equal(buf_text(&out), "before\n");
	buf_done(&out);
	json_decref(result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_in_pieces),
		cmocka_unit_test(test_several_lines_at_once),
		cmocka_unit_test(test_line_too_long),
		cmocka_unit_test(test_requests_refused),
		cmocka_unit_test(test_request_not_json),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

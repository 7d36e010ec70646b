/*
 * rpc: JSON-RPC 2.0, one object a line: cutting lines, and reading and building the objects.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rpc/rpc.h"

void rpc_lines_init(struct rpc_lines *lines, size_t line_bytes_max)
{
	*lines = (struct rpc_lines){ 0 };
	buf_init(&lines->bytes, line_bytes_max != 0 ? line_bytes_max : RPC_LINE_BYTES_MAX);
}

void rpc_lines_done(struct rpc_lines *lines)
{
	buf_done(&lines->bytes);
}

int rpc_lines_add(struct rpc_lines *lines, const void *bytes, size_t length)
{
	if (lines->start != 0) {
		buf_consume(&lines->bytes, lines->start);
		lines->scanned -= lines->start;
		lines->start = 0;
	}
	buf_add(&lines->bytes, bytes, length);
	return lines->bytes.overflowed ? -1 : 0;
}

const char *rpc_lines_next(struct rpc_lines *lines, size_t *ret_length)
{
	while (lines->scanned < lines->bytes.length) {
		const char *from = lines->bytes.data + lines->scanned;
		const char *newline = memchr(from, '\n', lines->bytes.length - lines->scanned);
		const char *line = lines->bytes.data + lines->start;
		size_t length;

		if (newline == NULL) {
			lines->scanned = lines->bytes.length;
			return NULL;
		}
		length = (size_t)(newline - line);
		lines->scanned += (size_t)(newline - from) + 1;
		lines->start = lines->scanned;
		if (length != 0 && line[length - 1] == '\r')
			length--;
		if (length != 0) {
			*ret_length = length;
			return line;
		}
	}
	return NULL;
}

/* jansson has no limit of depth that we can set; it has its own (2048), which recursion bears. We
 * refuse sooner, before parsing. */
static bool is_too_deep(const char *line, size_t length)
{
	size_t depth = 0;
	bool in_text = false;

	for (size_t i = 0; i < length; i++) {
		char c = line[i];

		if (in_text) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_text = false;
		} else if (c == '"') {
			in_text = true;
		} else if (c == '{' || c == '[') {
			if (++depth > RPC_DEPTH_MAX)
				return true;
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		}
	}
	return false;
}

static json_t *parse_line(const char *line, size_t length, struct error *e)
{
	json_error_t why;
	json_t *root;

	if (is_too_deep(line, length)) {
		error_set(e, "nested deeper than %u levels", RPC_DEPTH_MAX);
		return NULL;
	}
	root = json_loadb(line, length, JSON_REJECT_DUPLICATES, &why);
	if (root == NULL)
		error_set(e, "column %d: %s", why.column, why.text);
	return root;
}

static bool is_id(const json_t *id)
{
	return json_is_string(id) || json_is_number(id) || json_is_null(id);
}

static bool is_version_2(const json_t *root)
{
	const char *version = json_string_value(json_object_get(root, "jsonrpc"));

	return version != NULL && strcmp(version, "2.0") == 0;
}

static int invalid(struct error *e, const char *what)
{
	error_set(e, "%s", what);
	return RPC_INVALID_REQUEST;
}

int rpc_request_parse(const char *line, size_t length, struct rpc_request *ret, struct error *e)
{
	json_t *root = parse_line(line, length, e);
	const json_t *id;

	*ret = (struct rpc_request){ .root = root };
	if (root == NULL) {
		ret->id = json_null();
		return RPC_PARSE_ERROR;
	}
	ret->id = json_null();
	if (json_is_array(root))
		return invalid(e, "a list of requests (batch) is not supported: one object a line");
	if (!json_is_object(root))
		return invalid(e, "a request must be an object");
	id = json_object_get(root, "id");
	if (id != NULL && !is_id(id))
		return invalid(e, "id: must be text or a number");
	if (id != NULL)
		ret->id = id;
	if (!is_version_2(root))
		return invalid(e, "jsonrpc: must be \"2.0\"");
	ret->method = json_string_value(json_object_get(root, "method"));
	if (ret->method == NULL)
		return invalid(e, "method: must be text");
	ret->params = json_object_get(root, "params");
	if (ret->params != NULL && !json_is_object(ret->params) && !json_is_array(ret->params))
		return invalid(e, "params: must be an object");
	ret->id = id;
	return 0;
}

void rpc_request_done(struct rpc_request *request)
{
	json_decref(request->root);
	*request = (struct rpc_request){ 0 };
}

static int read_error(struct rpc_response *ret, const json_t *error, struct error *e)
{
	const json_t *code = json_object_get(error, "code");

	ret->message = json_string_value(json_object_get(error, "message"));
	if (!json_is_integer(code) || ret->message == NULL)
		return error_set(e, "error: must have code and message");
	ret->code = (int)json_integer_value(code);
	return 0;
}

int rpc_response_parse(const char *line, size_t length, struct rpc_response *ret, struct error *e)
{
	const json_t *error;

	*ret = (struct rpc_response){ .root = parse_line(line, length, e) };
	if (ret->root == NULL)
		return -1;
	if (!json_is_object(ret->root) || !is_version_2(ret->root))
		return error_set(e, "jsonrpc: must be \"2.0\"");
	ret->id = json_integer_value(json_object_get(ret->root, "id"));
	error = json_object_get(ret->root, "error");
	if (error != NULL)
		return read_error(ret, error, e);
	ret->result = json_object_get(ret->root, "result");
	if (ret->result == NULL)
		return error_set(e, "result: missing, and error too");
	ret->more = json_is_true(json_object_get(ret->result, "more"));
	return 0;
}

void rpc_response_done(struct rpc_response *response)
{
	json_decref(response->root);
	*response = (struct rpc_response){ 0 };
}

static int add_bytes(const char *bytes, size_t length, void *to)
{
	buf_add(to, bytes, length);
	return ((struct buf *)to)->overflowed ? -1 : 0;
}

void rpc_add_json(struct buf *to, const json_t *value)
{
	size_t before = to->length;

	if (json_dump_callback(value, add_bytes, to, JSON_COMPACT | JSON_ENCODE_ANY) < 0 &&
	    to->length > before) {
		to->length = before;
		to->data[before] = '\0';
	}
}

/* A line is added whole or not at all. */
static void add_object(struct buf *to, json_t *object)
{
	size_t before = to->length;

	rpc_add_json(to, object);
	buf_add(to, "\n", 1);
	if (to->overflowed && to->length > before) {
		to->length = before;
		to->data[before] = '\0';
	}
	json_decref(object);
}

static json_t *borrow(const json_t *value)
{
	return value == NULL ? json_null() : json_incref((json_t *)(uintptr_t)value);
}

static json_t *new_object(const json_t *id)
{
	json_t *object = json_object();

	json_object_set_new(object, "jsonrpc", json_string("2.0"));
	json_object_set_new(object, "id", borrow(id));
	return object;
}

void rpc_add_result(struct buf *to, const json_t *id, const json_t *result)
{
	json_t *object = new_object(id);

	json_object_set_new(object, "result", borrow(result));
	add_object(to, object);
}

void rpc_add_error(struct buf *to, const json_t *id, int code, const char *message)
{
	json_t *object = new_object(id);
	json_t *text = json_string(message);

	if (text == NULL)
		text = json_string("an error whose text is not UTF-8");
	json_object_set_new(object, "error", json_pack("{s:i,s:o}", "code", code, "message", text));
	add_object(to, object);
}

void rpc_add_request(struct buf *to, int64_t id, const char *method, const json_t *params)
{
	json_t *number = json_integer(id);
	json_t *object = new_object(number);

	json_decref(number);
	json_object_set_new(object, "method", json_string(method));
	if (params != NULL)
		json_object_set_new(object, "params", borrow(params));
	add_object(to, object);
}

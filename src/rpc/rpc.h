/*
 * rpc: JSON-RPC 2.0, one object a line: cutting lines, and reading and building the objects.
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/INTERFACES.md section 3. It knows no method and no socket. Batches (a list of requests) are
 * refused: a line is one object. Long answers come in pages: results with "more": true, until one
 * without.
 */
#ifndef RPC_RPC_H
#define RPC_RPC_H

#include <jansson.h>

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

#define RPC_LINE_BYTES_MAX (16u << 20)
#define RPC_DEPTH_MAX 64u

#define RPC_PARSE_ERROR (-32700)
#define RPC_INVALID_REQUEST (-32600)
#define RPC_METHOD_NOT_FOUND (-32601)
#define RPC_INVALID_PARAMS (-32602)
#define RPC_INTERNAL_ERROR (-32603)

/* What arrived on a stream and is not yet a whole line. */
struct rpc_lines {
	struct buf bytes;
	size_t start;	/* of the next line in `bytes` */
	size_t scanned; /* no newline before this */
};

/* `line_bytes_max` 0: RPC_LINE_BYTES_MAX. */
void rpc_lines_init(struct rpc_lines *lines, size_t line_bytes_max);
void rpc_lines_done(struct rpc_lines *lines);
/* Adds octets. -1 when what is kept would pass the maximum: the connection is to be closed. Call
 * rpc_lines_next until it gives nothing before adding more. */
int rpc_lines_add(struct rpc_lines *lines, const void *bytes, size_t length) MUST_CHECK;
/* The next whole line without its end (and without a CR); empty ones are skipped. NULL: none yet.
 * Valid until rpc_lines_add. */
const char *rpc_lines_next(struct rpc_lines *lines, size_t *ret_length);

struct rpc_request {
	json_t *root;
	const json_t *id; /* NULL: a notification, which gets no answer */
	const char *method;
	const json_t *params; /* an object or a list; NULL when absent */
};

/* Reads a request. 0, or a code of the above with *e; ret->id is set when it could be told, so that
 * the error can be answered. rpc_request_done in any case. */
int rpc_request_parse(const char *line, size_t length, struct rpc_request *ret,
		      struct error *e) MUST_CHECK;
void rpc_request_done(struct rpc_request *request);

struct rpc_response {
	json_t *root;
	int64_t id;
	json_t *result; /* NULL: an error */
	bool more;	/* further pages follow */
	int code;
	const char *message;
};

int rpc_response_parse(const char *line, size_t length, struct rpc_response *ret,
		       struct error *e) MUST_CHECK;
void rpc_response_done(struct rpc_response *response);

/* Each appends one line. `id` may be NULL (then null). Nothing is appended that does not fit into
 * `to`: its `overflowed` tells. `result` and `params` are borrowed; params may be NULL. */
void rpc_add_result(struct buf *to, const json_t *id, const json_t *result);
void rpc_add_error(struct buf *to, const json_t *id, int code, const char *message);
void rpc_add_request(struct buf *to, int64_t id, const char *method, const json_t *params);

/* Appends a JSON value as compact text on one line, without newline. */
void rpc_add_json(struct buf *to, const json_t *value);

#endif

/*
 * http: HTTPS requests with mutual TLS on the event loop, over libcurl.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AGENT_HTTP_H
#define AGENT_HTTP_H

#include "agent/config.h"
#include "os/loop.h"

struct http;
struct http_call;

/* Bytes of the answer, in order. Returning false gives the call up. */
typedef bool http_data_fn(const char *bytes, size_t length, void *arg);
/* The end: `status` is HTTP's, or 0 with words. The call is freed afterwards. */
typedef void http_done_fn(int status, const char *words, void *arg);

struct http *http_new(struct loop *loop, const struct config *config, struct error *e);
void http_free(struct http *http);

/* Starts a GET (body NULL) or a POST (the body is copied). `timeout_ms`: of the whole call; 0:
 * none. `path` starts with a slash. Never calls back before it returns. */
struct http_call *http_start(struct http *http, const char *path, const char *content_type,
			     const void *body, size_t length, int64_t timeout_ms,
			     http_data_fn *on_data, http_done_fn *on_done, void *arg);
/* Gives it up without any further callback. NULL is fine. */
void http_cancel(struct http_call *call);

#endif

/*
 * httpd: an HTTP/1.1 server, with or without TLS: libmicrohttpd behind this one file.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Nothing here blocks and nothing runs by itself: the owner watches httpd_fd, and calls httpd_run
 * when it is readable or httpd_timeout_ms has gone by. A request comes to the handler whole, with
 * its body; the handler answers at once, with a body or with a stream. A stream asks its owner for
 * octets when there is room, sleeps when there are none, and is woken with httpd_stream_wake. With
 * a `ca`, a client without a certificate of that authority fails in the handshake.
 *
 * It knows no path and no resource.
 */
#ifndef HTTPD_HTTPD_H
#define HTTPD_HTTPD_H

#include "base/base.h"
#include "base/error.h"
#include "base/ip.h"

#define HTTPD_BODY_BYTES_MAX_DEFAULT (4u << 20)
#define HTTPD_HEADERS_MAX 16u

struct httpd;
struct httpd_request;
struct httpd_stream;

/* Must call httpd_respond or httpd_respond_stream exactly once. */
typedef void httpd_handler_fn(void *context, struct httpd_request *request);

struct httpd_config {
	struct ip_addr address;
	uint16_t port;		     /* 0: any free one, see httpd_port */
	const char *ca_pem;	     /* NULL: no client certificate is asked for */
	const char *certificate_pem; /* NULL: no TLS */
	const char *key_pem;
	size_t body_bytes_max; /* 0: the default; more is answered with 413 */
	unsigned connections_max;
	unsigned idle_timeout_s; /* of a connection without a stream; 0: 60 */
	httpd_handler_fn *handler;
	void *context;
	/* A stream was woken: httpd_run is wanted soon, though not from within this call. */
	void (*run_wanted)(void *run_context);
	void *run_context;
};

struct httpd *httpd_new(const struct httpd_config *config, struct error *e);
/* Ends every stream (their closed functions are called) and closes every connection. NULL is
 * harmless. */
void httpd_free(struct httpd *httpd);
/* Becomes readable when httpd_run has work. */
int httpd_fd(const struct httpd *httpd);
uint16_t httpd_port(const struct httpd *httpd);
void httpd_run(struct httpd *httpd);
/* Run again after so many milliseconds, whatever the descriptor says; -1: no need. */
int httpd_timeout_ms(const struct httpd *httpd);

/* All text is valid until the request is answered. */
const char *httpd_request_method(const struct httpd_request *request);
/* Percent-decoded, without the query. A path with an octet 0 in it is answered with 400 before the
 * handler. */
const char *httpd_request_path(const struct httpd_request *request);
/* NULL when absent; "" when without a value. */
const char *httpd_request_query(const struct httpd_request *request, const char *name);
const char *httpd_request_header(const struct httpd_request *request, const char *name);
const void *httpd_request_body(const struct httpd_request *request, size_t *ret_bytes);
/* The common name of the client's verified certificate; NULL without one. */
const char *httpd_request_client_name(const struct httpd_request *request);

struct httpd_header {
	const char *name;
	const char *value;
};

/* Everything is copied. */
void httpd_respond(struct httpd_request *request, unsigned status,
		   const struct httpd_header *headers, size_t header_count, const void *body,
		   size_t bytes);

/* Fills at most `bytes` octets and returns how many; 0: nothing now, sleep until httpd_stream_wake;
 * -1: the end. */
typedef ssize_t httpd_pull_fn(void *context, void *to, size_t bytes);
/* The stream is over, from whichever side; the stream is gone after this. */
typedef void httpd_closed_fn(void *context);

/* Answers 200 with chunks that `pull` gives. The stream is valid until `closed` was called. */
struct httpd_stream *httpd_respond_stream(struct httpd_request *request,
					  const struct httpd_header *headers, size_t header_count,
					  httpd_pull_fn *pull, httpd_closed_fn *closed,
					  void *context);
/* `pull` is called soon. May be called at any time, also from pull. */
void httpd_stream_wake(struct httpd_stream *stream);

#endif

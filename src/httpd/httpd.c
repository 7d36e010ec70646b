/*
 * httpd: an HTTP/1.1 server, with or without TLS: libmicrohttpd behind this one file.
 * SPDX-License-Identifier: Apache-2.0
 *
 * libmicrohttpd runs with its epoll descriptor inside the owner's loop. Its read callback must give
 * octets or suspend the connection; a connection that is resumed while it is not suspended is an
 * error, so each stream knows whether it sleeps.
 */
#include "httpd/httpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/mem.h"

#define STREAM_BLOCK_BYTES 16384u
#define CLIENT_NAME_MAX 256u
/* What a client may send beyond the cap before we hang up instead of reading on to answer 413. */
#define BODY_DRAIN_FACTOR 4u
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

struct httpd {
	struct MHD_Daemon *daemon;
	void (*run_wanted)(void *run_context);
	void *run_context;
	httpd_handler_fn *handler;
	void *context;
	size_t body_bytes_max;
	bool tls;
	bool ask_certificate;
	bool stopping;
	unsigned idle_timeout_s;
	int fd;
	struct list streams;
};

struct httpd_request {
	struct httpd *httpd;
	struct MHD_Connection *connection;
	char *path;
	const char *method;
	struct buf body;
	size_t received;
	unsigned refuse; /* answer this status without the handler */
	bool answered;
	enum MHD_Result queued;
	char client_name[CLIENT_NAME_MAX];
};

struct httpd_stream {
	struct list node;
	struct httpd *httpd;
	struct MHD_Connection *connection;
	httpd_pull_fn *pull;
	httpd_closed_fn *closed;
	void *context;
	bool asleep; /* suspended in libmicrohttpd */
	bool woken;  /* was woken while it was awake */
	bool ending;
};

/* The verified name of the client, once the handshake is over. */
static void client_name_read(struct httpd_request *request)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	size_t bytes = sizeof(request->client_name);
	const gnutls_datum_t *chain;
	gnutls_x509_crt_t certificate;
	unsigned count = 0, status = 1;

	if (info == NULL || info->tls_session == NULL)
		return;
	chain = gnutls_certificate_get_peers(info->tls_session, &count);
	if (chain == NULL || count == 0 ||
	    gnutls_certificate_verify_peers2(info->tls_session, &status) < 0 || status != 0)
		return;
	if (gnutls_x509_crt_init(&certificate) < 0)
		return;
	if (gnutls_x509_crt_import(certificate, &chain[0], GNUTLS_X509_FMT_DER) < 0 ||
	    gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0,
					  request->client_name, &bytes) < 0)
		request->client_name[0] = '\0';
	/* A name with a NUL inside is not the name that it seems to be. */
	if (strlen(request->client_name) != bytes)
		request->client_name[0] = '\0';
	gnutls_x509_crt_deinit(certificate);
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct httpd *httpd = cls;
	const union MHD_ConnectionInfo *info;

	(void)socket_context;
	if (code != MHD_CONNECTION_NOTIFY_STARTED || !httpd->ask_certificate)
		return;
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	if (info == NULL || info->tls_session == NULL)
		return;
	gnutls_certificate_server_set_request(info->tls_session, GNUTLS_CERT_REQUIRE);
	gnutls_session_set_verify_cert(info->tls_session, NULL, 0);
}

static void request_free(struct httpd_request *request)
{
	if (request == NULL)
		return;
	buf_done(&request->body);
	mem_free(request->path);
	mem_free(request);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **request_context,
			 enum MHD_RequestTerminationCode code)
{
	(void)cls;
	(void)connection;
	(void)code;
	request_free(*request_context);
	*request_context = NULL;
}

/* Called for each request as its line arrives, with the path as it was sent: makes our request. */
static void *on_uri(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct httpd_request *request = mem_zalloc(sizeof(*request));

	request->httpd = cls;
	request->connection = connection;
	if (strcasestr(uri, "%00") != NULL)
		request->refuse = MHD_HTTP_BAD_REQUEST;
	buf_init(&request->body, ((struct httpd *)cls)->body_bytes_max);
	return request;
}

static void queue(struct httpd_request *request, unsigned status, struct MHD_Response *response,
		  const struct httpd_header *headers, size_t header_count)
{
	for (size_t i = 0; i < header_count; i++)
		MHD_add_response_header(response, headers[i].name, headers[i].value);
	request->queued = MHD_queue_response(request->connection, status, response);
	request->answered = true;
	MHD_destroy_response(response);
}

void httpd_respond(struct httpd_request *request, unsigned status,
		   const struct httpd_header *headers, size_t header_count, const void *body,
		   size_t bytes)
{
	assert(!request->answered);
	queue(request, status,
	      MHD_create_response_from_buffer(bytes, (void *)(uintptr_t)(bytes == 0 ? "" : body),
					      MHD_RESPMEM_MUST_COPY),
	      headers, header_count);
}

static ssize_t on_pull(void *cls, uint64_t position, char *to, size_t bytes)
{
	struct httpd_stream *stream = cls;
	ssize_t filled;

	(void)position;
	if (stream->ending)
		return MHD_CONTENT_READER_END_OF_STREAM;
	stream->woken = false;
	filled = stream->pull(stream->context, to, bytes);
	if (filled < 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (filled == 0 && !stream->woken) {
		stream->asleep = true;
		MHD_suspend_connection(stream->connection);
	}
	return filled;
}

static void on_stream_free(void *cls)
{
	struct httpd_stream *stream = cls;

	list_remove(&stream->node);
	stream->closed(stream->context);
	mem_free(stream);
}

struct httpd_stream *httpd_respond_stream(struct httpd_request *request,
					  const struct httpd_header *headers, size_t header_count,
					  httpd_pull_fn *pull, httpd_closed_fn *closed,
					  void *context)
{
	struct httpd_stream *stream = mem_zalloc(sizeof(*stream));

	assert(!request->answered);
	stream->httpd = request->httpd;
	stream->connection = request->connection;
	stream->pull = pull;
	stream->closed = closed;
	stream->context = context;
	list_push_back(&request->httpd->streams, &stream->node);
	/* A stream may be silent for as long as it likes. */
	MHD_set_connection_option(request->connection, MHD_CONNECTION_OPTION_TIMEOUT, 0u);
	queue(request, MHD_HTTP_OK,
	      MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, on_pull,
						stream, on_stream_free),
	      headers, header_count);
	return stream;
}

void httpd_stream_wake(struct httpd_stream *stream)
{
	stream->woken = true;
	if (!stream->asleep)
		return;
	stream->asleep = false;
	MHD_resume_connection(stream->connection);
	/* Without a thread of its own, libmicrohttpd signals a resumed connection to nobody. */
	stream->httpd->run_wanted(stream->httpd->run_context);
}

static enum MHD_Result refuse(struct httpd_request *request, unsigned status)
{
	static const char too_large[] = "{\"error\":{\"code\":\"RequestBodyTooLarge\",\"message\":"
					"\"the body is larger than "
					"this server takes\",\"details\":[]}}";
	static const char bad[] =
		"{\"error\":{\"code\":\"BadRequest\",\"message\":\"the path is not "
		"well-formed\",\"details\":[]}}";
	const char *text = status == MHD_HTTP_CONTENT_TOO_LARGE ? too_large : bad;
	const struct httpd_header headers[] = {
		{ "Content-Type", "application/json; charset=UTF-8" }, { "Connection", "close" }
	};

	httpd_respond(request, status, headers, ARRAY_SIZE(headers), text, strlen(text));
	return request->queued;
}

static enum MHD_Result take_body(struct httpd_request *request, const char *data, size_t *bytes)
{
	request->received += *bytes;
	if (request->received > request->httpd->body_bytes_max) {
		request->refuse = MHD_HTTP_CONTENT_TOO_LARGE;
		if (request->received / BODY_DRAIN_FACTOR > request->httpd->body_bytes_max)
			return MHD_NO;
	} else {
		buf_add(&request->body, data, *bytes);
	}
	*bytes = 0;
	return MHD_YES;
}

static bool announced_too_large(const struct httpd_request *request)
{
	const char *length = httpd_request_header(request, "Content-Length");

	return length != NULL && strtoull(length, NULL, 10) > request->httpd->body_bytes_max;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_bytes, void **request_context)
{
	struct httpd *httpd = cls;
	struct httpd_request *request = *request_context;

	(void)connection;
	(void)version;
	if (request->path == NULL) { /* the headers are here, the body is not */
		request->path = mem_strdup(url);
		request->method = method;
		if (httpd->tls && httpd->ask_certificate)
			client_name_read(request);
		if (announced_too_large(request))
			return refuse(request, MHD_HTTP_CONTENT_TOO_LARGE);
		return MHD_YES;
	}
	if (*upload_bytes != 0)
		return take_body(request, upload, upload_bytes);
	if (request->answered)
		return MHD_YES;
	if (request->refuse != 0)
		return refuse(request, request->refuse);
	httpd->handler(httpd->context, request);
	assert(request->answered);
	return request->queued;
}

static void quiet_log(void *cls, const char *format, va_list args)
{
	(void)cls;
	(void)format;
	(void)args;
}

static socklen_t socket_address(const struct httpd_config *config, struct sockaddr_storage *to)
{
	*to = (struct sockaddr_storage){ .ss_family = config->address.family };
	if (config->address.family == IP_V6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)to;

		in6->sin6_port = htons(config->port);
		memcpy(&in6->sin6_addr, config->address.bytes, 16);
		return sizeof(*in6);
	}
	struct sockaddr_in *in = (struct sockaddr_in *)to;

	in->sin_port = htons(config->port);
	memcpy(&in->sin_addr, config->address.bytes, 4);
	return sizeof(*in);
}

/* Options end at the first MHD_OPTION_END, so TLS comes as an array of its own. */
static size_t tls_options(const struct httpd_config *config,
			  struct MHD_OptionItem options[static 5])
{
	size_t count = 0;

	if (config->certificate_pem != NULL) {
		options[count++] =
			(struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0,
						 (void *)(uintptr_t)config->certificate_pem };
		options[count++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0,
							    (void *)(uintptr_t)config->key_pem };
		options[count++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_PRIORITIES, 0,
							    (void *)(uintptr_t)TLS_PRIORITIES };
		if (config->ca_pem != NULL)
			options[count++] =
				(struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_TRUST, 0,
							 (void *)(uintptr_t)config->ca_pem };
	}
	options[count] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	return count;
}

/* A peer that is silently gone does not hold its connection for a quarter of an hour: accepted
 * sockets inherit this. */
static int set_patience(int fd)
{
	static const struct {
		int level, name, value;
	} options[] = {
		{ SOL_SOCKET, SO_REUSEADDR, 1 },	  { SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 10 },	  { IPPROTO_TCP, TCP_KEEPINTVL, 5 },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, 20000 }, /* ms */
	};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (setsockopt(fd, options[i].level, options[i].name, &options[i].value,
			       sizeof(options[i].value)) < 0)
			return -1;
	}
	return 0;
}

/* Binds by itself, so that the reason of a failure is known. */
static int listen_socket(const struct httpd_config *config, struct error *e)
{
	char text[IP_TEXT_MAX];
	struct sockaddr_storage address;
	socklen_t length = socket_address(config, &address);
	int fd = socket(config->address.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && set_patience(fd) == 0 &&
	    bind(fd, (struct sockaddr *)&address, length) == 0 && listen(fd, 128) == 0)
		return fd;
	error_set(e, "cannot listen on %s port %u: %s", ip_addr_format(&config->address, text),
		  config->port, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static int start(struct httpd *httpd, const struct httpd_config *config, int fd, struct error *e)
{
	struct MHD_OptionItem options[5];
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	const union MHD_DaemonInfo *info;

	tls_options(config, options);
	if (config->certificate_pem != NULL)
		flags |= MHD_USE_TLS;
	httpd->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, on_request, httpd, MHD_OPTION_EXTERNAL_LOGGER, quiet_log,
		NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, on_uri, httpd,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, httpd, MHD_OPTION_NOTIFY_CONNECTION,
		on_connection, httpd, MHD_OPTION_CONNECTION_LIMIT,
		config->connections_max != 0 ? config->connections_max : 1024u,
		MHD_OPTION_CONNECTION_TIMEOUT, httpd->idle_timeout_s, MHD_OPTION_STRICT_FOR_CLIENT,
		1, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
	if (httpd->daemon == NULL)
		return error_set(e,
				 "the HTTP server did not start: certificate or key is not usable");
	info = MHD_get_daemon_info(httpd->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	assert(info != NULL);
	httpd->fd = info->epoll_fd;
	return 0;
}

struct httpd *httpd_new(const struct httpd_config *config, struct error *e)
{
	struct httpd *httpd;
	int fd = listen_socket(config, e);

	if (fd < 0)
		return NULL;
	httpd = mem_zalloc(sizeof(*httpd));
	httpd->handler = config->handler;
	httpd->context = config->context;
	httpd->run_wanted = config->run_wanted;
	httpd->run_context = config->run_context;
	httpd->body_bytes_max =
		config->body_bytes_max != 0 ? config->body_bytes_max : HTTPD_BODY_BYTES_MAX_DEFAULT;
	httpd->tls = config->certificate_pem != NULL;
	httpd->ask_certificate = httpd->tls && config->ca_pem != NULL;
	httpd->idle_timeout_s = config->idle_timeout_s != 0 ? config->idle_timeout_s : 60u;
	list_init(&httpd->streams);
	if (start(httpd, config, fd, e) < 0) {
		close(fd);
		mem_free(httpd);
		return NULL;
	}
	return httpd;
}

void httpd_free(struct httpd *httpd)
{
	if (httpd == NULL)
		return;
	LIST_FOR_EACH (node, &httpd->streams) {
		struct httpd_stream *stream = CONTAINER_OF(node, struct httpd_stream, node);

		stream->ending = true;
		httpd_stream_wake(stream);
	}
	MHD_run(httpd->daemon); /* a suspended connection must not be closed */
	MHD_stop_daemon(httpd->daemon);
	mem_free(httpd);
}

int httpd_fd(const struct httpd *httpd)
{
	return httpd->fd;
}

uint16_t httpd_port(const struct httpd *httpd)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(httpd->daemon, MHD_DAEMON_INFO_LISTEN_FD);
	struct sockaddr_storage address = { 0 };
	socklen_t length = sizeof(address);

	if (info == NULL || getsockname(info->listen_fd, (struct sockaddr *)&address, &length) < 0)
		return 0;
	return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
						   : ((struct sockaddr_in *)&address)->sin_port);
}

void httpd_run(struct httpd *httpd)
{
	MHD_run(httpd->daemon);
}

int httpd_timeout_ms(const struct httpd *httpd)
{
	MHD_UNSIGNED_LONG_LONG timeout;

	if (MHD_get_timeout(httpd->daemon, &timeout) != MHD_YES)
		return -1;
	return timeout > 60000 ? 60000 : (int)timeout;
}

const char *httpd_request_method(const struct httpd_request *request)
{
	return request->method;
}

const char *httpd_request_path(const struct httpd_request *request)
{
	return request->path;
}

const char *httpd_request_query(const struct httpd_request *request, const char *name)
{
	const char *value = NULL;

	if (MHD_lookup_connection_value_n(request->connection, MHD_GET_ARGUMENT_KIND, name,
					  strlen(name), &value, NULL) != MHD_YES)
		return NULL;
	return value != NULL ? value : "";
}

const char *httpd_request_header(const struct httpd_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const void *httpd_request_body(const struct httpd_request *request, size_t *ret_bytes)
{
	*ret_bytes = request->body.length;
	return buf_text(&request->body);
}

const char *httpd_request_client_name(const struct httpd_request *request)
{
	return request->client_name[0] != '\0' ? request->client_name : NULL;
}

/*
 * http: HTTPS requests with mutual TLS on the event loop, over libcurl.
 * SPDX-License-Identifier: Apache-2.0
 *
 * libcurl tells which descriptors and which timer it wants (its "socket action" interface); they
 * become watchers of the loop. One watcher per descriptor, owned here.
 */
#include "agent/http.h"

#include <curl/curl.h>

#include "base/mem.h"

#define HTTP_CONNECT_TIMEOUT_MS 2000L

struct http_socket {
	struct list node;
	struct http *http;
	struct loop_fd watch;
	curl_socket_t fd;
};

struct http_call {
	struct list node;
	struct http *http;
	CURL *easy;
	struct curl_slist *headers;
	http_data_fn *on_data;
	http_done_fn *on_done;
	void *arg;
	char words[CURL_ERROR_SIZE];
};

struct http {
	struct loop *loop;
	const struct config *config;
	CURLM *multi;
	struct loop_timer timer;
	struct loop_defer finish;
	struct list sockets;
	struct list calls;
};

/* Calls that have ended are told from a deferred call, never from inside libcurl. */
static void http_finish(struct loop_defer *defer UNUSED, void *arg)
{
	struct http *http = arg;
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
		struct http_call *call;
		http_done_fn *on_done;
		char *private = NULL;
		char words[CURL_ERROR_SIZE];
		void *call_arg;
		long status = 0;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
		call = (void *)private;
		if (message->data.result == CURLE_OK)
			curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
		snprintf(words, sizeof(words), "%s",
			 call->words[0] != '\0' ? call->words
						: curl_easy_strerror(message->data.result));
		on_done = call->on_done;
		call_arg = call->arg;
		http_cancel(call);
		on_done((int)status, words, call_arg);
	}
}

static void http_action(struct http *http, curl_socket_t fd, int events)
{
	int running;

	curl_multi_socket_action(http->multi, fd, events, &running);
	loop_defer_add(http->loop, &http->finish);
}

static void on_http_timer(struct loop_timer *timer UNUSED, void *arg)
{
	http_action(arg, CURL_SOCKET_TIMEOUT, 0);
}

static void on_http_socket(struct loop_fd *watch UNUSED, uint32_t events, void *arg)
{
	struct http_socket *sock = arg;
	int action = 0;

	if ((events & EPOLLIN) != 0)
		action |= CURL_CSELECT_IN;
	if ((events & EPOLLOUT) != 0)
		action |= CURL_CSELECT_OUT;
	if ((events & (EPOLLERR | EPOLLHUP)) != 0)
		action |= CURL_CSELECT_ERR;
	http_action(sock->http, sock->fd, action);
}

static void http_socket_free(struct http_socket *sock)
{
	loop_fd_remove(&sock->watch);
	list_remove(&sock->node);
	mem_free(sock);
}

static int curl_wants_socket(CURL *easy UNUSED, curl_socket_t fd, int what, void *arg,
			     void *socket_arg)
{
	struct http *http = arg;
	struct http_socket *sock = socket_arg;
	uint32_t events = 0;

	if (what == CURL_POLL_REMOVE) {
		if (sock != NULL)
			http_socket_free(sock);
		return 0;
	}
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		events |= EPOLLIN;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		events |= EPOLLOUT;
	if (sock != NULL) {
		loop_fd_set(&sock->watch, events);
		return 0;
	}
	sock = mem_zalloc(sizeof(*sock));
	sock->http = http;
	sock->fd = fd;
	loop_fd_init(&sock->watch);
	list_push_back(&http->sockets, &sock->node);
	if (loop_fd_add(http->loop, &sock->watch, fd, events, on_http_socket, sock) < 0) {
		http_socket_free(sock);
		return -1;
	}
	curl_multi_assign(http->multi, fd, sock);
	return 0;
}

static int curl_wants_timer(CURLM *multi UNUSED, long timeout_ms, void *arg)
{
	struct http *http = arg;

	if (timeout_ms < 0)
		loop_timer_clear(http->loop, &http->timer);
	else
		loop_timer_set(http->loop, &http->timer,
			       instant_add(loop_now(http->loop), duration_ms(timeout_ms)));
	return 0;
}

static size_t curl_has_data(char *bytes, size_t size, size_t count, void *arg)
{
	struct http_call *call = arg;

	if (call->on_data != NULL && !call->on_data(bytes, size * count, call->arg))
		return 0;
	return size * count;
}

struct http *http_new(struct loop *loop, const struct config *config, struct error *e)
{
	struct http *http;
	CURLM *multi;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		error_set(e, "libcurl cannot be initialised");
		return NULL;
	}
	multi = curl_multi_init();
	if (multi == NULL) {
		error_set(e, "libcurl has no memory");
		return NULL;
	}
	http = mem_zalloc(sizeof(*http));
	http->loop = loop;
	http->config = config;
	http->multi = multi;
	list_init(&http->sockets);
	list_init(&http->calls);
	loop_timer_init(&http->timer, on_http_timer, http);
	loop_defer_init(&http->finish, http_finish, http);
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, curl_wants_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, curl_wants_timer);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, http);
	return http;
}

void http_free(struct http *http)
{
	if (http == NULL)
		return;
	while (!list_is_empty(&http->calls))
		http_cancel(CONTAINER_OF(http->calls.next, struct http_call, node));
	curl_multi_cleanup(http->multi);
	while (!list_is_empty(&http->sockets))
		http_socket_free(CONTAINER_OF(http->sockets.next, struct http_socket, node));
	loop_timer_clear(http->loop, &http->timer);
	loop_defer_remove(&http->finish);
	mem_free(http);
	curl_global_cleanup();
}

static void http_set_options(struct http_call *call, const char *url, int64_t timeout_ms)
{
	const struct config *config = call->http->config;
	CURL *easy = call->easy;

	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, (char *)call);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->words);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(easy, CURLOPT_CAINFO, config->tls_ca);
	curl_easy_setopt(easy, CURLOPT_SSLCERT, config->tls_certificate);
	curl_easy_setopt(easy, CURLOPT_SSLKEY, config->tls_key);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, HTTP_CONNECT_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, curl_has_data);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
}

struct http_call *http_start(struct http *http, const char *path, const char *content_type,
			     const void *body, size_t length, int64_t timeout_ms,
			     http_data_fn *on_data, http_done_fn *on_done, void *arg)
{
	struct http_call *call = mem_zalloc(sizeof(*call));
	char url[1024], header[128];

	call->http = http;
	call->easy = curl_easy_init();
	assert(call->easy != NULL);
	call->on_data = on_data;
	call->on_done = on_done;
	call->arg = arg;
	snprintf(url, sizeof(url), "%s%s", http->config->controller, path);
	http_set_options(call, url, timeout_ms);
	if (body != NULL) {
		snprintf(header, sizeof(header), "Content-Type: %s", content_type);
		call->headers = curl_slist_append(call->headers, header);
		call->headers = curl_slist_append(call->headers, "Expect:");
		curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
		curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
		curl_easy_setopt(call->easy, CURLOPT_COPYPOSTFIELDS, (const char *)body);
	}
	list_push_back(&http->calls, &call->node);
	curl_multi_add_handle(http->multi, call->easy);
	return call;
}

void http_cancel(struct http_call *call)
{
	if (call == NULL)
		return;
	list_remove(&call->node);
	curl_multi_remove_handle(call->http->multi, call->easy);
	curl_easy_cleanup(call->easy);
	curl_slist_free_all(call->headers);
	mem_free(call);
}

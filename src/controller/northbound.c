/*
 * northbound: the REST port: HTTP to api/ and back.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Headers of MS-NCNBI: x-ms-request-id names each answer, x-ms-client-request-id is echoed, a
 * DELETE points at its operation. Without tokens (loopback only) every caller is admin.
 */
#include <strings.h>

#include "controller/controller.h"
#include "controller/log.h"

#define HEADERS_MAX 10u
#define OPERATIONS_PATH "/networking/v1/operations/"
#define RESULTS_PATH "/networking/v1/operationResults/"
#define CLIENT_ID_MAX 128u
#define JSON_TYPE "application/json; charset=UTF-8"

struct answer {
	struct httpd_header headers[HEADERS_MAX];
	size_t count;
	char operation[sizeof(OPERATIONS_PATH) + RANDOM_GUID_TEXT_MAX];
	char result[sizeof(RESULTS_PATH) + RANDOM_GUID_TEXT_MAX];
	char request_id[RANDOM_GUID_TEXT_MAX];
};

static void add_header(struct answer *answer, const char *name, const char *value)
{
	assert(answer->count < HEADERS_MAX);
	answer->headers[answer->count++] = (struct httpd_header){ name, value };
}

/* Only what cannot break a header is echoed. */
static bool is_plain(const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	}
	return length != 0 && length < CLIENT_ID_MAX;
}

static void start_answer(struct answer *answer, const struct httpd_request *request)
{
	const char *client_id = httpd_request_header(request, "x-ms-client-request-id");

	random_guid(answer->request_id);
	add_header(answer, "x-ms-request-id", answer->request_id);
	if (client_id != NULL && is_plain(client_id))
		add_header(answer, "x-ms-client-request-id", client_id);
	add_header(answer, "Cache-Control", "no-store");
}

void controller_answer(struct httpd_request *request, unsigned status,
		       const struct httpd_header *headers, size_t header_count, json_t *body)
{
	struct httpd_header all[HEADERS_MAX + 1];
	char *text = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);

	assert(header_count <= HEADERS_MAX);
	if (header_count != 0)
		memcpy(all, headers, header_count * sizeof(*headers));
	all[header_count] = (struct httpd_header){ "Content-Type", JSON_TYPE };
	httpd_respond(request, status, all, header_count + (text != NULL), text,
		      text != NULL ? strlen(text) : 0);
	free(text);
	json_decref(body);
}

static void note_operation(struct controller *c, const char *id)
{
	struct controller_operation *operation = &c->operations[c->operation_next];

	c->operation_next = (c->operation_next + 1) % CONTROLLER_OPERATIONS_MAX;
	snprintf(operation->id, sizeof(operation->id), "%s", id);
}

/* Every operation is done when it is answered, so that all that are known have succeeded. */
static void answer_operation(struct controller *c, struct httpd_request *request,
			     struct answer *answer, const char *id)
{
	for (size_t i = 0; i < CONTROLLER_OPERATIONS_MAX; i++) {
		if (id[0] != '\0' && strcasecmp(c->operations[i].id, id) == 0) {
			controller_answer(request, 200, answer->headers, answer->count,
					  json_pack("{s:s}", "status", "Succeeded"));
			return;
		}
	}
	controller_answer(request, 404, answer->headers, answer->count,
			  api_error_body("NotFound", "no such operation is remembered", NULL));
}

static const char *operation_id(const char *path)
{
	static const char *const bases[] = { OPERATIONS_PATH, RESULTS_PATH };

	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		if (strncasecmp(path, bases[i], strlen(bases[i])) == 0)
			return path + strlen(bases[i]);
	}
	return NULL;
}

static bool is_true(const char *value)
{
	return value != NULL && strcasecmp(value, "true") == 0;
}

static void send_response(struct controller *c, struct httpd_request *request,
			  struct answer *answer, struct api_response *response)
{
	if (response->etag[0] != '\0')
		add_header(answer, "ETag", response->etag);
	if (response->location[0] != '\0')
		add_header(answer, "Location", response->location);
	if (response->allow[0] != '\0')
		add_header(answer, "Allow", response->allow);
	if (response->status == 401)
		add_header(answer, "WWW-Authenticate", "Bearer");
	if (response->deleted) {
		note_operation(c, answer->request_id);
		snprintf(answer->operation, sizeof(answer->operation), OPERATIONS_PATH "%s",
			 answer->request_id);
		snprintf(answer->result, sizeof(answer->result), RESULTS_PATH "%s",
			 answer->request_id);
		add_header(answer, "Azure-AsyncOperation", answer->operation);
		add_header(answer, "Location", answer->result);
	}
	controller_answer(request, response->status, answer->headers, answer->count,
			  response->body);
}

static void log_request(const struct httpd_request *request, const struct api_response *response,
			const char *who, const char *request_id)
{
	const char *message = json_string_value(
		json_object_get(json_object_get(response->body, "error"), "message"));
	int level = strcmp(httpd_request_method(request), "GET") == 0 ? LOG_DEBUG : LOG_INFO;

	log_event(level, NULL, NULL, "request=%s caller=%s status=%u %s %s%s%s", request_id, who,
		  response->status, httpd_request_method(request), httpd_request_path(request),
		  message != NULL ? ": " : "", message != NULL ? message : "");
}

/* Without tokens, who reaches the loopback address is trusted: then the request must have been
 * meant for it, and not be one that a web page makes a browser send to a name of its own that it
 * points here. */
static bool host_is_local(const struct httpd_request *request)
{
	const char *host = httpd_request_header(request, "Host");
	char name[IP_TEXT_MAX];
	struct ip_addr addr;
	size_t length;

	if (host == NULL || host[0] == '[') /* an address */
		return true;
	length = strcspn(host, ":");
	if (length >= sizeof(name))
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)length, host);
	return strcasecmp(name, "localhost") == 0 || ip_addr_parse(name, &addr, NULL) == 0;
}

void controller_northbound(void *context, struct httpd_request *request)
{
	struct controller *c = context;
	const char *path = httpd_request_path(request);
	const char *who = "local";
	struct answer answer = { 0 };
	struct api_response response;
	struct api_request api_request = {
		.method = httpd_request_method(request),
		.path = path,
		.content_type = httpd_request_header(request, "Content-Type"),
		.if_match = httpd_request_header(request, "If-Match"),
		.if_none_match = httpd_request_header(request, "If-None-Match"),
		.dry_run = is_true(httpd_request_query(request, "dryRun")),
		.role = API_ROLE_ADMIN,
	};

	start_answer(&answer, request);
	if (strcmp(path, "/healthz") == 0) {
		controller_answer(request, 200, answer.headers, answer.count,
				  json_pack("{s:s}", "status", "ok"));
		return;
	}
	if (c->config.tokens != NULL)
		api_request.role = token_list_role(
			&c->tokens, httpd_request_header(request, "Authorization"), &who);
	else if (!host_is_local(request))
		api_request.role = API_ROLE_NONE;
	if (operation_id(path) != NULL && api_request.role != API_ROLE_NONE) {
		answer_operation(c, request, &answer, operation_id(path));
		return;
	}
	if (strncasecmp(path, "/networking/v1", strlen("/networking/v1")) != 0) {
		controller_answer(
			request, 404, answer.headers, answer.count,
			api_error_body("NotFound", "the API is under /networking/v1/", NULL));
		return;
	}
	api_request.body = httpd_request_body(request, &api_request.body_bytes);
	api_handle(c->api, &api_request, &response);
	log_request(request, &response, who, answer.request_id);
	send_response(c, request, &answer, &response);
}

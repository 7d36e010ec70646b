/*
 * southbound: the node channel: streams of objects out; leases, status and the route feed in.
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/INTERFACES.md section 7. A node is who its certificate says, and speaks for nobody else.
 */
#include "base/buf.h"
#include "base/mem.h"
#include "controller/controller.h"
#include "controller/log.h"

#define NODES_PATH "/nodes/v1/"
#define NODE_NAME_MAX 64u
#define REST_MAX 16u

/* The watch of one node, between the orchestrator and its HTTP response. */
struct stream {
	struct list node;
	struct controller *controller;
	char name[NODE_NAME_MAX];
	struct node_stream *lines; /* NULL: over */
	struct httpd_stream *http;
	struct buf waiting; /* lines that did not fit yet */
};

static void answer_error(struct httpd_request *request, unsigned status, const char *code,
			 const char *message)
{
	controller_answer(request, status, NULL, 0, api_error_body(code, message, NULL));
}

static ssize_t stream_pull(void *context, void *to, size_t bytes)
{
	struct stream *stream = context;
	struct error error;
	size_t count;

	/* Not a word to a node before it is kept. */
	if (stream->controller->keeper.count != 0 &&
	    controller_settle(stream->controller, &error) < 0)
		return 0;
	while (stream->lines != NULL && stream->waiting.length < bytes) {
		const char *line = node_stream_next(stream->lines, &count);

		if (line == NULL)
			break;
		buf_add(&stream->waiting, line, count);
	}
	if (stream->lines == NULL && stream->waiting.length == 0)
		return -1;
	count = MIN(bytes, stream->waiting.length);
	if (count != 0) {
		memcpy(to, buf_text(&stream->waiting), count);
		buf_consume(&stream->waiting, count);
	}
	return (ssize_t)count;
}

static void stream_closed(void *context)
{
	struct stream *stream = context;

	if (stream->lines != NULL) {
		log_event(LOG_INFO, NULL, stream->name, "the stream of objects ended");
		node_stream_close(stream->lines);
	}
	list_remove(&stream->node);
	buf_done(&stream->waiting);
	mem_free(stream);
}

void controller_stream_ready(struct node_stream *lines)
{
	struct stream *stream = node_stream_data(lines);

	if (stream->http != NULL)
		httpd_stream_wake(stream->http);
}

void controller_wake_streams(struct controller *c)
{
	LIST_FOR_EACH (node, &c->streams) {
		struct stream *stream = CONTAINER_OF(node, struct stream, node);

		if (stream->http != NULL)
			httpd_stream_wake(stream->http);
	}
}

/* A node that comes again has lost the stream that it had. */
static void end_former_streams(struct controller *c, const char *name)
{
	LIST_FOR_EACH (node, &c->streams) {
		struct stream *stream = CONTAINER_OF(node, struct stream, node);

		if (strcmp(stream->name, name) != 0 || stream->lines == NULL)
			continue;
		node_stream_close(stream->lines);
		stream->lines = NULL;
		buf_clear(&stream->waiting);
		httpd_stream_wake(stream->http);
	}
}

static int read_number(const char *text, uint64_t *ret_number)
{
	char *end;

	if (text == NULL || text[0] < '0' || text[0] > '9')
		return -1;
	*ret_number = strtoull(text, &end, 10);
	return *end == '\0' ? 0 : -1;
}

static void handle_objects(struct controller *c, struct httpd_request *request, const char *name)
{
	static const struct httpd_header headers[] = { { "Content-Type", "application/x-ndjson" },
						       { "Cache-Control", "no-store" } };
	const char *generation = httpd_request_query(request, "generation");
	const char *revision_text = httpd_request_query(request, "revision");
	uint64_t revision = 0;
	struct stream *stream;
	struct error error;

	if (revision_text != NULL && read_number(revision_text, &revision) < 0) {
		answer_error(request, 400, "BadRequest", "revision: must be a number");
		return;
	}
	end_former_streams(c, name);
	stream = mem_zalloc(sizeof(*stream));
	stream->controller = c;
	snprintf(stream->name, sizeof(stream->name), "%s", name);
	buf_init(&stream->waiting, 0);
	list_push_back(&c->streams, &stream->node);
	stream->lines = node_stream_open(c->orchestrator, name,
					 generation != NULL ? generation : "", revision, stream);
	if (stream->lines == NULL) {
		stream_closed(stream);
		answer_error(request, 404, "NotFound", "no gateway or server has this name");
		return;
	}
	/* Its pings are due from now on; if the store fails, the stream waits for it. */
	if (controller_settle(c, &error) < 0)
		log_event(LOG_WARNING, NULL, name, "the stream has to wait for the store");
	log_event(LOG_INFO, NULL, name, "the stream of objects starts, from revision %" PRIu64,
		  revision);
	stream->http = httpd_respond_stream(request, headers, ARRAY_SIZE(headers), stream_pull,
					    stream_closed, stream);
}

static json_t *read_body(struct httpd_request *request)
{
	json_error_t where;
	size_t bytes;
	const void *text = httpd_request_body(request, &bytes);
	json_t *body = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &where);
	struct error error;

	if (body == NULL) {
		error_set(&error, "line %d, column %d: %s", where.line, where.column, where.text);
		answer_error(request, 400, "InvalidJson", error.text);
	}
	return body;
}

/* What the post made the orchestrator decide is kept before the answer. */
static bool settled(struct controller *c, struct httpd_request *request)
{
	struct error error;

	if (controller_settle(c, &error) == 0)
		return true;
	answer_error(request, 503, "ServiceUnavailable", error.text);
	return false;
}

static void handle_lease(struct controller *c, struct httpd_request *request, const char *name)
{
	json_t *body = read_body(request);
	struct error error;
	json_t *reply;

	if (body == NULL)
		return;
	reply = orchestrator_lease(c->orchestrator, name, body, &error, loop_now(c->loop));
	json_decref(body);
	if (!settled(c, request))
		json_decref(reply);
	else if (reply == NULL)
		answer_error(request, 422, "InvalidResource", error.text);
	else
		controller_answer(request, 200, NULL, 0, reply);
}

static void handle_status(struct controller *c, struct httpd_request *request, const char *name)
{
	json_t *body = read_body(request);
	struct error error;
	int result;

	if (body == NULL)
		return;
	result = orchestrator_status(c->orchestrator, name, body, &error, loop_now(c->loop));
	json_decref(body);
	if (!settled(c, request))
		return;
	if (result < 0)
		answer_error(request, 422, "InvalidResource", error.text);
	else
		controller_answer(request, 200, NULL, 0, json_object());
}

static void handle_feed(struct controller *c, struct httpd_request *request, const char *name)
{
	const char *session = httpd_request_query(request, "session");
	uint64_t offset, expected = 0;
	size_t bytes;
	const void *octets = httpd_request_body(request, &bytes);
	int result;

	if (session == NULL || session[0] == '\0' ||
	    read_number(httpd_request_query(request, "offset"), &offset) < 0) {
		answer_error(request, 400, "BadRequest",
			     "session and offset: both are needed, offset as a number");
		return;
	}
	result = orchestrator_feed(c->orchestrator, name, session, offset, octets, bytes, &expected,
				   loop_now(c->loop));
	if (!settled(c, request))
		return;
	if (result < 0)
		answer_error(request, 422, "InvalidResource", "the feed is not BMP");
	else
		controller_answer(request, result == 0 ? 200 : 409, NULL, 0,
				  json_pack("{s:I}", "offset", (json_int_t)expected));
}

struct node_path {
	char name[NODE_NAME_MAX];
	char rest[REST_MAX]; /* "lease" */
};

static bool parse_path(const char *path, struct node_path *to)
{
	const char *slash;

	if (strncmp(path, NODES_PATH, strlen(NODES_PATH)) != 0)
		return false;
	path += strlen(NODES_PATH);
	slash = strchr(path, '/');
	if (slash == NULL || slash == path || (size_t)(slash - path) >= sizeof(to->name) ||
	    strlen(slash + 1) >= sizeof(to->rest))
		return false;
	snprintf(to->name, sizeof(to->name), "%.*s", (int)(slash - path), path);
	snprintf(to->rest, sizeof(to->rest), "%s", slash + 1);
	return true;
}

static bool may_speak_for(const struct httpd_request *request, const char *name)
{
	const char *certificate = httpd_request_client_name(request);

	return certificate != NULL && strncmp(certificate, "node:", 5) == 0 &&
	       strcmp(certificate + 5, name) == 0;
}

struct node_action {
	const char *name;
	const char *method;
	void (*handle)(struct controller *c, struct httpd_request *request, const char *name);
};

static const struct node_action actions[] = {
	{ "objects", "GET", handle_objects },
	{ "lease", "POST", handle_lease },
	{ "status", "POST", handle_status },
	{ "feed", "POST", handle_feed },
};

void controller_southbound(void *context, struct httpd_request *request)
{
	struct controller *c = context;
	const struct node_action *action = NULL;
	struct node_path path;

	if (parse_path(httpd_request_path(request), &path)) {
		for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
			if (strcmp(actions[i].name, path.rest) == 0)
				action = &actions[i];
		}
	}
	if (action == NULL) {
		answer_error(request, 404, "NotFound", "no such path of the node channel");
	} else if (!may_speak_for(request, path.name)) {
		const char *who = httpd_request_client_name(request);

		log_event(LOG_WARNING, NULL, path.name, "refused: the certificate is of '%s'",
			  who != NULL ? who : "nobody");
		answer_error(request, 403, "Forbidden", "the certificate is not that of this node");
	} else if (strcmp(httpd_request_method(request), action->method) != 0) {
		answer_error(request, 405, "MethodNotAllowed",
			     "the method is not that of the path");
	} else if (!orchestrator_knows_node(c->orchestrator, path.name)) {
		answer_error(request, 404, "NotFound", "no gateway or server has this name");
	} else {
		action->handle(c, request, path.name);
	}
}

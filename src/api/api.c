/*
 * api: the northbound REST interface: requests in, responses and one change to store out.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "api/api.h"

#include <strings.h>

#include "api/check.h"
#include "api/document.h"
#include "api/intent_build.h"
#include "api/problem.h"
#include "api/render.h"
#include "api/resource_ref.h"
#include "api/value.h"
#include "base/mem.h"

#define MOVE_ACTION "/move"
#define JSON_FLAGS (JSON_REJECT_DUPLICATES)

struct api {
	struct document_set documents;
	const struct api_ops *ops;
	void *context;
};

/* A request on its way. */
struct call {
	struct api *api;
	const struct api_request *request;
	struct api_response *response;
	struct resource_ref ref;
	bool collection;
};

struct api *api_new(const struct api_ops *ops, void *context)
{
	struct api *api = mem_zalloc(sizeof(*api));

	document_set_init(&api->documents);
	api->ops = ops;
	api->context = context;
	return api;
}

void api_free(struct api *api)
{
	if (api == NULL)
		return;
	document_set_done(&api->documents);
	mem_free(api);
}

int api_load(struct api *api, const char *key, const json_t *value, struct error *e)
{
	struct resource_ref ref;
	json_t *copy;

	if (strncmp(key, API_KEY_PREFIX, strlen(API_KEY_PREFIX)) != 0 ||
	    resource_ref_parse(key + strlen(API_KEY_PREFIX), &ref, NULL, e) < 0 || ref.depth != 1)
		return error_set(e, "%s: is no key of a resource", key);
	if (document_id(value) == NULL || strcmp(document_id(value), ref.ids[0]) != 0)
		return error_set(e, "%s: holds another resource", key);
	copy = json_deep_copy(value);
	document_set_root(&api->documents, &ref, copy);
	json_decref(copy);
	return 0;
}

struct intent *api_intent(const struct api *api, struct error *e)
{
	return intent_build(&api->documents, api->ops, api->context, e);
}

json_t *api_error_body(const char *code, const char *message, json_t *details)
{
	json_t *text = json_string(message);

	if (text == NULL)
		text = json_string("is not UTF-8");
	return json_pack("{s:{s:s, s:o, s:o}}", "error", "code", code, "message", text, "details",
			 details != NULL ? details : json_array());
}

static void fail(struct call *call, unsigned status, const char *code, const char *format, ...)
	PRINTF(4, 5);

static void fail(struct call *call, unsigned status, const char *code, const char *format, ...)
{
	struct error error;
	va_list args;

	va_start(args, format);
	vsnprintf(error.text, sizeof(error.text), format, args);
	va_end(args);
	json_decref(call->response->body);
	call->response->status = status;
	call->response->body = api_error_body(code, error.text, NULL);
}

static void fail_problems(struct call *call, unsigned status, const char *code,
			  const struct problem_list *problems)
{
	const struct problem *first = &problems->items[0];

	fail(call, status, code, "%s%s%s%s", first->target, first->target[0] != '\0' ? ": " : "",
	     first->error.text, problems->count > 1 ? " (and more: see details)" : "");
	json_object_set_new(json_object_get(call->response->body, "error"), "details",
			    problem_list_json(problems));
}

/* Targets of checks are paths in the root; a caller that sent a child gets them inside that child.
 */
static void inside_child(const struct call *call, const json_t *root, struct problem_list *problems)
{
	char prefix[PROBLEM_TARGET_MAX] = "";
	const json_t *resource = root;
	size_t length = 0, index = 0;

	for (size_t i = 1; i < call->ref.depth && resource != NULL; i++) {
		resource = document_child(document_children(resource, call->ref.kinds[i]),
					  call->ref.ids[i], &index);
		length += (size_t)snprintf(prefix + length, sizeof(prefix) - length,
					   "properties.%s[%zu].", call->ref.kinds[i]->name, index);
	}
	for (size_t i = 0; length != 0 && i < MIN(problems->count, PROBLEM_COUNT_MAX); i++) {
		char *target = problems->items[i].target;

		if (strncmp(target, prefix, length) == 0)
			memmove(target, target + length, strlen(target + length) + 1);
	}
}

static struct render render_of(const struct api *api)
{
	return (struct render){ .set = &api->documents,
				.ops = api->ops,
				.ops_context = api->context };
}

static void answer_resource(struct call *call, unsigned status, const json_t *root)
{
	struct render render = render_of(call->api);
	const json_t *resource = document_find((json_t *)(uintptr_t)root, &call->ref);

	call->response->status = status;
	call->response->body = render_resource(&render, &call->ref, root, resource);
	render_etag(root, call->response->etag);
}

/* GET */

static void answer_generated_router(struct call *call)
{
	json_t *router = NULL;

	if (resource_ref_kind(&call->ref) == &schema_bgp_routers)
		router = call->api->ops->generated_router(call->api->context, call->ref.ids[0]);
	if (router != NULL && document_id(router) != NULL &&
	    strcmp(document_id(router), resource_ref_id(&call->ref)) == 0) {
		call->response->status = 200;
		call->response->body = router;
		return;
	}
	json_decref(router);
	fail(call, 404, "NotFound", "there is no %s '%s'", resource_ref_kind(&call->ref)->singular,
	     resource_ref_id(&call->ref));
}

static void handle_get_all(struct call *call)
{
	struct render render = render_of(call->api);
	struct resource_ref parent_ref = call->ref;
	json_t *root, *parent;

	if (call->ref.depth == 1) {
		call->response->status = 200;
		call->response->body = render_roots(&render, call->ref.kinds[0]);
		return;
	}
	parent_ref.depth--;
	root = document_root(&call->api->documents, &parent_ref);
	parent = root == NULL ? NULL : document_find(root, &parent_ref);
	if (parent == NULL) {
		fail(call, 404, "NotFound", "there is no %s '%s'",
		     resource_ref_kind(&parent_ref)->singular, resource_ref_id(&parent_ref));
		return;
	}
	call->response->status = 200;
	call->response->body = render_children(&render, &call->ref, root, parent);
}

static void handle_get(struct call *call)
{
	json_t *root = document_root(&call->api->documents, &call->ref);

	if (call->collection)
		handle_get_all(call);
	else if (root == NULL || document_find(root, &call->ref) == NULL)
		answer_generated_router(call);
	else
		answer_resource(call, 200, root);
}

/* Preconditions, RFC 9110 13.1 */

/* Is the tag in the list of the header, or the header "*"? Weak comparison. */
static bool header_names(const char *header, const char *etag)
{
	const char *quoted = strchr(etag, '"');

	while (*header == ' ')
		header++;
	return strcmp(header, "*") == 0 || (quoted != NULL && strstr(header, quoted) != NULL);
}

/* 0, or -1 after 412. */
static int check_preconditions(struct call *call, const json_t *root, const json_t *resource)
{
	const struct api_request *request = call->request;
	char etag[API_ETAG_MAX];

	render_etag(root, etag);
	if (request->if_match != NULL && resource == NULL) {
		fail(call, 412, "PreconditionFailed",
		     "If-Match was given, and the resource does not exist");
		return -1;
	}
	if (request->if_match != NULL && !header_names(request->if_match, etag)) {
		fail(call, 412, "PreconditionFailed",
		     "the resource was changed meanwhile: its etag is %s; read it again", etag);
		return -1;
	}
	if (request->if_none_match != NULL && resource != NULL &&
	    header_names(request->if_none_match, etag)) {
		fail(call, 412, "PreconditionFailed",
		     "If-None-Match was given, and the resource exists, with etag %s", etag);
		return -1;
	}
	return 0;
}

/* PUT and DELETE */

/* Makes `candidate` (NULL: none) the document of the request's root if all checks hold and it was
 * stored; else everything is as before. 0, or -1 after an answer. */
static int take_root(struct call *call, json_t *candidate)
{
	struct api *api = call->api;
	json_t *old = json_incref(document_root(&api->documents, &call->ref));
	struct problem_list in_use = { 0 }, problems = { 0 };
	char key[DOCUMENT_KEY_MAX], target[PROBLEM_TARGET_MAX];
	struct intent *intent = NULL;
	struct error error;
	int result = -1;

	document_set_root(&api->documents, &call->ref, candidate);
	if (old != NULL)
		check_in_use(&api->documents, &call->ref, &in_use);
	if (candidate != NULL && in_use.count == 0)
		check_root(&api->documents, &call->ref, old == NULL, &problems);
	if (in_use.count != 0) {
		fail_problems(call, 409, "InUseCannotBeDeleted", &in_use);
		goto done;
	}
	if (problems.count != 0) {
		inside_child(call, candidate, &problems);
		fail_problems(call, 422, "InvalidResource", &problems);
		goto done;
	}
	intent = intent_build(&api->documents, api->ops, api->context, &error);
	if (intent == NULL) {
		fail(call, 500, "InternalServerError", "%s", error.text);
		goto done;
	}
	if (api->ops->check(api->context, intent, &error) < 0) {
		/* "virtualGateways/T1: properties.x: words" */
		const char *property = strstr(error.text, ": properties");
		const char *words = property == NULL ? NULL : strstr(property + 2, ": ");

		snprintf(target, sizeof(target), "%.*s",
			 words == NULL ? 0 : (int)(words - property - 2),
			 property == NULL ? "" : property + 2);
		problem_add_at(&problems, target, "%s", words == NULL ? error.text : words + 2);
		fail_problems(call, 422, "InvalidResource", &problems);
		goto done;
	}
	if (call->request->dry_run) {
		result = 0;
		goto done;
	}
	if (api->ops->commit(api->context, document_key(&call->ref, key), candidate, intent,
			     &error) < 0) {
		fail(call, 503, "ServiceUnavailable", "the change could not be stored: %s",
		     error.text);
		goto done;
	}
	intent = NULL;
	result = 0;
done:
	if (result < 0)
		document_set_root(&api->documents, &call->ref, old);
	intent_free(intent);
	json_decref(old);
	problem_list_done(&in_use);
	problem_list_done(&problems);
	return result;
}

/* A dry run was answered as if; now it was not. */
static void undo_dry_run(struct call *call, json_t *old)
{
	if (call->request->dry_run)
		document_set_root(&call->api->documents, &call->ref, old);
}

static bool content_type_is_json(const char *content_type)
{
	size_t length = content_type == NULL ? 0 : strcspn(content_type, "; ");

	return length == strlen("application/json") &&
	       strncasecmp(content_type, "application/json", length) == 0;
}

static json_t *parse_body(struct call *call)
{
	const struct api_request *request = call->request;
	json_error_t where;
	json_t *body;

	if (!content_type_is_json(request->content_type)) {
		fail(call, 415, "UnsupportedMediaType",
		     "Content-Type must be application/json; charset=UTF-8");
		return NULL;
	}
	body = json_loadb(request->body, request->body_bytes, JSON_FLAGS, &where);
	if (body == NULL)
		fail(call, 400, "InvalidJson", "line %d, column %d: %s", where.line, where.column,
		     where.text);
	return body;
}

/* The root's document with the new resource in it: a new reference; NULL after an answer.
 * `old_root` may be NULL only for a root. */
static json_t *candidate_of(struct call *call, json_t *old_root, json_t *resource)
{
	struct resource_ref parent_ref = call->ref;
	json_t *candidate, *children, *parent;
	size_t index;

	if (call->ref.depth == 1)
		return json_incref(resource);
	candidate = json_deep_copy(old_root);
	parent_ref.depth--;
	parent = document_find(candidate, &parent_ref);
	children = document_children(parent, resource_ref_kind(&call->ref));
	if (children == NULL) {
		children = json_array();
		json_object_set_new(json_object_get(parent, "properties"),
				    resource_ref_kind(&call->ref)->name, children);
	}
	if (document_child(children, resource_ref_id(&call->ref), &index) != NULL)
		json_array_set(children, index, resource);
	else
		json_array_append(children, resource);
	return candidate;
}

/* Documents are equal when all but the etag is. */
static bool is_unchanged(json_t *candidate, json_t *old)
{
	if (old == NULL)
		return false;
	json_object_set(candidate, "etag", json_object_get(old, "etag"));
	return json_equal(candidate, old) != 0;
}

static int check_parent(struct call *call, json_t *root)
{
	struct resource_ref parent = call->ref;

	if (call->ref.depth == 1)
		return 0;
	parent.depth--;
	if (root != NULL && document_find(root, &parent) != NULL)
		return 0;
	fail(call, 404, "NotFound", "there is no %s '%s' to put it in",
	     resource_ref_kind(&parent)->singular, resource_ref_id(&parent));
	return -1;
}

static void put_candidate(struct call *call, json_t *candidate, json_t *old_root, bool is_new)
{
	char guid[API_GUID_MAX], ref[RESOURCE_REF_TEXT_MAX];

	if (is_unchanged(candidate, old_root)) {
		answer_resource(call, 200, old_root);
		return;
	}
	if (json_dumpb(candidate, NULL, 0, JSON_COMPACT) > API_DOCUMENT_BYTES_MAX) {
		fail(call, 413, "ResourceTooLarge",
		     "the resource with its children would be larger than %u octets",
		     API_DOCUMENT_BYTES_MAX);
		return;
	}
	call->api->ops->guid(call->api->context, guid);
	json_object_set_new(candidate, "etag", json_string(guid));
	if (take_root(call, candidate) < 0)
		return;
	answer_resource(call, is_new ? 201 : 200, candidate);
	undo_dry_run(call, old_root);
	if (is_new)
		snprintf(call->response->location, API_LOCATION_MAX, "/networking/v1%s",
			 resource_ref_format(&call->ref, ref));
}

static void handle_put(struct call *call)
{
	struct api *api = call->api;
	json_t *old_root = json_incref(document_root(&api->documents, &call->ref));
	json_t *old = old_root == NULL ? NULL : document_find(old_root, &call->ref);
	struct problem_list problems = { 0 };
	struct value_reader reader = { .ops = api->ops,
				       .ops_context = api->context,
				       .problems = &problems };
	json_t *body = NULL, *resource = NULL, *candidate = NULL;

	body = parse_body(call);
	if (body == NULL || check_parent(call, old_root) < 0 ||
	    check_preconditions(call, old_root, old) < 0)
		goto done;
	resource = value_read_resource(&reader, &call->ref, body, old);
	if (resource == NULL) {
		fail_problems(call, 422, "InvalidResource", &problems);
		goto done;
	}
	candidate = candidate_of(call, old_root, resource);
	put_candidate(call, candidate, old_root, old == NULL);
done:
	problem_list_done(&problems);
	json_decref(candidate);
	json_decref(resource);
	json_decref(body);
	json_decref(old_root);
}

static void handle_delete(struct call *call)
{
	json_t *old_root = json_incref(document_root(&call->api->documents, &call->ref));
	json_t *old = old_root == NULL ? NULL : document_find(old_root, &call->ref);
	struct resource_ref parent_ref = call->ref;
	json_t *candidate = NULL, *children;
	char guid[API_GUID_MAX];
	size_t index = 0;

	if (check_preconditions(call, old_root, old) < 0)
		goto done;
	if (old == NULL) {
		fail(call, 404, "NotFound", "there is no %s '%s'",
		     resource_ref_kind(&call->ref)->singular, resource_ref_id(&call->ref));
		goto done;
	}
	if (call->ref.depth > 1) {
		candidate = json_deep_copy(old_root);
		parent_ref.depth--;
		children = document_children(document_find(candidate, &parent_ref),
					     resource_ref_kind(&call->ref));
		document_child(children, resource_ref_id(&call->ref), &index);
		json_array_remove(children, index);
		call->api->ops->guid(call->api->context, guid);
		json_object_set_new(candidate, "etag", json_string(guid));
	}
	if (take_root(call, candidate) < 0)
		goto done;
	undo_dry_run(call, old_root);
	call->response->status = call->request->dry_run ? 200 : 202;
	call->response->deleted = !call->request->dry_run;
done:
	json_decref(candidate);
	json_decref(old_root);
}

/* POST .../networkConnections/C/move {"gateway": {"resourceRef": "/gateways/G"}} */

static bool is_move(const char *path, char resource[static RESOURCE_REF_TEXT_MAX])
{
	size_t length = strlen(path), suffix = strlen(MOVE_ACTION);

	if (length <= suffix || length - suffix >= RESOURCE_REF_TEXT_MAX ||
	    strcasecmp(path + length - suffix, MOVE_ACTION) != 0)
		return false;
	memcpy(resource, path, length - suffix);
	resource[length - suffix] = '\0';
	return true;
}

static int read_move(struct call *call, struct resource_ref *gateway)
{
	json_t *body = parse_body(call);
	const char *text = document_reference(json_object_get(body, "gateway"));
	struct error error;
	int result = -1;

	if (body == NULL)
		return -1;
	if (text == NULL)
		fail(call, 422, "InvalidResource",
		     "gateway: must be a reference: {\"resourceRef\": \"/gateways/NAME\"}");
	else if (resource_ref_parse(text, gateway, NULL, &error) < 0)
		fail(call, 422, "InvalidResource", "gateway.resourceRef: %s", error.text);
	else if (resource_ref_kind(gateway) != &schema_gateways)
		fail(call, 422, "InvalidResource", "gateway.resourceRef: '%.200s' is no gateway",
		     text);
	else if (document_find_in(&call->api->documents, gateway) == NULL)
		fail(call, 422, "InvalidResource", "gateway.resourceRef: there is no gateway '%s'",
		     gateway->ids[0]);
	else
		result = 0;
	json_decref(body);
	return result;
}

static void handle_move(struct call *call, const char *path)
{
	struct api *api = call->api;
	struct resource_ref gateway;
	struct error error;
	json_t *root;

	if (resource_ref_parse(path, &call->ref, NULL, &error) < 0 ||
	    resource_ref_kind(&call->ref) != &schema_network_connections) {
		fail(call, 404, "NotFound", "only a network connection can be moved");
		return;
	}
	root = document_root(&api->documents, &call->ref);
	if (root == NULL || document_find(root, &call->ref) == NULL) {
		fail(call, 404, "NotFound", "there is no network connection '%s'",
		     resource_ref_id(&call->ref));
		return;
	}
	if (read_move(call, &gateway) < 0)
		return;
	if (!call->request->dry_run &&
	    api->ops->move(api->context, call->ref.ids[0], call->ref.ids[1], gateway.ids[0],
			   &error) < 0) {
		fail(call, 409, "MoveRefused", "%s", error.text);
		return;
	}
	answer_resource(call, 200, root);
}

static void handle_post(struct call *call)
{
	char resource[RESOURCE_REF_TEXT_MAX];

	if (is_move(call->request->path, resource)) {
		handle_move(call, resource);
		return;
	}
	fail(call, 405, "MethodNotAllowed", "a resource is made with PUT, at a path that names it");
	snprintf(call->response->allow, sizeof(call->response->allow), "GET, PUT, DELETE");
}

static enum api_role role_needed(const char *method)
{
	if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
		return API_ROLE_READ;
	return strcmp(method, "POST") == 0 ? API_ROLE_OPERATE : API_ROLE_ADMIN;
}

static void handle_resource(struct call *call)
{
	const char *method = call->request->method;
	struct error error;

	if (resource_ref_parse(call->request->path, &call->ref, &call->collection, &error) < 0) {
		fail(call, 404, "NotFound", "%s", error.text);
	} else if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0) {
		handle_get(call);
	} else if (call->collection) {
		fail(call, 405, "MethodNotAllowed",
		     "the path names a collection: a resourceId is "
		     "missing");
		snprintf(call->response->allow, sizeof(call->response->allow), "GET");
	} else if (strcmp(method, "PUT") == 0) {
		handle_put(call);
	} else if (strcmp(method, "DELETE") == 0) {
		handle_delete(call);
	} else {
		fail(call, 405, "MethodNotAllowed", "%.20s is not supported", method);
		snprintf(call->response->allow, sizeof(call->response->allow), "GET, PUT, DELETE");
	}
}

void api_handle(struct api *api, const struct api_request *request, struct api_response *response)
{
	struct call call = { .api = api, .request = request, .response = response };

	*response = (struct api_response){ 0 };
	if (request->role == API_ROLE_NONE)
		fail(&call, 401, "Unauthorized", "a bearer token is needed");
	else if (request->role < role_needed(request->method))
		fail(&call, 403, "Forbidden", "the token's role does not allow this");
	else if (strcmp(request->method, "POST") == 0)
		handle_post(&call);
	else
		handle_resource(&call);
}

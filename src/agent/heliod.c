/*
 * heliod: the client of heliod's control socket.
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/INTERFACES.md section 3. The `bgp/TENANT` objects are laid beside what heliod was told on
 * the present connection: what differs is put, what is no object any more is deleted. After heliod
 * or the agent restarted, everything is put again (puts are idempotent), and instances that heliod
 * has and nobody wants are deleted, once the controller's snapshot is complete.
 */
#include "agent/agent.h"

#include <errno.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/hmap.h"
#include "base/mem.h"
#include "os/unixsock.h"

#define HELIOD_PAUSE_MS 300
#define HELIOD_PULSE_MS 500
#define HELIOD_NEIGHBORS_MS 2000
#define HELIOD_NEIGHBORS_SHARE 10 /* of the time, asking takes one part */
#define HELIOD_SILENCE_MS 3000
#define HELIOD_IN_MAX (64 << 20)
#define HELIOD_OUT_MAX (64 << 20)
#define HELIOD_READ_BYTES 65536

enum heliod_question {
	ASK_NONE,
	ASK_VERSION,
	ASK_LIST,
	ASK_PUT,
	ASK_DELETE,
	ASK_NEIGHBORS,
};

/* An instance as heliod was told it on the present connection. */
struct heliod_instance {
	struct hmap_node node;
	json_t *document;
	bool wanted; /* scratch of one comparison */
	char name[];
};

/* A request without its answer. */
struct heliod_request {
	struct list node;
	int64_t id;
	enum heliod_question question;
	char instance[];
};

struct heliod {
	struct agent *agent;
	int fd;
	struct loop_fd watch;
	struct loop_timer connect_timer, pulse;
	struct loop_defer wake;
	struct buf in, out;
	struct hmap instances; /* by name */
	struct list requests;
	int64_t last_id;
	instant_t heard, asked_neighbors, neighbors_due;
	json_t *neighbors, *page; /* told last; being told */
	bool listed;
	bool complained;
};

static void instance_free(struct heliod *heliod, struct heliod_instance *instance)
{
	hmap_remove(&heliod->instances, &instance->node);
	json_decref(instance->document);
	mem_free(instance);
}

static void heliod_close(struct heliod *heliod, const char *words)
{
	struct hmap_node *node, *next;

	if (heliod->fd >= 0) {
		log_event(LOG_LEVEL_WARNING, NULL, "heliod's control connection ends: %s", words);
		loop_fd_remove(&heliod->watch);
		close(heliod->fd);
	}
	heliod->fd = -1;
	heliod->listed = false;
	HMAP_FOR_EACH_SAFE (node, next, &heliod->instances)
		instance_free(heliod, CONTAINER_OF(node, struct heliod_instance, node));
	while (!list_is_empty(&heliod->requests))
		mem_free(CONTAINER_OF(list_pop_front(&heliod->requests), struct heliod_request,
				      node));
	buf_clear(&heliod->in);
	buf_clear(&heliod->out);
	json_decref(heliod->page);
	json_decref(heliod->neighbors);
	heliod->page = heliod->neighbors = NULL;
	loop_timer_set(heliod->agent->loop, &heliod->connect_timer,
		       instant_add(loop_now(heliod->agent->loop), duration_ms(HELIOD_PAUSE_MS)));
}

static void heliod_send(struct heliod *heliod)
{
	while (heliod->out.length != 0) {
		ssize_t sent = unixsock_send(heliod->fd, heliod->out.data, heliod->out.length, -1);

		if (sent < 0 && errno == EAGAIN)
			break;
		if (sent < 0) {
			heliod_close(heliod, strerror(errno));
			return;
		}
		buf_consume(&heliod->out, (size_t)sent);
	}
	loop_fd_set(&heliod->watch, EPOLLIN | (heliod->out.length != 0 ? EPOLLOUT : 0));
}

/* `params` is taken over. */
static void heliod_ask(struct heliod *heliod, enum heliod_question question, const char *instance,
		       json_t *params)
{
	static const char *const methods[] = {
		[ASK_VERSION] = "version",	    [ASK_LIST] = "instance.list",
		[ASK_PUT] = "instance.put",	    [ASK_DELETE] = "instance.delete",
		[ASK_NEIGHBORS] = "show.neighbors",
	};
	size_t length = strlen(instance);
	struct heliod_request *request = mem_zalloc(sizeof(*request) + length + 1);
	json_t *line = json_pack("{s:s, s:I, s:s, s:o}", "jsonrpc", "2.0", "id",
				 (json_int_t)++heliod->last_id, "method", methods[question],
				 "params", params);
	char *text = json_dumps(line, JSON_COMPACT);

	memcpy(request->instance, instance, length + 1);
	request->id = heliod->last_id;
	request->question = question;
	list_push_back(&heliod->requests, &request->node);
	buf_add_text(&heliod->out, text);
	buf_add_text(&heliod->out, "\n");
	free(text);
	json_decref(line);
}

static struct heliod_instance *instance_find(const struct heliod *heliod, const char *name)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash_string(name, 0), &heliod->instances) {
		struct heliod_instance *instance = CONTAINER_OF(node, struct heliod_instance, node);

		if (strcmp(instance->name, name) == 0)
			return instance;
	}
	return NULL;
}

/* `document` NULL: heliod has it, and what it was told is not known. */
static struct heliod_instance *instance_add(struct heliod *heliod, const char *name,
					    json_t *document)
{
	size_t length = strlen(name);
	struct heliod_instance *instance = mem_zalloc(sizeof(*instance) + length + 1);

	memcpy(instance->name, name, length + 1);
	instance->document = json_incref(document);
	hmap_insert(&heliod->instances, &instance->node, hash_string(name, 0));
	return instance;
}

static void on_bgp_object(const struct object *object, void *arg)
{
	struct heliod *heliod = arg;
	const char *name = host_object_tenant(object);
	struct heliod_instance *instance;

	if (object->kind != OBJECT_BGP)
		return;
	instance = instance_find(heliod, name);
	if (instance == NULL)
		instance = instance_add(heliod, name, NULL);
	instance->wanted = true;
	if (instance->document != NULL && json_equal(instance->document, object->bgp.instance))
		return;
	json_decref(instance->document);
	instance->document = json_incref(object->bgp.instance);
	heliod_ask(heliod, ASK_PUT, name, json_incref(object->bgp.instance));
}

/* Lays objects and instances beside each other. */
static void on_heliod_wake(struct loop_defer *defer UNUSED, void *arg)
{
	struct heliod *heliod = arg;
	struct hmap_node *node, *next;

	if (heliod->fd < 0)
		return;
	HMAP_FOR_EACH (node, &heliod->instances)
		CONTAINER_OF(node, struct heliod_instance, node)->wanted = false;
	host_objects(heliod->agent->host, on_bgp_object, heliod);
	HMAP_FOR_EACH_SAFE (node, next, &heliod->instances) {
		struct heliod_instance *instance = CONTAINER_OF(node, struct heliod_instance, node);

		if (instance->wanted || !heliod->listed || !host_is_synced(heliod->agent->host))
			continue;
		log_event(LOG_LEVEL_INFO, instance->name, "heliod's instance is deleted");
		heliod_ask(heliod, ASK_DELETE, instance->name,
			   json_pack("{s:s}", "name", instance->name));
		instance_free(heliod, instance);
	}
	heliod_send(heliod);
}

void heliod_wake(struct heliod *heliod)
{
	loop_defer_add(heliod->agent->loop, &heliod->wake);
}

static void heliod_listed(struct heliod *heliod, const json_t *result, bool more)
{
	const json_t *list = json_object_get(result, "instances"), *entry;
	size_t i;

	json_array_foreach(list, i, entry)
	{
		const char *name = json_string_value(json_object_get(entry, "name"));

		if (name != NULL && instance_find(heliod, name) == NULL)
			instance_add(heliod, name, NULL);
	}
	if (more)
		return;
	heliod->listed = true;
	heliod_wake(heliod);
}

static void heliod_told_neighbors(struct heliod *heliod, const json_t *result, bool more)
{
	json_t *list = json_object_get(result, "neighbors");
	duration_t pause;
	instant_t now;

	if (heliod->page == NULL)
		heliod->page = json_array();
	if (json_is_array(list))
		json_array_extend(heliod->page, list);
	if (more)
		return;
	json_decref(heliod->neighbors);
	heliod->neighbors = heliod->page;
	heliod->page = NULL;
	/* The more there is to tell, the more seldom it is asked. */
	now = loop_now(heliod->agent->loop);
	pause.ns = HELIOD_NEIGHBORS_SHARE * instant_diff(now, heliod->asked_neighbors).ns;
	if (pause.ns < duration_ms(HELIOD_NEIGHBORS_MS).ns)
		pause = duration_ms(HELIOD_NEIGHBORS_MS);
	heliod->neighbors_due = instant_add(heliod->asked_neighbors, pause);
}

static void heliod_answer(struct heliod *heliod, const json_t *line)
{
	int64_t id = json_integer_value(json_object_get(line, "id"));
	const json_t *result = json_object_get(line, "result");
	const json_t *fault = json_object_get(line, "error");
	const char *words = json_string_value(json_object_get(fault, "message"));
	bool more = json_is_true(json_object_get(result, "more"));
	struct heliod_request *request = NULL;

	LIST_FOR_EACH (node, &heliod->requests) {
		request = CONTAINER_OF(node, struct heliod_request, node);
		if (request->id == id)
			break;
		request = NULL;
	}
	if (request == NULL)
		return;
	if (fault != NULL)
		log_event(LOG_LEVEL_WARNING, request->instance, "heliod refuses: %s",
			  words == NULL ? "no reason" : words);
	else if (request->question == ASK_LIST)
		heliod_listed(heliod, result, more);
	else if (request->question == ASK_NEIGHBORS)
		heliod_told_neighbors(heliod, result, more);
	else if (request->question == ASK_PUT && json_is_true(json_object_get(result, "changed")))
		log_event(LOG_LEVEL_INFO, request->instance, "heliod's instance is configured");
	if (more)
		return;
	list_remove(&request->node);
	mem_free(request);
}

static void heliod_take_lines(struct heliod *heliod)
{
	size_t done = 0;
	const char *end;

	while ((end = memchr(heliod->in.data + done, '\n', heliod->in.length - done)) != NULL) {
		size_t length = (size_t)(end - heliod->in.data) - done;
		json_t *line = json_loadb(heliod->in.data + done, length, 0, NULL);

		if (line != NULL)
			heliod_answer(heliod, line);
		json_decref(line);
		done += length + 1;
	}
	buf_consume(&heliod->in, done);
}

static void on_heliod(struct loop_fd *watch UNUSED, uint32_t events, void *arg)
{
	struct heliod *heliod = arg;
	char *to;
	ssize_t length;

	if ((events & EPOLLOUT) != 0) {
		heliod_send(heliod);
		if (heliod->fd < 0)
			return;
	}
	if ((events & ~(uint32_t)EPOLLOUT) == 0)
		return;
	to = buf_reserve(&heliod->in, HELIOD_READ_BYTES);
	if (to == NULL) {
		heliod_close(heliod, "a line is longer than can be");
		return;
	}
	length = read(heliod->fd, to, HELIOD_READ_BYTES);
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length <= 0) {
		heliod_close(heliod, length == 0 ? "it closed" : strerror(errno));
		return;
	}
	buf_commit(&heliod->in, (size_t)length);
	heliod->heard = loop_now(heliod->agent->loop);
	heliod_take_lines(heliod);
}

static void on_heliod_connect(struct loop_timer *timer, void *arg)
{
	struct heliod *heliod = arg;
	struct loop *loop = heliod->agent->loop;
	struct error e = { "" };

	heliod->fd = unixsock_connect(heliod->agent->config.heliod_control, SOCK_STREAM, &e);
	if (heliod->fd < 0) {
		if (!heliod->complained)
			log_event(LOG_LEVEL_WARNING, NULL, "heliod: %s", e.text);
		heliod->complained = true;
		loop_timer_set(loop, timer,
			       instant_add(loop_now(loop), duration_ms(HELIOD_PAUSE_MS)));
		return;
	}
	if (loop_fd_add(loop, &heliod->watch, heliod->fd, EPOLLIN, on_heliod, heliod) < 0) {
		close(heliod->fd);
		heliod->fd = -1;
		loop_timer_set(loop, timer,
			       instant_add(loop_now(loop), duration_ms(HELIOD_PAUSE_MS)));
		return;
	}
	heliod->complained = false;
	heliod->heard = loop_now(loop);
	heliod->neighbors_due = (instant_t){ 0 };
	log_event(LOG_LEVEL_INFO, NULL, "connected to heliod");
	heliod_ask(heliod, ASK_LIST, "", json_object());
	heliod_wake(heliod);
}

static bool request_is_open(const struct heliod *heliod, enum heliod_question question)
{
	LIST_FOR_EACH (node, &heliod->requests) {
		if (CONTAINER_OF(node, struct heliod_request, node)->question == question)
			return true;
	}
	return false;
}

static void on_pulse(struct loop_timer *timer, void *arg)
{
	struct heliod *heliod = arg;
	struct loop *loop = heliod->agent->loop;
	instant_t now = loop_now(loop);

	loop_timer_set(loop, timer, instant_add(now, duration_ms(HELIOD_PULSE_MS)));
	if (heliod->fd < 0)
		return;
	if (!request_is_open(heliod, ASK_VERSION))
		heliod_ask(heliod, ASK_VERSION, "", json_object());
	if (!request_is_open(heliod, ASK_NEIGHBORS) && instant_due(heliod->neighbors_due, now)) {
		heliod_ask(heliod, ASK_NEIGHBORS, "", json_object());
		heliod->asked_neighbors = now;
		heliod->neighbors_due = instant_add(now, duration_ms(HELIOD_NEIGHBORS_MS));
	}
	heliod_send(heliod);
}

bool heliod_is_alive(const struct heliod *heliod)
{
	return heliod->fd >= 0 &&
	       !instant_due(instant_add(heliod->heard, duration_ms(HELIOD_SILENCE_MS)),
			    loop_now(heliod->agent->loop));
}

json_t *heliod_neighbors(const struct heliod *heliod)
{
	return heliod->neighbors;
}

struct heliod *heliod_new(struct agent *agent)
{
	struct heliod *heliod = mem_zalloc(sizeof(*heliod));

	heliod->agent = agent;
	heliod->fd = -1;
	loop_fd_init(&heliod->watch);
	loop_timer_init(&heliod->connect_timer, on_heliod_connect, heliod);
	loop_timer_init(&heliod->pulse, on_pulse, heliod);
	loop_defer_init(&heliod->wake, on_heliod_wake, heliod);
	buf_init(&heliod->in, HELIOD_IN_MAX);
	buf_init(&heliod->out, HELIOD_OUT_MAX);
	hmap_init(&heliod->instances);
	list_init(&heliod->requests);
	loop_timer_set(agent->loop, &heliod->connect_timer, loop_now(agent->loop));
	loop_timer_set(agent->loop, &heliod->pulse, loop_now(agent->loop));
	return heliod;
}

void heliod_free(struct heliod *heliod)
{
	if (heliod == NULL)
		return;
	if (heliod->fd >= 0)
		heliod_close(heliod, "the agent ends");
	loop_timer_clear(heliod->agent->loop, &heliod->connect_timer);
	loop_timer_clear(heliod->agent->loop, &heliod->pulse);
	loop_defer_remove(&heliod->wake);
	buf_done(&heliod->in);
	buf_done(&heliod->out);
	hmap_done(&heliod->instances);
	mem_free(heliod);
}

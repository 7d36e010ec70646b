/*
 * channel: the node channel: the controller's objects come, leases and status go.
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/INTERFACES.md section 7. The watch is one answer that never ends; when it does, or falls
 * silent, it is asked for again from the last revision, after a pause that grows from 0.2 to 2
 * seconds. What the node does goes on meanwhile.
 */
#include "agent/agent.h"

#include "agent/http.h"
#include "agent/channel_http.h"
#include "base/mem.h"

#define CHANNEL_LINE_MAX (16 << 20)
#define CHANNEL_SILENCE_MS 5000
#define CHANNEL_PAUSE_MIN_MS 200
#define CHANNEL_PAUSE_MAX_MS 2000
#define CHANNEL_STATUS_MS 2000
#define CHANNEL_CHANGE_MS 250
#define CHANNEL_POST_TIMEOUT_MS 5000

struct channel {
	struct agent *agent;
	struct http *http;
	struct http_call *watch, *lease, *status;
	struct buf line;
	struct loop_timer silence, reconnect, lease_timer, status_timer;
	int64_t pause_ms;
	char generation[128];
	int64_t revision;
	char *last_status; /* the part of the status that only changes with an event */
	instant_t last_status_at;
	bool connected; /* a `start` came on the present watch */
};

static void channel_connect(struct channel *channel);

struct http *channel_http(struct channel *channel)
{
	return channel->http;
}

bool channel_is_connected(const struct channel *channel)
{
	return channel->connected;
}

static void channel_start(struct channel *channel, const json_t *line)
{
	const char *generation = json_string_value(json_object_get(line, "generation"));
	bool full = json_is_true(json_object_get(line, "full"));

	snprintf(channel->generation, sizeof(channel->generation), "%s",
		 generation == NULL ? "" : generation);
	channel->connected = true;
	channel->pause_ms = CHANNEL_PAUSE_MIN_MS;
	log_event(LOG_LEVEL_NOTICE, NULL, "connected to the controller (%s)",
		  full ? "whole snapshot" : "changes only");
	if (full)
		host_snapshot_begin(channel->agent->host);
}

static void channel_put(struct channel *channel, const json_t *line)
{
	const char *key = json_string_value(json_object_get(line, "key"));
	int64_t revision = json_integer_value(json_object_get(line, "revision"));
	int64_t epoch = json_integer_value(json_object_get(line, "epoch"));
	struct error e = { "" };

	if (key == NULL)
		return;
	if (host_put(channel->agent->host, key, revision, epoch, json_object_get(line, "value"),
		     &e) < 0)
		log_event(LOG_LEVEL_WARNING, NULL, "object %s is refused: %s", key, e.text);
	channel->revision = MAX(channel->revision, revision);
}

static void channel_line(struct channel *channel, const char *text, size_t length)
{
	struct host *host = channel->agent->host;
	json_error_t where;
	json_t *line = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
	const char *op = json_string_value(json_object_get(line, "op"));
	const char *prefix = json_string_value(json_object_get(line, "prefix"));
	const char *key = json_string_value(json_object_get(line, "key"));
	int64_t revision = json_integer_value(json_object_get(line, "revision"));

	if (op == NULL) {
		log_event(LOG_LEVEL_WARNING, NULL, "the controller sends a line that is no event");
	} else if (strcmp(op, "start") == 0) {
		channel_start(channel, line);
	} else if (strcmp(op, "put") == 0) {
		channel_put(channel, line);
	} else if (strcmp(op, "delete") == 0 && key != NULL) {
		host_delete(host, key, revision);
		channel->revision = MAX(channel->revision, revision);
	} else if (strcmp(op, "hold") == 0 && prefix != NULL) {
		host_hold(host, prefix);
	} else if (strcmp(op, "release") == 0 && prefix != NULL) {
		host_release(host, prefix);
	} else if (strcmp(op, "synced") == 0) {
		channel->revision = MAX(channel->revision, revision);
		host_synced(host);
		fpm_server_open(channel->agent->fpm);
		log_event(LOG_LEVEL_INFO, NULL, "in step with the controller at revision %" PRId64,
			  channel->revision);
	}
	json_decref(line);
}

/* Epochs are on the disk before anything is done in their name. */
static void channel_act(struct channel *channel)
{
	struct error e = { "" };

	if (epochs_save(channel->agent, &e) < 0)
		log_event(LOG_LEVEL_ERROR, NULL, "%s", e.text);
	kernel_wake(channel->agent->kernel);
	if (channel->agent->heliod != NULL)
		heliod_wake(channel->agent->heliod);
}

static bool on_watch_data(const char *bytes, size_t length, void *arg)
{
	struct channel *channel = arg;
	struct loop *loop = channel->agent->loop;
	size_t done = 0;

	loop_timer_set(loop, &channel->silence,
		       instant_add(loop_now(loop), duration_ms(CHANNEL_SILENCE_MS)));
	buf_add(&channel->line, bytes, length);
	if (channel->line.overflowed) {
		log_event(LOG_LEVEL_ERROR, NULL, "the controller sends a line over %d bytes",
			  CHANNEL_LINE_MAX);
		return false;
	}
	for (;;) {
		const char *start = channel->line.data + done;
		const char *end = memchr(start, '\n', channel->line.length - done);

		if (end == NULL)
			break;
		channel_line(channel, start, (size_t)(end - start));
		done += (size_t)(end - start) + 1;
	}
	buf_consume(&channel->line, done);
	if (done != 0)
		channel_act(channel);
	return true;
}

static void channel_lost(struct channel *channel, const char *words)
{
	struct loop *loop = channel->agent->loop;

	if (channel->connected || channel->pause_ms == CHANNEL_PAUSE_MIN_MS)
		log_event(LOG_LEVEL_WARNING, NULL, "no controller: %s", words);
	channel->connected = false;
	channel->watch = NULL;
	loop_timer_clear(loop, &channel->silence);
	loop_timer_set(loop, &channel->reconnect,
		       instant_add(loop_now(loop), duration_ms(channel->pause_ms)));
	channel->pause_ms = MIN(channel->pause_ms * 2, CHANNEL_PAUSE_MAX_MS);
}

static void on_watch_done(int status, const char *words, void *arg)
{
	char text[64];

	snprintf(text, sizeof(text), "the watch ended with HTTP status %d", status);
	channel_lost(arg, status == 0 || words[0] == '\0' ? words : text);
}

static void on_silence(struct loop_timer *timer UNUSED, void *arg)
{
	struct channel *channel = arg;

	http_cancel(channel->watch);
	channel_lost(channel, "it has been silent for 5 seconds");
}

static void channel_connect(struct channel *channel)
{
	struct loop *loop = channel->agent->loop;
	char path[512];

	buf_clear(&channel->line);
	snprintf(path, sizeof(path), "/nodes/v1/%s/objects?generation=%s&revision=%" PRId64,
		 channel->agent->config.node, channel->generation, channel->revision);
	channel->watch = http_start(channel->http, path, NULL, NULL, 0, 0, on_watch_data,
				    on_watch_done, channel);
	loop_timer_set(loop, &channel->silence,
		       instant_add(loop_now(loop), duration_ms(CHANNEL_SILENCE_MS)));
}

static void on_reconnect(struct loop_timer *timer UNUSED, void *arg)
{
	channel_connect(arg);
}

static struct http_call *channel_post(struct channel *channel, const char *what, json_t *body,
				      http_done_fn *on_done)
{
	char *text = json_dumps(body, JSON_COMPACT);
	struct http_call *call;
	char path[512];

	snprintf(path, sizeof(path), "/nodes/v1/%s/%s", channel->agent->config.node, what);
	call = http_start(channel->http, path, "application/json", text, strlen(text),
			  CHANNEL_POST_TIMEOUT_MS, NULL, on_done, channel);
	free(text);
	json_decref(body);
	return call;
}

static void on_lease_done(int status UNUSED, const char *words UNUSED, void *arg)
{
	struct channel *channel = arg;

	channel->lease = NULL;
}

static void on_lease_timer(struct loop_timer *timer, void *arg)
{
	struct channel *channel = arg;
	const struct object_node *self = host_self(channel->agent->host);
	int64_t lease_ms = self != NULL ? self->lease_ms : 3000;
	struct loop *loop = channel->agent->loop;

	/* One that hangs must not keep the next from being tried. */
	http_cancel(channel->lease);
	channel->lease = NULL;
	if (channel->connected)
		channel->lease =
			channel_post(channel, "lease", report_lease(channel->agent), on_lease_done);
	loop_timer_set(loop, timer, instant_add(loop_now(loop), duration_ms(lease_ms / 3)));
}

static void on_status_done(int status, const char *words UNUSED, void *arg)
{
	struct channel *channel = arg;

	channel->status = NULL;
	if (status == 200 || status == 204)
		return;
	mem_free(channel->last_status); /* it is told again */
	channel->last_status = NULL;
}

static void on_status_timer(struct loop_timer *timer, void *arg)
{
	struct channel *channel = arg;
	struct loop *loop = channel->agent->loop;
	instant_t now = loop_now(loop);
	json_t *events = report_status(channel->agent, false);
	char *text = json_dumps(events, JSON_COMPACT);
	bool changed = channel->last_status == NULL || strcmp(text, channel->last_status) != 0;
	bool due = instant_due(instant_add(channel->last_status_at, duration_ms(CHANNEL_STATUS_MS)),
			       now);

	if (channel->connected && channel->status == NULL && (changed || due)) {
		channel->status = channel_post(channel, "status",
					       report_status(channel->agent, true), on_status_done);
		mem_free(channel->last_status);
		channel->last_status = mem_strdup(text);
		channel->last_status_at = now;
	}
	free(text);
	json_decref(events);
	loop_timer_set(loop, timer, instant_add(now, duration_ms(CHANNEL_CHANGE_MS)));
}

struct channel *channel_new(struct agent *agent, struct error *e)
{
	struct http *http = http_new(agent->loop, &agent->config, e);
	struct channel *channel;

	if (http == NULL)
		return NULL;
	channel = mem_zalloc(sizeof(*channel));
	channel->agent = agent;
	channel->http = http;
	channel->pause_ms = CHANNEL_PAUSE_MIN_MS;
	buf_init(&channel->line, CHANNEL_LINE_MAX);
	loop_timer_init(&channel->silence, on_silence, channel);
	loop_timer_init(&channel->reconnect, on_reconnect, channel);
	loop_timer_init(&channel->lease_timer, on_lease_timer, channel);
	loop_timer_init(&channel->status_timer, on_status_timer, channel);
	channel_connect(channel);
	loop_timer_set(agent->loop, &channel->lease_timer,
		       instant_add(loop_now(agent->loop), duration_ms(100)));
	loop_timer_set(agent->loop, &channel->status_timer,
		       instant_add(loop_now(agent->loop), duration_ms(CHANNEL_CHANGE_MS)));
	return channel;
}

void channel_free(struct channel *channel)
{
	if (channel == NULL)
		return;
	loop_timer_clear(channel->agent->loop, &channel->silence);
	loop_timer_clear(channel->agent->loop, &channel->reconnect);
	loop_timer_clear(channel->agent->loop, &channel->lease_timer);
	loop_timer_clear(channel->agent->loop, &channel->status_timer);
	http_free(channel->http);
	buf_done(&channel->line);
	mem_free(channel->last_status);
	mem_free(channel);
}

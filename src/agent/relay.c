/*
 * relay: heliod's BMP feed (RFC 7854), carried to the controller octet by octet.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A connection of heliod's is a session with a name; octets are counted from its start. One POST is
 * under way at a time. What the controller has not confirmed is kept; when that is full, heliod is
 * not read, so that it feels the pressure. A controller that knows the session no more, or not as
 * far, says so, and the local connection is closed: heliod starts again from the beginning. So that
 * it can say so while heliod is quiet, an empty POST goes out now and then.
 */
#include "agent/agent.h"

#include <errno.h>
#include <unistd.h>

#include "agent/channel_http.h"
#include "agent/local.h"
#include "base/mem.h"
#include "os/unixsock.h"

#define RELAY_BUFFER_MAX (4 << 20)
#define RELAY_POST_MAX (512 << 10)
#define RELAY_READ_BYTES 65536
#define RELAY_PAUSE_MS 200
#define RELAY_TIMEOUT_MS 10000
#define RELAY_IDLE_MS 1000

struct relay {
	struct agent *agent;
	int listen_fd, fd;
	struct loop_fd listen_watch, watch;
	struct loop_timer again, idle;
	bool probe; /* an empty POST is due */
	struct loop_defer post;
	struct http_call *call;
	struct buf waiting; /* not confirmed, from `offset` on */
	size_t posted;	    /* of it, in the POST under way */
	uint64_t offset;    /* confirmed octets of the session */
	uint64_t session;   /* number of the connection in this life */
	struct buf answer;
};

static void relay_schedule(struct relay *relay)
{
	bool due = relay->waiting.length != 0 || (relay->probe && relay->fd >= 0);

	if (relay->call == NULL && due && !loop_timer_is_set(&relay->again))
		loop_defer_add(relay->agent->loop, &relay->post);
}

/* Reads on, or not, by how much waits. */
static void relay_pace(struct relay *relay)
{
	bool full = relay->waiting.length + RELAY_READ_BYTES > RELAY_BUFFER_MAX;

	if (relay->fd >= 0)
		loop_fd_set(&relay->watch, full ? 0 : EPOLLIN);
}

static void relay_close(struct relay *relay)
{
	if (relay->fd < 0)
		return;
	loop_fd_remove(&relay->watch);
	close(relay->fd);
	relay->fd = -1;
}

static void relay_forget(struct relay *relay)
{
	http_cancel(relay->call);
	relay->call = NULL;
	buf_clear(&relay->waiting);
	relay->offset = 0;
	relay->posted = 0;
}

static bool on_relay_data(const char *bytes, size_t length, void *arg)
{
	struct relay *relay = arg;

	buf_add(&relay->answer, bytes, length);
	return !relay->answer.overflowed;
}

static void on_relay_done(int status, const char *words, void *arg)
{
	struct relay *relay = arg;
	struct loop *loop = relay->agent->loop;

	relay->call = NULL;
	if (status == 200) {
		buf_consume(&relay->waiting, relay->posted);
		relay->offset += relay->posted;
	} else if (status == 409) {
		log_event(LOG_LEVEL_NOTICE, NULL,
			  "the controller asks for heliod's feed from the beginning");
		relay_close(relay);
		relay_forget(relay);
	} else {
		log_event(LOG_LEVEL_DEBUG, NULL, "the feed waits: HTTP status %d %s", status,
			  words);
		loop_timer_set(loop, &relay->again,
			       instant_add(loop_now(loop), duration_ms(RELAY_PAUSE_MS)));
	}
	relay->posted = 0;
	relay_pace(relay);
	relay_schedule(relay);
}

static void on_relay_post(struct loop_defer *defer UNUSED, void *arg)
{
	struct relay *relay = arg;
	char path[512];

	if (relay->call != NULL || (relay->waiting.length == 0 && !relay->probe))
		return;
	if (!channel_is_connected(relay->agent->channel)) {
		loop_timer_set(
			relay->agent->loop, &relay->again,
			instant_add(loop_now(relay->agent->loop), duration_ms(RELAY_PAUSE_MS)));
		return;
	}
	relay->probe = false;
	relay->posted = MIN(relay->waiting.length, (size_t)RELAY_POST_MAX);
	snprintf(path, sizeof(path), "/nodes/v1/%s/feed?session=%s-%" PRIu64 "&offset=%" PRIu64,
		 relay->agent->config.node, relay->agent->boot, relay->session, relay->offset);
	buf_clear(&relay->answer);
	relay->call =
		http_start(channel_http(relay->agent->channel), path, "application/octet-stream",
			   buf_text(&relay->waiting), relay->posted, RELAY_TIMEOUT_MS,
			   on_relay_data, on_relay_done, relay);
}

static void on_relay_again(struct loop_timer *timer UNUSED, void *arg)
{
	relay_schedule(arg);
}

static void on_relay_idle(struct loop_timer *timer, void *arg)
{
	struct relay *relay = arg;
	struct loop *loop = relay->agent->loop;

	loop_timer_set(loop, timer, instant_add(loop_now(loop), duration_ms(RELAY_IDLE_MS)));
	relay->probe = true;
	relay_schedule(relay);
}

static void on_relay_readable(struct loop_fd *watch UNUSED, uint32_t events UNUSED, void *arg)
{
	struct relay *relay = arg;
	char *to = buf_reserve(&relay->waiting, RELAY_READ_BYTES);
	ssize_t length;

	if (to == NULL) {
		relay->waiting.overflowed = false;
		relay_pace(relay);
		return;
	}
	length = read(relay->fd, to, RELAY_READ_BYTES);
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length <= 0) {
		relay_close(relay);
		return;
	}
	buf_commit(&relay->waiting, (size_t)length);
	relay_pace(relay);
	relay_schedule(relay);
}

static void on_relay_accept(struct loop_fd *watch, uint32_t events UNUSED, void *arg)
{
	struct relay *relay = arg;
	int fd = unixsock_accept(watch->fd);

	if (fd < 0)
		return;
	relay_close(relay);
	relay_forget(relay);
	relay->session++;
	if (loop_fd_add(relay->agent->loop, &relay->watch, fd, EPOLLIN, on_relay_readable, relay) <
	    0)
		close(fd);
	else
		relay->fd = fd;
}

struct relay *relay_new(struct agent *agent, struct error *e)
{
	struct relay *relay = mem_zalloc(sizeof(*relay));

	relay->agent = agent;
	relay->fd = -1;
	loop_fd_init(&relay->watch);
	loop_fd_init(&relay->listen_watch);
	loop_timer_init(&relay->again, on_relay_again, relay);
	loop_timer_init(&relay->idle, on_relay_idle, relay);
	loop_timer_set(agent->loop, &relay->idle,
		       instant_add(loop_now(agent->loop), duration_ms(RELAY_IDLE_MS)));
	loop_defer_init(&relay->post, on_relay_post, relay);
	buf_init(&relay->waiting, RELAY_BUFFER_MAX);
	buf_init(&relay->answer, 65536);
	relay->listen_fd = local_listen(agent, "bmp.sock", e);
	if (relay->listen_fd < 0 || loop_fd_add(agent->loop, &relay->listen_watch, relay->listen_fd,
						EPOLLIN, on_relay_accept, relay) < 0) {
		relay_free(relay);
		return NULL;
	}
	return relay;
}

void relay_free(struct relay *relay)
{
	if (relay == NULL)
		return;
	relay_close(relay);
	relay_forget(relay);
	loop_fd_remove(&relay->listen_watch);
	if (relay->listen_fd >= 0)
		close(relay->listen_fd);
	loop_timer_clear(relay->agent->loop, &relay->again);
	loop_timer_clear(relay->agent->loop, &relay->idle);
	loop_defer_remove(&relay->post);
	buf_done(&relay->waiting);
	buf_done(&relay->answer);
	mem_free(relay);
}

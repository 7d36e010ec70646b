/*
 * daemon: heliod as a whole: the speaker, its sockets, and those who ask and listen.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/daemon.h"

#include <errno.h>
#include <signal.h>
#include <sys/random.h>
#include <unistd.h>

#include "heliod/config_file.h"
#include "heliod/feed_reader.h"
#include "heliod/instances.h"
#include "heliod/log.h"
#include "heliod/methods.h"
#include "os/privilege.h"
#include "os/tcp.h"

#define BACKLOG 4096
#define STOP_WAIT_MS 2000
#define STOP_LOOK_MS 10

/* What the speaker asks of us. */

static void op_connect(void *context, struct speaker_conn *conn, const char *instance,
		       const struct ip_addr *local, const struct ip_addr *remote, uint16_t port,
		       uint8_t ttl, const char *password)
{
	struct daemon *daemon = context;
	struct wire_conn *wire_conn = wire_conn_new(daemon->wire, conn);
	struct error e;
	int fd;

	if (daemon->handover != NULL) {
		handover_connect(daemon->handover, wire_conn, instance, local, remote, port, ttl,
				 password);
		return;
	}
	fd = tcp_connect(local, remote, port, ttl, speaker_conn_ttl_min(conn), password, &e);
	if (fd < 0)
		wire_conn_fail(wire_conn, e.text);
	else
		wire_conn_connecting(wire_conn, fd);
}

static void op_close(void *context, struct speaker_conn *conn)
{
	struct daemon *daemon = context;
	struct wire_conn *wire_conn = speaker_conn_data(conn);

	if (daemon->handover != NULL && wire_conn != NULL && !wire_conn_has_socket(wire_conn))
		handover_cancel(daemon->handover, wire_conn);
	wire_close(daemon->wire, conn);
}

static void op_want_write(void *context, struct speaker_conn *conn)
{
	wire_want_write(((struct daemon *)context)->wire, conn);
}

static void op_feed_ready(UNUSED void *context, struct speaker_feed *feed)
{
	struct feed_reader *reader = speaker_feed_data(feed);

	if (reader != NULL)
		reader->ready(reader);
}

static void op_next_hop_changed(void *context, const char *instance, const struct ip_addr *next_hop)
{
	fpm_sender_next_hop_changed(((struct daemon *)context)->fpm, instance, next_hop);
}

static void op_track_next_hop(void *context, const char *instance, const struct ip_addr *next_hop)
{
	next_hops_track(((struct daemon *)context)->next_hops, instance, next_hop);
}

static void on_resolved(void *arg)
{
	wire_wake(((struct daemon *)arg)->wire);
}

static void op_neighbors_changed(void *context, const char *instance)
{
	instances_neighbors_changed(((struct daemon *)context)->instances, instance);
}

static void op_log(UNUSED void *context, int level, const char *instance,
		   const struct ip_addr *peer, const char *text)
{
	log_text(level, instance, peer, text);
}

static const struct speaker_ops speaker_ops = {
	.connect = op_connect,
	.close = op_close,
	.want_write = op_want_write,
	.feed_ready = op_feed_ready,
	.next_hop_changed = op_next_hop_changed,
	.track_next_hop = op_track_next_hop,
	.neighbors_changed = op_neighbors_changed,
	.log = op_log,
};

/* Reload: the instances only; other keys need a new start. */

static bool same_path(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Are the keys the same that are looked at when heliod starts, and not again? */
static bool same_start(const struct heliod_config *a, const struct heliod_config *b)
{
	bool same = a->listen_count == b->listen_count && a->bmp_count == b->bmp_count &&
		    same_path(a->control, b->control) && same_path(a->sockets, b->sockets) &&
		    same_path(a->fpm, b->fpm) && same_path(a->user, b->user);

	for (size_t i = 0; same && i < a->listen_count; i++)
		same = ip_addr_equal(&a->listen[i].address, &b->listen[i].address) &&
		       a->listen[i].port == b->listen[i].port;
	for (size_t i = 0; same && i < a->bmp_count; i++)
		same = same_path(a->bmp[i].path, b->bmp[i].path) &&
		       ip_addr_equal(&a->bmp[i].address, &b->bmp[i].address) &&
		       a->bmp[i].port == b->bmp[i].port;
	return same;
}

int daemon_reload(struct daemon *daemon, struct instances_change *ret_change, struct error *e)
{
	struct heliod_config *config = config_file_load(daemon->config_path, e);
	int result = 0;

	*ret_change = (struct instances_change){ 0 };
	if (config == NULL) {
		log_line(LOG_ERROR, "reload: nothing is changed: %s", e->text);
		return -1;
	}
	if (!same_start(daemon->config, config))
		log_line(LOG_WARNING, "reload: keys other than instances and log-level changed: "
				      "they need a new start");
	log_init((int)config->log_level);
	if (daemon->handover == NULL && config->sockets == NULL)
		result = instances_apply(daemon->instances, config, ret_change, e);
	if (result < 0)
		log_line(LOG_ERROR, "reload: %s: %s; the other instances are as it says",
			 daemon->config_path, e->text);
	log_line(LOG_NOTICE,
		 "reload: %s is read: %zu instances added, %zu changed, %zu deleted, %zu as before",
		 daemon->config_path, ret_change->added, ret_change->changed, ret_change->deleted,
		 ret_change->same);
	heliod_config_free(config);
	return result;
}

/* The end. */

static void free_listeners(struct daemon *daemon)
{
	for (size_t i = 0; i < HELIOD_LISTEN_MAX; i++) {
		listener_free(daemon->listeners[i]);
		daemon->listeners[i] = NULL;
	}
}

static void on_stopping(UNUSED struct loop_timer *timer, void *arg)
{
	struct daemon *daemon = arg;
	instant_t now = loop_now(daemon->loop);

	if (speaker_idle(daemon->speaker) || instant_due(daemon->stop_deadline, now))
		loop_stop(daemon->loop);
	else
		loop_timer_set(daemon->loop, &daemon->stopping,
			       instant_add(now, duration_ms(STOP_LOOK_MS)));
}

static void stop(struct daemon *daemon)
{
	instant_t now = loop_now(daemon->loop);

	if (!instant_is_never(daemon->stop_deadline)) {
		loop_stop(daemon->loop);
		return;
	}
	privilege_notify("STOPPING=1");
	log_line(LOG_NOTICE, "stopping");
	free_listeners(daemon);
	speaker_stop(daemon->speaker, now);
	wire_wake(daemon->wire);
	daemon->stop_deadline = instant_add(now, duration_ms(STOP_WAIT_MS));
	loop_timer_set(daemon->loop, &daemon->stopping,
		       instant_add(now, duration_ms(STOP_LOOK_MS)));
}

static void on_signal(int signal_number, void *arg)
{
	struct instances_change change;
	struct error e;

	if (signal_number != SIGHUP)
		stop(arg);
	else if (daemon_reload(arg, &change, &e) < 0)
		return; /* which is logged */
}

/* The beginning. */

static int open_listeners(struct daemon *daemon, struct error *e)
{
	for (size_t i = 0; i < daemon->config->listen_count; i++) {
		const struct heliod_listen *listen = &daemon->config->listen[i];
		int fd = tcp_listen(&listen->address, listen->port, BACKLOG, e);

		if (fd < 0)
			return error_prefix(e, "listen[%zu]", i);
		daemon->listeners[i] =
			listener_new(daemon->loop, daemon->speaker, daemon->wire, NULL, fd, e);
		if (daemon->listeners[i] == NULL)
			return -1;
	}
	return 0;
}

static int open_sockets(struct daemon *daemon, uint64_t seed, struct error *e)
{
	const struct heliod_config *config = daemon->config;

	if (open_listeners(daemon, e) < 0)
		return -1;
	if (config->sockets != NULL) {
		daemon->handover = handover_new(daemon->loop, daemon->speaker, daemon->wire,
						config->sockets, e);
		if (daemon->handover == NULL)
			return error_prefix(e, "sockets");
	}
	if (config->control != NULL) {
		daemon->control =
			control_new(daemon->loop, config->control, methods_call, daemon, e);
		if (daemon->control == NULL)
			return error_prefix(e, "control");
	}
	if (config->fpm != NULL)
		daemon->fpm = fpm_sender_new(daemon->loop, daemon->speaker, config->fpm, seed);
	for (size_t i = 0; i < config->bmp_count; i++)
		daemon->bmp[i] = bmp_sender_new(daemon->loop, daemon->speaker, &config->bmp[i]);
	return 0;
}

/* From here on, who parses what strangers send can do no more than anybody. */
static int drop_privileges(const struct daemon *daemon, struct error *e)
{
	const struct heliod_config *config = daemon->config;
	const char *paths[] = { config->control, config->sockets };
	uid_t uid;
	gid_t gid;

	if (config->user != NULL) {
		if (privilege_find_user(config->user, &uid, &gid, e) < 0)
			return -1;
		for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
			if (paths[i] != NULL && chown(paths[i], uid, gid) < 0)
				return error_set(e, "%s: chown: %s", paths[i], strerror(errno));
		}
		if (privilege_drop(uid, gid, e) < 0)
			return -1;
	} else if (geteuid() == 0) {
		log_line(LOG_NOTICE, "it runs as root, without capabilities: key user is better");
	}
	if (privilege_renounce(e) < 0)
		return -1;
	if (access(daemon->config_path, R_OK) < 0)
		log_line(LOG_WARNING, "%s cannot be read again, as this user: %s",
			 daemon->config_path, strerror(errno));
	return 0;
}

static int start(struct daemon *daemon, struct error *e)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, 0 };
	struct instances_change change;
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		return error_set(e, "getrandom: %s", strerror(errno));
	daemon->loop = loop_new(e);
	if (daemon->loop == NULL)
		return -1;
	daemon->started = loop_now(daemon->loop);
	daemon->stop_deadline = INSTANT_NEVER;
	daemon->instances = instances_new(daemon);
	loop_timer_init(&daemon->stopping, on_stopping, daemon);
	daemon->speaker = speaker_new(&speaker_ops, daemon, seed);
	daemon->wire = wire_new(daemon->loop, daemon->speaker);
	daemon->next_hops =
		next_hops_new(daemon->loop, daemon->speaker, seed, on_resolved, daemon, e);
	if (daemon->next_hops == NULL)
		return error_prefix(e, "next-hop-resolution");
	if (loop_signals(daemon->loop, signals, on_signal, daemon, e) < 0 ||
	    open_sockets(daemon, seed, e) < 0 || drop_privileges(daemon, e) < 0)
		return -1;
	if (instances_apply(daemon->instances, daemon->config, &change, e) < 0)
		return error_prefix(e, "%s", daemon->config_path);
	return 0;
}

static void release(struct daemon *daemon)
{
	fpm_sender_free(daemon->fpm);
	for (size_t i = 0; i < HELIOD_BMP_MAX; i++)
		bmp_sender_free(daemon->bmp[i]);
	daemon->fpm = NULL;
	memset(daemon->bmp, 0, sizeof(daemon->bmp));
	control_free(daemon->control);
	free_listeners(daemon);
	if (daemon->speaker != NULL)
		speaker_free(daemon->speaker, loop_now(daemon->loop));
	next_hops_free(daemon->next_hops);
	handover_free(daemon->handover);
	instances_free(daemon->instances);
	wire_free(daemon->wire);
	if (daemon->loop != NULL) {
		loop_timer_clear(daemon->loop, &daemon->stopping);
		loop_free(daemon->loop);
	}
	heliod_config_free(daemon->config);
}

int daemon_run(struct heliod_config *config, const char *config_path, struct error *e)
{
	struct daemon daemon = { .config = config, .config_path = config_path };
	int result;

	log_init((int)config->log_level);
	daemon.descriptors_max = tcp_raise_descriptor_limit();
	result = start(&daemon, e);
	if (result == 0) {
		log_line(LOG_NOTICE, "heliod %s is ready", HELIOSTAT_VERSION);
		privilege_notify("READY=1");
		wire_wake(daemon.wire);
		result = loop_run(daemon.loop, e);
	}
	release(&daemon);
	return result;
}

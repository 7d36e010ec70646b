/*
 * daemon: heliod as a whole: the speaker, its sockets, and those who ask and listen.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/daemon.h"

#include <errno.h>
#include <signal.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "heliod/config_file.h"
#include "heliod/feed_reader.h"
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
	fd = tcp_connect(local, remote, port, ttl, password, &e);
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

static void refresh_later(struct daemon *daemon, const char *instance)
{
	json_object_set_new(daemon->to_refresh, instance, json_true());
	loop_defer_add(daemon->loop, &daemon->refresh);
}

static void op_neighbors_changed(void *context, const char *instance)
{
	refresh_later(context, instance);
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

static void do_refresh(UNUSED struct loop_defer *defer, void *arg)
{
	struct daemon *daemon = arg;

	const char *name;
	json_t *ignored;

	for (size_t i = 0; i < HELIOD_LISTEN_MAX && daemon->listeners[i] != NULL; i++)
		listener_refresh_passwords(daemon->listeners[i]);
	json_object_foreach(daemon->to_refresh, name, ignored)
	{
		if (daemon->handover != NULL)
			handover_refresh(daemon->handover, name);
	}
	json_object_clear(daemon->to_refresh);
}

/* Instances. */

static void tell_added(struct daemon *daemon, const char *name)
{
	fpm_sender_instance_added(daemon->fpm, name);
	for (size_t i = 0; i < HELIOD_BMP_MAX; i++)
		bmp_sender_instance_added(daemon->bmp[i], name);
	refresh_later(daemon, name);
	wire_wake(daemon->wire);
}

static void tell_deleting(struct daemon *daemon, const char *name)
{
	fpm_sender_instance_deleting(daemon->fpm, name);
	for (size_t i = 0; i < HELIOD_BMP_MAX; i++)
		bmp_sender_instance_deleting(daemon->bmp[i], name);
}

/* Which instance has which table-id. */
struct table {
	struct hmap_node node;
	uint32_t id;
	char *name;
};

static struct table *table_find(const struct daemon *daemon, uint32_t id)
{
	struct hmap_node *node = hmap_first_with_hash(&daemon->tables, hash_u64(id, 0));

	while (node != NULL && CONTAINER_OF(node, struct table, node)->id != id)
		node = hmap_next_with_hash(node);
	return node == NULL ? NULL : CONTAINER_OF(node, struct table, node);
}

static void table_free(struct daemon *daemon, struct table *table)
{
	hmap_remove(&daemon->tables, &table->node);
	mem_free(table->name);
	mem_free(table);
}

static void table_forget(struct daemon *daemon, const char *name)
{
	struct hmap_node *node;

	HMAP_FOR_EACH (node, &daemon->tables) {
		struct table *table = CONTAINER_OF(node, struct table, node);

		if (strcmp(table->name, name) == 0) {
			table_free(daemon, table);
			return;
		}
	}
}

/* `old_id` 0: the instance is new. */
static void table_keep(struct daemon *daemon, uint32_t id, uint32_t old_id, const char *name)
{
	struct table *table;

	if (id == old_id)
		return;
	if (old_id != 0)
		table_free(daemon, table_find(daemon, old_id));
	table = mem_zalloc(sizeof(*table));
	table->id = id;
	table->name = mem_strdup(name);
	hmap_insert(&daemon->tables, &table->node, hash_u64(id, 0));
}

static int choose_table(const struct daemon *daemon, struct instance_config *config,
			const struct instance_config *old, struct error *e)
{
	const struct table *holder;

	if (config->table_id == 0 && old != NULL)
		config->table_id = old->table_id;
	if (config->table_id == 0) {
		config->table_id = (uint32_t)daemon->tables.count + 1;
		while (table_find(daemon, config->table_id) != NULL)
			config->table_id++;
	}
	holder = table_find(daemon, config->table_id);
	if (holder != NULL && (old == NULL || strcmp(holder->name, old->name) != 0))
		return error_set(e, "table-id: %u is that of instance %s", config->table_id,
				 holder->name);
	return 0;
}

static bool same_document(const struct instance_config *a, const struct instance_config *b)
{
	json_t *first = instance_config_to_json(a, false);
	json_t *second = instance_config_to_json(b, false);
	bool same = json_equal(first, second);

	json_decref(first);
	json_decref(second);
	return same;
}

int daemon_instance_put(struct daemon *daemon, struct instance_config *config, bool *ret_changed,
			struct error *e)
{
	const struct instance_config *old = speaker_instance_config(daemon->speaker, config->name);
	const struct instance_config *now;
	const uint32_t old_table = old != NULL ? old->table_id : 0;
	char *name;
	int result;

	if (daemon->handover != NULL && config->next_hop_resolution == NEXT_HOP_RESOLUTION_KERNEL) {
		instance_config_free(config);
		return error_set(e, "next-hop-resolution: kernel is for a stand-alone heliod; "
				    "must be none or exact");
	}
	if (choose_table(daemon, config, old, e) < 0) {
		instance_config_free(config);
		return -1;
	}
	if (old != NULL && same_document(old, config)) {
		instance_config_free(config);
		*ret_changed = false;
		return 0;
	}
	name = mem_strdup(config->name);
	if (speaker_instance_replaces(daemon->speaker, config))
		tell_deleting(daemon, name);
	result = speaker_instance_put(daemon->speaker, config, e, loop_now(daemon->loop));
	now = speaker_instance_config(daemon->speaker, name);
	if (now != NULL) {
		table_keep(daemon, now->table_id, old_table, name);
		tell_added(daemon, name);
	}
	mem_free(name);
	*ret_changed = true;
	return result;
}

int daemon_instance_delete(struct daemon *daemon, const char *name, struct error *e)
{
	int result;

	if (speaker_instance_config(daemon->speaker, name) == NULL)
		return error_set(e, "name: there is no instance %.64s", name);
	tell_deleting(daemon, name);
	result = speaker_instance_delete(daemon->speaker, name, e, loop_now(daemon->loop));
	next_hops_instance_deleted(daemon->next_hops, name);
	table_forget(daemon, name);
	refresh_later(daemon, name);
	wire_wake(daemon->wire);
	return result;
}

/* Puts every instance of the file; each entry is taken out of it. */
static int put_instances(struct daemon *daemon, struct heliod_config *config, struct error *e)
{
	for (size_t i = 0; i < config->instance_count; i++) {
		struct instance_config *instance = config->instances[i];
		bool changed;

		config->instances[i] = NULL;
		if (daemon_instance_put(daemon, instance, &changed, e) < 0)
			return error_prefix(e, "instances[%zu]", i);
	}
	return 0;
}

/* Reload: the instances only; other keys need a new start. */

static bool is_in(const struct heliod_config *config, const char *name)
{
	for (size_t i = 0; i < config->instance_count; i++) {
		if (strcmp(config->instances[i]->name, name) == 0)
			return true;
	}
	return false;
}

static void delete_absent(struct daemon *daemon, const struct heliod_config *config)
{
	size_t i = 0;
	const char *name;
	struct error e;

	while ((name = speaker_instance_name(daemon->speaker, i)) != NULL) {
		char *copy = mem_strdup(name);

		if (is_in(config, copy))
			i++;
		else if (daemon_instance_delete(daemon, copy, &e) < 0)
			i++;
		mem_free(copy);
	}
}

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

static void reload(struct daemon *daemon)
{
	struct error e;
	struct heliod_config *config = config_file_load(daemon->config_path, &e);

	if (config == NULL) {
		log_line(LOG_ERROR, "reload: nothing is changed: %s", e.text);
		return;
	}
	if (!same_start(daemon->config, config))
		log_line(LOG_WARNING, "reload: keys other than instances and log-level changed: "
				      "they need a new start");
	if (daemon->handover == NULL && config->sockets == NULL) {
		delete_absent(daemon, config);
		if (put_instances(daemon, config, &e) < 0)
			log_line(LOG_ERROR, "reload: %s: %s", daemon->config_path, e.text);
	}
	log_init((int)config->log_level);
	log_line(LOG_NOTICE, "reload: %s is read", daemon->config_path);
	heliod_config_free(config);
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
	if (signal_number == SIGHUP)
		reload(arg);
	else
		stop(arg);
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

static int drop_privileges(const struct heliod_config *config, struct error *e)
{
	const char *paths[] = { config->control, config->sockets };
	uid_t uid;
	gid_t gid;

	if (config->user == NULL)
		return 0;
	if (privilege_find_user(config->user, &uid, &gid, e) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		if (paths[i] != NULL && chown(paths[i], uid, gid) < 0)
			return error_set(e, "%s: chown: %s", paths[i], strerror(errno));
	}
	return privilege_drop(uid, gid, e);
}

static int start(struct daemon *daemon, struct error *e)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, 0 };
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		return error_set(e, "getrandom: %s", strerror(errno));
	daemon->loop = loop_new(e);
	if (daemon->loop == NULL)
		return -1;
	daemon->started = loop_now(daemon->loop);
	daemon->stop_deadline = INSTANT_NEVER;
	daemon->to_refresh = json_object();
	hmap_init(&daemon->tables);
	loop_defer_init(&daemon->refresh, do_refresh, daemon);
	loop_timer_init(&daemon->stopping, on_stopping, daemon);
	daemon->speaker = speaker_new(&speaker_ops, daemon, seed);
	daemon->wire = wire_new(daemon->loop, daemon->speaker);
	daemon->next_hops =
		next_hops_new(daemon->loop, daemon->speaker, seed, on_resolved, daemon, e);
	if (daemon->next_hops == NULL)
		return error_prefix(e, "next-hop-resolution");
	if (loop_signals(daemon->loop, signals, on_signal, daemon, e) < 0 ||
	    open_sockets(daemon, seed, e) < 0 || drop_privileges(daemon->config, e) < 0)
		return -1;
	if (put_instances(daemon, daemon->config, e) < 0)
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
	while (daemon->tables.count != 0)
		table_free(daemon, CONTAINER_OF(hmap_first(&daemon->tables), struct table, node));
	hmap_done(&daemon->tables);
	json_decref(daemon->to_refresh);
	wire_free(daemon->wire);
	if (daemon->loop != NULL) {
		loop_defer_remove(&daemon->refresh);
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
	tcp_raise_descriptor_limit();
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

/*
 * speaker: instances, connections' events, timers, and the work that is due.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "speaker/parts.h"

#include "base/hash.h"
#include "base/mem.h"

#define REMEMBERED_S 60 /* a dynamic neighbor, after the time in which it was refused */

struct speaker *speaker_new(const struct speaker_ops *ops, void *context, uint64_t seed)
{
	struct speaker *s = mem_zalloc(sizeof(*s));

	s->ops = ops;
	s->context = context;
	s->seed = seed;
	list_init(&s->instances);
	hmap_init(&s->instances_by_name);
	hmap_init(&s->addresses);
	list_init(&s->dynamic);
	list_init(&s->dirty);
	list_init(&s->unsettled);
	heap_init(&s->timers);
	heap_init(&s->instance_timers);
	return s;
}

struct speaker_instance *speaker_find_instance(const struct speaker *s, const char *name)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash_string(name, s->seed), &s->instances_by_name) {
		struct speaker_instance *instance =
			CONTAINER_OF(node, struct speaker_instance, by_name);

		if (strcmp(instance->config->name, name) == 0)
			return instance;
	}
	return NULL;
}

static void set_full(struct speaker_instance *instance, bool full)
{
	if (full && !instance->full)
		instance->speaker->full_count++;
	else if (!full && instance->full)
		instance->speaker->full_count--;
	instance->full = full;
}

/* What is full holds up the reading for all, and comes first. */
void speaker_instance_note_dirty(struct speaker_instance *instance)
{
	struct list *dirty = &instance->speaker->dirty;
	size_t count = reflector_dirty_count(instance->reflector);

	set_full(instance, count >= REFLECTOR_DIRTY_PREFIXES_MAX);
	if (instance->full) {
		list_remove(&instance->dirty_node);
		list_push_front(dirty, &instance->dirty_node);
	} else if (count != 0 && list_is_empty(&instance->dirty_node)) {
		list_push_back(dirty, &instance->dirty_node);
	}
}

void speaker_instance_touched(struct speaker_instance *instance)
{
	struct heap *timers = &instance->speaker->instance_timers;
	instant_t deadline = reflector_deadline(instance->reflector);

	if (instant_is_never(deadline))
		heap_remove(timers, &instance->timer);
	else
		heap_set(timers, &instance->timer, deadline.ns);
	speaker_instance_note_dirty(instance);
}

/* --- configuration --- */

static bool same_identity(const struct instance_config *a, const struct instance_config *b)
{
	return a->local_as.number == b->local_as.number &&
	       ip_addr_equal(&a->router_id, &b->router_id) &&
	       ip_addr_equal(&a->cluster_id, &b->cluster_id) &&
	       a->next_hop_resolution == b->next_hop_resolution &&
	       a->graceful_restart == b->graceful_restart &&
	       a->long_lived_graceful_restart == b->long_lived_graceful_restart &&
	       a->table_id == b->table_id && a->ebgp_requires_policy == b->ebgp_requires_policy;
}

static const struct neighbor_config *find_neighbor(const struct instance_config *config,
						   const struct ip_addr *address)
{
	for (size_t i = 0; i < config->neighbor_count; i++)
		if (ip_addr_equal(&config->neighbors[i].address, address))
			return &config->neighbors[i];
	return NULL;
}

static const struct dynamic_neighbor_config *find_range(const struct instance_config *config,
							const struct ip_addr *address)
{
	const struct dynamic_neighbor_config *best = NULL;

	for (size_t i = 0; i < config->dynamic_neighbor_count; i++) {
		const struct dynamic_neighbor_config *d = &config->dynamic_neighbors[i];

		if (ip_prefix_contains(&d->prefix, address) &&
		    (best == NULL || d->prefix.length > best->prefix.length))
			best = d;
	}
	return best;
}

/* What configures this peer in `config`; NULL: nothing any more. */
static const struct neighbor_config *config_for(const struct instance_config *config,
						const struct speaker_peer *peer)
{
	const struct dynamic_neighbor_config *dynamic;

	if (!peer->dynamic)
		return find_neighbor(config, &peer->address);
	dynamic = find_range(config, &peer->address);
	return dynamic == NULL ? NULL : &dynamic->template;
}

static void instance_free(struct speaker_instance *instance, instant_t now)
{
	struct speaker *s = instance->speaker;

	LIST_FOR_EACH (node, &instance->feeds) {
		struct speaker_feed *feed = CONTAINER_OF(node, struct speaker_feed, node);

		reflector_feed_close(feed->reflector_feed);
		feed->reflector_feed = NULL;
		feed->instance = NULL;
	}
	while (!list_is_empty(&instance->peers))
		speaker_peer_free(CONTAINER_OF(instance->peers.next, struct speaker_peer, node),
				  now);
	hmap_done(&instance->peers_by_address);
	set_full(instance, false);
	reflector_free(instance->reflector);
	heap_remove(&s->instance_timers, &instance->timer);
	list_remove(&instance->dirty_node);
	list_remove(&instance->dynamic_node);
	list_remove(&instance->node);
	hmap_remove(&s->instances_by_name, &instance->by_name);
	instance_config_free(instance->config);
	mem_free(instance);
}

static void note_dynamic(struct speaker_instance *instance)
{
	if (instance->config->dynamic_neighbor_count == 0)
		list_remove(&instance->dynamic_node);
	else if (list_is_empty(&instance->dynamic_node))
		list_push_back(&instance->speaker->dynamic, &instance->dynamic_node);
}

static int add_missing_neighbors(struct speaker_instance *instance, struct error *e, instant_t now)
{
	const struct instance_config *config = instance->config;

	for (size_t i = 0; i < config->neighbor_count; i++) {
		const struct neighbor_config *n = &config->neighbors[i];
		struct speaker_peer *peer = speaker_peer_find(instance, &n->address);

		if (peer != NULL && !peer->dynamic)
			continue;
		if (peer != NULL)
			speaker_peer_free(peer, now);
		if (speaker_peer_new(instance, n, &n->address, false, now) == NULL)
			return error_set(e, "instance \"%s\": more than %u neighbors", config->name,
					 REFLECTOR_PEERS_MAX);
	}
	return 0;
}

static int instance_add(struct speaker *s, struct instance_config *config, struct error *e,
			instant_t now)
{
	struct speaker_instance *instance = mem_zalloc(sizeof(*instance));

	instance->speaker = s;
	instance->serial = ++s->instance_serial;
	instance->config = config;
	list_init(&instance->peers);
	list_init(&instance->feeds);
	list_init(&instance->dirty_node);
	list_init(&instance->dynamic_node);
	note_dynamic(instance);
	hmap_init(&instance->peers_by_address);
	list_push_back(&s->instances, &instance->node);
	hmap_insert(&s->instances_by_name, &instance->by_name, hash_string(config->name, s->seed));
	instance->reflector = reflector_new(config, &speaker_reflector_ops, instance, s->seed, now);
	if (add_missing_neighbors(instance, e, now) < 0) {
		instance_free(instance, now);
		return -1;
	}
	reflector_check_end_of_rib(instance->reflector, now);
	speaker_instance_touched(instance);
	s->ops->neighbors_changed(s->context, config->name);
	return 0;
}

/* The same identity: sessions whose keys are the same stay up. */
static int instance_change(struct speaker_instance *instance, struct instance_config *config,
			   struct error *e, instant_t now)
{
	struct instance_config *old = instance->config;
	int result;

	instance->config = config;
	note_dynamic(instance);
	LIST_FOR_EACH_SAFE (node, &instance->peers) {
		struct speaker_peer *peer = CONTAINER_OF(node, struct speaker_peer, node);
		const struct neighbor_config *n = config_for(config, peer);

		if (n == NULL || !neighbor_config_same_session(peer->config, n)) {
			speaker_peer_free(peer, now);
			continue;
		}
		speaker_peer_set_config(peer, n, now);
	}
	reflector_set_config(instance->reflector, config, now);
	result = add_missing_neighbors(instance, e, now);
	instance_config_free(old);
	speaker_instance_touched(instance);
	instance->speaker->ops->neighbors_changed(instance->speaker->context, config->name);
	return result;
}

bool speaker_instance_replaces(const struct speaker *s, const struct instance_config *config)
{
	const struct speaker_instance *instance = speaker_find_instance(s, config->name);

	return instance != NULL && !same_identity(instance->config, config);
}

int speaker_instance_put(struct speaker *s, struct instance_config *config, struct error *e,
			 instant_t now)
{
	struct speaker_instance *instance = speaker_find_instance(s, config->name);
	int result;

	if (speaker_instance_replaces(s, config)) {
		instance_free(instance, now);
		instance = NULL;
	}
	result = instance == NULL ? instance_add(s, config, e, now)
				  : instance_change(instance, config, e, now);
	speaker_settle(s, now);
	return result;
}

int speaker_instance_delete(struct speaker *s, const char *name, struct error *e, instant_t now)
{
	struct speaker_instance *instance = speaker_find_instance(s, name);

	if (instance == NULL)
		return error_set(e, "there is no instance \"%s\"", name);
	instance_free(instance, now);
	return 0;
}

const struct instance_config *speaker_instance_config(const struct speaker *s, const char *name)
{
	const struct speaker_instance *instance = speaker_find_instance(s, name);

	return instance == NULL ? NULL : instance->config;
}

const char *speaker_instance_next(const struct speaker *s, const char *name)
{
	const struct speaker_instance *instance =
		name == NULL ? NULL : speaker_find_instance(s, name);
	const struct list *next = instance == NULL ? s->instances.next : instance->node.next;

	if (next == &s->instances)
		return NULL;
	return CONTAINER_OF(next, struct speaker_instance, node)->config->name;
}

void speaker_free(struct speaker *s, instant_t now)
{
	if (s == NULL)
		return;
	while (!list_is_empty(&s->instances))
		instance_free(CONTAINER_OF(s->instances.next, struct speaker_instance, node), now);
	hmap_done(&s->instances_by_name);
	hmap_done(&s->addresses);
	heap_done(&s->timers);
	heap_done(&s->instance_timers);
	mem_free(s);
}

void speaker_stop(struct speaker *s, instant_t now)
{
	s->stopping = true;
	LIST_FOR_EACH (node, &s->instances) {
		struct speaker_instance *instance =
			CONTAINER_OF(node, struct speaker_instance, node);

		LIST_FOR_EACH (peer_node, &instance->peers) {
			struct speaker_peer *peer =
				CONTAINER_OF(peer_node, struct speaker_peer, node);

			session_stop(peer->session, BGP_CEASE_SHUTDOWN, NULL, now);
			speaker_peer_touched(peer);
		}
	}
	speaker_settle(s, now);
}

bool speaker_idle(const struct speaker *s)
{
	return s->conn_count == 0;
}

/* --- connections --- */

/* Whose is a connection from `remote` to our address `local`? `name` NULL: any instance's. */
static struct speaker_peer *find_peer(const struct speaker *s, const char *name,
				      const struct ip_addr *local, const struct ip_addr *remote)
{
	const struct speaker_instance *instance;

	if (name == NULL)
		return speaker_peer_first(s, local, remote);
	instance = speaker_find_instance(s, name);
	return instance == NULL ? NULL : speaker_peer_find(instance, remote);
}

/* Who calls. */
struct caller {
	struct speaker_instance *instance; /* NULL: nobody */
	struct speaker_peer *peer;	   /* NULL: a dynamic neighbour that is not there yet */
	const struct neighbor_config *config;
};

/* A neighbour that is there comes before ranges of dynamic ones, and the longest of these counts,
 * whatever the order of the instances. */
static struct caller find_caller(const struct speaker *s, const char *name,
				 const struct ip_addr *local, const struct ip_addr *remote)
{
	struct speaker_peer *peer = find_peer(s, name, local, remote);
	const struct dynamic_neighbor_config *best = NULL;
	struct caller caller = { 0 };

	if (peer != NULL)
		return (struct caller){ peer->instance, peer, peer->config };
	LIST_FOR_EACH (node, &s->dynamic) {
		struct speaker_instance *instance =
			CONTAINER_OF(node, struct speaker_instance, dynamic_node);
		const struct dynamic_neighbor_config *range;

		if (name != NULL && strcmp(instance->config->name, name) != 0)
			continue;
		range = find_range(instance->config, remote);
		if (range == NULL || (best != NULL && range->prefix.length <= best->prefix.length))
			continue;
		best = range;
		caller = (struct caller){ instance, NULL, &range->template };
	}
	return caller;
}

struct speaker_conn *speaker_accept(struct speaker *s, const char *name,
				    const struct ip_addr *local, const struct ip_addr *remote,
				    instant_t now)
{
	struct caller caller = find_caller(s, name, local, remote);
	struct speaker_peer *peer = caller.peer;
	struct speaker_conn *conn;

	if (s->stopping || caller.instance == NULL)
		return NULL;
	if (peer == NULL && caller.config->enabled)
		peer = speaker_peer_new(caller.instance, caller.config, remote, true, now);
	if (peer == NULL)
		return NULL;
	conn = speaker_conn_new(peer, SESSION_INCOMING, local);
	/* The rim learns of conn by our return value: what is sent meanwhile waits. */
	conn->want_write = true;
	peer->arriving = conn;
	if (!session_accept(peer->session, now)) {
		peer->arriving = NULL;
		if (peer->conns[SESSION_INCOMING] == conn)
			peer->conns[SESSION_INCOMING] = NULL;
		speaker_conn_free(conn);
		conn = NULL;
	} else if (peer->arriving != NULL) {
		assert(peer->conns[SESSION_INCOMING] == NULL);
		peer->conns[SESSION_INCOMING] = conn;
		peer->arriving = NULL;
	}
	speaker_peer_touched(peer);
	if (conn != NULL) {
		conn->want_write = false;
		if (conn->control.length != 0)
			speaker_conn_wake(conn);
	}
	speaker_settle(s, now);
	return conn;
}

uint8_t speaker_refusal(const struct speaker *s, const char *name, const struct ip_addr *local,
			const struct ip_addr *remote, char ret_why[static SPEAKER_WHY_TEXT_MAX])
{
	struct caller caller = find_caller(s, name, local, remote);
	uint8_t subcode = BGP_CEASE_REJECTED;
	const char *why, *held = "";

	if (caller.peer != NULL)
		subcode = session_refusal(caller.peer->session);
	if (s->stopping)
		why = "we are about to end";
	else if (caller.instance == NULL)
		why = "no neighbor and no prefix of dynamic-neighbors has its address";
	else if (!caller.config->enabled)
		why = "enabled is false";
	else if (caller.peer == NULL)
		why = "there are too many neighbors";
	else if (subcode == BGP_CEASE_COLLISION)
		why = "its session is established";
	else
		why = session_last_error(caller.peer->session);
	if (caller.peer != NULL && session_is_refusing(caller.peer->session))
		held = "it is held in Idle: ";
	snprintf(ret_why, SPEAKER_WHY_TEXT_MAX, "%s%s", held, why);
	return subcode;
}

void speaker_note_refusal(struct speaker *s, const char *name, const struct ip_addr *local,
			  const struct ip_addr *remote, const char *why)
{
	struct caller caller = find_caller(s, name, local, remote);

	if (caller.peer == NULL) {
		s->ops->log(s->context, 6, name, remote, why);
		return;
	}
	session_note_refusal(caller.peer->session, why);
	speaker_peer_touched(caller.peer);
}

struct speaker_guard speaker_guard(const struct speaker *s, const char *name,
				   const struct ip_addr *local, const struct ip_addr *remote)
{
	struct caller caller = find_caller(s, name, local, remote);

	if (caller.config == NULL)
		return (struct speaker_guard){ 0 };
	return (struct speaker_guard){ speaker_config_ttl_min(caller.config),
				       caller.config->password != NULL };
}

void speaker_connected(struct speaker_conn *conn, const struct ip_addr *local, instant_t now)
{
	struct speaker_peer *peer = conn->peer;
	struct speaker *s = peer->instance->speaker;

	conn->local = *local;
	session_connected(peer->session, now);
	speaker_peer_touched(peer);
	speaker_settle(s, now);
}

void speaker_connect_failed(struct speaker_conn *conn, const char *why, instant_t now)
{
	struct speaker_peer *peer = conn->peer;
	struct speaker *s = peer->instance->speaker;

	peer->conns[conn->side] = NULL;
	speaker_conn_free(conn);
	session_connect_failed(peer->session, why, now);
	speaker_peer_touched(peer);
	speaker_settle(s, now);
}

size_t speaker_input(struct speaker_conn *conn, const uint8_t *bytes, size_t length, instant_t now)
{
	struct speaker_peer *peer = conn->peer;
	struct speaker *s = peer->instance->speaker;
	size_t used = session_input(peer->session, conn->side, bytes, length, now);

	speaker_peer_touched(peer);
	speaker_instance_note_dirty(peer->instance);
	if (!list_is_empty(&s->unsettled))
		speaker_settle(s, now);
	return used;
}

void speaker_closed(struct speaker_conn *conn, const char *why, instant_t now)
{
	struct speaker_peer *peer = conn->peer;
	struct speaker *s = peer->instance->speaker;
	enum session_side side = conn->side;

	peer->conns[side] = NULL;
	speaker_conn_free(conn);
	session_closed(peer->session, side, why, now);
	speaker_peer_touched(peer);
	if (peer->dynamic && list_is_empty(&peer->settle_node))
		list_push_back(&s->unsettled, &peer->settle_node);
	speaker_settle(s, now);
}

/* --- work --- */

/* A dynamic peer without a connection and without routes that are kept for it. */
static bool is_gone(const struct speaker_peer *peer)
{
	return peer->dynamic && peer->conns[SESSION_OUTGOING] == NULL &&
	       peer->conns[SESSION_INCOMING] == NULL && peer->arriving == NULL &&
	       instant_is_never(peer->reflector_peer->stale_deadline);
}

/* Whom we have complained about is remembered for a while: how long it is refused grows, what was
 * wrong with it can be shown, and is in the log but once. */
static void forget(struct speaker_peer *peer, instant_t now)
{
	instant_t until = session_refused_until(peer->session);

	if (!instant_is_never(until))
		until = instant_add(until, duration_seconds(REMEMBERED_S));
	if (instant_is_never(until) || instant_due(until, now)) {
		speaker_peer_free(peer, now);
		return;
	}
	peer->kept_until = until;
	speaker_peer_touched(peer);
}

void speaker_settle(struct speaker *s, instant_t now)
{
	struct list *node;

	while ((node = list_pop_front(&s->unsettled)) != NULL) {
		struct speaker_peer *peer = CONTAINER_OF(node, struct speaker_peer, settle_node);

		if (peer->reset != NULL) {
			struct bgp_notification *why = peer->reset;

			peer->reset = NULL;
			session_reset(peer->session, why, now);
			mem_free(why);
			speaker_peer_touched(peer);
			speaker_instance_touched(peer->instance);
		} else if (is_gone(peer)) {
			forget(peer, now);
		}
	}
}

bool speaker_wants_drain(const struct speaker *s)
{
	return s->full_count != 0;
}

bool speaker_is_dirty(const struct speaker *s)
{
	return !list_is_empty(&s->dirty);
}

bool speaker_drain(struct speaker *s, instant_t now)
{
	struct list *node = list_pop_front(&s->dirty);

	if (node != NULL) {
		struct speaker_instance *instance =
			CONTAINER_OF(node, struct speaker_instance, dirty_node);

		reflector_drain(instance->reflector, now);
		speaker_instance_touched(instance);
	}
	speaker_settle(s, now);
	return !list_is_empty(&s->dirty);
}

instant_t speaker_deadline(const struct speaker *s)
{
	const struct heap_node *peer = heap_min(&s->timers);
	const struct heap_node *instance = heap_min(&s->instance_timers);
	instant_t deadline = INSTANT_NEVER;

	if (peer != NULL)
		deadline = (instant_t){ peer->key };
	if (instance != NULL)
		deadline = instant_min(deadline, (instant_t){ instance->key });
	return deadline;
}

static void tick_dynamic_peers(struct speaker_instance *instance)
{
	LIST_FOR_EACH (node, &instance->peers) {
		struct speaker_peer *peer = CONTAINER_OF(node, struct speaker_peer, node);

		if (is_gone(peer) && list_is_empty(&peer->settle_node))
			list_push_back(&instance->speaker->unsettled, &peer->settle_node);
	}
}

static void tick_instances(struct speaker *s, instant_t now)
{
	struct heap_node *first;

	while ((first = heap_min(&s->instance_timers)) != NULL && first->key <= now.ns) {
		struct speaker_instance *instance =
			CONTAINER_OF(first, struct speaker_instance, timer);

		heap_remove(&s->instance_timers, first);
		reflector_tick(instance->reflector, now);
		tick_dynamic_peers(instance);
		speaker_instance_note_dirty(instance);
		if (instant_before(now, reflector_deadline(instance->reflector)))
			speaker_instance_touched(instance);
	}
}

static void tick_peers(struct speaker *s, instant_t now)
{
	struct heap_node *first;

	while ((first = heap_min(&s->timers)) != NULL && first->key <= now.ns) {
		struct speaker_peer *peer = CONTAINER_OF(first, struct speaker_peer, timer);

		session_tick(peer->session, now);
		if (instant_due(peer->kept_until, now)) {
			peer->kept_until = INSTANT_NEVER;
			if (list_is_empty(&peer->settle_node))
				list_push_back(&s->unsettled, &peer->settle_node);
		}
		speaker_peer_touched(peer);
	}
}

void speaker_tick(struct speaker *s, instant_t now)
{
	tick_instances(s, now);
	tick_peers(s, now);
	speaker_settle(s, now);
}

/* --- feeds and next hops --- */

struct speaker_feed *speaker_feed_open(struct speaker *s, const char *name, bool forwarding,
				       void *rim_data, struct error *e)
{
	struct speaker_instance *instance = speaker_find_instance(s, name);
	struct speaker_feed *feed;

	if (instance == NULL) {
		error_set(e, "there is no instance \"%s\"", name);
		return NULL;
	}
	feed = mem_zalloc(sizeof(*feed));
	feed->owner.is_feed = true;
	feed->instance = instance;
	feed->rim_data = rim_data;
	feed->reflector_feed = reflector_feed_open(instance->reflector, forwarding, feed);
	list_push_back(&instance->feeds, &feed->node);
	return feed;
}

void speaker_feed_close(struct speaker_feed *feed)
{
	if (feed->instance != NULL) {
		reflector_feed_close(feed->reflector_feed);
		list_remove(&feed->node);
	}
	mem_free(feed);
}

void *speaker_feed_data(const struct speaker_feed *feed)
{
	return feed->rim_data;
}

const uint8_t *speaker_feed_next(struct speaker_feed *feed, size_t *ret_length)
{
	const uint8_t *message = NULL;

	if (feed->instance != NULL)
		message = reflector_feed_next(feed->reflector_feed, ret_length);
	if (message == NULL)
		feed->told = false;
	return message;
}

enum next_hop_state speaker_next_hop(const struct speaker *s, const char *name,
				     const struct ip_addr *next_hop, struct ip_addr *ret_via)
{
	const struct speaker_instance *instance = speaker_find_instance(s, name);
	const struct reflector_next_hop *nh =
		instance == NULL ? NULL : reflector_next_hop_find(instance->reflector, next_hop);

	if (nh == NULL)
		return NEXT_HOP_UNKNOWN;
	switch (nh->state) {
	case REFLECTOR_NEXT_HOP_UNKNOWN:
		break;
	case REFLECTOR_NEXT_HOP_DIRECT:
		*ret_via = nh->address;
		return NEXT_HOP_REMOTE;
	case REFLECTOR_NEXT_HOP_LOCAL:
		return NEXT_HOP_LOCAL;
	case REFLECTOR_NEXT_HOP_REMOTE:
		*ret_via = nh->via;
		return NEXT_HOP_REMOTE;
	case REFLECTOR_NEXT_HOP_HELD:
		return NEXT_HOP_BLACKHOLE;
	}
	return NEXT_HOP_UNKNOWN;
}

void speaker_next_hop_resolved(struct speaker *s, const char *name, const struct ip_addr *next_hop,
			       bool reachable, uint32_t metric)
{
	struct speaker_instance *instance = speaker_find_instance(s, name);

	if (instance == NULL)
		return;
	reflector_next_hop_resolved(instance->reflector, next_hop, reachable, metric);
	speaker_instance_note_dirty(instance);
}

static void instance_passwords(const struct instance_config *config,
			       void (*each)(void *context, const struct ip_prefix *peers,
					    const char *password),
			       void *context)
{
	for (size_t i = 0; i < config->neighbor_count; i++) {
		struct ip_prefix peer = ip_prefix_host(&config->neighbors[i].address);

		if (config->neighbors[i].password != NULL)
			each(context, &peer, config->neighbors[i].password);
	}
	for (size_t i = 0; i < config->dynamic_neighbor_count; i++) {
		const struct dynamic_neighbor_config *d = &config->dynamic_neighbors[i];

		if (d->template.password != NULL)
			each(context, &d->prefix, d->template.password);
	}
}

void speaker_listen_passwords(const struct speaker *s, const char *name,
			      void (*each)(void *context, const struct ip_prefix *peers,
					   const char *password),
			      void *context)
{
	const struct speaker_instance *instance =
		name == NULL ? NULL : speaker_find_instance(s, name);

	if (instance != NULL)
		instance_passwords(instance->config, each, context);
	if (name != NULL)
		return;
	LIST_FOR_EACH (node, &s->instances)
		instance_passwords(CONTAINER_OF(node, struct speaker_instance, node)->config, each,
				   context);
}

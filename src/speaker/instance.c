/*
 * instance: the book of instances, and what a change of their configuration changes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A new configuration with the same identity keeps the sessions whose keys are the same; another
 * identity is another instance.
 */
#include "speaker/parts.h"

#include "base/hash.h"
#include "base/mem.h"

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

const struct dynamic_neighbor_config *speaker_instance_range(const struct instance_config *config,
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
	dynamic = speaker_instance_range(config, &peer->address);
	return dynamic == NULL ? NULL : &dynamic->template;
}

void speaker_instance_free(struct speaker_instance *instance, instant_t now)
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
		speaker_instance_free(instance, now);
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
		speaker_instance_free(instance, now);
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
	speaker_instance_free(instance, now);
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

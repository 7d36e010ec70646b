/*
 * speaker: timers, and the work that is due.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "speaker/parts.h"

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

void speaker_free(struct speaker *s, instant_t now)
{
	if (s == NULL)
		return;
	while (!list_is_empty(&s->instances))
		speaker_instance_free(
			CONTAINER_OF(s->instances.next, struct speaker_instance, node), now);
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

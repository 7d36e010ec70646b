/*
 * feed: readers of what an instance decides (FPM, BMP), and the next hops of its routes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "speaker/parts.h"

#include "base/mem.h"

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

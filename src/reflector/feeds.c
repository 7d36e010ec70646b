/*
 * feeds: readers of the Loc-RIB.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A feed is a member of the groups that show the Loc-RIB as it is, one for each family. A family
 * stays in the feeds once some neighbour was configured with it.
 */
#include "base/mem.h"
#include "reflector/reflector.h"

static bool is_wanted(const struct reflector *r, bool forwarding, enum bgp_family family)
{
	if (family == BGP_IPV4_UNICAST || family == BGP_IPV6_UNICAST)
		return true;
	return !forwarding && r->families[family];
}

static void join(struct reflector_feed *feed)
{
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		struct reflector_view view;

		if (feed->members[f] != NULL || !is_wanted(feed->r, feed->forwarding, f))
			continue;
		memset(&view, 0, sizeof(view));
		view.kind = feed->forwarding ? REFLECTOR_VIEW_FORWARDING : REFLECTOR_VIEW_FEED;
		view.family = f;
		view.as4 = 1;
		view.message_bytes_max = BGP_MESSAGE_BYTES_MAX_EXTENDED;
		feed->members[f] = reflector_member_join(feed->r, &view, 0, feed->owner);
	}
}

static void note_families(struct reflector *r, const struct neighbor_config *neighbor)
{
	for (size_t i = 0; i < INSTANCE_FAMILIES_MAX && neighbor->families[i] != NULL; i++) {
		enum bgp_family family = bgp_family_by_name(neighbor->families[i]);

		if (family != BGP_FAMILY_NONE)
			r->families[family] = true;
	}
}

void reflector_feeds_apply(struct reflector *r)
{
	for (size_t i = 0; i < r->config->neighbor_count; i++)
		note_families(r, &r->config->neighbors[i]);
	for (size_t i = 0; i < r->config->dynamic_neighbor_count; i++)
		note_families(r, &r->config->dynamic_neighbors[i].template);
	LIST_FOR_EACH (node, &r->feeds) {
		struct reflector_feed *feed = CONTAINER_OF(node, struct reflector_feed, node);

		join(feed);
		r->ops->ready(r->context, feed->owner);
	}
}

struct reflector_feed *reflector_feed_open(struct reflector *r, bool forwarding, void *owner)
{
	struct reflector_feed *feed = mem_zalloc(sizeof(*feed));

	mem_account_charge(&r->memory.other, sizeof(*feed));
	feed->r = r;
	feed->owner = owner;
	feed->forwarding = forwarding;
	join(feed);
	list_push_back(&r->feeds, &feed->node);
	return feed;
}

void reflector_feed_close(struct reflector_feed *feed)
{
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
		if (feed->members[f] != NULL)
			reflector_member_leave(feed->r, &feed->members[f]);
	list_remove(&feed->node);
	mem_account_release(&feed->r->memory.other, sizeof(*feed));
	mem_free(feed);
}

const uint8_t *reflector_feed_next(struct reflector_feed *feed, size_t *ret_length)
{
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		const uint8_t *message = feed->members[f] == NULL
						 ? NULL
						 : export_member_next(feed->members[f], ret_length);

		if (message != NULL)
			return message;
	}
	return NULL;
}

/*
 * networks: the instance's own networks, as paths of source 0.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "reflector/reflector.h"

static void network_attrs(const struct network_config *network, struct arena *arena,
			  struct bgp_attrs *ret_attrs)
{
	*ret_attrs = (struct bgp_attrs){
		.present = UINT64_C(1) << BGP_ATTR_ORIGIN | UINT64_C(1) << BGP_ATTR_AS_PATH |
			   UINT64_C(1) << BGP_ATTR_NEXT_HOP | UINT64_C(1) << BGP_ATTR_LOCAL_PREF,
		.local_pref = LOCAL_PREF_DEFAULT,
		.next_hop = network->next_hop,
		.mp_family = BGP_FAMILY_NONE,
		.med = network->med,
	};
	if (network->has_med)
		ret_attrs->present |= UINT64_C(1) << BGP_ATTR_MED;
	if (network->community_count != 0) {
		struct writer w = writer_of(arena_alloc(arena, network->community_count * 4),
					    network->community_count * 4);

		for (size_t i = 0; i < network->community_count; i++)
			writer_u32(&w, network->communities[i]);
		ret_attrs->communities = w.start;
		ret_attrs->communities_bytes = (uint16_t)writer_length(&w);
		ret_attrs->present |= UINT64_C(1) << BGP_ATTR_COMMUNITIES;
	}
}

static uint8_t network_flags(const struct network_config *network)
{
	switch (network->advertise) {
	case NETWORK_ADVERTISE_EXTERNAL:
		return RIB_PATH_EXTERNAL_ONLY;
	case NETWORK_ADVERTISE_INTERNAL:
		return RIB_PATH_INTERNAL_ONLY;
	case NETWORK_ADVERTISE_ALL:
		break;
	}
	return 0;
}

static void network_apply(struct reflector *r, const struct network_config *network)
{
	enum bgp_family family =
		network->prefix.addr.family == IP_V6 ? BGP_IPV6_UNICAST : BGP_IPV4_UNICAST;
	struct prefix_table *t = &r->tables[family];
	struct bgp_attrs attrs;
	struct bgp_nlri nlri;
	struct rib_path *path;
	uint32_t prefix, number, attr;
	bool is_new;

	arena_clear(&r->scratch);
	network_attrs(network, &r->scratch, &attrs);
	attr = attr_table_intern(&r->attrs, &attrs, family, true, &is_new);
	if (attr == 0)
		return;
	if (is_new && r->config->next_hop_resolution == NEXT_HOP_RESOLUTION_EXACT)
		attr_table_entry(&r->attrs, attr)->next_hop =
			reflector_next_hop_number(r, &attrs.next_hop);
	attr_table_ref(&r->attrs, attr);
	bgp_nlri_from_prefix(&network->prefix, &nlri);
	prefix = prefix_table_get(t, &nlri);
	number = prefix_table_path(t, prefix, RIB_PEER_LOCAL, 0);
	if (number == RIB_NONE)
		number = prefix_table_add_path(t, prefix, RIB_PEER_LOCAL, 0);
	path = &t->paths[number];
	if (path->attr != attr || (path->flags & ~RIB_PATH_STALE) != network_flags(network)) {
		attr_table_ref(&r->attrs, attr);
		if (path->attr != 0)
			attr_table_unref(&r->attrs, path->attr);
		path->attr = attr;
		reflector_mark_dirty(r, family, prefix);
	}
	path->flags = network_flags(network);
	attr_table_unref(&r->attrs, attr);
}

/* Marks all own paths, applies the configuration (which clears the mark), and drops what is still
 * marked. */
void reflector_networks_apply(struct reflector *r)
{
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		struct prefix_table *t = &r->tables[f];

		for (uint32_t prefix = 1; prefix < t->prefixes_end; prefix++) {
			uint32_t path = prefix_table_path(t, prefix, RIB_PEER_LOCAL, 0);

			if (path != RIB_NONE)
				t->paths[path].flags |= RIB_PATH_STALE;
		}
	}
	for (size_t i = 0; i < r->config->network_count; i++)
		network_apply(r, &r->config->networks[i]);
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		struct prefix_table *t = &r->tables[f];

		for (uint32_t prefix = 1; prefix < t->prefixes_end; prefix++) {
			uint32_t path = prefix_table_path(t, prefix, RIB_PEER_LOCAL, 0);

			if (path != RIB_NONE && (t->paths[path].flags & RIB_PATH_STALE) != 0)
				reflector_drop_path(r, f, prefix, path);
		}
	}
}

/*
 * transform: what a route looks like to an export group, and whether it is for it at all.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4456 6 and 8 (to whom a reflector passes a route, ORIGINATOR_ID, CLUSTER_LIST), RFC 4271 5
 * (what each attribute becomes on the way to an eBGP or iBGP peer), RFC 1997 (NO_EXPORT,
 * NO_ADVERTISE).
 */
#include "reflector/reflector.h"

#include "base/reader.h"
#include "base/writer.h"

/* Room that a message needs beside the attributes: header, lengths, MP_REACH_NLRI with the longest
 * NLRI. */
#define MESSAGE_OVERHEAD_BYTES (BGP_HEADER_BYTES + 4u + 64u + 17u)

#define EXTENDED_COMMUNITY_BYTES 8u
#define EXTENDED_COMMUNITY_NON_TRANSITIVE 0x40u /* in the first octet */

static const struct reflector_view *view_of(const struct export_group *g)
{
	return g->owner_data;
}

static bool is_internal(const struct reflector_peer *source)
{
	return source != NULL && source->kind != REFLECTOR_EXTERNAL;
}

/* Is a route from this source for this group? `source` NULL: the instance's own. */
static bool passes(const struct reflector_view *view, const struct attr_entry *entry,
		   const struct reflector_peer *source, uint8_t path_flags)
{
	switch ((enum reflector_view_kind)view->kind) {
	case REFLECTOR_VIEW_FEED:
		return true;
	case REFLECTOR_VIEW_FORWARDING:
		return source != NULL;
	case REFLECTOR_VIEW_CLIENT:
		break;
	case REFLECTOR_VIEW_NON_CLIENT:
		if (is_internal(source) && source->kind != REFLECTOR_CLIENT)
			return false;
		break;
	case REFLECTOR_VIEW_EXTERNAL:
		if (entry->no_export || (path_flags & RIB_PATH_INTERNAL_ONLY) != 0)
			return false;
		return !entry->no_advertise && !view->reject_all;
	}
	return !entry->no_advertise && !view->reject_all &&
	       (path_flags & RIB_PATH_EXTERNAL_ONLY) == 0;
}

static void set_present(struct bgp_attrs *attrs, enum bgp_attr_code code, bool present)
{
	if (present)
		attrs->present |= UINT64_C(1) << code;
	else
		attrs->present &= ~(UINT64_C(1) << code);
}

/* RFC 4360 6: extended communities that are not transitive stay within the AS. */
static void drop_local_communities(struct reflector *r, struct bgp_attrs *attrs)
{
	struct reader in =
		reader_of(attrs->extended_communities, attrs->extended_communities_bytes);
	uint8_t *kept = arena_alloc(&r->scratch, attrs->extended_communities_bytes);
	struct writer out = writer_of(kept, attrs->extended_communities_bytes);

	while (reader_left(&in) >= EXTENDED_COMMUNITY_BYTES) {
		struct reader community = reader_sub(&in, EXTENDED_COMMUNITY_BYTES);
		const uint8_t *bytes = community.next;

		if ((reader_u8(&community) & EXTENDED_COMMUNITY_NON_TRANSITIVE) == 0)
			writer_bytes(&out, bytes, EXTENDED_COMMUNITY_BYTES);
	}
	attrs->extended_communities = kept;
	attrs->extended_communities_bytes = (uint16_t)writer_length(&out);
	set_present(attrs, BGP_ATTR_EXTENDED_COMMUNITIES, writer_length(&out) != 0);
}

static void to_external(struct reflector *r, const struct reflector_view *view,
			const struct reflector_peer *source, struct bgp_attrs *attrs)
{
	if (view->override_as != 0)
		bgp_as_path_replace(attrs, (asn_t){ view->override_as }, r->config->local_as,
				    &r->scratch);
	bgp_as_path_prepend(attrs, r->config->local_as, &r->scratch);
	set_present(attrs, BGP_ATTR_LOCAL_PREF, false);
	set_present(attrs, BGP_ATTR_ORIGINATOR_ID, false);
	set_present(attrs, BGP_ATTR_CLUSTER_LIST, false);
	if (source != NULL)
		set_present(attrs, BGP_ATTR_MED, false); /* RFC 4271 5.1.4: not to another AS */
	if (bgp_attrs_has(attrs, BGP_ATTR_EXTENDED_COMMUNITIES))
		drop_local_communities(r, attrs);
	attrs->next_hop = view->next_hop;
	attrs->next_hop_link_local = (struct ip_addr){ 0 };
}

static void to_internal(struct reflector *r, const struct reflector_view *view,
			const struct reflector_peer *source, struct bgp_attrs *attrs)
{
	if (!bgp_attrs_has(attrs, BGP_ATTR_LOCAL_PREF)) {
		attrs->local_pref = LOCAL_PREF_DEFAULT;
		set_present(attrs, BGP_ATTR_LOCAL_PREF, true);
	}
	if (is_internal(source)) {
		if (!bgp_attrs_has(attrs, BGP_ATTR_ORIGINATOR_ID)) {
			attrs->originator_id = source->router_id;
			set_present(attrs, BGP_ATTR_ORIGINATOR_ID, true);
		}
		bgp_cluster_list_prepend(attrs, r->cluster_id, &r->scratch);
	} else if (view->next_hop_self != 0) {
		attrs->next_hop = view->next_hop;
		attrs->next_hop_link_local = (struct ip_addr){ 0 };
	}
}

uint32_t reflector_transform(struct reflector *r, struct export_group *g, uint32_t attr,
			     uint16_t source_index, uint8_t path_flags)
{
	const struct reflector_view *view = view_of(g);
	const struct attr_entry *entry = attr_table_entry(&r->attrs, attr);
	const struct reflector_peer *source =
		source_index == RIB_PEER_LOCAL ? NULL : r->peers[source_index];
	struct bgp_attrs attrs;
	bool is_new;
	uint32_t out;

	if (!passes(view, entry, source, path_flags))
		return 0;
	arena_clear(&r->scratch);
	attr_table_decode(&r->attrs, attr, &r->scratch, &attrs);
	if (view->kind == REFLECTOR_VIEW_EXTERNAL)
		to_external(r, view, source, &attrs);
	else if (view->kind == REFLECTOR_VIEW_CLIENT || view->kind == REFLECTOR_VIEW_NON_CLIENT)
		to_internal(r, view, source, &attrs);
	out = attr_table_intern(&g->attrs, &attrs, (enum bgp_family)view->family, view->as4 != 0,
				&is_new);
	if (out == 0 || attr_table_entry(&g->attrs, out)->length + MESSAGE_OVERHEAD_BYTES >
				view->message_bytes_max) {
		if (out != 0)
			attr_table_drop_unused(&g->attrs, out);
		r->ops->log(r->context, r, 7, source == NULL ? NULL : &source->address,
			    "attributes too long to pass on with what we add: the route is not "
			    "advertised");
		return 0;
	}
	return out;
}

/*
 * transform: what a route looks like to an export group, and whether it is for it at all.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4456 6 and 8 (to whom a reflector passes a route, ORIGINATOR_ID, CLUSTER_LIST), RFC 4271 5
 * (what each attribute becomes on the way to an eBGP or iBGP peer), RFC 1997 (NO_EXPORT,
 * NO_ADVERTISE), RFC 9494 4.2 and 4.3 (LLGR_STALE), RFC 9234 5 (ONLY_TO_CUSTOMER), RFC 7311 3.4
 * (AIGP), RFC 8950 and 4760 3 (a next hop that the peer can be told).
 */
#include "reflector/reflector.h"

#include "base/reader.h"
#include "base/writer.h"

/* What a message has beside attributes, at the least: the header, two lengths and the shortest
 * NLRI. Whether a longer one fits too, its export group finds out. */
#define MESSAGE_OVERHEAD_BYTES (BGP_HEADER_BYTES + 4u + 1u)

#define AS_CONFED_SEQUENCE 3u /* segment types (RFC 5065 3) */
#define AS_CONFED_SET 4u

#define EXTENDED_COMMUNITY_BYTES 8u
#define IPV6_EXTENDED_COMMUNITY_BYTES 20u
#define EXTENDED_COMMUNITY_NON_TRANSITIVE 0x40u /* in the first octet */

static const struct reflector_view *view_of(const struct export_group *g)
{
	return g->owner_data;
}

static bool is_internal(const struct reflector_peer *source)
{
	return source != NULL && source->kind != REFLECTOR_EXTERNAL;
}

bool reflector_is_long_lived_stale(const struct reflector *r, const struct attr_entry *entry,
				   uint8_t path_flags)
{
	return r->config->long_lived_graceful_restart &&
	       (entry->llgr_stale || (path_flags & RIB_PATH_LONG_LIVED_STALE) != 0);
}

uint64_t reflector_aigp_total(uint64_t aigp, uint32_t metric)
{
	return aigp > UINT64_MAX - metric ? UINT64_MAX : aigp + metric;
}

bool reflector_can_be_next_hop(enum bgp_family family)
{
	const struct bgp_family_info *info = bgp_family_info(family);

	return info->kind == BGP_NLRI_PREFIX && info->forwarding;
}

/* Has the peer's MP_REACH_NLRI, or NEXT_HOP, a form for this next hop? */
static bool can_say_next_hop(const struct reflector_view *view, const struct ip_addr *next_hop)
{
	uint8_t forms = bgp_family_info((enum bgp_family)view->family)->next_hop;

	switch (next_hop->family) {
	case IP_V4:
		return (forms & BGP_NEXT_HOP_V4) != 0;
	case IP_V6:
		return (forms & BGP_NEXT_HOP_V6) != 0 ||
		       ((forms & BGP_NEXT_HOP_V6_NEGOTIATED) != 0 && view->extended_next_hop != 0);
	default:
		return (forms & BGP_NEXT_HOP_NONE) != 0;
	}
}

/* What an eBGP or iBGP peer is told of, by what it is to us and to the source: NULL, or why not.
 * `source` NULL: the instance's own. */
static const char *withheld_by_kind(const struct reflector_view *view,
				    const struct attr_entry *entry,
				    const struct reflector_peer *source, uint8_t path_flags)
{
	bool external = view->kind == REFLECTOR_VIEW_EXTERNAL;

	if (view->reject_all != 0)
		return "no export policy passes it (RFC 8212)";
	if (entry->no_advertise)
		return "it has the community NO_ADVERTISE";
	if (external && entry->no_export)
		return "it has the community NO_EXPORT";
	if ((path_flags & (external ? RIB_PATH_INTERNAL_ONLY : RIB_PATH_EXTERNAL_ONLY)) != 0)
		return "an own network that is not for this kind of peer";
	if (view->kind == REFLECTOR_VIEW_NON_CLIENT && is_internal(source) &&
	    source->kind != REFLECTOR_CLIENT)
		return "neither this peer nor its source is a client (RFC 4456 6)";
	return NULL;
}

/* Why a route from this source is not for this group; NULL: it is. */
static const char *withheld(const struct reflector *r, const struct reflector_view *view,
			    const struct attr_entry *entry, const struct reflector_peer *source,
			    uint8_t path_flags)
{
	const char *why;

	if (view->kind == REFLECTOR_VIEW_FEED)
		return NULL;
	if (view->kind == REFLECTOR_VIEW_FORWARDING)
		return source != NULL ? NULL : "an own network";
	why = withheld_by_kind(view, entry, source, path_flags);
	if (why != NULL)
		return why;
	if (view->no_long_lived != 0 && reflector_is_long_lived_stale(r, entry, path_flags))
		return "it is long-lived stale, and the peer has no part in that (RFC 9494 4.3)";
	if (entry->has_otc && !reflector_role_may_send(view->role))
		return "it has ONLY_TO_CUSTOMER, and the peer is no customer (RFC 9234 5)";
	return NULL;
}

static void set_present(struct bgp_attrs *attrs, enum bgp_attr_code code, bool present)
{
	if (present)
		attrs->present |= UINT64_C(1) << code;
	else
		attrs->present &= ~(UINT64_C(1) << code);
}

/* The communities of these, each of `size` octets, that are transitive, in the scratch memory. */
static struct writer transitive(struct reflector *r, const uint8_t *bytes, size_t length,
				size_t size)
{
	struct reader in = reader_of(bytes, length);
	struct writer out = writer_of(arena_alloc(&r->scratch, length), length);

	while (reader_left(&in) >= size) {
		struct reader community = reader_sub(&in, size);
		const uint8_t *start = community.next;

		if ((reader_u8(&community) & EXTENDED_COMMUNITY_NON_TRANSITIVE) == 0)
			writer_bytes(&out, start, size);
	}
	return out;
}

/* RFC 4360 6, 5701 2: extended communities that are not transitive stay within the AS. */
static void drop_local_communities(struct reflector *r, struct bgp_attrs *attrs)
{
	struct writer kept =
		transitive(r, attrs->extended_communities, attrs->extended_communities_bytes,
			   EXTENDED_COMMUNITY_BYTES);

	attrs->extended_communities = kept.start;
	attrs->extended_communities_bytes = (uint16_t)writer_length(&kept);
	set_present(attrs, BGP_ATTR_EXTENDED_COMMUNITIES, writer_length(&kept) != 0);
}

static void drop_local_ipv6_communities(struct reflector *r, struct bgp_attrs *attrs)
{
	struct bgp_attrs_walk walk = bgp_attrs_walk(attrs);
	struct bgp_attr_item item;

	while (bgp_attrs_walk_next(&walk, &item)) {
		struct writer kept;

		if (item.code != BGP_ATTR_IPV6_EXT_COMMUNITIES)
			continue;
		kept = transitive(r, item.value, item.value_bytes, IPV6_EXTENDED_COMMUNITY_BYTES);
		if (writer_length(&kept) != item.value_bytes)
			bgp_attrs_set_carried(attrs, item.code, kept.start,
					      (uint16_t)writer_length(&kept), &r->scratch);
		return;
	}
}

/* We are in no confederation, and cannot say what its members' part of a path is worth outside. */
static bool has_confederation(const struct bgp_attrs *attrs)
{
	struct reader in = reader_of(attrs->as_path, attrs->as_path_bytes);

	while (reader_left(&in) != 0) {
		uint8_t type = reader_u8(&in);

		if (type == AS_CONFED_SEQUENCE || type == AS_CONFED_SET)
			return true;
		(void)reader_bytes(&in, 4u * reader_u8(&in));
	}
	return false;
}

static void add_community(struct reflector *r, struct bgp_attrs *attrs, uint32_t community)
{
	size_t length = bgp_attrs_has(attrs, BGP_ATTR_COMMUNITIES) ? attrs->communities_bytes : 0;
	struct writer w = writer_of(arena_alloc(&r->scratch, length + 4), length + 4);

	if (length + 4 > UINT16_MAX || bgp_attrs_has_community(attrs, community))
		return;
	if (length != 0)
		writer_bytes(&w, attrs->communities, length);
	writer_u32(&w, community);
	attrs->communities = w.start;
	attrs->communities_bytes = (uint16_t)writer_length(&w);
	set_present(attrs, BGP_ATTR_COMMUNITIES, true);
}

/* RFC 7311 3.4.3: where the next hop becomes our own, the way to the old one is added. Where that
 * is not known the attribute ends here: it would say that the way is shorter than it is. */
static void pass_aigp(const struct reflector *r, const struct reflector_view *view,
		      const struct attr_entry *entry, bool changes_next_hop,
		      struct bgp_attrs *attrs)
{
	if (!bgp_attrs_has(attrs, BGP_ATTR_AIGP))
		return;
	if (view->aigp == 0 || (changes_next_hop && entry->next_hop == 0)) {
		set_present(attrs, BGP_ATTR_AIGP, false);
		return;
	}
	if (changes_next_hop)
		attrs->aigp =
			reflector_aigp_total(attrs->aigp, r->next_hops[entry->next_hop]->metric);
}

static void set_next_hop(const struct reflector_view *view, struct bgp_attrs *attrs)
{
	attrs->next_hop = view->next_hop;
	attrs->next_hop_link_local = (struct ip_addr){ 0 };
}

static void to_external(struct reflector *r, const struct reflector_view *view,
			const struct attr_entry *entry, const struct reflector_peer *source,
			struct bgp_attrs *attrs)
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
	if (attrs->unknown_bytes != 0)
		drop_local_ipv6_communities(r, attrs);
	/* RFC 8669 5.1: not outside an AS unless told to, and no key tells us */
	bgp_attrs_set_carried(attrs, BGP_ATTR_PREFIX_SID, NULL, 0, &r->scratch);
	if (reflector_role_attaches_out(view->role) &&
	    !bgp_attrs_has(attrs, BGP_ATTR_ONLY_TO_CUSTOMER))
		reflector_role_attach(attrs, r->config->local_as);
	pass_aigp(r, view, entry, view->next_hop_self != 0, attrs);
	if (view->next_hop_self != 0)
		set_next_hop(view, attrs);
	else /* RFC 4364 10 c: what comes with the next hop's labels keeps it */
		attrs->next_hop_link_local = (struct ip_addr){ 0 };
}

static void to_internal(struct reflector *r, const struct reflector_view *view,
			const struct attr_entry *entry, const struct reflector_peer *source,
			struct bgp_attrs *attrs)
{
	if (!bgp_attrs_has(attrs, BGP_ATTR_LOCAL_PREF)) {
		attrs->local_pref = LOCAL_PREF_DEFAULT;
		set_present(attrs, BGP_ATTR_LOCAL_PREF, true);
	}
	pass_aigp(r, view, entry, !is_internal(source) && view->next_hop_self != 0, attrs);
	if (is_internal(source)) {
		if (!bgp_attrs_has(attrs, BGP_ATTR_ORIGINATOR_ID)) {
			attrs->originator_id = source->router_id;
			set_present(attrs, BGP_ATTR_ORIGINATOR_ID, true);
		}
		bgp_cluster_list_prepend(attrs, r->cluster_id, &r->scratch);
	} else if (view->next_hop_self != 0) {
		set_next_hop(view, attrs);
	}
}

static bool is_internal_view(const struct reflector_view *view)
{
	return view->kind == REFLECTOR_VIEW_CLIENT || view->kind == REFLECTOR_VIEW_NON_CLIENT;
}

/* The outgoing attributes into *ret_attrs; NULL, or why there are none. */
static const char *make_attrs(struct reflector *r, const struct reflector_view *view, uint32_t attr,
			      const struct reflector_peer *source, uint8_t path_flags,
			      struct bgp_attrs *ret_attrs)
{
	const struct attr_entry *entry = attr_table_entry(&r->attrs, attr);
	bool external = view->kind == REFLECTOR_VIEW_EXTERNAL;

	arena_clear(&r->scratch);
	attr_table_decode(&r->attrs, attr, &r->scratch, ret_attrs);
	if (reflector_is_long_lived_stale(r, entry, path_flags))
		add_community(r, ret_attrs, BGP_COMMUNITY_LLGR_STALE);
	if (external)
		to_external(r, view, entry, source, ret_attrs);
	else if (is_internal_view(view))
		to_internal(r, view, entry, source, ret_attrs);
	else
		return NULL;
	if (!can_say_next_hop(view, &ret_attrs->next_hop))
		return "its next hop cannot be said on this session";
	if (external && has_confederation(ret_attrs))
		return "its AS_PATH has confederation segments (RFC 5065 4)";
	return NULL;
}

static uint32_t transform(struct reflector *r, struct export_group *g, uint32_t attr,
			  const struct reflector_peer *source, uint8_t path_flags,
			  const char **ret_why)
{
	const struct reflector_view *view = view_of(g);
	struct bgp_attrs attrs;
	bool is_new;
	uint32_t out;

	*ret_why = make_attrs(r, view, attr, source, path_flags, &attrs);
	if (*ret_why != NULL)
		return 0;
	out = attr_table_intern(&g->attrs, &attrs, (enum bgp_family)view->family, view->as4 != 0,
				&is_new);
	if (out != 0 && attr_table_entry(&g->attrs, out)->length + MESSAGE_OVERHEAD_BYTES <=
				view->message_bytes_max)
		return out;
	if (out != 0)
		attr_table_drop_unused(&g->attrs, out);
	*ret_why = "its attributes with what we add are too long for a message";
	return 0;
}

static const struct reflector_peer *source_of(const struct reflector *r, uint16_t source)
{
	return source == RIB_PEER_LOCAL ? NULL : r->peers[source];
}

uint32_t reflector_transform(struct reflector *r, struct export_group *g, uint32_t attr,
			     uint16_t source_index, uint8_t path_flags)
{
	const struct reflector_peer *source = source_of(r, source_index);
	char text[160];
	const char *why;
	uint32_t out;

	if (withheld(r, view_of(g), attr_table_entry(&r->attrs, attr), source, path_flags) != NULL)
		return 0;
	out = transform(r, g, attr, source, path_flags, &why);
	if (out == 0) { /* for those who look closely: no rule says so, but it cannot be */
		snprintf(text, sizeof(text), "a route is not advertised: %s", why);
		r->ops->log(r->context, r, 7, source == NULL ? NULL : &source->address, text);
	}
	return out;
}

const char *reflector_withheld_reason(struct reflector *r, struct export_group *g, uint32_t attr,
				      uint16_t source_index, uint8_t path_flags)
{
	const struct reflector_peer *source = source_of(r, source_index);
	const char *why =
		withheld(r, view_of(g), attr_table_entry(&r->attrs, attr), source, path_flags);
	uint32_t out;

	if (why != NULL)
		return why;
	out = transform(r, g, attr, source, path_flags, &why);
	if (out != 0)
		attr_table_drop_unused(&g->attrs, out);
	return why;
}

/*
 * show_routes: routes as the control socket shows them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The shapes are those of docs/INTERFACES.md section 3. Where a table is looked through that is a
 * page's worth of prefixes at a time, so that the daemon stays awake. Nothing here changes
 * anything, but the scratch memory of an instance.
 */
#include "speaker/show_parts.h"

#include "base/rd.h"
#include "bgp/print.h"

#define SHOW_ROUTES_PAGE 500u
/* Prefixes that are looked at for one page. */
#define SHOW_SCAN_MAX 16384u

json_t *show_prefix_json(enum bgp_family family, const struct prefix_table *t, uint32_t prefix)
{
	struct bgp_nlri nlri;
	struct buf text;
	json_t *value;

	prefix_table_nlri(t, prefix, &nlri);
	buf_init(&text, 0);
	bgp_nlri_format(family, &nlri, false, &text);
	value = json_string(buf_text(&text));
	buf_done(&text);
	return value;
}

/* Labels, as numbers, of what is announced with an NLRI. */
static json_t *labels_json(const uint8_t *data, size_t length)
{
	struct reader r = reader_of(data, length);
	json_t *list = json_array();

	while (reader_left(&r) >= 3) {
		uint32_t high = reader_u16(&r);

		json_array_append_new(list,
				      json_integer((json_int_t)(high << 4 | reader_u8(&r) >> 4)));
	}
	return list;
}

/* What is announced with the NLRI: `data` of the prefix table. */
static void set_data(json_t *object, enum bgp_family family, const struct prefix_table *t,
		     uint32_t prefix, uint32_t data)
{
	uint8_t kind = bgp_family_info(family)->kind;
	struct bgp_nlri nlri;
	const uint8_t *bytes;
	struct buf text;
	size_t length = 0;

	bytes = data == 0 ? NULL : route_data_bytes(t->data, data, &length);
	if (bytes == NULL || length > sizeof(nlri.data))
		return;
	prefix_table_nlri(t, prefix, &nlri);
	memcpy(nlri.data, bytes, length);
	nlri.data_length = (uint16_t)length;
	buf_init(&text, 0);
	bgp_nlri_format(family, &nlri, true, &text);
	json_object_set_new(object, "nlri", json_string(buf_text(&text)));
	buf_done(&text);
	if (kind == BGP_NLRI_LABELED || kind == BGP_NLRI_VPN)
		json_object_set_new(object, "labels", labels_json(bytes, length));
}

static void set_as_path(json_t *object, const struct bgp_attrs *attrs)
{
	struct buf text;

	buf_init(&text, 0);
	bgp_as_path_format(attrs, &text);
	json_object_set_new(object, "as-path", json_string(buf_text(&text)));
	buf_done(&text);
}

static json_t *cluster_list_json(const struct bgp_attrs *attrs)
{
	struct reader r = reader_of(attrs->cluster_list, attrs->cluster_list_bytes);
	json_t *list = json_array();

	while (reader_left(&r) >= 4) {
		struct ip_addr id = ip_addr_v4(reader_u32(&r));
		char text[IP_TEXT_MAX];

		json_array_append_new(list, json_string(ip_addr_format(&id, text)));
	}
	return list;
}

/* Those that have no member of their own shape, as text. */
static void set_other_attrs(json_t *object, const struct bgp_attrs *a)
{
	struct bgp_attrs_walk walk = bgp_attrs_walk(a);
	struct bgp_attr_item item;
	char key[BGP_PRINT_KEY_MAX];
	struct buf text;

	buf_init(&text, 0);
	while (bgp_attrs_walk_next(&walk, &item)) {
		bgp_print_attr_key(item.code, key);
		if (json_object_get(object, key) != NULL || item.code == BGP_ATTR_MP_REACH_NLRI)
			continue;
		buf_clear(&text);
		bgp_attr_format(a, &item, &text);
		json_object_set_new(object, key, json_string(buf_text(&text)));
	}
	buf_done(&text);
}

static void set_attrs(json_t *object, const struct attr_table *attrs, uint32_t id,
		      struct arena *arena)
{
	struct bgp_attrs a;

	arena_clear(arena);
	attr_table_decode(attrs, id, arena, &a);
	if (a.next_hop.family != IP_NONE)
		show_set_address(object, "next-hop", &a.next_hop);
	if (a.next_hop_link_local.family != IP_NONE)
		show_set_address(object, "next-hop-link-local", &a.next_hop_link_local);
	json_object_set_new(object, "origin", json_string(bgp_origin_name(a.origin)));
	set_as_path(object, &a);
	if (bgp_attrs_has(&a, BGP_ATTR_LOCAL_PREF))
		json_object_set_new(object, "local-pref", json_integer(a.local_pref));
	if (bgp_attrs_has(&a, BGP_ATTR_MED))
		json_object_set_new(object, "med", json_integer(a.med));
	if (bgp_attrs_has(&a, BGP_ATTR_AIGP))
		json_object_set_new(object, "aigp", json_integer((json_int_t)a.aigp));
	if (bgp_attrs_has(&a, BGP_ATTR_ONLY_TO_CUSTOMER))
		json_object_set_new(object, "only-to-customer", json_integer(a.only_to_customer));
	if (bgp_attrs_has(&a, BGP_ATTR_ORIGINATOR_ID)) {
		struct ip_addr originator = ip_addr_v4(a.originator_id);

		show_set_address(object, "originator-id", &originator);
	}
	if (bgp_attrs_has(&a, BGP_ATTR_CLUSTER_LIST))
		json_object_set_new(object, "cluster-list", cluster_list_json(&a));
	set_other_attrs(object, &a);
}

void show_set_peer(json_t *object, const struct reflector *r, uint16_t peer)
{
	if (peer == RIB_PEER_LOCAL)
		json_object_set_new(object, "peer", json_string("local"));
	else
		show_set_address(object, "peer", &r->peers[peer]->address);
}

static json_t *route_json(const struct speaker_instance *instance, enum bgp_family family,
			  uint32_t prefix)
{
	return json_pack("{s:s,s:s,s:o}", "instance", instance->config->name, "family",
			 bgp_family_info(family)->name, "prefix",
			 show_prefix_json(family, &instance->reflector->tables[family], prefix));
}

json_t *show_path_json(struct speaker_instance *instance, enum bgp_family family, uint32_t prefix,
		       uint32_t number)
{
	struct reflector *r = instance->reflector;
	const struct prefix_table *t = &r->tables[family];
	const struct rib_path *path = &t->paths[number];
	const char *reason = reflector_reject_reason(r, path);
	json_t *object = route_json(instance, family, prefix);

	set_data(object, family, t, prefix, prefix_table_path_data(t, number));
	set_attrs(object, &r->attrs, path->attr, &r->scratch);
	show_set_peer(object, r, path->peer);
	if (prefix_table_path_id(t, number) != 0)
		json_object_set_new(object, "path-id",
				    json_integer(prefix_table_path_id(t, number)));
	json_object_set_new(object, "best", json_boolean(t->prefixes[prefix].best == number));
	json_object_set_new(object, "stale", json_boolean((path->flags & RIB_PATH_STALE) != 0));
	if ((path->flags & RIB_PATH_LONG_LIVED_STALE) != 0)
		json_object_set_new(object, "long-lived-stale", json_true());
	json_object_set_new(object, "usable",
			    json_boolean(reason == NULL && reflector_next_hop_usable(r, path)));
	if (reason != NULL)
		json_object_set_new(object, "reason", json_string(reason));
	return object;
}

enum routes_kind {
	ROUTES_LOC_RIB,
	ROUTES_ADJ_RIB_IN,
	ROUTES_ADJ_RIB_OUT,
};

struct routes_query {
	enum routes_kind kind;
	struct show_query of;
	json_t *list;
};

static int parse_kind(const json_t *params, struct routes_query *q, struct error *e)
{
	const char *kind = show_text_param(params, "kind");

	if (kind == NULL || strcmp(kind, "loc-rib") == 0)
		q->kind = ROUTES_LOC_RIB;
	else if (strcmp(kind, "adj-rib-in") == 0)
		q->kind = ROUTES_ADJ_RIB_IN;
	else if (strcmp(kind, "adj-rib-out") == 0)
		q->kind = ROUTES_ADJ_RIB_OUT;
	else
		return error_set(e, "kind: \"%s\" is none of loc-rib, adj-rib-in, adj-rib-out",
				 kind);
	if (q->kind == ROUTES_ADJ_RIB_OUT && q->of.neighbor.family == IP_NONE)
		return error_set(e, "neighbor: adj-rib-out needs the neighbor that it goes to");
	return 0;
}

static void show_adj_rib_out(struct speaker_instance *instance, enum bgp_family family,
			     uint32_t prefix, const struct routes_query *q)
{
	const struct speaker_peer *peer = speaker_peer_find(instance, &q->of.neighbor);
	struct reflector *r = instance->reflector;
	const struct export_group *g;

	if (peer == NULL || peer->reflector_peer->members[family] == NULL)
		return;
	g = peer->reflector_peer->members[family]->group;
	for (uint32_t slot = export_group_first_slot(g, prefix); slot != 0;
	     slot = export_group_next_slot(g, slot)) {
		const struct adj_rib_out_entry *entry = &g->entries[slot];
		json_t *object;

		if (!export_slot_is_told(g, slot, peer->reflector_peer->index))
			continue;
		object = route_json(instance, family, prefix);
		set_data(object, family, g->prefixes, prefix, export_slot_data(g, slot));
		set_attrs(object, &g->attrs, entry->attr, &r->scratch);
		show_set_peer(object, r, entry->source);
		if (g->addpath)
			json_object_set_new(object, "path-id",
					    json_integer(g->slots[slot].path_id));
		json_array_append_new(q->list, object);
	}
}

static void show_prefix(struct speaker_instance *instance, enum bgp_family family, uint32_t prefix,
			const struct routes_query *q)
{
	const struct reflector *r = instance->reflector;
	const struct prefix_table *t = &r->tables[family];

	if ((t->prefixes[prefix].flags & RIB_PREFIX_USED) == 0)
		return;
	if (q->kind == ROUTES_ADJ_RIB_OUT) {
		show_adj_rib_out(instance, family, prefix, q);
		return;
	}
	for (uint32_t p = t->prefixes[prefix].paths; p != RIB_NONE; p = t->paths[p].next) {
		uint16_t index = t->paths[p].peer;

		if (q->kind == ROUTES_LOC_RIB && t->prefixes[prefix].best != p)
			continue;
		if (q->of.neighbor.family != IP_NONE &&
		    (index == RIB_PEER_LOCAL ||
		     !ip_addr_equal(&r->peers[index]->address, &q->of.neighbor)))
			continue;
		json_array_append_new(q->list, show_path_json(instance, family, prefix, p));
	}
}

/* The cursor: instance position, family, prefix number. */
static uint64_t cursor_of(size_t instance, enum bgp_family family, uint32_t prefix)
{
	return (uint64_t)instance << 40 | (uint64_t)family << 32 | prefix;
}

/* Shows of one family, from `prefix` on, until the page is full or enough was looked at: the prefix
 * to go on with; RIB_NONE when the family is through. */
static uint32_t show_family(struct speaker_instance *instance, enum bgp_family family,
			    uint32_t prefix, struct routes_query *q, size_t *scanned)
{
	const struct prefix_table *t = &instance->reflector->tables[family];
	struct bgp_nlri nlri;

	if (show_query_key(&q->of, family, &nlri)) {
		prefix = prefix_table_find(t, &nlri);
		if (prefix != RIB_NONE)
			show_prefix(instance, family, prefix, q);
		return RIB_NONE;
	}
	for (; prefix < t->prefixes_end; prefix++) {
		if (json_array_size(q->list) >= SHOW_ROUTES_PAGE || *scanned >= SHOW_SCAN_MAX)
			return prefix;
		++*scanned;
		if ((t->prefixes[prefix].flags & RIB_PREFIX_USED) != 0 &&
		    show_query_matches(&q->of, family, t, prefix))
			show_prefix(instance, family, prefix, q);
	}
	return RIB_NONE;
}

/* Shows from the cursor on until the page is full. True when something is left. */
static bool show_page(const struct speaker *s, const json_t *params, struct routes_query *q,
		      uint64_t *cursor)
{
	size_t position = 0, scanned = 0;

	LIST_FOR_EACH (node, &s->instances) {
		struct speaker_instance *instance =
			CONTAINER_OF(node, struct speaker_instance, node);

		for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
			uint32_t prefix = 1;

			if (cursor_of(position, f, UINT32_MAX) < *cursor ||
			    !show_wanted_instance(instance, params) ||
			    !show_query_may_match(&q->of, f))
				continue;
			if (cursor_of(position, f, 0) <= *cursor)
				prefix = MAX((uint32_t)*cursor, 1);
			prefix = show_family(instance, f, prefix, q, &scanned);
			if (prefix != RIB_NONE) {
				*cursor = cursor_of(position, f, prefix);
				return true;
			}
		}
		position++;
	}
	return false;
}

json_t *speaker_show_routes(const struct speaker *s, const json_t *params, uint64_t *cursor,
			    struct error *e, instant_t now)
{
	struct routes_query q;
	json_t *result;

	(void)now;
	if (show_query_parse(s, params, &q.of, e) < 0 || parse_kind(params, &q, e) < 0)
		return NULL;
	q.list = json_array();
	result = json_pack("{s:o}", "routes", q.list);
	if (show_page(s, params, &q, cursor))
		json_object_set_new(result, "more", json_true());
	show_query_done(&q.of);
	return result;
}

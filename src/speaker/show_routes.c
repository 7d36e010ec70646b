/*
 * show_routes: routes as the control socket shows them, and why one is best.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The shapes are those of docs/INTERFACES.md section 3. A route is named by the text of its NLRI.
 * One that is an IP prefix, or one behind a route distinguisher, is found by its key; for another
 * the table is looked through, a page's worth of prefixes at a time, so that the daemon stays
 * awake. Nothing here changes anything, but the scratch memory of an instance.
 */
#include "speaker/show_parts.h"

#include "base/mem.h"
#include "base/rd.h"
#include "bgp/print.h"

#define SHOW_ROUTES_PAGE 500u
/* Prefixes that are looked at for one page. */
#define SHOW_SCAN_MAX 16384u
#define EXPLAIN_PATHS_MAX 256u

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

static void set_peer(json_t *object, const struct reflector *r, uint16_t peer)
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

static json_t *path_json(struct speaker_instance *instance, enum bgp_family family, uint32_t prefix,
			 uint32_t number)
{
	struct reflector *r = instance->reflector;
	const struct prefix_table *t = &r->tables[family];
	const struct rib_path *path = &t->paths[number];
	const char *reason = reflector_reject_reason(r, path);
	json_t *object = route_json(instance, family, prefix);

	set_data(object, family, t, prefix, prefix_table_path_data(t, number));
	set_attrs(object, &r->attrs, path->attr, &r->scratch);
	set_peer(object, r, path->peer);
	if (path->path_id != 0)
		json_object_set_new(object, "path-id", json_integer(path->path_id));
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

/* --- what is asked for --- */

enum routes_kind {
	ROUTES_LOC_RIB,
	ROUTES_ADJ_RIB_IN,
	ROUTES_ADJ_RIB_OUT,
};

struct routes_query {
	enum routes_kind kind;
	struct ip_addr neighbor;
	enum bgp_family family;	 /* BGP_FAMILY_NONE: all */
	const char *text;	 /* of one NLRI; NULL: all */
	struct ip_prefix prefix; /* the prefix that the text is, or ends with; IP_NONE */
	bool has_rd;
	struct rd rd;
	struct buf buf; /* for texts to compare with */
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
	if (q->kind == ROUTES_ADJ_RIB_OUT && q->neighbor.family == IP_NONE)
		return error_set(e, "neighbor: adj-rib-out needs the neighbor that it goes to");
	return 0;
}

static int parse_family(const json_t *params, struct routes_query *q, struct error *e)
{
	const char *name = show_text_param(params, "family");

	q->family = name == NULL ? BGP_FAMILY_NONE : bgp_family_by_name(name);
	if (name != NULL && q->family == BGP_FAMILY_NONE)
		return error_set(e, "family: \"%s\" is none that we know; one is like ipv4-unicast",
				 name);
	return 0;
}

/* An address, a prefix, one of both behind a route distinguisher ("65000:1:10.0.0.0/8"), or the
 * text of another family's NLRI, which is in brackets or at least not of these. */
static int parse_prefix(const char *text, struct routes_query *q, struct error *e)
{
	struct error why;
	struct ip_addr host;
	char rd[RD_TEXT_MAX];

	q->text = text;
	if (strchr(text, '/') == NULL && ip_addr_parse(text, &host, NULL) == 0) {
		q->prefix = ip_prefix_host(&host);
		return 0;
	}
	if (ip_prefix_parse(text, &q->prefix, &why) == 0)
		return 0;
	for (const char *p = strchr(text, ':'); p != NULL; p = strchr(p + 1, ':')) {
		if ((size_t)(p - text) >= sizeof(rd))
			break;
		snprintf(rd, sizeof(rd), "%.*s", (int)(p - text), text);
		if (rd_parse(rd, &q->rd, NULL) == 0 &&
		    ip_prefix_parse(p + 1, &q->prefix, NULL) == 0) {
			q->has_rd = true;
			return 0;
		}
	}
	/* What looks like a prefix and is none; the text of another NLRI has brackets or blanks. */
	if (strpbrk(text, "[ ") == NULL &&
	    (strspn(text, "0123456789./") == strlen(text) || strstr(text, "::") != NULL))
		return error_set(e, "prefix: %s", why.text);
	return 0;
}

static int parse_query(const struct speaker *s, const json_t *params, struct routes_query *q,
		       struct error *e)
{
	const char *prefix = show_text_param(params, "prefix");

	*q = (struct routes_query){ 0 };
	if (show_check_instance(s, params, e) < 0 ||
	    show_neighbor_param(params, "neighbor", &q->neighbor, e) < 0 ||
	    parse_family(params, q, e) < 0)
		return -1;
	if (prefix != NULL && parse_prefix(prefix, q, e) < 0)
		return -1;
	return parse_kind(params, q, e);
}

/* The key that the query's prefix has in this family; false when it has none, or when several may
 * match (another one's text; a VPN prefix without its route distinguisher). */
static bool query_key(const struct routes_query *q, enum bgp_family family,
		      struct bgp_nlri *ret_nlri)
{
	const struct bgp_family_info *info = bgp_family_info(family);

	if (q->prefix.addr.family == IP_NONE || info->ip_family != q->prefix.addr.family)
		return false;
	if ((info->kind == BGP_NLRI_PREFIX || info->kind == BGP_NLRI_LABELED) && !q->has_rd) {
		bgp_nlri_from_prefix(&q->prefix, ret_nlri);
		return true;
	}
	if (info->kind != BGP_NLRI_VPN || !q->has_rd)
		return false;
	bgp_nlri_from_prefix(&q->prefix, ret_nlri);
	memmove(ret_nlri->key + 1 + RD_BYTES, ret_nlri->key + 1, ret_nlri->key_length - 1u);
	memcpy(ret_nlri->key + 1, q->rd.bytes, RD_BYTES);
	ret_nlri->key_length = (uint16_t)(ret_nlri->key_length + RD_BYTES);
	return true;
}

/* Can an NLRI of this family be what is asked for? */
static bool family_may_match(const struct routes_query *q, enum bgp_family family)
{
	const struct bgp_family_info *info = bgp_family_info(family);

	if (q->family != BGP_FAMILY_NONE && q->family != family)
		return false;
	if (q->text == NULL || q->prefix.addr.family == IP_NONE)
		return true;
	if (info->ip_family != q->prefix.addr.family)
		return false;
	return info->kind == BGP_NLRI_VPN ||
	       (!q->has_rd && (info->kind == BGP_NLRI_PREFIX || info->kind == BGP_NLRI_LABELED));
}

static bool matches(struct routes_query *q, enum bgp_family family, const struct prefix_table *t,
		    uint32_t prefix)
{
	struct bgp_nlri nlri;
	struct ip_prefix ip;

	if (q->text == NULL)
		return true;
	prefix_table_nlri(t, prefix, &nlri);
	if (q->prefix.addr.family != IP_NONE)
		return bgp_nlri_to_prefix(family, &nlri, &ip) && ip_prefix_equal(&ip, &q->prefix);
	buf_clear(&q->buf);
	bgp_nlri_format(family, &nlri, false, &q->buf);
	return strcmp(buf_text(&q->buf), q->text) == 0;
}

/* --- routes --- */

static void show_adj_rib_out(struct speaker_instance *instance, enum bgp_family family,
			     uint32_t prefix, const struct routes_query *q)
{
	const struct speaker_peer *peer = speaker_peer_find(instance, &q->neighbor);
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
		set_peer(object, r, entry->source);
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
		if (q->neighbor.family != IP_NONE &&
		    (index == RIB_PEER_LOCAL ||
		     !ip_addr_equal(&r->peers[index]->address, &q->neighbor)))
			continue;
		json_array_append_new(q->list, path_json(instance, family, prefix, p));
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

	if (query_key(q, family, &nlri)) {
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
		    matches(q, family, t, prefix))
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
			    !show_wanted_instance(instance, params) || !family_may_match(q, f))
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
	if (parse_query(s, params, &q, e) < 0)
		return NULL;
	buf_init(&q.buf, 0);
	q.list = json_array();
	result = json_pack("{s:o}", "routes", q.list);
	if (show_page(s, params, &q, cursor))
		json_object_set_new(result, "more", json_true());
	buf_done(&q.buf);
	return result;
}

/* --- explain --- */

static json_t *explain_paths(struct speaker_instance *instance, enum bgp_family family,
			     uint32_t prefix, const struct decision_result *result,
			     const struct decision_path *paths, const enum decision_step *lost_at,
			     size_t count)
{
	struct reflector *r = instance->reflector;
	const struct prefix_table *t = &r->tables[family];
	json_t *list = json_array();

	for (uint32_t p = t->prefixes[prefix].paths; p != RIB_NONE; p = t->paths[p].next) {
		json_t *object = path_json(instance, family, prefix, p);
		char verdict[160] = "not usable: its next hop is not resolved";

		if (reflector_reject_reason(r, &t->paths[p]) != NULL)
			snprintf(verdict, sizeof(verdict), "filtered: %s",
				 reflector_reject_reason(r, &t->paths[p]));
		for (size_t i = 0; i < count; i++)
			if (paths[i].path == p)
				snprintf(verdict, sizeof(verdict),
					 p == result->winner ? "best" : "lost: %s wins",
					 decision_step_name(lost_at[i]));
		json_object_set_new(object, "verdict", json_string(verdict));
		json_array_append_new(list, object);
	}
	return list;
}

static const char *withheld_reason(struct reflector *r, struct export_group *g,
				   enum bgp_family family, uint32_t prefix, uint32_t best)
{
	const struct rib_path *path = &r->tables[family].paths[best];
	const char *why = reflector_withheld_reason(r, g, path->attr, path->peer, path->flags);

	if (why != NULL)
		return why;
	if ((r->tables[family].prefixes[prefix].flags & RIB_PREFIX_DIRTY) != 0)
		return "it is waiting to be decided";
	if (!export_group_takes_data(g, prefix_table_path_data(&r->tables[family], best)))
		return "the peer does not take as many labels (RFC 8277 3.2.1)";
	return "its NLRI and attributes are too long for a message";
}

/* Paths of the prefix that the peer is told: at most one without ADD-PATH. */
static size_t told_paths(const struct export_group *g, uint32_t prefix, uint16_t peer)
{
	size_t count = 0;

	for (uint32_t slot = export_group_first_slot(g, prefix); slot != 0;
	     slot = export_group_next_slot(g, slot))
		count += export_slot_is_told(g, slot, peer);
	return count;
}

/* Why this peer is, or is not, told of the prefix. */
static json_t *explain_export(const struct speaker_peer *peer, enum bgp_family family,
			      uint32_t prefix, uint32_t best)
{
	const struct reflector_peer *rp = peer->reflector_peer;
	struct export_group *g = rp->members[family] == NULL ? NULL : rp->members[family]->group;
	const struct adj_rib_out_entry *entry = g == NULL ? NULL : export_group_entry(g, prefix);
	const char *reason = "best path";
	bool sent = false;
	json_t *object = json_object();
	size_t paths = g == NULL ? 0 : told_paths(g, prefix, rp->index);

	if (!rp->established)
		reason = "the session is not established";
	else if (g == NULL)
		reason = "the address family is not negotiated";
	else if (best == RIB_NONE)
		reason = "no path is usable";
	else if (entry == NULL)
		reason = withheld_reason(rp->r, g, family, prefix, best);
	else if (paths == 0)
		reason = g->addpath ? "every path came from this peer"
				    : "the best path came from this peer";
	else
		sent = true;
	if (sent && g->addpath) {
		reason = "the paths that ADD-PATH asks for";
		json_object_set_new(object, "paths", json_integer((json_int_t)paths));
	}
	show_set_address(object, "peer", &peer->address);
	json_object_set_new(object, "sent", json_boolean(sent));
	json_object_set_new(object, "reason", json_string(reason));
	return object;
}

static json_t *explain_instance(struct speaker_instance *instance, enum bgp_family family,
				uint32_t prefix, const struct ip_addr *to)
{
	struct decision_path *paths = mem_alloc(EXPLAIN_PATHS_MAX * sizeof(*paths));
	enum decision_step lost_at[EXPLAIN_PATHS_MAX];
	struct decision_result result;
	json_t *object = json_object();
	json_t *advertised = json_array();
	size_t count;

	reflector_decide(instance->reflector, family, prefix, &result, paths, lost_at,
			 EXPLAIN_PATHS_MAX, &count);
	json_object_set_new(object, "instance", json_string(instance->config->name));
	json_object_set_new(object, "prefix",
			    show_prefix_json(family, &instance->reflector->tables[family], prefix));
	json_object_set_new(object, "winner",
			    result.winner == RIB_NONE
				    ? json_null()
				    : path_json(instance, family, prefix, result.winner));
	json_object_set_new(object, "step", json_string(decision_step_name(result.step)));
	json_object_set_new(object, "runner-up",
			    result.runner_up == RIB_NONE
				    ? json_null()
				    : path_json(instance, family, prefix, result.runner_up));
	json_object_set_new(
		object, "paths",
		explain_paths(instance, family, prefix, &result, paths, lost_at, count));
	LIST_FOR_EACH (node, &instance->peers) {
		const struct speaker_peer *peer = CONTAINER_OF(node, struct speaker_peer, node);

		if (to->family == IP_NONE || ip_addr_equal(to, &peer->address))
			json_array_append_new(advertised,
					      explain_export(peer, family, prefix, result.winner));
	}
	json_object_set_new(object, "advertised", advertised);
	mem_free(paths);
	return object;
}

/* The first NLRI of the instance that is asked for, and its family. */
static uint32_t find_prefix(const struct speaker_instance *instance, struct routes_query *q,
			    enum bgp_family *ret_family)
{
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		const struct prefix_table *t = &instance->reflector->tables[f];
		uint32_t prefix = RIB_NONE;
		struct bgp_nlri nlri;

		if (!family_may_match(q, f))
			continue;
		if (query_key(q, f, &nlri))
			prefix = prefix_table_find(t, &nlri);
		for (uint32_t p = 1;
		     prefix == RIB_NONE && !query_key(q, f, &nlri) && p < t->prefixes_end; p++)
			if ((t->prefixes[p].flags & RIB_PREFIX_USED) != 0 && matches(q, f, t, p))
				prefix = p;
		*ret_family = f;
		if (prefix != RIB_NONE)
			return prefix;
	}
	return RIB_NONE;
}

json_t *speaker_explain(const struct speaker *s, const json_t *params, struct error *e)
{
	struct routes_query q;
	struct ip_addr to;
	json_t *result = NULL;

	if (parse_query(s, params, &q, e) < 0 || show_neighbor_param(params, "to", &to, e) < 0)
		return NULL;
	if (q.text == NULL) {
		error_set(e, "prefix: which one? (like 192.0.2.0/24)");
		return NULL;
	}
	buf_init(&q.buf, 0);
	LIST_FOR_EACH (node, &s->instances) {
		struct speaker_instance *instance =
			CONTAINER_OF(node, struct speaker_instance, node);
		enum bgp_family family;
		uint32_t prefix;

		if (result != NULL || !show_wanted_instance(instance, params))
			continue;
		prefix = find_prefix(instance, &q, &family);
		if (prefix != RIB_NONE)
			result = explain_instance(instance, family, prefix, &to);
	}
	buf_done(&q.buf);
	if (result == NULL)
		error_set(e, "prefix: no peer announces %s", q.text);
	return result;
}

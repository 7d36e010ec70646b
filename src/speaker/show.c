/*
 * show: what the control socket shows of instances, neighbours and routes, and why a route is best.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The shapes are those of docs/INTERFACES.md section 3. Nothing here changes anything, but the
 * scratch memory of an instance.
 */
#include "speaker/parts.h"

#include "base/mem.h"

#define SHOW_ROUTES_PAGE 500u
#define SHOW_REJECTED_MAX 100u
#define EXPLAIN_PATHS_MAX 256u

static const char *const MESSAGE_NAMES[BGP_TYPE_MAX] = {
	[BGP_OPEN] = "open",
	[BGP_UPDATE] = "update",
	[BGP_NOTIFICATION] = "notification",
	[BGP_KEEPALIVE] = "keepalive",
	[BGP_ROUTE_REFRESH] = "route-refresh",
};

static void set_address(json_t *object, const char *key, const struct ip_addr *address)
{
	char text[IP_TEXT_MAX];

	json_object_set_new(object, key, json_string(ip_addr_format(address, text)));
}

static const char *text_param(const json_t *params, const char *key)
{
	return json_string_value(json_object_get(params, key));
}

static bool wanted_instance(const struct speaker_instance *instance, const json_t *params)
{
	const char *name = text_param(params, "instance");

	return name == NULL || strcmp(name, instance->config->name) == 0;
}

/* Does the named instance exist? */
static int check_instance(const struct speaker *s, const json_t *params, struct error *e)
{
	const char *name = text_param(params, "instance");

	if (name != NULL && speaker_find_instance(s, name) == NULL)
		return error_set(e, "instance: there is no instance \"%s\"", name);
	return 0;
}

static int64_t established_seconds(const struct speaker_peer *peer, instant_t now)
{
	if (!peer->reflector_peer->established)
		return 0;
	return instant_diff(now, session_since(peer->session)).ns / 1000000000;
}

static json_t *counters_json(const uint64_t counters[BGP_TYPE_MAX], uint64_t more_updates)
{
	json_t *object = json_object();

	for (size_t type = 1; type < BGP_TYPE_MAX; type++)
		json_object_set_new(
			object, MESSAGE_NAMES[type],
			json_integer((json_int_t)(counters[type] +
						  (type == BGP_UPDATE ? more_updates : 0))));
	return object;
}

static json_t *prefix_counts(const struct reflector_peer *rp)
{
	return json_pack("{s:I,s:I,s:I,s:I}", "received", (json_int_t)rp->path_count, "accepted",
			 (json_int_t)(rp->path_count - rp->rejected_count), "rejected",
			 (json_int_t)rp->rejected_count, "advertised",
			 (json_int_t)reflector_peer_advertised(rp));
}

static json_t *neighbor_short(const struct speaker_peer *peer, instant_t now)
{
	json_t *object = json_object();
	const struct session_counters *counters = session_counters(peer->session);

	set_address(object, "neighbor-address", &peer->address);
	json_object_set_new(object, "peer-as", json_integer(peer->config->peer_as.number));
	json_object_set_new(object, "session-state",
			    json_string(session_state_name(session_state(peer->session))));
	json_object_set_new(object, "established-seconds",
			    json_integer(established_seconds(peer, now)));
	json_object_set_new(object, "route-reflector-client",
			    json_boolean(peer->config->route_reflector_client));
	json_object_set_new(object, "dynamic", json_boolean(peer->dynamic));
	if (peer->config->description != NULL)
		json_object_set_new(object, "description", json_string(peer->config->description));
	json_object_set_new(object, "messages",
			    json_pack("{s:o,s:o}", "received", counters_json(counters->received, 0),
				      "sent", counters_json(counters->sent, peer->updates_sent)));
	json_object_set_new(object, "prefixes", prefix_counts(peer->reflector_peer));
	return object;
}

json_t *speaker_show_instances(const struct speaker *s, instant_t now)
{
	json_t *list = json_array();

	(void)now;
	LIST_FOR_EACH (node, &s->instances) {
		const struct speaker_instance *instance =
			CONTAINER_OF(node, struct speaker_instance, node);
		json_int_t neighbors = 0, established = 0, routes = 0;

		LIST_FOR_EACH (peer_node, &instance->peers) {
			neighbors++;
			established += CONTAINER_OF(peer_node, struct speaker_peer, node)
					       ->reflector_peer->established;
		}
		for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
			routes += (json_int_t)instance->reflector->tables[f].count;
		json_array_append_new(list, json_pack("{s:s,s:I,s:I,s:I,s:I,s:b}", "name",
						      instance->config->name, "table-id",
						      (json_int_t)instance->config->table_id,
						      "neighbors", neighbors, "established",
						      established, "routes", routes, "end-of-rib",
						      instance->reflector->end_of_rib));
	}
	return json_pack("{s:o}", "instances", list);
}

json_t *speaker_show_summary(const struct speaker *s, const json_t *params, struct error *e,
			     instant_t now)
{
	json_t *list;

	if (check_instance(s, params, e) < 0)
		return NULL;
	list = json_array();
	LIST_FOR_EACH (node, &s->instances) {
		const struct speaker_instance *instance =
			CONTAINER_OF(node, struct speaker_instance, node);
		json_t *object, *neighbors;

		if (!wanted_instance(instance, params))
			continue;
		neighbors = json_array();
		LIST_FOR_EACH (peer_node, &instance->peers)
			json_array_append_new(
				neighbors,
				neighbor_short(CONTAINER_OF(peer_node, struct speaker_peer, node),
					       now));
		object = json_pack("{s:s,s:I,s:b,s:o}", "name", instance->config->name, "local-as",
				   (json_int_t)instance->config->local_as.number, "end-of-rib",
				   instance->reflector->end_of_rib, "neighbors", neighbors);
		set_address(object, "router-id", &instance->config->router_id);
		set_address(object, "cluster-id", &instance->config->cluster_id);
		json_array_append_new(list, object);
	}
	return json_pack("{s:o}", "instances", list);
}

static json_t *prefix_json(enum bgp_family family, const struct prefix_table *t, uint32_t prefix)
{
	char text[IP_PREFIX_TEXT_MAX];
	struct ip_prefix ip;
	struct bgp_nlri nlri;

	prefix_table_nlri(t, prefix, &nlri);
	bgp_nlri_to_prefix(family, &nlri, &ip);
	return json_string(ip_prefix_format(&ip, text));
}

static json_t *rejected_json(const struct speaker_peer *peer)
{
	const struct reflector_peer *rp = peer->reflector_peer;
	const struct reflector *r = rp->r;
	json_t *list = json_array();

	if (rp->rejected_count == 0)
		return list;
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		const struct prefix_table *t = &r->tables[f];

		for (uint32_t prefix = 1; prefix < t->prefixes_end; prefix++) {
			for (uint32_t p = t->prefixes[prefix].paths; p != RIB_NONE;
			     p = t->paths[p].next) {
				if (t->paths[p].peer != rp->index || t->paths[p].reject == 0)
					continue;
				json_array_append_new(
					list, json_pack("{s:o,s:s}", "prefix",
							prefix_json(f, t, prefix), "reason",
							reflector_reject_reason(r, &t->paths[p])));
				if (json_array_size(list) == SHOW_REJECTED_MAX)
					return list;
			}
		}
	}
	return list;
}

static json_t *families_json(const bool families[BGP_FAMILY_COUNT])
{
	json_t *list = json_array();

	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
		if (families[f])
			json_array_append_new(list, json_string(bgp_family_info(f)->name));
	return list;
}

static json_t *neighbor_long(const struct speaker_peer *peer, instant_t now)
{
	const struct session_negotiated *negotiated = session_negotiated(peer->session);
	const struct reflector_peer *rp = peer->reflector_peer;
	const char *last_error = session_last_error(peer->session);
	json_t *object = neighbor_short(peer, now);

	json_object_set_new(object, "instance", json_string(peer->instance->config->name));
	json_object_set_new(object, "hold-time",
			    json_integer(negotiated != NULL ? negotiated->hold_time_s
							    : peer->config->hold_time_s));
	/* The session does not know why its transport failed. */
	if (*last_error == '\0' || (strcmp(last_error, SESSION_CONNECTING_FAILED) == 0 &&
				    peer->last_transport_error[0] != '\0'))
		last_error = peer->last_transport_error;
	json_object_set_new(object, "last-error", json_string(last_error));
	json_object_set_new(
		object, "established-count",
		json_integer((json_int_t)session_counters(peer->session)->established_count));
	json_object_set_new(object, "malformed-updates",
			    json_integer((json_int_t)rp->counters.malformed));
	json_object_set_new(object, "stale", json_boolean(!instant_is_never(rp->stale_deadline)));
	json_object_set_new(object, "end-of-rib-received", json_boolean(rp->done));
	json_object_set_new(object, "rejected", rejected_json(peer));
	if (negotiated != NULL) {
		struct ip_addr router_id = ip_addr_v4(negotiated->peer_router_id);

		set_address(object, "router-id", &router_id);
		set_address(object, "local-address", &rp->local_address);
		json_object_set_new(object, "families", families_json(negotiated->families));
		json_object_set_new(object, "four-octet-as", json_boolean(negotiated->send.as4));
		json_object_set_new(object, "route-refresh",
				    json_boolean(negotiated->route_refresh));
		json_object_set_new(object, "graceful-restart",
				    json_boolean(negotiated->peer.graceful_restart));
	}
	return object;
}

static int neighbor_param(const json_t *params, const char *key, struct ip_addr *ret_address,
			  struct error *e)
{
	const char *text = text_param(params, key);

	*ret_address = (struct ip_addr){ 0 };
	if (text != NULL && ip_addr_parse(text, ret_address, e) < 0)
		return error_prefix(e, "%s", key);
	return 0;
}

json_t *speaker_show_neighbors(const struct speaker *s, const json_t *params, struct error *e,
			       instant_t now)
{
	struct ip_addr wanted;
	json_t *list;

	if (check_instance(s, params, e) < 0 || neighbor_param(params, "neighbor", &wanted, e) < 0)
		return NULL;
	list = json_array();
	LIST_FOR_EACH (node, &s->instances) {
		const struct speaker_instance *instance =
			CONTAINER_OF(node, struct speaker_instance, node);

		LIST_FOR_EACH (peer_node, &instance->peers) {
			const struct speaker_peer *peer =
				CONTAINER_OF(peer_node, struct speaker_peer, node);

			if (wanted_instance(instance, params) &&
			    (wanted.family == IP_NONE || ip_addr_equal(&wanted, &peer->address)))
				json_array_append_new(list, neighbor_long(peer, now));
		}
	}
	if (wanted.family != IP_NONE && json_array_size(list) == 0) {
		json_decref(list);
		error_set(e, "neighbor: there is no neighbor %s", text_param(params, "neighbor"));
		return NULL;
	}
	return json_pack("{s:o}", "neighbors", list);
}

static void set_list_text(json_t *object, const char *key, const struct bgp_attrs *attrs,
			  void (*format)(const struct bgp_attrs *attrs, struct buf *to))
{
	struct buf text;

	buf_init(&text, 0);
	format(attrs, &text);
	json_object_set_new(object, key, json_string(buf_text(&text)));
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

static void set_attrs(json_t *object, const struct attr_table *attrs, uint32_t id,
		      struct arena *arena)
{
	struct bgp_attrs a;

	arena_clear(arena);
	attr_table_decode(attrs, id, arena, &a);
	set_address(object, "next-hop", &a.next_hop);
	json_object_set_new(object, "origin", json_string(bgp_origin_name(a.origin)));
	set_list_text(object, "as-path", &a, bgp_as_path_format);
	if (bgp_attrs_has(&a, BGP_ATTR_LOCAL_PREF))
		json_object_set_new(object, "local-pref", json_integer(a.local_pref));
	if (bgp_attrs_has(&a, BGP_ATTR_MED))
		json_object_set_new(object, "med", json_integer(a.med));
	if (bgp_attrs_has(&a, BGP_ATTR_COMMUNITIES))
		set_list_text(object, "communities", &a, bgp_communities_format);
	if (bgp_attrs_has(&a, BGP_ATTR_LARGE_COMMUNITIES))
		set_list_text(object, "large-communities", &a, bgp_large_communities_format);
	if (bgp_attrs_has(&a, BGP_ATTR_ORIGINATOR_ID)) {
		struct ip_addr originator = ip_addr_v4(a.originator_id);

		set_address(object, "originator-id", &originator);
	}
	if (bgp_attrs_has(&a, BGP_ATTR_CLUSTER_LIST))
		json_object_set_new(object, "cluster-list", cluster_list_json(&a));
}

static void set_peer(json_t *object, const struct reflector *r, uint16_t peer)
{
	if (peer == RIB_PEER_LOCAL)
		json_object_set_new(object, "peer", json_string("local"));
	else
		set_address(object, "peer", &r->peers[peer]->address);
}

static json_t *path_json(struct speaker_instance *instance, enum bgp_family family, uint32_t prefix,
			 uint32_t number)
{
	struct reflector *r = instance->reflector;
	const struct prefix_table *t = &r->tables[family];
	const struct rib_path *path = &t->paths[number];
	const char *reason = reflector_reject_reason(r, path);
	json_t *object = json_pack("{s:s,s:o}", "instance", instance->config->name, "prefix",
				   prefix_json(family, t, prefix));

	set_attrs(object, &r->attrs, path->attr, &r->scratch);
	set_peer(object, r, path->peer);
	if (path->path_id != 0)
		json_object_set_new(object, "path-id", json_integer(path->path_id));
	json_object_set_new(object, "best", json_boolean(t->prefixes[prefix].best == number));
	json_object_set_new(object, "stale", json_boolean((path->flags & RIB_PATH_STALE) != 0));
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
	struct ip_addr neighbor;
	bool one_prefix;
	struct ip_prefix prefix;
	json_t *list;
};

static int parse_kind(const json_t *params, struct routes_query *q, struct error *e)
{
	const char *kind = text_param(params, "kind");

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

static int parse_query(const struct speaker *s, const json_t *params, struct routes_query *q,
		       struct error *e)
{
	const char *prefix = text_param(params, "prefix");
	struct ip_addr host;

	*q = (struct routes_query){ 0 };
	if (check_instance(s, params, e) < 0 ||
	    neighbor_param(params, "neighbor", &q->neighbor, e) < 0)
		return -1;
	if (prefix != NULL) {
		q->one_prefix = true;
		if (strchr(prefix, '/') == NULL && ip_addr_parse(prefix, &host, e) == 0)
			q->prefix = ip_prefix_host(&host);
		else if (ip_prefix_parse(prefix, &q->prefix, e) < 0)
			return error_prefix(e, "prefix");
	}
	return parse_kind(params, q, e);
}

static void show_adj_rib_out(struct speaker_instance *instance, enum bgp_family family,
			     uint32_t prefix, const struct routes_query *q)
{
	const struct speaker_peer *peer = speaker_peer_find(instance, &q->neighbor);
	const struct reflector *r = instance->reflector;
	const struct adj_rib_out_entry *entry;
	const struct export_group *g;
	json_t *object;

	g = peer == NULL || peer->reflector_peer->members[family] == NULL
		    ? NULL
		    : peer->reflector_peer->members[family]->group;
	entry = g == NULL ? NULL : export_group_entry(g, prefix);
	if (entry == NULL || entry->source == peer->reflector_peer->index)
		return;
	object = json_pack("{s:s,s:o}", "instance", instance->config->name, "prefix",
			   prefix_json(family, &r->tables[family], prefix));
	set_attrs(object, &g->attrs, entry->attr, &instance->reflector->scratch);
	set_peer(object, r, entry->source);
	json_array_append_new(q->list, object);
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

static void show_one_prefix(const struct speaker *s, const json_t *params,
			    const struct routes_query *q)
{
	enum bgp_family family =
		q->prefix.addr.family == IP_V6 ? BGP_IPV6_UNICAST : BGP_IPV4_UNICAST;
	struct bgp_nlri nlri;

	bgp_nlri_from_prefix(&q->prefix, &nlri);
	LIST_FOR_EACH (node, &s->instances) {
		struct speaker_instance *instance =
			CONTAINER_OF(node, struct speaker_instance, node);
		uint32_t prefix = prefix_table_find(&instance->reflector->tables[family], &nlri);

		if (wanted_instance(instance, params) && prefix != RIB_NONE)
			show_prefix(instance, family, prefix, q);
	}
}

/* Shows from the cursor on until the page is full. True when something is left. */
static bool show_page(const struct speaker *s, const json_t *params, const struct routes_query *q,
		      uint64_t *cursor)
{
	size_t position = 0;

	LIST_FOR_EACH (node, &s->instances) {
		struct speaker_instance *instance =
			CONTAINER_OF(node, struct speaker_instance, node);

		for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
			uint32_t end = instance->reflector->tables[f].prefixes_end;
			uint32_t prefix = 1;

			if (cursor_of(position, f, UINT32_MAX) < *cursor ||
			    !wanted_instance(instance, params))
				continue;
			if (cursor_of(position, f, 0) <= *cursor)
				prefix = MAX((uint32_t)*cursor, 1);
			for (; prefix < end; prefix++) {
				if (json_array_size(q->list) >= SHOW_ROUTES_PAGE) {
					*cursor = cursor_of(position, f, prefix);
					return true;
				}
				show_prefix(instance, f, prefix, q);
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
	bool more = false;

	(void)now;
	if (parse_query(s, params, &q, e) < 0)
		return NULL;
	q.list = json_array();
	if (q.one_prefix)
		show_one_prefix(s, params, &q);
	else
		more = show_page(s, params, &q, cursor);
	result = json_pack("{s:o}", "routes", q.list);
	if (more)
		json_object_set_new(result, "more", json_true());
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

/* Why this peer is, or is not, told of the prefix. */
static json_t *explain_export(const struct speaker_peer *peer, enum bgp_family family,
			      uint32_t prefix, uint32_t best)
{
	const struct reflector_peer *rp = peer->reflector_peer;
	const struct export_group *g =
		rp->members[family] == NULL ? NULL : rp->members[family]->group;
	const struct adj_rib_out_entry *entry = g == NULL ? NULL : export_group_entry(g, prefix);
	const char *reason = "best path";
	bool sent = false;
	json_t *object = json_object();

	if (!rp->established)
		reason = "the session is not established";
	else if (g == NULL)
		reason = "the address family is not negotiated";
	else if (best == RIB_NONE)
		reason = "no path is usable";
	else if (entry == NULL)
		reason = "not for this kind of peer (RFC 4456 6, communities, or export policy)";
	else if (entry->source == rp->index)
		reason = "the best path came from this peer";
	else
		sent = true;
	set_address(object, "peer", &peer->address);
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
			    prefix_json(family, &instance->reflector->tables[family], prefix));
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

json_t *speaker_explain(const struct speaker *s, const json_t *params, struct error *e)
{
	struct routes_query q;
	enum bgp_family family;
	struct ip_addr to;
	struct bgp_nlri nlri;

	if (parse_query(s, params, &q, e) < 0 || neighbor_param(params, "to", &to, e) < 0)
		return NULL;
	if (!q.one_prefix) {
		error_set(e, "prefix: which one? (like 192.0.2.0/24)");
		return NULL;
	}
	family = q.prefix.addr.family == IP_V6 ? BGP_IPV6_UNICAST : BGP_IPV4_UNICAST;
	bgp_nlri_from_prefix(&q.prefix, &nlri);
	LIST_FOR_EACH (node, &s->instances) {
		struct speaker_instance *instance =
			CONTAINER_OF(node, struct speaker_instance, node);
		uint32_t prefix = prefix_table_find(&instance->reflector->tables[family], &nlri);

		if (wanted_instance(instance, params) && prefix != RIB_NONE)
			return explain_instance(instance, family, prefix, &to);
	}
	error_set(e, "prefix: no peer announces %s", text_param(params, "prefix"));
	return NULL;
}

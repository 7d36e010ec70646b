/*
 * show_explain: why a path is the best one, and why a peer is told of it, or is not.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The reasons are those of the code that decides and exports: the decision's steps, a path's
 * reject, reflector_withheld_reason, and what the Adj-RIB-Out has.
 */
#include "speaker/show_parts.h"

#include "base/mem.h"

/* Paths that are shown; of more it is said how many. */
#define EXPLAIN_PATHS_MAX 256u

struct explained {
	struct speaker_instance *instance;
	enum bgp_family family;
	uint32_t prefix;
	struct decision_result result;
	struct decision_path *paths; /* the usable ones, the best first */
	enum decision_step *lost_at; /* beside them */
	size_t count;
};

static const struct prefix_table *table_of(const struct explained *x)
{
	return &x->instance->reflector->tables[x->family];
}

static void decide(struct explained *x)
{
	const struct prefix_table *t = table_of(x);
	size_t max = 1;

	for (uint32_t p = t->prefixes[x->prefix].paths; p != RIB_NONE; p = t->paths[p].next)
		max++;
	x->paths = mem_alloc(max * sizeof(*x->paths));
	x->lost_at = mem_alloc(max * sizeof(*x->lost_at));
	reflector_decide(x->instance->reflector, x->family, x->prefix, &x->result, x->paths,
			 x->lost_at, max, &x->count);
}

static void add_path(const struct explained *x, json_t *list, uint32_t path, const char *before,
		     const char *why)
{
	json_t *object = show_path_json(x->instance, x->family, x->prefix, path);
	char verdict[160];

	snprintf(verdict, sizeof(verdict), "%s%s", before, why);
	json_object_set_new(object, "verdict", json_string(verdict));
	json_array_append_new(list, object);
}

static void set_paths(const struct explained *x, json_t *object)
{
	const struct reflector *r = x->instance->reflector;
	const struct prefix_table *t = table_of(x);
	json_t *list = json_array();
	size_t left_out = x->count > EXPLAIN_PATHS_MAX ? x->count - EXPLAIN_PATHS_MAX : 0;

	for (size_t i = 0; i < MIN(x->count, EXPLAIN_PATHS_MAX); i++) {
		char why[96];

		snprintf(why, sizeof(why), "lost: %s wins", decision_step_name(x->lost_at[i]));
		add_path(x, list, x->paths[i].path, "", i == 0 ? "best" : why);
	}
	for (uint32_t p = t->prefixes[x->prefix].paths; p != RIB_NONE; p = t->paths[p].next) {
		const char *reason = reflector_reject_reason(r, &t->paths[p]);

		if (reason == NULL && reflector_next_hop_usable(r, &t->paths[p]))
			continue;
		if (json_array_size(list) >= EXPLAIN_PATHS_MAX)
			left_out++;
		else if (reason != NULL)
			add_path(x, list, p, "filtered: ", reason);
		else
			add_path(x, list, p, "not usable: ", "its next hop is not resolved");
	}
	json_object_set_new(object, "paths", list);
	if (left_out != 0)
		json_object_set_new(object, "paths-left-out", json_integer((json_int_t)left_out));
}

/* --- who is told --- */

/* The member of a peer in the family's export group. */
struct listener {
	const struct explained *x;
	const struct reflector_peer *peer;
	struct export_group *group;
};

/* Paths of the prefix that the peer is told: at most one without ADD-PATH. */
static size_t told_count(const struct listener *l)
{
	size_t count = 0;

	for (uint32_t slot = export_group_first_slot(l->group, l->x->prefix); slot != 0;
	     slot = export_group_next_slot(l->group, slot))
		count += export_slot_is_told(l->group, slot, l->peer->index);
	return count;
}

/* With ADD-PATH: is it told of this one? */
static bool is_told(const struct listener *l, uint32_t path)
{
	for (uint32_t slot = export_group_first_slot(l->group, l->x->prefix); slot != 0;
	     slot = export_group_next_slot(l->group, slot))
		if ((l->group->slots[slot].path_id & ~EXPORT_PATH_ID_ALONE) == path &&
		    export_slot_is_told(l->group, slot, l->peer->index))
			return true;
	return false;
}

/* Why the peer is not told of a usable path. */
static const char *withheld_reason(const struct listener *l, uint32_t number)
{
	const struct reflector_view *view = l->group->owner_data;
	const struct prefix_table *t = table_of(l->x);
	const struct rib_path *path = &t->paths[number];
	const char *why;

	if (path->peer == l->peer->index)
		return l->group->addpath ? "it came from this peer"
					 : "the best path came from this peer";
	why = reflector_withheld_reason(l->peer->r, l->group, path->attr, path->peer, path->flags);
	if (why != NULL)
		return why;
	if ((t->prefixes[l->x->prefix].flags & RIB_PREFIX_DIRTY) != 0)
		return "it is waiting to be decided";
	if (!export_group_takes_data(l->group, prefix_table_path_data(t, number)))
		return "the peer does not take as many labels (RFC 8277 3.2.1)";
	/* of the best ones, what does not fit is left out */
	if (view->addpath_max != 0 && told_count(l) >= view->addpath_max)
		return "it is not among the best that send-max lets through";
	return "its NLRI and attributes are too long for a message";
}

/* Why it is told of no path at all. */
static const char *nothing_reason(const struct listener *l)
{
	size_t i = 0;

	if (l->x->count == 0)
		return "no path is usable";
	if (!l->group->addpath)
		return withheld_reason(l, l->x->result.winner);
	while (i < l->x->count && table_of(l->x)->paths[l->x->paths[i].path].peer == l->peer->index)
		i++;
	return i == l->x->count ? "every path came from this peer"
				: withheld_reason(l, l->x->paths[i].path);
}

static json_t *withheld_json(const struct listener *l)
{
	const struct prefix_table *t = table_of(l->x);
	json_t *list = json_array();

	for (size_t i = 0; i < MIN(l->x->count, EXPLAIN_PATHS_MAX); i++) {
		uint32_t number = l->x->paths[i].path;
		json_t *object;

		if (is_told(l, number))
			continue;
		object = json_pack("{s:s}", "reason", withheld_reason(l, number));
		show_set_peer(object, l->peer->r, t->paths[number].peer);
		if (prefix_table_path_id(t, number) != 0)
			json_object_set_new(object, "path-id",
					    json_integer(prefix_table_path_id(t, number)));
		json_array_append_new(list, object);
	}
	return list;
}

/* Why this peer is, or is not, told of the prefix; `each`: and of each path, with ADD-PATH. */
static json_t *explain_export(const struct explained *x, const struct speaker_peer *peer, bool each)
{
	const struct reflector_peer *rp = peer->reflector_peer;
	const struct export_member *m = rp->members[x->family];
	struct listener l = { .x = x, .peer = rp, .group = m == NULL ? NULL : m->group };
	size_t told = m == NULL ? 0 : told_count(&l);
	json_t *object = json_object();
	const char *reason;

	if (!rp->established)
		reason = "the session is not established";
	else if (m == NULL)
		reason = "the address family is not negotiated";
	else if (told == 0)
		reason = nothing_reason(&l);
	else if (export_member_is_catching_up(m))
		reason = "it is catching up: this is told with the rest";
	else
		reason = m->group->addpath ? "the paths that ADD-PATH asks for" : "best path";
	show_set_address(object, "peer", &peer->address);
	json_object_set_new(object, "sent", json_boolean(told != 0));
	json_object_set_new(object, "reason", json_string(reason));
	if (m == NULL || !m->group->addpath)
		return object;
	if (told != 0)
		json_object_set_new(object, "paths", json_integer((json_int_t)told));
	if (each)
		json_object_set_new(object, "withheld", withheld_json(&l));
	return object;
}

static json_t *path_or_null(const struct explained *x, uint32_t path)
{
	return path == RIB_NONE ? json_null()
				: show_path_json(x->instance, x->family, x->prefix, path);
}

static json_t *explain(struct explained *x, const struct ip_addr *to)
{
	json_t *object = json_object();
	json_t *advertised = json_array();

	decide(x);
	json_object_set_new(object, "instance", json_string(x->instance->config->name));
	json_object_set_new(object, "prefix", show_prefix_json(x->family, table_of(x), x->prefix));
	json_object_set_new(object, "winner", path_or_null(x, x->result.winner));
	json_object_set_new(object, "step", json_string(decision_step_name(x->result.step)));
	json_object_set_new(object, "runner-up", path_or_null(x, x->result.runner_up));
	set_paths(x, object);
	LIST_FOR_EACH (node, &x->instance->peers) {
		const struct speaker_peer *peer = CONTAINER_OF(node, struct speaker_peer, node);

		if (to->family == IP_NONE || ip_addr_equal(to, &peer->address))
			json_array_append_new(advertised,
					      explain_export(x, peer, to->family != IP_NONE));
	}
	json_object_set_new(object, "advertised", advertised);
	mem_free(x->paths);
	mem_free(x->lost_at);
	return object;
}

/* The first NLRI of the instance that is asked for. */
static bool find_prefix(struct explained *x, struct show_query *q)
{
	for (x->family = 0; x->family < BGP_FAMILY_COUNT; x->family++) {
		const struct prefix_table *t = table_of(x);
		struct bgp_nlri nlri;

		if (!show_query_may_match(q, x->family))
			continue;
		if (show_query_key(q, x->family, &nlri)) {
			x->prefix = prefix_table_find(t, &nlri);
			if (x->prefix != RIB_NONE)
				return true;
			continue;
		}
		for (x->prefix = 1; x->prefix < t->prefixes_end; x->prefix++)
			if ((t->prefixes[x->prefix].flags & RIB_PREFIX_USED) != 0 &&
			    show_query_matches(q, x->family, t, x->prefix))
				return true;
	}
	return false;
}

json_t *speaker_explain(const struct speaker *s, const json_t *params, struct error *e)
{
	struct show_query q;
	struct ip_addr to;
	json_t *result = NULL;

	if (show_query_parse(s, params, &q, e) < 0 || show_neighbor_param(params, "to", &to, e) < 0)
		return NULL;
	if (q.text == NULL) {
		error_set(e, "prefix: which one? (like 192.0.2.0/24)");
		return NULL;
	}
	LIST_FOR_EACH (node, &s->instances) {
		struct explained x = {
			.instance = CONTAINER_OF(node, struct speaker_instance, node),
		};

		if (result == NULL && show_wanted_instance(x.instance, params) &&
		    find_prefix(&x, &q))
			result = explain(&x, &to);
	}
	show_query_done(&q);
	if (result == NULL)
		error_set(e, "prefix: no peer announces %s", q.text);
	return result;
}

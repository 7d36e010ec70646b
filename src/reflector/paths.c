/*
 * paths: which paths of a prefix the peers with ADD-PATH are told.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 7911: all usable ones, or the best N, the best being found again and again among those that
 * are left. A member that announced some of the N itself is told as many of those that come next,
 * which are for it alone: it hears the best N of the others (decisions/0008). The paths of a batch
 * are put in order of attributes and source, so that a run of them is transformed once and shares
 * messages.
 */
#include "base/mem.h"
#include "reflector/reflector.h"

struct told_path {
	struct export_path path;
	uint32_t attr;
	uint16_t source;
	uint16_t only; /* the peer that it is for; 0: all but its source */
	uint8_t flags;
};

struct told_paths {
	struct told_path *items;
	size_t count;
	size_t capacity;
};

static void tell(struct told_paths *told, const struct prefix_table *t, uint32_t prefix,
		 uint32_t path, uint16_t only)
{
	MEM_RESERVE(told->items, told->capacity, told->count + 1);
	told->items[told->count++] = (struct told_path){
		.path = { prefix, path },
		.attr = t->paths[path].attr,
		.source = t->paths[path].peer,
		.only = only,
		.flags = t->paths[path].flags & (uint8_t)~RIB_PATH_MARKS,
	};
}

static void tell_all(const struct reflector *r, const struct prefix_table *t, uint32_t prefix,
		     struct told_paths *told)
{
	for (uint32_t p = t->prefixes[prefix].paths; p != RIB_NONE; p = t->paths[p].next)
		if (t->paths[p].reject == 0 && reflector_next_hop_usable(r, &t->paths[p]))
			tell(told, t, prefix, p, 0);
}

/* The members that announced some of the best paths themselves, and how many. */
struct owners {
	size_t count;
	struct {
		uint16_t peer;
		uint32_t paths;
	} items[REFLECTOR_SEND_MAX];
};

static bool is_member(const struct reflector *r, const struct export_group *g, uint16_t peer)
{
	const struct export_member *member =
		peer == RIB_PEER_LOCAL ? NULL : r->peers[peer]->members[g->prefixes->family];

	return member != NULL && member->group == g;
}

static void note_owner(struct owners *owners, const struct reflector *r,
		       const struct export_group *g, uint16_t peer, bool may_be_new)
{
	size_t i = 0;

	while (i < owners->count && owners->items[i].peer != peer)
		i++;
	if (i < owners->count)
		owners->items[i].paths++;
	else if (may_be_new && is_member(r, g, peer)) {
		owners->items[owners->count].peer = peer;
		owners->items[owners->count++].paths = 1;
	}
}

/* Tells the path at this place, behind the first `max`, to those who were not told `max` before it.
 * False: there are none, and will be none behind it. */
static bool tell_owners(const struct owners *owners, const struct prefix_table *t, uint32_t prefix,
			uint32_t path, size_t place, size_t max, struct told_paths *told)
{
	bool any = false;

	for (size_t i = 0; i < owners->count; i++) {
		uint16_t peer = owners->items[i].peer;

		if (place - owners->items[i].paths >= max)
			continue;
		any = true;
		if (t->paths[path].peer != peer)
			tell(told, t, prefix, path, peer);
	}
	return any;
}

static void tell_best(struct reflector *r, const struct export_group *g, uint32_t prefix,
		      size_t max, struct told_paths *told)
{
	const struct prefix_table *t = g->prefixes;
	struct owners owners;
	struct decision_result result;
	size_t count;

	owners.count = 0;
	reflector_decide(r, t->family, prefix, &result, NULL, NULL, SIZE_MAX, &count);
	for (size_t i = 0; i < count; i++) {
		uint32_t path;

		decision_run(r->decision_paths + i, count - i, &result, NULL);
		path = result.winner;
		if (i < max)
			tell(told, t, prefix, path, 0);
		else if (!tell_owners(&owners, t, prefix, path, i, max, told))
			break;
		note_owner(&owners, r, g, t->paths[path].peer, i < max);
	}
}

static int by_route_and_member(const void *left, const void *right)
{
	const struct told_path *a = left, *b = right;

	if (a->attr != b->attr)
		return a->attr < b->attr ? -1 : 1;
	if (a->source != b->source)
		return (int)a->source - (int)b->source;
	if (a->flags != b->flags)
		return (int)a->flags - (int)b->flags;
	return (int)a->only - (int)b->only;
}

static bool same_route(const struct told_path *a, const struct told_path *b)
{
	return a->attr == b->attr && a->source == b->source && a->flags == b->flags;
}

/* Announces a run of the same attributes, source and flags. */
static void announce_run(struct reflector *r, struct export_group *g, const struct told_path *run,
			 size_t count)
{
	uint32_t out = reflector_transform(r, g, run->attr, run->source, run->flags);
	struct export_path *paths;
	size_t same;

	if (out == 0)
		return;
	paths = mem_alloc(count * sizeof(*paths));
	attr_table_ref(&g->attrs, out);
	for (size_t i = 0; i < count; i += same) {
		for (same = 0; i + same < count && run[i + same].only == run[i].only; same++)
			paths[same] = run[i + same].path;
		export_group_announce_paths(g, out, run->source, run[i].only, paths, same);
	}
	attr_table_unref(&g->attrs, out);
	mem_free(paths);
}

void reflector_export_paths(struct reflector *r, struct export_group *g, const uint32_t *prefixes,
			    size_t count)
{
	const struct reflector_view *view = g->owner_data;
	const struct prefix_table *t = g->prefixes;
	struct told_paths told = { 0 };
	size_t run;

	export_group_paths_begin(g, prefixes, count);
	for (size_t i = 0; i < count; i++) {
		if (view->addpath_max == 0)
			tell_all(r, t, prefixes[i], &told);
		else
			tell_best(r, g, prefixes[i], view->addpath_max, &told);
	}
	if (told.count > 1)
		qsort(told.items, told.count, sizeof(*told.items), by_route_and_member);
	for (size_t i = 0; i < told.count; i += run) {
		for (run = 1; i + run < told.count; run++)
			if (!same_route(&told.items[i], &told.items[i + run]))
				break;
		announce_run(r, g, &told.items[i], run);
	}
	export_group_paths_end(g, prefixes, count);
	mem_free(told.items);
}

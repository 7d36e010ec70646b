/*
 * paths: which paths of a prefix the peers with ADD-PATH are told.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 7911: all usable ones, or the best N, the best being found again and again among those that
 * are left. A member whose own path is among the N is told the others: it hears one less. The paths
 * of a batch are put in order of attributes and source, so that a run of them is transformed once
 * and shares messages.
 */
#include "base/mem.h"
#include "reflector/reflector.h"

struct told_path {
	struct export_path path;
	uint32_t attr;
	uint16_t source;
	uint8_t flags;
};

struct told_paths {
	struct told_path *items;
	size_t count;
	size_t capacity;
};

static void tell(struct told_paths *told, const struct prefix_table *t, uint32_t prefix,
		 uint32_t path)
{
	MEM_RESERVE(told->items, told->capacity, told->count + 1);
	told->items[told->count++] = (struct told_path){
		.path = { prefix, path },
		.attr = t->paths[path].attr,
		.source = t->paths[path].peer,
		.flags = t->paths[path].flags & (uint8_t)~RIB_PATH_MARKS,
	};
}

static void tell_all(const struct reflector *r, const struct prefix_table *t, uint32_t prefix,
		     struct told_paths *told)
{
	for (uint32_t p = t->prefixes[prefix].paths; p != RIB_NONE; p = t->paths[p].next)
		if (t->paths[p].reject == 0 && reflector_next_hop_usable(r, &t->paths[p]))
			tell(told, t, prefix, p);
}

static void tell_best(struct reflector *r, const struct prefix_table *t, uint32_t prefix,
		      size_t max, struct told_paths *told)
{
	struct decision_result result;
	size_t count;

	reflector_decide(r, t->family, prefix, &result, NULL, NULL, SIZE_MAX, &count);
	for (size_t i = 0; i < MIN(count, max); i++) {
		decision_run(r->decision_paths + i, count - i, &result, NULL);
		tell(told, t, prefix, r->decision_paths[i].path);
	}
}

static int by_attr_and_source(const void *left, const void *right)
{
	const struct told_path *a = left, *b = right;

	if (a->attr != b->attr)
		return a->attr < b->attr ? -1 : 1;
	if (a->source != b->source)
		return (int)a->source - (int)b->source;
	return (int)a->flags - (int)b->flags;
}

/* Announces a run of the same attributes, source and flags. */
static void announce_run(struct reflector *r, struct export_group *g, const struct told_path *run,
			 size_t count)
{
	uint32_t out = reflector_transform(r, g, run->attr, run->source, run->flags);
	struct export_path *paths;

	if (out == 0)
		return;
	paths = mem_alloc(count * sizeof(*paths));
	for (size_t i = 0; i < count; i++)
		paths[i] = run[i].path;
	attr_table_ref(&g->attrs, out);
	export_group_announce_paths(g, out, run->source, paths, count);
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
			tell_best(r, t, prefixes[i], view->addpath_max, &told);
	}
	if (told.count > 1)
		qsort(told.items, told.count, sizeof(*told.items), by_attr_and_source);
	for (size_t i = 0; i < told.count; i += run) {
		for (run = 1; i + run < told.count; run++)
			if (by_attr_and_source(&told.items[i], &told.items[i + run]) != 0)
				break;
		announce_run(r, g, &told.items[i], run);
	}
	export_group_paths_end(g, prefixes, count);
	mem_free(told.items);
}

/*
 * drain: dirty prefixes, in batches, to decisions and on to the export groups.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A batch takes up to REFLECTOR_BATCH_PREFIXES prefixes of one family in the order in which they
 * became dirty, decides each, and sorts them into buckets: same best attributes, same source. A
 * bucket is transformed once for a group and encoded into as few messages as it needs. Whether
 * anything changed for a group, its Adj-RIB-Out knows.
 */
#include "reflector/reflector.h"

#include "base/hash.h"
#include "base/mem.h"

#define BUCKET_SLOTS (REFLECTOR_BATCH_PREFIXES * 2)

struct bucket {
	uint32_t attr; /* 0: no path is usable */
	uint16_t source;
	uint8_t flags;
	uint32_t count;
	uint32_t first; /* index in ordered */
};

struct reflector_batch {
	uint32_t prefixes[REFLECTOR_BATCH_PREFIXES];
	uint32_t bucket_of[REFLECTOR_BATCH_PREFIXES];
	uint32_t ordered[REFLECTOR_BATCH_PREFIXES];
	struct bucket buckets[REFLECTOR_BATCH_PREFIXES];
	uint32_t slots[BUCKET_SLOTS]; /* bucket + 1 */
	size_t count;
	size_t bucket_count;
};

static void batch_need(struct reflector *r)
{
	if (r->batch != NULL)
		return;
	r->batch = mem_alloc(sizeof(*r->batch));
	mem_account_charge(&r->memory.other, sizeof(*r->batch));
}

void reflector_batch_free(struct reflector *r)
{
	if (r->batch == NULL)
		return;
	mem_account_release(&r->memory.other, sizeof(*r->batch));
	mem_free(r->batch);
	r->batch = NULL;
}

void reflector_mark_dirty(struct reflector *r, enum bgp_family family, uint32_t prefix)
{
	uint8_t *flags = &r->tables[family].prefixes[prefix].flags;

	if ((*flags & RIB_PREFIX_DIRTY) != 0)
		return;
	*flags |= RIB_PREFIX_DIRTY;
	MEM_ACCOUNT_RESERVE(&r->memory.other, r->dirty[family].prefixes, r->dirty[family].capacity,
			    r->dirty[family].end + 1);
	r->dirty[family].prefixes[r->dirty[family].end++] = prefix;
}

bool reflector_is_dirty(const struct reflector *r)
{
	return reflector_dirty_count(r) != 0;
}

size_t reflector_dirty_count(const struct reflector *r)
{
	size_t count = 0;

	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
		count += r->dirty[f].end - r->dirty[f].first;
	return count;
}

static uint32_t metric_of(const struct reflector *r, const struct attr_entry *entry)
{
	return entry->next_hop == 0 ? 0 : r->next_hops[entry->next_hop]->metric;
}

static void fill_decision_path(const struct reflector *r, const struct prefix_table *t,
			       uint32_t number, struct decision_path *to)
{
	static const struct ip_addr no_address = { 0 };
	const struct rib_path *path = &t->paths[number];
	const struct attr_entry *entry = attr_table_entry(&r->attrs, path->attr);
	const struct reflector_peer *peer =
		path->peer == RIB_PEER_LOCAL ? NULL : r->peers[path->peer];

	*to = (struct decision_path){
		.path = number,
		.long_lived_stale = reflector_is_long_lived_stale(r, entry, path->flags),
		.stale = (path->flags & RIB_PATH_STALE) != 0,
		.has_aigp = entry->has_aigp,
		.aigp = entry->has_aigp ? reflector_aigp_total(attr_entry_rare(entry).aigp,
							       metric_of(r, entry))
					: 0,
		.local = peer == NULL,
		.external = peer != NULL && peer->kind == REFLECTOR_EXTERNAL,
		.origin = entry->origin,
		.as_path_length = entry->as_path_length,
		.cluster_list_length = entry->cluster_list_length,
		.local_pref = entry->local_pref,
		.med = entry->med,
		.neighbor_as = entry->neighbor_as,
		.igp_metric = metric_of(r, entry),
		.router_id = entry->originator_id != 0 ? entry->originator_id
			     : peer != NULL	       ? peer->router_id
						       : 0,
		.path_id = prefix_table_path_id(t, number),
		.peer_address = peer != NULL ? &peer->address : &no_address,
	};
}

void reflector_decide(struct reflector *r, enum bgp_family family, uint32_t prefix,
		      struct decision_result *ret_result, struct decision_path *paths,
		      enum decision_step *lost_at, size_t max, size_t *ret_count)
{
	const struct prefix_table *t = &r->tables[family];
	size_t count = 0;

	for (uint32_t p = t->prefixes[prefix].paths; p != RIB_NONE; p = t->paths[p].next) {
		if (t->paths[p].reject != 0 || !reflector_next_hop_usable(r, &t->paths[p]))
			continue;
		MEM_ACCOUNT_RESERVE(&r->memory.other, r->decision_paths, r->decision_capacity,
				    count + 1);
		fill_decision_path(r, t, p, &r->decision_paths[count++]);
	}
	decision_run(r->decision_paths, count, ret_result, count <= max ? lost_at : NULL);
	if (paths != NULL && count != 0)
		memcpy(paths, r->decision_paths, MIN(count, max) * sizeof(*paths));
	if (ret_count != NULL)
		*ret_count = MIN(count, max);
}

static uint32_t best_path(struct reflector *r, enum bgp_family family, uint32_t prefix)
{
	const struct prefix_table *t = &r->tables[family];
	uint32_t first = t->prefixes[prefix].paths;
	struct decision_result result;

	if (first == RIB_NONE)
		return RIB_NONE;
	if (t->paths[first].next == RIB_NONE) {
		const struct rib_path *path = &t->paths[first];

		return path->reject == 0 && reflector_next_hop_usable(r, path) ? first : RIB_NONE;
	}
	reflector_decide(r, family, prefix, &result, NULL, NULL, 0, NULL);
	return result.winner;
}

static uint32_t bucket_for(struct reflector_batch *b, uint32_t attr, uint16_t source, uint8_t flags)
{
	size_t i = hash_u64((uint64_t)attr << 32 | (uint64_t)source << 8 | flags, 0) % BUCKET_SLOTS;

	for (; b->slots[i] != 0; i = (i + 1) % BUCKET_SLOTS) {
		const struct bucket *bucket = &b->buckets[b->slots[i] - 1];

		if (bucket->attr == attr && bucket->source == source && bucket->flags == flags)
			return b->slots[i] - 1;
	}
	b->buckets[b->bucket_count] =
		(struct bucket){ .attr = attr, .source = source, .flags = flags };
	b->slots[i] = (uint32_t)++b->bucket_count;
	return (uint32_t)b->bucket_count - 1;
}

static uint32_t bucket_of_path(struct reflector_batch *b, const struct rib_path *path)
{
	return bucket_for(b, path->attr, path->peer, path->flags & (uint8_t)~RIB_PATH_MARKS);
}

/* Takes dirty prefixes and decides them. A host route whose best path changed is told to the next
 * hops after the batch. */
static void decide_batch(struct reflector *r, enum bgp_family family, struct reflector_batch *b)
{
	struct prefix_table *t = &r->tables[family];

	b->count = 0;
	b->bucket_count = 0;
	memset(b->slots, 0, sizeof(b->slots));
	while (b->count < REFLECTOR_BATCH_PREFIXES &&
	       r->dirty[family].first < r->dirty[family].end) {
		uint32_t prefix = r->dirty[family].prefixes[r->dirty[family].first++];
		uint32_t best = best_path(r, family, prefix);
		uint32_t bucket = best == RIB_NONE ? bucket_for(b, 0, 0, 0)
						   : bucket_of_path(b, &t->paths[best]);

		t->prefixes[prefix].flags &= (uint8_t)~RIB_PREFIX_DIRTY;
		t->prefixes[prefix].best = best;
		b->prefixes[b->count] = prefix;
		b->bucket_of[b->count++] = bucket;
		b->buckets[bucket].count++;
	}
	if (r->dirty[family].first == r->dirty[family].end) {
		r->dirty[family].first = r->dirty[family].end = 0;
		if (r->dirty[family].capacity > REFLECTOR_DIRTY_PREFIXES_MAX * 4)
			MEM_ACCOUNT_FREE(&r->memory.other, r->dirty[family].prefixes,
					 r->dirty[family].capacity);
	}
}

static void order_batch(struct reflector_batch *b)
{
	uint32_t first = 0;

	for (size_t i = 0; i < b->bucket_count; i++) {
		b->buckets[i].first = first;
		first += b->buckets[i].count;
		b->buckets[i].count = 0;
	}
	for (size_t i = 0; i < b->count; i++) {
		struct bucket *bucket = &b->buckets[b->bucket_of[i]];

		b->ordered[bucket->first + bucket->count++] = b->prefixes[i];
	}
}

static void export_bucket(struct reflector *r, struct export_group *g,
			  const struct reflector_batch *b, const struct bucket *bucket)
{
	uint32_t out = 0;

	if (bucket->attr != 0)
		out = reflector_transform(r, g, bucket->attr, bucket->source, bucket->flags);
	if (out == 0) {
		export_group_withdraw(g, b->ordered + bucket->first, bucket->count);
		return;
	}
	attr_table_ref(&g->attrs, out);
	export_group_announce(g, out, bucket->source, b->ordered + bucket->first, bucket->count);
	attr_table_unref(&g->attrs, out);
}

static void wake_members(struct reflector *r, struct export_group *g)
{
	LIST_FOR_EACH (node, &g->members)
		r->ops->ready(r->context, CONTAINER_OF(node, struct export_member, node)->owner);
}

static void export_batch(struct reflector *r, struct export_group *g,
			 const struct reflector_batch *b)
{
	export_group_begin(g, r->sequence);
	if (g->addpath)
		reflector_export_paths(r, g, b->prefixes, b->count);
	for (size_t i = 0; i < b->bucket_count && !g->addpath; i++)
		export_bucket(r, g, b, &b->buckets[i]);
	export_group_end(g);
	if (g->log.bytes != 0 || g->walks.next != &g->walks)
		wake_members(r, g);
}

static void note_zombie(struct reflector *r, enum bgp_family family, uint32_t prefix)
{
	uint8_t *flags = &r->tables[family].prefixes[prefix].flags;

	if ((*flags & RIB_PREFIX_ZOMBIE) != 0)
		return;
	*flags |= RIB_PREFIX_ZOMBIE;
	MEM_ACCOUNT_RESERVE(&r->memory.other, r->zombies[family].prefixes,
			    r->zombies[family].capacity, r->zombies[family].count + 1);
	r->zombies[family].prefixes[r->zombies[family].count++] = prefix;
}

/* Must a reader still be told that this prefix is gone? */
static bool is_tombstone(const struct reflector *r, enum bgp_family family, uint32_t prefix)
{
	LIST_FOR_EACH (node, &r->groups) {
		const struct export_group *g = CONTAINER_OF(node, struct export_group, node);
		uint32_t oldest;

		if (g->prefixes->family == family && export_group_oldest(g, &oldest) &&
		    export_group_changed_after(g, prefix, oldest))
			return true;
	}
	return false;
}

static bool readers_are_behind(const struct reflector *r, enum bgp_family family)
{
	LIST_FOR_EACH (node, &r->groups) {
		const struct export_group *g = CONTAINER_OF(node, struct export_group, node);
		uint32_t oldest;

		if (g->prefixes->family == family && export_group_oldest(g, &oldest))
			return true;
	}
	return false;
}

static void forget_prefix(struct reflector *r, enum bgp_family family, uint32_t prefix)
{
	LIST_FOR_EACH (node, &r->groups) {
		struct export_group *g = CONTAINER_OF(node, struct export_group, node);

		if (g->prefixes->family == family)
			export_group_forget(g, prefix);
	}
	prefix_table_remove(&r->tables[family], prefix);
}

void reflector_sweep_zombies(struct reflector *r)
{
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		bool behind = r->zombies[f].count != 0 && readers_are_behind(r, f);
		size_t kept = 0;

		if (behind && r->zombies[f].count < r->zombies[f].sweep_at)
			continue;

		for (size_t i = 0; i < r->zombies[f].count; i++) {
			uint32_t prefix = r->zombies[f].prefixes[i];
			struct rib_prefix *p = &r->tables[f].prefixes[prefix];

			if (p->paths != RIB_NONE) {
				p->flags &= (uint8_t)~RIB_PREFIX_ZOMBIE; /* it lives again */
			} else if ((p->flags & RIB_PREFIX_DIRTY) != 0) {
				r->zombies[f].prefixes[kept++] =
					prefix; /* its withdrawal is not exported yet */
			} else if (behind && is_tombstone(r, f, prefix)) {
				r->zombies[f].prefixes[kept++] = prefix;
			} else {
				p->flags &= (uint8_t)~RIB_PREFIX_ZOMBIE;
				forget_prefix(r, f, prefix);
			}
		}
		r->zombies[f].count = kept;
		r->zombies[f].sweep_at = kept * 2 + 1024;
	}
}

static void drain_family(struct reflector *r, enum bgp_family family, instant_t now)
{
	struct reflector_batch *b = r->batch;

	decide_batch(r, family, b);
	order_batch(b);
	if (++r->sequence == 0)
		r->sequence = 1;
	LIST_FOR_EACH (node, &r->groups) {
		struct export_group *g = CONTAINER_OF(node, struct export_group, node);

		if (g->prefixes->family == family)
			export_batch(r, g, b);
	}
	if (r->config->next_hop_resolution == NEXT_HOP_RESOLUTION_EXACT)
		for (size_t i = 0; i < b->count; i++)
			reflector_next_hops_route_changed(r, family, b->prefixes[i], now);
	for (size_t i = 0; i < b->count; i++)
		if (r->tables[family].prefixes[b->prefixes[i]].paths == RIB_NONE)
			note_zombie(r, family, b->prefixes[i]);
	reflector_sweep_zombies(r);
}

bool reflector_drain(struct reflector *r, instant_t now)
{
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		if (r->dirty[f].first == r->dirty[f].end)
			continue;
		batch_need(r);
		drain_family(r, f, now);
		break;
	}
	if (reflector_is_dirty(r))
		return true;
	reflector_batch_free(r); /* an idle instance holds no working memory */
	reflector_memory_settle(r, now);
	reflector_check_end_of_rib(r, now);
	return reflector_is_dirty(r);
}

/*
 * learned: the enterprise routes of each tenant, as its reflector's Loc-RIB has them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A prefix and its next hop; the next hop is a CE, or the route is none of ours (host routes of
 * CEs, the virtual network's own prefixes and static routes come from the intent). A new prefix is
 * one object on each host. When a feed starts anew everything is stale until it is said again, and
 * what is stale at End-of-RIB is gone.
 */
#include "orchestrator/state.h"

static uint64_t prefix_hash(const struct orchestrator *o, const struct ip_prefix *prefix)
{
	return hash_bytes(prefix, sizeof(*prefix), o->config.seed);
}

static struct learned *find(const struct orchestrator *o, const struct tenant *t,
			    const struct ip_prefix *prefix)
{
	struct hmap_node *each;

	HMAP_FOR_EACH_WITH_HASH (each, prefix_hash(o, prefix), &t->learned) {
		struct learned *l = CONTAINER_OF(each, struct learned, by_prefix);

		if (ip_prefix_equal(&l->prefix, prefix))
			return l;
	}
	return NULL;
}

struct route_job {
	struct orchestrator *o;
	struct program *program;
	bool withdraw;
};

/* What the intent makes under the same key wins. */
static void emit_route(void *context, const char *key, uint64_t epoch, const char *value)
{
	struct route_job *job = context;
	struct orchestrator *o = job->o;
	struct node *node = job->program->node;
	struct object *object = objects_find(o, node, key);

	if (object != NULL && !object->learned && object->mark == job->program->mark)
		return;
	if (job->withdraw) {
		if (object != NULL)
			objects_delete(o, node, object);
		return;
	}
	object = objects_put(o, node, key, epoch, value);
	object->mark = job->program->mark;
	if (object->program != NULL && object->learned)
		return;
	object->learned = true;
	object->program = job->program;
	list_remove(&object->in_program);
	list_push_back(&job->program->learned, &object->in_program);
}

static void put_route(struct orchestrator *o, struct program *program, const struct tenant *t,
		      const struct learned *l, bool withdraw)
{
	struct route_job job = { o, program, withdraw };
	uint32_t id = site_ce_id(t, &l->next_hop);

	overlay_route(t->name, &l->prefix, id, &o->scratch, emit_route, &job);
}

static void update_hosts(struct orchestrator *o, struct tenant *t, const struct learned *l,
			 bool withdraw)
{
	/* a next hop that is no CE: nothing to put, and what was there goes */
	if (site_ce_id(t, &l->next_hop) == 0)
		withdraw = true;
	LIST_FOR_EACH (entry, &t->programs) {
		struct program *program = CONTAINER_OF(entry, struct program, in_tenant);

		if (!program->node->gateway)
			put_route(o, program, t, l, withdraw);
	}
}

static void forget(struct orchestrator *o, struct tenant *t, struct learned *l)
{
	update_hosts(o, t, l, true);
	if (l->stale)
		t->stale_count--;
	hmap_remove(&t->learned, &l->by_prefix);
	mem_free(l);
}

void learned_route_update(struct orchestrator *o, struct tenant *t, const struct ip_prefix *prefix,
			  const struct ip_addr *next_hop, bool withdrawn)
{
	struct learned *l = find(o, t, prefix);

	/* local routes of the instance: their next hops are of the gateway subnet */
	if (!withdrawn && ip_prefix_contains(&t->intent->gateway_subnet, next_hop))
		withdrawn = true;
	if (withdrawn) {
		if (l != NULL)
			forget(o, t, l);
		return;
	}
	if (l == NULL) {
		l = mem_zalloc(sizeof(*l));
		l->prefix = *prefix;
		hmap_insert(&t->learned, &l->by_prefix, prefix_hash(o, prefix));
	} else {
		if (l->stale)
			t->stale_count--;
		l->stale = false;
		if (ip_addr_equal(&l->next_hop, next_hop))
			return;
	}
	l->next_hop = *next_hop;
	update_hosts(o, t, l, false);
}

void learned_restart(struct tenant *t)
{
	struct hmap_node *each;

	t->synced = false;
	t->stale_count = t->learned.count;
	HMAP_FOR_EACH (each, &t->learned) {
		CONTAINER_OF(each, struct learned, by_prefix)->stale = true;
	}
}

void learned_end_of_rib(struct orchestrator *o, struct tenant *t)
{
	struct hmap_node *each, *next;

	HMAP_FOR_EACH_SAFE (each, next, &t->learned) {
		struct learned *l = CONTAINER_OF(each, struct learned, by_prefix);

		if (t->stale_count == 0)
			break;
		if (l->stale)
			forget(o, t, l);
	}
	if (t->synced)
		return;
	t->synced = true;
	orchestrator_log(o, LOG_NOTE, t->name, t->reflector == NULL ? NULL : t->reflector->name,
			 "%zu routes learned, the table is whole", t->learned.count);
	if (!t->hold)
		return;
	t->hold = false;
	stream_release(o, t);
}

void learned_free_all(struct tenant *t)
{
	struct hmap_node *each, *next;

	HMAP_FOR_EACH_SAFE (each, next, &t->learned) {
		mem_free(CONTAINER_OF(each, struct learned, by_prefix));
	}
	hmap_done(&t->learned);
}

static int by_prefix(const void *a, const void *b)
{
	const struct learned *const *left = a, *const *right = b;

	return ip_prefix_compare(&(*left)->prefix, &(*right)->prefix);
}

const struct learned **learned_sorted(const struct tenant *t, size_t *ret_count)
{
	const struct learned **all = mem_alloc((t->learned.count + 1) * sizeof(*all));
	struct hmap_node *each;
	size_t count = 0;

	HMAP_FOR_EACH (each, &t->learned) {
		all[count++] = CONTAINER_OF(each, struct learned, by_prefix);
	}
	qsort(all, count, sizeof(*all), by_prefix);
	*ret_count = count;
	return all;
}

void learned_compile(struct orchestrator *o, struct program *program)
{
	struct tenant *t = program->tenant;
	struct hmap_node *each;

	HMAP_FOR_EACH (each, &t->learned) {
		const struct learned *l = CONTAINER_OF(each, struct learned, by_prefix);

		if (site_ce_id(t, &l->next_hop) != 0)
			put_route(o, program, t, l, false);
	}
}

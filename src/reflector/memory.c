/*
 * memory: the pool of an instance: what it uses memory for, and its limit.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Tables, export groups and logs charge what they take to the account of their purpose; all of it
 * is in the pool (base/mem_account.h), whose budget is the instance's memory-limit. Nothing of an
 * instance is in the pool of another one.
 *
 * At the limit, what can be had back is taken first: readers that are behind lose their place in
 * the log, as slow ones always do. If that is not enough, the peer whose UPDATE made the pool grow
 * gets Cease, Out of Resources (RFC 4486 4); its routes go, and with them what was taken for them.
 * The Adj-RIB-Out grows only when the UPDATE's prefixes are decided, so the limit is looked at then
 * as well. Until what a peer leaves behind is gone, or for some seconds, no other one is blamed.
 *
 * A prefix without paths is kept until every reader has passed its withdrawal. Batches look for
 * those that may go, but not when readers are behind and they are few, and give back arrays after
 * many removals only; what is left when nothing happens any more goes by a timer.
 */
#include "reflector/reflector.h"

#define MIB ((double)(1u << 20))
/* A peer that was reset has so long to go. */
#define RELIEF_S 10
#define SWEEP_WAIT_MIN_S 1
#define SWEEP_WAIT_MAX_S 32

void reflector_memory_init(struct reflector *r)
{
	struct reflector_memory *m = &r->memory;

	mem_account_init(&m->whole, r->config->name, NULL, 0);
	mem_account_init(&m->attributes, "attributes", &m->whole, 0);
	mem_account_init(&m->prefixes, "prefixes", &m->whole, 0);
	mem_account_init(&m->paths, "paths", &m->whole, 0);
	mem_account_init(&m->adj_rib_out, "adj-rib-out", &m->whole, 0);
	mem_account_init(&m->log, "log", &m->whole, 0);
	mem_account_init(&m->other, "other", &m->whole, 0);
	mem_account_charge(&m->other, sizeof(*r));
	m->relief = INSTANT_NEVER;
	r->sweep_deadline = INSTANT_NEVER;
	r->sweep_wait = duration_seconds(SWEEP_WAIT_MIN_S);
	reflector_memory_set_config(r);
}

void reflector_memory_done(struct reflector *r)
{
	struct reflector_memory *m = &r->memory;

	mem_account_release(&m->other, sizeof(*r));
	while (m->whole.parts != NULL)
		mem_account_done(m->whole.parts);
	mem_account_done(&m->whole);
}

void reflector_memory_set_config(struct reflector *r)
{
	r->memory.whole.name = r->config->name;
	r->memory.whole.budget_bytes = r->config->memory_limit_bytes;
}

static void reset(struct reflector_peer *peer, instant_t now)
{
	struct reflector *r = peer->r;
	const struct mem_account *whole = &r->memory.whole;
	struct bgp_notification why;
	char text[128];

	peer->over_limit = true;
	r->memory.relief = instant_add(now, duration_seconds(RELIEF_S));
	r->memory.limit_count++;
	snprintf(
		text, sizeof(text),
		"the instance uses %.1f MiB, more than its memory-limit of %.1f MiB: session reset",
		(double)whole->bytes / MIB, (double)whole->budget_bytes / MIB);
	r->ops->log(r->context, r, 4, &peer->address, text);
	bgp_notification_set(&why, BGP_CEASE, BGP_CEASE_OUT_OF_RESOURCES, NULL, 0);
	r->ops->reset(r->context, peer, &why);
}

static void enforce(struct reflector *r, instant_t now)
{
	struct reflector_peer *peer = r->peers[r->memory.grower];

	if (mem_account_excess(&r->memory.whole) == 0) {
		r->memory.relief = INSTANT_NEVER;
		return;
	}
	if (!instant_is_never(r->memory.relief) && !instant_due(r->memory.relief, now))
		return;
	LIST_FOR_EACH (node, &r->groups)
		export_group_shed_log(CONTAINER_OF(node, struct export_group, node));
	if (mem_account_excess(&r->memory.whole) == 0)
		return;
	r->memory.grower = 0; /* nobody is blamed twice for one growth */
	if (peer != NULL && peer->established && !peer->over_limit)
		reset(peer, now);
}

void reflector_memory_grew(struct reflector_peer *peer, instant_t now)
{
	peer->r->memory.grower = peer->index;
	enforce(peer->r, now);
}

/* Nothing is dirty. */
static bool shrink_family(struct reflector *r, enum bgp_family family, bool eager)
{
	if (!prefix_table_shrink(&r->tables[family], eager))
		return false;
	MEM_ACCOUNT_FREE(&r->memory.other, r->dirty[family].prefixes, r->dirty[family].capacity);
	if (r->zombies[family].count == 0)
		MEM_ACCOUNT_FREE(&r->memory.other, r->zombies[family].prefixes,
				 r->zombies[family].capacity);
	return true;
}

static void shrink(struct reflector *r, bool eager)
{
	bool shrunk[BGP_FAMILY_COUNT];

	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
		shrunk[f] = shrink_family(r, f, eager);
	LIST_FOR_EACH (node, &r->groups) {
		struct export_group *g = CONTAINER_OF(node, struct export_group, node);

		if (shrunk[g->prefixes->family])
			export_group_shrink(g);
		attr_table_shrink(&g->attrs, eager);
	}
	attr_table_shrink(&r->attrs, eager);
}

/* Is there something that a later look may give back? */
static bool is_pending(const struct reflector *r)
{
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
		if (r->zombies[f].count != 0 || prefix_table_may_shrink(&r->tables[f]))
			return true;
	return false;
}

static void settle(struct reflector *r, bool eager, instant_t now)
{
	assert(!reflector_is_dirty(r));
	shrink(r, eager);
	enforce(r, now);
	if (!is_pending(r)) {
		r->sweep_deadline = INSTANT_NEVER;
		r->sweep_wait = duration_seconds(SWEEP_WAIT_MIN_S);
	} else if (instant_is_never(r->sweep_deadline)) {
		r->sweep_deadline = instant_add(now, r->sweep_wait);
	}
}

void reflector_memory_settle(struct reflector *r, instant_t now)
{
	settle(r, false, now);
}

void reflector_memory_tick(struct reflector *r, instant_t now)
{
	if (!instant_due(r->sweep_deadline, now))
		return;
	r->sweep_deadline = INSTANT_NEVER;
	if (reflector_is_dirty(r))
		return; /* _settle follows, and sets it again */
	if (r->sweep_wait.ns < duration_seconds(SWEEP_WAIT_MAX_S).ns)
		r->sweep_wait.ns *= 2;
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
		r->zombies[f].sweep_at = 0;
	reflector_sweep_zombies(r);
	settle(r, true, now);
}

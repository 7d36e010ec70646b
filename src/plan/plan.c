/*
 * plan: where a connection goes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * See plan.h for the rules. One pass per class of candidates, in the order in which the classes are
 * preferred.
 */
#include "plan/plan.h"

enum class {
	CLASS_PREFERRED,
	CLASS_STANDBY, /* idle gateways of pools that keep standbys */
	CLASS_FREE,    /* all but the standbys that the pool has to keep */
	CLASS_ANY,
};

static size_t idle_alive(const struct plan_gateway *gateways, size_t count,
			 const struct plan_pool *pool)
{
	size_t idle = 0;

	for (size_t i = 0; i < count; i++)
		if (gateways[i].pool == pool && gateways[i].alive && gateways[i].idle)
			idle++;
	return idle;
}

static bool in_class(const struct plan_gateway *gateways, size_t count, size_t i,
		     const struct plan_demand *demand, enum class class)
{
	const struct plan_gateway *g = &gateways[i];

	switch (class) {
	case CLASS_PREFERRED:
		return demand->preferred != NULL && strcmp(g->name, demand->preferred) == 0;
	case CLASS_STANDBY:
		return g->idle && g->pool->redundant > 0;
	case CLASS_FREE:
		return !g->idle || idle_alive(gateways, count, g->pool) > g->pool->redundant;
	case CLASS_ANY:
		break;
	}
	return true;
}

/* Is a better than b for a demand that both can hold? */
static bool better(const struct plan_gateway *a, const struct plan_gateway *b)
{
	if (a->free_kbps != b->free_kbps)
		return a->free_kbps < b->free_kbps;
	if (a->reflectors != b->reflectors)
		return a->reflectors < b->reflectors;
	return strcmp(a->name, b->name) < 0;
}

static bool usable(const struct plan_gateway *g, const struct plan_demand *demand)
{
	return g->alive && (demand->avoid == NULL || strcmp(g->name, demand->avoid) != 0);
}

static size_t best_of_class(const struct plan_gateway *gateways, size_t count,
			    const struct plan_demand *demand, enum class class)
{
	size_t best = count;

	for (size_t i = 0; i < count; i++) {
		if (!usable(&gateways[i], demand) || gateways[i].free_kbps < demand->kbps)
			continue;
		if (!in_class(gateways, count, i, demand, class))
			continue;
		if (best == count || better(&gateways[i], &gateways[best]))
			best = i;
	}
	return best;
}

enum plan_result plan_place(const struct plan_gateway *gateways, size_t count,
			    const struct plan_demand *demand, size_t *ret_index,
			    uint64_t *ret_most_free_kbps)
{
	static const enum class normal[] = { CLASS_PREFERRED, CLASS_FREE, CLASS_ANY };
	static const enum class failover[] = { CLASS_PREFERRED, CLASS_STANDBY, CLASS_ANY };
	bool any_alive = false;

	*ret_most_free_kbps = 0;
	for (size_t i = 0; i < count; i++) {
		if (!usable(&gateways[i], demand))
			continue;
		any_alive = true;
		*ret_most_free_kbps = MAX(*ret_most_free_kbps, gateways[i].free_kbps);
	}
	if (count == 0)
		return PLAN_NO_GATEWAY;
	if (!any_alive)
		return PLAN_NONE_ALIVE;
	for (size_t c = 0; c < ARRAY_SIZE(normal); c++) {
		size_t best = best_of_class(gateways, count, demand,
					    demand->failover ? failover[c] : normal[c]);

		if (best != count) {
			*ret_index = best;
			return PLAN_PLACED;
		}
	}
	return PLAN_NO_CAPACITY;
}

size_t plan_reflector(const struct plan_gateway *gateways, const bool *member, size_t count)
{
	size_t best = count;

	for (size_t i = 0; i < count; i++) {
		const struct plan_gateway *g = &gateways[i];

		if (!member[i] || !g->alive)
			continue;
		if (best == count || g->reflectors < gateways[best].reflectors ||
		    (g->reflectors == gateways[best].reflectors &&
		     strcmp(g->name, gateways[best].name) < 0))
			best = i;
	}
	return best;
}

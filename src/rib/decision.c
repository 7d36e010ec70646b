/*
 * decision: which path is best, and why.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rib/decision.h"

/* The order of two paths at one step: negative when a is better. */
typedef int decision_compare(const struct decision_path *a, const struct decision_path *b);

static int compare_u32(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

static int by_freshness(const struct decision_path *a, const struct decision_path *b)
{
	return (int)a->stale - (int)b->stale;
}

static int by_long_lived(const struct decision_path *a, const struct decision_path *b)
{
	return (int)a->long_lived_stale - (int)b->long_lived_stale;
}

static int by_aigp(const struct decision_path *a, const struct decision_path *b)
{
	if (a->has_aigp != b->has_aigp)
		return (int)b->has_aigp - (int)a->has_aigp;
	if (!a->has_aigp || a->aigp == b->aigp)
		return 0;
	return a->aigp < b->aigp ? -1 : 1;
}

static int by_local_pref(const struct decision_path *a, const struct decision_path *b)
{
	return compare_u32(b->local_pref, a->local_pref);
}

static int by_local_origin(const struct decision_path *a, const struct decision_path *b)
{
	return (int)b->local - (int)a->local;
}

static int by_as_path(const struct decision_path *a, const struct decision_path *b)
{
	return (int)a->as_path_length - (int)b->as_path_length;
}

static int by_origin(const struct decision_path *a, const struct decision_path *b)
{
	return (int)a->origin - (int)b->origin;
}

static int by_external(const struct decision_path *a, const struct decision_path *b)
{
	return (int)b->external - (int)a->external;
}

static int by_igp_metric(const struct decision_path *a, const struct decision_path *b)
{
	return compare_u32(a->igp_metric, b->igp_metric);
}

static int by_router_id(const struct decision_path *a, const struct decision_path *b)
{
	return compare_u32(a->router_id, b->router_id);
}

static int by_cluster_list(const struct decision_path *a, const struct decision_path *b)
{
	return (int)a->cluster_list_length - (int)b->cluster_list_length;
}

static int by_peer_address(const struct decision_path *a, const struct decision_path *b)
{
	return ip_addr_compare(a->peer_address, b->peer_address);
}

static int by_path_id(const struct decision_path *a, const struct decision_path *b)
{
	return compare_u32(a->path_id, b->path_id);
}

/* MED has no row: it is no order of all paths (below). */
static const struct {
	enum decision_step step;
	const char *name;
	decision_compare *compare;
} STEPS[] = {
	{ DECISION_ONLY_PATH, "only usable path", NULL },
	{ DECISION_NOT_LONG_LIVED, "not long-lived stale", by_long_lived },
	{ DECISION_FRESH, "fresh over stale", by_freshness },
	{ DECISION_LOCAL_PREF, "higher LOCAL_PREF", by_local_pref },
	{ DECISION_LOCAL_ORIGIN, "own network", by_local_origin },
	{ DECISION_AIGP, "lower AIGP", by_aigp },
	{ DECISION_AS_PATH, "shorter AS_PATH", by_as_path },
	{ DECISION_ORIGIN, "lower ORIGIN", by_origin },
	{ DECISION_MED, "lower MED of one neighbouring AS", NULL },
	{ DECISION_EXTERNAL, "eBGP over iBGP", by_external },
	{ DECISION_IGP_METRIC, "lower metric to the next hop", by_igp_metric },
	{ DECISION_ROUTER_ID, "lower router or ORIGINATOR_ID", by_router_id },
	{ DECISION_CLUSTER_LIST, "shorter CLUSTER_LIST", by_cluster_list },
	{ DECISION_PEER_ADDRESS, "lower peer address", by_peer_address },
	{ DECISION_PATH_ID, "lower path identifier", by_path_id },
};

static void swap(struct decision_path *a, struct decision_path *b)
{
	struct decision_path saved = *a;

	*a = *b;
	*b = saved;
}

/* Moves the paths that leave behind the others; returns how many stay. */
static size_t eliminate(struct decision_path *paths, size_t count, decision_compare *compare)
{
	const struct decision_path *best = &paths[0];
	struct decision_path reference;
	size_t stay = 0;

	for (size_t i = 1; i < count; i++)
		if (compare(&paths[i], best) < 0)
			best = &paths[i];
	reference = *best;
	for (size_t i = 0; i < count; i++)
		if (compare(&paths[i], &reference) == 0)
			swap(&paths[stay++], &paths[i]);
	return stay;
}

static bool beaten_by_med(const struct decision_path *paths, size_t count,
			  const struct decision_path *path)
{
	for (size_t i = 0; i < count; i++)
		if (paths[i].neighbor_as == path->neighbor_as && paths[i].med < path->med)
			return true;
	return false;
}

/* RFC 4271 9.1.2.2 c: a path leaves when another of the same neighbouring AS has a lower MED. */
static size_t eliminate_med(struct decision_path *paths, size_t count)
{
	size_t stay = count;

	for (size_t i = 0; i < stay;) {
		/* Comparing with those that left already is right: whoever beat them beats this
		 * too. */
		if (beaten_by_med(paths, count, &paths[i]))
			swap(&paths[i], &paths[--stay]);
		else
			i++;
	}
	return stay;
}

void decision_run(struct decision_path *paths, size_t count, struct decision_result *ret_result,
		  enum decision_step *lost_at)
{
	size_t left = count;

	*ret_result = (struct decision_result){ .step = DECISION_ONLY_PATH };
	for (size_t s = 1; s < ARRAY_SIZE(STEPS) && left > 1; s++) {
		size_t stay = STEPS[s].step == DECISION_MED
				      ? eliminate_med(paths, left)
				      : eliminate(paths, left, STEPS[s].compare);

		for (size_t i = stay; lost_at != NULL && i < left; i++)
			lost_at[i] = STEPS[s].step;
		if (stay < left) {
			ret_result->step = STEPS[s].step;
			ret_result->runner_up = paths[stay].path;
		}
		left = stay;
	}
	if (count != 0)
		ret_result->winner = paths[0].path;
	for (size_t i = 0; lost_at != NULL && i < left; i++)
		lost_at[i] = DECISION_ONLY_PATH;
}

const char *decision_step_name(enum decision_step step)
{
	return step < ARRAY_SIZE(STEPS) ? STEPS[step].name : "unknown";
}

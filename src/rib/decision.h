/*
 * decision: which path is best, and why.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 9.1.2.2 with RFC 4456 9, the stale rules of RFC 9494 4.4 and RFC 4724 4.2 and the step
 * of RFC 7311 4.1, as an elimination: step by step the paths that are not as good as the best at
 * this step leave. MED is compared among paths of one neighbouring AS only, so the outcome does not
 * depend on the order of the paths.
 */
#ifndef RIB_DECISION_H
#define RIB_DECISION_H

#include "base/base.h"
#include "base/ip.h"

enum decision_step {
	DECISION_ONLY_PATH,	 /* there was nothing to compare with */
	DECISION_NOT_LONG_LIVED, /* LLGR_STALE is less preferred than anything else */
	DECISION_FRESH,		 /* a stale path never beats a fresh one */
	DECISION_LOCAL_PREF,
	DECISION_LOCAL_ORIGIN, /* this instance's own network */
	DECISION_AIGP, /* with it over without; then the lower, metric to the next hop included */
	DECISION_AS_PATH,
	DECISION_ORIGIN,
	DECISION_MED,
	DECISION_EXTERNAL, /* eBGP over iBGP */
	DECISION_IGP_METRIC,
	DECISION_ROUTER_ID, /* or ORIGINATOR_ID */
	DECISION_CLUSTER_LIST,
	DECISION_PEER_ADDRESS,
	DECISION_PATH_ID, /* RFC 7911: the same peer sent both */
	DECISION_STEP_COUNT,
};

struct decision_path {
	uint32_t path;	       /* the caller's number */
	bool long_lived_stale; /* by RFC 9494, here or where it came from */
	bool stale;
	bool has_aigp;
	bool local;
	bool external;
	uint8_t origin;
	uint16_t as_path_length;
	uint16_t cluster_list_length;
	uint32_t local_pref;
	uint32_t med;
	uint32_t neighbor_as;
	uint32_t igp_metric;
	uint64_t aigp;	    /* with the metric to the next hop */
	uint32_t router_id; /* ORIGINATOR_ID where there is one */
	uint32_t path_id;
	const struct ip_addr *peer_address;
};

struct decision_result {
	uint32_t winner;	 /* the caller's number; 0 when there are no paths */
	uint32_t runner_up;	 /* the last path to leave; 0 when there is none */
	enum decision_step step; /* at which the runner-up left */
};

/* Decides among `count` usable paths; the array is reordered. `lost_at` (may be NULL) has room for
 * `count` steps and receives, in the array's final order, the step at which each path left. */
void decision_run(struct decision_path *paths, size_t count, struct decision_result *ret_result,
		  enum decision_step *lost_at);
/* In words, for operators: "lower ORIGIN". */
const char *decision_step_name(enum decision_step step);

#endif

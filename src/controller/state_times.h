/*
 * state_times: since when a resource's configurationState is what it is.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The orchestrator lives on virtual time and gives no date; this gives each state the wall clock of
 * when it was first seen.
 */
#ifndef CONTROLLER_STATE_TIMES_H
#define CONTROLLER_STATE_TIMES_H

#include <jansson.h>

#include "base/base.h"
#include "base/hmap.h"

#define STATE_TIMES_MAX 200000u

struct state_times {
	struct hmap by_ref;
	uint64_t seed;
};

void state_times_init(struct state_times *times, uint64_t seed);
/* Takes a zeroed one. */
void state_times_done(struct state_times *times);
/* Puts lastUpdatedTime into the configurationState (may be NULL) of a resource. */
void state_times_stamp(struct state_times *times, const char *ref, json_t *state, int64_t unix_now);

#endif

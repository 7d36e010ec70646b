/*
 * attribute_check: is what a sink got for a prefix what the feeder announced, reflected by the
 * rules?
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4456 section 8 and 10: ORIGINATOR_ID is the feeder's (or the one that was there),
 * CLUSTER_LIST begins with the reflector's cluster id followed by what was there, and NEXT_HOP,
 * AS_PATH, LOCAL_PREF and MED are unchanged; so is every other attribute that the table has.
 * Prefixes that were announced more than once, or by several feeders, are compared only where all
 * agree.
 */
#ifndef BENCH_ATTRIBUTE_CHECK_H
#define BENCH_ATTRIBUTE_CHECK_H

#include "base/base.h"
#include "base/error.h"
#include "base/reader.h"
#include "table.h"

struct attribute_check {
	const struct table *table;
	uint32_t cluster_id;
	uint64_t checked;
	uint64_t failed;
	struct error first_failure;
};

/* Checks the path attributes that came for the prefix with this number. */
void attribute_check_run(struct attribute_check *check, uint32_t number, struct reader attributes);

#endif

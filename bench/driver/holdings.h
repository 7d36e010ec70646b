/*
 * holdings: the set of prefixes that a stream of BGP messages leaves its receiver with.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A bitmap over the numbers of the table's prefixes, with counts of what is in it and should be in
 * the end, and of what should not. Only NLRI are parsed; the attributes of a sample are checked.
 */
#ifndef BENCH_HOLDINGS_H
#define BENCH_HOLDINGS_H

#include "attribute_check.h"
#include "base/base.h"
#include "base/error.h"
#include "table.h"

struct holdings {
	uint64_t *bitmap; /* by prefix number */
	uint32_t right;	  /* held, and expected at the end */
	uint32_t wrong;	  /* held, and not expected at the end */
	uint64_t updates;
	uint64_t announced;
	uint64_t withdrawn;
	uint64_t withdrawn_idle; /* withdrawals of what was not held */
	bool end_of_rib;
};

/* What parsing needs beside the set; shared by all sets of a thread. */
struct holdings_reader {
	const struct table *table;
	struct attribute_check check;
	uint32_t sample; /* one UPDATE in this many is checked; 0: none */
	uint64_t *steps; /* prefix keys in order of arrival; the top bit: withdrawn */
	size_t step_count;
};

void holdings_reader_init(struct holdings_reader *reader, const struct table *table,
			  uint32_t cluster_id, uint32_t sample);
void holdings_reader_done(struct holdings_reader *reader);

void holdings_init(struct holdings *holdings, const struct table *table);
void holdings_done(struct holdings *holdings);

/* Applies the whole messages at the start of `bytes`; *ret_used is how long they are together. An
 * error is a message that is wrong, a NOTIFICATION, or a prefix that nobody announced. */
int holdings_apply(struct holdings *holdings, struct holdings_reader *reader, const uint8_t *bytes,
		   size_t length, size_t *ret_used, struct error *e) MUST_CHECK;

/* A prefix key that is held and not wanted, or wanted and not held; 0 when there is none. */
uint64_t holdings_difference(const struct holdings *holdings, const struct table *table,
			     bool want_table);

static inline bool holdings_are_exact(const struct holdings *holdings, const struct table *table,
				      bool want_table)
{
	return holdings->wrong == 0 && holdings->right == (want_table ? table->expected_count : 0);
}

#endif

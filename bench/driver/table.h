/*
 * table: what the feeders feed, and what every sink must hold in the end.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A table is one stream of ready UPDATE messages per feeder, taken from a file of concatenated BGP
 * messages or generated. It is replayed once when it is made, to know the exact set of prefixes
 * that is left at the end (the file repeats some prefixes and withdraws others) and where the
 * attributes of each prefix were announced.
 */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include "base/base.h"
#include "base/error.h"
#include "prefix_index.h"

#define TABLE_FEEDERS_MAX 1000

struct table_stream {
	uint8_t *bytes;
	size_t length;
	uint32_t marker; /* offset of the message with the feeder's own prefix, in a shared table */
	uint32_t messages;
	uint32_t announced; /* NLRI, repeated ones included */
};

/* Where a prefix was announced last; `messages` 0: nowhere, more than 1: more than once. */
struct table_origin {
	uint32_t stream;
	uint32_t offset; /* of the message in the stream */
	uint32_t messages;
};

struct table {
	struct table_stream *streams;
	uint32_t stream_count;
	bool shared; /* several streams announce the same prefixes: origins are of stream 0 */
	struct prefix_index index;
	struct table_origin *origins; /* by prefix number */
	uint64_t *expected;	      /* bitmap by prefix number */
	uint32_t expected_count;
};

struct table_plan {
	const char *file; /* NULL: generate */
	uint32_t prefixes;
	uint32_t feeders;
	bool disjoint;	 /* each feeder its own prefixes (of a generated table) */
	uint32_t own_as; /* the reflector's */
	uint32_t (*feeder_address)(uint32_t feeder);
};

int table_init(struct table *table, const struct table_plan *plan, struct error *e) MUST_CHECK;
void table_done(struct table *table);

static inline bool table_expects(const struct table *table, uint32_t number)
{
	return table->expected[number / 64] >> (number % 64) & 1;
}

static inline size_t table_bitmap_words(const struct table *table)
{
	return (size_t)table->index.count / 64 + 1;
}

#endif

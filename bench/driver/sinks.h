/*
 * sinks: the sessions that receive, and know which prefixes each holds.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One thread reads all sinks, 64 KB at a time, and parses only NLRI. A sink's set is a bitmap over
 * the numbers of the table's prefixes; it is exact when the bitmap equals what is wanted, which is
 * the table's expected set or nothing. The time at which the last sink became exact is the result.
 */
#ifndef BENCH_SINKS_H
#define BENCH_SINKS_H

#include <pthread.h>

#include "attribute_check.h"
#include "base/base.h"
#include "base/error.h"
#include "base/instant.h"
#include "session.h"
#include "table.h"

enum sinks_goal {
	SINKS_WANT_TABLE,
	SINKS_WANT_NOTHING,
};

struct sink {
	struct session *session;
	uint64_t *holds; /* bitmap by prefix number */
	uint32_t right;	 /* held and expected */
	uint32_t wrong;	 /* held and not expected at the end */
	bool exact;
	instant_t exact_at;
	uint64_t bytes;
	uint64_t updates;
	uint64_t announced;
	uint64_t withdrawn;
	uint64_t withdrawn_idle; /* withdrawals of what it did not hold */
	bool end_of_rib;
};

struct sinks {
	struct sink *sinks;
	size_t count;
	const struct table *table;
	struct attribute_check check;
	uint32_t sample; /* one UPDATE in this many is checked; 0: none */

	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int epoll;
	int wake;
	bool stop;
	enum sinks_goal goal;
	size_t exact_count;
	bool failed;
	struct error failure;
	double cpu_seconds;
	uint64_t bytes; /* received, by all */

	uint8_t *buffer;
	uint64_t *steps; /* prefix keys of one read, in order; the top bit: withdrawn */
	size_t step_count;
};

/* Starts the thread over `count` Established sessions, which it borrows. */
int sinks_start(struct sinks *sinks, struct session *sessions, size_t count,
		const struct table *table, uint32_t cluster_id, uint32_t sample,
		struct error *e) MUST_CHECK;
/* Sets what is wanted from now on. */
void sinks_want(struct sinks *sinks, enum sinks_goal goal);
/* Waits until every sink is exact, for at most `timeout`. */
int sinks_wait(struct sinks *sinks, duration_t timeout, struct error *e) MUST_CHECK;
/* Are all of them exact, and none failed, right now? */
bool sinks_all_exact(struct sinks *sinks);
/* The time at which the first, or the last, became exact. */
instant_t sinks_exact_at(struct sinks *sinks, bool last);
/* Ends the thread; counters stay readable. */
void sinks_stop(struct sinks *sinks);
void sinks_done(struct sinks *sinks);

#endif

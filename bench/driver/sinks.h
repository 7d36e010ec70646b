/*
 * sinks: the sessions that receive, and know which prefixes each holds.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One thread reads all sinks, 64 KB at a time. A sink is exact when its set of prefixes equals what
 * is wanted: the table's expected set, or nothing. The time at which the last one became exact is
 * the result.
 *
 * So that the driver is not what is measured, a stream is parsed only once: the longest stream that
 * any sink got so far is kept, with the set it leads to. A sink whose own octets are the same,
 * octet by octet, has the same set at the same place; it is only compared. From the first octet
 * that differs a sink goes its own way, with a set of its own.
 */
#ifndef BENCH_SINKS_H
#define BENCH_SINKS_H

#include <pthread.h>

#include "base/base.h"
#include "base/error.h"
#include "base/instant.h"
#include "holdings.h"
#include "session.h"
#include "table.h"

enum sinks_goal {
	SINKS_WANT_TABLE,
	SINKS_WANT_NOTHING,
};

struct sink {
	struct session *session;
	uint64_t bytes;
	bool own_way;
	size_t followed;	  /* octets of the lead's stream that it has got, until own_way */
	struct holdings holdings; /* when own_way */
	bool exact;
	instant_t exact_at;
};

/* The longest stream so far. */
struct sinks_lead {
	uint8_t *bytes;
	size_t length;
	size_t capacity;
	size_t applied; /* octets of whole messages, which are in `holdings` */
	struct holdings holdings;
	bool exact;
	size_t exact_from; /* the place in the stream from which on it is exact */
};

struct sinks {
	struct sink *sinks;
	size_t count;
	const struct table *table;
	struct holdings_reader reader;
	struct sinks_lead lead;

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
/* The set of a sink, after sinks_stop. */
const struct holdings *sinks_holdings(const struct sinks *sinks, size_t number);
void sinks_done(struct sinks *sinks);

#endif

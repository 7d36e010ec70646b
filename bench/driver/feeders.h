/*
 * feeders: the sessions that announce the table, and then leave.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One thread writes all feeders' streams, as fast as the sockets take them, and throws away what
 * comes back (a feeder is a client like any other and gets the others' routes).
 */
#ifndef BENCH_FEEDERS_H
#define BENCH_FEEDERS_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/base.h"
#include "base/error.h"
#include "base/instant.h"
#include "session.h"
#include "table.h"

struct feeder {
	struct session *session;
	const struct table_stream *stream;
	size_t sent;
	bool finished; /* stream and End-of-RIB are with the kernel */
};

struct feeders {
	struct feeder *feeders;
	size_t count;
	size_t finished_count;
	pthread_t thread;
	int epoll;
	int wake;
	atomic_bool leave;
	atomic_bool failed;
	struct error failure; /* readable when failed */
	instant_t first_byte; /* readable after feeders_leave or once a sink has something */
	instant_t last_byte;
	instant_t left;
	double cpu_seconds;
};

/* Starts the thread over `count` Established sessions, which it borrows; feeding begins at once. */
int feeders_start(struct feeders *feeders, struct session *sessions, size_t count,
		  const struct table *table, struct error *e) MUST_CHECK;
/* Every feeder sends a NOTIFICATION (Cease) and closes; the thread ends. `left` is when that began.
 */
void feeders_leave(struct feeders *feeders);
void feeders_done(struct feeders *feeders);

#endif

/*
 * usage: what the daemon under test has used: CPU time and memory of all its processes.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BENCH_USAGE_H
#define BENCH_USAGE_H

#include <sys/types.h>

#include "base/base.h"

#define USAGE_PROCESSES_MAX 16

struct usage_watch {
	pid_t pids[USAGE_PROCESSES_MAX];
	size_t count;
};

struct usage {
	double cpu_seconds;
	uint64_t rss_bytes;
	uint64_t rss_peak_bytes;
};

/* The sum over the processes; one that is gone counts as nothing. */
struct usage usage_read(const struct usage_watch *watch);

#endif

/*
 * usage: what the daemon under test has used: CPU time and memory of all its processes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * See usage.h. CPU comes from the process's CPU clock (nanoseconds), memory from /proc/PID/status.
 */
#include "usage.h"

#include <inttypes.h>
#include <time.h>

static void add_memory(pid_t pid, struct usage *usage)
{
	char path[64], line[256];
	uint64_t kilobytes;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "VmRSS: %" SCNu64, &kilobytes) == 1)
			usage->rss_bytes += kilobytes * 1024;
		else if (sscanf(line, "VmHWM: %" SCNu64, &kilobytes) == 1)
			usage->rss_peak_bytes += kilobytes * 1024;
	}
	fclose(file);
}

struct usage usage_read(const struct usage_watch *watch)
{
	struct usage usage = { 0 };

	for (size_t i = 0; i < watch->count; i++) {
		struct timespec cpu;
		clockid_t clock;

		if (clock_getcpuclockid(watch->pids[i], &clock) == 0 &&
		    clock_gettime(clock, &cpu) == 0)
			usage.cpu_seconds += (double)cpu.tv_sec + (double)cpu.tv_nsec * 1e-9;
		add_memory(watch->pids[i], &usage);
	}
	return usage;
}

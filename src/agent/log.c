/*
 * log: one line on standard error for each event.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "agent/log.h"

#include <time.h>

static enum log_level log_level_max = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
	log_level_max = level;
}

void log_event(enum log_level level, const char *tenant, const char *format, ...)
{
	char line[1024], start[64];
	struct timespec ts;
	struct tm tm;
	va_list args;

	if (level > log_level_max)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	for (char *c = line; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ')
			*c = ' ';
	}
	if (getenv("JOURNAL_STREAM") != NULL) {
		snprintf(start, sizeof(start), "<%d>", (int)level);
	} else {
		clock_gettime(CLOCK_REALTIME, &ts);
		gmtime_r(&ts.tv_sec, &tm);
		snprintf(start, sizeof(start), "%02d:%02d:%02d.%03d ", tm.tm_hour, tm.tm_min,
			 tm.tm_sec, (int)(ts.tv_nsec / 1000000));
	}
	if (tenant != NULL && tenant[0] != '\0')
		fprintf(stderr, "%shelio-agent: tenant=%s %s\n", start, tenant, line);
	else
		fprintf(stderr, "%shelio-agent: %s\n", start, line);
}

/*
 * log: lines on stderr, with fields.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "controller/log.h"

#include <time.h>

#include "base/buf.h"

static int log_level = LOG_INFO;

void log_set_level(int level)
{
	log_level = level;
}

void log_event(int level, const char *tenant, const char *node, const char *format, ...)
{
	static const char *const names[] = { "emergency", "alert",  "critical", "error",
					     "warning",	  "notice", "info",	"debug" };
	char stamp[32], text[1024];
	time_t now = time(NULL);
	struct tm utc;
	struct buf line;
	va_list args;

	if (level > log_level)
		return;
	gmtime_r(&now, &utc);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &utc);
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (char *c = text; *c != '\0'; c++) { /* one event, one line of ASCII */
		if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
			*c = '?';
	}
	buf_init(&line, 4096);
	buf_printf(&line, "%s %s ", stamp, names[level & 7]);
	if (tenant != NULL)
		buf_printf(&line, "tenant=%s ", tenant);
	if (node != NULL)
		buf_printf(&line, "node=%s ", node);
	buf_printf(&line, "%s\n", text);
	fputs(buf_text(&line), stderr);
	buf_done(&line);
}

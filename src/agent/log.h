/*
 * log: one line on standard error for each event, with the tenant as a field.
 * SPDX-License-Identifier: Apache-2.0
 *
 * With a journal on standard error the lines begin with the priority that it understands (<4>),
 * else with the time.
 */
#ifndef AGENT_LOG_H
#define AGENT_LOG_H

#include "base/base.h"

enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

void log_set_level(enum log_level level);
/* `tenant` NULL or "": the event is no tenant's. */
void log_event(enum log_level level, const char *tenant, const char *format, ...) PRINTF(3, 4);

#endif

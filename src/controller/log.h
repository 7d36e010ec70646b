/*
 * log: lines on stderr, with fields.
 * SPDX-License-Identifier: Apache-2.0
 *
 *	2026-11-22T22:45:10Z notice tenant=T1 node=gw2 text
 */
#ifndef CONTROLLER_LOG_H
#define CONTROLLER_LOG_H

#include <syslog.h>

#include "base/base.h"

/* Levels are syslog's; what is above `level` is not written. */
void log_set_level(int level);
/* `tenant` and `node` may be NULL. */
void log_event(int level, const char *tenant, const char *node, const char *format, ...)
	PRINTF(4, 5);

#endif

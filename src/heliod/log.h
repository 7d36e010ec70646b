/*
 * log: heliod's log lines on stderr.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Tenant and peer are fields: "instance=T1 peer=10.0.0.2 session established". Under systemd a line
 * starts with its level ("<5>", sd-daemon(3)).
 */
#ifndef HELIOD_LOG_H
#define HELIOD_LOG_H

#include "base/base.h"
#include "base/ip.h"

#define LOG_ERROR 3
#define LOG_WARNING 4
#define LOG_NOTICE 5
#define LOG_INFO 6
#define LOG_DEBUG 7

/* Lines above `level` are left out. */
void log_init(int level);
/* `instance` and `peer` may be NULL. */
void log_text(int level, const char *instance, const struct ip_addr *peer, const char *text);
void log_line(int level, const char *format, ...) PRINTF(2, 3);

#endif

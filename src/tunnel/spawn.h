/*
 * spawn: other programs, run with clean signals and no inherited descriptors.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TUNNEL_SPAWN_H
#define TUNNEL_SPAWN_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

/* Starts a program found on the PATH, with standard input, output and error on /dev/null. Returns
 * its process (the caller's to wait for), or -1. */
pid_t spawn_start(const char *const *argv, struct error *e) MUST_CHECK;

/* Runs a program to its end, inside the namespace (-1: the present one), with `input` (may be NULL)
 * on its standard input, and collects its standard output (may be NULL). Blocks; for programs that
 * end at once. Returns 0 when it ends with status 0. */
int spawn_run(const char *const *argv, int netns_fd, const struct buf *input, struct buf *output,
	      struct error *e) MUST_CHECK;

/* Is there such a program on the PATH? */
bool spawn_has(const char *program);

#endif

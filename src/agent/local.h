/*
 * local: the agent's listening sockets, in its run folder.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AGENT_LOCAL_H
#define AGENT_LOCAL_H

#include "agent/agent.h"

/* Listens on a unix stream socket NAME in the run folder: for root and, when one is configured, for
 * heliod's user. Returns the descriptor, or -1. */
int local_listen(const struct agent *agent, const char *name, struct error *e) MUST_CHECK;

#endif

/*
 * cli_rpc: calls on heliod's control socket.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_CLI_RPC_H
#define CLI_CLI_RPC_H

#include "cli/cli.h"

/* One page of the answer; `more` tells that others follow. Not 0 ends the call. */
typedef int cli_rpc_page_fn(const json_t *result, bool more, void *arg);

/* Calls and hands over every page. `params` is borrowed and may be NULL. 0, or -1 with *e; what the
 * page function gave, when that is not 0. */
int cli_rpc_call(const char *socket, const char *method, const json_t *params,
		 cli_rpc_page_fn *page, void *arg, struct error *e) MUST_CHECK;
/* The same for an answer that is an object, its pages put together: a new reference, or NULL with
 * *e. */
json_t *cli_rpc_get(const char *socket, const char *method, const json_t *params,
		    struct error *e) MUST_CHECK;

#endif

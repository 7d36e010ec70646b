/*
 * control: the control socket: JSON-RPC for the agent and for operators.
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/INTERFACES.md section 3. Many clients; none can hold the process up: what a client does not
 * read stays in a buffer of bounded size, a long answer is made page by page as the buffer empties,
 * and the client's next request waits until then.
 */
#ifndef HELIOD_CONTROL_H
#define HELIOD_CONTROL_H

#include <jansson.h>

#include "os/loop.h"

struct control;

/* Answers one method. The result is a new reference; NULL with *code and *e. `cursor` is 0 for the
 * first page; a result with "more": true is followed by another call with the same params. */
typedef json_t *control_call_fn(const char *method, const json_t *params, uint64_t *cursor,
				int *code, struct error *e, void *arg);

struct control *control_new(struct loop *loop, const char *path, control_call_fn *call, void *arg,
			    struct error *e) MUST_CHECK;
void control_free(struct control *control);

#endif

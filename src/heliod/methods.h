/*
 * methods: what the control socket answers.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HELIOD_METHODS_H
#define HELIOD_METHODS_H

#include <jansson.h>

#include "base/error.h"

/* A control_call_fn; arg is the struct daemon. */
json_t *methods_call(const char *method, const json_t *params, uint64_t *cursor, int *code,
		     struct error *e, void *arg);

#endif

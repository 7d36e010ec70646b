/*
 * config_file: heliod's file, read from disk and checked whole.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HELIOD_CONFIG_FILE_H
#define HELIOD_CONFIG_FILE_H

#include "model/heliod_config.h"

/* NULL with *e ("FILE:LINE:COLUMN: path: what"). */
struct heliod_config *config_file_load(const char *path, struct error *e) MUST_CHECK;

/* What the model cannot know of an instance: the address families that there are. `path` starts the
 * error. */
int config_file_check_instance(const struct instance_config *config, const char *path,
			       struct error *e) MUST_CHECK;

#endif

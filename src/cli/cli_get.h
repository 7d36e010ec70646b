/*
 * cli_get: get and describe: the controller's resources as tables, documents and words.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_CLI_GET_H
#define CLI_CLI_GET_H

#include "cli/cli.h"

int cli_get(const struct cli *cli);
int cli_get_describe(const struct cli *cli);

#endif

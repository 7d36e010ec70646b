/*
 * cli_apply: apply, delete and connection move: commands that change resources, and wait for them.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_CLI_APPLY_H
#define CLI_CLI_APPLY_H

#include "cli/cli.h"

int cli_apply(const struct cli *cli);
int cli_apply_delete(const struct cli *cli);
int cli_apply_move(const struct cli *cli);

#endif

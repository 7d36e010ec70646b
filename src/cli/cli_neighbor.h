/*
 * cli_neighbor: what a neighbor said of itself in OPEN, and how each family goes.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_CLI_NEIGHBOR_H
#define CLI_CLI_NEIGHBOR_H

#include "cli/cli.h"

/* The member `capabilities` as a table with a line for each: ours, theirs. */
void cli_neighbor_capabilities(const json_t *capabilities);
/* The member `afi-safis`, a line for each family. */
void cli_neighbor_families(const json_t *families);

#endif

/*
 * cli_show: heliod's answers as operators read them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each takes the result of a method of docs/INTERFACES.md section 3 and prints it. Members that are
 * absent are left empty.
 */
#ifndef CLI_CLI_SHOW_H
#define CLI_CLI_SHOW_H

#include "cli/cli.h"

void cli_show_summary(const json_t *result);
void cli_show_neighbors(const json_t *result);
/* One page; the heading is printed with the first, and the name of a family before its routes. */
struct cli_show_routes_state {
	bool headed;
	int width; /* of the column of prefixes */
	char family[40];
};
void cli_show_routes(const json_t *result, struct cli_show_routes_state *state);
void cli_show_explain(const json_t *result);

#endif

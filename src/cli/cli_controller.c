/*
 * cli_controller: the commands that ask the controller.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli.h"
#include "cli/cli_apply.h"
#include "cli/cli_get.h"

const struct cli_command cli_controller_commands[] = {
	{ "get", "KIND [NAME]",
	  "the controller's resources; also networkConnections, bgpPeers, routes [TENANT]",
	  CLI_CONTROLLER, 1, 2, cli_get },
	{ "describe", "KIND NAME", "everything about one resource", CLI_CONTROLLER, 2, 2,
	  cli_get_describe },
	{ "apply", "-f FILE|DIRECTORY|-", "makes and changes resources",
	  CLI_CONTROLLER | CLI_OPTION_FILE | CLI_OPTION_WAIT | CLI_OPTION_DRY_RUN, 0, 0,
	  cli_apply },
	{ "delete", "KIND NAME | -f FILE", "deletes resources",
	  CLI_CONTROLLER | CLI_OPTION_FILE | CLI_OPTION_DRY_RUN, 0, 2, cli_apply_delete },
	{ "connection move", "TENANT/NAME --to GATEWAY", "moves a tunnel to another gateway",
	  CLI_CONTROLLER | CLI_OPTION_TO | CLI_OPTION_WAIT | CLI_OPTION_DRY_RUN, 1, 1,
	  cli_apply_move },
	{ .words = NULL },
};

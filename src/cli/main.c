/*
 * main: helioctl's tables of commands.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli.h"

int main(int argc, char **argv)
{
	static const struct cli_command *const tables[] = {
		cli_heliod_commands,
		cli_controller_commands,
		cli_decode_commands,
		NULL,
	};

	return cli_main(tables, argc, argv);
}

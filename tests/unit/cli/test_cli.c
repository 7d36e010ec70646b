/*
 * test_cli: the command line: options anywhere, commands by their words, and what is refused.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/cli.h"

static struct cli seen;
static size_t runs;

static int run(const struct cli *cli)
{
	seen = *cli;
	runs++;
	return 7;
}

static const struct cli_command commands[] = {
	{ "show", "", "everything", CLI_OPTION_SOCKET, 0, 0, run },
	{ "show routes", "[PREFIX]", "routes", CLI_HELIOD, 0, 1, run },
	{ "apply", "", "applies", CLI_OPTION_FILE | CLI_OPTION_WAIT, 0, 0, run },
	{ .words = NULL },
};
static const struct cli_command *const tables[] = { commands, NULL };

/* `line` is split at spaces. */
static int command_line(const char *line)
{
	static char copy[256]; /* what was seen points into it */
	char *words[32] = { (char *)(uintptr_t) "helioctl" };
	char *rest = NULL;
	int count = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok_r(copy, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	runs = 0;
	return cli_main(tables, count, words);
}

static void test_options_anywhere(void **state)
{
	(void)state;
	assert_int_equal(command_line("--socket /s show routes 10.0.0.0/8 --instance T1 -o yaml"),
			 7);
	assert_string_equal(seen.socket, "/s");
	assert_string_equal(seen.instance, "T1");
	assert_int_equal(seen.format, CLI_YAML);
	assert_int_equal(seen.argument_count, 1);
	assert_string_equal(seen.arguments[0], "10.0.0.0/8");
	assert_int_equal(command_line("show --json routes --instance=T2"), 7);
	assert_string_equal(seen.instance, "T2");
	assert_int_equal(seen.format, CLI_JSON);
	assert_int_equal(command_line("show"), 7);
	assert_null(seen.instance);
}

static void test_wait(void **state)
{
	(void)state;
	assert_int_equal(command_line("apply -f file --wait"), 7);
	assert_true(seen.wait);
	assert_int_equal(seen.wait_seconds, CLI_WAIT_SECONDS_DEFAULT);
	assert_string_equal(seen.file, "file");
	assert_int_equal(command_line("apply --wait 5 -f file"), 7);
	assert_int_equal(seen.wait_seconds, 5);
	assert_int_equal(command_line("apply --wait=6"), 7);
	assert_int_equal(seen.wait_seconds, 6);
	assert_int_equal(command_line("apply"), 7);
	assert_false(seen.wait);
}

static void test_refused(void **state)
{
	static const char *const lines[] = {
		"nothing",
		"show --instance T1",
		"show routes a b",
		"show routes --what",
		"show routes --instance",
		"show routes -o xml",
		"apply --wait=soon",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		assert_int_equal(command_line(lines[i]), CLI_USAGE);
		assert_int_equal(runs, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_anywhere),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

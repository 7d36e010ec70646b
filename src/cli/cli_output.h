/*
 * cli_output: tables, JSON and YAML on stdout.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_CLI_OUTPUT_H
#define CLI_CLI_OUTPUT_H

#include "cli/cli.h"

#define CLI_COLUMNS_MAX 16u

/* A table that is kept until it is printed, so that columns are as wide as what is in them. */
struct cli_table {
	const char *const *headings; /* NULL after the last; "<" before one: left, ">": right */
	size_t column_count;
	char **cells;
	size_t cell_count;
	size_t cell_capacity;
};

void cli_table_init(struct cli_table *table, const char *const *headings);
void cli_table_done(struct cli_table *table);
/* Adds the next cell; rows fill up from the left. */
void cli_table_add(struct cli_table *table, const char *text);
void cli_table_printf(struct cli_table *table, const char *format, ...) PRINTF(2, 3);
/* Prints it, each line after `indent`, and empties it; "" for headings that are all empty. */
void cli_table_print(struct cli_table *table, const char *indent);

/* The value as JSON (indented) or YAML, and a newline. */
void cli_print_json(const json_t *value);
void cli_print_yaml(const json_t *value);
/* By the format: true when it was printed; false for CLI_TABLE, which the caller does. */
bool cli_print_document(const struct cli *cli, const json_t *value) MUST_CHECK;

/* Members of an object as text: "" when absent; numbers are printed. `text` is used when needed. */
#define CLI_MEMBER_TEXT_MAX 32
const char *cli_member(const json_t *object, const char *key,
		       char text[static CLI_MEMBER_TEXT_MAX]);

#endif

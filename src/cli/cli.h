/*
 * cli: helioctl's frame: options, the table of commands, help.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A command is a row in a table: its words, its arguments, the options that it takes, and a
 * function. Options may stand anywhere on the line. A file of commands exports its table, and
 * main.c lists the tables; a command knows nothing of argv. Results go to stdout through
 * cli_output.h, reasons to stderr with cli_fail.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <jansson.h>

#include "base/base.h"
#include "base/error.h"

#define CLI_ARGUMENTS_MAX 64

/* Exit statuses. */
#define CLI_OK 0
#define CLI_FAILED 1
#define CLI_USAGE 2

enum cli_format {
	CLI_TABLE,
	CLI_JSON,
	CLI_YAML,
};

/* The options that a command takes, as bits; --json, -o and --help go with every command. */
#define CLI_OPTION_SOCKET (1u << 0)	/* --socket PATH, HELIOCTL_SOCKET */
#define CLI_OPTION_SERVER (1u << 1)	/* --server URL, HELIOCTL_SERVER */
#define CLI_OPTION_TOKEN_FILE (1u << 2) /* --token-file FILE, HELIOCTL_TOKEN_FILE */
#define CLI_OPTION_INSTANCE (1u << 3)	/* --instance NAME */
#define CLI_OPTION_NEIGHBOR (1u << 4)	/* --neighbor ADDRESS */
#define CLI_OPTION_KIND (1u << 5)	/* --kind loc-rib|adj-rib-in|adj-rib-out */
#define CLI_OPTION_FILE (1u << 6)	/* -f FILE|DIRECTORY */
#define CLI_OPTION_WAIT (1u << 7)	/* --wait[=SECONDS], or --wait SECONDS */
#define CLI_OPTION_TO (1u << 8)		/* --to NAME */
#define CLI_OPTION_FAMILY (1u << 9)	/* --family NAME */
#define CLI_OPTION_DRY_RUN (1u << 10)	/* --dry-run */
#define CLI_OPTION_TLS (1u << 11)	/* --ca, --cert, --key FILE; HELIOCTL_CA, _CERT, _KEY */
#define CLI_OPTION_DECODE (1u << 12)	/* --raw, --mrt, --bmp ...: struct cli_decode_options */
#define CLI_HELIOD (CLI_OPTION_SOCKET | CLI_OPTION_INSTANCE)
#define CLI_CONTROLLER (CLI_OPTION_SERVER | CLI_OPTION_TOKEN_FILE | CLI_OPTION_TLS)

#define CLI_WAIT_SECONDS_DEFAULT 60

/* What `decode` is told; NULL and false: nothing. */
struct cli_decode_options {
	bool raw, mrt, bmp;
	bool hex;
	bool as2;
	const char *add_path;
	const char *type;
	bool lines;
	bool summary;
	const char *prefix;
	const char *exact;
	const char *covering;
	const char *as_path;
	const char *community;
	const char *peer;
	const char *since;
	const char *until;
	const char *limit;
};

struct cli {
	enum cli_format format;
	const char *socket;	/* never NULL */
	const char *server;	/* never NULL */
	const char *token_file; /* NULL: none; likewise the following */
	const char *instance;
	const char *neighbor;
	const char *kind;
	const char *family;
	const char *file;
	const char *to;
	const char *ca;
	const char *cert;
	const char *key;
	struct cli_decode_options decode;
	bool dry_run;
	bool wait;
	unsigned wait_seconds;
	/* what stands behind the words of the command */
	const char *arguments[CLI_ARGUMENTS_MAX];
	size_t argument_count;
};

struct cli_command {
	const char *words;     /* "show routes" */
	const char *arguments; /* for help: "[PREFIX]" */
	const char *help;      /* one line */
	unsigned options;
	size_t arguments_min, arguments_max;
	int (*run)(const struct cli *cli); /* an exit status */
};

/* Tables end with a row whose words are NULL; the list of tables with NULL. */
extern const struct cli_command cli_heliod_commands[];
extern const struct cli_command cli_controller_commands[];
extern const struct cli_command cli_decode_commands[];

/* Parses the line and runs the command: an exit status. */
int cli_main(const struct cli_command *const *tables, int argc, char **argv);

/* "helioctl: text" on stderr. Returns CLI_FAILED. */
int cli_fail(const char *format, ...) PRINTF(1, 2);
/* The same for a struct error. */
int cli_fail_error(const struct error *e);

#endif

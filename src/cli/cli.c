/*
 * cli: helioctl's frame: options, the table of commands, help.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli.h"

#include <stdlib.h>

#define SOCKET_DEFAULT "/run/heliod/control.sock"
#define SERVER_DEFAULT "http://127.0.0.1:8080"

enum value_kind {
	VALUE_NONE,
	VALUE_TEXT,
	VALUE_WAIT, /* an optional number */
	VALUE_FLAG, /* none: it sets a bool in struct cli */
};

struct option {
	const char *name;
	const char *value; /* for help; NULL: takes none */
	const char *help;
	enum value_kind kind;
	unsigned bit;  /* 0: goes with every command */
	size_t offset; /* of a const char *, or a bool, in struct cli */
};

static const struct option options[] = {
	{ "--socket", "PATH", "heliod's control socket (HELIOCTL_SOCKET; " SOCKET_DEFAULT ")",
	  VALUE_TEXT, CLI_OPTION_SOCKET, offsetof(struct cli, socket) },
	{ "--server", "URL", "the controller (HELIOCTL_SERVER; " SERVER_DEFAULT ")", VALUE_TEXT,
	  CLI_OPTION_SERVER, offsetof(struct cli, server) },
	{ "--token-file", "FILE", "holds the bearer token (HELIOCTL_TOKEN_FILE)", VALUE_TEXT,
	  CLI_OPTION_TOKEN_FILE, offsetof(struct cli, token_file) },
	{ "--instance", "NAME", "only this instance (tenant)", VALUE_TEXT, CLI_OPTION_INSTANCE,
	  offsetof(struct cli, instance) },
	{ "--neighbor", "ADDRESS", "only this neighbor", VALUE_TEXT, CLI_OPTION_NEIGHBOR,
	  offsetof(struct cli, neighbor) },
	{ "--kind", "KIND", "loc-rib (default), adj-rib-in or adj-rib-out", VALUE_TEXT,
	  CLI_OPTION_KIND, offsetof(struct cli, kind) },
	{ "--family", "FAMILY", "address family, as ipv4-unicast", VALUE_TEXT, CLI_OPTION_FAMILY,
	  offsetof(struct cli, family) },
	{ "-f", "FILE", "file or directory of documents", VALUE_TEXT, CLI_OPTION_FILE,
	  offsetof(struct cli, file) },
	{ "--wait", "[SECONDS]", "wait until it is done", VALUE_WAIT, CLI_OPTION_WAIT, 0 },
	{ "--dry-run", NULL, "check only, and change nothing", VALUE_NONE, CLI_OPTION_DRY_RUN, 0 },
	{ "--ca", "FILE", "who signed the controller's certificate (HELIOCTL_CA)", VALUE_TEXT,
	  CLI_OPTION_TLS, offsetof(struct cli, ca) },
	{ "--cert", "FILE", "one's own certificate (HELIOCTL_CERT)", VALUE_TEXT, CLI_OPTION_TLS,
	  offsetof(struct cli, cert) },
	{ "--key", "FILE", "and its key (HELIOCTL_KEY)", VALUE_TEXT, CLI_OPTION_TLS,
	  offsetof(struct cli, key) },
	{ "--to", "NAME", "where to", VALUE_TEXT, CLI_OPTION_TO, offsetof(struct cli, to) },
	{ "--mrt", NULL, "the file is MRT (RFC 6396); else what it looks like", VALUE_FLAG,
	  CLI_OPTION_DECODE, offsetof(struct cli, decode.mrt) },
	{ "--bmp", NULL, "it is a BMP stream (RFC 7854)", VALUE_FLAG, CLI_OPTION_DECODE,
	  offsetof(struct cli, decode.bmp) },
	{ "--raw", NULL, "it is BGP messages, one behind the other", VALUE_FLAG, CLI_OPTION_DECODE,
	  offsetof(struct cli, decode.raw) },
	{ "--hex", NULL, "not FILE, but hexadecimal digits stand there (-: on stdin)", VALUE_FLAG,
	  CLI_OPTION_DECODE, offsetof(struct cli, decode.hex) },
	{ "--as2", NULL, "raw messages have 2-octet AS numbers", VALUE_FLAG, CLI_OPTION_DECODE,
	  offsetof(struct cli, decode.as2) },
	{ "--add-path", "FAMILY,...", "NLRI of these families have path identifiers (or: all)",
	  VALUE_TEXT, CLI_OPTION_DECODE, offsetof(struct cli, decode.add_path) },
	{ "--type", "NAME", "only messages or records of this type, as update or peer_up",
	  VALUE_TEXT, CLI_OPTION_DECODE, offsetof(struct cli, decode.type) },
	{ "--prefix", "PREFIX", "only routes of this prefix, or one inside it", VALUE_TEXT,
	  CLI_OPTION_DECODE, offsetof(struct cli, decode.prefix) },
	{ "--exact", "PREFIX", "only routes of this prefix", VALUE_TEXT, CLI_OPTION_DECODE,
	  offsetof(struct cli, decode.exact) },
	{ "--covering", "PREFIX", "only routes of this prefix, or one that it is inside",
	  VALUE_TEXT, CLI_OPTION_DECODE, offsetof(struct cli, decode.covering) },
	{ "--as-path", "REGEX", "only routes whose AS_PATH matches, as '_64500$'", VALUE_TEXT,
	  CLI_OPTION_DECODE, offsetof(struct cli, decode.as_path) },
	{ "--community", "C", "only routes with this community, large or extended too", VALUE_TEXT,
	  CLI_OPTION_DECODE, offsetof(struct cli, decode.community) },
	{ "--peer", "ADDRESS", "only what is of this peer", VALUE_TEXT, CLI_OPTION_DECODE,
	  offsetof(struct cli, decode.peer) },
	{ "--since", "TIME", "only from 2026-01-31T23:59:59Z (or seconds since 1970) on",
	  VALUE_TEXT, CLI_OPTION_DECODE, offsetof(struct cli, decode.since) },
	{ "--until", "TIME", "only up to this time", VALUE_TEXT, CLI_OPTION_DECODE,
	  offsetof(struct cli, decode.until) },
	{ "--limit", "N", "stop after so many", VALUE_TEXT, CLI_OPTION_DECODE,
	  offsetof(struct cli, decode.limit) },
	{ "-m", NULL, "a line for each route, as bgpdump -m", VALUE_FLAG, CLI_OPTION_DECODE,
	  offsetof(struct cli, decode.lines) },
	{ "--summary", NULL, "count what there is instead of printing it", VALUE_FLAG,
	  CLI_OPTION_DECODE, offsetof(struct cli, decode.summary) },
	{ "-o", "FORMAT", "table (default), json or yaml", VALUE_TEXT, 0, 0 },
	{ "--json", NULL, "the same as -o json", VALUE_NONE, 0, 0 },
	{ "--help", NULL, "this help", VALUE_NONE, 0, 0 },
	{ "--version", NULL, "the version", VALUE_NONE, 0, 0 },
};

/* The line while it is taken apart. */
struct line {
	struct cli cli;
	unsigned given; /* options, as bits */
	const char *words[CLI_ARGUMENTS_MAX];
	size_t word_count;
	bool help;
	bool version;
};

int cli_fail(const char *format, ...)
{
	va_list args;

	fputs("helioctl: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return CLI_FAILED;
}

int cli_fail_error(const struct error *e)
{
	return cli_fail("%s", e->text);
}

static int usage_error(const char *format, ...) PRINTF(1, 2);

static int usage_error(const char *format, ...)
{
	va_list args;

	fputs("helioctl: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("\nhelioctl --help shows the commands\n", stderr);
	return CLI_USAGE;
}

static int set_format(struct cli *cli, const char *value)
{
	static const char *const names[] = { "table", "json", "yaml" };

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(value, names[i]) == 0) {
			cli->format = (enum cli_format)i;
			return CLI_OK;
		}
	}
	return usage_error("-o: must be table, json or yaml, not %s", value);
}

/* The length of the option's name in the argument, which may be "--name=value"; 0 when it is
 * another. */
static size_t option_matches(const struct option *option, const char *argument)
{
	size_t length = strlen(option->name);

	if (strncmp(option->name, argument, length) != 0)
		return 0;
	if (argument[length] == '\0' || (argument[length] == '=' && argument[1] == '-'))
		return length;
	return 0;
}

static bool is_number(const char *text)
{
	return text != NULL && text[0] != '\0' && strlen(text) < 7 &&
	       strspn(text, "0123456789") == strlen(text);
}

/* Returns how many arguments after argv[i] were used up, or -1 after an error. */
static int take_option(struct line *line, const struct option *option, char **argv, int argc, int i)
{
	const char *argument = argv[i];
	size_t length = strlen(option->name);
	const char *value = argument[length] == '=' ? argument + length + 1 : NULL;
	const char *next = i + 1 < argc ? argv[i + 1] : NULL;
	int used = 0;

	line->given |= option->bit;
	if (option->kind == VALUE_FLAG) {
		*(bool *)(void *)((char *)&line->cli + option->offset) = true;
		return 0;
	}
	if (option->kind == VALUE_NONE) {
		if (strcmp(option->name, "--help") == 0)
			line->help = true;
		else if (strcmp(option->name, "--version") == 0)
			line->version = true;
		else if (strcmp(option->name, "--dry-run") == 0)
			line->cli.dry_run = true;
		else
			line->cli.format = CLI_JSON;
		return 0;
	}
	if (value == NULL && (option->kind == VALUE_TEXT || is_number(next))) {
		value = next;
		used = 1;
	}
	if (option->kind == VALUE_WAIT) {
		line->cli.wait = true;
		if (value != NULL && !is_number(value)) {
			usage_error("--wait: must be seconds, not %s", value);
			return -1;
		}
		if (value != NULL)
			line->cli.wait_seconds = (unsigned)strtoul(value, NULL, 10);
		return used;
	}
	if (value == NULL) {
		usage_error("%s: needs a value (%s)", option->name, option->value);
		return -1;
	}
	if (option->offset == 0 && strcmp(option->name, "-o") == 0)
		return set_format(&line->cli, value) == CLI_OK ? used : -1;
	*(const char **)(void *)((char *)&line->cli + option->offset) = value;
	return used;
}

static int take_line(struct line *line, int argc, char **argv)
{
	bool only_words = false;

	for (int i = 1; i < argc; i++) {
		const struct option *option = NULL;
		int used;

		if (!only_words && strcmp(argv[i], "--") == 0) {
			only_words = true;
			continue;
		}
		if (only_words || argv[i][0] != '-' || argv[i][1] == '\0') {
			if (line->word_count == CLI_ARGUMENTS_MAX)
				return usage_error("too many words");
			line->words[line->word_count++] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "-h") == 0) {
			line->help = true;
			continue;
		}
		for (size_t j = 0; j < ARRAY_SIZE(options) && option == NULL; j++) {
			if (option_matches(&options[j], argv[i]) != 0)
				option = &options[j];
		}
		if (option == NULL)
			return usage_error("%s: unknown option", argv[i]);
		used = take_option(line, option, argv, argc, i);
		if (used < 0)
			return CLI_USAGE;
		i += used;
	}
	return CLI_OK;
}

/* How many of the line's words are the command's; 0 when it is another. */
static size_t command_matches(const struct cli_command *command, const struct line *line)
{
	const char *next = command->words;
	size_t count = 0;

	while (*next != '\0') {
		size_t length = strcspn(next, " ");

		if (count == line->word_count || strlen(line->words[count]) != length ||
		    memcmp(line->words[count], next, length) != 0)
			return 0;
		count++;
		next += length + (next[length] == ' ');
	}
	return count;
}

static const struct cli_command *find_command(const struct cli_command *const *tables,
					      const struct line *line, size_t *ret_words)
{
	const struct cli_command *best = NULL;

	*ret_words = 0;
	for (; *tables != NULL; tables++) {
		for (const struct cli_command *c = *tables; c->words != NULL; c++) {
			size_t words = command_matches(c, line);

			if (words > *ret_words) {
				*ret_words = words;
				best = c;
			}
		}
	}
	return best;
}

static void print_options(unsigned bits, bool common)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		char head[64];

		if (options[i].bit != 0 ? (options[i].bit & bits) == 0 : !common)
			continue;
		snprintf(head, sizeof(head), "%s%s%s", options[i].name,
			 options[i].value != NULL ? " " : "",
			 options[i].value != NULL ? options[i].value : "");
		printf("  %-22s %s\n", head, options[i].help);
	}
}

static void print_command_help(const struct cli_command *command)
{
	printf("helioctl %s%s%s\n\n%s.\n\nOptions:\n", command->words,
	       command->arguments[0] != '\0' ? " " : "", command->arguments, command->help);
	print_options(command->options, true);
}

static void print_help(const struct cli_command *const *tables)
{
	printf("helioctl: the command line to heliod and to the controller\n\nCommands:\n");
	for (; *tables != NULL; tables++) {
		for (const struct cli_command *c = *tables; c->words != NULL; c++) {
			char head[96];

			snprintf(head, sizeof(head), "%s %s", c->words, c->arguments);
			printf("  %-44s %s\n", head, c->help);
		}
	}
	printf("\nOptions:\n");
	print_options(~0u, true);
	printf("\nhelioctl COMMAND --help shows a command's own. Exit status: 0, 1 for an error, 2 "
	       "for a wrong command line.\n");
}

static int refuse_option(const struct cli_command *command, unsigned bits)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if ((options[i].bit & bits) != 0)
			return usage_error("%s: does not go with \"%s\"", options[i].name,
					   command->words);
	}
	return CLI_USAGE;
}

static int run_line(const struct cli_command *const *tables, struct line *line)
{
	size_t words;
	const struct cli_command *command = find_command(tables, line, &words);

	if (line->version) {
		printf("helioctl %s\n", HELIOSTAT_VERSION);
		return CLI_OK;
	}
	if (command == NULL && (line->help || line->word_count == 0)) {
		print_help(tables);
		return line->help ? CLI_OK : CLI_USAGE;
	}
	if (command == NULL)
		return usage_error("%s%s%s: unknown command", line->words[0],
				   line->word_count > 1 ? " " : "",
				   line->word_count > 1 ? line->words[1] : "");
	if (line->help) {
		print_command_help(command);
		return CLI_OK;
	}
	if ((line->given & ~command->options) != 0)
		return refuse_option(command, line->given & ~command->options);
	line->cli.argument_count = line->word_count - words;
	memcpy(line->cli.arguments, line->words + words,
	       line->cli.argument_count * sizeof(line->words[0]));
	if (line->cli.argument_count < command->arguments_min ||
	    line->cli.argument_count > command->arguments_max)
		return usage_error("usage: helioctl %s %s", command->words, command->arguments);
	return command->run(&line->cli);
}

static const char *environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : otherwise;
}

int cli_main(const struct cli_command *const *tables, int argc, char **argv)
{
	struct line line = { 0 };
	int status;

	line.cli.socket = environment("HELIOCTL_SOCKET", SOCKET_DEFAULT);
	line.cli.server = environment("HELIOCTL_SERVER", SERVER_DEFAULT);
	line.cli.token_file = environment("HELIOCTL_TOKEN_FILE", NULL);
	line.cli.ca = environment("HELIOCTL_CA", NULL);
	line.cli.cert = environment("HELIOCTL_CERT", NULL);
	line.cli.key = environment("HELIOCTL_KEY", NULL);
	line.cli.wait_seconds = CLI_WAIT_SECONDS_DEFAULT;
	status = take_line(&line, argc, argv);
	if (status == CLI_OK)
		status = run_line(tables, &line);
	if (fflush(stdout) != 0 && status == CLI_OK)
		status = CLI_FAILED;
	return status;
}

/*
 * main: heliod's command line.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/config_file.h"
#include "heliod/daemon.h"

#define EXIT_USAGE 2

static const char help[] =
	"heliod: a BGP route reflector with many isolated instances\n"
	"\n"
	"  heliod -f FILE            run with this configuration, in the foreground\n"
	"  heliod --check -f FILE    check the file and exit: 0 when it is right, else 1\n"
	"  heliod --version          print the version\n"
	"  heliod --help             print this\n"
	"\n"
	"SIGHUP reads the file's instances again; SIGTERM ends all sessions and stops.\n"
	"See heliod(8) and heliod.yaml(5).\n";

static int usage(const char *what, const char *argument)
{
	fprintf(stderr, "heliod: %s%s\nheliod --help shows how it is used\n", what, argument);
	return EXIT_USAGE;
}

static int fail(const struct error *e)
{
	fprintf(stderr, "heliod: %s\n", e->text);
	return EXIT_FAILURE;
}

static int check(const char *path)
{
	struct error e;
	struct heliod_config *config = config_file_load(path, &e);

	if (config == NULL) {
		fprintf(stderr, "%s\n", e.text);
		return EXIT_FAILURE;
	}
	heliod_config_free(config);
	printf("%s: ok\n", path);
	return EXIT_SUCCESS;
}

static int run(const char *path)
{
	struct error e;
	struct heliod_config *config = config_file_load(path, &e);

	if (config == NULL || daemon_run(config, path, &e) < 0)
		return fail(&e);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	const char *path = NULL;
	bool only_check = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			fputs(help, stdout);
			return EXIT_SUCCESS;
		}
		if (strcmp(argv[i], "--version") == 0) {
			printf("heliod %s\n", HELIOSTAT_VERSION);
			return EXIT_SUCCESS;
		}
		if (strcmp(argv[i], "--check") == 0)
			only_check = true;
		else if (strcmp(argv[i], "-f") == 0 && i + 1 < argc)
			path = argv[++i];
		else if (argv[i][0] != '-' && only_check && path == NULL)
			path = argv[i];
		else
			return usage("wrong argument: ", argv[i]);
	}
	if (path == NULL)
		return usage("no configuration file is given (-f FILE)", "");
	return only_check ? check(path) : run(path);
}

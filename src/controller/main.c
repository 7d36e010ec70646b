/*
 * main: helio-controller, the program.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <getopt.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "api/openapi.h"
#include "base/mem.h"
#include "controller/controller.h"
#include "controller/log.h"

#define DEFAULT_FILE "/etc/helio-controller.yaml"

static const char usage[] =
	"helio-controller [-f FILE] [--check]\n"
	"\n"
	"The network controller: REST API, placement, failover, and the channel to the nodes.\n"
	"\n"
	"  -f, --file FILE   the configuration (" DEFAULT_FILE ")\n"
	"      --check       read the configuration, say what is wrong with it, and end\n"
	"  -h, --help        this\n"
	"      --openapi     the REST interface as an OpenAPI document\n"
	"      --version     the version\n";

struct options {
	const char *file;
	bool check;
};

enum {
	OPTION_CHECK = 256,
	OPTION_OPENAPI,
	OPTION_VERSION
};

static int print_openapi(void)
{
	json_t *document = openapi_document(HELIOSTAT_VERSION);
	int result = json_dumpf(document, stdout, JSON_INDENT(2));

	putchar('\n');
	json_decref(document);
	return result != 0;
}

/* Returns -1 to go on, else the exit status. */
static int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
		{ "file", required_argument, NULL, 'f' },
		{ "check", no_argument, NULL, OPTION_CHECK },
		{ "help", no_argument, NULL, 'h' },
		{ "openapi", no_argument, NULL, OPTION_OPENAPI },
		{ "version", no_argument, NULL, OPTION_VERSION },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "f:h", table, NULL)) >= 0) {
		switch (option) {
		case 'f':
			options->file = optarg;
			break;
		case OPTION_CHECK:
			options->check = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		case OPTION_OPENAPI:
			return print_openapi();
		case OPTION_VERSION:
			puts("helio-controller " HELIOSTAT_VERSION);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "helio-controller: '%s': takes no arguments\n", argv[optind]);
	return 2;
}

/* Everything that can be wrong without a running controller. */
static int check_files(const struct controller_config *config, struct error *e)
{
	const struct config_tls *sets[] = { &config->northbound.tls, &config->southbound.tls };
	struct token_list tokens = { 0 };

	if (config->tokens != NULL && token_list_load(&tokens, config->tokens, e) < 0)
		return -1;
	token_list_done(&tokens);
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		struct certificate_files files = { .ca = sets[i]->ca,
						   .certificate = sets[i]->certificate,
						   .key = sets[i]->key };
		struct certificate_set set;

		if (files.certificate == NULL)
			continue;
		if (certificate_set_load(&set, &files, e, time(NULL)) < 0)
			return -1;
		certificate_set_done(&set);
	}
	return 0;
}

static void on_signal(int signal_number, void *arg)
{
	log_event(LOG_NOTICE, NULL, NULL, "signal %d: ending", signal_number);
	loop_stop(arg);
}

static int run(struct controller_config *config)
{
	static const int signals[] = { SIGTERM, SIGINT, 0 };
	struct controller *controller = mem_zalloc(sizeof(*controller));
	struct error error;
	struct loop *loop = loop_new(&error);
	int status = 1;

	if (loop != NULL && loop_signals(loop, signals, on_signal, loop, &error) == 0 &&
	    controller_start(controller, config, loop, &error) == 0) {
		log_event(LOG_NOTICE, NULL, NULL,
			  "helio-controller " HELIOSTAT_VERSION " is ready");
		status = loop_run(loop, &error) < 0;
	}
	if (status != 0)
		log_event(LOG_ERR, NULL, NULL, "%s", error.text);
	controller_stop(controller);
	loop_free(loop);
	mem_free(controller);
	return status;
}

int main(int argc, char **argv)
{
	struct options options = { .file = DEFAULT_FILE };
	struct controller_config config;
	struct error error;
	int status = parse_options(argc, argv, &options);

	if (status >= 0)
		return status;
	umask(077);
	if (config_load(&config, options.file, &error) < 0) {
		fprintf(stderr, "helio-controller: %s\n", error.text);
		return 1;
	}
	log_set_level(config.log_level);
	if (options.check) {
		status = check_files(&config, &error);
		if (status < 0)
			fprintf(stderr, "helio-controller: %s\n", error.text);
		else
			printf("%s: good\n", options.file);
		config_done(&config);
		return status < 0;
	}
	status = run(&config);
	config_done(&config);
	return status;
}

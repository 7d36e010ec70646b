/*
 * helio-agent: the privileged hand of a node, gateway or host.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Makes the kernel of its node as the controller's objects and heliod's routes want it, and says
 * what it sees. It stops without touching what it made: forwarding goes on, and the next start
 * adopts it.
 */
#include "agent/agent.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
	"Usage: helio-agent [-f FILE] [--check | --purge]\n"
	"\n"
	"  -f, --file FILE   the configuration (default /etc/helio-agent.yaml)\n"
	"      --check       check the configuration and end\n"
	"      --purge       take away everything that the agent made on this node, and end\n"
	"      --version     print the version and end\n"
	"  -h, --help        print this and end\n"
	"\n"
	"SIGTERM and SIGINT end it; compartments, tunnels and routes stay as they are.\n";

struct options {
	const char *file;
	bool check, purge;
};

/* Returns -1 to go on, else the exit status. */
static int options_parse(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "file", required_argument, NULL, 'f' }, { "check", no_argument, NULL, 'c' },
		{ "purge", no_argument, NULL, 'p' },	  { "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },	  { NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "f:h", known, NULL)) != -1) {
		switch (option) {
		case 'f':
			options->file = optarg;
			break;
		case 'c':
			options->check = true;
			break;
		case 'p':
			options->purge = true;
			break;
		case 'v':
			puts("helio-agent " HELIOSTAT_VERSION);
			return 0;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "helio-agent: unexpected argument %s\n%s", argv[optind], usage);
		return 2;
	}
	return -1;
}

static int agent_set_level(const struct config *config, struct error *e)
{
	static const struct {
		const char *name;
		enum log_level level;
	} levels[] = { { "error", LOG_LEVEL_ERROR },
		       { "warning", LOG_LEVEL_WARNING },
		       { "notice", LOG_LEVEL_NOTICE },
		       { "info", LOG_LEVEL_INFO },
		       { "debug", LOG_LEVEL_DEBUG } };

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		if (strcmp(config->log_level, levels[i].name) == 0) {
			log_set_level(levels[i].level);
			return 0;
		}
	}
	return error_set(e, "log-level: expected error, warning, notice, info or debug");
}

static int agent_make_folder(const char *path, mode_t mode, struct error *e)
{
	char part[CONFIG_TEXT_MAX];

	for (size_t i = 1; path[i - 1] != '\0'; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, path[i] == '\0' ? mode : 0755) < 0 && errno != EEXIST)
			return error_set(e, "%s: mkdir: %s", part, strerror(errno));
	}
	return 0;
}

static void on_signal(int number, void *arg)
{
	struct agent *agent = arg;

	log_event(LOG_LEVEL_NOTICE, NULL, "signal %d: the agent ends, the kernel's state stays",
		  number);
	loop_stop(agent->loop);
}

static int agent_draw(struct agent *agent, uint64_t *ret_seed, struct error *e)
{
	uint64_t drawn[3];

	if (getrandom(drawn, sizeof(drawn), 0) != sizeof(drawn))
		return error_set(e, "getrandom: %s", strerror(errno));
	*ret_seed = drawn[2];
	snprintf(agent->boot, sizeof(agent->boot), "%016" PRIx64 "%016" PRIx64, drawn[0], drawn[1]);
	return 0;
}

/* The brain and the hands: enough to look and to purge. */
static int agent_start_core(struct agent *agent, struct error *e)
{
	uint64_t seed;

	if (agent_draw(agent, &seed, e) < 0)
		return -1;
	agent->loop = loop_new(e);
	if (agent->loop == NULL)
		return -1;
	agent->host = host_new(seed, agent->config.external_interface);
	agent->kernel = kernel_new(agent->loop, agent->host, e);
	return agent->kernel == NULL ? -1 : 0;
}

static int agent_start(struct agent *agent, struct error *e)
{
	static const int signals[] = { SIGTERM, SIGINT, 0 };
	const struct config *config = &agent->config;

	if (loop_signals(agent->loop, signals, on_signal, agent, e) < 0)
		return -1;
	if (agent_make_folder(config->run, 0755, e) < 0 ||
	    agent_make_folder(config->state, 0700, e) < 0 || epochs_load(agent, e) < 0)
		return -1;
	agent->fpm = fpm_server_new(agent, e);
	agent->control = agent->fpm == NULL ? NULL : control_new(agent, e);
	agent->relay = agent->control == NULL ? NULL : relay_new(agent, e);
	if (agent->relay == NULL)
		return -1;
	if (config->heliod_control[0] != '\0') {
		agent->heliod = heliod_new(agent);
		agent->sockets = sockets_new(agent);
	}
	agent->witness = witness_new(agent);
	agent->channel = channel_new(agent, e);
	return agent->channel == NULL ? -1 : 0;
}

static void agent_stop(struct agent *agent)
{
	relay_free(agent->relay);
	channel_free(agent->channel);
	witness_free(agent->witness);
	sockets_free(agent->sockets);
	heliod_free(agent->heliod);
	control_free(agent->control);
	fpm_server_free(agent->fpm);
	kernel_free(agent->kernel);
	host_free(agent->host);
	loop_free(agent->loop);
}

/* With nothing wanted and the snapshot complete, everything that was made is left over. */
static int agent_purge(struct agent *agent, struct error *e)
{
	host_synced(agent->host);
	for (int turn = 0; turn < 20; turn++) {
		kernel_drain(agent->kernel);
		if (loop_turn(agent->loop, duration_ms(20), e) < 0)
			return -1;
	}
	return host_count(agent->host).failed == 0
		       ? 0
		       : error_set(e, "some of it could not be taken away; the log says what");
}

static void agent_raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int main(int argc, char **argv)
{
	struct options options = { .file = "/etc/helio-agent.yaml" };
	struct agent agent = { 0 };
	struct error e = { "" };
	int status = options_parse(argc, argv, &options);

	if (status >= 0)
		return status;
	if (config_load(options.file, &agent.config, &e) < 0 ||
	    agent_set_level(&agent.config, &e) < 0) {
		fprintf(stderr, "helio-agent: %s\n", e.text);
		return 1;
	}
	if (options.check)
		return 0;
	agent_raise_limits();
	status = agent_start_core(&agent, &e);
	if (status == 0 && options.purge) {
		status = agent_purge(&agent, &e);
	} else if (status == 0) {
		status = agent_start(&agent, &e);
		if (status == 0) {
			log_event(LOG_LEVEL_NOTICE, NULL, "version %s, node %s", HELIOSTAT_VERSION,
				  agent.config.node);
			status = loop_run(agent.loop, &e);
		}
	}
	if (status < 0)
		fprintf(stderr, "helio-agent: %s\n", e.text);
	agent_stop(&agent);
	return status < 0 ? 1 : 0;
}

/*
 * helio-bench: loads a route reflector and times how long all its clients need to have the table.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Opens N feeders and M sinks, all iBGP clients with addresses of 10.254.0.0/16, to one reflector;
 * feeds a table; takes the time from the first byte fed until every sink holds exactly the right
 * set of prefixes; then, if asked, the time from the feeders' leaving until the sinks hold nothing.
 * Prints one JSON object. It shares nothing with src/bgp, so it is also a check of what is sent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/ip.h"
#include "base/mem.h"
#include "feeders.h"
#include "session.h"
#include "sinks.h"
#include "table.h"
#include "usage.h"

#define SINKS_MAX 10000

struct options {
	uint32_t feeders, sinks, prefixes, sample, cluster_id;
	uint32_t settle_ms, timeout_seconds;
	const char *table;
	bool disjoint, withdraw;
	struct session_plan sessions;
	struct usage_watch daemon;
};

struct outcome {
	double establish_seconds, seconds, first_sink_seconds, feed_seconds, withdraw_seconds;
	bool stable;
	struct usage before, full, empty;
};

static const char usage_text[] =
	"usage: helio-bench [options]\n"
	"  --target ADDRESS[:PORT]  the reflector (10.255.0.1:179)\n"
	"  --feeders N, --sinks M   sessions from 10.254.1.1, .2 and so on, feeders first (1, 1)\n"
	"  --table FILE             feed these concatenated BGP messages (unpacked)\n"
	"  --prefixes N             or a generated table of N prefixes a feeder (100000)\n"
	"  --disjoint               each feeder its own prefixes (generated table)\n"
	"  --withdraw               also time the feeders' leaving\n"
	"  --graceful-restart       offer that capability\n"
	"  --as N, --hold-time S    (65000, 240)\n"
	"  --cluster-id ADDRESS     expected first in CLUSTER_LIST (the target's address)\n"
	"  --sample N               check the attributes of one UPDATE in N; 0: none (256)\n"
	"  --pid PID                a process of the daemon, to report CPU and memory; repeatable\n"
	"  --settle-ms N            quiet time before feeding and after (500)\n"
	"  --timeout S              for each phase (120)\n";

static double seconds_of(duration_t d)
{
	return (double)d.ns * 1e-9;
}

static int parse_number(const char *name, const char *text, uint32_t low, uint32_t high,
			uint32_t *ret, struct error *e)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || value < low || value > high)
		return error_set(e, "--%s %s: give a number from %u to %u", name, text, low, high);
	*ret = (uint32_t)value;
	return 0;
}

static int parse_target(const char *text, struct sockaddr_in *target, struct error *e)
{
	char address[64];
	const char *colon = strchr(text, ':');
	size_t length = colon == NULL ? strlen(text) : (size_t)(colon - text);
	struct ip_addr parsed;
	uint32_t port = 179;

	if (length >= sizeof(address))
		return error_set(e, "--target %s: give ADDRESS or ADDRESS:PORT", text);
	memcpy(address, text, length);
	address[length] = '\0';
	if (ip_addr_parse(address, &parsed, e) < 0)
		return error_prefix(e, "--target");
	if (parsed.family != IP_V4)
		return error_set(e, "--target %s: give an IPv4 address", text);
	if (colon != NULL && parse_number("target", colon + 1, 1, 65535, &port, e) < 0)
		return -1;
	target->sin_family = AF_INET;
	target->sin_port = htons((uint16_t)port);
	target->sin_addr.s_addr = htonl(ip_addr_to_u32(&parsed));
	return 0;
}

static int parse_cluster(const char *text, struct options *o, struct error *e)
{
	struct ip_addr parsed;

	if (ip_addr_parse(text, &parsed, e) < 0)
		return error_prefix(e, "--cluster-id");
	o->cluster_id = ip_addr_to_u32(&parsed);
	return 0;
}

static int parse_pid(const char *text, struct options *o, struct error *e)
{
	uint32_t pid;

	if (o->daemon.count == USAGE_PROCESSES_MAX)
		return error_set(e, "--pid: at most %d", USAGE_PROCESSES_MAX);
	if (parse_number("pid", text, 1, INT_MAX, &pid, e) < 0)
		return -1;
	o->daemon.pids[o->daemon.count++] = (pid_t)pid;
	return 0;
}

enum option_letter {
	OPTION_TARGET = 256,
	OPTION_FEEDERS,
	OPTION_SINKS,
	OPTION_TABLE,
	OPTION_PREFIXES,
	OPTION_DISJOINT,
	OPTION_WITHDRAW,
	OPTION_GRACEFUL_RESTART,
	OPTION_AS,
	OPTION_HOLD_TIME,
	OPTION_CLUSTER_ID,
	OPTION_SAMPLE,
	OPTION_PID,
	OPTION_SETTLE,
	OPTION_TIMEOUT,
	OPTION_HELP,
};

static const struct option option_table[] = {
	{ "target", required_argument, NULL, OPTION_TARGET },
	{ "feeders", required_argument, NULL, OPTION_FEEDERS },
	{ "sinks", required_argument, NULL, OPTION_SINKS },
	{ "table", required_argument, NULL, OPTION_TABLE },
	{ "prefixes", required_argument, NULL, OPTION_PREFIXES },
	{ "disjoint", no_argument, NULL, OPTION_DISJOINT },
	{ "withdraw", no_argument, NULL, OPTION_WITHDRAW },
	{ "graceful-restart", no_argument, NULL, OPTION_GRACEFUL_RESTART },
	{ "as", required_argument, NULL, OPTION_AS },
	{ "hold-time", required_argument, NULL, OPTION_HOLD_TIME },
	{ "cluster-id", required_argument, NULL, OPTION_CLUSTER_ID },
	{ "sample", required_argument, NULL, OPTION_SAMPLE },
	{ "pid", required_argument, NULL, OPTION_PID },
	{ "settle-ms", required_argument, NULL, OPTION_SETTLE },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ 0 },
};

static int apply_option(int letter, const char *value, struct options *o, struct error *e)
{
	uint32_t number;

	switch (letter) {
	case OPTION_TARGET:
		return parse_target(value, &o->sessions.target, e);
	case OPTION_FEEDERS:
		return parse_number("feeders", value, 1, TABLE_FEEDERS_MAX, &o->feeders, e);
	case OPTION_SINKS:
		return parse_number("sinks", value, 1, SINKS_MAX, &o->sinks, e);
	case OPTION_TABLE:
		o->table = value;
		return 0;
	case OPTION_PREFIXES:
		return parse_number("prefixes", value, 1, PREFIX_INDEX_COUNT_MAX, &o->prefixes, e);
	case OPTION_DISJOINT:
		o->disjoint = true;
		return 0;
	case OPTION_WITHDRAW:
		o->withdraw = true;
		return 0;
	case OPTION_GRACEFUL_RESTART:
		o->sessions.graceful_restart = true;
		return 0;
	case OPTION_AS:
		return parse_number("as", value, 1, UINT32_MAX, &o->sessions.as, e);
	case OPTION_HOLD_TIME:
		if (parse_number("hold-time", value, 3, 65535, &number, e) < 0)
			return -1;
		o->sessions.hold_time_seconds = (uint16_t)number;
		return 0;
	case OPTION_CLUSTER_ID:
		return parse_cluster(value, o, e);
	case OPTION_SAMPLE:
		return parse_number("sample", value, 0, UINT32_MAX, &o->sample, e);
	case OPTION_PID:
		return parse_pid(value, o, e);
	case OPTION_SETTLE:
		return parse_number("settle-ms", value, 0, 60000, &o->settle_ms, e);
	case OPTION_TIMEOUT:
		return parse_number("timeout", value, 1, 86400, &o->timeout_seconds, e);
	default:
		return error_set(e, "%s", usage_text);
	}
}

static int parse_options(int argc, char **argv, struct options *o, struct error *e)
{
	int letter;

	*o = (struct options){ .feeders = 1,
			       .sinks = 1,
			       .prefixes = 100000,
			       .sample = 256,
			       .settle_ms = 500,
			       .timeout_seconds = 120 };
	o->sessions.as = 65000;
	o->sessions.hold_time_seconds = 240;
	if (parse_target("10.255.0.1:179", &o->sessions.target, e) < 0)
		return -1;
	while ((letter = getopt_long(argc, argv, "", option_table, NULL)) != -1)
		if (apply_option(letter, optarg, o, e) < 0)
			return -1;
	if (optind != argc)
		return error_set(e, "%s: not an option\n%s", argv[optind], usage_text);
	if (o->cluster_id == 0)
		o->cluster_id = ntohl(o->sessions.target.sin_addr.s_addr);
	o->sessions.timeout = duration_seconds(o->timeout_seconds);
	return 0;
}

static void sleep_ms(uint32_t ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		continue;
}

static int measure_feeding(const struct options *o, struct feeders *feeders, struct sinks *sinks,
			   struct outcome *out, struct error *e)
{
	int result = sinks_wait(sinks, duration_seconds(o->timeout_seconds), e);

	if (result < 0) {
		if (atomic_load(&feeders->failed))
			error_set(e, "%s", feeders->failure.text);
		return -1;
	}
	out->full = usage_read(&o->daemon);
	sleep_ms(o->settle_ms);
	out->stable = sinks_all_exact(sinks);
	out->full.rss_bytes = usage_read(&o->daemon).rss_bytes;
	out->seconds = seconds_of(instant_diff(sinks_exact_at(sinks, true), feeders->first_byte));
	out->first_sink_seconds =
		seconds_of(instant_diff(sinks_exact_at(sinks, false), feeders->first_byte));
	out->feed_seconds = seconds_of(instant_diff(feeders->last_byte, feeders->first_byte));
	return out->stable ? 0 : error_set(e, "the set was exact, and then it was not");
}

static int measure(const struct options *o, struct session *sessions, const struct table *table,
		   struct feeders *feeders, struct sinks *sinks, struct outcome *out,
		   struct error *e)
{
	int result;

	if (sinks_start(sinks, sessions + o->feeders, o->sinks, table, o->cluster_id, o->sample,
			e) < 0)
		return -1;
	sleep_ms(o->settle_ms);
	out->before = usage_read(&o->daemon);
	if (feeders_start(feeders, sessions, o->feeders, table, e) < 0)
		return -1;
	result = measure_feeding(o, feeders, sinks, out, e);
	if (result == 0 && o->withdraw)
		sinks_want(sinks, SINKS_WANT_NOTHING);
	feeders_leave(feeders);
	if (result == 0 && o->withdraw) {
		struct usage idle = out->full;

		result = sinks_wait(sinks, duration_seconds(o->timeout_seconds), e);
		out->empty = usage_read(&o->daemon);
		out->empty.cpu_seconds -= idle.cpu_seconds;
		out->withdraw_seconds =
			seconds_of(instant_diff(sinks_exact_at(sinks, true), feeders->left));
	}
	sinks_stop(sinks);
	return result;
}

static void print_sinks(const struct sinks *sinks)
{
	uint64_t bytes = 0, most = 0, least = UINT64_MAX, updates = 0, announced = 0;
	uint64_t withdrawn = 0, idle = 0;
	size_t ends = 0, own_way = 0;

	for (size_t i = 0; i < sinks->count; i++) {
		const struct sink *sink = &sinks->sinks[i];
		const struct holdings *holdings = sinks_holdings(sinks, i);

		own_way += sink->own_way;
		bytes += sink->bytes;
		most = MAX(most, sink->bytes);
		least = MIN(least, sink->bytes);
		updates += holdings->updates;
		announced += holdings->announced;
		withdrawn += holdings->withdrawn;
		idle += holdings->withdrawn_idle;
		ends += holdings->end_of_rib;
	}
	printf(" \"bytes\": %" PRIu64 ", \"bytes-per-sink-min\": %" PRIu64
	       ", \"bytes-per-sink-max\": %" PRIu64 ", \"bytes-per-prefix\": %.2f,\n",
	       bytes, least, most,
	       (double)bytes / (double)sinks->count / (double)sinks->table->expected_count);
	printf(" \"updates\": %" PRIu64 ", \"announced\": %" PRIu64 ", \"withdrawn\": %" PRIu64
	       ", \"withdrawn-not-held\": %" PRIu64 ", \"sinks-with-end-of-rib\": %zu, "
	       "\"streams-that-differ\": %zu,\n",
	       updates, announced, withdrawn, idle, ends, own_way);
}

static void print_outcome(const struct options *o, const struct outcome *out,
			  const struct feeders *feeders, const struct sinks *sinks,
			  const struct table *table)
{
	printf("{\"feeders\": %u, \"sinks\": %u, \"prefixes\": %u, \"fed-updates\": %u, "
	       "\"fed-bytes\": %zu,\n",
	       o->feeders, o->sinks, table->expected_count, table->streams[0].messages,
	       table->streams[0].length);
	printf(" \"establish-seconds\": %.4f, \"feed-seconds\": %.4f, \"first-sink-seconds\": "
	       "%.4f, "
	       "\"seconds\": %.4f,\n",
	       out->establish_seconds, out->feed_seconds, out->first_sink_seconds, out->seconds);
	if (o->withdraw)
		printf(" \"withdraw-seconds\": %.4f, \"withdraw-cpu-seconds\": %.4f,\n",
		       out->withdraw_seconds, out->empty.cpu_seconds);
	print_sinks(sinks);
	printf(" \"daemon-cpu-seconds\": %.4f, \"daemon-rss-bytes\": %" PRIu64
	       ", \"daemon-rss-idle-bytes\": %" PRIu64 ", \"daemon-rss-peak-bytes\": %" PRIu64
	       ",\n",
	       out->full.cpu_seconds - out->before.cpu_seconds, out->full.rss_bytes,
	       out->before.rss_bytes, out->full.rss_peak_bytes);
	printf(" \"driver-feeders-cpu-seconds\": %.4f, \"driver-sinks-cpu-seconds\": %.4f,\n",
	       feeders->cpu_seconds, sinks->cpu_seconds);
	printf(" \"attributes-checked\": %" PRIu64 ", \"attributes-wrong\": %" PRIu64 "}\n",
	       sinks->reader.check.checked, sinks->reader.check.failed);
}

static int run(const struct options *o, struct error *e)
{
	size_t count = (size_t)o->feeders + o->sinks;
	struct session *sessions = mem_zalloc(count * sizeof(*sessions));
	struct table_plan plan = { o->table,	o->prefixes,	o->feeders,
				   o->disjoint, o->sessions.as, session_address };
	struct outcome outcome = { 0 };
	struct feeders feeders = { 0 };
	struct sinks sinks = { 0 };
	struct table table;
	instant_t start;

	if (table_init(&table, &plan, e) < 0)
		return -1;
	start = session_clock();
	if (session_open_all(sessions, count, &o->sessions, e) < 0)
		return -1;
	outcome.establish_seconds = seconds_of(instant_diff(session_clock(), start));
	if (measure(o, sessions, &table, &feeders, &sinks, &outcome, e) < 0)
		return -1;
	print_outcome(o, &outcome, &feeders, &sinks, &table);
	if (sinks.reader.check.failed != 0)
		return error_set(e, "attributes: %s", sinks.reader.check.first_failure.text);
	for (size_t i = 0; i < count; i++)
		session_close(&sessions[i]);
	feeders_done(&feeders);
	sinks_done(&sinks);
	table_done(&table);
	mem_free(sessions);
	return 0;
}

int main(int argc, char **argv)
{
	struct rlimit files;
	struct options options;
	struct error e;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (parse_options(argc, argv, &options, &e) < 0 || run(&options, &e) < 0) {
		fprintf(stderr, "helio-bench: %s\n", e.text);
		return 1;
	}
	return 0;
}

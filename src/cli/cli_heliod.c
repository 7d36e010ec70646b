/*
 * cli_heliod: the commands that ask heliod.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each is a call on the control socket and a way to show the answer.
 */
#include "base/ip.h"
#include "cli/cli.h"
#include "cli/cli_output.h"
#include "cli/cli_rpc.h"
#include "cli/cli_show.h"

static void set_text(json_t *params, const char *key, const char *value)
{
	if (value != NULL)
		json_object_set_new(params, key, json_string(value));
}

static int show_one(const struct cli *cli, const char *method, json_t *params,
		    void (*show)(const json_t *result))
{
	struct error e;
	json_t *result = cli_rpc_get(cli->socket, method, params, &e);

	json_decref(params);
	if (result == NULL)
		return cli_fail_error(&e);
	if (!cli_print_document(cli, result))
		show(result);
	json_decref(result);
	return CLI_OK;
}

static int run_summary(const struct cli *cli)
{
	json_t *params = json_object();

	set_text(params, "instance", cli->instance);
	return show_one(cli, "show.summary", params, cli_show_summary);
}

static int run_neighbors(const struct cli *cli)
{
	json_t *params = json_object();

	set_text(params, "instance", cli->instance);
	set_text(params, "neighbor", cli->argument_count != 0 ? cli->arguments[0] : NULL);
	return show_one(cli, "show.neighbors", params, cli_show_neighbors);
}

/* Routes are printed page by page, also as JSON and YAML: a table may be larger than memory. */
struct routes {
	const struct cli *cli;
	size_t pages;
	size_t count;
	struct cli_show_routes_state shown;
};

static void print_routes_json(struct routes *routes, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		printf("%s\n    ", routes->count++ == 0 ? "" : ",");
		json_dumpf(json_array_get(list, i), stdout, 0);
	}
}

static int take_routes(const json_t *result, UNUSED bool more, void *arg)
{
	struct routes *routes = arg;
	const json_t *list = json_object_get(result, "routes");

	if (routes->cli->format == CLI_TABLE) {
		cli_show_routes(result, &routes->shown);
		routes->count += json_array_size(list);
		return 0;
	}
	if (routes->cli->format == CLI_YAML) {
		if (routes->pages++ == 0 && json_array_size(list) != 0)
			printf("routes:\n");
		routes->count += json_array_size(list);
		if (json_array_size(list) != 0)
			cli_print_yaml(list);
		return 0;
	}
	if (routes->pages++ == 0)
		printf("{\n  \"routes\": [");
	print_routes_json(routes, list);
	return 0;
}

static int finish_routes(const struct routes *routes)
{
	if (routes->cli->format == CLI_JSON)
		printf("%s]\n}\n", routes->count == 0 ? "" : "\n  ");
	else if (routes->cli->format == CLI_YAML && routes->count == 0)
		printf("routes: []\n");
	else if (routes->cli->format == CLI_TABLE)
		printf("%zu routes\n", routes->count);
	return CLI_OK;
}

static int run_routes(const struct cli *cli)
{
	struct routes routes = { .cli = cli };
	json_t *params = json_object();
	struct error e;
	int result;

	set_text(params, "instance", cli->instance);
	set_text(params, "neighbor", cli->neighbor);
	set_text(params, "kind", cli->kind);
	set_text(params, "family", cli->family);
	set_text(params, "prefix", cli->argument_count != 0 ? cli->arguments[0] : NULL);
	result = cli_rpc_call(cli->socket, "show.routes", params, take_routes, &routes, &e);
	json_decref(params);
	return result != 0 ? cli_fail_error(&e) : finish_routes(&routes);
}

static int run_explain(const struct cli *cli)
{
	const char *to = cli->to;
	json_t *params;

	if (cli->argument_count == 2 ||
	    (cli->argument_count == 3 && strcmp(cli->arguments[1], "to") != 0))
		return cli_fail("usage: helioctl explain PREFIX [to PEER]");
	if (cli->argument_count == 3)
		to = cli->arguments[2];
	params = json_object();
	set_text(params, "instance", cli->instance);
	set_text(params, "prefix", cli->arguments[0]);
	set_text(params, "family", cli->family);
	set_text(params, "to", to);
	return show_one(cli, "explain", params, cli_show_explain);
}

/* Bytes as operators read them. */
static void add_bytes(struct cli_table *table, const json_t *bytes)
{
	double kib = (double)json_integer_value(bytes) / 1024;

	if (kib < 1024)
		cli_table_printf(table, "%.0f KiB", kib);
	else
		cli_table_printf(table, "%.1f MiB", kib / 1024);
}

/* One column for each purpose that heliod named. */
static void show_memory(const json_t *instances)
{
	const char *headings[CLI_COLUMNS_MAX] = { "<Instance", ">Memory", ">Peak", ">Limit",
						  ">Resets" };
	json_t *first =
		json_object_get(json_object_get(json_array_get(instances, 0), "memory"), "parts");
	char titles[CLI_COLUMNS_MAX][CLI_MEMBER_TEXT_MAX];
	struct cli_table table;
	size_t columns = 5;
	const char *name;
	json_t *value;

	json_object_foreach(first, name, value)
	{
		if (columns == CLI_COLUMNS_MAX - 1)
			break;
		snprintf(titles[columns], sizeof(titles[columns]), ">%s", name);
		headings[columns] = titles[columns];
		columns++;
	}
	cli_table_init(&table, headings);
	for (size_t i = 0; i < json_array_size(instances); i++) {
		const json_t *instance = json_array_get(instances, i);
		const json_t *memory = json_object_get(instance, "memory");
		const json_t *limit = json_object_get(memory, "limit-bytes");
		char text[CLI_MEMBER_TEXT_MAX];

		cli_table_add(&table, cli_member(instance, "name", text));
		add_bytes(&table, json_object_get(memory, "bytes"));
		add_bytes(&table, json_object_get(memory, "bytes-peak"));
		if (json_integer_value(limit) == 0)
			cli_table_add(&table, "-");
		else
			add_bytes(&table, limit);
		cli_table_add(&table, cli_member(memory, "limit-resets", text));
		for (size_t j = 5; j < columns; j++)
			add_bytes(&table,
				  json_object_get(json_object_get(memory, "parts"), titles[j] + 1));
	}
	cli_table_print(&table, "");
	cli_table_done(&table);
}

static void show_instances(const json_t *result)
{
	static const char *const headings[] = {
		"<Instance", ">Table", "<Neighbors", "<Established", ">Routes", "<End-of-RIB", NULL
	};
	static const char *const keys[] = { "name",	   "table-id", "neighbors",
					    "established", "routes",   "end-of-rib" };
	const json_t *instances = json_object_get(result, "instances");
	struct cli_table table;

	cli_table_init(&table, headings);
	for (size_t i = 0; i < json_array_size(instances); i++) {
		char text[CLI_MEMBER_TEXT_MAX];

		for (size_t j = 0; j < ARRAY_SIZE(keys); j++)
			cli_table_add(&table,
				      cli_member(json_array_get(instances, i), keys[j], text));
	}
	cli_table_print(&table, "");
	cli_table_done(&table);
	if (json_object_get(json_array_get(instances, 0), "memory") != NULL) {
		printf("\n");
		show_memory(instances);
	}
}

static int run_instances(const struct cli *cli)
{
	return show_one(cli, "instance.list", NULL, show_instances);
}

static void show_reload(const json_t *result)
{
	static const char *const keys[] = { "added", "changed", "deleted", "same" };
	char text[ARRAY_SIZE(keys)][CLI_MEMBER_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		cli_member(result, keys[i], text[i]);
	printf("instances: %s added, %s changed, %s deleted, %s as before\n", text[0], text[1],
	       text[2], text[3]);
}

static int run_reload(const struct cli *cli)
{
	return show_one(cli, "reload", NULL, show_reload);
}

const struct cli_command cli_heliod_commands[] = {
	{ "show summary", "[--instance T]", "heliod's neighbors, one a line", CLI_HELIOD, 0, 0,
	  run_summary },
	{ "show neighbors", "[ADDRESS] [--instance T]", "heliod's neighbors in detail", CLI_HELIOD,
	  0, 1, run_neighbors },
	{ "show routes", "[PREFIX|NLRI] [--instance T]",
	  "routes of the Loc-RIB, or to and from a neighbor",
	  CLI_HELIOD | CLI_OPTION_NEIGHBOR | CLI_OPTION_KIND | CLI_OPTION_FAMILY, 0, 1,
	  run_routes },
	{ "show instances", "", "heliod's instances", CLI_OPTION_SOCKET, 0, 0, run_instances },
	{ "reload", "", "heliod reads its file again; what is wrong changes nothing",
	  CLI_OPTION_SOCKET, 0, 0, run_reload },
	{ "explain", "PREFIX|NLRI [to PEER] [--instance T]",
	  "which path is best and why, and who was sent it",
	  CLI_HELIOD | CLI_OPTION_TO | CLI_OPTION_FAMILY, 1, 3, run_explain },
	{ .words = NULL },
};

/*
 * cli_show: heliod's answers as operators read them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli_show.h"

#include "base/buf.h"
#include "base/instant.h"
#include "cli/cli_neighbor.h"
#include "cli/cli_output.h"

#define LIST_TEXT_MAX 512
#define PREFIX_WIDTH_MIN 18
#define PREFIX_WIDTH_MAX 48

static bool is_established(const json_t *neighbor)
{
	const char *state = json_string_value(json_object_get(neighbor, "session-state"));

	return state != NULL && strcasecmp(state, "established") == 0;
}

static const char *up_down(const json_t *neighbor, char text[static DURATION_TEXT_MAX])
{
	const json_t *seconds = json_object_get(neighbor, "established-seconds");

	if (!is_established(neighbor) || !json_is_integer(seconds))
		return "-";
	return duration_format(duration_seconds(json_integer_value(seconds)), text);
}

/* messages.received is a number, or numbers by type. */
static json_int_t message_count(const json_t *neighbor, const char *direction)
{
	json_t *counts = json_object_get(json_object_get(neighbor, "messages"), direction);
	json_int_t sum = 0;
	const char *key;
	json_t *value;

	if (!json_is_object(counts))
		return json_integer_value(counts);
	json_object_foreach(counts, key, value) sum += json_integer_value(value);
	return sum;
}

static void add_summary_row(struct cli_table *table, const json_t *neighbor)
{
	char text[CLI_MEMBER_TEXT_MAX];
	char duration[DURATION_TEXT_MAX];

	cli_table_add(table, cli_member(neighbor, "neighbor-address", text));
	cli_table_add(table, cli_member(neighbor, "peer-as", text));
	cli_table_printf(table, "%" JSON_INTEGER_FORMAT, message_count(neighbor, "received"));
	cli_table_printf(table, "%" JSON_INTEGER_FORMAT, message_count(neighbor, "sent"));
	cli_table_add(table, up_down(neighbor, duration));
	if (is_established(neighbor))
		cli_table_add(table,
			      cli_member(json_object_get(neighbor, "prefixes"), "received", text));
	else
		cli_table_add(table, cli_member(neighbor, "session-state", text));
	cli_table_add(table, cli_member(neighbor, "description", text));
}

void cli_show_summary(const json_t *result)
{
	static const char *const headings[] = { "<Neighbor",	">AS",	    ">MsgRcvd",
						">MsgSent",	">Up/Down", "<State/PfxRcd",
						"<Description", NULL };
	const json_t *instances = json_object_get(result, "instances");

	for (size_t i = 0; i < json_array_size(instances); i++) {
		const json_t *instance = json_array_get(instances, i);
		const json_t *neighbors = json_object_get(instance, "neighbors");
		char name[CLI_MEMBER_TEXT_MAX], as[CLI_MEMBER_TEXT_MAX], id[CLI_MEMBER_TEXT_MAX];
		struct cli_table table;
		size_t up = 0;

		cli_table_init(&table, headings);
		for (size_t j = 0; j < json_array_size(neighbors); j++) {
			add_summary_row(&table, json_array_get(neighbors, j));
			up += is_established(json_array_get(neighbors, j));
		}
		printf("%sInstance %s: local AS %s, router ID %s, %zu neighbors, %zu "
		       "established\n",
		       i == 0 ? "" : "\n", cli_member(instance, "name", name),
		       cli_member(instance, "local-as", as), cli_member(instance, "router-id", id),
		       json_array_size(neighbors), up);
		if (json_array_size(neighbors) != 0)
			cli_table_print(&table, "");
		cli_table_done(&table);
	}
	if (json_array_size(instances) == 0)
		printf("no instances\n");
}

/* "name 1, name 2" of the numbers in an object. */
static const char *counts_text(json_t *counts, char text[static LIST_TEXT_MAX])
{
	size_t used = 0;
	const char *key;
	json_t *value;

	text[0] = '\0';
	json_object_foreach(counts, key, value)
	{
		if (used < LIST_TEXT_MAX)
			used += (size_t)snprintf(
				text + used, LIST_TEXT_MAX - used, "%s%s %" JSON_INTEGER_FORMAT,
				used == 0 ? "" : ", ", key, json_integer_value(value));
	}
	return text;
}

static void show_rejected(const json_t *rejected)
{
	for (size_t i = 0; i < json_array_size(rejected); i++) {
		const json_t *route = json_array_get(rejected, i);
		char prefix[CLI_MEMBER_TEXT_MAX], reason[CLI_MEMBER_TEXT_MAX];

		printf("  %s %s: %s\n", i == 0 ? "Rejected:  " : "           ",
		       cli_member(route, "prefix", prefix), cli_member(route, "reason", reason));
	}
}

static void show_line(const json_t *neighbor, const char *label, const char *key)
{
	char text[CLI_MEMBER_TEXT_MAX];
	const char *value = cli_member(neighbor, key, text);

	if (value[0] != '\0')
		printf("  %-12s %s\n", label, value);
}

/* The last NOTIFICATION of one direction. */
static void show_notification(const json_t *neighbor, const char *label, const char *key)
{
	char text[CLI_MEMBER_TEXT_MAX], code[CLI_MEMBER_TEXT_MAX], subcode[CLI_MEMBER_TEXT_MAX];
	char ago[CLI_MEMBER_TEXT_MAX], octets[CLI_MEMBER_TEXT_MAX];
	const json_t *last = json_object_get(neighbor, key);
	const char *data = cli_member(last, "data", octets);

	if (!json_is_object(last))
		return;
	printf("  %-12s NOTIFICATION %s/%s, %s, %s s ago%s%s\n", label,
	       cli_member(last, "code", code), cli_member(last, "subcode", subcode),
	       cli_member(last, "text", text), cli_member(last, "seconds-ago", ago),
	       data[0] == '\0' ? "" : ", data 0x", data);
}

static void show_state(const json_t *neighbor)
{
	char state[CLI_MEMBER_TEXT_MAX], seconds[CLI_MEMBER_TEXT_MAX];
	char duration[DURATION_TEXT_MAX];
	const char *next = cli_member(neighbor, "next-attempt-seconds", seconds);

	printf("  %-12s %s%s%s", "State:", cli_member(neighbor, "session-state", state),
	       is_established(neighbor) ? ", up for " : "",
	       is_established(neighbor) ? up_down(neighbor, duration) : "");
	if (next[0] != '\0')
		printf(", the next attempt is in %s s", next);
	putchar('\n');
}

/* What keeps others out, and may keep the neighbor out. */
static void show_protection(const json_t *neighbor)
{
	char text[CLI_MEMBER_TEXT_MAX];
	const char *hops = cli_member(neighbor, "ttl-security-hops", text);
	bool password = json_is_true(json_object_get(neighbor, "auth-password-set"));

	if (!password && hops[0] == '\0')
		return;
	printf("  %-12s %s%s%s%s\n", "Protection:", password ? "auth-password (TCP-MD5)" : "",
	       password && hops[0] != '\0' ? ", " : "", hops[0] == '\0' ? "" : "ttl-security-hops ",
	       hops);
}

static void show_neighbor(const json_t *neighbor)
{
	char address[CLI_MEMBER_TEXT_MAX], as[CLI_MEMBER_TEXT_MAX], name[CLI_MEMBER_TEXT_MAX];
	char hold[CLI_MEMBER_TEXT_MAX], list[LIST_TEXT_MAX];
	json_t *messages = json_object_get(neighbor, "messages");
	json_t *received = json_object_get(messages, "received");

	printf("Neighbor %s, AS %s, instance %s%s\n",
	       cli_member(neighbor, "neighbor-address", address),
	       cli_member(neighbor, "peer-as", as), cli_member(neighbor, "instance", name),
	       json_is_true(json_object_get(neighbor, "route-reflector-client"))
		       ? ", route reflector client"
		       : "");
	show_line(neighbor, "Description:", "description");
	show_state(neighbor);
	show_line(neighbor, "Local:", "local-address");
	show_line(neighbor, "Router ID:", "router-id");
	printf("  %-12s %s s\n", "Hold time:", cli_member(neighbor, "hold-time", hold));
	if (json_is_object(received)) {
		printf("  %-12s %s\n", "Received:", counts_text(received, list));
		printf("  %-12s %s\n",
		       "Sent:", counts_text(json_object_get(messages, "sent"), list));
	} else {
		printf("  %-12s %s\n", "Messages:", counts_text(messages, list));
	}
	printf("  %-12s %s\n",
	       "Prefixes:", counts_text(json_object_get(neighbor, "prefixes"), list));
	show_line(neighbor, "Role:", "role");
	show_protection(neighbor);
	show_line(neighbor, "Last error:", "last-error");
	show_notification(neighbor, "Last sent:", "last-notification-sent");
	show_notification(neighbor, "Last heard:", "last-notification-received");
	show_rejected(json_object_get(neighbor, "rejected"));
	cli_neighbor_families(json_object_get(neighbor, "afi-safis"));
	cli_neighbor_capabilities(json_object_get(neighbor, "capabilities"));
}

void cli_show_neighbors(const json_t *result)
{
	const json_t *neighbors = json_object_get(result, "neighbors");

	for (size_t i = 0; i < json_array_size(neighbors); i++) {
		if (i != 0)
			putchar('\n');
		show_neighbor(json_array_get(neighbors, i));
	}
	if (json_array_size(neighbors) == 0)
		printf("no neighbors\n");
}

static const char *as_path_text(const json_t *route, char text[static LIST_TEXT_MAX])
{
	const json_t *path = json_object_get(route, "as-path");
	size_t used = 0;

	if (json_is_string(path))
		return json_string_value(path);
	text[0] = '\0';
	for (size_t i = 0; i < json_array_size(path) && used < LIST_TEXT_MAX; i++)
		used += (size_t)snprintf(text + used, LIST_TEXT_MAX - used,
					 "%s%" JSON_INTEGER_FORMAT, i == 0 ? "" : " ",
					 json_integer_value(json_array_get(path, i)));
	return text;
}

static const char *origin_letter(const json_t *route)
{
	const char *origin = json_string_value(json_object_get(route, "origin"));

	if (origin == NULL)
		return "";
	return origin[0] == 'i' && origin[1] == 'n' ? "?" : origin[0] == 'e' ? "e" : "i";
}

/* A route is usable unless it says otherwise. */
static const char *flags_of(const json_t *route, char text[static 4])
{
	bool best = json_is_true(json_object_get(route, "best"));
	bool usable = !json_is_false(json_object_get(route, "usable"));

	text[0] = json_is_true(json_object_get(route, "stale")) ? 'S' : usable ? '*' : ' ';
	text[1] = best ? '>' : ' ';
	text[2] = '\0';
	return text;
}

/* The NLRI, with its labels where it has any, and its path identifier. */
static void set_nlri_text(const json_t *route, struct buf *to)
{
	const char *nlri = json_string_value(json_object_get(route, "nlri"));
	const json_t *path_id = json_object_get(route, "path-id");

	if (nlri == NULL)
		nlri = json_string_value(json_object_get(route, "prefix"));
	buf_add_text(to, nlri == NULL ? "" : nlri);
	if (json_is_integer(path_id))
		buf_printf(to, " path-id %" JSON_INTEGER_FORMAT, json_integer_value(path_id));
}

static void print_route(const json_t *route, int width)
{
	char next_hop[CLI_MEMBER_TEXT_MAX], med[CLI_MEMBER_TEXT_MAX];
	char pref[CLI_MEMBER_TEXT_MAX], peer[CLI_MEMBER_TEXT_MAX], path[LIST_TEXT_MAX], flags[4];
	const char *as_path = as_path_text(route, path);
	struct buf nlri;

	buf_init(&nlri, 0);
	set_nlri_text(route, &nlri);
	printf("%s %-*s %-15s %10s %7s  %-15s  %s%s%s\n", flags_of(route, flags), width,
	       buf_text(&nlri), cli_member(route, "next-hop", next_hop),
	       cli_member(route, "med", med), cli_member(route, "local-pref", pref),
	       cli_member(route, "peer", peer), as_path, as_path[0] == '\0' ? "" : " ",
	       origin_letter(route));
	buf_done(&nlri);
}

/* The column is as wide as what is in this page and those before it, within reason. */
static void widen(const json_t *routes, struct cli_show_routes_state *state)
{
	struct buf nlri;

	buf_init(&nlri, 0);
	state->width = MAX(state->width, PREFIX_WIDTH_MIN);
	for (size_t i = 0; i < json_array_size(routes); i++) {
		buf_clear(&nlri);
		set_nlri_text(json_array_get(routes, i), &nlri);
		if (nlri.length > (size_t)state->width)
			state->width = (int)MIN(nlri.length, (size_t)PREFIX_WIDTH_MAX);
	}
	buf_done(&nlri);
}

/* Routes come family by family; IPv4 unicast alone needs no name. */
static void print_family(const json_t *route, struct cli_show_routes_state *state)
{
	const char *family = json_string_value(json_object_get(route, "family"));

	if (family == NULL || strcmp(family, state->family) == 0)
		return;
	if (strcmp(family, "ipv4-unicast") != 0 || state->family[0] != '\0')
		printf("%s:\n", family);
	snprintf(state->family, sizeof(state->family), "%s", family);
}

void cli_show_routes(const json_t *result, struct cli_show_routes_state *state)
{
	const json_t *routes = json_object_get(result, "routes");

	widen(routes, state);
	if (!state->headed)
		printf("   %-*s %-15s %10s %7s  %-15s  %s\n", state->width, "Prefix", "Next hop",
		       "MED", "LocPrf", "From", "AS path");
	state->headed = true;
	for (size_t i = 0; i < json_array_size(routes); i++) {
		print_family(json_array_get(routes, i), state);
		print_route(json_array_get(routes, i), state->width);
	}
}

/* A path is named by its peer; some answers have the peer's name itself there. */
static const char *path_name(const json_t *path, char text[static CLI_MEMBER_TEXT_MAX])
{
	if (json_is_string(path))
		return json_string_value(path);
	if (!json_is_object(path))
		return "none";
	return cli_member(path, "peer", text);
}

static void show_paths(const json_t *paths)
{
	static const char *const headings[] = { "<Path from", "<Next hop", ">LocPrf", ">MED",
						"<AS path",   "<Verdict",  NULL };
	struct cli_table table;

	cli_table_init(&table, headings);
	for (size_t i = 0; i < json_array_size(paths); i++) {
		const json_t *path = json_array_get(paths, i);
		char text[CLI_MEMBER_TEXT_MAX], as_path[LIST_TEXT_MAX];

		cli_table_add(&table, cli_member(path, "peer", text));
		cli_table_add(&table, cli_member(path, "next-hop", text));
		cli_table_add(&table, cli_member(path, "local-pref", text));
		cli_table_add(&table, cli_member(path, "med", text));
		cli_table_printf(&table, "%s %s", as_path_text(path, as_path), origin_letter(path));
		cli_table_add(&table, cli_member(path, "verdict", text));
	}
	cli_table_print(&table, "  ");
	cli_table_done(&table);
}

/* A row for each object, a column for each of these members. */
static void show_members(const json_t *list, const char *const headings[],
			 const char *const members[])
{
	struct cli_table table;

	if (json_array_size(list) == 0)
		return;
	cli_table_init(&table, headings);
	for (size_t i = 0; i < json_array_size(list); i++) {
		char text[CLI_MEMBER_TEXT_MAX];

		for (size_t m = 0; headings[m] != NULL; m++)
			cli_table_add(&table,
				      cli_member(json_array_get(list, i), members[m], text));
	}
	cli_table_print(&table, "  ");
	cli_table_done(&table);
}

static void show_advertised(const json_t *advertised)
{
	static const char *const headings[] = { "<To", "<Sent", "<Why", NULL };
	static const char *const members[] = { "peer", "sent", "reason" };

	show_members(advertised, headings, members);
}

/* With ADD-PATH and one peer that is asked for: which of the paths it is not told, and why. */
static void show_withheld(const json_t *advertised)
{
	static const char *const headings[] = { "<Not told", "<Id", "<Why", NULL };
	static const char *const members[] = { "peer", "path-id", "reason" };

	show_members(json_object_get(json_array_get(advertised, 0), "withheld"), headings, members);
}

void cli_show_explain(const json_t *result)
{
	char prefix[CLI_MEMBER_TEXT_MAX], winner[CLI_MEMBER_TEXT_MAX], step[CLI_MEMBER_TEXT_MAX];
	char runner_up[CLI_MEMBER_TEXT_MAX];
	const json_t *second = json_object_get(result, "runner-up");
	const json_t *first = json_object_get(result, "winner");
	const json_t *paths = json_object_get(result, "paths");

	printf("%s: ", cli_member(result, "prefix", prefix));
	if (first == NULL || json_is_null(first))
		printf("no usable path\n");
	else if (second == NULL || json_is_null(second))
		printf("the path from %s, the only one\n", path_name(first, winner));
	else
		printf("the path from %s won over that from %s by: %s\n", path_name(first, winner),
		       path_name(second, runner_up), cli_member(result, "step", step));
	if (json_array_size(paths) != 0)
		show_paths(paths);
	show_advertised(json_object_get(result, "advertised"));
	show_withheld(json_object_get(result, "advertised"));
}

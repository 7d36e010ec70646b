/*
 * cli_neighbor: what a neighbor said of itself in OPEN, and how each family goes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Split from cli_show: the members `capabilities` and `afi-safis` of show.neighbors.
 */
#include "cli/cli_neighbor.h"

#include "base/buf.h"
#include "cli/cli_output.h"

#define ROW_NAME_MAX 96

/* A value as words: "yes", "a b", "restart-time 120 restarting". False members are left out. No
 * deeper than our own answers are. */
static void add_words(struct buf *to, const json_t *value, unsigned depth)
{
	const char *key;
	json_t *member;
	size_t index;

	if (depth > 4)
		return;
	if (json_is_string(value)) {
		buf_add_text(to, json_string_value(value));
	} else if (json_is_integer(value)) {
		buf_printf(to, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	} else if (json_is_true(value)) {
		buf_add_text(to, "yes");
	} else if (json_is_array(value)) {
		json_array_foreach(value, index, member)
		{
			buf_add_text(to, index == 0 ? "" : ", ");
			add_words(to, member, depth + 1);
		}
	} else {
		bool first = true;

		json_object_foreach((json_t *)(uintptr_t)value, key, member)
		{
			if (json_is_false(member) ||
			    (json_is_array(member) && json_array_size(member) == 0))
				continue;
			buf_printf(to, "%s%s", first ? "" : depth == 0 ? ", " : " ", key);
			first = false;
			if (json_is_true(member))
				continue;
			buf_add_text(to, " ");
			add_words(to, member, depth + 1);
		}
	}
}

static void add_cell(struct cli_table *table, const json_t *value)
{
	struct buf text;

	buf_init(&text, 0);
	if (value != NULL)
		add_words(&text, value, 0);
	cli_table_add(table, text.length == 0 ? "-" : buf_text(&text));
	buf_done(&text);
}

static void add_row(json_t *rows, const char *name, const json_t *value)
{
	struct buf text;

	buf_init(&text, 0);
	add_words(&text, value, 0);
	json_object_set_new(rows, name, json_string(buf_text(&text)));
	buf_done(&text);
}

/* Takes a capability apart into rows: "add-path ipv4-unicast" is "send", "families ipv4-unicast"
 * is "yes", "unknown 222" is "0102". */
static void flatten(json_t *rows, const char *name, const json_t *value, unsigned depth)
{
	char longer[ROW_NAME_MAX];
	json_t *member;
	const char *key;
	size_t index;

	if (json_is_array(value)) {
		json_array_foreach(value, index, member)
		{
			const json_t *code = json_object_get(member, "code");

			if (json_is_string(member))
				snprintf(longer, sizeof(longer), "%s %s", name,
					 json_string_value(member));
			else
				snprintf(longer, sizeof(longer), "%s %" JSON_INTEGER_FORMAT, name,
					 json_integer_value(code));
			add_row(rows, longer,
				code == NULL ? json_true() : json_object_get(member, "value"));
		}
	} else if (json_is_object(value) && depth < 3) {
		json_object_foreach((json_t *)(uintptr_t)value, key, member)
		{
			snprintf(longer, sizeof(longer), "%s %s", name, key);
			flatten(rows, longer, member, depth + 1);
		}
	} else if (!json_is_false(value)) {
		add_row(rows, name, value);
	}
}

static json_t *rows_of(const json_t *side)
{
	json_t *rows = json_object();
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)side, key, value) flatten(rows, key, value, 0);
	return rows;
}

void cli_neighbor_capabilities(const json_t *capabilities)
{
	static const char *const headings[] = { "<Capability", "<Ours", "<Theirs", NULL };
	json_t *ours = rows_of(json_object_get(capabilities, "local"));
	json_t *theirs = rows_of(json_object_get(capabilities, "peer"));
	json_t *all = json_copy(ours);
	char text[CLI_MEMBER_TEXT_MAX];
	struct cli_table table;
	const char *key;
	json_t *value;

	json_object_update_missing(all, theirs);
	cli_table_init(&table, headings);
	json_object_foreach(all, key, value)
	{
		const char *a = cli_member(ours, key, text), *b = cli_member(theirs, key, text);

		cli_table_add(&table, key);
		cli_table_add(&table, a[0] == '\0' ? "-" : a);
		cli_table_add(&table, b[0] == '\0' ? "-" : b);
	}
	if (json_object_size(all) != 0)
		cli_table_print(&table, "  ");
	cli_table_done(&table);
	json_decref(all);
	json_decref(theirs);
	json_decref(ours);
}

void cli_neighbor_families(const json_t *families)
{
	static const char *const headings[] = { "<Family", ">Received", ">Advertised", "<State",
						NULL };
	struct cli_table table;
	const char *name;
	json_t *family;

	if (json_object_size(families) == 0)
		return;
	cli_table_init(&table, headings);
	json_object_foreach((json_t *)(uintptr_t)families, name, family)
	{
		const json_t *prefixes = json_object_get(family, "prefixes");
		json_t *rest = json_copy(family);
		char text[CLI_MEMBER_TEXT_MAX];

		json_object_del(rest, "prefixes");
		cli_table_add(&table, name);
		cli_table_add(&table, cli_member(prefixes, "received", text));
		cli_table_add(&table, cli_member(prefixes, "advertised", text));
		add_cell(&table, rest);
		json_decref(rest);
	}
	cli_table_print(&table, "  ");
	cli_table_done(&table);
}

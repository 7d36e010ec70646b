/*
 * cli_neighbor: what a neighbor said of itself in OPEN, and how each family goes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Split from cli_show: the members `capabilities` and `afi-safis` of show.neighbors.
 */
#include "cli/cli_neighbor.h"

#include "base/buf.h"
#include "cli/cli_output.h"

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

void cli_neighbor_capabilities(const json_t *capabilities)
{
	static const char *const headings[] = { "<Capability", "<Ours", "<Theirs", NULL };
	const json_t *ours = json_object_get(capabilities, "local");
	const json_t *theirs = json_object_get(capabilities, "peer");
	struct cli_table table;
	const char *key;
	json_t *value;

	if (json_object_size(capabilities) == 0)
		return;
	cli_table_init(&table, headings);
	json_object_foreach((json_t *)(uintptr_t)ours, key, value)
	{
		cli_table_add(&table, key);
		add_cell(&table, value);
		add_cell(&table, json_object_get(theirs, key));
	}
	json_object_foreach((json_t *)(uintptr_t)theirs, key, value)
	{
		if (json_object_get(ours, key) != NULL)
			continue;
		cli_table_add(&table, key);
		add_cell(&table, NULL);
		add_cell(&table, value);
	}
	cli_table_print(&table, "  ");
	cli_table_done(&table);
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

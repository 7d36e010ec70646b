/*
 * cli_output: tables, JSON and YAML on stdout.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli_output.h"

#include <yaml.h>

#include "base/buf.h"
#include "base/mem.h"
#include "model/yaml.h"

#define CELLS_MAX 100000000u

void cli_table_init(struct cli_table *table, const char *const *headings)
{
	*table = (struct cli_table){ .headings = headings };
	while (headings[table->column_count] != NULL)
		table->column_count++;
	assert(table->column_count <= CLI_COLUMNS_MAX);
}

static void clear(struct cli_table *table)
{
	for (size_t i = 0; i < table->cell_count; i++)
		mem_free(table->cells[i]);
	table->cell_count = 0;
}

void cli_table_done(struct cli_table *table)
{
	clear(table);
	mem_free(table->cells);
}

void cli_table_add(struct cli_table *table, const char *text)
{
	if (table->cell_count == CELLS_MAX)
		return;
	MEM_RESERVE(table->cells, table->cell_capacity, table->cell_count + 1);
	table->cells[table->cell_count++] = mem_strdup(text);
}

void cli_table_printf(struct cli_table *table, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	cli_table_add(table, text);
}

/* Columns of a line of UTF-8, near enough: octets that do not continue a character. */
static size_t width_of(const char *text)
{
	size_t width = 0;

	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static const char *heading_text(const char *heading)
{
	return heading[0] == '<' || heading[0] == '>' ? heading + 1 : heading;
}

static void print_cell(const struct cli_table *table, size_t column, const char *text, size_t width)
{
	int pad = (int)(width - width_of(text));

	if (table->headings[column][0] == '>')
		printf("%*s%s", pad, "", text);
	else if (column + 1 < table->column_count)
		printf("%s%*s", text, pad, "");
	else
		printf("%s", text);
	printf("%s", column + 1 < table->column_count ? "  " : "\n");
}

void cli_table_print(struct cli_table *table, const char *indent)
{
	size_t widths[CLI_COLUMNS_MAX] = { 0 };

	for (size_t i = 0; i < table->column_count; i++)
		widths[i] = width_of(heading_text(table->headings[i]));
	for (size_t i = 0; i < table->cell_count; i++) {
		size_t *width = &widths[i % table->column_count];

		*width = MAX(*width, width_of(table->cells[i]));
	}
	printf("%s", indent);
	for (size_t i = 0; i < table->column_count; i++)
		print_cell(table, i, heading_text(table->headings[i]), widths[i]);
	for (size_t i = 0; i < table->cell_count; i++) {
		size_t column = i % table->column_count;

		if (column == 0)
			printf("%s", indent);
		print_cell(table, column, table->cells[i], widths[column]);
	}
	clear(table);
}

void cli_print_json(const json_t *value)
{
	json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
	putchar('\n');
}

/* A node that is being printed: the emitter wants a start and an end of each. */
struct level {
	const json_t *node;
	void *iterator; /* of an object */
	size_t index;	/* of a list */
};

#define LEVELS_MAX 64u

static void emit_scalar(yaml_emitter_t *emitter, const char *text, bool plain)
{
	yaml_event_t event;

	yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text,
				     (int)strlen(text), plain, !plain || text[0] != '\0',
				     plain ? YAML_PLAIN_SCALAR_STYLE
					   : YAML_DOUBLE_QUOTED_SCALAR_STYLE);
	yaml_emitter_emit(emitter, &event);
}

/* Would a reader take this text for something else than text, were it plain? Old readers too. */
static bool needs_quotes(const char *text)
{
	static const char *const words[] = { "yes", "no", "on", "off", "y", "n" };
	size_t length = strlen(text);
	json_t *meaning = yaml_scalar(text, length, NULL);
	bool is_text = json_is_string(meaning);

	json_decref(meaning);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		is_text = is_text && strcasecmp(text, words[i]) != 0;
	if (!is_text || strpbrk(text, "#{}[]&*!|>'\"%@`,\n") != NULL || strstr(text, ": ") != NULL)
		return true;
	return !((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z') ||
		 (text[0] >= '0' && text[0] <= '9') || text[0] == '/') ||
	       text[length - 1] == ' ' || text[length - 1] == ':';
}

static void emit_leaf(yaml_emitter_t *emitter, const json_t *value)
{
	char *text;

	if (json_is_string(value)) {
		emit_scalar(emitter, json_string_value(value),
			    !needs_quotes(json_string_value(value)));
		return;
	}
	text = json_dumps(value, JSON_ENCODE_ANY);
	emit_scalar(emitter, text, true);
	free(text);
}

static bool is_branch(const json_t *value)
{
	return json_is_object(value) || json_is_array(value);
}

static void emit_start(yaml_emitter_t *emitter, const json_t *value)
{
	yaml_event_t event;

	if (json_is_object(value))
		yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
						    json_object_size(value) != 0
							    ? YAML_BLOCK_MAPPING_STYLE
							    : YAML_FLOW_MAPPING_STYLE);
	else
		yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
						     json_array_size(value) != 0
							     ? YAML_BLOCK_SEQUENCE_STYLE
							     : YAML_FLOW_SEQUENCE_STYLE);
	yaml_emitter_emit(emitter, &event);
}

static void emit_end(yaml_emitter_t *emitter, const json_t *value)
{
	yaml_event_t event;

	if (json_is_object(value))
		yaml_mapping_end_event_initialize(&event);
	else
		yaml_sequence_end_event_initialize(&event);
	yaml_emitter_emit(emitter, &event);
}

static json_t *writable(const json_t *value)
{
	return (json_t *)(uintptr_t)value;
}

/* The next child of a level, its key emitted; NULL at the end. */
static const json_t *next_child(yaml_emitter_t *emitter, struct level *level)
{
	const json_t *child;

	if (json_is_array(level->node))
		return json_array_get(level->node, level->index++);
	if (level->iterator == NULL)
		return NULL;
	emit_scalar(emitter, json_object_iter_key(level->iterator),
		    !needs_quotes(json_object_iter_key(level->iterator)));
	child = json_object_iter_value(level->iterator);
	level->iterator = json_object_iter_next(writable(level->node), level->iterator);
	return child;
}

static struct level open_level(yaml_emitter_t *emitter, const json_t *value)
{
	emit_start(emitter, value);
	return (struct level){ .node = value,
			       .iterator = json_is_object(value) ? json_object_iter(writable(value))
								 : NULL };
}

static void emit_tree(yaml_emitter_t *emitter, const json_t *value)
{
	struct level levels[LEVELS_MAX];
	size_t depth = 0;

	if (!is_branch(value)) {
		emit_leaf(emitter, value);
		return;
	}
	levels[depth++] = open_level(emitter, value);
	while (depth != 0) {
		const json_t *child = next_child(emitter, &levels[depth - 1]);

		if (child == NULL) {
			emit_end(emitter, levels[--depth].node);
		} else if (is_branch(child) && depth < LEVELS_MAX) {
			levels[depth] = open_level(emitter, child);
			depth++;
		} else {
			emit_leaf(emitter, child);
		}
	}
}

void cli_print_yaml(const json_t *value)
{
	yaml_emitter_t emitter;
	yaml_event_t event;

	yaml_emitter_initialize(&emitter);
	yaml_emitter_set_output_file(&emitter, stdout);
	yaml_emitter_set_unicode(&emitter, 1);
	yaml_emitter_set_width(&emitter, -1);
	yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
	yaml_emitter_emit(&emitter, &event);
	yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1);
	yaml_emitter_emit(&emitter, &event);
	emit_tree(&emitter, value);
	yaml_document_end_event_initialize(&event, 1);
	yaml_emitter_emit(&emitter, &event);
	yaml_stream_end_event_initialize(&event);
	yaml_emitter_emit(&emitter, &event);
	yaml_emitter_flush(&emitter);
	yaml_emitter_delete(&emitter);
}

bool cli_print_document(const struct cli *cli, const json_t *value)
{
	if (cli->format == CLI_TABLE)
		return false;
	if (cli->format == CLI_JSON)
		cli_print_json(value);
	else
		cli_print_yaml(value);
	return true;
}

const char *cli_member(const json_t *object, const char *key, char text[static CLI_MEMBER_TEXT_MAX])
{
	const json_t *value = json_object_get(object, key);

	if (json_is_string(value))
		return json_string_value(value);
	if (json_is_integer(value))
		snprintf(text, CLI_MEMBER_TEXT_MAX, "%" JSON_INTEGER_FORMAT,
			 json_integer_value(value));
	else if (json_is_boolean(value))
		snprintf(text, CLI_MEMBER_TEXT_MAX, "%s", json_is_true(value) ? "yes" : "no");
	else
		text[0] = '\0';
	return text;
}

/*
 * yaml: YAML text to a JSON tree, strictly.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "model/yaml.h"

#include <errno.h>
#include <math.h>
#include <yaml.h>

#include "base/mem.h"

/* An open mapping or list. */
struct frame {
	json_t *node;	  /* borrowed: its parent, or the builder, holds it */
	char *key;	  /* of the value that comes next in a mapping; NULL: a key comes next */
	const char *rest; /* what is left of the path that is sought, from here; NULL: off it */
};

struct builder {
	const char *name;
	json_t *documents;
	struct frame frames[YAML_DEPTH_MAX];
	size_t depth;
	/* yaml_error_locate */
	const char *seek;
	size_t found_line, found_column;
	const char *child_rest; /* for the frame that the next start event opens */
};

static int fail_at(const struct builder *b, yaml_mark_t mark, struct error *e, const char *what)
{
	return error_set(e, "%s:%zu:%zu: %s", b->name, mark.line + 1, mark.column + 1, what);
}

static bool is_one_of(const char *text, size_t length, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (strlen(*words) == length && memcmp(*words, text, length) == 0)
			return true;
	}
	return false;
}

static size_t skip_digits(const char *text, size_t length, size_t at)
{
	while (at < length && text[at] >= '0' && text[at] <= '9')
		at++;
	return at;
}

/* [-+]? [0-9]+ */
static bool is_decimal(const char *text, size_t length)
{
	size_t start = length != 0 && (text[0] == '-' || text[0] == '+');

	return length > start && skip_digits(text, length, start) == length;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_float(const char *text, size_t length)
{
	size_t at = length != 0 && (text[0] == '-' || text[0] == '+');
	size_t whole = skip_digits(text, length, at);
	size_t digits = whole - at;

	at = whole;
	if (at < length && text[at] == '.') {
		size_t end = skip_digits(text, length, at + 1);

		digits += end - at - 1;
		at = end;
	}
	if (digits == 0)
		return false;
	if (at < length && (text[at] == 'e' || text[at] == 'E')) {
		size_t start = at + 1;
		size_t end;

		if (start < length && (text[start] == '-' || text[start] == '+'))
			start++;
		end = skip_digits(text, length, start);
		if (end == start)
			return false;
		at = end;
	}
	return at == length;
}

static bool is_based(const char *text, size_t length, char letter, const char *digits)
{
	if (length < 3 || text[0] != '0' || text[1] != letter)
		return false;
	for (size_t i = 2; i < length; i++) {
		if (text[i] == '\0' || strchr(digits, text[i]) == NULL)
			return false;
	}
	return true;
}

static json_t *integer_of(const char *digits, int base, struct error *e)
{
	long long value;

	errno = 0;
	value = strtoll(digits, NULL, base);
	if (errno != 0) {
		error_set(e, "the number is too large");
		return NULL;
	}
	return json_integer(value);
}

json_t *yaml_scalar(const char *text, size_t length, struct error *e)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
	static const char *const trues[] = { "true", "True", "TRUE", NULL };
	static const char *const falses[] = { "false", "False", "FALSE", NULL };
	static const char *const not_json[] = { ".inf",	 ".Inf",  ".INF",  "+.inf", "+.Inf",
						"+.INF", "-.inf", "-.Inf", "-.INF", ".nan",
						".NaN",	 ".NAN",  NULL };
	json_t *result;

	if (is_one_of(text, length, nulls))
		return json_null();
	if (is_one_of(text, length, trues))
		return json_true();
	if (is_one_of(text, length, falses))
		return json_false();
	if (is_decimal(text, length))
		return integer_of(text, 10, e);
	if (is_based(text, length, 'o', "01234567"))
		return integer_of(text + 2, 8, e);
	if (is_based(text, length, 'x', "0123456789abcdefABCDEF"))
		return integer_of(text + 2, 16, e);
	if (is_one_of(text, length, not_json)) {
		error_set(e, "infinity and NaN are no values here; put text into quotes");
		return NULL;
	}
	if (is_float(text, length)) {
		double value = strtod(text, NULL);

		if (!isfinite(value)) {
			error_set(e, "the number is too large");
			return NULL;
		}
		return json_real(value);
	}
	result = json_stringn(text, length);
	if (result == NULL)
		error_set(e, "the text is not UTF-8");
	return result;
}

/* Steps along the sought path: from `rest`, over the key or the index, when it goes on with it. */
static const char *path_step_key(const char *rest, const char *key)
{
	size_t length = strlen(key);

	if (rest == NULL)
		return NULL;
	if (*rest == '.')
		rest++;
	if (strncmp(rest, key, length) != 0)
		return NULL;
	rest += length;
	return *rest == '.' || *rest == '[' || *rest == ':' || *rest == '\0' ? rest : NULL;
}

static const char *path_step_index(const char *rest, size_t index)
{
	char text[24];
	int length;

	if (rest == NULL)
		return NULL;
	length = snprintf(text, sizeof(text), "[%zu]", index);
	return strncmp(rest, text, (size_t)length) == 0 ? rest + length : NULL;
}

static void found(struct builder *b, yaml_mark_t mark)
{
	b->found_line = mark.line + 1;
	b->found_column = mark.column + 1;
}

/* Puts a finished or just opened node where it belongs. Takes the reference. */
static int attach(struct builder *b, json_t *node, yaml_mark_t mark, struct error *e)
{
	struct frame *frame;

	b->child_rest = NULL;
	if (b->depth == 0) {
		if (json_array_size(b->documents) >= YAML_DOCUMENTS_MAX) {
			json_decref(node);
			return fail_at(b, mark, e, "too many documents");
		}
		b->child_rest = b->seek;
		json_array_append_new(b->documents, node);
		return 0;
	}
	frame = &b->frames[b->depth - 1];
	if (json_is_array(frame->node)) {
		b->child_rest = path_step_index(frame->rest, json_array_size(frame->node));
		if (b->child_rest != NULL)
			found(b, mark);
		json_array_append_new(frame->node, node);
		return 0;
	}
	b->child_rest = path_step_key(frame->rest, frame->key);
	if (json_object_set_new(frame->node, frame->key, node) < 0)
		return fail_at(b, mark, e, "the key is not UTF-8");
	mem_free(frame->key);
	frame->key = NULL;
	return 0;
}

static bool expects_key(const struct builder *b)
{
	const struct frame *frame = b->depth == 0 ? NULL : &b->frames[b->depth - 1];

	return frame != NULL && json_is_object(frame->node) && frame->key == NULL;
}

static int take_key(struct builder *b, const yaml_event_t *event, struct error *e)
{
	struct frame *frame = &b->frames[b->depth - 1];
	const char *text = (const char *)event->data.scalar.value;

	if (strlen(text) != event->data.scalar.length)
		return fail_at(b, event->start_mark, e, "a NUL octet in a key");
	if (strcmp(text, "<<") == 0)
		return fail_at(b, event->start_mark, e, "merge keys are not supported");
	if (json_object_get(frame->node, text) != NULL) {
		fail_at(b, event->start_mark, e, "");
		snprintf(e->text + strlen(e->text), ERROR_TEXT_MAX - strlen(e->text),
			 "the key %s is there twice", text);
		return -1;
	}
	if (path_step_key(frame->rest, text) != NULL)
		found(b, event->start_mark);
	frame->key = mem_strdup(text);
	return 0;
}

static int take_scalar(struct builder *b, const yaml_event_t *event, struct error *e)
{
	const char *text = (const char *)event->data.scalar.value;
	struct error why = { "" };
	json_t *node;

	if (event->data.scalar.anchor != NULL)
		return fail_at(b, event->start_mark, e, "anchors are not supported");
	if (event->data.scalar.tag != NULL)
		return fail_at(b, event->start_mark, e, "tags are not supported");
	if (expects_key(b))
		return take_key(b, event, e);
	if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
		node = yaml_scalar(text, event->data.scalar.length, &why);
	} else {
		node = json_stringn(text, event->data.scalar.length);
		if (node == NULL)
			error_set(&why, "the text is not UTF-8");
	}
	if (node == NULL)
		return fail_at(b, event->start_mark, e, why.text);
	return attach(b, node, event->start_mark, e);
}

static int open_node(struct builder *b, json_t *node, const yaml_char_t *anchor,
		     const yaml_char_t *tag, yaml_mark_t mark, struct error *e)
{
	const char *wrong = NULL;

	if (anchor != NULL)
		wrong = "anchors are not supported";
	else if (tag != NULL)
		wrong = "tags are not supported";
	else if (expects_key(b))
		wrong = "a key must be a scalar";
	else if (b->depth == YAML_DEPTH_MAX)
		wrong = "nested too deeply";
	if (wrong != NULL) {
		json_decref(node);
		return fail_at(b, mark, e, wrong);
	}
	if (attach(b, node, mark, e) < 0)
		return -1;
	b->frames[b->depth++] = (struct frame){ .node = node, .rest = b->child_rest };
	return 0;
}

/* 1 when the stream is at its end. */
static int take_event(struct builder *b, const yaml_event_t *event, struct error *e)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return take_scalar(b, event, e);
	case YAML_SEQUENCE_START_EVENT:
		return open_node(b, json_array(), event->data.sequence_start.anchor,
				 event->data.sequence_start.tag, event->start_mark, e);
	case YAML_MAPPING_START_EVENT:
		return open_node(b, json_object(), event->data.mapping_start.anchor,
				 event->data.mapping_start.tag, event->start_mark, e);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		b->depth--;
		return 0;
	case YAML_ALIAS_EVENT:
		return fail_at(b, event->start_mark, e, "aliases are not supported");
	case YAML_STREAM_END_EVENT:
		return 1;
	default:
		return 0;
	}
}

static int parser_error(const struct builder *b, const yaml_parser_t *parser, struct error *e)
{
	const char *problem = parser->problem != NULL ? parser->problem : "not YAML";

	if (parser->error == YAML_READER_ERROR)
		return error_set(e, "%s: octet %zu: %s", b->name, parser->problem_offset, problem);
	return fail_at(b, parser->problem_mark, e, problem);
}

static int run(struct builder *b, const char *text, size_t length, struct error *e)
{
	yaml_parser_t parser;
	int result = 0;

	if (!yaml_parser_initialize(&parser))
		return error_set(e, "%s: out of memory", b->name);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	while (result == 0) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event)) {
			result = parser_error(b, &parser, e);
			break;
		}
		result = take_event(b, &event, e);
		yaml_event_delete(&event);
	}
	while (b->depth != 0)
		mem_free(b->frames[--b->depth].key);
	yaml_parser_delete(&parser);
	return result < 0 ? -1 : 0;
}

static json_t *parse_stream(const char *text, size_t length, const char *name, struct error *e)
{
	struct builder b = { .name = name, .documents = json_array() };
	struct error local;

	if (e == NULL)
		e = &local;
	if (length > YAML_BYTES_MAX) {
		error_set(e, "%s: %zu octets, at most %u are allowed", name, length,
			  YAML_BYTES_MAX);
		json_decref(b.documents);
		return NULL;
	}
	if (run(&b, text, length, e) < 0) {
		json_decref(b.documents);
		return NULL;
	}
	return b.documents;
}

json_t *yaml_parse(const char *text, size_t length, const char *name, struct error *e)
{
	json_t *documents = parse_stream(text, length, name, e);
	json_t *document;

	if (documents == NULL)
		return NULL;
	if (json_array_size(documents) != 1) {
		error_set(e, "%s: %zu documents, must be one", name, json_array_size(documents));
		json_decref(documents);
		return NULL;
	}
	document = json_incref(json_array_get(documents, 0));
	json_decref(documents);
	return document;
}

json_t *yaml_parse_all(const char *text, size_t length, const char *name, struct error *e)
{
	json_t *documents = parse_stream(text, length, name, e);

	if (documents == NULL)
		return NULL;
	for (size_t i = json_array_size(documents); i > 0; i--) {
		if (json_is_null(json_array_get(documents, i - 1)))
			json_array_remove(documents, i - 1);
	}
	return documents;
}

int yaml_error_locate(const char *text, size_t length, const char *name, struct error *e)
{
	struct builder b = { .name = name, .documents = json_array(), .seek = e->text };
	struct error ignored;

	if (run(&b, text, length, &ignored) < 0 || b.found_line == 0)
		error_prefix(e, "%s", name);
	else
		error_prefix(e, "%s:%zu:%zu", name, b.found_line, b.found_column);
	json_decref(b.documents);
	return -1;
}

/*
 * outline: one record of names and values, as a JSON line or as a block of text.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/outline.h"

void outline_init(struct outline *o, struct buf *to, bool json)
{
	o->to = to;
	o->is_json = json;
	o->depth = 0;
	json_writer_init(&o->json, to);
}

void outline_begin(struct outline *o)
{
	assert(o->depth == 0);
	o->depth = 1;
	memset(&o->levels[1], 0, sizeof(o->levels[1]));
	if (o->is_json)
		json_writer_object(&o->json);
}

void outline_finish(struct outline *o)
{
	assert(o->depth == 1);
	o->depth = 0;
	if (o->is_json) {
		json_writer_end(&o->json);
		json_writer_init(&o->json, o->to);
	}
	buf_add(o->to, "\n", 1);
}

static void new_line(struct outline *o)
{
	static const char spaces[2 * OUTLINE_DEPTH_MAX + 1] =
		"                                                ";

	buf_add(o->to, "\n", 1);
	buf_add(o->to, spaces, 2 * (size_t)o->depth);
}

/* What stands before a member: as JSON its key. */
static void member(struct outline *o, const char *key, bool container)
{
	bool array = o->levels[o->depth].is_array;
	bool first = !o->levels[o->depth].has_members;

	assert(o->depth != 0 && (key == NULL) == array);
	o->levels[o->depth].has_members = true;
	if (o->is_json) {
		if (key != NULL)
			json_writer_key(&o->json, key);
		return;
	}
	if (o->levels[o->depth].lines)
		new_line(o);
	else if (!first && array && (container || o->levels[o->depth].has_containers))
		buf_add(o->to, ", ", 2);
	else if (!first)
		buf_add(o->to, " ", 1);
	o->levels[o->depth].has_containers |= container;
}

static void text_key(struct outline *o, const char *key)
{
	if (key == NULL)
		return;
	buf_add_text(o->to, key);
	buf_add(o->to, " ", 1);
}

static void container(struct outline *o, const char *key, enum outline_layout layout, bool array)
{
	assert(o->depth < OUTLINE_DEPTH_MAX);
	if (layout != OUTLINE_INLINE)
		o->levels[o->depth].lines = true;
	member(o, key, true);
	if (o->is_json) {
		if (array)
			json_writer_array(&o->json);
		else
			json_writer_object(&o->json);
	} else if (layout == OUTLINE_LINES && key != NULL) {
		buf_add_text(o->to, key);
	} else {
		text_key(o, key);
	}
	o->depth++;
	memset(&o->levels[o->depth], 0, sizeof(o->levels[o->depth]));
	o->levels[o->depth].is_array = array;
	o->levels[o->depth].lines = layout == OUTLINE_LINES;
}

void outline_object(struct outline *o, const char *key, enum outline_layout layout)
{
	container(o, key, layout, false);
}

void outline_array(struct outline *o, const char *key, enum outline_layout layout)
{
	container(o, key, layout, true);
}

void outline_end(struct outline *o)
{
	assert(o->depth > 1);
	if (o->is_json)
		json_writer_end(&o->json);
	else if (!o->levels[o->depth].has_members)
		buf_add_text(o->to, o->levels[o->depth].lines ? " -" : "-");
	o->depth--;
}

void outline_text(struct outline *o, const char *key, const char *text)
{
	member(o, key, false);
	if (o->is_json) {
		json_writer_text(&o->json, text);
		return;
	}
	text_key(o, key);
	buf_add_text(o->to, text);
}

void outline_bare(struct outline *o, const char *key, const char *text)
{
	member(o, key, false);
	if (o->is_json)
		json_writer_text(&o->json, text);
	else
		buf_add_text(o->to, text);
}

void outline_string(struct outline *o, const char *key, const void *bytes, size_t length)
{
	member(o, key, false);
	if (o->is_json) {
		json_writer_string(&o->json, bytes, length);
		return;
	}
	text_key(o, key);
	buf_add(o->to, "\"", 1);
	json_writer_escape(o->to, bytes, length);
	buf_add(o->to, "\"", 1);
}

void outline_hex(struct outline *o, const char *key, const void *bytes, size_t length)
{
	member(o, key, false);
	if (o->is_json) {
		json_writer_hex(&o->json, bytes, length);
		return;
	}
	text_key(o, key);
	buf_add_text(o->to, "0x");
	buf_add_hex(o->to, bytes, length);
}

void outline_uint(struct outline *o, const char *key, uint64_t value)
{
	member(o, key, false);
	if (o->is_json) {
		json_writer_uint(&o->json, value);
		return;
	}
	text_key(o, key);
	buf_printf(o->to, "%" PRIu64, value);
}

void outline_bool(struct outline *o, const char *key, bool value)
{
	if (o->is_json) {
		member(o, key, false);
		json_writer_bool(&o->json, value);
	} else if (value && key != NULL) {
		member(o, key, false);
		buf_add_text(o->to, key);
	}
}

void outline_address(struct outline *o, const char *key, const struct ip_addr *address)
{
	char text[IP_TEXT_MAX];

	outline_text(o, key, ip_addr_format(address, text));
}

void outline_words(struct outline *o, const char *key, const char *words)
{
	outline_array(o, key, OUTLINE_INLINE);
	while (*words != '\0') {
		size_t length = strcspn(words, " ");

		member(o, NULL, false);
		if (o->is_json)
			json_writer_string(&o->json, words, length);
		else
			buf_add(o->to, words, length);
		words += length;
		words += strspn(words, " ");
	}
	outline_end(o);
}

/*
 * json_writer: JSON text, written value by value.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/json_writer.h"

#include "base/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

void json_writer_init(struct json_writer *w, struct buf *to)
{
	*w = (struct json_writer){ .to = to };
}

static bool in_object(const struct json_writer *w)
{
	return (w->is_object >> w->depth & 1) != 0;
}

/* What stands between the value to come and what is before it. */
static void separate(struct json_writer *w)
{
	assert(w->after_key || !in_object(w));
	if (w->after_key) {
		w->after_key = false;
		return;
	}
	if (w->depth != 0 && (w->has_members >> w->depth & 1) != 0)
		buf_add(w->to, ",", 1);
	w->has_members |= UINT64_C(1) << w->depth;
}

static void begin(struct json_writer *w, bool object)
{
	uint64_t bit;

	separate(w);
	assert(w->depth < JSON_WRITER_DEPTH_MAX);
	w->depth++;
	bit = UINT64_C(1) << w->depth;
	w->has_members &= ~bit;
	w->is_object = object ? w->is_object | bit : w->is_object & ~bit;
	buf_add(w->to, object ? "{" : "[", 1);
}

void json_writer_object(struct json_writer *w)
{
	begin(w, true);
}

void json_writer_array(struct json_writer *w)
{
	begin(w, false);
}

void json_writer_end(struct json_writer *w)
{
	assert(w->depth != 0 && !w->after_key);
	buf_add(w->to, in_object(w) ? "}" : "]", 1);
	w->depth--;
}

/* RFC 8259 7; and what is harmful to look at. */
static bool must_escape(uint32_t c)
{
	return c == '"' || c == '\\' || utf8_is_harmful(c);
}

static void add_escaped(struct buf *to, uint32_t c)
{
	static const char *const names[128] = {
		['"'] = "\\\"", ['\\'] = "\\\\", ['\b'] = "\\b", ['\f'] = "\\f",
		['\n'] = "\\n", ['\r'] = "\\r",	 ['\t'] = "\\t",
	};

	if (c < ARRAY_SIZE(names) && names[c] != NULL)
		buf_add_text(to, names[c]);
	else
		buf_printf(to, "\\u%04" PRIx32, c);
}

void json_writer_escape(struct buf *to, const void *bytes, size_t length)
{
	const uint8_t *p = bytes;
	size_t plain = 0; /* where what is to be copied as it is began */
	size_t at = 0;

	while (at < length) {
		uint32_t value = 0;
		size_t step;

		if (LIKELY(p[at] >= 0x20 && p[at] < 0x7f && p[at] != '"' && p[at] != '\\')) {
			at++;
			continue;
		}
		step = utf8_character(p + at, length - at, &value);
		if (step != 0 && !must_escape(value)) {
			at += step;
			continue;
		}
		buf_add(to, p + plain, at - plain);
		if (step == 0)
			buf_add_text(to, REPLACEMENT);
		else
			add_escaped(to, value);
		at += step == 0 ? 1 : step;
		plain = at;
	}
	if (at != plain)
		buf_add(to, p + plain, at - plain);
}

void json_writer_key(struct json_writer *w, const char *key)
{
	assert(in_object(w) && !w->after_key);
	if ((w->has_members >> w->depth & 1) != 0)
		buf_add(w->to, ",", 1);
	w->has_members |= UINT64_C(1) << w->depth;
	buf_add(w->to, "\"", 1);
	json_writer_escape(w->to, key, strlen(key));
	buf_add(w->to, "\":", 2);
	w->after_key = true;
}

void json_writer_string(struct json_writer *w, const void *bytes, size_t length)
{
	separate(w);
	buf_add(w->to, "\"", 1);
	json_writer_escape(w->to, bytes, length);
	buf_add(w->to, "\"", 1);
}

void json_writer_text(struct json_writer *w, const char *text)
{
	json_writer_string(w, text, strlen(text));
}

void json_writer_hex(struct json_writer *w, const void *bytes, size_t length)
{
	separate(w);
	buf_add(w->to, "\"", 1);
	buf_add_hex(w->to, bytes, length);
	buf_add(w->to, "\"", 1);
}

void json_writer_uint(struct json_writer *w, uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);

	separate(w);
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	buf_add(w->to, digits + at, sizeof(digits) - at);
}

void json_writer_int(struct json_writer *w, int64_t value)
{
	separate(w);
	buf_printf(w->to, "%" PRId64, value);
}

void json_writer_bool(struct json_writer *w, bool value)
{
	separate(w);
	buf_add_text(w->to, value ? "true" : "false");
}

void json_writer_null(struct json_writer *w)
{
	separate(w);
	buf_add_text(w->to, "null");
}

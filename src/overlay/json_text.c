/*
 * json_text: JSON written straight into a buf.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 8259. Texts are UTF-8 already (they were parsed from JSON); only what must be escaped is.
 */
#include "overlay/json_text.h"

struct json_text json_text_of(struct buf *to)
{
	return (struct json_text){ .to = to };
}

void json_text_quote(struct buf *to, const char *value)
{
	const char *run = value;

	buf_add(to, "\"", 1);
	for (const char *p = value; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(to, run, (size_t)(p - run));
		if (c < 0x20)
			buf_printf(to, "\\u%04x", c);
		else
			buf_printf(to, "\\%c", c);
		run = p + 1;
	}
	buf_add_text(to, run);
	buf_add(to, "\"", 1);
}

static void begin_value(struct json_text *j, const char *key)
{
	if (j->comma)
		buf_add(j->to, ",", 1);
	j->comma = true;
	if (key == NULL)
		return;
	json_text_quote(j->to, key);
	buf_add(j->to, ":", 1);
}

static void open_bracket(struct json_text *j, const char *key, const char *bracket)
{
	begin_value(j, key);
	buf_add(j->to, bracket, 1);
	j->comma = false;
}

static void close_bracket(struct json_text *j, const char *bracket)
{
	buf_add(j->to, bracket, 1);
	j->comma = true;
}

void json_text_object(struct json_text *j, const char *key)
{
	open_bracket(j, key, "{");
}

void json_text_array(struct json_text *j, const char *key)
{
	open_bracket(j, key, "[");
}

void json_text_end_object(struct json_text *j)
{
	close_bracket(j, "}");
}

void json_text_end_array(struct json_text *j)
{
	close_bracket(j, "]");
}

void json_text_string(struct json_text *j, const char *key, const char *value)
{
	begin_value(j, key);
	json_text_quote(j->to, value);
}

void json_text_number(struct json_text *j, const char *key, uint64_t value)
{
	char digits[24];
	size_t at = sizeof(digits);

	begin_value(j, key);
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	buf_add(j->to, digits + at, sizeof(digits) - at);
}

void json_text_bool(struct json_text *j, const char *key, bool value)
{
	begin_value(j, key);
	buf_add_text(j->to, value ? "true" : "false");
}

/* For texts that need no escape. */
static void plain(struct json_text *j, const char *key, const char *value)
{
	begin_value(j, key);
	buf_add(j->to, "\"", 1);
	buf_add_text(j->to, value);
	buf_add(j->to, "\"", 1);
}

void json_text_addr(struct json_text *j, const char *key, const struct ip_addr *value)
{
	char text[IP_TEXT_MAX];

	plain(j, key, ip_addr_format(value, text));
}

void json_text_prefix(struct json_text *j, const char *key, const struct ip_prefix *value)
{
	char text[IP_PREFIX_TEXT_MAX];

	plain(j, key, ip_prefix_format(value, text));
}

void json_text_mac(struct json_text *j, const char *key, const struct mac_addr *value)
{
	char text[MAC_TEXT_MAX];

	plain(j, key, mac_addr_format(value, text));
}

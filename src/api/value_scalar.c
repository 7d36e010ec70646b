/*
 * value_scalar: single values of a body: numbers, addresses, keys, references.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "api/value_scalar.h"

#include <ctype.h>
#include <strings.h>

#include "base/buf.h"
#include "base/ip.h"

#define TEXT_BYTES_MAX 4096u

const char *value_scalar_type_words(const json_t *input)
{
	static const char *const words[] = {
		[JSON_OBJECT] = "an object",
		[JSON_ARRAY] = "a list",
		[JSON_STRING] = "text",
		[JSON_INTEGER] = "a number",
		[JSON_REAL] = "a number with a fraction",
		[JSON_TRUE] = "true",
		[JSON_FALSE] = "false",
		[JSON_NULL] = "null",
	};

	return words[json_typeof(input)];
}

/* Decimal digits only, at most `max`. */
static bool parse_number(const char *text, size_t length, uint64_t max, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (length == 0 || length > 19)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!isdigit((unsigned char)text[i]))
			return false;
		number = number * 10 + (uint64_t)(text[i] - '0');
	}
	if (number > max)
		return false;
	*ret_number = number;
	return true;
}

int value_as_number(const json_t *input, asn_t *ret_as, struct error *e)
{
	const char *text = json_string_value(input);
	asn_t as = { 0 };
	bool good;

	if (json_is_integer(input)) {
		good = json_integer_value(input) >= 0 && json_integer_value(input) <= UINT32_MAX;
		as.number = (uint32_t)json_integer_value(input);
	} else {
		good = text != NULL && asn_parse(text, &as, NULL) == 0;
	}
	if (!good)
		return error_set(e, "must be an AS number: 64512, \"64512\" or \"0.64512\" "
				    "(high.low)");
	if (asn_is_reserved(as))
		return error_set(
			e, "AS %" PRIu32 " is reserved (RFC 7607, 7300, 6793): choose another",
			as.number);
	*ret_as = as;
	return 0;
}

static json_t *as_number_json(const struct value_reader *r, const struct schema_property *p,
			      const struct problem_place *place, const json_t *input)
{
	struct error error;
	asn_t as;

	if (value_as_number(input, &as, &error) < 0) {
		problem_add(r->problems, place, "%s", error.text);
		return NULL;
	}
	if (p->type == SCHEMA_EXT_AS_NUMBER)
		return json_sprintf("%u.%u", as.number >> 16, as.number & 0xffff);
	return json_sprintf("%u", as.number);
}

static json_t *read_integer(const struct value_reader *r, const struct schema_property *p,
			    const struct problem_place *place, const json_t *input)
{
	const char *text = json_string_value(input);
	uint64_t number;
	json_int_t value;

	if (json_is_integer(input)) {
		value = json_integer_value(input);
	} else if (text != NULL && parse_number(text, strlen(text), INT64_MAX, &number)) {
		value = (json_int_t)number;
	} else {
		problem_add(r->problems, place, "must be a whole number, is %s",
			    value_scalar_type_words(input));
		return NULL;
	}
	if (value < p->min || value > p->max) {
		problem_add(r->problems, place,
			    "%" JSON_INTEGER_FORMAT " is out of range: must be %" PRId64
			    " to %" PRId64,
			    value, p->min, p->max);
		return NULL;
	}
	return json_integer(value);
}

static json_t *read_boolean(const struct value_reader *r, const struct problem_place *place,
			    const json_t *input)
{
	const char *text = json_string_value(input);

	if (json_is_boolean(input))
		return json_boolean(json_is_true(input));
	if (text != NULL && (strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0))
		return json_boolean(strcasecmp(text, "true") == 0);
	problem_add(r->problems, place, "must be true or false, is %s",
		    value_scalar_type_words(input));
	return NULL;
}

static json_t *read_enum(const struct value_reader *r, const struct schema_property *p,
			 const struct problem_place *place, const char *text)
{
	struct buf words;

	for (size_t i = 0; p->values[i] != NULL; i++) {
		if (strcasecmp(p->values[i], text) == 0)
			return json_string(p->values[i]);
	}
	buf_init(&words, 1024);
	for (size_t i = 0; p->values[i] != NULL; i++)
		buf_printf(&words, "%s%s", i == 0 ? "" : ", ", p->values[i]);
	problem_add(r->problems, place, "'%.60s' is none of: %s", text, buf_text(&words));
	buf_done(&words);
	return NULL;
}

static bool family_is_wrong(const struct value_reader *r, const struct schema_property *p,
			    const struct problem_place *place, uint8_t family)
{
	if (family == IP_V4 || (p->flags & SCHEMA_IPV6) != 0)
		return false;
	problem_add(r->problems, place, "IPv6 is not supported here yet: must be IPv4");
	return true;
}

static json_t *read_address(const struct value_reader *r, const struct schema_property *p,
			    const struct problem_place *place, const char *text)
{
	char canonical[IP_TEXT_MAX];
	struct error error;
	struct ip_addr addr;

	if (ip_addr_parse(text, &addr, &error) < 0) {
		problem_add(r->problems, place, "%s", error.text);
		return NULL;
	}
	if (family_is_wrong(r, p, place, addr.family))
		return NULL;
	return json_string(ip_addr_format(&addr, canonical));
}

static json_t *read_prefix(const struct value_reader *r, const struct schema_property *p,
			   const struct problem_place *place, const char *text)
{
	char canonical[IP_PREFIX_TEXT_MAX];
	struct error error;
	struct ip_prefix prefix;

	if (ip_prefix_parse(text, &prefix, &error) < 0) {
		problem_add(r->problems, place, "%s", error.text);
		return NULL;
	}
	if (family_is_wrong(r, p, place, prefix.addr.family))
		return NULL;
	return json_string(ip_prefix_format(&prefix, canonical));
}

/* "02:1D:..", "02-1D-.." or, as the original has it, "021D..". */
static json_t *read_mac(const struct value_reader *r, const struct problem_place *place,
			const char *text)
{
	char digits[13] = "", colons[MAC_TEXT_MAX];
	size_t count = 0, length = strlen(text);
	struct mac_addr mac;
	struct error error;

	for (size_t i = 0; i < length && count < 12; i++) {
		if (isxdigit((unsigned char)text[i]))
			digits[count++] = text[i];
		else if ((text[i] != ':' && text[i] != '-') || i % 3 != 2)
			break;
	}
	snprintf(colons, sizeof(colons), "%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", digits, digits + 2,
		 digits + 4, digits + 6, digits + 8, digits + 10);
	if (count != 12 || (length != 12 && length != 17) ||
	    mac_addr_parse(colons, &mac, &error) < 0) {
		problem_add(r->problems, place,
			    "'%.40s' is no MAC address: must be like 02:00:5e:10:00:01", text);
		return NULL;
	}
	if ((mac.bytes[0] & 1) != 0) {
		problem_add(r->problems, place,
			    "'%.40s' is a group address: an interface needs one "
			    "of its own",
			    text);
		return NULL;
	}
	return json_string(mac_addr_format(&mac, colons));
}

/* 32 octets in base64: 43 digits and "=", the last digit of which has two bits that are 0. */
static bool key_is_valid(const char *text)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *last;

	if (strlen(text) != 44 || text[43] != '=' || strspn(text, digits) != 43)
		return false;
	last = strchr(digits, text[42]);
	return last != NULL && ((last - digits) & 3) == 0;
}

static json_t *read_key(const struct value_reader *r, const struct problem_place *place,
			const char *text)
{
	if (key_is_valid(text))
		return json_string(text);
	problem_add(
		r->problems, place,
		"must be a key of 32 octets in base64 (44 characters), as `wg pubkey` prints it");
	return NULL;
}

static json_t *read_reference(const struct value_reader *r, const struct schema_property *p,
			      const struct problem_place *place, const json_t *input)
{
	struct problem_place inner = { .outer = place, .name = "resourceRef" };
	const json_t *value = NULL;
	char text[RESOURCE_REF_TEXT_MAX];
	struct resource_ref ref;
	struct error error;
	const char *key;
	json_t *member;

	json_object_foreach((json_t *)(uintptr_t)input, key, member)
	{
		if (strcasecmp(key, "resourceRef") == 0)
			value = member;
	}
	if (!json_is_string(value)) {
		problem_add(r->problems, place,
			    "must be a reference: {\"resourceRef\": \"/%s/NAME\"}",
			    p->kind != NULL ? p->kind->name : "KIND");
		return NULL;
	}
	if (p->kind == NULL) /* of a kind that is not kept here */
		return json_pack("{s:s}", "resourceRef", json_string_value(value));
	if (resource_ref_parse(json_string_value(value), &ref, NULL, &error) < 0) {
		problem_add(r->problems, &inner, "%s", error.text);
		return NULL;
	}
	if (resource_ref_kind(&ref) != p->kind &&
	    (p->other_kind == NULL || resource_ref_kind(&ref) != p->other_kind)) {
		problem_add(r->problems, &inner, "'%.200s' is a %s: must be a %s",
			    json_string_value(value), resource_ref_kind(&ref)->singular,
			    p->kind->singular);
		return NULL;
	}
	return json_pack("{s:s}", "resourceRef", resource_ref_format(&ref, text));
}

static json_t *read_text(const struct value_reader *r, const struct schema_property *p,
			 const struct problem_place *place, const json_t *input)
{
	const char *text = json_string_value(input);

	if (text == NULL) {
		problem_add(r->problems, place, "must be text, is %s",
			    value_scalar_type_words(input));
		return NULL;
	}
	if (strlen(text) != json_string_length(input) || strlen(text) > TEXT_BYTES_MAX) {
		problem_add(r->problems, place, "must be at most %u octets of text, without NUL",
			    TEXT_BYTES_MAX);
		return NULL;
	}
	switch (p->type) {
	case SCHEMA_ENUM:
		return read_enum(r, p, place, text);
	case SCHEMA_ADDRESS:
		return read_address(r, p, place, text);
	case SCHEMA_PREFIX:
		return read_prefix(r, p, place, text);
	case SCHEMA_MAC:
		return read_mac(r, place, text);
	case SCHEMA_PUBLIC_KEY:
	case SCHEMA_PRIVATE_KEY:
		return read_key(r, place, text);
	default:
		return json_string(text);
	}
}

json_t *value_scalar_read(const struct value_reader *r, const struct schema_property *p,
			  const struct problem_place *place, const json_t *input)
{
	switch (p->type) {
	case SCHEMA_INTEGER:
		return read_integer(r, p, place, input);
	case SCHEMA_BOOLEAN:
		return read_boolean(r, place, input);
	case SCHEMA_AS_NUMBER:
	case SCHEMA_EXT_AS_NUMBER:
		return as_number_json(r, p, place, input);
	case SCHEMA_REFERENCE:
		return read_reference(r, p, place, input);
	default:
		return read_text(r, p, place, input);
	}
}

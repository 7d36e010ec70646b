/*
 * doc: typed reading and printing of a JSON object by a table of its keys.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "model/doc.h"

#include "base/buf.h"
#include "base/mem.h"

#define DOC_BYTES_MAX (UINT64_C(1) << 50)

const char *doc_path_key(char to[static DOC_PATH_MAX], const char *path, const char *key)
{
	snprintf(to, DOC_PATH_MAX, "%s%s%s", path, path[0] == '\0' ? "" : ".", key);
	return to;
}

const char *doc_path_index(char to[static DOC_PATH_MAX], const char *path, size_t index)
{
	snprintf(to, DOC_PATH_MAX, "%s[%zu]", path, index);
	return to;
}

static const char *type_name(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "a mapping";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		return "text";
	case JSON_INTEGER:
		return "a number";
	case JSON_REAL:
		return "a number with a fraction";
	case JSON_TRUE:
	case JSON_FALSE:
		return "a truth value";
	case JSON_NULL:
		break;
	}
	return "nothing";
}

static int wrong_type(const json_t *value, const char *wanted, const char *path, struct error *e)
{
	return error_set(e, "%s: must be %s, not %s", path, wanted, type_name(value));
}

int doc_check_array(const json_t *value, size_t count_max, const char *path, struct error *e)
{
	if (!json_is_array(value))
		return wrong_type(value, "a list", path, e);
	if (json_array_size(value) > count_max)
		return error_set(e, "%s: %zu entries, at most %zu are allowed", path,
				 json_array_size(value), count_max);
	return 0;
}

const char *doc_check_text(const json_t *value, const char *path, struct error *e)
{
	const char *text = json_string_value(value);
	size_t length = json_string_length(value);

	if (text == NULL) {
		wrong_type(value, json_is_number(value) ? "text (in quotes)" : "text", path, e);
		return NULL;
	}
	if (length == 0 || length > DOC_TEXT_BYTES_MAX) {
		error_set(e, "%s: must be 1 to %u octets long, not %zu", path, DOC_TEXT_BYTES_MAX,
			  length);
		return NULL;
	}
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
			error_set(e, "%s: control character at octet %zu", path, i);
			return NULL;
		}
	}
	return text;
}

int doc_check_addr(const json_t *value, struct ip_addr *ret, const char *path, struct error *e)
{
	if (!json_is_string(value))
		return wrong_type(value, "an address", path, e);
	if (ip_addr_parse(json_string_value(value), ret, e) < 0)
		return error_prefix(e, "%s", path);
	return 0;
}

int doc_check_prefix(const json_t *value, struct ip_prefix *ret, const char *path, struct error *e)
{
	if (!json_is_string(value))
		return wrong_type(value, "a prefix", path, e);
	if (ip_prefix_parse(json_string_value(value), ret, e) < 0)
		return error_prefix(e, "%s", path);
	return 0;
}

static int read_number(const json_t *value, uint32_t min, uint32_t max, uint32_t *ret,
		       const char *path, struct error *e)
{
	json_int_t number;

	if (!json_is_integer(value))
		return wrong_type(value, "a whole number", path, e);
	number = json_integer_value(value);
	if (number < (json_int_t)min || number > (json_int_t)max)
		return error_set(e, "%s: %" JSON_INTEGER_FORMAT " is not within %u..%u", path,
				 number, min, max);
	*ret = (uint32_t)number;
	return 0;
}

static int read_unsigned(const struct doc_field *field, const json_t *value, void *to,
			 const char *path, struct error *e)
{
	uint32_t type_max = field->type == DOC_U8    ? UINT8_MAX
			    : field->type == DOC_U16 ? UINT16_MAX
						     : UINT32_MAX;
	uint32_t number;

	if (read_number(value, field->min, field->max != 0 ? field->max : type_max, &number, path,
			e) < 0)
		return -1;
	if (field->type == DOC_U8)
		*(uint8_t *)to = (uint8_t)number;
	else if (field->type == DOC_U16)
		*(uint16_t *)to = (uint16_t)number;
	else
		*(uint32_t *)to = number;
	return 0;
}

/* "512MiB": digits, then a unit. */
static bool parse_bytes(const char *text, uint64_t *ret_bytes)
{
	static const struct {
		const char *name;
		unsigned shift;
	} units[] = { { "", 0 }, { "KiB", 10 }, { "MiB", 20 }, { "GiB", 30 } };
	uint64_t number = 0;
	const char *unit = text;

	for (; *unit >= '0' && *unit <= '9' && unit - text < 16; unit++)
		number = number * 10 + (uint64_t)(*unit - '0');
	for (size_t i = 0; unit != text && i < ARRAY_SIZE(units); i++) {
		if (strcmp(unit, units[i].name) != 0)
			continue;
		*ret_bytes = number << units[i].shift;
		return number <= DOC_BYTES_MAX >> units[i].shift;
	}
	return false;
}

static int read_bytes(const struct doc_field *field, const json_t *value, void *to,
		      const char *path, struct error *e)
{
	uint64_t bytes = 0;
	bool good = false;

	if (json_is_integer(value)) {
		bytes = (uint64_t)json_integer_value(value);
		good = bytes <= DOC_BYTES_MAX; /* a negative number is larger */
	} else if (json_is_string(value)) {
		good = parse_bytes(json_string_value(value), &bytes);
	}
	if (!good || (bytes != 0 && bytes < field->min))
		return error_set(e,
				 "%s: must be 0 (none), or a number of bytes from %u up, like "
				 "536870912 or \"512MiB\"",
				 path, field->min);
	*(uint64_t *)to = bytes;
	return 0;
}

static int read_asn(const json_t *value, void *to, const char *path, struct error *e)
{
	uint32_t number;

	if (read_number(value, 1, UINT32_MAX, &number, path, e) < 0)
		return -1;
	if (number == ASN_TRANS)
		return error_set(e, "%s: 23456 is AS_TRANS (RFC 6793), no speaker's own number",
				 path);
	*(asn_t *)to = (asn_t){ number };
	return 0;
}

static int read_choice(const struct doc_field *field, const json_t *value, void *to,
		       const char *path, struct error *e)
{
	char list[ERROR_TEXT_MAX / 2] = "";
	const char *text = json_string_value(value);
	size_t used = 0;

	for (unsigned i = 0; field->choices[i] != NULL; i++) {
		if (field->choices[i][0] == '\0')
			continue;
		if (text != NULL && strcmp(text, field->choices[i]) == 0) {
			memcpy(to, &i, sizeof(i));
			return 0;
		}
		if (used < sizeof(list))
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
						 used == 0 ? "" : ", ", field->choices[i]);
	}
	return error_set(e, "%s: must be one of %s", path, list);
}

static int read_text(const json_t *value, void *to, const char *path, struct error *e)
{
	const char *text = doc_check_text(value, path, e);
	char **member = to;

	if (text == NULL)
		return -1;
	mem_free(*member);
	*member = mem_strdup(text);
	return 0;
}

static int read_field(const struct doc_field *field, const json_t *value, uint8_t *base,
		      const char *path, struct error *e)
{
	void *to = base + field->offset;

	switch (field->type) {
	case DOC_BOOL:
		if (!json_is_boolean(value))
			return wrong_type(value, "true or false", path, e);
		*(bool *)to = json_is_true(value);
		return 0;
	case DOC_U8:
	case DOC_U16:
	case DOC_U32:
		return read_unsigned(field, value, to, path, e);
	case DOC_BYTES:
		return read_bytes(field, value, to, path, e);
	case DOC_ASN:
		return read_asn(value, to, path, e);
	case DOC_ADDR:
		return doc_check_addr(value, to, path, e);
	case DOC_ADDR_V4: {
		struct ip_addr addr;

		if (doc_check_addr(value, &addr, path, e) < 0)
			return -1;
		if (addr.family != IP_V4)
			return error_set(e, "%s: must be an IPv4 address", path);
		*(struct ip_addr *)to = addr;
		return 0;
	}
	case DOC_PREFIX:
		return doc_check_prefix(value, to, path, e);
	case DOC_TEXT:
		return read_text(value, to, path, e);
	case DOC_CHOICE:
		return read_choice(field, value, to, path, e);
	case DOC_CUSTOM:
		break;
	}
	return field->read(value, to, path, e);
}

static bool allowed(const struct doc_field *field, unsigned where)
{
	return field->where == 0 || (field->where & where) != 0;
}

static int unknown_key(const struct doc_field *fields, size_t count, unsigned where,
		       const char *path, const char *key, struct error *e)
{
	char list[ERROR_TEXT_MAX - 64] = "";
	char key_path[DOC_PATH_MAX];
	size_t used = 0;

	for (size_t i = 0; i < count && used < sizeof(list); i++) {
		if (allowed(&fields[i], where))
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
						 used == 0 ? "" : ", ", fields[i].name);
	}
	return error_set(e, "%s: unknown key; known are %s", doc_path_key(key_path, path, key),
			 list);
}

static const struct doc_field *find_field(const struct doc_field *fields, size_t count,
					  unsigned where, const char *key)
{
	for (size_t i = 0; i < count; i++) {
		if (allowed(&fields[i], where) && strcmp(fields[i].name, key) == 0)
			return &fields[i];
	}
	return NULL;
}

int doc_read(const json_t *object, const struct doc_field *fields, size_t count, unsigned where,
	     void *to, const char *path, struct error *e)
{
	char key_path[DOC_PATH_MAX];
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return wrong_type(object, "a mapping", path[0] == '\0' ? "document" : path, e);
	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		const struct doc_field *field = find_field(fields, count, where, key);

		if (field == NULL)
			return unknown_key(fields, count, where, path, key, e);
		if (read_field(field, value, to, doc_path_key(key_path, path, key), e) < 0)
			return -1;
		if (field->has_offset != 0)
			*(bool *)((uint8_t *)to + field->has_offset) = true;
	}
	for (size_t i = 0; i < count; i++) {
		if (!(fields[i].flags & DOC_REQUIRED) || !allowed(&fields[i], where))
			continue;
		if (json_object_get(object, fields[i].name) == NULL)
			return error_set(e, "%s: missing, must be given",
					 doc_path_key(key_path, path, fields[i].name));
	}
	return 0;
}

static json_t *print_addr(const struct ip_addr *addr)
{
	char text[IP_TEXT_MAX];

	return addr->family == IP_NONE ? NULL : json_string(ip_addr_format(addr, text));
}

static json_t *print_prefix(const struct ip_prefix *prefix)
{
	char text[IP_PREFIX_TEXT_MAX];

	return prefix->addr.family == IP_NONE ? NULL : json_string(ip_prefix_format(prefix, text));
}

static json_t *print_choice(const struct doc_field *field, const void *from)
{
	unsigned index;

	memcpy(&index, from, sizeof(index));
	return field->choices[index][0] == '\0' ? NULL : json_string(field->choices[index]);
}

static json_t *print_field(const struct doc_field *field, const uint8_t *base, bool redact)
{
	const void *from = base + field->offset;

	if (field->has_offset != 0 && !*(const bool *)(base + field->has_offset))
		return NULL;
	switch (field->type) {
	case DOC_BOOL:
		return json_boolean(*(const bool *)from);
	case DOC_U8:
		return json_integer(*(const uint8_t *)from);
	case DOC_U16:
		return json_integer(*(const uint16_t *)from);
	case DOC_U32:
		return json_integer(*(const uint32_t *)from);
	case DOC_BYTES: {
		uint64_t bytes = *(const uint64_t *)from;

		return bytes == 0 ? NULL : json_integer((json_int_t)bytes);
	}
	case DOC_ASN: {
		uint32_t number = ((const asn_t *)from)->number;

		return number == 0 ? NULL : json_integer(number);
	}
	case DOC_ADDR:
	case DOC_ADDR_V4:
		return print_addr(from);
	case DOC_PREFIX:
		return print_prefix(from);
	case DOC_TEXT: {
		const char *text = *(char *const *)from;

		return text == NULL ? NULL : json_string(text);
	}
	case DOC_CHOICE:
		return print_choice(field, from);
	case DOC_CUSTOM:
		break;
	}
	return field->print(from, redact);
}

json_t *doc_print(const struct doc_field *fields, size_t count, unsigned where, const void *from,
		  bool redact)
{
	json_t *object = json_object();

	for (size_t i = 0; i < count; i++) {
		json_t *value;

		if (!allowed(&fields[i], where) || (redact && (fields[i].flags & DOC_SECRET)))
			continue;
		value = print_field(&fields[i], from, redact);
		if (value != NULL)
			json_object_set_new(object, fields[i].name, value);
	}
	return object;
}

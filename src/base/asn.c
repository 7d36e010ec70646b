/*
 * asn: AS numbers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/asn.h"

/* The digits up to `end`, as a number of at most `max`. */
static bool read_digits(const char *text, const char *end, uint64_t max, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (text == end || end - text > 10 || (*text == '0' && end - text > 1))
		return false;
	for (; text < end; text++) {
		if (*text < '0' || *text > '9')
			return false;
		number = number * 10 + (uint64_t)(*text - '0');
	}
	*ret_number = number;
	return number <= max;
}

int asn_parse(const char *text, asn_t *ret_asn, struct error *e)
{
	const char *end = text + strlen(text);
	const char *dot = strchr(text, '.');
	uint64_t high = 0, low;

	if (dot == NULL ? !read_digits(text, end, UINT32_MAX, &low)
			: !read_digits(text, dot, UINT16_MAX, &high) ||
				  !read_digits(dot + 1, end, UINT16_MAX, &low))
		return error_set(e, "\"%.60s\" is not an AS number (like 64512 or 0.64512)", text);
	ret_asn->number = (uint32_t)(high << 16 | low);
	return 0;
}

const char *asn_format(asn_t asn, char text[static ASN_TEXT_MAX])
{
	snprintf(text, ASN_TEXT_MAX, "%" PRIu32, asn.number);
	return text;
}

const char *asn_format_dotted(asn_t asn, char text[static ASN_TEXT_MAX])
{
	snprintf(text, ASN_TEXT_MAX, "%" PRIu32 ".%" PRIu32, asn.number >> 16, asn.number & 0xffff);
	return text;
}

bool asn_is_reserved(asn_t asn)
{
	return asn.number == 0 || asn.number == ASN_TRANS || asn.number == UINT16_MAX ||
	       asn.number == UINT32_MAX;
}

bool asn_is_private(asn_t asn)
{
	return (asn.number >= 64512 && asn.number < UINT16_MAX) ||
	       (asn.number >= 4200000000 && asn.number < UINT32_MAX);
}

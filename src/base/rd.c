/*
 * rd: route distinguishers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/rd.h"

#include "base/ip.h"
#include "base/reader.h"
#include "base/writer.h"

enum rd_type {
	RD_AS2 = 0,
	RD_IPV4 = 1,
	RD_AS4 = 2,
};

struct rd rd_of(const uint8_t bytes[static RD_BYTES])
{
	struct rd rd;

	memcpy(rd.bytes, bytes, sizeof(rd.bytes));
	return rd;
}

bool rd_equal(const struct rd *a, const struct rd *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* A decimal number without a sign or leading zeros that ends at `end` or at the NUL. */
static bool parse_number(const char *text, const char *end, uint64_t max, uint32_t *ret_number)
{
	uint64_t number = 0;

	if (text == end || *text == '\0' || (*text == '0' && text + 1 != end && text[1] != '\0'))
		return false;
	for (; text != end && *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		number = number * 10 + (uint64_t)(*text - '0');
		if (number > max)
			return false;
	}
	*ret_number = (uint32_t)number;
	return true;
}

static bool parse_ipv4(const char *text, const char *end, uint32_t *ret_address)
{
	struct ip_addr addr;
	char host[IP_TEXT_MAX];

	if ((size_t)(end - text) >= sizeof(host))
		return false;
	memcpy(host, text, (size_t)(end - text));
	host[end - text] = '\0';
	if (ip_addr_parse(host, &addr, NULL) < 0 || addr.family != IP_V4)
		return false;
	*ret_address = ip_addr_to_u32(&addr);
	return true;
}

static struct rd make(enum rd_type type, uint32_t administrator, uint32_t number)
{
	struct rd rd;
	struct writer w = writer_of(rd.bytes, sizeof(rd.bytes));

	writer_u16(&w, (uint16_t)type);
	if (type == RD_AS2) {
		writer_u16(&w, (uint16_t)administrator);
		writer_u32(&w, number);
	} else {
		writer_u32(&w, administrator);
		writer_u16(&w, (uint16_t)number);
	}
	return rd;
}

static bool parse_hex(const char *text, struct rd *ret_rd)
{
	uint64_t value = 0;
	struct writer w = writer_of(ret_rd->bytes, sizeof(ret_rd->bytes));

	if (strlen(text) != 2 + 2 * RD_BYTES || text[0] != '0' || text[1] != 'x')
		return false;
	for (text += 2; *text != '\0'; text++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit = strchr(digits, *text);

		if (digit == NULL)
			return false;
		value = value << 4 | (uint64_t)(digit - digits);
	}
	writer_u64(&w, value);
	return true;
}

int rd_parse(const char *text, struct rd *ret_rd, struct error *e)
{
	const char *colon = strrchr(text, ':'), *start = text;
	uint32_t administrator, number;
	struct rd rd;

	if (parse_hex(text, &rd)) {
		*ret_rd = rd;
		return 0;
	}
	if (colon == NULL)
		goto wrong;
	if (start[0] == '2' && start[1] == ':' && start + 1 != colon) {
		start += 2;
		if (!parse_number(start, colon, UINT32_MAX, &administrator) ||
		    !parse_number(colon + 1, NULL, UINT16_MAX, &number))
			goto wrong;
		*ret_rd = make(RD_AS4, administrator, number);
	} else if (parse_ipv4(start, colon, &administrator)) {
		if (!parse_number(colon + 1, NULL, UINT16_MAX, &number))
			goto wrong;
		*ret_rd = make(RD_IPV4, administrator, number);
	} else {
		if (!parse_number(start, colon, UINT32_MAX, &administrator) ||
		    !parse_number(colon + 1, NULL,
				  administrator > UINT16_MAX ? UINT16_MAX : UINT32_MAX, &number))
			goto wrong;
		*ret_rd = make(administrator > UINT16_MAX ? RD_AS4 : RD_AS2, administrator, number);
	}
	return 0;
wrong:
	return error_set(e,
			 "\"%.60s\" is not a route distinguisher (like 65000:1, 10.0.0.1:1 or "
			 "4200000000:1)",
			 text);
}

const char *rd_format(const struct rd *rd, char text[static RD_TEXT_MAX])
{
	struct reader r = reader_of(rd->bytes, sizeof(rd->bytes));
	struct ip_addr addr;
	char host[IP_TEXT_MAX];
	uint16_t type = reader_u16(&r);
	uint32_t administrator;

	if (type == RD_AS2) {
		administrator = reader_u16(&r);
		snprintf(text, RD_TEXT_MAX, "%u:%u", administrator, reader_u32(&r));
	} else if (type == RD_IPV4) {
		addr = ip_addr_v4(reader_u32(&r));
		snprintf(text, RD_TEXT_MAX, "%.15s:%u", ip_addr_format(&addr, host),
			 reader_u16(&r));
	} else if (type == RD_AS4) {
		administrator = reader_u32(&r);
		snprintf(text, RD_TEXT_MAX, administrator > UINT16_MAX ? "%u:%u" : "2:%u:%u",
			 administrator, reader_u16(&r));
	} else {
		r = reader_of(rd->bytes, sizeof(rd->bytes));
		snprintf(text, RD_TEXT_MAX, "0x%016" PRIx64, reader_u64(&r));
	}
	return text;
}

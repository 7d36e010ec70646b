/*
 * ip: addresses, prefixes and MAC addresses, as values.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/ip.h"

#include <arpa/inet.h>

struct ip_addr ip_addr_v4(uint32_t host_order)
{
	struct ip_addr addr = { .family = IP_V4 };

	addr.bytes[0] = (uint8_t)(host_order >> 24);
	addr.bytes[1] = (uint8_t)(host_order >> 16);
	addr.bytes[2] = (uint8_t)(host_order >> 8);
	addr.bytes[3] = (uint8_t)host_order;
	return addr;
}

struct ip_addr ip_addr_of(uint8_t family, const uint8_t *bytes)
{
	struct ip_addr addr = { .family = family };

	memcpy(addr.bytes, bytes, ip_family_bytes(family));
	return addr;
}

uint32_t ip_addr_to_u32(const struct ip_addr *addr)
{
	const uint8_t *b = addr->bytes;

	if (addr->family != IP_V4)
		return 0;
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

bool ip_addr_equal(const struct ip_addr *a, const struct ip_addr *b)
{
	return ip_addr_compare(a, b) == 0;
}

int ip_addr_compare(const struct ip_addr *a, const struct ip_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, ip_family_bytes(a->family));
}

struct ip_addr ip_addr_plus(const struct ip_addr *addr, uint64_t offset)
{
	struct ip_addr sum = *addr;
	unsigned carry = 0;

	for (size_t i = ip_family_bytes(addr->family); i-- > 0 && (offset != 0 || carry != 0);) {
		carry += sum.bytes[i] + (unsigned)(offset & 0xff);
		sum.bytes[i] = (uint8_t)carry;
		carry >>= 8;
		offset >>= 8;
	}
	return sum;
}

static bool all_zero(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

bool ip_addr_is_unspecified(const struct ip_addr *addr)
{
	return all_zero(addr->bytes, sizeof(addr->bytes));
}

bool ip_addr_is_multicast(const struct ip_addr *addr)
{
	return addr->family == IP_V4 ? (addr->bytes[0] & 0xf0) == 0xe0 : addr->bytes[0] == 0xff;
}

bool ip_addr_is_loopback(const struct ip_addr *addr)
{
	if (addr->family == IP_V4)
		return addr->bytes[0] == 127;
	return all_zero(addr->bytes, 15) && addr->bytes[15] == 1;
}

int ip_addr_parse(const char *text, struct ip_addr *ret_addr, struct error *e)
{
	struct ip_addr addr = { 0 };

	if (strlen(text) < IP_TEXT_MAX) {
		addr.family = strchr(text, ':') != NULL ? IP_V6 : IP_V4;
		if (inet_pton(addr.family, text, addr.bytes) == 1) {
			*ret_addr = addr;
			return 0;
		}
	}
	return error_set(e, "\"%.60s\" is not an IP address (like 192.0.2.1 or 2001:db8::1)", text);
}

static int parse_length(const char *text, uint8_t bits_max)
{
	int length = 0;

	if (*text == '\0' || strlen(text) > 3 || (text[0] == '0' && text[1] != '\0'))
		return -1;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		length = length * 10 + (*text - '0');
	}
	return length > bits_max ? -1 : length;
}

int ip_prefix_parse(const char *text, struct ip_prefix *ret_prefix, struct error *e)
{
	const char *slash = strchr(text, '/');
	char host[IP_TEXT_MAX];
	char canonical[IP_PREFIX_TEXT_MAX];
	struct ip_prefix prefix;
	struct ip_addr addr;
	int length;

	if (slash == NULL || (size_t)(slash - text) >= sizeof(host))
		return error_set(e, "\"%.60s\" is not a prefix (like 192.0.2.0/24)", text);
	memcpy(host, text, (size_t)(slash - text));
	host[slash - text] = '\0';
	if (ip_addr_parse(host, &addr, e) < 0)
		return -1;
	length = parse_length(slash + 1, ip_family_bits(addr.family));
	if (length < 0)
		return error_set(e, "\"%.60s\": the prefix length must be 0 to %u", text,
				 ip_family_bits(addr.family));
	prefix = ip_prefix_of(&addr, (uint8_t)length);
	if (!ip_addr_equal(&prefix.addr, &addr))
		return error_set(e, "\"%.60s\" has host bits set; the prefix is %s", text,
				 ip_prefix_format(&prefix, canonical));
	*ret_prefix = prefix;
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int mac_addr_parse(const char *text, struct mac_addr *ret_mac, struct error *e)
{
	size_t step = strlen(text) == 12 ? 2 : 3;
	struct mac_addr mac;

	if (strlen(text) != 12 && strlen(text) != 17)
		return error_set(e, "\"%.60s\" is not a MAC address (like 02:00:5e:10:00:01)",
				 text);
	for (size_t i = 0; i < 6; i++) {
		const char *octet = text + i * step;
		int high = hex_digit(octet[0]);
		int low = hex_digit(octet[1]);

		if (high < 0 || low < 0 ||
		    (step == 3 && i < 5 &&
		     (octet[2] != text[2] || (octet[2] != ':' && octet[2] != '-'))))
			return error_set(
				e, "\"%.60s\" is not a MAC address (like 02:00:5e:10:00:01)", text);
		mac.bytes[i] = (uint8_t)(high << 4 | low);
	}
	*ret_mac = mac;
	return 0;
}

const char *ip_addr_format(const struct ip_addr *addr, char text[static IP_TEXT_MAX])
{
	if (ip_family_bytes(addr->family) == 0 ||
	    inet_ntop(addr->family, addr->bytes, text, IP_TEXT_MAX) == NULL)
		snprintf(text, IP_TEXT_MAX, "none");
	return text;
}

const char *ip_prefix_format(const struct ip_prefix *prefix, char text[static IP_PREFIX_TEXT_MAX])
{
	char host[IP_TEXT_MAX];

	snprintf(text, IP_PREFIX_TEXT_MAX, "%s/%u", ip_addr_format(&prefix->addr, host),
		 prefix->length);
	return text;
}

const char *mac_addr_format(const struct mac_addr *mac, char text[static MAC_TEXT_MAX])
{
	const uint8_t *b = mac->bytes;

	snprintf(text, MAC_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4],
		 b[5]);
	return text;
}

struct ip_prefix ip_prefix_of(const struct ip_addr *addr, uint8_t length)
{
	struct ip_prefix prefix = { .addr = *addr, .length = length };
	size_t bytes = ip_family_bytes(addr->family);

	assert(length <= bytes * 8);
	for (size_t i = 0; i < bytes; i++) {
		size_t bit = i * 8;

		if (bit >= length)
			prefix.addr.bytes[i] = 0;
		else if (length - bit < 8)
			prefix.addr.bytes[i] &= (uint8_t)(0xff << (8 - (length - bit)));
	}
	return prefix;
}

struct ip_prefix ip_prefix_host(const struct ip_addr *addr)
{
	return (struct ip_prefix){ .addr = *addr, .length = ip_family_bits(addr->family) };
}

bool ip_prefix_equal(const struct ip_prefix *a, const struct ip_prefix *b)
{
	return a->length == b->length && ip_addr_equal(&a->addr, &b->addr);
}

int ip_prefix_compare(const struct ip_prefix *a, const struct ip_prefix *b)
{
	int order = ip_addr_compare(&a->addr, &b->addr);

	return order != 0 ? order : (int)a->length - (int)b->length;
}

bool ip_prefix_contains(const struct ip_prefix *prefix, const struct ip_addr *addr)
{
	size_t whole = prefix->length / 8;
	uint8_t rest = prefix->length % 8;
	uint8_t mask = (uint8_t)(0xff << (8 - rest));

	if (prefix->addr.family != addr->family ||
	    memcmp(prefix->addr.bytes, addr->bytes, whole) != 0)
		return false;
	return rest == 0 || ((prefix->addr.bytes[whole] ^ addr->bytes[whole]) & mask) == 0;
}

bool ip_prefix_covers(const struct ip_prefix *outer, const struct ip_prefix *inner)
{
	return outer->length <= inner->length && ip_prefix_contains(outer, &inner->addr);
}

uint64_t ip_prefix_size(const struct ip_prefix *prefix)
{
	uint8_t host_bits = (uint8_t)(ip_family_bits(prefix->addr.family) - prefix->length);

	return host_bits >= 64 ? UINT64_MAX : UINT64_C(1) << host_bits;
}

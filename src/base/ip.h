/*
 * ip: addresses, prefixes and MAC addresses, as values.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A prefix is always canonical: bits after its length are zero. Parsers are strict: "10.0.0.1/24"
 * is refused by ip_prefix_parse, "010.1.1.1" is refused everywhere.
 */
#ifndef BASE_IP_H
#define BASE_IP_H

#include "base/asn.h"
#include "base/base.h"
#include "base/error.h"

/* Address families, numbered as in the kernel's AF_* on Linux, so that they can be handed over as
 * they are. */
enum ip_family {
	IP_NONE = 0,
	IP_V4 = 2,
	IP_V6 = 10,
};

struct ip_addr {
	uint8_t family;	   /* enum ip_family */
	uint8_t bytes[16]; /* network order; the first 4 for IPv4, the rest zero */
};

struct ip_prefix {
	struct ip_addr addr;
	uint8_t length; /* bits */
};

struct mac_addr {
	uint8_t bytes[6];
};

#define IP_TEXT_MAX 48
#define IP_PREFIX_TEXT_MAX 52
#define MAC_TEXT_MAX 18

static inline size_t ip_family_bytes(uint8_t family)
{
	return family == IP_V4 ? 4 : family == IP_V6 ? 16 : 0;
}

static inline uint8_t ip_family_bits(uint8_t family)
{
	return (uint8_t)(ip_family_bytes(family) * 8);
}

struct ip_addr ip_addr_v4(uint32_t host_order);
struct ip_addr ip_addr_of(uint8_t family, const uint8_t *bytes);
/* The IPv4 address as a number in host order; 0 for another family. */
uint32_t ip_addr_to_u32(const struct ip_addr *addr);
bool ip_addr_equal(const struct ip_addr *a, const struct ip_addr *b);
/* By family, then as numbers: negative, 0 or positive. */
int ip_addr_compare(const struct ip_addr *a, const struct ip_addr *b);
/* The address that is `offset` after addr, within its family (wraps). */
struct ip_addr ip_addr_plus(const struct ip_addr *addr, uint64_t offset);
bool ip_addr_is_unspecified(const struct ip_addr *addr);
bool ip_addr_is_multicast(const struct ip_addr *addr);
bool ip_addr_is_loopback(const struct ip_addr *addr);

/* Parse from text. Return 0, or -1 with the text of what is wrong in e (may be NULL); *ret_
 * untouched then. */
int ip_addr_parse(const char *text, struct ip_addr *ret_addr, struct error *e) MUST_CHECK;
int ip_prefix_parse(const char *text, struct ip_prefix *ret_prefix, struct error *e) MUST_CHECK;
/* aa:bb:cc:dd:ee:ff, AA-BB-CC-DD-EE-FF or AABBCCDDEEFF */
int mac_addr_parse(const char *text, struct mac_addr *ret_mac, struct error *e) MUST_CHECK;

/* Formatting; returns `text`. */
const char *ip_addr_format(const struct ip_addr *addr, char text[static IP_TEXT_MAX]);
const char *ip_prefix_format(const struct ip_prefix *prefix, char text[static IP_PREFIX_TEXT_MAX]);
const char *mac_addr_format(const struct mac_addr *mac, char text[static MAC_TEXT_MAX]);

/* The prefix of `length` bits (at most those of the family) that holds addr: host bits are
 * cleared. */
struct ip_prefix ip_prefix_of(const struct ip_addr *addr, uint8_t length);
/* The host prefix (/32 or /128) of addr. */
struct ip_prefix ip_prefix_host(const struct ip_addr *addr);
bool ip_prefix_equal(const struct ip_prefix *a, const struct ip_prefix *b);
int ip_prefix_compare(const struct ip_prefix *a, const struct ip_prefix *b);
/* Is addr inside prefix? */
bool ip_prefix_contains(const struct ip_prefix *prefix, const struct ip_addr *addr);
/* Is inner equal to outer, or inside it? */
bool ip_prefix_covers(const struct ip_prefix *outer, const struct ip_prefix *inner);
/* The number of addresses, capped at UINT64_MAX. */
uint64_t ip_prefix_size(const struct ip_prefix *prefix);

#endif

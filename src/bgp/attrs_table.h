/*
 * attrs_table: what is known of each path attribute.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Internal to bgp/: the table that decoding, encoding and printing go by, and small things about
 * headers and next hops that they share.
 */
#ifndef BGP_ATTRS_TABLE_H
#define BGP_ATTRS_TABLE_H

#include "bgp/attrs.h"

#define ATTR_OPTIONAL 0x80u
#define ATTR_TRANSITIVE 0x40u
#define ATTR_PARTIAL 0x20u
#define ATTR_EXTENDED_LENGTH 0x10u

/* RFC 7311 3: a TLV's length counts its type and its length too */
#define AIGP_TLV_METRIC 1u
#define AIGP_TLV_HEAD_BYTES 3u
#define AIGP_TLV_BYTES 11u

#define ATTRS_TABLE_ROWS 129u

struct attrs_row {
	const char *name;    /* NULL: unknown */
	uint8_t flags;	     /* the Optional and Transitive bits that it must have */
	uint16_t length_min; /* octets */
	uint16_t length_max;
	uint8_t length_multiple; /* 0: any */
	bool length_may_be_zero; /* RFC 7606 4 */
	bool internal_only;	 /* discarded when it comes from an external peer */
	enum bgp_verdict malformed;
	enum bgp_verdict wrong_flags; /* RFC 7606 3 c, unless the attribute has a rule of its own */
	bool carried;		      /* not decoded, but checked and passed on (attrs_carried.h) */
};

extern const struct attrs_row attrs_table[ATTRS_TABLE_ROWS];

/* Flags as they may be sent: Partial belongs to optional transitive attributes alone, and the four
 * lowest bits are zero whatever came in them (RFC 4271 4.3). */
static inline uint8_t attrs_flags_to_send(unsigned flags)
{
	const unsigned transitive = ATTR_OPTIONAL | ATTR_TRANSITIVE;
	unsigned kept = transitive | ATTR_EXTENDED_LENGTH;

	if ((flags & transitive) == transitive)
		kept |= ATTR_PARTIAL;
	return (uint8_t)(flags & kept);
}

/* "attribute 4 MULTI_EXIT_DISC at offset 24: the length is wrong": the words for a fault of an
 * attribute that begins there. */
void attrs_error(struct error *why, uint8_t code, size_t offset, const char *text);

/* Is the length one that the row allows? */
bool attrs_length_fits(const struct attrs_row *row, size_t length);

/* Can this be the next hop of a route: not unspecified, loopback or multicast (RFC 4271 6.3). */
bool attrs_next_hop_valid(const struct ip_addr *next_hop);

#endif

/*
 * attrs_table: the table of path attributes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The verdicts are those of RFC 7606 7, and of 5.3 for the MP attributes, of which the cut
 * (update.c) can say more; of RFC 6793 6 for AS4_PATH and AS4_AGGREGATOR; of RFC 7311 3.2 for AIGP;
 * of RFC 9234 5 for ONLY_TO_CUSTOMER; of RFC 8092 6 for LARGE_COMMUNITY; of RFC 6514 5, 9012 13,
 * 8669 6, 9552 8.2.2 and 7606 7.15 and 7.16 for those that are only carried: a reflector that
 * passed a malformed one on would do its clients harm.
 */
#include "bgp/attrs_table.h"

#define WELL_KNOWN ATTR_TRANSITIVE
#define TRANSITIVE (ATTR_OPTIONAL | ATTR_TRANSITIVE)
#define NON_TRANS ATTR_OPTIONAL
#define WITHDRAW BGP_TREAT_AS_WITHDRAW
#define DISCARD BGP_ATTRIBUTE_DISCARD
#define NO UINT16_MAX /* no maximum */
#define RESET BGP_SESSION_RESET
#define CARRIED true

/* clang-format off */
const struct attrs_row attrs_table[ATTRS_TABLE_ROWS] = {
	/*                                  name                    flags       min max mult zero  ibgp  malformed flags wrong */
	[BGP_ATTR_ORIGIN] =               { "ORIGIN",               WELL_KNOWN, 1,  1,  0,  false, false, WITHDRAW, WITHDRAW },
	[BGP_ATTR_AS_PATH] =              { "AS_PATH",              WELL_KNOWN, 0,  NO, 0,  true,  false, WITHDRAW, WITHDRAW },
	[BGP_ATTR_NEXT_HOP] =             { "NEXT_HOP",             WELL_KNOWN, 4,  4,  0,  false, false, WITHDRAW, WITHDRAW },
	[BGP_ATTR_MED] =                  { "MULTI_EXIT_DISC",      NON_TRANS,  4,  4,  0,  false, false, WITHDRAW, WITHDRAW },
	[BGP_ATTR_LOCAL_PREF] =           { "LOCAL_PREF",           WELL_KNOWN, 4,  4,  0,  false, true,  WITHDRAW, WITHDRAW },
	[BGP_ATTR_ATOMIC_AGGREGATE] =     { "ATOMIC_AGGREGATE",     WELL_KNOWN, 0,  0,  0,  true,  false, DISCARD,  WITHDRAW },
	[BGP_ATTR_AGGREGATOR] =           { "AGGREGATOR",           TRANSITIVE, 6,  8,  0,  false, false, DISCARD,  WITHDRAW },
	[BGP_ATTR_COMMUNITIES] =          { "COMMUNITIES",          TRANSITIVE, 4,  NO, 4,  false, false, WITHDRAW, WITHDRAW },
	[BGP_ATTR_ORIGINATOR_ID] =        { "ORIGINATOR_ID",        NON_TRANS,  4,  4,  0,  false, true,  WITHDRAW, WITHDRAW },
	[BGP_ATTR_CLUSTER_LIST] =         { "CLUSTER_LIST",         NON_TRANS,  4,  NO, 4,  false, true,  WITHDRAW, WITHDRAW },
	[BGP_ATTR_MP_REACH_NLRI] =        { "MP_REACH_NLRI",        NON_TRANS,  5,  NO, 0,  false, false, RESET,    RESET },
	[BGP_ATTR_MP_UNREACH_NLRI] =      { "MP_UNREACH_NLRI",      NON_TRANS,  3,  NO, 0,  false, false, RESET,    RESET },
	[BGP_ATTR_EXTENDED_COMMUNITIES] = { "EXTENDED_COMMUNITIES", TRANSITIVE, 8,  NO, 8,  false, false, WITHDRAW, WITHDRAW },
	[BGP_ATTR_AS4_PATH] =             { "AS4_PATH",             TRANSITIVE, 6,  NO, 2,  false, false, DISCARD,  WITHDRAW },
	[BGP_ATTR_AS4_AGGREGATOR] =       { "AS4_AGGREGATOR",       TRANSITIVE, 8,  8,  0,  false, false, DISCARD,  WITHDRAW },
	[BGP_ATTR_PMSI_TUNNEL] =          { "PMSI_TUNNEL",          TRANSITIVE, 5,  NO, 0,  false, false, WITHDRAW, WITHDRAW, CARRIED },
	[BGP_ATTR_TUNNEL_ENCAPSULATION] = { "TUNNEL_ENCAP",         TRANSITIVE, 4,  NO, 0,  false, false, WITHDRAW, WITHDRAW, CARRIED },
	[BGP_ATTR_IPV6_EXT_COMMUNITIES] = { "IPV6_EXT_COMMUNITIES", TRANSITIVE, 20, NO, 20, false, false, WITHDRAW, WITHDRAW, CARRIED },
	[BGP_ATTR_AIGP] =                 { "AIGP",                 NON_TRANS,  3,  NO, 0,  false, false, DISCARD,  DISCARD },
	[BGP_ATTR_LINK_STATE] =           { "BGP-LS",               NON_TRANS,  4,  NO, 0,  false, false, DISCARD,  WITHDRAW, CARRIED },
	[BGP_ATTR_LARGE_COMMUNITIES] =    { "LARGE_COMMUNITY",      TRANSITIVE, 12, NO, 12, false, false, WITHDRAW, WITHDRAW },
	[BGP_ATTR_ONLY_TO_CUSTOMER] =     { "ONLY_TO_CUSTOMER",     TRANSITIVE, 4,  4,  0,  false, false, WITHDRAW, WITHDRAW },
	[BGP_ATTR_PREFIX_SID] =           { "PREFIX_SID",           TRANSITIVE, 3,  NO, 0,  false, true,  DISCARD,  WITHDRAW, CARRIED },
	[BGP_ATTR_ATTR_SET] =             { "ATTR_SET",             TRANSITIVE, 4,  NO, 0,  false, false, WITHDRAW, WITHDRAW, CARRIED },
};
/* clang-format on */

const char *bgp_attr_name(uint8_t code)
{
	return code < ATTRS_TABLE_ROWS ? attrs_table[code].name : NULL;
}

void attrs_error(struct error *why, uint8_t code, size_t offset, const char *text)
{
	const char *name = bgp_attr_name(code);

	error_set(why, "attribute %u%s%s at offset %zu: %s", code, name == NULL ? "" : " ",
		  name == NULL ? "" : name, offset, text);
}

bool attrs_length_fits(const struct attrs_row *row, size_t length)
{
	return length >= row->length_min && length <= row->length_max &&
	       (row->length_multiple == 0 || length % row->length_multiple == 0) &&
	       (length == 0 ? row->length_may_be_zero : true);
}

bool attrs_next_hop_valid(const struct ip_addr *next_hop)
{
	static const struct ip_addr broadcast = { IP_V4, { 255, 255, 255, 255 } };

	/* 0.0.0.0/8 and the broadcast address are no host's either (RFC 1122 3.2.1.3) */
	if ((next_hop->family == IP_V4 && next_hop->bytes[0] == 0) ||
	    ip_addr_equal(next_hop, &broadcast))
		return false;
	return !ip_addr_is_unspecified(next_hop) && !ip_addr_is_loopback(next_hop) &&
	       !ip_addr_is_multicast(next_hop);
}

/*
 * family: the address families, as small numbers, with their AFI and SAFI.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A table (family.c) has a row for each; the number is an index and is never sent.
 */
#ifndef BGP_FAMILY_H
#define BGP_FAMILY_H

#include "base/base.h"

enum bgp_family {
	BGP_IPV4_UNICAST,
	BGP_IPV6_UNICAST,
	BGP_FAMILY_COUNT,
	BGP_FAMILY_NONE = 255,
};

struct bgp_family_info {
	const char *name; /* as in configuration: "ipv4-unicast" */
	uint16_t afi;
	uint8_t safi;
	uint8_t ip_family;	 /* of the prefixes in it: IP_V4, IP_V6, or IP_NONE */
	uint16_t key_length_max; /* octets of an NLRI key */
};

const struct bgp_family_info *bgp_family_info(enum bgp_family family);
/* BGP_FAMILY_NONE when unknown. */
enum bgp_family bgp_family_of(uint16_t afi, uint8_t safi);
enum bgp_family bgp_family_by_name(const char *name);

#endif

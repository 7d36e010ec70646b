/*
 * family: the table of address families.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bgp/family.h"

#include "base/ip.h"

static const struct bgp_family_info families[BGP_FAMILY_COUNT] = {
	[BGP_IPV4_UNICAST] = { "ipv4-unicast", 1, 1, IP_V4, 5 },
	[BGP_IPV6_UNICAST] = { "ipv6-unicast", 2, 1, IP_V6, 17 },
};

const struct bgp_family_info *bgp_family_info(enum bgp_family family)
{
	assert((size_t)family < BGP_FAMILY_COUNT);
	return &families[family];
}

enum bgp_family bgp_family_of(uint16_t afi, uint8_t safi)
{
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++)
		if (families[i].afi == afi && families[i].safi == safi)
			return (enum bgp_family)i;
	return BGP_FAMILY_NONE;
}

enum bgp_family bgp_family_by_name(const char *name)
{
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++)
		if (strcmp(families[i].name, name) == 0)
			return (enum bgp_family)i;
	return BGP_FAMILY_NONE;
}

/*
 * family: the table of address families.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bgp/family.h"

#include "base/ip.h"
#include "bgp/nlri.h"

#define V4 BGP_NEXT_HOP_V4
#define V6 BGP_NEXT_HOP_V6
#define V6N BGP_NEXT_HOP_V6_NEGOTIATED
#define RD BGP_NEXT_HOP_RD
#define NO BGP_NEXT_HOP_NONE
#define LONG BGP_NLRI_KEY_BYTES_MAX

/* clang-format off */
static const struct bgp_family_info families[BGP_FAMILY_COUNT] = {
	/*                          name                     afi    safi addresses kind                  next hops       fwd    key */
	[BGP_IPV4_UNICAST] =      { "ipv4-unicast",          1,     1,   IP_V4,   BGP_NLRI_PREFIX,       V4 | V6N,       true,  5 },
	[BGP_IPV6_UNICAST] =      { "ipv6-unicast",          2,     1,   IP_V6,   BGP_NLRI_PREFIX,       V6,             true,  17 },
	[BGP_IPV4_MULTICAST] =    { "ipv4-multicast",        1,     2,   IP_V4,   BGP_NLRI_PREFIX,       V4 | V6N,       true,  5 },
	[BGP_IPV6_MULTICAST] =    { "ipv6-multicast",        2,     2,   IP_V6,   BGP_NLRI_PREFIX,       V6,             true,  17 },
	[BGP_IPV4_LABELED] =      { "ipv4-labeled-unicast",  1,     4,   IP_V4,   BGP_NLRI_LABELED,      V4 | V6N,       true,  5 },
	[BGP_IPV6_LABELED] =      { "ipv6-labeled-unicast",  2,     4,   IP_V6,   BGP_NLRI_LABELED,      V6,             true,  17 },
	[BGP_IPV4_VPN] =          { "l3vpn-ipv4-unicast",    1,     128, IP_V4,   BGP_NLRI_VPN,          V4 | V6N | RD,  true,  13 },
	[BGP_IPV6_VPN] =          { "l3vpn-ipv6-unicast",    2,     128, IP_V6,   BGP_NLRI_VPN,          V6 | RD,        true,  25 },
	[BGP_EVPN] =              { "l2vpn-evpn",            25,    70,  IP_NONE, BGP_NLRI_EVPN,         V4 | V6,        true,  257 },
	[BGP_IPV4_FLOWSPEC] =     { "ipv4-flowspec",         1,     133, IP_V4,   BGP_NLRI_FLOWSPEC,     V4 | V6 | NO,   false, LONG },
	[BGP_IPV6_FLOWSPEC] =     { "ipv6-flowspec",         2,     133, IP_V6,   BGP_NLRI_FLOWSPEC,     V4 | V6 | NO,   false, LONG },
	[BGP_IPV4_VPN_FLOWSPEC] = { "l3vpn-ipv4-flowspec",   1,     134, IP_V4,   BGP_NLRI_VPN_FLOWSPEC, V4 | V6 | NO,   false, LONG },
	[BGP_IPV6_VPN_FLOWSPEC] = { "l3vpn-ipv6-flowspec",   2,     134, IP_V6,   BGP_NLRI_VPN_FLOWSPEC, V4 | V6 | NO,   false, LONG },
	[BGP_ROUTE_TARGET] =      { "route-target",          1,     132, IP_NONE, BGP_NLRI_ROUTE_TARGET, V4 | V6,        false, 13 },
	[BGP_IPV4_SR_POLICY] =    { "srte-policy-ipv4",      1,     73,  IP_V4,   BGP_NLRI_SR_POLICY,    V4 | V6,        false, 13 },
	[BGP_IPV6_SR_POLICY] =    { "srte-policy-ipv6",      2,     73,  IP_V6,   BGP_NLRI_SR_POLICY,    V4 | V6,        false, 25 },
	[BGP_LINK_STATE] =        { "linkstate",             16388, 71,  IP_NONE, BGP_NLRI_TYPE_LENGTH_WIDE, V4 | V6,    false, LONG },
	[BGP_LINK_STATE_VPN] =    { "linkstate-vpn",         16388, 72,  IP_NONE, BGP_NLRI_TYPE_LENGTH_WIDE, V4 | V6 | RD, false, LONG },
	[BGP_IPV4_MVPN] =         { "ipv4-mvpn",             1,     5,   IP_NONE, BGP_NLRI_TYPE_LENGTH,  V4 | V6,        false, 257 },
	[BGP_IPV6_MVPN] =         { "ipv6-mvpn",             2,     5,   IP_NONE, BGP_NLRI_TYPE_LENGTH,  V4 | V6,        false, 257 },
	[BGP_VPLS] =              { "l2vpn-vpls",            25,    65,  IP_NONE, BGP_NLRI_LENGTH_WIDE,  V4 | V6,        true,  LONG },
};
/* clang-format on */

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

/*
 * family: the address families, as small numbers, with what the codec must know of each.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A table (family.c) has a row for each; the number is an index and is never sent. Names follow
 * OpenConfig's identities.
 */
#ifndef BGP_FAMILY_H
#define BGP_FAMILY_H

#include "base/base.h"

enum bgp_family {
	BGP_IPV4_UNICAST,
	BGP_IPV6_UNICAST,
	BGP_IPV4_MULTICAST,
	BGP_IPV6_MULTICAST,
	BGP_IPV4_LABELED, /* RFC 8277 */
	BGP_IPV6_LABELED,
	BGP_IPV4_VPN,	   /* RFC 4364 */
	BGP_IPV6_VPN,	   /* RFC 4659 */
	BGP_EVPN,	   /* RFC 7432, 9136 */
	BGP_IPV4_FLOWSPEC, /* RFC 8955 */
	BGP_IPV6_FLOWSPEC, /* RFC 8956 */
	BGP_IPV4_VPN_FLOWSPEC,
	BGP_IPV6_VPN_FLOWSPEC,
	BGP_ROUTE_TARGET,   /* RFC 4684 */
	BGP_IPV4_SR_POLICY, /* RFC 9830 */
	BGP_IPV6_SR_POLICY,
	BGP_LINK_STATE, /* RFC 9552 */
	BGP_LINK_STATE_VPN,
	BGP_IPV4_MVPN, /* RFC 6514 */
	BGP_IPV6_MVPN,
	BGP_VPLS, /* RFC 4761, 6074 */
	BGP_FAMILY_COUNT,
	BGP_FAMILY_NONE = 255,
};

/* How an NLRI of the family is built on the wire. */
enum bgp_nlri_kind {
	BGP_NLRI_PREFIX,	   /* length in bits, address */
	BGP_NLRI_LABELED,	   /* length in bits, labels, address */
	BGP_NLRI_VPN,		   /* length in bits, labels, route distinguisher, address */
	BGP_NLRI_EVPN,		   /* type, length in octets, fields by type */
	BGP_NLRI_TYPE_LENGTH,	   /* type, length in octets, value: MVPN */
	BGP_NLRI_FLOWSPEC,	   /* length of one or two octets, components */
	BGP_NLRI_VPN_FLOWSPEC,	   /* the same with a route distinguisher before the components */
	BGP_NLRI_ROUTE_TARGET,	   /* length in bits, origin AS, route target */
	BGP_NLRI_SR_POLICY,	   /* length in bits, distinguisher, color, endpoint */
	BGP_NLRI_TYPE_LENGTH_WIDE, /* the same with two octets each: BGP-LS */
	BGP_NLRI_LENGTH_WIDE,	   /* length of two octets, value: VPLS */
};

/* What MP_REACH_NLRI may have for a next hop: bits. */
enum bgp_next_hop_form {
	BGP_NEXT_HOP_V4 = 1,
	BGP_NEXT_HOP_V6 = 2,		/* with a link-local one behind it, too */
	BGP_NEXT_HOP_V6_NEGOTIATED = 4, /* only with the capability of RFC 8950 */
	BGP_NEXT_HOP_RD = 8,		/* a route distinguisher of zero before each address */
	BGP_NEXT_HOP_NONE = 16,		/* length 0 is right: nothing is forwarded there */
};

struct bgp_family_info {
	const char *name; /* as in configuration: "ipv4-unicast" */
	uint16_t afi;
	uint8_t safi;
	uint8_t ip_family;	 /* of the prefixes in it: IP_V4, IP_V6, or IP_NONE */
	uint8_t kind;		 /* enum bgp_nlri_kind */
	uint8_t next_hop;	 /* enum bgp_next_hop_form */
	bool forwarding;	 /* packets go to its next hops: they must be reachable */
	uint16_t key_length_max; /* octets of an NLRI key */
};

const struct bgp_family_info *bgp_family_info(enum bgp_family family);
/* BGP_FAMILY_NONE when unknown. */
enum bgp_family bgp_family_of(uint16_t afi, uint8_t safi);
enum bgp_family bgp_family_by_name(const char *name);
/* Are labels bound to its prefixes as RFC 8277 says? */
static inline bool bgp_family_is_labeled(enum bgp_family family)
{
	uint8_t kind = bgp_family_info(family)->kind;

	return kind == BGP_NLRI_LABELED || kind == BGP_NLRI_VPN;
}

#endif

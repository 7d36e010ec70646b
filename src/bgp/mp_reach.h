/*
 * mp_reach: MP_REACH_NLRI up to its NLRI: the family and its next hop.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4760 3, 2545 3, 4364 4.3.2, 4659 3.2.1, 8950 3, 8955 4. The form that a next hop has is a
 * column of the table of families.
 */
#ifndef BGP_MP_REACH_H
#define BGP_MP_REACH_H

#include "base/base.h"
#include "base/ip.h"
#include "base/reader.h"
#include "base/writer.h"
#include "bgp/attrs.h"
#include "bgp/family.h"

struct bgp_mp_reach {
	enum bgp_family family;	   /* BGP_FAMILY_NONE: one that we do not know; the rest unset */
	struct ip_addr next_hop;   /* IP_NONE in families that have none */
	struct ip_addr link_local; /* IP_NONE when absent */
};

/* Reads the attribute's value up to its NLRI: AFI, SAFI, next hop, the reserved octet. Returns
 * NULL, or what is wrong (static text): then ret_reach->family is set and nothing else.
 * `context` tells whether RFC 8950 was agreed on; NULL: taken for granted. */
const char *bgp_mp_reach_decode(struct reader *r, const struct bgp_context *context,
				struct bgp_mp_reach *ret_reach) MUST_CHECK;

/* The whole attribute as it stands in a key: with its next hop (and a link-local one whose family
 * is not IP_NONE; may be NULL), without NLRI. */
void bgp_mp_reach_encode(struct writer *w, enum bgp_family family, const struct ip_addr *next_hop,
			 const struct ip_addr *link_local);

/* Can a route of this family have this next hop, given RFC 8950 where it matters: an address of a
 * host, in a form that the family has; IP_NONE in a family without. */
bool bgp_mp_reach_next_hop_suits(enum bgp_family family, const struct ip_addr *next_hop);

#endif

/*
 * attrs_carried: the inner structure of attributes that a reflector only carries.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A malformed one that was passed on would do the clients harm, so it is checked as its RFC says:
 * RFC 6514 5 (PMSI tunnel), 9012 13 (tunnel encapsulation), 8669 6 (Prefix-SID), 9552 8.2.2
 * (BGP-LS). TLVs, sub-TLVs and types that nobody knows are right, and are passed on.
 */
#include "bgp/attrs_carried.h"

#include "bgp/attrs.h"

#define PMSI_HEAD_BYTES 5u

enum pmsi_type {
	PMSI_NONE = 0,
	PMSI_RSVP_TE = 1,
	PMSI_MLDP_P2MP = 2,
	PMSI_PIM_SSM = 3,
	PMSI_PIM_SM = 4,
	PMSI_BIDIR_PIM = 5,
	PMSI_INGRESS_REPLICATION = 6,
	PMSI_MLDP_MP2MP = 7,
};

#define SUB_TLV_EGRESS_ENDPOINT 6u
#define SUB_TLV_WIDE_FIRST 128u /* from here on lengths have two octets */

#define PREFIX_SID_LABEL_INDEX 1u
#define PREFIX_SID_SRGB 3u
#define PREFIX_SID_SRV6_L3 5u
#define PREFIX_SID_SRV6_L2 6u
#define SRV6_SID_INFORMATION 1u
#define SRV6_SID_INFORMATION_BYTES 21u

static void keep_all(struct attrs_carried *c)
{
	writer_bytes(c->keep, c->value.next, reader_left(&c->value));
}

/* RFC 6388 2.2: type, address family, length of the root's address, the address, opaque values. */
static bool mldp_fec_fits(struct reader r)
{
	(void)reader_bytes(&r, 3);
	(void)reader_bytes(&r, reader_u8(&r));
	(void)reader_bytes(&r, reader_u16(&r));
	return !r.failed && reader_left(&r) == 0;
}

/* RFC 6514 5. A tunnel type that is not known here is the clients' business. */
static const char *check_pmsi(struct attrs_carried *c)
{
	struct reader r = c->value;
	size_t length = reader_left(&r) - PMSI_HEAD_BYTES;
	bool fits = true;
	uint8_t type;

	(void)reader_u8(&r);
	type = reader_u8(&r);
	(void)reader_bytes(&r, 3);
	switch (type) {
	case PMSI_RSVP_TE: /* an IPv4 or an IPv6 P2MP LSP tunnel (RFC 4875 19.1) */
		fits = length == 12 || length == 24;
		break;
	case PMSI_MLDP_P2MP:
	case PMSI_MLDP_MP2MP:
		fits = mldp_fec_fits(r);
		break;
	case PMSI_PIM_SSM: /* two addresses */
	case PMSI_PIM_SM:
	case PMSI_BIDIR_PIM:
		fits = length == 8 || length == 32;
		break;
	case PMSI_INGRESS_REPLICATION:
		fits = length == 4 || length == 16;
		break;
	default:
		break;
	}
	if (!fits)
		return "the tunnel identifier's length does not suit the tunnel type";
	keep_all(c);
	return NULL;
}

/* RFC 9012 3.1: an address that no packet can be sent to (RFC 6890). Those for documentation are
 * let through: laboratories use them. */
static bool is_martian(uint8_t family, const uint8_t *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct ip_addr ip = ip_addr_of(family, a);

	if (family == IP_V4)
		return a[0] == 0 || a[0] == 127 || (a[0] == 169 && a[1] == 254) || a[0] >= 240;
	return ip_addr_is_unspecified(&ip) || ip_addr_is_loopback(&ip) ||
	       (a[0] == 0xfe && (a[1] & 0xc0) == 0x80) || memcmp(a, mapped, sizeof(mapped)) == 0;
}

enum endpoint {
	ENDPOINT_GOOD,
	ENDPOINT_UNRECOGNIZED,
	ENDPOINT_MALFORMED
};

/* RFC 9012 3.1: four reserved octets, an address family, an address. */
static enum endpoint judge_endpoint(struct reader r)
{
	uint32_t reserved = reader_u32(&r);
	uint16_t afi = reader_u16(&r);
	uint8_t family = afi == 1 ? IP_V4 : afi == 2 ? IP_V6 : IP_NONE;
	size_t length = reader_left(&r);

	(void)reserved;
	if (r.failed)
		return ENDPOINT_MALFORMED;
	if (afi > 2)
		return ENDPOINT_UNRECOGNIZED;
	if (length != ip_family_bytes(family))
		return ENDPOINT_MALFORMED;
	if (family != IP_NONE && is_martian(family, reader_bytes(&r, length)))
		return ENDPOINT_MALFORMED;
	return ENDPOINT_GOOD;
}

/* RFC 9012 6: the families in which a tunnel needs its egress endpoint. */
static bool needs_endpoint(enum bgp_family family)
{
	switch (family) {
	case BGP_IPV4_UNICAST:
	case BGP_IPV6_UNICAST:
	case BGP_IPV4_LABELED:
	case BGP_IPV6_LABELED:
	case BGP_IPV4_VPN:
	case BGP_IPV6_VPN:
	case BGP_EVPN:
		return true;
	default:
		return false;
	}
}

/* Walks the sub-TLVs of one tunnel. False: they do not end where it ends. */
static bool check_tunnel(struct reader subs, enum bgp_family family, bool *ret_usable)
{
	unsigned endpoints = 0;
	bool malformed = false;

	while (reader_left(&subs) != 0) {
		uint8_t type = reader_u8(&subs);
		size_t length = type < SUB_TLV_WIDE_FIRST ? reader_u8(&subs) : reader_u16(&subs);
		struct reader sub = reader_sub(&subs, length);
		enum endpoint endpoint;

		if (subs.failed)
			return false;
		if (type != SUB_TLV_EGRESS_ENDPOINT)
			continue;
		endpoint = judge_endpoint(sub);
		endpoints += endpoint != ENDPOINT_UNRECOGNIZED;
		malformed |= endpoint == ENDPOINT_MALFORMED;
	}
	*ret_usable = !malformed && (endpoints == 1 || !needs_endpoint(family));
	return true;
}

/* RFC 9012 13: a tunnel whose egress endpoint is malformed is taken out; what cannot be cut into
 * TLVs, or has no tunnel left, withdraws the routes. */
static const char *check_tunnels(struct attrs_carried *c)
{
	struct reader r = c->value;
	bool any = false;

	while (reader_left(&r) != 0) {
		const uint8_t *start = r.next;
		struct reader subs;
		bool usable;

		(void)reader_u16(&r);
		subs = reader_sub(&r, reader_u16(&r));
		if (r.failed)
			return "a TLV is longer than the attribute";
		if (!check_tunnel(subs, c->family, &usable))
			return "a sub-TLV is longer than its TLV";
		if (usable)
			writer_bytes(c->keep, start, (size_t)(r.next - start));
		else
			c->left_out = "a tunnel without a good egress endpoint is left out";
		any |= usable;
	}
	return any ? NULL : "no tunnel has a good egress endpoint";
}

/* TLVs with a type of one octet and a length of two: whole, to the end? */
static bool short_tlvs_are_whole(struct reader r)
{
	while (reader_left(&r) != 0) {
		(void)reader_u8(&r);
		(void)reader_bytes(&r, reader_u16(&r));
	}
	return !r.failed;
}

/* RFC 9252 2 to 3.2: a reserved octet, sub-TLVs; in that of a SID 21 octets, sub-sub-TLVs. Clients
 * have been crashed by lengths in here that were wrong (CVE-2023-31490). */
static bool srv6_service_is_whole(struct reader tlv)
{
	struct reader subs;

	(void)reader_u8(&tlv);
	subs = tlv;
	if (tlv.failed || !short_tlvs_are_whole(tlv))
		return false;
	while (reader_left(&subs) != 0) {
		uint8_t type = reader_u8(&subs);
		struct reader sub = reader_sub(&subs, reader_u16(&subs));

		if (type != SRV6_SID_INFORMATION)
			continue;
		(void)reader_bytes(&sub, SRV6_SID_INFORMATION_BYTES);
		if (sub.failed || !short_tlvs_are_whole(sub))
			return false;
	}
	return true;
}

/* RFC 8669 3 and 6: TLVs with a type of one octet and a length of two. Type 0 is reserved: an
 * attribute of zeroes (20 May 2025) is malformed whatever its length. */
static const char *check_prefix_sid(struct attrs_carried *c)
{
	struct reader r = c->value;

	while (reader_left(&r) != 0) {
		uint8_t type = reader_u8(&r);
		uint16_t length = reader_u16(&r);
		struct reader tlv = reader_sub(&r, length);

		if (type == 0)
			return "a TLV has type 0";
		if ((type == PREFIX_SID_SRV6_L3 || type == PREFIX_SID_SRV6_L2) &&
		    !srv6_service_is_whole(tlv))
			return "the inside of an SRv6 Service TLV is longer than it";
		if (type == PREFIX_SID_LABEL_INDEX && length != 7)
			return "the Label-Index TLV's length is not 7";
		/* flags, and ranges of 6 octets each */
		if (type == PREFIX_SID_SRGB && (length < 8 || (length - 2) % 6 != 0))
			return "the Originator SRGB TLV's length is no whole number of ranges";
	}
	if (r.failed)
		return "a TLV is longer than the attribute";
	keep_all(c);
	return NULL;
}

/* TLVs of two and two octets: only their lengths are a propagator's business. */
static const char *check_link_state(struct attrs_carried *c)
{
	struct reader r = c->value;

	while (reader_left(&r) != 0) {
		(void)reader_u16(&r);
		(void)reader_bytes(&r, reader_u16(&r));
	}
	if (r.failed)
		return "a TLV is longer than the attribute";
	keep_all(c);
	return NULL;
}

const char *attrs_carried_check(uint8_t code, struct attrs_carried *c)
{
	switch (code) {
	case BGP_ATTR_PMSI_TUNNEL:
		return check_pmsi(c);
	case BGP_ATTR_TUNNEL_ENCAPSULATION:
		return check_tunnels(c);
	case BGP_ATTR_PREFIX_SID:
		return check_prefix_sid(c);
	case BGP_ATTR_LINK_STATE:
		return check_link_state(c);
	default:
		keep_all(c);
		return NULL;
	}
}

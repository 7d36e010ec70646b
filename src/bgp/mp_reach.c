/*
 * mp_reach: the next hop in MP_REACH_NLRI.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bgp/mp_reach.h"

#include "base/rd.h"
#include "bgp/attrs_table.h"

/* fe80::/10 */
static bool is_link_local(const struct ip_addr *addr)
{
	return addr->family == IP_V6 && addr->bytes[0] == 0xfe && (addr->bytes[1] & 0xc0) == 0x80;
}

/* ::ffff:0:0/96: an IPv4 address in a family that has IPv6 next hops (RFC 4659 3.2.1.2, 4798 2) */
static bool is_mapped(const struct ip_addr *addr)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return addr->family == IP_V6 && memcmp(addr->bytes, mapped, sizeof(mapped)) == 0;
}

static struct ip_addr read_addr(struct reader *r, size_t rd_bytes, uint8_t ip_family)
{
	struct ip_addr addr = { .family = ip_family };

	(void)reader_bytes(r, rd_bytes); /* zero (RFC 4364 4.3.2), and without a meaning if not */
	reader_copy(r, addr.bytes, ip_family_bytes(ip_family));
	return addr;
}

/* The next hop from its octets. */
static const char *decode_next_hop(struct reader hop, bool ipv6_for_ipv4,
				   struct bgp_mp_reach *reach)
{
	uint8_t forms = bgp_family_info(reach->family)->next_hop;
	size_t rd_bytes = (forms & BGP_NEXT_HOP_RD) != 0 ? RD_BYTES : 0;
	bool ipv6 = (forms & BGP_NEXT_HOP_V6) != 0 ||
		    ((forms & BGP_NEXT_HOP_V6_NEGOTIATED) != 0 && ipv6_for_ipv4);
	size_t length = reader_left(&hop);

	if ((forms & BGP_NEXT_HOP_NONE) != 0) /* whatever there is, is ignored (RFC 8955 4) */
		return NULL;
	if ((forms & BGP_NEXT_HOP_V4) != 0 && length == rd_bytes + 4) {
		reach->next_hop = read_addr(&hop, rd_bytes, IP_V4);
		return NULL;
	}
	if (!ipv6 || (length != rd_bytes + 16 && length != 2 * (rd_bytes + 16)))
		return "the next hop's length does not suit the family";
	reach->next_hop = read_addr(&hop, rd_bytes, IP_V6);
	if (reader_left(&hop) != 0)
		reach->link_local = read_addr(&hop, rd_bytes, IP_V6);
	if (!is_link_local(&reach->link_local))
		reach->link_local = (struct ip_addr){ 0 };
	return NULL;
}

const char *bgp_mp_reach_decode(struct reader *r, const struct bgp_context *context,
				struct bgp_mp_reach *ret_reach)
{
	uint16_t afi = reader_u16(r);
	uint8_t safi = reader_u8(r);
	struct bgp_mp_reach reach = { .family = BGP_FAMILY_NONE };
	struct reader hop;
	const char *wrong;

	if (!r->failed)
		reach.family = bgp_family_of(afi, safi);
	ret_reach->family = reach.family;
	hop = reader_sub(r, reader_u8(r));
	(void)reader_u8(r); /* reserved (RFC 4760 3) */
	if (r->failed)
		return "it ends before its NLRI";
	if (reach.family == BGP_FAMILY_NONE)
		return NULL;
	wrong = decode_next_hop(hop, context == NULL || context->extended_next_hop[reach.family],
				&reach);
	if (wrong == NULL)
		*ret_reach = reach;
	return wrong;
}

static void put_addr(struct writer *w, size_t rd_bytes, const struct ip_addr *addr)
{
	static const uint8_t rd[RD_BYTES];

	writer_bytes(w, rd, rd_bytes);
	writer_bytes(w, addr->bytes, ip_family_bytes(addr->family));
}

void bgp_mp_reach_encode(struct writer *w, enum bgp_family family, const struct ip_addr *next_hop,
			 const struct ip_addr *link_local)
{
	const struct bgp_family_info *info = bgp_family_info(family);
	size_t rd_bytes = (info->next_hop & BGP_NEXT_HOP_RD) != 0 ? RD_BYTES : 0;
	size_t length = 0;

	if ((info->next_hop & BGP_NEXT_HOP_NONE) == 0 && next_hop->family != IP_NONE)
		length = rd_bytes + ip_family_bytes(next_hop->family);
	if (length == 0 || link_local == NULL || link_local->family == IP_NONE)
		link_local = NULL;
	if (link_local != NULL)
		length += rd_bytes + ip_family_bytes(link_local->family);
	writer_u8(w, ATTR_OPTIONAL);
	writer_u8(w, BGP_ATTR_MP_REACH_NLRI);
	writer_u8(w, (uint8_t)(5 + length));
	writer_u16(w, info->afi);
	writer_u8(w, info->safi);
	writer_u8(w, (uint8_t)length);
	if (length != 0)
		put_addr(w, rd_bytes, next_hop);
	if (link_local != NULL)
		put_addr(w, rd_bytes, link_local);
	writer_u8(w, 0);
}

bool bgp_mp_reach_next_hop_suits(enum bgp_family family, const struct ip_addr *next_hop)
{
	uint8_t forms = bgp_family_info(family)->next_hop;
	uint8_t wanted = next_hop->family == IP_V4 ? BGP_NEXT_HOP_V4
						   : BGP_NEXT_HOP_V6 | BGP_NEXT_HOP_V6_NEGOTIATED;

	if (next_hop->family == IP_NONE)
		return (forms & BGP_NEXT_HOP_NONE) != 0;
	if (is_mapped(next_hop)) {
		struct ip_addr inside = ip_addr_of(IP_V4, next_hop->bytes + 12);

		return (forms & wanted) != 0 && attrs_next_hop_valid(&inside);
	}
	return (forms & wanted) != 0 && attrs_next_hop_valid(next_hop);
}

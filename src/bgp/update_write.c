/*
 * update_write: building UPDATE messages.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4.3, 4724 2, 4760 3 and 4, 7606 5.1 (MP attributes come first, and announcements and
 * withdrawals are never in one message), 7911 3.
 */
#include "bgp/attrs_table.h"
#include "bgp/update.h"

static void put_family(struct writer *w, enum bgp_family family)
{
	writer_u16(w, bgp_family_info(family)->afi);
	writer_u8(w, bgp_family_info(family)->safi);
}

/* MP_REACH_NLRI up to its NLRI. */
static void put_mp_reach(struct writer *w, enum bgp_family family, const struct ip_addr *next_hop,
			 const struct ip_addr *link_local)
{
	size_t length = ip_family_bytes(next_hop->family);
	size_t second = link_local == NULL ? 0 : ip_family_bytes(link_local->family);

	put_family(w, family);
	writer_u8(w, (uint8_t)(length + second));
	writer_bytes(w, next_hop->bytes, length);
	if (second != 0)
		writer_bytes(w, link_local->bytes, second);
	writer_u8(w, 0);
}

void bgp_mp_reach_encode(struct writer *w, enum bgp_family family, const struct ip_addr *next_hop,
			 const struct ip_addr *link_local)
{
	size_t start = writer_length(w);

	writer_u8(w, ATTR_OPTIONAL);
	writer_u8(w, BGP_ATTR_MP_REACH_NLRI);
	writer_u8(w, 0);
	put_mp_reach(w, family, next_hop, link_local);
	if (!w->failed)
		w->start[start + 2] = (uint8_t)(writer_length(w) - start - 3);
}

void bgp_update_begin(struct bgp_update_writer *u, struct writer *w, enum bgp_family family,
		      bool withdraw, bool addpath, const uint8_t *attrs, size_t attrs_length,
		      const struct ip_addr *next_hop, size_t message_bytes_max)
{
	bool classic = family == BGP_IPV4_UNICAST;

	*u = (struct bgp_update_writer){ .w = w,
					 .family = family,
					 .withdraw = withdraw,
					 .addpath = addpath,
					 .message_start = writer_length(w),
					 .attrs = attrs,
					 .attrs_length = withdraw ? 0 : attrs_length };
	u->limit = MIN(message_bytes_max, writer_left(w));
	bgp_header_encode(w, 0, BGP_UPDATE);
	writer_u16(w, 0);
	if (classic && withdraw) {
		u->nlri_start = writer_length(w);
		return;
	}
	u->attrs_length_at = writer_length(w);
	writer_u16(w, 0);
	if (classic) {
		writer_bytes(w, attrs, attrs_length);
		u->nlri_start = writer_length(w);
		return;
	}
	writer_u8(w, ATTR_OPTIONAL | ATTR_EXTENDED_LENGTH);
	writer_u8(w, withdraw ? BGP_ATTR_MP_UNREACH_NLRI : BGP_ATTR_MP_REACH_NLRI);
	u->mp_length_at = writer_length(w);
	writer_u16(w, 0);
	if (withdraw)
		put_family(w, family);
	else
		put_mp_reach(w, family, next_hop, NULL);
	u->nlri_start = writer_length(w);
}

bool bgp_update_add(struct bgp_update_writer *u, const struct bgp_nlri *nlri)
{
	size_t length = bgp_nlri_encoded_length(u->family, nlri, u->withdraw, u->addpath);
	size_t used = writer_length(u->w) - u->message_start;
	size_t behind = 0; /* what _end still writes */

	if (u->family == BGP_IPV4_UNICAST)
		behind = u->withdraw ? 2 : 0;
	else
		behind = u->attrs_length;
	if (u->w->failed || used + length + behind > u->limit)
		return false;
	bgp_nlri_encode(u->w, u->family, nlri, u->withdraw, u->addpath);
	u->count++;
	return true;
}

void bgp_update_end(struct bgp_update_writer *u)
{
	struct writer *w = u->w;
	size_t nlri_length = writer_length(w) - u->nlri_start;

	if (u->count == 0) {
		w->next = w->start + u->message_start;
		return;
	}
	if (u->family == BGP_IPV4_UNICAST && u->withdraw) {
		writer_patch_u16(w, u->nlri_start - 2, (uint16_t)nlri_length);
		writer_u16(w, 0);
	} else if (u->family == BGP_IPV4_UNICAST) {
		writer_patch_u16(w, u->attrs_length_at, (uint16_t)u->attrs_length);
	} else {
		writer_patch_u16(w, u->mp_length_at,
				 (uint16_t)(writer_length(w) - u->mp_length_at - 2));
		writer_bytes(w, u->attrs, u->attrs_length);
		writer_patch_u16(w, u->attrs_length_at,
				 (uint16_t)(writer_length(w) - u->attrs_length_at - 2));
	}
	writer_patch_u16(w, u->message_start + 16, (uint16_t)(writer_length(w) - u->message_start));
}

void bgp_end_of_rib_encode(struct writer *w, enum bgp_family family)
{
	bool classic = family == BGP_IPV4_UNICAST;

	bgp_header_encode(w, (uint16_t)(BGP_HEADER_BYTES + (classic ? 4 : 10)), BGP_UPDATE);
	writer_u16(w, 0);
	writer_u16(w, classic ? 0 : 6);
	if (classic)
		return;
	writer_u8(w, ATTR_OPTIONAL);
	writer_u8(w, BGP_ATTR_MP_UNREACH_NLRI);
	writer_u8(w, 3);
	put_family(w, family);
}

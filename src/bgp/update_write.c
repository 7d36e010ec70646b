/*
 * update_write: building UPDATE messages.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4.3, 4724 2, 4760 3 and 4, 7606 5.1 (MP attributes come first, and announcements and
 * withdrawals are never in one message), 7911 3.
 */
#include "bgp/attrs_table.h"
#include "bgp/update.h"

#define MP_REACH_BYTES_MAX 56u /* header 3, AFI, SAFI, length, next hop of 48, reserved */

static void put_family(struct writer *w, enum bgp_family family)
{
	writer_u16(w, bgp_family_info(family)->afi);
	writer_u8(w, bgp_family_info(family)->safi);
}

/* The value of an attribute behind its header. */
static struct reader value_of(const uint8_t *attribute, size_t length)
{
	struct reader r = reader_of(attribute, length);
	uint8_t flags = reader_u8(&r);

	(void)reader_bytes(&r, (flags & ATTR_EXTENDED_LENGTH) != 0 ? 3 : 2); /* code, length */
	assert(!r.failed);
	return r;
}

static void begin(struct bgp_update_writer *u)
{
	struct writer *w = u->w;

	bgp_header_encode(w, 0, BGP_UPDATE);
	writer_u16(w, 0);
	if (u->classic && u->withdraw)
		return;
	u->attrs_length_at = writer_length(w);
	writer_u16(w, 0);
	if (u->classic) {
		writer_bytes(w, u->attrs, u->attrs_length);
		return;
	}
	writer_u8(w, ATTR_OPTIONAL | ATTR_EXTENDED_LENGTH);
	writer_u8(w, u->withdraw ? BGP_ATTR_MP_UNREACH_NLRI : BGP_ATTR_MP_REACH_NLRI);
	u->mp_length_at = writer_length(w);
	writer_u16(w, 0);
	if (u->withdraw)
		put_family(w, u->family);
}

void bgp_update_begin_mp(struct bgp_update_writer *u, struct writer *w, enum bgp_family family,
			 bool addpath, const uint8_t *attrs, size_t attrs_length,
			 const uint8_t *mp_reach, size_t mp_reach_length, size_t message_bytes_max)
{
	*u = (struct bgp_update_writer){ .w = w,
					 .family = family,
					 .addpath = addpath,
					 .plain = bgp_family_info(family)->kind == BGP_NLRI_PREFIX,
					 .classic = mp_reach_length == 0,
					 .message_start = writer_length(w),
					 .limit = MIN(message_bytes_max, writer_left(w)),
					 .attrs = attrs,
					 .attrs_length = attrs_length };
	assert(mp_reach_length != 0 || family == BGP_IPV4_UNICAST);
	begin(u);
	if (!u->classic) {
		struct reader value = value_of(mp_reach, mp_reach_length);

		writer_bytes(w, value.next, reader_left(&value));
	}
	u->nlri_start = writer_length(w);
}

void bgp_update_begin(struct bgp_update_writer *u, struct writer *w, enum bgp_family family,
		      bool withdraw, bool addpath, const uint8_t *attrs, size_t attrs_length,
		      const struct ip_addr *next_hop, size_t message_bytes_max)
{
	uint8_t bytes[MP_REACH_BYTES_MAX];
	struct writer mp_reach = writer_of(bytes, sizeof(bytes));

	if (!withdraw) {
		if (family != BGP_IPV4_UNICAST || (next_hop != NULL && next_hop->family == IP_V6))
			bgp_mp_reach_encode(&mp_reach, family, next_hop, NULL);
		bgp_update_begin_mp(u, w, family, addpath, attrs, attrs_length, bytes,
				    writer_length(&mp_reach), message_bytes_max);
		return;
	}
	*u = (struct bgp_update_writer){ .w = w,
					 .family = family,
					 .withdraw = true,
					 .addpath = addpath,
					 .plain = bgp_family_info(family)->kind == BGP_NLRI_PREFIX,
					 .classic = family == BGP_IPV4_UNICAST,
					 .message_start = writer_length(w),
					 .limit = MIN(message_bytes_max, writer_left(w)) };
	begin(u);
	u->nlri_start = writer_length(w);
}

bool bgp_update_add(struct bgp_update_writer *u, const struct bgp_nlri *nlri)
{
	bool plain = u->plain && !u->addpath; /* the octets are the key */
	size_t length = plain ? nlri->key_length
			      : bgp_nlri_encoded_length(u->family, nlri, u->withdraw, u->addpath);
	size_t used = writer_length(u->w) - u->message_start;
	size_t behind = 0; /* what _end still writes */

	if (u->classic)
		behind = u->withdraw ? 2 : 0;
	else
		behind = u->attrs_length;
	if (u->w->failed || used + length + behind > u->limit)
		return false;
	if (plain)
		writer_bytes(u->w, nlri->key, length);
	else
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
	if (u->classic && u->withdraw) {
		writer_patch_u16(w, u->nlri_start - 2, (uint16_t)nlri_length);
		writer_u16(w, 0);
	} else if (u->classic) {
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

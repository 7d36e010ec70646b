/*
 * attrs_encode: writing path attributes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4.3 and 5, 6793 4.2.2. Lengths are computed once, from what was written; an
 * attribute past 255 octets gets the extended length.
 */
#include "bgp/as_path.h"
#include "bgp/attrs.h"
#include "bgp/attrs_table.h"

/* The header of a known attribute with `length` octets of value. */
static void put_header(struct writer *w, const struct bgp_attrs *a, enum bgp_attr_code code,
		       size_t length)
{
	uint8_t flags = attrs_table[code].flags;

	if ((a->partial >> code & 1) != 0)
		flags |= ATTR_PARTIAL;
	if (length > UINT16_MAX) {
		w->failed = true;
		return;
	}
	if (length > UINT8_MAX)
		flags |= ATTR_EXTENDED_LENGTH;
	writer_u8(w, flags);
	writer_u8(w, (uint8_t)code);
	if (length > UINT8_MAX)
		writer_u16(w, (uint16_t)length);
	else
		writer_u8(w, (uint8_t)length);
}

static void put_u32(struct writer *w, const struct bgp_attrs *a, enum bgp_attr_code code,
		    uint32_t value)
{
	if (!bgp_attrs_has(a, code))
		return;
	put_header(w, a, code, 4);
	writer_u32(w, value);
}

static void put_bytes(struct writer *w, const struct bgp_attrs *a, enum bgp_attr_code code,
		      const uint8_t *bytes, size_t length)
{
	/* An empty list is no list: the attribute may not have length 0 (RFC 7606 4). */
	if (!bgp_attrs_has(a, code) || length == 0)
		return;
	put_header(w, a, code, length);
	writer_bytes(w, bytes, length);
}

static bool path_has_wide(const struct bgp_attrs *a)
{
	struct as_path_facts facts = { 0 };

	return as_path_check(a->as_path, a->as_path_bytes, 4, &facts) == NULL && facts.has_wide;
}

/* Octets of the path when written with 2-octet numbers. */
static size_t narrow_length(const struct bgp_attrs *a)
{
	struct reader r = reader_of(a->as_path, a->as_path_bytes);
	size_t length = 0;

	while (reader_left(&r) != 0) {
		uint8_t count;

		(void)reader_u8(&r);
		count = reader_u8(&r);
		(void)reader_bytes(&r, (size_t)count * 4);
		length += 2 + (size_t)count * 2;
	}
	return length;
}

static void put_as_path(struct writer *w, const struct bgp_attrs *a, bool as4)
{
	if (!bgp_attrs_has(a, BGP_ATTR_AS_PATH))
		return;
	if (a->as_path_bytes > BGP_AS_PATH_BYTES_MAX) {
		w->failed = true;
		return;
	}
	if (as4) {
		put_header(w, a, BGP_ATTR_AS_PATH, a->as_path_bytes);
		writer_bytes(w, a->as_path, a->as_path_bytes);
		return;
	}
	put_header(w, a, BGP_ATTR_AS_PATH, narrow_length(a));
	as_path_write_narrow(w, a->as_path, a->as_path_bytes);
}

static void put_aggregator(struct writer *w, const struct bgp_attrs *a, bool as4)
{
	if (!bgp_attrs_has(a, BGP_ATTR_AGGREGATOR))
		return;
	put_header(w, a, BGP_ATTR_AGGREGATOR, as4 ? 8 : 6);
	if (as4)
		writer_u32(w, a->aggregator_as);
	else
		writer_u16(w, a->aggregator_as > UINT16_MAX ? BGP_AS_TRANS
							    : (uint16_t)a->aggregator_as);
	writer_u32(w, a->aggregator_address);
}

static void put_as4(struct writer *w, const struct bgp_attrs *a)
{
	if (bgp_attrs_has(a, BGP_ATTR_AS_PATH) && path_has_wide(a)) {
		struct writer counting = *w;
		size_t length;

		/* written once behind the longest header to learn its length, then for good */
		(void)writer_reserve(&counting, 4);
		length = writer_length(&counting);
		as_path_write_as4(&counting, a->as_path, a->as_path_bytes);
		length = writer_length(&counting) - length;
		if (counting.failed)
			w->failed = true;
		if (length != 0) {
			put_header(w, a, BGP_ATTR_AS4_PATH, length);
			as_path_write_as4(w, a->as_path, a->as_path_bytes);
		}
	}
	if (bgp_attrs_has(a, BGP_ATTR_AGGREGATOR) && a->aggregator_as > UINT16_MAX) {
		put_header(w, a, BGP_ATTR_AS4_AGGREGATOR, 8);
		writer_u32(w, a->aggregator_as);
		writer_u32(w, a->aggregator_address);
	}
}

/* Writes the unknown attributes with a code below `code` and steps over them. */
static void put_unknown_below(struct writer *w, struct reader *unknown, unsigned code)
{
	while (reader_left(unknown) != 0) {
		struct reader peek = *unknown;
		const uint8_t *start = peek.next;
		uint8_t flags = reader_u8(&peek);

		if (reader_u8(&peek) >= code)
			return;
		(void)reader_bytes(&peek, (flags & ATTR_EXTENDED_LENGTH) != 0 ? reader_u16(&peek)
									      : reader_u8(&peek));
		writer_bytes(w, start, (size_t)(peek.next - start));
		*unknown = peek;
	}
}

/* The TLVs as they came, with the first metric as it is now. */
static void put_aigp(struct writer *w, const struct bgp_attrs *a)
{
	struct reader r = reader_of(a->aigp_tlvs, a->aigp_tlvs_bytes);
	bool written = false;

	/* the highest metric is malformed (RFC 7311 3.2) */
	if (!bgp_attrs_has(a, BGP_ATTR_AIGP) || a->aigp == UINT64_MAX)
		return;
	put_header(w, a, BGP_ATTR_AIGP,
		   a->aigp_tlvs_bytes == 0 ? AIGP_TLV_BYTES : a->aigp_tlvs_bytes);
	if (a->aigp_tlvs_bytes == 0) {
		writer_u8(w, AIGP_TLV_METRIC);
		writer_u16(w, AIGP_TLV_BYTES);
		writer_u64(w, a->aigp);
	}
	while (reader_left(&r) != 0) {
		uint8_t type = reader_u8(&r);
		uint16_t length = reader_u16(&r);
		size_t value_length = length - AIGP_TLV_HEAD_BYTES;
		const uint8_t *value = reader_bytes(&r, value_length);

		assert(!r.failed); /* they were checked when they came */
		writer_u8(w, type);
		writer_u16(w, length);
		if (type == AIGP_TLV_METRIC && !written) {
			written = true;
			writer_u64(w, a->aigp);
		} else {
			writer_bytes(w, value, value_length);
		}
	}
}

void bgp_attrs_encode(struct writer *w, const struct bgp_attrs *a, enum bgp_family family, bool as4)
{
	struct reader unknown = reader_of(a->unknown, a->unknown_bytes);

	put_unknown_below(w, &unknown, BGP_ATTR_ORIGIN);
	if (bgp_attrs_has(a, BGP_ATTR_ORIGIN)) {
		put_header(w, a, BGP_ATTR_ORIGIN, 1);
		writer_u8(w, a->origin);
	}
	put_as_path(w, a, as4);
	if (family == BGP_IPV4_UNICAST && a->next_hop.family == IP_V4) {
		put_header(w, a, BGP_ATTR_NEXT_HOP, 4);
		writer_bytes(w, a->next_hop.bytes, 4);
	}
	put_u32(w, a, BGP_ATTR_MED, a->med);
	put_u32(w, a, BGP_ATTR_LOCAL_PREF, a->local_pref);
	if (bgp_attrs_has(a, BGP_ATTR_ATOMIC_AGGREGATE))
		put_header(w, a, BGP_ATTR_ATOMIC_AGGREGATE, 0);
	put_aggregator(w, a, as4);
	put_bytes(w, a, BGP_ATTR_COMMUNITIES, a->communities, a->communities_bytes);
	put_u32(w, a, BGP_ATTR_ORIGINATOR_ID, a->originator_id);
	put_bytes(w, a, BGP_ATTR_CLUSTER_LIST, a->cluster_list, a->cluster_list_bytes);
	put_unknown_below(w, &unknown, BGP_ATTR_EXTENDED_COMMUNITIES);
	put_bytes(w, a, BGP_ATTR_EXTENDED_COMMUNITIES, a->extended_communities,
		  a->extended_communities_bytes);
	if (!as4)
		put_as4(w, a);
	put_unknown_below(w, &unknown, BGP_ATTR_AIGP);
	put_aigp(w, a);
	put_unknown_below(w, &unknown, BGP_ATTR_LARGE_COMMUNITIES);
	put_bytes(w, a, BGP_ATTR_LARGE_COMMUNITIES, a->large_communities,
		  a->large_communities_bytes);
	put_unknown_below(w, &unknown, BGP_ATTR_ONLY_TO_CUSTOMER);
	put_u32(w, a, BGP_ATTR_ONLY_TO_CUSTOMER, a->only_to_customer);
	put_unknown_below(w, &unknown, 256);
}

void bgp_attrs_set_carried(struct bgp_attrs *attrs, uint8_t code, const uint8_t *value,
			   uint16_t length, struct arena *arena)
{
	struct reader rest = reader_of(attrs->unknown, attrs->unknown_bytes), from;
	struct writer w = { 0 }; /* with no room: only the reader's steps matter at first */
	size_t before, after;

	/* they are ascending by code: those below stay, and those behind it */
	put_unknown_below(&w, &rest, code);
	before = reader_offset(&rest);
	from = rest;
	put_unknown_below(&w, &rest, code + 1u);
	if (rest.next == from.next)
		return;
	after = reader_left(&rest);
	w = writer_of(arena_alloc(arena, before + 4 + length + after), before + 4 + length + after);
	writer_bytes(&w, attrs->unknown, before);
	if (length != 0) {
		writer_u8(&w, reader_u8(&from) | ATTR_EXTENDED_LENGTH);
		writer_u8(&w, code);
		writer_u16(&w, length);
		writer_bytes(&w, value, length);
	}
	writer_bytes(&w, rest.next, after);
	attrs->unknown = w.start;
	attrs->unknown_bytes = (uint16_t)writer_length(&w);
}

/*
 * Fuzz target: one path attribute, beside those that must be there.
 * SPDX-License-Identifier: Apache-2.0
 *
 * First octet: its code; second: bits 7 to 4 turn over those of its flags that would be right
 * (Optional, Transitive, Partial, extended length), 0 as4, 1 ibgp, 2 a family with MP_REACH_NLRI.
 * Then the value.
 */
#include "attrs_check.h"

#include "bgp/attrs_table.h"

static void put_attribute(struct writer *w, unsigned flags, uint8_t code, const void *value,
			  size_t length)
{
	if (length > UINT8_MAX)
		flags |= ATTR_EXTENDED_LENGTH;
	writer_u8(w, (uint8_t)flags);
	writer_u8(w, code);
	if ((flags & ATTR_EXTENDED_LENGTH) != 0)
		writer_u16(w, (uint16_t)length);
	else
		writer_u8(w, (uint8_t)length);
	writer_bytes(w, value, length);
}

static void put_others(struct writer *w, uint8_t code, bool as4, bool mp)
{
	static const uint8_t origin[] = { 0 }, hop[] = { 10, 0, 0, 1 };
	static const uint8_t path2[] = { 2, 1, 0x5b, 0xa0 }, path4[] = { 2, 1, 0, 0, 0xfd, 0xe9 };
	static const uint8_t aggregator2[] = { 0x5b, 0xa0, 10, 0, 0, 1 };
	static const uint8_t evpn[] = { 0, 25, 70, 4, 10, 0, 0, 1, 0 };

	if (code != BGP_ATTR_ORIGIN)
		put_attribute(w, 0x40, BGP_ATTR_ORIGIN, origin, sizeof(origin));
	if (code != BGP_ATTR_AS_PATH)
		put_attribute(w, 0x40, BGP_ATTR_AS_PATH, as4 ? path4 : path2,
			      as4 ? sizeof(path4) : sizeof(path2));
	if (code == BGP_ATTR_AS4_AGGREGATOR && !as4)
		put_attribute(w, 0xc0, BGP_ATTR_AGGREGATOR, aggregator2, sizeof(aggregator2));
	if (mp && code != BGP_ATTR_MP_REACH_NLRI)
		put_attribute(w, 0x80, BGP_ATTR_MP_REACH_NLRI, evpn, sizeof(evpn));
	else if (code != BGP_ATTR_NEXT_HOP)
		put_attribute(w, 0x40, BGP_ATTR_NEXT_HOP, hop, sizeof(hop));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t block[UINT16_MAX];
	struct writer w = writer_of(block, sizeof(block));
	struct bgp_context context = { .aigp = true };
	struct bgp_notification n = { 0 };
	struct error why = { "" };
	struct bgp_attrs a;
	struct arena arena;
	struct buf text;
	enum bgp_verdict v;
	unsigned flags;
	uint8_t code;

	if (size < 2 || size > sizeof(block) - 64)
		return 0;
	code = data[0];
	flags = bgp_attr_name(code) == NULL ? 0xc0 : attrs_table[code].flags;
	flags ^= data[1] & 0xf0u;
	context.as4 = (data[1] & 1) != 0;
	context.ibgp = (data[1] & 2) != 0;
	buf_init(&text, 0);
	bgp_attr_value_format(code, data + 2, size - 2, &text);
	MUST_HOLD(text.length >= 2 || size > 2 || code == BGP_ATTR_AS_PATH ||
		  code == BGP_ATTR_ATOMIC_AGGREGATE || code == BGP_ATTR_LINK_STATE);
	buf_done(&text);
	put_others(&w, code, context.as4, (data[1] & 4) != 0);
	put_attribute(&w, flags, code, data + 2, size - 2);
	arena_init(&arena, 0);
	v = bgp_attrs_decode(block, writer_length(&w), &context, true, &arena, &a, &n, &why);
	MUST_HOLD((v == BGP_OK) == (why.text[0] == '\0'));
	/* one attribute resets a session only when it is MP_REACH_NLRI, or unknown and well-known
	 */
	MUST_HOLD(v != BGP_SESSION_RESET || code == BGP_ATTR_MP_REACH_NLRI ||
		  bgp_attr_name(code) == NULL);
	MUST_HOLD((v == BGP_SESSION_RESET) == (n.code == BGP_ERROR_UPDATE));
	if (v <= BGP_ATTRIBUTE_DISCARD) {
		check_attrs_text(&a);
		check_attrs_round_trip(&a, true, &arena);
		check_attrs_round_trip(&a, false, &arena);
	}
	arena_done(&arena);
	return 0;
}

/*
 * attrs_check: what must hold of decoded path attributes.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_FUZZ_ATTRS_CHECK_H
#define TESTS_FUZZ_ATTRS_CHECK_H

#include "fuzz.h"

#include "base/buf.h"
#include "bgp/attrs.h"
#include "bgp/mp_reach.h"

#define CHECK_BLOCK_BYTES (256u * 1024u)

/* The text of all of them; each that is there has one of its own. */
static inline void check_attrs_text(const struct bgp_attrs *a)
{
	struct bgp_attrs_walk walk = bgp_attrs_walk(a);
	struct bgp_attr_item item;
	unsigned last = 0, count = 0;
	struct buf b;

	buf_init(&b, 0);
	bgp_attrs_format(a, &b);
	while (bgp_attrs_walk_next(&walk, &item)) {
		MUST_HOLD(count == 0 || item.code > last);
		/* RFC 4271 4.3: what is sent; Partial with optional transitive ones alone */
		MUST_HOLD((item.flags & 0x0f) == 0);
		MUST_HOLD((item.flags & 0x20) == 0 || (item.flags & 0xc0) == 0xc0);
		last = item.code;
		count++;
		buf_clear(&b);
		bgp_attr_format(a, &item, &b);
		if (item.value != NULL)
			bgp_attr_value_format(item.code, item.value, item.value_bytes, &b);
	}
	MUST_HOLD(count <= 256);
	buf_done(&b);
}

static inline size_t check_attrs_encode(const struct bgp_attrs *a, bool as4, uint8_t *to)
{
	enum bgp_family family = a->mp_family == BGP_FAMILY_NONE ? BGP_IPV4_UNICAST : a->mp_family;
	struct writer w = writer_of(to, CHECK_BLOCK_BYTES);

	bgp_attrs_encode(&w, a, family, as4);
	if (a->mp_family != BGP_FAMILY_NONE)
		bgp_mp_reach_encode(&w, family, &a->next_hop, &a->next_hop_link_local);
	return w.failed || writer_length(&w) > UINT16_MAX ? 0 : writer_length(&w);
}

/* Encode, decode, encode: well-formed, with the same fields, and the second encoding is the first.
 */
static inline void check_attrs_round_trip(const struct bgp_attrs *a, bool as4, struct arena *arena)
{
	static uint8_t first[CHECK_BLOCK_BYTES], second[CHECK_BLOCK_BYTES];
	struct bgp_context context = { .as4 = as4, .ibgp = true, .aigp = true };
	size_t length = check_attrs_encode(a, as4, first), second_length;
	bool whole = bgp_attrs_has(a, BGP_ATTR_ORIGIN) && bgp_attrs_has(a, BGP_ATTR_AS_PATH) &&
		     (a->next_hop.family == IP_V4 || a->mp_family != BGP_FAMILY_NONE);
	struct bgp_attrs again;
	struct bgp_notification n;
	struct error why = { "" };

	if (length == 0)
		return;
	memset(context.extended_next_hop, true, sizeof(context.extended_next_hop));
	MUST_HOLD(bgp_attrs_decode(first, length, &context, whole, arena, &again, &n, &why) ==
		  BGP_OK);
	MUST_HOLD(again.mp_family == a->mp_family);
	MUST_HOLD(again.med == a->med && again.local_pref == a->local_pref);
	MUST_HOLD(again.originator_id == a->originator_id && again.origin == a->origin);
	MUST_HOLD(again.only_to_customer == a->only_to_customer);
	MUST_HOLD(again.communities_bytes == a->communities_bytes);
	MUST_HOLD(again.extended_communities_bytes == a->extended_communities_bytes);
	MUST_HOLD(again.large_communities_bytes == a->large_communities_bytes);
	MUST_HOLD(again.cluster_list_bytes == a->cluster_list_bytes);
	MUST_HOLD(again.unknown_bytes == a->unknown_bytes);
	MUST_HOLD(a->aigp == UINT64_MAX || again.aigp == a->aigp);
	MUST_HOLD(again.aggregator_as == a->aggregator_as);
	MUST_HOLD(ip_addr_equal(&again.next_hop, &a->next_hop));
	MUST_HOLD(ip_addr_equal(&again.next_hop_link_local, &a->next_hop_link_local));
	if (!as4)
		return;
	MUST_HOLD(again.as_path_length == a->as_path_length);
	MUST_HOLD(again.origin_as.number == a->origin_as.number);
	MUST_HOLD(again.neighbor_as.number == a->neighbor_as.number);
	second_length = check_attrs_encode(&again, as4, second);
	MUST_HOLD(second_length == length && memcmp(first, second, length) == 0);
}

#endif

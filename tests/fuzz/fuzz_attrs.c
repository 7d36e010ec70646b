/*
 * Fuzz target: a block of path attributes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * First octet: bit 0 as4, 1 ibgp, 2 refuse sets, 3 no NLRI, 4 encode for 2-octet peers, 5 AIGP, 6
 * IPv6 next hops for every family. Then the block.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "bgp/attrs.h"
#include "bgp/mp_reach.h"

static uint8_t first[256 * 1024], second[256 * 1024];

static void check_text(const struct bgp_attrs *a)
{
	struct buf b;

	buf_init(&b, 0);
	bgp_as_path_format(a, &b);
	bgp_communities_format(a, &b);
	bgp_large_communities_format(a, &b);
	bgp_attrs_format(a, &b);
	MUST_HOLD(strlen(buf_text(&b)) == b.length);
	buf_done(&b);
}

/* As an attribute table keeps it: MP_REACH_NLRI, where there is one, behind the others. */
static void write_block(struct writer *w, const struct bgp_attrs *a, bool as4)
{
	bool mp = a->mp_family != BGP_FAMILY_NONE;

	bgp_attrs_encode(w, a, mp ? a->mp_family : BGP_IPV4_UNICAST, as4);
	if (mp)
		bgp_mp_reach_encode(w, a->mp_family, &a->next_hop, &a->next_hop_link_local);
}

/* Encode, decode, encode: the second encoding is the first. */
static void check_round_trip(const struct bgp_attrs *a, bool as4, struct arena *arena)
{
	struct bgp_context context = { .as4 = as4, .ibgp = true, .aigp = true };
	struct writer w = writer_of(first, sizeof(first)), w2 = writer_of(second, sizeof(second));
	struct bgp_attrs again;
	struct bgp_notification n;
	struct error why;
	enum bgp_verdict v;
	bool whole;

	memset(context.extended_next_hop, true, sizeof(context.extended_next_hop));
	write_block(&w, a, as4);
	if (w.failed || writer_length(&w) > UINT16_MAX)
		return;
	whole = bgp_attrs_has(a, BGP_ATTR_ORIGIN) && bgp_attrs_has(a, BGP_ATTR_AS_PATH) &&
		(a->next_hop.family == IP_V4 || a->mp_family != BGP_FAMILY_NONE);
	v = bgp_attrs_decode(first, writer_length(&w), &context, whole, arena, &again, &n, &why);
	/* what has confederation segments may lose those of AS4_PATH, nothing else */
	MUST_HOLD(v == BGP_OK || (!as4 && v <= BGP_ATTRIBUTE_DISCARD));
	MUST_HOLD(again.med == a->med && again.local_pref == a->local_pref);
	MUST_HOLD(again.communities_bytes == a->communities_bytes);
	MUST_HOLD(again.cluster_list_bytes == a->cluster_list_bytes);
	MUST_HOLD(again.unknown_bytes == a->unknown_bytes);
	if (as4) {
		MUST_HOLD(again.as_path_length == a->as_path_length);
		MUST_HOLD(again.origin_as.number == a->origin_as.number);
	}
	MUST_HOLD(again.mp_family == a->mp_family);
	write_block(&w2, &again, as4);
	MUST_HOLD(!w2.failed);
	if (as4)
		MUST_HOLD(writer_length(&w) == writer_length(&w2) &&
			  memcmp(first, second, writer_length(&w)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bgp_context context = { 0 };
	struct bgp_notification n = { 0 };
	struct bgp_attrs a;
	struct arena arena;
	struct error why = { "" };
	enum bgp_verdict v;
	uint8_t flags;

	if (size < 1 || size > UINT16_MAX)
		return 0;
	flags = data[0];
	context.as4 = (flags & 1) != 0;
	context.ibgp = (flags & 2) != 0;
	context.refuse_as_sets = (flags & 4) != 0;
	context.aigp = (flags & 32) != 0;
	memset(context.extended_next_hop, (flags & 64) != 0, sizeof(context.extended_next_hop));
	arena_init(&arena, 0);
	v = bgp_attrs_decode(data + 1, size - 1, &context, (flags & 8) == 0, &arena, &a, &n, &why);
	MUST_HOLD((v == BGP_OK) == (why.text[0] == '\0'));
	MUST_HOLD((v == BGP_SESSION_RESET) == (n.code == BGP_ERROR_UPDATE));
	if (v <= BGP_ATTRIBUTE_DISCARD) {
		check_text(&a);
		check_round_trip(&a, true, &arena);
		check_round_trip(&a, (flags & 16) == 0, &arena);
		bgp_as_path_prepend(&a, (asn_t){ 4200000000 }, &arena);
		bgp_as_path_replace(&a, (asn_t){ 65001 }, (asn_t){ 70000 }, &arena);
		bgp_cluster_list_prepend(&a, 1, &arena);
		MUST_HOLD(bgp_as_path_count(&a, (asn_t){ 4200000000 }) >= 1);
		MUST_HOLD(bgp_cluster_list_has(&a, 1));
		check_round_trip(&a, true, &arena);
	}
	arena_done(&arena);
	return 0;
}

/*
 * Fuzz target: a block of path attributes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * First octet: bit 0 as4, 1 ibgp, 2 refuse sets, 3 no NLRI, 4 encode for 2-octet peers, 5 AIGP.
 * Then the block.
 */
#include "attrs_check.h"

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
	if ((flags & 64) != 0)
		memset(context.extended_next_hop, true, sizeof(context.extended_next_hop));
	arena_init(&arena, 0);
	v = bgp_attrs_decode(data + 1, size - 1, &context, (flags & 8) == 0, &arena, &a, &n, &why);
	MUST_HOLD((v == BGP_OK) == (why.text[0] == '\0'));
	MUST_HOLD((v == BGP_SESSION_RESET) == (n.code == BGP_ERROR_UPDATE));
	if (v <= BGP_ATTRIBUTE_DISCARD) {
		check_attrs_text(&a);
		check_attrs_round_trip(&a, true, &arena);
		check_attrs_round_trip(&a, (flags & 16) == 0, &arena);
		bgp_as_path_prepend(&a, (asn_t){ 4200000000 }, &arena);
		bgp_as_path_replace(&a, (asn_t){ 65001 }, (asn_t){ 70000 }, &arena);
		bgp_cluster_list_prepend(&a, 1, &arena);
		MUST_HOLD(bgp_as_path_count(&a, (asn_t){ 4200000000 }) >= 1);
		MUST_HOLD(bgp_cluster_list_has(&a, 1));
		check_attrs_round_trip(&a, true, &arena);
	}
	arena_done(&arena);
	return 0;
}

/*
 * attrs: what decoded path attributes are asked, and the small changes that a reflector makes to
 * them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * They are decoded in attrs_decode.c and written in attrs_encode.c. RFC 4456 8 (CLUSTER_LIST).
 */
#include "bgp/attrs.h"

#include "bgp/attrs_table.h"

#define CODES 256u

#define CLASS_AS4 1u
#define CLASS_IBGP 2u
#define CLASS_REFUSE_AS_SETS 4u
#define CLASS_AIGP 8u
#define CLASS_NEXT_HOP_SHIFT 4u /* a bit for each family whose next hops RFC 8950 changes */

static const enum bgp_family next_hop_families[4] = { BGP_IPV4_UNICAST, BGP_IPV4_MULTICAST,
						      BGP_IPV4_LABELED, BGP_IPV4_VPN };

uint8_t bgp_context_class(const struct bgp_context *context)
{
	unsigned class = (context->as4 ? CLASS_AS4 : 0) | (context->ibgp ? CLASS_IBGP : 0) |
			 (context->refuse_as_sets ? CLASS_REFUSE_AS_SETS : 0) |
			 (context->aigp ? CLASS_AIGP : 0);

	for (unsigned i = 0; i < ARRAY_SIZE(next_hop_families); i++)
		if (context->extended_next_hop[next_hop_families[i]])
			class |= 1u << (CLASS_NEXT_HOP_SHIFT + i);
	return (uint8_t) class;
}

void bgp_context_of_class(uint8_t class, struct bgp_context *ret_context)
{
	struct bgp_context context = {
		.as4 = (class & CLASS_AS4) != 0,
		.ibgp = (class & CLASS_IBGP) != 0,
		.refuse_as_sets = (class & CLASS_REFUSE_AS_SETS) != 0,
		.aigp = (class & CLASS_AIGP) != 0,
	};

	for (unsigned i = 0; i < ARRAY_SIZE(next_hop_families); i++)
		context.extended_next_hop[next_hop_families[i]] =
			(class >> (CLASS_NEXT_HOP_SHIFT + i) & 1) != 0;
	*ret_context = context;
}

bool bgp_attrs_has_community(const struct bgp_attrs *attrs, uint32_t community)
{
	struct reader r = reader_of(attrs->communities, attrs->communities_bytes);

	while (reader_left(&r) != 0)
		if (reader_u32(&r) == community)
			return true;
	return false;
}

bool bgp_cluster_list_has(const struct bgp_attrs *attrs, uint32_t cluster_id)
{
	struct reader r = reader_of(attrs->cluster_list, attrs->cluster_list_bytes);

	while (reader_left(&r) != 0)
		if (reader_u32(&r) == cluster_id)
			return true;
	return false;
}

void bgp_cluster_list_prepend(struct bgp_attrs *attrs, uint32_t cluster_id, struct arena *arena)
{
	size_t length = attrs->cluster_list_bytes;
	struct writer w;

	/* Longer than any message holds: it can never be sent, with or without one more. */
	if (length + 4 > UINT16_MAX)
		return;
	w = writer_of(arena_alloc(arena, length + 4), length + 4);
	writer_u32(&w, cluster_id);
	writer_bytes(&w, attrs->cluster_list, length);
	attrs->cluster_list = w.start;
	attrs->cluster_list_bytes = (uint16_t)(length + 4);
	attrs->present |= UINT64_C(1) << BGP_ATTR_CLUSTER_LIST;
}

struct bgp_attrs_walk bgp_attrs_walk(const struct bgp_attrs *attrs)
{
	return (struct bgp_attrs_walk){ .attrs = attrs, .unknown_next = attrs->unknown };
}

/* The carried attribute at the walk's place; false when there is none left. */
static bool peek_carried(const struct bgp_attrs_walk *walk, struct bgp_attr_item *ret_item,
			 const uint8_t **ret_next)
{
	const struct bgp_attrs *a = walk->attrs;
	struct reader r;
	size_t done;

	if (a->unknown_bytes == 0)
		return false;
	done = (size_t)(walk->unknown_next - a->unknown);
	r = reader_of(walk->unknown_next, a->unknown_bytes - done);
	if (reader_left(&r) == 0)
		return false;
	ret_item->flags = reader_u8(&r);
	ret_item->code = reader_u8(&r);
	ret_item->value_bytes =
		(ret_item->flags & ATTR_EXTENDED_LENGTH) != 0 ? reader_u16(&r) : reader_u8(&r);
	ret_item->value = reader_bytes(&r, ret_item->value_bytes);
	*ret_next = r.next;
	return !r.failed;
}

static bool is_decoded(const struct bgp_attrs *a, unsigned code)
{
	return code < 64 && code != BGP_ATTR_MP_REACH_NLRI && (a->present >> code & 1) != 0;
}

bool bgp_attrs_walk_next(struct bgp_attrs_walk *walk, struct bgp_attr_item *ret_item)
{
	const struct bgp_attrs *a = walk->attrs;
	struct bgp_attr_item carried = { 0 };
	const uint8_t *next = NULL;
	bool has_carried = peek_carried(walk, &carried, &next);
	unsigned code = walk->next_code, limit = has_carried ? carried.code : CODES;

	while (code < limit && !is_decoded(a, code))
		code++;
	if (code < limit) {
		bool partial = (a->partial >> code & 1) != 0;

		*ret_item = (struct bgp_attr_item){ .code = (uint8_t)code };
		ret_item->flags = (uint8_t)(attrs_table[code].flags | (partial ? ATTR_PARTIAL : 0));
		walk->next_code = code + 1;
		return true;
	}
	walk->next_code = limit;
	if (!has_carried)
		return false;
	*ret_item = carried;
	walk->unknown_next = next;
	return true;
}

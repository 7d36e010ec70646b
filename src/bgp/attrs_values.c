/*
 * attrs_values: the values of attributes, one by one.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What only one attribute needs is in its function: RFC 7606 7 where it looks at a value, and the
 * RFCs named below. Lengths and flags have been judged by the table (attrs_table.c).
 */
#include "bgp/attrs_values.h"

#include "bgp/as_path.h"
#include "bgp/attrs_table.h"
#include "bgp/large_communities.h"
#include "bgp/mp_reach.h"

typedef enum bgp_verdict decode_fn(struct attrs_values *v, const struct attrs_item *item,
				   const char **ret_why);

static enum bgp_verdict malformed(const struct attrs_item *item, const char *text,
				  const char **ret_why)
{
	*ret_why = text;
	return attrs_table[item->code].malformed;
}

static enum bgp_verdict have(struct attrs_values *v, const struct attrs_item *item)
{
	v->attrs.present |= UINT64_C(1) << item->code;
	if ((attrs_flags_to_send(item->flags) & ATTR_PARTIAL) != 0)
		v->attrs.partial |= UINT64_C(1) << item->code;
	return BGP_OK;
}

static uint32_t read_u32(const struct attrs_item *item)
{
	struct reader r = item->value;

	return reader_u32(&r);
}

static enum bgp_verdict decode_origin(struct attrs_values *v, const struct attrs_item *item,
				      const char **ret_why)
{
	struct reader r = item->value;
	uint8_t origin = reader_u8(&r);

	if (origin > 2)
		return malformed(item, "the value is not 0, 1 or 2", ret_why);
	v->attrs.origin = origin;
	return have(v, item);
}

static enum bgp_verdict decode_as_path(struct attrs_values *v, const struct attrs_item *item,
				       const char **ret_why)
{
	struct as_path_facts facts;
	const char *wrong =
		as_path_check(item->value.start, item->length, v->context->as4 ? 4 : 2, &facts);

	/* RFC 7607 2; RFC 5065 5; RFC 9774 3 */
	if (wrong == NULL && facts.has_as0)
		wrong = "it holds AS 0";
	if (wrong == NULL && facts.has_confederation && !v->context->ibgp)
		wrong = "confederation segments from an external peer";
	if (wrong == NULL && facts.has_set && v->context->refuse_as_sets)
		wrong = "it holds a set";
	if (wrong == NULL && v->context->as4 && item->length > BGP_AS_PATH_BYTES_MAX)
		wrong = "it is too long";
	if (wrong != NULL)
		return malformed(item, wrong, ret_why);
	v->raw_path = item->value.start;
	v->raw_path_length = item->length;
	return have(v, item);
}

/* Judged when it is known whether there is an MP_REACH_NLRI. */
static enum bgp_verdict decode_next_hop(struct attrs_values *v, const struct attrs_item *item,
					const char **ret_why)
{
	(void)ret_why;
	v->next_hop_item = *item;
	v->next_hop = ip_addr_v4(read_u32(item));
	return have(v, item);
}

static enum bgp_verdict decode_med(struct attrs_values *v, const struct attrs_item *item,
				   const char **ret_why)
{
	(void)ret_why;
	v->attrs.med = read_u32(item);
	return have(v, item);
}

static enum bgp_verdict decode_local_pref(struct attrs_values *v, const struct attrs_item *item,
					  const char **ret_why)
{
	(void)ret_why;
	v->attrs.local_pref = read_u32(item);
	return have(v, item);
}

static enum bgp_verdict decode_atomic_aggregate(struct attrs_values *v,
						const struct attrs_item *item, const char **ret_why)
{
	(void)ret_why;
	v->attrs.atomic_aggregate = true;
	return have(v, item);
}

static enum bgp_verdict decode_aggregator(struct attrs_values *v, const struct attrs_item *item,
					  const char **ret_why)
{
	struct reader r = item->value;
	uint32_t as;

	if (item->length != (v->context->as4 ? 8u : 6u))
		return malformed(item,
				 v->context->as4 ? "the length must be 8" : "the length must be 6",
				 ret_why);
	as = v->context->as4 ? reader_u32(&r) : reader_u16(&r);
	if (as == 0) /* RFC 7607 2 */
		return malformed(item, "AS 0", ret_why);
	v->attrs.aggregator_as = as;
	v->attrs.aggregator_address = reader_u32(&r);
	return have(v, item);
}

static enum bgp_verdict decode_communities(struct attrs_values *v, const struct attrs_item *item,
					   const char **ret_why)
{
	(void)ret_why;
	v->attrs.communities = item->value.start;
	v->attrs.communities_bytes = (uint16_t)item->length;
	return have(v, item);
}

static enum bgp_verdict decode_originator_id(struct attrs_values *v, const struct attrs_item *item,
					     const char **ret_why)
{
	(void)ret_why;
	v->attrs.originator_id = read_u32(item);
	return have(v, item);
}

static enum bgp_verdict decode_cluster_list(struct attrs_values *v, const struct attrs_item *item,
					    const char **ret_why)
{
	(void)ret_why;
	v->attrs.cluster_list = item->value.start;
	v->attrs.cluster_list_bytes = (uint16_t)item->length;
	return have(v, item);
}

static enum bgp_verdict decode_mp_reach(struct attrs_values *v, const struct attrs_item *item,
					const char **ret_why)
{
	struct reader r = item->value;
	struct bgp_mp_reach reach;
	/* bgp_update_cut has judged by the context, which the block outlives */
	const char *wrong = bgp_mp_reach_decode(&r, NULL, &reach);

	if (wrong != NULL)
		return malformed(item, wrong, ret_why);
	/* A family that we do not know: the cut has left its NLRI out. */
	if (reach.family == BGP_FAMILY_NONE)
		return BGP_OK;
	if (!bgp_mp_reach_next_hop_suits(reach.family, &reach.next_hop)) {
		*ret_why = "the next hop is not an address of a host";
		return BGP_TREAT_AS_WITHDRAW;
	}
	v->has_mp_reach = true;
	v->attrs.mp_family = reach.family;
	v->attrs.next_hop = reach.next_hop;
	v->attrs.next_hop_link_local = reach.link_local;
	return have(v, item);
}

static enum bgp_verdict decode_extended_communities(struct attrs_values *v,
						    const struct attrs_item *item,
						    const char **ret_why)
{
	(void)ret_why;
	v->attrs.extended_communities = item->value.start;
	v->attrs.extended_communities_bytes = (uint16_t)item->length;
	return have(v, item);
}

static enum bgp_verdict decode_as4_path(struct attrs_values *v, const struct attrs_item *item,
					const char **ret_why)
{
	struct as_path_facts facts;
	const char *wrong;
	struct writer w;

	if (v->context->as4)
		return malformed(item, "from a peer with 4-octet numbers", ret_why);
	wrong = as_path_check(item->value.start, item->length, 4, &facts);
	if (wrong == NULL && facts.has_as0)
		wrong = "it holds AS 0";
	if (wrong != NULL)
		return malformed(item, wrong, ret_why);
	if (facts.has_set && v->context->refuse_as_sets) { /* RFC 9774 3 */
		*ret_why = "it holds a set";
		return BGP_TREAT_AS_WITHDRAW;
	}
	v->as4_path = item->value.start;
	v->as4_path_length = item->length;
	if (!facts.has_confederation)
		return BGP_OK;
	/* RFC 6793 6: those segments are left out */
	w = writer_of(arena_alloc(v->arena, item->length), item->length);
	as_path_write_as4(&w, item->value.start, item->length);
	v->as4_path = w.start;
	v->as4_path_length = writer_length(&w);
	*ret_why = "confederation segments left out";
	return BGP_ATTRIBUTE_DISCARD;
}

static enum bgp_verdict decode_as4_aggregator(struct attrs_values *v, const struct attrs_item *item,
					      const char **ret_why)
{
	struct reader r = item->value;
	uint32_t as = reader_u32(&r);

	if (v->context->as4 || as == 0)
		return malformed(item, as == 0 ? "AS 0" : "from a peer with 4-octet numbers",
				 ret_why);
	v->has_as4_aggregator = true;
	v->as4_aggregator_as = as;
	v->as4_aggregator_address = reader_u32(&r);
	return BGP_OK;
}

/* RFC 7311 3: the first TLV of type 1 counts; others are passed on. */
static enum bgp_verdict decode_aigp(struct attrs_values *v, const struct attrs_item *item,
				    const char **ret_why)
{
	struct reader r = item->value;
	uint64_t metric = 0;
	bool found = false;

	while (reader_left(&r) != 0) {
		uint8_t type = reader_u8(&r);
		uint16_t length = reader_u16(&r);
		struct reader tlv;

		if (length < AIGP_TLV_HEAD_BYTES) {
			reader_fail(&r);
			break;
		}
		tlv = reader_sub(&r, length - AIGP_TLV_HEAD_BYTES);
		if (type != AIGP_TLV_METRIC || r.failed)
			continue;
		if (length != AIGP_TLV_BYTES)
			return malformed(item, "the length of an AIGP TLV is not 11", ret_why);
		if (!found)
			metric = reader_u64(&tlv);
		found = true;
	}
	if (r.failed)
		return malformed(item,
				 "a TLV is longer than the attribute, or shorter than its head",
				 ret_why);
	if (!found || metric == UINT64_MAX)
		return malformed(item, found ? "the metric is the highest there is" : "no AIGP TLV",
				 ret_why);
	v->attrs.aigp = metric;
	v->attrs.aigp_tlvs = item->value.start;
	v->attrs.aigp_tlvs_bytes = (uint16_t)item->length;
	return have(v, item);
}

static enum bgp_verdict decode_only_to_customer(struct attrs_values *v,
						const struct attrs_item *item, const char **ret_why)
{
	(void)ret_why;
	v->attrs.only_to_customer = read_u32(item);
	return have(v, item);
}

static enum bgp_verdict decode_large_communities(struct attrs_values *v,
						 const struct attrs_item *item,
						 const char **ret_why)
{
	size_t length = item->length;

	(void)ret_why;
	v->attrs.large_communities =
		large_communities_distinct(item->value.start, &length, v->arena);
	v->attrs.large_communities_bytes = (uint16_t)length;
	return have(v, item);
}

enum bgp_verdict attrs_value_decode(struct attrs_values *v, const struct attrs_item *item,
				    const char **ret_why)
{
	static decode_fn *const table[ATTRS_TABLE_ROWS] = {
		[BGP_ATTR_ORIGIN] = decode_origin,
		[BGP_ATTR_AS_PATH] = decode_as_path,
		[BGP_ATTR_NEXT_HOP] = decode_next_hop,
		[BGP_ATTR_MED] = decode_med,
		[BGP_ATTR_LOCAL_PREF] = decode_local_pref,
		[BGP_ATTR_ATOMIC_AGGREGATE] = decode_atomic_aggregate,
		[BGP_ATTR_AGGREGATOR] = decode_aggregator,
		[BGP_ATTR_COMMUNITIES] = decode_communities,
		[BGP_ATTR_ORIGINATOR_ID] = decode_originator_id,
		[BGP_ATTR_CLUSTER_LIST] = decode_cluster_list,
		[BGP_ATTR_MP_REACH_NLRI] = decode_mp_reach,
		[BGP_ATTR_EXTENDED_COMMUNITIES] = decode_extended_communities,
		[BGP_ATTR_AS4_PATH] = decode_as4_path,
		[BGP_ATTR_AS4_AGGREGATOR] = decode_as4_aggregator,
		[BGP_ATTR_AIGP] = decode_aigp,
		[BGP_ATTR_LARGE_COMMUNITIES] = decode_large_communities,
		[BGP_ATTR_ONLY_TO_CUSTOMER] = decode_only_to_customer,
	};

	return table[item->code](v, item, ret_why);
}

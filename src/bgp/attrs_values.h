/*
 * attrs_values: the values of attributes, one by one.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Internal to bgp/: what attrs_decode.c calls for each attribute that is decoded.
 */
#ifndef BGP_ATTRS_VALUES_H
#define BGP_ATTRS_VALUES_H

#include "base/reader.h"
#include "bgp/attrs.h"

/* One attribute in its block. */
struct attrs_item {
	uint8_t flags;
	uint8_t code;
	size_t offset; /* in the block */
	const uint8_t *start;
	size_t whole_length;
	struct reader value;
	size_t length;
};

/* What the attributes of a block have said so far. What needs several of them to be understood is
 * kept as it came. */
struct attrs_values {
	const struct bgp_context *context;
	struct arena *arena;
	struct bgp_attrs attrs;
	bool has_mp_reach;		 /* of a family that we know */
	struct attrs_item next_hop_item; /* NEXT_HOP, with its value */
	struct ip_addr next_hop;
	const uint8_t *raw_path; /* AS_PATH as received */
	size_t raw_path_length;
	const uint8_t *as4_path; /* checked, on a 2-octet session only */
	size_t as4_path_length;
	bool has_as4_aggregator;
	uint32_t as4_aggregator_as;
	uint32_t as4_aggregator_address;
};

/* Takes the value of a known attribute whose flags and length are right. Returns BGP_OK, or what
 * its fault leads to, which *ret_why then names (static text). */
enum bgp_verdict attrs_value_decode(struct attrs_values *v, const struct attrs_item *item,
				    const char **ret_why) MUST_CHECK;

#endif

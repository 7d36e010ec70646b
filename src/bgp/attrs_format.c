/*
 * attrs_format: path attributes as text for operators.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What is decoded is printed from its field; the value of what is only carried, from its octets
 * (attr_value_format.c). Communities are in communities_format.c.
 */
#include "base/buf.h"
#include "bgp/as_path.h"
#include "bgp/attrs.h"
#include "bgp/attrs_table.h"

#define CODES 256u

static const char *const brackets[][2] = {
	[AS_SET] = { "{", "}" },
	[AS_SEQUENCE] = { "", "" },
	[AS_CONFED_SEQUENCE] = { "(", ")" },
	[AS_CONFED_SET] = { "[", "]" },
};

void bgp_as_path_format(const struct bgp_attrs *attrs, struct buf *to)
{
	struct reader r = reader_of(attrs->as_path, attrs->as_path_bytes);
	const char *gap = "";

	while (reader_left(&r) != 0) {
		uint8_t type = reader_u8(&r), count = reader_u8(&r);
		struct reader numbers = reader_sub(&r, (size_t)count * 4);

		if (type < AS_SET || type > AS_CONFED_SET || r.failed)
			return;
		buf_printf(to, "%s%s", gap, brackets[type][0]);
		for (unsigned i = 0; i < count; i++)
			buf_printf(to, "%s%" PRIu32, i == 0 ? "" : " ", reader_u32(&numbers));
		buf_add_text(to, brackets[type][1]);
		gap = " ";
	}
}

const char *bgp_origin_name(uint8_t origin)
{
	static const char *const names[] = { "igp", "egp", "incomplete" };

	return origin < ARRAY_SIZE(names) ? names[origin] : "?";
}

static void add_ipv4(uint32_t address, struct buf *to)
{
	struct ip_addr ip = ip_addr_v4(address);
	char text[IP_TEXT_MAX];

	buf_add_text(to, ip_addr_format(&ip, text));
}

static void format_next_hop(const struct bgp_attrs *a, struct buf *to)
{
	char text[IP_TEXT_MAX];

	buf_add_text(to, ip_addr_format(&a->next_hop, text));
	if (a->next_hop_link_local.family != IP_NONE)
		buf_printf(to, " %s", ip_addr_format(&a->next_hop_link_local, text));
}

static void format_cluster_list(const struct bgp_attrs *a, struct buf *to)
{
	bgp_attr_value_format(BGP_ATTR_CLUSTER_LIST, a->cluster_list, a->cluster_list_bytes, to);
}

/* The attributes that have a field of their own. */
static void format_decoded(const struct bgp_attrs *a, uint8_t code, struct buf *to)
{
	switch (code) {
	case BGP_ATTR_ORIGIN:
		buf_add_text(to, bgp_origin_name(a->origin));
		break;
	case BGP_ATTR_AS_PATH:
		bgp_as_path_format(a, to);
		break;
	case BGP_ATTR_NEXT_HOP:
		format_next_hop(a, to);
		break;
	case BGP_ATTR_MED:
		buf_printf(to, "%" PRIu32, a->med);
		break;
	case BGP_ATTR_LOCAL_PREF:
		buf_printf(to, "%" PRIu32, a->local_pref);
		break;
	case BGP_ATTR_AGGREGATOR:
		buf_printf(to, "%" PRIu32 " ", a->aggregator_as);
		add_ipv4(a->aggregator_address, to);
		break;
	case BGP_ATTR_COMMUNITIES:
		bgp_communities_format(a, to);
		break;
	case BGP_ATTR_ORIGINATOR_ID:
		add_ipv4(a->originator_id, to);
		break;
	case BGP_ATTR_CLUSTER_LIST:
		format_cluster_list(a, to);
		break;
	case BGP_ATTR_EXTENDED_COMMUNITIES:
		bgp_extended_communities_format(a->extended_communities,
						a->extended_communities_bytes, to);
		break;
	case BGP_ATTR_AIGP:
		buf_printf(to, "%" PRIu64, a->aigp);
		break;
	case BGP_ATTR_LARGE_COMMUNITIES:
		bgp_large_communities_format(a, to);
		break;
	case BGP_ATTR_ONLY_TO_CUSTOMER:
		buf_printf(to, "%" PRIu32, a->only_to_customer);
		break;
	default: /* ATOMIC_AGGREGATE has no value */
		break;
	}
}

void bgp_attr_format(const struct bgp_attrs *attrs, const struct bgp_attr_item *item,
		     struct buf *to)
{
	if (item->value == NULL)
		format_decoded(attrs, item->code, to);
	else
		bgp_attr_value_format(item->code, item->value, item->value_bytes, to);
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

static void format_flags(uint8_t flags, struct buf *to)
{
	buf_printf(to, " (%s %s%s)", (flags & ATTR_OPTIONAL) != 0 ? "optional" : "well-known",
		   (flags & ATTR_TRANSITIVE) != 0 ? "transitive" : "non-transitive",
		   (flags & ATTR_PARTIAL) != 0 ? " partial" : "");
}

void bgp_attrs_format(const struct bgp_attrs *attrs, struct buf *to)
{
	struct bgp_attrs_walk walk = bgp_attrs_walk(attrs);
	struct bgp_attr_item item;
	const char *gap = "";

	while (bgp_attrs_walk_next(&walk, &item)) {
		const char *name = bgp_attr_name(item.code);

		if (name != NULL) {
			buf_printf(to, "%s%s", gap, name);
		} else {
			buf_printf(to, "%sattribute %u", gap, item.code);
			format_flags(item.flags, to);
		}
		gap = ", ";
		if (item.value != NULL
			    ? item.value_bytes == 0
			    : item.code == BGP_ATTR_ATOMIC_AGGREGATE ||
				      (item.code == BGP_ATTR_AS_PATH && attrs->as_path_bytes == 0))
			continue;
		buf_add_text(to, " ");
		bgp_attr_format(attrs, &item, to);
	}
}

/*
 * attrs_format: path attributes as text for operators.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What is decoded is printed from its field; the value of what is only carried, from its octets
 * (attr_value_format.c). Communities are in communities_format.c.
 */
#include "base/buf.h"
#include "bgp/attrs.h"
#include "bgp/attrs_table.h"

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
		bgp_attr_value_format(code, a->communities, a->communities_bytes, to);
		break;
	case BGP_ATTR_ORIGINATOR_ID:
		add_ipv4(a->originator_id, to);
		break;
	case BGP_ATTR_CLUSTER_LIST:
		bgp_attr_value_format(code, a->cluster_list, a->cluster_list_bytes, to);
		break;
	case BGP_ATTR_EXTENDED_COMMUNITIES:
		bgp_attr_value_format(code, a->extended_communities, a->extended_communities_bytes,
				      to);
		break;
	case BGP_ATTR_AIGP:
		buf_printf(to, "%" PRIu64, a->aigp);
		break;
	case BGP_ATTR_LARGE_COMMUNITIES:
		bgp_attr_value_format(code, a->large_communities, a->large_communities_bytes, to);
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

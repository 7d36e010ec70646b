/*
 * attr_value_format: the octets of a path attribute's value as text for operators.
 * SPDX-License-Identifier: Apache-2.0
 *
 * For attributes that are only carried, and for tools that show messages that they do not use. RFC
 * 6514 5 (PMSI), 9012 2 and 3 (tunnels), 7311 3 (AIGP), 8669 3 (Prefix-SID), 9552 5.3 (BGP-LS),
 * 6368 5 (ATTR_SET). What does not parse is shown as hexadecimal octets.
 */
#include "base/buf.h"
#include "base/utf8.h"
#include "bgp/as_path.h"
#include "bgp/attrs.h"
#include "bgp/attrs_table.h"
#include "bgp/communities_format.h"
#include "bgp/format_parts.h"

#define AFI_IPV4 1u
#define AFI_IPV6 2u

/* Of 4 or 16 octets. */
static void add_sized_address(struct reader r, struct buf *to)
{
	size_t length = reader_left(&r);

	if (length == 4 || length == 16)
		format_address(length == 4 ? IP_V4 : IP_V6, reader_bytes(&r, length), to);
	else
		format_hex(r, to);
}

const char *bgp_origin_name(uint8_t origin)
{
	static const char *const names[] = { "igp", "egp", "incomplete" };

	return origin < ARRAY_SIZE(names) ? names[origin] : "?";
}

static bool format_origin(struct reader r, struct buf *to)
{
	buf_add_text(to, bgp_origin_name(reader_u8(&r)));
	return !r.failed;
}

static bool format_as_path(struct reader r, struct buf *to)
{
	struct bgp_attrs path = { .as_path = r.next, .as_path_bytes = (uint16_t)reader_left(&r) };
	struct as_path_facts facts;

	if (as_path_check(r.next, reader_left(&r), 4, &facts) != NULL)
		return false;
	bgp_as_path_format(&path, to);
	return true;
}

static bool format_number(struct reader r, struct buf *to)
{
	buf_printf(to, "%" PRIu32, reader_u32(&r));
	return true;
}

static bool format_nothing(struct reader r, struct buf *to)
{
	(void)to;
	return reader_left(&r) == 0;
}

static bool format_aggregator(struct reader r, struct buf *to)
{
	buf_printf(to, "%" PRIu32 " ",
		   reader_left(&r) == 8 ? reader_u32(&r) : (uint32_t)reader_u16(&r));
	format_address(IP_V4, reader_bytes(&r, 4), to);
	return true;
}

static bool format_addresses(struct reader r, struct buf *to)
{
	const char *gap = "";

	while (reader_left(&r) >= 4) {
		buf_add_text(to, gap);
		format_address(IP_V4, reader_bytes(&r, 4), to);
		gap = " ";
	}
	return true;
}

static const char *const pmsi_types[] = {
	"none",	  "rsvp-te-p2mp", "mldp-p2mp",		 "pim-ssm",
	"pim-sm", "bidir-pim",	  "ingress-replication", "mldp-mp2mp",
};

static bool format_pmsi(struct reader r, struct buf *to)
{
	uint8_t flags = reader_u8(&r), type = reader_u8(&r);
	uint32_t label = (uint32_t)reader_u8(&r) << 16;

	label |= reader_u16(&r);
	if (r.failed)
		return false;
	if (type < ARRAY_SIZE(pmsi_types))
		buf_add_text(to, pmsi_types[type]);
	else
		buf_printf(to, "type-%u", type);
	if (flags != 0)
		buf_printf(to, " flags-0x%02x", flags);
	/* of EVPN over VXLAN a VNI in all 24 bits (RFC 8365 5.1.3), else 20 bits of label */
	buf_printf(to, " label-%" PRIu32 "/vni-%" PRIu32, label >> 4, label);
	if (reader_left(&r) != 0) {
		buf_add_text(to, " ");
		add_sized_address(r, to);
	}
	return true;
}

enum tunnel_sub_form {
	SUB_HEX,
	SUB_NUMBER16,
	SUB_COLOR,
	SUB_ENDPOINT,
	SUB_NUMBER8,
	SUB_TEXT
};

/* clang-format off */
static const struct {
	uint8_t type;
	uint8_t form; /* enum tunnel_sub_form */
	const char *name;
} tunnel_subs[] = {
	{ 1, SUB_HEX, "encapsulation" },
	{ 2, SUB_NUMBER16, "protocol" },
	{ 4, SUB_COLOR, "color" },
	{ 5, SUB_NUMBER16, "load-balancing-block" },
	{ 6, SUB_ENDPOINT, "endpoint" },
	{ 7, SUB_NUMBER8, "ds" },
	{ 8, SUB_NUMBER16, "udp-port" },
	{ 9, SUB_NUMBER8, "embedded-label" },
	{ 10, SUB_HEX, "label-stack" },
	{ 11, SUB_HEX, "prefix-sid" },
	{ 12, SUB_HEX, "preference" }, /* these: RFC 9830 2.4 */
	{ 13, SUB_HEX, "binding-sid" },
	{ 14, SUB_HEX, "enlp" },
	{ 15, SUB_HEX, "priority" },
	{ 20, SUB_HEX, "srv6-binding-sid" },
	{ 128, SUB_HEX, "segment-list" },
	{ 129, SUB_TEXT, "candidate-path-name" },
	{ 130, SUB_TEXT, "policy-name" },
};
/* clang-format on */

static void format_endpoint(struct reader r, struct buf *to)
{
	uint32_t reserved = reader_u32(&r);
	uint16_t afi = reader_u16(&r);

	(void)reserved;
	if (afi == 0 && reader_left(&r) == 0)
		buf_add_text(to, "next-hop"); /* RFC 9012 3.1: the route's */
	else
		add_sized_address(r, to);
}

/* A text behind a reserved octet (RFC 9830 2.4.6 and 2.4.7). */
static void format_name(struct reader r, struct buf *to)
{
	char text[256];
	size_t length;

	(void)reader_u8(&r);
	length = reader_left(&r);
	(void)utf8_clean(reader_bytes(&r, length), length, text, sizeof(text));
	buf_printf(to, "\"%s\"", text);
}

static void format_tunnel_sub(uint8_t type, struct reader r, struct buf *to)
{
	struct reader whole = r;
	enum tunnel_sub_form form = SUB_HEX;
	size_t length = reader_left(&r), row = 0;

	while (row < ARRAY_SIZE(tunnel_subs) && tunnel_subs[row].type != type)
		row++;
	if (row < ARRAY_SIZE(tunnel_subs)) {
		buf_printf(to, "%s:", tunnel_subs[row].name);
		form = (enum tunnel_sub_form)tunnel_subs[row].form;
	} else {
		buf_printf(to, "sub-%u:", type);
	}
	if (form == SUB_NUMBER16 && length == 2)
		buf_printf(to, "%u", reader_u16(&r));
	else if (form == SUB_NUMBER8 && length == 1)
		buf_printf(to, "%u", reader_u8(&r));
	else if (form == SUB_ENDPOINT && length >= 6)
		format_endpoint(r, to);
	else if (form == SUB_TEXT && length >= 1)
		format_name(r, to);
	else if (form == SUB_COLOR && length == 8 && reader_u32(&r) >> 16 == 0x030b)
		buf_printf(to, "%" PRIu32, reader_u32(&r));
	else
		format_hex(whole, to);
}

static bool format_tunnels(struct reader r, struct buf *to)
{
	const char *gap = "";

	while (reader_left(&r) != 0) {
		uint16_t type = reader_u16(&r);
		struct reader subs = reader_sub(&r, reader_u16(&r));
		const char *sub_gap = "";

		if (r.failed)
			return false;
		buf_add_text(to, gap);
		if (tunnel_type_name(type) != NULL)
			buf_printf(to, "%s{", tunnel_type_name(type));
		else
			buf_printf(to, "type-%u{", type);
		while (reader_left(&subs) != 0) {
			uint8_t sub_type = reader_u8(&subs);
			size_t length = sub_type < 128 ? reader_u8(&subs) : reader_u16(&subs);
			struct reader sub = reader_sub(&subs, length);

			if (subs.failed)
				return false;
			buf_add_text(to, sub_gap);
			format_tunnel_sub(sub_type, sub, to);
			sub_gap = " ";
		}
		buf_add_text(to, "}");
		gap = " ";
	}
	return true;
}

static bool format_aigp(struct reader r, struct buf *to)
{
	const char *gap = "";

	while (reader_left(&r) != 0) {
		uint8_t type = reader_u8(&r);
		uint16_t length = reader_u16(&r);
		struct reader tlv;

		if (r.failed || length < 3)
			return false;
		tlv = reader_sub(&r, length - 3u);
		if (r.failed)
			return false;
		buf_add_text(to, gap);
		if (type == 1 && length == 11) {
			buf_printf(to, "%" PRIu64, reader_u64(&tlv));
		} else {
			buf_printf(to, "tlv-%u:", type);
			format_hex(tlv, to);
		}
		gap = " ";
	}
	return true;
}

static bool format_srgb(struct reader r, struct buf *to)
{
	buf_printf(to, "srgb:flags-0x%04x", reader_u16(&r));
	while (reader_left(&r) >= 6) {
		uint32_t base = (uint32_t)reader_u16(&r) << 8 | reader_u8(&r);
		uint32_t range = (uint32_t)reader_u16(&r) << 8 | reader_u8(&r);

		buf_printf(to, ":%" PRIu32 "+%" PRIu32, base, range);
	}
	return true;
}

static bool format_prefix_sid(struct reader r, struct buf *to)
{
	const char *gap = "";

	while (reader_left(&r) != 0) {
		uint8_t type = reader_u8(&r);
		struct reader tlv = reader_sub(&r, reader_u16(&r));

		if (r.failed)
			return false;
		buf_add_text(to, gap);
		if (type == 1 && reader_left(&tlv) == 7) {
			(void)reader_bytes(&tlv, 3);
			buf_printf(to, "label-index:%" PRIu32, reader_u32(&tlv));
		} else if (type == 3 && reader_left(&tlv) >= 2) {
			(void)format_srgb(tlv, to);
		} else {
			static const char *const names[] = { [5] = "srv6-l3", [6] = "srv6-l2" };

			if (type < ARRAY_SIZE(names) && names[type] != NULL)
				buf_printf(to, "%s:", names[type]);
			else
				buf_printf(to, "tlv-%u:", type);
			format_hex(tlv, to);
		}
		gap = " ";
	}
	return true;
}

static bool format_link_state(struct reader r, struct buf *to)
{
	const char *gap = "";

	while (reader_left(&r) != 0) {
		uint16_t type = reader_u16(&r);
		struct reader tlv = reader_sub(&r, reader_u16(&r));

		if (r.failed)
			return false;
		buf_printf(to, "%s%u:", gap, type);
		format_hex(tlv, to);
		gap = " ";
	}
	return true;
}

static bool format_attr_set(struct reader r, struct buf *to)
{
	buf_printf(to, "{origin-as %" PRIu32, reader_u32(&r));
	while (reader_left(&r) != 0) {
		uint8_t flags = reader_u8(&r), code = reader_u8(&r);
		size_t length =
			(flags & ATTR_EXTENDED_LENGTH) != 0 ? reader_u16(&r) : reader_u8(&r);
		struct reader value = reader_sub(&r, length);

		if (r.failed)
			return false;
		if (bgp_attr_name(code) != NULL)
			buf_printf(to, ", %s", bgp_attr_name(code));
		else
			buf_printf(to, ", attribute %u", code);
		if (length == 0)
			continue;
		buf_add_text(to, " ");
		if (code == BGP_ATTR_ATTR_SET) /* it may not be in itself */
			format_hex(value, to);
		else
			bgp_attr_value_format(code, value.next, length, to);
	}
	buf_add_text(to, "}");
	return true;
}

/* Each returns false when the value does not parse: what it has written is taken back then. */
static bool (*const formats[ATTRS_TABLE_ROWS])(struct reader r, struct buf *to) = {
	[BGP_ATTR_ORIGIN] = format_origin,
	[BGP_ATTR_AS_PATH] = format_as_path,
	[BGP_ATTR_NEXT_HOP] = format_addresses,
	[BGP_ATTR_MED] = format_number,
	[BGP_ATTR_LOCAL_PREF] = format_number,
	[BGP_ATTR_ATOMIC_AGGREGATE] = format_nothing,
	[BGP_ATTR_AGGREGATOR] = format_aggregator,
	[BGP_ATTR_ORIGINATOR_ID] = format_addresses,
	[BGP_ATTR_CLUSTER_LIST] = format_addresses,
	[BGP_ATTR_AS4_PATH] = format_as_path,
	[BGP_ATTR_AS4_AGGREGATOR] = format_aggregator,
	[BGP_ATTR_PMSI_TUNNEL] = format_pmsi,
	[BGP_ATTR_TUNNEL_ENCAPSULATION] = format_tunnels,
	[BGP_ATTR_AIGP] = format_aigp,
	[BGP_ATTR_LINK_STATE] = format_link_state,
	[BGP_ATTR_ONLY_TO_CUSTOMER] = format_number,
	[BGP_ATTR_PREFIX_SID] = format_prefix_sid,
	[BGP_ATTR_ATTR_SET] = format_attr_set,
};

void bgp_attr_value_format(uint8_t code, const uint8_t *value, size_t length, struct buf *to)
{
	struct reader r = reader_of(value, length);
	const struct attrs_row *row = code < ATTRS_TABLE_ROWS ? &attrs_table[code] : NULL;
	size_t before = to->length;

	if (row != NULL && row->name != NULL && attrs_length_fits(row, length)) {
		if (communities_format(code, r, to) ||
		    (formats[code] != NULL && formats[code](r, to)))
			return;
		buf_truncate(to, before);
	}
	format_hex(r, to);
}

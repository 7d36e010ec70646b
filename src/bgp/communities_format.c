/*
 * communities_format: communities of every kind as text for operators.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 1997 and the IANA registries of well-known communities; RFC 8092; RFC 4360, 5668, 5701 and
 * the registries of extended communities, as tables; RFC 7432, 8955, 8956, 9012, 9136 for what the
 * fields of theirs mean.
 */
#include "bgp/communities_format.h"

#include "bgp/attrs.h"
#include "bgp/format_parts.h"

static const struct {
	uint32_t value;
	const char *name;
} well_known[] = {
	{ BGP_COMMUNITY_GRACEFUL_SHUTDOWN, "graceful-shutdown" },
	{ 0xffff0001u, "accept-own" }, /* RFC 7611 */
	{ BGP_COMMUNITY_LLGR_STALE, "llgr-stale" },
	{ BGP_COMMUNITY_NO_LLGR, "no-llgr" },
	{ 0xffff029au, "blackhole" }, /* RFC 7999 */
	{ BGP_COMMUNITY_NO_EXPORT, "no-export" },
	{ BGP_COMMUNITY_NO_ADVERTISE, "no-advertise" },
	{ BGP_COMMUNITY_NO_EXPORT_SUBCONFED, "no-export-subconfed" },
	{ 0xffffff04u, "no-peer" }, /* RFC 3765 */
};

static const char *community_name(uint32_t value)
{
	for (size_t i = 0; i < ARRAY_SIZE(well_known); i++)
		if (well_known[i].value == value)
			return well_known[i].name;
	return NULL;
}

static void format_standard(struct reader r, struct buf *to)
{
	uint32_t value = reader_u32(&r);
	const char *name = community_name(value);

	if (name != NULL)
		buf_add_text(to, name);
	else
		buf_printf(to, "%" PRIu32 ":%" PRIu32, value >> 16, value & 0xffff);
}

static void format_large(struct reader r, struct buf *to)
{
	uint32_t global = reader_u32(&r), first = reader_u32(&r), second = reader_u32(&r);

	buf_printf(to, "%" PRIu32 ":%" PRIu32 ":%" PRIu32, global, first, second);
}

const char *tunnel_type_name(uint16_t type)
{
	static const char *const names[] = {
		[1] = "l2tpv3-over-ip",
		[2] = "gre",
		[3] = "transmit-endpoint",
		[4] = "ipsec-tunnel",
		[5] = "ip-in-ip-ipsec",
		[6] = "mpls-in-ip-ipsec",
		[7] = "ip-in-ip",
		[8] = "vxlan",
		[9] = "nvgre",
		[10] = "mpls",
		[11] = "mpls-in-gre",
		[12] = "vxlan-gpe",
		[13] = "mpls-in-udp",
		[14] = "ipv6-tunnel",
		[15] = "sr-policy",
		[16] = "bare",
		[17] = "sr-tunnel",
		[19] = "geneve",
	};

	return type < ARRAY_SIZE(names) ? names[type] : NULL;
}

/* How the six octets behind type and sub-type are read. */
enum extended_form {
	FORM_AS2,	 /* AS number of 2 octets : number of 4 */
	FORM_AS4,	 /* AS number of 4 octets : number of 2 */
	FORM_IPV4,	 /* IPv4 address : number of 2 */
	FORM_BANDWIDTH,	 /* AS number, octets a second as a float */
	FORM_ENCAP,	 /* tunnel type in the last two */
	FORM_COLOR,	 /* flags, color of 4 */
	FORM_NOTHING,	 /* the name says it all */
	FORM_LAST_OCTET, /* a number in the last octet */
	FORM_MAC,
	FORM_MOBILITY,	/* flags (1: sticky), reserved, sequence number */
	FORM_LABEL,	/* flags, reserved, label of 3 octets */
	FORM_L2,	/* flags of 2, MTU of 2 */
	FORM_OSPF_TYPE, /* area, route type, options */
	FORM_ACTION,	/* flags in the last octet: terminal, sample */
	FORM_L2_INFO,	/* encapsulation, flags, MTU, preference */
	FORM_DF,	/* algorithm, bitmap, preference (RFC 8584, 9785) */
};

/* clang-format off */
static const struct {
	uint8_t type, subtype;
	uint8_t form; /* enum extended_form */
	const char *name;
} extended[] = {
	{ 0x00, 0x02, FORM_AS2, "rt" },
	{ 0x01, 0x02, FORM_IPV4, "rt" },
	{ 0x02, 0x02, FORM_AS4, "rt" },
	{ 0x00, 0x03, FORM_AS2, "soo" },
	{ 0x01, 0x03, FORM_IPV4, "soo" },
	{ 0x02, 0x03, FORM_AS4, "soo" },
	{ 0x40, 0x04, FORM_BANDWIDTH, "link-bandwidth" },
	{ 0x00, 0x04, FORM_BANDWIDTH, "link-bandwidth" },
	{ 0x00, 0x05, FORM_AS2, "ospf-domain" },  /* RFC 4577 */
	{ 0x01, 0x05, FORM_IPV4, "ospf-domain" },
	{ 0x02, 0x05, FORM_AS4, "ospf-domain" },
	{ 0x01, 0x07, FORM_IPV4, "ospf-router-id" },
	{ 0x03, 0x06, FORM_OSPF_TYPE, "ospf-route-type" },
	{ 0x00, 0x08, FORM_AS2, "data-collection" }, /* RFC 4384 */
	{ 0x00, 0x09, FORM_AS2, "source-as" },       /* RFC 6514 */
	{ 0x02, 0x09, FORM_AS4, "source-as" },
	{ 0x00, 0x0a, FORM_AS2, "l2vpn-id" },        /* RFC 6074 */
	{ 0x01, 0x0a, FORM_IPV4, "l2vpn-id" },
	{ 0x01, 0x0b, FORM_IPV4, "vrf-route-import" },
	{ 0x01, 0x0c, FORM_IPV4, "redirect-to-ip" },
	{ 0x00, 0x10, FORM_AS2, "vpn-distinguisher" },
	{ 0x43, 0x00, FORM_LAST_OCTET, "origin-validation" }, /* RFC 8097 */
	{ 0x03, 0x0b, FORM_COLOR, "color" },                   /* RFC 9012 4.3 */
	{ 0x03, 0x0c, FORM_ENCAP, "encap" },
	{ 0x03, 0x0d, FORM_NOTHING, "default-gateway" },
	{ 0x06, 0x00, FORM_MOBILITY, "mac-mobility" },         /* RFC 7432 7 */
	{ 0x06, 0x01, FORM_LABEL, "esi-label" },
	{ 0x06, 0x02, FORM_MAC, "es-import" },
	{ 0x06, 0x03, FORM_MAC, "router-mac" },                /* RFC 9135 8.1 */
	{ 0x06, 0x04, FORM_L2, "l2-attributes" },              /* RFC 8214 3.1 */
	{ 0x06, 0x05, FORM_LABEL, "e-tree" },                  /* RFC 8317 */
	{ 0x06, 0x06, FORM_DF, "df-election" },
	{ 0x80, 0x06, FORM_BANDWIDTH, "rate-limit" },          /* RFC 8955 7 */
	{ 0x80, 0x0c, FORM_BANDWIDTH, "rate-limit-packets" },
	{ 0x80, 0x07, FORM_ACTION, "traffic-action" },
	{ 0x80, 0x08, FORM_AS2, "redirect" },
	{ 0x81, 0x08, FORM_IPV4, "redirect" },
	{ 0x82, 0x08, FORM_AS4, "redirect" },
	{ 0x80, 0x09, FORM_LAST_OCTET, "mark-dscp" },
	{ 0x08, 0x00, FORM_NOTHING, "redirect-to-next-hop" },
	{ 0x80, 0x0a, FORM_L2_INFO, "layer2-info" },           /* RFC 4761 3.2.4 */
};

static const struct {
	uint8_t type, subtype;
	const char *name;
} ipv6_extended[] = {
	{ 0x00, 0x02, "rt" },
	{ 0x00, 0x03, "soo" },
	{ 0x00, 0x0b, "vrf-route-import" },
	{ 0x00, 0x0c, "redirect-to-ip" },
	{ 0x00, 0x0d, "redirect" }, /* RFC 8956 6.1 */
};
/* clang-format on */

/* An IEEE 754 number of 4 octets. */
static void add_float(uint32_t bits, struct buf *to)
{
	float value;

	memcpy(&value, &bits, sizeof(value));
	buf_printf(to, "%.9g", (double)value);
}

static void format_numbers(struct reader r, enum extended_form form, struct buf *to)
{
	switch (form) {
	case FORM_AS2:
		buf_printf(to, "%u:", reader_u16(&r));
		buf_printf(to, "%" PRIu32, reader_u32(&r));
		break;
	case FORM_AS4:
		buf_printf(to, "%" PRIu32 ":", reader_u32(&r));
		buf_printf(to, "%u", reader_u16(&r));
		break;
	case FORM_IPV4:
		format_address(IP_V4, reader_bytes(&r, 4), to);
		buf_printf(to, ":%u", reader_u16(&r));
		break;
	case FORM_BANDWIDTH:
		buf_printf(to, "%u:", reader_u16(&r));
		add_float(reader_u32(&r), to);
		break;
	case FORM_OSPF_TYPE:
		format_address(IP_V4, reader_bytes(&r, 4), to);
		buf_printf(to, ":%u", reader_u8(&r));
		buf_printf(to, ":%u", reader_u8(&r));
		break;
	default:
		break;
	}
}

static void format_l2(struct reader r, enum extended_form form, struct buf *to)
{
	unsigned first = reader_u8(&r), second = reader_u8(&r);
	unsigned third = reader_u16(&r), fourth = reader_u16(&r);

	switch (form) {
	case FORM_MOBILITY:
		buf_printf(to, "%" PRIu32 "%s", (uint32_t)third << 16 | fourth,
			   (first & 1) != 0 ? ":sticky" : "");
		break;
	case FORM_LABEL: /* a label of MPLS is in the high 20 bits, a VNI in all 24 */
		buf_printf(to, "%u:flags-0x%02x", ((third & 0xff) << 16 | fourth) >> 4, first);
		break;
	case FORM_L2:
		buf_printf(to, "flags-0x%04x:mtu-%u", first << 8 | second, third);
		break;
	case FORM_L2_INFO:
		buf_printf(to, "encap-%u:flags-0x%02x:mtu-%u:preference-%u", first, second, third,
			   fourth);
		break;
	case FORM_DF:
		buf_printf(to, "algorithm-%u:0x%02x%02x:preference-%u", first & 0x1f, second,
			   third >> 8, fourth);
		break;
	default:
		break;
	}
}

static void format_opaque(struct reader r, enum extended_form form, struct buf *to)
{
	const uint8_t *b = reader_bytes(&r, 6);
	unsigned tunnel = (unsigned)b[4] << 8 | b[5];

	switch (form) {
	case FORM_ENCAP:
		if (tunnel_type_name((uint16_t)tunnel) != NULL)
			buf_add_text(to, tunnel_type_name((uint16_t)tunnel));
		else
			buf_printf(to, "%u", tunnel);
		break;
	case FORM_COLOR:
		buf_printf(to, "%" PRIu32,
			   (uint32_t)b[2] << 24 | (uint32_t)b[3] << 16 | (uint32_t)tunnel);
		break;
	case FORM_LAST_OCTET:
		buf_printf(to, "%u", b[5]);
		break;
	case FORM_ACTION:
		buf_printf(to, "%s%s%s", (b[5] & 2) != 0 ? "sample" : "",
			   (b[5] & 3) == 3 ? "-" : "", (b[5] & 1) != 0 ? "continue" : "");
		if ((b[5] & 3) == 0)
			buf_add_text(to, "terminal");
		break;
	case FORM_MAC:
		buf_printf(to, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
		break;
	default:
		break;
	}
}

static void format_extended(struct reader r, struct buf *to)
{
	struct reader whole = r;
	uint8_t type = reader_u8(&r), subtype = reader_u8(&r);

	for (size_t i = 0; i < ARRAY_SIZE(extended); i++) {
		enum extended_form form = (enum extended_form)extended[i].form;

		if (extended[i].type != type || extended[i].subtype != subtype)
			continue;
		buf_add_text(to, extended[i].name);
		if (form == FORM_NOTHING)
			return;
		buf_add_text(to, ":");
		format_numbers(r, form, to);
		format_l2(r, form, to);
		format_opaque(r, form, to);
		return;
	}
	format_hex(whole, to);
}

static void format_ipv6_extended(struct reader r, struct buf *to)
{
	struct reader whole = r;
	uint8_t type = reader_u8(&r), subtype = reader_u8(&r);

	for (size_t i = 0; i < ARRAY_SIZE(ipv6_extended); i++) {
		if (ipv6_extended[i].type != type || ipv6_extended[i].subtype != subtype)
			continue;
		buf_printf(to, "%s:[", ipv6_extended[i].name);
		format_address(IP_V6, reader_bytes(&r, 16), to);
		buf_printf(to, "]:%u", reader_u16(&r));
		return;
	}
	format_hex(whole, to);
}

bool communities_format(uint8_t code, struct reader list, struct buf *to)
{
	static const struct {
		uint8_t code;
		uint8_t bytes; /* of one */
		void (*format)(struct reader r, struct buf *to);
	} kinds[] = {
		{ BGP_ATTR_COMMUNITIES, 4, format_standard },
		{ BGP_ATTR_EXTENDED_COMMUNITIES, 8, format_extended },
		{ BGP_ATTR_IPV6_EXT_COMMUNITIES, 20, format_ipv6_extended },
		{ BGP_ATTR_LARGE_COMMUNITIES, 12, format_large },
	};
	const char *gap = "";
	size_t kind = 0;

	while (kind < ARRAY_SIZE(kinds) && kinds[kind].code != code)
		kind++;
	if (kind == ARRAY_SIZE(kinds) || reader_left(&list) % kinds[kind].bytes != 0)
		return false;
	while (reader_left(&list) != 0) {
		buf_add_text(to, gap);
		kinds[kind].format(reader_sub(&list, kinds[kind].bytes), to);
		gap = " ";
	}
	return true;
}

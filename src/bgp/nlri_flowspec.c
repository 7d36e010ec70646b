/*
 * nlri_flowspec: flow specifications.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 8955 4 (IPv4) and 8 (VPN), RFC 8956 3 (IPv6). The length in front (4.1) makes the NLRI as a
 * whole sure to be found, so one that is wrong inside (4.2: it is malformed) takes only its own
 * UPDATE with it: treat-as-withdraw. A table has the component types.
 */
#include "bgp/nlri_shape.h"

#include "base/rd.h"

#define LENGTH_SHORT_MAX 239u /* RFC 8955 4.1: one octet below 240 */
#define LENGTH_LONG 0xf000u
#define OP_END 0x80u
#define OP_AND 0x40u
#define OP_SIZE(op) ((size_t)1 << ((op) >> 4 & 3))
#define NUMERIC_LESS 4u
#define NUMERIC_GREATER 2u
#define NUMERIC_EQUAL 1u
#define BITMASK_NOT 2u
#define BITMASK_MATCH 1u

enum flowspec_form {
	FLOWSPEC_PREFIX,
	FLOWSPEC_NUMERIC,
	FLOWSPEC_BITMASK,
};

struct flowspec_component {
	const char *name; /* NULL: no such type */
	uint8_t form;	  /* enum flowspec_form */
	uint8_t size_max; /* octets of a value */
	bool ipv6_only;
};

/* Sizes where RFC 8955 4.2.2 and 8956 3 say MUST; elsewhere any of the four. */
static const struct flowspec_component components[] = {
	[1] = { "dst", FLOWSPEC_PREFIX },
	[2] = { "src", FLOWSPEC_PREFIX },
	[3] = { "proto", FLOWSPEC_NUMERIC, 8 },
	[4] = { "port", FLOWSPEC_NUMERIC, 8 },
	[5] = { "dst-port", FLOWSPEC_NUMERIC, 8 },
	[6] = { "src-port", FLOWSPEC_NUMERIC, 8 },
	[7] = { "icmp-type", FLOWSPEC_NUMERIC, 8 },
	[8] = { "icmp-code", FLOWSPEC_NUMERIC, 8 },
	[9] = { "tcp-flags", FLOWSPEC_BITMASK, 2 },
	[10] = { "length", FLOWSPEC_NUMERIC, 8 },
	[11] = { "dscp", FLOWSPEC_NUMERIC, 1 },
	[12] = { "fragment", FLOWSPEC_BITMASK, 1 },
	[13] = { "flow-label", FLOWSPEC_NUMERIC, 8, true },
};

static const struct flowspec_component *component_of(const struct bgp_family_info *info,
						     uint8_t type)
{
	if (type >= ARRAY_SIZE(components) || components[type].name == NULL ||
	    (components[type].ipv6_only && info->ip_family != IP_V6))
		return NULL;
	return &components[type];
}

/* The prefix of a component: IPv6 ones have an offset (RFC 8956 3.1). NULL, or what is wrong. */
static const char *read_prefix(const struct bgp_family_info *info, struct reader *r,
			       struct ip_prefix *ret_prefix, uint8_t *ret_offset)
{
	uint8_t length = reader_u8(r), offset = info->ip_family == IP_V6 ? reader_u8(r) : 0;
	struct ip_prefix prefix = { .addr.family = info->ip_family, .length = length };
	size_t octets;

	if (length > ip_family_bits(info->ip_family))
		return "a prefix length is more than the family has";
	if (offset >= length && offset != 0)
		return "a prefix offset is not less than the length";
	octets = ((size_t)length - offset + 7) / 8;
	reader_copy(r, prefix.addr.bytes, octets);
	*ret_prefix = prefix;
	*ret_offset = offset;
	return r->failed ? "a prefix is cut off" : NULL;
}

/* Steps over operators and values up to the one that says it is the last. */
static const char *skip_operators(const struct flowspec_component *component, struct reader *r)
{
	uint8_t op;

	do {
		op = reader_u8(r);
		(void)reader_bytes(r, OP_SIZE(op));
		if (r->failed)
			return "no operator says that it is the last";
		if (OP_SIZE(op) > component->size_max)
			return "a value has more octets than its type allows";
	} while ((op & OP_END) == 0);
	return NULL;
}

static const char *check_components(const struct bgp_family_info *info, struct reader r)
{
	struct ip_prefix prefix;
	uint8_t before = 0, offset;

	if (reader_left(&r) == 0)
		return "it has no component";
	while (reader_left(&r) != 0) {
		uint8_t type = reader_u8(&r);
		const struct flowspec_component *component = component_of(info, type);
		const char *wrong;

		if (component == NULL)
			return "a component's type is unknown";
		if (type <= before)
			return "the components are not in ascending order";
		before = type;
		wrong = component->form == FLOWSPEC_PREFIX ? read_prefix(info, &r, &prefix, &offset)
							   : skip_operators(component, &r);
		if (wrong != NULL)
			return wrong;
	}
	return NULL;
}

/* Bits behind a prefix say nothing (RFC 4271 4.3): zero in the key, so that they make no other rule
 * of it. Prefixes come first, in components that were checked. */
static void clear_bits_behind_prefixes(const struct bgp_family_info *info, struct bgp_nlri *nlri,
				       size_t at)
{
	struct reader r = reader_of(nlri->key, nlri->key_length);

	(void)reader_bytes(&r, at);
	while (reader_left(&r) != 0 && component_of(info, reader_u8(&r))->form == FLOWSPEC_PREFIX) {
		struct ip_prefix prefix;
		uint8_t offset;
		size_t bits;

		if (read_prefix(info, &r, &prefix, &offset) != NULL)
			return;
		bits = (size_t)prefix.length - offset;
		if (bits % 8 != 0)
			nlri->key[reader_offset(&r) - 1] &= (uint8_t)(0xff << (8 - bits % 8));
	}
}

static enum bgp_verdict decode_any(const struct bgp_family_info *info, size_t rd_bytes,
				   struct reader *r, struct bgp_nlri *nlri, const char **ret_wrong)
{
	size_t length = reader_u8(r);
	struct reader value;

	if (length > LENGTH_SHORT_MAX)
		length = (length & 0x0f) << 8 | reader_u8(r);
	value = reader_sub(r, length);
	if (r->failed)
		return BGP_DISABLE_FAMILY;
	if (length < rd_bytes) {
		*ret_wrong = "no room for a route distinguisher";
		return BGP_DISABLE_FAMILY;
	}
	nlri_key_add(nlri, &value, rd_bytes);
	*ret_wrong = check_components(info, value);
	nlri_key_add(nlri, &value, reader_left(&value));
	if (*ret_wrong != NULL)
		return BGP_TREAT_AS_WITHDRAW;
	clear_bits_behind_prefixes(info, nlri, rd_bytes);
	return BGP_OK;
}

static enum bgp_verdict decode(const struct bgp_family_info *info, bool withdrawn, struct reader *r,
			       struct bgp_nlri *nlri, const char **ret_wrong)
{
	(void)withdrawn;
	return decode_any(info, 0, r, nlri, ret_wrong);
}

static enum bgp_verdict decode_vpn(const struct bgp_family_info *info, bool withdrawn,
				   struct reader *r, struct bgp_nlri *nlri, const char **ret_wrong)
{
	(void)withdrawn;
	return decode_any(info, RD_BYTES, r, nlri, ret_wrong);
}

static size_t encoded_length(const struct bgp_family_info *info, const struct bgp_nlri *nlri,
			     bool withdraw)
{
	(void)info;
	(void)withdraw;
	return (nlri->key_length > LENGTH_SHORT_MAX ? 2u : 1u) + nlri->key_length;
}

static void encode(struct writer *w, const struct bgp_family_info *info,
		   const struct bgp_nlri *nlri, bool withdraw)
{
	(void)info;
	(void)withdraw;
	if (nlri->key_length > LENGTH_SHORT_MAX)
		writer_u16(w, (uint16_t)(LENGTH_LONG | nlri->key_length));
	else
		writer_u8(w, (uint8_t)nlri->key_length);
	writer_bytes(w, nlri->key, nlri->key_length);
}

static uint64_t read_value(struct reader *r, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | reader_u8(r);
	return value;
}

/* "=80", ">=8080&<=8088", "=6,=17"; bit masks as "!=0x2". */
static void format_operators(const struct flowspec_component *component, struct reader *r,
			     struct buf *to)
{
	bool first = true;
	uint8_t op;

	do {
		uint64_t value;

		op = reader_u8(r);
		value = read_value(r, OP_SIZE(op));
		if (r->failed)
			return;
		if (!first)
			buf_add_text(to, (op & OP_AND) != 0 ? "&" : ",");
		first = false;
		if (component->form == FLOWSPEC_BITMASK) {
			buf_printf(to, "%s%s0x%" PRIx64, (op & BITMASK_NOT) != 0 ? "!" : "",
				   (op & BITMASK_MATCH) != 0 ? "=" : "", value);
			continue;
		}
		if ((op & (NUMERIC_LESS | NUMERIC_GREATER | NUMERIC_EQUAL)) == 0) {
			buf_add_text(to, "false");
			continue;
		}
		buf_printf(to, "%s%s%s%" PRIu64, (op & NUMERIC_LESS) != 0 ? "<" : "",
			   (op & NUMERIC_GREATER) != 0 ? ">" : "",
			   (op & NUMERIC_EQUAL) != 0 ? "=" : "", value);
	} while ((op & OP_END) == 0);
}

/* Shifts a pattern to where its offset puts it (RFC 8956 3.1). */
static void shift_pattern(struct ip_prefix *prefix, uint8_t offset)
{
	struct ip_addr shifted = { .family = prefix->addr.family };

	for (size_t bit = offset; bit < prefix->length; bit++) {
		size_t from = bit - offset;

		if ((prefix->addr.bytes[from / 8] >> (7 - from % 8) & 1) != 0)
			shifted.bytes[bit / 8] |= (uint8_t)(0x80u >> bit % 8);
	}
	prefix->addr = shifted;
}

static void format_components(const struct bgp_family_info *info, struct reader r, struct buf *to)
{
	const char *between = "";

	/* one that is malformed has no meaning, but it can be there to be withdrawn */
	if (check_components(info, r) != NULL) {
		nlri_format_rest(&r, to);
		return;
	}
	while (reader_left(&r) != 0) {
		const struct flowspec_component *component = component_of(info, reader_u8(&r));
		char text[IP_PREFIX_TEXT_MAX];
		struct ip_prefix prefix;
		uint8_t offset;

		buf_printf(to, "%s%s ", between, component->name);
		between = " ";
		if (component->form != FLOWSPEC_PREFIX) {
			format_operators(component, &r, to);
			continue;
		}
		if (read_prefix(info, &r, &prefix, &offset) != NULL)
			return;
		shift_pattern(&prefix, offset);
		buf_add_text(to, ip_prefix_format(&prefix, text));
		if (offset != 0)
			buf_printf(to, " offset %u", offset);
	}
}

static void format(const struct bgp_family_info *info, const struct bgp_nlri *nlri, bool data,
		   struct buf *to)
{
	(void)data;
	format_components(info, reader_of(nlri->key, nlri->key_length), to);
}

static void format_vpn(const struct bgp_family_info *info, const struct bgp_nlri *nlri, bool data,
		       struct buf *to)
{
	struct reader r = reader_of(nlri->key, nlri->key_length);

	(void)data;
	nlri_format_rd(&r, to);
	buf_add_text(to, " ");
	format_components(info, r, to);
}

const struct nlri_shape nlri_shape_flowspec = {
	.decode = decode,
	.encoded_length = encoded_length,
	.encode = encode,
	.format = format,
};

const struct nlri_shape nlri_shape_vpn_flowspec = {
	.decode = decode_vpn,
	.encoded_length = encoded_length,
	.encode = encode,
	.format = format_vpn,
};

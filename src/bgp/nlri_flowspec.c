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
#define OP_NUMERIC_BITS 0xf7u /* that mean something */
#define OP_BITMASK_BITS 0xf3u
#define NUMERIC_LESS 4u
#define NUMERIC_GREATER 2u
#define NUMERIC_EQUAL 1u
#define BITMASK_NOT 2u
#define BITMASK_MATCH 1u
#define FRAGMENT_BITS_IPV4 0x0fu /* LF, FF, IsF, DF; no DF in IPv6 */
#define FRAGMENT_BITS_IPV6 0x0eu

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

#define FLOWSPEC_FRAGMENT 12

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
	[FLOWSPEC_FRAGMENT] = { "fragment", FLOWSPEC_BITMASK, 1 },
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

static void clear_behind_prefix(const struct bgp_family_info *info, struct reader *r,
				struct bgp_nlri *nlri)
{
	struct ip_prefix prefix;
	uint8_t offset;
	size_t bits;

	if (read_prefix(info, r, &prefix, &offset) != NULL)
		return;
	bits = (size_t)prefix.length - offset;
	if (bits % 8 != 0)
		nlri->key[reader_offset(r) - 1] &= (uint8_t)(0xff << (8 - bits % 8));
}

static void clear_operators(const struct bgp_family_info *info,
			    const struct flowspec_component *component, struct reader *r,
			    struct bgp_nlri *nlri)
{
	uint8_t meaning = component->form == FLOWSPEC_BITMASK ? OP_BITMASK_BITS : OP_NUMERIC_BITS;
	uint8_t op, before_and = (uint8_t)~OP_AND;

	do {
		size_t at = reader_offset(r);

		op = reader_u8(r);
		nlri->key[at] = op & meaning & before_and;
		before_and = 0xff;
		(void)reader_bytes(r, OP_SIZE(op));
		if (component == &components[FLOWSPEC_FRAGMENT])
			nlri->key[at + 1] &=
				info->ip_family == IP_V6 ? FRAGMENT_BITS_IPV6 : FRAGMENT_BITS_IPV4;
	} while ((op & OP_END) == 0);
}

/* Bits that must be zero and are ignored (RFC 4271 4.3; 8955 4.2.1, 4.2.2.12; 8956 3.1, 3.6): zero
 * in the key, so that they make no other rule of it. In components that were checked. */
static void clear_ignored_bits(const struct bgp_family_info *info, struct bgp_nlri *nlri, size_t at)
{
	struct reader r = reader_of(nlri->key, nlri->key_length);

	(void)reader_bytes(&r, at);
	while (reader_left(&r) != 0) {
		const struct flowspec_component *component = component_of(info, reader_u8(&r));

		if (component->form == FLOWSPEC_PREFIX)
			clear_behind_prefix(info, &r, nlri);
		else
			clear_operators(info, component, &r, nlri);
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
	clear_ignored_bits(info, nlri, rd_bytes);
	return BGP_OK;
}

static enum bgp_verdict decode(const struct bgp_family_info *info, const struct bgp_nlri_run *run,
			       struct reader *r, struct bgp_nlri *nlri, const char **ret_wrong)
{
	(void)run;
	return decode_any(info, 0, r, nlri, ret_wrong);
}

static enum bgp_verdict decode_vpn(const struct bgp_family_info *info,
				   const struct bgp_nlri_run *run, struct reader *r,
				   struct bgp_nlri *nlri, const char **ret_wrong)
{
	(void)run;
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

/* RFC 8955 4.2.1.1, table 1; the two without a value do not depend on it */
static const char *const comparisons[] = { "false", "=", ">", ">=", "<", "<=", "!=", "true" };

static void format_value(const struct flowspec_component *component, uint8_t op, uint64_t value,
			 struct buf *to)
{
	unsigned how = op & (NUMERIC_LESS | NUMERIC_GREATER | NUMERIC_EQUAL);

	if (component->form == FLOWSPEC_BITMASK)
		buf_printf(to, "%s%s0x%" PRIx64, (op & BITMASK_NOT) != 0 ? "!" : "",
			   (op & BITMASK_MATCH) != 0 ? "=" : "", value);
	else if (how == 0 || how == (NUMERIC_LESS | NUMERIC_GREATER | NUMERIC_EQUAL))
		buf_add_text(to, comparisons[how]);
	else
		buf_printf(to, "%s%" PRIu64, comparisons[how], value);
}

/* "=80", ">=8080&<=8088", "=6,=17"; bit masks as "!=0x2". */
static void format_operators(const struct flowspec_component *component, struct reader *r,
			     struct buf *to)
{
	const char *between = "";
	uint8_t op;

	do {
		uint64_t value;

		op = reader_u8(r);
		value = read_value(r, OP_SIZE(op));
		if (r->failed)
			return;
		if (between[0] != '\0')
			between = (op & OP_AND) != 0 ? "&" : ",";
		buf_add_text(to, between);
		between = ",";
		format_value(component, op, value, to);
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

/* "192.0.2.0/24"; with an offset "::1234:0:0/64-104" (RFC 8956 3.1). */
static void format_flow_prefix(struct ip_prefix prefix, uint8_t offset, struct buf *to)
{
	char text[IP_TEXT_MAX];

	shift_pattern(&prefix, offset);
	buf_printf(to, "%s/", ip_addr_format(&prefix.addr, text));
	if (offset != 0)
		buf_printf(to, "%u-", offset);
	buf_printf(to, "%u", prefix.length);
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
		struct ip_prefix prefix;
		uint8_t offset;

		buf_printf(to, "%s%s ", between, component->name);
		between = " ";
		if (component->form != FLOWSPEC_PREFIX)
			format_operators(component, &r, to);
		else if (read_prefix(info, &r, &prefix, &offset) == NULL)
			format_flow_prefix(prefix, offset, to);
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

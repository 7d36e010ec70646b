/*
 * nlri_link_state: BGP-LS.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 9552 5.2: type, length, and behind protocol and identifier TLVs, all of two and two octets; a
 * key as a whole. Of the types known (also RFC 9514, 9857) the value is checked for its structure,
 * as 8.2.2 asks of a propagator, and one that is wrong inside is discarded alone. What its TLVs say
 * is for the eye only: a table has their names.
 */
#include "bgp/nlri_shape.h"

#include "base/rd.h"

#define LINK_STATE_TYPE_MAX 6u
#define LINK_STATE_IPV4_PREFIX 3u
#define LINK_STATE_LOCAL_NODE 256u
#define LINK_STATE_REMOTE_NODE 257u

/* Node descriptors: sub-TLVs, one of a type at most (RFC 9552 5.2.1.4), in order (5.1). */
static const char *check_node(struct reader node)
{
	unsigned before = 0;

	while (reader_left(&node) != 0) {
		uint16_t type = reader_u16(&node);

		(void)reader_bytes(&node, reader_u16(&node));
		if (node.failed)
			return "a sub-TLV is longer than its node descriptors";
		if (before != 0 && type <= before)
			return "sub-TLVs of node descriptors are not in ascending order";
		before = type;
	}
	return NULL;
}

/* RFC 9552 5.2: protocol, identifier, TLVs of two and two octets in ascending order (5.1). What
 * they say is not a propagator's concern. */
static const char *check_link_state(uint16_t type, struct reader value)
{
	uint16_t before = 0;

	if (type == 0 || type > LINK_STATE_TYPE_MAX)
		return NULL;
	(void)reader_u8(&value);
	(void)reader_u64(&value);
	while (reader_left(&value) != 0) {
		uint16_t tlv = reader_u16(&value), length = reader_u16(&value);
		struct reader inside = reader_sub(&value, length);
		const char *wrong;

		if (value.failed)
			break;
		if (tlv < before)
			return "its TLVs are not in ascending order";
		before = tlv;
		wrong = tlv == LINK_STATE_LOCAL_NODE || tlv == LINK_STATE_REMOTE_NODE
				? check_node(inside)
				: NULL;
		if (wrong != NULL)
			return wrong;
	}
	return value.failed ? "a TLV in it is longer than it" : NULL;
}

static enum bgp_verdict decode(const struct bgp_family_info *info, const struct bgp_nlri_run *run,
			       struct reader *r, struct bgp_nlri *nlri, const char **ret_wrong)
{
	struct reader head = *r, whole, value;
	uint16_t type = reader_u16(&head), length = reader_u16(&head);

	(void)run;
	whole = reader_sub(r, 4 + (size_t)length);
	if (r->failed)
		return BGP_DISABLE_FAMILY;
	value = reader_sub(&head, length);
	if ((info->next_hop & BGP_NEXT_HOP_RD) != 0)
		(void)reader_bytes(&value, RD_BYTES);
	*ret_wrong =
		value.failed ? "no room for a route distinguisher" : check_link_state(type, value);
	if (*ret_wrong == NULL && reader_left(&whole) > sizeof(nlri->key))
		*ret_wrong = nlri_key_too_long;
	if (*ret_wrong != NULL)
		return BGP_ATTRIBUTE_DISCARD;
	nlri_key_add(nlri, &whole, reader_left(&whole));
	return BGP_OK;
}

enum link_state_form {
	LINK_STATE_NUMBER,
	LINK_STATE_NUMBERS, /* two of them */
	LINK_STATE_ADDRESS,
	LINK_STATE_ROUTER, /* of OSPF, or of IS-IS; with what makes it a pseudonode */
	LINK_STATE_PREFIX,
};

/* RFC 9552 5.2.1.4, 5.2.2, 5.2.3; 9086 4.1; 9514 6. Another one is a number with digits. */
static const struct {
	uint16_t type;
	uint8_t form;
	const char *name;
} tlvs[] = {
	{ 258, LINK_STATE_NUMBERS, "link-ids" },   { 259, LINK_STATE_ADDRESS, "interface" },
	{ 260, LINK_STATE_ADDRESS, "neighbor" },   { 261, LINK_STATE_ADDRESS, "interface" },
	{ 262, LINK_STATE_ADDRESS, "neighbor" },   { 265, LINK_STATE_PREFIX, "prefix" },
	{ 512, LINK_STATE_NUMBER, "as" },	   { 513, LINK_STATE_NUMBER, "bgp-ls-id" },
	{ 514, LINK_STATE_ADDRESS, "area" },	   { 515, LINK_STATE_ROUTER, "router" },
	{ 516, LINK_STATE_ADDRESS, "bgp-router" }, { 518, LINK_STATE_ADDRESS, "sid" },
};

static void format_digits(struct reader *r, const char *between, size_t each, struct buf *to)
{
	for (size_t i = 0; reader_left(r) != 0; i++)
		buf_printf(to, "%s%02x", i != 0 && i % each == 0 ? between : "", reader_u8(r));
}

/* "192.0.2.1", "0000.0000.0001", "192.0.2.1:192.0.2.2", "0000.0000.0001-02" */
static void format_router(struct reader *r, struct buf *to)
{
	struct reader system;

	switch (reader_left(r)) {
	case 4:
		nlri_format_ip(r, 4, to);
		break;
	case 8:
		nlri_format_ip(r, 4, to);
		buf_add_text(to, ":");
		nlri_format_ip(r, 4, to);
		break;
	case 6:
		format_digits(r, ".", 2, to);
		break;
	case 7:
		system = reader_sub(r, 6);
		format_digits(&system, ".", 2, to);
		buf_printf(to, "-%02x", reader_u8(r));
		break;
	default:
		break;
	}
}

static void format_reach(struct reader *r, bool ipv6, struct buf *to)
{
	struct ip_prefix prefix = { .addr.family = ipv6 ? IP_V6 : IP_V4 };
	struct reader peek = *r;
	char text[IP_PREFIX_TEXT_MAX];

	prefix.length = reader_u8(&peek);
	if (prefix.length > ip_family_bits(prefix.addr.family) ||
	    reader_left(&peek) != ((size_t)prefix.length + 7) / 8)
		return;
	reader_copy(&peek, prefix.addr.bytes, reader_left(&peek));
	*r = peek;
	buf_add_text(to, ip_prefix_format(&prefix, text));
}

/* A value of this form; what is left of it is not as it should be. */
static void format_known(enum link_state_form form, bool ipv6, struct reader *r, struct buf *to)
{
	size_t left = reader_left(r);

	if (form == LINK_STATE_NUMBER && left == 4) {
		buf_printf(to, "%u", reader_u32(r));
	} else if (form == LINK_STATE_NUMBERS && left == 8) {
		buf_printf(to, "%u", reader_u32(r));
		buf_printf(to, "/%u", reader_u32(r));
	} else if (form == LINK_STATE_ADDRESS && (left == 4 || left == 16)) {
		nlri_format_ip(r, left, to);
	} else if (form == LINK_STATE_ROUTER) {
		format_router(r, to);
	} else if (form == LINK_STATE_PREFIX && left != 0) {
		format_reach(r, ipv6, to);
	}
}

static void format_tlv(uint16_t type, bool ipv6, struct reader value, struct buf *to)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(tlvs) && tlvs[i].type != type)
		i++;
	if (i < ARRAY_SIZE(tlvs))
		buf_add_text(to, tlvs[i].name);
	else
		buf_printf(to, "%u", type);
	if (reader_left(&value) == 0)
		return;
	buf_add_text(to, " ");
	if (i < ARRAY_SIZE(tlvs))
		format_known((enum link_state_form)tlvs[i].form, ipv6, &value, to);
	if (reader_left(&value) != 0)
		buf_add_text(to, "0x");
	format_digits(&value, "", 1, to);
}

/* "[local as 65000 bgp-ls-id 0 router 192.0.2.1]" */
static void format_node(const char *name, struct reader node, struct buf *to)
{
	buf_printf(to, "[%s", name);
	while (reader_left(&node) != 0) {
		uint16_t type = reader_u16(&node);
		struct reader value = reader_sub(&node, reader_u16(&node));

		buf_add_text(to, " ");
		format_tlv(type, false, value, to);
	}
	buf_add_text(to, "]");
}

static void format_value(uint16_t type, struct reader r, struct buf *to)
{
	static const char *const protocols[] = { NULL,	   "isis-l1", "isis-l2", "ospfv2",
						 "direct", "static",  "ospfv3",	 "bgp" };
	uint8_t protocol = reader_u8(&r);

	if (protocol != 0 && protocol < ARRAY_SIZE(protocols))
		buf_printf(to, "[%s]", protocols[protocol]);
	else
		buf_printf(to, "[protocol %u]", protocol);
	buf_printf(to, "[identifier %" PRIu64 "]", reader_u64(&r));
	while (reader_left(&r) != 0) {
		uint16_t tlv = reader_u16(&r);
		struct reader value = reader_sub(&r, reader_u16(&r));

		if (tlv == LINK_STATE_LOCAL_NODE || tlv == LINK_STATE_REMOTE_NODE) {
			format_node(tlv == LINK_STATE_LOCAL_NODE ? "local" : "remote", value, to);
			continue;
		}
		buf_add_text(to, "[");
		format_tlv(tlv, type != LINK_STATE_IPV4_PREFIX, value, to);
		buf_add_text(to, "]");
	}
}

static void format(const struct bgp_family_info *info, const struct bgp_nlri *nlri, bool data,
		   struct buf *to)
{
	static const char *const names[LINK_STATE_TYPE_MAX + 1] = {
		NULL, "node", "link", "ipv4-prefix", "ipv6-prefix", "te-policy", "srv6-sid",
	};
	struct reader r = reader_of(nlri->key, nlri->key_length);
	uint16_t type = reader_u16(&r);
	bool known = type != 0 && type <= LINK_STATE_TYPE_MAX;

	(void)data;
	(void)reader_u16(&r);
	if (known)
		buf_printf(to, "[%s]", names[type]);
	else
		buf_printf(to, "[%u]", type);
	if ((info->next_hop & BGP_NEXT_HOP_RD) != 0) {
		buf_add_text(to, "[");
		nlri_format_rd(&r, to);
		buf_add_text(to, "]");
	}
	if (known)
		format_value(type, r, to);
	else
		nlri_format_rest(&r, to);
}

const struct nlri_shape nlri_shape_link_state = {
	.decode = decode,
	.encoded_length = nlri_shape_key_length,
	.encode = nlri_shape_encode_key,
	.format = format,
};

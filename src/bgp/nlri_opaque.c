/*
 * nlri_opaque: NLRI with a length in octets, whose inside is a key and little more.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Multicast VPN (RFC 6514 4): type, length, value. BGP-LS (RFC 9552 5.2): the same with two octets
 * each; of the types known the value is checked for its structure, as 8.2.2 asks of a propagator,
 * and one that is wrong inside is discarded alone. VPLS (RFC 4761 3.2.2, RFC 6074 3.2.2.1): a
 * length of two octets; 17 octets are a label block, whose size and base are data. NLRI whose key
 * would be longer than BGP_NLRI_KEY_BYTES_MAX is discarded, announced or withdrawn.
 */
#include "bgp/nlri_shape.h"

#include "base/rd.h"

#define VPLS_BLOCK_BYTES 17u	 /* RFC 4761: RD, VE ID, block offset, block size, label base */
#define VPLS_BLOCK_KEY_BYTES 12u /* RD, VE ID, block offset */
#define VPLS_BLOCK_DATA_BYTES 5u
#define VPLS_DISCOVERY_BYTES 12u /* RFC 6074: RD, PE address */
#define LINK_STATE_TYPE_MAX 6u	 /* RFC 9552, 9514, 9857 */
#define LINK_STATE_LOCAL_NODE 256u
#define LINK_STATE_REMOTE_NODE 257u

static const char key_too_long[] = "longer than we keep: left out";

static enum bgp_verdict decode_type_length(const struct bgp_family_info *info,
					   const struct bgp_nlri_run *run, struct reader *r,
					   struct bgp_nlri *nlri, const char **ret_wrong)
{
	uint8_t type = reader_u8(r), length = reader_u8(r);

	(void)info;
	(void)run;
	(void)ret_wrong;
	nlri->key[0] = type;
	nlri->key_length = 1;
	nlri_key_add(nlri, r, length);
	return BGP_OK;
}

static size_t type_length_length(const struct bgp_family_info *info, const struct bgp_nlri *nlri,
				 bool withdraw)
{
	(void)info;
	(void)withdraw;
	return nlri->key_length + 1u;
}

static void encode_type_length(struct writer *w, const struct bgp_family_info *info,
			       const struct bgp_nlri *nlri, bool withdraw)
{
	(void)info;
	(void)withdraw;
	writer_u8(w, nlri->key[0]);
	writer_u8(w, (uint8_t)(nlri->key_length - 1));
	writer_bytes(w, nlri->key + 1, nlri->key_length - 1u);
}

/* RFC 6514 4: all but a Leaf A-D route (4) begin with a route distinguisher. */
static void format_type_length(const struct bgp_family_info *info, const struct bgp_nlri *nlri,
			       bool data, struct buf *to)
{
	struct reader r = reader_of(nlri->key, nlri->key_length);
	uint8_t type = reader_u8(&r);

	(void)info;
	(void)data;
	buf_printf(to, "[%u]", type);
	if (type >= 1 && type <= 7 && type != 4 && reader_left(&r) >= RD_BYTES) {
		buf_add_text(to, "[");
		nlri_format_rd(&r, to);
		buf_add_text(to, "]");
	}
	nlri_format_rest(&r, to);
}

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

static enum bgp_verdict decode_type_length_wide(const struct bgp_family_info *info,
						const struct bgp_nlri_run *run, struct reader *r,
						struct bgp_nlri *nlri, const char **ret_wrong)
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
		*ret_wrong = key_too_long;
	if (*ret_wrong != NULL)
		return BGP_ATTRIBUTE_DISCARD;
	nlri_key_add(nlri, &whole, reader_left(&whole));
	return BGP_OK;
}

static void format_type_length_wide(const struct bgp_family_info *info, const struct bgp_nlri *nlri,
				    bool data, struct buf *to)
{
	static const char *const names[] = {
		"unknown", "node", "link", "ipv4-prefix", "ipv6-prefix", "te-policy", "srv6-sid",
	};
	struct reader r = reader_of(nlri->key, nlri->key_length);
	uint16_t type = reader_u16(&r);

	(void)data;
	(void)reader_u16(&r);
	if (type != 0 && type < ARRAY_SIZE(names))
		buf_printf(to, "[%s]", names[type]);
	else
		buf_printf(to, "[%u]", type);
	if ((info->next_hop & BGP_NEXT_HOP_RD) != 0) {
		buf_add_text(to, "[");
		nlri_format_rd(&r, to);
		buf_add_text(to, "]");
	}
	if (type != 0 && type < ARRAY_SIZE(names)) {
		buf_printf(to, "[protocol %u]", reader_u8(&r));
		buf_printf(to, "[identifier %" PRIu64 "]", reader_u64(&r));
	}
	nlri_format_rest(&r, to);
}

static enum bgp_verdict decode_vpls(const struct bgp_family_info *info,
				    const struct bgp_nlri_run *run, struct reader *r,
				    struct bgp_nlri *nlri, const char **ret_wrong)
{
	struct reader head = *r, whole;
	uint16_t length = reader_u16(&head);

	(void)info;
	whole = reader_sub(r, 2 + (size_t)length);
	if (r->failed)
		return BGP_DISABLE_FAMILY;
	if (reader_left(&whole) > sizeof(nlri->key)) {
		*ret_wrong = key_too_long;
		return BGP_ATTRIBUTE_DISCARD;
	}
	if (length != VPLS_BLOCK_BYTES) {
		nlri_key_add(nlri, &whole, reader_left(&whole));
		return BGP_OK;
	}
	nlri_key_add(nlri, &whole, 2 + VPLS_BLOCK_KEY_BYTES);
	if (!run->withdrawn)
		nlri_data_add(nlri, &whole, VPLS_BLOCK_DATA_BYTES);
	return BGP_OK;
}

static uint16_t vpls_length(const struct bgp_nlri *nlri)
{
	struct reader r = reader_of(nlri->key, nlri->key_length);

	return reader_u16(&r);
}

static size_t vpls_encoded_length(const struct bgp_family_info *info, const struct bgp_nlri *nlri,
				  bool withdraw)
{
	(void)info;
	(void)withdraw;
	return 2 + (size_t)vpls_length(nlri);
}

static void encode_vpls(struct writer *w, const struct bgp_family_info *info,
			const struct bgp_nlri *nlri, bool withdraw)
{
	static const uint8_t nothing[VPLS_BLOCK_DATA_BYTES];
	bool has_data = nlri->data_length == VPLS_BLOCK_DATA_BYTES;

	(void)info;
	(void)withdraw; /* with its data too: to some the whole NLRI is the route's key */
	writer_bytes(w, nlri->key, nlri->key_length);
	if (vpls_length(nlri) == VPLS_BLOCK_BYTES)
		writer_bytes(w, has_data ? nlri->data : nothing, VPLS_BLOCK_DATA_BYTES);
}

static void format_vpls(const struct bgp_family_info *info, const struct bgp_nlri *nlri, bool data,
			struct buf *to)
{
	struct reader r = reader_of(nlri->key, nlri->key_length);
	uint16_t length = reader_u16(&r);
	struct ip_addr addr;
	char text[IP_TEXT_MAX];

	(void)info;
	if (length == VPLS_BLOCK_BYTES || length == VPLS_DISCOVERY_BYTES) {
		buf_add_text(to, "[");
		nlri_format_rd(&r, to);
		buf_add_text(to, "]");
	}
	if (length == VPLS_DISCOVERY_BYTES) {
		addr = ip_addr_v4(reader_u32(&r));
		buf_printf(to, "[%s]", ip_addr_format(&addr, text));
	} else if (length == VPLS_BLOCK_BYTES) {
		buf_printf(to, "[ve %u]", reader_u16(&r));
		buf_printf(to, "[offset %u]", reader_u16(&r));
	} else {
		nlri_format_rest(&r, to);
	}
	if (data && nlri->data_length == VPLS_BLOCK_DATA_BYTES) {
		struct reader rest = reader_of(nlri->data, nlri->data_length);
		uint32_t base;

		buf_printf(to, " size %u", reader_u16(&rest));
		base = (uint32_t)reader_u16(&rest) << 4;
		buf_printf(to, " label %u", base | reader_u8(&rest) >> 4);
	}
}

const struct nlri_shape nlri_shape_type_length = {
	.decode = decode_type_length,
	.encoded_length = type_length_length,
	.encode = encode_type_length,
	.format = format_type_length,
};

const struct nlri_shape nlri_shape_type_length_wide = {
	.decode = decode_type_length_wide,
	.encoded_length = nlri_shape_key_length,
	.encode = nlri_shape_encode_key,
	.format = format_type_length_wide,
};

const struct nlri_shape nlri_shape_vpls = {
	.decode = decode_vpls,
	.encoded_length = vpls_encoded_length,
	.encode = encode_vpls,
	.format = format_vpls,
};

/*
 * nlri_opaque: NLRI with a length in octets, whose inside is a key and little more.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Multicast VPN (RFC 6514 4): type, length, value. VPLS (RFC 4761 3.2.2, RFC 6074 3.2.2.1): a
 * length of two octets; 17 octets are a label block, whose size and base are data. NLRI whose key
 * would be longer than BGP_NLRI_KEY_BYTES_MAX is discarded, announced or withdrawn.
 */
#include "bgp/nlri_shape.h"

#include "base/rd.h"

#define VPLS_BLOCK_BYTES 17u	 /* RFC 4761: RD, VE ID, block offset, block size, label base */
#define VPLS_BLOCK_KEY_BYTES 12u /* RD, VE ID, block offset */
#define VPLS_BLOCK_DATA_BYTES 5u
#define VPLS_DISCOVERY_BYTES 12u /* RFC 6074: RD, PE address */

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

/* The fields of a multicast VPN route behind its type (RFC 6514 4.1 to 4.6). A Leaf A-D route
 * begins with the key of another route. */
enum mvpn_field {
	MVPN_END,
	MVPN_RD,
	MVPN_AS,
	MVPN_SIZED, /* a source or group behind its length in bits; 0: any (RFC 6625 3) */
	MVPN_PE,    /* the rest: a router's address */
};

static const uint8_t mvpn_layouts[][5] = {
	[1] = { MVPN_RD, MVPN_PE },
	[2] = { MVPN_RD, MVPN_AS },
	[3] = { MVPN_RD, MVPN_SIZED, MVPN_SIZED, MVPN_PE },
	[5] = { MVPN_RD, MVPN_SIZED, MVPN_SIZED },
	[6] = { MVPN_RD, MVPN_AS, MVPN_SIZED, MVPN_SIZED },
	[7] = { MVPN_RD, MVPN_AS, MVPN_SIZED, MVPN_SIZED },
};

static void format_address(struct reader *r, size_t bytes, struct buf *to)
{
	buf_add_text(to, "[");
	nlri_format_ip(r, bytes, to);
	buf_add_text(to, "]");
}

/* False when the octets are not such a field. */
static bool format_mvpn_field(enum mvpn_field field, struct reader *r, struct buf *to)
{
	struct reader peek = *r;
	size_t left = reader_left(r);
	uint8_t bits = reader_u8(&peek);

	switch (field) {
	case MVPN_RD:
		if (left < RD_BYTES)
			return false;
		buf_add_text(to, "[");
		nlri_format_rd(r, to);
		buf_add_text(to, "]");
		return true;
	case MVPN_AS:
		if (left < 4)
			return false;
		buf_printf(to, "[%u]", reader_u32(r));
		return true;
	case MVPN_SIZED:
		if (peek.failed || (bits != 0 && bits != 32 && bits != 128) || left <= bits / 8u)
			return false;
		*r = peek;
		buf_printf(to, "[%u]", bits);
		if (bits != 0)
			format_address(r, bits / 8u, to);
		return true;
	case MVPN_PE:
		if (left != 4 && left != 16)
			return false;
		format_address(r, left, to);
		return true;
	case MVPN_END:
		break;
	}
	return false;
}

/* "[5][65000:1][32][192.0.2.1][32][232.1.1.1]"; from where it is not as it should be, digits. */
static void format_type_length(const struct bgp_family_info *info, const struct bgp_nlri *nlri,
			       bool data, struct buf *to)
{
	struct reader r = reader_of(nlri->key, nlri->key_length);
	uint8_t type = reader_u8(&r);
	bool known = type < ARRAY_SIZE(mvpn_layouts) && mvpn_layouts[type][0] != MVPN_END;

	(void)info;
	(void)data;
	buf_printf(to, "[%u]", type);
	for (size_t i = 0; known && mvpn_layouts[type][i] != MVPN_END; i++)
		if (!format_mvpn_field((enum mvpn_field)mvpn_layouts[type][i], &r, to))
			break;
	if (!known || reader_left(&r) != 0)
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
		*ret_wrong = nlri_key_too_long;
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

const struct nlri_shape nlri_shape_vpls = {
	.decode = decode_vpls,
	.encoded_length = vpls_encoded_length,
	.encode = encode_vpls,
	.format = format_vpls,
};

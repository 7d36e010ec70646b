/*
 * nlri_evpn: Ethernet VPN routes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 7432 7 (types 1 to 4), RFC 9136 3 (type 5). A table has the fields of each type and which of
 * them are the key: RFC 7432 7.1 to 7.4 and 9136 3.1 leave out labels, the gateway, and the ESI of
 * types 2 and 5. A type that is not in the table is a key as a whole: a reflector passes on what
 * it does not use. But types 6 to 8 (RFC 9251 9.1 to 9.3), which are carried in the same way, end
 * with what is no part of the key: another flag would be another route.
 */
#include "bgp/nlri_shape.h"

#include "base/rd.h"

#define ESI_BYTES 10u
#define TAG_BYTES 4u
#define MAC_BYTES 6u
#define EVPN_FIELDS_MAX 7
#define EVPN_TYPES 6
#define EVPN_PREFIX_ROUTE 5
#define EVPN_RD_TYPE_MAX 10

enum evpn_field {
	EVPN_END,
	EVPN_RD,
	EVPN_ESI,
	EVPN_ESI_DATA,
	EVPN_TAG,
	EVPN_MAC,      /* length in bits, address */
	EVPN_IP_OR_NO, /* length in bits, address; 0 without one */
	EVPN_IP,       /* length in bits, address */
	EVPN_PREFIX,   /* length in bits, address in full */
	EVPN_GATEWAY,  /* data; as long as the prefix's address */
	EVPN_LABEL,    /* data */
	EVPN_LABEL_OR_NO,
};

static const uint8_t layouts[EVPN_TYPES][EVPN_FIELDS_MAX] = {
	[1] = { EVPN_RD, EVPN_ESI, EVPN_TAG, EVPN_LABEL },
	[2] = { EVPN_RD, EVPN_ESI_DATA, EVPN_TAG, EVPN_MAC, EVPN_IP_OR_NO, EVPN_LABEL,
		EVPN_LABEL_OR_NO },
	[3] = { EVPN_RD, EVPN_TAG, EVPN_IP },
	[4] = { EVPN_RD, EVPN_ESI, EVPN_IP },
	[EVPN_PREFIX_ROUTE] = { EVPN_RD, EVPN_ESI_DATA, EVPN_TAG, EVPN_PREFIX, EVPN_GATEWAY,
				EVPN_LABEL },
};

/* RFC 9251 9.1 to 9.3: flags; reserved octets, maximum response time and flags. */
#define LEAVE_SYNCH 8
static const uint8_t tails[] = { [6] = 1, [7] = 1, [LEAVE_SYNCH] = 6 };

/* Octets of a type 5 route: the length tells the family (RFC 9136 3.1). */
#define PREFIX_ROUTE_IPV4_BYTES 34u
#define PREFIX_ROUTE_IPV6_BYTES 58u
#define PREFIX_ROUTE_KEY_BYTES_IPV4 (1 + RD_BYTES + TAG_BYTES + 1 + 4)

static const char does_not_suit[] = "the length does not suit the route type";

/* The layout of a type; NULL for one that we do not know. */
static const uint8_t *layout_of(uint8_t type)
{
	return type < EVPN_TYPES && layouts[type][0] != EVPN_END ? layouts[type] : NULL;
}

/* Octets of data at the end of a route that is carried as it is. */
static size_t tail_of(uint8_t type)
{
	return type < ARRAY_SIZE(tails) ? tails[type] : 0;
}

/* The length octet of an address, into the key; then the address. */
static const char *read_sized(struct reader *r, struct bgp_nlri *nlri, enum evpn_field field)
{
	uint8_t bits;

	nlri_key_add(nlri, r, 1);
	bits = nlri->key[nlri->key_length - 1];
	if (field == EVPN_MAC && bits != MAC_BYTES * 8)
		return "the MAC address length must be 48";
	if (field != EVPN_MAC && bits != 32 && bits != 128 && (field == EVPN_IP || bits != 0))
		return "the IP address length must be 32 or 128";
	nlri_key_add(nlri, r, bits / 8u);
	return NULL;
}

static const char *read_prefix(struct reader *r, struct bgp_nlri *nlri, size_t address_bytes)
{
	struct reader address;
	uint8_t bits;

	nlri_key_add(nlri, r, 1);
	bits = nlri->key[nlri->key_length - 1];
	if (bits > address_bytes * 8)
		return "the prefix length is more than the address has";
	address = reader_sub(r, address_bytes);
	nlri_key_add_bits(nlri, &address, bits);
	while (reader_left(&address) != 0) { /* in full: the bits behind are zero */
		(void)reader_u8(&address);
		nlri->key[nlri->key_length++] = 0;
	}
	return NULL;
}

static const char *read_field(enum evpn_field field, struct reader *r, struct bgp_nlri *nlri,
			      size_t address_bytes)
{
	switch (field) {
	case EVPN_RD:
		nlri_key_add(nlri, r, RD_BYTES);
		return NULL;
	case EVPN_ESI:
		nlri_key_add(nlri, r, ESI_BYTES);
		return NULL;
	case EVPN_ESI_DATA:
		nlri_data_add(nlri, r, ESI_BYTES);
		return NULL;
	case EVPN_TAG:
		nlri_key_add(nlri, r, TAG_BYTES);
		return NULL;
	case EVPN_MAC:
	case EVPN_IP_OR_NO:
	case EVPN_IP:
		return read_sized(r, nlri, field);
	case EVPN_PREFIX:
		return read_prefix(r, nlri, address_bytes);
	case EVPN_GATEWAY:
		nlri_data_add(nlri, r, address_bytes);
		return NULL;
	case EVPN_LABEL:
		nlri_data_add(nlri, r, BGP_LABEL_BYTES);
		return NULL;
	case EVPN_LABEL_OR_NO:
		if (reader_left(r) != 0)
			nlri_data_add(nlri, r, BGP_LABEL_BYTES);
		return NULL;
	case EVPN_END:
		break;
	}
	return NULL;
}

static bool all_zero(struct reader r, size_t length)
{
	uint8_t all = 0;

	for (size_t i = 0; i < length; i++)
		all |= reader_u8(&r);
	return all == 0;
}

/* RFC 9136 3.2. That one with neither, nor a label, nor a router's MAC means nothing either is for
 * those to see who use it: a reflector does not. */
static bool has_two_overlay_indexes(const struct bgp_nlri *nlri)
{
	struct reader r = reader_of(nlri->data, nlri->data_length);
	struct reader esi = reader_sub(&r, ESI_BYTES);
	struct reader gateway = reader_sub(&r, reader_left(&r) - BGP_LABEL_BYTES);

	return !all_zero(esi, ESI_BYTES) && !all_zero(gateway, reader_left(&gateway));
}

static enum bgp_verdict decode_carried(const struct bgp_nlri_run *run, struct reader *value,
				       struct bgp_nlri *nlri, const char **ret_wrong)
{
	size_t tail = tail_of(nlri->key[0]);

	if (reader_left(value) < tail) {
		*ret_wrong = does_not_suit;
		return BGP_DISABLE_FAMILY;
	}
	nlri_key_add(nlri, value, reader_left(value) - tail);
	if (!run->withdrawn)
		nlri_data_add(nlri, value, tail);
	return BGP_OK;
}

static enum bgp_verdict decode(const struct bgp_family_info *info, const struct bgp_nlri_run *run,
			       struct reader *r, struct bgp_nlri *nlri, const char **ret_wrong)
{
	uint8_t type = reader_u8(r), length = reader_u8(r);
	struct reader value = reader_sub(r, length);
	const uint8_t *layout = layout_of(type);
	const char *wrong = NULL;

	(void)info;
	nlri->key[0] = type;
	nlri->key_length = 1;
	if (layout == NULL)
		return decode_carried(run, &value, nlri, ret_wrong);
	if (type == EVPN_PREFIX_ROUTE && length != PREFIX_ROUTE_IPV4_BYTES &&
	    length != PREFIX_ROUTE_IPV6_BYTES)
		wrong = "the length of an IP prefix route must be 34 or 58";
	for (size_t i = 0; wrong == NULL && i < EVPN_FIELDS_MAX && layout[i] != EVPN_END; i++)
		wrong = read_field((enum evpn_field)layout[i], &value, nlri,
				   length == PREFIX_ROUTE_IPV4_BYTES ? 4 : 16);
	if (wrong == NULL && (value.failed || reader_left(&value) != 0))
		wrong = does_not_suit;
	if (run->withdrawn)
		nlri->data_length = 0;
	*ret_wrong = wrong;
	if (wrong != NULL)
		return BGP_DISABLE_FAMILY;
	if (type == EVPN_PREFIX_ROUTE && !run->withdrawn && has_two_overlay_indexes(nlri)) {
		*ret_wrong = "an IP prefix route with both an ESI and a gateway";
		return BGP_TREAT_AS_WITHDRAW;
	}
	return BGP_OK;
}

/* Octets of a field in the key (0 for data) whose key bytes begin at `key`. */
static size_t key_field_bytes(enum evpn_field field, const struct bgp_nlri *nlri, size_t at)
{
	switch (field) {
	case EVPN_RD:
		return RD_BYTES;
	case EVPN_ESI:
		return ESI_BYTES;
	case EVPN_TAG:
		return TAG_BYTES;
	case EVPN_MAC:
	case EVPN_IP_OR_NO:
	case EVPN_IP:
		return at < nlri->key_length ? 1 + nlri->key[at] / 8u : 1;
	case EVPN_PREFIX:
		return nlri->key_length > PREFIX_ROUTE_KEY_BYTES_IPV4 ? 17 : 5;
	default:
		return 0;
	}
}

/* Octets of a field that is data; `at` of them were written before. */
static size_t data_field_bytes(enum evpn_field field, const struct bgp_nlri *nlri, bool withdraw,
			       size_t at)
{
	switch (field) {
	case EVPN_ESI_DATA:
		return ESI_BYTES;
	case EVPN_GATEWAY:
		return nlri->key_length > PREFIX_ROUTE_KEY_BYTES_IPV4 ? 16 : 4;
	case EVPN_LABEL:
		return BGP_LABEL_BYTES;
	case EVPN_LABEL_OR_NO:
		return !withdraw && nlri->data_length > at ? BGP_LABEL_BYTES : 0;
	default:
		return 0;
	}
}

/* For data that is absent. */
static const uint8_t nothing[16];

/* The same as put_value, of a route that is carried as it is. */
static size_t put_carried(struct writer *w, const struct bgp_nlri *nlri, bool withdraw)
{
	size_t key_bytes = nlri->key_length - 1u, tail = tail_of(nlri->key[0]);
	bool has_data = !withdraw && nlri->data_length == tail;

	if (w != NULL) {
		writer_bytes(w, nlri->key + 1, key_bytes);
		writer_bytes(w, has_data ? nlri->data : nothing, tail);
	}
	return key_bytes + tail;
}

/* Writes the value, or with w NULL measures it. */
static size_t put_value(struct writer *w, const struct bgp_nlri *nlri, bool withdraw)
{
	const uint8_t *layout = layout_of(nlri->key[0]);
	size_t key_at = 1, data_at = 0;

	if (layout == NULL)
		return put_carried(w, nlri, withdraw);
	for (size_t i = 0; i < EVPN_FIELDS_MAX; i++) {
		enum evpn_field field = (enum evpn_field)layout[i];
		size_t in_key = key_field_bytes(field, nlri, key_at);
		size_t in_data = data_field_bytes(field, nlri, withdraw, data_at);
		bool has_data = !withdraw && data_at + in_data <= nlri->data_length;

		assert(key_at + in_key <= nlri->key_length && in_data <= sizeof(nothing));
		if (w != NULL) {
			writer_bytes(w, nlri->key + key_at, in_key);
			writer_bytes(w, has_data ? nlri->data + data_at : nothing, in_data);
		}
		key_at += in_key;
		data_at += in_data;
	}
	return key_at - 1 + data_at;
}

static size_t encoded_length(const struct bgp_family_info *info, const struct bgp_nlri *nlri,
			     bool withdraw)
{
	(void)info;
	return 2 + put_value(NULL, nlri, withdraw);
}

static void encode(struct writer *w, const struct bgp_family_info *info,
		   const struct bgp_nlri *nlri, bool withdraw)
{
	(void)info;
	writer_u8(w, nlri->key[0]);
	writer_u8(w, (uint8_t)put_value(NULL, nlri, withdraw));
	put_value(w, nlri, withdraw);
}

static void format_esi(struct reader *r, struct buf *to)
{
	for (size_t i = 0; i < ESI_BYTES; i++)
		buf_printf(to, "%s%02x", i == 0 ? "" : ":", reader_u8(r));
}

/* The length octet and the address, each in brackets; an absent address has none. */
static void format_sized(enum evpn_field field, struct reader *r, struct buf *to)
{
	uint8_t bits = reader_u8(r);
	char text[MAC_TEXT_MAX];
	struct mac_addr mac;

	buf_printf(to, "[%u]", bits);
	if (bits == 0)
		return;
	buf_add_text(to, "[");
	if (field == EVPN_MAC) {
		reader_copy(r, mac.bytes, sizeof(mac.bytes));
		buf_add_text(to, mac_addr_format(&mac, text));
	} else {
		nlri_format_ip(r, bits / 8u, to);
	}
	buf_add_text(to, "]");
}

static void format_key_field(enum evpn_field field, struct reader *r, struct buf *to)
{
	switch (field) {
	case EVPN_RD:
		buf_add_text(to, "[");
		nlri_format_rd(r, to);
		buf_add_text(to, "]");
		break;
	case EVPN_ESI:
		buf_add_text(to, "[");
		format_esi(r, to);
		buf_add_text(to, "]");
		break;
	case EVPN_TAG:
		buf_printf(to, "[%u]", reader_u32(r));
		break;
	case EVPN_MAC:
	case EVPN_IP_OR_NO:
	case EVPN_IP:
		format_sized(field, r, to);
		break;
	case EVPN_PREFIX:
		buf_printf(to, "[%u][", reader_u8(r));
		nlri_format_ip(r, reader_left(r), to);
		buf_add_text(to, "]");
		break;
	default:
		break;
	}
}

/* A label field is 24 bits of VNI or 20 of a label (RFC 8365 5.1.3): which, its encapsulation says
 * and not the route; so both are shown. */
static void format_label(struct reader *r, struct buf *to)
{
	uint32_t vni = (uint32_t)reader_u16(r) << 8;

	vni |= reader_u8(r);
	buf_printf(to, " label %u (vni %u)", vni >> 4, vni);
}

static void format_data_field(enum evpn_field field, struct reader *r, struct buf *to)
{
	switch (field) {
	case EVPN_ESI_DATA:
		buf_add_text(to, " esi ");
		format_esi(r, to);
		break;
	case EVPN_GATEWAY:
		buf_add_text(to, " gateway ");
		nlri_format_ip(r, reader_left(r) >= 16 ? 16 : 4, to);
		break;
	case EVPN_LABEL:
	case EVPN_LABEL_OR_NO:
		if (reader_left(r) != 0)
			format_label(r, to);
		break;
	default:
		break;
	}
}

/* Types 6 to 10 begin with a route distinguisher (RFC 9251, 9572). */
static void format_carried(uint8_t type, struct reader key, struct reader data, struct buf *to)
{
	if (type > EVPN_PREFIX_ROUTE && type <= EVPN_RD_TYPE_MAX && reader_left(&key) >= RD_BYTES)
		format_key_field(EVPN_RD, &key, to);
	nlri_format_rest(&key, to);
	if (reader_left(&data) == 0)
		return;
	if (type == LEAVE_SYNCH) {
		(void)reader_u32(&data);
		buf_printf(to, " response-time %u", reader_u8(&data));
	}
	buf_printf(to, " flags 0x%02x", reader_u8(&data));
}

static void format(const struct bgp_family_info *info, const struct bgp_nlri *nlri, bool data,
		   struct buf *to)
{
	struct reader key = reader_of(nlri->key, nlri->key_length);
	struct reader rest = reader_of(nlri->data, nlri->data_length);
	uint8_t type = reader_u8(&key);
	const uint8_t *layout = layout_of(type);

	(void)info;
	buf_printf(to, "[%u]", type);
	if (layout == NULL) {
		format_carried(type, key, data ? rest : reader_of(NULL, 0), to);
		return;
	}
	for (size_t i = 0; i < EVPN_FIELDS_MAX; i++)
		format_key_field((enum evpn_field)layout[i], &key, to);
	for (size_t i = 0; data && nlri->data_length != 0 && i < EVPN_FIELDS_MAX; i++)
		format_data_field((enum evpn_field)layout[i], &rest, to);
}

const struct nlri_shape nlri_shape_evpn = {
	.decode = decode,
	.encoded_length = encoded_length,
	.encode = encode,
	.format = format,
};

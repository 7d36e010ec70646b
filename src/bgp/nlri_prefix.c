/*
 * nlri_prefix: NLRI that begin with a length in bits.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Plain prefixes (RFC 4271 4.3, 4760 5); prefixes with labels (RFC 8277 2), and with a route
 * distinguisher besides (RFC 4364 4.3.4, 4659 3.2.1); route-target membership (RFC 4684 4); SR
 * policies (RFC 9830 2.1). The length of a labeled prefix counts its labels and RD; that of a key
 * counts the address alone, so that it is the same whatever the labels are.
 */
#include "bgp/nlri_shape.h"

#include "base/rd.h"

#define LABEL_BOTTOM 1u			  /* RFC 3032 2.1, in the last octet */
#define LABEL_WITHDRAWN 0x800000u	  /* RFC 8277 2.4 */
#define LABEL_IMPLICIT_NULL (3u << 4 | 1) /* where nobody has given a label (RFC 3032 2.1) */
#define ROUTE_TARGET_BITS_MIN 32u
#define ROUTE_TARGET_BITS_MAX 96u
#define SR_POLICY_BITS_IPV4 96u
#define SR_POLICY_BITS_IPV6 192u

static const char too_long[] = "the prefix length is more than the family has";
static const char too_long_for_a_label[] =
	"the prefix length is more than the family has (several labels were not agreed on)";

static enum bgp_verdict decode_prefix(const struct bgp_family_info *info,
				      const struct bgp_nlri_run *run, struct reader *r,
				      struct bgp_nlri *nlri, const char **ret_wrong)
{
	uint8_t bits = reader_u8(r);

	(void)run;
	if (bits > ip_family_bits(info->ip_family)) {
		*ret_wrong = too_long;
		return BGP_DISABLE_FAMILY;
	}
	nlri->key[0] = bits;
	nlri->key_length = 1;
	nlri_key_add_bits(nlri, r, bits);
	return BGP_OK;
}

/* The labels of an announcement. RFC 8277 2.3: a stack that ends with the bottom bit. 2.2, where no
 * more than one was agreed on: that one, and its bottom bit says nothing; we write it. */
static size_t read_labels(const struct bgp_nlri_run *run, struct reader *body,
			  struct bgp_nlri *nlri)
{
	size_t count = 0;
	uint8_t *last;

	do {
		nlri_data_add(nlri, body, BGP_LABEL_BYTES);
		last = &nlri->data[nlri->data_length - 1];
		count++;
	} while (run->labels_max > 1 && !body->failed && (*last & LABEL_BOTTOM) == 0);
	if (!body->failed)
		*last |= LABEL_BOTTOM;
	return count;
}

static enum bgp_verdict decode_behind_labels(const struct bgp_family_info *info,
					     const struct bgp_nlri_run *run, size_t rd_bytes,
					     struct reader *r, struct bgp_nlri *nlri,
					     const char **ret_wrong)
{
	size_t bits = reader_u8(r), head, labels = 1;
	struct reader body = reader_sub(r, (bits + 7) / 8);
	const char *wrong = NULL;

	if (r->failed)
		return BGP_DISABLE_FAMILY;
	if (run->withdrawn) /* one field of 24 bits, whatever it holds (RFC 8277 2.4) */
		(void)reader_bytes(&body, BGP_LABEL_BYTES);
	else
		labels = read_labels(run, &body, nlri);
	head = (reader_offset(&body) + rd_bytes) * 8;
	if (body.failed || bits < head)
		wrong = "the length leaves no room for a label or a route distinguisher";
	if (wrong == NULL && bits - head > ip_family_bits(info->ip_family))
		wrong = run->withdrawn || run->labels_max > 1 ? too_long : too_long_for_a_label;
	if (wrong != NULL) {
		*ret_wrong = wrong;
		return BGP_DISABLE_FAMILY;
	}
	nlri->key[0] = (uint8_t)(bits - head);
	nlri->key_length = 1;
	nlri_key_add(nlri, &body, rd_bytes);
	nlri_key_add_bits(nlri, &body, bits - head);
	if (labels == 1 || labels <= run->labels_max)
		return BGP_OK;
	*ret_wrong = "it has more labels than were agreed on";
	return BGP_TREAT_AS_WITHDRAW;
}

static enum bgp_verdict decode_labeled(const struct bgp_family_info *info,
				       const struct bgp_nlri_run *run, struct reader *r,
				       struct bgp_nlri *nlri, const char **ret_wrong)
{
	return decode_behind_labels(info, run, 0, r, nlri, ret_wrong);
}

static enum bgp_verdict decode_vpn(const struct bgp_family_info *info,
				   const struct bgp_nlri_run *run, struct reader *r,
				   struct bgp_nlri *nlri, const char **ret_wrong)
{
	return decode_behind_labels(info, run, RD_BYTES, r, nlri, ret_wrong);
}

static size_t labels_bytes(const struct bgp_nlri *nlri, bool withdraw)
{
	return withdraw || nlri->data_length == 0 ? BGP_LABEL_BYTES : nlri->data_length;
}

static size_t labeled_length(const struct bgp_family_info *info, const struct bgp_nlri *nlri,
			     bool withdraw)
{
	(void)info;
	return nlri->key_length + labels_bytes(nlri, withdraw);
}

static void encode_labeled(struct writer *w, const struct bgp_family_info *info,
			   const struct bgp_nlri *nlri, bool withdraw)
{
	size_t labels = labels_bytes(nlri, withdraw);
	size_t rd_bytes = info->kind == BGP_NLRI_VPN ? RD_BYTES : 0;
	uint32_t label = withdraw ? LABEL_WITHDRAWN : LABEL_IMPLICIT_NULL;

	writer_u8(w, (uint8_t)(nlri->key[0] + (labels + rd_bytes) * 8));
	if (withdraw || nlri->data_length == 0) {
		writer_u8(w, (uint8_t)(label >> 16));
		writer_u16(w, (uint16_t)label);
	} else {
		writer_bytes(w, nlri->data, nlri->data_length);
	}
	writer_bytes(w, nlri->key + 1, nlri->key_length - 1u);
}

static enum bgp_verdict decode_route_target(const struct bgp_family_info *info,
					    const struct bgp_nlri_run *run, struct reader *r,
					    struct bgp_nlri *nlri, const char **ret_wrong)
{
	uint8_t bits = reader_u8(r);

	(void)info;
	(void)run;
	if (bits > ROUTE_TARGET_BITS_MAX || (bits != 0 && bits < ROUTE_TARGET_BITS_MIN)) {
		*ret_wrong = "the length must be 0, or 32 to 96 bits";
		return BGP_DISABLE_FAMILY;
	}
	nlri->key[0] = bits;
	nlri->key_length = 1;
	nlri_key_add_bits(nlri, r, bits);
	return BGP_OK;
}

static enum bgp_verdict decode_sr_policy(const struct bgp_family_info *info,
					 const struct bgp_nlri_run *run, struct reader *r,
					 struct bgp_nlri *nlri, const char **ret_wrong)
{
	uint8_t bits = reader_u8(r);

	(void)run;
	if (bits != (info->ip_family == IP_V4 ? SR_POLICY_BITS_IPV4 : SR_POLICY_BITS_IPV6)) {
		(void)reader_bytes(r, (bits + 7u) / 8); /* it can be skipped (RFC 9830 5) */
		*ret_wrong = info->ip_family == IP_V4 ? "the length must be 96 bits"
						      : "the length must be 192 bits";
		return BGP_TREAT_AS_WITHDRAW;
	}
	nlri->key[0] = bits;
	nlri->key_length = 1;
	nlri_key_add(nlri, r, bits / 8u);
	return BGP_OK;
}

static void format_labels(const struct bgp_nlri *nlri, struct buf *to)
{
	struct reader r = reader_of(nlri->data, nlri->data_length);
	const char *before = " label ";

	while (reader_left(&r) >= BGP_LABEL_BYTES) {
		uint32_t label = (uint32_t)reader_u16(&r) << 4;

		buf_printf(to, "%s%u", before, label | reader_u8(&r) >> 4);
		before = "/";
	}
}

static void format_prefix(const struct bgp_family_info *info, const struct bgp_nlri *nlri,
			  bool data, struct buf *to)
{
	struct reader r = reader_of(nlri->key, nlri->key_length);
	struct ip_prefix prefix = { .addr.family = info->ip_family, .length = reader_u8(&r) };
	char text[IP_PREFIX_TEXT_MAX];

	if (info->kind == BGP_NLRI_VPN) {
		nlri_format_rd(&r, to);
		buf_add_text(to, ":");
	}
	reader_copy(&r, prefix.addr.bytes, MIN(reader_left(&r), sizeof(prefix.addr.bytes)));
	buf_add_text(to, ip_prefix_format(&prefix, text));
	if (data)
		format_labels(nlri, to);
}

/* "65000:target:65000:100/96": the origin AS and what there is of the route target; "65000/32"
 * without any, "65000:[0002]/48" for a part of one. */
static void format_route_target(const struct bgp_family_info *info, const struct bgp_nlri *nlri,
				bool data, struct buf *to)
{
	struct reader r = reader_of(nlri->key, nlri->key_length);
	uint8_t bits = reader_u8(&r);
	char text[RD_TEXT_MAX];
	struct rd target;

	(void)info;
	(void)data;
	if (bits == 0) {
		buf_add_text(to, "default");
		return;
	}
	buf_printf(to, "%u", reader_u32(&r));
	if (reader_left(&r) == 0) {
		buf_printf(to, "/%u", bits);
		return;
	}
	buf_add_text(to, ":");
	if (bits == ROUTE_TARGET_BITS_MAX && reader_left(&r) == sizeof(target.bytes)) {
		/* a route target's subtype 2 is shaped as a route distinguisher's type */
		reader_copy(&r, target.bytes, sizeof(target.bytes));
		if (target.bytes[0] <= 2 && target.bytes[1] == 2) {
			target.bytes[1] = target.bytes[0];
			target.bytes[0] = 0;
			buf_printf(to, "target:%s/%u", rd_format(&target, text), bits);
			return;
		}
		r = reader_of(target.bytes, sizeof(target.bytes));
	}
	nlri_format_rest(&r, to);
	buf_printf(to, "/%u", bits);
}

/* "[1][100][192.0.2.1]": distinguisher, color, endpoint. */
static void format_sr_policy(const struct bgp_family_info *info, const struct bgp_nlri *nlri,
			     bool data, struct buf *to)
{
	struct reader r = reader_of(nlri->key, nlri->key_length);
	struct ip_addr endpoint = { .family = info->ip_family };
	uint32_t distinguisher;
	char text[IP_TEXT_MAX];

	(void)data;
	(void)reader_u8(&r);
	distinguisher = reader_u32(&r);
	buf_printf(to, "[%u][%u]", distinguisher, reader_u32(&r));
	reader_copy(&r, endpoint.bytes, MIN(reader_left(&r), sizeof(endpoint.bytes)));
	buf_printf(to, "[%s]", ip_addr_format(&endpoint, text));
}

const struct nlri_shape nlri_shape_prefix = {
	.decode = decode_prefix,
	.encoded_length = nlri_shape_key_length,
	.encode = nlri_shape_encode_key,
	.format = format_prefix,
};

const struct nlri_shape nlri_shape_labeled = {
	.decode = decode_labeled,
	.encoded_length = labeled_length,
	.encode = encode_labeled,
	.format = format_prefix,
};

const struct nlri_shape nlri_shape_vpn = {
	.decode = decode_vpn,
	.encoded_length = labeled_length,
	.encode = encode_labeled,
	.format = format_prefix,
};

const struct nlri_shape nlri_shape_route_target = {
	.decode = decode_route_target,
	.encoded_length = nlri_shape_key_length,
	.encode = nlri_shape_encode_key,
	.format = format_route_target,
};

const struct nlri_shape nlri_shape_sr_policy = {
	.decode = decode_sr_policy,
	.encoded_length = nlri_shape_key_length,
	.encode = nlri_shape_encode_key,
	.format = format_sr_policy,
};

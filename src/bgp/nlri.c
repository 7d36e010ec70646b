/*
 * nlri: network layer reachability information, one by one.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4.3, 4760 5 and 7, 7606 5.3 and 5.4 (what is syntactically wrong), 7911 3 (path
 * identifiers). The kind of a family names the shape of its NLRI (nlri_shape.h); what is here is
 * the same for all: runs, path identifiers, verdicts, and the fast way over plain prefixes.
 */
#include "bgp/nlri.h"

#include "base/rd.h"
#include "bgp/nlri_shape.h"

#define PATH_ID_BYTES 4u

const char nlri_key_too_long[] = "longer than we keep: left out";

static const struct nlri_shape *const shapes[] = {
	[BGP_NLRI_PREFIX] = &nlri_shape_prefix,
	[BGP_NLRI_LABELED] = &nlri_shape_labeled,
	[BGP_NLRI_VPN] = &nlri_shape_vpn,
	[BGP_NLRI_TYPE_LENGTH] = &nlri_shape_type_length,
	[BGP_NLRI_FLOWSPEC] = &nlri_shape_flowspec,
	[BGP_NLRI_ROUTE_TARGET] = &nlri_shape_route_target,
	[BGP_NLRI_SR_POLICY] = &nlri_shape_sr_policy,
	[BGP_NLRI_TYPE_LENGTH_WIDE] = &nlri_shape_link_state,
	[BGP_NLRI_LENGTH_WIDE] = &nlri_shape_vpls,
	[BGP_NLRI_EVPN] = &nlri_shape_evpn,
	[BGP_NLRI_VPN_FLOWSPEC] = &nlri_shape_vpn_flowspec,
};

static const struct nlri_shape *shape_of(const struct bgp_family_info *info)
{
	return shapes[info->kind];
}

void nlri_key_add_bits(struct bgp_nlri *nlri, struct reader *r, size_t bits)
{
	nlri_key_add(nlri, r, (bits + 7) / 8);
	if (bits % 8 != 0)
		nlri->key[nlri->key_length - 1] &= (uint8_t)(0xff << (8 - bits % 8));
}

size_t nlri_shape_key_length(const struct bgp_family_info *info, const struct bgp_nlri *nlri,
			     bool withdraw)
{
	(void)info;
	(void)withdraw;
	return nlri->key_length;
}

void nlri_shape_encode_key(struct writer *w, const struct bgp_family_info *info,
			   const struct bgp_nlri *nlri, bool withdraw)
{
	(void)info;
	(void)withdraw;
	writer_bytes(w, nlri->key, nlri->key_length);
}

void nlri_format_rest(struct reader *r, struct buf *to)
{
	static const char digits[] = "0123456789abcdef";
	size_t length = 2 * reader_left(r);
	char *text = buf_reserve(to, length + 2);

	if (text == NULL)
		return;
	*text++ = '[';
	while (reader_left(r) != 0) {
		uint8_t octet = reader_u8(r);

		*text++ = digits[octet >> 4];
		*text++ = digits[octet & 0xf];
	}
	*text = ']';
	buf_commit(to, length + 2);
}

void nlri_format_ip(struct reader *r, size_t bytes, struct buf *to)
{
	struct ip_addr addr = { .family = bytes == 4 ? IP_V4 : IP_V6 };
	char text[IP_TEXT_MAX];

	reader_copy(r, addr.bytes, MIN(bytes, sizeof(addr.bytes)));
	buf_add_text(to, ip_addr_format(&addr, text));
}

void nlri_format_rd(struct reader *r, struct buf *to)
{
	char text[RD_TEXT_MAX];
	struct rd rd;

	reader_copy(r, rd.bytes, sizeof(rd.bytes));
	buf_add_text(to, rd_format(&rd, text));
}

/* Steps over right prefixes as long as there is any; the reader stands at the first wrong one. */
static void skip_prefixes(struct reader *r, unsigned length_max)
{
	const uint8_t *p = r->next;

	while (p < r->end && *p <= length_max) {
		/* Most prefixes have 17 to 24 bits: a branch that is foreseen is quicker than an
		 * address that waits for the length to be read. */
		size_t step = LIKELY((uint8_t)(*p - 17) < 8) ? 4 : 1 + ((size_t)*p + 7) / 8;

		if ((size_t)(r->end - p) < step)
			break;
		p += step;
	}
	r->next = p;
}

/* The same where each has a path identifier in front. */
static void skip_paths(struct reader *r, unsigned length_max)
{
	const uint8_t *p = r->next;

	while (r->end - p > (ptrdiff_t)PATH_ID_BYTES && p[PATH_ID_BYTES] <= length_max) {
		size_t step = PATH_ID_BYTES + 1 + ((size_t)p[PATH_ID_BYTES] + 7) / 8;

		if ((size_t)(r->end - p) < step)
			break;
		p += step;
	}
	r->next = p;
}

/* Names the place: the attribute or field, the family, the offset in its NLRI. */
static void explain(const struct bgp_nlri_run *run, bool classic, size_t offset, const char *wrong,
		    struct error *why)
{
	const char *place = run->withdrawn ? "MP_UNREACH_NLRI" : "MP_REACH_NLRI";

	if (classic)
		place = run->withdrawn ? "Withdrawn Routes" : "the NLRI field";
	error_set(why, "%s: %s NLRI at offset %zu: %s", place, bgp_family_info(run->family)->name,
		  offset, wrong);
}

/* Decodes what is left of a run, one by one. Apart from bgp_nlri_check for its large frame. */
static __attribute__((noinline)) enum bgp_verdict check_each(const struct bgp_nlri_run *run,
							     struct reader r,
							     const struct bgp_context *context,
							     struct bgp_notification *ret_error,
							     struct error *why)
{
	const struct bgp_family_info *info = bgp_family_info(run->family);
	bool classic = run->family == BGP_IPV4_UNICAST && !run->mp;
	enum bgp_verdict worst = BGP_OK;
	struct bgp_nlri nlri;

	while (reader_left(&r) != 0) {
		size_t offset = reader_offset(&r);
		const char *wrong = NULL;
		enum bgp_verdict verdict;

		if (context->addpath[run->family])
			(void)reader_u32(&r);
		nlri.key_length = nlri.data_length = 0;
		verdict = shape_of(info)->decode(info, run, &r, &nlri, &wrong);
		if (r.failed) {
			verdict = BGP_DISABLE_FAMILY;
			wrong = "it is cut off";
		}
		if (verdict == BGP_TREAT_AS_WITHDRAW && run->withdrawn)
			continue;
		if (verdict > worst) {
			worst = verdict;
			explain(run, classic, offset, wrong, why);
		}
		if (verdict == BGP_DISABLE_FAMILY)
			break;
	}
	if (worst != BGP_DISABLE_FAMILY)
		return worst;
	bgp_notification_set(ret_error, BGP_ERROR_UPDATE,
			     classic ? BGP_UPDATE_INVALID_NETWORK : BGP_UPDATE_OPTIONAL_ERROR, NULL,
			     0);
	return classic ? BGP_SESSION_RESET : BGP_DISABLE_FAMILY;
}

enum bgp_verdict bgp_nlri_check(const struct bgp_nlri_run *run, const struct bgp_context *context,
				struct bgp_notification *ret_error, struct error *why)
{
	struct reader r = run->reader;
	const struct bgp_family_info *info;

	if (run->family == BGP_FAMILY_NONE)
		return BGP_OK;
	info = bgp_family_info(run->family);
	if (info->kind == BGP_NLRI_PREFIX && context->addpath[run->family])
		skip_paths(&r, ip_family_bits(info->ip_family));
	else if (info->kind == BGP_NLRI_PREFIX)
		skip_prefixes(&r, ip_family_bits(info->ip_family));
	if (LIKELY(reader_left(&r) == 0))
		return BGP_OK;
	return check_each(run, r, context, ret_error, why);
}

bool bgp_nlri_next(struct bgp_nlri_run *run, bool addpath, struct bgp_nlri *ret_nlri)
{
	const struct bgp_family_info *info;
	struct reader *r = &run->reader;
	enum bgp_verdict verdict;
	const char *wrong;

	if (run->family == BGP_FAMILY_NONE)
		return false;
	info = bgp_family_info(run->family);
	do {
		if (reader_left(r) == 0)
			return false;
		ret_nlri->path_id = addpath ? reader_u32(r) : 0;
		ret_nlri->key_length = ret_nlri->data_length = 0;
		verdict = shape_of(info)->decode(info, run, r, ret_nlri, &wrong);
		/* an empty FlowSpec, an SR policy of a wrong length: no route to withdraw */
	} while ((verdict == BGP_ATTRIBUTE_DISCARD ||
		  (verdict == BGP_TREAT_AS_WITHDRAW && ret_nlri->key_length == 0)) &&
		 !r->failed);
	return verdict != BGP_DISABLE_FAMILY && !r->failed;
}

void bgp_nlri_from_prefix(const struct ip_prefix *prefix, struct bgp_nlri *ret_nlri)
{
	size_t octets = ((size_t)prefix->length + 7) / 8;

	ret_nlri->path_id = 0;
	ret_nlri->key_length = (uint16_t)(octets + 1);
	ret_nlri->data_length = 0;
	ret_nlri->key[0] = prefix->length;
	memcpy(ret_nlri->key + 1, prefix->addr.bytes, octets);
}

bool bgp_nlri_to_prefix(enum bgp_family family, const struct bgp_nlri *nlri,
			struct ip_prefix *ret_prefix)
{
	const struct bgp_family_info *info = bgp_family_info(family);
	struct reader r = reader_of(nlri->key, nlri->key_length);
	struct ip_prefix prefix = { .length = reader_u8(&r) };

	if (info->kind != BGP_NLRI_PREFIX && info->kind != BGP_NLRI_LABELED &&
	    info->kind != BGP_NLRI_VPN)
		return false;
	if (info->kind == BGP_NLRI_VPN)
		(void)reader_bytes(&r, RD_BYTES);
	if (prefix.length > ip_family_bits(info->ip_family))
		return false;
	prefix.addr.family = info->ip_family;
	reader_copy(&r, prefix.addr.bytes, ((size_t)prefix.length + 7) / 8);
	if (r.failed)
		return false;
	*ret_prefix = prefix;
	return true;
}

size_t bgp_nlri_encoded_length(enum bgp_family family, const struct bgp_nlri *nlri, bool withdraw,
			       bool addpath)
{
	const struct bgp_family_info *info = bgp_family_info(family);

	return (addpath ? PATH_ID_BYTES : 0u) +
	       shape_of(info)->encoded_length(info, nlri, withdraw);
}

void bgp_nlri_encode(struct writer *w, enum bgp_family family, const struct bgp_nlri *nlri,
		     bool withdraw, bool addpath)
{
	const struct bgp_family_info *info = bgp_family_info(family);

	if (addpath)
		writer_u32(w, nlri->path_id);
	shape_of(info)->encode(w, info, nlri, withdraw);
}

void bgp_nlri_format(enum bgp_family family, const struct bgp_nlri *nlri, bool labels,
		     struct buf *to)
{
	const struct bgp_family_info *info = bgp_family_info(family);

	shape_of(info)->format(info, nlri, labels, to);
}

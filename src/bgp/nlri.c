/*
 * nlri: network layer reachability information, one by one.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4.3, 4760 5, 7606 5.3 (what is syntactically wrong), 7911 3 (path identifiers).
 */
#include "bgp/nlri.h"

/* Octets of the NLRI at the front of r, path identifier included; 0 when it is wrong. */
static size_t nlri_measure(const struct reader *r, unsigned length_max, size_t path_id_bytes)
{
	struct reader peek = *r;
	size_t octets;
	uint8_t bits;

	(void)reader_bytes(&peek, path_id_bytes);
	bits = reader_u8(&peek);
	if (peek.failed || bits > length_max)
		return 0;
	octets = ((size_t)bits + 7) / 8;
	if (reader_left(&peek) < octets)
		return 0;
	return path_id_bytes + 1 + octets;
}

/* Steps over right NLRI as long as there is any. */
static void nlri_skip_all(struct reader *r, unsigned length_max)
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

enum bgp_verdict bgp_nlri_check(const struct bgp_nlri_run *run, const struct bgp_context *context,
				struct bgp_notification *ret_error, struct error *why)
{
	struct reader r = run->reader;
	unsigned length_max;
	size_t step = 1;

	if (run->family == BGP_FAMILY_NONE)
		return BGP_OK;
	length_max = ip_family_bits(bgp_family_info(run->family)->ip_family);
	if (!context->addpath[run->family])
		nlri_skip_all(&r, length_max);
	while (step != 0 && reader_left(&r) != 0) {
		step = nlri_measure(&r, length_max, context->addpath[run->family] ? 4 : 0);
		(void)reader_bytes(&r, step);
	}
	if (reader_left(&r) == 0)
		return BGP_OK;
	error_set(why, "%s NLRI at offset %zu is %s", bgp_family_info(run->family)->name,
		  reader_offset(&r), reader_left(&r) < 5 ? "cut off" : "wrong");
	bgp_notification_set(ret_error, BGP_ERROR_UPDATE,
			     run->family == BGP_IPV4_UNICAST ? BGP_UPDATE_INVALID_NETWORK
							     : BGP_UPDATE_OPTIONAL_ERROR,
			     NULL, 0);
	return BGP_SESSION_RESET;
}

bool bgp_nlri_next(struct bgp_nlri_run *run, bool addpath, struct bgp_nlri *ret_nlri)
{
	struct reader *r = &run->reader;
	size_t octets;
	uint8_t bits;

	if (run->family == BGP_FAMILY_NONE || reader_left(r) == 0)
		return false;
	ret_nlri->path_id = addpath ? reader_u32(r) : 0;
	bits = reader_u8(r);
	octets = ((size_t)bits + 7) / 8;
	if (octets + 1 > sizeof(ret_nlri->key)) /* the run was not checked */
		return false;
	ret_nlri->key[0] = bits;
	reader_copy(r, ret_nlri->key + 1, octets);
	if (bits % 8 != 0)
		ret_nlri->key[octets] &= (uint8_t)(0xff << (8 - bits % 8));
	ret_nlri->key_length = (uint16_t)(octets + 1);
	ret_nlri->data_length = 0;
	return !r->failed;
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
	struct ip_prefix prefix = { .length = nlri->key[0] };

	if (bgp_family_info(family)->kind != BGP_NLRI_PREFIX)
		return false;

	prefix.addr.family = bgp_family_info(family)->ip_family;
	memcpy(prefix.addr.bytes, nlri->key + 1,
	       MIN((size_t)nlri->key_length - 1, sizeof(prefix.addr.bytes)));
	*ret_prefix = prefix;
	return true;
}

size_t bgp_nlri_encoded_length(enum bgp_family family, const struct bgp_nlri *nlri, bool withdraw,
			       bool addpath)
{
	(void)family;
	(void)withdraw;
	return (addpath ? 4u : 0u) + nlri->key_length;
}

void bgp_nlri_encode(struct writer *w, enum bgp_family family, const struct bgp_nlri *nlri,
		     bool withdraw, bool addpath)
{
	(void)family;
	(void)withdraw;
	if (addpath)
		writer_u32(w, nlri->path_id);
	writer_bytes(w, nlri->key, nlri->key_length);
}

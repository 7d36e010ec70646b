/*
 * nlri_shape: how an NLRI of one kind is read, written and printed.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Internal to bgp/: nlri.c dispatches by the kind of a family to one of these; the files nlri_*.c
 * have one each, or a few that are alike. The path identifier (RFC 7911) is nlri.c's.
 */
#ifndef BGP_NLRI_SHAPE_H
#define BGP_NLRI_SHAPE_H

#include "base/buf.h"
#include "bgp/nlri.h"

struct nlri_shape {
	/*
	 * Reads one NLRI into key and data, which a withdrawn one has not. *ret_wrong is set to a
	 * static text unless the verdict is
	 *   BGP_OK
	 *   BGP_ATTRIBUTE_DISCARD  stepped over and to be left out
	 *   BGP_TREAT_AS_WITHDRAW  read, but what it announces must not be used
	 *   BGP_DISABLE_FAMILY     where it ends, or what its key is, cannot be known
	 */
	enum bgp_verdict (*decode)(const struct bgp_family_info *info,
				   const struct bgp_nlri_run *run, struct reader *r,
				   struct bgp_nlri *nlri, const char **ret_wrong);
	size_t (*encoded_length)(const struct bgp_family_info *info, const struct bgp_nlri *nlri,
				 bool withdraw);
	void (*encode)(struct writer *w, const struct bgp_family_info *info,
		       const struct bgp_nlri *nlri, bool withdraw);
	/* The key, and with `data` the data too. Must bear keys that decode did not make. */
	void (*format)(const struct bgp_family_info *info, const struct bgp_nlri *nlri, bool data,
		       struct buf *to);
};

extern const struct nlri_shape nlri_shape_prefix;
extern const struct nlri_shape nlri_shape_labeled;
extern const struct nlri_shape nlri_shape_vpn;
extern const struct nlri_shape nlri_shape_route_target;
extern const struct nlri_shape nlri_shape_sr_policy;
extern const struct nlri_shape nlri_shape_evpn;
extern const struct nlri_shape nlri_shape_flowspec;
extern const struct nlri_shape nlri_shape_vpn_flowspec;
extern const struct nlri_shape nlri_shape_type_length;
extern const struct nlri_shape nlri_shape_link_state;
extern const struct nlri_shape nlri_shape_vpls;

/* The whole key as it stands on the wire, for shapes that have nothing else. */
size_t nlri_shape_key_length(const struct bgp_family_info *info, const struct bgp_nlri *nlri,
			     bool withdraw);
void nlri_shape_encode_key(struct writer *w, const struct bgp_family_info *info,
			   const struct bgp_nlri *nlri, bool withdraw);

/* Adds the next `length` octets to the key, of which a bounds check was made. */
static inline void nlri_key_add(struct bgp_nlri *nlri, struct reader *r, size_t length)
{
	assert(nlri->key_length + length <= sizeof(nlri->key));
	reader_copy(r, nlri->key + nlri->key_length, length);
	nlri->key_length = (uint16_t)(nlri->key_length + length);
}

static inline void nlri_data_add(struct bgp_nlri *nlri, struct reader *r, size_t length)
{
	assert(nlri->data_length + length <= sizeof(nlri->data));
	reader_copy(r, nlri->data + nlri->data_length, length);
	nlri->data_length = (uint16_t)(nlri->data_length + length);
}

/* The first `bits` of the next octets, the bits behind them zeroed, as part of the key. */
void nlri_key_add_bits(struct bgp_nlri *nlri, struct reader *r, size_t bits);

/* Why an NLRI is left out whose key would be longer than BGP_NLRI_KEY_BYTES_MAX. */
extern const char nlri_key_too_long[];

/* What is left of r, as digits in brackets. */
void nlri_format_rest(struct reader *r, struct buf *to);
/* An address of 4 or 16 octets. */
void nlri_format_ip(struct reader *r, size_t bytes, struct buf *to);
/* An RD: "65000:1". */
void nlri_format_rd(struct reader *r, struct buf *to);

#endif

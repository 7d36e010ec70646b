/*
 * update: the UPDATE message, cut into its parts and put together.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4.3, 4760, 7606, 7911. Cutting is cheap and decodes no attribute: a receiver looks up
 * the attribute bytes first, and decodes them only when it sees them for the first time.
 */
#ifndef BGP_UPDATE_H
#define BGP_UPDATE_H

#include "base/base.h"
#include "base/ip.h"
#include "base/reader.h"
#include "base/writer.h"
#include "bgp/attrs.h"
#include "bgp/family.h"
#include "bgp/mp_reach.h"
#include "bgp/nlri.h"

struct bgp_update {
	/* The attribute bytes to intern and decode: MP_UNREACH_NLRI and MP_REACH_NLRI's NLRI left
	 * out. Points into the body, or into `scratch` when something had to be left out. */
	const uint8_t *key;
	size_t key_length;
	/* The attributes of the MP_REACH_NLRI run. The same as `key`, except in the rare UPDATE
	 * that announces both in MP_REACH_NLRI and in its NLRI field: then `key` is without
	 * MP_REACH_NLRI and is for the NLRI field only. */
	const uint8_t *mp_key;
	size_t mp_key_length;
	bool announces; /* some NLRI is announced */
	/* There are attributes, but no NLRI field and no MP_REACH_NLRI, of whatever family: the key
	 * is to be decoded all the same, without NLRI (RFC 7606 5.2). */
	bool bare;
	/* Withdrawn: [0] the Withdrawn Routes field, [1] MP_UNREACH_NLRI. Announced: [0]
	 * MP_REACH_NLRI, [1] the NLRI field. Withdrawals are applied first. */
	struct bgp_nlri_run withdrawn[2];
	struct bgp_nlri_run announced[2];
	/* End-of-RIB marker of this family (RFC 4724 2), else BGP_FAMILY_NONE */
	enum bgp_family end_of_rib;
	/* At BGP_DISABLE_FAMILY: the family to disable, of which no run of an MP attribute is here;
	 * all else is to be applied. Else BGP_FAMILY_NONE. */
	enum bgp_family disabled;
	/* What is announced is to be treated as withdraw, at BGP_TREAT_AS_WITHDRAW and, beside a
	 * disabled family, at BGP_DISABLE_FAMILY. */
	bool malformed;
	uint8_t scratch[2 * BGP_MESSAGE_BYTES_MAX_EXTENDED]; /* never cleared */
};

/* The fields of an UPDATE's body, of which nothing was looked at. */
struct bgp_update_fields {
	struct reader withdrawn;
	struct reader attrs;
	struct reader nlri;
};

/* False when they exceed the body. */
bool bgp_update_fields(const uint8_t *body, size_t length,
		       struct bgp_update_fields *ret_fields) MUST_CHECK;

/*
 * Cuts the body of an UPDATE. Returns BGP_OK, or the verdict with *ret_error and `why` (may be
 * NULL) as bgp_attrs_decode: the lengths were wrong (session reset), an MP attribute occurs twice
 * or ends before its family (session reset), an MP attribute has wrong flags, ends before its NLRI
 * or has a next hop that its family cannot have (disable family, with *ret_error for who resets the
 * session instead; RFC 7606 5.3, 7.11), the attributes end inside one, or NEXT_HOP is missing
 * beside an NLRI field (treat-as-withdraw: the runs are there, the key is not to be used), a family
 * is unknown or not negotiated (attribute discard: its run is left out). NLRI inside the runs is
 * not validated yet: bgp_nlri_check does that. *ret_update is filled in but for
 * `scratch` whenever the verdict is not a session reset.
 */
enum bgp_verdict bgp_update_cut(const uint8_t *body, size_t length,
				const struct bgp_context *context, struct bgp_update *ret_update,
				struct bgp_notification *ret_error, struct error *why) MUST_CHECK;

/* Writing an UPDATE: _begin leaves room for the lengths; attributes are bytes that bgp_attrs_encode
 * made. The family decides where NLRI goes: classic fields for ipv4-unicast, unless its next hop is
 * an IPv6 address (RFC 8950), MP attributes for others (first of all attributes, RFC 7606 5.1: so
 * `attrs` must stay until _end). Each NLRI is
 * added while it fits; _end patches the lengths, and takes back a message without NLRI (it would be
 * an End-of-RIB marker). */
struct bgp_update_writer {
	struct writer *w;
	enum bgp_family family;
	bool withdraw;
	bool addpath;
	bool plain;   /* an NLRI is its key */
	bool classic; /* NLRI is in the classic fields */
	size_t message_start;
	size_t attrs_length_at;
	size_t mp_length_at;
	size_t nlri_start;
	size_t limit; /* octets of the message */
	const uint8_t *attrs;
	size_t attrs_length;
	unsigned count; /* NLRI added */
};

/* `attrs`/`attrs_length` NULL/0 with `withdraw`. `next_hop` is for MP_REACH_NLRI; NULL, or not
 * IPv6, for ipv4-unicast in the classic fields. */
void bgp_update_begin(struct bgp_update_writer *u, struct writer *w, enum bgp_family family,
		      bool withdraw, bool addpath, const uint8_t *attrs, size_t attrs_length,
		      const struct ip_addr *next_hop, size_t message_bytes_max);
/* Likewise, to announce, with the MP_REACH_NLRI that bgp_mp_reach_encode wrote; with a length of 0
 * ipv4-unicast goes in the classic fields. */
void bgp_update_begin_mp(struct bgp_update_writer *u, struct writer *w, enum bgp_family family,
			 bool addpath, const uint8_t *attrs, size_t attrs_length,
			 const uint8_t *mp_reach, size_t mp_reach_length, size_t message_bytes_max);
/* False when it does not fit any more: end the message and begin another. False for the first NLRI
 * (`count` is 0): these attributes leave no room for any. */
bool bgp_update_add(struct bgp_update_writer *u, const struct bgp_nlri *nlri) MUST_CHECK;
void bgp_update_end(struct bgp_update_writer *u);
/* The End-of-RIB marker of a family. */
void bgp_end_of_rib_encode(struct writer *w, enum bgp_family family);

#endif

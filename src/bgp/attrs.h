/*
 * attrs: path attributes, decoded.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4.3 and 5, 1997, 4360, 4456, 4760, 6793, 7606, 8092. Decoded attributes point into the
 * block that they were decoded from, or into the arena; AS numbers are always 4 octets wide in
 * them, whatever the session speaks.
 *
 *   attrs_table.c    a row for each: name, flags, lengths, what a malformed one leads to
 *   attrs_decode.c   the walk over a block and the verdict; attrs_values.c its values,
 *                    attrs_carried.c those that are only carried
 *   attrs_encode.c   the way back
 *   attrs.c          questions and small changes
 *   attrs_format.c   text; attr_value_format.c, communities_format.c values as octets
 */
#ifndef BGP_ATTRS_H
#define BGP_ATTRS_H

#include "base/arena.h"
#include "base/base.h"
#include "base/ip.h"
#include "base/writer.h"
#include "bgp/message.h"

/* RFC 7606 2: strongest last, so that the strongest of several is their maximum. */
enum bgp_verdict {
	BGP_OK,
	BGP_ATTRIBUTE_DISCARD, /* some attributes were left out of the result */
	BGP_TREAT_AS_WITHDRAW,
	BGP_DISABLE_FAMILY,
	BGP_SESSION_RESET, /* with a NOTIFICATION */
};

enum bgp_attr_code {
	BGP_ATTR_ORIGIN = 1,
	BGP_ATTR_AS_PATH = 2,
	BGP_ATTR_NEXT_HOP = 3,
	BGP_ATTR_MED = 4,
	BGP_ATTR_LOCAL_PREF = 5,
	BGP_ATTR_ATOMIC_AGGREGATE = 6,
	BGP_ATTR_AGGREGATOR = 7,
	BGP_ATTR_COMMUNITIES = 8,
	BGP_ATTR_ORIGINATOR_ID = 9,
	BGP_ATTR_CLUSTER_LIST = 10,
	BGP_ATTR_MP_REACH_NLRI = 14,
	BGP_ATTR_MP_UNREACH_NLRI = 15,
	BGP_ATTR_EXTENDED_COMMUNITIES = 16,
	BGP_ATTR_AS4_PATH = 17,
	BGP_ATTR_AS4_AGGREGATOR = 18,
	BGP_ATTR_PMSI_TUNNEL = 22,	    /* carried */
	BGP_ATTR_TUNNEL_ENCAPSULATION = 23, /* carried */
	BGP_ATTR_IPV6_EXT_COMMUNITIES = 25, /* carried */
	BGP_ATTR_AIGP = 26,
	BGP_ATTR_LINK_STATE = 29, /* carried */
	BGP_ATTR_LARGE_COMMUNITIES = 32,
	BGP_ATTR_ONLY_TO_CUSTOMER = 35,
	BGP_ATTR_PREFIX_SID = 40, /* carried */
	BGP_ATTR_ATTR_SET = 128,  /* carried */
};

#define BGP_COMMUNITY_NO_EXPORT 0xffffff01u
#define BGP_COMMUNITY_NO_ADVERTISE 0xffffff02u
#define BGP_COMMUNITY_NO_EXPORT_SUBCONFED 0xffffff03u
#define BGP_COMMUNITY_GRACEFUL_SHUTDOWN 0xffff0000u /* RFC 8326 */
#define BGP_COMMUNITY_LLGR_STALE 0xffff0006u	    /* RFC 9494 */
#define BGP_COMMUNITY_NO_LLGR 0xffff0007u

/* How a session shapes what its attribute bytes mean: part of the interning key. */
struct bgp_context {
	bool as4; /* 4-octet AS numbers on the wire */
	bool ibgp;
	bool addpath[BGP_FAMILY_COUNT]; /* path identifiers in NLRI that we receive */
	/* Families that the session did not agree on: an UPDATE's NLRI of them is left out. */
	bool not_negotiated[BGP_FAMILY_COUNT];
	bool refuse_as_sets; /* RFC 9774: AS_SET and AS_CONFED_SET lead to treat-as-withdraw */
	bool aigp;	     /* RFC 7311 3.4: AIGP is taken on this session; else it is discarded */
	/* RFC 8950: IPv6 next hops in families that by themselves have IPv4 ones */
	bool extended_next_hop[BGP_FAMILY_COUNT];
	/* RFC 8277 2.1, agreed on: the receiver takes so many labels with a prefix, and the bottom
	 * bit ends them. 0: it is one, whatever that bit says (2.2). */
	uint8_t labels_max[BGP_FAMILY_COUNT];
	uint32_t message_bytes_max;
};

#define BGP_LOCAL_PREF_DEFAULT 100u
/* The longest AS_PATH that a decode gives and an encode writes: what the largest message holds
 * beside ORIGIN, NEXT_HOP and an NLRI of an octet. A longer one (after widening) is malformed. */
#define BGP_AS_PATH_BYTES_MAX 65496u

/* A small number that equals for contexts in which the same attribute bytes decode to the same
 * attributes. */
uint8_t bgp_context_class(const struct bgp_context *context);
/* A context of that class: what decodes attribute bytes that were kept with it. */
void bgp_context_of_class(uint8_t class, struct bgp_context *ret_context);

struct bgp_attrs {
	uint64_t present; /* bit N: attribute with code N (N < 64) is there and decoded */
	uint64_t partial; /* bit N: optional transitive, it came with the Partial bit, which stays
			   * (RFC 4271 5) */
	uint8_t origin;	  /* 0 IGP, 1 EGP, 2 INCOMPLETE */
	bool atomic_aggregate;
	uint32_t med;
	uint32_t local_pref;	/* BGP_LOCAL_PREF_DEFAULT when absent */
	uint32_t originator_id; /* host order */
	uint32_t aggregator_as;
	uint32_t aggregator_address; /* host order */
	uint32_t only_to_customer;   /* RFC 9234 5: an AS number */
	uint64_t aigp;		     /* RFC 7311 3: the metric of the first AIGP TLV */
	/* of NEXT_HOP, or the global one of MP_REACH_NLRI; IP_NONE where a family has none */
	struct ip_addr next_hop;
	struct ip_addr next_hop_link_local; /* IP_NONE when absent */
	enum bgp_family mp_family;	    /* of MP_REACH_NLRI; BGP_FAMILY_NONE */
	/* AS_PATH in wire form, 4-octet ASNs */
	const uint8_t *as_path;
	uint16_t as_path_bytes;
	uint16_t
		as_path_length; /* for the decision: an AS_SET counts 1, confederation segments 0 */
	asn_t neighbor_as;	/* leftmost AS; 0 for an empty path, or when it starts with a set */
	asn_t origin_as;	/* rightmost; likewise */
	/* in network order, as on the wire */
	const uint8_t *communities;
	uint16_t communities_bytes;
	const uint8_t *cluster_list;
	uint16_t cluster_list_bytes;
	const uint8_t *extended_communities;
	uint16_t extended_communities_bytes;
	const uint8_t *large_communities;
	uint16_t large_communities_bytes;
	/* the whole AIGP value: TLVs, of which all but the first are passed on untouched */
	const uint8_t *aigp_tlvs;
	uint16_t aigp_tlvs_bytes;
	/* attributes that are passed on as they came: whole, with header, ascending by code.
	 * Optional transitive ones that we do not know, with the Partial bit set; and those that we
	 * know but only carry: they were checked, and have no bit in `present`. */
	const uint8_t *unknown;
	uint16_t unknown_bytes;
};

static inline bool bgp_attrs_has(const struct bgp_attrs *a, enum bgp_attr_code code)
{
	return (a->present >> code & 1) != 0;
}

/*
 * Decodes and validates a block of path attributes (the key of struct bgp_update: MP_REACH_NLRI may
 * be in it, with its next hop but without NLRI; MP_UNREACH_NLRI is not). The result points into
 * `bytes` and `arena`. `has_nlri`: the UPDATE announces something, so that mandatory attributes
 * must be there (RFC 7606 3d); without, an error that would be treat-as-withdraw is a session reset
 * (RFC 7606 5.2). Returns the verdict; *ret_attrs is set at BGP_OK and BGP_ATTRIBUTE_DISCARD only;
 * at BGP_SESSION_RESET *ret_error is the NOTIFICATION, and at anything but BGP_OK `why` (may be
 * NULL) names attribute and offset.
 */
enum bgp_verdict bgp_attrs_decode(const uint8_t *bytes, size_t length,
				  const struct bgp_context *context, bool has_nlri,
				  struct arena *arena, struct bgp_attrs *ret_attrs,
				  struct bgp_notification *ret_error, struct error *why) MUST_CHECK;

/*
 * Writes the attributes in ascending order of code, 4-octet or 2-octet AS numbers (then with
 * AS4_PATH where needed, RFC 6793 4.2.2). For BGP_IPV4_UNICAST NEXT_HOP is written; for another
 * family the caller writes MP_REACH_NLRI himself (bgp_mp_reach_*), which this leaves out.
 * Attributes that grew past 255 octets get the extended length.
 */
void bgp_attrs_encode(struct writer *w, const struct bgp_attrs *attrs, enum bgp_family family,
		      bool as4);

/* "AS_PATH"; NULL for a code that we do not know. */
const char *bgp_attr_name(uint8_t code);

/* Does the COMMUNITIES attribute hold this community? */
bool bgp_attrs_has_community(const struct bgp_attrs *attrs, uint32_t community);
/* How often does `as` occur in AS_PATH (sets and confederation segments included)? */
unsigned bgp_as_path_count(const struct bgp_attrs *attrs, asn_t as);
bool bgp_cluster_list_has(const struct bgp_attrs *attrs, uint32_t cluster_id);

/*
 * Changes to a copy of the attributes, in place; new bytes are in `arena`.
 * _prepend: RFC 4271 5.1.2 (a full first segment of 255 starts a new one).  _replace: every `from`
 * becomes `to` (as-override). _cluster_list_prepend: RFC 4456 8.
 */
void bgp_as_path_prepend(struct bgp_attrs *attrs, asn_t as, struct arena *arena);
void bgp_as_path_replace(struct bgp_attrs *attrs, asn_t from, asn_t to, struct arena *arena);
void bgp_cluster_list_prepend(struct bgp_attrs *attrs, uint32_t cluster_id, struct arena *arena);
/* The value of an attribute that is only carried becomes this, if it is there; `length` 0: it is
 * left out. */
void bgp_attrs_set_carried(struct bgp_attrs *attrs, uint8_t code, const uint8_t *value,
			   uint16_t length, struct arena *arena);

/* Walking over all attributes that are there, ascending by code, MP_REACH_NLRI left out. */
struct bgp_attr_item {
	uint8_t code;
	uint8_t flags; /* as bgp_attrs_encode would write them, but for the extended length */
	/* the value's octets for those that are only carried, or unknown; else NULL */
	const uint8_t *value;
	uint16_t value_bytes;
};
struct bgp_attrs_walk {
	const struct bgp_attrs *attrs;
	unsigned next_code;
	const uint8_t *unknown_next;
};
struct bgp_attrs_walk bgp_attrs_walk(const struct bgp_attrs *attrs);
bool bgp_attrs_walk_next(struct bgp_attrs_walk *walk, struct bgp_attr_item *ret_item);

/*
 * Text as operators read it, appended to a buf; lists have a blank between their elements.
 * bgp_attr_format: the value of one attribute, without its name: "igp", "64521 64522 {64523}",
 * "rt:65000:1 encap:vxlan". Of unknown ones, and of what is malformed: hexadecimal octets.
 * bgp_attrs_format: all of them, as "ORIGIN igp, AS_PATH 64521, ...", unknown ones as "attribute
 * 99 (optional transitive partial) 0a0b".
 */
struct buf;
void bgp_attr_format(const struct bgp_attrs *attrs, const struct bgp_attr_item *item,
		     struct buf *to);
void bgp_attrs_format(const struct bgp_attrs *attrs, struct buf *to);
/* The octets of a value that was never decoded. AS numbers in them are 4 octets wide. */
void bgp_attr_value_format(uint8_t code, const uint8_t *value, size_t length, struct buf *to);
void bgp_as_path_format(const struct bgp_attrs *attrs, struct buf *to);
const char *bgp_origin_name(uint8_t origin); /* "igp", "egp", "incomplete" */

#endif

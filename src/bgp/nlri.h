/*
 * nlri: network layer reachability information of every family.
 * SPDX-License-Identifier: Apache-2.0
 *
 * To everybody above, an NLRI is a key of octets, and with it, in some families, data: what is
 * announced along with the key and may change without the route becoming another one (the labels
 * of a VPN route; the ESI, gateway and labels of an EVPN route). Two NLRI are the same route when
 * their keys are the same octets. What the octets mean is known here alone. RFC 4271 4.3, 4364,
 * 4659, 4684, 4761, 6514, 7432, 7606 5.3, 7911, 8277, 8955, 8956, 9136, 9552, 9830.
 *
 *   kind         key                                             data
 *   prefix       length in bits, address (bits past it zero)     -
 *   labeled      length in bits without labels, address          label stack
 *   VPN          likewise (RD not counted), RD, address          label stack
 *   EVPN         type, then the fields that make the key         ESI (types 2, 5), gateway, labels
 *                (types 6 to 8: type and value but the end;      flags (RFC 9251)
 *                 unknown types: type and the whole value)
 *   MVPN         type, value                                     -
 *   FlowSpec     [RD,] components, without the length            -
 *   VPLS         length, RD, VE ID, block offset                 block size, label base
 *                (lengths but 17: the whole)
 *   others       length field and all, as on the wire            -
 *
 * A withdrawn NLRI has no data. NLRI of BGP-LS and VPLS whose key would be longer than
 * BGP_NLRI_KEY_BYTES_MAX are left out of a run; in no other family can a key be as long.
 */
#ifndef BGP_NLRI_H
#define BGP_NLRI_H

#include "base/base.h"
#include "base/ip.h"
#include "base/reader.h"
#include "base/writer.h"
#include "bgp/attrs.h"
#include "bgp/family.h"

#define BGP_NLRI_KEY_BYTES_MAX 4098u
#define BGP_NLRI_DATA_BYTES_MAX 60u
#define BGP_LABEL_BYTES 3u

struct bgp_nlri {
	uint32_t path_id; /* 0 without ADD-PATH */
	uint16_t key_length;
	uint16_t data_length;
	uint8_t data[BGP_NLRI_DATA_BYTES_MAX];
	uint8_t key[BGP_NLRI_KEY_BYTES_MAX]; /* never cleared: do not copy or zero the whole */
};

/* A run of NLRI of one family in one direction. */
struct bgp_nlri_run {
	enum bgp_family family; /* BGP_FAMILY_NONE: none here */
	bool withdrawn;		/* labels mean nothing there (RFC 8277 2.4) */
	struct reader reader;
	bool mp;	    /* ipv4-unicast in an MP attribute, not in the classic field */
	uint8_t labels_max; /* of bgp_context */
};

/*
 * Checks a whole run without keeping anything; to be called before any of it is applied. `why` (may
 * be NULL) names attribute, family and offset of the first NLRI that led to the verdict:
 *
 * - BGP_OK.
 * - BGP_ATTRIBUTE_DISCARD: bgp_nlri_next leaves some out: wrong inside (RFC 9552 8.2.2), too long.
 * - BGP_TREAT_AS_WITHDRAW: a FlowSpec that is malformed inside (RFC 8955 4.2), an EVPN prefix with
 *   both an ESI and a gateway (RFC 9136 3.2), more labels than were agreed on (RFC 8277 2.1), an SR
 *   policy of a length that is not of its family (RFC 9830 5).
 *   bgp_nlri_next gives all of the run but what has no key,
 *   which is to be withdrawn. Never for a withdrawn run.
 * - BGP_DISABLE_FAMILY: syntactically wrong in an MP attribute (RFC 7606 5.3). Use nothing of the
 *   run, nor of what comes in the family later; *ret_error is the NOTIFICATION for who resets the
 *   session instead (RFC 4760 7).
 * - BGP_SESSION_RESET: syntactically wrong in a classic field, with *ret_error.
 */
enum bgp_verdict bgp_nlri_check(const struct bgp_nlri_run *run, const struct bgp_context *context,
				struct bgp_notification *ret_error, struct error *why) MUST_CHECK;

/* The next NLRI of a checked run; false at the end. */
bool bgp_nlri_next(struct bgp_nlri_run *run, bool addpath, struct bgp_nlri *ret_nlri);

/* Octets that bgp_nlri_encode will write. */
size_t bgp_nlri_encoded_length(enum bgp_family family, const struct bgp_nlri *nlri, bool withdraw,
			       bool addpath);
/* Writes one NLRI. With `withdraw` the label is the one that says nothing (RFC 8277 2.4), and other
 * data zero, but that of VPLS stays when it is there; where an announced one has no data, the label
 * is implicit null and other data zero. */
void bgp_nlri_encode(struct writer *w, enum bgp_family family, const struct bgp_nlri *nlri,
		     bool withdraw, bool addpath);

/* As operators read it: "192.0.2.0/24", "65000:1:192.0.2.0/24", "[2][65000:1][0][48][02:00:...]".
 * `labels`: with the data, as " label 100". Appended to `to`. */
struct buf;
void bgp_nlri_format(enum bgp_family family, const struct bgp_nlri *nlri, bool labels,
		     struct buf *to);

void bgp_nlri_from_prefix(const struct ip_prefix *prefix, struct bgp_nlri *ret_nlri);
/* The IP prefix in it, without RD: of the kinds prefix, labeled and VPN. False for others. */
bool bgp_nlri_to_prefix(enum bgp_family family, const struct bgp_nlri *nlri,
			struct ip_prefix *ret_prefix);

/* IPv4 fast path: the next prefix of an IPv4 unicast run without ADD-PATH, as address (host order,
 * canonical) and length. False at the end, and at what is no prefix, in a run that was not checked.
 */
static inline bool bgp_nlri_next_ipv4(struct reader *r, uint32_t *ret_address, uint8_t *ret_length)
{
	const uint8_t *p = r->next;
	size_t octets;
	uint32_t address = 0;

	if (p >= r->end)
		return false;
	octets = LIKELY((uint8_t)(*p - 17) < 8) ? 3 : (size_t)(*p + 7) / 8;
	if (UNLIKELY(octets > 4 || (size_t)(r->end - p) <= octets))
		return false;
	if (LIKELY(r->end - p >=
		   5)) { /* all four octets without a loop; the mask clears the rest */
		address = (uint32_t)p[1] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 8 | p[4];
	} else {
		for (size_t i = 0; i < octets; i++)
			address |= (uint32_t)p[1 + i] << (24 - 8 * i);
	}
	*ret_length = *p;
	*ret_address = (uint32_t)(address & ~(UINT64_C(0xffffffff) >> *p));
	r->next = p + 1 + octets;
	return true;
}

#endif

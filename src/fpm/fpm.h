/*
 * fpm: the Forwarding Plane Manager protocol, routes and nexthop objects as rtnetlink in frames.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A frame is a version (1), a type (1: netlink), a 16-bit length in network order that includes
 * these 4 octets, and one rtnetlink message. docs/INTERFACES.md section 5 says what the messages
 * mean here; the messages themselves are `rtnl/`'s. Encoder and decoder both are here; neither
 *knows a socket. Every `_put` appends one whole frame to the buffer.
 *
 *	heliod:  fpm_put_nexthop(&out, RTNL_REPLACE, &(struct rtnl_nexthop){ .id = 7, .table = 1,
 *			.family = IP_V4, .gateway = overlay });
 *		 fpm_put_route(&out, RTNL_REPLACE, &(struct rtnl_route){ .prefix = prefix,
 *			.table = 1, .protocol = RTPROT_BGP, .nexthop_id = 7 });
 *		 fpm_put_end_of_rib(&out, 1);
 */
#ifndef FPM_FPM_H
#define FPM_FPM_H

#include "rtnl/nexthop.h"
#include "rtnl/route.h"

/* RTNL_REPLACE or RTNL_DELETE; `table` of the object must be set. */
void fpm_put_nexthop(struct buf *buf, enum rtnl_verb verb, const struct rtnl_nexthop *nexthop);
void fpm_put_route(struct buf *buf, enum rtnl_verb verb, const struct rtnl_route *route);
void fpm_put_end_of_rib(struct buf *buf, uint32_t table);

enum fpm_kind {
	FPM_NEXTHOP,
	FPM_NEXTHOP_DELETE,
	FPM_ROUTE,
	FPM_ROUTE_DELETE,
	FPM_END_OF_RIB,
	FPM_OTHER, /* well-formed, of a kind that has no meaning here */
};

struct fpm_event {
	enum fpm_kind kind;
	uint32_t table; /* RTA_TABLE, of every kind but FPM_OTHER */
	union {
		struct rtnl_nexthop nexthop; /* FPM_NEXTHOP, FPM_NEXTHOP_DELETE */
		struct rtnl_route route;     /* FPM_ROUTE, FPM_ROUTE_DELETE */
	};
};

/* Decodes the frame at the start of the bytes. Returns 1 with the event and the octets that the
 * frame took, 0 when the frame is not there whole, -1 with words when the bytes are no frame (the
 * stream is lost then). */
int fpm_decode(const void *bytes, size_t length, size_t *ret_used, struct fpm_event *ret_event,
	       struct error *e) MUST_CHECK;

#endif

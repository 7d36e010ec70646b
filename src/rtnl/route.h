/*
 * route: routes in rtnetlink (RTM_NEWROUTE, RTM_DELROUTE).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RTNL_ROUTE_H
#define RTNL_ROUTE_H

#include "rtnl/message.h"

struct rtnl_route {
	struct ip_prefix prefix;
	uint32_t table;
	uint8_t protocol; /* RTPROT_* */
	uint8_t type;	  /* RTN_*; 0 is written as RTN_UNICAST */
	uint8_t scope;	  /* RT_SCOPE_* */
	bool onlink;
	uint32_t priority;   /* metric */
	uint32_t nexthop_id; /* a nexthop object; then neither gateway nor device is told */
	uint32_t oif;	     /* index of the device; 0: none */
	struct ip_addr gateway;
	struct ip_addr source; /* preferred source address */
	bool multipath;	       /* `_parse`: it has several next hops, which are not read */
};

void rtnl_route_put(struct buf *buf, enum rtnl_verb verb, const struct rtnl_route *route);
int rtnl_route_parse(const struct rtnl_message *message, struct rtnl_route *ret_route) MUST_CHECK;

/* The message that ends a table: NLMSG_DONE whose body is a rtmsg with RTA_TABLE (FPM, End-of-RIB).
 */
void rtnl_route_put_done(struct buf *buf, uint32_t table);
/* Reads its table from an NLMSG_DONE. */
int rtnl_route_parse_done(const struct rtnl_message *message, uint32_t *ret_table) MUST_CHECK;

#endif

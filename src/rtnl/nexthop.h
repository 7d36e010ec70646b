/*
 * nexthop: nexthop objects in rtnetlink (RTM_NEWNEXTHOP, RTM_DELNEXTHOP).
 * SPDX-License-Identifier: Apache-2.0
 *
 * Routes refer to a nexthop object by its id; replacing the object in place moves all of them with
 * one message. When the object's device goes down, the kernel deletes it with every route on it.
 */
#ifndef RTNL_NEXTHOP_H
#define RTNL_NEXTHOP_H

#include "rtnl/message.h"

struct rtnl_nexthop {
	uint32_t id;
	uint8_t family;	  /* of the routes: IP_V4 or IP_V6 */
	uint8_t protocol; /* RTPROT_* */
	bool blackhole;	  /* then neither device nor gateway */
	bool onlink;
	bool group;   /* `_parse`: it is a group, which is not read */
	uint32_t oif; /* index of the device; 0: none (only in FPM) */
	struct ip_addr gateway;
	uint32_t table; /* FPM only (attribute 0x4001): the instance's table; 0: not said */
};

void rtnl_nexthop_put(struct buf *buf, enum rtnl_verb verb, const struct rtnl_nexthop *nexthop);
int rtnl_nexthop_parse(const struct rtnl_message *message,
		       struct rtnl_nexthop *ret_nexthop) MUST_CHECK;

#endif

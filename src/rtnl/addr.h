/*
 * addr: addresses of devices in rtnetlink (RTM_NEWADDR, RTM_DELADDR).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RTNL_ADDR_H
#define RTNL_ADDR_H

#include "rtnl/message.h"

struct rtnl_addr {
	uint32_t index; /* of the device */
	struct ip_addr addr;
	uint8_t length;	  /* of the prefix, bits */
	uint8_t scope;	  /* RT_SCOPE_* */
	uint8_t protocol; /* who made it (IFA_PROTO, Linux 5.18); 0: not said */
};

void rtnl_addr_put(struct buf *buf, enum rtnl_verb verb, const struct rtnl_addr *addr);
int rtnl_addr_parse(const struct rtnl_message *message, struct rtnl_addr *ret_addr) MUST_CHECK;

#endif

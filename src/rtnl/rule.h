/*
 * rule: policy routing rules in rtnetlink (RTM_NEWRULE, RTM_DELRULE).
 * SPDX-License-Identifier: Apache-2.0
 *
 * Only what is needed here: a firewall mark that selects a table.
 */
#ifndef RTNL_RULE_H
#define RTNL_RULE_H

#include "rtnl/message.h"

struct rtnl_rule {
	uint8_t family; /* IP_V4 or IP_V6 */
	uint32_t priority;
	uint32_t mark;	  /* 0: any */
	uint32_t table;	  /* looked up when it matches */
	uint8_t protocol; /* who made it: RTPROT_* */
};

void rtnl_rule_put(struct buf *buf, enum rtnl_verb verb, const struct rtnl_rule *rule);
int rtnl_rule_parse(const struct rtnl_message *message, struct rtnl_rule *ret_rule) MUST_CHECK;

#endif

/*
 * rule: policy routing rules in rtnetlink.
 * SPDX-License-Identifier: Apache-2.0
 *
 * linux/fib_rules.h.
 */
#include "rtnl/rule.h"

#include <linux/fib_rules.h>

void rtnl_rule_put(struct buf *buf, enum rtnl_verb verb, const struct rtnl_rule *rule)
{
	struct fib_rule_hdr body = { .family = rule->family,
				     .table = (uint8_t)(rule->table < 256 ? rule->table : 0),
				     .action = FR_ACT_TO_TBL };
	uint16_t type = verb == RTNL_DELETE ? RTM_DELRULE : RTM_NEWRULE;
	size_t start = rtnl_message_begin(buf, type, rtnl_verb_flags(verb));

	buf_add(buf, &body, sizeof(body));
	rtnl_attr_put_u32(buf, FRA_TABLE, rule->table);
	rtnl_attr_put_u32(buf, FRA_PRIORITY, rule->priority);
	if (rule->mark != 0)
		rtnl_attr_put_u32(buf, FRA_FWMARK, rule->mark);
	if (rule->protocol != 0)
		rtnl_attr_put_u8(buf, FRA_PROTOCOL, rule->protocol);
	rtnl_message_end(buf, start);
}

int rtnl_rule_parse(const struct rtnl_message *message, struct rtnl_rule *ret_rule)
{
	struct reader r = message->body;
	struct rtnl_rule rule = { 0 };
	struct fib_rule_hdr body;
	struct rtnl_attrs attrs;

	reader_copy(&r, &body, sizeof(body));
	if (r.failed || rtnl_attrs_parse(&r, &attrs) < 0)
		return -1;
	rule.family = body.family;
	rule.table =
		rtnl_attrs_has(&attrs, FRA_TABLE) ? rtnl_attrs_u32(&attrs, FRA_TABLE) : body.table;
	rule.priority = rtnl_attrs_u32(&attrs, FRA_PRIORITY);
	rule.mark = rtnl_attrs_u32(&attrs, FRA_FWMARK);
	rule.protocol = rtnl_attrs_u8(&attrs, FRA_PROTOCOL);
	*ret_rule = rule;
	return 0;
}

/*
 * Fuzz target: rtnetlink messages.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each message of the input is given to every parser, whatever its type says.
 */
#include "fuzz.h"

#include "rtnl/addr.h"
#include "rtnl/link.h"
#include "rtnl/message.h"
#include "rtnl/neigh.h"
#include "rtnl/nexthop.h"
#include "rtnl/route.h"
#include "rtnl/rule.h"

static void parse_all(const struct rtnl_message *m)
{
	struct rtnl_addr addr;
	struct rtnl_link link;
	struct rtnl_neigh neigh;
	struct rtnl_nexthop nexthop;
	struct rtnl_route route;
	struct rtnl_rule rule;
	struct rtnl_ack ack;
	uint32_t table;
	char text[IP_PREFIX_TEXT_MAX];

	if (rtnl_route_parse(m, &route) == 0)
		MUST_HOLD(ip_prefix_format(&route.prefix, text) == text);
	if (rtnl_ack_parse(m, &ack) == 0)
		MUST_HOLD(strnlen(ack.text, sizeof(ack.text)) < sizeof(ack.text));
	if (rtnl_addr_parse(m, &addr) < 0 || rtnl_link_parse(m, &link) < 0 ||
	    rtnl_neigh_parse(m, &neigh) < 0 || rtnl_nexthop_parse(m, &nexthop) < 0 ||
	    rtnl_rule_parse(m, &rule) < 0 || rtnl_route_parse_done(m, &table) < 0)
		return;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = reader_of(data, size);
	struct rtnl_message m;

	while (rtnl_message_next(&r, &m) == 1)
		parse_all(&m);
	return 0;
}

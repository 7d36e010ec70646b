/*
 * route: routes in rtnetlink.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 3549 3.1; linux/rtnetlink.h.
 */
#include "rtnl/route.h"

static void route_put_table(struct buf *buf, struct rtmsg *body, uint32_t table)
{
	body->rtm_table = (uint8_t)(table < 256 ? table : RT_TABLE_UNSPEC);
	buf_add(buf, body, sizeof(*body));
	rtnl_attr_put_u32(buf, RTA_TABLE, table);
}

void rtnl_route_put(struct buf *buf, enum rtnl_verb verb, const struct rtnl_route *route)
{
	struct rtmsg body = { .rtm_family = route->prefix.addr.family,
			      .rtm_dst_len = route->prefix.length,
			      .rtm_protocol = route->protocol,
			      .rtm_scope = route->scope,
			      .rtm_type = route->type != 0 ? route->type : RTN_UNICAST,
			      .rtm_flags = route->onlink ? RTNH_F_ONLINK : 0 };
	uint16_t type = verb == RTNL_DELETE ? RTM_DELROUTE : RTM_NEWROUTE;
	size_t start = rtnl_message_begin(buf, type, rtnl_verb_flags(verb));

	if (verb == RTNL_DELETE) {
		body.rtm_type = RTN_UNSPEC;
		body.rtm_scope = RT_SCOPE_NOWHERE;
	}
	route_put_table(buf, &body, route->table);
	if (route->prefix.length != 0)
		rtnl_attr_put_addr(buf, RTA_DST, &route->prefix.addr);
	if (route->priority != 0)
		rtnl_attr_put_u32(buf, RTA_PRIORITY, route->priority);
	if (verb != RTNL_DELETE) {
		if (route->nexthop_id != 0)
			rtnl_attr_put_u32(buf, RTA_NH_ID, route->nexthop_id);
		if (route->oif != 0)
			rtnl_attr_put_u32(buf, RTA_OIF, route->oif);
		if (route->gateway.family != IP_NONE)
			rtnl_attr_put_addr(buf, RTA_GATEWAY, &route->gateway);
		if (route->source.family != IP_NONE)
			rtnl_attr_put_addr(buf, RTA_PREFSRC, &route->source);
	}
	rtnl_message_end(buf, start);
}

int rtnl_route_parse(const struct rtnl_message *message, struct rtnl_route *ret_route)
{
	struct reader r = message->body;
	struct rtnl_route route = { 0 };
	struct rtmsg body;
	struct rtnl_attrs attrs;
	struct ip_addr addr;

	reader_copy(&r, &body, sizeof(body));
	if (r.failed || rtnl_attrs_parse(&r, &attrs) < 0)
		return -1;
	if (body.rtm_dst_len > ip_family_bits(body.rtm_family))
		return -1;
	addr = rtnl_attrs_addr(&attrs, RTA_DST);
	if (addr.family == IP_NONE && body.rtm_dst_len == 0)
		addr.family = body.rtm_family;
	if (addr.family != body.rtm_family)
		return -1;
	route.prefix = ip_prefix_of(&addr, body.rtm_dst_len);
	route.table = rtnl_attrs_has(&attrs, RTA_TABLE) ? rtnl_attrs_u32(&attrs, RTA_TABLE)
							: body.rtm_table;
	route.protocol = body.rtm_protocol;
	route.type = body.rtm_type;
	route.scope = body.rtm_scope;
	route.onlink = (body.rtm_flags & RTNH_F_ONLINK) != 0;
	route.priority = rtnl_attrs_u32(&attrs, RTA_PRIORITY);
	route.nexthop_id = rtnl_attrs_u32(&attrs, RTA_NH_ID);
	route.oif = rtnl_attrs_u32(&attrs, RTA_OIF);
	route.gateway = rtnl_attrs_addr(&attrs, RTA_GATEWAY);
	route.source = rtnl_attrs_addr(&attrs, RTA_PREFSRC);
	route.multipath = rtnl_attrs_has(&attrs, RTA_MULTIPATH);
	*ret_route = route;
	return 0;
}

void rtnl_route_put_done(struct buf *buf, uint32_t table)
{
	struct rtmsg body = { .rtm_family = IP_V4 };
	size_t start = rtnl_message_begin(buf, NLMSG_DONE, 0);

	route_put_table(buf, &body, table);
	rtnl_message_end(buf, start);
}

int rtnl_route_parse_done(const struct rtnl_message *message, uint32_t *ret_table)
{
	struct reader r = message->body;
	struct rtmsg body;
	struct rtnl_attrs attrs;

	reader_copy(&r, &body, sizeof(body));
	if (r.failed || rtnl_attrs_parse(&r, &attrs) < 0)
		return -1;
	*ret_table = rtnl_attrs_has(&attrs, RTA_TABLE) ? rtnl_attrs_u32(&attrs, RTA_TABLE)
						       : body.rtm_table;
	return 0;
}

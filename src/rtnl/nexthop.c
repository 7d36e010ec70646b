/*
 * nexthop: nexthop objects in rtnetlink.
 * SPDX-License-Identifier: Apache-2.0
 *
 * linux/nexthop.h. The table of FPM is an attribute of our own, with a number that the kernel does
 * not use; it is never put in a message to the kernel, where `table` is 0.
 */
#include "rtnl/nexthop.h"

#include <linux/nexthop.h>
#include <sys/socket.h>

#define NEXTHOP_TABLE 0x4001 /* docs/INTERFACES.md section 5 */
/* NLA_F_NET_BYTEORDER is bit 14, so a parser that masks flags sees attribute 1: it is found by its
 * whole number, before the attributes are parsed. */

void rtnl_nexthop_put(struct buf *buf, enum rtnl_verb verb, const struct rtnl_nexthop *nexthop)
{
	struct nhmsg body = { .nh_family = nexthop->family, .nh_protocol = nexthop->protocol };
	bool delete = verb == RTNL_DELETE;
	size_t start = rtnl_message_begin(buf, delete ? RTM_DELNEXTHOP : RTM_NEWNEXTHOP,
					  rtnl_verb_flags(verb));

	if (delete) {
		body.nh_family = AF_UNSPEC;
		body.nh_protocol = 0;
	} else if (nexthop->onlink) {
		body.nh_flags = RTNH_F_ONLINK;
	}
	buf_add(buf, &body, sizeof(body));
	rtnl_attr_put_u32(buf, NHA_ID, nexthop->id);
	if (!delete &&nexthop->blackhole) {
		rtnl_attr_put(buf, NHA_BLACKHOLE, NULL, 0);
	} else if (!delete) {
		if (nexthop->oif != 0)
			rtnl_attr_put_u32(buf, NHA_OIF, nexthop->oif);
		if (nexthop->gateway.family != IP_NONE)
			rtnl_attr_put_addr(buf, NHA_GATEWAY, &nexthop->gateway);
	}
	if (nexthop->table != 0)
		rtnl_attr_put_u32(buf, NEXTHOP_TABLE, nexthop->table);
	rtnl_message_end(buf, start);
}

/* Takes the table attribute, and the id, by their whole numbers. */
static int nexthop_parse_whole(struct reader r, struct rtnl_nexthop *nexthop)
{
	while (!r.failed && reader_left(&r) != 0) {
		struct rtattr header;
		struct reader value;

		reader_copy(&r, &header, sizeof(header));
		if (r.failed || header.rta_len < sizeof(header))
			return -1;
		value = reader_sub(&r, header.rta_len - sizeof(header));
		reader_bytes(&r, MIN((4u - header.rta_len % 4u) % 4u, reader_left(&r)));
		if (header.rta_type == NEXTHOP_TABLE)
			reader_copy(&value, &nexthop->table, sizeof(nexthop->table));
		else if (header.rta_type == NHA_ID)
			reader_copy(&value, &nexthop->id, sizeof(nexthop->id));
		if (value.failed)
			return -1;
	}
	return r.failed ? -1 : 0;
}

int rtnl_nexthop_parse(const struct rtnl_message *message, struct rtnl_nexthop *ret_nexthop)
{
	struct reader r = message->body;
	struct rtnl_nexthop nexthop = { 0 };
	struct nhmsg body;
	struct rtnl_attrs attrs;

	reader_copy(&r, &body, sizeof(body));
	if (r.failed || nexthop_parse_whole(r, &nexthop) < 0 || rtnl_attrs_parse(&r, &attrs) < 0)
		return -1;
	if (nexthop.id == 0)
		return -1;
	nexthop.family = body.nh_family;
	nexthop.protocol = body.nh_protocol;
	nexthop.onlink = (body.nh_flags & RTNH_F_ONLINK) != 0;
	nexthop.blackhole = rtnl_attrs_has(&attrs, NHA_BLACKHOLE);
	nexthop.group = rtnl_attrs_has(&attrs, NHA_GROUP);
	nexthop.oif = rtnl_attrs_u32(&attrs, NHA_OIF);
	nexthop.gateway = rtnl_attrs_addr(&attrs, NHA_GATEWAY);
	*ret_nexthop = nexthop;
	return 0;
}

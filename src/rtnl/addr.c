/*
 * addr: addresses of devices in rtnetlink.
 * SPDX-License-Identifier: Apache-2.0
 *
 * linux/if_addr.h.
 */
#include "rtnl/addr.h"

#include <linux/if_addr.h>

#define ADDR_PROTO 11 /* IFA_PROTO: older headers do not name it */

void rtnl_addr_put(struct buf *buf, enum rtnl_verb verb, const struct rtnl_addr *addr)
{
	struct ifaddrmsg body = { .ifa_family = addr->addr.family,
				  .ifa_prefixlen = addr->length,
				  .ifa_scope = addr->scope,
				  .ifa_index = addr->index };
	uint16_t type = verb == RTNL_DELETE ? RTM_DELADDR : RTM_NEWADDR;
	size_t start = rtnl_message_begin(buf, type, rtnl_verb_flags(verb));

	buf_add(buf, &body, sizeof(body));
	rtnl_attr_put_addr(buf, IFA_LOCAL, &addr->addr);
	rtnl_attr_put_addr(buf, IFA_ADDRESS, &addr->addr);
	if (verb != RTNL_DELETE && addr->protocol != 0)
		rtnl_attr_put_u8(buf, ADDR_PROTO, addr->protocol);
	rtnl_message_end(buf, start);
}

int rtnl_addr_parse(const struct rtnl_message *message, struct rtnl_addr *ret_addr)
{
	struct reader r = message->body;
	struct rtnl_addr addr = { 0 };
	struct ifaddrmsg body;
	struct rtnl_attrs attrs;

	reader_copy(&r, &body, sizeof(body));
	if (r.failed || rtnl_attrs_parse(&r, &attrs) < 0)
		return -1;
	addr.index = body.ifa_index;
	addr.length = body.ifa_prefixlen;
	addr.scope = body.ifa_scope;
	addr.protocol = rtnl_attrs_u8(&attrs, ADDR_PROTO);
	addr.addr = rtnl_attrs_addr(&attrs,
				    rtnl_attrs_has(&attrs, IFA_LOCAL) ? IFA_LOCAL : IFA_ADDRESS);
	if (addr.addr.family != body.ifa_family)
		return -1;
	*ret_addr = addr;
	return 0;
}

/*
 * neigh: neighbours and forwarding-database entries in rtnetlink.
 * SPDX-License-Identifier: Apache-2.0
 *
 * linux/neighbour.h.
 */
#include "rtnl/neigh.h"

#include <linux/neighbour.h>
#include <sys/socket.h>

void rtnl_neigh_put(struct buf *buf, enum rtnl_verb verb, const struct rtnl_neigh *neigh)
{
	struct ndmsg body = { .ndm_family = neigh->fdb ? PF_BRIDGE : neigh->addr.family,
			      .ndm_ifindex = (int)neigh->index,
			      .ndm_state = neigh->permanent ? NUD_PERMANENT : NUD_REACHABLE,
			      .ndm_flags = neigh->fdb ? NTF_SELF : 0 };
	uint16_t type = verb == RTNL_DELETE ? RTM_DELNEIGH : RTM_NEWNEIGH;
	size_t start = rtnl_message_begin(buf, type, rtnl_verb_flags(verb));

	buf_add(buf, &body, sizeof(body));
	if (neigh->addr.family != IP_NONE)
		rtnl_attr_put_addr(buf, NDA_DST, &neigh->addr);
	if (neigh->has_mac && (neigh->fdb || verb != RTNL_DELETE))
		rtnl_attr_put(buf, NDA_LLADDR, neigh->mac.bytes, sizeof(neigh->mac.bytes));
	rtnl_message_end(buf, start);
}

int rtnl_neigh_parse(const struct rtnl_message *message, struct rtnl_neigh *ret_neigh)
{
	struct reader r = message->body;
	struct rtnl_neigh neigh = { 0 };
	struct ndmsg body;
	struct rtnl_attrs attrs;
	struct reader mac;

	reader_copy(&r, &body, sizeof(body));
	if (r.failed || rtnl_attrs_parse(&r, &attrs) < 0)
		return -1;
	neigh.index = (uint32_t)body.ndm_ifindex;
	neigh.fdb = body.ndm_family == PF_BRIDGE;
	neigh.state = body.ndm_state;
	neigh.permanent = (body.ndm_state & NUD_PERMANENT) != 0;
	neigh.addr = rtnl_attrs_addr(&attrs, NDA_DST);
	mac = attrs.of[NDA_LLADDR];
	if (reader_left(&mac) == sizeof(neigh.mac.bytes)) {
		neigh.has_mac = true;
		reader_copy(&mac, neigh.mac.bytes, sizeof(neigh.mac.bytes));
	}
	*ret_neigh = neigh;
	return 0;
}

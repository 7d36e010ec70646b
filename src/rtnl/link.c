/*
 * link: network devices in rtnetlink.
 * SPDX-License-Identifier: Apache-2.0
 *
 * linux/if_link.h, linux/rtnetlink.h.
 */
#include "rtnl/link.h"

#include <linux/if_link.h>
#include <sys/socket.h>
#include <linux/if.h>

static void link_put_vxlan(struct buf *buf, const struct rtnl_vxlan *vxlan)
{
	size_t data = rtnl_attr_begin(buf, IFLA_INFO_DATA);

	rtnl_attr_put_u32(buf, IFLA_VXLAN_ID, vxlan->vni);
	rtnl_attr_put_addr(buf, vxlan->local.family == IP_V6 ? IFLA_VXLAN_LOCAL6 : IFLA_VXLAN_LOCAL,
			   &vxlan->local);
	rtnl_attr_put_u16_net(buf, IFLA_VXLAN_PORT, vxlan->port);
	rtnl_attr_put_u8(buf, IFLA_VXLAN_LEARNING, vxlan->learning);
	rtnl_attr_end(buf, data);
}

void rtnl_link_put(struct buf *buf, enum rtnl_verb verb, const struct rtnl_link *link)
{
	struct ifinfomsg body = { .ifi_family = AF_UNSPEC, .ifi_index = (int)link->index };
	uint16_t type = verb == RTNL_DELETE ? RTM_DELLINK : RTM_NEWLINK;
	size_t start = rtnl_message_begin(buf, type, rtnl_verb_flags(verb));

	if (link->set_up) {
		body.ifi_change = IFF_UP;
		body.ifi_flags = link->up ? IFF_UP : 0;
	}
	buf_add(buf, &body, sizeof(body));
	if (link->name[0] != '\0')
		rtnl_attr_put_text(buf, IFLA_IFNAME, link->name);
	if (verb != RTNL_DELETE) {
		if (link->alias[0] != '\0')
			rtnl_attr_put(buf, IFLA_IFALIAS, link->alias, strlen(link->alias));
		if (link->has_mac)
			rtnl_attr_put(buf, IFLA_ADDRESS, link->mac.bytes, sizeof(link->mac.bytes));
		if (link->mtu != 0)
			rtnl_attr_put_u32(buf, IFLA_MTU, link->mtu);
		if (link->netns_fd > 0)
			rtnl_attr_put_u32(buf, IFLA_NET_NS_FD, (uint32_t)link->netns_fd);
	}
	if (verb == RTNL_CREATE) {
		size_t info = rtnl_attr_begin(buf, IFLA_LINKINFO);

		rtnl_attr_put(buf, IFLA_INFO_KIND, link->kind, strlen(link->kind));
		if (link->has_vxlan)
			link_put_vxlan(buf, &link->vxlan);
		rtnl_attr_end(buf, info);
	}
	rtnl_message_end(buf, start);
}

static int link_parse_info(struct reader r, struct rtnl_link *link)
{
	struct rtnl_attrs info, data;

	if (rtnl_attrs_parse(&r, &info) < 0)
		return -1;
	rtnl_attrs_text(&info, IFLA_INFO_KIND, link->kind, sizeof(link->kind));
	if (strcmp(link->kind, "vxlan") != 0 || !rtnl_attrs_has(&info, IFLA_INFO_DATA))
		return 0;
	r = info.of[IFLA_INFO_DATA];
	if (rtnl_attrs_parse(&r, &data) < 0)
		return -1;
	link->has_vxlan = true;
	link->vxlan.vni = rtnl_attrs_u32(&data, IFLA_VXLAN_ID);
	link->vxlan.port = rtnl_attrs_u16_net(&data, IFLA_VXLAN_PORT);
	link->vxlan.learning = rtnl_attrs_u8(&data, IFLA_VXLAN_LEARNING) != 0;
	link->vxlan.local = rtnl_attrs_has(&data, IFLA_VXLAN_LOCAL6)
				    ? rtnl_attrs_addr(&data, IFLA_VXLAN_LOCAL6)
				    : rtnl_attrs_addr(&data, IFLA_VXLAN_LOCAL);
	return 0;
}

int rtnl_link_parse(const struct rtnl_message *message, struct rtnl_link *ret_link)
{
	struct reader r = message->body;
	struct rtnl_link link = { 0 };
	struct ifinfomsg body;
	struct rtnl_attrs attrs;
	struct reader mac;

	reader_copy(&r, &body, sizeof(body));
	if (r.failed || rtnl_attrs_parse(&r, &attrs) < 0)
		return -1;
	link.index = (uint32_t)body.ifi_index;
	link.up = (body.ifi_flags & IFF_UP) != 0;
	rtnl_attrs_text(&attrs, IFLA_IFNAME, link.name, sizeof(link.name));
	rtnl_attrs_text(&attrs, IFLA_IFALIAS, link.alias, sizeof(link.alias));
	link.mtu = rtnl_attrs_u32(&attrs, IFLA_MTU);
	mac = attrs.of[IFLA_ADDRESS];
	if (reader_left(&mac) == sizeof(link.mac.bytes)) {
		link.has_mac = true;
		reader_copy(&mac, link.mac.bytes, sizeof(link.mac.bytes));
	}
	if (rtnl_attrs_has(&attrs, IFLA_LINKINFO) &&
	    link_parse_info(attrs.of[IFLA_LINKINFO], &link) < 0)
		return -1;
	*ret_link = link;
	return 0;
}

/*
 * link: network devices in rtnetlink (RTM_NEWLINK, RTM_DELLINK).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RTNL_LINK_H
#define RTNL_LINK_H

#include "rtnl/message.h"

#define RTNL_NAME_MAX 16   /* IFNAMSIZ, with the NUL */
#define RTNL_ALIAS_MAX 256 /* IFALIASZ */

struct rtnl_vxlan {
	uint32_t vni;
	struct ip_addr local;
	uint16_t port;
	bool learning;
};

struct rtnl_link {
	uint32_t index; /* 0: told by its name */
	char name[RTNL_NAME_MAX];
	char alias[RTNL_ALIAS_MAX];
	char kind[RTNL_NAME_MAX]; /* "vxlan", "veth", …; "" when the kernel names none */
	bool has_mac;
	struct mac_addr mac;
	uint32_t mtu; /* 0: not said */
	bool up;
	bool set_up;	/* `_put`: make it as `up` says; else leave it */
	int netns_fd;	/* `_put`: the namespace to make it in, or to move it to; 0: neither */
	bool has_vxlan; /* only of kind "vxlan" */
	struct rtnl_vxlan vxlan;
};

/* Appends the message. RTNL_CREATE makes it (kind and name are required; of "vxlan" the vxlan too),
 * RTNL_CHANGE sets what is said, RTNL_DELETE takes it away. With an index and a name, RTNL_CHANGE
 * renames. */
void rtnl_link_put(struct buf *buf, enum rtnl_verb verb, const struct rtnl_link *link);
/* Reads RTM_NEWLINK or RTM_DELLINK. */
int rtnl_link_parse(const struct rtnl_message *message, struct rtnl_link *ret_link) MUST_CHECK;

#endif

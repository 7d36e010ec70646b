/*
 * neigh: neighbours and forwarding-database entries in rtnetlink (RTM_NEWNEIGH, RTM_DELNEIGH).
 * SPDX-License-Identifier: Apache-2.0
 *
 * A neighbour says which MAC an address has on a device. A forwarding-database entry (FDB) of a
 * VXLAN device says behind which underlay address a MAC is.
 */
#ifndef RTNL_NEIGH_H
#define RTNL_NEIGH_H

#include "rtnl/message.h"

struct rtnl_neigh {
	uint32_t index; /* of the device */
	bool fdb;	/* a forwarding-database entry: `addr` is the underlay address */
	struct ip_addr addr;
	struct mac_addr mac;
	bool has_mac;
	bool permanent;
	uint16_t state; /* `_parse`: NUD_* */
};

void rtnl_neigh_put(struct buf *buf, enum rtnl_verb verb, const struct rtnl_neigh *neigh);
int rtnl_neigh_parse(const struct rtnl_message *message, struct rtnl_neigh *ret_neigh) MUST_CHECK;

#endif

/*
 * mrt_table: which record subtype means what.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Internal to mrt/. RFC 6396 4.3 and 4.4, 8050 4.
 */
#ifndef MRT_MRT_TABLE_H
#define MRT_MRT_TABLE_H

#include "mrt/mrt.h"

struct mrt_rib_row {
	uint16_t subtype;
	uint16_t afi; /* 0: generic, named in the record */
	uint8_t safi;
	bool addpath;
};

static const struct mrt_rib_row mrt_rib_rows[] = {
	{ MRT_RIB_IPV4_UNICAST, 1, 1, false },
	{ MRT_RIB_IPV4_MULTICAST, 1, 2, false },
	{ MRT_RIB_IPV6_UNICAST, 2, 1, false },
	{ MRT_RIB_IPV6_MULTICAST, 2, 2, false },
	{ MRT_RIB_IPV4_UNICAST_ADDPATH, 1, 1, true },
	{ MRT_RIB_IPV4_MULTICAST_ADDPATH, 1, 2, true },
	{ MRT_RIB_IPV6_UNICAST_ADDPATH, 2, 1, true },
	{ MRT_RIB_IPV6_MULTICAST_ADDPATH, 2, 2, true },
	{ MRT_RIB_GENERIC, 0, 0, false },
	{ MRT_RIB_GENERIC_ADDPATH, 0, 0, true },
};

struct mrt_bgp4mp_row {
	uint16_t subtype;
	bool is_state_change;
	bool as4;
	bool local;
	bool addpath;
};

static const struct mrt_bgp4mp_row mrt_bgp4mp_rows[] = {
	{ MRT_STATE_CHANGE, true, false, false, false },
	{ MRT_STATE_CHANGE_AS4, true, true, false, false },
	{ MRT_MESSAGE, false, false, false, false },
	{ MRT_MESSAGE_AS4, false, true, false, false },
	{ MRT_MESSAGE_LOCAL, false, false, true, false },
	{ MRT_MESSAGE_AS4_LOCAL, false, true, true, false },
	{ MRT_MESSAGE_ADDPATH, false, false, false, true },
	{ MRT_MESSAGE_AS4_ADDPATH, false, true, false, true },
	{ MRT_MESSAGE_LOCAL_ADDPATH, false, false, true, true },
	{ MRT_MESSAGE_AS4_LOCAL_ADDPATH, false, true, true, true },
};

/* How an NLRI says how long it is, in a RIB_GENERIC record. */
enum mrt_nlri_form {
	MRT_NLRI_BITS,		   /* an octet: bits */
	MRT_NLRI_TYPE_LENGTH,	   /* EVPN, MVPN: type, length in octets */
	MRT_NLRI_FLOWSPEC,	   /* one or two octets */
	MRT_NLRI_TYPE_LENGTH_WIDE, /* BGP-LS */
	MRT_NLRI_LENGTH_WIDE,	   /* VPLS */
};

static inline enum mrt_nlri_form mrt_nlri_form(uint16_t afi, uint8_t safi)
{
	if (afi == 16388)
		return MRT_NLRI_TYPE_LENGTH_WIDE;
	if (afi == 25)
		return safi == 65 ? MRT_NLRI_LENGTH_WIDE : MRT_NLRI_TYPE_LENGTH;
	if (safi == 5)
		return MRT_NLRI_TYPE_LENGTH;
	return safi == 133 || safi == 134 ? MRT_NLRI_FLOWSPEC : MRT_NLRI_BITS;
}

#endif

/*
 * bmp_name: the names of message types, statistics, reasons and TLVs.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 7854 4, 8671 6.2, 9069 5; and the registry of "BMP Parameters".
 */
#include "bmp/bmp.h"

#define NAME(names, number) ((number) < ARRAY_SIZE(names) ? (names)[number] : NULL)

const char *bmp_type_name(uint8_t type)
{
	static const char *const names[] = {
		[BMP_ROUTE_MONITORING] = "ROUTE_MONITORING",
		[BMP_STATISTICS] = "STATISTICS_REPORT",
		[BMP_PEER_DOWN] = "PEER_DOWN",
		[BMP_PEER_UP] = "PEER_UP",
		[BMP_INITIATION] = "INITIATION",
		[BMP_TERMINATION] = "TERMINATION",
		[BMP_ROUTE_MIRRORING] = "ROUTE_MIRRORING",
	};

	return NAME(names, type);
}

const char *bmp_peer_type_name(uint8_t type)
{
	static const char *const names[] = {
		[BMP_PEER_GLOBAL] = "global",
		[BMP_PEER_RD] = "rd",
		[BMP_PEER_LOCAL] = "local",
		[BMP_PEER_LOC_RIB] = "loc-rib",
	};

	return NAME(names, type);
}

const char *bmp_stat_name(uint16_t type)
{
	static const char *const names[] = {
		[BMP_STAT_REJECTED] = "rejected-prefixes",
		[BMP_STAT_DUPLICATE_PREFIX] = "duplicate-prefixes",
		[BMP_STAT_DUPLICATE_WITHDRAW] = "duplicate-withdraws",
		[BMP_STAT_CLUSTER_LIST_LOOP] = "cluster-list-loops",
		[BMP_STAT_AS_PATH_LOOP] = "as-path-loops",
		[BMP_STAT_ORIGINATOR_LOOP] = "originator-id-loops",
		[BMP_STAT_CONFEDERATION_LOOP] = "as-confed-loops",
		[BMP_STAT_ADJ_RIB_IN] = "adj-rib-in-routes",
		[BMP_STAT_LOC_RIB] = "loc-rib-routes",
		[BMP_STAT_ADJ_RIB_IN_FAMILY] = "adj-rib-in-routes-of-family",
		[BMP_STAT_LOC_RIB_FAMILY] = "loc-rib-routes-of-family",
		[BMP_STAT_UPDATE_AS_WITHDRAW] = "updates-treated-as-withdraw",
		[BMP_STAT_PREFIX_AS_WITHDRAW] = "prefixes-treated-as-withdraw",
		[BMP_STAT_DUPLICATE_UPDATE] = "duplicate-updates",
		[BMP_STAT_ADJ_RIB_OUT_PRE] = "adj-rib-out-pre-policy-routes",
		[BMP_STAT_ADJ_RIB_OUT_POST] = "adj-rib-out-post-policy-routes",
		[BMP_STAT_ADJ_RIB_OUT_PRE_FAMILY] = "adj-rib-out-pre-policy-routes-of-family",
		[BMP_STAT_ADJ_RIB_OUT_POST_FAMILY] = "adj-rib-out-post-policy-routes-of-family",
	};

	return NAME(names, type);
}

const char *bmp_down_reason_name(uint8_t reason)
{
	static const char *const names[] = {
		[BMP_DOWN_LOCAL_NOTIFICATION] = "local-with-notification",
		[BMP_DOWN_LOCAL_FSM] = "local-without-notification",
		[BMP_DOWN_REMOTE_NOTIFICATION] = "remote-with-notification",
		[BMP_DOWN_REMOTE] = "remote-without-notification",
		[BMP_DOWN_DECONFIGURED] = "monitoring-deconfigured",
		[BMP_DOWN_LOCAL_TLV] = "local-with-information",
	};

	return NAME(names, reason);
}

const char *bmp_termination_reason_name(uint16_t reason)
{
	static const char *const names[] = {
		"administratively-closed", "unspecified",	 "out-of-resources",
		"redundant-connection",	   "permanently-closed",
	};

	return NAME(names, reason);
}

const char *bmp_tlv_name(uint16_t type)
{
	static const char *const names[] = {
		[BMP_TLV_STRING] = "string",	       [BMP_TLV_SYS_DESCR] = "sys-descr",
		[BMP_TLV_SYS_NAME] = "sys-name",       [BMP_TLV_TABLE_NAME] = "table-name",
		[BMP_TLV_ADMIN_LABEL] = "admin-label",
	};

	return NAME(names, type);
}

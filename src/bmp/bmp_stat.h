/*
 * bmp_stat: the three forms of a statistic.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Internal to bmp/. RFC 7854 4.8, 8671 6.2.
 */
#ifndef BMP_BMP_STAT_H
#define BMP_BMP_STAT_H

#include "bmp/bmp.h"

#define BMP_STAT_COUNTER_BYTES 4u
#define BMP_STAT_GAUGE_BYTES 8u
#define BMP_STAT_FAMILY_BYTES 11u

/* Octets of the value of this type; types that we do not know are gauges. */
static inline uint16_t bmp_stat_length(uint16_t type)
{
	switch (type) {
	case BMP_STAT_ADJ_RIB_IN_FAMILY:
	case BMP_STAT_LOC_RIB_FAMILY:
	case BMP_STAT_ADJ_RIB_OUT_PRE_FAMILY:
	case BMP_STAT_ADJ_RIB_OUT_POST_FAMILY:
		return BMP_STAT_FAMILY_BYTES;
	case BMP_STAT_ADJ_RIB_IN:
	case BMP_STAT_LOC_RIB:
	case BMP_STAT_ADJ_RIB_OUT_PRE:
	case BMP_STAT_ADJ_RIB_OUT_POST:
		return BMP_STAT_GAUGE_BYTES;
	default:
		return type <= BMP_STAT_DUPLICATE_UPDATE ? BMP_STAT_COUNTER_BYTES
							 : BMP_STAT_GAUGE_BYTES;
	}
}

#endif

/*
 * as_path: AS_PATH in wire form: checking, measuring, widening, merging.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Internal to bgp/, but for who shows paths that nobody decoded; what others use is in attrs.h. RFC
 * 4271 4.3 and 5.1.2, 5065, 6793, 7607, 9774.
 */
#ifndef BGP_AS_PATH_H
#define BGP_AS_PATH_H

#include "bgp/attrs.h"

enum as_path_segment {
	AS_SET = 1,
	AS_SEQUENCE = 2,
	AS_CONFED_SEQUENCE = 3,
	AS_CONFED_SET = 4,
};

struct as_path_facts {
	unsigned length; /* a set counts 1, confederation segments 0 */
	bool has_confederation;
	bool has_set; /* of either kind */
	bool has_as0;
	bool has_wide; /* an AS number above 65535 */
	asn_t neighbor;
	asn_t origin;
};

/* Checks the syntax, with AS numbers of `as_bytes` (2 or 4) octets, and measures. Returns NULL, or
 * what is wrong (static text); *ret_facts untouched then. */
const char *as_path_check(const uint8_t *bytes, size_t length, unsigned as_bytes,
			  struct as_path_facts *ret_facts) MUST_CHECK;

/* Rewrites a checked path of 2-octet AS numbers into one of 4, merged with a checked AS4_PATH
 * (NULL: none) as RFC 6793 4.2.3 says. Returns 0, or -1 when it gets longer than
 * BGP_AS_PATH_BYTES_MAX. */
int as_path_widen(const uint8_t *bytes, size_t length, const uint8_t *as4_path, size_t as4_length,
		  struct arena *arena, const uint8_t **ret_path, uint16_t *ret_length) MUST_CHECK;

/* Writes a 4-octet path with 2-octet AS numbers, AS_TRANS for those that do not fit. */
void as_path_write_narrow(struct writer *w, const uint8_t *path, size_t length);
/* Writes the path for AS4_PATH: without confederation segments (RFC 6793 4.2.2). */
void as_path_write_as4(struct writer *w, const uint8_t *path, size_t length);

#endif

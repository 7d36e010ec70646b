/*
 * attrs_carried: the inner structure of attributes that a reflector only carries.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Internal to bgp/.
 */
#ifndef BGP_ATTRS_CARRIED_H
#define BGP_ATTRS_CARRIED_H

#include "base/reader.h"
#include "base/writer.h"
#include "bgp/family.h"

/* A carried attribute on its way into the result. */
struct attrs_carried {
	enum bgp_family family; /* of the routes that the block is for */
	struct reader value;
	struct writer *keep;  /* has room for the value as it came */
	const char *left_out; /* why a part was left out (static text); NULL: none was */
};

/* Checks the value of attribute `code` (one that nobody knows is always right), and writes what of
 * it is passed on. Returns NULL, or what is wrong (static text). ATTR_SET is not judged here: it
 * holds attributes. */
const char *attrs_carried_check(uint8_t code, struct attrs_carried *c) MUST_CHECK;

#endif

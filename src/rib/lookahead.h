/*
 * lookahead: sends for the memory that an UPDATE will touch.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Of a full table nothing that is looked up is in the cache, and each look-up in memory that is not
 * takes as long as parsing ten prefixes. So while one UPDATE is worked on, memory for the next is
 * on its way: its attributes and its first prefixes are hashed, and their lines of the indexes are
 * sent for. That changes nothing, whatever the octets are. (The real table, known already: 41 ns a
 * prefix instead of 55, though all is hashed twice.)
 */
#ifndef RIB_LOOKAHEAD_H
#define RIB_LOOKAHEAD_H

#include "rib/attr_table.h"
#include "rib/prefix_table.h"

/* The body of an UPDATE of ipv4-unicast without ADD-PATH; nothing of it was checked. */
void lookahead_update(const struct attr_table *attrs, const struct prefix_table *prefixes,
		      const struct bgp_context *context, const uint8_t *body, size_t length);

#endif

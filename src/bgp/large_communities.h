/*
 * large_communities: a list of them without repetitions.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Internal to bgp/. RFC 8092 3.
 */
#ifndef BGP_LARGE_COMMUNITIES_H
#define BGP_LARGE_COMMUNITIES_H

#include "base/arena.h"
#include "base/base.h"

#define LARGE_COMMUNITY_BYTES 12u

/* The list of *length octets (a multiple of 12) with each community once, in its first place:
 * `list` itself when there are no others, else a shorter one in the arena. */
const uint8_t *large_communities_distinct(const uint8_t *list, size_t *length, struct arena *arena);

#endif

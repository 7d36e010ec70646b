/*
 * communities_format: communities of every kind as text for operators.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Internal to bgp/: others have bgp_attr_value_format.
 */
#ifndef BGP_COMMUNITIES_FORMAT_H
#define BGP_COMMUNITIES_FORMAT_H

#include "base/buf.h"
#include "base/reader.h"

/* The list that an attribute of this code holds, with blanks between: "65000:1 no-export",
 * "65000:1:2", "rt:65000:1 encap:vxlan", "rt:[2001:db8::1]:5"; one that has no name here as
 * "0x0102030405060708". False, with nothing added, for other attributes, and when the list is no
 * whole number of communities. */
bool communities_format(uint8_t code, struct reader list, struct buf *to) MUST_CHECK;

/* "vxlan"; NULL for a number that we do not know (IANA: BGP Tunnel Encapsulation Attribute Tunnel
 * Types). */
const char *tunnel_type_name(uint16_t type);

#endif

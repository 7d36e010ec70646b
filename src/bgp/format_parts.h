/*
 * format_parts: small pieces of text that the printers of values share.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Internal to bgp/.
 */
#ifndef BGP_FORMAT_PARTS_H
#define BGP_FORMAT_PARTS_H

#include "base/buf.h"
#include "base/ip.h"
#include "base/reader.h"

/* What is left in r, as 0x and digits. */
static inline void format_hex(struct reader r, struct buf *to)
{
	buf_add_text(to, "0x");
	buf_add_hex(to, r.next, reader_left(&r));
}

/* `bytes`: 4 of an IP_V4, 16 of an IP_V6. */
static inline void format_address(uint8_t family, const uint8_t *bytes, struct buf *to)
{
	struct ip_addr ip = ip_addr_of(family, bytes);
	char text[IP_TEXT_MAX];

	buf_add_text(to, ip_addr_format(&ip, text));
}

#endif

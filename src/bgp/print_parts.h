/*
 * print_parts: what the files of the printer share.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Internal to bgp/print*.c.
 */
#ifndef BGP_PRINT_PARTS_H
#define BGP_PRINT_PARTS_H

#include "bgp/print.h"

/* "ipv4-unicast", or "afi-25-safi-99" for a family that we do not know. */
#define PRINT_FAMILY_TEXT_MAX 24
const char *print_family_text(uint16_t afi, uint8_t safi, char text[static PRINT_FAMILY_TEXT_MAX]);
/* Reads AFI and SAFI (with `reserved` an octet between them) and adds them. */
void print_family(struct outline *o, const char *key, struct reader *r, bool reserved);

/* The body of an OPEN. */
void print_open(struct bgp_printer *p, const uint8_t *body, size_t length);

/* A row of capabilities, as the members of an array. */
void print_capabilities(struct outline *o, struct reader row);

/* The attributes, one by one, as the object "attributes". False when one could not be read. */
bool print_attrs(struct bgp_printer *p, struct reader attrs, const struct bgp_context *context);

#endif

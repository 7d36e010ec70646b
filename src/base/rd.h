/*
 * rd: route distinguishers, as values.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4364 4.2: eight octets, of which the first two are a type. Type 0 is a 2-octet AS number and
 * a 4-octet number ("65000:1"), 1 an IPv4 address and a 2-octet number ("10.0.0.1:1"), 2 a 4-octet
 * AS number and a 2-octet number ("4200000000:1"). Text and value determine each other: a type 2
 * with an AS number that a type 0 could hold is written with its type, "2:65000:1", and a type that
 * nobody knows as "0x" and 16 digits.
 */
#ifndef BASE_RD_H
#define BASE_RD_H

#include "base/base.h"
#include "base/error.h"

#define RD_BYTES 8u
#define RD_TEXT_MAX 24

struct rd {
	uint8_t bytes[RD_BYTES]; /* network order, type first */
};

struct rd rd_of(const uint8_t bytes[static RD_BYTES]);
bool rd_equal(const struct rd *a, const struct rd *b);
/* 0, or -1 with what is wrong in e (may be NULL) and *ret_rd untouched. */
int rd_parse(const char *text, struct rd *ret_rd, struct error *e) MUST_CHECK;
/* Returns `text`. */
const char *rd_format(const struct rd *rd, char text[static RD_TEXT_MAX]);

#endif

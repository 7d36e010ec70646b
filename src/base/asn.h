/*
 * asn: an AS number as a value of its own, so that it is mixed up with no other number.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 6793 (four octets), 5396 (how they are written).
 */
#ifndef BASE_ASN_H
#define BASE_ASN_H

#include "base/base.h"
#include "base/error.h"

typedef struct {
	uint32_t number;
} asn_t;

#define ASN_TRANS 23456u /* RFC 6793 9: stands for a number that does not fit two octets */
#define ASN_TEXT_MAX 12

/* "64512" (asplain) or "0.64512" (asdot, RFC 5396 2): digits without leading zeros. Returns 0, or
 * -1 with the text of what is wrong in e (may be NULL); *ret_asn is untouched then. */
int asn_parse(const char *text, asn_t *ret_asn, struct error *e) MUST_CHECK;
/* As asplain; _dotted as "high.low" (asdot+). Return `text`. */
const char *asn_format(asn_t asn, char text[static ASN_TEXT_MAX]);
const char *asn_format_dotted(asn_t asn, char text[static ASN_TEXT_MAX]);
/* No speaker's own: 0 (RFC 7607), 23456 (RFC 6793), 65535 and 4294967295 (RFC 7300). */
bool asn_is_reserved(asn_t asn);
/* For private use (RFC 6996): 64512 to 65534, 4200000000 to 4294967294. */
bool asn_is_private(asn_t asn);

#endif

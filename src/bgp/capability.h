/*
 * capability: the capabilities of OPEN.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 5492 and the IANA registry: a table of those that we know, with how to read each. Internal to
 * bgp/: open.c calls it.
 */
#ifndef BGP_CAPABILITY_H
#define BGP_CAPABILITY_H

#include "bgp/message.h"

struct capability_result {
	struct bgp_capabilities *capabilities;
	bool multiple_labels; /* RFC 8277 2.1: one was there, others are ignored */
	bool as_present;
	uint32_t as; /* of the 4-octet AS capability */
};

/* Reads one capability's value into *result. 0, or -1 when its length is wrong where RFC 5492 and
 * the capability's own RFC leave no way to ignore it. */
int capability_decode(uint8_t code, struct reader value,
		      struct capability_result *result) MUST_CHECK;

/* Writes every capability that `open` claims: code, length, value. */
void capability_encode_all(struct writer *w, const struct bgp_open *open);

#endif

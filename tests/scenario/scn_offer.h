/*
 * scn_offer: what a peer of a transcript offers in its OPEN, as words.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   restart            graceful restart of ipv4-unicast, 60 seconds
 *   restart=SECONDS    the same, with another time (RFC 4724)
 *   long-lived=SECONDS with it: RFC 9494
 *   lost               of both: forwarding state was not preserved
 *   ipv6               ipv6-unicast, in those capabilities too
 *   no-as4             AS numbers of 2 octets
 *   enhanced           RFC 7313
 *   role=N             RFC 9234
 *   cap=HEX            capabilities as on the wire
 */
#ifndef TESTS_SCENARIO_SCN_OFFER_H
#define TESTS_SCENARIO_SCN_OFFER_H

#include "lab.h"

/* In place of what it offered. 0, or -1 with what is wrong in `why`. */
int scn_offer(struct lab_peer *peer, char **words, size_t count, struct error *why) MUST_CHECK;

#endif

/*
 * Fuzz target: the body of an OPEN.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz.h"

#include "bgp/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t message[BGP_MESSAGE_BYTES_MAX];
	struct writer w = writer_of(message, sizeof(message));
	struct bgp_open open, again;
	struct bgp_notification n = { 0 };
	struct bgp_header h;

	if (bgp_open_decode(data, size, &open, &n) < 0) {
		MUST_HOLD(n.code == BGP_ERROR_OPEN);
		return 0;
	}
	MUST_HOLD(open.as.number != 0 && open.router_id != 0);
	MUST_HOLD(open.hold_time_s == 0 || open.hold_time_s >= 3);
	bgp_open_encode(&w, &open);
	MUST_HOLD(!w.failed && bgp_header_decode(message, sizeof(message), &h, &n) == 0);
	MUST_HOLD(h.length == writer_length(&w) && h.type == BGP_OPEN);
	MUST_HOLD(bgp_open_decode(message + BGP_HEADER_BYTES, h.length - BGP_HEADER_BYTES, &again,
				  &n) == 0);
	/* several roles that differ cannot be said again */
	again.capabilities.roles_differ = open.capabilities.roles_differ;
	/* without the capability a wide number cannot be said; a peer that says both is as4 */
	MUST_HOLD(again.as.number == open.as.number);
	MUST_HOLD(memcmp(&again.capabilities, &open.capabilities, sizeof(open.capabilities)) == 0 ||
		  !open.capabilities.multiprotocol || !open.capabilities.families[0]);
	return 0;
}

/*
 * Fuzz target: headers, NOTIFICATION and ROUTE-REFRESH.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The input is a stream of BGP messages.
 */
#include "fuzz.h"

#include "bgp/message.h"

static void check_notification(const uint8_t *body, size_t length)
{
	char text[BGP_NOTIFICATION_TEXT_MAX];
	uint8_t message[BGP_MESSAGE_BYTES_MAX];
	struct writer w = writer_of(message, sizeof(message));
	struct bgp_notification n, again;

	if (bgp_notification_decode(body, length, &n) < 0)
		return;
	MUST_HOLD(bgp_notification_format(&n, text) == text);
	MUST_HOLD(strnlen(text, sizeof(text)) < sizeof(text));
	bgp_notification_encode(&w, &n);
	MUST_HOLD(!w.failed);
	MUST_HOLD(bgp_notification_decode(message + BGP_HEADER_BYTES,
					  writer_length(&w) - BGP_HEADER_BYTES, &again) == 0);
	MUST_HOLD(again.code == n.code && again.subcode == n.subcode);
	MUST_HOLD(again.data_length == n.data_length);
}

static void check_refresh(const uint8_t *body, size_t length, bool enhanced)
{
	uint8_t message[64];
	struct writer w = writer_of(message, sizeof(message));
	struct bgp_notification n;
	enum bgp_family family;
	uint8_t subtype;

	if (bgp_refresh_decode(body, length, enhanced, &family, &subtype, &n) < 0) {
		MUST_HOLD(n.code == BGP_ERROR_HEADER || (n.code == BGP_ERROR_REFRESH && enhanced));
		return;
	}
	MUST_HOLD(length >= 4);
	if (family == BGP_FAMILY_NONE)
		return;
	bgp_refresh_encode(&w, family, subtype);
	MUST_HOLD(!w.failed && memcmp(message + BGP_HEADER_BYTES, body, 4) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bgp_notification n;
	struct bgp_header h;

	while (size >= BGP_HEADER_BYTES) {
		if (bgp_header_decode(data, BGP_MESSAGE_BYTES_MAX_EXTENDED, &h, &n) < 0) {
			MUST_HOLD(n.code == BGP_ERROR_HEADER);
			return 0;
		}
		MUST_HOLD(h.length >= BGP_HEADER_BYTES && h.type != 0 && h.type < BGP_TYPE_MAX);
		if (h.length > size)
			return 0;
		if (h.type == BGP_NOTIFICATION)
			check_notification(data + BGP_HEADER_BYTES, h.length - BGP_HEADER_BYTES);
		if (h.type == BGP_ROUTE_REFRESH) {
			check_refresh(data + BGP_HEADER_BYTES, h.length - BGP_HEADER_BYTES, true);
			check_refresh(data + BGP_HEADER_BYTES, h.length - BGP_HEADER_BYTES, false);
		}
		data += h.length;
		size -= h.length;
	}
	return 0;
}

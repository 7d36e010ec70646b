/*
 * Fuzz target: capabilities, behind good fixed fields of an OPEN.
 * SPDX-License-Identifier: Apache-2.0
 *
 * First octet: bit 0 the extended form of RFC 9072. Then code, length, value; and again.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "bgp/message.h"

static void check_clean(const char *text)
{
	char again[BGP_CAPABILITY_TEXT_MAX];
	size_t length = strlen(text);

	MUST_HOLD(length < BGP_CAPABILITY_TEXT_MAX);
	MUST_HOLD(utf8_clean(text, length, again, sizeof(again)) == length);
	MUST_HOLD(strcmp(text, again) == 0);
}

static size_t put_open(uint8_t *body, size_t room, bool extended, const uint8_t *parameters,
		       size_t length)
{
	static const uint8_t fixed[] = { 4, 0xfd, 0xe9, 0, 90, 10, 0, 0, 1 };
	struct writer w = writer_of(body, room);

	writer_bytes(&w, fixed, sizeof(fixed));
	writer_u8(&w, extended ? 255 : (uint8_t)(length + 2));
	if (extended) {
		writer_u8(&w, 255);
		writer_u16(&w, (uint16_t)(length + 3));
		writer_u8(&w, 2);
		writer_u16(&w, (uint16_t)length);
	} else {
		writer_u8(&w, 2);
		writer_u8(&w, (uint8_t)length);
	}
	writer_bytes(&w, parameters, length);
	assert(!w.failed);
	return writer_length(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t body[BGP_MESSAGE_BYTES_MAX], message[BGP_MESSAGE_BYTES_MAX];
	struct writer w = writer_of(message, sizeof(message));
	struct bgp_open open, again;
	struct bgp_notification n = { 0 };
	struct buf text;
	size_t length;

	if (size < 1 || size > 4000 || ((data[0] & 1) == 0 && size > 253))
		return 0;
	length = put_open(body, sizeof(body), (data[0] & 1) != 0, data + 1, size - 1);
	if (bgp_open_decode(body, length, &open, &n) < 0) {
		MUST_HOLD(n.code == BGP_ERROR_OPEN);
		return 0;
	}
	check_clean(open.capabilities.hostname);
	check_clean(open.capabilities.domain_name);
	check_clean(open.capabilities.software_version);
	buf_init(&text, 0);
	bgp_open_format(&open, &text);
	MUST_HOLD(text.length > 40);
	buf_done(&text);
	bgp_open_encode(&w, &open);
	MUST_HOLD(!w.failed);
	MUST_HOLD(bgp_open_decode(message + BGP_HEADER_BYTES, writer_length(&w) - BGP_HEADER_BYTES,
				  &again, &n) == 0);
	/* what cannot be said again: roles that differ; that only unknown families are there */
	again.capabilities.roles_differ = open.capabilities.roles_differ;
	if (open.capabilities.multiprotocol && !again.capabilities.multiprotocol) {
		again.capabilities.multiprotocol = true;
		again.capabilities.families[BGP_IPV4_UNICAST] = false;
	}
	MUST_HOLD(memcmp(&again.capabilities, &open.capabilities, sizeof(open.capabilities)) == 0);
	MUST_HOLD(again.as.number == open.as.number && again.router_id == open.router_id);
	return 0;
}

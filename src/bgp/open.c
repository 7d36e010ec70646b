/*
 * open: the OPEN message.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4.2 and 6.2, 5492 (capabilities parameter), 6793 (AS_TRANS), 7607 (AS 0), 9072 (extended
 * optional parameters). The fixed fields are judged before the parameters are looked at. What only
 * the configuration can judge (the peer's AS, our own identifier) is the session's.
 */
#include "bgp/capability.h"
#include "bgp/message.h"

#define OPTIONAL_PARAMETER_CAPABILITIES 2u
#define OPTIONAL_PARAMETER_EXTENDED 255u
#define PARAMETERS_BYTES_MAX 4000u

static int open_error(struct bgp_notification *ret_error, uint8_t subcode, const void *data,
		      size_t length)
{
	bgp_notification_set(ret_error, BGP_ERROR_OPEN, subcode, data, length);
	return -1;
}

static int decode_capabilities(struct reader r, struct capability_result *result)
{
	while (reader_left(&r) != 0) {
		uint8_t code = reader_u8(&r);
		struct reader value = reader_sub(&r, reader_u8(&r));

		if (r.failed || capability_decode(code, value, result) < 0)
			return -1;
	}
	return 0;
}

/* The parameters: `extended` ones have lengths of two octets. */
static int decode_parameters(struct reader r, bool extended, struct capability_result *result,
			     struct bgp_notification *ret_error)
{
	while (reader_left(&r) != 0) {
		uint8_t type = reader_u8(&r);
		size_t length = extended ? reader_u16(&r) : reader_u8(&r);
		struct reader value = reader_sub(&r, length);

		if (r.failed)
			return open_error(ret_error, 0, NULL, 0);
		if (type != OPTIONAL_PARAMETER_CAPABILITIES)
			return open_error(ret_error, BGP_OPEN_UNSUPPORTED_PARAMETER, NULL, 0);
		if (decode_capabilities(value, result) < 0)
			return open_error(ret_error, 0, NULL, 0);
	}
	return 0;
}

/* Finds the parameters behind the length octet, in the classic or the extended form (RFC 9072 2).
 * Returns 0, or -1 when the lengths contradict each other. */
static int locate_parameters(struct reader *r, struct reader *ret_parameters, bool *ret_extended)
{
	uint8_t length = reader_u8(r);
	struct reader peek = *r;

	*ret_extended = false;
	if (!r->failed && length != 0 && reader_u8(&peek) == OPTIONAL_PARAMETER_EXTENDED &&
	    !peek.failed) {
		*ret_extended = true;
		*ret_parameters = reader_sub(&peek, reader_u16(&peek));
		return peek.failed || reader_left(&peek) != 0 ? -1 : 0;
	}
	*ret_parameters = reader_sub(r, length);
	return r->failed || reader_left(r) != 0 ? -1 : 0;
}

static int check_fixed_fields(const struct bgp_open *open, struct bgp_notification *ret_error)
{
	static const uint8_t version_supported[2] = { 0, 4 };

	if (open->version != 4)
		return open_error(ret_error, BGP_OPEN_UNSUPPORTED_VERSION, version_supported, 2);
	if (open->as.number == 0)
		return open_error(ret_error, BGP_OPEN_BAD_PEER_AS, NULL, 0);
	if (open->hold_time_s == 1 || open->hold_time_s == 2)
		return open_error(ret_error, BGP_OPEN_UNACCEPTABLE_HOLD_TIME, NULL, 0);
	if (open->router_id == 0)
		return open_error(ret_error, BGP_OPEN_BAD_IDENTIFIER, NULL, 0);
	return 0;
}

int bgp_open_decode(const uint8_t *body, size_t length, struct bgp_open *ret_open,
		    struct bgp_notification *ret_error)
{
	struct reader r = reader_of(body, length), parameters;
	struct bgp_open open = { 0 };
	struct capability_result result = { .capabilities = &open.capabilities };
	bool extended;

	open.version = reader_u8(&r);
	open.as.number = reader_u16(&r);
	open.hold_time_s = reader_u16(&r);
	open.router_id = reader_u32(&r);
	if (r.failed)
		return open_error(ret_error, 0, NULL, 0);
	if (check_fixed_fields(&open, ret_error) < 0)
		return -1;
	if (locate_parameters(&r, &parameters, &extended) < 0)
		return open_error(ret_error, 0, NULL, 0);
	if (decode_parameters(parameters, extended, &result, ret_error) < 0)
		return -1;
	if (result.as_present && result.as == 0)
		return open_error(ret_error, BGP_OPEN_BAD_PEER_AS, NULL, 0);
	if (result.as_present)
		open.as.number = result.as;
	if (!open.capabilities.multiprotocol)
		open.capabilities.families[BGP_IPV4_UNICAST] = true;
	*ret_open = open;
	return 0;
}

void bgp_open_encode(struct writer *w, const struct bgp_open *open)
{
	uint8_t bytes[PARAMETERS_BYTES_MAX];
	struct writer capabilities = writer_of(bytes, sizeof(bytes));
	size_t start = writer_length(w), length;

	capability_encode_all(&capabilities, open);
	if (capabilities.failed)
		w->failed = true;
	length = writer_length(&capabilities);
	bgp_header_encode(w, 0, BGP_OPEN);
	writer_u8(w, open->version);
	writer_u16(w, open->as.number > UINT16_MAX ? BGP_AS_TRANS : (uint16_t)open->as.number);
	writer_u16(w, open->hold_time_s);
	writer_u32(w, open->router_id);
	if (length == 0) {
		writer_u8(w, 0);
	} else if (length <= 253) {
		writer_u8(w, (uint8_t)(length + 2));
		writer_u8(w, OPTIONAL_PARAMETER_CAPABILITIES);
		writer_u8(w, (uint8_t)length);
	} else {
		writer_u8(w, 255);
		writer_u8(w, OPTIONAL_PARAMETER_EXTENDED);
		writer_u16(w, (uint16_t)(length + 3));
		writer_u8(w, OPTIONAL_PARAMETER_CAPABILITIES);
		writer_u16(w, (uint16_t)length);
	}
	writer_bytes(w, bytes, length);
	writer_patch_u16(w, start + 16, (uint16_t)(writer_length(w) - start));
}

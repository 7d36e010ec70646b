/*
 * message: the header, KEEPALIVE and ROUTE-REFRESH.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4.1, 4.4 and 6.1; RFC 2918; RFC 7313. OPEN is in open.c, NOTIFICATION in notification.c.
 */
#include "bgp/message.h"

/* The shortest and the longest that each type may be; longest 0: as the session allows. */
static const struct {
	uint16_t length_min;
	uint16_t length_max;
} types[BGP_TYPE_MAX] = {
	[BGP_OPEN] = { 29, BGP_MESSAGE_BYTES_MAX },
	[BGP_UPDATE] = { 23, 0 },
	[BGP_NOTIFICATION] = { 21, 0 },
	[BGP_KEEPALIVE] = { 19, 19 },
	[BGP_ROUTE_REFRESH] = { 19, 0 }, /* RFC 7313 5 has its own error for a wrong length */
};

static const uint8_t marker[16] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
				    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

int bgp_header_decode(const uint8_t *bytes, uint32_t message_bytes_max,
		      struct bgp_header *ret_header, struct bgp_notification *ret_error)
{
	struct reader r = reader_of(bytes + sizeof(marker), BGP_HEADER_BYTES - sizeof(marker));
	const uint8_t *length_bytes = r.next;
	uint16_t length = reader_u16(&r);
	uint8_t type = reader_u8(&r);

	if (memcmp(bytes, marker, sizeof(marker)) != 0) {
		bgp_notification_set(ret_error, BGP_ERROR_HEADER, BGP_HEADER_NOT_SYNCHRONIZED, NULL,
				     0);
		return -1;
	}
	if (length < BGP_HEADER_BYTES || length > message_bytes_max) {
		bgp_notification_set(ret_error, BGP_ERROR_HEADER, BGP_HEADER_BAD_LENGTH,
				     length_bytes, 2);
		return -1;
	}
	if (type == 0 || type >= BGP_TYPE_MAX) {
		bgp_notification_set(ret_error, BGP_ERROR_HEADER, BGP_HEADER_BAD_TYPE, &type, 1);
		return -1;
	}
	if (length < types[type].length_min ||
	    (types[type].length_max != 0 && length > types[type].length_max)) {
		bgp_notification_set(ret_error, BGP_ERROR_HEADER, BGP_HEADER_BAD_LENGTH,
				     length_bytes, 2);
		return -1;
	}
	ret_header->length = length;
	ret_header->type = type;
	return 0;
}

void bgp_header_encode(struct writer *w, uint16_t length, enum bgp_type type)
{
	writer_bytes(w, marker, sizeof(marker));
	writer_u16(w, length);
	writer_u8(w, (uint8_t)type);
}

void bgp_keepalive_encode(struct writer *w)
{
	bgp_header_encode(w, BGP_HEADER_BYTES, BGP_KEEPALIVE);
}

void bgp_refresh_encode(struct writer *w, enum bgp_family family, uint8_t subtype)
{
	const struct bgp_family_info *info = bgp_family_info(family);

	bgp_header_encode(w, BGP_HEADER_BYTES + 4, BGP_ROUTE_REFRESH);
	writer_u16(w, info->afi);
	writer_u8(w, subtype);
	writer_u8(w, info->safi);
}

int bgp_refresh_decode(const uint8_t *body, size_t length, enum bgp_family *ret_family,
		       uint8_t *ret_subtype, struct bgp_notification *ret_error)
{
	struct reader r = reader_of(body, length);
	uint16_t afi = reader_u16(&r);
	uint8_t subtype = reader_u8(&r);
	uint8_t safi = reader_u8(&r);

	/* RFC 7313 5: the data is the whole message */
	if (r.failed || reader_left(&r) != 0) {
		uint8_t message[255];
		struct writer w = writer_of(message, sizeof(message));
		size_t shown = MIN(length, sizeof(message) - BGP_HEADER_BYTES);

		bgp_header_encode(&w, (uint16_t)(BGP_HEADER_BYTES + length), BGP_ROUTE_REFRESH);
		writer_bytes(&w, body, shown);
		bgp_notification_set(ret_error, BGP_ERROR_REFRESH, BGP_REFRESH_BAD_LENGTH, message,
				     writer_length(&w));
		return -1;
	}
	*ret_family = bgp_family_of(afi, safi);
	*ret_subtype = subtype;
	return 0;
}

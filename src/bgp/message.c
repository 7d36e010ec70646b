/*
 * message: the header, KEEPALIVE, NOTIFICATION and ROUTE-REFRESH.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4.1, 4.4, 4.5 and 6.1; RFC 2918; RFC 7313. OPEN is in open.c; what a NOTIFICATION says
 * is in notification.c.
 */
#include "bgp/message.h"

#define REFRESH_BYTES 4u /* AFI, subtype, SAFI */

/* The shortest and the longest that each type may be; longest 0: as the session allows. */
static const struct {
	uint16_t length_min;
	uint16_t length_max;
} types[BGP_TYPE_MAX] = {
	[BGP_OPEN] = { 29, BGP_MESSAGE_BYTES_MAX },
	[BGP_UPDATE] = { 23, 0 },
	[BGP_NOTIFICATION] = { 21, 0 },
	[BGP_KEEPALIVE] = { 19, 19 },
	[BGP_ROUTE_REFRESH] = { 19,
				0 }, /* RFC 7313 5 has an error of its own: bgp_refresh_decode */
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

void bgp_notification_encode(struct writer *w, const struct bgp_notification *n)
{
	bgp_header_encode(w, (uint16_t)(BGP_HEADER_BYTES + 2 + n->data_length), BGP_NOTIFICATION);
	writer_u8(w, n->code);
	writer_u8(w, n->subcode);
	writer_bytes(w, n->data, n->data_length);
}

int bgp_notification_decode(const uint8_t *body, size_t length,
			    struct bgp_notification *ret_notification)
{
	struct reader r = reader_of(body, length);
	uint8_t code = reader_u8(&r);
	uint8_t subcode = reader_u8(&r);
	size_t left = reader_left(&r);

	if (r.failed)
		return -1;
	bgp_notification_set(ret_notification, code, subcode, reader_bytes(&r, left), left);
	return 0;
}

void bgp_refresh_encode(struct writer *w, enum bgp_family family, uint8_t subtype)
{
	const struct bgp_family_info *info = bgp_family_info(family);

	bgp_header_encode(w, BGP_HEADER_BYTES + 4, BGP_ROUTE_REFRESH);
	writer_u16(w, info->afi);
	writer_u8(w, subtype);
	writer_u8(w, info->safi);
}

/* RFC 7313 5: the data is the whole message */
static int refresh_error(const uint8_t *body, size_t length, struct bgp_notification *ret_error)
{
	uint8_t message[BGP_NOTIFICATION_DATA_MAX];
	struct writer w = writer_of(message, sizeof(message));

	bgp_header_encode(&w, (uint16_t)(BGP_HEADER_BYTES + length), BGP_ROUTE_REFRESH);
	writer_bytes(&w, body, MIN(length, writer_left(&w)));
	bgp_notification_set(ret_error, BGP_ERROR_REFRESH, BGP_REFRESH_BAD_LENGTH, message,
			     writer_length(&w));
	return -1;
}

int bgp_refresh_decode(const uint8_t *body, size_t length, bool enhanced,
		       enum bgp_family *ret_family, uint8_t *ret_subtype,
		       struct bgp_notification *ret_error)
{
	struct reader r = reader_of(body, length);
	uint16_t afi = reader_u16(&r);
	uint8_t subtype = reader_u8(&r);
	bool marks = enhanced && !r.failed &&
		     (subtype == BGP_REFRESH_BEGIN || subtype == BGP_REFRESH_END);
	uint8_t safi = reader_u8(&r), message_length[2];

	if (marks && length != REFRESH_BYTES)
		return refresh_error(body, length, ret_error);
	if (r.failed) { /* RFC 4271 6.1: shorter than a message of its type can be */
		struct writer w = writer_of(message_length, sizeof(message_length));

		writer_u16(&w, (uint16_t)(BGP_HEADER_BYTES + length));
		bgp_notification_set(ret_error, BGP_ERROR_HEADER, BGP_HEADER_BAD_LENGTH,
				     message_length, sizeof(message_length));
		return -1;
	}
	/* Entries of outbound route filters (RFC 5291 4), that nobody has agreed on, are ignored.
	 */
	*ret_family = bgp_family_of(afi, safi);
	*ret_subtype = subtype;
	return 0;
}

/*
 * wire: the few BGP messages that the driver builds and recognises.
 * SPDX-License-Identifier: Apache-2.0
 *
 * See wire.h. RFC 4271 section 4; capabilities of RFC 5492, 4760, 2918, 6793 and 4724.
 */
#include "wire.h"

#define AS_TRANS 23456

size_t wire_begin(struct writer *w, uint8_t type)
{
	size_t offset = writer_length(w);
	uint8_t *marker = writer_reserve(w, 16);

	if (marker != NULL)
		memset(marker, 0xff, 16);
	writer_u16(w, 0);
	writer_u8(w, type);
	return offset;
}

void wire_end(struct writer *w, size_t offset)
{
	writer_patch_u16(w, offset + 16, (uint16_t)(writer_length(w) - offset));
}

void wire_write_open(struct writer *w, const struct wire_open *open)
{
	size_t offset = wire_begin(w, WIRE_OPEN), parameters, capabilities;

	writer_u8(w, 4);
	writer_u16(w, open->as > UINT16_MAX ? AS_TRANS : (uint16_t)open->as);
	writer_u16(w, open->hold_time_seconds);
	writer_u32(w, open->router_id);
	parameters = writer_length(w);
	writer_u8(w, 0); /* length of the optional parameters: patched below */
	writer_u8(w, 2); /* parameter type: capabilities */
	capabilities = writer_length(w);
	writer_u8(w, 0);
	writer_bytes(w, (const uint8_t[]){ 1, 4, 0, 1, 0, 1 }, 6); /* multiprotocol: IPv4 unicast */
	writer_bytes(w, (const uint8_t[]){ 2, 0 }, 2);		   /* route refresh */
	writer_bytes(w, (const uint8_t[]){ 65, 4 }, 2);		   /* 4-byte AS number */
	writer_u32(w, open->as);
	if (open->graceful_restart) /* 120 s; IPv4 unicast, forwarding not preserved */
		writer_bytes(w, (const uint8_t[]){ 64, 6, 0, 120, 0, 1, 1, 0 }, 8);
	if (!w->failed) {
		w->start[parameters] = (uint8_t)(writer_length(w) - parameters - 1);
		w->start[capabilities] = (uint8_t)(writer_length(w) - capabilities - 1);
	}
	wire_end(w, offset);
}

void wire_write_keepalive(struct writer *w)
{
	wire_end(w, wire_begin(w, WIRE_KEEPALIVE));
}

void wire_write_notification(struct writer *w, uint8_t code, uint8_t subcode)
{
	size_t offset = wire_begin(w, WIRE_NOTIFICATION);

	writer_u8(w, code);
	writer_u8(w, subcode);
	wire_end(w, offset);
}

void wire_write_end_of_rib(struct writer *w)
{
	size_t offset = wire_begin(w, WIRE_UPDATE);

	writer_u32(w, 0);
	wire_end(w, offset);
}

int wire_next(struct reader *r, struct wire_message *ret, struct error *e)
{
	struct reader ahead = *r;
	uint64_t marker;
	uint16_t length;
	uint8_t type;

	if (reader_left(r) < WIRE_HEADER_BYTES)
		return 0;
	marker = reader_u64(&ahead);
	marker &= reader_u64(&ahead);
	length = reader_u16(&ahead);
	type = reader_u8(&ahead);
	if (marker != UINT64_MAX || length < WIRE_HEADER_BYTES || length > WIRE_MESSAGE_BYTES_MAX)
		return error_set(e, "message header with marker %016" PRIx64 ", length %u, type %u",
				 marker, length, type);
	if (reader_left(r) < length)
		return 0;
	ret->type = type;
	ret->body = reader_sub(&ahead, (size_t)length - WIRE_HEADER_BYTES);
	*r = ahead;
	return 1;
}

int wire_split_update(struct reader body, struct wire_update *ret, struct error *e)
{
	struct wire_update update;

	update.withdrawn = reader_sub(&body, reader_u16(&body));
	update.attributes = reader_sub(&body, reader_u16(&body));
	update.nlri = body;
	if (body.failed)
		return error_set(e, "UPDATE whose lengths pass its end");
	*ret = update;
	return 0;
}

bool wire_next_attribute(struct reader *attributes, struct wire_attribute_view *ret)
{
	struct wire_attribute_view view;

	if (attributes->next == attributes->end)
		return false;
	view.flags = reader_u8(attributes);
	view.type = reader_u8(attributes);
	view.length =
		view.flags & WIRE_FLAG_EXTENDED ? reader_u16(attributes) : reader_u8(attributes);
	view.value = reader_bytes(attributes, view.length);
	if (attributes->failed)
		return false;
	*ret = view;
	return true;
}

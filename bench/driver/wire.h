/*
 * wire: the few BGP messages that the driver builds and recognises.
 * SPDX-License-Identifier: Apache-2.0
 *
 * This is a codec of its own, on purpose: the driver checks what heliod sends, so it shares nothing
 * with src/bgp. It knows IPv4 unicast and 4-byte AS numbers (RFC 4271, 6793), no more.
 */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include "base/base.h"
#include "base/error.h"
#include "base/reader.h"
#include "base/writer.h"

#define WIRE_HEADER_BYTES 19
#define WIRE_MESSAGE_BYTES_MAX 4096

enum wire_type {
	WIRE_OPEN = 1,
	WIRE_UPDATE = 2,
	WIRE_NOTIFICATION = 3,
	WIRE_KEEPALIVE = 4,
	WIRE_ROUTE_REFRESH = 5,
};

enum wire_attribute {
	WIRE_ORIGIN = 1,
	WIRE_AS_PATH = 2,
	WIRE_NEXT_HOP = 3,
	WIRE_MED = 4,
	WIRE_LOCAL_PREF = 5,
	WIRE_AGGREGATOR = 7,
	WIRE_COMMUNITIES = 8,
	WIRE_ORIGINATOR_ID = 9,
	WIRE_CLUSTER_LIST = 10,
};

#define WIRE_FLAG_OPTIONAL 0x80
#define WIRE_FLAG_TRANSITIVE 0x40
#define WIRE_FLAG_EXTENDED 0x10

struct wire_message {
	uint8_t type;
	struct reader body;
};

struct wire_update {
	struct reader withdrawn;
	struct reader attributes;
	struct reader nlri;
};

struct wire_attribute_view {
	uint8_t flags;
	uint8_t type;
	uint16_t length;
	const uint8_t *value;
};

struct wire_open {
	uint32_t as;
	uint32_t router_id;
	uint16_t hold_time_seconds;
	bool graceful_restart;
};

/* Each writes one whole message. */
void wire_write_open(struct writer *w, const struct wire_open *open);
void wire_write_keepalive(struct writer *w);
void wire_write_notification(struct writer *w, uint8_t code, uint8_t subcode);
void wire_write_end_of_rib(struct writer *w);

/* Begins a message of this type, with a length to be set by wire_end. Returns its offset in w. */
size_t wire_begin(struct writer *w, uint8_t type);
void wire_end(struct writer *w, size_t offset);

/* Takes the next message off r. 1: *ret is one; 0: r ends within it (r untouched); -1: the header
 * is wrong. */
int wire_next(struct reader *r, struct wire_message *ret, struct error *e) MUST_CHECK;

/* Splits the body of an UPDATE. */
int wire_split_update(struct reader body, struct wire_update *ret, struct error *e) MUST_CHECK;

/* The next path attribute; false at the end or, with attributes->failed set, when it is cut off. */
bool wire_next_attribute(struct reader *attributes, struct wire_attribute_view *ret);

/* A prefix as one number: the address in the upper bits, the length in the lower 6. */
static inline uint64_t wire_prefix_key(uint32_t address, uint8_t length)
{
	return (uint64_t)address << 6 | length;
}

/* The next NLRI as a prefix key; false at the end or, with r->failed set, when it is wrong. */
static inline bool wire_next_prefix(struct reader *r, uint64_t *ret_key)
{
	uint32_t address = 0;
	uint8_t length;
	const uint8_t *bytes;

	if (r->next == r->end)
		return false;
	length = reader_u8(r);
	if (UNLIKELY(length > 32)) {
		reader_fail(r);
		return false;
	}
	bytes = reader_bytes(r, (size_t)(length + 7) / 8);
	if (UNLIKELY(bytes == NULL))
		return false;
	switch ((length + 7) / 8) {
	case 4:
		address |= bytes[3];
		/* fall through */
	case 3:
		address |= (uint32_t)bytes[2] << 8;
		/* fall through */
	case 2:
		address |= (uint32_t)bytes[1] << 16;
		/* fall through */
	case 1:
		address |= (uint32_t)bytes[0] << 24;
		break;
	default:
		break;
	}
	if (length < 32)
		address &= ~(UINT32_MAX >> length);
	*ret_key = wire_prefix_key(address, length);
	return true;
}

#endif

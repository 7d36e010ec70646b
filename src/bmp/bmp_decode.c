/*
 * bmp_decode: reading BMP messages, one by one or out of a stream.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 7854 4, 8671, 9069. Message types and TLVs that are not known are passed over, as RFC 7854
 * asks; lengths that contradict each other end the stream.
 */
#include "bmp/bmp.h"
#include "bmp/bmp_stat.h"

#define BMP_VERSION 3u
#define BGP_MESSAGE_HEADER_BYTES 19u
#define BGP_TYPE_AT 18u
#define BGP_TYPE_OPEN 1u
#define BGP_TYPE_UPDATE 2u

static struct ip_addr read_address(struct reader *r, bool ipv6)
{
	uint8_t bytes[16];

	reader_copy(r, bytes, sizeof(bytes));
	return ipv6 ? ip_addr_of(IP_V6, bytes) : ip_addr_of(IP_V4, bytes + 12);
}

static void read_peer(struct reader *r, struct bmp_peer *ret_peer)
{
	ret_peer->type = reader_u8(r);
	ret_peer->flags = reader_u8(r);
	ret_peer->distinguisher = reader_u64(r);
	ret_peer->address = read_address(r, ret_peer->type != BMP_PEER_LOC_RIB &&
						    (ret_peer->flags & BMP_PEER_FLAG_V) != 0);
	if (ret_peer->type == BMP_PEER_LOC_RIB)
		ret_peer->address = (struct ip_addr){ 0 };
	ret_peer->as = reader_u32(r);
	ret_peer->bgp_id = reader_u32(r);
	ret_peer->time_s = reader_u32(r);
	ret_peer->time_us = reader_u32(r);
}

/* Steps over one BGP message of this type. NULL (and the reader failed) when there is none. */
static const uint8_t *read_bgp(struct reader *r, uint8_t type, size_t *ret_length)
{
	struct reader peek = *r;
	size_t length;

	(void)reader_bytes(&peek, 16);
	length = reader_u16(&peek);
	if (reader_u8(&peek) != type || peek.failed || length < BGP_MESSAGE_HEADER_BYTES) {
		reader_fail(r);
		return NULL;
	}
	*ret_length = length;
	return reader_bytes(r, length);
}

/* Do the TLVs fill the reader exactly? */
static bool tlvs_are_whole(struct reader r)
{
	while (reader_left(&r) != 0) {
		(void)reader_u16(&r);
		(void)reader_bytes(&r, reader_u16(&r));
	}
	return !r.failed;
}

static int wrong(struct error *e, const char *text)
{
	return error_set(e, "%s", text);
}

static int decode_route_monitoring(struct reader *r, struct bmp_message *m, struct error *e)
{
	m->update = read_bgp(r, BGP_TYPE_UPDATE, &m->update_length);
	if (r->failed || reader_left(r) != 0)
		return wrong(e, "Route Monitoring does not hold one BGP UPDATE");
	return 1;
}

static int decode_peer_up(struct reader *r, struct bmp_message *m, struct error *e)
{
	bool loc_rib = m->peer.type == BMP_PEER_LOC_RIB;

	m->up.local_address = read_address(r, !loc_rib && (m->peer.flags & BMP_PEER_FLAG_V) != 0);
	if (loc_rib)
		m->up.local_address = (struct ip_addr){ 0 };
	m->up.local_port = reader_u16(r);
	m->up.remote_port = reader_u16(r);
	m->up.sent_open = read_bgp(r, BGP_TYPE_OPEN, &m->up.sent_open_length);
	m->up.received_open = read_bgp(r, BGP_TYPE_OPEN, &m->up.received_open_length);
	if (r->failed)
		return wrong(e, "Peer Up does not hold two BGP OPENs");
	m->tlvs = *r;
	if (!tlvs_are_whole(m->tlvs))
		return wrong(e, "the information TLVs of Peer Up are longer than the message");
	return 1;
}

static int decode_peer_down(struct reader *r, struct bmp_message *m, struct error *e)
{
	m->down_reason = reader_u8(r);
	if (r->failed)
		return wrong(e, "Peer Down names no reason");
	m->down_data_length = reader_left(r);
	m->down_data = r->next;
	if (m->down_reason != BMP_DOWN_LOCAL_TLV)
		return 1;
	m->tlvs = *r;
	if (!tlvs_are_whole(m->tlvs))
		return wrong(e, "the information TLVs of Peer Down are longer than the message");
	return 1;
}

static int decode_statistics(struct reader *r, struct bmp_message *m, struct error *e)
{
	uint32_t count = reader_u32(r);

	m->stats = *r;
	for (uint32_t i = 0; i < count && !r->failed; i++) {
		(void)reader_u16(r);
		(void)reader_bytes(r, reader_u16(r));
	}
	if (r->failed)
		return wrong(e, "the statistics are longer than the message");
	m->stats.end = r->next; /* what follows is not counted */
	return 1;
}

static int decode_tlvs(struct reader *r, struct bmp_message *m, struct error *e)
{
	struct bmp_text reason;
	struct reader value;

	m->tlvs = *r;
	m->termination_reason = 1;
	if (!tlvs_are_whole(m->tlvs))
		return wrong(e, "the information TLVs are longer than the message");
	if (m->type != BMP_TERMINATION)
		return 1;
	reason = bmp_message_tlv(m, 1);
	if (reason.bytes == NULL || reason.length != 2)
		return 1;
	value = reader_of(reason.bytes, reason.length);
	m->termination_reason = reader_u16(&value);
	return 1;
}

static int decode_mirroring(struct reader *r, struct bmp_message *m, struct error *e)
{
	m->tlvs = *r;
	if (!tlvs_are_whole(m->tlvs))
		return wrong(e, "the TLVs of Route Mirroring are longer than the message");
	return 1;
}

static const struct {
	bool has_peer;
	int (*decode)(struct reader *r, struct bmp_message *m, struct error *e);
} types[] = {
	[BMP_ROUTE_MONITORING] = { true, decode_route_monitoring },
	[BMP_STATISTICS] = { true, decode_statistics },
	[BMP_PEER_DOWN] = { true, decode_peer_down },
	[BMP_PEER_UP] = { true, decode_peer_up },
	[BMP_INITIATION] = { false, decode_tlvs },
	[BMP_TERMINATION] = { false, decode_tlvs },
	[BMP_ROUTE_MIRRORING] = { true, decode_mirroring },
};

/* Reads the common header. 0, or -1 with *e. */
static int decode_header(struct reader *r, size_t *ret_length, uint8_t *ret_type, struct error *e)
{
	uint8_t version = reader_u8(r);

	*ret_length = reader_u32(r);
	*ret_type = reader_u8(r);
	if (version != BMP_VERSION)
		return error_set(e, "BMP version %u, must be %u", version, BMP_VERSION);
	if (*ret_length < BMP_HEADER_BYTES || *ret_length > BMP_MESSAGE_BYTES_MAX)
		return error_set(e, "BMP message length %zu, must be %u to %u", *ret_length,
				 BMP_HEADER_BYTES, BMP_MESSAGE_BYTES_MAX);
	return 0;
}

int bmp_message_decode(const uint8_t *bytes, size_t length, struct bmp_message *ret_message,
		       struct error *e)
{
	struct reader r = reader_of(bytes, length);
	struct bmp_message m = { 0 };
	size_t said;
	uint8_t type;

	if (length < BMP_HEADER_BYTES)
		return wrong(e, "the BMP message is shorter than its header");
	if (decode_header(&r, &said, &type, e) < 0)
		return -1;
	if (said != length)
		return error_set(e, "BMP message length %zu, but there are %zu octets", said,
				 length);
	if (type >= ARRAY_SIZE(types))
		return 0;
	m.type = (enum bmp_type)type;
	if (types[type].has_peer)
		read_peer(&r, &m.peer);
	if (r.failed)
		return wrong(e, "the BMP message is shorter than the per-peer header");
	if (types[type].decode(&r, &m, e) < 0)
		return -1;
	*ret_message = m;
	return 1;
}

int bmp_message_length(const uint8_t *bytes, size_t *ret_length, struct error *e)
{
	struct reader r = reader_of(bytes, BMP_HEADER_BYTES);
	uint8_t type;

	return decode_header(&r, ret_length, &type, e);
}

bool bmp_tlv_next(struct reader *tlvs, struct bmp_tlv *ret_tlv)
{
	struct bmp_tlv tlv;

	if (tlvs->failed || reader_left(tlvs) == 0)
		return false;
	tlv.type = reader_u16(tlvs);
	tlv.length = reader_u16(tlvs);
	tlv.value = reader_bytes(tlvs, tlv.length);
	if (tlvs->failed)
		return false;
	*ret_tlv = tlv;
	return true;
}

struct bmp_text bmp_message_tlv(const struct bmp_message *message, uint16_t type)
{
	struct reader r = message->tlvs;

	while (reader_left(&r) != 0) {
		uint16_t found = reader_u16(&r), length = reader_u16(&r);
		const uint8_t *value = reader_bytes(&r, length);

		if (value != NULL && found == type)
			return (struct bmp_text){ (const char *)value, length };
	}
	return (struct bmp_text){ NULL, 0 };
}

bool bmp_stat_next(struct reader *stats, struct bmp_stat *ret_stat)
{
	while (reader_left(stats) != 0) {
		struct bmp_stat stat = { .type = reader_u16(stats) };
		uint16_t length = reader_u16(stats);
		struct reader value = reader_sub(stats, length);

		if (length == BMP_STAT_FAMILY_BYTES) {
			stat.afi = reader_u16(&value);
			stat.safi = reader_u8(&value);
		}
		if (length == BMP_STAT_COUNTER_BYTES)
			stat.value = reader_u32(&value);
		else if (length == BMP_STAT_GAUGE_BYTES || length == BMP_STAT_FAMILY_BYTES)
			stat.value = reader_u64(&value);
		else
			continue;
		if (stats->failed)
			return false;
		*ret_stat = stat;
		return true;
	}
	return false;
}

void bmp_decoder_init(struct bmp_decoder *decoder)
{
	buf_init(&decoder->pending, BMP_MESSAGE_BYTES_MAX);
	decoder->offset = 0;
	decoder->broken = false;
}

void bmp_decoder_done(struct bmp_decoder *decoder)
{
	buf_done(&decoder->pending);
}

void bmp_decoder_clear(struct bmp_decoder *decoder)
{
	buf_clear(&decoder->pending);
	decoder->offset = 0;
	decoder->broken = false;
}

/* Gives all whole messages at the front of `bytes` away; returns the octets used, or -1. */
static ssize_t feed_whole(struct bmp_decoder *d, const uint8_t *bytes, size_t length,
			  bmp_message_fn each, void *context, struct error *e)
{
	size_t used = 0, wanted;
	struct bmp_message message;
	uint8_t type;

	while (length - used >= BMP_HEADER_BYTES) {
		struct reader r = reader_of(bytes + used, length - used);
		int got;

		if (decode_header(&r, &wanted, &type, e) < 0)
			return -1;
		if (length - used < wanted)
			break;
		got = bmp_message_decode(bytes + used, wanted, &message, e);
		if (got < 0)
			return -1;
		if (got > 0 && !each(context, &message))
			return error_set(e, "the BMP message was refused");
		used += wanted;
		d->offset += wanted;
	}
	return (ssize_t)used;
}

/* How many octets are missing until the pending message, or its header, is whole. The header in it
 * was judged when it came. */
static size_t missing(const struct bmp_decoder *d)
{
	struct reader r = reader_of(d->pending.data, d->pending.length);
	size_t wanted = BMP_HEADER_BYTES;

	if (d->pending.length >= BMP_HEADER_BYTES) {
		(void)reader_u8(&r);
		wanted = reader_u32(&r);
	}
	return wanted - d->pending.length;
}

int bmp_decoder_feed(struct bmp_decoder *decoder, const uint8_t *bytes, size_t length,
		     bmp_message_fn each, void *context, struct error *e)
{
	ssize_t used = 0;

	if (decoder->broken)
		return error_set(e, "the BMP stream is broken since octet %" PRIu64,
				 decoder->offset);
	/* First complete what is pending: its header, then the rest. */
	while (decoder->pending.length != 0 && length != 0 && used >= 0) {
		size_t step = MIN(missing(decoder), length);

		buf_add(&decoder->pending, bytes, step);
		bytes += step;
		length -= step;
		used = feed_whole(decoder, (const uint8_t *)decoder->pending.data,
				  decoder->pending.length, each, context, e);
		if (used > 0)
			buf_clear(&decoder->pending);
	}
	if (used >= 0 && length != 0)
		used = feed_whole(decoder, bytes, length, each, context, e);
	else if (used > 0)
		used = 0;
	if (used < 0) {
		decoder->broken = true;
		return error_prefix(e, "octet %" PRIu64, decoder->offset);
	}
	buf_add(&decoder->pending, bytes + used, length - (size_t)used);
	return 0;
}

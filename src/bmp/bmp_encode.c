/*
 * bmp_encode: writing BMP messages.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 7854 4, 9069 4 and 5.
 */
#include "bmp/bmp.h"
#include "bmp/bmp_stat.h"

#define BMP_VERSION 3u

/* The common header; the length is patched by end. Returns where the message begins. */
static size_t begin(struct writer *w, enum bmp_type type)
{
	size_t start = writer_length(w);

	writer_u8(w, BMP_VERSION);
	writer_u32(w, 0);
	writer_u8(w, (uint8_t)type);
	return start;
}

static void patch_length(struct writer *w, size_t start, size_t length)
{
	if (length > BMP_MESSAGE_BYTES_MAX)
		w->failed = true;
	writer_patch_u16(w, start + 1, (uint16_t)(length >> 16));
	writer_patch_u16(w, start + 3, (uint16_t)length);
}

static void end(struct writer *w, size_t start)
{
	patch_length(w, start, writer_length(w) - start);
}

/* An address in 16 octets: IPv4 in the last four (RFC 7854 4.2). */
static void put_address(struct writer *w, const struct ip_addr *address)
{
	size_t length = ip_family_bytes(address->family);
	uint8_t *to = writer_reserve(w, 16);

	if (to == NULL)
		return;
	memset(to, 0, 16);
	memcpy(to + 16 - length, address->bytes, length);
}

static void put_peer(struct writer *w, const struct bmp_peer *peer)
{
	uint8_t flags = peer->flags;

	if (peer->type != BMP_PEER_LOC_RIB) {
		flags &= (uint8_t)~BMP_PEER_FLAG_V;
		flags |= peer->address.family == IP_V6 ? BMP_PEER_FLAG_V : 0;
	}
	writer_u8(w, peer->type);
	writer_u8(w, flags);
	writer_u64(w, peer->distinguisher);
	put_address(w, &peer->address);
	writer_u32(w, peer->as);
	writer_u32(w, peer->bgp_id);
	writer_u32(w, peer->time_s);
	writer_u32(w, peer->time_us);
}

static void put_text(struct writer *w, enum bmp_tlv_type type, const char *text)
{
	size_t length = text == NULL ? 0 : strlen(text);

	if (text == NULL)
		return;
	if (length > UINT16_MAX)
		w->failed = true;
	writer_u16(w, (uint16_t)type);
	writer_u16(w, (uint16_t)length);
	writer_bytes(w, text, length);
}

void bmp_initiation_encode(struct writer *w, const char *sys_name, const char *sys_descr,
			   const char *text)
{
	size_t start = begin(w, BMP_INITIATION);

	put_text(w, BMP_TLV_SYS_DESCR, sys_descr);
	put_text(w, BMP_TLV_SYS_NAME, sys_name);
	put_text(w, BMP_TLV_STRING, text);
	end(w, start);
}

void bmp_termination_encode(struct writer *w, uint16_t reason, const char *text)
{
	size_t start = begin(w, BMP_TERMINATION);

	writer_u16(w, 1);
	writer_u16(w, 2);
	writer_u16(w, reason);
	put_text(w, BMP_TLV_STRING, text);
	end(w, start);
}

void bmp_peer_up_encode(struct writer *w, const struct bmp_peer *peer, const struct bmp_peer_up *up,
			const char *table_name)
{
	size_t start = begin(w, BMP_PEER_UP);

	put_peer(w, peer);
	put_address(w, &up->local_address);
	writer_u16(w, up->local_port);
	writer_u16(w, up->remote_port);
	writer_bytes(w, up->sent_open, up->sent_open_length);
	writer_bytes(w, up->received_open, up->received_open_length);
	put_text(w, BMP_TLV_TABLE_NAME, table_name);
	end(w, start);
}

void bmp_peer_down_encode(struct writer *w, const struct bmp_peer *peer, uint8_t reason,
			  const uint8_t *data, size_t data_length, const char *table_name)
{
	size_t start = begin(w, BMP_PEER_DOWN);

	put_peer(w, peer);
	writer_u8(w, reason);
	writer_bytes(w, data, data_length);
	if (reason == BMP_DOWN_LOCAL_TLV)
		put_text(w, BMP_TLV_TABLE_NAME, table_name);
	end(w, start);
}

void bmp_route_monitoring_header_encode(struct writer *w, const struct bmp_peer *peer,
					size_t update_length)
{
	size_t start = begin(w, BMP_ROUTE_MONITORING);

	put_peer(w, peer);
	patch_length(w, start, writer_length(w) - start + update_length);
}

void bmp_route_monitoring_encode(struct writer *w, const struct bmp_peer *peer,
				 const uint8_t *update, size_t length)
{
	bmp_route_monitoring_header_encode(w, peer, length);
	writer_bytes(w, update, length);
}

void bmp_statistics_encode(struct writer *w, const struct bmp_peer *peer,
			   const struct bmp_stat *stats, size_t count)
{
	size_t start = begin(w, BMP_STATISTICS);

	put_peer(w, peer);
	writer_u32(w, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		const struct bmp_stat *stat = &stats[i];
		uint16_t length = bmp_stat_length(stat->type);

		writer_u16(w, stat->type);
		writer_u16(w, length);
		if (length == BMP_STAT_FAMILY_BYTES) {
			writer_u16(w, stat->afi);
			writer_u8(w, stat->safi);
		}
		if (length == BMP_STAT_COUNTER_BYTES)
			writer_u32(w, (uint32_t)MIN(stat->value, (uint64_t)UINT32_MAX));
		else
			writer_u64(w, stat->value);
	}
	end(w, start);
}

void bmp_route_mirroring_encode(struct writer *w, const struct bmp_peer *peer,
				const uint8_t *message, size_t length, int information)
{
	size_t start = begin(w, BMP_ROUTE_MIRRORING);

	put_peer(w, peer);
	if (information >= 0) {
		writer_u16(w, BMP_MIRROR_INFORMATION);
		writer_u16(w, 2);
		writer_u16(w, (uint16_t)information);
	}
	if (message != NULL) {
		if (length > UINT16_MAX)
			w->failed = true;
		writer_u16(w, BMP_MIRROR_MESSAGE);
		writer_u16(w, (uint16_t)length);
		writer_bytes(w, message, length);
	}
	end(w, start);
}

/*
 * mrt_encode: writing MRT records.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 6396 2 to 4, 6397 4.1, 8050 4.
 */
#include "mrt/mrt.h"
#include "mrt/mrt_table.h"

/* The header; the length is patched by end. Returns where the record begins. */
static size_t begin(struct writer *w, uint32_t time_s, uint16_t type, uint16_t subtype)
{
	size_t start = writer_length(w);

	writer_u32(w, time_s);
	writer_u16(w, type);
	writer_u16(w, subtype);
	writer_u32(w, 0);
	return start;
}

static void end(struct writer *w, size_t start)
{
	size_t length = writer_length(w) - start - MRT_HEADER_BYTES;

	if (w->failed || length > MRT_RECORD_BYTES_MAX) {
		w->failed = true;
		return;
	}
	writer_patch_u16(w, start + 8, (uint16_t)(length >> 16));
	writer_patch_u16(w, start + 10, (uint16_t)length);
}

static void put_address(struct writer *w, const struct ip_addr *address, uint8_t family)
{
	static const struct ip_addr none;
	const struct ip_addr *from = address->family == family ? address : &none;

	writer_bytes(w, from->bytes, ip_family_bytes(family));
}

static void put_as(struct writer *w, uint32_t as, bool as4)
{
	if (as4)
		writer_u32(w, as);
	else
		writer_u16(w, as > UINT16_MAX ? 23456 : (uint16_t)as); /* AS_TRANS */
}

static uint16_t bgp4mp_subtype(const struct mrt_bgp4mp *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(mrt_bgp4mp_rows); i++) {
		const struct mrt_bgp4mp_row *row = &mrt_bgp4mp_rows[i];

		if (row->is_state_change == m->is_state_change && row->as4 == m->as4 &&
		    (m->is_state_change || (row->local == m->local && row->addpath == m->addpath)))
			return row->subtype;
	}
	return MRT_MESSAGE_AS4; /* every combination has a row */
}

void mrt_bgp4mp_encode(struct writer *w, const struct mrt_bgp4mp *m, uint32_t time_s,
		       uint32_t time_us, bool with_microseconds)
{
	uint8_t family = m->peer_address.family == IP_V6 ? IP_V6 : IP_V4;
	size_t start =
		begin(w, time_s, with_microseconds ? MRT_BGP4MP_ET : MRT_BGP4MP, bgp4mp_subtype(m));

	if (with_microseconds)
		writer_u32(w, time_us);
	put_as(w, m->peer_as, m->as4);
	put_as(w, m->local_as, m->as4);
	writer_u16(w, m->interface_index);
	writer_u16(w, family == IP_V6 ? 2 : 1);
	put_address(w, &m->peer_address, family);
	put_address(w, &m->local_address, family);
	if (m->is_state_change) {
		writer_u16(w, m->old_state);
		writer_u16(w, m->new_state);
	} else {
		writer_bytes(w, m->message, m->message_length);
	}
	end(w, start);
}

void mrt_peer_index_encode(struct writer *w, uint32_t time_s, uint32_t collector_id,
			   const char *view_name, const struct mrt_peer *peers, uint16_t count)
{
	size_t start = begin(w, time_s, MRT_TABLE_DUMP_V2, MRT_PEER_INDEX_TABLE);
	size_t name_length = strlen(view_name);

	if (name_length > UINT16_MAX)
		w->failed = true;
	writer_u32(w, collector_id);
	writer_u16(w, (uint16_t)name_length);
	writer_bytes(w, view_name, name_length);
	writer_u16(w, count);
	for (unsigned i = 0; i < count; i++) {
		bool ipv6 = peers[i].address.family == IP_V6;

		writer_u8(w, ipv6 ? 3 : 2); /* always with 4-octet AS numbers */
		writer_u32(w, peers[i].bgp_id);
		put_address(w, &peers[i].address, ipv6 ? IP_V6 : IP_V4);
		writer_u32(w, peers[i].as);
	}
	end(w, start);
}

static void put_place(struct writer *w, const struct mrt_place *place)
{
	uint32_t bits[2];

	memcpy(bits, place, sizeof(bits));
	writer_u32(w, bits[0]);
	writer_u32(w, bits[1]);
}

void mrt_geo_table_encode(struct writer *w, uint32_t time_s, uint32_t collector_id,
			  const struct mrt_place *collector, const struct mrt_geo_peer *peers,
			  uint16_t count)
{
	size_t start = begin(w, time_s, MRT_TABLE_DUMP_V2, MRT_GEO_PEER_TABLE);

	writer_u32(w, collector_id);
	put_place(w, collector);
	writer_u16(w, count);
	for (unsigned i = 0; i < count; i++) {
		writer_u8(w, peers[i].type);
		writer_u32(w, peers[i].bgp_id);
		put_place(w, &peers[i].place);
	}
	end(w, start);
}

static const struct mrt_rib_row *rib_row(const struct mrt_rib *rib)
{
	const struct mrt_rib_row *generic = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(mrt_rib_rows); i++) {
		const struct mrt_rib_row *row = &mrt_rib_rows[i];

		if (row->addpath != rib->addpath)
			continue;
		if (row->afi == rib->afi && row->safi == rib->safi)
			return row;
		if (row->afi == 0)
			generic = row;
	}
	return generic;
}

void mrt_rib_encode(struct writer *w, uint32_t time_s, const struct mrt_rib *rib,
		    const struct mrt_rib_entry *entries, uint16_t count)
{
	const struct mrt_rib_row *row = rib_row(rib);
	size_t start = begin(w, time_s, MRT_TABLE_DUMP_V2, row->subtype);

	writer_u32(w, rib->sequence);
	if (row->afi == 0) {
		writer_u16(w, rib->afi);
		writer_u8(w, rib->safi);
	}
	if (rib->id_in_nlri && (row->afi != 0 || !rib->addpath))
		w->failed = true;
	if (rib->id_in_nlri)
		writer_u32(w, rib->path_id);
	writer_bytes(w, rib->nlri, rib->nlri_length);
	writer_u16(w, count);
	for (unsigned i = 0; i < count; i++) {
		writer_u16(w, entries[i].peer_index);
		writer_u32(w, entries[i].originated_s);
		if (rib->addpath && !rib->id_in_nlri)
			writer_u32(w, entries[i].path_id);
		if (entries[i].attrs_length > UINT16_MAX)
			w->failed = true;
		writer_u16(w, (uint16_t)entries[i].attrs_length);
		writer_bytes(w, entries[i].attrs, entries[i].attrs_length);
	}
	end(w, start);
}

void mrt_table_dump_encode(struct writer *w, uint32_t time_s, const struct mrt_table_dump *dump)
{
	uint8_t family = dump->prefix.addr.family;
	size_t start = begin(w, time_s, MRT_TABLE_DUMP, family == IP_V6 ? 2 : 1);

	writer_u16(w, dump->view);
	writer_u16(w, dump->sequence);
	put_address(w, &dump->prefix.addr, family);
	writer_u8(w, dump->prefix.length);
	writer_u8(w, dump->status);
	writer_u32(w, dump->originated_s);
	put_address(w, &dump->peer_address, family);
	writer_u16(w, dump->peer_as);
	if (dump->attrs_length > UINT16_MAX)
		w->failed = true;
	writer_u16(w, (uint16_t)dump->attrs_length);
	writer_bytes(w, dump->attrs, dump->attrs_length);
	end(w, start);
}

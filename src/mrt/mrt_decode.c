/*
 * mrt_decode: reading MRT records.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 6396 2 to 4, 6397 4.1, 8050 4.
 */
#include "mrt/mrt.h"
#include "mrt/mrt_table.h"

#define PEER_TYPE_IPV6 0x01u
#define PEER_TYPE_AS4 0x02u
#define BGP_HEADER_BYTES 19u
#define MRT_GEO_PEER_BYTES 13u

static int wrong(struct error *e, const char *text)
{
	return error_set(e, "%s", text);
}

int mrt_record_decode(const uint8_t *bytes, size_t length, struct mrt_record *ret_record,
		      size_t *ret_used, struct error *e)
{
	struct reader r = reader_of(bytes, length), body;
	struct mrt_record record = { 0 };
	size_t said;

	if (length < MRT_HEADER_BYTES)
		return 0;
	record.time_s = reader_u32(&r);
	record.type = reader_u16(&r);
	record.subtype = reader_u16(&r);
	said = reader_u32(&r);
	if (said > MRT_RECORD_BYTES_MAX)
		return error_set(e, "MRT record length %zu, must be at most %u", said,
				 MRT_RECORD_BYTES_MAX);
	if (reader_left(&r) < said)
		return 0;
	body = reader_sub(&r, said);
	if (record.type == MRT_BGP4MP_ET)
		record.time_us = reader_u32(&body);
	if (body.failed)
		return wrong(e, "the MRT record is too short for its microseconds");
	record.body = body.next;
	record.length = reader_left(&body);
	*ret_record = record;
	*ret_used = MRT_HEADER_BYTES + said;
	return 1;
}

static struct ip_addr read_address(struct reader *r, uint8_t family)
{
	const uint8_t *bytes = reader_bytes(r, ip_family_bytes(family));

	return bytes == NULL ? (struct ip_addr){ 0 } : ip_addr_of(family, bytes);
}

bool mrt_peer_next(struct reader *peers, struct mrt_peer *ret_peer)
{
	struct mrt_peer peer;
	uint8_t type;

	if (peers->failed || reader_left(peers) == 0)
		return false;
	type = reader_u8(peers);
	peer.bgp_id = reader_u32(peers);
	peer.address = read_address(peers, (type & PEER_TYPE_IPV6) != 0 ? IP_V6 : IP_V4);
	peer.as = (type & PEER_TYPE_AS4) != 0 ? reader_u32(peers) : reader_u16(peers);
	if (peers->failed)
		return false;
	*ret_peer = peer;
	return true;
}

int mrt_peer_index_decode(const struct mrt_record *record, struct mrt_peer_index *ret_index,
			  struct error *e)
{
	struct reader r = reader_of(record->body, record->length);
	struct mrt_peer_index index = { .collector_id = reader_u32(&r) };
	struct mrt_peer peer;
	unsigned count = 0;

	index.view_name_length = reader_u16(&r);
	index.view_name = (const char *)reader_bytes(&r, index.view_name_length);
	index.peer_count = reader_u16(&r);
	if (r.failed)
		return wrong(e, "the peer index table is too short");
	index.peers = r;
	while (count < index.peer_count && mrt_peer_next(&r, &peer))
		count++;
	if (count != index.peer_count || reader_left(&r) != 0)
		return error_set(e, "the peer index table says %u peers and holds %u%s",
				 index.peer_count, count,
				 count == index.peer_count ? " and more" : "");
	*ret_index = index;
	return 0;
}

static struct mrt_place read_place(struct reader *r)
{
	uint32_t bits[2] = { reader_u32(r), reader_u32(r) };
	struct mrt_place place;

	static_assert(sizeof(place) == sizeof(bits), "floats of IEEE 754, 32 bits");
	memcpy(&place, bits, sizeof(place));
	return place;
}

bool mrt_geo_peer_next(struct reader *peers, struct mrt_geo_peer *ret_peer)
{
	struct mrt_geo_peer peer;

	if (peers->failed || reader_left(peers) == 0)
		return false;
	peer.type = reader_u8(peers);
	peer.bgp_id = reader_u32(peers);
	peer.place = read_place(peers);
	if (peers->failed)
		return false;
	*ret_peer = peer;
	return true;
}

int mrt_geo_table_decode(const struct mrt_record *record, struct mrt_geo_table *ret_table,
			 struct error *e)
{
	struct reader r = reader_of(record->body, record->length);
	struct mrt_geo_table table = { .collector_id = reader_u32(&r) };

	table.collector = read_place(&r);
	table.peer_count = reader_u16(&r);
	table.peers = r;
	if (r.failed || reader_left(&r) != (size_t)table.peer_count * MRT_GEO_PEER_BYTES)
		return error_set(e, "the geo peer table says %u peers and is %zu octets long",
				 table.peer_count, record->length);
	*ret_table = table;
	return 0;
}

bool mrt_rib_entry_next(struct mrt_rib *rib, struct mrt_rib_entry *ret_entry)
{
	struct reader *r = &rib->entries;
	struct mrt_rib_entry entry = { 0 };

	if (r->failed || reader_left(r) == 0)
		return false;
	entry.peer_index = reader_u16(r);
	entry.originated_s = reader_u32(r);
	entry.path_id = rib->addpath && !rib->id_in_nlri ? reader_u32(r) : rib->path_id;
	entry.attrs_length = reader_u16(r);
	entry.attrs = reader_bytes(r, entry.attrs_length);
	if (r->failed)
		return false;
	*ret_entry = entry;
	return true;
}

/* The NLRI at the front: it says itself how long it is, each family in its way. */
static void read_nlri(struct reader *r, struct mrt_rib *rib)
{
	const uint8_t *start = r->next;
	size_t octets;

	switch (mrt_nlri_form(rib->afi, rib->safi)) {
	case MRT_NLRI_TYPE_LENGTH:
		(void)reader_u8(r);
		octets = reader_u8(r);
		break;
	case MRT_NLRI_FLOWSPEC: /* RFC 8955 4.1 */
		octets = reader_u8(r);
		if (octets >= 0xf0)
			octets = (octets & 0x0f) << 8 | reader_u8(r);
		break;
	case MRT_NLRI_TYPE_LENGTH_WIDE:
		(void)reader_u16(r);
		octets = reader_u16(r);
		break;
	case MRT_NLRI_LENGTH_WIDE:
		octets = reader_u16(r);
		break;
	default:
		octets = ((size_t)reader_u8(r) + 7) / 8;
		break;
	}
	(void)reader_bytes(r, octets);
	rib->nlri = start;
	rib->nlri_length = r->failed ? 0 : (size_t)(r->next - start);
}

/* What follows the sequence number and, in a generic record, the family. 1, or -1 with *e. */
static int read_rib(struct reader r, struct mrt_rib *rib, struct error *e)
{
	struct mrt_rib walk;
	struct mrt_rib_entry entry;
	unsigned count = 0;

	rib->path_id = rib->id_in_nlri ? reader_u32(&r) : 0;
	read_nlri(&r, rib);
	if ((rib->safi == 1 || rib->safi == 2) && (rib->afi == 1 || rib->afi == 2) && !r.failed &&
	    rib->nlri[0] > (rib->afi == 1 ? 32 : 128))
		return error_set(e, "the RIB record's prefix length is %u", rib->nlri[0]);
	rib->entry_count = reader_u16(&r);
	if (r.failed)
		return wrong(e, "the RIB record is too short");
	if (rib->id_in_nlri && rib->entry_count == 0) /* more likely it is of the other form */
		return wrong(e, "the RIB record has no entry");
	rib->entries = r;
	walk = *rib;
	while (count < rib->entry_count && mrt_rib_entry_next(&walk, &entry))
		count++;
	if (count != rib->entry_count || reader_left(&walk.entries) != 0)
		return error_set(e, "the RIB record says %u entries and holds %u%s",
				 rib->entry_count, count,
				 count == rib->entry_count ? " and more" : "");
	return 1;
}

int mrt_rib_decode(const struct mrt_record *record, struct mrt_rib *ret_rib, struct error *e)
{
	struct reader r = reader_of(record->body, record->length);
	struct mrt_rib rib = { .sequence = reader_u32(&r) };
	const struct mrt_rib_row *row = NULL;
	int got = -1;

	for (size_t i = 0; i < ARRAY_SIZE(mrt_rib_rows); i++)
		if (mrt_rib_rows[i].subtype == record->subtype)
			row = &mrt_rib_rows[i];
	if (record->type != MRT_TABLE_DUMP_V2 || row == NULL)
		return 0;
	rib.addpath = row->addpath;
	rib.afi = row->afi == 0 ? reader_u16(&r) : row->afi;
	rib.safi = row->afi == 0 ? reader_u8(&r) : row->safi;
	rib.id_in_nlri = row->addpath && row->afi == 0;
	if (rib.id_in_nlri) {
		got = read_rib(r, &rib, e);
		rib.id_in_nlri = got > 0;
	}
	if (got < 0)
		got = read_rib(r, &rib, e);
	if (got > 0)
		*ret_rib = rib;
	return got;
}

int mrt_table_dump_decode(const struct mrt_record *record, struct mrt_table_dump *ret_dump,
			  struct error *e)
{
	struct reader r = reader_of(record->body, record->length);
	uint8_t family = record->subtype == 2 ? IP_V6 : IP_V4;
	struct mrt_table_dump dump = { .view = reader_u16(&r) };
	struct ip_addr address;
	uint8_t bits;

	if (record->type != MRT_TABLE_DUMP || (record->subtype != 1 && record->subtype != 2))
		return 0;
	dump.sequence = reader_u16(&r);
	address = read_address(&r, family);
	bits = reader_u8(&r);
	if (!r.failed && bits > ip_family_bits(family))
		return error_set(e, "the TABLE_DUMP record's prefix length is %u", bits);
	dump.status = reader_u8(&r);
	dump.originated_s = reader_u32(&r);
	dump.peer_address = read_address(&r, family);
	dump.peer_as = reader_u16(&r);
	dump.attrs_length = reader_u16(&r);
	dump.attrs = reader_bytes(&r, dump.attrs_length);
	if (r.failed || reader_left(&r) != 0)
		return wrong(e, "the TABLE_DUMP record's length is wrong");
	dump.prefix = ip_prefix_of(&address, bits);
	*ret_dump = dump;
	return 1;
}

static int read_message(struct reader *r, struct mrt_bgp4mp *m, struct error *e)
{
	struct reader header = *r;

	(void)reader_bytes(&header, 16);
	m->message = r->next;
	m->message_length = reader_left(r);
	if (m->message_length < BGP_HEADER_BYTES || reader_u16(&header) != m->message_length)
		return wrong(e, "the BGP4MP record does not hold one BGP message");
	return 1;
}

int mrt_bgp4mp_decode(const struct mrt_record *record, struct mrt_bgp4mp *ret_bgp4mp,
		      struct error *e)
{
	struct reader r = reader_of(record->body, record->length);
	const struct mrt_bgp4mp_row *row = NULL;
	struct mrt_bgp4mp m = { 0 };
	uint16_t afi;

	for (size_t i = 0; i < ARRAY_SIZE(mrt_bgp4mp_rows); i++)
		if (mrt_bgp4mp_rows[i].subtype == record->subtype)
			row = &mrt_bgp4mp_rows[i];
	if ((record->type != MRT_BGP4MP && record->type != MRT_BGP4MP_ET) || row == NULL)
		return 0;
	m.as4 = row->as4;
	m.local = row->local;
	m.addpath = row->addpath;
	m.is_state_change = row->is_state_change;
	m.peer_as = m.as4 ? reader_u32(&r) : reader_u16(&r);
	m.local_as = m.as4 ? reader_u32(&r) : reader_u16(&r);
	m.interface_index = reader_u16(&r);
	afi = reader_u16(&r);
	if (!r.failed && afi != 1 && afi != 2)
		return error_set(e, "the BGP4MP record's address family is %u, must be 1 or 2",
				 afi);
	m.peer_address = read_address(&r, afi == 2 ? IP_V6 : IP_V4);
	m.local_address = read_address(&r, afi == 2 ? IP_V6 : IP_V4);
	if (m.is_state_change) {
		m.old_state = reader_u16(&r);
		m.new_state = reader_u16(&r);
	}
	if (r.failed || (m.is_state_change && reader_left(&r) != 0))
		return wrong(e, "the BGP4MP record's length is wrong");
	if (!m.is_state_change && read_message(&r, &m, e) < 0)
		return -1;
	*ret_bgp4mp = m;
	return 1;
}

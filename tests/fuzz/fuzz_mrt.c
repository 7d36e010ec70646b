/*
 * Fuzz target: an MRT file.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What is decoded is written again and decodes to the same.
 */
#include "fuzz.h"

#include "mrt/mrt.h"

#define ENTRIES_MAX 64u

static uint8_t out[1 << 20];

static struct mrt_record written(const struct writer *w)
{
	struct mrt_record r;
	size_t used;

	MUST_HOLD(!w->failed);
	MUST_HOLD(mrt_record_decode(w->start, writer_length(w), &r, &used, NULL) == 1);
	MUST_HOLD(used == writer_length(w));
	return r;
}

static void check_rib(const struct mrt_rib *rib, uint32_t time_s)
{
	struct writer w = writer_of(out, sizeof(out));
	struct mrt_rib_entry entries[ENTRIES_MAX], entry;
	struct mrt_rib walk = *rib, again;
	struct mrt_record r;
	uint16_t count = 0;

	while (count < ENTRIES_MAX && mrt_rib_entry_next(&walk, &entries[count]))
		count++;
	if (count != rib->entry_count)
		return;
	mrt_rib_encode(&w, time_s, rib, entries, count);
	r = written(&w);
	MUST_HOLD(mrt_rib_decode(&r, &again, NULL) == 1);
	MUST_HOLD(again.afi == rib->afi && again.safi == rib->safi);
	MUST_HOLD(again.id_in_nlri == rib->id_in_nlri && again.path_id == rib->path_id);
	MUST_HOLD(again.nlri_length == rib->nlri_length && again.entry_count == count);
	for (unsigned i = 0; i < count; i++) {
		MUST_HOLD(mrt_rib_entry_next(&again, &entry));
		MUST_HOLD(entry.path_id == entries[i].path_id);
		MUST_HOLD(entry.attrs_length == entries[i].attrs_length);
	}
}

static void check_bgp4mp(const struct mrt_bgp4mp *m, const struct mrt_record *record)
{
	struct writer w = writer_of(out, sizeof(out));
	struct mrt_bgp4mp again;
	struct mrt_record r;

	mrt_bgp4mp_encode(&w, m, record->time_s, record->time_us, record->type == MRT_BGP4MP_ET);
	r = written(&w);
	MUST_HOLD(r.length == record->length && memcmp(r.body, record->body, r.length) == 0);
	MUST_HOLD(r.subtype == record->subtype && r.time_us == record->time_us);
	MUST_HOLD(mrt_bgp4mp_decode(&r, &again, NULL) == 1);
}

static void check_geo_table(const struct mrt_record *record)
{
	struct writer w = writer_of(out, sizeof(out));
	static struct mrt_geo_peer peers[ENTRIES_MAX];
	struct mrt_geo_table table;
	struct mrt_record r;
	uint16_t count = 0;

	if (record->type != MRT_TABLE_DUMP_V2 || record->subtype != MRT_GEO_PEER_TABLE ||
	    mrt_geo_table_decode(record, &table, NULL) < 0 || table.peer_count > ENTRIES_MAX)
		return;
	while (mrt_geo_peer_next(&table.peers, &peers[count]))
		count++;
	MUST_HOLD(count == table.peer_count);
	mrt_geo_table_encode(&w, record->time_s, table.collector_id, &table.collector, peers,
			     count);
	r = written(&w);
	MUST_HOLD(r.length == record->length && memcmp(r.body, record->body, r.length) == 0);
}

static void check_table_dump(const struct mrt_record *record)
{
	struct writer w = writer_of(out, sizeof(out));
	struct mrt_table_dump dump, again;
	struct mrt_record r;

	if (mrt_table_dump_decode(record, &dump, NULL) != 1)
		return;
	mrt_table_dump_encode(&w, record->time_s, &dump);
	r = written(&w);
	MUST_HOLD(mrt_table_dump_decode(&r, &again, NULL) == 1);
	MUST_HOLD(ip_prefix_equal(&again.prefix, &dump.prefix));
	MUST_HOLD(ip_addr_equal(&again.peer_address, &dump.peer_address));
	MUST_HOLD(again.peer_as == dump.peer_as && again.originated_s == dump.originated_s);
	MUST_HOLD(again.attrs_length == dump.attrs_length);
	MUST_HOLD(memcmp(again.attrs, dump.attrs, dump.attrs_length) == 0);
}

static void check_record(const struct mrt_record *record)
{
	struct error why = { "" };
	struct mrt_peer_index index;
	struct mrt_bgp4mp bgp4mp;
	struct mrt_peer peer;
	struct mrt_rib rib;
	unsigned count = 0;

	if (record->type == MRT_TABLE_DUMP_V2 && record->subtype == MRT_PEER_INDEX_TABLE &&
	    mrt_peer_index_decode(record, &index, &why) == 0) {
		while (mrt_peer_next(&index.peers, &peer))
			count++;
		MUST_HOLD(count == index.peer_count);
	}
	if (mrt_rib_decode(record, &rib, &why) == 1)
		check_rib(&rib, record->time_s);
	check_table_dump(record);
	check_geo_table(record);
	if (mrt_bgp4mp_decode(record, &bgp4mp, &why) == 1)
		check_bgp4mp(&bgp4mp, record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mrt_record record;
	size_t used;

	while (mrt_record_decode(data, size, &record, &used, NULL) == 1) {
		MUST_HOLD(used <= size && used >= MRT_HEADER_BYTES);
		check_record(&record);
		data += used;
		size -= used;
	}
	return 0;
}

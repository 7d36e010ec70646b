/*
 * cli_decode_mrt: MRT files.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 6396, 6397, 8050. A RIB record becomes a line for each of its entries, with the peer that the
 * PEER_INDEX_TABLE before it names. A record that is wrong inside is skipped by its length.
 */
#include <math.h>

#include "base/mem.h"
#include "cli/cli_decode.h"

/* "RIB_IPV4_UNICAST"; of what has no name, its numbers in `room`. */
#define RECORD_NAME_MAX 40
static const char *name_of(const struct mrt_record *record, char room[static RECORD_NAME_MAX])
{
	const char *name = mrt_record_name(record->type, record->subtype);

	if (name != NULL)
		return name;
	snprintf(room, RECORD_NAME_MAX, "MRT_TYPE_%u_SUBTYPE_%u", record->type, record->subtype);
	return room;
}

static struct cli_decode_item item_of(const struct mrt_record *record, const char *line,
				      char room[static RECORD_NAME_MAX])
{
	return (struct cli_decode_item){ .record = name_of(record, room),
					 .line = line,
					 .time_s = record->time_s,
					 .time_us = record->time_us,
					 .has_us = record->type == MRT_BGP4MP_ET,
					 .family = BGP_FAMILY_NONE };
}

static void begin(struct cli_decode *d, const struct cli_decode_item *item)
{
	cli_decode_begin(d, item->time_s, item->time_us, item->has_us);
	outline_bare(&d->out, "record", item->record);
}

static int take_peer_index(struct cli_decode *d, const struct mrt_record *record, struct error *e)
{
	char room[RECORD_NAME_MAX];
	struct cli_decode_item item = item_of(record, NULL, room);
	struct outline *o = &d->out;
	struct mrt_peer_index index;
	struct ip_addr id;

	if (mrt_peer_index_decode(record, &index, e) < 0)
		return -1;
	mem_free(d->peers);
	d->peers = mem_alloc((index.peer_count + 1u) * sizeof(*d->peers));
	d->peer_count = 0;
	while (d->peer_count < index.peer_count &&
	       mrt_peer_next(&index.peers, &d->peers[d->peer_count]))
		d->peer_count++;
	if (!cli_decode_offer(d, &item))
		return 0;
	begin(d, &item);
	id = ip_addr_v4(index.collector_id);
	outline_address(o, "collector", &id);
	outline_string(o, "view", index.view_name, index.view_name_length);
	outline_array(o, "peers", OUTLINE_LINES);
	for (size_t i = 0; i < d->peer_count; i++) {
		id = ip_addr_v4(d->peers[i].bgp_id);
		outline_object(o, NULL, OUTLINE_INLINE);
		outline_address(o, "peer", &d->peers[i].address);
		outline_uint(o, "peer-as", d->peers[i].as);
		outline_address(o, "router-id", &id);
		outline_end(o);
	}
	outline_end(o);
	cli_decode_finish(d, BGP_OK);
	return 0;
}

/* Degrees; nothing where they are private. */
static void print_place(struct outline *o, const struct mrt_place *place)
{
	char text[32];

	if (isnan(place->latitude) || isnan(place->longitude))
		return;
	snprintf(text, sizeof(text), "%.5f", (double)place->latitude);
	outline_text(o, "latitude", text);
	snprintf(text, sizeof(text), "%.5f", (double)place->longitude);
	outline_text(o, "longitude", text);
}

/* Its peers are those of the PEER_INDEX_TABLE, in that order (RFC 6397 4.1). */
static int take_geo_table(struct cli_decode *d, const struct mrt_record *record, struct error *e)
{
	char room[RECORD_NAME_MAX];
	struct cli_decode_item item = item_of(record, NULL, room);
	struct outline *o = &d->out;
	struct mrt_geo_table table;
	struct mrt_geo_peer peer;
	struct ip_addr id;

	if (mrt_geo_table_decode(record, &table, e) < 0)
		return -1;
	if (!cli_decode_offer(d, &item))
		return 0;
	begin(d, &item);
	id = ip_addr_v4(table.collector_id);
	outline_address(o, "collector", &id);
	print_place(o, &table.collector);
	outline_array(o, "peers", OUTLINE_LINES);
	for (size_t i = 0; mrt_geo_peer_next(&table.peers, &peer); i++) {
		id = ip_addr_v4(peer.bgp_id);
		outline_object(o, NULL, OUTLINE_INLINE);
		if (i < d->peer_count)
			outline_address(o, "peer", &d->peers[i].address);
		outline_address(o, "router-id", &id);
		print_place(o, &peer.place);
		outline_end(o);
	}
	outline_end(o);
	cli_decode_finish(d, BGP_OK);
	return 0;
}

/* The NLRI of a RIB record. */
struct rib_nlri {
	enum bgp_family family;
	struct bgp_nlri *nlri; /* in the printer */
	bool is_wrong;
};

static struct rib_nlri read_nlri(struct cli_decode *d, const struct mrt_rib *rib)
{
	struct bgp_notification error;
	struct rib_nlri n = { .family = bgp_family_of(rib->afi, rib->safi),
			      .nlri = &d->printer->nlri };
	struct bgp_nlri_run run = { .family = n.family,
				    .reader = reader_of(rib->nlri, rib->nlri_length),
				    .mp = true,
				    .labels_max = UINT8_MAX };
	struct bgp_context context = d->context;

	memset(context.addpath, 0, sizeof(context.addpath));
	n.is_wrong = n.family == BGP_FAMILY_NONE ||
		     bgp_nlri_check(&run, &context, &error, NULL) >= BGP_DISABLE_FAMILY ||
		     !bgp_nlri_next(&run, false, n.nlri);
	return n;
}

static void print_rib_entry(struct cli_decode *d, const struct cli_decode_item *item,
			    const struct mrt_rib *rib, const struct mrt_rib_entry *entry)
{
	struct outline *o = &d->out;
	enum bgp_verdict verdict;
	char text[32];

	begin(d, item);
	snprintf(text, sizeof(text), "afi-%u-safi-%u", rib->afi, rib->safi);
	outline_bare(o, "family",
		     item->family == BGP_FAMILY_NONE ? text : bgp_family_info(item->family)->name);
	if (item->nlri == NULL)
		outline_hex(o, "malformed", rib->nlri, rib->nlri_length);
	else
		bgp_print_nlri_members(d->printer, item->family, item->nlri);
	if (rib->addpath)
		outline_uint(o, "path-id", entry->path_id);
	if (item->peer != NULL) {
		outline_address(o, "peer", item->peer);
		outline_uint(o, "peer-as", item->peer_as);
	} else {
		outline_uint(o, "peer-index", entry->peer_index);
	}
	cli_decode_time(o, "originated", entry->originated_s, 0, false);
	verdict = bgp_print_rib_attrs(d->printer, entry->attrs, entry->attrs_length, item->context);
	cli_decode_finish(d, item->nlri == NULL ? BGP_DISABLE_FAMILY : verdict);
}

static int take_rib(struct cli_decode *d, const struct mrt_record *record, struct error *e)
{
	struct bgp_context context = d->context;
	char room[RECORD_NAME_MAX];
	struct cli_decode_item item;
	struct mrt_rib_entry entry;
	struct rib_nlri n;
	struct mrt_rib rib;
	int got = mrt_rib_decode(record, &rib, e);

	if (got <= 0)
		return got < 0 ? -1 : 1;
	n = read_nlri(d, &rib);
	context.as4 = true; /* RFC 6396 4.3.4 */
	item = item_of(record, rib.addpath ? "TABLE_DUMP2_AP" : "TABLE_DUMP2", room);
	item.context = &context;
	item.is_table = true;
	item.family = n.family;
	item.nlri = n.is_wrong ? NULL : n.nlri;
	item.addpath = rib.addpath;
	while (mrt_rib_entry_next(&rib, &entry)) {
		const struct mrt_peer *peer =
			entry.peer_index < d->peer_count ? &d->peers[entry.peer_index] : NULL;

		item.peer = peer == NULL ? NULL : &peer->address;
		item.peer_as = peer == NULL ? 0 : peer->as;
		item.path_id = entry.path_id;
		item.attrs = entry.attrs;
		item.attrs_length = entry.attrs_length;
		if (cli_decode_offer(d, &item))
			print_rib_entry(d, &item, &rib, &entry);
		if (d->limit != 0 && d->printed >= d->limit)
			break;
	}
	return 0;
}

static int take_table_dump(struct cli_decode *d, const struct mrt_record *record, struct error *e)
{
	struct bgp_context context = d->context;
	char room[RECORD_NAME_MAX], text[IP_PREFIX_TEXT_MAX];
	struct cli_decode_item item;
	struct mrt_table_dump dump;
	int got = mrt_table_dump_decode(record, &dump, e);

	if (got <= 0)
		return got < 0 ? -1 : 1;
	context.as4 = false;
	item = item_of(record, "TABLE_DUMP", room);
	item.peer = &dump.peer_address;
	item.peer_as = dump.peer_as;
	item.context = &context;
	item.is_table = true;
	item.family = dump.prefix.addr.family == IP_V4 ? BGP_IPV4_UNICAST : BGP_IPV6_UNICAST;
	item.nlri = &d->printer->nlri;
	item.attrs = dump.attrs;
	item.attrs_length = dump.attrs_length;
	bgp_nlri_from_prefix(&dump.prefix, &d->printer->nlri);
	if (!cli_decode_offer(d, &item))
		return 0;
	begin(d, &item);
	outline_bare(&d->out, "prefix", ip_prefix_format(&dump.prefix, text));
	outline_address(&d->out, "peer", &dump.peer_address);
	outline_uint(&d->out, "peer-as", dump.peer_as);
	cli_decode_time(&d->out, "originated", dump.originated_s, 0, false);
	cli_decode_finish(d,
			  bgp_print_rib_attrs(d->printer, dump.attrs, dump.attrs_length, &context));
	return 0;
}

static const char *state_name(uint16_t state, char text[static 12])
{
	static const char *const names[] = { NULL,	 "idle",	"connect",    "active",
					     "opensent", "openconfirm", "established" };

	if (state != 0 && state < ARRAY_SIZE(names))
		return names[state];
	snprintf(text, 12, "%u", state);
	return text;
}

static enum bgp_verdict print_bgp4mp(struct cli_decode *d, const struct mrt_bgp4mp *m,
				     const struct bgp_context *context)
{
	struct outline *o = &d->out;
	char text[12];

	outline_address(o, "peer", &m->peer_address);
	outline_uint(o, "peer-as", m->peer_as);
	outline_address(o, "local", &m->local_address);
	outline_uint(o, "local-as", m->local_as);
	if (m->interface_index != 0)
		outline_uint(o, "interface", m->interface_index);
	if (m->is_state_change) {
		outline_text(o, "old-state", state_name(m->old_state, text));
		outline_text(o, "new-state", state_name(m->new_state, text));
		return BGP_OK;
	}
	outline_bare(o, "direction", m->local ? "sent" : "received");
	return bgp_print_message(d->printer, m->message, m->message_length, context);
}

/* As bgpdump calls it. */
static const char *line_name(const struct mrt_record *record, const struct mrt_bgp4mp *m)
{
	static const char *const names[2][2][2] = {
		{ { "BGP4MP", "BGP4MP_AP" }, { "BGP4MP_LOCAL", "BGP4MP_LOCAL_AP" } },
		{ { "BGP4MP_ET", "BGP4MP_ET_AP" }, { "BGP4MP_ET_LOCAL", "BGP4MP_ET_LOCAL_AP" } },
	};

	return names[record->type == MRT_BGP4MP_ET][m->local][m->addpath];
}

static int take_bgp4mp(struct cli_decode *d, const struct mrt_record *record, struct error *e)
{
	struct bgp_context context = d->context;
	char room[RECORD_NAME_MAX];
	struct cli_decode_item item;
	struct mrt_bgp4mp m;
	int got = mrt_bgp4mp_decode(record, &m, e);

	if (got <= 0)
		return got < 0 ? -1 : 1;
	context.as4 = m.as4;
	context.ibgp = m.peer_as == m.local_as;
	if (!d->told_add_path)
		memset(context.addpath, m.addpath, sizeof(context.addpath));
	item = item_of(record, line_name(record, &m), room);
	item.peer = &m.peer_address;
	item.peer_as = m.peer_as;
	item.context = &context;
	item.message = m.message;
	item.message_length = m.message_length;
	item.is_state_change = m.is_state_change;
	item.old_state = m.old_state;
	item.new_state = m.new_state;
	if (!cli_decode_offer(d, &item))
		return 0;
	begin(d, &item);
	cli_decode_finish(d, print_bgp4mp(d, &m, &context));
	return 0;
}

/* A record that RFC 6396 has no room for, or that nobody needs. */
static void skip(struct cli_decode *d, const struct mrt_record *record)
{
	char room[RECORD_NAME_MAX];
	struct cli_decode_item item = item_of(record, NULL, room);

	if (!cli_decode_offer(d, &item))
		return;
	begin(d, &item);
	outline_uint(&d->out, "length", record->length);
	outline_text(&d->out, "skipped", "a record of this type is not known");
	cli_decode_finish(d, BGP_OK);
}

static enum cli_decode_step take(struct cli_decode *d, const uint8_t *bytes, size_t length,
				 size_t *ret_used, struct error *e)
{
	struct mrt_record record;
	size_t used = 0;
	int got = mrt_record_decode(bytes, length, &record, &used, e);

	if (got < 0) { /* its length cannot be right, or it is too short */
		struct reader r = reader_of(bytes + 8, 4);
		size_t said = reader_u32(&r);

		*ret_used = said <= MRT_RECORD_BYTES_MAX ? MRT_HEADER_BYTES + said : 0;
		return CLI_DECODE_WRONG;
	}
	if (got == 0)
		return CLI_DECODE_MORE;
	*ret_used = used;
	if (record.type == MRT_TABLE_DUMP_V2 && record.subtype == MRT_PEER_INDEX_TABLE)
		got = take_peer_index(d, &record, e);
	else if (record.type == MRT_TABLE_DUMP_V2 && record.subtype == MRT_GEO_PEER_TABLE)
		got = take_geo_table(d, &record, e);
	else if (record.type == MRT_TABLE_DUMP_V2)
		got = take_rib(d, &record, e);
	else if (record.type == MRT_TABLE_DUMP)
		got = take_table_dump(d, &record, e);
	else
		got = take_bgp4mp(d, &record, e);
	if (got > 0)
		skip(d, &record);
	return got < 0 ? CLI_DECODE_WRONG : CLI_DECODE_TAKEN;
}

const struct cli_decode_kind cli_decode_mrt = { "mrt", take, true };

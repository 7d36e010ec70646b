/*
 * cli_decode_mrt: MRT files.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 6396, 8050. A RIB record becomes a line for each of its entries, with the peer that the
 * PEER_INDEX_TABLE before it names. A record that is wrong inside is skipped by its length.
 */
#include "base/mem.h"
#include "cli/cli_decode.h"

#define BGP_TYPE_AT 18u

static void begin(struct cli_decode *d, const struct mrt_record *record)
{
	const char *name = mrt_record_name(record->type, record->subtype);
	char text[40];

	snprintf(text, sizeof(text), "MRT_TYPE_%u_SUBTYPE_%u", record->type, record->subtype);
	cli_decode_begin(d, record->time_s, record->time_us, record->type == MRT_BGP4MP_ET);
	outline_bare(&d->out, "record", name != NULL ? name : text);
}

static bool wanted(const struct cli_decode *d, const struct mrt_record *record,
		   uint8_t message_type, const struct ip_addr *peer)
{
	return cli_decode_wanted(d, mrt_record_name(record->type, record->subtype), message_type,
				 peer);
}

static int take_peer_index(struct cli_decode *d, const struct mrt_record *record, struct error *e)
{
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
	if (!wanted(d, record, 0, NULL) || d->prefix.addr.family != IP_NONE)
		return 0;
	begin(d, record);
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
				    .mp = true };
	struct bgp_context context = d->context;

	memset(context.addpath, 0, sizeof(context.addpath));
	n.is_wrong = n.family == BGP_FAMILY_NONE ||
		     bgp_nlri_check(&run, &context, &error, NULL) >= BGP_DISABLE_FAMILY ||
		     !bgp_nlri_next(&run, false, n.nlri);
	return n;
}

static bool nlri_wanted(const struct cli_decode *d, const struct rib_nlri *n)
{
	struct ip_prefix prefix;

	if (d->prefix.addr.family == IP_NONE)
		return true;
	return !n->is_wrong && bgp_nlri_to_prefix(n->family, n->nlri, &prefix) &&
	       ip_prefix_covers(&d->prefix, &prefix);
}

static void print_rib_entry(struct cli_decode *d, const struct mrt_record *record,
			    const struct mrt_rib *rib, const struct rib_nlri *n,
			    const struct mrt_rib_entry *entry, const struct mrt_peer *peer)
{
	struct bgp_context context = d->context;
	struct outline *o = &d->out;
	enum bgp_verdict verdict;
	char text[32];

	context.as4 = true; /* RFC 6396 4.3.4 */
	begin(d, record);
	snprintf(text, sizeof(text), "afi-%u-safi-%u", rib->afi, rib->safi);
	outline_bare(o, "family",
		     n->family == BGP_FAMILY_NONE ? text : bgp_family_info(n->family)->name);
	if (n->is_wrong)
		outline_hex(o, "malformed", rib->nlri, rib->nlri_length);
	else
		bgp_print_nlri_members(d->printer, n->family, n->nlri);
	if (rib->addpath)
		outline_uint(o, "path-id", entry->path_id);
	if (peer != NULL) {
		outline_address(o, "peer", &peer->address);
		outline_uint(o, "peer-as", peer->as);
	} else {
		outline_uint(o, "peer-index", entry->peer_index);
	}
	cli_decode_time(o, "originated", entry->originated_s, 0, false);
	verdict = bgp_print_rib_attrs(d->printer, entry->attrs, entry->attrs_length, &context);
	cli_decode_finish(d, n->is_wrong ? BGP_DISABLE_FAMILY : verdict);
}

static int take_rib(struct cli_decode *d, const struct mrt_record *record, struct error *e)
{
	struct mrt_rib_entry entry;
	struct rib_nlri n;
	struct mrt_rib rib;
	int got = mrt_rib_decode(record, &rib, e);

	if (got <= 0)
		return got < 0 ? -1 : 1;
	n = read_nlri(d, &rib);
	if (!nlri_wanted(d, &n))
		return 0;
	while (mrt_rib_entry_next(&rib, &entry)) {
		const struct mrt_peer *peer =
			entry.peer_index < d->peer_count ? &d->peers[entry.peer_index] : NULL;

		if (wanted(d, record, 0, peer == NULL ? NULL : &peer->address))
			print_rib_entry(d, record, &rib, &n, &entry, peer);
		if (d->limit != 0 && d->printed >= d->limit)
			break;
	}
	return 0;
}

static int take_table_dump(struct cli_decode *d, const struct mrt_record *record, struct error *e)
{
	struct bgp_context context = d->context;
	struct mrt_table_dump dump;
	char text[IP_PREFIX_TEXT_MAX];
	int got = mrt_table_dump_decode(record, &dump, e);

	if (got <= 0)
		return got < 0 ? -1 : 1;
	if (!wanted(d, record, 0, &dump.peer_address) ||
	    (d->prefix.addr.family != IP_NONE && !ip_prefix_covers(&d->prefix, &dump.prefix)))
		return 0;
	context.as4 = false;
	begin(d, record);
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

static int take_bgp4mp(struct cli_decode *d, const struct mrt_record *record, struct error *e)
{
	struct bgp_context context = d->context;
	struct mrt_bgp4mp m;
	int got = mrt_bgp4mp_decode(record, &m, e);

	if (got <= 0)
		return got < 0 ? -1 : 1;
	if (!wanted(d, record, m.is_state_change ? 0 : m.message[BGP_TYPE_AT], &m.peer_address))
		return 0;
	context.as4 = m.as4;
	context.ibgp = m.peer_as == m.local_as;
	if (!d->told_add_path)
		memset(context.addpath, m.addpath, sizeof(context.addpath));
	if (m.is_state_change ? d->prefix.addr.family != IP_NONE
			      : !cli_decode_prefix_wanted(d, m.message, m.message_length, &context))
		return 0;
	begin(d, record);
	cli_decode_finish(d, print_bgp4mp(d, &m, &context));
	return 0;
}

/* A record that RFC 6396 has no room for, or that nobody needs. */
static void skip(struct cli_decode *d, const struct mrt_record *record)
{
	if (!wanted(d, record, 0, NULL) || d->prefix.addr.family != IP_NONE)
		return;
	begin(d, record);
	outline_uint(&d->out, "length", record->length);
	outline_text(&d->out, "skipped",
		     record->type == MRT_TABLE_DUMP_V2 && record->subtype == MRT_GEO_PEER_TABLE
			     ? "where the peers are (RFC 6397) is not shown"
			     : "a record of this type is not known");
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

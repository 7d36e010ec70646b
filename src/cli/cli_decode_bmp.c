/*
 * cli_decode_bmp: a BMP stream.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 7854, 8671, 9069. The OPENs in Peer Up tell how the UPDATEs of that peer are to be read:
 * whose ADD-PATH counts depends on who sent them, which for Adj-RIB-Out is the monitored router.
 */
#include "base/hash.h"
#include "base/mem.h"
#include "base/rd.h"
#include "cli/cli_decode.h"

static bool is_adj_rib_out(const struct bmp_peer *peer)
{
	return peer->type != BMP_PEER_LOC_RIB && (peer->flags & BMP_PEER_FLAG_O) != 0;
}

static uint64_t hash_of(const struct bmp_peer *peer)
{
	uint64_t hash = hash_u64(peer->distinguisher, (uint64_t)peer->type << 32 | peer->bgp_id);

	return hash_bytes(peer->address.bytes, ip_family_bytes(peer->address.family), hash);
}

static struct cli_decode_bmp_peer *find_peer(const struct cli_decode *d,
					     const struct bmp_peer *peer)
{
	bool out = is_adj_rib_out(peer);
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash_of(peer), &d->bmp_peers) {
		struct cli_decode_bmp_peer *p =
			CONTAINER_OF(node, struct cli_decode_bmp_peer, node);

		if (p->peer.type == peer->type && p->from_us == out &&
		    p->peer.distinguisher == peer->distinguisher &&
		    p->peer.bgp_id == peer->bgp_id &&
		    ip_addr_equal(&p->peer.address, &peer->address))
			return p;
	}
	return NULL;
}

/* Of peers past CLI_DECODE_BMP_PEERS_MAX nothing is kept: they are read as those that sent no Peer
 * Up. */
static struct cli_decode_bmp_peer *add_peer(struct cli_decode *d, const struct bmp_peer *peer)
{
	struct cli_decode_bmp_peer *p = find_peer(d, peer);

	if (p != NULL || d->bmp_peers.count == CLI_DECODE_BMP_PEERS_MAX)
		return p;
	p = mem_zalloc(sizeof(*p));
	p->peer = *peer;
	p->from_us = is_adj_rib_out(peer);
	hmap_insert(&d->bmp_peers, &p->node, hash_of(peer));
	return p;
}

static void forget_peer(struct cli_decode *d, struct bmp_peer peer, uint8_t flag_o)
{
	struct cli_decode_bmp_peer *p;

	peer.flags = (uint8_t)((peer.flags & ~BMP_PEER_FLAG_O) | flag_o);
	p = find_peer(d, &peer);
	if (p != NULL)
		hmap_remove(&d->bmp_peers, &p->node);
	mem_free(p);
}

void cli_decode_bmp_clear(struct cli_decode *d)
{
	struct hmap_node *node, *next;

	HMAP_FOR_EACH_SAFE (node, next, &d->bmp_peers) {
		hmap_remove(&d->bmp_peers, node);
		mem_free(CONTAINER_OF(node, struct cli_decode_bmp_peer, node));
	}
}

static void learn(struct cli_decode *d, const struct bmp_message *m, bool out)
{
	struct bgp_notification error;
	struct bgp_open sent, received;
	struct bmp_peer peer = m->peer;
	struct cli_decode_bmp_peer *p;

	if (bgp_open_decode(m->up.sent_open + BGP_HEADER_BYTES,
			    m->up.sent_open_length - BGP_HEADER_BYTES, &sent, &error) < 0 ||
	    bgp_open_decode(m->up.received_open + BGP_HEADER_BYTES,
			    m->up.received_open_length - BGP_HEADER_BYTES, &received, &error) < 0)
		return;
	if (peer.type != BMP_PEER_LOC_RIB)
		peer.flags =
			(uint8_t)((peer.flags & ~BMP_PEER_FLAG_O) | (out ? BMP_PEER_FLAG_O : 0));
	p = add_peer(d, &peer);
	if (p == NULL)
		return;
	p->context = d->context;
	if (out)
		cli_decode_negotiate(&p->context, &sent, &received);
	else
		cli_decode_negotiate(&p->context, &received, &sent);
	if (d->told_add_path)
		memcpy(p->context.addpath, d->context.addpath, sizeof(p->context.addpath));
}

static struct bgp_context context_of(const struct cli_decode *d, const struct bmp_peer *peer)
{
	const struct cli_decode_bmp_peer *p = find_peer(d, peer);
	struct bgp_context context = p == NULL ? d->context : p->context;

	if (peer->type != BMP_PEER_LOC_RIB)
		context.as4 = (peer->flags & BMP_PEER_FLAG_A) == 0;
	else
		context.ibgp = true;
	return context;
}

static void print_flags(struct outline *o, const struct bmp_peer *peer)
{
	outline_array(o, "flags", OUTLINE_INLINE);
	if (peer->type == BMP_PEER_LOC_RIB) {
		if ((peer->flags & BMP_PEER_FLAG_FILTERED) != 0)
			outline_text(o, NULL, "filtered");
	} else {
		outline_text(o, NULL, is_adj_rib_out(peer) ? "adj-rib-out" : "adj-rib-in");
		outline_text(o, NULL,
			     (peer->flags & BMP_PEER_FLAG_L) != 0 ? "post-policy" : "pre-policy");
		if ((peer->flags & BMP_PEER_FLAG_A) != 0)
			outline_text(o, NULL, "2-octet-as");
	}
	outline_end(o);
}

static void print_peer(struct outline *o, const struct bmp_peer *peer)
{
	struct ip_addr id = ip_addr_v4(peer->bgp_id);

	if (bmp_peer_type_name(peer->type) != NULL)
		outline_text(o, "peer-type", bmp_peer_type_name(peer->type));
	else
		outline_uint(o, "peer-type", peer->type);
	if (peer->address.family != IP_NONE)
		outline_address(o, "peer", &peer->address);
	outline_uint(o, "peer-as", peer->as);
	outline_address(o, "router-id", &id);
	if (peer->distinguisher != 0) {
		struct rd rd;
		struct writer w = writer_of(rd.bytes, sizeof(rd.bytes));
		char text[RD_TEXT_MAX];

		writer_u64(&w, peer->distinguisher);
		outline_text(o, "distinguisher", rd_format(&rd, text));
	}
	print_flags(o, peer);
}

static void print_tlvs(struct outline *o, struct reader tlvs, bool termination)
{
	struct bmp_tlv tlv;

	if (reader_left(&tlvs) == 0)
		return;
	outline_array(o, "tlvs", OUTLINE_LINES);
	while (bmp_tlv_next(&tlvs, &tlv)) {
		bool reason = termination && tlv.type == 1;

		outline_object(o, NULL, OUTLINE_INLINE);
		outline_uint(o, "type", tlv.type);
		if (reason)
			outline_bare(o, "name", "reason");
		else if (bmp_tlv_name(tlv.type) != NULL)
			outline_bare(o, "name", bmp_tlv_name(tlv.type));
		if (!reason && bmp_tlv_name(tlv.type) != NULL)
			outline_string(o, "value", tlv.value, tlv.length);
		else
			outline_hex(o, "value", tlv.value, tlv.length);
		outline_end(o);
	}
	outline_end(o);
}

static enum bgp_verdict print_nested(struct cli_decode *d, const char *key, const uint8_t *message,
				     size_t length, const struct bgp_context *context)
{
	enum bgp_verdict verdict;

	outline_object(&d->out, key, OUTLINE_BLOCK);
	verdict = bgp_print_message(d->printer, message, length, context);
	outline_end(&d->out);
	return verdict;
}

static enum bgp_verdict print_peer_up(struct cli_decode *d, const struct bmp_message *m,
				      const struct bgp_context *context)
{
	enum bgp_verdict sent, received;

	if (m->up.local_address.family != IP_NONE) {
		outline_address(&d->out, "local", &m->up.local_address);
		outline_uint(&d->out, "local-port", m->up.local_port);
		outline_uint(&d->out, "remote-port", m->up.remote_port);
	}
	sent = print_nested(d, "sent", m->up.sent_open, m->up.sent_open_length, context);
	received = print_nested(d, "received", m->up.received_open, m->up.received_open_length,
				context);
	print_tlvs(&d->out, m->tlvs, false);
	/* Loc-RIB "OPENs" are made up (RFC 9069 4.1), and never judged by a peer. */
	return m->peer.type == BMP_PEER_LOC_RIB ? BGP_OK : MAX(sent, received);
}

static enum bgp_verdict print_peer_down(struct cli_decode *d, const struct bmp_message *m,
					const struct bgp_context *context)
{
	struct outline *o = &d->out;
	struct reader r = reader_of(m->down_data, m->down_data_length);

	if (bmp_down_reason_name(m->down_reason) != NULL)
		outline_text(o, "reason", bmp_down_reason_name(m->down_reason));
	else
		outline_uint(o, "reason", m->down_reason);
	switch (m->down_reason) {
	case BMP_DOWN_LOCAL_NOTIFICATION:
	case BMP_DOWN_REMOTE_NOTIFICATION:
		return print_nested(d, "notification", m->down_data, m->down_data_length, context);
	case BMP_DOWN_LOCAL_FSM:
		outline_uint(o, "fsm-event", reader_u16(&r));
		return BGP_OK;
	case BMP_DOWN_LOCAL_TLV:
		print_tlvs(o, m->tlvs, false);
		return BGP_OK;
	default:
		if (m->down_data_length != 0)
			outline_hex(o, "data", m->down_data, m->down_data_length);
		return BGP_OK;
	}
}

static void print_statistics(struct outline *o, struct reader stats)
{
	struct bmp_stat stat;
	struct bmp_tlv tlv;

	outline_array(o, "statistics", OUTLINE_LINES);
	while (bmp_tlv_next(&stats, &tlv)) {
		/* with its type and length */
		struct reader one = reader_of(tlv.value - 4, 4 + tlv.length);

		outline_object(o, NULL, OUTLINE_INLINE);
		outline_uint(o, "type", tlv.type);
		if (bmp_stat_name(tlv.type) != NULL)
			outline_bare(o, "name", bmp_stat_name(tlv.type));
		if (bmp_stat_next(&one, &stat)) {
			char text[32];

			snprintf(text, sizeof(text), "afi-%u-safi-%u", stat.afi, stat.safi);
			if (bgp_family_of(stat.afi, stat.safi) != BGP_FAMILY_NONE)
				snprintf(text, sizeof(text), "%s",
					 bgp_family_info(bgp_family_of(stat.afi, stat.safi))->name);
			if (stat.afi != 0)
				outline_bare(o, "family", text);
			outline_uint(o, "value", stat.value);
		} else {
			outline_hex(o, "value", tlv.value, tlv.length);
		}
		outline_end(o);
	}
	outline_end(o);
}

/* RFC 7854 4.7 */
static void print_mirroring(struct cli_decode *d, struct reader tlvs,
			    const struct bgp_context *context)
{
	static const char *const information[] = { "errored-pdu", "messages-lost" };
	struct outline *o = &d->out;
	struct bmp_tlv tlv;

	outline_array(o, "mirrored", OUTLINE_LINES);
	while (bmp_tlv_next(&tlvs, &tlv)) {
		struct reader r = reader_of(tlv.value, tlv.length);
		uint16_t code = reader_u16(&r);

		outline_object(o, NULL, OUTLINE_INLINE);
		if (tlv.type == BMP_MIRROR_MESSAGE) {
			/* What is wrong with it is why it is mirrored: no error of this stream. */
			(void)bgp_print_message(d->printer, tlv.value, tlv.length, context);
		} else if (tlv.type == BMP_MIRROR_INFORMATION && tlv.length == 2 &&
			   code < ARRAY_SIZE(information)) {
			outline_text(o, "information", information[code]);
		} else {
			outline_uint(o, "tlv", tlv.type);
			outline_hex(o, "value", tlv.value, tlv.length);
		}
		outline_end(o);
	}
	outline_end(o);
}

static enum bgp_verdict print_body(struct cli_decode *d, const struct bmp_message *m,
				   const struct bgp_context *context)
{
	const char *reason = bmp_termination_reason_name(m->termination_reason);

	switch (m->type) {
	case BMP_ROUTE_MONITORING:
		return bgp_print_message(d->printer, m->update, m->update_length, context);
	case BMP_STATISTICS:
		print_statistics(&d->out, m->stats);
		return BGP_OK;
	case BMP_PEER_DOWN:
		return print_peer_down(d, m, context);
	case BMP_PEER_UP:
		return print_peer_up(d, m, context);
	case BMP_TERMINATION:
		if (reason != NULL)
			outline_text(&d->out, "reason", reason);
		else
			outline_uint(&d->out, "reason", m->termination_reason);
		print_tlvs(&d->out, m->tlvs, true);
		return BGP_OK;
	case BMP_INITIATION:
		print_tlvs(&d->out, m->tlvs, false);
		return BGP_OK;
	case BMP_ROUTE_MIRRORING:
		print_mirroring(d, m->tlvs, context);
		return BGP_OK;
	}
	return BGP_OK;
}

static bool has_peer(const struct bmp_message *m)
{
	return m->type != BMP_INITIATION && m->type != BMP_TERMINATION;
}

static struct cli_decode_item item_of(const struct bmp_message *m,
				      const struct bgp_context *context)
{
	struct cli_decode_item item = { .record = bmp_type_name((uint8_t)m->type),
					.line = "BMP",
					.context = context,
					.family = BGP_FAMILY_NONE };

	if (has_peer(m)) {
		item.time_s = m->peer.time_s;
		item.time_us = m->peer.time_us;
		item.has_us = m->peer.time_s != 0;
		item.peer = &m->peer.address;
		item.peer_as = m->peer.as;
	}
	if (m->type == BMP_ROUTE_MONITORING) {
		item.message = m->update;
		item.message_length = m->update_length;
	}
	return item;
}

static void take_unknown(struct cli_decode *d, uint8_t type, size_t length)
{
	char text[24];
	struct cli_decode_item item = { .record = text, .family = BGP_FAMILY_NONE };

	snprintf(text, sizeof(text), "BMP_TYPE_%u", type);
	if (!cli_decode_offer(d, &item))
		return;
	cli_decode_begin(d, 0, 0, false);
	outline_bare(&d->out, "record", text);
	outline_uint(&d->out, "length", length);
	outline_text(&d->out, "skipped", "a message of this type is not known");
	cli_decode_finish(d, BGP_OK);
}

static enum cli_decode_step take(struct cli_decode *d, const uint8_t *bytes, size_t length,
				 size_t *ret_used, struct error *e)
{
	struct bgp_context context = d->context;
	struct cli_decode_item item;
	struct bmp_message m;
	size_t said;
	int got;

	if (length < BMP_HEADER_BYTES)
		return CLI_DECODE_MORE;
	*ret_used = 0;
	if (bmp_message_length(bytes, &said, e) < 0)
		return CLI_DECODE_WRONG;
	if (length < said)
		return CLI_DECODE_MORE;
	*ret_used = said;
	got = bmp_message_decode(bytes, said, &m, e);
	if (got < 0)
		return CLI_DECODE_WRONG;
	if (got == 0) {
		take_unknown(d, bytes[BMP_HEADER_BYTES - 1], said);
		return CLI_DECODE_TAKEN;
	}
	if (m.type == BMP_PEER_UP) {
		learn(d, &m, false);
		learn(d, &m, true);
	}
	if (has_peer(&m))
		context = context_of(d, &m.peer);
	if (m.type == BMP_PEER_DOWN) {
		forget_peer(d, m.peer, 0);
		if (m.peer.type != BMP_PEER_LOC_RIB)
			forget_peer(d, m.peer, BMP_PEER_FLAG_O);
	}
	item = item_of(&m, &context);
	if (!cli_decode_offer(d, &item))
		return CLI_DECODE_TAKEN;
	cli_decode_begin(d, has_peer(&m) ? m.peer.time_s : 0, m.peer.time_us, true);
	outline_bare(&d->out, "record", bmp_type_name((uint8_t)m.type));
	if (has_peer(&m))
		print_peer(&d->out, &m.peer);
	cli_decode_finish(d, print_body(d, &m, &context));
	return CLI_DECODE_TAKEN;
}

const struct cli_decode_kind cli_decode_bmp = { "bmp", take, true };

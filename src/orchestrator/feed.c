/*
 * feed: the relayed BMP octets of a node: which routes each tenant's reflector has.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 7854 (framing, Peer Up and Down, Route Monitoring), 9069 (Loc-RIB peers; the VRF/Table Name
 * TLV is the tenant). Octets come in order, each once; a message that is not whole yet waits for
 * the rest. A table belongs to the peer of one BMP session, which its per-peer header names. Only
 * the table of the gateway that has the reflector's role counts; when the role comes to a gateway
 * whose feed went unheard so far, that feed is asked for from its beginning.
 */
#include "base/arena.h"
#include "base/reader.h"
#include "bgp/attrs.h"
#include "bgp/message.h"
#include "bgp/update.h"
#include "orchestrator/state.h"

#define BMP_VERSION 3u
#define BMP_HEADER_BYTES 6u
#define BMP_MESSAGE_BYTES_MAX (256u * 1024)
#define BMP_PEER_LOC_RIB 3u
#define BMP_TLV_TABLE_NAME 3u
#define TABLES_MAX 100000u
#define NAME_BYTES_MAX 255u

enum bmp_type {
	BMP_ROUTE_MONITORING = 0,
	BMP_PEER_DOWN = 2,
	BMP_PEER_UP = 3,
};

/* What names a peer in its header: type, distinguisher, address, AS and identifier; not its flags
 * and times. */
struct feed_peer {
	uint8_t type;
	uint8_t flags;
	uint8_t bytes[32];
};

struct feed_table {
	struct hmap_node by_peer;
	struct feed_peer peer;
	char *tenant;
};

static void clear_tables(struct node_feed *feed)
{
	struct hmap_node *each, *next;

	HMAP_FOR_EACH_SAFE (each, next, &feed->tables) {
		struct feed_table *table = CONTAINER_OF(each, struct feed_table, by_peer);

		hmap_remove(&feed->tables, each);
		mem_free(table->tenant);
		mem_free(table);
	}
}

void feed_done(struct node *node)
{
	clear_tables(&node->feed);
	mem_free(node->feed.session);
	node->feed.session = NULL;
	buf_done(&node->feed.pending);
	hmap_done(&node->feed.tables);
}

static struct feed_peer read_peer(struct reader *r)
{
	struct feed_peer peer = { .type = reader_u8(r), .flags = reader_u8(r) };

	reader_copy(r, peer.bytes, sizeof(peer.bytes));
	reader_bytes(r, 8); /* timestamp */
	return peer;
}

static uint64_t peer_hash(const struct orchestrator *o, const struct feed_peer *peer)
{
	return hash_bytes(peer->bytes, sizeof(peer->bytes), o->config.seed);
}

static struct feed_table *find_table(const struct orchestrator *o, const struct node_feed *feed,
				     const struct feed_peer *peer)
{
	struct hmap_node *each;

	HMAP_FOR_EACH_WITH_HASH (each, peer_hash(o, peer), &feed->tables) {
		struct feed_table *table = CONTAINER_OF(each, struct feed_table, by_peer);

		if (table->peer.type == peer->type &&
		    memcmp(table->peer.bytes, peer->bytes, sizeof(peer->bytes)) == 0)
			return table;
	}
	return NULL;
}

/* The tenant, when this node is the one to hear about it from. */
static struct tenant *tenant_of(const struct orchestrator *o, const struct node *node,
				const struct feed_table *table)
{
	struct tenant *t = table == NULL ? NULL : tenant_find(o, table->tenant);

	return t != NULL && t->intent != NULL && t->reflector == node ? t : NULL;
}

/* Steps over one BGP message. */
static void skip_message(struct reader *r)
{
	uint16_t length;

	reader_bytes(r, 16);
	length = reader_u16(r);
	if (length < BGP_HEADER_BYTES)
		reader_fail(r);
	else
		reader_bytes(r, length - 18u);
}

static void peer_up(struct orchestrator *o, struct node *node, struct reader *r)
{
	struct feed_peer peer = read_peer(r);
	struct feed_table *table = find_table(o, &node->feed, &peer);
	const uint8_t *name = NULL;
	size_t name_bytes = 0;
	struct tenant *t;

	reader_bytes(r, 20); /* local address, ports */
	skip_message(r);
	skip_message(r);
	while (!r->failed && reader_left(r) >= 4) {
		uint16_t type = reader_u16(r);
		uint16_t length = reader_u16(r);
		const uint8_t *value = reader_bytes(r, length);

		if (type != BMP_TLV_TABLE_NAME || value == NULL)
			continue;
		name = value;
		name_bytes = length;
	}
	if (peer.type != BMP_PEER_LOC_RIB || name_bytes == 0 || name_bytes > NAME_BYTES_MAX ||
	    node->feed.tables.count >= TABLES_MAX)
		return;
	if (table == NULL) {
		table = mem_zalloc(sizeof(*table));
		table->peer = peer;
		hmap_insert(&node->feed.tables, &table->by_peer, peer_hash(o, &peer));
	}
	mem_free(table->tenant);
	table->tenant = mem_zalloc(name_bytes + 1);
	memcpy(table->tenant, name, name_bytes);
	t = tenant_of(o, node, table);
	if (t != NULL)
		learned_restart(t);
}

static void peer_down(struct orchestrator *o, struct node *node, struct reader *r)
{
	struct feed_peer peer = read_peer(r);
	struct feed_table *table = find_table(o, &node->feed, &peer);
	struct tenant *t = tenant_of(o, node, table);

	if (t != NULL)
		learned_restart(t);
	if (table == NULL)
		return;
	hmap_remove(&node->feed.tables, &table->by_peer);
	mem_free(table->tenant);
	mem_free(table);
}

static void apply_run(struct orchestrator *o, struct tenant *t, struct bgp_nlri_run *run,
		      const struct bgp_context *context, const struct ip_addr *next_hop,
		      bool withdrawn)
{
	struct bgp_notification ignored;
	struct bgp_nlri nlri;

	if (run->family != BGP_IPV4_UNICAST && run->family != BGP_IPV6_UNICAST)
		return;
	if (bgp_nlri_check(run, context, &ignored, NULL) != BGP_OK)
		return;
	while (bgp_nlri_next(run, false, &nlri)) {
		struct ip_prefix prefix;

		bgp_nlri_to_prefix(run->family, &nlri, &prefix);
		learned_route_update(o, t, &prefix, next_hop, withdrawn);
	}
}

static void apply_update(struct orchestrator *o, struct tenant *t, const uint8_t *body,
			 size_t length)
{
	/* attributes of a Loc-RIB: of iBGP and of eBGP routes; only the next hop is of interest */
	struct bgp_context context = { .as4 = true,
				       .message_bytes_max = BGP_MESSAGE_BYTES_MAX_EXTENDED };
	struct bgp_update *update = mem_alloc(sizeof(*update));
	struct bgp_notification ignored;
	struct bgp_attrs attrs = { 0 };
	struct arena arena;
	enum bgp_verdict verdict = bgp_update_cut(body, length, &context, update, &ignored, NULL);
	bool withdrawn = false;

	arena_init(&arena, 0);
	if (verdict == BGP_OK && update->announces) {
		verdict = bgp_attrs_decode(update->key, update->key_length, &context, true, &arena,
					   &attrs, &ignored, NULL);
		withdrawn = verdict == BGP_TREAT_AS_WITHDRAW || attrs.next_hop.family == IP_NONE;
	}
	if (verdict <= BGP_TREAT_AS_WITHDRAW) {
		for (size_t i = 0; i < ARRAY_SIZE(update->withdrawn); i++)
			apply_run(o, t, &update->withdrawn[i], &context, &attrs.next_hop, true);
		for (size_t i = 0; i < ARRAY_SIZE(update->announced); i++)
			apply_run(o, t, &update->announced[i], &context, &attrs.next_hop,
				  withdrawn);
		if (update->end_of_rib == BGP_IPV4_UNICAST)
			learned_end_of_rib(o, t);
	}
	arena_done(&arena);
	mem_free(update);
}

static void route_monitoring(struct orchestrator *o, struct node *node, struct reader *r)
{
	struct feed_peer peer = read_peer(r);
	struct tenant *t = tenant_of(o, node, find_table(o, &node->feed, &peer));
	struct bgp_header header;
	struct bgp_notification ignored;
	const uint8_t *message = reader_bytes(r, BGP_HEADER_BYTES);
	const uint8_t *body;

	if (t == NULL || message == NULL ||
	    bgp_header_decode(message, BGP_MESSAGE_BYTES_MAX_EXTENDED, &header, &ignored) != 0 ||
	    header.type != BGP_UPDATE)
		return;
	body = reader_bytes(r, header.length - BGP_HEADER_BYTES);
	if (body != NULL)
		apply_update(o, t, body, header.length - BGP_HEADER_BYTES);
}

static void take_message(struct orchestrator *o, struct node *node, uint8_t type, struct reader *r)
{
	switch (type) {
	case BMP_ROUTE_MONITORING:
		route_monitoring(o, node, r);
		break;
	case BMP_PEER_DOWN:
		peer_down(o, node, r);
		break;
	case BMP_PEER_UP:
		peer_up(o, node, r);
		break;
	default:
		break; /* initiation, termination, statistics: nothing that we need */
	}
}

/* Takes whole messages from the front. Returns how many octets are used up, or -1: this is not
 * BMP. */
static ptrdiff_t take_messages(struct orchestrator *o, struct node *node, const uint8_t *bytes,
			       size_t length)
{
	struct reader all = reader_of(bytes, length);

	while (reader_left(&all) >= BMP_HEADER_BYTES) {
		size_t start = reader_offset(&all);
		struct reader header = all;
		uint8_t version = reader_u8(&header);
		uint32_t message_bytes = reader_u32(&header);
		uint8_t type = reader_u8(&header);
		struct reader body;

		if (version != BMP_VERSION || message_bytes < BMP_HEADER_BYTES ||
		    message_bytes > BMP_MESSAGE_BYTES_MAX)
			return -1;
		if (message_bytes > length - start)
			break;
		body = reader_sub(&header, message_bytes - BMP_HEADER_BYTES);
		reader_bytes(&all, message_bytes);
		take_message(o, node, type, &body);
	}
	return (ptrdiff_t)reader_offset(&all);
}

/* A new BMP session of the node: its tables begin anew. */
static void begin_session(struct orchestrator *o, struct node *node, const char *session)
{
	struct node_feed *feed = &node->feed;
	struct hmap_node *each;

	HMAP_FOR_EACH (each, &feed->tables) {
		struct tenant *t =
			tenant_of(o, node, CONTAINER_OF(each, struct feed_table, by_peer));

		if (t != NULL)
			learned_restart(t);
	}
	clear_tables(feed);
	mem_free(feed->session);
	feed->session = mem_strdup(session);
	feed->offset = 0;
	feed->refused = false;
	buf_clear(&feed->pending);
}

int orchestrator_feed(struct orchestrator *o, const char *name, const char *session,
		      uint64_t offset, const uint8_t *bytes, size_t length, uint64_t *ret_offset,
		      instant_t now)
{
	struct node *node = node_find(o, name);
	struct node_feed *feed = node == NULL ? NULL : &node->feed;
	ptrdiff_t used;

	o->now = now;
	*ret_offset = 0;
	if (node == NULL || !node->known || o->intent == NULL)
		return 1;
	if (feed->session == NULL || strcmp(feed->session, session) != 0 ||
	    (feed->refused && offset == 0)) {
		if (offset != 0)
			return 1;
		begin_session(o, node, session);
	}
	if (feed->refused)
		return 1;
	*ret_offset = feed->offset;
	if (offset != feed->offset)
		return 1;
	buf_add(&feed->pending, bytes, length);
	used = take_messages(o, node, (const uint8_t *)buf_text(&feed->pending),
			     feed->pending.length);
	if (used < 0) {
		orchestrator_log(o, LOG_WARN, NULL, name,
				 "its feed is not BMP: it has to begin anew");
		feed->refused = true;
		*ret_offset = 0;
		return 1;
	}
	buf_consume(&feed->pending, (size_t)used);
	feed->offset += length;
	*ret_offset = feed->offset;
	return 0;
}

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
#include "bgp/attrs.h"
#include "bgp/message.h"
#include "bgp/update.h"
#include "bmp/bmp.h"
#include "orchestrator/state.h"

#define TABLES_MAX 100000u
#define NAME_BYTES_MAX 255u

struct feed_table {
	struct hmap_node by_peer;
	struct bmp_peer peer;
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
	bmp_decoder_done(&node->feed.decoder);
	hmap_done(&node->feed.tables);
}

/* A peer is who it is by type, distinguisher, address, AS number and identifier. */
static bool same_peer(const struct bmp_peer *a, const struct bmp_peer *b)
{
	return a->type == b->type && a->distinguisher == b->distinguisher && a->as == b->as &&
	       a->bgp_id == b->bgp_id && ip_addr_equal(&a->address, &b->address);
}

static uint64_t peer_hash(const struct orchestrator *o, const struct bmp_peer *peer)
{
	return hash_u64(peer->distinguisher + peer->bgp_id, o->config.seed);
}

static struct feed_table *find_table(const struct orchestrator *o, const struct node_feed *feed,
				     const struct bmp_peer *peer)
{
	struct hmap_node *each;

	HMAP_FOR_EACH_WITH_HASH (each, peer_hash(o, peer), &feed->tables) {
		struct feed_table *table = CONTAINER_OF(each, struct feed_table, by_peer);

		if (same_peer(&table->peer, peer))
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

static void peer_up(struct orchestrator *o, struct node *node, const struct bmp_message *m)
{
	struct feed_table *table = find_table(o, &node->feed, &m->peer);
	struct bmp_text name = bmp_message_tlv(m, BMP_TLV_TABLE_NAME);
	struct tenant *t;

	if (m->peer.type != BMP_PEER_LOC_RIB || name.bytes == NULL || name.length == 0 ||
	    name.length > NAME_BYTES_MAX || node->feed.tables.count >= TABLES_MAX)
		return;
	if (table == NULL) {
		table = mem_zalloc(sizeof(*table));
		table->peer = m->peer;
		hmap_insert(&node->feed.tables, &table->by_peer, peer_hash(o, &m->peer));
	}
	mem_free(table->tenant);
	table->tenant = mem_zalloc(name.length + 1);
	memcpy(table->tenant, name.bytes, name.length);
	t = tenant_of(o, node, table);
	if (t != NULL)
		learned_restart(t);
}

static void peer_down(struct orchestrator *o, struct node *node, const struct bmp_message *m)
{
	struct feed_table *table = find_table(o, &node->feed, &m->peer);
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

/* Attributes of a Loc-RIB are those of iBGP and of eBGP routes; only the next hop is of interest.
 */
static const struct bgp_context loc_rib = {
	.as4 = true,
	.message_bytes_max = BGP_MESSAGE_BYTES_MAX_EXTENDED,
};

static void announce(struct orchestrator *o, struct tenant *t, struct bgp_nlri_run *run,
		     const uint8_t *key, size_t key_length)
{
	struct bgp_notification ignored;
	struct bgp_attrs attrs = { 0 };
	struct arena arena;
	enum bgp_verdict verdict;

	if (run->family == BGP_FAMILY_NONE)
		return;
	arena_init(&arena, 0);
	verdict = bgp_attrs_decode(key, key_length, &loc_rib, true, &arena, &attrs, &ignored, NULL);
	if (verdict <= BGP_TREAT_AS_WITHDRAW)
		apply_run(o, t, run, &loc_rib, &attrs.next_hop,
			  verdict == BGP_TREAT_AS_WITHDRAW || attrs.next_hop.family == IP_NONE);
	arena_done(&arena);
}

static void apply_update(struct orchestrator *o, struct tenant *t, const uint8_t *body,
			 size_t length)
{
	static const struct ip_addr none = { 0 };
	struct bgp_update *update = mem_alloc(sizeof(*update));
	struct bgp_notification ignored;

	if (bgp_update_cut(body, length, &loc_rib, update, &ignored, NULL) <=
	    BGP_TREAT_AS_WITHDRAW) {
		for (size_t i = 0; i < ARRAY_SIZE(update->withdrawn); i++)
			apply_run(o, t, &update->withdrawn[i], &loc_rib, &none, true);
		announce(o, t, &update->announced[0], update->mp_key, update->mp_key_length);
		announce(o, t, &update->announced[1], update->key, update->key_length);
		if (update->end_of_rib == BGP_IPV4_UNICAST)
			learned_end_of_rib(o, t);
	}
	mem_free(update);
}

static void route_monitoring(struct orchestrator *o, struct node *node, const struct bmp_message *m)
{
	struct tenant *t = tenant_of(o, node, find_table(o, &node->feed, &m->peer));
	struct bgp_header header;
	struct bgp_notification ignored;

	if (t == NULL || m->update_length < BGP_HEADER_BYTES ||
	    bgp_header_decode(m->update, BGP_MESSAGE_BYTES_MAX_EXTENDED, &header, &ignored) != 0 ||
	    header.type != BGP_UPDATE || header.length != m->update_length)
		return;
	apply_update(o, t, m->update + BGP_HEADER_BYTES, m->update_length - BGP_HEADER_BYTES);
}

struct feed_job {
	struct orchestrator *o;
	struct node *node;
};

static bool take_message(void *context, const struct bmp_message *m)
{
	struct feed_job *job = context;

	if (m->type == BMP_ROUTE_MONITORING)
		route_monitoring(job->o, job->node, m);
	else if (m->type == BMP_PEER_DOWN)
		peer_down(job->o, job->node, m);
	else if (m->type == BMP_PEER_UP)
		peer_up(job->o, job->node, m);
	return true;
}

void feed_refuse(struct node *node, const struct tenant *tenant)
{
	struct hmap_node *each;

	HMAP_FOR_EACH (each, &node->feed.tables) {
		if (strcmp(CONTAINER_OF(each, struct feed_table, by_peer)->tenant, tenant->name) ==
		    0)
			node->feed.refused = true;
	}
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
	bmp_decoder_clear(&feed->decoder);
}

int orchestrator_feed(struct orchestrator *o, const char *name, const char *session,
		      uint64_t offset, const uint8_t *bytes, size_t length, uint64_t *ret_offset,
		      instant_t now)
{
	struct node *node = node_find(o, name);
	struct node_feed *feed = node == NULL ? NULL : &node->feed;
	struct feed_job job = { o, node };
	struct error e;

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
	if (bmp_decoder_feed(&feed->decoder, bytes, length, take_message, &job, &e) != 0) {
		orchestrator_log(o, LOG_WARN, NULL, name, "its feed has to begin anew: %s", e.text);
		feed->refused = true;
		*ret_offset = 0;
		return 1;
	}
	feed->offset += length;
	*ret_offset = feed->offset;
	return 0;
}

/*
 * peer: a neighbour: its session and its place in the reflector, tied together.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "speaker/parts.h"

#include "base/hash.h"
#include "base/mem.h"

static struct speaker *speaker_of(const struct speaker_peer *peer)
{
	return peer->instance->speaker;
}

static void peer_log(const struct speaker_peer *peer, int level, const char *text)
{
	const struct speaker *s = speaker_of(peer);

	s->ops->log(s->context, level, peer->instance->config->name, &peer->address, text);
}

/* Says once why there is no session: attempts that fail in the same way are not said again. */
static void tell_error(struct speaker_peer *peer)
{
	const char *error = session_last_error(peer->session);
	uint64_t hash = hash_string(error, speaker_of(peer)->seed);
	char text[320];

	peer->errors_seen = session_error_count(peer->session);
	if (!session_is_started(peer->session) ||
	    session_state(peer->session) >= SESSION_OPEN_SENT || hash == peer->error_logged)
		return;
	peer->error_logged = hash;
	snprintf(text, sizeof(text), "no session: %s", error);
	peer_log(peer, 5, text);
}

void speaker_peer_touched(struct speaker_peer *peer)
{
	instant_t deadline = instant_min(session_deadline(peer->session), peer->kept_until);
	struct heap *timers = &speaker_of(peer)->timers;

	if (peer->errors_seen != session_error_count(peer->session))
		tell_error(peer);
	if (instant_is_never(deadline))
		heap_remove(timers, &peer->timer);
	else if (peer->timer.position == 0 || peer->timer.key != deadline.ns)
		heap_set(timers, &peer->timer, deadline.ns);
}

static void unsettle(struct speaker_peer *peer)
{
	if (list_is_empty(&peer->settle_node))
		list_push_back(&speaker_of(peer)->unsettled, &peer->settle_node);
}

/* --- what the session asks for --- */

static void on_connect(void *context)
{
	struct speaker_peer *peer = context;
	const struct neighbor_config *config = peer->config;
	struct speaker *s = speaker_of(peer);
	struct speaker_conn *conn =
		speaker_conn_new(peer, SESSION_OUTGOING, &config->local_address);

	assert(peer->conns[SESSION_OUTGOING] == NULL);
	peer->conns[SESSION_OUTGOING] = conn;
	s->ops->connect(s->context, conn, peer->instance->config->name, &config->local_address,
			&peer->address, config->port, config->ttl, config->password);
}

static void on_close(void *context, enum session_side side)
{
	struct speaker_peer *peer = context;
	struct speaker_conn *conn = peer->conns[side];
	struct speaker *s = speaker_of(peer);

	if (conn == NULL)
		return;
	peer->conns[side] = NULL;
	s->ops->close(s->context, conn);
	speaker_conn_free(conn);
	unsettle(peer);
}

static void on_send(void *context, enum session_side side, const uint8_t *bytes, size_t length)
{
	struct speaker_peer *peer = context;
	struct speaker_conn *conn = peer->conns[side];

	if (conn == NULL && side == SESSION_INCOMING && peer->arriving != NULL) {
		conn = peer->conns[side] = peer->arriving;
		peer->arriving = NULL;
	}
	if (conn == NULL)
		return;
	buf_add(&conn->control, bytes, length);
	speaker_conn_wake(conn);
}

static void on_established(void *context, enum session_side side,
			   const struct session_negotiated *negotiated, instant_t now)
{
	struct speaker_peer *peer = context;

	peer_log(peer, 5, "session established");
	reflector_peer_up(peer->reflector_peer, negotiated, &peer->conns[side]->local, now);
	speaker_instance_touched(peer->instance);
}

static void on_down(void *context, enum session_down_reason reason, bool retain, instant_t now)
{
	struct speaker_peer *peer = context;
	char text[BGP_NOTIFICATION_TEXT_MAX + 256];

	(void)reason;
	peer->error_logged = hash_string(session_last_error(peer->session), speaker_of(peer)->seed);
	snprintf(text, sizeof(text), "session down: %s%s", session_last_error(peer->session),
		 retain ? " (its routes are kept as stale)" : "");
	/* Who stops knows that all sessions end. */
	peer_log(peer, speaker_of(peer)->stopping ? 6 : 4, text);
	for (size_t side = 0; side < SESSION_SIDES; side++)
		if (peer->conns[side] != NULL && session_established_side(peer->session) == side)
			speaker_conn_keep_rest(peer->conns[side]);
	reflector_peer_down(peer->reflector_peer, retain, now);
	speaker_instance_touched(peer->instance);
	unsettle(peer);
}

static bool on_update(void *context, const uint8_t *body, size_t length, instant_t now,
		      struct bgp_notification *ret_error)
{
	struct speaker_peer *peer = context;

	return reflector_update(peer->reflector_peer, body, length, now, ret_error);
}

static void on_expect(void *context, const uint8_t *body, size_t length)
{
	const struct speaker_peer *peer = context;

	reflector_expect(peer->reflector_peer, body, length);
}

static void on_refresh(void *context, enum bgp_family family, uint8_t subtype, instant_t now)
{
	struct speaker_peer *peer = context;

	switch (subtype) {
	case BGP_REFRESH_REQUEST:
		reflector_peer_refresh(peer->reflector_peer, family);
		break;
	case BGP_REFRESH_BEGIN:
		reflector_refresh_began(peer->reflector_peer, family, now);
		break;
	case BGP_REFRESH_END:
		reflector_refresh_ended(peer->reflector_peer, family);
		break;
	default:
		return;
	}
	speaker_instance_touched(peer->instance);
}

static const struct session_ops SESSION_OPS = {
	.connect = on_connect,
	.close = on_close,
	.send = on_send,
	.established = on_established,
	.down = on_down,
	.update = on_update,
	.expect = on_expect,
	.refresh = on_refresh,
};

/* --- what the reflector asks for --- */

static void on_ready(void *context, void *owner)
{
	struct speaker_owner *who = owner;

	(void)context;
	if (who->is_feed) {
		struct speaker_feed *feed = owner;
		struct speaker *s = feed->instance->speaker;

		if (!feed->told) {
			feed->told = true;
			s->ops->feed_ready(s->context, feed);
		}
	} else {
		struct speaker_peer *peer = owner;
		struct speaker_conn *conn = peer->conns[session_established_side(peer->session)];

		if (conn != NULL)
			speaker_conn_wake(conn);
	}
}

/* When the session's call has ended; the last one asked for counts. */
static void reset_later(struct speaker_peer *peer, const struct bgp_notification *why)
{
	mem_free(peer->reset);
	peer->reset = mem_dup(why, sizeof(*why));
	unsettle(peer);
}

static void on_reset(void *context, struct reflector_peer *reflector_peer,
		     const struct bgp_notification *why)
{
	struct speaker_peer *peer = reflector_peer->owner;

	(void)context;
	reset_later(peer, why);
}

static void on_want_refresh(void *context, struct reflector_peer *reflector_peer)
{
	struct speaker_peer *peer = reflector_peer->owner;
	const struct session_negotiated *negotiated = session_negotiated(peer->session);
	struct bgp_notification why;

	(void)context;
	if (negotiated == NULL)
		return;
	if (!negotiated->route_refresh) {
		bgp_notification_set(&why, BGP_CEASE, BGP_CEASE_CONFIGURATION_CHANGE, NULL, 0);
		reset_later(peer, &why);
		return;
	}
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		uint8_t message[64];
		struct writer w = writer_of(message, sizeof(message));

		if (!negotiated->families[f])
			continue;
		bgp_refresh_encode(&w, f, BGP_REFRESH_REQUEST);
		on_send(peer, session_established_side(peer->session), message, writer_length(&w));
	}
}

static void on_next_hop_changed(void *context, struct reflector *r, const struct ip_addr *next_hop)
{
	struct speaker_instance *instance = context;

	(void)r;
	instance->speaker->ops->next_hop_changed(instance->speaker->context, instance->config->name,
						 next_hop);
}

static void on_track_next_hop(void *context, struct reflector *r, const struct ip_addr *next_hop)
{
	struct speaker_instance *instance = context;

	(void)r;
	instance->speaker->ops->track_next_hop(instance->speaker->context, instance->config->name,
					       next_hop);
}

static void on_end_of_rib(void *context, struct reflector *r)
{
	struct speaker_instance *instance = context;

	(void)r;
	LIST_FOR_EACH (node, &instance->peers)
		session_set_restarting(CONTAINER_OF(node, struct speaker_peer, node)->session,
				       false);
	instance->speaker->ops->log(instance->speaker->context, 6, instance->config->name, NULL,
				    "End-of-RIB reached");
}

static void on_log(void *context, struct reflector *r, int level, const struct ip_addr *peer,
		   const char *text)
{
	struct speaker_instance *instance = context;

	(void)r;
	instance->speaker->ops->log(instance->speaker->context, level, instance->config->name, peer,
				    text);
}

const struct reflector_ops speaker_reflector_ops = {
	.ready = on_ready,
	.reset = on_reset,
	.want_refresh = on_want_refresh,
	.next_hop_changed = on_next_hop_changed,
	.track_next_hop = on_track_next_hop,
	.end_of_rib = on_end_of_rib,
	.log = on_log,
};

/* --- life --- */

static uint64_t address_hash(const struct speaker *s, const struct ip_addr *address)
{
	return hash_bytes(address->bytes, sizeof(address->bytes), s->seed);
}

struct speaker_peer *speaker_peer_find(const struct speaker_instance *instance,
				       const struct ip_addr *address)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, address_hash(instance->speaker, address),
				 &instance->peers_by_address) {
		struct speaker_peer *peer = CONTAINER_OF(node, struct speaker_peer, by_address);

		if (ip_addr_equal(&peer->address, address))
			return peer;
	}
	return NULL;
}

static struct speaker_address *address_find(const struct speaker *s, const struct ip_addr *address)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, address_hash(s, address), &s->addresses) {
		struct speaker_address *at = CONTAINER_OF(node, struct speaker_address, node);

		if (ip_addr_equal(&at->address, address))
			return at;
	}
	return NULL;
}

static void address_join(struct speaker *s, struct speaker_peer *peer)
{
	struct speaker_address *at = address_find(s, &peer->address);

	if (at == NULL) {
		at = mem_zalloc(sizeof(*at));
		at->address = peer->address;
		list_init(&at->peers);
		hmap_insert(&s->addresses, &at->node, address_hash(s, &at->address));
	}
	peer->namesakes = at;
	list_push_back(&at->peers, &peer->namesake);
}

static void address_leave(struct speaker *s, struct speaker_peer *peer)
{
	struct speaker_address *at = peer->namesakes;

	list_remove(&peer->namesake);
	if (!list_is_empty(&at->peers))
		return;
	hmap_remove(&s->addresses, &at->node);
	mem_free(at);
}

struct speaker_peer *speaker_peer_first(const struct speaker *s, const struct ip_addr *local,
					const struct ip_addr *remote)
{
	const struct speaker_address *at = address_find(s, remote);
	struct speaker_peer *first = NULL;

	if (at == NULL)
		return NULL;
	LIST_FOR_EACH (node, &at->peers) {
		struct speaker_peer *peer = CONTAINER_OF(node, struct speaker_peer, namesake);
		bool for_any = peer->config->local_address.family == IP_NONE;

		if (ip_addr_equal(&peer->config->local_address, local))
			return peer;
		if (first == NULL || (first->dynamic && !peer->dynamic) ||
		    (for_any && first->config->local_address.family != IP_NONE))
			first = peer;
	}
	return first;
}

static void make_session_families(const struct neighbor_config *config,
				  struct session_config *ret_config)
{
	for (size_t i = 0; i < INSTANCE_FAMILIES_MAX && config->families[i] != NULL; i++) {
		enum bgp_family family = bgp_family_by_name(config->families[i]);

		if (family == BGP_FAMILY_NONE)
			continue;
		ret_config->families[family] = true;
		ret_config->addpath_receive[family] = config->addpath_receive;
		ret_config->addpath_send[family] = config->addpath_send;
		ret_config->extended_next_hop[family] =
			config->extended_next_hop &&
			(bgp_family_info(family)->next_hop & BGP_NEXT_HOP_V6_NEGOTIATED) != 0;
	}
}

static void make_session_config(const struct speaker_peer *peer, struct session_config *ret_config)
{
	const struct instance_config *instance = peer->instance->config;
	const struct neighbor_config *config = peer->config;

	*ret_config = (struct session_config){
		.local_as = instance->local_as,
		.peer_as = config->peer_as,
		.router_id = ip_addr_to_u32(&instance->router_id),
		.passive = config->passive || peer->dynamic,
		.hold_time_s = config->hold_time_s,
		.connect_retry_s = config->connect_retry_s,
		.graceful_restart = instance->graceful_restart,
		.restart_time_s = instance->restart_time_s,
		.long_lived = instance->long_lived_graceful_restart,
		.long_lived_stale_time_s = instance->long_lived_stale_time_s,
		.enhanced_refresh = true,
		.extended_messages = config->extended_messages,
		.multiple_labels = config->multiple_labels,
		.refuse_as_sets = !config->accept_as_sets,
		.aigp = config->aigp,
		.role = config->has_role ? config->role : BGP_ROLE_NONE,
		.role_strict = config->role_strict,
		.delay_open_s = config->delay_open_s,
		.hostname = instance->hostname,
		.domain_name = instance->domain_name,
		.software_version =
			instance->announce_software_version ? "Heliostat/" HELIOSTAT_VERSION : NULL,
		.restarting = instance->restarting && !peer->instance->reflector->end_of_rib,
		.jitter_seed = address_hash(peer->instance->speaker, &peer->address),
	};
	make_session_families(config, ret_config);
}

void speaker_peer_set_config(struct speaker_peer *peer, const struct neighbor_config *config,
			     instant_t now)
{
	struct session_config session_config;

	peer->config = config;
	reflector_peer_set_config(peer->reflector_peer, config, now);
	make_session_config(peer, &session_config);
	session_set_config(peer->session, &session_config);
}

struct speaker_peer *speaker_peer_new(struct speaker_instance *instance,
				      const struct neighbor_config *config,
				      const struct ip_addr *address, bool dynamic, instant_t now)
{
	struct speaker_peer *peer = mem_zalloc(sizeof(*peer));
	struct session_config session_config;

	peer->instance = instance;
	peer->config = config;
	peer->address = *address;
	peer->dynamic = dynamic;
	peer->kept_until = INSTANT_NEVER;
	list_init(&peer->settle_node);
	peer->reflector_peer =
		reflector_peer_add(instance->reflector, config, address, dynamic, peer);
	if (peer->reflector_peer == NULL) {
		mem_free(peer);
		return NULL;
	}
	make_session_config(peer, &session_config);
	peer->session = session_new(&session_config, &SESSION_OPS, peer);
	peer->serial = ++instance->peer_serial;
	list_push_back(&instance->peers, &peer->node);
	hmap_insert(&instance->peers_by_address, &peer->by_address,
		    address_hash(instance->speaker, address));
	address_join(instance->speaker, peer);
	if (config->enabled)
		session_start(peer->session, now);
	speaker_peer_touched(peer);
	return peer;
}

void speaker_peer_free(struct speaker_peer *peer, instant_t now)
{
	struct speaker_instance *instance = peer->instance;

	session_stop(peer->session, BGP_CEASE_DECONFIGURED, NULL, now);
	for (enum session_side side = 0; side < SESSION_SIDES; side++)
		on_close(peer, side);
	reflector_peer_remove(peer->reflector_peer, now);
	list_remove(&peer->settle_node);
	heap_remove(&instance->speaker->timers, &peer->timer);
	list_remove(&peer->node);
	hmap_remove(&instance->peers_by_address, &peer->by_address);
	address_leave(instance->speaker, peer);
	session_free(peer->session);
	mem_free(peer->reset);
	mem_free(peer);
	speaker_instance_touched(instance);
}

/*
 * lab: a speaker on virtual time, and peers that share no code with it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lab.h"

#include "base/mem.h"

#define LAB_HOLD_TIME_S 90

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

uint32_t lab_random(struct lab *lab, uint32_t below)
{
	lab->random = lab->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(lab->random >> 33) % below;
}

static void complain(struct lab_peer *peer, const char *what)
{
	if (peer->complaint[0] == '\0')
		snprintf(peer->complaint, sizeof(peer->complaint), "%s: %s", peer->name, what);
}

static struct lab_peer *peer_of(struct speaker_conn *conn)
{
	return speaker_conn_data(conn);
}

static void on_connect(void *context, struct speaker_conn *conn, const char *instance,
		       const struct ip_addr *local, const struct ip_addr *remote, uint16_t port,
		       uint8_t ttl, const char *password)
{
	/* Peers of the lab always connect by themselves: an attempt of the speaker stays pending.
	 */
	(void)context, (void)conn, (void)instance, (void)local, (void)remote, (void)port, (void)ttl,
		(void)password;
}

static void take_output(struct speaker_conn *conn, struct lab_peer *peer)
{
	struct iovec vectors[8];
	size_t count = speaker_output(conn, vectors, ARRAY_SIZE(vectors), 1 << 20);

	for (size_t i = 0; peer != NULL && i < count; i++)
		buf_add(&peer->in, vectors[i].iov_base, vectors[i].iov_len);
}

static void on_close(void *context, struct speaker_conn *conn)
{
	struct lab_peer *peer = peer_of(conn);

	(void)context;
	if (peer == NULL || peer->conn != conn)
		return;
	take_output(conn, peer);
	peer->conn = NULL;
	peer->connected = false;
	peer->established = false;
}

static void on_want_write(void *context, struct speaker_conn *conn)
{
	(void)context, (void)conn;
}

static void on_feed(void *context, struct speaker_feed *feed)
{
	(void)context, (void)feed;
}

static void on_next_hop(void *context, const char *instance, const struct ip_addr *next_hop)
{
	(void)context, (void)instance, (void)next_hop;
}

static void on_track(void *context, const char *instance, const struct ip_addr *next_hop)
{
	(void)context, (void)instance, (void)next_hop;
}

static void on_neighbors(void *context, const char *instance)
{
	(void)context, (void)instance;
}

static void on_log(void *context, int level, const char *instance, const struct ip_addr *peer,
		   const char *text)
{
	struct lab *lab = context;

	(void)level, (void)instance, (void)peer;
	snprintf(lab->log[lab->log_count++ % LAB_LOG_LINES], LAB_LOG_TEXT_MAX, "%s", text);
}

bool lab_logged(const struct lab *lab, const char *text)
{
	for (size_t i = 0; i < MIN(lab->log_count, LAB_LOG_LINES); i++)
		if (strstr(lab->log[i], text) != NULL)
			return true;
	return false;
}

static const struct speaker_ops OPS = {
	.connect = on_connect,
	.close = on_close,
	.want_write = on_want_write,
	.feed_ready = on_feed,
	.next_hop_changed = on_next_hop,
	.track_next_hop = on_track,
	.neighbors_changed = on_neighbors,
	.log = on_log,
};

void lab_init(struct lab *lab, uint64_t seed)
{
	*lab = (struct lab){ .random = seed, .now = { 1000000000 } };
	lab->speaker = speaker_new(&OPS, lab, seed);
}

void lab_done(struct lab *lab)
{
	speaker_free(lab->speaker, lab->now);
	for (size_t i = 0; i < lab->peer_count; i++) {
		buf_done(&lab->peers[i].in);
		buf_done(&lab->peers[i].last_attrs);
		mem_free(lab->peers[i].routes);
		mem_free(lab->peers[i].mp_routes);
	}
}

void lab_configure(struct lab *lab, const char *json)
{
	struct instance_config *config;
	struct error e = { "" };
	json_error_t where;
	json_t *document = json_loads(json, JSON_REJECT_DUPLICATES, &where);

	if (document == NULL) {
		fprintf(stderr, "configuration: %s\n", where.text);
		abort();
	}
	config = instance_config_parse(document, "instance", &e);
	json_decref(document);
	if (config == NULL || speaker_instance_put(lab->speaker, config, &e, lab->now) < 0) {
		fprintf(stderr, "configuration: %s\n", e.text);
		abort();
	}
}

struct lab_peer *lab_add_peer(struct lab *lab, const char *name, const char *address, uint32_t as,
			      uint32_t router_id)
{
	struct lab_peer *peer = &lab->peers[lab->peer_count++];

	assert(lab->peer_count <= LAB_PEERS_MAX);
	*peer = (struct lab_peer){ .as = as, .router_id = router_id };
	snprintf(peer->name, sizeof(peer->name), "%s", name);
	if (ip_addr_parse(address, &peer->address, NULL) < 0)
		abort();
	buf_init(&peer->in, 0);
	buf_init(&peer->last_attrs, 0);
	return peer;
}

struct lab_peer *lab_peer(struct lab *lab, const char *name)
{
	for (size_t i = 0; i < lab->peer_count; i++)
		if (strcmp(lab->peers[i].name, name) == 0)
			return &lab->peers[i];
	return NULL;
}

/* --- what the peer sends --- */

/* Octets go in in pieces, as a socket would give them; the rest of a message is given again. */
void lab_send(struct lab *lab, struct lab_peer *peer, const uint8_t *bytes, size_t length)
{
	size_t given = 0, used = 0;

	while (peer->conn != NULL && used < length) {
		struct speaker_conn *conn = peer->conn;
		size_t piece = lab->piece_max == 0 ? length
						   : 1 + lab_random(lab, (uint32_t)lab->piece_max);
		size_t taken;

		given = MIN(given + piece, length);
		taken = speaker_input(conn, bytes + used, given - used, lab->now);
		used += taken;
		if (given == length && taken == 0)
			break;
	}
}

static void send_message(struct lab *lab, struct lab_peer *peer, uint8_t type, const uint8_t *body,
			 size_t length)
{
	uint8_t message[4096];

	assert(length + 19 <= sizeof(message));
	memset(message, 0xff, 16);
	message[16] = (uint8_t)((length + 19) >> 8);
	message[17] = (uint8_t)(length + 19);
	message[18] = type;
	if (length != 0)
		memcpy(message + 19, body, length);
	lab_send(lab, peer, message, length + 19);
}

static void send_open(struct lab *lab, struct lab_peer *peer)
{
	uint8_t body[255] = { 4 };
	static const uint8_t capabilities[] = { 1, 4, 0, 1, 0, 1, 2, 0, 65, 4 };
	size_t length = 10 + 2;

	body[1] = (uint8_t)(peer->as > 65535 ? 23456 >> 8 : peer->as >> 8);
	body[2] = (uint8_t)(peer->as > 65535 ? 23456 & 255 : peer->as);
	body[4] = LAB_HOLD_TIME_S;
	put32(body + 5, peer->router_id);
	memcpy(body + length, capabilities, sizeof(capabilities));
	length += sizeof(capabilities);
	put32(body + length, peer->as);
	length += 4;
	if (peer->no_as4) /* the last of them */
		length -= 6;
	if (peer->restart) {
		static const uint8_t restart[] = { 64, 6, 0, 60, 0, 1, 1, 0x80 };

		memcpy(body + length, restart, sizeof(restart));
		length += sizeof(restart);
	}
	if (peer->add_path) {
		static const uint8_t receive_paths[] = { 69, 4, 0, 1, 1, 1 };

		memcpy(body + length, receive_paths, sizeof(receive_paths));
		length += sizeof(receive_paths);
	}
	memcpy(body + length, peer->offer, peer->offer_bytes);
	length += peer->offer_bytes;
	body[9] = (uint8_t)(length - 10);
	body[10] = 2;
	body[11] = (uint8_t)(length - 12);
	send_message(lab, peer, 1, body, length);
}

bool lab_connect(struct lab *lab, struct lab_peer *peer)
{
	const char *local = peer->address.family == IP_V6 ? "2001:db8:ff::1" : "10.255.0.1";
	struct ip_addr address;
	struct speaker_conn *conn;

	if (ip_addr_parse(local, &address, NULL) < 0)
		abort();
	conn = speaker_accept(lab->speaker, NULL, &address, &peer->address, lab->now);
	if (conn == NULL)
		return false;
	speaker_conn_set_data(conn, peer);
	buf_clear(&peer->in);
	peer->conn = conn;
	peer->connected = true;
	peer->established = false;
	peer->route_count = peer->mp_route_count = peer->updates = peer->end_of_ribs = 0;
	peer->refresh_begins = peer->refresh_ends = 0;
	peer->notification[0] = peer->notification[1] = 0;
	send_open(lab, peer);
	return true;
}

void lab_close(struct lab *lab, struct lab_peer *peer)
{
	struct speaker_conn *conn = peer->conn;

	peer->conn = NULL;
	peer->connected = peer->established = false;
	if (conn != NULL)
		speaker_closed(conn, "closed by the peer", lab->now);
}

static size_t put_prefix(uint8_t *to, uint32_t prefix, uint8_t length)
{
	uint8_t octets[4];

	put32(octets, prefix);
	to[0] = length;
	memcpy(to + 1, octets, (size_t)(length + 7) / 8);
	return 1 + (size_t)(length + 7) / 8;
}

static size_t put_attr(uint8_t *to, uint8_t flags, uint8_t code, const uint8_t *value,
		       size_t length)
{
	to[0] = flags;
	to[1] = code;
	to[2] = (uint8_t)length;
	memcpy(to + 3, value, length);
	return 3 + length;
}

static size_t put_attr32(uint8_t *to, uint8_t flags, uint8_t code, uint32_t value)
{
	uint8_t octets[4];

	put32(octets, value);
	return put_attr(to, flags, code, octets, 4);
}

/* ORIGIN, AS_PATH, and NEXT_HOP unless it is in MP_REACH_NLRI. */
static size_t put_well_known(uint8_t *to, const struct lab_route *route, bool next_hop)
{
	uint8_t value[2 + 4 * LAB_AS_PATH_MAX] = { 2, (uint8_t)route->as_path_length };
	size_t at = put_attr(to, 0x40, 1, &route->origin, 1);

	for (size_t i = 0; i < route->as_path_length; i++)
		put32(value + 2 + 4 * i, route->as_path[i]);
	at += put_attr(to + at, 0x40, 2, value,
		       route->as_path_length == 0 ? 0 : 2 + 4 * route->as_path_length);
	if (next_hop)
		at += put_attr32(to + at, 0x40, 3, route->next_hop);
	return at;
}

static size_t put_list(uint8_t *to, uint8_t flags, uint8_t code, const uint32_t *list, size_t count)
{
	uint8_t value[4 * LAB_CLUSTERS_MAX];

	for (size_t i = 0; i < count; i++)
		put32(value + 4 * i, list[i]);
	return count == 0 ? 0 : put_attr(to, flags, code, value, 4 * count);
}

static size_t put_optional(uint8_t *to, const struct lab_route *route)
{
	size_t at = 0;

	if (route->has_med)
		at += put_attr32(to + at, 0x80, 4, route->med);
	if (route->has_local_pref)
		at += put_attr32(to + at, 0x40, 5, route->local_pref);
	at += put_list(to + at, 0xc0, 8, route->communities, route->community_count);
	if (route->has_originator)
		at += put_attr32(to + at, 0x80, 9, route->originator);
	at += put_list(to + at, 0x80, 10, route->clusters, route->cluster_count);
	if (route->has_aigp) {
		uint8_t tlv[11] = { 1, 0, 11 };

		put32(tlv + 3, (uint32_t)(route->aigp >> 32));
		put32(tlv + 7, (uint32_t)route->aigp);
		at += put_attr(to + at, 0x80, 26, tlv, sizeof(tlv));
	}
	if (route->has_otc)
		at += put_attr32(to + at, 0xc0, 35, route->otc);
	return at;
}

void lab_announce(struct lab *lab, struct lab_peer *peer, const struct lab_route *route)
{
	uint8_t body[512] = { 0 };
	size_t at = 4;

	at += put_well_known(body + at, route, true);
	at += put_optional(body + at, route);
	body[2] = (uint8_t)((at - 4) >> 8);
	body[3] = (uint8_t)(at - 4);
	at += put_prefix(body + at, route->prefix, route->length);
	send_message(lab, peer, 2, body, at);
}

void lab_announce_mp(struct lab *lab, struct lab_peer *peer, const struct lab_mp_route *route,
		     const struct lab_route *attrs)
{
	uint8_t body[1024] = { 0 }, value[320];
	size_t at = 4, length = 5u + route->next_hop_length;

	value[0] = (uint8_t)(route->afi >> 8);
	value[1] = (uint8_t)route->afi;
	value[2] = route->safi;
	value[3] = route->next_hop_length;
	memcpy(value + 4, route->next_hop, route->next_hop_length);
	value[length - 1] = 0;
	assert(length + route->length <= 255);
	memcpy(value + length, route->nlri, route->length);
	at += put_attr(body + at, 0x80, 14, value, length + route->length);
	at += put_well_known(body + at, attrs, false);
	at += put_optional(body + at, attrs);
	body[2] = (uint8_t)((at - 4) >> 8);
	body[3] = (uint8_t)(at - 4);
	send_message(lab, peer, 2, body, at);
}

void lab_withdraw(struct lab *lab, struct lab_peer *peer, uint32_t prefix, uint8_t length)
{
	uint8_t body[16] = { 0 };
	size_t octets = put_prefix(body + 2, prefix, length);

	body[1] = (uint8_t)octets;
	send_message(lab, peer, 2, body, 2 + octets + 2);
}

void lab_end_of_rib(struct lab *lab, struct lab_peer *peer)
{
	static const uint8_t body[4] = { 0 };

	send_message(lab, peer, 2, body, sizeof(body));
}

void lab_end_of_rib_of(struct lab *lab, struct lab_peer *peer, uint16_t afi, uint8_t safi)
{
	uint8_t body[] = { 0, 0, 0, 6, 0x80, 15, 3, (uint8_t)(afi >> 8), (uint8_t)afi, safi };

	send_message(lab, peer, 2, body, sizeof(body));
}

void lab_refresh(struct lab *lab, struct lab_peer *peer, uint8_t subtype)
{
	const uint8_t body[4] = { 0, 1, subtype, 1 };

	send_message(lab, peer, 5, body, sizeof(body));
}

/* --- what the peer receives --- */

const struct lab_route *lab_route(const struct lab_peer *peer, uint32_t prefix, uint8_t length)
{
	for (size_t i = 0; i < peer->route_count; i++)
		if (peer->routes[i].prefix == prefix && peer->routes[i].length == length)
			return &peer->routes[i];
	return NULL;
}

static void forget_route(struct lab_peer *peer, const struct lab_route *gone)
{
	for (size_t i = 0; i < peer->route_count; i++) {
		const struct lab_route *route = &peer->routes[i];

		if (route->prefix == gone->prefix && route->length == gone->length &&
		    route->path_id == gone->path_id) {
			peer->routes[i] = peer->routes[--peer->route_count];
			return;
		}
	}
}

static void keep_route(struct lab_peer *peer, const struct lab_route *route)
{
	forget_route(peer, route);
	MEM_RESERVE(peer->routes, peer->route_capacity, peer->route_count + 1);
	peer->routes[peer->route_count++] = *route;
}

static size_t read_prefix(struct lab_peer *peer, const uint8_t *p, size_t left,
			  struct lab_route *route)
{
	size_t id = peer->told_paths ? 4 : 0;
	size_t octets;
	uint8_t address[4] = { 0 };

	if (left >= id && id != 0)
		route->path_id = get32(p);
	left -= MIN(left, id);
	p += id;
	octets = left == 0 ? 0 : (size_t)(p[0] + 7) / 8;
	if (left == 0 || p[0] > 32 || 1 + octets > left) {
		complain(peer, "NLRI runs over the end of its field");
		return 0;
	}
	memcpy(address, p + 1, octets);
	route->prefix = get32(address);
	route->length = p[0];
	return id + 1 + octets;
}

static void read_attr(struct lab_peer *peer, struct lab_route *route, uint8_t code,
		      const uint8_t *value, size_t length)
{
	switch (code) {
	case 1:
		route->origin = value[0];
		break;
	case 2:
		if (length != 0 && (value[0] == 0 || value[0] > 3 || length != 2 + 4u * value[1] ||
				    value[1] > LAB_AS_PATH_MAX)) {
			if (!peer->any_attribute)
				complain(peer, "an AS_PATH that nobody announced");
		} else if (length != 0) {
			for (route->as_path_length = 0; route->as_path_length < value[1];
			     route->as_path_length++)
				route->as_path[route->as_path_length] =
					get32(value + 2 + 4 * route->as_path_length);
		}
		break;
	case 3:
		route->next_hop = get32(value);
		break;
	case 4:
		route->has_med = true;
		route->med = get32(value);
		break;
	case 5:
		route->has_local_pref = true;
		route->local_pref = get32(value);
		break;
	case 8:
		for (; route->community_count < length / 4 &&
		       route->community_count < LAB_COMMUNITIES_MAX;
		     route->community_count++)
			route->communities[route->community_count] =
				get32(value + 4 * route->community_count);
		break;
	case 9:
		route->has_originator = true;
		route->originator = get32(value);
		break;
	case 10:
		for (; route->cluster_count < length / 4 && route->cluster_count < LAB_CLUSTERS_MAX;
		     route->cluster_count++)
			route->clusters[route->cluster_count] =
				get32(value + 4 * route->cluster_count);
		break;
	case 14:
		if (!lab_mp_reach(peer, value, length))
			complain(peer, "MP_REACH_NLRI is wrong");
		break;
	case 15:
		if (!lab_mp_unreach(peer, value, length))
			complain(peer, "MP_UNREACH_NLRI is wrong");
		break;
	case 26:
		route->has_aigp = true;
		route->aigp = (uint64_t)get32(value + 3) << 32 | get32(value + 7);
		break;
	case 35:
		route->has_otc = true;
		route->otc = get32(value);
		break;
	default:
		if (!peer->any_attribute)
			complain(peer, "an attribute that nobody announced");
	}
}

static bool read_attrs(struct lab_peer *peer, struct lab_route *route, const uint8_t *p,
		       size_t length)
{
	int last = -1;

	while (length != 0) {
		size_t header = length >= 4 && (p[0] & 0x10) != 0 ? 4 : 3;
		size_t value_length;

		if (length < header)
			break;
		value_length = header == 4 ? (size_t)p[2] << 8 | p[3] : p[2];
		if (value_length > length - header)
			break;
		if (p[1] <= last)
			complain(peer, "attributes out of order");
		if (p[1] != 14 && p[1] != 15) /* they come first (RFC 7606 5.1) */
			last = p[1];
		if (route->code_count < LAB_CODES_MAX)
			route->codes[route->code_count++] = p[1];
		read_attr(peer, route, p[1], p + header, value_length);
		p += header + value_length;
		length -= header + value_length;
	}
	if (length != 0)
		complain(peer, "an attribute runs over the end");
	return length == 0;
}

static void read_update(struct lab_peer *peer, const uint8_t *p, size_t length)
{
	size_t withdrawn = length < 4 ? 0 : (size_t)p[0] << 8 | p[1];
	size_t attrs = length < 4 || withdrawn + 4 > length
			       ? 0
			       : (size_t)p[2 + withdrawn] << 8 | p[3 + withdrawn];
	struct lab_route route = { 0 };
	size_t at = 2, step;

	peer->updates++;
	if (length < 4 || withdrawn + attrs + 4 > length) {
		complain(peer, "lengths in an UPDATE are wrong");
		return;
	}
	if (length == 4) {
		peer->end_of_ribs++;
		return;
	}
	while (at < 2 + withdrawn) {
		step = read_prefix(peer, p + at, 2 + withdrawn - at, &route);
		if (step == 0)
			return;
		forget_route(peer, &route);
		at += step;
	}
	at += 2;
	if (!read_attrs(peer, &route, p + at, attrs))
		return;
	if (attrs >= 3 && p[at + 1] != 15) {
		buf_clear(&peer->last_attrs);
		buf_add(&peer->last_attrs, p + at, attrs);
	}
	for (at += attrs; at < length; at += step) {
		step = read_prefix(peer, p + at, length - at, &route);
		if (step == 0)
			return;
		keep_route(peer, &route);
	}
}

/* Does the OPEN carry a graceful restart capability with the restart bit? */
static bool has_restart_bit(const uint8_t *p, size_t length)
{
	for (size_t i = 10; i + 3 < length; i++)
		if (p[i] == 64 && p[i + 1] >= 2 && (p[i + 2] & 0x80) != 0)
			return true;
	return false;
}

/* Does the OPEN offer to send several paths of ipv4-unicast? */
static bool offers_paths(const uint8_t *p, size_t length)
{
	static const uint8_t family[] = { 0, 1, 1 };

	for (size_t i = 10; i + 5 < length; i++)
		if (p[i] == 69 && p[i + 1] >= 4 && memcmp(p + i + 2, family, 3) == 0 &&
		    (p[i + 5] & 2) != 0)
			return true;
	return false;
}

static void read_refresh(struct lab_peer *peer, uint8_t subtype)
{
	switch (subtype) {
	case 0:
		peer->refreshes++;
		break;
	case 1:
		peer->refresh_begins++;
		peer->refreshed = peer->updates;
		break;
	case 2:
		if (++peer->refresh_ends > peer->refresh_begins)
			complain(peer, "EoRR without BoRR");
		peer->refreshed = peer->updates - peer->refreshed;
		break;
	default:
		complain(peer, "a ROUTE-REFRESH of unknown subtype");
	}
}

static void read_message(struct lab *lab, struct lab_peer *peer, uint8_t type, const uint8_t *body,
			 size_t length)
{
	switch (type) {
	case 1:
		peer->opened_with_restart = has_restart_bit(body, length);
		peer->told_paths = peer->add_path && offers_paths(body, length);
		send_message(lab, peer, 4, NULL, 0);
		break;
	case 2:
		read_update(peer, body, length);
		break;
	case 3:
		peer->notification[0] = body[0];
		peer->notification[1] = body[1];
		peer->notification_bytes = MIN(length - 2, sizeof(peer->notification_data));
		memcpy(peer->notification_data, body + 2, peer->notification_bytes);
		break;
	case 4:
		peer->established = peer->conn != NULL;
		break;
	case 5:
		read_refresh(peer, body[2]);
		break;
	default:
		complain(peer, "a message of unknown type");
	}
}

static void read_messages(struct lab *lab, struct lab_peer *peer)
{
	while (peer->in.length >= 19) {
		const uint8_t *p = (const uint8_t *)peer->in.data;
		size_t length = (size_t)p[16] << 8 | p[17];
		uint8_t message[4096];

		if (p[0] != 0xff || p[15] != 0xff || length < 19 || length > 4096) {
			complain(peer, "a message header is wrong");
			buf_clear(&peer->in);
			return;
		}
		if (peer->in.length < length)
			return;
		memcpy(message, p, length);
		buf_consume(&peer->in, length);
		read_message(lab, peer, message[18], message + 19, length - 19);
	}
}

/* Moves one piece from the speaker to the peer. */
static bool receive(struct lab *lab, struct lab_peer *peer)
{
	struct iovec vectors[8];
	size_t wanted =
		lab->piece_max == 0 ? 1 << 20 : 1 + lab_random(lab, (uint32_t)lab->piece_max * 4);
	size_t taken = 0;
	size_t count = speaker_output(peer->conn, vectors, ARRAY_SIZE(vectors), 65536);

	for (size_t i = 0; i < count && taken < wanted; i++) {
		size_t piece = MIN(vectors[i].iov_len, wanted - taken);

		buf_add(&peer->in, vectors[i].iov_base, piece);
		taken += piece;
	}
	if (taken != 0)
		speaker_wrote(peer->conn, taken, lab->now);
	return taken != 0;
}

void lab_drain_once(struct lab *lab)
{
	speaker_drain(lab->speaker, lab->now);
}

void lab_settle(struct lab *lab)
{
	bool moved = true;

	while (moved) {
		moved = speaker_drain(lab->speaker, lab->now);
		for (size_t i = 0; i < lab->peer_count; i++) {
			struct lab_peer *peer = &lab->peers[i];

			if (peer->conn != NULL && !peer->slow && receive(lab, peer))
				moved = true;
			read_messages(lab, peer);
		}
	}
}

void lab_advance(struct lab *lab, duration_t span, bool alive)
{
	instant_t end = instant_add(lab->now, span);

	while (instant_before(lab->now, end)) {
		lab->now = instant_min(end, instant_add(lab->now, duration_seconds(1)));
		for (size_t i = 0; alive && i < lab->peer_count; i++)
			if (lab->peers[i].established)
				send_message(lab, &lab->peers[i], 4, NULL, 0);
		if (instant_due(speaker_deadline(lab->speaker), lab->now))
			speaker_tick(lab->speaker, lab->now);
		lab_settle(lab);
	}
}

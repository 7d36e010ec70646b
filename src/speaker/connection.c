/*
 * connection: one transport connection: its events, and what goes out on it, in which order.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Two sources of output: the session's own messages (a small buffer) and the export groups' logs
 * (never copied). They may alternate only between messages; the session's go first.
 */
#include "speaker/parts.h"

#include "base/mem.h"

struct speaker_conn *speaker_conn_new(struct speaker_peer *peer, enum session_side side,
				      const struct ip_addr *local)
{
	struct speaker_conn *conn = mem_zalloc(sizeof(*conn));

	conn->peer = peer;
	conn->side = side;
	conn->local = *local;
	buf_init(&conn->control, SPEAKER_CONTROL_BYTES_MAX);
	peer->instance->speaker->conn_count++;
	return conn;
}

void speaker_conn_free(struct speaker_conn *conn)
{
	if (conn == NULL)
		return;
	conn->peer->instance->speaker->conn_count--;
	buf_done(&conn->control);
	mem_free(conn);
}

void speaker_conn_wake(struct speaker_conn *conn)
{
	struct speaker *s = conn->peer->instance->speaker;

	if (conn->want_write)
		return;
	conn->want_write = true;
	s->ops->want_write(s->context, conn);
}

static bool is_established(const struct speaker_conn *conn)
{
	const struct speaker_peer *peer = conn->peer;

	return peer->reflector_peer->established &&
	       session_established_side(peer->session) == conn->side &&
	       peer->conns[conn->side] == conn;
}

/* The family whose message is partly sent; BGP_FAMILY_NONE when none is. */
static enum bgp_family family_inside(const struct speaker_conn *conn)
{
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		const struct export_member *m = conn->peer->reflector_peer->members[f];

		if (m != NULL && export_member_inside_message(m))
			return f;
	}
	return BGP_FAMILY_NONE;
}

void speaker_conn_keep_rest(struct speaker_conn *conn)
{
	enum bgp_family family = family_inside(conn);
	const uint8_t *rest;
	struct buf control;
	size_t length;

	if (family == BGP_FAMILY_NONE)
		return;
	rest = export_member_rest(conn->peer->reflector_peer->members[family], &length);
	if (rest == NULL)
		return;
	buf_init(&control, SPEAKER_CONTROL_BYTES_MAX);
	buf_add(&control, rest, length);
	buf_add(&control, buf_text(&conn->control), conn->control.length);
	buf_done(&conn->control);
	conn->control = control;
}

static size_t family_output(struct speaker_conn *conn, enum bgp_family family,
			    struct iovec *vectors, size_t max, size_t bytes_max)
{
	struct export_member *m = conn->peer->reflector_peer->members[family];
	size_t count = m == NULL ? 0 : export_member_output(m, vectors, max, bytes_max);

	for (size_t i = 0; i < count; i++)
		conn->given_bytes += vectors[i].iov_len;
	conn->given_family = family;
	return count;
}

size_t speaker_output(struct speaker_conn *conn, struct iovec *vectors, size_t max,
		      size_t bytes_max)
{
	bool established = is_established(conn);
	enum bgp_family inside = established ? family_inside(conn) : BGP_FAMILY_NONE;
	size_t count = 0;

	conn->given_rest = conn->given_control = conn->given_bytes = 0;
	conn->given_family = inside != BGP_FAMILY_NONE ? inside : 0;
	if (inside != BGP_FAMILY_NONE && (conn->control.length == 0 || max == 1))
		return family_output(conn, inside, vectors, max, bytes_max);
	if (inside != BGP_FAMILY_NONE) {
		count = export_member_output(conn->peer->reflector_peer->members[inside], vectors,
					     1, 0);
		conn->given_rest = vectors[0].iov_len;
	}
	if (conn->control.length != 0) {
		vectors[count++] = (struct iovec){ conn->control.data, conn->control.length };
		conn->given_control = conn->control.length;
	}
	for (enum bgp_family f = 0;
	     established && inside == BGP_FAMILY_NONE && f < BGP_FAMILY_COUNT; f++) {
		size_t more = family_output(conn, f, vectors + count, max - count, bytes_max);

		count += more;
		if (more != 0)
			break;
	}
	if (count == 0)
		conn->want_write = false;
	return count;
}

void speaker_wrote(struct speaker_conn *conn, size_t bytes, instant_t now)
{
	struct speaker_peer *peer = conn->peer;
	size_t given = conn->given_rest + conn->given_control + conn->given_bytes;
	size_t part = MIN(bytes, conn->given_rest);

	assert(bytes <= given);
	if (part != 0)
		peer->updates_sent += export_member_wrote(
			peer->reflector_peer->members[conn->given_family], part);
	given -= bytes;
	bytes -= part;
	part = MIN(bytes, conn->given_control);
	buf_consume(&conn->control, part);
	bytes -= part;
	if (bytes != 0)
		peer->updates_sent += export_member_wrote(
			peer->reflector_peer->members[conn->given_family], bytes);
	if (conn->control.length == 0 && conn->control.capacity > 1024)
		buf_done(&conn->control);
	conn->given_rest = conn->given_control = conn->given_bytes = 0;
	session_sent(peer->session, given != 0, now);
	speaker_peer_touched(peer);
}

void speaker_conn_set_data(struct speaker_conn *conn, void *rim_data)
{
	conn->rim_data = rim_data;
}

uint8_t speaker_conn_ttl(const struct speaker_conn *conn)
{
	return conn->peer->config->ttl;
}

uint8_t speaker_config_ttl_min(const struct neighbor_config *config)
{
	uint8_t hops = config->ttl_security_hops;

	return hops == 0 ? 0 : (uint8_t)(UINT8_MAX - hops + 1);
}

uint8_t speaker_conn_ttl_min(const struct speaker_conn *conn)
{
	return speaker_config_ttl_min(conn->peer->config);
}

void *speaker_conn_data(const struct speaker_conn *conn)
{
	return conn->rim_data;
}

void speaker_connected(struct speaker_conn *conn, const struct ip_addr *local, instant_t now)
{
	struct speaker_peer *peer = conn->peer;
	struct speaker *s = peer->instance->speaker;

	conn->local = *local;
	session_connected(peer->session, now);
	speaker_peer_touched(peer);
	speaker_settle(s, now);
}

void speaker_connect_failed(struct speaker_conn *conn, const char *why, instant_t now)
{
	struct speaker_peer *peer = conn->peer;
	struct speaker *s = peer->instance->speaker;

	peer->conns[conn->side] = NULL;
	speaker_conn_free(conn);
	session_connect_failed(peer->session, why, now);
	speaker_peer_touched(peer);
	speaker_settle(s, now);
}

size_t speaker_input(struct speaker_conn *conn, const uint8_t *bytes, size_t length, instant_t now)
{
	struct speaker_peer *peer = conn->peer;
	struct speaker *s = peer->instance->speaker;
	size_t used = session_input(peer->session, conn->side, bytes, length, now);

	speaker_peer_touched(peer);
	speaker_instance_note_dirty(peer->instance);
	if (!list_is_empty(&s->unsettled))
		speaker_settle(s, now);
	return used;
}

void speaker_closed(struct speaker_conn *conn, const char *why, instant_t now)
{
	struct speaker_peer *peer = conn->peer;
	struct speaker *s = peer->instance->speaker;
	enum session_side side = conn->side;

	peer->conns[side] = NULL;
	speaker_conn_free(conn);
	session_closed(peer->session, side, why, now);
	speaker_peer_touched(peer);
	if (peer->dynamic && list_is_empty(&peer->settle_node))
		list_push_back(&s->unsettled, &peer->settle_node);
	speaker_settle(s, now);
}

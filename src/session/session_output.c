/*
 * session_output: the messages that a connection sends by itself.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4 and 10 (jitter). OPEN is always the first: a NOTIFICATION on a connection whose OPEN
 * still waits is sent behind it (RFC 4271 8.1.1: SendNOTIFICATIONwithoutOPEN is off).
 */
#include "session/session_internal.h"

duration_t session_jitter(struct session *s, duration_t d)
{
	uint64_t x = s->random += 0x9e3779b97f4a7c15u; /* splitmix64 */

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	x ^= x >> 31;
	return (duration_t){ d.ns - d.ns / 4 + d.ns / 4 / 1024 * (int64_t)(x % 1025) };
}

instant_t session_after(instant_t now, duration_t d)
{
	return d.ns == 0 ? INSTANT_NEVER : instant_add(now, d);
}

static void send_message(struct session *s, struct session_connection *c, enum bgp_type type,
			 const struct writer *w, instant_t now)
{
	assert(!w->failed);
	s->counters.sent[type]++;
	/* RFC 9687 4: what is given to the transport must be taken in time */
	if (c->state == SESSION_ESTABLISHED && instant_is_never(s->send_hold_deadline))
		s->send_hold_deadline = session_after(now, s->send_hold);
	s->ops.send(s->context, c->side, w->start, writer_length(w));
}

void session_send_open(struct session *s, struct session_connection *c, instant_t now)
{
	uint8_t bytes[BGP_MESSAGE_BYTES_MAX];
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct bgp_open open;

	session_make_open(s, &open);
	bgp_open_encode(&w, &open);
	c->open_pending = false;
	send_message(s, c, BGP_OPEN, &w, now);
}

void session_send_keepalive(struct session *s, struct session_connection *c, instant_t now)
{
	uint8_t bytes[BGP_HEADER_BYTES];
	struct writer w = writer_of(bytes, sizeof(bytes));

	bgp_keepalive_encode(&w);
	send_message(s, c, BGP_KEEPALIVE, &w, now);
	c->keepalive_deadline = session_after(now, session_jitter(s, c->keepalive));
}

void session_send_notification(struct session *s, struct session_connection *c,
			       const struct bgp_notification *n, instant_t now)
{
	uint8_t bytes[BGP_HEADER_BYTES + 2 + sizeof(n->data)];
	struct writer w = writer_of(bytes, sizeof(bytes));

	if (c->open_pending)
		session_send_open(s, c, now);
	session_remember(&s->notification_sent, n, now);
	bgp_notification_encode(&w, n);
	send_message(s, c, BGP_NOTIFICATION, &w, now);
}

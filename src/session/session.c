/*
 * session: what the owner of a session calls.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Turns calls, octets and the passing of time into events of the machine in session_fsm.c.
 */
#include "base/mem.h"
#include "session/session_internal.h"

/* A connection that comes this soon after the session was established is a collision, not a
 * restart. */
#define RESTART_AFTER_MS 1000
/* A hold timer that is looked at this late, and what it gets then. */
#define LATE_MS 3000
#define EXCUSE_MS 10000

static const char *copy_text(const char *text, char to[static BGP_CAPABILITY_TEXT_MAX])
{
	if (text == NULL)
		return NULL;
	snprintf(to, BGP_CAPABILITY_TEXT_MAX, "%s", text);
	return to;
}

void session_set_config(struct session *s, const struct session_config *config)
{
	s->config = *config;
	if (s->config.connect_retry_s == 0)
		s->config.connect_retry_s = 120; /* RFC 4271 10 */
	s->config.hostname = copy_text(config->hostname, s->hostname);
	s->config.domain_name = copy_text(config->domain_name, s->domain_name);
	s->config.software_version = copy_text(config->software_version, s->software_version);
}

struct session *session_new(const struct session_config *config, const struct session_ops *ops,
			    void *context)
{
	struct session *s = mem_zalloc(sizeof(*s));

	session_set_config(s, config);
	s->ops = *ops;
	s->context = context;
	s->random = config->jitter_seed;
	s->idle_hold = duration_ms(SESSION_IDLE_HOLD_MS);
	s->retry = duration_ms(SESSION_RETRY_MS);
	s->connect_retry_deadline = INSTANT_NEVER;
	s->idle_hold_deadline = INSTANT_NEVER;
	s->send_hold_deadline = INSTANT_NEVER;
	s->notification_sent.at = s->notification_received.at = INSTANT_NEVER;
	s->refused_until = INSTANT_NEVER;
	for (size_t i = 0; i < SESSION_SIDES; i++) {
		s->connections[i].side = (enum session_side)i;
		s->connections[i].hold_deadline = INSTANT_NEVER;
		s->connections[i].keepalive_deadline = INSTANT_NEVER;
		s->connections[i].confirm_deadline = INSTANT_NEVER;
	}
	return s;
}

void session_free(struct session *session)
{
	mem_free(session);
}

/* The state that is shown; to be called after every event. */
static void refresh_state(struct session *s, instant_t now)
{
	enum session_state state =
		MAX(s->connections[SESSION_OUTGOING].state, s->connections[SESSION_INCOMING].state);

	/* The listening side's Active says nothing while the other side has something to say. */
	if (state == SESSION_ACTIVE && !s->config.passive &&
	    !s->connections[SESSION_INCOMING].transport)
		state = s->connections[SESSION_OUTGOING].state;
	if (state == s->state)
		return;
	s->state = state;
	s->since = now;
}

void session_start(struct session *session, instant_t now)
{
	if (session->started)
		return;
	session->started = true;
	session->idle_hold = duration_ms(SESSION_IDLE_HOLD_MS);
	session->retry = duration_ms(SESSION_RETRY_MS);
	session->since = now;
	session->counters.connect_retry_counter = 0;
	for (size_t i = SESSION_SIDES; i-- > 0;)
		session_event(session, &session->connections[i],
			      session->config.passive ? SESSION_EVENT_MANUAL_START_PASSIVE
						      : SESSION_EVENT_MANUAL_START,
			      NULL, now);
	refresh_state(session, now);
}

/* RFC 9003 2: an octet of length and UTF-8 text, which is cut between characters. */
static size_t shutdown_communication(const char *text, uint8_t *to, size_t room)
{
	size_t length = text == NULL ? 0 : strlen(text);

	if (length > room - 1) {
		length = room - 1;
		while (length > 0 && ((uint8_t)text[length] & 0xc0) == 0x80)
			length--;
	}
	to[0] = (uint8_t)length;
	if (length != 0)
		memcpy(to + 1, text, length);
	return length + 1;
}

/* Both connections are about to end: that one does must not establish the other. */
static void forget_confirmed(struct session *s)
{
	for (size_t i = 0; i < SESSION_SIDES; i++) {
		s->connections[i].confirmed = false;
		s->connections[i].confirm_deadline = INSTANT_NEVER;
	}
}

void session_stop(struct session *session, uint8_t subcode, const char *text, instant_t now)
{
	uint8_t data[2 + 1 + UINT8_MAX] = { BGP_CEASE, subcode };
	size_t length = 2;
	struct bgp_notification plain, hard;
	bool lasting = subcode == BGP_CEASE_SHUTDOWN || subcode == BGP_CEASE_DECONFIGURED;

	if (!session->started)
		return;
	if (subcode == BGP_CEASE_SHUTDOWN || subcode == BGP_CEASE_ADMIN_RESET)
		length += shutdown_communication(text, data + 2, sizeof(data) - 2);
	bgp_notification_set(&plain, BGP_CEASE, subcode, data + 2, length - 2);
	bgp_notification_set(&hard, BGP_CEASE, BGP_CEASE_HARD_RESET, data, length);
	session->started = false;
	session_note(session, "stopped by the operator");
	forget_confirmed(session);
	for (size_t i = 0; i < SESSION_SIDES; i++) {
		struct session_connection *c = &session->connections[i];
		/* RFC 8538 3.1: else the peer would wait for us to come back */
		bool wrap = lasting && c->state == SESSION_ESTABLISHED &&
			    c->negotiated.notification_restart;
		struct session_event_data stop = { .notification = wrap ? &hard : &plain };

		session_event(session, c, SESSION_EVENT_MANUAL_STOP, &stop, now);
	}
	session->connect_retry_deadline = INSTANT_NEVER;
	session->idle_hold_deadline = INSTANT_NEVER;
	refresh_state(session, now);
}

/* RFC 8538 3.1: the NOTIFICATION, as the data of a hard reset. */
static void wrap_hard(const struct bgp_notification *n, struct bgp_notification *ret_hard)
{
	uint8_t data[2 + sizeof(n->data)];
	size_t length = MIN(n->data_length, sizeof(data) - 2);

	data[0] = n->code;
	data[1] = n->subcode;
	memcpy(data + 2, n->data, length);
	bgp_notification_set(ret_hard, BGP_CEASE, BGP_CEASE_HARD_RESET, data, length + 2);
}

void session_reset(struct session *session, const struct bgp_notification *why, instant_t now)
{
	struct bgp_notification hard;

	wrap_hard(why, &hard);
	forget_confirmed(session);
	for (size_t i = 0; i < SESSION_SIDES; i++) {
		struct session_connection *c = &session->connections[i];
		/* RFC 8538 3.1: else its routes would stay as stale, which are too many */
		bool wrap = why->code == BGP_CEASE &&
			    (why->subcode == BGP_CEASE_MAXIMUM_PREFIXES ||
			     why->subcode == BGP_CEASE_OUT_OF_RESOURCES) &&
			    c->state == SESSION_ESTABLISHED && c->negotiated.notification_restart;
		struct session_event_data stop = { .notification = wrap ? &hard : why };

		session_event(session, c, SESSION_EVENT_AUTOMATIC_STOP, &stop, now);
	}
	refresh_state(session, now);
}

void session_connected(struct session *session, instant_t now)
{
	struct session_connection *c = &session->connections[SESSION_OUTGOING];

	if (c->state != SESSION_CONNECT || c->transport) { /* nobody wants it any more */
		if (!c->transport)
			session->ops.close(session->context, SESSION_OUTGOING);
		return;
	}
	session_event(session, c, SESSION_EVENT_TCP_ACKED, NULL, now);
	refresh_state(session, now);
}

void session_connect_failed(struct session *session, const char *why, instant_t now)
{
	struct session_connection *c = &session->connections[SESSION_OUTGOING];

	if (c->state == SESSION_CONNECT)
		session_event(session, c, SESSION_EVENT_TCP_FAILS,
			      &(struct session_event_data){ .why = why }, now);
	refresh_state(session, now);
}

bool session_accept(struct session *session, instant_t now)
{
	struct session_connection *incoming = &session->connections[SESSION_INCOMING];
	struct session_connection *established = session_established(session);
	bool taken = false;

	if (!session->started)
		return false;
	if (established != NULL && established->negotiated.graceful_restart &&
	    instant_diff(now, session->established_at).ns >= duration_ms(RESTART_AFTER_MS).ns)
		session_event(session, established, SESSION_EVENT_REPLACED, NULL, now);
	session_event(session, incoming, SESSION_EVENT_TCP_VALID, NULL, now);
	session_event(session, incoming, SESSION_EVENT_TCP_CONFIRMED,
		      &(struct session_event_data){ .ret_taken = &taken }, now);
	refresh_state(session, now);
	return taken;
}

uint8_t session_refusal(const struct session *session)
{
	return session->connections[SESSION_INCOMING].state == SESSION_ESTABLISHED
		       ? BGP_CEASE_COLLISION
		       : BGP_CEASE_REJECTED;
}

void session_note_refusal(struct session *session, const char *why)
{
	if (session_established(session) == NULL)
		session_note(session, "%s", why);
}

bool session_is_refusing(const struct session *session)
{
	return session->started && session->connections[SESSION_INCOMING].state == SESSION_IDLE;
}

void session_closed(struct session *session, enum session_side side, const char *why, instant_t now)
{
	struct session_connection *c = &session->connections[side];

	if (!c->transport && c->state != SESSION_CONNECT)
		return;
	session_event(session, c, SESSION_EVENT_TCP_FAILS,
		      &(struct session_event_data){ .why = why }, now);
	refresh_state(session, now);
}

/* DelayOpenTimer: when it is due, it expires. */
static void open_due(struct session *s, struct session_connection *c, instant_t now)
{
	if (!c->transport || !c->open_pending || !instant_due(c->open_deadline, now))
		return;
	if (c->state < SESSION_OPEN_SENT) {
		session_event(s, c, SESSION_EVENT_DELAY_OPEN_EXPIRES, NULL, now);
		return;
	}
	/* The peer's OPEN came first, and its acknowledgement has waited too. */
	session_send_open(s, c, now);
	session_send_keepalive(s, c, now);
}

static void message_open(struct session *s, struct session_connection *c, const uint8_t *body,
			 size_t length, instant_t now)
{
	struct bgp_open open;
	struct bgp_notification n;
	struct session_event_data data = { .open = &open, .notification = &n };

	if (bgp_open_decode(body, length, &open, &n) < 0)
		session_event(s, c, SESSION_EVENT_OPEN_ERROR, &data, now);
	else
		session_event(s, c,
			      c->open_pending ? SESSION_EVENT_OPEN_WHILE_DELAYED
					      : SESSION_EVENT_OPEN,
			      &data, now);
}

static void message_notification(struct session *s, struct session_connection *c,
				 const uint8_t *body, size_t length, instant_t now)
{
	struct bgp_notification n;
	struct session_event_data data = { .notification = &n };

	if (bgp_notification_decode(body, length, &n) < 0)
		bgp_notification_set(&n, 0, 0, NULL, 0); /* the header's check rules this out */
	session_remember(&s->notification_received, &n, now);
	session_event(s, c,
		      n.code == BGP_ERROR_OPEN && n.subcode == BGP_OPEN_UNSUPPORTED_VERSION
			      ? SESSION_EVENT_VERSION_REFUSED
			      : SESSION_EVENT_NOTIFICATION,
		      &data, now);
}

static void message(struct session *s, struct session_connection *c, uint8_t type,
		    const uint8_t *body, size_t length, instant_t now)
{
	struct session_event_data data = { .body = body, .length = length };

	s->counters.received[type]++;
	c->excused = false;
	switch ((enum bgp_type)type) {
	case BGP_OPEN:
		message_open(s, c, body, length, now);
		break;
	case BGP_UPDATE:
		session_event(s, c, SESSION_EVENT_UPDATE, &data, now);
		break;
	case BGP_NOTIFICATION:
		message_notification(s, c, body, length, now);
		break;
	case BGP_KEEPALIVE:
		session_event(s, c, SESSION_EVENT_KEEPALIVE, &data, now);
		break;
	case BGP_ROUTE_REFRESH:
		session_event(s, c, SESSION_EVENT_REFRESH, &data, now);
		break;
	case BGP_TYPE_MAX:
		break;
	}
}

/* What is behind a message: is it a whole UPDATE? */
static void expect(const struct session *s, const struct session_connection *c,
		   const uint8_t *bytes, size_t length)
{
	struct bgp_notification n;
	struct bgp_header header;

	if (s->ops.expect == NULL || length < BGP_HEADER_BYTES ||
	    bgp_header_decode(bytes, c->message_bytes_max, &header, &n) < 0 ||
	    length < header.length || header.type != BGP_UPDATE)
		return;
	s->ops.expect(s->context, bytes + BGP_HEADER_BYTES,
		      (size_t)header.length - BGP_HEADER_BYTES);
}

size_t session_input(struct session *session, enum session_side side, const uint8_t *bytes,
		     size_t length, instant_t now)
{
	struct session_connection *c = &session->connections[side];
	struct bgp_notification n;
	struct bgp_header header;
	size_t used = 0;

	open_due(session, c, now);
	while (c->transport && length - used >= BGP_HEADER_BYTES) {
		if (bgp_header_decode(bytes + used, c->message_bytes_max, &header, &n) < 0) {
			session_event(session, c, SESSION_EVENT_HEADER_ERROR,
				      &(struct session_event_data){ .notification = &n }, now);
			break;
		}
		if (length - used < header.length)
			break;
		expect(session, c, bytes + used + header.length, length - used - header.length);
		message(session, c, header.type, bytes + used + BGP_HEADER_BYTES,
			(size_t)header.length - BGP_HEADER_BYTES, now);
		used += header.length;
	}
	session->counters.input_bytes += used;
	refresh_state(session, now);
	return c->transport ? used : length;
}

void session_sent(struct session *session, bool pending, instant_t now)
{
	struct session_connection *c = session_established(session);

	if (c == NULL)
		return;
	session->send_hold_deadline = pending && session->send_hold.ns != 0
					      ? instant_add(now, session->send_hold)
					      : INSTANT_NEVER;
	if (c->keepalive.ns != 0)
		c->keepalive_deadline = instant_add(now, session_jitter(session, c->keepalive));
}

void session_input_pending(struct session *session, instant_t now)
{
	struct session_connection *c = session_established(session);

	if (c != NULL && c->hold.ns != 0)
		c->hold_deadline = instant_add(now, c->hold);
}

instant_t session_deadline(const struct session *session)
{
	instant_t deadline =
		instant_min(session->connect_retry_deadline, session->idle_hold_deadline);

	deadline = instant_min(deadline, session->send_hold_deadline);
	for (size_t i = 0; i < SESSION_SIDES; i++) {
		const struct session_connection *c = &session->connections[i];

		deadline = instant_min(deadline, c->hold_deadline);
		deadline = instant_min(deadline, c->keepalive_deadline);
		deadline = instant_min(deadline, c->confirm_deadline);
		if (c->open_pending)
			deadline = instant_min(deadline, c->open_deadline);
	}
	return deadline;
}

/* Are we ourselves late, because the process or its machine stood still? Then what the peer has
 * sent in the meantime may not have been read yet: it gets a little more time, once. */
static bool hold_is_excused(struct session_connection *c, instant_t now)
{
	if (c->excused || instant_diff(now, c->hold_deadline).ns < duration_ms(LATE_MS).ns)
		return false;
	c->excused = true;
	c->hold_deadline = instant_add(now, duration_ms(EXCUSE_MS));
	return true;
}

static void tick_connection(struct session *s, struct session_connection *c, instant_t now)
{
	open_due(s, c, now);
	if (instant_due(c->hold_deadline, now) && !hold_is_excused(c, now))
		session_event(s, c, SESSION_EVENT_HOLD_EXPIRES, NULL, now);
	if (instant_due(c->keepalive_deadline, now))
		session_event(s, c, SESSION_EVENT_KEEPALIVE_EXPIRES, NULL, now);
	if (instant_due(c->confirm_deadline, now)) /* the other's OPEN did not come */
		session_event(s, c, SESSION_EVENT_KEEPALIVE, NULL, now);
}

void session_tick(struct session *session, instant_t now)
{
	struct session_connection *established;

	for (size_t i = 0; i < SESSION_SIDES; i++)
		tick_connection(session, &session->connections[i], now);
	established = session_established(session);
	if (established != NULL && instant_due(session->send_hold_deadline, now))
		session_event(session, established, SESSION_EVENT_SEND_HOLD_EXPIRES, NULL, now);
	if (instant_due(session->connect_retry_deadline, now)) {
		session->connect_retry_deadline = INSTANT_NEVER;
		session_event(session, &session->connections[SESSION_OUTGOING],
			      SESSION_EVENT_CONNECT_RETRY_EXPIRES, NULL, now);
	}
	if (instant_due(session->idle_hold_deadline, now)) {
		session->idle_hold_deadline = INSTANT_NEVER;
		for (size_t i = SESSION_SIDES; i-- > 0;)
			if (session->connections[i].state == SESSION_IDLE)
				session_event(session, &session->connections[i],
					      SESSION_EVENT_IDLE_HOLD_EXPIRES, NULL, now);
	}
	refresh_state(session, now);
}

void session_set_restarting(struct session *session, bool restarting)
{
	session->config.restarting = restarting;
}

enum session_state session_state(const struct session *session)
{
	return session->state;
}

const char *session_state_name(enum session_state state)
{
	static const char *const names[SESSION_STATE_COUNT] = { "Idle",	       "Connect",
								"Active",      "OpenSent",
								"OpenConfirm", "Established" };

	return (size_t)state < SESSION_STATE_COUNT ? names[state] : "?";
}

const struct session_negotiated *session_negotiated(const struct session *session)
{
	for (size_t i = 0; i < SESSION_SIDES; i++)
		if (session->connections[i].state == SESSION_ESTABLISHED)
			return &session->connections[i].negotiated;
	return NULL;
}

const struct session_counters *session_counters(const struct session *session)
{
	return &session->counters;
}

instant_t session_since(const struct session *session)
{
	return session->since;
}

const char *session_last_error(const struct session *session)
{
	return session->last_error;
}

uint32_t session_error_count(const struct session *session)
{
	return session->error_count;
}

bool session_is_started(const struct session *session)
{
	return session->started;
}

const struct session_notification *session_last_notification(const struct session *session,
							     bool received)
{
	const struct session_notification *last =
		received ? &session->notification_received : &session->notification_sent;

	return instant_is_never(last->at) ? NULL : last;
}

instant_t session_next_attempt(const struct session *session)
{
	return session->state < SESSION_OPEN_SENT
		       ? instant_min(session->connect_retry_deadline, session->idle_hold_deadline)
		       : INSTANT_NEVER;
}

instant_t session_refused_until(const struct session *session)
{
	return session->refused_until;
}

enum session_side session_established_side(const struct session *session)
{
	return session->connections[SESSION_INCOMING].state == SESSION_ESTABLISHED
		       ? SESSION_INCOMING
		       : SESSION_OUTGOING;
}

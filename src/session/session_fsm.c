/*
 * session_fsm: the finite state machine of a connection, as a table [state][event].
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 8.2.2. Where it leaves a choice: a connection that fails before OPEN was exchanged goes
 * to Active and waits for the connect retry timer, which is short after the first failures;
 * whatever fails later goes to Idle, and a timer that doubles from 1 s to 60 s (8.1.1,
 * IdleHoldTime; it starts anew once a session was established) starts the machine again. Incoming
 * connections are refused in that time only when it was we who complained: a peer that lost its
 * connection may come back at once.
 *
 * Collisions (6.8) are examined when an OPEN arrives, against a connection in OpenConfirm or
 * Established; an established one wins.
 */
#include "session/session_internal.h"

#define OPEN_HOLD_S 240 /* RFC 4271 8.2.2: "a large value" before the peer's OPEN */
#define IDLE_HOLD_MAX_MS 60000
#define SEND_HOLD_MIN_S 480 /* RFC 9687 4 */

typedef void (*session_action)(struct session *s, struct session_connection *c,
			       const struct session_event_data *data, instant_t now);

/* How a connection ends. */
struct session_end {
	const struct bgp_notification *notification; /* to send; NULL: none */
	enum session_down_reason reason;
	bool retain;
};

void session_note(struct session *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->last_error, sizeof(s->last_error), format, args);
	va_end(args);
}

duration_t session_jitter(struct session *s, duration_t d)
{
	uint64_t x = s->random += 0x9e3779b97f4a7c15u; /* splitmix64 */

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	x ^= x >> 31;
	return (duration_t){ d.ns - d.ns / 4 + d.ns / 4 / 1024 * (int64_t)(x % 1025) };
}

/* A family's routes stay when the peer has said so for it, for some time: RFC 4724 3 and 9494 4.2
 * (a time of zero, or a family that is not listed, means no time). */
bool session_retains(const struct session_connection *c)
{
	const struct session_negotiated *n = &c->negotiated;

	for (size_t i = 0; n->graceful_restart && i < BGP_FAMILY_COUNT; i++) {
		if (!n->families[i])
			continue;
		if (n->peer.restart_families[i] && n->peer.restart_time_s != 0)
			return true;
		if (n->long_lived && n->peer.long_lived_time_s[i] != 0)
			return true;
	}
	return false;
}

bool session_retains_on_notification(const struct session_connection *c)
{
	return c->negotiated.notification_restart && session_retains(c);
}

static bool is_hard_reset(const struct bgp_notification *n)
{
	return n->code == BGP_CEASE && n->subcode == BGP_CEASE_HARD_RESET;
}

static instant_t after(instant_t now, duration_t d)
{
	return d.ns == 0 ? INSTANT_NEVER : instant_add(now, d);
}

/* Sending */

static void send_message(struct session *s, struct session_connection *c, enum bgp_type type,
			 const struct writer *w, instant_t now)
{
	assert(!w->failed);
	s->counters.sent[type]++;
	/* RFC 9687 4: what is given to the transport must be taken in time */
	if (c->state == SESSION_ESTABLISHED && instant_is_never(s->send_hold_deadline))
		s->send_hold_deadline = after(now, s->send_hold);
	s->ops.send(s->context, c->side, w->start, writer_length(w));
}

static void send_open(struct session *s, struct session_connection *c, instant_t now)
{
	uint8_t bytes[BGP_MESSAGE_BYTES_MAX];
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct bgp_open open;

	session_make_open(s, &open);
	bgp_open_encode(&w, &open);
	c->open_pending = false;
	send_message(s, c, BGP_OPEN, &w, now);
}

static void send_keepalive(struct session *s, struct session_connection *c, instant_t now)
{
	uint8_t bytes[BGP_HEADER_BYTES];
	struct writer w = writer_of(bytes, sizeof(bytes));

	bgp_keepalive_encode(&w);
	send_message(s, c, BGP_KEEPALIVE, &w, now);
	c->keepalive_deadline = after(now, session_jitter(s, c->keepalive));
}

/* When the peer's OPEN came first, its acknowledgement has waited too. */
void session_send_pending_open(struct session *s, struct session_connection *c, instant_t now)
{
	if (!c->transport || !c->open_pending || !instant_due(c->open_deadline, now))
		return;
	send_open(s, c, now);
	if (c->state == SESSION_OPEN_CONFIRM)
		send_keepalive(s, c, now);
}

static void send_notification(struct session *s, struct session_connection *c,
			      const struct bgp_notification *n, instant_t now)
{
	uint8_t bytes[BGP_HEADER_BYTES + 2 + sizeof(n->data)];
	struct writer w = writer_of(bytes, sizeof(bytes));

	if (c->open_pending)
		send_open(s, c, now); /* NOTIFICATION is never the first (6.2 to 6.7) */
	bgp_notification_encode(&w, n);
	send_message(s, c, BGP_NOTIFICATION, &w, now);
}

static void arm_connect_retry(struct session *s, instant_t now)
{
	s->connect_retry_deadline =
		instant_add(now, session_jitter(s, duration_seconds(s->config.connect_retry_s)));
}

/* After an attempt that failed at once: soon at first, so that a peer that is just coming up is
 * found, then less and less often. */
static void arm_connect_again(struct session *s, instant_t now)
{
	duration_t most = duration_seconds(s->config.connect_retry_s);

	s->retry.ns = MIN(s->retry.ns, most.ns);
	s->connect_retry_deadline = instant_add(now, session_jitter(s, s->retry));
	s->retry.ns *= 2;
}

/* Ending a connection */

/* Leaves the connection in the state in which it waits. */
static void rest(struct session *s, struct session_connection *c, instant_t now)
{
	bool other_alive = session_other(s, c)->state >= SESSION_OPEN_SENT;

	c->transport = false;
	c->open_pending = false;
	c->hold_deadline = INSTANT_NEVER;
	c->keepalive_deadline = INSTANT_NEVER;
	c->state = SESSION_IDLE;
	if (!s->started)
		return;
	if (c->side == SESSION_INCOMING) {
		c->state = SESSION_ACTIVE;
	} else if (other_alive && !s->config.passive) {
		c->state = SESSION_ACTIVE;
		arm_connect_retry(s, now);
	}
}

/* Nothing is left: hold the peer in Idle for a while. */
static void hold_idle(struct session *s, bool refuse, instant_t now)
{
	struct session_connection *incoming = &s->connections[SESSION_INCOMING];

	s->connections[SESSION_OUTGOING].state = SESSION_IDLE;
	s->connect_retry_deadline = INSTANT_NEVER;
	s->idle_hold_deadline = instant_add(now, session_jitter(s, s->idle_hold));
	s->idle_hold = duration_ms(MIN(2 * duration_to_ms(s->idle_hold), IDLE_HOLD_MAX_MS));
	s->refusing = refuse;
	if (refuse)
		incoming->state = SESSION_IDLE;
}

static void end_connection(struct session *s, struct session_connection *c, struct session_end end,
			   instant_t now)
{
	bool established = c->state == SESSION_ESTABLISHED;
	bool had_transport = c->transport || c->state == SESSION_CONNECT;

	if (end.notification != NULL && c->transport)
		send_notification(s, c, end.notification, now);
	rest(s, c, now);
	if (had_transport)
		s->ops.close(s->context, c->side);
	if (established) {
		s->send_hold_deadline = INSTANT_NEVER;
		s->ops.down(s->context, end.reason, end.retain);
	}
}

static void end_and_hold(struct session *s, struct session_connection *c, struct session_end end,
			 instant_t now)
{
	bool complained = end.notification != NULL && end.reason != SESSION_DOWN_HOLD_TIMER &&
			  end.reason != SESSION_DOWN_SEND_HOLD_TIMER;

	end_connection(s, c, end, now);
	/* What is under way on the other side may do. */
	if (s->started && session_other(s, c)->state < SESSION_OPEN_SENT &&
	    session_other(s, c)->state != SESSION_CONNECT)
		hold_idle(s, complained, now);
}

/* Sends the NOTIFICATION and ends the connection. */
static void fail(struct session *s, struct session_connection *c, const struct bgp_notification *n,
		 instant_t now)
{
	char text[BGP_NOTIFICATION_TEXT_MAX];

	session_note(s, "sent %s", bgp_notification_format(n, text));
	end_and_hold(
		s, c,
		(struct session_end){ n, SESSION_DOWN_NOTIFICATION_SENT,
				      session_retains_on_notification(c) && !is_hard_reset(n) },
		now);
}

static void fail_simple(struct session *s, struct session_connection *c, uint8_t code,
			uint8_t subcode, instant_t now)
{
	struct bgp_notification n;

	bgp_notification_set(&n, code, subcode, NULL, 0);
	fail(s, c, &n, now);
}

/* Actions of the table. */

static void ignore(struct session *s, struct session_connection *c,
		   const struct session_event_data *data, instant_t now)
{
	(void)s;
	(void)c;
	(void)data;
	(void)now;
}

static void connect_now(struct session *s, struct session_connection *c, instant_t now)
{
	c->state = SESSION_CONNECT;
	arm_connect_retry(s, now);
	s->ops.connect(s->context);
}

/* Start, from Idle. */
static void start(struct session *s, struct session_connection *c,
		  const struct session_event_data *data, instant_t now)
{
	(void)data;
	if (c->side == SESSION_INCOMING) {
		c->state = SESSION_ACTIVE;
		return;
	}
	if (s->config.passive)
		return;
	if (session_other(s, c)->state >= SESSION_OPEN_SENT) { /* that one may do */
		c->state = SESSION_ACTIVE;
		arm_connect_retry(s, now);
		return;
	}
	connect_now(s, c, now);
}

/* Connect retry timer in Connect: the attempt has taken too long. */
static void connect_again(struct session *s, struct session_connection *c,
			  const struct session_event_data *data, instant_t now)
{
	(void)data;
	session_note(s, "connecting took too long");
	s->ops.close(s->context, c->side);
	connect_now(s, c, now);
}

/* Connect retry timer in Active. */
static void connect_retry(struct session *s, struct session_connection *c,
			  const struct session_event_data *data, instant_t now)
{
	(void)data;
	if (c->side != SESSION_OUTGOING)
		return;
	if (session_other(s, c)->state >= SESSION_OPEN_CONFIRM)
		arm_connect_retry(s, now);
	else
		connect_now(s, c, now);
}

static void connected(struct session *s, struct session_connection *c,
		      const struct session_event_data *data, instant_t now)
{
	(void)data;
	c->state = SESSION_OPEN_SENT;
	c->transport = true;
	c->message_bytes_max = BGP_MESSAGE_BYTES_MAX;
	c->hold_deadline = instant_add(now, duration_seconds(OPEN_HOLD_S));
	c->keepalive_deadline = INSTANT_NEVER;
	c->open_pending = true;
	c->open_deadline = now;
	if (c->side == SESSION_INCOMING)
		return;
	s->connect_retry_deadline = INSTANT_NEVER;
	if (s->config.restarting && s->config.graceful_restart)
		c->open_deadline = instant_add(now, duration_ms(SESSION_DELAY_OPEN_MS));
	session_send_pending_open(s, c, now);
}

/* TCP fails before OPENs were exchanged: wait in Active. */
static void tcp_failed_early(struct session *s, struct session_connection *c,
			     const struct session_event_data *data, instant_t now)
{
	(void)data;
	if (c->state == SESSION_CONNECT)
		session_note(s, SESSION_CONNECTING_FAILED);
	else
		session_note(s, "the connection was closed in %s", session_state_name(c->state));
	rest(s, c, now);
	if (c->side == SESSION_OUTGOING) {
		c->state = SESSION_ACTIVE;
		arm_connect_again(s, now);
	} else if (session_other(s, c)->state == SESSION_IDLE &&
		   instant_is_never(s->idle_hold_deadline)) {
		hold_idle(s, false, now);
	}
}

static void tcp_failed(struct session *s, struct session_connection *c,
		       const struct session_event_data *data, instant_t now)
{
	bool retain = session_retains(c);

	(void)data;
	session_note(s, "the connection was closed in %s", session_state_name(c->state));
	c->transport = false; /* nothing to close */
	end_and_hold(s, c, (struct session_end){ NULL, SESSION_DOWN_TRANSPORT, retain }, now);
}

static void stop(struct session *s, struct session_connection *c,
		 const struct session_event_data *data, instant_t now)
{
	struct session_end end = { data->notification, SESSION_DOWN_ADMIN, false };

	if (!data->administrative) {
		fail(s, c, data->notification, now);
		return;
	}
	end_connection(s, c, end, now);
}

/* A stop in a state without a connection to end. */
static void stop_waiting(struct session *s, struct session_connection *c,
			 const struct session_event_data *data, instant_t now)
{
	if (data->administrative)
		end_connection(s, c, (struct session_end){ NULL, SESSION_DOWN_ADMIN, false }, now);
}

static void hold_expires(struct session *s, struct session_connection *c,
			 const struct session_event_data *data, instant_t now)
{
	struct bgp_notification n;

	(void)data;
	session_note(s, "the hold timer expired in %s", session_state_name(c->state));
	bgp_notification_set(&n, BGP_ERROR_HOLD_TIMER, 0, NULL, 0);
	end_and_hold(s, c,
		     (struct session_end){ &n, SESSION_DOWN_HOLD_TIMER,
					   session_retains_on_notification(c) },
		     now);
}

static void send_hold_expires(struct session *s, struct session_connection *c,
			      const struct session_event_data *data, instant_t now)
{
	struct bgp_notification n;

	(void)data;
	session_note(s, "the send hold timer expired: the peer takes nothing");
	bgp_notification_set(&n, BGP_ERROR_SEND_HOLD, 0, NULL, 0);
	end_and_hold(s, c,
		     (struct session_end){ &n, SESSION_DOWN_SEND_HOLD_TIMER,
					   session_retains_on_notification(c) },
		     now);
}

static void keepalive_expires(struct session *s, struct session_connection *c,
			      const struct session_event_data *data, instant_t now)
{
	(void)data;
	send_keepalive(s, c, now);
}

/* A message error: the NOTIFICATION comes with the event. */
static void message_error(struct session *s, struct session_connection *c,
			  const struct session_event_data *data, instant_t now)
{
	fail(s, c, data->notification, now);
}

/* A message that has no business in this state (RFC 6608). */
static void unexpected(struct session *s, struct session_connection *c,
		       const struct session_event_data *data, instant_t now)
{
	(void)data;
	fail_simple(s, c, BGP_ERROR_FSM, (uint8_t)(c->state - SESSION_OPEN_SENT + 1), now);
}

static void notified(struct session *s, struct session_connection *c,
		     const struct session_event_data *data, instant_t now)
{
	char text[BGP_NOTIFICATION_TEXT_MAX];
	bool retain = session_retains_on_notification(c) && !is_hard_reset(data->notification);

	session_note(s, "received %s", bgp_notification_format(data->notification, text));
	end_and_hold(s, c, (struct session_end){ NULL, SESSION_DOWN_NOTIFICATION_RECEIVED, retain },
		     now);
}

static void collision_dump(struct session *s, struct session_connection *c,
			   const struct session_event_data *data, instant_t now)
{
	struct bgp_notification n;

	(void)data;
	bgp_notification_set(&n, BGP_CEASE, BGP_CEASE_COLLISION, NULL, 0);
	end_connection(s, c, (struct session_end){ &n, SESSION_DOWN_REPLACED, false }, now);
}

static void replaced(struct session *s, struct session_connection *c,
		     const struct session_event_data *data, instant_t now)
{
	bool retain = session_retains(c);

	(void)data;
	session_note(s, "the peer has restarted: it has connected anew");
	end_connection(s, c, (struct session_end){ NULL, SESSION_DOWN_REPLACED, retain }, now);
}

/* RFC 4271 6.8, RFC 6286 2.3. Returns false when c, which has just received this OPEN, has to go.
 */
static bool survives_collision(struct session *s, struct session_connection *c,
			       const struct bgp_open *open, instant_t now)
{
	struct session_connection *other = session_other(s, c);
	uint32_t ours = s->config.router_id, theirs = open->router_id;
	bool dominant =
		ours > theirs || (ours == theirs && s->config.local_as.number > open->as.number);
	bool keep_outgoing = dominant;

	if (other->state < SESSION_OPEN_CONFIRM)
		return true;
	if (other->state == SESSION_ESTABLISHED || keep_outgoing != (c->side == SESSION_OUTGOING)) {
		session_event(s, c, SESSION_EVENT_COLLISION_DUMP, NULL, now);
		return false;
	}
	session_event(s, other, SESSION_EVENT_COLLISION_DUMP, NULL, now);
	return true;
}

static void set_timers(struct session *s, struct session_connection *c)
{
	uint16_t hold_s = c->negotiated.hold_time_s;
	int64_t send_hold_s = s->config.send_hold_s;

	c->hold = duration_seconds(hold_s);
	c->keepalive = (duration_t){ c->hold.ns / 3 };
	if (send_hold_s == 0 && hold_s != 0)
		send_hold_s = MAX(SEND_HOLD_MIN_S, 2 * (int64_t)hold_s);
	s->send_hold = duration_seconds(send_hold_s);
}

static void open_received(struct session *s, struct session_connection *c,
			  const struct session_event_data *data, instant_t now)
{
	struct session_negotiated negotiated;
	struct bgp_notification n;

	if (session_negotiate(s, data->open, &negotiated, &n) < 0) {
		session_event(s, c, SESSION_EVENT_OPEN_ERROR,
			      &(struct session_event_data){ .notification = &n }, now);
		return;
	}
	if (!survives_collision(s, c, data->open, now))
		return;
	c->negotiated = negotiated;
	c->message_bytes_max = negotiated.receive.message_bytes_max;
	set_timers(s, c);
	c->state = SESSION_OPEN_CONFIRM;
	if (c->hold.ns != 0) /* else the large value stays until there is a session */
		c->hold_deadline = after(now, c->hold);
	if (!c->open_pending)
		send_keepalive(s, c, now);
}

static void establish(struct session *s, struct session_connection *c,
		      const struct session_event_data *data, instant_t now)
{
	struct session_connection *other = session_other(s, c);

	(void)data;
	if (c->open_pending) { /* a peer that did not wait for our OPEN */
		send_open(s, c, now);
		send_keepalive(s, c, now);
	}
	c->state = SESSION_ESTABLISHED;
	c->hold_deadline = after(now, c->hold);
	session_event(s, other, SESSION_EVENT_COLLISION_DUMP, NULL, now);
	other->state = other->side == SESSION_OUTGOING ? SESSION_IDLE : SESSION_ACTIVE;
	s->connect_retry_deadline = INSTANT_NEVER;
	s->idle_hold_deadline = INSTANT_NEVER;
	s->send_hold_deadline = INSTANT_NEVER;
	s->idle_hold = duration_ms(SESSION_IDLE_HOLD_MS);
	s->retry = duration_ms(SESSION_RETRY_MS);
	s->refusing = false;
	s->established_at = now;
	s->counters.established_count++;
	s->ops.established(s->context, c->side, &c->negotiated);
}

static void alive(struct session *s, struct session_connection *c,
		  const struct session_event_data *data, instant_t now)
{
	(void)s;
	(void)data;
	c->hold_deadline = after(now, c->hold);
}

static void update(struct session *s, struct session_connection *c,
		   const struct session_event_data *data, instant_t now)
{
	struct bgp_notification n;

	c->hold_deadline = after(now, c->hold);
	if (!s->ops.update(s->context, data->body, data->length, now, &n))
		session_event(s, c, SESSION_EVENT_UPDATE_ERROR,
			      &(struct session_event_data){ .notification = &n }, now);
}

static void refresh(struct session *s, struct session_connection *c,
		    const struct session_event_data *data, instant_t now)
{
	enum bgp_family family;
	uint8_t subtype;
	struct bgp_notification n;

	c->hold_deadline = after(now, c->hold);
	if (bgp_refresh_decode(data->body, data->length, &family, &subtype, &n) < 0) {
		session_event(s, c, SESSION_EVENT_UPDATE_ERROR,
			      &(struct session_event_data){ .notification = &n }, now);
		return;
	}
	/* RFC 2918 4, 7313 4: families and subtypes that were not agreed on are ignored */
	if (family == BGP_FAMILY_NONE || !c->negotiated.families[family] || subtype > 2 ||
	    (subtype != 0 && !c->negotiated.enhanced_refresh))
		return;
	s->ops.refresh(s->context, family, subtype, now);
}

/* clang-format off */
static const session_action table[SESSION_STATE_COUNT][SESSION_EVENT_COUNT] = {
	[SESSION_IDLE] = {
		[SESSION_EVENT_START] = start,
		[SESSION_EVENT_STOP] = stop_waiting,
	},
	[SESSION_CONNECT] = {
		[SESSION_EVENT_STOP] = stop_waiting,
		[SESSION_EVENT_CONNECT_RETRY] = connect_again,
		[SESSION_EVENT_TCP_CONNECTED] = connected,
		[SESSION_EVENT_TCP_FAILS] = tcp_failed_early,
		[SESSION_EVENT_COLLISION_DUMP] = collision_dump,
	},
	[SESSION_ACTIVE] = {
		[SESSION_EVENT_STOP] = stop_waiting,
		[SESSION_EVENT_CONNECT_RETRY] = connect_retry,
		[SESSION_EVENT_TCP_CONNECTED] = connected,
	},
	[SESSION_OPEN_SENT] = {
		[SESSION_EVENT_STOP] = stop,
		[SESSION_EVENT_HOLD_EXPIRES] = hold_expires,
		[SESSION_EVENT_TCP_FAILS] = tcp_failed_early,
		[SESSION_EVENT_OPEN] = open_received,
		[SESSION_EVENT_HEADER_ERROR] = message_error,
		[SESSION_EVENT_OPEN_ERROR] = message_error,
		[SESSION_EVENT_COLLISION_DUMP] = collision_dump,
		[SESSION_EVENT_REPLACED] = collision_dump,
		[SESSION_EVENT_NOTIFICATION] = notified,
		[SESSION_EVENT_KEEPALIVE] = unexpected,
		[SESSION_EVENT_UPDATE] = unexpected,
		[SESSION_EVENT_REFRESH] = unexpected,
	},
	[SESSION_OPEN_CONFIRM] = {
		[SESSION_EVENT_STOP] = stop,
		[SESSION_EVENT_HOLD_EXPIRES] = hold_expires,
		[SESSION_EVENT_KEEPALIVE_EXPIRES] = keepalive_expires,
		[SESSION_EVENT_TCP_FAILS] = tcp_failed,
		[SESSION_EVENT_OPEN] = unexpected,
		[SESSION_EVENT_HEADER_ERROR] = message_error,
		[SESSION_EVENT_OPEN_ERROR] = message_error,
		[SESSION_EVENT_COLLISION_DUMP] = collision_dump,
		[SESSION_EVENT_REPLACED] = collision_dump,
		[SESSION_EVENT_NOTIFICATION] = notified,
		[SESSION_EVENT_KEEPALIVE] = establish,
		[SESSION_EVENT_UPDATE] = unexpected,
		[SESSION_EVENT_REFRESH] = unexpected,
	},
	[SESSION_ESTABLISHED] = {
		[SESSION_EVENT_STOP] = stop,
		[SESSION_EVENT_HOLD_EXPIRES] = hold_expires,
		[SESSION_EVENT_KEEPALIVE_EXPIRES] = keepalive_expires,
		[SESSION_EVENT_SEND_HOLD_EXPIRES] = send_hold_expires,
		[SESSION_EVENT_TCP_FAILS] = tcp_failed,
		[SESSION_EVENT_OPEN] = unexpected,
		[SESSION_EVENT_HEADER_ERROR] = message_error,
		[SESSION_EVENT_OPEN_ERROR] = unexpected,
		[SESSION_EVENT_REPLACED] = replaced,
		[SESSION_EVENT_NOTIFICATION] = notified,
		[SESSION_EVENT_KEEPALIVE] = alive,
		[SESSION_EVENT_UPDATE] = update,
		[SESSION_EVENT_UPDATE_ERROR] = message_error,
		[SESSION_EVENT_REFRESH] = refresh,
	},
};
/* clang-format on */

void session_event(struct session *s, struct session_connection *c, enum session_event event,
		   const struct session_event_data *data, instant_t now)
{
	session_action action = table[c->state][event];

	if (action == NULL)
		action = ignore;
	action(s, c, data, now);
}

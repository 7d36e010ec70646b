/*
 * session_fsm: the finite state machine of a connection, as a table of state and event.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 8.2.2, every cell. Where it leaves a choice, or where we differ on purpose:
 *
 * A connection that fails before OPEN was exchanged goes to Active also from Connect, and waits for
 * the connect retry timer, which is short after the first failures; whatever fails later goes to
 * Idle, and a timer that doubles from 1 s to 60 s (8.1.1, IdleHoldTime with DampPeerOscillations;
 * it begins anew after a session that lasted a minute) starts the machine again. Incoming
 * connections are refused in that time only when it was we who complained: a peer that lost its
 * connection may come back at once. ConnectRetryCounter counts whatever came to nothing.
 *
 * Without a hold time OpenConfirm waits for the KEEPALIVE as long as OpenSent does for the OPEN,
 * not for ever. A second OPEN on a connection in OpenConfirm is an unexpected message (RFC 6608 3):
 * collisions are between connections.
 *
 * A NOTIFICATION is never answered with one (6.4), although 8.2.2 has a FSM error for event 25 in
 * OpenSent. A bad header in Established is told as such (6.1), not as a FSM error.
 *
 * Collisions (6.8) are examined when an OPEN arrives, against a connection in OpenConfirm or
 * Established; an established one wins. Two speakers that open connections in the same moment could
 * so establish one each, and lose both: a connection that the rule of 6.8 would end, were the
 * other's OPEN there already, therefore waits for that OPEN in OpenConfirm when it is about to be
 * established, for a second at most, and not when the peer sends more than its KEEPALIVE.
 */
#include "session/session_internal.h"

#define OPEN_HOLD_S 240 /* RFC 4271 8.2.2: "a large value" before the peer's OPEN */
#define IDLE_HOLD_MAX_MS 60000
#define SEND_HOLD_MIN_S 480    /* RFC 9687 4 */
#define COLLISION_WAIT_MS 1000 /* for the other connection's OPEN */

typedef void (*session_action)(struct session *s, struct session_connection *c,
			       const struct session_event_data *data, instant_t now);

/* How a connection ends. */
struct session_end {
	const struct bgp_notification *notification; /* to send; NULL: none */
	enum session_down_reason reason;
	bool retain;
};

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
	bool other_alive = session_other(s, c)->transport;

	c->transport = false;
	c->open_pending = false;
	c->confirmed = false;
	c->confirm_deadline = INSTANT_NEVER;
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

/* The other connection is gone: one that waited for its OPEN waits no longer. */
static void settle_other(struct session *s, struct session_connection *c, instant_t now)
{
	struct session_connection *other = session_other(s, c);

	if (other->confirmed)
		session_event(s, other, SESSION_EVENT_KEEPALIVE, NULL, now);
}

/* Nothing is left: hold the peer in Idle for a while. */
static void hold_idle(struct session *s, bool refuse, instant_t now)
{
	struct session_connection *incoming = &s->connections[SESSION_INCOMING];

	s->connections[SESSION_OUTGOING].state = SESSION_IDLE;
	s->connect_retry_deadline = INSTANT_NEVER;
	s->idle_hold_deadline = instant_add(now, session_jitter(s, s->idle_hold));
	s->idle_hold = duration_ms(MIN(2 * duration_to_ms(s->idle_hold), IDLE_HOLD_MAX_MS));
	if (refuse) {
		incoming->state = SESSION_IDLE;
		s->refused_until = s->idle_hold_deadline;
	}
}

static void end_connection(struct session *s, struct session_connection *c, struct session_end end,
			   instant_t now)
{
	bool established = c->state == SESSION_ESTABLISHED;
	bool had_transport = c->transport || c->state == SESSION_CONNECT;

	if (end.notification != NULL && c->transport)
		session_send_notification(s, c, end.notification, now);
	rest(s, c, now);
	if (had_transport)
		s->ops.close(s->context, c->side);
	if (established) {
		s->send_hold_deadline = INSTANT_NEVER;
		s->ops.down(s->context, end.reason, end.retain, now);
	}
	settle_other(s, c, now);
}

static void end_and_hold(struct session *s, struct session_connection *c, struct session_end end,
			 instant_t now)
{
	bool complained = end.notification != NULL && end.reason != SESSION_DOWN_HOLD_TIMER &&
			  end.reason != SESSION_DOWN_SEND_HOLD_TIMER;

	if (c->state == SESSION_ESTABLISHED &&
	    instant_diff(now, s->established_at).ns >= duration_ms(IDLE_HOLD_MAX_MS).ns)
		s->idle_hold = duration_ms(SESSION_IDLE_HOLD_MS);
	s->counters.connect_retry_counter++;
	end_connection(s, c, end, now);
	/* What is under way on the other side may do. */
	if (s->started && !session_other(s, c)->transport &&
	    session_other(s, c)->state != SESSION_CONNECT)
		hold_idle(s, complained, now);
}

/* Sends the NOTIFICATION and ends the connection. */
static void fail(struct session *s, struct session_connection *c, const struct bgp_notification *n,
		 const char *why, instant_t now)
{
	session_note_notification(s, "sent", n, why);
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
	fail(s, c, &n, NULL, now);
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

/* Start, from Idle: the outgoing connection connects, the incoming one listens. */
static void start(struct session *s, struct session_connection *c,
		  const struct session_event_data *data, instant_t now)
{
	(void)data;
	if (c->side == SESSION_INCOMING) {
		c->state = SESSION_ACTIVE;
		return;
	}
	if (session_other(s, c)->transport) { /* that one may do */
		c->state = SESSION_ACTIVE;
		arm_connect_retry(s, now);
		return;
	}
	connect_now(s, c, now);
}

/* PassiveTcpEstablishment: we only listen, which the incoming connection does. */
static void start_passive(struct session *s, struct session_connection *c,
			  const struct session_event_data *data, instant_t now)
{
	(void)s;
	(void)data;
	(void)now;
	if (c->side == SESSION_INCOMING)
		c->state = SESSION_ACTIVE;
}

static void idle_over(struct session *s, struct session_connection *c,
		      const struct session_event_data *data, instant_t now)
{
	session_event(s, c,
		      s->config.passive ? SESSION_EVENT_DAMPED_START_PASSIVE
					: SESSION_EVENT_DAMPED_START,
		      data, now);
}

/* Connect retry timer in Connect: the attempt has taken too long. */
static void connect_again(struct session *s, struct session_connection *c,
			  const struct session_event_data *data, instant_t now)
{
	(void)data;
	session_note(s, "connecting took too long");
	rest(s, c, now);
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

/* The peer does not hear of us yet: hold timer large, OPEN out. */
static void delay_over(struct session *s, struct session_connection *c,
		       const struct session_event_data *data, instant_t now)
{
	(void)data;
	if (!c->transport)
		return;
	c->state = SESSION_OPEN_SENT;
	c->hold_deadline = instant_add(now, duration_seconds(OPEN_HOLD_S));
	session_send_open(s, c, now);
}

/*
 * There is a TCP connection: DelayOpenTimer runs, in Connect or Active, when there is something to
 * wait for. It is what is configured, or what a helper needs that a restarting speaker calls anew.
 * On an incoming connection it is due at once, not now: nothing may be sent before the owner has
 * taken it.
 */
static void connected(struct session *s, struct session_connection *c,
		      const struct session_event_data *data, instant_t now)
{
	duration_t delay = duration_seconds(s->config.delay_open_s);

	c->courtesy_until = now;
	if (c->side == SESSION_OUTGOING && s->config.restarting && s->config.graceful_restart) {
		delay.ns = MAX(delay.ns, duration_ms(SESSION_DELAY_OPEN_MS).ns);
		c->courtesy_until = instant_add(now, duration_ms(SESSION_DELAY_OPEN_MS));
	}
	c->transport = true;
	c->message_bytes_max = BGP_MESSAGE_BYTES_MAX;
	c->hold_deadline = INSTANT_NEVER;
	c->keepalive_deadline = INSTANT_NEVER;
	c->open_pending = true;
	c->open_deadline = instant_add(now, delay);
	if (c->side == SESSION_INCOMING) {
		if (data != NULL && data->ret_taken != NULL)
			*data->ret_taken = true;
		return;
	}
	s->connect_retry_deadline = INSTANT_NEVER;
	if (delay.ns == 0)
		delay_over(s, c, NULL, now);
}

/* A peer opens one connection at a time: one that is not established yet has been given up. */
static void connected_anew(struct session *s, struct session_connection *c,
			   const struct session_event_data *data, instant_t now)
{
	struct bgp_notification n;

	if (c->side == SESSION_INCOMING && c->transport) {
		bgp_notification_set(&n, BGP_CEASE, BGP_CEASE_COLLISION, NULL, 0);
		end_connection(s, c, (struct session_end){ &n, SESSION_DOWN_REPLACED, false }, now);
	}
	if (c->state == SESSION_ACTIVE || c->state == SESSION_CONNECT)
		connected(s, c, data, now);
}

static void note_closed(struct session *s, const struct session_connection *c,
			const struct session_event_data *data)
{
	char text[64];

	snprintf(text, sizeof(text), "the connection was closed in %s",
		 session_state_name(c->state));
	session_note_why(s, text, data == NULL ? NULL : data->why);
}

/* TCP fails before OPENs were exchanged: wait in Active. */
static void tcp_fails_early(struct session *s, struct session_connection *c,
			    const struct session_event_data *data, instant_t now)
{
	if (c->state == SESSION_CONNECT && !c->transport)
		session_note_why(s, "connecting failed", data == NULL ? NULL : data->why);
	else
		note_closed(s, c, data);
	s->counters.connect_retry_counter++;
	rest(s, c, now);
	if (c->side == SESSION_OUTGOING) {
		c->state = SESSION_ACTIVE;
		arm_connect_again(s, now);
	} else if (session_other(s, c)->state == SESSION_IDLE &&
		   instant_is_never(s->idle_hold_deadline)) {
		hold_idle(s, false, now);
	}
	settle_other(s, c, now);
}

static void tcp_fails(struct session *s, struct session_connection *c,
		      const struct session_event_data *data, instant_t now)
{
	bool retain = session_retains(c);

	note_closed(s, c, data);
	c->transport = false; /* nothing to close */
	end_and_hold(s, c, (struct session_end){ NULL, SESSION_DOWN_TRANSPORT, retain }, now);
}

static void stop(struct session *s, struct session_connection *c,
		 const struct session_event_data *data, instant_t now)
{
	struct session_end end = { data->notification, SESSION_DOWN_ADMIN, false };

	s->counters.connect_retry_counter = 0;
	end_connection(s, c, end, now);
}

/* Whatever has no place in Connect or Active. A listener has nothing to give up. */
static void give_up(struct session *s, struct session_connection *c,
		    const struct session_event_data *data, instant_t now)
{
	(void)data;
	if (c->side == SESSION_INCOMING && !c->transport)
		return;
	session_note(s, "given up in %s", session_state_name(c->state));
	end_and_hold(s, c, (struct session_end){ NULL, SESSION_DOWN_TRANSPORT, false }, now);
}

static void hold_over(struct session *s, struct session_connection *c,
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

static void send_hold_over(struct session *s, struct session_connection *c,
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

static void send_alive(struct session *s, struct session_connection *c,
		       const struct session_event_data *data, instant_t now)
{
	(void)data;
	session_send_keepalive(s, c, now);
}

/* The NOTIFICATION comes with the event: AutomaticStop, or what is wrong with a message. */
static void fail_as_told(struct session *s, struct session_connection *c,
			 const struct session_event_data *data, instant_t now)
{
	fail(s, c, data->notification, data->why, now);
}

/* A timer that does not run in this state. */
static void fsm_error(struct session *s, struct session_connection *c,
		      const struct session_event_data *data, instant_t now)
{
	(void)data;
	fail_simple(s, c, BGP_ERROR_FSM, 0, now);
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
	bool retain = session_retains_on_notification(c) && !is_hard_reset(data->notification);

	session_note_notification(s, "received", data->notification,
				  session_advice(data->notification));
	end_and_hold(s, c, (struct session_end){ NULL, SESSION_DOWN_NOTIFICATION_RECEIVED, retain },
		     now);
}

/* We have one version: there is nothing to begin again with. It is not counted (8.2.2). */
static void version_refused(struct session *s, struct session_connection *c,
			    const struct session_event_data *data, instant_t now)
{
	notified(s, c, data, now);
	s->counters.connect_retry_counter--;
}

static void collision_dump(struct session *s, struct session_connection *c,
			   const struct session_event_data *data, instant_t now)
{
	struct bgp_notification n;

	(void)data;
	if (c->side == SESSION_INCOMING && !c->transport)
		return;
	bgp_notification_set(&n, BGP_CEASE, BGP_CEASE_COLLISION, NULL, 0);
	end_and_hold(s, c, (struct session_end){ &n, SESSION_DOWN_REPLACED, false }, now);
}

static void replaced(struct session *s, struct session_connection *c,
		     const struct session_event_data *data, instant_t now)
{
	bool retain = session_retains(c);

	(void)data;
	session_note(s, "the peer has restarted: it has connected anew");
	end_connection(s, c, (struct session_end){ NULL, SESSION_DOWN_REPLACED, retain }, now);
}

/* RFC 4271 6.8, RFC 6286 2.3: of two connections, the one that the higher identifier, or AS number,
 * opened. */
static bool is_preferred(const struct session *s, enum session_side side, uint32_t peer_router_id,
			 asn_t peer_as)
{
	uint32_t ours = s->config.router_id;
	bool dominant = ours > peer_router_id ||
			(ours == peer_router_id && s->config.local_as.number > peer_as.number);

	return dominant == (side == SESSION_OUTGOING);
}

/* Returns false when c, which has just received this OPEN, has to go. */
static bool survives_collision(struct session *s, struct session_connection *c,
			       const struct bgp_open *open, instant_t now)
{
	struct session_connection *other = session_other(s, c);

	if (other->state < SESSION_OPEN_CONFIRM)
		return true;
	if (other->state == SESSION_ESTABLISHED ||
	    !is_preferred(s, c->side, open->router_id, open->as)) {
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

/* The peer's OPEN is good: to OpenConfirm, unless the connection has to go. */
static void open_received(struct session *s, struct session_connection *c,
			  const struct session_event_data *data, instant_t now)
{
	char why[SESSION_WHY_TEXT_MAX];
	struct session_negotiated negotiated;
	struct bgp_notification n;

	if (!c->transport) { /* whose OPEN should it be? */
		give_up(s, c, data, now);
		return;
	}
	if (session_negotiate(s, data->open, &negotiated, &n, why) < 0) {
		session_event(s, c, SESSION_EVENT_OPEN_ERROR,
			      &(struct session_event_data){ .notification = &n, .why = why }, now);
		return;
	}
	if (!survives_collision(s, c, data->open, now))
		return;
	c->negotiated = negotiated;
	c->message_bytes_max = negotiated.receive.message_bytes_max;
	set_timers(s, c);
	if (c->open_pending) {
		if (!instant_before(now, c->courtesy_until))
			session_send_open(s, c, now);
		c->open_deadline = c->courtesy_until;
	}
	c->state = SESSION_OPEN_CONFIRM;
	c->hold_deadline = c->hold.ns != 0 ? instant_add(now, c->hold)
					   : instant_add(now, duration_seconds(OPEN_HOLD_S));
	if (!c->open_pending)
		session_send_keepalive(s, c, now);
}

static void establish(struct session *s, struct session_connection *c,
		      const struct session_event_data *data, instant_t now)
{
	struct session_connection *other = session_other(s, c);

	(void)data;
	c->confirmed = false;
	c->confirm_deadline = INSTANT_NEVER;
	if (c->open_pending) { /* a peer that did not wait for our OPEN */
		session_send_open(s, c, now);
		session_send_keepalive(s, c, now);
	}
	c->state = SESSION_ESTABLISHED;
	c->hold_deadline = session_after(now, c->hold);
	if (other->transport || other->state == SESSION_CONNECT)
		session_event(s, other, SESSION_EVENT_COLLISION_DUMP, NULL, now);
	other->state = other->side == SESSION_OUTGOING ? SESSION_IDLE : SESSION_ACTIVE;
	s->connect_retry_deadline = INSTANT_NEVER;
	s->idle_hold_deadline = INSTANT_NEVER;
	s->send_hold_deadline = INSTANT_NEVER;
	s->retry = duration_ms(SESSION_RETRY_MS);
	s->established_at = now;
	s->counters.established_count++;
	s->ops.established(s->context, c->side, &c->negotiated, now);
}

/* KEEPALIVE in OpenConfirm. */
static void confirmed(struct session *s, struct session_connection *c,
		      const struct session_event_data *data, instant_t now)
{
	const struct session_connection *other = session_other(s, c);

	if (!c->confirmed && other->transport && other->state <= SESSION_OPEN_SENT &&
	    !is_preferred(s, c->side, c->negotiated.peer_router_id, c->negotiated.peer_as)) {
		c->confirmed = true;
		c->confirm_deadline = instant_add(now, duration_ms(COLLISION_WAIT_MS));
		return;
	}
	establish(s, c, data, now);
}

/* A message for Established in OpenConfirm: the peer is there already. */
static void early(struct session *s, struct session_connection *c, enum session_event event,
		  const struct session_event_data *data, instant_t now)
{
	if (!c->confirmed) {
		unexpected(s, c, data, now);
		return;
	}
	establish(s, c, NULL, now);
	session_event(s, c, event, data, now);
}

static void early_update(struct session *s, struct session_connection *c,
			 const struct session_event_data *data, instant_t now)
{
	early(s, c, SESSION_EVENT_UPDATE, data, now);
}

static void early_refresh(struct session *s, struct session_connection *c,
			  const struct session_event_data *data, instant_t now)
{
	early(s, c, SESSION_EVENT_REFRESH, data, now);
}

static void alive(struct session *s, struct session_connection *c,
		  const struct session_event_data *data, instant_t now)
{
	(void)s;
	(void)data;
	c->hold_deadline = session_after(now, c->hold);
}

static void update(struct session *s, struct session_connection *c,
		   const struct session_event_data *data, instant_t now)
{
	struct bgp_notification n;

	c->hold_deadline = session_after(now, c->hold);
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

	c->hold_deadline = session_after(now, c->hold);
	if (bgp_refresh_decode(data->body, data->length, c->negotiated.enhanced_refresh, &family,
			       &subtype, &n) < 0) {
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
static const session_action table[SESSION_EVENT_COUNT][SESSION_STATE_COUNT] = {
#define ROW(event, idle, connect, active, open_sent, open_confirm, established) \
	[SESSION_EVENT_##event] = { [SESSION_IDLE] = idle, [SESSION_CONNECT] = connect, \
				    [SESSION_ACTIVE] = active, [SESSION_OPEN_SENT] = open_sent, \
				    [SESSION_OPEN_CONFIRM] = open_confirm, \
				    [SESSION_ESTABLISHED] = established }
	/*    event                  Idle           Connect          Active           OpenSent         OpenConfirm      Established */
	ROW(MANUAL_START,            start,         ignore,          ignore,          ignore,          ignore,          ignore),
	ROW(MANUAL_STOP,             ignore,        stop,            stop,            stop,            stop,            stop),
	ROW(AUTOMATIC_START,         start,         ignore,          ignore,          ignore,          ignore,          ignore),
	ROW(MANUAL_START_PASSIVE,    start_passive, ignore,          ignore,          ignore,          ignore,          ignore),
	ROW(AUTOMATIC_START_PASSIVE, start_passive, ignore,          ignore,          ignore,          ignore,          ignore),
	ROW(DAMPED_START,            start,         ignore,          ignore,          ignore,          ignore,          ignore),
	ROW(DAMPED_START_PASSIVE,    start_passive, ignore,          ignore,          ignore,          ignore,          ignore),
	ROW(AUTOMATIC_STOP,          ignore,        give_up,         give_up,         fail_as_told,    fail_as_told,    fail_as_told),
	ROW(CONNECT_RETRY_EXPIRES,   ignore,        connect_again,   connect_retry,   fsm_error,       fsm_error,       fsm_error),
	ROW(HOLD_EXPIRES,            ignore,        give_up,         give_up,         hold_over,       hold_over,       hold_over),
	ROW(KEEPALIVE_EXPIRES,       ignore,        give_up,         give_up,         fsm_error,       send_alive,      send_alive),
	ROW(DELAY_OPEN_EXPIRES,      ignore,        delay_over,      delay_over,      fsm_error,       fsm_error,       fsm_error),
	ROW(IDLE_HOLD_EXPIRES,       idle_over,     give_up,         give_up,         fsm_error,       fsm_error,       fsm_error),
	ROW(TCP_VALID,               ignore,        ignore,          ignore,          ignore,          ignore,          ignore),
	ROW(TCP_INVALID,             ignore,        ignore,          ignore,          ignore,          ignore,          ignore),
	ROW(TCP_ACKED,               ignore,        connected,       connected,       ignore,          ignore,          ignore),
	ROW(TCP_CONFIRMED,           ignore,        connected,       connected_anew,  connected_anew,  connected_anew,  ignore),
	ROW(TCP_FAILS,               ignore,        tcp_fails_early, tcp_fails_early, tcp_fails_early, tcp_fails,       tcp_fails),
	ROW(OPEN,                    ignore,        give_up,         give_up,         open_received,   unexpected,      unexpected),
	ROW(OPEN_WHILE_DELAYED,      ignore,        open_received,   open_received,   fsm_error,       fsm_error,       fsm_error),
	ROW(HEADER_ERROR,            ignore,        fail_as_told,    fail_as_told,    fail_as_told,    fail_as_told,    fail_as_told),
	ROW(OPEN_ERROR,              ignore,        fail_as_told,    fail_as_told,    fail_as_told,    fail_as_told,    unexpected),
	ROW(COLLISION_DUMP,          ignore,        collision_dump,  collision_dump,  collision_dump,  collision_dump,  collision_dump),
	ROW(VERSION_REFUSED,         ignore,        version_refused, version_refused, version_refused, version_refused, notified),
	ROW(NOTIFICATION,            ignore,        notified,        notified,        notified,        notified,        notified),
	ROW(KEEPALIVE,               ignore,        give_up,         give_up,         unexpected,      confirmed,       alive),
	ROW(UPDATE,                  ignore,        give_up,         give_up,         unexpected,      early_update,    update),
	ROW(UPDATE_ERROR,            ignore,        give_up,         give_up,         fsm_error,       fsm_error,       fail_as_told),
	ROW(SEND_HOLD_EXPIRES,       ignore,        ignore,          ignore,          ignore,          ignore,          send_hold_over),
	ROW(REFRESH,                 ignore,        give_up,         give_up,         unexpected,      early_refresh,   refresh),
	ROW(REPLACED,                ignore,        ignore,          ignore,          ignore,          ignore,          replaced),
#undef ROW
};
/* clang-format on */

void session_event(struct session *s, struct session_connection *c, enum session_event event,
		   const struct session_event_data *data, instant_t now)
{
	if (s->ops.event != NULL)
		s->ops.event(s->context, c->side, c->state, event);
	table[event][c->state](s, c, data, now);
}

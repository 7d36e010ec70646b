/*
 * session_internal: what the files of session/ share.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A session has two connections, each with a machine of its own. The outgoing one owns the connect
 * retry and the idle hold timer; it rests in Idle (held) or Active (waiting to connect again). The
 * incoming one rests in Active (listening) or Idle (refusing). In Connect and Active `transport`
 * says that there is a TCP connection already, on which DelayOpenTimer runs.
 */
#ifndef SESSION_INTERNAL_H
#define SESSION_INTERNAL_H

#include "session/session.h"

#define SESSION_WHY_TEXT_MAX 128
#define SESSION_ERROR_TEXT_MAX (BGP_NOTIFICATION_TEXT_MAX + SESSION_WHY_TEXT_MAX + 32)
#define SESSION_IDLE_HOLD_MS 1000 /* the first; it doubles */
#define SESSION_RETRY_MS 1000	  /* likewise, up to the connect retry time */
/* DelayOpenTime of the connections of a restarting speaker. A helper that finds itself called anew
 * first puts its old session away (RFC 4724 4.2); FRR answers an OPEN that comes while it still
 * does with a Cease for a collision, and forgets the routes that it was about to keep. */
#define SESSION_DELAY_OPEN_MS 200

/* RFC 4271 8.1, numbered as there; 29 is of RFC 9687; the last two are ours. */
enum session_event {
	SESSION_EVENT_MANUAL_START = 1,
	SESSION_EVENT_MANUAL_STOP,
	SESSION_EVENT_AUTOMATIC_START,
	SESSION_EVENT_MANUAL_START_PASSIVE,
	SESSION_EVENT_AUTOMATIC_START_PASSIVE,
	SESSION_EVENT_DAMPED_START,
	SESSION_EVENT_DAMPED_START_PASSIVE,
	SESSION_EVENT_AUTOMATIC_STOP,
	SESSION_EVENT_CONNECT_RETRY_EXPIRES,
	SESSION_EVENT_HOLD_EXPIRES, /* 10 */
	SESSION_EVENT_KEEPALIVE_EXPIRES,
	SESSION_EVENT_DELAY_OPEN_EXPIRES,
	SESSION_EVENT_IDLE_HOLD_EXPIRES,
	SESSION_EVENT_TCP_VALID,   /* somebody whom the owner knows calls */
	SESSION_EVENT_TCP_INVALID, /* somebody whom he does not: the owner refuses him */
	SESSION_EVENT_TCP_ACKED,
	SESSION_EVENT_TCP_CONFIRMED,
	SESSION_EVENT_TCP_FAILS,
	SESSION_EVENT_OPEN,
	SESSION_EVENT_OPEN_WHILE_DELAYED, /* 20 */
	SESSION_EVENT_HEADER_ERROR,
	SESSION_EVENT_OPEN_ERROR,
	SESSION_EVENT_COLLISION_DUMP,
	SESSION_EVENT_VERSION_REFUSED, /* NotifMsgVerErr */
	SESSION_EVENT_NOTIFICATION,
	SESSION_EVENT_KEEPALIVE,
	SESSION_EVENT_UPDATE,
	SESSION_EVENT_UPDATE_ERROR,
	SESSION_EVENT_SEND_HOLD_EXPIRES,
	SESSION_EVENT_REFRESH,	/* 30: ROUTE-REFRESH, RFC 2918 */
	SESSION_EVENT_REPLACED, /* 31: RFC 4724 4.2: the peer has connected anew */
	SESSION_EVENT_COUNT,
};

/* What an event carries. */
struct session_event_data {
	const uint8_t *body; /* of a message */
	size_t length;
	const struct bgp_open *open;
	const struct bgp_notification *notification; /* received, or to be sent */
	const char *why; /* what is behind it, for the operator; NULL: nothing to add */
	bool *ret_taken; /* of an incoming connection: it is wanted */
};

struct session_connection {
	enum session_side side;
	enum session_state state;
	bool transport;		  /* there is a TCP connection */
	bool open_pending;	  /* OPEN is not yet sent */
	instant_t open_deadline;  /* when it is to be: DelayOpenTimer */
	instant_t courtesy_until; /* not before, whatever comes (SESSION_DELAY_OPEN_MS) */
	/* KEEPALIVE came in OpenConfirm, and a collision is likely: until the deadline the other
	 * connection's OPEN may still come */
	bool confirmed;
	instant_t confirm_deadline;
	bool excused; /* the hold timer was extended since the last message */
	uint32_t message_bytes_max;
	instant_t hold_deadline;
	instant_t keepalive_deadline;
	duration_t hold;      /* as negotiated; zero: none */
	duration_t keepalive; /* zero: none */
	struct session_negotiated negotiated;
};

struct session {
	struct session_config config;
	/* what its texts point to */
	char hostname[BGP_CAPABILITY_TEXT_MAX];
	char domain_name[BGP_CAPABILITY_TEXT_MAX];
	char software_version[BGP_CAPABILITY_TEXT_MAX];
	struct session_ops ops;
	void *context;
	bool started;
	struct session_connection connections[SESSION_SIDES];
	instant_t connect_retry_deadline;
	instant_t idle_hold_deadline;
	instant_t send_hold_deadline;
	duration_t send_hold;
	duration_t idle_hold; /* the next one */
	duration_t retry;     /* the next wait between two attempts to connect */
	uint64_t random;
	enum session_state state; /* the most advanced one, as shown */
	instant_t since;
	instant_t established_at;
	struct session_counters counters;
	char last_error[SESSION_ERROR_TEXT_MAX];
	uint32_t error_count;
	struct session_notification notification_sent, notification_received;
	instant_t refused_until; /* the end of the last idle hold time in which it was refused */
};

static inline struct session_connection *session_other(struct session *s,
						       const struct session_connection *c)
{
	return &s->connections[c->side == SESSION_OUTGOING ? SESSION_INCOMING : SESSION_OUTGOING];
}

/* The established connection, or NULL. */
static inline struct session_connection *session_established(struct session *s)
{
	for (size_t i = 0; i < SESSION_SIDES; i++)
		if (s->connections[i].state == SESSION_ESTABLISHED)
			return &s->connections[i];
	return NULL;
}

/* session_fsm.c: runs table[event][state]. */
void session_event(struct session *s, struct session_connection *c, enum session_event event,
		   const struct session_event_data *data, instant_t now);
/* Are any of the peer's routes to be kept when this connection is lost? And after a NOTIFICATION
 * (RFC 8538)? */
bool session_retains(const struct session_connection *c);
bool session_retains_on_notification(const struct session_connection *c);

/* session_words.c: what the operator is told. These write last_error; `why` may be NULL. */
void session_note(struct session *s, const char *format, ...) PRINTF(2, 3);
void session_note_why(struct session *s, const char *what, const char *why);
/* `what` is "sent" or "received". */
void session_note_notification(struct session *s, const char *what,
			       const struct bgp_notification *n, const char *why);
void session_remember(struct session_notification *to, const struct bgp_notification *n,
		      instant_t now);
/* What a NOTIFICATION that the peer sent says of its configuration or ours; NULL: nothing. */
const char *session_advice(const struct bgp_notification *n);

/* session_output.c */
/* 75 to 100 % of d (RFC 4271 10). */
duration_t session_jitter(struct session *s, duration_t d);
/* now + d; INSTANT_NEVER when d is zero: the timer is off. */
instant_t session_after(instant_t now, duration_t d);
void session_send_open(struct session *s, struct session_connection *c, instant_t now);
void session_send_keepalive(struct session *s, struct session_connection *c, instant_t now);
void session_send_notification(struct session *s, struct session_connection *c,
			       const struct bgp_notification *n, instant_t now);

/* session_open.c: what we say in OPEN. */
/* Judges the peer's OPEN against the configuration and fills in *ret_negotiated. 0, or -1 with the
 * NOTIFICATION (RFC 4271 6.2) and words for the operator. */
int session_negotiate(const struct session *s, const struct bgp_open *open,
		      struct session_negotiated *ret_negotiated, struct bgp_notification *ret_error,
		      char ret_why[static SESSION_WHY_TEXT_MAX]) MUST_CHECK;

#endif

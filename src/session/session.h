/*
 * session: the BGP finite state machine of one peer, on virtual time.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 6, 8 and 10 (FSM, collision detection, timers), 5492 (capability negotiation), 4724 and
 * 8538 (graceful restart bookkeeping), 9494 (long-lived), 9234 (roles), 9687 (send hold timer),
 * 9003 (shutdown communication).
 *
 * Contract: bytes, events and `now` go in; bytes, calls of struct session_ops and the next deadline
 * come out. No socket, no clock, no allocation per message. A peer has at most two transport
 * connections at a time: one that we opened and one that it opened; the machine of section 8 runs
 * for each, and collision detection (6.8) leaves one. The table [state][event] is in session_fsm.c.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "base/base.h"
#include "base/instant.h"
#include "base/ip.h"
#include "bgp/attrs.h"
#include "bgp/message.h"

enum session_state {
	SESSION_IDLE,
	SESSION_CONNECT,
	SESSION_ACTIVE,
	SESSION_OPEN_SENT,
	SESSION_OPEN_CONFIRM,
	SESSION_ESTABLISHED,
	SESSION_STATE_COUNT,
};

enum session_side {
	SESSION_OUTGOING, /* the connection that we opened */
	SESSION_INCOMING, /* the connection that the peer opened */
	SESSION_SIDES,
};

struct session_config {
	asn_t local_as;
	asn_t peer_as;
	uint32_t router_id; /* host order */
	bool passive;
	uint16_t hold_time_s;	  /* 0, or 3 and more */
	uint16_t connect_retry_s; /* 0: 120 */
	uint16_t send_hold_s;	  /* 0: max(480, 2 x hold time) as RFC 9687 */
	bool families[BGP_FAMILY_COUNT];
	bool graceful_restart;
	uint16_t restart_time_s;
	bool enhanced_refresh;	/* RFC 7313: the owner sends and understands BoRR and EoRR */
	bool extended_messages; /* RFC 8654: the owner's buffers hold 65,535 octets */
	/* RFC 7911: several paths of a prefix */
	bool addpath_receive[BGP_FAMILY_COUNT];
	bool addpath_send[BGP_FAMILY_COUNT];
	bool long_lived; /* RFC 9494, with graceful_restart */
	uint32_t long_lived_stale_time_s;
	uint16_t delay_open_s;			  /* RFC 4271 8.1.1: DelayOpenTime; 0: off */
	bool extended_next_hop[BGP_FAMILY_COUNT]; /* RFC 8950 */
	bool multiple_labels; /* RFC 8277: in families with labels we take any number */
	bool refuse_as_sets;  /* RFC 9774 */
	bool aigp;	      /* RFC 7311 3.4: AIGP_SESSION */
	uint8_t role;	      /* enum bgp_role: ours towards this peer (RFC 9234) */
	bool role_strict;     /* a peer without a role is refused */
	/* sent as capabilities when not NULL */
	const char *hostname;
	const char *domain_name;
	const char *software_version;
	bool restarting;      /* set the restart bit, with forwarding preserved, until
				 session_set_restarting(false) */
	uint64_t jitter_seed; /* drawn by the rim */
};

/* What both sides agreed on. */
struct session_negotiated {
	bool ibgp;
	asn_t peer_as;
	uint32_t peer_router_id; /* host order */
	uint16_t hold_time_s;
	bool families[BGP_FAMILY_COUNT];
	bool route_refresh;
	bool enhanced_refresh;
	bool graceful_restart;	   /* RFC 4724: both said it */
	bool notification_restart; /* RFC 8538: and the N bit */
	/* RFC 9494: both said it, with graceful restart. How long the peer's routes of a family may
	 * stay is peer.long_lived_time_s. */
	bool long_lived;
	uint8_t role; /* enum bgp_role: ours (RFC 9234); BGP_ROLE_NONE: none, or iBGP */
	struct bgp_context receive; /* how to read what the peer sends */
	struct bgp_context
		send; /* how the peer reads what we send; addpath[] = we may send several paths */
	struct bgp_capabilities peer; /* as received */
};

#define SESSION_NOTIFICATION_DATA_MAX 64

struct session_notification {
	uint8_t code;
	uint8_t subcode;
	uint16_t data_length; /* of which the first octets are kept */
	uint8_t data[SESSION_NOTIFICATION_DATA_MAX];
	instant_t at;
};

enum session_down_reason {
	SESSION_DOWN_ADMIN,
	SESSION_DOWN_NOTIFICATION_SENT,
	SESSION_DOWN_NOTIFICATION_RECEIVED,
	SESSION_DOWN_HOLD_TIMER,
	SESSION_DOWN_SEND_HOLD_TIMER,
	SESSION_DOWN_TRANSPORT, /* closed or failed */
	SESSION_DOWN_REPLACED,	/* the peer restarted: a new connection took over (RFC 4724 4.2) */
};

struct session;

/* Effects asked for. They run inside the call that caused them; they must not call back into the
 * session, but session_close_connection and the getters. */
struct session_ops {
	/* Open a TCP connection; session_connected or session_connect_failed follows. */
	void (*connect)(void *context);
	/* Drop this connection, after what was given to `send` has been tried once. */
	void (*close)(void *context, enum session_side side);
	/* Append whole messages to this connection's output. */
	void (*send)(void *context, enum session_side side, const uint8_t *bytes, size_t length);
	/* Established on that side. */
	void (*established)(void *context, enum session_side side,
			    const struct session_negotiated *negotiated, instant_t now);
	/* No longer established. `retain`: some of the peer's routes are to be kept as stale (RFC
	 * 4724 4.2, 9494 4.2): those of the families whose restart time or long-lived stale time is
	 * not zero. */
	void (*down)(void *context, enum session_down_reason reason, bool retain, instant_t now);
	/* The body of an UPDATE. Returns false, with *ret_error set, when the session must be
	 * reset. */
	bool (*update)(void *context, const uint8_t *body, size_t length, instant_t now,
		       struct bgp_notification *ret_error);
	/* ROUTE-REFRESH (subtype 0), BoRR (1), EoRR (2). */
	void (*refresh)(void *context, enum bgp_family family, uint8_t subtype, instant_t now);
	/* An event reaches the machine of that side; may be NULL. Numbers are those of RFC 4271 8.1
	 * (29: RFC 9687; 30: ROUTE-REFRESH; 31: the peer has connected anew, RFC 4724 4.2). */
	void (*event)(void *context, enum session_side side, enum session_state state,
		      unsigned event);
	/* The body of an UPDATE that is here already, behind the message that is given next:
	 * nothing is to be done yet but to send for memory. Unchecked, and it may never come. May
	 * be NULL. */
	void (*expect)(void *context, const uint8_t *body, size_t length);
};

/* The texts are copied. */
struct session *session_new(const struct session_config *config, const struct session_ops *ops,
			    void *context);
/* Other timers and other things to say in the next OPEN; a session that is up goes on as it was
 * agreed. The AS numbers, identifier and families are to be the same. The texts are copied. */
void session_set_config(struct session *session, const struct session_config *config);
void session_free(struct session *session);

/* ManualStart / ManualStop with a shutdown communication (may be NULL). Stop sends Cease with
 * `subcode` (RFC 4486). */
void session_start(struct session *session, instant_t now);
void session_stop(struct session *session, uint8_t subcode, const char *text, instant_t now);
/* Resets the session with this NOTIFICATION and lets it start again (after the idle hold time):
 * AutomaticStop, prefix limits. What says that there was too much is a hard reset where the peer
 * would expect its routes to be kept (RFC 8538). */
void session_reset(struct session *session, const struct bgp_notification *why, instant_t now);

/*
 * Transport events; `why` is in words what failed, or NULL. For an incoming connection
 * session_accept says whether it is wanted (false: close it); an older incoming one may be closed
 * by ops.close inside the call, so the new one is to be attached after it. Nothing is sent on the
 * new one before the next session_tick, which is due at once, or session_input.
 */
void session_connected(struct session *session, instant_t now);
void session_connect_failed(struct session *session, const char *why, instant_t now);
bool session_accept(struct session *session, instant_t now) MUST_CHECK;
/* The Cease subcode to tell a connection that session_accept has just refused. */
uint8_t session_refusal(const struct session *session);
void session_closed(struct session *session, enum session_side side, const char *why,
		    instant_t now);
/* The owner refused a connection of the peer by itself, because of `why`: it becomes the last
 * error, unless the session is up. */
void session_note_refusal(struct session *session, const char *why);
/* The idle hold time runs, and the peer's connections are refused in it. */
bool session_is_refusing(const struct session *session);
/* Octets that arrived. Returns how many were used up: whole messages only. The caller keeps the
 * rest (less than one message) and gives it again with more. Nothing may be given after `close` was
 * called for that side (the call returns `length` then). */
size_t session_input(struct session *session, enum session_side side, const uint8_t *bytes,
		     size_t length, instant_t now) MUST_CHECK;
/* The transport took octets of the established connection, those given to `send` included (for the
 * send hold timer and the keepalive timer): to be called after every write. `pending`: more is
 * waiting. */
void session_sent(struct session *session, bool pending, instant_t now);
/* The receiver of input is behind: unread input counts as life, the hold timer is re-armed instead
 * of expiring. */
void session_input_pending(struct session *session, instant_t now);

instant_t session_deadline(const struct session *session);
void session_tick(struct session *session, instant_t now);

/* From now on OPENs carry no restart bit. */
void session_set_restarting(struct session *session, bool restarting);

struct session_counters {
	uint64_t received[BGP_TYPE_MAX]; /* by message type */
	uint64_t sent[BGP_TYPE_MAX];	 /* without the UPDATEs that the owner sent by itself */
	uint64_t established_count;
	uint64_t input_bytes;
	/* RFC 4271 8: attempts that came to nothing and sessions that ended since the start */
	uint32_t connect_retry_counter;
};

enum session_state session_state(const struct session *session); /* the most advanced of the two */
const char *session_state_name(enum session_state state);	 /* "Idle", "OpenSent" ... */
const struct session_negotiated *session_negotiated(
	const struct session *session); /* NULL unless established */
const struct session_counters *session_counters(const struct session *session);
/* What our next OPEN says. */
void session_make_open(const struct session *session, struct bgp_open *ret_open);
instant_t session_since(const struct session *session); /* when the state was entered */
/* What ended the last attempt or session, in words; "" at first. */
const char *session_last_error(const struct session *session);
/* Counts them: it changes when there is another one, be it of the same words. */
uint32_t session_error_count(const struct session *session);
bool session_is_started(const struct session *session);
/* The last NOTIFICATION, sent or received; NULL: there was none. */
const struct session_notification *session_last_notification(const struct session *session,
							     bool received);
/* When it is tried again to connect, or to listen; INSTANT_NEVER: it is being tried, or done. */
instant_t session_next_attempt(const struct session *session);
/* The end of the last time in which the peer was refused because we had complained; INSTANT_NEVER:
 * there was none. */
instant_t session_refused_until(const struct session *session);
enum session_side session_established_side(const struct session *session);

#endif

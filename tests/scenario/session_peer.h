/*
 * session_peer: what a transcript of one session is played with.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The owner of the session: keeps its effects as words, and what cells of its machine were reached.
 */
#ifndef TESTS_SCENARIO_SESSION_PEER_H
#define TESTS_SCENARIO_SESSION_PEER_H

#include "base/buf.h"
#include "session/session_internal.h"

struct session_peer {
	struct session *session;
	struct session_config config;
	instant_t now;
	struct buf effects; /* "connect; send out OPEN" */
	uint8_t last[BGP_MESSAGE_BYTES_MAX];
	size_t last_length;
	char brought_to[32];	   /* of the last `in` */
	instant_t deadline_before; /* and what it left */
	uint32_t failures_before;
	char hostname[BGP_CAPABILITY_TEXT_MAX];
	struct bgp_notification
		update_error; /* what the owner says of the next UPDATE; code 0: fine */
	bool injecting;	      /* an event is raised by hand */
	char failure[1200];
	bool expected; /* the case has said what it expects */
	bool agreed;   /* of a session, and not of all that led to it */
	enum session_state injected_state;
	unsigned injected_event;
	uint8_t given[2]; /* code and subcode of the NOTIFICATION that the peer is sending */
	/* over all cases: what the machine met by itself, and what was expected of a cell */
	unsigned natural[SESSION_STATE_COUNT][SESSION_EVENT_COUNT];
	unsigned expected_cells[SESSION_STATE_COUNT][SESSION_EVENT_COUNT];
	bool notifications_sent[256][256];
	bool notifications_received[256][256];
};

void session_peer_begin(struct session_peer *p);
void session_peer_end(struct session_peer *p);
void session_peer_fail(struct session_peer *p, const char *format, ...) PRINTF(2, 3);
uint32_t session_peer_number(struct session_peer *p, const char *text);
size_t session_peer_hex(struct session_peer *p, const char *text, uint8_t *to, size_t room);

/* Makes a session. Keys: local-as, peer-as, id, hold, connect-retry, send-hold, restart-time,
 * long-lived, delay-open, role, hostname, families=A,B; flags: passive, graceful, restarting,
 * role-strict, extended-messages, enhanced-refresh, add-path, extended-next-hop. */
void session_peer_configure(struct session_peer *p, char **words, size_t count);
void session_peer_bring_to(struct session_peer *p, const char *state);
/* Raises an event of the machine, by its name in RFC 4271 8.1, on the side that was brought to a
 * state. */
void session_peer_event(struct session_peer *p, const char *name);
void session_peer_accept(struct session_peer *p);
void session_peer_advance(struct session_peer *p, const char *seconds);
void session_peer_bytes(struct session_peer *p, enum session_side side, const uint8_t *bytes,
			size_t length);
void session_peer_message(struct session_peer *p, enum session_side side, enum bgp_type type,
			  const void *body, size_t length);
/* Keys: version, as, id, hold, gr=SECONDS, ll=SECONDS, role, families; flags: n-bit, restarting,
 * roles-differ, as2, extended-messages, enhanced-refresh, refresh, add-path, extended-next-hop. */
void session_peer_open(struct session_peer *p, enum session_side side, char **words, size_t count);

void session_peer_expect(struct session_peer *p, const char *effects, const char *state);
/* The same of the machine that an event was raised on. */
void session_peer_expect_cell(struct session_peer *p, const char *effects, const char *state);
void session_peer_expect_last(struct session_peer *p, char **words, size_t count);
void session_peer_expect_agreed(struct session_peer *p, const char *key, const char *value);

/* "" when nothing is missing. */
void session_peer_missing_cells(const struct session_peer *p, char *text, size_t size);
void session_peer_missing_notifications(const struct session_peer *p, bool received, char *text,
					size_t size);
size_t session_peer_natural_cells(const struct session_peer *p);
size_t session_peer_cells(void);

#endif

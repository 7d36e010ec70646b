/*
 * session: one BGP session of the driver, from connect() to Established.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every session is an iBGP client with its own source address. The driver opens all of them in one
 * thread (session_open_all), and then hands feeders and sinks to their own threads.
 */
#ifndef BENCH_SESSION_H
#define BENCH_SESSION_H

#include <netinet/in.h>

#include "base/base.h"
#include "base/error.h"
#include "base/instant.h"
#include "wire.h"

enum session_state {
	SESSION_IDLE,
	SESSION_CONNECTING,
	SESSION_OPEN_SENT,
	SESSION_OPEN_CONFIRM,
	SESSION_ESTABLISHED,
	SESSION_CLOSED,
};

struct session {
	int fd;
	enum session_state state;
	uint32_t address; /* own address and router id, host order */
	instant_t retry;  /* when an idle one connects */
	instant_t next_keepalive;
	duration_t keepalive_interval;
	uint8_t tail[WIRE_MESSAGE_BYTES_MAX]; /* the part of a message that was read */
	size_t tail_length;
	struct error last_error;
};

struct session_plan {
	struct sockaddr_in target;
	uint32_t as;
	uint16_t hold_time_seconds;
	bool graceful_restart;
	duration_t timeout;
};

/* The clock of the driver. */
instant_t session_clock(void);

/* The address of the number-th session: 10.254.1.1 to 10.254.1.250, 10.254.2.1 and so on. */
uint32_t session_address(uint32_t number);

/* Brings all sessions to Established, trying again those that fail, until plan->timeout. They are
 * initialised here, with session_address(0), (1) and so on. */
int session_open_all(struct session *sessions, size_t count, const struct session_plan *plan,
		     struct error *e) MUST_CHECK;
void session_close(struct session *session);

/* Sends a KEEPALIVE when one is due. */
void session_keep_alive(struct session *session, instant_t now);

/* Writes what a NOTIFICATION says into e. Returns -1. */
int session_notified(const struct session *session, struct reader body, struct error *e);

#endif

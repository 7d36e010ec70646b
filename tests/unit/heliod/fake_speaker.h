/*
 * fake_speaker: a speaker for tests of the rim: it sends back every message that it gets.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_FAKE_SPEAKER_H
#define TESTS_FAKE_SPEAKER_H

#include "base/buf.h"
#include "base/list.h"
#include "speaker/speaker.h"

struct speaker_conn {
	struct speaker *speaker;
	struct list node;
	void *data;
	struct buf out;
	bool wants_write;
};

struct speaker {
	const struct speaker_ops *ops;
	void *context;
	struct list conns;
	struct instance_config *config; /* one instance, or none */
	size_t connected, failed, closed, messages;
	char why[128];	       /* of the last failure or close */
	uint8_t close_on_type; /* a message of this type ends its connection; 0: none */
	size_t drains;
	bool wants_drain; /* input is not read before */
	instant_t deadline;
	size_t messages_before_tick; /* at the last tick */
	size_t ticks;
};

/* As if the session wanted a connection: ops.connect. */
struct speaker_conn *fake_speaker_connect(struct speaker *speaker, const char *instance,
					  const struct ip_addr *remote);
/* As if the session ended: ops.close. */
void fake_speaker_close(struct speaker_conn *conn);
/* Puts octets into the output. */
void fake_speaker_send(struct speaker_conn *conn, const void *bytes, size_t length);

#endif

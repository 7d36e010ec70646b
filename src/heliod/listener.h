/*
 * listener: listening sockets for BGP, opened by us (stand-alone) or handed over (managed).
 * SPDX-License-Identifier: Apache-2.0
 *
 * Accepts many connections a turn and asks the speaker whether it wants them. Keeps the socket's
 * TCP-MD5 passwords as the instances' neighbors have them.
 */
#ifndef HELIOD_LISTENER_H
#define HELIOD_LISTENER_H

#include "heliod/wire.h"

struct listener;

/* Takes the descriptor, which listens. `instance` NULL: connections are for any instance. */
struct listener *listener_new(struct loop *loop, struct speaker *speaker, struct wire *wire,
			      const char *instance, int fd, struct error *e) MUST_CHECK;
/* Closes the socket. */
void listener_free(struct listener *listener);

/* Sets the passwords that the instance's neighbors have now (all instances', when it has none), and
 * takes away those that are gone. */
void listener_refresh_passwords(struct listener *listener);

#endif

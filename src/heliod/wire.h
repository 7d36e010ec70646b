/*
 * wire: the BGP connections of the process: reading, draining, writing.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What costs is system calls and page faults, so: one large read buffer for all connections, of
 * which a connection keeps only the part of a message at the end; writes of 64 KiB with writev
 * straight from the speaker's logs, one for each connection in turn, so that many connections send
 * the same octets while they are in the cache; edge-triggered epoll, so that no call only changes
 * what is waited for. Nothing here is done per message.
 *
 * One deferred call does the work of a turn of the loop: read each connection that has input once,
 * tick, drain (decision and export) when the input pauses or the speaker asks for it, write. It
 * comes again, with a look at the sockets in between, until there is nothing left to do.
 *
 * Wire must not know what a message means, where sockets come from, or instances.
 */
#ifndef HELIOD_WIRE_H
#define HELIOD_WIRE_H

#include "os/loop.h"
#include "speaker/speaker.h"

struct wire;
struct wire_conn;

struct wire *wire_new(struct loop *loop, struct speaker *speaker);
/* The speaker has closed every connection before (speaker_free). */
void wire_free(struct wire *wire);

/* The record of a connection that the speaker asked for (ops.connect). It has no socket yet; one of
 * the next two follows. */
struct wire_conn *wire_conn_new(struct wire *wire, struct speaker_conn *conn);
/* Gives it a socket whose connect() is under way. Takes the descriptor. */
void wire_conn_connecting(struct wire_conn *conn, int fd);
/* There will be none: the speaker is told, not before the next turn of the loop. */
void wire_conn_fail(struct wire_conn *conn, const char *why);
/* Has it a socket? */
bool wire_conn_has_socket(const struct wire_conn *conn);

/* An accepted connection that the speaker wants. Takes the descriptor. */
void wire_accepted(struct wire *wire, struct speaker_conn *conn, int fd);

/* For ops.close and ops.want_write. */
void wire_close(struct wire *wire, struct speaker_conn *conn);
void wire_want_write(struct wire *wire, struct speaker_conn *conn);

/* Something was done with the speaker outside: drain, write, and look at the deadline anew. */
void wire_wake(struct wire *wire);

#endif

/*
 * unixsock: unix sockets by path, stream and seqpacket, and descriptors sent over them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every descriptor that is returned is non-blocking and close-on-exec, and the caller's to close.
 */
#ifndef OS_UNIXSOCK_H
#define OS_UNIXSOCK_H

#include <sys/socket.h>
#include <sys/types.h>

#include "base/error.h"

/* Listens on `path`; `type` is SOCK_STREAM or SOCK_SEQPACKET. A socket file that nobody listens on
 * any more is replaced; one that someone listens on is an error. Its directory is made when only
 * that is missing. `mode`: of the file, such as 0660. Returns the descriptor, or -1. */
int unixsock_listen(const char *path, int type, mode_t mode, struct error *e) MUST_CHECK;
/* Connects; unix sockets connect at once or fail. Returns the descriptor, or -1. */
int unixsock_connect(const char *path, int type, struct error *e) MUST_CHECK;
/* Accepts one; -1 with errno (EAGAIN when nobody waits). */
int unixsock_accept(int listen_fd) MUST_CHECK;

/* Sends bytes, with a copy of descriptor `fd` unless it is -1 (the caller's stays open). Returns
 * the number of bytes sent, or -1 with errno. Never raises SIGPIPE. */
ssize_t unixsock_send(int sock, const void *bytes, size_t length, int fd) MUST_CHECK;
/* Receives bytes and at most one descriptor (else *ret_fd is -1; more than one are closed). Returns
 * the number of bytes, 0 at the end of the stream, or -1 with errno. A packet that is longer than
 * `capacity` fails with EMSGSIZE. */
ssize_t unixsock_receive(int sock, void *bytes, size_t capacity, int *ret_fd) MUST_CHECK;

#endif

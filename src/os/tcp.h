/*
 * tcp: TCP sockets for BGP: listen, connect, accept, and their options.
 * SPDX-License-Identifier: Apache-2.0
 *
 * TCP-MD5 is RFC 2385. Every descriptor that is returned is non-blocking, close-on-exec, without
 * Nagle's delay, and the caller's to close. Passwords are never in an error's text.
 */
#ifndef OS_TCP_H
#define OS_TCP_H

#include "base/error.h"
#include "base/ip.h"

/* Listens with SO_REUSEADDR. Returns the descriptor, or -1. */
int tcp_listen(const struct ip_addr *address, uint16_t port, int backlog,
	       struct error *e) MUST_CHECK;
/* Starts a connection and does not wait. `local` may be IP_NONE; `ttl` 0 leaves the system's;
 * from the SYN-ACK on nothing is taken with a lower TTL than `ttl_min`; `password` may be NULL.
 * Returns the descriptor, or -1. */
int tcp_connect(const struct ip_addr *local, const struct ip_addr *remote, uint16_t port,
		uint8_t ttl, uint8_t ttl_min, const char *password, struct error *e) MUST_CHECK;
/* What comes on it is asked of tcp_syn later. */
int tcp_save_syn(int listen_fd) MUST_CHECK;
/* What is known of the SYN that began an accepted connection; nothing (0, false) when it was not
 * saved. The kernel tells it once. */
struct tcp_syn {
	uint8_t ttl; /* or hop limit */
	bool md5; /* it had TCP-MD5's option, so the kernel had a password for it, and it was right
		   */
};
struct tcp_syn tcp_syn(int fd);
/* Accepts one, with the addresses of both ends; -1 with errno (EAGAIN when nobody waits). */
int tcp_accept(int listen_fd, struct ip_addr *ret_local, struct ip_addr *ret_remote) MUST_CHECK;

/* A listener answers with the highest TTL (hop limit), SYN-ACKs and refusals too: a peer that takes
 * no packets from afar (RFC 5082) would not hear it otherwise. Accepted sockets have it until
 * tcp_set_ttl. */
int tcp_set_ttl_max(int listen_fd) MUST_CHECK;
/* The TTL (hop limit) of packets sent; 0 leaves it. */
int tcp_set_ttl(int fd, uint8_t family, uint8_t ttl) MUST_CHECK;
/* Packets that come with a lower TTL (hop limit) are dropped (RFC 5082); 0: none is. */
int tcp_set_ttl_min(int fd, uint8_t ttl_min) MUST_CHECK;
/* How a started connection went: 0, or -1 with the reason. */
int tcp_connect_result(int fd, struct error *e) MUST_CHECK;
/* The local address; IP_NONE when there is none. */
struct ip_addr tcp_local_address(int fd);

/* The TCP-MD5 password for all peers of a prefix, of which the longest counts; NULL takes it away.
 */
int tcp_set_md5(int fd, const struct ip_prefix *peers, const char *password,
		struct error *e) MUST_CHECK;
/* TCP_NODELAY, non-blocking, close-on-exec: for descriptors that came from elsewhere. */
int tcp_prepare(int fd) MUST_CHECK;

/* Raises the limit of open descriptors to what is allowed. Returns the limit. */
size_t tcp_raise_descriptor_limit(void);

#endif

/*
 * passwords: the TCP-MD5 passwords that a listening socket has.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The kernel keeps them (RFC 2385), as many as net.core.optmem_max allows; here is known which, so
 * that only what changed is told to it. A password that could not be set lets nobody in: the
 * listener looks whether the connection was signed.
 */
#ifndef HELIOD_PASSWORDS_H
#define HELIOD_PASSWORDS_H

#include "base/error.h"
#include "base/hmap.h"
#include "base/ip.h"

struct passwords {
	int fd; /* borrowed */
	uint64_t seed;
	struct hmap keys;
	uint64_t round; /* of asking for all that is wanted */
	size_t failed;	/* in this round */
	struct error first;
};

void passwords_init(struct passwords *passwords, int fd, uint64_t seed);
void passwords_done(struct passwords *passwords);

/* A round: what is wanted is asked for between the two, and what was not is taken away. */
void passwords_begin(struct passwords *passwords);
void passwords_want(struct passwords *passwords, const struct ip_prefix *peers,
		    const char *password);
/* -1 with the first error, and how many there were, when some could not be set. */
int passwords_end(struct passwords *passwords, struct error *e) MUST_CHECK;

#endif

/*
 * seal: secrets at rest: sealed with a key that is not where they are.
 * SPDX-License-Identifier: Apache-2.0
 *
 * AES-256-GCM with a random nonce of 96 bits. The sealed text names the place that it was sealed
 * for as associated data, so that one secret cannot be put in another's place.
 */
#ifndef TLS_SEAL_H
#define TLS_SEAL_H

#include "base/base.h"
#include "base/error.h"

#define SEAL_KEY_BYTES 32u
#define SEAL_SECRET_BYTES_MAX 65536u

struct seal_key {
	uint8_t bytes[SEAL_KEY_BYTES];
};

/* Reads the key file: 32 octets, which nobody but its owner may read. When it is not there,
 * *ret_missing is set and 0 returned. */
int seal_key_load(struct seal_key *key, const char *path, bool *ret_missing,
		  struct error *e) MUST_CHECK;
/* Draws a key and writes the file, mode 0600, not over an existing one. */
int seal_key_create(struct seal_key *key, const char *path, struct error *e) MUST_CHECK;
void seal_key_done(struct seal_key *key);

/* "v1." and base64; the caller frees it with mem_free. */
char *seal_close(const struct seal_key *key, const char *place, const void *secret, size_t bytes);
/* The secret with a NUL after it; mem_free after seal_wipe. NULL with *e when key, place or text is
 * not the one. */
char *seal_open(const struct seal_key *key, const char *place, const char *sealed,
		size_t *ret_bytes, struct error *e);
/* Overwrites memory so that the compiler does not leave it out. */
void seal_wipe(void *memory, size_t bytes);

#endif

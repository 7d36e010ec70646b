/*
 * random: random octets, GUIDs, digests and key pairs: what pure code may not make itself.
 * SPDX-License-Identifier: Apache-2.0
 *
 * X25519 is RFC 7748; keys are in base64, as WireGuard's tools write them.
 */
#ifndef TLS_RANDOM_H
#define TLS_RANDOM_H

#include "base/base.h"

#define RANDOM_GUID_TEXT_MAX 37
#define RANDOM_SHA256_TEXT_MAX 65
#define RANDOM_KEY_TEXT_MAX 45

/* Fit for keys. */
void random_bytes(void *bytes, size_t count);
/* A version 4 GUID, RFC 4122. */
void random_guid(char text[static RANDOM_GUID_TEXT_MAX]);
/* SHA-256 in lower-case hex. */
void random_sha256(const char *from, char text[static RANDOM_SHA256_TEXT_MAX]);

/* A fresh X25519 private key, clamped. */
void random_x25519_private(char text[static RANDOM_KEY_TEXT_MAX]);
/* The public key of a private one; -1 when `private_text` is not 32 octets in base64. */
int random_x25519_public(const char *private_text,
			 char text[static RANDOM_KEY_TEXT_MAX]) MUST_CHECK;

#endif

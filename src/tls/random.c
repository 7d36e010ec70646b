/*
 * random: random octets, GUIDs, digests and key pairs: what pure code may not make itself.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tls/random.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <nettle/curve25519.h>

#define KEY_BYTES 32u

void random_bytes(void *bytes, size_t count)
{
	int status = gnutls_rnd(GNUTLS_RND_KEY, bytes, count);

	assert(status == 0);
}

void random_guid(char text[static RANDOM_GUID_TEXT_MAX])
{
	uint8_t b[16];

	random_bytes(b, sizeof(b));
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	snprintf(text, RANDOM_GUID_TEXT_MAX,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		 b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		 b[15]);
}

void random_sha256(const char *from, char text[static RANDOM_SHA256_TEXT_MAX])
{
	uint8_t digest[32];
	int status = gnutls_hash_fast(GNUTLS_DIG_SHA256, from, strlen(from), digest);

	assert(status == 0);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

static void key_text(const uint8_t key[static KEY_BYTES], char text[static RANDOM_KEY_TEXT_MAX])
{
	gnutls_datum_t data = { (unsigned char *)(uintptr_t)key, KEY_BYTES };
	gnutls_datum_t encoded;
	int status = gnutls_base64_encode2(&data, &encoded);

	assert(status == 0 && encoded.size == RANDOM_KEY_TEXT_MAX - 1);
	memcpy(text, encoded.data, encoded.size);
	text[encoded.size] = '\0';
	gnutls_memset(encoded.data, 0, encoded.size);
	gnutls_free(encoded.data);
}

void random_x25519_private(char text[static RANDOM_KEY_TEXT_MAX])
{
	uint8_t key[KEY_BYTES];

	random_bytes(key, sizeof(key));
	key[0] &= 248;
	key[31] = (uint8_t)((key[31] & 127) | 64);
	key_text(key, text);
	gnutls_memset(key, 0, sizeof(key));
}

int random_x25519_public(const char *private_text, char text[static RANDOM_KEY_TEXT_MAX])
{
	gnutls_datum_t encoded = { (unsigned char *)(uintptr_t)private_text,
				   (unsigned)strlen(private_text) };
	gnutls_datum_t key = { NULL, 0 };
	uint8_t public_key[KEY_BYTES];

	if (gnutls_base64_decode2(&encoded, &key) < 0)
		return -1;
	if (key.size != KEY_BYTES) {
		gnutls_free(key.data);
		return -1;
	}
	curve25519_mul_g(public_key, key.data);
	gnutls_memset(key.data, 0, key.size);
	gnutls_free(key.data);
	key_text(public_key, text);
	return 0;
}

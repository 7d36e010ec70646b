/*
 * seal: secrets at rest: sealed with a key that is not where they are.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tls/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tls/random.h"

#define NONCE_BYTES 12u
#define TAG_BYTES 16u
#define PREFIX "v1."

int seal_key_load(struct seal_key *key, const char *path, bool *ret_missing, struct error *e)
{
	uint8_t bytes[SEAL_KEY_BYTES + 1];
	struct stat info;
	ssize_t length;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	*ret_missing = fd < 0 && errno == ENOENT;
	if (*ret_missing)
		return 0;
	if (fd < 0)
		return error_set(e, "%s: %s", path, strerror(errno));
	length = read(fd, bytes, sizeof(bytes));
	if (fstat(fd, &info) < 0 || (info.st_mode & 077) != 0) {
		close(fd);
		seal_wipe(bytes, sizeof(bytes));
		return error_set(e, "%s: others may read it: chmod 600", path);
	}
	close(fd);
	if (length != SEAL_KEY_BYTES) {
		seal_wipe(bytes, sizeof(bytes));
		return error_set(e, "%s: must hold exactly %u random octets", path, SEAL_KEY_BYTES);
	}
	memcpy(key->bytes, bytes, SEAL_KEY_BYTES);
	seal_wipe(bytes, sizeof(bytes));
	return 0;
}

int seal_key_create(struct seal_key *key, const char *path, struct error *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int result = 0;

	if (fd < 0)
		return error_set(e, "%s: %s", path, strerror(errno));
	random_bytes(key->bytes, SEAL_KEY_BYTES);
	/* On disk before the first secret is sealed with it. */
	if (write(fd, key->bytes, SEAL_KEY_BYTES) != SEAL_KEY_BYTES || fsync(fd) < 0)
		result = error_set(e, "%s: %s", path, strerror(errno));
	close(fd);
	return result;
}

void seal_key_done(struct seal_key *key)
{
	seal_wipe(key, sizeof(*key));
}

void seal_wipe(void *memory, size_t bytes)
{
	if (memory != NULL)
		gnutls_memset(memory, 0, bytes);
}

static gnutls_aead_cipher_hd_t cipher_of(const struct seal_key *key)
{
	gnutls_datum_t datum = { (unsigned char *)(uintptr_t)key->bytes, SEAL_KEY_BYTES };
	gnutls_aead_cipher_hd_t cipher = NULL;
	int status = gnutls_aead_cipher_init(&cipher, GNUTLS_CIPHER_AES_256_GCM, &datum);

	assert(status == 0);
	return cipher;
}

char *seal_close(const struct seal_key *key, const char *place, const void *secret, size_t bytes)
{
	gnutls_aead_cipher_hd_t cipher = cipher_of(key);
	size_t box_bytes = bytes + TAG_BYTES;
	uint8_t *whole = mem_alloc(NONCE_BYTES + box_bytes);
	gnutls_datum_t data = { whole, (unsigned)(NONCE_BYTES + box_bytes) };
	gnutls_datum_t text;
	char *sealed;
	int status;

	assert(bytes <= SEAL_SECRET_BYTES_MAX);
	random_bytes(whole, NONCE_BYTES);
	status = gnutls_aead_cipher_encrypt(cipher, whole, NONCE_BYTES, place, strlen(place),
					    TAG_BYTES, secret, bytes, whole + NONCE_BYTES,
					    &box_bytes);
	assert(status == 0);
	gnutls_aead_cipher_deinit(cipher);
	status = gnutls_base64_encode2(&data, &text);
	assert(status == 0);
	sealed = mem_zalloc(strlen(PREFIX) + text.size + 1);
	memcpy(sealed, PREFIX, strlen(PREFIX));
	memcpy(sealed + strlen(PREFIX), text.data, text.size);
	gnutls_free(text.data);
	mem_free(whole);
	return sealed;
}

char *seal_open(const struct seal_key *key, const char *place, const char *sealed,
		size_t *ret_bytes, struct error *e)
{
	gnutls_datum_t text, data = { NULL, 0 };
	gnutls_aead_cipher_hd_t cipher;
	size_t bytes;
	char *secret = NULL;

	if (strncmp(sealed, PREFIX, strlen(PREFIX)) != 0) {
		error_set(e, "%s: is no sealed secret", place);
		return NULL;
	}
	text.data = (unsigned char *)(uintptr_t)(sealed + strlen(PREFIX));
	text.size = (unsigned)strlen(sealed + strlen(PREFIX));
	if (gnutls_base64_decode2(&text, &data) < 0 || data.size < NONCE_BYTES + TAG_BYTES) {
		gnutls_free(data.data);
		error_set(e, "%s: the sealed secret is damaged", place);
		return NULL;
	}
	bytes = data.size - NONCE_BYTES - TAG_BYTES;
	secret = mem_zalloc(bytes + TAG_BYTES + 1);
	cipher = cipher_of(key);
	if (gnutls_aead_cipher_decrypt(cipher, data.data, NONCE_BYTES, place, strlen(place),
				       TAG_BYTES, data.data + NONCE_BYTES, data.size - NONCE_BYTES,
				       secret, &bytes) < 0) {
		mem_free(secret);
		secret = NULL;
		error_set(e, "%s: the secret was not sealed with this key", place);
	} else {
		secret[bytes] = '\0';
		*ret_bytes = bytes;
	}
	gnutls_aead_cipher_deinit(cipher);
	gnutls_free(data.data);
	return secret;
}

/*
 * hash: keyed hashing of bytes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/hash.h"

#include <xxhash.h>

uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed)
{
	return XXH3_64bits_withSeed(bytes, length, seed);
}

uint64_t hash_string(const char *text, uint64_t seed)
{
	return hash_bytes(text, strlen(text), seed);
}

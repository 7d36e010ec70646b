/*
 * hash: keyed hashing of bytes (XXH3 with a seed), so that a peer cannot choose keys that collide.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/base.h"

/* A 64-bit hash of `length` bytes under a 64-bit seed that the rim drew at random. */
uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed);
uint64_t hash_string(const char *text, uint64_t seed);

/* Mixes a 64-bit value under a seed: for keys of up to 8 bytes. */
static inline uint64_t hash_u64(uint64_t value, uint64_t seed)
{
	value ^= seed;
	value ^= value >> 32;
	value *= 0xd6e8feb86659fd93u;
	value ^= value >> 32;
	value *= 0xd6e8feb86659fd93u;
	value ^= value >> 32;
	return value;
}

#endif

/*
 * base: what every other folder may use, and what knows nothing of BGP.
 * SPDX-License-Identifier: Apache-2.0
 *
 * This header owns the compiler attributes and the few macros of the project. The rest of the
 * folder:
 *
 *   mem, arena, slab    memory with an explicit owner; malloc is called nowhere else
 *   mem_account         who uses how much of it and for what; budgets
 *   buf                 a growable byte buffer and text builder
 *   json_writer         JSON text, value by value, for folders that build no documents
 *   outline             a record of names and values, as a JSON line or as a block of text
 *   utf8                text that somebody else chose, made fit to be shown
 *   reader, writer      bounds-checked access to network bytes, with a sticky error
 *   hash, hmap          keyed hashing; an intrusive chained hash map
 *   list, heap, bitset  intrusive list, intrusive binary heap, growable bit set
 *   ip, asn, rd         addresses, prefixes, MACs; AS numbers; route distinguishers
 *   instant             points in time and spans of time, as values that cannot be mixed up
 *   error               one line of text that says what is wrong and where
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define UNUSED __attribute__((unused))
#define PURE_FUNCTION __attribute__((pure))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#include "base/banned.h"

#endif

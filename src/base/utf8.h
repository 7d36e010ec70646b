/*
 * utf8: text that somebody else chose, made fit to be shown.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 3629. What is no UTF-8, and characters that steer a terminal or turn the direction of
 * writing, become '?', one for each such octet or character; the result is always UTF-8, and is cut
 * between characters.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/base.h"

/* Writes the cleaned text and a NUL to `to`, at most `capacity` octets with the NUL (at least 1).
 * Returns its length. */
size_t utf8_clean(const void *bytes, size_t length, char *to, size_t capacity);

#endif

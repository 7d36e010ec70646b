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

/* The character at the front of `left` octets (at least 1), and its octets; 0 when there is none
 * (RFC 3629 4: no overlong forms, no surrogates, nothing past U+10FFFF). */
size_t utf8_character(const uint8_t *p, size_t left, uint32_t *ret_value);
/* Does it steer a terminal or the direction of writing? */
bool utf8_is_harmful(uint32_t c);

#endif

/*
 * error: one line of text that says what is wrong, where, and what would be right.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Functions that can be given wrong input take a `struct error *` as their last output. The text
 * names the field (with its path, line or offset) and the mend; it never holds a secret.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/base.h"

#define ERROR_TEXT_MAX 512

struct error {
	char text[ERROR_TEXT_MAX];
};

/* Writes the formatted text into e (which may be NULL); the text is cut at ERROR_TEXT_MAX - 1
 * bytes. Returns -1, so that a caller can write `return error_set(...)`. */
int error_set(struct error *e, const char *format, ...) PRINTF(2, 3);

/* Puts a formatted text and ": " before the text that e holds already. Returns -1. */
int error_prefix(struct error *e, const char *format, ...) PRINTF(2, 3);

#endif

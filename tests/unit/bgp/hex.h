/*
 * hex: bytes in tests, written as hexadecimal text.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_HEX_H
#define TESTS_HEX_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

struct hex {
	size_t length;
	uint8_t bytes[4096];
};

static inline int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Blanks are skipped; anything else fails the test. */
static inline struct hex hex(const char *text)
{
	struct hex h = { 0 };
	int high = -1;

	for (; *text != '\0'; text++) {
		int digit = hex_digit(*text);

		if (*text == ' ')
			continue;
		assert_true(digit >= 0 && h.length < sizeof(h.bytes));
		if (high < 0) {
			high = digit;
		} else {
			h.bytes[h.length++] = (uint8_t)(high << 4 | digit);
			high = -1;
		}
	}
	assert_int_equal(high, -1);
	return h;
}

#define assert_bytes_equal(got, got_length, text)                                \
	do {                                                                     \
		struct hex wanted_ = hex(text);                                  \
		assert_int_equal(got_length, wanted_.length);                    \
		if (wanted_.length != 0)                                         \
			assert_memory_equal(got, wanted_.bytes, wanted_.length); \
	} while (0)

#endif

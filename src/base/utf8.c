/*
 * utf8: see utf8.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/utf8.h"

size_t utf8_character(const uint8_t *p, size_t left, uint32_t *ret_value)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = p[0] < 0x80 ? 1 : p[0] < 0xc0 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t value;

	if (length == 0 || length > left || p[0] > 0xf4)
		return 0;
	value = length == 1 ? p[0] : p[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (p[i] & 0x3f);
	}
	if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*ret_value = value;
	return length;
}

bool utf8_is_harmful(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || /* controls */
	       c == 0x2028 || c == 0x2029 ||	      /* line and paragraph separators */
	       c == 0x200e || c == 0x200f ||	      /* direction */
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x61c ||
	       c == 0xfeff || (c & 0xfffe) == 0xfffe; /* byte order mark, no characters */
}

size_t utf8_clean(const void *bytes, size_t length, char *to, size_t capacity)
{
	const uint8_t *p = bytes;
	size_t used = 0;

	for (size_t at = 0; at < length;) {
		uint32_t value = 0;
		size_t taken = utf8_character(p + at, length - at, &value);
		bool bad = taken == 0 || utf8_is_harmful(value);
		size_t room = bad ? 1 : taken;

		if (used + room + 1 > capacity)
			break;
		if (bad)
			to[used] = '?';
		else
			memcpy(to + used, p + at, taken);
		used += room;
		at += taken == 0 ? 1 : taken;
	}
	to[used] = '\0';
	return used;
}

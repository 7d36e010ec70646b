/*
 * error: one line of text that says what is wrong, where, and what would be right.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/error.h"

int error_set(struct error *e, const char *format, ...)
{
	va_list args;

	if (e == NULL)
		return -1;
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	return -1;
}

int error_prefix(struct error *e, const char *format, ...)
{
	char old[ERROR_TEXT_MAX];
	va_list args;
	int length;

	if (e == NULL)
		return -1;
	memcpy(old, e->text, sizeof(old));
	va_start(args, format);
	length = vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	if (length >= 0 && (size_t)length < sizeof(e->text))
		snprintf(e->text + length, sizeof(e->text) - (size_t)length, ": %s", old);
	return -1;
}

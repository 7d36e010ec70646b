/*
 * instant: points in time and spans of time.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/instant.h"

const char *duration_format(duration_t d, char text[static DURATION_TEXT_MAX])
{
	int64_t seconds = d.ns < 0 ? 0 : d.ns / 1000000000;

	if (seconds < 86400)
		snprintf(text, DURATION_TEXT_MAX, "%02" PRId64 ":%02" PRId64 ":%02" PRId64,
			 seconds / 3600, seconds / 60 % 60, seconds % 60);
	else
		snprintf(text, DURATION_TEXT_MAX, "%" PRId64 "d%02" PRId64 "h", seconds / 86400,
			 seconds / 3600 % 24);
	return text;
}

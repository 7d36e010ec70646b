/*
 * instant: points in time and spans of time. Each is a struct, so that seconds, milliseconds and
 * instants cannot be mixed up. There is no clock here: `now` is always an argument.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_INSTANT_H
#define BASE_INSTANT_H

#include "base/base.h"

typedef struct {
	int64_t ns; /* since an epoch that the owner of the clock chose; monotonic */
} instant_t;

typedef struct {
	int64_t ns;
} duration_t;

#define INSTANT_NEVER ((instant_t){ INT64_MAX })
#define DURATION_ZERO ((duration_t){ 0 })

/* Arithmetic never wraps: a span that is too long is the longest one, and an instant that is past
 * the end of time is never. */
static inline duration_t duration_of(int64_t count, int64_t unit_ns)
{
	int64_t ns;

	if (__builtin_mul_overflow(count, unit_ns, &ns))
		ns = count < 0 ? INT64_MIN : INT64_MAX;
	return (duration_t){ ns };
}

static inline duration_t duration_ms(int64_t milliseconds)
{
	return duration_of(milliseconds, 1000000);
}

static inline duration_t duration_seconds(int64_t seconds)
{
	return duration_of(seconds, 1000000000);
}

static inline int64_t duration_to_ms(duration_t d)
{
	return d.ns / 1000000;
}

/* Never stays never. */
static inline instant_t instant_add(instant_t t, duration_t d)
{
	instant_t sum;

	if (t.ns == INT64_MAX)
		return INSTANT_NEVER;
	if (__builtin_add_overflow(t.ns, d.ns, &sum.ns))
		sum.ns = d.ns < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

/* a - b */
static inline duration_t instant_diff(instant_t a, instant_t b)
{
	duration_t span;

	if (__builtin_sub_overflow(a.ns, b.ns, &span.ns))
		span.ns = a.ns < b.ns ? INT64_MIN : INT64_MAX;
	return span;
}

static inline bool instant_is_never(instant_t t)
{
	return t.ns == INT64_MAX;
}

static inline bool instant_before(instant_t a, instant_t b)
{
	return a.ns < b.ns;
}

/* Is the deadline reached? Never for INSTANT_NEVER. */
static inline bool instant_due(instant_t deadline, instant_t now)
{
	return deadline.ns <= now.ns && deadline.ns != INT64_MAX;
}

static inline instant_t instant_min(instant_t a, instant_t b)
{
	return a.ns < b.ns ? a : b;
}

#define DURATION_TEXT_MAX 32

/* Writes a span as operators read it: "00:04:09" below a day, "3d04h" above; one that is not over
 * yet (negative) is "00:00:00". Returns `text`. */
const char *duration_format(duration_t d, char text[static DURATION_TEXT_MAX]);

#endif

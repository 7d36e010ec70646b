/*
 * attrs_rows: blocks of attributes as text, and the verdict that each must have.
 * SPDX-License-Identifier: Apache-2.0
 *
 * For the tests of bgp/attrs: each file that includes it has its own state.
 */
#ifndef TESTS_ATTRS_ROWS_H
#define TESTS_ATTRS_ROWS_H

#include "bgp/attrs.h"
#include "hex.h"

#define ORIGIN "40010100"
#define AS_PATH "40020602010000fde9"
#define AS_PATH2 "400204020100c8"
#define NEXT_HOP "4003040a000001"
#define MED "80040400000064"
#define LOCAL_PREF "40050400000096"
#define GOOD ORIGIN AS_PATH NEXT_HOP

static struct arena arena;
static struct bgp_attrs attrs;
static struct bgp_notification note;
static struct error why;

static const struct bgp_context ibgp = { .as4 = true, .ibgp = true };
static const struct bgp_context ebgp = { .as4 = true };
static const struct bgp_context old = { .ibgp = true };

/* The result points into a copy of the octets, which lasts as long as the test. */
static enum bgp_verdict decode_octets(const uint8_t *octets, size_t length,
				      const struct bgp_context *context, bool has_nlri)
{
	memset(&note, 0, sizeof(note));
	why.text[0] = '\0';
	return bgp_attrs_decode(arena_dup(&arena, octets, length), length, context, has_nlri,
				&arena, &attrs, &note, &why);
}

static inline enum bgp_verdict decode(const char *text, const struct bgp_context *context)
{
	struct hex x = hex(text);

	return decode_octets(x.bytes, x.length, context, true);
}

/* Decodes after the mandatory attributes. */
static inline enum bgp_verdict with(const char *text, const struct bgp_context *context)
{
	char all[4096];

	snprintf(all, sizeof(all), "%s%s", context->as4 ? GOOD : ORIGIN AS_PATH2 NEXT_HOP, text);
	return decode(all, context);
}

struct row {
	const char *attribute;
	enum bgp_verdict verdict;
};

static inline void check_rows(const struct row *rows, size_t count,
			      const struct bgp_context *context)
{
	for (size_t i = 0; i < count; i++) {
		enum bgp_verdict v = with(rows[i].attribute, context);

		if (v != rows[i].verdict)
			fail_msg("%s gives %d, not %d (%s)", rows[i].attribute, v, rows[i].verdict,
				 why.text);
		assert_true((v == BGP_OK) == (why.text[0] == '\0'));
	}
}

#define W BGP_TREAT_AS_WITHDRAW
#define D BGP_ATTRIBUTE_DISCARD
#define R BGP_SESSION_RESET

static int setup(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

#endif

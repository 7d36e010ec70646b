/*
 * Tests of outline.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/outline.h"

static void describe(struct outline *o)
{
	struct ip_addr address = ip_addr_v4(0xc0000201);

	outline_begin(o);
	outline_bare(o, "type", "UPDATE");
	outline_uint(o, "length", 61);
	outline_bool(o, "odd", true);
	outline_bool(o, "even", false);
	outline_object(o, "attributes", OUTLINE_LINES);
	outline_text(o, "origin", "igp");
	outline_array(o, "as-path", OUTLINE_INLINE);
	outline_uint(o, NULL, 64512);
	outline_uint(o, NULL, 64513);
	outline_end(o);
	outline_object(o, "aggregator", OUTLINE_INLINE);
	outline_uint(o, "as", 64512);
	outline_address(o, "address", &address);
	outline_end(o);
	outline_words(o, "communities", "65000:1 no-export");
	outline_words(o, "none", "");
	outline_array(o, "families", OUTLINE_INLINE);
	for (unsigned i = 0; i < 2; i++) {
		outline_object(o, NULL, OUTLINE_INLINE);
		outline_uint(o, "afi", i + 1);
		outline_uint(o, "safi", 1);
		outline_end(o);
	}
	outline_end(o);
	outline_end(o);
	outline_array(o, "nlri", OUTLINE_LINES);
	outline_text(o, NULL, "10.0.0.0/8");
	outline_text(o, NULL, "10.1.0.0/16");
	outline_end(o);
	outline_string(o, "who", "a\"\n", 3);
	outline_hex(o, "raw", "\x01\xff", 2);
	outline_finish(o);
}

static void test_json(void **state)
{
	struct buf text;
	struct outline o;

	(void)state;
	buf_init(&text, 0);
	outline_init(&o, &text, true);
	describe(&o);
	assert_string_equal(
		buf_text(&text),
		"{\"type\":\"UPDATE\",\"length\":61,\"odd\":true,\"even\":false,"
		"\"attributes\":{\"origin\":\"igp\",\"as-path\":[64512,64513],"
		"\"aggregator\":{\"as\":64512,\"address\":\"192.0.2.1\"},"
		"\"communities\":[\"65000:1\",\"no-export\"],\"none\":[],"
		"\"families\":[{\"afi\":1,\"safi\":1},{\"afi\":2,\"safi\":1}]},"
		"\"nlri\":[\"10.0.0.0/8\",\"10.1.0.0/16\"],\"who\":\"a\\\"\\n\",\"raw\":\"01ff\"}"
		"\n");
	buf_done(&text);
}

static void test_text(void **state)
{
	struct buf text;
	struct outline o;

	(void)state;
	buf_init(&text, 0);
	outline_init(&o, &text, false);
	describe(&o);
	assert_string_equal(buf_text(&text), "UPDATE length 61 odd\n"
					     "  attributes\n"
					     "    origin igp\n"
					     "    as-path 64512 64513\n"
					     "    aggregator as 64512 address 192.0.2.1\n"
					     "    communities 65000:1 no-export\n"
					     "    none -\n"
					     "    families afi 1 safi 1, afi 2 safi 1\n"
					     "  nlri\n"
					     "    10.0.0.0/8\n"
					     "    10.1.0.0/16\n"
					     "  who \"a\\\"\\n\"\n"
					     "  raw 0x01ff\n");
	buf_done(&text);
}

/* Records follow each other in one buffer, each as if it were the first. */
static void test_records(void **state)
{
	struct buf text;
	struct outline o;

	(void)state;
	buf_init(&text, 0);
	for (unsigned json = 0; json < 2; json++) {
		buf_clear(&text);
		outline_init(&o, &text, json != 0);
		for (unsigned i = 0; i < 2; i++) {
			outline_begin(&o);
			outline_uint(&o, "n", i);
			outline_array(&o, "list", OUTLINE_LINES);
			outline_end(&o);
			outline_finish(&o);
		}
		assert_string_equal(buf_text(&text),
				    json != 0 ? "{\"n\":0,\"list\":[]}\n{\"n\":1,\"list\":[]}\n"
					      : "n 0\n  list -\nn 1\n  list -\n");
	}
	buf_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_records),
	};

	return cmocka_run_group_tests_name("base_outline", tests, NULL, NULL);
}

/*
 * Tests of json_writer.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/json_writer.h"

static struct buf text;
static struct json_writer w;

static int setup(void **state)
{
	(void)state;
	buf_init(&text, 0);
	json_writer_init(&w, &text);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_done(&text);
	return 0;
}

static void test_nesting(void **state)
{
	(void)state;
	json_writer_object(&w);
	json_writer_key(&w, "a");
	json_writer_uint(&w, 1);
	json_writer_key(&w, "b");
	json_writer_array(&w);
	json_writer_object(&w);
	json_writer_end(&w);
	json_writer_array(&w);
	json_writer_end(&w);
	json_writer_null(&w);
	json_writer_bool(&w, true);
	json_writer_end(&w);
	json_writer_key(&w, "c");
	json_writer_bool(&w, false);
	assert_int_equal(w.depth, 1);
	json_writer_end(&w);
	assert_int_equal(w.depth, 0);
	assert_string_equal(buf_text(&text), "{\"a\":1,\"b\":[{},[],null,true],\"c\":false}");
}

/* What comes after a member at the same depth as an earlier, ended container starts anew. */
static void test_sibling_containers(void **state)
{
	(void)state;
	json_writer_array(&w);
	for (unsigned i = 0; i < 2; i++) {
		json_writer_array(&w);
		json_writer_uint(&w, i);
		json_writer_uint(&w, i);
		json_writer_end(&w);
	}
	json_writer_end(&w);
	assert_string_equal(buf_text(&text), "[[0,0],[1,1]]");
}

static void test_numbers(void **state)
{
	(void)state;
	json_writer_array(&w);
	json_writer_uint(&w, 0);
	json_writer_uint(&w, UINT64_MAX);
	json_writer_int(&w, INT64_MIN);
	json_writer_hex(&w, "\x00\xff\x1a", 3);
	json_writer_hex(&w, NULL, 0);
	json_writer_end(&w);
	assert_string_equal(buf_text(&text),
			    "[0,18446744073709551615,-9223372036854775808,\"00ff1a\",\"\"]");
}

static void assert_escaped(const char *bytes, size_t length, const char *wanted)
{
	buf_clear(&text);
	json_writer_init(&w, &text);
	json_writer_string(&w, bytes, length);
	assert_string_equal(buf_text(&text), wanted);
}

static void test_escapes(void **state)
{
	(void)state;
	assert_escaped("plain", 5, "\"plain\"");
	assert_escaped("", 0, "\"\"");
	assert_escaped("a\"b\\c", 5, "\"a\\\"b\\\\c\"");
	assert_escaped("\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"");
	assert_escaped("\0x\x1b[2J\x7f", 7, "\"\\u0000x\\u001b[2J\\u007f\"");
	assert_escaped("/", 1, "\"/\"");
}

static void test_utf8(void **state)
{
	(void)state;
	assert_escaped("gr\xc3\xbc\xc3\x9f", 6, "\"gr\xc3\xbc\xc3\x9f\"");
	assert_escaped("\xf0\x9f\x8c\x90", 4, "\"\xf0\x9f\x8c\x90\"");
	assert_escaped("\xc2\x9b", 2, "\"\\u009b\"");	  /* CSI */
	assert_escaped("\xe2\x80\xae", 3, "\"\\u202e\""); /* right-to-left override */
	/* cut off, alone, overlong, a surrogate, past the end: one replacement an octet */
	assert_escaped("\xc3", 1, "\"\xef\xbf\xbd\"");
	assert_escaped("\x80z", 2, "\"\xef\xbf\xbdz\"");
	assert_escaped("\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	assert_escaped("\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	assert_escaped("\xf4\x90\x80\x80", 4,
		       "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	assert_escaped("\xff\xfe", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}

/* Every pair of octets gives a document that another parser takes. */
static void test_every_pair_is_valid(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 65536; i++) {
		uint8_t pair[2] = { (uint8_t)(i >> 8), (uint8_t)i };
		json_t *value;

		buf_clear(&text);
		json_writer_init(&w, &text);
		json_writer_string(&w, pair, 2);
		value = json_loadb(text.data, text.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
		assert_non_null(value);
		if (pair[0] < 0x80 && pair[1] < 0x80)
			assert_memory_equal(json_string_value(value), pair, 2);
		json_decref(value);
	}
}

static void test_depth(void **state)
{
	(void)state;
	for (unsigned i = 0; i < JSON_WRITER_DEPTH_MAX; i++)
		json_writer_array(&w);
	json_writer_uint(&w, 1);
	for (unsigned i = 0; i < JSON_WRITER_DEPTH_MAX; i++)
		json_writer_end(&w);
	assert_int_equal(text.length, 2 * JSON_WRITER_DEPTH_MAX + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nesting, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sibling_containers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_escapes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_utf8, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_pair_is_valid, setup, teardown),
		cmocka_unit_test_setup_teardown(test_depth, setup, teardown),
	};

	return cmocka_run_group_tests_name("base_json_writer", tests, NULL, NULL);
}

/*
 * Tests of base/rd.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/rd.h"

#include <setjmp.h>

#include <cmocka.h>

static const struct {
	const char *text;
	uint8_t bytes[RD_BYTES];
} pairs[] = {
	{ "0:0", { 0 } },
	{ "65000:1", { 0, 0, 0xfd, 0xe8, 0, 0, 0, 1 } },
	{ "65535:4294967295", { 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } },
	{ "10.0.0.1:1", { 0, 1, 10, 0, 0, 1, 0, 1 } },
	{ "255.255.255.255:65535", { 0, 1, 255, 255, 255, 255, 255, 255 } },
	{ "65536:1", { 0, 2, 0, 1, 0, 0, 0, 1 } },
	{ "4294967295:65535", { 0, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } },
	{ "2:65000:1", { 0, 2, 0, 0, 0xfd, 0xe8, 0, 1 } },
	{ "2:0:0", { 0, 2 } },
	{ "2:1", { 0, 0, 0, 2, 0, 0, 0, 1 } },
	{ "0x0003010203040506", { 0, 3, 1, 2, 3, 4, 5, 6 } },
	{ "0xffffffffffffffff", { 255, 255, 255, 255, 255, 255, 255, 255 } },
};

static void test_text_and_value_determine_each_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct rd rd, want = rd_of(pairs[i].bytes);
		char text[RD_TEXT_MAX];

		assert_int_equal(rd_parse(pairs[i].text, &rd, NULL), 0);
		assert_true(rd_equal(&rd, &want));
		assert_string_equal(rd_format(&want, text), pairs[i].text);
	}
}

static void test_what_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		":",
		"1",
		"1:",
		":1",
		"-1:1",
		"+1:1",
		" 1:1",
		"1:1 ",
		"01:1",
		"1:01",
		"65535:4294967296",
		"65536:65536",
		"4294967296:1",
		"10.0.0.1:65536",
		"10.0.0.256:1",
		"10.0.0:1",
		"2001:db8::1:1",
		"1:1:1",
		"3:1:1",
		"2::1",
		"2:1:65536",
		"2:4294967296:1",
		"0x",
		"0x000000000000000",
		"0x00000000000000000",
		"0xFFFFFFFFFFFFFFFF",
		"99999999999999999999999999999999999999999999999999999999999999999999:1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct rd rd = { { 9 } };
		struct error e = { "" };
		int got = rd_parse(wrong[i], &rd, &e);

		if (got == 0)
			fail_msg("\"%s\" was taken", wrong[i]);
		assert_int_equal(rd.bytes[0], 9);
		assert_non_null(strstr(e.text, "route distinguisher"));
		assert_int_equal(rd_parse(wrong[i], &rd, NULL), -1);
	}
}

static void test_all_types_and_edges(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 5; type++)
		for (unsigned fill = 0; fill < 256; fill++) {
			struct rd rd, again;
			char text[RD_TEXT_MAX];

			memset(rd.bytes, (int)fill, sizeof(rd.bytes));
			rd.bytes[0] = 0;
			rd.bytes[1] = (uint8_t)type;
			assert_true(strlen(rd_format(&rd, text)) < sizeof(text));
			assert_int_equal(rd_parse(text, &again, NULL), 0);
			assert_true(rd_equal(&rd, &again));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_and_value_determine_each_other),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_all_types_and_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Tests of base/utf8.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf8.h"

static void check(const char *from, const char *to)
{
	char text[64];

	assert_int_equal(utf8_clean(from, strlen(from), text, sizeof(text)), strlen(to));
	assert_string_equal(text, to);
}

static void test_good_text_stays(void **state)
{
	(void)state;
	check("", "");
	check("router-1.example", "router-1.example");
	check("M\xc3\xbcnchen \xe2\x82\xac \xf0\x9f\x9a\x80",
	      "M\xc3\xbcnchen \xe2\x82\xac \xf0\x9f\x9a\x80");
}

static void test_rfc3629_3_what_is_no_utf8(void **state)
{
	(void)state;
	check("a\x80z", "a?z");
	check("a\xffz", "a?z");
	check("\xc0\xaf", "??");	   /* overlong */
	check("\xe0\x80\xaf", "???");	   /* overlong */
	check("\xed\xa0\x80", "???");	   /* a surrogate */
	check("\xf4\x90\x80\x80", "????"); /* past U+10FFFF */
	check("\xf8\x88\x80\x80\x80", "?????");
	check("a\xe2\x82", "a??"); /* cut in a character */
	check("\xc3(", "?(");
}

static void test_what_steers_a_terminal(void **state)
{
	(void)state;
	check("a\x1b[31m\x07\n\x7f", "a?[31m???");
	check("a\xc2\x9b"
	      "b",
	      "a?b");		    /* C1 */
	check("\xe2\x80\xae", "?"); /* U+202E */
	check("\xe2\x80\xa8", "?"); /* U+2028 */
	check("\xef\xbb\xbf", "?"); /* U+FEFF */
}

static void test_cut_between_characters(void **state)
{
	char text[5];

	(void)state;
	assert_int_equal(utf8_clean("abcdef", 6, text, 5), 4);
	assert_string_equal(text, "abcd");
	assert_int_equal(utf8_clean("ab\xe2\x82\xac", 5, text, 5), 2);
	assert_string_equal(text, "ab");
	assert_int_equal(utf8_clean("a\0b", 3, text, 5), 3);
	assert_string_equal(text, "a?b");
	assert_int_equal(utf8_clean("abc", 3, text, 1), 0);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_text_stays),
		cmocka_unit_test(test_rfc3629_3_what_is_no_utf8),
		cmocka_unit_test(test_what_steers_a_terminal),
		cmocka_unit_test(test_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

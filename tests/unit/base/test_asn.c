/*
 * test_asn: AS numbers as text, and those that nobody has.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/asn.h"

static void test_rfc5396_plain_and_dotted(void **state)
{
	static const struct {
		const char *text;
		uint32_t number;
		const char *dotted;
	} cases[] = {
		{ "0", 0, "0.0" },
		{ "1", 1, "0.1" },
		{ "65535", 65535, "0.65535" },
		{ "65536", 65536, "1.0" },
		{ "4294967295", 4294967295, "65535.65535" },
		{ "4200000000", 4200000000, "64086.59904" },
	};
	char text[ASN_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		asn_t asn = { 77 };

		assert_int_equal(asn_parse(cases[i].text, &asn, NULL), 0);
		assert_int_equal(asn.number, cases[i].number);
		assert_string_equal(asn_format(asn, text), cases[i].text);
		assert_string_equal(asn_format_dotted(asn, text), cases[i].dotted);
		asn.number = 77;
		assert_int_equal(asn_parse(cases[i].dotted, &asn, NULL), 0);
		assert_int_equal(asn.number, cases[i].number);
	}
}

static void test_what_is_none(void **state)
{
	static const char *const cases[] = {
		"",	      " ",	     "-1",
		"+1",	      "01",	     "00",
		"4294967296", "99999999999", "1.65536",
		"65536.1",    ".",	     "1.",
		".1",	      "1.2.3",	     "1.01",
		"AS1",	      "1 ",	     " 1",
		"0x10",	      "1e3",	     "18446744073709551617",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error e = { "" };
		asn_t asn = { 77 };

		if (asn_parse(cases[i], &asn, &e) == 0)
			fail_msg("\"%s\" was taken", cases[i]);
		assert_int_equal(asn.number, 77);
		assert_non_null(strstr(e.text, "AS number"));
	}
}

static void test_reserved_and_private(void **state)
{
	static const struct {
		uint32_t number;
		bool reserved, private;
	} cases[] = {
		{ 0, true, false },	      { 1, false, false },
		{ 23455, false, false },      { 23456, true, false },
		{ 23457, false, false },      { 64511, false, false },
		{ 64512, false, true },	      { 65534, false, true },
		{ 65535, true, false },	      { 65536, false, false },
		{ 4199999999, false, false }, { 4200000000, false, true },
		{ 4294967294, false, true },  { 4294967295, true, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		asn_t asn = { cases[i].number };

		assert_int_equal(asn_is_reserved(asn), cases[i].reserved);
		assert_int_equal(asn_is_private(asn), cases[i].private);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc5396_plain_and_dotted),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_reserved_and_private),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

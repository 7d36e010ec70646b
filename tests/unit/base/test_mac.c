/*
 * test_mac: MAC addresses as text.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/ip.h"

static void test_three_ways_to_write_it(void **state)
{
	static const char *const cases[] = { "02:00:5e:aB:0f:f0", "02-00-5E-AB-0F-F0",
					     "02005eab0ff0" };
	static const uint8_t wanted[] = { 0x02, 0x00, 0x5e, 0xab, 0x0f, 0xf0 };
	char text[MAC_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mac_addr mac;

		assert_int_equal(mac_addr_parse(cases[i], &mac, NULL), 0);
		assert_memory_equal(mac.bytes, wanted, 6);
		assert_string_equal(mac_addr_format(&mac, text), "02:00:5e:ab:0f:f0");
	}
}

static void test_what_is_none(void **state)
{
	static const char *const cases[] = {
		"",
		"02:00:5e:10:00",
		"02:00:5e:10:00:01:02",
		"02:00:5e:10:00:0g",
		"02:00:5e:10:00:1",
		"02.00.5e.10.00.01",
		"0200.5e10.0001",
		"02:00:5e:10:00-01",
		"02-00:5e:10:00:01",
		"02005e10000",
		"02005e1000011",
		"02:00:5e:10:00:01 ",
		"0x:00:5e:10:00:01",
		"02 00 5e 10 00 01",
		"+2:00:5e:10:00:01",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mac_addr mac = { { 7 } };
		struct error e = { "" };

		if (mac_addr_parse(cases[i], &mac, &e) == 0)
			fail_msg("\"%s\" was taken", cases[i]);
		assert_int_equal(mac.bytes[0], 7);
		assert_non_null(strstr(e.text, "MAC address"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_ways_to_write_it),
		cmocka_unit_test(test_what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_subnet: addresses of the gateway subnet, and its size.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/subnet.h"

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix p;

	assert_int_equal(ip_prefix_parse(text, &p, NULL), 0);
	return p;
}

static void test_addresses(void **state)
{
	struct ip_prefix v4 = prefix("10.1.255.0/29"), v6 = prefix("2001:db8::/125");
	struct ip_addr a = subnet_address(&v4, 1);
	char text[IP_TEXT_MAX];

	(void)state;
	assert_int_equal(subnet_usable(&v4), 6);
	assert_int_equal(subnet_usable(&v6), 7);
	assert_string_equal(ip_addr_format(&a, text), "10.1.255.2");
	v4 = prefix("10.1.1.1/32");
	assert_int_equal(subnet_usable(&v4), 0);
}

static void test_needed(void **state)
{
	(void)state;
	assert_int_equal(subnet_needed(0, 0), 3);
	assert_int_equal(subnet_needed(1, 10), 5); /* connection, role, one that moves */
	assert_int_equal(subnet_needed(20, 3), 5); /* never more than there are gateways */
	assert_int_equal(subnet_needed(20, 30), 24);
}

static void test_check(void **state)
{
	struct ip_prefix small = prefix("10.1.255.0/30"), right = prefix("10.1.255.0/29");
	struct error e = { "" };

	(void)state;
	assert_int_equal(subnet_check(&right, 5, "x", &e), 0);
	assert_int_equal(subnet_check(&small, 5, "x", &e), -1);
	assert_non_null(strstr(e.text, "x: 10.1.255.0/30 has 2 usable addresses and 5 are needed"));
	assert_non_null(strstr(e.text, "use a /29 or larger"));
}

static void test_mac(void **state)
{
	struct mac_addr m = subnet_mac(5001, 259);
	struct ip_addr host = subnet_host_overlay(259);
	char text[IP_TEXT_MAX];

	(void)state;
	assert_string_equal(mac_addr_format(&m, text), "02:00:13:89:01:03");
	assert_string_equal(ip_addr_format(&host, text), "169.254.1.3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_needed),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_mac),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

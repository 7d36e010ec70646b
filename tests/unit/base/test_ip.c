/*
 * test_ip: addresses and prefixes: text, order, and which holds which.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aborts.h"
#include "base/hash.h"
#include "base/ip.h"

static struct ip_addr addr(const char *text)
{
	struct ip_addr a = { 0 };
	struct error e = { "" };

	if (ip_addr_parse(text, &a, &e) < 0)
		fail_msg("%s", e.text);
	return a;
}

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix p = { 0 };
	struct error e = { "" };

	if (ip_prefix_parse(text, &p, &e) < 0)
		fail_msg("%s", e.text);
	return p;
}

static void test_addresses_are_printed_as_rfc5952_says(void **state)
{
	static const char *const cases[][2] = {
		{ "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "192.0.2.1", "192.0.2.1" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
		{ "2001:0db8::0001", "2001:db8::1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
		{ "fe80::1:2:3:4", "fe80::1:2:3:4" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};
	char text[IP_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ip_addr a = addr(cases[i][0]);

		assert_string_equal(ip_addr_format(&a, text), cases[i][1]);
		assert_true(strlen(text) < IP_TEXT_MAX - 1);
	}
	assert_string_equal(ip_addr_format(&(struct ip_addr){ 0 }, text), "none");
}

static void test_what_is_no_address(void **state)
{
	static const char *const cases[] = {
		"",
		" ",
		"1",
		"1.2.3",
		"1.2.3.4.5",
		"1.2.3.256",
		"010.1.1.1",
		"1.2.3.04",
		"1.2.3.4 ",
		" 1.2.3.4",
		"1.2.3.4/32",
		"0x1.2.3.4",
		"-1.2.3.4",
		"1..2.3",
		"a.b.c.d",
		":",
		":::",
		"1::2::3",
		"2001:db8",
		"2001:db8::g",
		"2001:db8::12345",
		"fe80::1%eth0",
		"[::1]",
		"1:2:3:4:5:6:7:8:9",
		"::1.2.3",
		"0000000000000000000000000000000000000000000000001.2.3.4",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ip_addr a = { .family = 77 };
		struct error e = { "" };

		if (ip_addr_parse(cases[i], &a, &e) == 0)
			fail_msg("\"%s\" was taken", cases[i]);
		assert_int_equal(a.family, 77);
		assert_non_null(strstr(e.text, "IP address"));
		assert_int_equal(ip_addr_parse(cases[i], &a, NULL), -1);
	}
}

static void test_prefixes(void **state)
{
	static const char *const good[] = {
		"0.0.0.0/0",	   "10.0.0.0/8", "192.0.2.0/23",  "192.0.2.128/25",
		"192.0.2.1/32",	   "::/0",	 "2001:db8::/32", "2001:db8::8000:0/97",
		"2001:db8::1/128", "fe80::/10",
	};
	static const char *const bad[] = {
		"",
		"/",
		"10.0.0.0",
		"10.0.0.0/",
		"/8",
		"10.0.0.0/33",
		"10.0.0.0/-1",
		"10.0.0.0/+8",
		"10.0.0.0/08",
		"10.0.0.0/8 ",
		"10.0.0.0/8/8",
		"10.0.0.1/8",
		"192.0.3.0/23",
		"::/129",
		"::/1000",
		"::1/127",
		"2001:db8::/256",
		"10.0.0.0/4294967304",
		"::/00",
	};
	char text[IP_PREFIX_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct ip_prefix p = prefix(good[i]);

		assert_string_equal(ip_prefix_format(&p, text), good[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct ip_prefix p = { .length = 77 };
		struct error e = { "" };

		if (ip_prefix_parse(bad[i], &p, &e) == 0)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_int_equal(p.length, 77);
		assert_true(e.text[0] != '\0');
	}
}

static void test_host_bits_are_named_in_the_error(void **state)
{
	struct ip_prefix p;
	struct error e;

	(void)state;
	assert_int_equal(ip_prefix_parse("10.1.2.3/12", &p, &e), -1);
	assert_non_null(strstr(e.text, "10.0.0.0/12"));
}

static bool bit(const struct ip_addr *a, size_t number)
{
	return (a->bytes[number / 8] >> (7 - number % 8) & 1) != 0;
}

/* Containment, bit by bit, for every length of both families. */
static void test_contains_and_covers_against_bits(void **state)
{
	static const uint8_t families[] = { IP_V4, IP_V6 };
	uint64_t random = 9;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		uint8_t family = families[round % 2];
		size_t bits = ip_family_bits(family);
		struct ip_addr a = { .family = family }, b = { .family = family };
		struct ip_prefix outer, inner;
		size_t same = 0;

		random = hash_u64(random, round);
		for (size_t i = 0; i < bits / 8; i++)
			a.bytes[i] = (uint8_t)(hash_u64(random, i));
		b = a;
		b.bytes[random % (bits / 8)] ^= (uint8_t)(1u << (random >> 8) % 8);
		while (same < bits && bit(&a, same) == bit(&b, same))
			same++;
		outer = ip_prefix_of(&a, (uint8_t)((random >> 16) % (bits + 1)));
		inner = ip_prefix_of(&b, (uint8_t)((random >> 32) % (bits + 1)));
		for (size_t i = 0; i < bits; i++)
			assert_int_equal(bit(&outer.addr, i), i < outer.length && bit(&a, i));
		assert_true(ip_prefix_contains(&outer, &a));
		assert_int_equal(ip_prefix_contains(&outer, &b), outer.length <= same);
		assert_int_equal(ip_prefix_covers(&outer, &inner),
				 outer.length <= inner.length && outer.length <= same);
		assert_true(ip_prefix_covers(&outer, &outer));
	}
}

static void test_families_do_not_cover_each_other(void **state)
{
	struct ip_prefix v4 = prefix("0.0.0.0/0"), v6 = prefix("::/0");
	struct ip_addr a4 = addr("10.0.0.1"), a6 = addr("2001:db8::1");

	(void)state;
	assert_false(ip_prefix_covers(&v4, &v6));
	assert_false(ip_prefix_covers(&v6, &v4));
	assert_false(ip_prefix_contains(&v4, &a6));
	assert_false(ip_prefix_contains(&v6, &a4));
	assert_true(ip_prefix_contains(&v4, &a4));
	assert_true(ip_prefix_contains(&v6, &a6));
	assert_false(ip_prefix_equal(&v4, &v6));
}

static void length_33(void)
{
	struct ip_addr a = addr("10.0.0.1");

	(void)ip_prefix_of(&a, 33);
}

static void test_a_length_beyond_the_family(void **state)
{
	(void)state;
	assert_true(aborts(length_33));
}

static void test_order(void **state)
{
	static const char *const sorted[] = {
		"0.0.0.0/0",   "0.0.0.0/8",	"9.255.0.0/16",	 "10.0.0.0/8", "10.0.0.0/9",
		"10.0.0.0/32", "10.0.0.1/32",	"128.0.0.0/1",	 "::/0",       "::/128",
		"::1/128",     "2001:db8::/32", "2001:db8::/33", "ff00::/8",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sorted); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(sorted); j++) {
			struct ip_prefix a = prefix(sorted[i]), b = prefix(sorted[j]);
			int order = ip_prefix_compare(&a, &b);

			assert_int_equal(order < 0 ? -1 : order > 0, i < j ? -1 : i > j);
			assert_int_equal(ip_prefix_equal(&a, &b), i == j);
		}
	}
}

static void check_plus(const char *from, uint64_t offset, const char *to)
{
	struct ip_addr a = addr(from), b = addr(to);
	struct ip_addr sum = ip_addr_plus(&a, offset);

	assert_true(ip_addr_equal(&sum, &b));
}

static void test_plus(void **state)
{
	(void)state;
	check_plus("10.0.0.255", 1, "10.0.1.0");
	check_plus("10.0.0.1", 0, "10.0.0.1");
	check_plus("255.255.255.255", 1, "0.0.0.0");
	check_plus("10.0.0.0", UINT64_C(1) << 32, "10.0.0.0");
	check_plus("2001:db8::ffff:ffff:ffff:ffff", 1, "2001:db8:0:1::");
	check_plus("2001:db8::", UINT64_MAX, "2001:db8::ffff:ffff:ffff:ffff");
	check_plus("2001:db8::ff", UINT64_MAX, "2001:db8:0:1::fe");
	check_plus("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1, "::");
}

static void test_kinds_of_addresses(void **state)
{
	static const struct {
		const char *text;
		bool unspecified, multicast, loopback;
	} cases[] = {
		{ "0.0.0.0", true, false, false },    { "::", true, false, false },
		{ "127.0.0.1", false, false, true },  { "127.255.255.255", false, false, true },
		{ "128.0.0.1", false, false, false }, { "::1", false, false, true },
		{ "::2", false, false, false },	      { "223.255.255.255", false, false, false },
		{ "224.0.0.1", false, true, false },  { "239.255.255.255", false, true, false },
		{ "240.0.0.1", false, false, false }, { "ff02::1", false, true, false },
		{ "fe80::1", false, false, false },   { "1::", false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ip_addr a = addr(cases[i].text);

		assert_int_equal(ip_addr_is_unspecified(&a), cases[i].unspecified);
		assert_int_equal(ip_addr_is_multicast(&a), cases[i].multicast);
		assert_int_equal(ip_addr_is_loopback(&a), cases[i].loopback);
	}
}

static void test_numbers_and_octets(void **state)
{
	static const uint8_t octets[16] = { 0x20, 0x01, 0x0d, 0xb8 };
	struct ip_addr a = ip_addr_v4(0xc0000201), b = addr("192.0.2.1"), v6 = addr("2001:db8::");
	struct ip_addr of = ip_addr_of(IP_V6, octets);
	struct ip_prefix host = ip_prefix_host(&a);

	(void)state;
	assert_true(ip_addr_equal(&a, &b));
	assert_int_equal(ip_addr_to_u32(&a), 0xc0000201);
	assert_int_equal(ip_addr_to_u32(&v6), 0);
	assert_true(ip_addr_equal(&of, &v6));
	of = ip_addr_of(IP_V4, octets); /* four of them, and the rest is zero */
	assert_int_equal(ip_addr_to_u32(&of), 0x20010db8);
	for (size_t i = 4; i < 16; i++)
		assert_int_equal(of.bytes[i], 0);
	assert_int_equal(host.length, 32);
	host = ip_prefix_host(&v6);
	assert_int_equal(host.length, 128);
}

static void test_size(void **state)
{
	static const struct {
		const char *text;
		uint64_t size;
	} cases[] = {
		{ "10.0.0.0/32", 1 },
		{ "10.0.0.0/24", 256 },
		{ "0.0.0.0/0", 1ull << 32 },
		{ "2001:db8::/128", 1 },
		{ "2001:db8::/65", 1ull << 63 },
		{ "2001:db8::/64", UINT64_MAX },
		{ "::/0", UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ip_prefix p = prefix(cases[i].text);

		assert_true(ip_prefix_size(&p) == cases[i].size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_are_printed_as_rfc5952_says),
		cmocka_unit_test(test_what_is_no_address),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_host_bits_are_named_in_the_error),
		cmocka_unit_test(test_contains_and_covers_against_bits),
		cmocka_unit_test(test_families_do_not_cover_each_other),
		cmocka_unit_test(test_a_length_beyond_the_family),
		cmocka_unit_test(test_a_length_beyond_the_family),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_plus),
		cmocka_unit_test(test_kinds_of_addresses),
		cmocka_unit_test(test_numbers_and_octets),
		cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

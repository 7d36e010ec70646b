/*
 * Tests of bgp/nlri: runs, whatever is in them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "nlri_case.h"

static struct bgp_nlri nlri;

static struct bgp_nlri_run run_of(enum bgp_family family, const struct hex *bytes)
{
	return (struct bgp_nlri_run){ .family = family,
				      .reader = reader_of(bytes->bytes, bytes->length),
				      .mp = true };
}

static void test_plain_prefixes(void **state)
{
	static const struct nlri_case cases[] = {
		{ BGP_IPV4_UNICAST, "00", "00", "", "0.0.0.0/0" },
		{ BGP_IPV4_UNICAST, "20 c0000201", "20 c0000201", "", "192.0.2.1/32" },
		{ BGP_IPV4_MULTICAST, "09 0a80", "09 0a80", "", "10.128.0.0/9" },
		{ BGP_IPV6_UNICAST, "00", "00", "", "::/0" },
		{ BGP_IPV6_MULTICAST, "80 20010db8000000000000000000000001",
		  "80 20010db8000000000000000000000001", "", "2001:db8::1/128" },
	};

	(void)state;
	nlri_cases(cases, ARRAY_SIZE(cases));
	nlri_wrong(BGP_IPV4_MULTICAST, false, "21 0a00000100", BGP_DISABLE_FAMILY, "prefix length");
	nlri_wrong(BGP_IPV6_UNICAST, true, "81 20010db800000000000000000000000100",
		   BGP_DISABLE_FAMILY, "MP_UNREACH_NLRI: ipv6-unicast NLRI at offset 0");
}

static void test_the_prefix_in_it(void **state)
{
	static const struct {
		enum bgp_family family;
		const char *bytes;
		const char *prefix; /* NULL: there is none */
	} cases[] = {
		{ BGP_IPV4_UNICAST, "18 c00002", "192.0.2.0/24" },
		{ BGP_IPV6_LABELED, "38 000641 20010db8", "2001:db8::/32" },
		{ BGP_IPV4_VPN, "70 000641 0000fde800000001 c00002", "192.0.2.0/24" },
		{ BGP_IPV6_VPN, "58 000641 0000fde800000001", "::/0" },
		{ BGP_EVPN, "03 11 0000fde800000001 00000000 20 c0000201", NULL },
		{ BGP_IPV4_FLOWSPEC, "05 0118c00002", NULL },
		{ BGP_ROUTE_TARGET, "00", NULL },
		{ BGP_VPLS, "0002 0102", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct hex bytes = hex(cases[i].bytes);
		struct bgp_nlri_run run = run_of(cases[i].family, &bytes);
		struct ip_prefix prefix = { .length = 99 };
		char text[IP_PREFIX_TEXT_MAX];

		assert_true(bgp_nlri_next(&run, false, &nlri));
		assert_int_equal(bgp_nlri_to_prefix(cases[i].family, &nlri, &prefix),
				 cases[i].prefix != NULL);
		if (cases[i].prefix == NULL)
			assert_int_equal(prefix.length, 99);
		else
			assert_string_equal(ip_prefix_format(&prefix, text), cases[i].prefix);
		/* a key that nothing here has made */
		nlri.key_length = 0;
		assert_false(bgp_nlri_to_prefix(cases[i].family, &nlri, &prefix));
		nlri.key_length = 2;
		nlri.key[0] = 0xff;
		assert_false(bgp_nlri_to_prefix(cases[i].family, &nlri, &prefix));
	}
}

static void test_a_prefix_made_into_one(void **state)
{
	static const char *const texts[] = { "0.0.0.0/0", "10.128.0.0/9",  "192.0.2.1/32",
					     "::/0",	  "2001:db8::/33", "2001:db8::1/128" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct ip_prefix prefix, again;
		enum bgp_family family;

		assert_int_equal(ip_prefix_parse(texts[i], &prefix, NULL), 0);
		family = prefix.addr.family == IP_V4 ? BGP_IPV4_UNICAST : BGP_IPV6_UNICAST;
		nlri.path_id = 9;
		bgp_nlri_from_prefix(&prefix, &nlri);
		assert_int_equal(nlri.path_id, 0);
		assert_true(bgp_nlri_to_prefix(family, &nlri, &again));
		assert_true(ip_prefix_equal(&prefix, &again));
	}
}

/* The strongest verdict is that of the run, and the words are its. */
static void test_the_strongest_verdict(void **state)
{
	(void)state;
	nlri_wrong(BGP_IPV4_FLOWSPEC, false, "03 038106 01 03 03 048119", BGP_TREAT_AS_WITHDRAW,
		   "at offset 4: no operator says that it is the last");
	nlri_wrong(BGP_IPV4_FLOWSPEC, false, "01 03 01 04 05", BGP_DISABLE_FAMILY,
		   "at offset 4: it is cut off");
	nlri_wrong(BGP_LINK_STATE, false, "0063 0000 0001 0000 0063 0000", BGP_ATTRIBUTE_DISCARD,
		   "at offset 4");
	nlri_wrong(BGP_LINK_STATE, false, "0001 0000 00", BGP_DISABLE_FAMILY, "at offset 4");
}

static void test_no_family_is_no_run(void **state)
{
	struct hex bytes = hex("ff");
	struct bgp_nlri_run run = run_of(BGP_FAMILY_NONE, &bytes);
	const struct bgp_context context = { 0 };

	(void)state;
	assert_int_equal(bgp_nlri_check(&run, &context, NULL, NULL), BGP_OK);
	assert_false(bgp_nlri_next(&run, false, &nlri));
}

/* A path identifier is in front of each, and cut off it is not one. */
static void test_path_identifiers(void **state)
{
	static const char good[] = "00000001 18 0a0001 ffffffff 00 00000000 20 0a000102";
	static const uint32_t ids[] = { 1, UINT32_MAX, 0 };
	struct hex bytes = hex(good);
	struct bgp_nlri_run run = run_of(BGP_IPV4_UNICAST, &bytes);
	struct bgp_notification n;
	/* where an NLRI ends, a cut is not seen */
	static const size_t ends[] = { 0, 8, 13, 22 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		assert_true(bgp_nlri_next(&run, true, &nlri));
		assert_int_equal(nlri.path_id, ids[i]);
	}
	assert_false(bgp_nlri_next(&run, true, &nlri));
	for (size_t length = 0; length <= bytes.length; length++) {
		bool whole = false;

		for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
			whole |= ends[i] == length;
		assert_int_equal(
			nlri_judge(BGP_IPV4_UNICAST, false, true, bytes.bytes, length, &n, NULL),
			whole ? BGP_OK : BGP_DISABLE_FAMILY);
	}
	bytes = hex("00000001 21 0a00010200");
	assert_int_equal(
		nlri_judge(BGP_IPV4_UNICAST, false, true, bytes.bytes, bytes.length, &n, NULL),
		BGP_DISABLE_FAMILY);
}

/* Any octets end: of each family, in both directions, with and without path identifiers. */
static void test_any_octets_end(void **state)
{
	uint64_t random = 0x9e3779b97f4a7c15u;
	uint8_t bytes[64];

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		enum bgp_family family = (enum bgp_family)(round % BGP_FAMILY_COUNT);
		struct bgp_nlri_run run = { .family = family,
					    .withdrawn = round / BGP_FAMILY_COUNT % 2 != 0,
					    .reader = reader_of(bytes, sizeof(bytes)),
					    .mp = true };
		bool addpath = round / BGP_FAMILY_COUNT % 4 >= 2;
		unsigned count = 0;

		for (size_t i = 0; i < sizeof(bytes); i++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			bytes[i] = (uint8_t)((random >> 56) % (i % 3 == 0 ? 256 : 8));
		}
		while (bgp_nlri_next(&run, addpath, &nlri)) {
			assert_true(++count <= sizeof(bytes));
			assert_true(nlri.key_length <= bgp_family_info(family)->key_length_max);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_prefixes),
		cmocka_unit_test(test_the_prefix_in_it),
		cmocka_unit_test(test_a_prefix_made_into_one),
		cmocka_unit_test(test_the_strongest_verdict),
		cmocka_unit_test(test_no_family_is_no_run),
		cmocka_unit_test(test_path_identifiers),
		cmocka_unit_test(test_any_octets_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

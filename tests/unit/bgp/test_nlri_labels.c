/*
 * Tests of bgp/nlri: prefixes with labels, VPN prefixes, route targets, SR policies.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "nlri_case.h"

static void test_labeled(void **state)
{
	static const struct nlri_case cases[] = {
		/* RFC 8277 2.2: label 100, bottom of stack, 10.0.0.0/8 */
		{ BGP_IPV4_LABELED, "20 000641 0a", "08 0a", "000641", "10.0.0.0/8 label 100" },
		{ BGP_IPV4_LABELED, "18 000641", "00", "000641", "0.0.0.0/0 label 100" },
		/* two labels, 2.3 */
		{ BGP_IPV4_LABELED, "50 000640 000c81 c0000201", "20 c0000201", "000640000c81",
		  "192.0.2.1/32 label 100/200" },
		{ BGP_IPV6_LABELED, "38 000641 20010db8", "20 20010db8", "000641",
		  "2001:db8::/32 label 100" },
		{ BGP_IPV6_LABELED, "98 ffffff 20010db8000000000000000000000001",
		  "80 20010db8000000000000000000000001", "ffffff",
		  "2001:db8::1/128 label 1048575" },
	};

	(void)state;
	nlri_cases(cases, ARRAY_SIZE(cases));
}

static void test_vpn(void **state)
{
	static const struct nlri_case cases[] = {
		/* RFC 4364 4.3.4 */
		{ BGP_IPV4_VPN, "70 000641 0000fde800000001 c00002", "18 0000fde800000001 c00002",
		  "000641", "65000:1:192.0.2.0/24 label 100" },
		{ BGP_IPV4_VPN, "58 000641 00010a0000010001", "00 00010a0000010001", "000641",
		  "10.0.0.1:1:0.0.0.0/0 label 100" },
		/* RFC 4659 3.2.1 */
		{ BGP_IPV6_VPN, "78 000641 0002fa56ea000001 20010db8",
		  "20 0002fa56ea000001 20010db8", "000641",
		  "4200000000:1:2001:db8::/32 label 100" },
	};

	(void)state;
	nlri_cases(cases, ARRAY_SIZE(cases));
}

static void test_withdrawn_labels_say_nothing(void **state)
{
	static const char *const labels[] = { "800000", "000000", "000641", "000640", "ffffff" };
	char text[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
		snprintf(text, sizeof(text), "20 %s 0a", labels[i]);
		nlri_withdrawn(BGP_IPV4_LABELED, text, "08 0a", "20 800000 0a");
		snprintf(text, sizeof(text), "60 %s 0000fde800000001 0a", labels[i]);
		nlri_withdrawn(BGP_IPV4_VPN, text, "08 0000fde800000001 0a",
			       "60 800000 0000fde800000001 0a");
	}
}

static void test_a_route_without_a_label_has_implicit_null(void **state)
{
	struct ip_prefix prefix;
	struct bgp_nlri nlri;
	uint8_t bytes[16];
	struct writer w = writer_of(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(ip_prefix_parse("10.0.0.0/8", &prefix, NULL), 0);
	bgp_nlri_from_prefix(&prefix, &nlri);
	bgp_nlri_encode(&w, BGP_IPV4_LABELED, &nlri, false, false);
	nlri_bytes_are(bytes, writer_length(&w), "20 000031 0a");
}

/* RFC 8277 2.2: where no more than one label was agreed on, there is one. */
static void test_the_bottom_bit_of_one_label_says_nothing(void **state)
{
	static const struct {
		enum bgp_family family;
		const char *bytes;
		const char *key;
		const char *again;
	} cases[] = {
		{ BGP_IPV4_LABELED, "20 000640 0a", "08 0a", "20 000641 0a" },
		/* as if a label with the bottom bit came next */
		{ BGP_IPV4_LABELED, "30 000640 0a0101", "18 0a0101", "30 000641 0a0101" },
		{ BGP_IPV6_LABELED, "48 000640 20010d b80001", "30 20010db80001",
		  "48 000641 20010db80001" },
		{ BGP_IPV4_VPN, "58 000640 0000fde900000001", "00 0000fde900000001",
		  "58 000641 0000fde900000001" },
		{ BGP_IPV4_VPN, "70 000640 0000fde900000001 0a0101", "18 0000fde900000001 0a0101",
		  "70 000641 0000fde900000001 0a0101" },
	};

	(void)state;
	nlri_labels_max = 0;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct hex bytes = hex(cases[i].bytes);
		struct bgp_nlri_run run = { cases[i].family, false,
					    reader_of(bytes.bytes, bytes.length), true, 0 };
		static struct bgp_nlri nlri;
		uint8_t again[64];

		nlri_wrong(cases[i].family, false, cases[i].bytes, BGP_OK, "");
		assert_true(bgp_nlri_next(&run, false, &nlri));
		assert_int_equal(reader_left(&run.reader), 0);
		nlri_bytes_are(nlri.key, nlri.key_length, cases[i].key);
		nlri_bytes_are(nlri.data, nlri.data_length, "000641");
		nlri_bytes_are(
			again,
			nlri_write(cases[i].family, &nlri, false, false, again, sizeof(again)),
			cases[i].again);
		nlri_truncations(cases[i].family, false, bytes.bytes, bytes.length);
	}
	/* two labels are one and a prefix that is too long */
	nlri_wrong(BGP_IPV4_LABELED, false, "50 000640 000c81 c0000201", BGP_DISABLE_FAMILY,
		   "several labels were not agreed on");
	nlri_labels_max = UINT8_MAX;
}

/* RFC 8277 2.1: no more than we said that we take; 2.3: the last one has the bottom bit. */
static void test_several_labels(void **state)
{
	static const char three[] = "68 000640 000c80 0012c1 c0000201"; /* 192.0.2.1/32 */
	struct hex bytes = hex(three);
	struct bgp_nlri_run run = { BGP_IPV4_LABELED, false, reader_of(bytes.bytes, bytes.length),
				    true, 2 };
	static struct bgp_nlri nlri;

	(void)state;
	nlri_labels_max = 3;
	nlri_wrong(BGP_IPV4_LABELED, false, three, BGP_OK, "");
	nlri_labels_max = 2;
	nlri_wrong(BGP_IPV4_LABELED, false, three, BGP_TREAT_AS_WITHDRAW, "more labels");
	/* what is to be withdrawn is known */
	assert_true(bgp_nlri_next(&run, false, &nlri));
	nlri_bytes_are(nlri.key, nlri.key_length, "20 c0000201");
	nlri_wrong(BGP_IPV4_LABELED, false, "38 000640 000c81 0a", BGP_OK, "");
	nlri_labels_max = UINT8_MAX;
	nlri_wrong(BGP_IPV4_LABELED, false, "30 000640 000c80", BGP_DISABLE_FAMILY, "no room");
	nlri_wrong(BGP_IPV4_VPN, false, "58 000640 0000fde800000002", BGP_DISABLE_FAMILY,
		   "no room");
	/* as many as an NLRI holds: ten, and a default route */
	nlri_wrong(BGP_IPV6_LABELED, false,
		   "f0 000640 000640 000640 000640 000640 000640 000640 000640 000640 000641",
		   BGP_OK, "");
}

static void test_wrong_labels_disable_the_family(void **state)
{
	(void)state;
	nlri_wrong(BGP_IPV4_LABELED, false, "10 0006", BGP_DISABLE_FAMILY, "no room");
	nlri_wrong(BGP_IPV4_LABELED, true, "10 0006", BGP_DISABLE_FAMILY, "no room");
	nlri_wrong(BGP_IPV4_LABELED, false, "14 000641", BGP_DISABLE_FAMILY, "no room");
	nlri_wrong(BGP_IPV4_LABELED, false, "39 000641 0a00000100", BGP_DISABLE_FAMILY,
		   "more than the family has");
	nlri_wrong(BGP_IPV4_VPN, false, "50 000641 0000fde8000000", BGP_DISABLE_FAMILY, "no room");
	nlri_wrong(BGP_IPV4_VPN, false, "79 000641 0000fde800000001 0a00000100", BGP_DISABLE_FAMILY,
		   "more than the family has");
	nlri_wrong(BGP_IPV4_VPN, true, "00", BGP_DISABLE_FAMILY, "MP_UNREACH_NLRI: l3vpn-ipv4");
}

static void test_route_targets(void **state)
{
	static const struct nlri_case cases[] = {
		/* RFC 4684 4 */
		{ BGP_ROUTE_TARGET, "00", "00", "", "default" },
		{ BGP_ROUTE_TARGET, "20 0000fde8", "20 0000fde8", "", "65000/32" },
		{ BGP_ROUTE_TARGET, "60 0000fde8 0002fde800000064", "60 0000fde8 0002fde800000064",
		  "", "65000:target:65000:100/96" },
		{ BGP_ROUTE_TARGET, "30 0000fde8 0002", "30 0000fde8 0002", "", "65000:[0002]/48" },
		{ BGP_ROUTE_TARGET, "60 0000fde8 030b000000000001", "60 0000fde8 030b000000000001",
		  "", "65000:[030b000000000001]/96" },
	};

	(void)state;
	nlri_cases(cases, ARRAY_SIZE(cases));
	nlri_wrong(BGP_ROUTE_TARGET, false, "1f 0000fde8", BGP_DISABLE_FAMILY, "32 to 96");
	nlri_wrong(BGP_ROUTE_TARGET, false, "61 0000fde8 0002fde80000006400", BGP_DISABLE_FAMILY,
		   "32 to 96");
	nlri_wrong(BGP_ROUTE_TARGET, false, "01 80", BGP_DISABLE_FAMILY, "32 to 96");
}

static void test_bits_behind_the_length_are_no_part_of_the_key(void **state)
{
	(void)state;
	nlri_withdrawn(BGP_IPV4_UNICAST, "09 0aff", "09 0a80", "09 0a80");
	nlri_withdrawn(BGP_IPV6_MULTICAST, "21 20010db8 ff", "21 20010db8 80", "21 20010db8 80");
	nlri_withdrawn(BGP_ROUTE_TARGET, "29 0000fde8 ffff", "29 0000fde8 ff80",
		       "29 0000fde8 ff80");
}

static void test_sr_policies(void **state)
{
	static const struct nlri_case cases[] = {
		/* RFC 9830 2.1 */
		{ BGP_IPV4_SR_POLICY, "60 00000001 00000064 c0000201",
		  "60 00000001 00000064 c0000201", "", "[1][100][192.0.2.1]" },
		{ BGP_IPV6_SR_POLICY, "c0 00000001 00000064 20010db8000000000000000000000001",
		  "c0 00000001 00000064 20010db8000000000000000000000001", "",
		  "[1][100][2001:db8::1]" },
	};

	(void)state;
	nlri_cases(cases, ARRAY_SIZE(cases));
}

/* RFC 9830 5: one of a wrong length can be skipped; one that is cut off cannot. */
static void test_sr_policies_of_a_wrong_length(void **state)
{
	struct hex bytes = hex("61 00000000000000000000000000 60 00000001 00000064 c0000201");
	struct bgp_nlri_run run = { BGP_IPV4_SR_POLICY, false, reader_of(bytes.bytes, bytes.length),
				    true, 0 };
	static struct bgp_nlri nlri;

	(void)state;
	nlri_wrong(BGP_IPV4_SR_POLICY, false,
		   "c0 00000001 00000064 20010db8000000000000000000000001", BGP_TREAT_AS_WITHDRAW,
		   "96");
	nlri_wrong(BGP_IPV6_SR_POLICY, false, "60 00000001 00000064 c0000201",
		   BGP_TREAT_AS_WITHDRAW, "192");
	nlri_wrong(BGP_IPV6_SR_POLICY, true, "60 00000001 00000064 c0000201", BGP_OK, "");
	nlri_wrong(BGP_IPV4_SR_POLICY, false, "00", BGP_TREAT_AS_WITHDRAW, "96");
	nlri_wrong(BGP_IPV4_SR_POLICY, false, "61 00000001 00000064 c0000201", BGP_DISABLE_FAMILY,
		   "cut off");
	/* the other one of the run is to be withdrawn */
	assert_true(bgp_nlri_next(&run, false, &nlri));
	nlri_bytes_are(nlri.key, nlri.key_length, "60 00000001 00000064 c0000201");
	assert_false(bgp_nlri_next(&run, false, &nlri));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_labeled),
		cmocka_unit_test(test_vpn),
		cmocka_unit_test(test_withdrawn_labels_say_nothing),
		cmocka_unit_test(test_a_route_without_a_label_has_implicit_null),
		cmocka_unit_test(test_the_bottom_bit_of_one_label_says_nothing),
		cmocka_unit_test(test_several_labels),
		cmocka_unit_test(test_wrong_labels_disable_the_family),
		cmocka_unit_test(test_route_targets),
		cmocka_unit_test(test_bits_behind_the_length_are_no_part_of_the_key),
		cmocka_unit_test(test_sr_policies),
		cmocka_unit_test(test_sr_policies_of_a_wrong_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

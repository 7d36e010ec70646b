/*
 * Tests of bgp/nlri: flow specifications.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "nlri_case.h"

static void test_examples(void **state)
{
	static const struct nlri_case cases[] = {
		/* RFC 8955 4.3.1 to 4.3.3 */
		{ BGP_IPV4_FLOWSPEC, "0b 0118c00002 038106 048119", "0118c00002 038106 048119", "",
		  "dst 192.0.2.0/24 proto =6 port =25" },
		{ BGP_IPV4_FLOWSPEC, "10 0118c00002 0208cb 04 0389 458b 911f90",
		  "0118c00002 0208cb 04 0389 458b 911f90", "",
		  "dst 192.0.2.0/24 src 203.0.0.0/8 port >=137&<=139,=8080" },
		{ BGP_IPV4_FLOWSPEC, "09 0120c0000201 0c8005", "0120c0000201 0c8005", "",
		  "dst 192.0.2.1/32 fragment 0x5" },
	};

	(void)state;
	nlri_cases(cases, ARRAY_SIZE(cases));
}

static void test_every_component(void **state)
{
	static const struct nlri_case cases[] = {
		{ BGP_IPV4_FLOWSPEC, "03 038111", "038111", "", "proto =17" },
		{ BGP_IPV4_FLOWSPEC, "04 05910050", "05910050", "", "dst-port =80" },
		{ BGP_IPV4_FLOWSPEC, "06 06a100000050", "06a100000050", "", "src-port =80" },
		{ BGP_IPV4_FLOWSPEC, "0a 06b10000000000000050", "06b10000000000000050", "",
		  "src-port =80" },
		{ BGP_IPV4_FLOWSPEC, "06 078108 088100", "078108 088100", "",
		  "icmp-type =8 icmp-code =0" },
		{ BGP_IPV4_FLOWSPEC, "05 0901028112", "0901028112", "", "tcp-flags =0x2,=0x12" },
		{ BGP_IPV4_FLOWSPEC, "06 09030291 0fff", "090302910fff", "",
		  "tcp-flags !=0x2,=0xfff" },
		{ BGP_IPV4_FLOWSPEC, "04 0a9605dc", "0a9605dc", "", "length !=1500" },
		{ BGP_IPV4_FLOWSPEC, "03 0b812e", "0b812e", "", "dscp =46" },
		{ BGP_IPV4_FLOWSPEC, "03 038006", "038006", "", "proto false" },
		{ BGP_IPV4_FLOWSPEC, "03 038706", "038706", "", "proto true" },
		{ BGP_IPV4_FLOWSPEC, "02 0100", "0100", "", "dst 0.0.0.0/0" },
	};

	(void)state;
	nlri_cases(cases, ARRAY_SIZE(cases));
}

static void test_ipv6(void **state)
{
	static const struct nlri_case cases[] = {
		/* RFC 8956 3 */
		{ BGP_IPV6_FLOWSPEC, "0a 01200020010db8 038106", "01200020010db8 038106", "",
		  "dst 2001:db8::/32 proto =6" },
		{ BGP_IPV6_FLOWSPEC, "08 02684012345678 9a", "026840123456789a", "",
		  "src ::1234:5678:9a00:0/64-104" },
		{ BGP_IPV6_FLOWSPEC, "06 0da100012345", "0da100012345", "", "flow-label =74565" },
		{ BGP_IPV6_FLOWSPEC, "03 010000", "010000", "", "dst ::/0" },
	};

	(void)state;
	nlri_cases(cases, ARRAY_SIZE(cases));
	nlri_wrong(BGP_IPV6_FLOWSPEC, false, "04 01202020", BGP_TREAT_AS_WITHDRAW, "offset");
	nlri_wrong(BGP_IPV6_FLOWSPEC, false, "03 010001", BGP_TREAT_AS_WITHDRAW, "offset");
	nlri_wrong(BGP_IPV6_FLOWSPEC, false, "03 018100", BGP_TREAT_AS_WITHDRAW, "prefix length");
	/* a flow label is not in IPv4 */
	nlri_wrong(BGP_IPV4_FLOWSPEC, false, "06 0da100012345", BGP_TREAT_AS_WITHDRAW, "unknown");
}

static void test_bits_behind_a_prefix_are_no_part_of_the_key(void **state)
{
	(void)state;
	nlri_withdrawn(BGP_IPV4_FLOWSPEC, "0c 0114c0000f 0209cbff 038106",
		       "0114c00000 0209cb80 038106", "0c 0114c00000 0209cb80 038106");
	nlri_withdrawn(BGP_IPV6_FLOWSPEC, "0b 01210020010db8ff 038106", "01210020010db880 038106",
		       "0b 01210020010db880 038106");
	nlri_withdrawn(BGP_IPV6_FLOWSPEC, "05 02251cffff", "02251cff80", "05 02251cff80");
	nlri_withdrawn(BGP_IPV4_VPN_FLOWSPEC, "0c 0000fde800000001 0109ffff",
		       "0000fde800000001 0109ff80", "0c 0000fde800000001 0109ff80");
}

/* RFC 8955 4.2.1: reserved bits of operators, and the AND bit of the first; 4.2.2.12, 8956 3.6: of
 * the fragment's bits. They are written as zero. */
static void test_ignored_bits_are_no_part_of_the_key(void **state)
{
	(void)state;
	nlri_withdrawn(BGP_IPV4_FLOWSPEC, "03 03c906", "038106", "03 038106");
	/* >= 137 and <= 139, or 8080: the AND bit of the second stays */
	nlri_withdrawn(BGP_IPV4_FLOWSPEC, "08 044b89 4d8b 991f90", "040389 458b 911f90",
		       "08 040389 458b 911f90");
	nlri_withdrawn(BGP_IPV4_FLOWSPEC, "03 09cd02", "098102", "03 098102");
	nlri_withdrawn(BGP_IPV4_FLOWSPEC, "09 090f02 9d0fff 0c81ff", "090302 910fff 0c810f",
		       "09 090302 910fff 0c810f");
	nlri_withdrawn(BGP_IPV6_FLOWSPEC, "03 0c81ff", "0c810e", "03 0c810e");
	nlri_withdrawn(BGP_IPV4_VPN_FLOWSPEC, "0b 0000fde800000001 03c906",
		       "0000fde800000001 038106", "0b 0000fde800000001 038106");
}

static void test_vpn(void **state)
{
	static const struct nlri_case cases[] = {
		{ BGP_IPV4_VPN_FLOWSPEC, "0b 0000fde800000001 038106", "0000fde800000001 038106",
		  "", "65000:1 proto =6" },
		{ BGP_IPV6_VPN_FLOWSPEC, "0f 00010a0000010001 01200020010db8",
		  "00010a0000010001 01200020010db8", "", "10.0.0.1:1 dst 2001:db8::/32" },
	};

	(void)state;
	nlri_cases(cases, ARRAY_SIZE(cases));
	nlri_wrong(BGP_IPV4_VPN_FLOWSPEC, false, "07 0000fde8000000", BGP_DISABLE_FAMILY,
		   "route distinguisher");
	nlri_wrong(BGP_IPV4_VPN_FLOWSPEC, false, "08 0000fde800000001", BGP_TREAT_AS_WITHDRAW,
		   "no component");
}

/* RFC 8955 4.2: such an NLRI is malformed; its length tells where the next one is. */
static void test_malformed_inside_is_treated_as_withdraw(void **state)
{
	static const struct {
		const char *bytes;
		const char *text;
	} wrong[] = {
		{ "06 038106 038111", "ascending" },  { "08 038106 0118c00002", "ascending" },
		{ "03 008106", "unknown" },	      { "03 0d8106", "unknown" },
		{ "03 ff8106", "unknown" },	      { "01 03", "the last" },
		{ "03 030106", "the last" },	      { "03 039106", "the last" },
		{ "04 0118c000", "cut off" },	      { "03 012118", "prefix length" },
		{ "06 09a100000002", "more octets" }, { "04 0b91002e", "more octets" },
		{ "04 0c910001", "more octets" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		nlri_wrong(BGP_IPV4_FLOWSPEC, false, wrong[i].bytes, BGP_TREAT_AS_WITHDRAW,
			   wrong[i].text);
		/* who withdraws it need not explain it */
		nlri_wrong(BGP_IPV4_FLOWSPEC, true, wrong[i].bytes, BGP_OK, "");
	}
}

static void test_an_empty_one_is_left_out(void **state)
{
	struct bgp_nlri_run run = { .family = BGP_IPV4_FLOWSPEC, .mp = true };
	struct hex bytes = hex("00 03 038106 f000");
	static struct bgp_nlri nlri;

	(void)state;
	nlri_wrong(BGP_IPV4_FLOWSPEC, false, "00 03 038106 f000", BGP_TREAT_AS_WITHDRAW,
		   "no component");
	run.reader = reader_of(bytes.bytes, bytes.length);
	assert_true(bgp_nlri_next(&run, false, &nlri));
	nlri_bytes_are(nlri.key, nlri.key_length, "038106");
	assert_false(bgp_nlri_next(&run, false, &nlri));
}

static void test_length_of_two_octets(void **state)
{
	struct bgp_nlri_run run = { .family = BGP_IPV4_FLOWSPEC, .mp = true };
	static struct bgp_nlri nlri;
	static uint8_t bytes[5000], again[5000];

	(void)state;
	for (size_t pairs = 115; pairs < 2047; pairs += pairs < 125 ? 1 : 961) {
		struct writer w = writer_of(bytes, sizeof(bytes));
		size_t length = 1 + 2 * pairs;

		if (length < 240)
			writer_u8(&w, (uint8_t)length);
		else
			writer_u16(&w, (uint16_t)(0xf000 | length));
		writer_u8(&w, 4);
		for (size_t i = 1; i <= pairs; i++) {
			writer_u8(&w, i == pairs ? 0x81 : 0x01);
			writer_u8(&w, (uint8_t)i);
		}
		assert_int_equal(nlri_judge(BGP_IPV4_FLOWSPEC, false, false, bytes,
					    writer_length(&w), NULL, NULL),
				 BGP_OK);
		run.reader = reader_of(bytes, writer_length(&w));
		assert_true(bgp_nlri_next(&run, false, &nlri));
		assert_int_equal(nlri.key_length, length);
		assert_int_equal(
			nlri_write(BGP_IPV4_FLOWSPEC, &nlri, false, false, again, sizeof(again)),
			writer_length(&w));
		assert_memory_equal(again, bytes, writer_length(&w));
	}
	/* a short length in two octets is right, and written in one */
	nlri_withdrawn(BGP_IPV4_FLOWSPEC, "f003 038106", "038106", "03 038106");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_every_component),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_bits_behind_a_prefix_are_no_part_of_the_key),
		cmocka_unit_test(test_ignored_bits_are_no_part_of_the_key),
		cmocka_unit_test(test_vpn),
		cmocka_unit_test(test_malformed_inside_is_treated_as_withdraw),
		cmocka_unit_test(test_an_empty_one_is_left_out),
		cmocka_unit_test(test_length_of_two_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

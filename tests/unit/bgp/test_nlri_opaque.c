/*
 * Tests of bgp/nlri: multicast VPN, BGP-LS, VPLS.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "nlri_case.h"

#define RD1 "0000fde800000001"
#define NODE "0100 0018 0200 0004 0000fde8 0201 0004 00000000 0203 0004 0a000001"
#define NODE2 "0101 0018 0200 0004 0000fde8 0201 0004 00000000 0203 0004 0a000002"

static void test_mvpn(void **state)
{
	static const struct nlri_case cases[] = {
		/* RFC 6514 4.1 (I-PMSI), 4.3 (S-PMSI), 4.4 (Leaf) */
		{ BGP_IPV4_MVPN, "01 0c " RD1 "0a000001", "01 " RD1 "0a000001", "",
		  "[1][65000:1][10.0.0.1]" },
		{ BGP_IPV4_MVPN, "03 16 " RD1 "20c0000201 20e8000001 0a000001",
		  "03 " RD1 "20c0000201 20e8000001 0a000001", "",
		  "[3][65000:1][32][192.0.2.1][32][232.0.0.1][10.0.0.1]" },
		{ BGP_IPV6_MVPN, "04 04 01020304", "04 01020304", "", "[4][01020304]" },
		/* 4.2, 4.5, 4.6; RFC 6625 3: a source that is any */
		{ BGP_IPV4_MVPN, "02 0c " RD1 "0000fde8", "02 " RD1 "0000fde8", "",
		  "[2][65000:1][65000]" },
		{ BGP_IPV6_MVPN,
		  "05 2a " RD1
		  "80 20010db8000000000000000000000001 80 ff3e0000000000000000000000000009",
		  "05 " RD1
		  "80 20010db8000000000000000000000001 80 ff3e0000000000000000000000000009",
		  "", "[5][65000:1][128][2001:db8::1][128][ff3e::9]" },
		{ BGP_IPV4_MVPN, "06 12 " RD1 "0000fde8 00 20e8000001",
		  "06 " RD1 "0000fde8 00 20e8000001", "", "[6][65000:1][65000][0][32][232.0.0.1]" },
		/* what is not as it should be is carried, and shown as digits from there on */
		{ BGP_IPV4_MVPN, "05 0a " RD1 "21 c0", "05 " RD1 "21 c0", "",
		  "[5][65000:1][21c0]" },
		{ BGP_IPV4_MVPN, "07 0a " RD1 "0102", "07 " RD1 "0102", "", "[7][65000:1][0102]" },
		{ BGP_IPV4_MVPN, "01 0b " RD1 "0a0000", "01 " RD1 "0a0000", "",
		  "[1][65000:1][0a0000]" },
		{ BGP_IPV6_MVPN, "07 00", "07", "", "[7]" },
	};

	(void)state;
	nlri_cases(cases, ARRAY_SIZE(cases));
	nlri_wrong(BGP_IPV4_MVPN, false, "01 0c " RD1, BGP_DISABLE_FAMILY, "cut off");
}

static void test_link_state(void **state)
{
	static const struct nlri_case cases[] = {
		/* RFC 9552 5.2: node, link */
		{ BGP_LINK_STATE, "0001 0025 02 0000000000000007" NODE,
		  "0001 0025 02 0000000000000007" NODE, "",
		  "[node][isis-l2][identifier 7][local as 65000 bgp-ls-id 0 router 10.0.0.1]" },
		{ BGP_LINK_STATE, "0002 0049 02 0000000000000000" NODE NODE2 "0103 0004 0a000001",
		  "0002 0049 02 0000000000000000" NODE NODE2 "0103 0004 0a000001", "",
		  "[link][isis-l2][identifier 0][local as 65000 bgp-ls-id 0 router 10.0.0.1]"
		  "[remote as 65000 bgp-ls-id 0 router 10.0.0.2][interface 10.0.0.1]" },
		{ BGP_LINK_STATE_VPN, "0001 002d " RD1 "02 0000000000000007" NODE,
		  "0001 002d " RD1 "02 0000000000000007" NODE, "",
		  "[node][65000:1][isis-l2][identifier 7]"
		  "[local as 65000 bgp-ls-id 0 router 10.0.0.1]" },
		/* 5.2.1.4: routers of IS-IS and OSPF, and their pseudonodes; areas */
		{ BGP_LINK_STATE, "0001 0017 01 0000000000000000 0100 000a 0203 0006 192000020001",
		  "0001 0017 01 0000000000000000 0100 000a 0203 0006 192000020001", "",
		  "[node][isis-l1][identifier 0][local router 1920.0002.0001]" },
		{ BGP_LINK_STATE,
		  "0001 0018 02 0000000000000000 0100 000b 0203 0007 19200002000102",
		  "0001 0018 02 0000000000000000 0100 000b 0203 0007 19200002000102", "",
		  "[node][isis-l2][identifier 0][local router 1920.0002.0001-02]" },
		{ BGP_LINK_STATE,
		  "0001 0021 03 0000000000000000 0100 0014 0202 0004 00000001 0203 0008 c0000201 "
		  "c0000202",
		  "0001 0021 03 0000000000000000 0100 0014 0202 0004 00000001 0203 0008 c0000201 "
		  "c0000202",
		  "",
		  "[node][ospfv2][identifier 0][local area 0.0.0.1 router 192.0.2.1:192.0.2.2]" },
		/* 5.2.2, 5.2.3 */
		{ BGP_LINK_STATE,
		  "0002 0019 06 0000000000000000 0102 0008 00000001 00000002 0107 0000",
		  "0002 0019 06 0000000000000000 0102 0008 00000001 00000002 0107 0000", "",
		  "[link][ospfv3][identifier 0][link-ids 1/2][263]" },
		{ BGP_LINK_STATE, "0003 0011 03 0000000000000000 0109 0004 18c00002",
		  "0003 0011 03 0000000000000000 0109 0004 18c00002", "",
		  "[ipv4-prefix][ospfv2][identifier 0][prefix 192.0.2.0/24]" },
		{ BGP_LINK_STATE, "0004 0012 fe 0000000000000000 0109 0005 2020010db8",
		  "0004 0012 fe 0000000000000000 0109 0005 2020010db8", "",
		  "[ipv6-prefix][protocol 254][identifier 0][prefix 2001:db8::/32]" },
		/* values that are not as they should be, and TLVs without a name here */
		{ BGP_LINK_STATE,
		  "0003 001a 03 0000000000000000 0108 0001 02 0109 0002 2100 0111 0002 0102",
		  "0003 001a 03 0000000000000000 0108 0001 02 0109 0002 2100 0111 0002 0102", "",
		  "[ipv4-prefix][ospfv2][identifier 0][264 0x02][prefix 0x2100][273 0x0102]" },
		/* a type that nobody here knows is passed on (5.2) */
		{ BGP_LINK_STATE, "ffff 0002 0102", "ffff 0002 0102", "", "[65535][0102]" },
		{ BGP_LINK_STATE, "0063 0000", "0063 0000", "", "[99][]" },
	};

	(void)state;
	nlri_cases(cases, ARRAY_SIZE(cases));
}

/* RFC 9552 8.2.2: what can be stepped over is left out alone. */
static void test_link_state_that_is_wrong_inside_is_discarded(void **state)
{
	static const struct {
		const char *bytes;
		const char *text;
	} wrong[] = {
		{ "0001 0008 02 00000000000000", "longer than it" },
		{ "0001 000b 02 0000000000000000 0100", "longer than it" },
		{ "0001 000e 02 0000000000000000 0100 0004 00", "longer than it" },
		{ "0002 0013 02 0000000000000000 0103 0000 0102 0002 0000", "ascending" },
		{ "0001 000f 02 0000000000000000 0100 0002 0200", "sub-TLV is longer" },
		{ "0001 0017 02 0000000000000000 0100 000a 0201 0000 0200 0002 0000",
		  "sub-TLVs of node" },
		{ "0001 0015 02 0000000000000000 0100 0008 0200 0000 0200 0000",
		  "sub-TLVs of node" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct hex good = hex("0063 0001 aa"), bytes = hex(wrong[i].bytes);
		struct bgp_nlri_run run = { .family = BGP_LINK_STATE, .mp = true };
		static struct bgp_nlri nlri;
		uint8_t both[256];

		nlri_wrong(BGP_LINK_STATE, false, wrong[i].bytes, BGP_ATTRIBUTE_DISCARD,
			   wrong[i].text);
		nlri_wrong(BGP_LINK_STATE, true, wrong[i].bytes, BGP_ATTRIBUTE_DISCARD,
			   wrong[i].text);
		memcpy(both, bytes.bytes, bytes.length);
		memcpy(both + bytes.length, good.bytes, good.length);
		run.reader = reader_of(both, bytes.length + good.length);
		assert_true(bgp_nlri_next(&run, false, &nlri));
		nlri_bytes_are(nlri.key, nlri.key_length, "0063 0001 aa");
		assert_false(bgp_nlri_next(&run, false, &nlri));
	}
	nlri_wrong(BGP_LINK_STATE_VPN, false, "0001 0004 00000000", BGP_ATTRIBUTE_DISCARD,
		   "route distinguisher");
	nlri_wrong(BGP_LINK_STATE, false, "0063 0002 aa", BGP_DISABLE_FAMILY, "cut off");
}

static void test_vpls(void **state)
{
	static const struct nlri_case cases[] = {
		/* RFC 4761 3.2.2 */
		{ BGP_VPLS, "0011 " RD1 "0001 0001 0008 c35001", "0011 " RD1 "0001 0001",
		  "0008 c35001", "[65000:1][ve 1][offset 1] size 8 label 800000" },
		/* RFC 6074 3.2.2.1 */
		{ BGP_VPLS, "000c " RD1 "0a000001", "000c " RD1 "0a000001", "",
		  "[65000:1][10.0.0.1]" },
		{ BGP_VPLS, "0002 0102", "0002 0102", "", "[0102]" },
	};

	(void)state;
	nlri_cases(cases, ARRAY_SIZE(cases));
	nlri_withdrawn(BGP_VPLS, "0011 " RD1 "0001 0001 0008 c35001", "0011 " RD1 "0001 0001",
		       "0011 " RD1 "0001 0001 0000 000000");
}

/* To some the whole NLRI is the key: a withdrawal that knows the data says it. */
static void test_vpls_is_withdrawn_as_announced(void **state)
{
	struct hex announced = hex("0011 " RD1 "0001 0001 0008 c35001");
	struct bgp_nlri_run run = { BGP_VPLS, false, reader_of(announced.bytes, announced.length),
				    true };
	static struct bgp_nlri nlri;
	uint8_t again[512];

	(void)state;
	assert_true(bgp_nlri_next(&run, false, &nlri));
	nlri_bytes_are(again, nlri_write(BGP_VPLS, &nlri, true, false, again, sizeof(again)),
		       "0011 " RD1 "0001 0001 0008 c35001");
}

/* 4,098 octets of key are kept; one more, and the NLRI is left out. */
static void test_the_longest_key(void **state)
{
	static const enum bgp_family families[] = { BGP_LINK_STATE, BGP_VPLS };
	static uint8_t bytes[8192];
	static struct bgp_nlri nlri;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		for (size_t over = 0; over < 2; over++) {
			struct bgp_nlri_run run = { .family = families[i], .mp = true };
			size_t head = i == 0 ? 4 : 2;
			size_t value = BGP_NLRI_KEY_BYTES_MAX - head + over;
			struct writer w = writer_of(bytes, sizeof(bytes));
			struct error why = { "" };

			if (i == 0)
				writer_u16(&w, 99);
			writer_u16(&w, (uint16_t)value);
			run.reader = reader_of(bytes, head + value);
			assert_int_equal(nlri_judge(families[i], false, false, bytes, head + value,
						    NULL, &why),
					 over ? BGP_ATTRIBUTE_DISCARD : BGP_OK);
			assert_int_equal(bgp_nlri_next(&run, false, &nlri), !over);
			if (!over)
				assert_int_equal(nlri.key_length, BGP_NLRI_KEY_BYTES_MAX);
			else
				assert_non_null(strstr(why.text, "left out"));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mvpn),
		cmocka_unit_test(test_link_state),
		cmocka_unit_test(test_link_state_that_is_wrong_inside_is_discarded),
		cmocka_unit_test(test_vpls),
		cmocka_unit_test(test_vpls_is_withdrawn_as_announced),
		cmocka_unit_test(test_the_longest_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Tests of bgp/nlri: EVPN.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "nlri_case.h"

#define RD1 "0000fde800000001"
#define ESI "00112233445566778899"
#define ZERO_ESI "00000000000000000000"
#define MAC "02005e100001"
#define V6 "20010db8000000000000000000000001"

static const struct nlri_case cases[] = {
	/* RFC 7432 7.1 */
	{ BGP_EVPN,
	  "01 19 " RD1 ESI "0000000a"
	  "000641",
	  "01 " RD1 ESI "0000000a", "000641",
	  "[1][65000:1][00:11:22:33:44:55:66:77:88:99][10] label 100 (vni 1601)" },
	/* 7.2, without an address, with one, with two labels */
	{ BGP_EVPN,
	  "02 21 " RD1 ESI "00000000"
	  "30" MAC "00"
	  "000641",
	  "02 " RD1 "00000000"
	  "30" MAC "00",
	  ESI "000641",
	  "[2][65000:1][0][48][02:00:5e:10:00:01][0] esi 00:11:22:33:44:55:66:77:88:99 "
	  "label 100 (vni 1601)" },
	{ BGP_EVPN,
	  "02 28 " RD1 ZERO_ESI "00000000"
	  "30" MAC "20"
	  "c0000201"
	  "000641"
	  "000c81",
	  "02 " RD1 "00000000"
	  "30" MAC "20"
	  "c0000201",
	  ZERO_ESI "000641"
		   "000c81",
	  "[2][65000:1][0][48][02:00:5e:10:00:01][32][192.0.2.1] "
	  "esi 00:00:00:00:00:00:00:00:00:00 label 100 (vni 1601) label 200 (vni 3201)" },
	{ BGP_EVPN,
	  "02 31 " RD1 ZERO_ESI "00000000"
	  "30" MAC "80" V6 "000641",
	  "02 " RD1 "00000000"
	  "30" MAC "80" V6,
	  ZERO_ESI "000641",
	  "[2][65000:1][0][48][02:00:5e:10:00:01][128][2001:db8::1] "
	  "esi 00:00:00:00:00:00:00:00:00:00 label 100 (vni 1601)" },
	/* 7.3 */
	{ BGP_EVPN,
	  "03 11 " RD1 "00000000"
	  "20"
	  "c0000201",
	  "03 " RD1 "00000000"
	  "20"
	  "c0000201",
	  "", "[3][65000:1][0][32][192.0.2.1]" },
	{ BGP_EVPN,
	  "03 1d " RD1 "00000000"
	  "80" V6,
	  "03 " RD1 "00000000"
	  "80" V6,
	  "", "[3][65000:1][0][128][2001:db8::1]" },
	/* 7.4 */
	{ BGP_EVPN,
	  "04 17 " RD1 ESI "20"
	  "c0000201",
	  "04 " RD1 ESI "20"
	  "c0000201",
	  "", "[4][65000:1][00:11:22:33:44:55:66:77:88:99][32][192.0.2.1]" },
	/* RFC 9136 3.1 */
	{ BGP_EVPN,
	  "05 22 " RD1 ZERO_ESI "00000000"
	  "18"
	  "c0000200"
	  "0a000001"
	  "000641",
	  "05 " RD1 "00000000"
	  "18"
	  "c0000200",
	  ZERO_ESI "0a000001"
		   "000641",
	  "[5][65000:1][0][24][192.0.2.0] esi 00:00:00:00:00:00:00:00:00:00 gateway 10.0.0.1 "
	  "label 100 (vni 1601)" },
	{ BGP_EVPN,
	  "05 3a " RD1 ZERO_ESI "00000000"
	  "40"
	  "20010db8000000000000000000000000"
	  "00000000000000000000000000000000"
	  "000641",
	  "05 " RD1 "00000000"
	  "40"
	  "20010db8000000000000000000000000",
	  ZERO_ESI "00000000000000000000000000000000"
		   "000641",
	  "[5][65000:1][0][64][2001:db8::] esi 00:00:00:00:00:00:00:00:00:00 gateway :: "
	  "label 100 (vni 1601)" },
	/* RFC 9251 9.1, 9.2, 9.3: (*, 239.1.1.1) from 192.0.2.1 */
	{ BGP_EVPN, "06 18 " RD1 "00000007 00 20 ef010101 20 c0000201 02",
	  "06 " RD1 "00000007 00 20 ef010101 20 c0000201", "02",
	  "[6][65000:1][000000070020ef01010120c0000201] flags 0x02" },
	{ BGP_EVPN, "07 22 " RD1 ESI "00000007 00 20 ef010101 20 c0000201 04",
	  "07 " RD1 ESI "00000007 00 20 ef010101 20 c0000201", "04",
	  "[7][65000:1][00112233445566778899000000070020ef01010120c0000201] flags 0x04" },
	{ BGP_EVPN, "08 27 " RD1 ESI "00000007 00 20 ef010101 20 c0000201 00000000 64 02",
	  "08 " RD1 ESI "00000007 00 20 ef010101 20 c0000201", "000000006402",
	  "[8][65000:1][00112233445566778899000000070020ef01010120c0000201] response-time 100 "
	  "flags 0x02" },
	/* RFC 9572 3.1, 3.3 */
	{ BGP_EVPN, "09 14 " RD1 "00000007 0000000000000001", "09 " RD1 "00000007 0000000000000001",
	  "", "[9][65000:1][000000070000000000000001]" },
	{ BGP_EVPN, "0b 0c 0a010203040506 07 0a000001", "0b 0a010203040506 07 0a000001", "",
	  "[11][0a010203040506070a000001]" },
	/* types that nobody here knows are keys as a whole */
	{ BGP_EVPN, "0a 04 01020304", "0a 01020304", "", "[10][01020304]" },
	{ BGP_EVPN, "ff 00", "ff", "", "[255][]" },
};

static void test_each_type(void **state)
{
	(void)state;
	nlri_cases(cases, ARRAY_SIZE(cases));
}

static void test_withdrawals_have_the_key_alone(void **state)
{
	(void)state;
	nlri_withdrawn(BGP_EVPN,
		       "01 19 " RD1 ESI "0000000a"
		       "000641",
		       "01 " RD1 ESI "0000000a",
		       "01 19 " RD1 ESI "0000000a"
		       "000000");
	nlri_withdrawn(BGP_EVPN,
		       "02 28 " RD1 ESI "00000000"
		       "30" MAC "20"
		       "c0000201"
		       "000641"
		       "000c81",
		       "02 " RD1 "00000000"
		       "30" MAC "20"
		       "c0000201",
		       "02 25 " RD1 ZERO_ESI "00000000"
		       "30" MAC "20"
		       "c0000201"
		       "000000");
	nlri_withdrawn(BGP_EVPN,
		       "05 22 " RD1 ESI "00000000"
		       "18"
		       "c0000200"
		       "0a000001"
		       "000641",
		       "05 " RD1 "00000000"
		       "18"
		       "c0000200",
		       "05 22 " RD1 ZERO_ESI "00000000"
		       "18"
		       "c0000200"
		       "00000000"
		       "000000");
}

/* RFC 9251: the flags are no part of the key, so what changes them is no other route. */
static void test_multicast_withdrawn(void **state)
{
	(void)state;
	nlri_withdrawn(BGP_EVPN, "06 18 " RD1 "00000007 00 20 ef010101 20 c0000201 02",
		       "06 " RD1 "00000007 00 20 ef010101 20 c0000201",
		       "06 18 " RD1 "00000007 00 20 ef010101 20 c0000201 00");
	nlri_withdrawn(BGP_EVPN,
		       "08 27 " RD1 ESI "00000007 00 20 ef010101 20 c0000201 00000000 64 02",
		       "08 " RD1 ESI "00000007 00 20 ef010101 20 c0000201",
		       "08 27 " RD1 ESI "00000007 00 20 ef010101 20 c0000201 00000000 00 00");
}

static void test_bits_behind_a_prefix_are_no_part_of_the_key(void **state)
{
	(void)state;
	nlri_withdrawn(BGP_EVPN,
		       "05 22 " RD1 ZERO_ESI "00000000"
		       "14"
		       "c0000fff"
		       "00000000"
		       "000000",
		       "05 " RD1 "00000000"
		       "14"
		       "c0000000",
		       "05 22 " RD1 ZERO_ESI "00000000"
		       "14"
		       "c0000000"
		       "00000000"
		       "000000");
}

static void test_lengths_that_do_not_suit(void **state)
{
	static const struct {
		const char *bytes;
		const char *text;
	} wrong[] = {
		{ "01 18 " RD1 ESI "0000000a"
		  "0006",
		  "route type" },
		{ "01 1a " RD1 ESI "0000000a"
		  "00064100",
		  "route type" },
		{ "02 21 " RD1 ESI "00000000"
		  "2f" MAC "00"
		  "000641",
		  "must be 48" },
		{ "02 21 " RD1 ESI "00000000"
		  "30" MAC "18"
		  "000641",
		  "32 or 128" },
		{ "02 22 " RD1 ESI "00000000"
		  "30" MAC "00"
		  "00064100",
		  "route type" },
		{ "02 27 " RD1 ESI "00000000"
		  "30" MAC "00"
		  "000641"
		  "000641"
		  "000641",
		  "route type" },
		{ "03 0d " RD1 "00000000"
		  "00",
		  "32 or 128" },
		{ "03 11 " RD1 "00000000"
		  "80"
		  "c0000201",
		  "route type" },
		{ "04 13 " RD1 ESI "00", "32 or 128" },
		{ "05 21 " RD1 ZERO_ESI "00000000"
		  "18"
		  "c0000200"
		  "0a000001"
		  "0006",
		  "34 or 58" },
		{ "05 22 " RD1 ZERO_ESI "00000000"
		  "21"
		  "c0000200"
		  "0a000001"
		  "000641",
		  "prefix length" },
		{ "05 00", "34 or 58" },
		{ "06 00", "route type" },
		{ "08 05 0000000000", "route type" },
		{ "01 00", "route type" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		nlri_wrong(BGP_EVPN, false, wrong[i].bytes, BGP_DISABLE_FAMILY, wrong[i].text);
		nlri_wrong(BGP_EVPN, true, wrong[i].bytes, BGP_DISABLE_FAMILY, wrong[i].text);
	}
}

/* RFC 9136 3.2 */
static void test_a_prefix_with_two_overlay_indexes_is_treated_as_withdraw(void **state)
{
	static const char both[] = "05 22 " RD1 ESI "00000000"
				   "18"
				   "c0000200"
				   "0a000001"
				   "000641";

	(void)state;
	nlri_wrong(BGP_EVPN, false, both, BGP_TREAT_AS_WITHDRAW, "both");
	nlri_wrong(BGP_EVPN, true, both, BGP_OK, "");
	nlri_wrong(BGP_EVPN, false,
		   "05 22 " RD1 ESI "00000000"
		   "18"
		   "c0000200"
		   "00000000"
		   "000641",
		   BGP_OK, "");
}

/* CVE-2017-12319, CVE-2026-5107: the length of the address against that of the NLRI. */
static void test_every_address_length_with_every_length(void **state)
{
	static const struct {
		uint8_t type;
		size_t at; /* of the length of the address, in the value */
		size_t behind[2];
		bool none; /* an address may be absent */
	} types[] = { { 2, 29, { 3, 6 }, true }, { 3, 12, { 0, 0 } }, { 4, 18, { 0, 0 } } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		for (unsigned bits = 0; bits < 256; bits++)
			for (size_t length = types[i].at + 1; length < 64; length++) {
				uint8_t bytes[66] = { types[i].type, (uint8_t)length };
				size_t rest = length - types[i].at - 1 - bits / 8;
				bool fits =
					bits == 32 || bits == 128 || (bits == 0 && types[i].none);
				struct bgp_notification n = { 0 };

				if (types[i].type == 2)
					bytes[2 + 22] = 48;
				bytes[2 + types[i].at] = (uint8_t)bits;
				fits = fits &&
				       (rest == types[i].behind[0] || rest == types[i].behind[1]);
				assert_int_equal(nlri_judge(BGP_EVPN, false, false, bytes,
							    2 + length, &n, NULL),
						 fits ? BGP_OK : BGP_DISABLE_FAMILY);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_type),
		cmocka_unit_test(test_withdrawals_have_the_key_alone),
		cmocka_unit_test(test_multicast_withdrawn),
		cmocka_unit_test(test_bits_behind_a_prefix_are_no_part_of_the_key),
		cmocka_unit_test(test_lengths_that_do_not_suit),
		cmocka_unit_test(test_every_address_length_with_every_length),
		cmocka_unit_test(test_a_prefix_with_two_overlay_indexes_is_treated_as_withdraw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

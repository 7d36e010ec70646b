/*
 * Tests of bgp/attrs_carried: the attributes that are only carried.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "attrs_rows.h"

static void test_carried_attributes_are_checked(void **state)
{
	static const struct row rows[] = {
		/* RFC 7606 7.15 */
		{ "c01914 0002000000000000000000000000000000000000", BGP_OK },
		{ "c01908 0000000000000000", W },
		{ "c01900", W },
		/* Prefix-SID, RFC 8669 6; the incident of 20 May 2025 */
		{ "c0280a 01 0007 00000000000001", BGP_OK },
		{ "c0280b 03 0008 0000 003e80 001f40", BGP_OK },
		{ "c02811 03 000e 0000 003e80 001f40 005dc0 001f40", BGP_OK },
		{ "c02806 63 0003 010203", BGP_OK }, /* unknown TLVs are passed on */
		{ "c0280a 00000000000000000000", D },
		{ "c02809 01 0006 000000000000", D },
		{ "c02805 03 0002 0000", D }, /* no range */
		{ "c0280a 03 0007 0000 003e80 0000", D },
		{ "c02806 05 0009 000000", D },
		{ "c02804 05 0000 01", D },
		{ "c02800", D },
		{ "80280a 01 0007 00000000000001", W },
		/* BGP-LS, RFC 9552 8.2.2 */
		{ "801d08 0404 0004 0a000001", BGP_OK },
		{ "801d04 ffff 0000", BGP_OK },
		{ "801d00", D }, /* RFC 7606 4 */
		{ "801d08 0404 0005 0a000001", D },
		{ "801d03 040400", D },
		{ "c01d08 0404 0004 0a000001", W },
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), &ibgp);
	/* RFC 8669 4: not from an external peer */
	assert_int_equal(with("c0280a 01 0007 00000000000001", &ebgp), D);
	assert_int_equal(attrs.unknown_bytes, 0);
	/* they go on as they came: Partial stays what it was */
	assert_int_equal(
		with("e0280a 01 0007 00000000000001 c01605 0000000000 c0ff00 801d04 04040000",
		     &ibgp),
		BGP_OK);
	assert_bytes_equal(attrs.unknown, attrs.unknown_bytes,
			   "c01605 0000000000 801d04 04040000 e0280a 01 0007 00000000000001"
			   "e0ff00");
}

static void test_rfc6514_5_pmsi(void **state)
{
	static const struct row rows[] = {
		{ "c01605 00 00 000000", BGP_OK },
		{ "c01604 00 00 0000", W },
		{ "c01600", W },
		{ "801605 00 00 000000", W },
		{ "c01611 00 01 000000 0a000001 0000 0001 00000001", BGP_OK }, /* RSVP-TE */
		{ "c0160d 00 01 000000 0a000001 00000001", W },
		/* mLDP: a FEC of type 6, IPv4, with an opaque value */
		{ "c01613 00 02 000000 06 0001 04 0a000001 0004 01000100", BGP_OK },
		{ "c01613 00 02 000000 06 0001 04 0a000001 0005 01000100", W },
		{ "c01613 00 07 000000 06 0001 04 0a000001 0003 01000100", W },
		{ "c0160d 00 03 000000 0a000001 e8000001", BGP_OK },
		{ "c01609 00 04 000000 0a000001", W },
		{ "c01625 00 05 000000 20010db8000000000000000000000001"
		  "ff3e0000000000000000000000000001",
		  BGP_OK },
		{ "c01609 00 06 000064 0a000001", BGP_OK }, /* ingress replication */
		{ "c01615 00 06 000064 20010db8000000000000000000000001", BGP_OK },
		{ "c01605 00 06 000064", W },
		{ "c0160a 00 06 000064 0a000001ff", W },
		{ "c01606 00 7b 000064 ff", BGP_OK }, /* not known here */
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), &ibgp);
}

#define ENDPOINT "060a 00000000 0001 0a000001"

/* CVE-2023-38802 */
static void test_rfc9012_13_tunnels(void **state)
{
	static const struct row rows[] = {
		{ "c01710 0008 000c" ENDPOINT, BGP_OK },
		{ "c01717 0008 0013" ENDPOINT "81 0004 00000000", BGP_OK },
		{ "c01710 ffff 000c" ENDPOINT, BGP_OK }, /* a type that nobody knows */
		{ "c0171c 0008 0018 0616 00000000 0002 20010db8000000000000000000000001", BGP_OK },
		{ "c0170c 0008 0008 0606 00000000 0000", BGP_OK }, /* the route's next hop */
		/* no endpoint, or two, or malformed ones: then the tunnel is out, and it was alone
		 */
		{ "c01704 0007 0000", W },
		{ "c0171c 0008 0018" ENDPOINT ENDPOINT, W },
		{ "c0170c 0008 0008 0606 00000000 0001", W },
		{ "c01710 0008 000c 060a 00000000 0002 0a000001", W },
		{ "c01710 0008 000c 060a 00000000 0063 0a000001", W }, /* another family */
		{ "c01710 0008 000c 060a 00000000 0001 7f000001", W }, /* a martian */
		{ "c01710 0008 000c 060a 00000000 0001 a9fe0001", W },
		{ "c01709 0008 0005 0603 000000", W },
		/* what cannot be cut */
		{ "c01708 0007 0004 01 ff 0000", W },
		{ "c01706 0007 0004 0000", W },
		{ "c01712 0008 000e" ENDPOINT "8100", W },
		{ "c01711 0008 000d" ENDPOINT "04", W },
		{ "c01703 000700", W },
		{ "c01700", W },
		{ "801710 0008 000c" ENDPOINT, W },
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), &ibgp);
	/* a bad one among good ones is taken out */
	assert_int_equal(with("c0172c 0008 000c" ENDPOINT "0002 000c 060a 00000000 0001 7f000001"
			      "000b 0008 0606 00000000 0000",
			      &ibgp),
			 D);
	assert_bytes_equal(attrs.unknown, attrs.unknown_bytes,
			   "c0171c 0008 000c" ENDPOINT "000b 0008 0606 00000000 0000");
	assert_int_equal(with("d017001a 0002 0006 0604 00000000 0008 000c" ENDPOINT, &ibgp), D);
	assert_bytes_equal(attrs.unknown, attrs.unknown_bytes, "d0170010 0008 000c" ENDPOINT);
	/* 6: in a family that it does not name an endpoint may be missing */
	assert_int_equal(decode(ORIGIN AS_PATH "c01704 000f 0000"
					       "800e09 000149 04 0a000001 00",
				&ibgp),
			 BGP_OK);
	assert_bytes_equal(attrs.unknown, attrs.unknown_bytes, "c01704 000f 0000");
}

static void test_rfc7606_7_16_attr_set(void **state)
{
	static const struct row rows[] = {
		{ "c08004 0000fde9", BGP_OK },
		{ "c08008 0000fde9 40010100", BGP_OK },
		{ "c0800d 0000fde9 400206 0201 000000c8", BGP_OK },
		{ "c08003 0000fd", W },
		{ "c08000", W },
		{ "808008 0000fde9 40010100", W },
		{ "c08007 0000fde9 400105", W },	   /* ends inside an attribute */
		{ "c08008 0000fde9 40010103", W },	   /* what would withdraw the route in it */
		{ "c0800b 0000fde9 400204 0201 00c8", W }, /* AS numbers of 2 octets */
		{ "c08008 0000fde9 80010100", W },
		{ "c08008 0000fde9 406301 01", W },	  /* an unknown well-known one */
		{ "c0800b 0000fde9 c08004 0000fde9", W }, /* one in another */
		{ "c08012 0000fde9 800f03 000101", W },
		{ "c08008 0000fde9 40060100", W }, /* what alone would be discarded */
		{ "c0800a 0000fde9 c00703 0000fd", W },
		{ "c08012 0000fde9 c01a0b 01 000b 0000000000000064", W },
		{ "c08012 0000fde9 801a0b 01 000b 0000000000000064", BGP_OK },
		{ "c0800c 0000fde9 40010100 40010101", D }, /* twice */
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), &ibgp);
	/* what is in it twice is taken out */
	assert_int_equal(with("c08016 0000fde9 40010100 40010101 c00804 00010002 c06300", &ibgp),
			 D);
	assert_bytes_equal(attrs.unknown, attrs.unknown_bytes,
			   "c08012 0000fde9 40010100 c00804 00010002 e06300");
	/* and nothing is touched when all is right */
	assert_int_equal(with("c08012 0000fde9 40010100 c00804 00010002 806300", &ibgp), BGP_OK);
	assert_bytes_equal(attrs.unknown, attrs.unknown_bytes,
			   "c08012 0000fde9 40010100 c00804 00010002 806300");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_carried_attributes_are_checked),
		cmocka_unit_test(test_rfc6514_5_pmsi),
		cmocka_unit_test(test_rfc9012_13_tunnels),
		cmocka_unit_test(test_rfc7606_7_16_attr_set),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

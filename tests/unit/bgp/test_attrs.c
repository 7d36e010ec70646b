/*
 * Tests of bgp/attrs, its table, its encoder and its text.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bgp/attrs.h"

#include "attrs_rows.h"
#include "base/buf.h"
#include "bgp/update.h"

static void test_good(void **state)
{
	(void)state;
	assert_int_equal(decode(GOOD MED LOCAL_PREF "400600 c00708 0000fde9 0a000002"
						    "c00804 ffffff01 800904 0a000003"
						    "800a08 0a000004 0a000005"
						    "c01008 0002fde800000001"
						    "c0200c 000000010000000200000003",
				&ibgp),
			 BGP_OK);
	assert_int_equal(attrs.origin, 0);
	assert_int_equal(attrs.as_path_length, 1);
	assert_int_equal(attrs.neighbor_as.number, 65001);
	assert_int_equal(ip_addr_to_u32(&attrs.next_hop), 0x0a000001);
	assert_int_equal(attrs.next_hop_link_local.family, IP_NONE);
	assert_int_equal(attrs.mp_family, BGP_FAMILY_NONE);
	assert_int_equal(attrs.med, 100);
	assert_int_equal(attrs.local_pref, 150);
	assert_true(attrs.atomic_aggregate);
	assert_int_equal(attrs.aggregator_as, 65001);
	assert_int_equal(attrs.aggregator_address, 0x0a000002);
	assert_true(bgp_attrs_has_community(&attrs, BGP_COMMUNITY_NO_EXPORT));
	assert_false(bgp_attrs_has_community(&attrs, BGP_COMMUNITY_NO_ADVERTISE));
	assert_int_equal(attrs.originator_id, 0x0a000003);
	assert_true(bgp_cluster_list_has(&attrs, 0x0a000005));
	assert_false(bgp_cluster_list_has(&attrs, 0x0a000006));
	assert_int_equal(attrs.extended_communities_bytes, 8);
	assert_int_equal(attrs.large_communities_bytes, 12);
	assert_int_equal(attrs.unknown_bytes, 0);
}

static void test_absent_is_default(void **state)
{
	(void)state;
	assert_int_equal(decode(GOOD, &ibgp), BGP_OK);
	assert_false(bgp_attrs_has(&attrs, BGP_ATTR_LOCAL_PREF));
	assert_int_equal(attrs.local_pref, 100);
	assert_false(bgp_attrs_has(&attrs, BGP_ATTR_MED));
	assert_int_equal(attrs.med, 0);
}

static void test_rfc7606_7_rows(void **state)
{
	static const struct row rows[] = {
		/* 7.4 MULTI_EXIT_DISC */
		{ "800400", W },
		{ "800403 000000", W },
		{ "800405 0000000000", W },
		/* 7.5 LOCAL_PREF */
		{ "400500", W },
		{ "400503 000000", W },
		/* 7.6 ATOMIC_AGGREGATE */
		{ "400601 00", D },
		{ "5006 00ff"
		  "000000000000000000000000000000000000000000000000000000000000000000"
		  "000000000000000000000000000000000000000000000000000000000000000000000000000000"
		  "000000000000000000000000000000000000000000000000000000000000000000000000000000"
		  "000000000000000000000000000000000000000000000000000000000000000000000000000000"
		  "000000000000000000000000000000000000000000000000000000000000000000000000000000"
		  "000000000000000000000000000000000000000000000000000000000000000000000000000000"
		  "000000000000000000000000000000000000000000000000000000",
		  D },
		/* 7.7 AGGREGATOR */
		{ "c00700", D },
		{ "c00706 fde90a000002", D },
		{ "c00707 00fde90a000002", D },
		{ "c00708 000000000a000002", D }, /* RFC 7607 2 */
		/* 7.8 COMMUNITIES */
		{ "c00800", W },
		{ "c00803 000000", W },
		{ "c00806 000000000000", W },
		/* 7.9 ORIGINATOR_ID */
		{ "800900", W },
		{ "800905 0000000000", W },
		/* 7.10 CLUSTER_LIST */
		{ "800a00", W },
		{ "800a05 0000000000", W },
		/* 7.14 EXTENDED_COMMUNITIES */
		{ "c01000", W },
		{ "c01007 00000000000000", W },
		{ "c0100c 000000000000000000000000", W },
		/* RFC 8092 6 */
		{ "c02000", W },
		{ "c0200b 0000000000000000000000", W },
		{ "c02018 000000010000000200000003000000010000000200000003", BGP_OK },
		/* RFC 6793 6: from a speaker of 4 octets */
		{ "c01106 020100000001", D },
		{ "c01208 000000010a000002", D },
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), &ibgp);
}

static void test_rfc7606_7_1_origin(void **state)
{
	(void)state;
	assert_int_equal(decode("40010103" AS_PATH NEXT_HOP, &ibgp), W);
	assert_int_equal(decode("400101ff" AS_PATH NEXT_HOP, &ibgp), W);
	assert_int_equal(decode("400100" AS_PATH NEXT_HOP, &ibgp), W);
	assert_int_equal(decode("4001020000" AS_PATH NEXT_HOP, &ibgp), W);
	assert_int_equal(decode("40010102" AS_PATH NEXT_HOP, &ibgp), BGP_OK);
}

static void test_rfc7606_7_2_as_path(void **state)
{
	static const char *const wrong[] = {
		"400206 0501 0000fde9",
		"400202 0200",
		"400201 02",
		"400206 0202 0000fde9",
		"400207 02010000fde902",
		"400206 0201 00000000", /* RFC 7607 2 */
	};
	char all[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		snprintf(all, sizeof(all), "%s%s%s", ORIGIN, wrong[i], NEXT_HOP);
		assert_int_equal(decode(all, &ibgp), W);
	}
	assert_int_equal(decode(ORIGIN "400200" NEXT_HOP, &ibgp), BGP_OK);
	assert_int_equal(attrs.as_path_length, 0);
	/* RFC 5065 5 */
	assert_int_equal(decode(ORIGIN "400206 0301 0000fde9" NEXT_HOP, &ibgp), BGP_OK);
	assert_int_equal(decode(ORIGIN "400206 0301 0000fde9" NEXT_HOP, &ebgp), W);
}

static void test_rfc9774_3_sets_when_refused(void **state)
{
	struct bgp_context context = ibgp;

	(void)state;
	assert_int_equal(decode(ORIGIN "400206 0101 0000fde9" NEXT_HOP, &context), BGP_OK);
	context.refuse_as_sets = true;
	assert_int_equal(decode(ORIGIN "400206 0101 0000fde9" NEXT_HOP, &context), W);
	assert_int_not_equal(bgp_context_class(&context), bgp_context_class(&ibgp));
	/* in AS4_PATH too, whatever AS_PATH has; from a speaker of 4 octets it is left out anyway
	 */
	assert_int_equal(with("c01106 0101 0000fde9", &context), D);
	context = old;
	assert_int_equal(with("c01106 0101 0000fde9", &context), BGP_OK);
	context.refuse_as_sets = true;
	assert_int_equal(with("c01106 0101 0000fde9", &context), W);
	assert_int_equal(with("c0110c 0201 0000fde9 0401 0000fdea", &context), W);
	assert_int_equal(with("c01106 0201 0000fde9", &context), BGP_OK);
}

static void test_rfc7606_7_3_next_hop(void **state)
{
	static const char *const wrong[] = {
		"400300",
		"400303 0a0000",
		"400305 0a00000100",
		"400310 00000000000000000000000000000001",
		"400304 00000000",
		"400304 7f000001",
		"400304 e0000001",
		"400304 ffffffff",
	};
	char all[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		snprintf(all, sizeof(all), "%s%s", ORIGIN AS_PATH, wrong[i]);
		assert_int_equal(decode(all, &ibgp), W);
	}
}

#define MP_REACH "800e15 000201 10 20010db8000000000000000000000001 00"

/* Beside MP_REACH_NLRI alone its value says nothing; that it has four octets still matters. */
static void test_rfc4760_3_next_hop_beside_mp_reach(void **state)
{
	static const char *const ignored[] = { "40030400000000", "4003047f000001",
					       "400304e0000001" };
	char all[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++) {
		snprintf(all, sizeof(all), "%s%s%s", ORIGIN AS_PATH, ignored[i], MP_REACH);
		assert_int_equal(decode(all, &ibgp), BGP_OK);
		assert_int_equal(attrs.next_hop.family, IP_V6);
		snprintf(all, sizeof(all), "%s%s%s", MP_REACH ORIGIN, ignored[i], AS_PATH);
		assert_int_equal(decode(all, &ibgp), BGP_OK);
		assert_int_equal(attrs.next_hop.family, IP_V6);
		snprintf(all, sizeof(all), "%s%s", ORIGIN AS_PATH, ignored[i]);
		assert_int_equal(decode(all, &ibgp), W);
	}
	assert_int_equal(decode(ORIGIN AS_PATH "400303000000" MP_REACH, &ibgp), W);
}

static void test_rfc7606_7_5_7_9_7_10_from_external_peers(void **state)
{
	(void)state;
	assert_int_equal(with(LOCAL_PREF, &ebgp), D);
	assert_false(bgp_attrs_has(&attrs, BGP_ATTR_LOCAL_PREF));
	assert_int_equal(attrs.local_pref, 100);
	assert_int_equal(with("800904 0a000003", &ebgp), D);
	assert_false(bgp_attrs_has(&attrs, BGP_ATTR_ORIGINATOR_ID));
	assert_int_equal(with("800a04 0a000003", &ebgp), D);
	assert_false(bgp_attrs_has(&attrs, BGP_ATTR_CLUSTER_LIST));
	/* malformed ones too */
	assert_int_equal(with("400503 000000", &ebgp), D);
	assert_int_equal(with("800a03 000000", &ebgp), D);
}

static void test_rfc7606_3_c_flags(void **state)
{
	static const struct row rows[] = {
		{ "000404 00000064", W },
		{ "c00404 00000064", W },
		{ "800804 00000001", W },
		{ "400804 00000001", W },
		{ "c00504 00000064", W },
		{ "400904 0a000003", W },
		{ "c00600", W },
		{ "e00804 00000001", BGP_OK }, /* Partial */
		{ "a00404 00000064", BGP_OK },
		{ "8f0404 00000064", BGP_OK }, /* the lower bits are ignored */
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), &ibgp);
	assert_int_equal(decode("80010100" AS_PATH NEXT_HOP, &ibgp), W);
	assert_int_equal(decode("c0010100" AS_PATH NEXT_HOP, &ibgp), W);
}

static void test_rfc7606_3_d_mandatory(void **state)
{
	(void)state;
	assert_int_equal(decode(AS_PATH NEXT_HOP, &ibgp), W);
	assert_string_equal(why.text, "ORIGIN is missing");
	assert_int_equal(decode(ORIGIN NEXT_HOP, &ibgp), W);
	assert_int_equal(decode(ORIGIN AS_PATH, &ibgp), W);
	assert_int_equal(decode("", &ibgp), W);
}

static void test_rfc7606_3_g_duplicates(void **state)
{
	(void)state;
	assert_int_equal(with(MED "80040400000065", &ibgp), D);
	assert_int_equal(attrs.med, 100);
	assert_int_equal(with(ORIGIN, &ibgp), D);
	/* an unknown one */
	assert_int_equal(with("c0fe0101 c0fe0102", &ibgp), D);
	assert_bytes_equal(attrs.unknown, attrs.unknown_bytes, "e0fe0101");
	/* the second is not even looked at */
	assert_int_equal(with(MED "800403000000", &ibgp), D);
}

static void test_rfc7606_3_strongest_wins(void **state)
{
	(void)state;
	assert_int_equal(with("400601 00 800403 000000 400601 00", &ibgp), W);
	assert_string_equal(why.text,
			    "attribute 4 MULTI_EXIT_DISC at offset 24: the length is wrong");
	assert_int_equal(with("800403 000000 406302 0000", &ibgp), R);
}

static void test_rfc7606_4_overrun(void **state)
{
	(void)state;
	assert_int_equal(decode(GOOD "8004", &ibgp), W);
	assert_int_equal(decode(GOOD "80", &ibgp), W);
	assert_int_equal(decode(GOOD "800404000000", &ibgp), W);
	assert_int_equal(decode(GOOD "9004ffff00000000", &ibgp), W);
	assert_int_equal(decode(GOOD "900400", &ibgp), W);
}

static void test_rfc7606_5_2_without_nlri(void **state)
{
	struct hex x = hex("800403000000");

	(void)state;
	assert_int_equal(
		bgp_attrs_decode(x.bytes, x.length, &ibgp, false, &arena, &attrs, &note, &why), R);
	assert_int_equal(note.code, 3);
	assert_int_equal(note.subcode, 5);
	x = hex("40060100");
	assert_int_equal(
		bgp_attrs_decode(x.bytes, x.length, &ibgp, false, &arena, &attrs, &note, &why), D);
	x = hex(MED);
	assert_int_equal(
		bgp_attrs_decode(x.bytes, x.length, &ibgp, false, &arena, &attrs, &note, &why),
		BGP_OK);
}

static void test_rfc4271_6_3_unrecognized_well_known(void **state)
{
	(void)state;
	assert_int_equal(with("40630101", &ibgp), R);
	assert_int_equal(note.code, 3);
	assert_int_equal(note.subcode, 2);
	assert_bytes_equal(note.data, note.data_length, "40630101");
	assert_int_equal(with("00630101", &ibgp), R);
}

static void test_rfc4271_5_unknown_optional(void **state)
{
	(void)state;
	/* not transitive: dropped without a word */
	assert_int_equal(with("80630101", &ibgp), BGP_OK);
	assert_int_equal(attrs.unknown_bytes, 0);
	/* transitive: kept in order of code, Partial set, the extended length as it was */
	assert_int_equal(with("c0ff0101 d0630001aa e02a0100 c01500", &ibgp), BGP_OK);
	assert_bytes_equal(attrs.unknown, attrs.unknown_bytes,
			   "e01500 e02a0100 f0630001aa e0ff0101");
	/* CVE-2023-4481: what others choke on is only unknown here */
	assert_int_equal(with("c01c00", &ibgp), BGP_OK);
}

static void test_rfc9234_5_only_to_customer(void **state)
{
	static const struct row rows[] = {
		{ "c02304 0000fde9", BGP_OK },
		{ "c02305 0000fde900", W },
		{ "c02300", W },
		{ "802304 0000fde9", W },
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), &ibgp);
	assert_int_equal(with("e02304 0000fde9", &ebgp), BGP_OK);
	assert_true(bgp_attrs_has(&attrs, BGP_ATTR_ONLY_TO_CUSTOMER));
	assert_int_equal(attrs.only_to_customer, 65001);
	assert_int_equal(attrs.unknown_bytes, 0);
}

static void test_rfc7311_3_aigp(void **state)
{
	static const struct row rows[] = {
		{ "801a0b 01 000b 0000000000000064", BGP_OK },
		/* 3.2: several TLVs, of unknown types, are right; the first of type 1 counts */
		{ "801a1a 63 0004 ff 01 000b 0000000000000065 01 000b 0000000000000064", BGP_OK },
		{ "801a00", D },
		{ "801a0b 01 000c 0000000000000064", D },
		{ "801a0a 01 000a 00000000000064", D },
		{ "801a03 01 0002", D },
		{ "801a03 01 0000", D },
		{ "801a0d 01 000b 0000000000000064 0100", D },
		{ "801a0e 01 000b 0000000000000064 00 0000", D },
		{ "801a0e 01 000b 0000000000000064 00 0002", D },
		{ "801a0e 01 000b 0000000000000064 00 0003", BGP_OK },
		{ "801a04 63 0004 ff", D },		  /* no metric */
		{ "801a0b 01 000b ffffffffffffffff", D }, /* the highest one */
		{ "c01a0b 01 000b 0000000000000064", D }, /* 3.2: transitive */
	};
	struct bgp_context context = ibgp;

	(void)state;
	context.aigp = true;
	check_rows(rows, ARRAY_SIZE(rows), &context);
	assert_false(bgp_attrs_has(&attrs, BGP_ATTR_AIGP));
	assert_int_equal(with(rows[1].attribute, &context), BGP_OK);
	assert_int_equal(attrs.aigp, 0x65);
	assert_int_equal(attrs.aigp_tlvs_bytes, 26);
	/* 3.3: not an AIGP session: as an unknown one, even when it is malformed */
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(with(rows[i].attribute, &ibgp), BGP_OK);
		assert_false(bgp_attrs_has(&attrs, BGP_ATTR_AIGP));
	}
}

static void test_context_class_both_ways(void **state)
{
	(void)state;
	for (unsigned class = 0; class < 256; class ++) {
		struct bgp_context context;

		bgp_context_of_class((uint8_t) class, &context);
		assert_int_equal(bgp_context_class(&context), class);
	}
}

static void test_256_attributes(void **state)
{
	char text[4096];
	size_t used = 0;

	(void)state;
	for (unsigned i = 0; i < 256; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "c0%02x00", 255 - i);
	/* of the known ones some may not be empty; the strongest is MP_REACH_NLRI with wrong flags
	 */
	assert_int_equal(with(text, &ibgp), R);
	assert_int_equal(decode(GOOD "c0ff00c0fe00c0fd00c0fc00", &ibgp), BGP_OK);
	assert_int_equal(attrs.unknown_bytes, 12);
}

static void test_rfc6793_4_2_3_old_speaker(void **state)
{
	(void)state;
	assert_int_equal(
		decode(ORIGIN "400206 0202 00c8 5ba0" NEXT_HOP "c01106 0201 000fde9e", &old),
		BGP_OK);
	assert_bytes_equal(attrs.as_path, attrs.as_path_bytes, "0202 000000c8 000fde9e");
	assert_int_equal(attrs.as_path_length, 2);
	assert_int_equal(attrs.neighbor_as.number, 200);
	assert_int_equal(attrs.origin_as.number, 1040030);
	/* AS4_PATH in front of AS_PATH (CVE-2026-41643) */
	assert_int_equal(
		decode("c01106 0201 000fde9e" NEXT_HOP "400206 0202 00c8 5ba0" ORIGIN, &old),
		BGP_OK);
	assert_int_equal(attrs.origin_as.number, 1040030);
	/* an AGGREGATOR that is not AS_TRANS: both AS4 attributes are ignored */
	assert_int_equal(decode(ORIGIN "400206 0202 00c8 5ba0" NEXT_HOP "c00706 00070a000002"
				       "c01106 0201 000fde9e c01208 000fde9e0a000009",
				&old),
			 BGP_OK);
	assert_int_equal(attrs.origin_as.number, BGP_AS_TRANS);
	assert_int_equal(attrs.aggregator_as, 7);
	/* without AS4_AGGREGATOR the AGGREGATOR says nothing of AS4_PATH */
	assert_int_equal(decode(ORIGIN "400206 0202 00c8 5ba0" NEXT_HOP "c00706 00070a000002"
				       "c01106 0201 000fde9e",
				&old),
			 BGP_OK);
	assert_int_equal(attrs.origin_as.number, 1040030);
	assert_int_equal(attrs.aggregator_as, 7);
	/* AS_TRANS: both count */
	assert_int_equal(decode(ORIGIN "400206 0202 00c8 5ba0" NEXT_HOP "c00706 5ba00a000002"
				       "c01106 0201 000fde9e c01208 000fde9e0a000009",
				&old),
			 BGP_OK);
	assert_int_equal(attrs.origin_as.number, 1040030);
	assert_int_equal(attrs.aggregator_as, 1040030);
	assert_int_equal(attrs.aggregator_address, 0x0a000009);
}

static void test_rfc6793_6_malformed_as4(void **state)
{
	static const struct row rows[] = {
		{ "c01100", D },
		{ "c01105 0201000fde", D },
		{ "c01106 0202 000fde9e", D },
		{ "c01106 0501 000fde9e", D },
		{ "c01106 0200 0200 0200", D },
		{ "c01106 0301 000fde9e", D }, /* confederation segments are left out */
		{ "c01106 0201 00000000", D }, /* RFC 7607 2 */
		{ "c01207 000fde9e0a0000", D },
		{ "c01208 000000000a000000", D },
		{ "c00708 0000fde90a000002", D },
		{ "c00706 fde90a000002", BGP_OK },
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), &old);
	assert_int_equal(attrs.as_path_length, 1);
}

static void test_rfc4760_3_mp_reach_in_the_key(void **state)
{
	struct ip_addr hop = ip_addr_of(IP_V6, hex("20010db8000000000000000000000001").bytes);
	struct ip_addr link_local =
		ip_addr_of(IP_V6, hex("fe800000000000000000000000000001").bytes);
	uint8_t bytes[128];
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct hex rest = hex(ORIGIN AS_PATH);

	(void)state;
	writer_bytes(&w, rest.bytes, rest.length);
	bgp_mp_reach_encode(&w, BGP_IPV6_UNICAST, &hop, &link_local);
	assert_bytes_equal(bytes, writer_length(&w),
			   ORIGIN AS_PATH "800e25 000201 20 20010db8000000000000000000000001"
					  "fe800000000000000000000000000001 00");
	assert_int_equal(bgp_attrs_decode(bytes, writer_length(&w), &ibgp, true, &arena, &attrs,
					  &note, &why),
			 BGP_OK);
	assert_int_equal(attrs.mp_family, BGP_IPV6_UNICAST);
	assert_true(ip_addr_equal(&attrs.next_hop, &hop));
	assert_true(ip_addr_equal(&attrs.next_hop_link_local, &link_local));
	w = writer_of(bytes, sizeof(bytes));
	bgp_mp_reach_encode(&w, BGP_IPV6_UNICAST, &hop, NULL);
	assert_bytes_equal(bytes, writer_length(&w),
			   "800e15 000201 10 20010db8000000000000000000000001 00");
	/* CVE-2026-37458: martian next hops */
	assert_int_equal(decode(ORIGIN AS_PATH
				"800e15 000201 10 00000000000000000000000000000000 00",
				&ibgp),
			 W);
	assert_int_equal(decode(ORIGIN AS_PATH
				"800e15 000201 10 00000000000000000000000000000001 00",
				&ibgp),
			 W);
	assert_int_equal(decode(ORIGIN AS_PATH
				"800e15 000201 10 ff020000000000000000000000000001 00",
				&ibgp),
			 W);
}

static void check_encode(const char *from, const struct bgp_context *context, bool as4,
			 const char *to)
{
	uint8_t bytes[4096];
	struct writer w = writer_of(bytes, sizeof(bytes));

	assert_true(decode(from, context) <= BGP_ATTRIBUTE_DISCARD);
	bgp_attrs_encode(&w, &attrs, BGP_IPV4_UNICAST, as4);
	assert_false(w.failed);
	assert_bytes_equal(bytes, writer_length(&w), to);
}

static void test_encode_orders_by_code(void **state)
{
	(void)state;
	check_encode(
		"c0ff0101 c01500 c01008 0002fde800000001" LOCAL_PREF MED NEXT_HOP AS_PATH ORIGIN
		"c0200c 000000010000000200000003 c01f00",
		&ibgp, true,
		ORIGIN AS_PATH NEXT_HOP MED LOCAL_PREF "c01008 0002fde800000001 e01500 e01f00"
						       "c0200c 000000010000000200000003"
						       "e0ff0101");
}

static void test_encode_keeps_partial(void **state)
{
	(void)state;
	check_encode(GOOD "e00804 00010002", &ibgp, true, GOOD "e00804 00010002");
	check_encode(GOOD "d0080004 00010002", &ibgp, true, GOOD "c00804 00010002");
}

/* RFC 4271 4.3: Partial is 0 in what is not optional and transitive, and so are the bits that have
 * no meaning, whatever came in them; in what is carried, too. */
static void test_encode_flags_rfc4271_4_3(void **state)
{
	(void)state;
	check_encode("6f010100 6f020602010000fde9 6f03040a000001 af040400000064 6f050400000096"
		     "6f0600 af09040a000003 af0a040a000004 cf080400010002 cfff0101",
		     &ibgp, true,
		     GOOD MED LOCAL_PREF "400600 c0080400010002 8009040a000003 800a040a000004"
					 "e0ff0101");
	check_encode(GOOD "ef1605 0000000000 af1d04 04040000 cf280a 01 0007 00000000000001"
			  "ff1f000101",
		     &ibgp, true,
		     GOOD "e01605 0000000000 801d04 04040000 f01f000101"
			  "c0280a 01 0007 00000000000001");
}

static void test_encode_rfc6793_4_2_2_for_old_speakers(void **state)
{
	(void)state;
	check_encode(ORIGIN "40020a 0202 000000c8 000fde9e" NEXT_HOP "c00708 000fde9e 0a000002",
		     &ibgp, false,
		     ORIGIN "400206 0202 00c8 5ba0" NEXT_HOP "c00706 5ba0 0a000002"
			    "c0110a 0202 000000c8 000fde9e c01208 000fde9e 0a000002");
	check_encode(GOOD "c00708 0000fde9 0a000002", &ibgp, false,
		     ORIGIN "400204 0201 fde9" NEXT_HOP "c00706 fde9 0a000002");
	check_encode(ORIGIN "40020c 0301 000fde9e 0201 000000c8" NEXT_HOP, &ibgp, false,
		     ORIGIN "400208 0301 5ba0 0201 00c8" NEXT_HOP "c01106 0201 000000c8");
}

/* The length octet must not wrap (FRR 9397c36022). */
static void test_encode_cluster_list_past_255_octets(void **state)
{
	uint8_t bytes[1024];

	(void)state;
	assert_int_equal(decode(GOOD, &ibgp), BGP_OK);
	for (unsigned i = 1; i <= 130; i++) {
		struct writer w = writer_of(bytes, sizeof(bytes));
		struct bgp_attrs again;

		bgp_cluster_list_prepend(&attrs, i, &arena);
		bgp_attrs_encode(&w, &attrs, BGP_IPV4_UNICAST, true);
		assert_false(w.failed);
		assert_int_equal(bgp_attrs_decode(bytes, writer_length(&w), &ibgp, true, &arena,
						  &again, &note, &why),
				 BGP_OK);
		assert_int_equal(again.cluster_list_bytes, 4 * i);
		assert_true(bgp_cluster_list_has(&again, i) && bgp_cluster_list_has(&again, 1));
	}
}

static void test_encode_into_too_little_room_fails(void **state)
{
	uint8_t bytes[256];
	size_t whole;
	struct writer w = writer_of(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(decode(GOOD MED LOCAL_PREF "c0ff0101", &ibgp), BGP_OK);
	bgp_attrs_encode(&w, &attrs, BGP_IPV4_UNICAST, false);
	whole = writer_length(&w);
	for (size_t room = 0; room < whole; room++) {
		w = writer_of(bytes, room);
		bgp_attrs_encode(&w, &attrs, BGP_IPV4_UNICAST, false);
		assert_true(w.failed);
	}
}

static void test_every_attribute_of_every_shape_gives_a_verdict(void **state)
{
	static const uint8_t flags[] = { 0x40, 0x80, 0xc0, 0xe0, 0x00, 0x20, 0x50, 0x90, 0xd0 };
	static const uint16_t lengths[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 20, 21, 255, 256
	};
	struct hex good = hex(GOOD);
	static uint8_t block[1024];

	(void)state;
	for (unsigned code = 0; code < 256; code++)
		for (size_t f = 0; f < ARRAY_SIZE(flags); f++)
			for (size_t l = 0; l < ARRAY_SIZE(lengths); l++) {
				struct writer w = writer_of(block, sizeof(block));
				enum bgp_verdict v;

				if (lengths[l] > 255 && (flags[f] & 0x10) == 0)
					continue;
				writer_bytes(&w, good.bytes, good.length);
				writer_u8(&w, flags[f]);
				writer_u8(&w, (uint8_t)code);
				if ((flags[f] & 0x10) != 0)
					writer_u16(&w, lengths[l]);
				else
					writer_u8(&w, (uint8_t)lengths[l]);
				memset(writer_reserve(&w, lengths[l]), (int)(code + l), lengths[l]);
				arena_clear(&arena);
				v = bgp_attrs_decode(block, writer_length(&w), &ibgp, true, &arena,
						     &attrs, &note, &why);
				assert_true(v <= BGP_SESSION_RESET);
				/* only what is unknown and well-known, or MP_REACH, may reset */
				if (v == BGP_SESSION_RESET &&
				    bgp_attr_name((uint8_t)code) != NULL &&
				    code != BGP_ATTR_MP_REACH_NLRI)
					fail_msg("attribute %u: %s", code, why.text);
			}
}

static void test_text(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	assert_int_equal(
		with("c0080c fde80001 ffffff01 ffffff02 c0200c 000000010000000200000003", &ibgp),
		BGP_OK);
	bgp_attr_value_format(BGP_ATTR_COMMUNITIES, attrs.communities, attrs.communities_bytes, &b);
	assert_string_equal(buf_text(&b), "65000:1 no-export no-advertise");
	buf_clear(&b);
	bgp_attr_value_format(BGP_ATTR_LARGE_COMMUNITIES, attrs.large_communities,
			      attrs.large_communities_bytes, &b);
	assert_string_equal(buf_text(&b), "1:2:3");
	assert_string_equal(bgp_origin_name(1), "egp");
	assert_string_equal(bgp_origin_name(9), "?");
	assert_string_equal(bgp_attr_name(2), "AS_PATH");
	assert_null(bgp_attr_name(11));
	assert_null(bgp_attr_name(255));
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_absent_is_default),
		cmocka_unit_test(test_rfc7606_7_rows),
		cmocka_unit_test(test_rfc7606_7_1_origin),
		cmocka_unit_test(test_rfc7606_7_2_as_path),
		cmocka_unit_test(test_rfc9774_3_sets_when_refused),
		cmocka_unit_test(test_rfc7606_7_3_next_hop),
		cmocka_unit_test(test_rfc4760_3_next_hop_beside_mp_reach),
		cmocka_unit_test(test_rfc7606_7_5_7_9_7_10_from_external_peers),
		cmocka_unit_test(test_rfc7606_3_c_flags),
		cmocka_unit_test(test_rfc7606_3_d_mandatory),
		cmocka_unit_test(test_rfc7606_3_g_duplicates),
		cmocka_unit_test(test_rfc7606_3_strongest_wins),
		cmocka_unit_test(test_rfc7606_4_overrun),
		cmocka_unit_test(test_rfc7606_5_2_without_nlri),
		cmocka_unit_test(test_rfc4271_6_3_unrecognized_well_known),
		cmocka_unit_test(test_rfc4271_5_unknown_optional),
		cmocka_unit_test(test_rfc9234_5_only_to_customer),
		cmocka_unit_test(test_rfc7311_3_aigp),
		cmocka_unit_test(test_context_class_both_ways),
		cmocka_unit_test(test_256_attributes),
		cmocka_unit_test(test_rfc6793_4_2_3_old_speaker),
		cmocka_unit_test(test_rfc6793_6_malformed_as4),
		cmocka_unit_test(test_rfc4760_3_mp_reach_in_the_key),
		cmocka_unit_test(test_encode_orders_by_code),
		cmocka_unit_test(test_encode_keeps_partial),
		cmocka_unit_test(test_encode_flags_rfc4271_4_3),
		cmocka_unit_test(test_encode_rfc6793_4_2_2_for_old_speakers),
		cmocka_unit_test(test_encode_cluster_list_past_255_octets),
		cmocka_unit_test(test_encode_into_too_little_room_fails),
		cmocka_unit_test(test_every_attribute_of_every_shape_gives_a_verdict),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

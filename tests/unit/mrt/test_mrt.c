/*
 * Tests of mrt.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mrt/mrt.h"

#include <math.h>

#include "hex.h"

#define MARKER "ffffffffffffffffffffffffffffffff"
#define KEEPALIVE MARKER "001304"

static uint8_t bytes[8192];
static struct error why;

static struct mrt_record record_of(const char *text)
{
	static struct hex x;
	struct mrt_record r;
	size_t used;

	x = hex(text);
	assert_int_equal(mrt_record_decode(x.bytes, x.length, &r, &used, &why), 1);
	assert_int_equal(used, x.length);
	return r;
}

static struct mrt_record record_at(const struct writer *w)
{
	struct mrt_record r;
	size_t used;

	assert_false(w->failed);
	assert_int_equal(mrt_record_decode(w->start, writer_length(w), &r, &used, &why), 1);
	assert_int_equal(used, writer_length(w));
	return r;
}

static void test_rfc6396_2_header(void **state)
{
	struct hex x = hex("00000001 0010 0004 00000002 abcd ff");
	struct mrt_record r;
	size_t used;

	(void)state;
	for (size_t i = 0; i < 14; i++)
		assert_int_equal(mrt_record_decode(x.bytes, i, &r, &used, &why), 0);
	assert_int_equal(mrt_record_decode(x.bytes, x.length, &r, &used, &why), 1);
	assert_int_equal(used, 14);
	assert_int_equal(r.time_s, 1);
	assert_int_equal(r.type, MRT_BGP4MP);
	assert_int_equal(r.subtype, MRT_MESSAGE_AS4);
	assert_int_equal(r.length, 2);
	x = hex("00000001 0010 0004 ffffffff");
	assert_int_equal(mrt_record_decode(x.bytes, x.length, &r, &used, &why), -1);
	x = hex("00000001 0011 0004 00000003 000000");
	assert_int_equal(mrt_record_decode(x.bytes, x.length, &r, &used, &why), -1);
}

static void test_rfc6396_4_3_1_peer_index_table(void **state)
{
	struct mrt_record r = record_of("00000001 000d 0001 0000002e 0a000001 0002 5431 0002"
					"02 0a000002 0a000003 000fde9e"
					"01 0a000004 20010db8000000000000000000000001 fde9");
	struct mrt_peer_index index;
	struct mrt_peer peer;

	(void)state;
	assert_int_equal(mrt_peer_index_decode(&r, &index, &why), 0);
	assert_int_equal(index.collector_id, 0x0a000001);
	assert_int_equal(index.view_name_length, 2);
	assert_memory_equal(index.view_name, "T1", 2);
	assert_true(mrt_peer_next(&index.peers, &peer));
	assert_int_equal(peer.as, 1040030);
	assert_int_equal(peer.bgp_id, 0x0a000002);
	assert_int_equal(ip_addr_to_u32(&peer.address), 0x0a000003);
	assert_true(mrt_peer_next(&index.peers, &peer));
	assert_int_equal(peer.as, 65001);
	assert_int_equal(peer.address.family, IP_V6);
	assert_false(mrt_peer_next(&index.peers, &peer));
}

static void test_peer_index_table_that_lies(void **state)
{
	static const char *const wrong[] = {
		"00000001 000d 0001 00000008 0a000001 0000 0001",
		"00000001 000d 0001 00000007 0a000001 0000 00",
		"00000001 000d 0001 00000008 0a000001 0009 0001",
		"00000001 000d 0001 00000015 0a000001 0000 0000 02 0a0000020a000003000fde9e",
		"00000001 000d 0001 00000014 0a000001 0000 0001 02 0a0000020a000003000fde",
	};
	struct mrt_peer_index index;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct mrt_record r = record_of(wrong[i]);

		assert_int_equal(mrt_peer_index_decode(&r, &index, &why), -1);
	}
}

static void test_peer_index_round_trip(void **state)
{
	struct mrt_peer peers[2] = { { .as = 4200000000, .bgp_id = 7 }, { .as = 1, .bgp_id = 8 } };
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct mrt_peer_index index;
	struct mrt_record r;
	struct mrt_peer peer;

	(void)state;
	peers[0].address = ip_addr_v4(0x0a000001);
	peers[1].address = ip_addr_of(IP_V6, hex("20010db8000000000000000000000001").bytes);
	mrt_peer_index_encode(&w, 9, 0x0a0000ff, "view", peers, 2);
	r = record_at(&w);
	assert_int_equal(mrt_peer_index_decode(&r, &index, &why), 0);
	for (int i = 0; i < 2; i++) {
		assert_true(mrt_peer_next(&index.peers, &peer));
		assert_int_equal(peer.as, peers[i].as);
		assert_int_equal(peer.bgp_id, peers[i].bgp_id);
		assert_true(ip_addr_equal(&peer.address, &peers[i].address));
	}
}

static void check_rib(uint16_t afi, uint8_t safi, bool addpath, uint16_t subtype)
{
	/* a prefix; for EVPN a type and a length in octets */
	static const uint8_t prefix[] = { 24, 10, 1, 2 }, evpn[] = { 99, 2, 1, 2 };
	static const uint8_t attrs[] = { 0x40, 1, 1, 0 };
	const uint8_t *nlri = afi == 25 ? evpn : prefix;
	struct mrt_rib_entry entries[2] = { { 1, 100, 5, attrs, sizeof(attrs) },
					    { 2, 200, 6, NULL, 0 } };
	struct mrt_rib rib = { .sequence = 3,
			       .afi = afi,
			       .safi = safi,
			       .addpath = addpath,
			       .nlri = nlri,
			       .nlri_length = sizeof(prefix) };
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct mrt_rib_entry entry;
	struct mrt_rib again;
	struct mrt_record r;

	mrt_rib_encode(&w, 1, &rib, entries, 2);
	r = record_at(&w);
	assert_int_equal(r.subtype, subtype);
	assert_int_equal(mrt_rib_decode(&r, &again, &why), 1);
	assert_int_equal(again.sequence, 3);
	assert_int_equal(again.afi, afi);
	assert_int_equal(again.safi, safi);
	assert_int_equal(again.addpath, addpath);
	assert_int_equal(again.nlri_length, sizeof(prefix));
	assert_memory_equal(again.nlri, nlri, sizeof(prefix));
	for (int i = 0; i < 2; i++) {
		assert_true(mrt_rib_entry_next(&again, &entry));
		assert_int_equal(entry.peer_index, entries[i].peer_index);
		assert_int_equal(entry.originated_s, entries[i].originated_s);
		assert_int_equal(entry.path_id, addpath ? entries[i].path_id : 0);
		assert_int_equal(entry.attrs_length, entries[i].attrs_length);
	}
	assert_false(mrt_rib_entry_next(&again, &entry));
	/* every truncation is an error */
	for (size_t i = 0; i < r.length; i++) {
		struct mrt_record shorter = r;

		shorter.length = i;
		assert_int_equal(mrt_rib_decode(&shorter, &again, &why), -1);
	}
}

static void test_rfc6396_4_3_rib_and_rfc8050_4_1(void **state)
{
	(void)state;
	check_rib(1, 1, false, MRT_RIB_IPV4_UNICAST);
	check_rib(1, 2, false, MRT_RIB_IPV4_MULTICAST);
	check_rib(2, 1, false, MRT_RIB_IPV6_UNICAST);
	check_rib(1, 1, true, MRT_RIB_IPV4_UNICAST_ADDPATH);
	check_rib(2, 2, true, MRT_RIB_IPV6_MULTICAST_ADDPATH);
	check_rib(25, 70, false, MRT_RIB_GENERIC);
	check_rib(25, 70, true, MRT_RIB_GENERIC_ADDPATH);
}

static void test_rib_that_lies(void **state)
{
	struct mrt_record r = record_of("00000001 000d 0002 00000008 00000001 21 00 00 00");
	struct mrt_rib rib;

	(void)state;
	assert_int_equal(mrt_rib_decode(&r, &rib, &why), -1);
	r = record_of("00000001 000d 0002 00000007 00000001 00 0001");
	assert_int_equal(mrt_rib_decode(&r, &rib, &why), -1);
	r = record_of("00000001 000d 0002 00000008 00000001 00 0000 00");
	assert_int_equal(mrt_rib_decode(&r, &rib, &why), -1);
	r = record_of("00000001 000d 0063 00000000");
	assert_int_equal(mrt_rib_decode(&r, &rib, &why), 0);
}

static void check_bgp4mp(bool as4, bool local, bool addpath, bool state_change, bool us,
			 uint16_t subtype)
{
	struct hex message = hex(KEEPALIVE);
	struct mrt_bgp4mp m = { .peer_as = as4 ? 1040030 : 65001,
				.local_as = 65000,
				.interface_index = 3,
				.as4 = as4,
				.local = local,
				.addpath = addpath,
				.is_state_change = state_change,
				.old_state = state_change ? 5 : 0,
				.new_state = state_change ? 6 : 0,
				.message = message.bytes,
				.message_length = message.length };
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct mrt_bgp4mp again;
	struct mrt_record r;

	m.peer_address = ip_addr_v4(0x0a000001);
	m.local_address = ip_addr_v4(0x0a000002);
	mrt_bgp4mp_encode(&w, &m, 100, 500000, us);
	r = record_at(&w);
	assert_int_equal(r.type, us ? MRT_BGP4MP_ET : MRT_BGP4MP);
	assert_int_equal(r.subtype, subtype);
	assert_int_equal(r.time_us, us ? 500000 : 0);
	assert_int_equal(mrt_bgp4mp_decode(&r, &again, &why), 1);
	assert_int_equal(again.peer_as, m.peer_as);
	assert_int_equal(again.local_as, 65000);
	assert_int_equal(again.interface_index, 3);
	assert_true(ip_addr_equal(&again.peer_address, &m.peer_address));
	assert_true(ip_addr_equal(&again.local_address, &m.local_address));
	assert_int_equal(again.new_state, m.new_state);
	if (!state_change)
		assert_bytes_equal(again.message, again.message_length, KEEPALIVE);
	for (size_t i = 0; i < r.length; i++) {
		struct mrt_record shorter = r;

		shorter.length = i;
		assert_int_equal(mrt_bgp4mp_decode(&shorter, &again, &why), -1);
	}
}

static void test_rfc6396_4_4_bgp4mp_and_rfc8050_4_2(void **state)
{
	(void)state;
	check_bgp4mp(false, false, false, false, false, MRT_MESSAGE);
	check_bgp4mp(true, false, false, false, true, MRT_MESSAGE_AS4);
	check_bgp4mp(true, true, false, false, false, MRT_MESSAGE_AS4_LOCAL);
	check_bgp4mp(true, false, true, false, false, MRT_MESSAGE_AS4_ADDPATH);
	check_bgp4mp(false, true, true, false, true, MRT_MESSAGE_LOCAL_ADDPATH);
	check_bgp4mp(false, false, false, true, false, MRT_STATE_CHANGE);
	check_bgp4mp(true, false, false, true, true, MRT_STATE_CHANGE_AS4);
}

static void test_bgp4mp_that_lies(void **state)
{
	struct mrt_record r = record_of("00000001 0010 0001 00000014"
					"fde9 fde8 0000 0003 0a0000010a000002 00000000");
	struct mrt_bgp4mp m;

	(void)state;
	assert_int_equal(mrt_bgp4mp_decode(&r, &m, &why), -1);
	assert_non_null(strstr(why.text, "address family is 3"));
	r = record_of("00000001 0010 0001 00000023"
		      "fde9 fde8 0000 0001 0a0000010a000002" MARKER "001404");
	assert_int_equal(mrt_bgp4mp_decode(&r, &m, &why), -1);
	r = record_of("00000001 0010 0063 00000000");
	assert_int_equal(mrt_bgp4mp_decode(&r, &m, &why), 0);
}

/* RFC 6396 4.2 */
static void test_rfc6396_4_2_table_dump(void **state)
{
	static const uint8_t attrs[] = { 0x40, 1, 1, 0 };
	static const char *const prefixes[] = { "10.1.0.0/16", "2001:db8::/32" };
	static const char *const addresses[] = { "192.0.2.1", "2001:db8::1" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct mrt_table_dump dump = { .view = 1,
					       .sequence = 65535,
					       .status = 1,
					       .originated_s = 77,
					       .peer_as = 64512,
					       .attrs = attrs,
					       .attrs_length = sizeof(attrs) };
		struct writer w = writer_of(bytes, sizeof(bytes));
		struct mrt_table_dump again;
		struct mrt_record r;

		assert_int_equal(ip_prefix_parse(prefixes[i], &dump.prefix, NULL), 0);
		assert_int_equal(ip_addr_parse(addresses[i], &dump.peer_address, NULL), 0);
		mrt_table_dump_encode(&w, 5, &dump);
		r = record_at(&w);
		assert_int_equal(r.type, MRT_TABLE_DUMP);
		assert_int_equal(r.subtype, i + 1);
		assert_int_equal(mrt_table_dump_decode(&r, &again, &why), 1);
		assert_true(ip_prefix_equal(&again.prefix, &dump.prefix));
		assert_true(ip_addr_equal(&again.peer_address, &dump.peer_address));
		assert_int_equal(again.view, 1);
		assert_int_equal(again.sequence, 65535);
		assert_int_equal(again.originated_s, 77);
		assert_int_equal(again.peer_as, 64512);
		assert_int_equal(again.attrs_length, sizeof(attrs));
		assert_memory_equal(again.attrs, attrs, sizeof(attrs));
		for (size_t length = 0; length < r.length; length++) {
			struct mrt_record shorter = r;

			shorter.length = length;
			assert_int_equal(mrt_table_dump_decode(&shorter, &again, &why), -1);
		}
		bytes[MRT_HEADER_BYTES + (i == 0 ? 8 : 20)] = 129; /* the prefix's length */
		assert_int_equal(mrt_table_dump_decode(&r, &again, &why), -1);
		r.subtype = 3;
		assert_int_equal(mrt_table_dump_decode(&r, &again, &why), 0);
	}
}

/* RFC 6396 4.3.3: each family's NLRI says in its way how long it is. */
static void test_rfc6396_4_3_3_lengths(void **state)
{
	static const struct {
		uint16_t afi;
		uint8_t safi;
		const char *nlri;
	} rows[] = {
		{ 1, 128, "70 000641 0000fde800000001 0a0102" }, /* VPN: 112 bits */
		{ 25, 70, "03 04 01020304" },			 /* EVPN */
		{ 1, 5, "01 02 0102" },				 /* MVPN */
		{ 1, 133, "05 01180a0102" },			 /* FlowSpec */
		{ 2, 134, "f00a 0102030405060708090a" },	 /* of two octets */
		{ 16388, 71, "0001 0003 010203" },		 /* BGP-LS */
		{ 25, 65, "0004 01020304" },			 /* VPLS */
		{ 1, 132, "60 0000fde8 0002fde800000064" },	 /* route target */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct hex x = hex(rows[i].nlri);
		struct mrt_rib rib = { .afi = rows[i].afi,
				       .safi = rows[i].safi,
				       .nlri = x.bytes,
				       .nlri_length = x.length };
		struct mrt_rib_entry entry = { 1, 2, 0, NULL, 0 };
		struct writer w = writer_of(bytes, sizeof(bytes));
		struct mrt_rib again;
		struct mrt_record r;

		mrt_rib_encode(&w, 1, &rib, &entry, 1);
		r = record_at(&w);
		assert_int_equal(mrt_rib_decode(&r, &again, &why), 1);
		assert_int_equal(again.nlri_length, x.length);
		assert_memory_equal(again.nlri, x.bytes, x.length);
		assert_int_equal(again.entry_count, 1);
		assert_false(again.addpath);
		/* with path identifiers: where RFC 8050 4.2 has them, and where GoBGP writes them
		 */
		for (int in_nlri = 0; in_nlri < 2; in_nlri++) {
			rib.addpath = true;
			rib.id_in_nlri = in_nlri != 0;
			rib.path_id = in_nlri != 0 ? 77 : 0;
			entry.path_id = 77;
			w = writer_of(bytes, sizeof(bytes));
			mrt_rib_encode(&w, 1, &rib, &entry, 1);
			r = record_at(&w);
			assert_int_equal(r.subtype, MRT_RIB_GENERIC_ADDPATH);
			assert_int_equal(mrt_rib_decode(&r, &again, &why), 1);
			assert_int_equal(again.id_in_nlri, in_nlri);
			assert_int_equal(again.nlri_length, x.length);
			assert_memory_equal(again.nlri, x.bytes, x.length);
			assert_true(mrt_rib_entry_next(&again, &entry));
			assert_int_equal(entry.path_id, 77);
		}
	}
}

/* RFC 8050 4.2, octet by octet: the identifier is before the NLRI, entries are as ever. */
static void test_rfc8050_4_2(void **state)
{
	struct hex x = hex("00000001 000d000c 0000001d 00000003 0019 46 0000002a 03 02 0102 0001"
			   "0002 00000064 0004 40010100");
	struct mrt_rib_entry entry;
	struct mrt_record r;
	struct mrt_rib rib;
	size_t used;

	(void)state;
	assert_int_equal(mrt_record_decode(x.bytes, x.length, &r, &used, &why), 1);
	assert_int_equal(mrt_rib_decode(&r, &rib, &why), 1);
	assert_int_equal(rib.afi, 25);
	assert_int_equal(rib.safi, 70);
	assert_int_equal(rib.nlri_length, 4);
	assert_true(mrt_rib_entry_next(&rib, &entry));
	assert_int_equal(entry.path_id, 42);
	assert_int_equal(entry.peer_index, 2);
	assert_int_equal(entry.originated_s, 100);
	assert_int_equal(entry.attrs_length, 4);
	assert_false(mrt_rib_entry_next(&rib, &entry));
}

/* A path identifier before the NLRI is for generic records only. */
static void test_id_in_nlri_refused(void **state)
{
	static const uint8_t prefix[] = { 24, 10, 1, 2 };
	struct mrt_rib rib = { .afi = 1,
			       .safi = 1,
			       .addpath = true,
			       .id_in_nlri = true,
			       .nlri = prefix,
			       .nlri_length = sizeof(prefix) };
	struct writer w = writer_of(bytes, sizeof(bytes));

	(void)state;
	mrt_rib_encode(&w, 1, &rib, NULL, 0);
	assert_true(w.failed);
}

static void test_rfc6397_4_1(void **state)
{
	/* 52.5, 4.875; the second peer's place is private */
	struct hex x = hex("00000001 000d0007 00000028 0a0000ff 42520000 409c0000 0002"
			   "02 0a000001 c2520000 c09c0000 03 0a000002 7fc00000 7fc00000");
	static const struct mrt_place collector = { 52.5f, 4.875f };
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct mrt_geo_table table;
	struct mrt_geo_peer peers[2], more;
	struct mrt_record r;
	size_t used;

	(void)state;
	assert_int_equal(mrt_record_decode(x.bytes, x.length, &r, &used, &why), 1);
	assert_int_equal(mrt_geo_table_decode(&r, &table, &why), 0);
	assert_int_equal(table.collector_id, 0x0a0000ff);
	assert_true(table.collector.latitude > 52.49f && table.collector.latitude < 52.51f);
	assert_true(table.collector.longitude > 4.87f && table.collector.longitude < 4.88f);
	assert_int_equal(table.peer_count, 2);
	assert_true(mrt_geo_peer_next(&table.peers, &peers[0]));
	assert_true(mrt_geo_peer_next(&table.peers, &peers[1]));
	assert_false(mrt_geo_peer_next(&table.peers, &more));
	assert_int_equal(peers[0].bgp_id, 0x0a000001);
	assert_true(peers[0].place.latitude < -52.49f && peers[0].place.latitude > -52.51f);
	assert_int_equal(peers[1].type, 3);
	assert_true(isnan(peers[1].place.longitude));
	mrt_geo_table_encode(&w, 1, 0x0a0000ff, &collector, peers, 2);
	assert_int_equal(writer_length(&w), x.length);
	assert_memory_equal(bytes, x.bytes, x.length);
	for (size_t i = 0; i < r.length; i++) {
		struct mrt_record shorter = r;

		shorter.length = i;
		assert_int_equal(mrt_geo_table_decode(&shorter, &table, &why), -1);
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(mrt_record_name(MRT_TABLE_DUMP, 2), "TABLE_DUMP");
	assert_string_equal(mrt_record_name(MRT_TABLE_DUMP_V2, 12), "RIB_GENERIC_ADDPATH");
	assert_string_equal(mrt_record_name(MRT_BGP4MP_ET, 11), "BGP4MP_MESSAGE_AS4_LOCAL_ADDPATH");
	assert_null(mrt_record_name(MRT_TABLE_DUMP, 3));
	assert_null(mrt_record_name(MRT_TABLE_DUMP_V2, 0));
	assert_null(mrt_record_name(MRT_TABLE_DUMP_V2, 13));
	assert_null(mrt_record_name(MRT_BGP4MP, 2));
	assert_null(mrt_record_name(MRT_BGP4MP, 65535));
	assert_null(mrt_record_name(48, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc6396_2_header),
		cmocka_unit_test(test_rfc6396_4_3_1_peer_index_table),
		cmocka_unit_test(test_peer_index_table_that_lies),
		cmocka_unit_test(test_peer_index_round_trip),
		cmocka_unit_test(test_rfc6396_4_3_rib_and_rfc8050_4_1),
		cmocka_unit_test(test_rfc8050_4_2),
		cmocka_unit_test(test_id_in_nlri_refused),
		cmocka_unit_test(test_rfc6397_4_1),
		cmocka_unit_test(test_rib_that_lies),
		cmocka_unit_test(test_rfc6396_4_4_bgp4mp_and_rfc8050_4_2),
		cmocka_unit_test(test_bgp4mp_that_lies),
		cmocka_unit_test(test_rfc6396_4_2_table_dump),
		cmocka_unit_test(test_rfc6396_4_3_3_lengths),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

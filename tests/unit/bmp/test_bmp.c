/*
 * Tests of bmp.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bmp/bmp.h"

#include "hex.h"

#define MARKER "ffffffffffffffffffffffffffffffff"
#define OPEN MARKER "001d0104fde8005a0a00000100"
#define UPDATE MARKER "00170200000000"
#define LOC_RIB_PEER                                                                        \
	"0300 0000000000000000 00000000000000000000000000000000 0000fde8 0a000001 00000001" \
	"00000002"

static const struct bmp_peer loc_rib = {
	.type = BMP_PEER_LOC_RIB, .as = 65000, .bgp_id = 0x0a000001, .time_s = 1, .time_us = 2
};

static uint8_t bytes[8192];
static struct error why;

struct seen {
	unsigned count;
	unsigned by_type[7];
	char table_name[64];
	struct bmp_message last;
	bool refuse;
};

static bool see(void *context, const struct bmp_message *m)
{
	struct seen *s = context;
	struct bmp_text name = bmp_message_tlv(m, BMP_TLV_TABLE_NAME);

	s->count++;
	s->by_type[m->type]++;
	s->last = *m;
	if (name.bytes != NULL)
		snprintf(s->table_name, sizeof(s->table_name), "%.*s", (int)name.length,
			 name.bytes);
	return !s->refuse;
}

static struct bmp_message decode(const struct writer *w)
{
	struct bmp_message m;

	assert_false(w->failed);
	assert_int_equal(bmp_message_decode(w->start, writer_length(w), &m, &why), 1);
	return m;
}

static void assert_text(struct bmp_text t, const char *text)
{
	assert_non_null(t.bytes);
	assert_int_equal(t.length, strlen(text));
	assert_memory_equal(t.bytes, text, t.length);
}

static void test_rfc7854_4_3_initiation(void **state)
{
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct bmp_message m;

	(void)state;
	bmp_initiation_encode(&w, "gw1", "Heliostat", NULL);
	assert_bytes_equal(bytes, writer_length(&w),
			   "03 0000001a 04 0001 0009 48656c696f73746174 0002 0003 677731");
	m = decode(&w);
	assert_int_equal(m.type, BMP_INITIATION);
	assert_text(bmp_message_tlv(&m, BMP_TLV_SYS_NAME), "gw1");
	assert_text(bmp_message_tlv(&m, BMP_TLV_SYS_DESCR), "Heliostat");
	assert_null(bmp_message_tlv(&m, BMP_TLV_STRING).bytes);
}

static void test_rfc7854_4_5_termination(void **state)
{
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct hex x = hex("03 00000006 05");
	struct bmp_message m;

	(void)state;
	bmp_termination_encode(&w, 0, "bye");
	assert_bytes_equal(bytes, writer_length(&w),
			   "03 00000013 05 0001 0002 0000 0000 0003 627965");
	m = decode(&w);
	assert_int_equal(m.termination_reason, 0);
	assert_text(bmp_message_tlv(&m, BMP_TLV_STRING), "bye");
	assert_int_equal(bmp_message_decode(x.bytes, x.length, &m, &why), 1);
	assert_int_equal(m.termination_reason, 1);
}

static void test_rfc9069_4_peer_up_of_a_loc_rib(void **state)
{
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct hex open = hex(OPEN);
	struct bmp_peer_up up = { .sent_open = open.bytes,
				  .sent_open_length = open.length,
				  .received_open = open.bytes,
				  .received_open_length = open.length };
	struct bmp_message m;

	(void)state;
	bmp_peer_up_encode(&w, &loc_rib, &up, "T1");
	assert_bytes_equal(bytes, writer_length(&w),
			   "03 00000084 03" LOC_RIB_PEER
			   "00000000000000000000000000000000 0000 0000" OPEN OPEN "0003 0002 5431");
	m = decode(&w);
	assert_int_equal(m.type, BMP_PEER_UP);
	assert_int_equal(m.peer.type, BMP_PEER_LOC_RIB);
	assert_int_equal(m.peer.address.family, IP_NONE);
	assert_int_equal(m.peer.bgp_id, 0x0a000001);
	assert_int_equal(m.up.sent_open_length, open.length);
	assert_memory_equal(m.up.received_open, open.bytes, open.length);
	assert_text(bmp_message_tlv(&m, BMP_TLV_TABLE_NAME), "T1");
}

static void test_rfc7854_4_10_peer_up_of_a_session(void **state)
{
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct hex open = hex(OPEN);
	struct bmp_peer peer = { .type = BMP_PEER_GLOBAL, .flags = BMP_PEER_FLAG_V, .as = 1 };
	struct bmp_peer_up up = { .local_address = ip_addr_v4(0x0a000001),
				  .local_port = 179,
				  .remote_port = 40000,
				  .sent_open = open.bytes,
				  .sent_open_length = open.length,
				  .received_open = open.bytes,
				  .received_open_length = open.length };
	struct bmp_message m;

	(void)state;
	peer.address = ip_addr_v4(0x0a000002);
	bmp_peer_up_encode(&w, &peer, &up, NULL);
	m = decode(&w);
	/* V follows the address */
	assert_int_equal(m.peer.flags, 0);
	assert_int_equal(ip_addr_to_u32(&m.peer.address), 0x0a000002);
	assert_int_equal(ip_addr_to_u32(&m.up.local_address), 0x0a000001);
	assert_int_equal(m.up.local_port, 179);
	assert_int_equal(m.up.remote_port, 40000);
	peer.address = ip_addr_of(IP_V6, hex("20010db8000000000000000000000001").bytes);
	w = writer_of(bytes, sizeof(bytes));
	bmp_peer_up_encode(&w, &peer, &up, NULL);
	m = decode(&w);
	assert_int_equal(m.peer.flags, BMP_PEER_FLAG_V);
	assert_true(ip_addr_equal(&m.peer.address, &peer.address));
}

static void test_rfc9069_5_3_peer_down(void **state)
{
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct bmp_message m;

	(void)state;
	bmp_peer_down_encode(&w, &loc_rib, BMP_DOWN_LOCAL_TLV, NULL, 0, "T1");
	assert_bytes_equal(bytes, writer_length(&w),
			   "03 00000037 02" LOC_RIB_PEER "06 0003 0002 5431");
	m = decode(&w);
	assert_int_equal(m.down_reason, 6);
	assert_text(bmp_message_tlv(&m, BMP_TLV_TABLE_NAME), "T1");
	w = writer_of(bytes, sizeof(bytes));
	bmp_peer_down_encode(&w, &loc_rib, BMP_DOWN_LOCAL_FSM, (const uint8_t *)"\0\30", 2, "T1");
	m = decode(&w);
	assert_int_equal(m.down_data_length, 2);
	assert_null(bmp_message_tlv(&m, BMP_TLV_TABLE_NAME).bytes);
}

static void test_rfc7854_4_6_route_monitoring(void **state)
{
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct hex update = hex(UPDATE);
	struct bmp_message m;

	(void)state;
	bmp_route_monitoring_encode(&w, &loc_rib, update.bytes, update.length);
	assert_bytes_equal(bytes, writer_length(&w), "03 00000047 00" LOC_RIB_PEER UPDATE);
	m = decode(&w);
	assert_int_equal(m.update_length, update.length);
	assert_memory_equal(m.update, update.bytes, update.length);
	w = writer_of(bytes, sizeof(bytes));
	bmp_route_monitoring_header_encode(&w, &loc_rib, update.length);
	assert_bytes_equal(bytes, writer_length(&w), "03 00000047 00" LOC_RIB_PEER);
}

static void test_rfc7854_4_8_statistics(void **state)
{
	static const struct bmp_stat stats[] = {
		{ .type = BMP_STAT_REJECTED, .value = 7 },
		{ .type = BMP_STAT_LOC_RIB, .value = UINT64_C(0x100000000) },
		{ .type = BMP_STAT_LOC_RIB_FAMILY, .afi = 2, .safi = 1, .value = 9 },
		{ .type = BMP_STAT_AS_PATH_LOOP, .value = UINT64_MAX }, /* saturates */
	};
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct bmp_message m;
	struct bmp_stat s;

	(void)state;
	bmp_statistics_encode(&w, &loc_rib, stats, ARRAY_SIZE(stats));
	m = decode(&w);
	assert_true(bmp_stat_next(&m.stats, &s) && s.type == 0 && s.value == 7);
	assert_true(bmp_stat_next(&m.stats, &s) && s.value == UINT64_C(0x100000000));
	assert_true(bmp_stat_next(&m.stats, &s) && s.afi == 2 && s.safi == 1 && s.value == 9);
	assert_true(bmp_stat_next(&m.stats, &s) && s.value == UINT32_MAX);
	assert_false(bmp_stat_next(&m.stats, &s));
}

static void test_stream_of_every_message_in_pieces_of_every_size(void **state)
{
	struct hex open = hex(OPEN), update = hex(UPDATE), unknown = hex("03 00000008 63 abcd");
	struct bmp_peer_up up = { .sent_open = open.bytes,
				  .sent_open_length = open.length,
				  .received_open = open.bytes,
				  .received_open_length = open.length };
	struct writer w = writer_of(bytes, sizeof(bytes));
	size_t length;

	(void)state;
	bmp_initiation_encode(&w, "gw1", "Heliostat", "hello");
	bmp_peer_up_encode(&w, &loc_rib, &up, "T1");
	writer_bytes(&w, unknown.bytes, unknown.length);
	bmp_route_monitoring_encode(&w, &loc_rib, update.bytes, update.length);
	bmp_route_monitoring_encode(&w, &loc_rib, update.bytes, update.length);
	bmp_statistics_encode(&w, &loc_rib, NULL, 0);
	bmp_peer_down_encode(&w, &loc_rib, 6, NULL, 0, "T2");
	bmp_termination_encode(&w, 0, NULL);
	length = writer_length(&w);
	for (size_t piece = 1; piece <= length; piece++) {
		struct bmp_decoder d;
		struct seen s = { 0 };

		bmp_decoder_init(&d);
		for (size_t at = 0; at < length; at += piece)
			assert_int_equal(bmp_decoder_feed(&d, bytes + at, MIN(piece, length - at),
							  see, &s, &why),
					 0);
		assert_int_equal(s.count, 7);
		assert_int_equal(s.by_type[BMP_ROUTE_MONITORING], 2);
		assert_string_equal(s.table_name, "T2");
		assert_int_equal(d.offset, length);
		assert_int_equal(d.pending.length, 0);
		bmp_decoder_done(&d);
	}
}

static void check_broken(const char *text)
{
	struct hex x = hex(text);
	struct bmp_decoder d;
	struct seen s = { 0 };

	for (size_t piece = 1; piece <= x.length; piece++) {
		int got = 0;

		bmp_decoder_init(&d);
		for (size_t at = 0; at < x.length && got == 0; at += piece)
			got = bmp_decoder_feed(&d, x.bytes + at, MIN(piece, x.length - at), see, &s,
					       &why);
		assert_int_equal(got, -1);
		/* and stays so */
		assert_int_equal(bmp_decoder_feed(&d, x.bytes, 0, see, &s, &why), -1);
		bmp_decoder_clear(&d);
		assert_int_equal(bmp_decoder_feed(&d, x.bytes, 0, see, &s, &why), 0);
		bmp_decoder_done(&d);
	}
	assert_int_equal(s.count, 0);
}

static void test_broken_streams(void **state)
{
	(void)state;
	check_broken("02 00000006 04");
	check_broken("03 00000005 04");
	check_broken("03 ffffffff 04");
	check_broken("03 00040001 04");
	check_broken("03 00000008 04 0001");
	check_broken("03 0000000b 04 0001 0002 41");
	check_broken("03 00000006 00");
	check_broken("03 00000030 00" LOC_RIB_PEER);
	check_broken("03 00000046 00" LOC_RIB_PEER MARKER "001702000000");
	check_broken("03 00000048 00" LOC_RIB_PEER UPDATE "00");
	check_broken("03 00000047 00" LOC_RIB_PEER MARKER "00170100000000");
	check_broken("03 00000047 00" LOC_RIB_PEER MARKER "00120200000000");
	check_broken("03 00000030 02" LOC_RIB_PEER);
	check_broken("03 00000034 01" LOC_RIB_PEER "00000001");
	check_broken("03 00000033 01" LOC_RIB_PEER "000000");
	/* CVE-2026-7737: Peer Up that ends in its OPENs */
	check_broken("03 00000061 03" LOC_RIB_PEER
		     "00000000000000000000000000000000 0000 0000" OPEN);
}

static void test_refused_message_ends_the_stream(void **state)
{
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct bmp_decoder d;
	struct seen s = { .refuse = true };

	(void)state;
	bmp_initiation_encode(&w, "a", "b", NULL);
	bmp_decoder_init(&d);
	assert_int_equal(bmp_decoder_feed(&d, bytes, writer_length(&w), see, &s, &why), -1);
	assert_string_equal(why.text, "octet 0: the BMP message was refused");
	bmp_decoder_done(&d);
}

static void test_too_little_room_fails(void **state)
{
	struct hex update = hex(UPDATE);

	(void)state;
	for (size_t room = 0; room < 71; room++) {
		struct writer w = writer_of(bytes, room);

		bmp_route_monitoring_encode(&w, &loc_rib, update.bytes, update.length);
		assert_true(w.failed);
	}
}

static void test_rfc7854_4_7_route_mirroring(void **state)
{
	struct bmp_peer peer = { .type = BMP_PEER_GLOBAL,
				 .flags = BMP_PEER_FLAG_O, /* RFC 8671: Adj-RIB-Out */
				 .address = ip_addr_v4(0x0a000001),
				 .as = 65001,
				 .bgp_id = 1 };
	struct hex update = hex(UPDATE);
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct bmp_message m;
	struct bmp_tlv tlv;

	(void)state;
	bmp_route_mirroring_encode(&w, &peer, update.bytes, update.length, 1);
	m = decode(&w);
	assert_int_equal(m.type, BMP_ROUTE_MIRRORING);
	assert_int_equal(m.peer.flags & BMP_PEER_FLAG_O, BMP_PEER_FLAG_O);
	assert_true(bmp_tlv_next(&m.tlvs, &tlv));
	assert_int_equal(tlv.type, BMP_MIRROR_INFORMATION);
	assert_bytes_equal(tlv.value, tlv.length, "0001");
	assert_true(bmp_tlv_next(&m.tlvs, &tlv));
	assert_int_equal(tlv.type, BMP_MIRROR_MESSAGE);
	assert_int_equal(tlv.length, update.length);
	assert_memory_equal(tlv.value, update.bytes, update.length);
	assert_false(bmp_tlv_next(&m.tlvs, &tlv));
	/* neither of both */
	w = writer_of(bytes, sizeof(bytes));
	bmp_route_mirroring_encode(&w, &peer, NULL, 0, -1);
	m = decode(&w);
	assert_false(bmp_tlv_next(&m.tlvs, &tlv));
	/* a TLV that is longer than the message */
	w = writer_of(bytes, sizeof(bytes));
	bmp_route_mirroring_encode(&w, &peer, update.bytes, update.length, -1);
	bytes[BMP_HEADER_BYTES + BMP_PEER_HEADER_BYTES + 3]++;
	assert_int_equal(bmp_message_decode(bytes, writer_length(&w), &m, &why), -1);
}

static void test_names_and_lengths(void **state)
{
	struct hex x = hex("03 0000 0030 01 00"), other = hex("02 0000 0030 01"),
		   small = hex("03 00000005 01");
	size_t length;

	(void)state;
	for (uint16_t i = 0; i <= BMP_STAT_ADJ_RIB_OUT_POST_FAMILY; i++)
		assert_non_null(bmp_stat_name(i));
	assert_null(bmp_stat_name(BMP_STAT_ADJ_RIB_OUT_POST_FAMILY + 1));
	assert_null(bmp_stat_name(65535));
	for (uint8_t i = 0; i <= BMP_ROUTE_MIRRORING; i++)
		assert_non_null(bmp_type_name(i));
	assert_null(bmp_type_name(BMP_ROUTE_MIRRORING + 1));
	assert_string_equal(bmp_down_reason_name(BMP_DOWN_LOCAL_TLV), "local-with-information");
	assert_null(bmp_down_reason_name(0));
	assert_null(bmp_down_reason_name(7));
	assert_string_equal(bmp_termination_reason_name(4), "permanently-closed");
	assert_null(bmp_termination_reason_name(5));
	assert_string_equal(bmp_tlv_name(BMP_TLV_TABLE_NAME), "table-name");
	assert_null(bmp_tlv_name(99));
	assert_string_equal(bmp_peer_type_name(BMP_PEER_LOC_RIB), "loc-rib");
	assert_null(bmp_peer_type_name(4));
	assert_int_equal(bmp_message_length(x.bytes, &length, &why), 0);
	assert_int_equal(length, 0x30);
	assert_int_equal(bmp_message_length(other.bytes, &length, &why), -1);
	assert_int_equal(bmp_message_length(small.bytes, &length, &why), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc7854_4_3_initiation),
		cmocka_unit_test(test_rfc7854_4_5_termination),
		cmocka_unit_test(test_rfc9069_4_peer_up_of_a_loc_rib),
		cmocka_unit_test(test_rfc7854_4_10_peer_up_of_a_session),
		cmocka_unit_test(test_rfc9069_5_3_peer_down),
		cmocka_unit_test(test_rfc7854_4_6_route_monitoring),
		cmocka_unit_test(test_rfc7854_4_8_statistics),
		cmocka_unit_test(test_stream_of_every_message_in_pieces_of_every_size),
		cmocka_unit_test(test_broken_streams),
		cmocka_unit_test(test_refused_message_ends_the_stream),
		cmocka_unit_test(test_too_little_room_fails),
		cmocka_unit_test(test_rfc7854_4_7_route_mirroring),
		cmocka_unit_test(test_names_and_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_cli_decode: files and streams of all kinds, as text and as JSON lines; what is cut off, lies
 * or is of another kind.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "run_decode.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <sys/wait.h>

/* --- raw --- */

static void test_raw(void **state)
{
	(void)state;
	put_update(1, 0);
	bgp_keepalive_encode(&w);
	put_update(2, 0);
	for (int from_stdin = 0; from_stdin < 2; from_stdin++) {
		decode("--json", from_stdin != 0);
		assert_int_equal(status, CLI_OK);
		assert_string_equal(err, "");
		assert_int_equal(lines(out), 3);
		assert_has(out, "{\"offset\":0,\"type\":\"UPDATE\"");
		assert_has(out, "\"announced\":{\"ipv4-unicast\":[{\"prefix\":\"10.1.1.0/24\"}]}}");
		assert_has(out, "\n{\"offset\":47,\"type\":\"KEEPALIVE\",\"length\":19}\n");
	}
	decode("", false);
	assert_has(out,
		   "offset 47 KEEPALIVE length 19\noffset 66 UPDATE length 47\n  attributes\n");
}

static void test_raw_filters(void **state)
{
	(void)state;
	put_update(1, 0);
	bgp_keepalive_encode(&w);
	put_update(2, 0);
	decode("--json --type keepalive", false);
	assert_int_equal(lines(out), 1);
	decode("--json --limit 2", false);
	assert_int_equal(lines(out), 2);
	decode("--json --prefix 10.1.2.0/24", false);
	assert_int_equal(lines(out), 1);
	assert_has(out, "10.1.2.0/24");
	decode("--json --prefix 10.0.0.0/8", false);
	assert_int_equal(lines(out), 2);
	decode("--json --prefix 10.1.0.0/25", false);
	assert_int_equal(lines(out), 0);
	decode("--peer 10.0.0.1", false);
	assert_int_equal(status, CLI_FAILED);
	assert_has(err, "raw messages do not name their peer");
}

static void test_raw_learns(void **state)
{
	(void)state;
	put_open(true, true);
	put_open(true, true);
	put_update(1, 7);
	decode("--json --type update", false);
	assert_int_equal(status, CLI_OK);
	assert_has(out, "{\"prefix\":\"10.1.1.0/24\",\"path-id\":7}");
	/* the second one does not want it */
	w.next = w.start;
	put_open(true, true);
	put_open(true, false);
	put_update(1, 0);
	decode("--json --type update", false);
	assert_int_equal(status, CLI_OK);
	assert_has(out, "[{\"prefix\":\"10.1.1.0/24\"}]");
	/* told */
	w.next = w.start;
	put_update(1, 9);
	decode("--json --add-path ipv6-unicast,ipv4-unicast", false);
	assert_int_equal(status, CLI_OK);
	assert_has(out, "\"path-id\":9");
	decode("--add-path ipv4", false);
	assert_int_equal(status, CLI_USAGE);
	/* two-octet AS numbers */
	w.next = w.start;
	put_open(false, false);
	put_update(1, 0);
	decode("--json --type update", false);
	assert_int_equal(status, CLI_FAILED); /* 4-octet AS_PATH */
	assert_has(out, "\"action\":\"treat-as-withdraw\"");
	assert_has(err, "1 malformed, the first at offset ");
}

/* 10.1.1.0/24 of labeled unicast, behind these labels. */
static void put_labeled(const uint8_t *labels, size_t count)
{
	const uint8_t head[] = { 0x80, 14, (uint8_t)(13 + 3 * count), 0, 1, 4, 4, 10, 0, 0, 1, 0 };
	size_t length = sizeof(head) + 4 + 3 * count;

	bgp_header_encode(&w, (uint16_t)(BGP_HEADER_BYTES + 4 + sizeof(ATTRS) + length),
			  BGP_UPDATE);
	writer_u16(&w, 0);
	writer_u16(&w, (uint16_t)(sizeof(ATTRS) + length));
	writer_bytes(&w, head, sizeof(head));
	writer_u8(&w, (uint8_t)(24 + 24 * count));
	writer_bytes(&w, labels, 3 * count);
	writer_bytes(&w, "\12\1\1", 3);
	writer_bytes(&w, ATTRS, sizeof(ATTRS));
}

static void put_open_with_labels(uint8_t labels_max)
{
	struct bgp_open open = { .version = 4, .as = { 65001 }, .hold_time_s = 90, .router_id = 1 };

	open.capabilities.as4 = open.capabilities.multiprotocol = true;
	open.capabilities.families[BGP_IPV4_LABELED] = true;
	open.capabilities.labels_max[BGP_IPV4_LABELED] = labels_max;
	bgp_open_encode(&w, &open);
}

/* RFC 8277 2.1: as the OPENs say; without them labels end with the bottom bit. */
static void test_raw_labels(void **state)
{
	static const uint8_t two[] = { 0, 6, 0x40, 0, 0x0c, 0x81 }; /* 100, 200 */

	(void)state;
	put_labeled(two, 2);
	decode("--json", false);
	assert_int_equal(status, CLI_OK);
	assert_has(out, "\"prefix\":\"10.1.1.0/24\",\"labels\":[100,200]");
	w.next = w.start;
	put_open_with_labels(255);
	put_open_with_labels(2);
	put_labeled(two, 2);
	decode("--json", false);
	assert_int_equal(status, CLI_OK);
	assert_has(out, "\"labels\":[100,200]");
	/* one side does not take them: there is one label, whatever its bottom bit says */
	w.next = w.start;
	put_open_with_labels(255);
	put_open_with_labels(0);
	put_labeled(two, 1);
	decode("--json", false);
	assert_int_equal(status, CLI_OK);
	assert_has(out, "\"prefix\":\"10.1.1.0/24\",\"labels\":[100]");
	put_labeled(two, 2);
	decode("--json", false);
	assert_int_equal(status, CLI_FAILED);
	assert_has(out, "several labels were not agreed on");
}

static void test_raw_resync(void **state)
{
	(void)state;
	bgp_keepalive_encode(&w);
	writer_bytes(&w, "some other octets that are no BGP message", 41);
	bgp_keepalive_encode(&w);
	put_update(1, 0);
	writer_bytes(&w, ATTRS, 12);
	decode("--json --raw", false);
	assert_int_equal(status, CLI_FAILED);
	assert_int_equal(lines(out), 5);
	assert_has(out, "{\"offset\":19,\"error\":\"no BGP marker here: 41 octets skipped\"}");
	assert_has(out, "{\"offset\":60,\"type\":\"KEEPALIVE\"");
	assert_has(out,
		   "{\"offset\":126,\"error\":\"the last record is cut off: 12 octets are left\"}");
	assert_has(err, "offset 19: no BGP marker here");
}

/* --- MRT --- */

static void put_table(bool add_path)
{
	static const uint8_t nlri[] = { 24, 10, 1, 1 };
	struct mrt_peer peers[2] = { { .as = 65001, .bgp_id = 1 }, { .as = 65002, .bgp_id = 2 } };
	struct mrt_rib rib = { .sequence = 0,
			       .afi = 1,
			       .safi = 1,
			       .addpath = add_path,
			       .nlri = nlri,
			       .nlri_length = sizeof(nlri) };
	struct mrt_rib_entry entries[2] = { { 0, 1000, 5, ATTRS, sizeof(ATTRS) },
					    { 1, 2000, 6, ATTRS, sizeof(ATTRS) } };

	peers[0].address = ip_addr_v4(0x0a000001);
	peers[1].address = ip_addr_v4(0x0a000002);
	mrt_peer_index_encode(&w, 1445644800, 0x0a0000ff, "view", peers, 2);
	mrt_rib_encode(&w, 1445644800, &rib, entries, 2);
}

static void test_mrt_table(void **state)
{
	(void)state;
	put_table(false);
	decode("--json", false);
	assert_int_equal(status, CLI_OK);
	assert_int_equal(lines(out), 3);
	assert_has(out, "{\"offset\":0,\"time\":\"2015-10-24T00:00:00Z\","
			"\"record\":\"PEER_INDEX_TABLE\",\"collector\":\"10.0.0.255\","
			"\"view\":\"view\",\"peers\":[{\"peer\":\"10.0.0.1\",\"peer-as\":65001,"
			"\"router-id\":\"0.0.0.1\"},");
	assert_has(out,
		   "\"record\":\"RIB_IPV4_UNICAST\",\"family\":\"ipv4-unicast\","
		   "\"prefix\":\"10.1.1.0/24\",\"peer\":\"10.0.0.2\",\"peer-as\":65002,"
		   "\"originated\":\"1970-01-01T00:33:20Z\",\"attributes\":{\"origin\":\"igp\","
		   "\"as-path\":[65001],\"next-hop\":\"10.0.0.1\"}}\n");
	decode("--json --peer 10.0.0.1", false);
	assert_int_equal(lines(out), 1);
	decode("--json --type rib_ipv4_unicast --limit 1", false);
	assert_int_equal(lines(out), 1);
	decode("--json --prefix 10.2.0.0/16", false);
	assert_int_equal(lines(out), 0);
	w.next = w.start;
	put_table(true);
	decode("--json", false);
	assert_has(out, "RIB_IPV4_UNICAST_ADDPATH");
	assert_has(out, "\"path-id\":6,\"peer\":\"10.0.0.2\"");
}

/* RFC 6396 4.2; 2-octet AS numbers */
static void test_mrt_table_dump(void **state)
{
	static const uint8_t attrs[] = { 0x40, 1, 1, 2, 0x40, 2, 4, 2, 1, 0xfd, 0xe9 };
	struct mrt_table_dump dump = { .status = 1,
				       .originated_s = 1000,
				       .peer_as = 65001,
				       .attrs = attrs,
				       .attrs_length = sizeof(attrs) };

	(void)state;
	assert_int_equal(ip_prefix_parse("2001:db8::/32", &dump.prefix, NULL), 0);
	assert_int_equal(ip_addr_parse("2001:db8::1", &dump.peer_address, NULL), 0);
	mrt_table_dump_encode(&w, 1445644800, &dump);
	decode("--json", false);
	assert_int_equal(status, CLI_OK);
	assert_has(out, "\"record\":\"TABLE_DUMP\",\"prefix\":\"2001:db8::/32\","
			"\"peer\":\"2001:db8::1\",\"peer-as\":65001");
	assert_has(out, "\"origin\":\"incomplete\",\"as-path\":[65001]");
}

static void put_bgp4mp(struct mrt_bgp4mp m, bool with_microseconds)
{
	uint8_t message[128];
	struct writer kept = w;

	m.peer_as = 65001;
	m.local_as = 65000;
	m.peer_address = ip_addr_v4(0x0a000001);
	m.local_address = ip_addr_v4(0x0a0000ff);
	if (!m.is_state_change) {
		w = writer_of(message, sizeof(message));
		put_update(1, m.addpath ? 3 : 0);
		m.message = message;
		m.message_length = writer_length(&w);
		w = kept;
	}
	mrt_bgp4mp_encode(&w, &m, 1445644800, 250000, with_microseconds);
}

static void test_mrt_messages(void **state)
{
	(void)state;
	put_bgp4mp((struct mrt_bgp4mp){ .as4 = true }, false);
	put_bgp4mp((struct mrt_bgp4mp){ .as4 = true, .addpath = true, .local = true }, true);
	put_bgp4mp(
		(struct mrt_bgp4mp){
			.as4 = true, .is_state_change = true, .old_state = 3, .new_state = 1 },
		false);
	decode("--json", false);
	assert_int_equal(status, CLI_OK);
	assert_int_equal(lines(out), 3);
	assert_has(out, "\"record\":\"BGP4MP_MESSAGE_AS4\",\"peer\":\"10.0.0.1\",\"peer-as\":65001,"
			"\"local\":\"10.0.0.255\",\"local-as\":65000,\"direction\":\"received\","
			"\"type\":\"UPDATE\"");
	assert_has(out, "\"time\":\"2015-10-24T00:00:00.250000Z\","
			"\"record\":\"BGP4MP_MESSAGE_AS4_LOCAL_ADDPATH\"");
	assert_has(out, "\"path-id\":3");
	assert_has(out, "\"old-state\":\"active\",\"new-state\":\"idle\"");
	decode("--json --type state-change", false);
	assert_int_equal(lines(out), 0);
	decode("--json --type bgp4mp-state-change-as4", false);
	assert_int_equal(lines(out), 1);
	decode("--json --type update", false);
	assert_int_equal(lines(out), 2);
}

/* A record that lies inside is passed over; one of a type that nobody knows is named. */
static void test_mrt_resync(void **state)
{
	(void)state;
	put_table(false);
	writer_u32(&w, 1);
	writer_u16(&w, MRT_TABLE_DUMP_V2);
	writer_u16(&w, MRT_RIB_IPV4_UNICAST);
	writer_u32(&w, 9);
	writer_u32(&w, 1);
	writer_u32(&w, 0xff000000);
	writer_u8(&w, 0);
	writer_u32(&w, 1);
	writer_u16(&w, 48);
	writer_u16(&w, 5);
	writer_u32(&w, 2);
	writer_u16(&w, 0xabcd);
	writer_u32(&w, 1);
	writer_u16(&w, MRT_TABLE_DUMP_V2);
	writer_u16(&w, 99);
	writer_u32(&w, 1);
	writer_u8(&w, 0);
	put_bgp4mp((struct mrt_bgp4mp){ .as4 = true }, true);
	decode("--json", false);
	assert_int_equal(status, CLI_FAILED);
	assert_int_equal(lines(out), 7);
	assert_has(out, "\"error\":\"the RIB record");
	assert_has(out, "\"record\":\"MRT_TYPE_48_SUBTYPE_5\",\"length\":2,\"skipped\":");
	assert_has(out, "\"record\":\"MRT_TYPE_13_SUBTYPE_99\",\"length\":1,\"skipped\":");
	assert_has(out, "\"record\":\"BGP4MP_MESSAGE_AS4\"");
}

/* RFC 6396 4.3.3: NLRI of another family; and a peer that the index does not have */
static void test_mrt_generic(void **state)
{
	static const uint8_t evpn[] = { 3, 17, 0, 0, 0xfd, 0xe8, 0, 0, 0, 1,
					0, 0,  0, 0, 32,   10,	 0, 0, 1 };
	static const uint8_t attrs[] = { 0x40, 1, 1, 0, 0x80, 14, 5, 4, 10, 0, 0, 9 };
	struct mrt_rib rib = { .afi = 25, .safi = 70, .nlri = evpn, .nlri_length = sizeof(evpn) };
	struct mrt_rib_entry entry = { 77, 1000, 0, attrs, sizeof(attrs) };

	(void)state;
	mrt_rib_encode(&w, 1445644800, &rib, &entry, 1);
	decode("--json", false);
	assert_has(out, "\"record\":\"RIB_GENERIC\",\"family\":\"l2vpn-evpn\",\"nlri\":\"");
	assert_has(out, "\"route-type\":3");
	assert_has(out, "\"rd\":\"65000:1\"");
	assert_has(out, "\"peer-index\":77");
	assert_has(out, "\"mp-reach-nlri\":{\"next-hop\":[\"10.0.0.9\"]}");
	rib.addpath = rib.id_in_nlri = true;
	rib.path_id = 4711;
	mrt_rib_encode(&w, 1445644800, &rib, &entry, 1);
	decode("--json --type rib-generic-addpath", false);
	assert_int_equal(status, CLI_OK);
	assert_has(out, "\"rd\":\"65000:1\",\"path-id\":4711,");
}

/* RFC 6397: peers in the order of the table before; one keeps its place to itself. */
static void test_mrt_geo(void **state)
{
	static const struct mrt_place collector = { 52.5f, -4.875f };
	struct mrt_geo_peer peers[2] = { { 2, 1, { -33.25f, 151.0f } }, { 2, 2, { NAN, NAN } } };

	(void)state;
	put_table(false);
	mrt_geo_table_encode(&w, 1445644800, 0x0a0000ff, &collector, peers, 2);
	decode("--json --type geo-peer-table", false);
	assert_int_equal(status, CLI_OK);
	assert_has(out, "\"collector\":\"10.0.0.255\",\"latitude\":\"52.50000\",\"longitude\":"
			"\"-4.87500\",\"peers\":[{\"peer\":\"10.0.0.1\",\"router-id\":\"0.0.0.1\","
			"\"latitude\":\"-33.25000\",\"longitude\":\"151.00000\"},"
			"{\"peer\":\"10.0.0.2\",\"router-id\":\"0.0.0.2\"}]}");
}

/* --- BMP --- */

static struct bmp_peer bmp_peer(void)
{
	return (struct bmp_peer){ .type = BMP_PEER_GLOBAL,
				  .address = ip_addr_v4(0x0a000001),
				  .as = 65001,
				  .bgp_id = 1,
				  .time_s = 1445644800,
				  .time_us = 5 };
}

static size_t make(uint8_t message[static 256], bool open, bool add_path, uint32_t path_id)
{
	struct writer kept = w;
	size_t length;

	w = writer_of(message, 256);
	if (open)
		put_open(true, add_path);
	else
		put_update(1, path_id);
	length = writer_length(&w);
	w = kept;
	return length;
}

static void put_bmp(void)
{
	struct bmp_peer peer = bmp_peer();
	struct bmp_stat stats[2] = {
		{ .type = BMP_STAT_ADJ_RIB_IN, .value = 5 },
		{ .type = BMP_STAT_ADJ_RIB_IN_FAMILY, .afi = 1, .safi = 1, .value = 6 }
	};
	uint8_t open[256], update[256];
	struct bmp_peer_up up = { .local_port = 179, .remote_port = 5000 };

	up.local_address = ip_addr_v4(0x0a0000ff);
	up.sent_open = up.received_open = open;
	up.sent_open_length = up.received_open_length = make(open, true, true, 0);
	bmp_initiation_encode(&w, "gw\x01", "system", NULL);
	bmp_peer_up_encode(&w, &peer, &up, NULL);
	bmp_route_monitoring_encode(&w, &peer, update, make(update, false, false, 4));
	bmp_statistics_encode(&w, &peer, stats, 2);
	bmp_route_mirroring_encode(&w, &peer, update, make(update, false, false, 4), 0);
	bmp_peer_down_encode(&w, &peer, BMP_DOWN_LOCAL_FSM, (const uint8_t *)"\0\x12", 2, NULL);
	bmp_termination_encode(&w, 2, "bye");
}

static void test_bmp(void **state)
{
	(void)state;
	put_bmp();
	decode("--json", true);
	assert_int_equal(status, CLI_OK);
	assert_int_equal(lines(out), 7);
	assert_has(out, "\"record\":\"INITIATION\",\"tlvs\":[");
	assert_has(out, "\"name\":\"sys-name\",\"value\":\"gw\\u0001\"");
	assert_has(out, "\"record\":\"PEER_UP\",\"peer-type\":\"global\",\"peer\":\"10.0.0.1\"");
	assert_has(out, "\"local\":\"10.0.0.255\",\"local-port\":179,\"remote-port\":5000,"
			"\"sent\":{\"type\":\"OPEN\"");
	assert_has(out, "\"record\":\"ROUTE_MONITORING\"");
	assert_has(out, "\"path-id\":4"); /* learned from the OPENs */
	assert_has(out, "{\"type\":7,\"name\":\"adj-rib-in-routes\",\"value\":5}");
	assert_has(out, "{\"type\":9,\"name\":\"adj-rib-in-routes-of-family\","
			"\"family\":\"ipv4-unicast\",\"value\":6}");
	assert_has(out, "{\"information\":\"errored-pdu\"},{\"type\":\"UPDATE\"");
	assert_has(out, "\"reason\":\"local-without-notification\",\"fsm-event\":18");
	assert_has(out, "\"record\":\"TERMINATION\",\"reason\":\"out-of-resources\"");
	decode("--type peer-up --peer 10.0.0.1", false);
	assert_has(out, "  sent OPEN length 49 version 4 ");
	assert_has(out, "    capabilities\n      multiprotocol ipv4-unicast\n");
	decode("--type update --peer 10.0.0.2", false);
	assert_string_equal(out, "");
}

static void test_bmp_wrong(void **state)
{
	struct bmp_peer peer = bmp_peer();
	size_t before;

	(void)state;
	bmp_initiation_encode(&w, "gw", "system", NULL);
	before = writer_length(&w);
	bmp_route_monitoring_encode(&w, &peer, ATTRS, sizeof(ATTRS)); /* no UPDATE */
	writer_u8(&w, 3);					      /* a type that nobody knows */
	writer_u32(&w, 7);
	writer_u8(&w, 100);
	writer_u8(&w, 0);
	bmp_termination_encode(&w, 0, NULL);
	writer_u8(&w, 9); /* no BMP */
	writer_u64(&w, 0);
	decode("--json", false);
	assert_int_equal(status, CLI_FAILED);
	assert_int_equal(lines(out), 5);
	assert_has(out, "\"error\":\"Route Monitoring does not hold one BGP UPDATE\"");
	assert_has(out, "\"record\":\"BMP_TYPE_100\"");
	assert_has(out, "\"record\":\"TERMINATION\",\"reason\":\"administratively-closed\"");
	assert_has(err, "BMP version 9");
	assert_true(before > 0);
}

/* --- the command line --- */

static void test_usage(void **state)
{
	static const char *const wrong[] = { "--raw --mrt", "--limit 0",	   "--limit x",
					     "-o yaml",	    "--prefix 10.0.0.1/8", "--peer 10.0.0",
					     "--socket x",  "--type updates" };

	(void)state;
	bgp_keepalive_encode(&w);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		decode(wrong[i], false);
		assert_int_equal(status, CLI_USAGE);
		assert_true(strlen(err) > 10);
		assert_string_equal(out, "");
	}
}

static void test_empty_and_absent(void **state)
{
	(void)state;
	decode("", false);
	assert_int_equal(status, CLI_OK);
	assert_string_equal(out, "");
	decode("/nowhere/at/all", false); /* the other file is read all the same */
	assert_int_equal(status, CLI_FAILED);
	assert_has(err, "/nowhere/at/all: No such file");
	writer_bytes(&w, ATTRS, 5);
	decode("", false);
	assert_int_equal(status, CLI_FAILED);
	assert_has(err, "cut off");
}

/* The kind is seen from the first octets; what is none is not guessed at. */
static void test_kinds(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		const char *words;
	} wrong[] = {
		{ "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 10, "truncated gzip input" },
		{ "root:x:0:0:root:/root:/bin/bash\n", 32, "is not MRT, BMP or BGP messages" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		w.next = w.start;
		writer_bytes(&w, wrong[i].bytes, wrong[i].length);
		decode("", false);
		assert_int_equal(status, CLI_FAILED);
		assert_string_equal(out, "");
		assert_has(err, wrong[i].words);
	}
	/* told otherwise, it is tried */
	decode("--raw", false);
	assert_int_equal(status, CLI_FAILED);
	assert_has(out, "no BGP marker here");
}

/* Puts what the writer holds, as this libarchive filter packs it, in its place. */
static void pack(int (*filter)(struct archive *))
{
	static uint8_t packed[sizeof(bytes)];
	struct archive *a = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	size_t length;

	assert_int_equal(filter(a), ARCHIVE_OK);
	assert_int_equal(archive_write_set_format_raw(a), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(a, packed, sizeof(packed), &length), ARCHIVE_OK);
	archive_entry_set_filetype(entry, AE_IFREG);
	assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, bytes, writer_length(&w)), writer_length(&w));
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_entry_free(entry);
	archive_write_free(a);
	w.next = w.start;
	writer_bytes(&w, packed, length);
}

/* Packed files are read as they are, from a file and from stdin; one that is cut off gives what is
 * whole in it. */
static void test_packed(void **state)
{
	static int (*const filters[])(struct archive *) = {
		archive_write_add_filter_gzip,
		archive_write_add_filter_bzip2,
		archive_write_add_filter_xz,
		archive_write_add_filter_zstd,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		w.next = w.start;
		put_update(1, 0);
		for (int j = 0; j < 500; j++)
			bgp_keepalive_encode(&w);
		put_update(2, 0);
		pack(filters[i]);
		assert_true(writer_length(&w) < 1000);
		for (int from_stdin = 0; from_stdin < 2; from_stdin++) {
			decode("--json", from_stdin != 0);
			assert_string_equal(err, "");
			assert_int_equal(status, CLI_OK);
			assert_int_equal(lines(out), 502);
			assert_has(out, "{\"offset\":9547,\"type\":\"UPDATE\"");
		}
	}
	w.next -= 12;
	decode("--json", false);
	assert_int_equal(status, CLI_FAILED);
	assert_has(err, path);
}

/* A packed file that was not fetched to its end: what is there is printed, and it is no success. */
static void test_packed_cut_off(void **state)
{
	uint32_t random = 1;

	(void)state;
	w.next = w.start;
	for (int i = 0; i < 3000; i++) { /* more than is unpacked at once */
		random = random * 1103515245u + 12345u;
		put_update((uint8_t)(random >> 16), random);
	}
	pack(archive_write_add_filter_gzip);
	assert_true(writer_length(&w) > 4000);
	w.next -= 1000;
	decode("--summary --add-path all", false);
	assert_int_equal(status, CLI_FAILED);
	assert_has(err, "truncated gzip input");
	assert_has(out, "  messages\n    UPDATE ");
}

/* What cannot be written is said once, and is no success. */
static void test_output_lost(void **state)
{
	char *words[] = { (char *)(uintptr_t) "helioctl", (char *)(uintptr_t) "decode",
			  (char *)(uintptr_t) "--hex",
			  (char *)(uintptr_t) "ffffffffffffffffffffffffffffffff001304" };
	FILE *to_err;
	int kept_out, kept_err, full = open("/dev/full", O_WRONLY);

	(void)state;
	assert_true(full >= 0);
	fflush(stdout);
	kept_out = dup(STDOUT_FILENO);
	assert_true(dup2(full, STDOUT_FILENO) >= 0);
	to_err = redirect(stderr, &kept_err);
	status = cli_main(tables, 4, words);
	restore(stderr, to_err, kept_err, err);
	clearerr(stdout);
	assert_true(dup2(kept_out, STDOUT_FILENO) >= 0);
	close(kept_out);
	close(full);
	assert_int_equal(status, CLI_FAILED);
	assert_string_equal(err, "helioctl: stdout: No space left on device\n");
}

static void test_several(void **state)
{
	char options[256];

	(void)state;
	put_update(1, 0);
	bgp_keepalive_encode(&w);
	snprintf(options, sizeof(options), "--json %s %s", path, path);
	decode(options, false);
	assert_int_equal(status, CLI_OK);
	assert_int_equal(lines(out), 6);
	snprintf(options, sizeof(options), "--json --limit 3 %s %s", path, path);
	decode(options, false);
	assert_int_equal(lines(out), 3);
	snprintf(options, sizeof(options), "--json --limit 2 %s %s", path, path);
	decode(options, false);
	assert_int_equal(lines(out), 2);
}

static void test_hex(void **state)
{
	static const struct {
		const char *digits;
		int status;
		const char *words; /* on stdout, or stderr */
	} cases[] = {
		{ "ffffffffffffffffffffffffffffffff001304", CLI_OK, "KEEPALIVE" },
		{ "FF:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:00:13:04", CLI_OK, "KEEPALIVE" },
		{ "0xffffffffffffffffffffffffffffffff:0x0013:0x04", CLI_OK, "KEEPALIVE" },
		{ "", CLI_OK, "" },
		{ "ffffffffffffffffffffffffffffffff00130", CLI_FAILED, "the last octet has one" },
		{ "ff-ff", CLI_FAILED, "--hex: character 3 is no hexadecimal digit" },
		{ "0x", CLI_OK, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		/* on stdin; a line break is nothing */
		w.next = w.start;
		writer_bytes(&w, cases[i].digits, strlen(cases[i].digits));
		writer_u8(&w, '\n');
		decode("--hex", true);
		assert_int_equal(status, cases[i].status);
		assert_has(status == CLI_OK ? out : err, cases[i].words);
	}
}

/* The digits stand on the line. */
static void test_hex_argument(void **state)
{
	char *words[] = { (char *)(uintptr_t) "helioctl", (char *)(uintptr_t) "decode",
			  (char *)(uintptr_t) "--hex",
			  (char *)(uintptr_t) "ffffffffffffffff ffffffffffffffff 0013 04" };
	FILE *to_out;
	int kept;

	(void)state;
	to_out = redirect(stdout, &kept);
	status = cli_main(tables, 4, words);
	restore(stdout, to_out, kept, out);
	assert_int_equal(status, CLI_OK);
	assert_string_equal(out, "offset 0 KEEPALIVE length 19\n");
}

/* A stream that goes on: what came is printed before more of it does. */
static void test_live(void **state)
{
	static char *const words[] = { (char *)(uintptr_t) "helioctl", (char *)(uintptr_t) "decode",
				       (char *)(uintptr_t) "--raw", (char *)(uintptr_t) "-" };
	int in[2], to[2], status_of_child;
	char line[128] = "";
	struct pollfd wait;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(to), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(to[1], STDOUT_FILENO);
		close(in[1]);
		_exit(cli_main(tables, 4, (char **)(uintptr_t)words));
	}
	close(in[0]);
	close(to[1]);
	for (int i = 0; i < 3; i++) {
		w.next = w.start;
		bgp_keepalive_encode(&w);
		assert_int_equal(write(in[1], bytes, 19), 19);
		wait = (struct pollfd){ .fd = to[0], .events = POLLIN };
		assert_int_equal(poll(&wait, 1, 60000), 1);
		assert_true(read(to[0], line, sizeof(line) - 1) > 0);
		assert_has(line, "KEEPALIVE length 19\n");
	}
	close(in[1]);
	assert_int_equal(waitpid(child, &status_of_child, 0), child);
	assert_true(WIFEXITED(status_of_child) && WEXITSTATUS(status_of_child) == 0);
	close(to[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_raw, setup, teardown),
		cmocka_unit_test_setup_teardown(test_raw_filters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_raw_learns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_raw_labels, setup, teardown),
		cmocka_unit_test_setup_teardown(test_raw_resync, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mrt_table, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mrt_table_dump, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mrt_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mrt_resync, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mrt_generic, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mrt_geo, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bmp, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bmp_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(test_kinds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_packed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_packed_cut_off, setup, teardown),
		cmocka_unit_test_setup_teardown(test_output_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(test_several, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hex, setup, teardown),
		cmocka_unit_test_setup_teardown(test_live, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hex_argument, setup, teardown),
		cmocka_unit_test_setup_teardown(test_usage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_empty_and_absent, setup, teardown),
	};

	return cmocka_run_group_tests_name("cli_decode", tests, NULL, NULL);
}

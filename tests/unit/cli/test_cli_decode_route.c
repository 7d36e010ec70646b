/*
 * test_cli_decode_route: which routes the filters of decode let through, the lines of "-m", and
 * summaries.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "run_decode.h"

#define TIME 1445644800u /* 2015-10-24T00:00:00Z */
#define TIME_TEXT "1445644800"

static size_t unhex(const char *digits, uint8_t to[static 256])
{
	static const char all[] = "0123456789abcdef";
	size_t count = 0;

	for (; *digits != '\0'; digits++) {
		const char *digit = strchr(all, *digits);

		if (*digits == ' ')
			continue;
		assert_non_null(digit);
		to[count / 2] = (uint8_t)(to[count / 2] << 4 | (uint8_t)(digit - all));
		count++;
	}
	assert_true(count % 2 == 0 && count / 2 <= 256);
	return count / 2;
}

struct update {
	const char *withdrawn, *attrs, *nlri; /* NULL: nothing */
	uint32_t time_s;
	bool as2;
	bool add_path;
	bool microseconds;
	bool local;
};

static void put_mrt_update(struct update u)
{
	uint8_t part[3][256] = { 0 }, message[1024];
	size_t withdrawn = unhex(u.withdrawn != NULL ? u.withdrawn : "", part[0]);
	size_t attrs = unhex(u.attrs != NULL ? u.attrs : "", part[1]);
	size_t nlri = unhex(u.nlri != NULL ? u.nlri : "", part[2]);
	struct writer m = writer_of(message, sizeof(message));
	struct mrt_bgp4mp record = { .peer_as = 65001,
				     .local_as = 65001,
				     .as4 = !u.as2,
				     .addpath = u.add_path,
				     .local = u.local,
				     .message = message };

	bgp_header_encode(&m, (uint16_t)(BGP_HEADER_BYTES + 4 + withdrawn + attrs + nlri),
			  BGP_UPDATE);
	writer_u16(&m, (uint16_t)withdrawn);
	writer_bytes(&m, part[0], withdrawn);
	writer_u16(&m, (uint16_t)attrs);
	writer_bytes(&m, part[1], attrs);
	writer_bytes(&m, part[2], nlri);
	record.message_length = writer_length(&m);
	record.peer_address = ip_addr_v4(0xc0000201);
	record.local_address = ip_addr_v4(0xc0000202);
	mrt_bgp4mp_encode(&w, &record, u.time_s != 0 ? u.time_s : TIME, 42, u.microseconds);
}

/* ORIGIN, AS_PATH 65001 65002 {65003 65004}, NEXT_HOP 192.0.2.1 */
#define PLAIN "40010100 400214 0202 0000fde9 0000fdea 0102 0000fdeb 0000fdec 400304 c0000201 "
/* 65000:1, no-export, blackhole; 65000:1:2; rt:65000:9 */
#define COMMUNITIES                                                            \
	"c0080c fde80001 ffffff01 ffff029a c0200c 0000fde8 00000001 00000002 " \
	"c01008 0002fde800000009 "

static void put_routes(void)
{
	w.next = w.start;
	put_mrt_update((struct update){ .attrs = PLAIN COMMUNITIES, .nlri = "180a0101 100a01" });
	put_mrt_update((struct update){ .withdrawn = "180a0102", .time_s = TIME + 60 });
	put_mrt_update((struct update){ .attrs = "40010101 400206 0201 0000fdea 400304 c0000201",
					.nlri = "00" });
	/* 2001:db8::/32, next hop 2001:db8::1 */
	put_mrt_update((struct update){
		.attrs = "800e1a 000201 10 20010db8000000000000000000000001 00 2020010db8"
			 "40010102 400206 0201 0000fde9" });
}

/* --- filters --- */

static void test_filters(void **state)
{
	static const struct {
		const char *options;
		size_t lines; /* of routes */
		const char *words;
	} cases[] = {
		{ "", 5, "" },
		{ "--prefix 10.1.0.0/16", 3, "" },
		{ "--prefix 10.1.1.0/24", 1, "" },
		{ "--exact 10.1.0.0/16", 1, "|10.1.0.0/16|" },
		{ "--exact 10.0.0.0/15", 0, "" },
		{ "--covering 10.1.1.1", 3, "|0.0.0.0/0|" },
		{ "--covering 10.1.2.0/24", 3, "|W|" },
		{ "--covering ::/0", 0, "" },
		{ "--prefix ::/0", 1, "|2001:db8::/32|" },
		{ "--prefix 2001:db8::/32", 1, "" },
		{ "--family ipv6-unicast", 1, "|2001:db8::/32|" },
		{ "--family ipv4-unicast", 4, "" },
		{ "--family l2vpn-evpn", 0, "" },
		{ "--as-path ^65001", 3, "" },
		{ "--as-path _65002_", 3, "" },
		{ "--as-path _6500_", 0, "" },
		{ "--as-path _65002$", 1, "|EGP|" },
		{ "--as-path _65003_", 2, "{65003,65004}" },
		{ "--as-path ^65001_65002_", 2, "" },
		{ "--as-path ^$", 0, "" },
		{ "--community 65000:1", 2, "" },
		{ "--community no-export", 2, "" },
		{ "--community 65535:65281", 2, "" },
		{ "--community 65535:666", 2, "" },
		{ "--community blackhole", 2, "" },
		{ "--community 65000:1:2", 2, "" },
		{ "--community rt:65000:9", 2, "" },
		{ "--community 65000:2", 0, "" },
		{ "--community 65000", 0, "" },
		{ "--community 65000:1 --exact 10.1.0.0/16 --as-path 65002", 1, "" },
		{ "--peer 192.0.2.1", 5, "" },
		{ "--peer 192.0.2.2", 0, "" },
		{ "--since 2015-10-24T00:01:00Z", 1, "|W|" },
		{ "--since 1445644860", 1, "|W|" },
		{ "--until 2015-10-24T00:00", 4, "" },
		{ "--since 2015-10-24 --until 2015-10-24T00:00:59", 4, "" },
		{ "--until 2015-10-23", 0, "" },
		{ "--type update", 5, "" },
		{ "--type keepalive", 0, "" },
		{ "--type bgp4mp-message-as4", 5, "" },
		{ "--limit 2", 2, "" },
	};
	char options[256];

	(void)state;
	put_routes();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(options, sizeof(options), "-m %s", cases[i].options);
		decode(options, false);
		assert_string_equal(err, "");
		assert_int_equal(status, CLI_OK);
		if (lines(out) != cases[i].lines)
			fail_msg("%s: %zu lines: %s", cases[i].options, lines(out), out);
		assert_has(out, cases[i].words);
		/* a record is printed whole when one of its routes passes, and then alone */
		snprintf(options, sizeof(options), "--json %s", cases[i].options);
		decode(options, false);
		assert_int_equal(status, CLI_OK);
		if ((lines(out) == 0) != (cases[i].lines == 0) || lines(out) > 4)
			fail_msg("%s: %zu records: %s", cases[i].options, lines(out), out);
	}
}

static void test_filters_refused(void **state)
{
	static const struct {
		const char *options;
		const char *words;
	} cases[] = {
		{ "--prefix 10.0.0.0/8 --exact 10.0.0.0/8", "at most one" },
		{ "--covering 10.0.0.0/33", "--covering: " },
		{ "--exact x", "--exact: " },
		{ "--family ipv4", "is no family" },
		{ "--as-path (", "--as-path: " },
		{ "--since yesterday", "--since: must be like" },
		{ "--until 2015-10-24T00:00:00X", "--until: must be like" },
		{ "--until 2015-13-24", "--until: must be like" },
		{ "-m --json", "-m goes with neither" },
		{ "-m --summary", "-m goes with neither" },
		{ "--raw --since 1", "raw messages have no time" },
	};

	(void)state;
	put_routes();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		decode(cases[i].options, false);
		assert_int_not_equal(status, CLI_OK);
		assert_string_equal(out, "");
		assert_has(err, cases[i].words);
	}
}

/* --- lines --- */

static void test_lines(void **state)
{
	(void)state;
	put_routes();
	put_mrt_update((struct update){
		.attrs = "40010100 400200 400304 c0000201 80040400000007 40050400000064 400600 "
			 "c00708 0000fde9 0a000001",
		.nlri = "180a0103",
		.microseconds = true });
	decode("-m", false);
	assert_int_equal(status, CLI_OK);
	assert_string_equal(
		out,
		"BGP4MP|" TIME_TEXT "|A|192.0.2.1|65001|10.1.1.0/24|65001 65002 {65003,65004}|IGP|"
		"192.0.2.1|0|0|65000:1 no-export 65535:666|NAG||\n"
		"BGP4MP|" TIME_TEXT "|A|192.0.2.1|65001|10.1.0.0/16|65001 65002 {65003,65004}|IGP|"
		"192.0.2.1|0|0|65000:1 no-export 65535:666|NAG||\n"
		"BGP4MP|1445644860|W|192.0.2.1|65001|10.1.2.0/24\n"
		"BGP4MP|" TIME_TEXT "|A|192.0.2.1|65001|0.0.0.0/0|65002|EGP|192.0.2.1|0|0||NAG||\n"
		"BGP4MP|" TIME_TEXT "|A|192.0.2.1|65001|2001:db8::/32|65001|INCOMPLETE|2001:db8::1|"
		"0|0||NAG||\n"
		"BGP4MP_ET|" TIME_TEXT
		".000042|A|192.0.2.1|65001|10.1.3.0/24||IGP|192.0.2.1|100|7||"
		"AG|65001 10.0.0.1|\n");
}

/* 2-octet AS numbers are merged with AS4_PATH and AS4_AGGREGATOR (RFC 6793 4.2.3). */
static void test_lines_as4(void **state)
{
	(void)state;
	put_mrt_update((struct update){
		.as2 = true,
		.attrs = "40010100 400208 0203 fde9 5ba0 5ba0 400304 c0000201 c00706 5ba0 0a000001 "
			 "c0110a 0202 00010001 00010002 c01208 00010002 0a000002",
		.nlri = "180a0103" });
	put_mrt_update((struct update){ .as2 = true,
					.local = true,
					.attrs = "40010100 400204 0201 5ba0 400304 c0000201 "
						 "c0110a 0202 00010001 00010002",
					.nlri = "180a0103" });
	decode("-m", false);
	assert_string_equal(out, "BGP4MP|" TIME_TEXT "|A|192.0.2.1|65001|10.1.3.0/24|"
				 "65001 65537 65538|IGP|192.0.2.1|0|0||NAG|65538 10.0.0.2|\n"
				 "BGP4MP_LOCAL|" TIME_TEXT "|A|192.0.2.1|65001|10.1.3.0/24|"
				 "23456|IGP|192.0.2.1|0|0||NAG||\n");
}

static void test_lines_tables(void **state)
{
	static const uint8_t nlri[] = { 24, 10, 1, 1 };
	uint8_t attrs[256] = { 0 }, mp[256] = { 0 };
	struct mrt_peer peer = { .address = ip_addr_v4(0x0a000001), .as = 65001, .bgp_id = 1 };
	struct mrt_rib rib = { .afi = 1, .safi = 1, .nlri = nlri, .nlri_length = sizeof(nlri) };
	struct mrt_rib_entry entries[2] = { { 0, 1000, 7, attrs, unhex(PLAIN, attrs) },
					    { 3, 2000, 8, mp, 0 } };
	struct mrt_table_dump dump = { .status = 1, .peer_as = 65001 };

	(void)state;
	/* abbreviated MP_REACH_NLRI */
	entries[1].attrs_length = unhex("40010102 400206 0201 0000fde9 800e05 04 0a000009", mp);
	mrt_peer_index_encode(&w, TIME, 1, "", &peer, 1);
	mrt_rib_encode(&w, TIME, &rib, entries, 2);
	rib.addpath = true;
	mrt_rib_encode(&w, TIME, &rib, entries, 1);
	dump.prefix = ip_prefix_of(&peer.address, 8);
	dump.peer_address = peer.address;
	dump.attrs = mp;
	dump.attrs_length = unhex("40010100 400204 0201 fde9 400304 c0000201", mp + 100);
	dump.attrs = mp + 100;
	mrt_table_dump_encode(&w, TIME, &dump);
	decode("-m", false);
	assert_string_equal(out, "TABLE_DUMP2|" TIME_TEXT "|B|10.0.0.1|65001|10.1.1.0/24|"
				 "65001 65002 {65003,65004}|IGP|192.0.2.1|0|0||NAG||\n"
				 "TABLE_DUMP2|" TIME_TEXT
				 "|B|||10.1.1.0/24|65001|INCOMPLETE|10.0.0.9|0|0||NAG||\n"
				 "TABLE_DUMP2_AP|" TIME_TEXT "|B|10.0.0.1|65001|10.1.1.0/24|7|"
				 "65001 65002 {65003,65004}|IGP|192.0.2.1|0|0||NAG||\n"
				 "TABLE_DUMP|" TIME_TEXT
				 "|B|10.0.0.1|65001|10.0.0.0/8|65001|IGP|192.0.2.1|0|0||"
				 "NAG||\n");
}

/* Path identifiers, a change of state, raw messages; what is malformed is counted, and what can be
 * read of it is shown. */
static void test_lines_others(void **state)
{
	struct mrt_bgp4mp change = { .is_state_change = true,
				     .as4 = true,
				     .peer_as = 65001,
				     .old_state = 6,
				     .new_state = 1 };

	(void)state;
	change.peer_address = ip_addr_v4(0xc0000201);
	put_mrt_update((struct update){ .add_path = true, .withdrawn = "00000007 180a0102" });
	mrt_bgp4mp_encode(&w, &change, TIME, 0, false);
	put_mrt_update((struct update){ .attrs = "40010100 400206 0201 00000000 400304 c0000201",
					.nlri = "180a0103" });
	put_mrt_update((struct update){ .attrs = PLAIN, .nlri = "630a0103" });
	decode("-m", false);
	assert_int_equal(status, CLI_FAILED);
	assert_has(err, "2 malformed, the first at offset ");
	assert_string_equal(out, "BGP4MP_AP|" TIME_TEXT "|W|192.0.2.1|65001|10.1.2.0/24|7\n"
				 "BGP4MP|" TIME_TEXT "|STATE|192.0.2.1|65001|6|1\n"
				 "BGP4MP|" TIME_TEXT
				 "|A|192.0.2.1|65001|10.1.3.0/24|0|IGP|192.0.2.1|0|0||NAG||\n");
	w.next = w.start;
	put_open(true, false);
	put_update(1, 0);
	decode("-m", false);
	assert_int_equal(status, CLI_OK);
	assert_string_equal(out, "BGP||A|||10.1.1.0/24|65001|IGP|10.0.0.1|0|0||NAG||\n");
}

/* --- summaries --- */

static void test_summary(void **state)
{
	(void)state;
	put_routes();
	put_mrt_update((struct update){ .attrs = PLAIN COMMUNITIES, .nlri = "180a0101" });
	put_mrt_update((struct update){ .attrs = "40010100 400206 0201 00000000 400304 c0000201",
					.nlri = "180a0103" });
	decode("--summary --json", false);
	assert_int_equal(status, CLI_FAILED);
	assert_int_equal(lines(out), 1);
	assert_has(out, "\"first\":\"2015-10-24T00:00:00Z\",\"last\":\"2015-10-24T00:01:00Z\","
			"\"records\":{\"BGP4MP_MESSAGE_AS4\":6},\"messages\":{\"UPDATE\":6},"
			"\"routes\":{\"ipv4-unicast\":{\"announced\":5,\"different\":4,"
			"\"withdrawn\":1},\"ipv6-unicast\":{\"announced\":1,\"different\":1,"
			"\"withdrawn\":0}},\"attribute-sets\":4,\"peers\":[{\"peer\":\"192.0.2.1\","
			"\"peer-as\":65001,\"records\":6,\"announced\":6,\"withdrawn\":1}],"
			"\"malformed\":[{\"action\":\"treat-as-withdraw\",\"count\":1,"
			"\"first-offset\":");
	assert_has(out, "it holds AS 0\"}]}\n");
	writer_bytes(&w, "cut off", 7);
	decode("--summary --as-path _65003_", false);
	assert_has(out, "  routes\n    ipv4-unicast announced 3 different 2 withdrawn 0\n");
	assert_has(out, "unreadable count 1 first-offset ");
}

/* Messages that are no UPDATE are judged too; more different ones than there was room for at the
 * start. */
static void test_summary_raw(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 1200; i++)
		put_update((uint8_t)i, 0);
	bgp_header_encode(&w, 21, BGP_OPEN);
	writer_u16(&w, 0);
	decode("--summary", false);
	assert_int_equal(status, CLI_FAILED);
	assert_has(out, "    UPDATE 1200\n    OPEN 1\n");
	assert_has(out, "ipv4-unicast announced 1200 different 256 withdrawn 0");
	assert_has(out, "  attribute-sets 1\n");
	assert_has(out, "session-reset count 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_filters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_filters_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lines_as4, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lines_tables, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lines_others, setup, teardown),
		cmocka_unit_test_setup_teardown(test_summary, setup, teardown),
		cmocka_unit_test_setup_teardown(test_summary_raw, setup, teardown),
	};

	return cmocka_run_group_tests_name("cli_decode_route", tests, NULL, NULL);
}

/*
 * Tests of bgp with messages that have crashed, hung or reset other BGP daemons.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One row a case, named by its CVE, advisory or incident. The verdict is that of an iBGP session
 * with 4-octet AS numbers. Sanitized builds see reads past the end: every body is copied into
 * memory of exactly its size, and every truncation of it is tried too. More cases, of every family,
 * are in tests/vectors/known_crashes.vec.
 */
#include "base/mem.h"
#include "bgp/message.h"
#include "bgp/update.h"
#include "hex.h"

#define G "40010100 40020602010000fde9 4003040a000001"
#define G_LENGTH "0014"
#define NLRI "18 0a0102"
#define OK BGP_OK
#define D BGP_ATTRIBUTE_DISCARD
#define W BGP_TREAT_AS_WITHDRAW
#define F BGP_DISABLE_FAMILY
#define R BGP_SESSION_RESET

static struct bgp_update update;
static struct bgp_notification note;
static const struct bgp_context context = { .as4 = true, .ibgp = true };

/* What a receiver makes of the body of an UPDATE. */
static enum bgp_verdict receive(const uint8_t *body, size_t length)
{
	struct arena arena;
	struct bgp_attrs attrs;
	enum bgp_verdict v = bgp_update_cut(body, length, &context, &update, &note, NULL), w;

	for (size_t i = 0; i < 2 && v < R; i++) {
		v = MAX(v, bgp_nlri_check(&update.withdrawn[i], &context, &note, NULL));
		v = MAX(v, bgp_nlri_check(&update.announced[i], &context, &note, NULL));
	}
	if (v >= W || update.key_length == 0)
		return v;
	arena_init(&arena, 0);
	w = bgp_attrs_decode(update.key, update.key_length, &context, update.announces, &arena,
			     &attrs, &note, NULL);
	arena_done(&arena);
	return MAX(v, w);
}

struct update_case {
	const char *name;
	const char *body;
	enum bgp_verdict verdict;
};

static const struct update_case updates[] = {
	{ "CVE-2019-5892, attribute 255 passes", "0000 001b" G "c0ff04 deadbeef" NLRI, OK },
	{ "CVE-2023-38283, attribute longer than the block", "0000 0017" G "c00804" NLRI, W },
	{ "CVE-2023-38802, tunnel encapsulation", "0000 001f" G "c01708 0007000401ff0000" NLRI, W },
	{ "CVE-2023-40457, attribute 21", "0000 0018" G "c01501 ff" NLRI, OK },
	{ "CVE-2023-40457, attribute 25", "0000 0018" G "c01901 ff" NLRI, W },
	{ "CVE-2023-4481, entropy label", "0000 001b" G "c01c04 00000000" NLRI, OK },
	{ "CVE-2023-41358, NLRI without attributes", "0000 0000" NLRI, W },
	{ "CVE-2023-41359, AIGP that is too short", "0000 0019" G "801a02 0100" NLRI, OK },
	{ "CVE-2023-41909, MP_REACH_NLRI and nothing else",
	  "0000 001d 800e1a 000201 10 20010db8000000000000000000000001 00 20 20010db8", W },
	{ "CVE-2023-46752, MP_REACH_NLRI cut off", "0000 0007 800e04 0002 01 10", F },
	{ "CVE-2023-46753, only an unknown attribute",
	  "0000 0013 c01f10 00000000000000000000000000000000" NLRI, W },
	{ "CVE-2023-47234, MP_UNREACH_NLRI and NLRI", "0000 0006 800f03 000201" NLRI, W },
	{ "CVE-2023-47235, what looks like End-of-RIB", "0000 000a 800f03 000201 c0ff01 00", OK },
	{ "CVE-2024-44070, encapsulation TLV past the end", "0000 001b" G "c01704 0007ffff" NLRI,
	  W },
	{ "CVE-2025-20115, a confederation segment",
	  "0000 0014 40010100 4002060301 0000fde9 4003040a000001" NLRI, OK },
	{ "20 May 2025, prefix-SID of zeroes", "0000 0021" G "c0280a 00000000000000000000" NLRI,
	  D },
	{ "24 Oct 2025, ONLY_TO_CUSTOMER too long", "0000 001f" G "c02308 0000fde900000000" NLRI,
	  W },
	{ "CVE-2026-30405, NEXT_HOP too short",
	  "0000 0012 40010100 40020602010000fde9 4003020a00" NLRI, W },
	{ "CVE-2026-37458, martian next hop",
	  "0000 0014 40010100 40020602010000fde9 400304 7f000001" NLRI, W },
	{ "CVE-2026-37462, lengths past the message", "ffff 0000", R },
	{ "CVE-2026-37462, withdrawn past the message", "0005 180a0102", R },
	{ "CVE-2026-41643, AS4_PATH before AS_PATH",
	  "0000 001d c01106 0201000fde9e 40010100 40020602010000fde9 4003040a000001" NLRI, D },
	{ "GO-2026-5954, empty AS_PATH", "0000 000e 40010100 400200 4003040a000001" NLRI, OK },
	{ "zero-length NLRI", "0000 " G_LENGTH G "00", OK },
	{ "VU#347067, unknown well-known attribute", "0000 0018" G "406301 00" NLRI, R },
};

static void test_updates(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(updates); i++) {
		struct hex x = hex(updates[i].body);
		uint8_t *exact = mem_dup(x.bytes, x.length);
		enum bgp_verdict v = receive(exact, x.length);

		if (v != updates[i].verdict)
			fail_msg("%s: verdict %d, not %d", updates[i].name, v, updates[i].verdict);
		mem_free(exact);
		for (size_t length = 1; length < x.length; length++) {
			exact = mem_dup(x.bytes, length);
			assert_true(receive(exact, length) <= R);
			mem_free(exact);
		}
	}
}

/* VU#347067 and what it taught: no attribute with whatever flags, length and octets resets a
 * session, unless it claims to be well-known and nobody knows it, or ends a family. */
static void sweep_attribute(uint8_t flags, uint8_t code, size_t length, int fill)
{
	uint8_t body[512];
	struct writer w = writer_of(body, sizeof(body));
	struct hex good = hex(G);
	enum bgp_verdict v;
	uint8_t *exact;

	writer_u16(&w, 0);
	writer_u16(&w, (uint16_t)(good.length + ((flags & 0x10) != 0 ? 4 : 3) + length));
	writer_bytes(&w, good.bytes, good.length);
	writer_u8(&w, flags);
	writer_u8(&w, code);
	if ((flags & 0x10) != 0)
		writer_u16(&w, (uint16_t)length);
	else
		writer_u8(&w, (uint8_t)length);
	for (size_t i = 0; i < length; i++)
		writer_u8(&w, (uint8_t)(fill < 0 ? (int)(i * 37 + code) : fill));
	writer_u32(&w, 0x180a0102);
	assert_false(w.failed);
	exact = mem_dup(body, writer_length(&w));
	v = receive(exact, writer_length(&w));
	mem_free(exact);
	if (v == R && !((flags & 0x80) == 0 && bgp_attr_name(code) == NULL) &&
	    code != BGP_ATTR_MP_REACH_NLRI && code != BGP_ATTR_MP_UNREACH_NLRI)
		fail_msg("flags %02x code %u length %zu fill %d: session reset", flags, code,
			 length, fill);
}

static void test_sweep(void **state)
{
	static const uint8_t flags[] = { 0x40, 0x80, 0xc0, 0xe0, 0x00, 0x20, 0x50, 0x90, 0xd0 };
	static const size_t lengths[] = { 0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 20, 21, 255, 256 };
	static const int fills[] = { 0, 0xff, -1 };

	(void)state;
	for (unsigned code = 0; code < 256; code++)
		for (size_t f = 0; f < ARRAY_SIZE(flags); f++)
			for (size_t l = 0; l < ARRAY_SIZE(lengths); l++)
				for (size_t i = 0; i < ARRAY_SIZE(fills); i++) {
					if (lengths[l] > 255 && (flags[f] & 0x10) == 0)
						continue;
					sweep_attribute(flags[f], (uint8_t)code, lengths[l],
							fills[i]);
				}
}

struct open_case {
	const char *name;
	const char *body;
	uint8_t subcode; /* 255: accepted */
};

#define FIXED "04 fde9 005a 0a000001"

static const struct open_case opens[] = {
	{ "CVE-2022-36440, capability cut off", FIXED "04 0202 4104", 0 },
	{ "CVE-2022-40302, extended parameters of 2 octets", FIXED "ff ff 0002 0001", 0 },
	{ "CVE-2022-40318, extended parameters without length", FIXED "ff ff", 0 },
	{ "CVE-2022-43681, ends at the length octet", FIXED "02", 0 },
	{ "CVE-2023-31489, long-lived graceful restart too short", FIXED "05 0203 4701 00", 255 },
	{ "CVE-2023-41361, software version past the capability", FIXED "06 0204 4b02 ff41", 255 },
	{ "CVE-2024-31949, multiprotocol of length 0", FIXED "04 0202 0100", 0 },
	{ "CVE-2025-43971, software version of length 0", FIXED "05 0203 4b01 00", 255 },
	{ "GoBGP, FQDN past the capability", FIXED "06 0204 4902 ff41", 255 },
	{ "many unknown capabilities", FIXED "10 020e 6300 6400 6500 6600 6700 6800 6900", 255 },
};

static void test_opens(void **state)
{
	struct bgp_open open;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(opens); i++) {
		struct hex x = hex(opens[i].body);

		for (size_t length = 1; length <= x.length; length++) {
			uint8_t *exact = mem_dup(x.bytes, length);
			int got = bgp_open_decode(exact, length, &open, &note);

			mem_free(exact);
			if (length == x.length &&
			    (got == 0 ? 255 : note.subcode) != opens[i].subcode)
				fail_msg("%s: %d, subcode %u", opens[i].name, got, note.subcode);
		}
	}
}

/* CVE-2018-0037, CVE-2019-16159: every code with bodies of every size. */
static void test_notifications(void **state)
{
	static uint8_t body[4096 - 19];
	char text[BGP_NOTIFICATION_TEXT_MAX];
	static const size_t lengths[] = { 2, 3, 4, 130, 131, 132, 257, 258, sizeof(body) };

	(void)state;
	memset(body, 0xff, sizeof(body));
	for (unsigned code = 0; code < 256; code++)
		for (size_t l = 0; l < ARRAY_SIZE(lengths); l++) {
			uint8_t *exact;

			body[0] = (uint8_t)code;
			body[1] = code == BGP_CEASE ? BGP_CEASE_SHUTDOWN : (uint8_t)l;
			exact = mem_dup(body, lengths[l]);
			assert_int_equal(bgp_notification_decode(exact, lengths[l], &note), 0);
			mem_free(exact);
			assert_true(strlen(bgp_notification_format(&note, text)) > 0);
		}
}

/* CVE-2023-41360: outbound route filters in a ROUTE-REFRESH; CVE-2023-46565: unknown types. */
static void test_refresh_and_types(void **state)
{
	struct hex orf = hex("00010001 01 80 ffff 01");
	struct bgp_header h;
	enum bgp_family family;
	uint8_t subtype, header[19];

	(void)state;
	for (size_t length = 5; length <= orf.length; length++)
		assert_int_equal(
			bgp_refresh_decode(orf.bytes, length, true, &family, &subtype, &note), 0);
	memset(header, 0xff, sizeof(header));
	header[16] = 0;
	header[17] = 19;
	for (unsigned type = 0; type < 256; type++) {
		header[18] = (uint8_t)type;
		assert_int_equal(bgp_header_decode(header, 4096, &h, &note),
				 type == BGP_KEEPALIVE || type == BGP_ROUTE_REFRESH ? 0 : -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_updates),
		cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_opens),
		cmocka_unit_test(test_notifications),
		cmocka_unit_test(test_refresh_and_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

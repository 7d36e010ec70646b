/*
 * test_show: what the control socket shows of routes of every kind, of neighbours and their
 * families, against a speaker on virtual time.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lab.h"

/* a announces; b, which offers everything, is told */
static const char CONFIG[] =
	"{\"name\":\"t\",\"local-as\":65000,\"router-id\":\"10.255.0.1\","
	"\"selection-deferral-time\":1,\"ebgp-requires-policy\":false,\"neighbors\":["
	"{\"neighbor-address\":\"10.0.0.1\",\"peer-as\":65000,\"passive\":true,"
	"\"route-reflector-client\":true,"
	"\"families\":[\"ipv4-unicast\",\"l3vpn-ipv4-unicast\",\"l2vpn-evpn\",\"ipv4-flowspec\"]},"
	"{\"neighbor-address\":\"10.0.0.2\",\"peer-as\":65000,\"passive\":true,"
	"\"route-reflector-client\":true,\"add-paths\":{\"send\":true},"
	"\"families\":[\"ipv4-unicast\",\"l3vpn-ipv4-unicast\",\"l2vpn-evpn\",\"ipv4-flowspec\"]},"
	"{\"neighbor-address\":\"10.0.0.3\",\"peer-as\":65000,\"passive\":true,"
	"\"route-reflector-client\":true}"
	"]}";

/* multiprotocol of VPN, EVPN, FlowSpec; FQDN "pe1"; one that nobody knows */
static const uint8_t OFFER[] = { 1, 4, 0,   1,	0, 128, 1,   4,	  0,   25, 0,	70, 1, 4, 0,
				 1, 0, 133, 73, 5, 3,	'p', 'e', '1', 0,  222, 2,  1, 2 };

static struct lab lab;

static void announce(struct lab_peer *peer, uint16_t afi, uint8_t safi, uint8_t next_hop_length,
		     const uint8_t *nlri, uint16_t length)
{
	struct lab_route attrs = { .has_local_pref = true, .local_pref = 100 };
	struct lab_mp_route route = {
		.afi = afi, .safi = safi, .next_hop_length = next_hop_length, .length = length
	};

	if (next_hop_length != 0) {
		static const uint8_t hop[] = { 10, 0, 0, 1 };

		memcpy(route.next_hop + next_hop_length - 4, hop, 4);
	}
	memcpy(route.nlri, nlri, length);
	lab_announce_mp(&lab, peer, &route, &attrs);
}

static int setup(void **state)
{
	static const uint8_t vpn[] = { 24 + 64 + 24, 0x00, 0x06, 0x41, 0, 0, 0xfd, 0xe8, 0, 0, 0, 1,
				       10,	     1,	   2 };
	static const uint8_t evpn[] = { 3, 17, 0, 0, 0xfd, 0xe8, 0, 0, 0, 1,
					0, 0,  0, 0, 32,   10,	 0, 0, 1 };
	static const uint8_t flow[] = { 5, 1, 24, 10, 1, 2 };
	struct lab_route plain = { .prefix = 0x0a090000,
				   .length = 16,
				   .next_hop = 0x0a000001,
				   .has_local_pref = true,
				   .local_pref = 100 };
	struct lab_peer *a, *b;

	(void)state;
	lab_init(&lab, 1);
	lab_configure(&lab, CONFIG);
	a = lab_add_peer(&lab, "a", "10.0.0.1", 65000, 0x01010101);
	b = lab_add_peer(&lab, "b", "10.0.0.2", 65000, 0x02020202);
	b->add_path = true;
	lab_offer(a, OFFER, sizeof(OFFER));
	lab_offer(b, OFFER, sizeof(OFFER));
	assert_true(lab_connect(&lab, a));
	assert_true(lab_connect(&lab, b));
	lab_settle(&lab);
	lab_advance(&lab, duration_seconds(2), true);
	assert_true(a->established && b->established);
	lab_announce(&lab, a, &plain);
	announce(a, 1, 128, 12, vpn, sizeof(vpn));
	announce(a, 25, 70, 4, evpn, sizeof(evpn));
	announce(a, 1, 133, 0, flow, sizeof(flow));
	lab_settle(&lab);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	lab_done(&lab);
	return 0;
}

/* All routes for these parameters (JSON, taken), over all pages. */
static json_t *routes(json_t *params)
{
	json_t *all = json_array(), *result;
	uint64_t cursor = 0;
	struct error e = { "" };
	bool more;

	do {
		result = speaker_show_routes(lab.speaker, params, &cursor, &e, lab.now);
		if (result == NULL)
			fail_msg("%s", e.text);
		json_array_extend(all, json_object_get(result, "routes"));
		more = json_is_true(json_object_get(result, "more"));
		json_decref(result);
	} while (more);
	json_decref(params);
	return all;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "(none)" : text;
}

static void assert_one(json_t *params, const char *family, const char *prefix, const char *nlri)
{
	json_t *list = routes(params);
	const json_t *route = json_array_get(list, 0);

	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(text_of(route, "family"), family);
	assert_string_equal(text_of(route, "prefix"), prefix);
	assert_string_equal(text_of(route, "nlri"), nlri);
	json_decref(list);
}

#define VPN_TEXT "65000:1:10.1.2.0/24"

static void test_all_families(void **state)
{
	json_t *list = routes(json_object());

	(void)state;
	assert_int_equal(json_array_size(list), 4);
	json_decref(list);
	assert_one(json_pack("{s:s}", "family", "ipv4-unicast"), "ipv4-unicast", "10.9.0.0/16",
		   "(none)");
	list = routes(json_pack("{s:s}", "family", "l3vpn-ipv4-unicast"));
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(text_of(json_array_get(list, 0), "prefix"), VPN_TEXT);
	assert_string_equal(text_of(json_array_get(list, 0), "next-hop"), "10.0.0.1");
	assert_int_equal(json_integer_value(json_array_get(
				 json_object_get(json_array_get(list, 0), "labels"), 0)),
			 100);
	assert_non_null(strstr(text_of(json_array_get(list, 0), "nlri"), "100"));
	json_decref(list);
	/* a family without next hops has no such member */
	list = routes(json_pack("{s:s}", "family", "ipv4-flowspec"));
	assert_int_equal(json_array_size(list), 1);
	assert_null(json_object_get(json_array_get(list, 0), "next-hop"));
	json_decref(list);
	list = routes(json_pack("{s:s}", "family", "ipv6-unicast"));
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
}

static void test_one_prefix(void **state)
{
	json_t *list = routes(json_pack("{s:s}", "family", "l2vpn-evpn"));
	char evpn[128];

	(void)state;
	assert_int_equal(json_array_size(list), 1);
	snprintf(evpn, sizeof(evpn), "%s", text_of(json_array_get(list, 0), "prefix"));
	json_decref(list);
	assert_one(json_pack("{s:s}", "prefix", "10.9.0.0/16"), "ipv4-unicast", "10.9.0.0/16",
		   "(none)");
	/* with and without its route distinguisher */
	list = routes(json_pack("{s:s}", "prefix", VPN_TEXT));
	assert_int_equal(json_array_size(list), 1);
	json_decref(list);
	list = routes(json_pack("{s:s}", "prefix", "10.1.2.0/24"));
	assert_int_equal(json_array_size(list), 1);
	json_decref(list);
	list = routes(json_pack("{s:s}", "prefix", "65000:2:10.1.2.0/24"));
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
	/* by its text */
	assert_one(json_pack("{s:s}", "prefix", evpn), "l2vpn-evpn", evpn, "(none)");
}

static void test_refused(void **state)
{
	static const char *const wrong[][2] = {
		{ "family", "ipv4" },	     { "prefix", "10.0.0.1/24" },
		{ "prefix", "10.0.0.0/33" }, { "prefix", "2001:db8::1/32" },
		{ "kind", "rib" },	     { "instance", "x" },
		{ "kind", "adj-rib-out" },   { "neighbor", "10.0.0" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		json_t *params = json_pack("{s:s}", wrong[i][0], wrong[i][1]);
		struct error e = { "" };
		uint64_t cursor = 0;

		assert_null(speaker_show_routes(lab.speaker, params, &cursor, &e, lab.now));
		assert_true(strlen(e.text) > 10);
		json_decref(params);
	}
}

static void test_adj_rib_out(void **state)
{
	json_t *list = routes(json_pack("{s:s,s:s,s:s}", "kind", "adj-rib-out", "neighbor",
					"10.0.0.2", "family", "l3vpn-ipv4-unicast"));
	const json_t *route = json_array_get(list, 0);

	(void)state;
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(text_of(route, "originator-id"), "1.1.1.1");
	assert_int_equal(json_integer_value(json_array_get(json_object_get(route, "labels"), 0)),
			 100);
	json_decref(list);
	list = routes(json_pack("{s:s,s:s,s:s}", "kind", "adj-rib-out", "neighbor", "10.0.0.2",
				"family", "ipv4-unicast"));
	assert_int_equal(json_array_size(list), 1);
	assert_true(json_integer_value(json_object_get(json_array_get(list, 0), "path-id")) > 0);
	json_decref(list);
	/* nothing goes back to where it came from */
	list = routes(json_pack("{s:s,s:s}", "kind", "adj-rib-out", "neighbor", "10.0.0.1"));
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
}

static void test_explain(void **state)
{
	static const char *const names[] = { VPN_TEXT, "10.1.2.0/24", "10.9.0.0/16" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		json_t *params = json_pack("{s:s}", "prefix", names[i]);
		struct error e = { "" };
		json_t *result = speaker_explain(lab.speaker, params, &e);

		assert_string_equal(e.text, "");
		assert_string_equal(text_of(json_object_get(result, "winner"), "peer"), "10.0.0.1");
		assert_int_equal(json_array_size(json_object_get(result, "advertised")), 3);
		json_decref(result);
		json_decref(params);
	}
}

/* The peer with ADD-PATH is told of both paths, the one without of none: the best is its own. */
static void test_explain_add_path(void **state)
{
	struct lab_route again = { .prefix = 0x0a090000,
				   .length = 16,
				   .next_hop = 0x0a000003,
				   .has_local_pref = true,
				   .local_pref = 50 };
	struct lab_peer *c = lab_add_peer(&lab, "c", "10.0.0.3", 65000, 0x03030303);
	json_t *params = json_pack("{s:s,s:s}", "prefix", "10.9.0.0/16", "to", "10.0.0.2");
	struct error e = { "" };
	json_t *result, *told;

	(void)state;
	assert_true(lab_connect(&lab, c));
	lab_advance(&lab, duration_seconds(2), true);
	lab_announce(&lab, c, &again);
	lab_settle(&lab);
	result = speaker_explain(lab.speaker, params, &e);
	assert_string_equal(e.text, "");
	told = json_array_get(json_object_get(result, "advertised"), 0);
	assert_true(json_is_true(json_object_get(told, "sent")));
	assert_int_equal(json_integer_value(json_object_get(told, "paths")), 2);
	json_decref(result);
	json_object_set_new(params, "to", json_string("10.0.0.1"));
	result = speaker_explain(lab.speaker, params, &e);
	told = json_array_get(json_object_get(result, "advertised"), 0);
	assert_true(json_is_false(json_object_get(told, "sent")));
	assert_null(json_object_get(told, "paths"));
	json_decref(result);
	json_decref(params);
}

static void test_neighbors(void **state)
{
	json_t *params = json_pack("{s:s}", "neighbor", "10.0.0.1");
	struct error e = { "" };
	uint64_t cursor = 0;
	json_t *result = speaker_show_neighbors(lab.speaker, params, &cursor, &e, lab.now);
	const json_t *neighbor = json_array_get(json_object_get(result, "neighbors"), 0);
	const json_t *theirs = json_object_get(json_object_get(neighbor, "capabilities"), "peer");
	const json_t *ours = json_object_get(json_object_get(neighbor, "capabilities"), "local");
	const json_t *families = json_object_get(neighbor, "afi-safis");
	const json_t *vpn = json_object_get(families, "l3vpn-ipv4-unicast");
	const json_t *unknown = json_array_get(json_object_get(theirs, "unknown"), 0);

	(void)state;
	assert_int_equal(json_object_size(families), 4);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(vpn, "prefixes"), "received")),
		1);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(vpn, "prefixes"), "advertised")),
		0);
	assert_true(json_is_false(json_object_get(vpn, "add-path-send")));
	assert_string_equal(text_of(theirs, "hostname"), "pe1");
	assert_int_equal(json_integer_value(json_object_get(unknown, "code")), 222);
	assert_string_equal(text_of(unknown, "value"), "0102");
	assert_int_equal(json_array_size(json_object_get(ours, "families")), 4);
	assert_true(json_is_true(json_object_get(ours, "route-refresh")));
	json_decref(result);
	json_decref(params);
	params = json_pack("{s:s}", "neighbor", "10.0.0.2");
	cursor = 0;
	result = speaker_show_neighbors(lab.speaker, params, &cursor, &e, lab.now);
	neighbor = json_array_get(json_object_get(result, "neighbors"), 0);
	families = json_object_get(neighbor, "afi-safis");
	assert_true(json_is_true(
		json_object_get(json_object_get(families, "ipv4-unicast"), "add-path-send")));
	assert_int_equal(
		json_integer_value(json_object_get(
			json_object_get(json_object_get(families, "l2vpn-evpn"), "prefixes"),
			"advertised")),
		1);
	json_decref(result);
	json_decref(params);
}

/* A table larger than a page, and than what is looked at for a page. */
static void test_pages(void **state)
{
	struct lab_route route = {
		.length = 32, .next_hop = 0x0a000001, .has_local_pref = true, .local_pref = 100
	};
	json_t *list, *seen = json_object();
	size_t index;
	json_t *shown;

	(void)state;
	for (uint32_t i = 0; i < 1200; i++) {
		route.prefix = 0x0a000000 | i;
		lab_announce(&lab, lab_peer(&lab, "a"), &route);
	}
	lab_settle(&lab);
	list = routes(json_pack("{s:s}", "family", "ipv4-unicast"));
	assert_int_equal(json_array_size(list), 1201);
	json_array_foreach(list, index, shown)
		json_object_set_new(seen, text_of(shown, "prefix"), json_true());
	assert_int_equal(json_object_size(seen), 1201);
	json_decref(seen);
	json_decref(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_families, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_prefix, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_adj_rib_out, setup, teardown),
		cmocka_unit_test_setup_teardown(test_explain, setup, teardown),
		cmocka_unit_test_setup_teardown(test_explain_add_path, setup, teardown),
		cmocka_unit_test_setup_teardown(test_neighbors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pages, setup, teardown),
	};

	return cmocka_run_group_tests_name("show", tests, NULL, NULL);
}

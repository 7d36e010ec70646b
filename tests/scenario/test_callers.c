/*
 * test_callers: who may call, who is refused, and what the operator is told of it, against a
 * speaker on virtual time.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bgp/message.h"
#include "lab.h"

/* The first has prefixes of dynamic neighbors, the second a neighbor in one of them, and a longer
 * prefix. */
static const char WIDE[] =
	"{\"name\":\"wide\",\"local-as\":65000,\"router-id\":\"10.255.0.1\","
	"\"ebgp-requires-policy\":false,\"neighbors\":["
	"{\"neighbor-address\":\"10.9.0.1\",\"peer-as\":65000,\"passive\":true},"
	"{\"neighbor-address\":\"10.9.0.2\",\"peer-as\":65000,\"passive\":true,"
	"\"enabled\":false},"
	"{\"neighbor-address\":\"10.9.0.3\",\"peer-as\":65000,\"passive\":true,"
	"\"ttl-security-hops\":1}],"
	"\"dynamic-neighbors\":[{\"prefix\":\"10.0.0.0/16\",\"peer-as\":65000}]}";
static const char NARROW[] =
	"{\"name\":\"narrow\",\"local-as\":65000,\"router-id\":\"10.255.0.2\",\"neighbors\":["
	"{\"neighbor-address\":\"10.0.0.1\",\"peer-as\":65000,\"passive\":true}],"
	"\"dynamic-neighbors\":[{\"prefix\":\"10.0.1.0/24\",\"peer-as\":65000}]}";

static struct lab lab;

static int setup(void **state)
{
	(void)state;
	lab_init(&lab, 1);
	lab_configure(&lab, WIDE);
	lab_configure(&lab, NARROW);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	lab_done(&lab);
	return 0;
}

static struct ip_addr address_of(const char *text)
{
	struct ip_addr address;

	assert_int_equal(ip_addr_parse(text, &address, NULL), 0);
	return address;
}

/* The neighbor as it is shown; NULL: there is none. A new reference. */
static json_t *shown(const char *address)
{
	json_t *params = json_pack("{s:s}", "neighbor", address);
	struct error e = { "" };
	uint64_t cursor = 0;
	json_t *result = speaker_show_neighbors(lab.speaker, params, &cursor, &e, lab.now);
	json_t *neighbor = json_incref(json_array_get(json_object_get(result, "neighbors"), 0));

	json_decref(result);
	json_decref(params);
	return neighbor;
}

static void assert_text(const json_t *object, const char *key, const char *text)
{
	const char *seen = json_string_value(json_object_get(object, key));

	assert_string_equal(seen == NULL ? "(none)" : seen, text);
}

static int64_t number_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

/* How often a line with this text is in the log. */
static size_t times_logged(const char *text)
{
	size_t count = 0;

	for (size_t i = 0; i < MIN(lab.log_count, LAB_LOG_LINES); i++)
		count += strstr(lab.log[i], text) != NULL;
	return count;
}

static void assert_refused(const char *address, uint8_t subcode, const char *why)
{
	struct ip_addr local = address_of("10.255.0.1"), remote = address_of(address);
	char seen[SPEAKER_WHY_TEXT_MAX];

	assert_int_equal(speaker_refusal(lab.speaker, NULL, &local, &remote, seen), subcode);
	assert_string_equal(seen, why);
}

static void assert_instance(const char *address, const char *name)
{
	json_t *neighbor = shown(address);

	assert_text(neighbor, "instance", name);
	assert_text(neighbor, "session-state", "Established");
	json_decref(neighbor);
}

static void test_a_neighbor_comes_before_dynamic_ones(void **state)
{
	struct lab_peer *configured = lab_add_peer(&lab, "c", "10.0.0.1", 65000, 0x01010101);
	struct lab_peer *near = lab_add_peer(&lab, "n", "10.0.1.1", 65000, 0x02020202);
	struct lab_peer *far = lab_add_peer(&lab, "f", "10.0.2.1", 65000, 0x03030303);

	(void)state;
	assert_true(lab_connect(&lab, configured));
	assert_true(lab_connect(&lab, near));
	assert_true(lab_connect(&lab, far));
	lab_settle(&lab);
	assert_instance("10.0.0.1", "narrow");
	assert_instance("10.0.1.1", "narrow");
	assert_instance("10.0.2.1", "wide");
}

static const char WRONG_AS[] = "sent OPEN Message Error/Bad Peer AS: its OPEN says AS 64999, "
			       "peer-as is 65000";

static void test_a_wrong_as(void **state)
{
	struct lab_peer *peer = lab_add_peer(&lab, "a", "10.9.0.1", 64999, 0x01010101);
	json_t *neighbor;

	(void)state;
	assert_true(lab_connect(&lab, peer));
	lab_settle(&lab);
	neighbor = shown("10.9.0.1");
	assert_text(neighbor, "session-state", "Idle");
	assert_text(neighbor, "last-error", WRONG_AS);
	assert_int_equal(number_of(neighbor, "next-attempt-seconds"), 1);
	assert_null(json_object_get(neighbor, "last-notification-received"));
	assert_int_equal(number_of(json_object_get(neighbor, "last-notification-sent"), "code"), 2);
	assert_int_equal(number_of(json_object_get(neighbor, "last-notification-sent"), "subcode"),
			 2);
	assert_text(json_object_get(neighbor, "last-notification-sent"), "text",
		    "OPEN Message Error/Bad Peer AS");
	json_decref(neighbor);
	assert_false(lab_connect(&lab, peer));
	assert_refused("10.9.0.1", BGP_CEASE_REJECTED,
		       "it is held in Idle: sent OPEN Message Error/Bad Peer AS: its OPEN says AS "
		       "64999, peer-as is 65000");
	lab_advance(&lab, duration_seconds(2), false);
	assert_true(lab_connect(&lab, peer));
	lab_settle(&lab);
	lab_advance(&lab, duration_seconds(3), false);
	assert_int_equal(times_logged(WRONG_AS), 1);
	peer->as = 65000;
	assert_true(lab_connect(&lab, peer));
	lab_settle(&lab);
	assert_instance("10.9.0.1", "wide");
	lab_close(&lab, peer);
	lab_settle(&lab);
	assert_int_equal(times_logged("session down: the connection was closed in Established: "
				      "closed by the peer"),
			 1);
	assert_int_equal(times_logged("no session: "), 1);
}

static void test_a_dynamic_one_is_remembered(void **state)
{
	struct lab_peer *peer = lab_add_peer(&lab, "a", "10.0.2.1", 64999, 0x01010101);
	json_t *neighbor;

	(void)state;
	for (unsigned hold_s = 1; hold_s <= 16; hold_s *= 2) {
		assert_true(lab_connect(&lab, peer));
		lab_settle(&lab);
		neighbor = shown("10.0.2.1");
		assert_text(neighbor, "last-error", WRONG_AS);
		assert_in_range(number_of(neighbor, "next-attempt-seconds"), hold_s - hold_s / 4,
				hold_s);
		json_decref(neighbor);
		assert_false(lab_connect(&lab, peer));
		lab_advance(&lab, duration_seconds(hold_s + 1), false);
	}
	assert_int_equal(times_logged(WRONG_AS), 1);
	lab_advance(&lab, duration_seconds(50), false);
	neighbor = shown("10.0.2.1");
	assert_non_null(neighbor);
	json_decref(neighbor);
	lab_advance(&lab, duration_seconds(20), false);
	assert_null(shown("10.0.2.1"));
	/* nothing is remembered of one that just leaves */
	peer->as = 65000;
	assert_true(lab_connect(&lab, peer));
	lab_settle(&lab);
	lab_close(&lab, peer);
	lab_settle(&lab);
	assert_null(shown("10.0.2.1"));
}

static void test_why_a_connection_is_refused(void **state)
{
	struct lab_peer *peer = lab_add_peer(&lab, "a", "10.9.0.1", 65000, 0x01010101);
	struct lab_peer *disabled = lab_add_peer(&lab, "d", "10.9.0.2", 65000, 0x02020202);
	struct lab_peer *stranger = lab_add_peer(&lab, "s", "10.8.0.1", 65000, 0x03030303);

	(void)state;
	assert_true(lab_connect(&lab, peer));
	lab_settle(&lab);
	assert_false(lab_connect(&lab, disabled));
	assert_false(lab_connect(&lab, stranger));
	assert_refused("10.9.0.1", BGP_CEASE_COLLISION, "its session is established");
	assert_refused("10.9.0.2", BGP_CEASE_REJECTED, "enabled is false");
	assert_refused("10.8.0.1", BGP_CEASE_REJECTED,
		       "no neighbor and no prefix of dynamic-neighbors has its address");
	speaker_stop(lab.speaker, lab.now);
	assert_refused("10.8.0.1", BGP_CEASE_REJECTED, "we are about to end");
}

static void test_what_the_rim_refuses(void **state)
{
	struct ip_addr far = address_of("10.9.0.3"), stranger = address_of("10.8.0.1");
	struct ip_addr local = address_of("10.255.0.1");
	json_t *neighbor;

	(void)state;
	assert_int_equal(speaker_guard(lab.speaker, NULL, &local, &far).ttl_min, 255);
	assert_int_equal(speaker_guard(lab.speaker, "narrow", &local, &far).ttl_min, 0);
	assert_int_equal(speaker_guard(lab.speaker, "none", &local, &far).ttl_min, 0);
	for (int i = 0; i < 3; i++)
		speaker_note_refusal(lab.speaker, NULL, &local, &far, "it comes from afar");
	speaker_note_refusal(lab.speaker, NULL, &local, &stranger, "it is a stranger");
	assert_int_equal(times_logged("it comes from afar"), 1);
	assert_int_equal(times_logged("it is a stranger"), 1);
	neighbor = shown("10.9.0.3");
	assert_text(neighbor, "last-error", "it comes from afar");
	assert_int_equal(number_of(neighbor, "ttl-security-hops"), 1);
	assert_true(json_is_false(json_object_get(neighbor, "auth-password-set")));
	json_decref(neighbor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_neighbor_comes_before_dynamic_ones, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_a_wrong_as, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_dynamic_one_is_remembered, setup, teardown),
		cmocka_unit_test_setup_teardown(test_why_a_connection_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_the_rim_refuses, setup, teardown),
	};

	return cmocka_run_group_tests_name("callers", tests, NULL, NULL);
}

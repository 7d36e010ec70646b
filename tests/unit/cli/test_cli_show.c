/*
 * test_cli_show: routes and neighbours as tables.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "cli/cli_neighbor.h"
#include "cli/cli_show.h"

static char out[16384];
static FILE *captured;
static int kept_stdout;

static void begin_capture(void)
{
	fflush(stdout);
	captured = tmpfile();
	assert_non_null(captured);
	kept_stdout = dup(1);
	assert_true(dup2(fileno(captured), 1) >= 0);
}

static void end_capture(void)
{
	size_t length;

	fflush(stdout);
	assert_true(dup2(kept_stdout, 1) >= 0);
	close(kept_stdout);
	rewind(captured);
	length = fread(out, 1, sizeof(out) - 1, captured);
	out[length] = '\0';
	fclose(captured);
}

static json_t *parse(const char *text)
{
	json_t *value = json_loads(text, 0, NULL);

	assert_non_null(value);
	return value;
}

static void test_routes(void **state)
{
	static const char *const pages[] = {
		"{\"routes\":[{\"family\":\"ipv4-unicast\",\"prefix\":\"10.0.0.0/8\","
		"\"next-hop\":\"192.0.2.1\",\"med\":5,\"local-pref\":100,\"peer\":\"192.0.2.9\","
		"\"as-path\":\"64512\",\"origin\":\"igp\",\"best\":true}],\"more\":true}",
		"{\"routes\":[]}",
		"{\"routes\":[{\"family\":\"l3vpn-ipv4-unicast\",\"prefix\":\"65000:1:10.0.0.0/8\","
		"\"nlri\":\"65000:1:10.0.0.0/8 label "
		"100\",\"path-id\":7,\"next-hop\":\"192.0.2.1\","
		"\"peer\":\"192.0.2.9\",\"as-path\":\"\",\"origin\":\"incomplete\","
		"\"usable\":false},"
		"{\"family\":\"ipv4-flowspec\",\"prefix\":\"dst 10.0.0.0/8\","
		"\"peer\":\"192.0.2.9\",\"as-path\":\"\",\"origin\":\"egp\",\"stale\":true}]}",
	};
	struct cli_show_routes_state shown = { 0 };

	(void)state;
	begin_capture();
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		json_t *page = parse(pages[i]);

		cli_show_routes(page, &shown);
		json_decref(page);
	}
	end_capture();
	assert_string_equal(
		out,
		"   Prefix             Next hop               MED  LocPrf  From             "
		"AS path\n"
		"*> 10.0.0.0/8         192.0.2.1                5     100  192.0.2.9        "
		"64512 i\n"
		"l3vpn-ipv4-unicast:\n"
		"   65000:1:10.0.0.0/8 label 100 path-id 7 192.0.2.1                           "
		"192.0.2.9        ?\n"
		"ipv4-flowspec:\n"
		"S  dst 10.0.0.0/8                                                             "
		"192.0.2.9        e\n");
}

static void test_capabilities(void **state)
{
	json_t *capabilities =
		parse("{\"local\":{\"families\":[\"ipv4-unicast\"],\"four-octet-as\":true,"
		      "\"graceful-restart\":{\"restart-time\":120,\"restarting\":false,"
		      "\"families\":[\"ipv4-unicast\"],\"forwarding\":[]}},"
		      "\"peer\":{\"families\":[\"ipv4-unicast\",\"l2vpn-evpn\"],"
		      "\"add-path\":{\"ipv4-unicast\":\"send\"},\"hostname\":\"pe1\","
		      "\"unknown\":[{\"code\":222,\"value\":\"0102\"}]}}");

	(void)state;
	begin_capture();
	cli_neighbor_capabilities(capabilities);
	end_capture();
	json_decref(capabilities);
	assert_string_equal(out, "  Capability                              Ours  Theirs\n"
				 "  families ipv4-unicast                   yes   yes\n"
				 "  four-octet-as                           yes   -\n"
				 "  graceful-restart restart-time           120   -\n"
				 "  graceful-restart families ipv4-unicast  yes   -\n"
				 "  families l2vpn-evpn                     -     yes\n"
				 "  add-path ipv4-unicast                   -     send\n"
				 "  hostname                                -     pe1\n"
				 "  unknown 222                             -     0102\n");
}

static void test_families(void **state)
{
	json_t *families = parse(
		"{\"ipv4-unicast\":{\"prefixes\":{\"received\":5,\"advertised\":10},"
		"\"add-path-receive\":false,\"add-path-send\":true,\"end-of-rib-received\":true},"
		"\"l2vpn-evpn\":{\"prefixes\":{\"received\":0,\"advertised\":3},"
		"\"disabled\":true,\"long-lived-seconds-left\":9}}");

	(void)state;
	begin_capture();
	cli_neighbor_families(families);
	end_capture();
	json_decref(families);
	assert_string_equal(out, "  Family        Received  Advertised  State\n"
				 "  ipv4-unicast         5          10  add-path-send, "
				 "end-of-rib-received\n"
				 "  l2vpn-evpn           0           3  disabled, "
				 "long-lived-seconds-left 9\n");
}

static void test_nothing(void **state)
{
	json_t *empty = json_object();

	(void)state;
	begin_capture();
	cli_neighbor_capabilities(empty);
	cli_neighbor_families(empty);
	cli_neighbor_families(NULL);
	cli_neighbor_capabilities(NULL);
	end_capture();
	json_decref(empty);
	assert_string_equal(out, "");
}

static void test_a_neighbor_without_a_session(void **state)
{
	static const char NEIGHBORS[] =
		"{\"neighbors\":[{\"neighbor-address\":\"192.0.2.1\",\"peer-as\":65001,"
		"\"instance\":\"t\",\"session-state\":\"Idle\",\"hold-time\":90,"
		"\"next-attempt-seconds\":12,\"auth-password-set\":true,\"ttl-security-hops\":1,"
		"\"last-error\":\"sent OPEN Message Error/Bad Peer AS: its OPEN says AS 64999, "
		"peer-as is 65001\",\"last-notification-sent\":{\"code\":2,\"subcode\":2,"
		"\"text\":\"OPEN Message Error/Bad Peer AS\",\"data\":\"\",\"seconds-ago\":3},"
		"\"last-notification-received\":{\"code\":6,\"subcode\":1,"
		"\"text\":\"Cease/Maximum Number of Prefixes Reached\","
		"\"data\":\"0001010000000a\",\"seconds-ago\":700}}]}";
	json_t *neighbors = parse(NEIGHBORS);

	(void)state;
	begin_capture();
	cli_show_neighbors(neighbors);
	end_capture();
	json_decref(neighbors);
	assert_non_null(strstr(out, "  State:       Idle, the next attempt is in 12 s\n"));
	assert_non_null(
		strstr(out, "  Protection:  auth-password (TCP-MD5), ttl-security-hops 1\n"));
	assert_non_null(strstr(out, "  Last error:  sent OPEN Message Error/Bad Peer AS: its OPEN "
				    "says AS 64999, peer-as is 65001\n"));
	assert_non_null(strstr(out, "  Last sent:   NOTIFICATION 2/2, OPEN Message Error/Bad Peer "
				    "AS, 3 s ago\n"));
	assert_non_null(strstr(out, "  Last heard:  NOTIFICATION 6/1, Cease/Maximum Number of "
				    "Prefixes Reached, 700 s ago, data 0x0001010000000a\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_a_neighbor_without_a_session),
	};

	return cmocka_run_group_tests_name("cli_show", tests, NULL, NULL);
}

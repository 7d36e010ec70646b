/*
 * test_heliod_config: heliod's file: the manual's example, and what is refused, with its place.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/heliod_config.h"

static const char example[] = "listen: [{address: 10.255.0.1, port: 179}]\n"
			      "control: /run/heliod/control.sock\n"
			      "instances:\n"
			      "  - name: default\n"
			      "    local-as: 65000\n"
			      "    router-id: 10.255.0.1\n"
			      "    cluster-id: 10.255.0.1\n"
			      "    next-hop-resolution: none        # or kernel\n"
			      "    peer-groups:\n"
			      "      - name: clients\n"
			      "        peer-as: 65000\n"
			      "        route-reflector-client: true\n"
			      "        passive: true\n"
			      "        hold-time: 240               # seconds\n"
			      "        families: [ipv4-unicast]\n"
			      "    neighbors:\n"
			      "      - {neighbor-address: 10.254.1.1, peer-group: clients}\n"
			      "    dynamic-neighbors:\n"
			      "      - {prefix: 10.254.0.0/16, peer-group: clients}\n";

static struct heliod_config *parse(const char *text)
{
	struct error e = { "" };
	struct heliod_config *config = heliod_config_parse(text, strlen(text), "f.yaml", &e);

	assert_string_equal(e.text, "");
	return config;
}

static void test_example(void **state)
{
	struct heliod_config *c = parse(example);

	(void)state;
	assert_int_equal(c->listen_count, 1);
	assert_int_equal(c->listen[0].port, 179);
	assert_string_equal(c->control, "/run/heliod/control.sock");
	assert_int_equal(c->instance_count, 1);
	assert_int_equal(c->instances[0]->table_id, 0); /* heliod chooses */
	assert_int_equal(c->instances[0]->neighbors[0].hold_time_s, 240);
	assert_int_equal(c->log_level, 5);
	heliod_config_free(c);
}

static void test_managed(void **state)
{
	struct heliod_config *c = parse("control: /run/c\nsockets: /run/s\nfpm: /run/f\n"
					"bmp: [{path: /run/b}, {address: 10.0.0.1, port: 1790}]\n"
					"user: nobody\nlog-level: debug\n");

	(void)state;
	assert_string_equal(c->sockets, "/run/s");
	assert_int_equal(c->bmp_count, 2);
	assert_string_equal(c->bmp[0].path, "/run/b");
	assert_int_equal(c->bmp[1].port, 1790);
	assert_int_equal(c->log_level, 7);
	heliod_config_free(c);
}

static void check_error(const char *text, const char *wanted)
{
	struct error e = { "" };

	assert_null(heliod_config_parse(text, strlen(text), "f.yaml", &e));
	if (strncmp(e.text, wanted, strlen(wanted)) != 0)
		assert_string_equal(e.text, wanted);
}

static void test_refused(void **state)
{
	(void)state;
	check_error("listen: [{address: 10.0.0.1, port: 0}]\n",
		    "f.yaml:1:30: listen[0].port: 0 is not within 1..65535");
	check_error("listen: 10.0.0.1\n", "f.yaml:1:1: listen: must be a list, not text");
	check_error("a: 1\n", "f.yaml:1:1: a: unknown key; known are listen, control");
	check_error("log-level: loud\n",
		    "f.yaml:1:1: log-level: must be one of error, warning, notice, info, debug");
	check_error("bmp:\n  - {path: /a, port: 1}\n",
		    "f.yaml:2:5: bmp[0]: must have path, or address and port");
	check_error("sockets: /run/s\ncontrol: /c\nlisten: [{address: 10.0.0.1}]\n",
		    "f.yaml:3:1: listen: cannot be combined with sockets");
	check_error("sockets: /run/s\n", "f.yaml: control: missing");
	check_error("instances:\n  - {name: a, local-as: 1, router-id: 1.1.1.1}\n"
		    "  - {name: a, local-as: 1, router-id: 1.1.1.1}\n",
		    "f.yaml:3:6: instances[1].name: the instance a is there twice");
	check_error("instances:\n  - {name: a, local-as: 1, router-id: 1.1.1.1, table-id: 2}\n"
		    "  - {name: b, local-as: 1, router-id: 1.1.1.1, table-id: 2}\n",
		    "f.yaml:3:48: instances[1].table-id: 2 is that of instance a");
	check_error("instances:\n  - {name: a, local-as: 1, router-id: 1.1.1.1,\n"
		    "     neighbors: [{neighbor-address: 10.0.0.2,\n        peer-as: x}]}\n",
		    "f.yaml:4:9: instances[0].neighbors[0].peer-as: must be a whole number");
	check_error("- 1\n", "f.yaml: document: must be a mapping, not a list");
	check_error("x: [\n", "f.yaml:2:1: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_example),
		cmocka_unit_test(test_managed),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

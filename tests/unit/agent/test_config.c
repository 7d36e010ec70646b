/*
 * Tests of config: the agent's configuration file, and what is said of wrong ones.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <unistd.h>

#include "agent/config.h"

static int load(const char *text, struct config *config, struct error *e)
{
	char path[] = "/tmp/test_config.XXXXXX";
	int fd = mkstemp(path), result;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	result = config_load(path, config, e);
	unlink(path);
	return result;
}

#define GOOD                                               \
	"node: gw1\ncontroller: https://100.64.0.2:8443\n" \
	"tls: {ca: ca.pem, certificate: /etc/x.pem, key: k.key}\n"

static void a_good_file(void **state UNUSED)
{
	struct config config;
	struct error e = { "" };

	assert_int_equal(load(GOOD "external-interface: ext0\n"
				   "heliod: {control: /run/h/c.sock, sockets: /run/h/s.sock}\n",
			      &config, &e),
			 0);
	assert_string_equal(config.node, "gw1");
	assert_string_equal(config.tls_ca, "/tmp/ca.pem");
	assert_string_equal(config.tls_certificate, "/etc/x.pem");
	assert_string_equal(config.heliod_sockets, "/run/h/s.sock");
	assert_string_equal(config.state, "/var/lib/helio-agent");
}

static void wrong_files(void **state UNUSED)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "node: a\n", "controller is required" },
		{ GOOD "colour: red\n", ":4: colour: unknown key" },
		{ GOOD "node: b\n", ":4: node is there twice" },
		{ GOOD "heliod: {control: /x}\n", "expected both control and sockets" },
		{ GOOD "state: [a]\n", ":4: no list" },
		{ "- a\n", ":1: no list" },
		{ "node: a\ncontroller: http://x\ntls: {ca: a, certificate: b, key: c}\n",
		  "expected https" },
		{ "node: \"a\n", ":2: " },
	};
	struct config config;
	struct error e;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		e.text[0] = '\0';
		assert_int_equal(load(cases[i].text, &config, &e), -1);
		if (strstr(e.text, cases[i].words) == NULL)
			fail_msg("case %zu: \"%s\" does not say \"%s\"", i, e.text, cases[i].words);
	}
	assert_int_equal(config_load("/nonexistent", &config, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_file),
		cmocka_unit_test(wrong_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

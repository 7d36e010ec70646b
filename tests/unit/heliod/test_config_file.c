/*
 * test_config_file: the file on disk: families that there are not, files that there are not.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "heliod/config_file.h"

static char path[] = "/tmp/heliod-test-XXXXXX";

static void write_file(const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
}

static void check_error(const char *text, const char *wanted)
{
	char whole[ERROR_TEXT_MAX];
	struct error e = { "" };

	write_file(text);
	snprintf(whole, sizeof(whole), "%s%s", path, wanted);
	assert_null(config_file_load(path, &e));
	assert_string_equal(e.text, whole);
}

static void test_families(void **state)
{
	struct heliod_config *config;
	struct error e;

	(void)state;
	check_error(
		"instances:\n  - {name: a, local-as: 1, router-id: 1.1.1.1,\n"
		"     neighbors: [{neighbor-address: 1.1.1.2, peer-as: 2, families: [ipv5]}]}\n",
		":3:58: instances[0].neighbors[0].families: ipv5 is not known; known are "
		"ipv4-unicast, ipv6-unicast, ipv4-multicast, ipv6-multicast, ipv4-labeled-unicast, "
		"ipv6-labeled-unicast, l3vpn-ipv4-unicast, l3vpn-ipv6-unicast, l2vpn-evpn, "
		"ipv4-flowspec, ipv6-flowspec, l3vpn-ipv4-flowspec, l3vpn-ipv6-flowspec, "
		"route-target, srte-policy-ipv4, srte-policy-ipv6, linkstate, linkstate-vpn, "
		"ipv4-mvpn, ipv6-mvpn and l2vpn-vpls");
	write_file("instances:\n  - {name: a, local-as: 1, router-id: 1.1.1.1,\n"
		   "     neighbors: [{neighbor-address: 1.1.1.2, peer-as: 2,\n"
		   "                  families: [ipv4-unicast, ipv6-unicast]}]}\n");
	config = config_file_load(path, &e);
	assert_non_null(config);
	heliod_config_free(config);
}

static void test_no_file(void **state)
{
	struct error e;

	(void)state;
	assert_null(config_file_load("/nowhere/f.yaml", &e));
	assert_string_equal(e.text, "/nowhere/f.yaml: No such file or directory");
	assert_null(config_file_load("/tmp", &e));
	assert_string_equal(e.text, "/tmp: Is a directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_no_file),
	};
	int fd = mkstemp(path);
	int result = cmocka_run_group_tests(tests, NULL, NULL);

	close(fd);
	unlink(path);
	return result;
}

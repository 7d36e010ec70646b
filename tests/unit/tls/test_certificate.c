/*
 * test_certificate: sets of certificates that fit, and each way in which they do not.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <time.h>

#include "tls/certificate.h"

static char directory[] = "/tmp/helio-certificate-XXXXXX";
static char paths[8][96];

static const char *path(size_t slot, const char *name)
{
	snprintf(paths[slot], sizeof(paths[slot]), "%s/%s", directory, name);
	return paths[slot];
}

static int setup(void **state)
{
	char command[1024];
	const char *pki = getenv("HELIO_PKI");

	(void)state;
	if (pki == NULL || mkdtemp(directory) == NULL)
		return -1;
	snprintf(command, sizeof(command),
		 "%s %s ca && %s %s node gw1 && %s %s node gw2 && %s %s/other ca", pki, directory,
		 pki, directory, pki, directory, pki, directory);
	return system(command);
}

static int teardown(void **state)
{
	char command[256];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command);
}

static void expect(const char *ca, const char *certificate, const char *key, int64_t now,
		   const char *words)
{
	struct certificate_files files = { .ca = ca == NULL ? NULL : path(0, ca),
					   .certificate = path(1, certificate),
					   .key = path(2, key) };
	struct certificate_set set;
	struct error error = { "" };

	if (words != NULL) {
		assert_int_equal(certificate_set_load(&set, &files, &error, now), -1);
		if (strstr(error.text, words) == NULL)
			fail_msg("%s", error.text);
		return;
	}
	assert_int_equal(certificate_set_load(&set, &files, &error, now), 0);
	assert_string_equal(set.common_name, "node:gw1");
	assert_true(set.not_after > now);
	certificate_set_done(&set);
}

static void test_sets(void **state)
{
	int64_t now = time(NULL);

	(void)state;
	expect("ca.pem", "gw1.pem", "gw1.key", now, NULL);
	expect(NULL, "gw1.pem", "gw1.key", now, NULL);
	expect("ca.pem", "gw1.pem", "gw2.key", now, "is not the key");
	expect("other/ca.pem", "gw1.pem", "gw1.key", now, "is not signed by");
	expect("ca.pem", "none.pem", "gw1.key", now, "cannot be read");
	expect("ca.pem", "gw1.key", "gw1.key", now, "holds no certificate");
	expect("ca.pem", "gw1.pem", "gw1.pem", now, "no private key");
	expect("gw1.key", "gw1.pem", "gw1.key", now, "holds no certificate");
	expect("ca.pem", "gw1.pem", "gw1.key", now + (int64_t)900 * 86400, "is over");
	expect("ca.pem", "gw1.pem", "gw1.key", now - 86400, "not valid yet");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sets) };

	return cmocka_run_group_tests(tests, setup, teardown);
}

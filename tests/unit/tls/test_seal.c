/*
 * test_seal: what is sealed opens with its key at its place only, and the key file is guarded.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tls/random.h"
#include "tls/seal.h"

static void test_round_trip(void **state)
{
	struct seal_key key, other;
	struct error error;
	char *sealed, *again, *secret;
	size_t bytes;

	(void)state;
	random_bytes(&key, sizeof(key));
	random_bytes(&other, sizeof(other));
	sealed = seal_close(&key, "/a#key", "secret", 6);
	again = seal_close(&key, "/a#key", "secret", 6);
	assert_string_not_equal(sealed, again);
	assert_null(strstr(sealed, "secret"));
	secret = seal_open(&key, "/a#key", sealed, &bytes, &error);
	assert_string_equal(secret, "secret");
	assert_int_equal(bytes, 6);
	mem_free(secret);
	assert_null(seal_open(&key, "/b#key", sealed, &bytes, &error));
	assert_null(strstr(error.text, "secret\""));
	assert_null(seal_open(&other, "/a#key", sealed, &bytes, &error));
	sealed[10] = sealed[10] == 'A' ? 'B' : 'A';
	assert_null(seal_open(&key, "/a#key", sealed, &bytes, &error));
	assert_null(seal_open(&key, "/a#key", "v1.AAAA", &bytes, &error));
	assert_null(seal_open(&key, "/a#key", "v1.%%%", &bytes, &error));
	assert_null(seal_open(&key, "/a#key", "plain", &bytes, &error));
	mem_free(sealed);
	mem_free(again);
	sealed = seal_close(&key, "/a#key", "", 0);
	secret = seal_open(&key, "/a#key", sealed, &bytes, &error);
	assert_int_equal(bytes, 0);
	mem_free(sealed);
	mem_free(secret);
}

static void test_key_file(void **state)
{
	char directory[] = "/tmp/helio-seal-XXXXXX", path[64];
	struct seal_key made, read;
	struct error error;
	bool missing;

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/key", directory);
	assert_int_equal(seal_key_load(&read, path, &missing, &error), 0);
	assert_true(missing);
	assert_int_equal(seal_key_create(&made, path, &error), 0);
	assert_int_equal(seal_key_create(&read, path, &error), -1);
	assert_int_equal(seal_key_load(&read, path, &missing, &error), 0);
	assert_false(missing);
	assert_memory_equal(&made, &read, sizeof(made));
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(seal_key_load(&read, path, &missing, &error), -1);
	assert_non_null(strstr(error.text, "chmod 600"));
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(truncate(path, 31), 0);
	assert_int_equal(seal_key_load(&read, path, &missing, &error), -1);
	assert_int_equal(truncate(path, 33), 0);
	assert_int_equal(seal_key_load(&read, path, &missing, &error), -1);
	unlink(path);
	rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_key_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_token: whose token it is, and files that are wrong.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <unistd.h>

#include "controller/token.h"

#define DIGEST_OF_ABC "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"

static char path[] = "/tmp/helio-token-XXXXXX";

static void write_file(const char *text)
{
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
}

static int setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	close(fd);
	return fd < 0;
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

static void test_roles(void **state)
{
	struct token_list list;
	struct error error;
	const char *name = NULL;

	(void)state;
	write_file("- {name: me, role: operate, sha256: " DIGEST_OF_ABC "}\n");
	assert_int_equal(token_list_load(&list, path, &error), 0);
	assert_int_equal(token_list_role(&list, "Bearer abc", &name), API_ROLE_OPERATE);
	assert_string_equal(name, "me");
	assert_int_equal(token_list_role(&list, "bearer  abc", &name), API_ROLE_OPERATE);
	assert_int_equal(token_list_role(&list, "Bearer abd", &name), API_ROLE_NONE);
	assert_int_equal(token_list_role(&list, "Bearer " DIGEST_OF_ABC, &name), API_ROLE_NONE);
	assert_int_equal(token_list_role(&list, "Basic abc", &name), API_ROLE_NONE);
	assert_int_equal(token_list_role(&list, "Bearer ", &name), API_ROLE_NONE);
	assert_int_equal(token_list_role(&list, NULL, &name), API_ROLE_NONE);
	token_list_done(&list);
}

static void test_wrong(void **state)
{
	static const char *const texts[][2] = {
		{ "x: 1\n", "tokens" },
		{ "- {name: me, role: king, sha256: " DIGEST_OF_ABC "}\n", "role" },
		{ "- {name: me, role: read, sha256: abc}\n", "64 hex digits" },
		{ "- {name: me, role: read}\n", "sha256" },
		{ "- {name: me, role: read, sha256: " DIGEST_OF_ABC ", colour: red}\n", "colour" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct token_list list;
		struct error error;

		write_file(texts[i][0]);
		assert_int_equal(token_list_load(&list, path, &error), -1);
		if (strstr(error.text, texts[i][1]) == NULL)
			fail_msg("%s", error.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

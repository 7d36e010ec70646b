/*
 * test_random: GUIDs, digests and X25519 against the vectors of their documents.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tls/random.h"

static void test_guid(void **state)
{
	char one[RANDOM_GUID_TEXT_MAX], two[RANDOM_GUID_TEXT_MAX];

	(void)state;
	random_guid(one);
	random_guid(two);
	assert_string_not_equal(one, two);
	assert_int_equal(strlen(one), 36);
	assert_int_equal(one[14], '4');
	assert_non_null(strchr("89ab", one[19]));
}

/* FIPS 180-2, B.1 */
static void test_sha256(void **state)
{
	char text[RANDOM_SHA256_TEXT_MAX];

	(void)state;
	random_sha256("abc", text);
	assert_string_equal(text,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* RFC 7748 6.1, Alice's pair, in base64 */
static void test_x25519(void **state)
{
	char text[RANDOM_KEY_TEXT_MAX], again[RANDOM_KEY_TEXT_MAX], key[RANDOM_KEY_TEXT_MAX];

	(void)state;
	assert_int_equal(random_x25519_public("dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=", text),
			 0);
	assert_string_equal(text, "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=");
	assert_int_equal(random_x25519_public("dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25", text),
			 -1);
	assert_int_equal(random_x25519_public("not base64", text), -1);
	random_x25519_private(key);
	assert_int_equal(random_x25519_public(key, text), 0);
	assert_int_equal(random_x25519_public(key, again), 0);
	assert_string_equal(text, again);
	random_x25519_private(again);
	assert_string_not_equal(key, again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guid),
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_x25519),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

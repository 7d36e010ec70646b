/*
 * test_json_text: commas, escapes, and that a JSON parser reads what is written.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "overlay/json_text.h"

static void test_document(void **state)
{
	struct buf to;
	struct json_text j;
	struct ip_addr a = ip_addr_v4(0x0a010101);
	struct ip_prefix p = ip_prefix_of(&a, 24);
	struct mac_addr m = { { 2, 0, 0, 0, 0, 1 } };

	(void)state;
	buf_init(&to, 0);
	j = json_text_of(&to);
	json_text_object(&j, NULL);
	json_text_array(&j, "empty");
	json_text_end_array(&j);
	json_text_number(&j, "zero", 0);
	json_text_number(&j, "large", UINT64_MAX);
	json_text_array(&j, "list");
	json_text_addr(&j, NULL, &a);
	json_text_prefix(&j, NULL, &p);
	json_text_mac(&j, NULL, &m);
	json_text_object(&j, NULL);
	json_text_bool(&j, "t", true);
	json_text_end_object(&j);
	json_text_end_array(&j);
	json_text_bool(&j, "f", false);
	json_text_end_object(&j);
	assert_string_equal(buf_text(&to),
			    "{\"empty\":[],\"zero\":0,\"large\":18446744073709551615,\"list\":["
			    "\"10.1.1.1\",\"10.1.1.0/24\",\"02:00:00:00:00:01\",{\"t\":true}],"
			    "\"f\":false}");
	buf_done(&to);
}

static void test_escapes(void **state)
{
	static const char text[] = "a\"b\\c\n\x01/\xc3\xa4";
	struct buf to;
	struct json_text j;
	json_t *read;

	(void)state;
	buf_init(&to, 0);
	j = json_text_of(&to);
	json_text_object(&j, NULL);
	json_text_string(&j, text, text);
	json_text_end_object(&j);
	read = json_loads(buf_text(&to), 0, NULL);
	assert_non_null(read);
	assert_string_equal(json_string_value(json_object_get(read, text)), text);
	json_decref(read);
	buf_done(&to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

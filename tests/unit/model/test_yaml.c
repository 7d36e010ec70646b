/*
 * test_yaml: YAML to JSON: how scalars are resolved, and what is refused, with its place.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/yaml.h"

static void check_json(const char *text, const char *json)
{
	struct error e = { "" };
	json_t *got = yaml_parse(text, strlen(text), "t", &e);
	json_t *wanted = json_loads(json, JSON_DECODE_ANY, NULL);

	assert_string_equal(e.text, "");
	assert_non_null(wanted);
	assert_true(json_equal(got, wanted));
	json_decref(got);
	json_decref(wanted);
}

static void check_error(const char *text, const char *wanted)
{
	struct error e = { "" };

	assert_null(yaml_parse(text, strlen(text), "t.yaml", &e));
	assert_string_equal(e.text, wanted);
}

static void test_core_schema(void **state)
{
	(void)state;
	check_json("[null, ~, Null, true, FALSE]", "[null, null, null, true, false]");
	check_json("[yes, no, on, off, y, n]", "[\"yes\",\"no\",\"on\",\"off\",\"y\",\"n\"]");
	check_json("[1, -1, +1, 007, 0x1F, 0o17, 0b1, 1_000]",
		   "[1,-1,1,7,31,15,\"0b1\",\"1_000\"]");
	check_json("[1.5, .5, 1., 1e3, -2.5E-1, ., e3, 1e]",
		   "[1.5,0.5,1.0,1000.0,-0.25,\".\",\"e3\",\"1e\"]");
	check_json("[10.0.0.1, '1', \"true\", 2001:db8::1, 1:30, 2024-01-01]",
		   "[\"10.0.0.1\",\"1\",\"true\",\"2001:db8::1\",\"1:30\",\"2024-01-01\"]");
	check_json("{a: }", "{\"a\":null}");
	check_json("a: |\n  x\n  y\n", "{\"a\":\"x\\ny\\n\"}");
	check_json("{\"a\": [1, {\"b\": null}]}", "{\"a\":[1,{\"b\":null}]}");
}

static void test_refused(void **state)
{
	(void)state;
	check_error("a: 1\nb: &x 2\n", "t.yaml:2:4: anchors are not supported");
	check_error("a: [&x {}]\n", "t.yaml:1:5: anchors are not supported");
	check_error("a: *x\n", "t.yaml:1:4: aliases are not supported");
	check_error("a: !!str 1\n", "t.yaml:1:4: tags are not supported");
	check_error("a: 1\nb: 2\na: 3\n", "t.yaml:3:1: the key a is there twice");
	check_error("? [a]\n: 1\n", "t.yaml:1:3: a key must be a scalar");
	check_error("<<: {a: 1}\n", "t.yaml:1:1: merge keys are not supported");
	check_error("a: .inf\n",
		    "t.yaml:1:4: infinity and NaN are no values here; put text into quotes");
	check_error("a: 99999999999999999999\n", "t.yaml:1:4: the number is too large");
	check_error("a: 1e999\n", "t.yaml:1:4: the number is too large");
	check_error("a: 1\n---\nb: 1\n", "t.yaml: 2 documents, must be one");
	check_error("", "t.yaml: 0 documents, must be one");
	check_error("a: [1, 2\n", "t.yaml:2:1: did not find expected ',' or ']'");
	check_error("a: \"\\0\"\nb\n", "t.yaml:3:1: could not find expected ':'");
}

static void test_too_deep(void **state)
{
	char text[2 * YAML_DEPTH_MAX + 8];
	struct error e;

	(void)state;
	memset(text, '[', YAML_DEPTH_MAX + 1);
	memset(text + YAML_DEPTH_MAX + 1, ']', YAML_DEPTH_MAX + 1);
	assert_null(yaml_parse(text, 2 * (YAML_DEPTH_MAX + 1), "t", &e));
	assert_string_equal(e.text, "t:1:33: nested too deeply");
}

static void test_not_utf8(void **state)
{
	struct error e;

	(void)state;
	assert_null(yaml_parse("a: \xff\xfe\n", 6, "t", &e));
	assert_non_null(strstr(e.text, "t: octet 3: "));
}

static void test_many_documents(void **state)
{
	static const char text[] = "---\na: 1\n---\n---\nb: 2\n";
	struct error e;
	json_t *all = yaml_parse_all(text, strlen(text), "t", &e);

	(void)state;
	assert_int_equal(json_array_size(all), 2);
	json_decref(all);
}

static void check_place(const char *path, const char *wanted)
{
	static const char text[] = "instances:\n"
				   "  - name: a\n"
				   "    neighbors:\n"
				   "      - {neighbor-address: 10.0.0.1, peer-as: 1}\n"
				   "      - {neighbor-address: 10.0.0.2, peer-as: no}\n"
				   "    neighbor: 1\n";
	struct error e;

	error_set(&e, "%s: wrong", path);
	assert_int_equal(yaml_error_locate(text, strlen(text), "f", &e), -1);
	assert_string_equal(e.text, wanted);
}

static void test_locate(void **state)
{
	(void)state;
	check_place("instances[0].neighbors[1].peer-as",
		    "f:5:38: instances[0].neighbors[1].peer-as: wrong");
	check_place("instances[0].neighbors[1].hold-time",
		    "f:5:9: instances[0].neighbors[1].hold-time: wrong");
	check_place("instances[0].neighbor", "f:6:5: instances[0].neighbor: wrong");
	check_place("instances[0].local-as", "f:2:5: instances[0].local-as: wrong");
	check_place("control", "f: control: wrong");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_core_schema),    cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_deep),       cmocka_unit_test(test_not_utf8),
		cmocka_unit_test(test_many_documents), cmocka_unit_test(test_locate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

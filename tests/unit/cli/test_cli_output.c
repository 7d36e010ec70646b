/*
 * test_cli_output: what is printed as YAML is read back as the same; tables are aligned.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/cli_output.h"
#include "model/yaml.h"

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

/* What was printed; to be freed. */
static char *end_capture(void)
{
	char *text = mem_zalloc(65536);

	fflush(stdout);
	assert_true(dup2(kept_stdout, 1) >= 0);
	close(kept_stdout);
	rewind(captured);
	assert_true(fread(text, 1, 65535, captured) < 65535);
	fclose(captured);
	return text;
}

static void check_yaml(const char *json)
{
	json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
	struct error e = { "" };
	json_t *again;
	char *text;

	assert_non_null(value);
	begin_capture();
	cli_print_yaml(value);
	text = end_capture();
	again = yaml_parse(text, strlen(text), "printed", &e);
	assert_string_equal(e.text, "");
	if (!json_equal(value, again))
		assert_string_equal(text, json);
	json_decref(value);
	json_decref(again);
	mem_free(text);
}

static void test_yaml_is_read_back(void **state)
{
	(void)state;
	check_yaml("{}");
	check_yaml("[]");
	check_yaml("{\"a\":{},\"b\":[],\"c\":null,\"d\":true,\"e\":-5,\"f\":1.5}");
	check_yaml("[\"1\",\"01\",\"1.5\",\"1e3\",\".5\",\"0x1f\",\"0o7\",\"+1\",\"-1\",\"-\"]");
	check_yaml("[\"true\",\"no\",\"null\",\"~\",\"\",\" \",\"a \",\"a: b\",\"a:\",\"#a\",\"a "
		   "#b\"]");
	check_yaml("[\"10.0.0.0/8\",\"::1\",\"fe80::1\",\"00:01:02\",\"65000:1\",\"a,b\",\"*\"]");
	check_yaml(
		"[\"two\\nlines\",\"tab\\t\",\"quote\\\"\",\"it's\",\"\\u00e9\",\"---\",\"a%b\"]");
	check_yaml("{\"true\":1,\"1\":2,\"a b\":[[1,2],[{\"x\":[]}]],\"- a\":3,\"?\":4}");
	check_yaml("[\".inf\",\".NaN\",\"0\",\"1_000\",\"2024-01-01\",\"=\",\"<<\",\"!x\",\"&x\"]");
}

static void test_table(void **state)
{
	static const char *const headings[] = { "<Name", ">Number", "<Last", NULL };
	struct cli_table table;
	char *text;

	(void)state;
	cli_table_init(&table, headings);
	cli_table_add(&table, "long name");
	cli_table_printf(&table, "%d", 5);
	cli_table_add(&table, "x");
	cli_table_add(&table, "\xc3\xa9");
	cli_table_printf(&table, "%d", 1234567);
	cli_table_add(&table, "y");
	begin_capture();
	cli_table_print(&table, "  ");
	text = end_capture();
	assert_string_equal(text, "  Name        Number  Last\n"
				  "  long name        5  x\n"
				  "  \xc3\xa9          1234567  y\n");
	mem_free(text);
	cli_table_done(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_yaml_is_read_back),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

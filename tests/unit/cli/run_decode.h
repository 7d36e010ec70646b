/*
 * run_decode: helioctl decode on octets that a test wrote, and what it printed.
 * SPDX-License-Identifier: Apache-2.0
 *
 * For the tests of cli_decode*. A test writes into `w`, calls decode, and looks at `out`, `err` and
 * `status`.
 */
#ifndef TESTS_RUN_DECODE_H
#define TESTS_RUN_DECODE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/writer.h"
#include "cli/cli_decode.h"

#define OUTPUT_MAX 262144u

static const struct cli_command *const tables[] = { cli_decode_commands, NULL };

static uint8_t bytes[262144];
static struct writer w;
static char path[64];
static char out[OUTPUT_MAX], err[OUTPUT_MAX];
static int status;

static int setup(void **state)
{
	int fd;

	(void)state;
	w = writer_of(bytes, sizeof(bytes));
	snprintf(path, sizeof(path), "/tmp/test_cli_decode.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static FILE *redirect(FILE *stream, int *kept)
{
	FILE *to = tmpfile();

	assert_non_null(to);
	fflush(stream);
	*kept = dup(fileno(stream));
	assert_true(dup2(fileno(to), fileno(stream)) >= 0);
	return to;
}

static void restore(FILE *stream, FILE *from, int kept, char text[static OUTPUT_MAX])
{
	size_t length;

	fflush(stream);
	assert_true(dup2(kept, fileno(stream)) >= 0);
	close(kept);
	rewind(from);
	length = fread(text, 1, OUTPUT_MAX - 1, from);
	assert_true(length < OUTPUT_MAX - 1);
	text[length] = '\0';
	fclose(from);
}

/* What the writer holds, from a file or ("-") from stdin; `options` are split at spaces. */
static void decode(const char *options, bool from_stdin)
{
	char copy[256];
	char *words[24] = { (char *)(uintptr_t) "helioctl", (char *)(uintptr_t) "decode" };
	char *rest = NULL;
	FILE *file = fopen(path, "w"), *to_out, *to_err;
	int count = 2, kept_out, kept_err, kept_in = -1;

	assert_false(w.failed);
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, writer_length(&w), file), writer_length(&w));
	fclose(file);
	snprintf(copy, sizeof(copy), "%s", options);
	for (char *word = strtok_r(copy, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	words[count++] = from_stdin ? (char *)(uintptr_t) "-" : path;
	if (from_stdin) {
		FILE *in = fopen(path, "r");

		assert_non_null(in);
		kept_in = dup(STDIN_FILENO);
		assert_true(dup2(fileno(in), STDIN_FILENO) >= 0);
		fclose(in);
	}
	to_out = redirect(stdout, &kept_out);
	to_err = redirect(stderr, &kept_err);
	status = cli_main(tables, count, words);
	restore(stdout, to_out, kept_out, out);
	restore(stderr, to_err, kept_err, err);
	if (from_stdin) {
		assert_true(dup2(kept_in, STDIN_FILENO) >= 0);
		close(kept_in);
	}
}

static void assert_has(const char *text, const char *wanted)
{
	if (strstr(text, wanted) == NULL)
		fail_msg("\"%s\" is not in: %s", wanted, text);
}

static size_t lines(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == '\n';
	return count;
}

/* ORIGIN, AS_PATH 65001, NEXT_HOP 10.0.0.1 */
static const uint8_t ATTRS[] = { 0x40, 1,    1,	   0,	 0x40, 2, 6,  2, 1, 0,
				 0,    0xfd, 0xe9, 0x40, 3,    4, 10, 0, 0, 1 };

static void put_update(uint8_t third_octet, uint32_t path_id)
{
	size_t nlri = path_id != 0 ? 8 : 4;

	bgp_header_encode(&w, (uint16_t)(BGP_HEADER_BYTES + 4 + sizeof(ATTRS) + nlri), BGP_UPDATE);
	writer_u16(&w, 0);
	writer_u16(&w, sizeof(ATTRS));
	writer_bytes(&w, ATTRS, sizeof(ATTRS));
	if (path_id != 0)
		writer_u32(&w, path_id);
	writer_u32(&w, 0x180a0100u | third_octet);
}

static void put_open(bool as4, bool add_path)
{
	struct bgp_open open = { .version = 4, .as = { 65001 }, .hold_time_s = 90, .router_id = 1 };

	open.capabilities.as4 = as4;
	open.capabilities.multiprotocol = true;
	open.capabilities.families[BGP_IPV4_UNICAST] = true;
	open.capabilities.addpath_send[BGP_IPV4_UNICAST] = add_path;
	open.capabilities.addpath_receive[BGP_IPV4_UNICAST] = add_path;
	bgp_open_encode(&w, &open);
}

#endif

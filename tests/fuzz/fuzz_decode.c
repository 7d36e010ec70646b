/*
 * Fuzz target: helioctl decode: BGP messages, an MRT file or a BMP stream, printed.
 * SPDX-License-Identifier: Apache-2.0
 *
 * First octet: bits 0 and 1 the kind (raw, MRT, BMP), 2 text instead of JSON, 3 as2, 4 ADD-PATH in
 * every family, 5 filters, 6 and 7 lines or a summary. Whatever comes, each record is one line of
 * JSON that another parser takes, without a name twice in an object, or text without control
 * characters; a line has as many fields as it must.
 */
#include "fuzz.h"

#include <jansson.h>

#include "cli/cli_decode.h"

static void check_json(const char *text, size_t length)
{
	while (length != 0) {
		const char *end = memchr(text, '\n', length);
		json_t *record;

		MUST_HOLD(end != NULL);
		record = json_loadb(
			text, (size_t)(end - text),
			JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, NULL);
		MUST_HOLD(json_is_object(record));
		json_decref(record);
		length -= (size_t)(end + 1 - text);
		text = end + 1;
	}
}

static void check_text(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		MUST_HOLD(text[i] == '\n' || ((uint8_t)text[i] >= 0x20 && text[i] != 0x7f));
	MUST_HOLD(length == 0 || text[length - 1] == '\n');
}

/* Fields of a line: those of a withdrawal, a change of state, or a route. */
static void check_lines(const char *text, size_t length)
{
	while (length != 0) {
		const char *end = memchr(text, '\n', length);
		unsigned bars = 0;

		MUST_HOLD(end != NULL);
		for (const char *c = text; c < end; c++)
			bars += *c == '|';
		MUST_HOLD(bars == 5 || bars == 6 || bars == 14 || bars == 15);
		length -= (size_t)(end + 1 - text);
		text = end + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cli_decode_kind *const kinds[] = { &cli_decode_raw, &cli_decode_mrt,
							       &cli_decode_bmp, &cli_decode_raw };
	struct cli cli = { .format = CLI_JSON };
	struct cli_decode d;
	struct error e;

	if (size == 0)
		return 0;
	cli.format = (data[0] & 4) != 0 ? CLI_TABLE : CLI_JSON;
	cli.decode.as2 = (data[0] & 8) != 0;
	cli.decode.lines = (data[0] & 0xc0) == 0x40;
	cli.decode.summary = (data[0] & 0x80) != 0;
	if ((data[0] & 32) != 0) {
		cli.decode.covering = "10.0.0.1";
		cli.decode.as_path = "_65001_|^$|[{(]";
		cli.decode.community = (data[0] & 64) != 0 ? "65000:1" : NULL;
	}
	cli_decode_init(&d, &cli);
	MUST_HOLD(cli_decode_filter_init(&d.filter, &cli) == 0);
	d.kind = kinds[data[0] & 3];
	if ((data[0] & 16) != 0) {
		memset(d.context.addpath, true, sizeof(d.context.addpath));
		d.told_add_path = true;
	}
	data++;
	size--;
	while (size != 0) {
		size_t used = 0;
		enum cli_decode_step step = d.kind->take(&d, data, size, &used, &e);

		if (step == CLI_DECODE_MORE || used > size)
			break;
		if (step == CLI_DECODE_WRONG)
			MUST_HOLD(strlen(e.text) > 5);
		if (used == 0) {
			MUST_HOLD(step == CLI_DECODE_WRONG);
			break;
		}
		d.offset += used;
		data += used;
		size -= used;
	}
	if (d.summary != NULL)
		cli_decode_summary_print(d.summary, "input", d.offset, &d.out);
	if (cli.decode.lines)
		check_lines(d.text.data, d.text.length);
	if (cli.format == CLI_JSON && !cli.decode.lines)
		check_json(d.text.data, d.text.length);
	else
		check_text(d.text.data, d.text.length);
	cli_decode_done(&d);
	return 0;
}

/*
 * cli_decode: BGP messages out of files and streams, as text or JSON lines.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The frame: options, input, filters, output. Nothing is kept of what was printed; the input buffer
 * grows to the longest record that there is, at most that of MRT.
 */
#include "cli/cli_decode.h"

#include <errno.h>
#include <strings.h>
#include <time.h>

#include "base/mem.h"
#include "cli/cli_input.h"

#define WRITE_BYTES (64u * 1024)
#define ERRORS_SHOWN_MAX 10u
#define BGP_TYPE_AT 18u

/* --- output --- */

/* 0, or -1 when nobody reads it any more, or after words. */
static int flush(struct cli_decode *d)
{
	size_t length = d->text.length;

	if (!d->output_lost && length != 0 &&
	    (fwrite(d->text.data, 1, length, stdout) != length || fflush(stdout) != 0)) {
		d->output_lost = true;
		if (errno != EPIPE)
			cli_fail("stdout: %s", strerror(errno));
	}
	buf_clear(&d->text);
	return d->output_lost ? -1 : 0;
}

void cli_decode_time(struct outline *o, const char *key, uint32_t time_s, uint32_t time_us,
		     bool has_us)
{
	time_t seconds = time_s;
	struct tm tm;
	char text[40], fraction[16] = "";

	if (gmtime_r(&seconds, &tm) == NULL)
		return;
	if (has_us)
		snprintf(fraction, sizeof(fraction), ".%06" PRIu32, time_us % 1000000);
	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d%sZ", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, fraction);
	if (strcmp(key, "time") == 0)
		outline_bare(o, key, text);
	else
		outline_text(o, key, text);
}

void cli_decode_begin(struct cli_decode *d, uint32_t time_s, uint32_t time_us, bool has_us)
{
	outline_begin(&d->out);
	outline_uint(&d->out, "offset", d->offset);
	if (time_s != 0)
		cli_decode_time(&d->out, "time", time_s, time_us, has_us);
}

static void count_wrong(struct cli_decode *d)
{
	if (d->wrong++ == 0)
		d->first_wrong = d->offset;
}

void cli_decode_finish(struct cli_decode *d, enum bgp_verdict verdict)
{
	outline_finish(&d->out);
	d->printed++;
	if (verdict != BGP_OK)
		count_wrong(d);
}

/* --- filters --- */

static bool found(struct cli_decode *d, UNUSED const struct cli_decode_route *route)
{
	d->found = true;
	return false;
}

static bool count_route(struct cli_decode *d, const struct cli_decode_route *route)
{
	cli_decode_summary_route(d->summary, route);
	d->found = true;
	return true;
}

/* What is said of a message that is no UPDATE is known when it is printed. */
static enum bgp_verdict judge_message(struct cli_decode *d, const struct cli_decode_item *item)
{
	size_t length = d->text.length;
	enum bgp_verdict verdict;

	outline_begin(&d->out);
	verdict = bgp_print_message(d->printer, item->message, item->message_length, item->context);
	outline_finish(&d->out);
	buf_truncate(&d->text, length);
	return verdict;
}

bool cli_decode_offer(struct cli_decode *d, const struct cli_decode_item *item)
{
	bool by_routes = cli_decode_filter_has_routes(&d->filter);
	enum bgp_verdict verdict;
	struct error why = { "" };

	if (!cli_decode_filter_record(&d->filter, item))
		return false;
	if (d->summary == NULL && !d->cli->decode.lines) {
		d->found = !by_routes;
		if (by_routes)
			(void)cli_decode_route_each(d, item, found, NULL);
		return d->found;
	}
	d->found = !by_routes;
	if (d->summary == NULL)
		verdict = cli_decode_lines(d, item);
	else
		verdict = cli_decode_route_each(d, item, count_route, &why);
	if (verdict == BGP_OK && item->message != NULL && !by_routes &&
	    item->message[BGP_TYPE_AT] != BGP_UPDATE)
		verdict = judge_message(d, item);
	if (d->summary != NULL && d->found)
		cli_decode_summary_record(d->summary, item, verdict, &why, d->offset);
	if (verdict != BGP_OK && d->found)
		count_wrong(d);
	return false;
}

void cli_decode_negotiate(struct bgp_context *context, const struct bgp_open *sender,
			  const struct bgp_open *receiver)
{
	const struct bgp_capabilities *from = &sender->capabilities, *to = &receiver->capabilities;

	context->as4 = from->as4 && to->as4;
	context->ibgp = sender->as.number == receiver->as.number;
	for (size_t f = 0; f < BGP_FAMILY_COUNT; f++) {
		context->addpath[f] = from->addpath_send[f] && to->addpath_receive[f];
		context->labels_max[f] = from->labels_max[f] != 0 ? to->labels_max[f] : 0;
	}
}

/* --- the command --- */

static int set_add_path(struct cli_decode *d, const char *list)
{
	while (*list != '\0') {
		size_t length = strcspn(list, ",");
		char name[40];
		enum bgp_family family;

		snprintf(name, sizeof(name), "%.*s", (int)MIN(length, sizeof(name) - 1), list);
		family = bgp_family_by_name(name);
		if (strcmp(name, "all") == 0)
			memset(d->context.addpath, true, sizeof(d->context.addpath));
		else if (family == BGP_FAMILY_NONE)
			return cli_fail("--add-path: \"%s\" is no family; one is like "
					"ipv4-unicast, or all",
					name);
		else
			d->context.addpath[family] = true;
		list += length + (list[length] == ',');
	}
	d->told_add_path = true;
	return CLI_OK;
}

static int set_options(struct cli_decode *d)
{
	const struct cli_decode_options *o = &d->cli->decode;
	char *end;

	if (o->limit != NULL) {
		d->limit = strtoull(o->limit, &end, 10);
		if (*end != '\0' || d->limit == 0 || o->limit[0] == '-')
			return cli_fail("--limit: must be a number from 1 on, not %s", o->limit);
	}
	if (o->raw + o->mrt + o->bmp > 1)
		return cli_fail("--raw, --mrt and --bmp: at most one");
	if (o->lines + o->summary + (d->cli->format == CLI_JSON && o->lines) > 1)
		return cli_fail("-m, --summary and --json: -m goes with neither of the others");
	if (d->cli->format == CLI_YAML)
		return cli_fail("-o yaml: decode prints text or JSON lines");
	if (cli_decode_filter_init(&d->filter, d->cli) != CLI_OK)
		return CLI_FAILED;
	return o->add_path != NULL ? set_add_path(d, o->add_path) : CLI_OK;
}

/* Types of MRT records that are found in files (RFC 6396 4, and older ones). */
static bool is_mrt_type(uint16_t type)
{
	return (type >= 5 && type <= MRT_BGP4MP_ET) || (type >= 32 && type <= 49);
}

/* What the first octets are: a BGP marker, BMP's version and a type of it, or the header of an MRT
 * record. NULL: none of them. */
static const struct cli_decode_kind *detect(const struct cli_decode_options *o,
					    const uint8_t *bytes, size_t length)
{
	struct reader r = reader_of(bytes, length);

	if (o->raw || o->mrt || o->bmp)
		return o->raw ? &cli_decode_raw : o->mrt ? &cli_decode_mrt : &cli_decode_bmp;
	if (length < BMP_HEADER_BYTES)
		return &cli_decode_mrt;
	if (memcmp(bytes, "\xff\xff\xff\xff", 4) == 0)
		return &cli_decode_raw;
	if (bytes[0] == 3 && bytes[1] == 0 && bytes[5] <= BMP_ROUTE_MIRRORING)
		return &cli_decode_bmp;
	(void)reader_u32(&r); /* the time */
	return is_mrt_type(reader_u16(&r)) ? &cli_decode_mrt : NULL;
}

/* Says what is wrong with the record in hand, on stderr and, in its place, in the output. */
static void report(struct cli_decode *d, const struct cli_input *in, const char *what)
{
	count_wrong(d);
	if (d->framing_errors++ < ERRORS_SHOWN_MAX)
		cli_fail("%s: offset %" PRIu64 ": %s", in->name, d->offset, what);
	if (d->summary != NULL)
		cli_decode_summary_error(d->summary, what, d->offset);
	if (d->summary != NULL || d->cli->decode.lines)
		return;
	outline_begin(&d->out);
	outline_uint(&d->out, "offset", d->offset);
	outline_text(&d->out, "error", what);
	outline_finish(&d->out);
}

/* Takes what there is; false when the end is reached. */
static bool step(struct cli_decode *d, struct cli_input *in)
{
	struct error e = { "" };
	size_t used = 0, length = in->end - in->start;
	enum cli_decode_step got;

	d->offset = in->offset;
	got = length == 0 ? CLI_DECODE_MORE
			  : d->kind->take(d, in->data + in->start, length, &used, &e);
	if (got == CLI_DECODE_MORE) {
		if (!in->at_end) /* of a stream that goes on, what there is is shown first */
			return flush(d) == 0 && cli_input_more(in) == 0;
		if (length != 0) {
			error_set(&e, "the last record is cut off: %zu octets are left", length);
			report(d, in, e.text);
		}
		return false;
	}
	if (got == CLI_DECODE_WRONG)
		report(d, in, e.text);
	if (got == CLI_DECODE_WRONG && used == 0) {
		cli_fail("%s: where the next record begins is not known; is it %s? (--mrt, "
			 "--bmp, --raw)",
			 in->name, d->kind->name);
		return false;
	}
	while (used > length) { /* a record that is skipped before it is all there */
		used -= length;
		cli_input_skip(in, length);
		if (in->at_end || cli_input_more(in) < 0)
			return false;
		length = in->end - in->start;
	}
	cli_input_skip(in, used);
	return d->limit == 0 || d->printed < d->limit;
}

static int run(struct cli_decode *d, struct cli_input *in)
{
	while (in->end < BGP_HEADER_BYTES && !in->at_end)
		if (cli_input_more(in) < 0)
			return CLI_FAILED;
	d->kind = detect(&d->cli->decode, in->data, in->end);
	if (d->kind == NULL)
		return cli_fail("%s: is not MRT, BMP or BGP messages as far as can be seen; --mrt, "
				"--bmp or --raw say which it is",
				in->name);
	if (cli_decode_filter_has_peer(&d->filter) && !d->kind->has_peers)
		return cli_fail("--peer: raw messages do not name their peer");
	if (cli_decode_filter_has_time(&d->filter) && !d->kind->has_peers)
		return cli_fail("--since, --until: raw messages have no time");
	if (d->kind == &cli_decode_mrt && d->cli->decode.as2)
		return cli_fail("--as2: MRT records name the width of AS numbers themselves");
	while (step(d, in))
		if (d->text.length >= WRITE_BYTES && flush(d) < 0)
			break;
	if (d->summary != NULL)
		cli_decode_summary_print(d->summary, in->name, in->offset, &d->out);
	if (flush(d) < 0)
		return CLI_FAILED;
	if (d->wrong != 0)
		cli_fail("%s: %" PRIu64 " malformed, the first at offset %" PRIu64, in->name,
			 d->wrong, d->first_wrong);
	return d->wrong != 0 || in->failed ? CLI_FAILED : CLI_OK;
}

void cli_decode_init(struct cli_decode *d, const struct cli *cli)
{
	*d = (struct cli_decode){
		.cli = cli,
		.context = { .as4 = !cli->decode.as2,
			     .ibgp = true,
			     .aigp = true,
			     .message_bytes_max = BGP_MESSAGE_BYTES_MAX_EXTENDED },
	};
	memset(d->context.extended_next_hop, true, sizeof(d->context.extended_next_hop));
	memset(d->context.labels_max, UINT8_MAX, sizeof(d->context.labels_max));
	buf_init(&d->text, 0);
	buf_init(&d->as_path, 0);
	buf_init(&d->head, 0);
	buf_init(&d->tail, 0);
	buf_init(&d->room, 0);
	d->filter.family = BGP_FAMILY_NONE;
	hmap_init(&d->bmp_peers);
	if (cli->decode.summary) {
		d->summary = mem_alloc(sizeof(*d->summary));
		cli_decode_summary_init(d->summary);
	}
	outline_init(&d->out, &d->text, cli->format == CLI_JSON);
	d->printer = mem_alloc(sizeof(*d->printer));
	bgp_printer_init(d->printer, &d->out);
}

void cli_decode_done(struct cli_decode *d)
{
	bgp_printer_done(d->printer);
	mem_free(d->printer);
	mem_free(d->peers);
	cli_decode_bmp_clear(d);
	hmap_done(&d->bmp_peers);
	cli_decode_filter_done(&d->filter);
	if (d->summary != NULL)
		cli_decode_summary_done(d->summary);
	mem_free(d->summary);
	buf_done(&d->text);
	buf_done(&d->as_path);
	buf_done(&d->head);
	buf_done(&d->tail);
	buf_done(&d->room);
}

/* One input; *printed counts over all of them. */
static int decode_one(const struct cli *cli, const char *name, uint64_t *printed)
{
	struct cli_input in = { .fd = -1 };
	struct cli_decode d;
	int status = CLI_USAGE;

	cli_decode_init(&d, cli);
	d.printed = *printed;
	if (set_options(&d) == CLI_OK)
		status =
			cli->decode.hex ? cli_input_open_hex(&in, name) : cli_input_open(&in, name);
	if (status == CLI_OK)
		status = run(&d, &in);
	*printed = d.limit != 0 && d.printed >= d.limit ? UINT64_MAX : d.printed;
	cli_input_close(&in);
	cli_decode_done(&d);
	return status;
}

int cli_decode(const struct cli *cli)
{
	uint64_t printed = 0;
	int status = CLI_OK;

	for (size_t i = 0; i < cli->argument_count && printed != UINT64_MAX; i++) {
		int one = decode_one(cli, cli->arguments[i], &printed);

		status = MAX(status, one);
	}
	return status;
}

const struct cli_command cli_decode_commands[] = {
	{ "decode", "FILE|-...",
	  "prints the BGP messages of MRT files, BMP streams or raw streams, compressed or not",
	  CLI_OPTION_DECODE | CLI_OPTION_FAMILY, 1, CLI_ARGUMENTS_MAX, cli_decode },
	{ .words = NULL },
};

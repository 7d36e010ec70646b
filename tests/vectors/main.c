/*
 * main: runs files of vectors as a test, or prints them: run-vectors [--json|--seeds=DIR] FILE...
 * SPDX-License-Identifier: Apache-2.0
 *
 * A vector passes when the verdict, the NOTIFICATION and every line that it wants are those that
 * our decoders give; when the lines of NLRI are named, there are no others. Each message is decoded
 * in memory of exactly its size, and so is each truncation of it, and it with each octet one more
 * and one less, so that a sanitizer sees reads past the end. What is right is written again by our
 * encoders, and must decode to the same lines. With --json, a line for each message that is right:
 * the message, and what our encoders made of it, in hexadecimal, with the lines. With --seeds, they
 * are written as inputs of fuzz targets.
 */
#include "vector.h"

#define TRUNCATE_BYTES_MAX 1024u
#define MUTATE_BYTES_MAX 256u
#define LINE_SHOWN_MAX 160

static unsigned number, failures;

static bool is_nlri(const char *line)
{
	return strncmp(line, "announced ", 10) == 0 || strncmp(line, "withdrawn ", 10) == 0 ||
	       strncmp(line, "end-of-rib ", 11) == 0;
}

static void complain(struct buf *faults, const char *what, const char *detail)
{
	buf_printf(faults, "# %s%s\n", what, detail);
}

static void check_lines(const struct vector *v, const struct description *d, struct buf *faults)
{
	size_t nlri_wanted = 0, nlri_there = 0;

	for (size_t i = 0; i < v->wanted_count; i++) {
		nlri_wanted += is_nlri(v->wanted[i]);
		if (!describe_has(d, v->wanted[i]))
			complain(faults, "missing: ", v->wanted[i]);
	}
	for (size_t i = 0; i < v->unwanted_count; i++)
		if (describe_has(d, v->unwanted[i]))
			complain(faults, "should not be there: ", v->unwanted[i]);
	for (const char *at = buf_text(&d->lines); *at != '\0'; at += strcspn(at, "\n") + 1)
		nlri_there += is_nlri(at);
	if (nlri_wanted != 0 && nlri_wanted != nlri_there)
		complain(faults, "more NLRI than that", "");
}

static void check_verdict(const struct vector *v, const struct description *d, struct buf *faults)
{
	const struct bgp_notification *got = &d->error, *want = &v->error;

	if (d->verdict != v->verdict) {
		buf_printf(faults, "# verdict %d, not %d\n", (int)d->verdict, (int)v->verdict);
		return;
	}
	if (v->verdict == BGP_SESSION_RESET) {
		if (got->code != want->code || got->subcode != want->subcode)
			buf_printf(faults, "# NOTIFICATION %u/%u, not %u/%u\n", got->code,
				   got->subcode, want->code, want->subcode);
		if (!v->any_data && (got->data_length != want->data_length ||
				     memcmp(got->data, want->data, want->data_length) != 0)) {
			buf_printf(faults, "# NOTIFICATION data of %u octets:", got->data_length);
			for (size_t i = 0; i < got->data_length; i++)
				buf_printf(faults, " %02x", got->data[i]);
			buf_add_text(faults, "\n");
		}
	}
	if (v->message.length > 18 && v->message.data[18] == BGP_UPDATE &&
	    (d->verdict == BGP_OK) != (d->why.text[0] == '\0') && got->code != BGP_ERROR_HEADER)
		complain(faults, "a verdict without words, or words without a verdict", "");
}

/* The lines of `from` that are not in `in`; what our encoders cannot say again is left out. */
static void check_same(const struct description *from, const struct description *in,
		       const char *what, struct buf *faults)
{
	static const char *const not_written[] = { "other " };
	struct buf line;
	const char *at = buf_text(&from->lines);

	buf_init(&line, 0);
	for (; *at != '\0'; at += strcspn(at, "\n") + 1) {
		bool skip = false;

		buf_clear(&line);
		buf_add(&line, at, strcspn(at, "\n"));
		for (size_t i = 0; i < ARRAY_SIZE(not_written); i++)
			skip |= strncmp(at, not_written[i], strlen(not_written[i])) == 0;
		if (!skip && !describe_has(in, buf_text(&line)))
			buf_printf(faults, "# %s%.*s\n", what, LINE_SHOWN_MAX, buf_text(&line));
	}
	buf_done(&line);
}

static void check_reencoded(const struct vector *v, const struct description *d, struct buf *faults)
{
	struct buf again;
	struct description all, one;
	const uint8_t *next;
	size_t left;

	buf_init(&again, 0);
	describe_init(&all);
	describe_init(&one);
	reencode((const uint8_t *)v->message.data, v->message.length, &v->context, &again);
	next = (const uint8_t *)again.data;
	for (left = again.length; left != 0;) {
		size_t length = (size_t)(next[16] << 8 | next[17]);

		describe(next, length, &v->context, &one);
		if (one.verdict != BGP_OK) {
			buf_printf(faults, "# written again: verdict %d: %s\n", (int)one.verdict,
				   one.why.text);
			break;
		}
		buf_add_text(&all.lines, buf_text(&one.lines));
		next += length;
		left -= length;
	}
	if (again.length != 0) {
		check_same(d, &all, "lost when written again: ", faults);
		check_same(&all, d, "new when written again: ", faults);
	}
	buf_done(&again);
	describe_done(&all);
	describe_done(&one);
}

static void describe_exactly(const uint8_t *bytes, size_t length, const struct bgp_context *context,
			     struct description *d)
{
	uint8_t *exact = mem_dup(bytes, MAX(length, 1));

	describe(exact, length, context, d);
	mem_free(exact);
}

static void check_truncations(const struct vector *v)
{
	struct description d;

	describe_init(&d);
	for (size_t length = 0; length < MIN(v->message.length, TRUNCATE_BYTES_MAX); length++)
		describe_exactly((const uint8_t *)v->message.data, length, &v->context, &d);
	describe_done(&d);
}

/* Every octet one more and one less: lengths that are off by one above all. */
static void check_mutations(const struct vector *v)
{
	size_t length = MIN(v->message.length, MUTATE_BYTES_MAX);
	uint8_t *bytes = mem_dup(v->message.data, MAX(v->message.length, 1));
	struct description d;

	if (v->message.length > BGP_MESSAGE_BYTES_MAX)
		length = 0; /* it would take long */
	describe_init(&d);
	for (size_t i = 0; i < length; i++) {
		bytes[i]++;
		describe_exactly(bytes, v->message.length, &v->context, &d);
		bytes[i] = (uint8_t)(bytes[i] - 2);
		describe_exactly(bytes, v->message.length, &v->context, &d);
		bytes[i]++;
	}
	describe_done(&d);
	mem_free(bytes);
}

static void run_vector(const struct vector *v, const char *path)
{
	struct description d;
	struct buf faults;
	const char *base = strrchr(path, '/');

	describe_init(&d);
	buf_init(&faults, 0);
	describe_exactly((const uint8_t *)v->message.data, v->message.length, &v->context, &d);
	check_verdict(v, &d, &faults);
	check_lines(v, &d, &faults);
	if (d.verdict <= BGP_ATTRIBUTE_DISCARD && !v->once)
		check_reencoded(v, &d, &faults);
	check_truncations(v);
	check_mutations(v);
	printf("%s %u - %s:%u: %s\n", faults.length == 0 ? "ok" : "not ok", ++number,
	       base == NULL ? path : base + 1, v->line, v->name);
	if (faults.length != 0) {
		failures++;
		printf("%s# %s\n", buf_text(&faults), d.why.text);
		for (const char *at = buf_text(&d.lines); *at != '\0'; at += strcspn(at, "\n") + 1)
			printf("#   %.*s\n", MIN((int)strcspn(at, "\n"), LINE_SHOWN_MAX), at);
	}
	buf_done(&faults);
	describe_done(&d);
}

static void print_text(const char *text, size_t length)
{
	putchar('"');
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '"' || text[i] == '\\')
			putchar('\\');
		putchar(text[i]);
	}
	putchar('"');
}

static void print_hex(const char *name, const struct buf *bytes)
{
	printf("\"%s\": \"", name);
	for (size_t i = 0; i < bytes->length; i++)
		printf("%02x", (uint8_t)bytes->data[i]);
	printf("\", ");
}

static void print_addpath(const struct bgp_context *context)
{
	bool any = false;

	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++)
		any |= context->addpath[i];
	printf("\"addpath\": %s, ", any ? "true" : "false");
}

static void print_vector(const struct vector *v)
{
	struct description d;
	struct buf again;
	const char *gap = "";

	describe_init(&d);
	buf_init(&again, 0);
	describe((const uint8_t *)v->message.data, v->message.length, &v->context, &d);
	if (d.verdict == BGP_OK && !v->once) {
		reencode((const uint8_t *)v->message.data, v->message.length, &v->context, &again);
		printf("{");
		printf("\"name\": ");
		print_text(v->name, strlen(v->name));
		printf(", ");
		print_hex("message", &v->message);
		print_hex("written", &again);
		printf("\"as4\": %s, ", v->context.as4 ? "true" : "false");
		print_addpath(&v->context);
		printf("\"lines\": [");
		for (const char *at = buf_text(&d.lines); *at != '\0';
		     at += strcspn(at, "\n") + 1) {
			printf("%s", gap);
			print_text(at, strcspn(at, "\n"));
			gap = ", ";
		}
		printf("]}\n");
	}
	buf_done(&again);
	describe_done(&d);
}

int main(int argc, char **argv)
{
	bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
	const char *seeds = argc > 1 && strncmp(argv[1], "--seeds=", 8) == 0 ? argv[1] + 8 : NULL;
	struct vector_file file;
	struct error e;

	for (int i = json || seeds != NULL ? 2 : 1; i < argc; i++) {
		if (vector_file_read(argv[i], &file, &e) < 0) {
			printf("Bail out! %s\n", e.text);
			return 1;
		}
		for (size_t n = 0; n < file.count; n++) {
			if (seeds != NULL)
				vector_write_seed(&file.vectors[n], seeds);
			else if (json)
				print_vector(&file.vectors[n]);
			else
				run_vector(&file.vectors[n], file.path);
		}
		vector_file_done(&file);
	}
	if (!json && seeds == NULL)
		printf("1..%u\n", number);
	return failures == 0 ? 0 : 1;
}

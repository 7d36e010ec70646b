/*
 * printed: every vector through the printer: run-printed FILE...
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each message is printed as JSON and as text. The printer's verdict is the vector's; the JSON is a
 * line that another parser takes, without a name twice; every NLRI that the vector names is in the
 * text as it stands there; and no octet of the message gets out as a control character.
 */
#include <jansson.h>

#include "bgp/print.h"
#include "vector.h"

static unsigned number, failures;

static void print(struct bgp_printer *p, const struct vector *v, bool json, struct buf *to,
		  enum bgp_verdict *ret_verdict)
{
	uint8_t *exact = mem_dup(v->message.data, MAX(v->message.length, 1));

	buf_clear(to);
	outline_init(p->out, to, json);
	outline_begin(p->out);
	*ret_verdict = bgp_print_message(p, exact, v->message.length, &v->context);
	outline_finish(p->out);
	mem_free(exact);
}

static const char *check_json(const struct buf *text)
{
	json_t *record =
		json_loadb(text->data, text->length,
			   JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, NULL);
	bool good = json_is_object(record) &&
		    memchr(text->data, '\n', text->length) == text->data + text->length - 1;

	json_decref(record);
	return good ? NULL : "the JSON is no line of JSON";
}

static const char *check_text(const struct buf *text)
{
	for (size_t i = 0; i < text->length; i++)
		if ((uint8_t)text->data[i] < 0x20 && text->data[i] != '\n')
			return "the text has a control character";
	return NULL;
}

/* "announced FAMILY NLRI", where there is nothing behind it but labels or a path identifier. */
static const char *check_nlri(const struct vector *v, const struct buf *text)
{
	for (size_t i = 0; i < v->wanted_count; i++) {
		const char *line = v->wanted[i], *nlri;

		if (strncmp(line, "announced ", 10) != 0 && strncmp(line, "withdrawn ", 10) != 0)
			continue;
		nlri = strchr(line + 10, ' ');
		if (nlri != NULL && strstr(buf_text(text), nlri) == NULL)
			return line;
	}
	return NULL;
}

/* To leave out a family that nobody knows, or that was not agreed on, is no error to the printer.
 */
static bool same_verdict(const struct vector *v, enum bgp_verdict got)
{
	struct description d;
	bool same;

	describe_init(&d);
	describe((const uint8_t *)v->message.data, v->message.length, &v->context, &d);
	same = got == d.verdict || (got == BGP_OK && d.verdict == BGP_ATTRIBUTE_DISCARD &&
				    strstr(d.why.text, "negotiated") != NULL);
	describe_done(&d);
	return same;
}

static void run_vector(struct bgp_printer *p, const struct vector *v, const char *path)
{
	const char *base = strrchr(path, '/'), *fault = NULL;
	enum bgp_verdict as_json, as_text;
	struct buf json, text;

	buf_init(&json, 0);
	buf_init(&text, 0);
	print(p, v, true, &json, &as_json);
	print(p, v, false, &text, &as_text);
	if (as_json != as_text || !same_verdict(v, as_json))
		fault = "the verdict is another one";
	fault = fault != NULL ? fault : check_json(&json);
	fault = fault != NULL ? fault : check_text(&text);
	if (fault == NULL && as_text <= BGP_ATTRIBUTE_DISCARD)
		fault = check_nlri(v, &text);
	printf("%s %u - %s:%u: %s\n", fault == NULL ? "ok" : "not ok", ++number,
	       base == NULL ? path : base + 1, v->line, v->name);
	if (fault != NULL) {
		failures++;
		printf("# %s\n", fault);
		for (const char *at = buf_text(&text); *at != '\0'; at += strcspn(at, "\n") + 1)
			printf("#   %.*s\n", MIN((int)strcspn(at, "\n"), 200), at);
	}
	buf_done(&json);
	buf_done(&text);
}

int main(int argc, char **argv)
{
	struct bgp_printer *p = mem_alloc(sizeof(*p));
	struct vector_file file;
	struct outline out;
	struct error e;

	bgp_printer_init(p, &out);
	for (int i = 1; i < argc; i++) {
		if (vector_file_read(argv[i], &file, &e) < 0) {
			printf("Bail out! %s: %s\n", argv[i], e.text);
			return 1;
		}
		for (size_t j = 0; j < file.count; j++)
			run_vector(p, &file.vectors[j], argv[i]);
		vector_file_done(&file);
	}
	printf("1..%u\n", number);
	bgp_printer_done(p);
	mem_free(p);
	return failures == 0 ? 0 : 1;
}

/*
 * vector_file: reading a file of vectors.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "vector.h"

#define LINE_BYTES_MAX 4096
#define ANY_DATA "any"

static const struct {
	const char *word;
	uint8_t type;
} messages[] = {
	{ "open", BGP_OPEN },
	{ "update", BGP_UPDATE },
	{ "notification", BGP_NOTIFICATION },
	{ "keepalive", BGP_KEEPALIVE },
	{ "refresh", BGP_ROUTE_REFRESH },
	{ "raw", 0 },
};

static const struct {
	const char *word;
	enum bgp_verdict verdict;
} verdicts[] = {
	{ "ok", BGP_OK },
	{ "discard", BGP_ATTRIBUTE_DISCARD },
	{ "withdraw", BGP_TREAT_AS_WITHDRAW },
	{ "disable", BGP_DISABLE_FAMILY },
};

/* Sets a flag for each family of "a,b"; "all" is every one. */
static int set_families(bool *flags, const char *names, bool value, struct error *e)
{
	char name[64];

	if (strcmp(names, "all") == 0) {
		for (size_t i = 0; i < BGP_FAMILY_COUNT; i++)
			flags[i] = value;
		return 0;
	}
	while (*names != '\0') {
		size_t length = strcspn(names, ",");
		enum bgp_family family;

		snprintf(name, sizeof(name), "%.*s", (int)length, names);
		family = bgp_family_by_name(name);
		if (family == BGP_FAMILY_NONE)
			return error_set(e, "there is no family \"%s\"", name);
		flags[family] = value;
		names += length + (names[length] == ',');
	}
	return 0;
}

static int set_labels(uint8_t *counts, const char *names, struct error *e)
{
	bool labeled[BGP_FAMILY_COUNT] = { false };

	if (set_families(labeled, names, true, e) < 0)
		return -1;
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++)
		if (labeled[i])
			counts[i] = UINT8_MAX;
	return 0;
}

static int read_context_word(const char *word, struct bgp_context *c, struct error *e)
{
	if (strcmp(word, "ibgp") == 0 || strcmp(word, "ebgp") == 0)
		c->ibgp = word[0] == 'i';
	else if (strcmp(word, "as4") == 0 || strcmp(word, "as2") == 0)
		c->as4 = word[2] == '4';
	else if (strcmp(word, "no-sets") == 0)
		c->refuse_as_sets = true;
	else if (strcmp(word, "aigp") == 0)
		c->aigp = true;
	else if (strcmp(word, "extended") == 0)
		c->message_bytes_max = BGP_MESSAGE_BYTES_MAX_EXTENDED;
	else if (strncmp(word, "addpath=", 8) == 0)
		return set_families(c->addpath, word + 8, true, e);
	else if (strncmp(word, "next-hop-6=", 11) == 0)
		return set_families(c->extended_next_hop, word + 11, true, e);
	else if (strncmp(word, "labels=", 7) == 0)
		return set_labels(c->labels_max, word + 7, e);
	else if (strncmp(word, "without=", 8) == 0)
		return set_families(c->not_negotiated, word + 8, true, e);
	else if (strncmp(word, "only=", 5) == 0)
		return set_families(c->not_negotiated, "all", true, e) < 0
			       ? -1
			       : set_families(c->not_negotiated, word + 5, false, e);
	else
		return error_set(e, "unknown word \"%s\" in a context", word);
	return 0;
}

static int read_context(const char *text, struct bgp_context *c, struct error *e)
{
	char word[512];

	while (*text != '\0') {
		size_t length = strcspn(text, " ");

		if (length >= sizeof(word))
			return error_set(e, "a word is too long");
		memcpy(word, text, length);
		word[length] = '\0';
		if (length != 0 && read_context_word(word, c, e) < 0)
			return -1;
		text += length + (text[length] == ' ');
	}
	return 0;
}

/* "refused 3/5 HEX", "refused 3/5 any" */
static int read_refusal(const struct vector_file *file, const char *text, struct vector *v,
			struct error *e)
{
	struct buf data;
	char *end;
	int got;

	v->verdict = BGP_SESSION_RESET;
	v->error.code = (uint8_t)strtoul(text, &end, 10);
	if (*end != '/')
		return error_set(e, "not \"refused CODE/SUBCODE\"");
	v->error.subcode = (uint8_t)strtoul(end + 1, &end, 10);
	end += strspn(end, " ");
	v->any_data = strcmp(end, ANY_DATA) == 0;
	if (v->any_data)
		return 0;
	buf_init(&data, 0);
	got = vector_hex(file, end, &data, e);
	bgp_notification_set(&v->error, v->error.code, v->error.subcode, data.data, data.length);
	buf_done(&data);
	return got;
}

static int read_expectation(const struct vector_file *file, const char *text, struct vector *v,
			    struct error *e)
{
	v->has_expectation = true;
	if (strncmp(text, "refused ", 8) == 0)
		return read_refusal(file, text + 8, v, e);
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
		if (strcmp(text, verdicts[i].word) != 0)
			continue;
		v->verdict = verdicts[i].verdict;
		return 0;
	}
	return error_set(e, "unknown verdict \"%s\"", text);
}

static int read_message(const struct vector_file *file, uint8_t type, const char *text,
			struct vector *v, struct error *e)
{
	struct buf body;
	int got;

	v->has_message = true;
	v->type = type;
	if (type == 0)
		return vector_hex(file, text, &v->message, e);
	buf_init(&body, 0);
	got = vector_hex(file, text, &body, e);
	if (got == 0 && body.length + BGP_HEADER_BYTES > UINT16_MAX)
		got = error_set(e, "the message is too long");
	if (got == 0) {
		uint8_t head[BGP_HEADER_BYTES];
		struct writer w = writer_of(head, sizeof(head));

		bgp_header_encode(&w, (uint16_t)(body.length + BGP_HEADER_BYTES),
				  (enum bgp_type)type);
		buf_add(&v->message, head, sizeof(head));
		if (body.length != 0)
			buf_add(&v->message, body.data, body.length);
	}
	buf_done(&body);
	return got;
}

static int add_line(char **lines, size_t *count, const char *text, struct error *e)
{
	if (*count == VECTOR_LINES_MAX)
		return error_set(e, "too many lines");
	lines[(*count)++] = mem_strdup(text);
	return 0;
}

static void begin_vector(struct vector_file *file, const char *name, unsigned line)
{
	struct vector *v;

	MEM_RESERVE(file->vectors, file->capacity, file->count + 1);
	v = &file->vectors[file->count++];
	*v = (struct vector){
		.name = mem_strdup(name),
		.line = line,
		.context = { .as4 = true, .ibgp = true, .message_bytes_max = BGP_MESSAGE_BYTES_MAX }
	};
	buf_init(&v->message, 0);
}

static int read_define(struct vector_file *file, const char *text, struct error *e)
{
	size_t length = strcspn(text, " \t\n");
	char name[64];

	if (file->define_count == VECTOR_DEFINES_MAX || length >= sizeof(name))
		return error_set(e, "too many defines, or a name that is too long");
	snprintf(name, sizeof(name), "%.*s", (int)length, text);
	file->defines[file->define_count++] =
		(struct vector_define){ mem_strdup(name), mem_strdup(text + length) };
	return 0;
}

/* One entry: its first line and what continues it, comments left out. */
static int read_entry(struct vector_file *file, const char *text, unsigned line, struct error *e)
{
	size_t length = strcspn(text, " \t\n");
	const char *rest = text + length + strspn(text + length, " \t\n");
	struct vector *v = file->count == 0 ? NULL : &file->vectors[file->count - 1];
	char word[32];

	snprintf(word, sizeof(word), "%.*s", (int)length, text);
	if (strcmp(word, "define") == 0)
		return read_define(file, rest, e);
	if (strcmp(word, "vector") == 0) {
		begin_vector(file, rest, line);
		return 0;
	}
	if (v == NULL)
		return error_set(e, "\"%s\" before the first vector", word);
	if (strcmp(word, "source") == 0) {
		v->source = mem_strdup(rest);
		return 0;
	}
	if (strcmp(word, "once") == 0) {
		v->once = true;
		return 0;
	}
	if (strcmp(word, "context") == 0)
		return read_context(rest, &v->context, e);
	if (strcmp(word, "expect") == 0)
		return read_expectation(file, rest, v, e);
	if (strcmp(word, "=") == 0)
		return add_line(v->wanted, &v->wanted_count, rest, e);
	if (strcmp(word, "!") == 0)
		return add_line(v->unwanted, &v->unwanted_count, rest, e);
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++)
		if (strcmp(word, messages[i].word) == 0)
			return read_message(file, messages[i].type, rest, v, e);
	return error_set(e, "unknown word \"%s\"", word);
}

static int check_vectors(const struct vector_file *file, struct error *e)
{
	for (size_t i = 0; i < file->count; i++) {
		const struct vector *v = &file->vectors[i];

		if (v->source == NULL || !v->has_message || !v->has_expectation)
			return error_set(e, "%s:%u: the vector lacks its source, message or expect",
					 file->path, v->line);
	}
	return 0;
}

/* Takes the comment and the blanks at the end away. */
static void trim(char *line)
{
	char *comment = strchr(line, '#');
	size_t length;

	if (comment != NULL)
		*comment = '\0';
	length = strlen(line);
	while (length != 0 && strchr(" \t\r\n", line[length - 1]) != NULL)
		line[--length] = '\0';
}

static int read_lines(FILE *in, struct vector_file *file, struct error *e)
{
	char line[LINE_BYTES_MAX];
	struct buf entry;
	unsigned number = 0, first = 0;
	bool more = true;
	int got = 0;

	buf_init(&entry, 0);
	while (more && got == 0) {
		more = fgets(line, sizeof(line), in) != NULL;
		number++;
		if (more)
			trim(line);
		if (more && line[0] == '\0')
			continue;
		if (more && (line[0] == ' ' || line[0] == '\t')) {
			buf_printf(&entry, "\n%s", line);
			continue;
		}
		if (entry.length != 0)
			got = read_entry(file, buf_text(&entry), first, e);
		if (got < 0)
			error_prefix(e, "%s:%u", file->path, first);
		buf_clear(&entry);
		first = number;
		if (more)
			buf_add_text(&entry, line);
	}
	buf_done(&entry);
	return got;
}

int vector_file_read(const char *path, struct vector_file *ret_file, struct error *e)
{
	FILE *in = fopen(path, "r");
	int got;

	*ret_file = (struct vector_file){ .path = path };
	if (in == NULL)
		return error_set(e, "%s cannot be read", path);
	got = read_lines(in, ret_file, e);
	fclose(in);
	return got < 0 ? -1 : check_vectors(ret_file, e);
}

void vector_file_done(struct vector_file *file)
{
	for (size_t i = 0; i < file->define_count; i++) {
		mem_free(file->defines[i].name);
		mem_free(file->defines[i].text);
	}
	for (size_t i = 0; i < file->count; i++) {
		struct vector *v = &file->vectors[i];

		mem_free(v->name);
		mem_free(v->source);
		buf_done(&v->message);
		for (size_t n = 0; n < v->wanted_count; n++)
			mem_free(v->wanted[n]);
		for (size_t n = 0; n < v->unwanted_count; n++)
			mem_free(v->unwanted[n]);
	}
	mem_free(file->vectors);
}

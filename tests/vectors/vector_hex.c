/*
 * vector_hex: octets written for people.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   40 01 4001     hexadecimal, any number of whole octets
 *   [ ... ]        what is between, after its length in one octet;  { ... }  in two octets
 *   /[ ... ]       after its length in bits, in one octet
 *   ff*16          a word again and again;  ( ... )*16  several
 *   10.0.0.1  2001:db8::1  02:00:5e:00:53:01   addresses
 *   10.1.2.0/24    a prefix as in NLRI
 *   as65001  u16:300  u32:7  "text"  $name (a define of the file)
 *
 * No length is ever written by hand: a wrong one would make a message malformed that was meant to
 * be malformed in another way, and the test would pass.
 */
#include "base/ip.h"
#include "vector.h"

#define DEPTH_MAX 16u
#define MESSAGE_BYTES_MAX 65535u

struct open_bracket {
	char close;
	bool bits;
	size_t at; /* of the length octets, or of the group */
};

struct assembler {
	const struct vector_file *file;
	struct buf *to;
	struct error *e;
	struct open_bracket open[DEPTH_MAX];
	size_t depth;
};

static int digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static void add_number(struct buf *to, uint64_t value, unsigned octets)
{
	for (unsigned i = octets; i-- > 0;) {
		uint8_t octet = (uint8_t)(value >> (8 * i));

		buf_add(to, &octet, 1);
	}
}

static int add_hex(struct assembler *a, const char *word)
{
	size_t length = strlen(word);

	if (length % 2 != 0 || strspn(word, "0123456789abcdefABCDEF") != length)
		return error_set(a->e, "\"%s\" is no hexadecimal octets", word);
	for (size_t i = 0; i < length; i += 2)
		add_number(a->to, (uint64_t)(digit(word[i]) << 4 | digit(word[i + 1])), 1);
	return 0;
}

static int add_prefix(struct assembler *a, const char *word)
{
	struct ip_prefix prefix;

	if (ip_prefix_parse(word, &prefix, a->e) < 0)
		return -1;
	add_number(a->to, prefix.length, 1);
	buf_add(a->to, prefix.addr.bytes, ((size_t)prefix.length + 7) / 8);
	return 0;
}

static int add_address(struct assembler *a, const char *word)
{
	struct mac_addr mac;
	struct ip_addr addr;

	if (mac_addr_parse(word, &mac, NULL) == 0) {
		buf_add(a->to, mac.bytes, sizeof(mac.bytes));
		return 0;
	}
	if (ip_addr_parse(word, &addr, a->e) < 0)
		return -1;
	buf_add(a->to, addr.bytes, ip_family_bytes(addr.family));
	return 0;
}

static int add_define(struct assembler *a, const char *name)
{
	for (size_t i = 0; i < a->file->define_count; i++)
		if (strcmp(a->file->defines[i].name, name) == 0)
			return vector_hex(a->file, a->file->defines[i].text, a->to, a->e);
	return error_set(a->e, "there is no define \"%s\"", name);
}

static int add_one(struct assembler *a, const char *word)
{
	if (word[0] == '$')
		return add_define(a, word + 1);
	if (strncmp(word, "as", 2) == 0 || strncmp(word, "u32:", 4) == 0) {
		add_number(a->to, strtoul(word + (word[0] == 'a' ? 2 : 4), NULL, 10), 4);
		return 0;
	}
	if (strncmp(word, "u16:", 4) == 0) {
		add_number(a->to, strtoul(word + 4, NULL, 10), 2);
		return 0;
	}
	if (strchr(word, '/') != NULL)
		return add_prefix(a, word);
	if (strchr(word, '.') != NULL || strchr(word, ':') != NULL)
		return add_address(a, word);
	return add_hex(a, word);
}

/* What was added since `start` is there `times` times. */
static int repeat(struct assembler *a, size_t start, unsigned long times)
{
	size_t length = a->to->length - start;
	uint8_t *copy;

	if (times == 0 || length * times > 2 * MESSAGE_BYTES_MAX)
		return error_set(a->e, "too many or no repetitions");
	copy = mem_dup(a->to->data + start, length);
	for (unsigned long i = 1; i < times; i++)
		buf_add(a->to, copy, length);
	mem_free(copy);
	return 0;
}

static int add_word(struct assembler *a, char *word)
{
	char *star = strchr(word, '*');
	size_t start = a->to->length;
	unsigned long times = 1;

	if (star != NULL) {
		*star = '\0';
		times = strtoul(star + 1, NULL, 10);
	}
	return add_one(a, word) < 0 ? -1 : repeat(a, start, times);
}

static int open_bracket(struct assembler *a, char c, bool bits)
{
	if (a->depth == DEPTH_MAX)
		return error_set(a->e, "too many brackets");
	a->open[a->depth++] = (struct open_bracket){ .close = c == '['	 ? ']'
							      : c == '{' ? '}'
									 : ')',
						     .bits = bits,
						     .at = a->to->length };
	if (c != '(')
		add_number(a->to, 0, c == '[' ? 1 : 2);
	return 0;
}

static int close_bracket(struct assembler *a, char c, unsigned long times)
{
	struct open_bracket *b;
	uint8_t *at;
	size_t head = c == ']' ? 1 : c == '}' ? 2 : 0, length;

	if (a->depth == 0 || a->open[a->depth - 1].close != c)
		return error_set(a->e, "'%c' closes nothing", c);
	b = &a->open[--a->depth];
	if (head == 0)
		return repeat(a, b->at, times);
	length = a->to->length - b->at - head;
	length *= b->bits ? 8 : 1;
	if (length > (head == 1 ? 255 : 65535))
		return error_set(a->e, "%zu is too much for a length of %zu octets", length, head);
	at = (uint8_t *)a->to->data + b->at;
	at[0] = (uint8_t)(head == 1 ? length : length >> 8);
	if (head == 2)
		at[1] = (uint8_t)length;
	return 0;
}

/* One word, bracket or string; steps *text behind it. */
static int assemble_one(struct assembler *a, const char **text)
{
	const char *p = *text, *end;
	char word[256];
	size_t length;

	if (p[0] == '/' && p[1] == '[') {
		*text = p + 2;
		return open_bracket(a, '[', true);
	}
	if (strchr("[{(", *p) != NULL) {
		*text = p + 1;
		return open_bracket(a, *p, false);
	}
	if (strchr("]})", *p) != NULL) {
		char *after = (char *)p + 1;
		unsigned long times = p[1] == '*' ? strtoul(p + 2, &after, 10) : 1;

		*text = after;
		return close_bracket(a, *p, times);
	}
	if (*p == '"') {
		end = strchr(p + 1, '"');
		if (end == NULL)
			return error_set(a->e, "a string does not end");
		buf_add(a->to, p + 1, (size_t)(end - p) - 1);
		*text = end + 1;
		return 0;
	}
	length = strcspn(p, " \t\n[]{}()\"");
	if (length >= sizeof(word))
		return error_set(a->e, "a word is too long");
	memcpy(word, p, length);
	word[length] = '\0';
	*text = p + length;
	return add_word(a, word);
}

int vector_hex(const struct vector_file *file, const char *text, struct buf *to, struct error *e)
{
	struct assembler a = { .file = file, .to = to, .e = e };

	for (;;) {
		text += strspn(text, " \t\n");
		if (*text == '\0')
			break;
		if (assemble_one(&a, &text) < 0)
			return -1;
	}
	return a.depth == 0 ? 0 : error_set(e, "a bracket is not closed");
}

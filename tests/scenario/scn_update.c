/*
 * scn_update: see scn_update.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "scn_update.h"

#define UPDATE_BYTES_MAX 4096u
#define JUDGED_PREFIX 0xc0000200u
#define JUDGED_LENGTH 24u

struct octets {
	uint8_t bytes[UPDATE_BYTES_MAX];
	size_t length;
};

static int digit_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What was added since `from` is there `times` times. */
static int repeat(struct octets *o, size_t from, unsigned long times)
{
	size_t unit = o->length - from;

	if (times == 0 || unit == 0 || times - 1 > (sizeof(o->bytes) - o->length) / unit)
		return -1;
	for (; times > 1; times--) {
		memcpy(o->bytes + o->length, o->bytes + from, unit);
		o->length += unit;
	}
	return 0;
}

static int add_octets(struct octets *o, const char *text, struct error *why)
{
	size_t group = SIZE_MAX, last = SIZE_MAX; /* where they begin; SIZE_MAX: there is none */
	const char *p = text;

	while (*p != '\0') {
		if (digit_of(p[0]) >= 0 && digit_of(p[1]) >= 0 && o->length < sizeof(o->bytes)) {
			last = o->length;
			o->bytes[o->length++] = (uint8_t)(digit_of(p[0]) << 4 | digit_of(p[1]));
			p += 2;
		} else if (*p == '(' && group == SIZE_MAX) {
			group = o->length;
			p++;
		} else if (*p == ')' && group != SIZE_MAX) {
			last = group;
			group = SIZE_MAX;
			p++;
		} else if (*p == '*' && last != SIZE_MAX) {
			char *end;

			if (repeat(o, last, strtoul(p + 1, &end, 10)) < 0)
				break;
			last = SIZE_MAX;
			p = end;
		} else {
			break;
		}
	}
	if (*p != '\0' || group != SIZE_MAX)
		return error_set(why, "\"%s\" is not octets, or too many", text);
	return 0;
}

/* FLAGS:CODE:OCTETS */
static int add_attribute(struct octets *o, const char *text, struct error *why)
{
	struct octets value = { .length = 0 };
	unsigned flags, code;
	int used = 0;
	size_t header;

	if (sscanf(text, "%2x:%3u:%n", &flags, &code, &used) != 2 || used == 0 || code > 255)
		return error_set(why, "\"%s\" is no attribute", text);
	if (text[used] != '\0' && add_octets(&value, text + used, why) < 0)
		return -1;
	header = (flags & 0x10) != 0 ? 4 : 3;
	if (o->length + header + value.length > sizeof(o->bytes) ||
	    (header == 3 && value.length > 255))
		return error_set(why, "\"%s\" is too long", text);
	o->bytes[o->length++] = (uint8_t)flags;
	o->bytes[o->length++] = (uint8_t)code;
	if (header == 4)
		o->bytes[o->length++] = (uint8_t)(value.length >> 8);
	o->bytes[o->length++] = (uint8_t)value.length;
	memcpy(o->bytes + o->length, value.bytes, value.length);
	o->length += value.length;
	return 0;
}

static int add_plain_word(struct octets *o, const char *word, struct error *why)
{
	return strchr(word, ':') != NULL ? add_attribute(o, word, why) : add_octets(o, word, why);
}

static int add_word(struct octets *o, const struct scn_defines *d, const char *word,
		    struct error *why)
{
	char words[sizeof(d->rows[0].words)];
	char *save = NULL;

	if (*word != '$')
		return add_plain_word(o, word, why);
	for (size_t i = 0; i < d->count; i++) {
		if (strcmp(d->rows[i].name, word + 1) != 0)
			continue;
		snprintf(words, sizeof(words), "%s", d->rows[i].words);
		for (char *w = strtok_r(words, " ", &save); w != NULL;
		     w = strtok_r(NULL, " ", &save))
			if (add_plain_word(o, w, why) < 0)
				return -1;
		return 0;
	}
	return error_set(why, "%s is not defined", word);
}

int scn_define(struct scn_defines *d, char **words, size_t count, struct error *why)
{
	size_t length = 0;

	if (count < 2 || d->count == SCN_DEFINES_MAX)
		return error_set(why, "define NAME WORD ..., at most %u", SCN_DEFINES_MAX);
	snprintf(d->rows[d->count].name, sizeof(d->rows[0].name), "%s", words[0]);
	for (size_t i = 1; i < count; i++) {
		length += (size_t)snprintf(d->rows[d->count].words + length,
					   sizeof(d->rows[0].words) - length, "%s ", words[i]);
		if (length >= sizeof(d->rows[0].words))
			return error_set(why, "define %s: too long", words[0]);
	}
	d->count++;
	return 0;
}

int scn_update_send(struct lab *lab, struct lab_peer *from, const struct scn_defines *d,
		    char **words, size_t count, struct error *why)
{
	static const uint8_t nothing = 0;
	struct octets fields[3] = { { .length = 0 }, { .length = 0 }, { .length = 0 } };
	size_t field = 0, length;
	struct buf message;
	uint8_t head[23];

	for (size_t i = 0; i < count; i++) {
		if (strcmp(words[i], "/") == 0) {
			if (++field == ARRAY_SIZE(fields))
				return error_set(why, "an UPDATE has three fields");
		} else if (add_word(&fields[field], d, words[i], why) < 0) {
			return -1;
		}
	}
	if (field != 2)
		return error_set(why, "an UPDATE has three fields");
	length = sizeof(head) + fields[0].length + fields[1].length + fields[2].length;
	memset(head, 0xff, 16);
	head[16] = (uint8_t)(length >> 8);
	head[17] = (uint8_t)length;
	head[18] = 2;
	head[19] = (uint8_t)(fields[0].length >> 8);
	head[20] = (uint8_t)fields[0].length;
	head[21] = (uint8_t)(fields[1].length >> 8);
	head[22] = (uint8_t)fields[1].length;
	buf_init(&message, 0);
	buf_add(&message, head, 21);
	buf_add(&message, fields[0].length == 0 ? &nothing : fields[0].bytes, fields[0].length);
	buf_add(&message, head + 21, 2);
	buf_add(&message, fields[1].bytes, fields[1].length);
	buf_add(&message, fields[2].bytes, fields[2].length);
	lab_send(lab, from, (const uint8_t *)message.data, message.length);
	buf_done(&message);
	lab_settle(lab);
	return 0;
}

/* The value of an attribute in the last UPDATE with some; NULL: it is not there. */
static const uint8_t *find_attribute(const struct lab_peer *peer, unsigned code, size_t *ret_length)
{
	const uint8_t *p = (const uint8_t *)peer->last_attrs.data;
	size_t left = peer->last_attrs.length;

	while (left >= 3) {
		size_t header = (p[0] & 0x10) != 0 ? 4 : 3;
		size_t length = header == 4 ? (size_t)p[2] << 8 | p[3] : p[2];

		if (p[1] == code) {
			*ret_length = length;
			return p + header;
		}
		p += header + length;
		left -= header + length; /* the lab has checked them */
	}
	return NULL;
}

static int check_passed(const struct lab_peer *to, const char *code, const char *value,
			struct error *why)
{
	struct octets wanted = { .length = 0 };
	size_t length = 0;
	const uint8_t *got = find_attribute(to, (unsigned)strtoul(code, NULL, 10), &length);

	if (value != NULL && add_octets(&wanted, value, why) < 0)
		return -1;
	if (got == NULL)
		return error_set(why, "%s got it without attribute %s", to->name, code);
	if (length != wanted.length || memcmp(got, wanted.bytes, length) != 0)
		return error_set(why, "%s got it with another attribute %s", to->name, code);
	return 0;
}

static int check_reset(const struct lab_peer *from, char **words, size_t count, struct error *why)
{
	struct octets data = { .length = 0 };

	if (from->established || from->notification[0] != strtoul(words[0], NULL, 10) ||
	    from->notification[1] != strtoul(words[1], NULL, 10))
		return error_set(why, "%s is %s, notification %u/%u", from->name,
				 from->established ? "established" : "closed",
				 from->notification[0], from->notification[1]);
	if (count < 3)
		return 0;
	if (add_octets(&data, words[2], why) < 0)
		return -1;
	if (data.length != from->notification_bytes ||
	    memcmp(data.bytes, from->notification_data, data.length) != 0)
		return error_set(why, "%s got the notification with other data", from->name);
	return 0;
}

int scn_judge(struct lab *lab, struct lab_peer *from, struct lab_peer *to,
	      const struct lab_route *good, const struct scn_defines *d, char **words, size_t count,
	      struct error *why)
{
	const char *verdict = words[0];
	size_t bar = 0, length;
	bool has;

	while (bar < count && strcmp(words[bar], "|") != 0)
		bar++;
	if (bar == 0 || bar == count)
		return error_set(why, "judge FROM TO VERDICT ... | UPDATE");
	for (size_t i = 0; i < lab->peer_count; i++) {
		lab->peers[i].any_attribute = true;
		if (lab->peers[i].established && &lab->peers[i] != from)
			lab_withdraw(lab, &lab->peers[i], JUDGED_PREFIX, JUDGED_LENGTH);
	}
	lab_announce(lab, from, good);
	lab_settle(lab);
	if (lab_route(to, JUDGED_PREFIX, JUDGED_LENGTH) == NULL)
		return error_set(why, "%s did not get the good route", to->name);
	if (scn_update_send(lab, from, d, words + bar + 1, count - bar - 1, why) < 0)
		return -1;
	if (!to->established)
		return error_set(why, "%s is closed", to->name);
	if (strcmp(verdict, "reset") == 0 && bar >= 3)
		return check_reset(from, words + 1, bar - 1, why);
	if (!from->established)
		return error_set(why, "%s is closed, notification %u/%u", from->name,
				 from->notification[0], from->notification[1]);
	has = lab_route(to, JUDGED_PREFIX, JUDGED_LENGTH) != NULL;
	if (has == (strcmp(verdict, "withdraw") == 0))
		return error_set(why, "%s %s it", to->name, has ? "has" : "lacks");
	if (!has)
		return 0;
	if (strcmp(verdict, "gone") == 0 && bar == 2)
		return find_attribute(to, (unsigned)strtoul(words[1], NULL, 10), &length) == NULL
			       ? 0
			       : error_set(why, "%s has attribute %s", to->name, words[1]);
	if (strcmp(verdict, "passed") == 0 && bar >= 2)
		return check_passed(to, words[1], bar == 2 ? NULL : words[2], why);
	return error_set(why, "%s is no verdict", verdict);
}

/*
 * scn_explain: what transcripts expect of the speaker's own words.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "scn_explain.h"

static void join_words(char *to, size_t size, char **words, size_t count)
{
	size_t length = 0;

	to[0] = '\0';
	for (size_t i = 0; i < count && length < size; i++)
		length += (size_t)snprintf(to + length, size - length, "%s%s", i == 0 ? "" : " ",
					   words[i]);
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

static int expect_best(const json_t *result, char **words, size_t count, struct error *why)
{
	const char *winner = text_of(json_object_get(result, "winner"), "peer");
	char wanted[128];

	join_words(wanted, sizeof(wanted), words + 3, count - 3);
	if (strcmp(*winner != '\0' ? winner : "none", words[2]) != 0)
		return error_set(why, "best is of %s, not of %s", *winner != '\0' ? winner : "none",
				 words[2]);
	if (count > 3 && strcmp(text_of(result, "step"), wanted) != 0)
		return error_set(why, "decided by \"%s\", not by \"%s\"", text_of(result, "step"),
				 wanted);
	return 0;
}

static int expect_withheld(const json_t *result, char **words, size_t count, struct error *why)
{
	const json_t *told = json_array_get(json_object_get(result, "advertised"), 0);
	char wanted[160];

	join_words(wanted, sizeof(wanted), words + 3, count - 3);
	if (json_is_true(json_object_get(told, "sent")))
		return error_set(why, "%s is told of %s", words[2], words[1]);
	if (strcmp(text_of(told, "reason"), wanted) != 0)
		return error_set(why, "%s is not told of %s: \"%s\", not \"%s\"", words[2],
				 words[1], text_of(told, "reason"), wanted);
	return 0;
}

static int expect_path(const json_t *result, struct lab *lab, char **words, size_t count,
		       struct error *why)
{
	const json_t *told = json_array_get(json_object_get(result, "advertised"), 0);
	const json_t *list = json_object_get(told, "withheld"), *path;
	const struct lab_peer *source = count < 5 ? NULL : lab_peer(lab, words[3]);
	const char *reason = "sent";
	char wanted[160], text[IP_TEXT_MAX];
	size_t i;

	if (source == NULL || list == NULL)
		return error_set(why, "nothing is said of such a path");
	ip_addr_format(&source->address, text);
	json_array_foreach(list, i, path) if (strcmp(text_of(path, "peer"), text) == 0) reason =
		text_of(path, "reason");
	join_words(wanted, sizeof(wanted), words + 4, count - 4);
	if (strcmp(reason, wanted) != 0)
		return error_set(why, "the path of %s: \"%s\", not \"%s\"", words[3], reason,
				 wanted);
	return 0;
}

static int expect_rejected(const json_t *result, char **words, size_t count, struct error *why)
{
	const json_t *route = json_array_get(json_object_get(result, "routes"), 0);
	char wanted[160];

	join_words(wanted, sizeof(wanted), words + 2, count - 2);
	if (strcmp(text_of(route, "reason"), wanted) != 0)
		return error_set(why, "%s is rejected for \"%s\", not for \"%s\"", words[1],
				 text_of(route, "reason"), wanted);
	return 0;
}

bool scn_explains(const char *word)
{
	return strcmp(word, "best") == 0 || strcmp(word, "withheld") == 0 ||
	       strcmp(word, "path") == 0 || strcmp(word, "rejected") == 0;
}

int scn_explain(struct lab *lab, char **words, size_t count, struct error *why)
{
	json_t *params = json_pack("{s:s}", "prefix", words[1]);
	const struct lab_peer *to =
		*words[0] == 'w' || *words[0] == 'p' ? lab_peer(lab, words[2]) : NULL;
	struct error refused = { "" };
	char text[IP_TEXT_MAX];
	uint64_t cursor = 0;
	json_t *result;
	int rc;

	if (to != NULL)
		json_object_set_new(params, "to", json_string(ip_addr_format(&to->address, text)));
	if (*words[0] == 'r') {
		json_object_set_new(params, "kind", json_string("adj-rib-in"));
		result = speaker_show_routes(lab->speaker, params, &cursor, &refused, lab->now);
		rc = expect_rejected(result, words, count, why);
	} else {
		result = speaker_explain(lab->speaker, params, &refused);
		rc = *words[0] == 'b'	? expect_best(result, words, count, why)
		     : *words[0] == 'w' ? expect_withheld(result, words, count, why)
					: expect_path(result, lab, words, count, why);
	}
	if (result == NULL)
		rc = error_set(why, "%s", refused.text);
	json_decref(result);
	json_decref(params);
	return rc;
}

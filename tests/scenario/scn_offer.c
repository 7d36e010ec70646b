/*
 * scn_offer: what a peer of a transcript offers in its OPEN, as words.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "scn_offer.h"

struct restart_offer {
	bool offered, lost, ipv6;
	uint32_t restart_s, long_lived_s;
};

static int offer_hex(struct lab_peer *peer, const char *text, struct error *why)
{
	uint8_t bytes[LAB_OFFER_BYTES_MAX];
	size_t length = 0;

	for (; text[0] != '\0' && text[1] != '\0' && length < sizeof(bytes); text += 2) {
		char octet[3] = { text[0], text[1], '\0' };
		char *end;

		bytes[length++] = (uint8_t)strtoul(octet, &end, 16);
		if (*end != '\0')
			break;
	}
	if (*text != '\0')
		return error_set(why, "\"%s\" is not hexadecimal", text);
	lab_offer(peer, bytes, length);
	return 0;
}

static int offer_word(struct lab_peer *peer, const char *word, struct restart_offer *restart,
		      struct error *why)
{
	static const uint8_t enhanced[] = { 70, 0 }, family[] = { 1, 4, 0, 2, 0, 1 };
	const char *value = strchr(word, '=');
	uint32_t number = value == NULL ? 0 : (uint32_t)strtoul(value + 1, NULL, 10);

	if (strcmp(word, "restart") == 0) {
		peer->restart = true;
	} else if (strncmp(word, "restart=", 8) == 0) {
		restart->offered = true;
		restart->restart_s = number;
	} else if (strncmp(word, "long-lived=", 11) == 0) {
		restart->long_lived_s = number;
	} else if (strcmp(word, "lost") == 0) {
		restart->lost = true;
	} else if (strcmp(word, "ipv6") == 0) {
		restart->ipv6 = true;
		lab_offer(peer, family, sizeof(family));
	} else if (strcmp(word, "no-as4") == 0) {
		peer->no_as4 = true;
	} else if (strcmp(word, "add-path") == 0) {
		peer->add_path = true;
	} else if (strcmp(word, "enhanced") == 0) {
		lab_offer(peer, enhanced, sizeof(enhanced));
	} else if (strncmp(word, "role=", 5) == 0) {
		lab_offer(peer, (const uint8_t[]){ 9, 1, (uint8_t)number }, 3);
	} else if (strncmp(word, "cap=", 4) == 0) {
		return offer_hex(peer, value + 1, why);
	} else {
		return error_set(why, "\"%s\" is no offer", word);
	}
	return 0;
}

int scn_offer(struct lab_peer *peer, char **words, size_t count, struct error *why)
{
	struct restart_offer restart = { 0 };

	peer->restart = peer->no_as4 = peer->add_path = false;
	peer->offer_bytes = 0;
	for (size_t i = 0; i < count; i++)
		if (offer_word(peer, words[i], &restart, why) < 0)
			return -1;
	if (restart.offered)
		lab_offer_restart(peer, restart.restart_s, restart.long_lived_s, restart.ipv6,
				  restart.lost);
	return 0;
}

/*
 * run_scn: plays transcripts (*.scn) on virtual time against a speaker, and says ok or not ok for
 * each case in them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Files are as script.h says. Bytes move and decisions are made after every line, but for members
 * that were made slow.
 *
 * - `config JSON`: an instance document (docs/INTERFACES.md, section 2)
 * - `peer NAME ADDRESS AS ROUTER-ID [OFFER ...]`, `offer NAME [OFFER ...]`: a peer of the lab, and
 *   what it offers from its next OPEN on: restart[=SECONDS] long-lived=SECONDS lost (forwarding
 *   state) enhanced role=N ipv6 add-path cap=HEX
 * - `connect NAME`, `close NAME`, `end-of-rib NAME [AFI/SAFI]`, `refresh NAME`, `borr NAME`,
 *   `eorr NAME`, `slow NAME`, `fast NAME`, `raw NAME HEX` (octets as they are)
 * - `announce NAME PREFIX [KEY=VALUE ...]`, `withdraw NAME PREFIX`: nh= as=1,2 lp= med=
 *   origin=igp|egp|incomplete orig= cl=A,B comm=N:M,... otc= aigp=; what was received has
 *   attrs=1,2,3 too, the codes of its attributes
 * - `define NAME WORD...`, `update NAME WORD...`, `judge FROM TO VERDICT... | WORD...`: an UPDATE,
 *   and what becomes of it; see scn_update.h
 * - `announce-mp NAME AFI/SAFI NLRI-HEX nh=HEX [KEY=VALUE ...]`
 * - `resolve ADDRESS METRIC`, `unresolve ADDRESS`: what the kernel says
 * - `advance SECONDS [silent]`: time passes; `silent`: peers send no KEEPALIVE
 * - `expect NAME has PREFIX [KEY=VALUE ...] | lacks PREFIX | has-nlri AFI/SAFI HEX [nh=HEX] |
 *   lacks-nlri AFI/SAFI HEX | established | closed | notification CODE SUBCODE [DATA-HEX] |
 *   restart-bit | no-restart-bit`, and numbers: `routes N | end-of-ribs N | updates N | refreshes N
 *   | borrs N | eorrs N | refreshed N` (UPDATEs between BoRR and EoRR)
 * - `expect best ... | withheld ... | path ... | rejected ...`: what the speaker says of it
 * (scn_explain.h)
 * - `expect next-hop ADDRESS unknown | local | blackhole | remote VIA`
 * - `expect log TEXT...`, `expect no-log TEXT...`
 */
#include "base/mem.h"
#include "lab.h"
#include "scn_explain.h"
#include "scn_offer.h"
#include "scn_update.h"
#include "script.h"

#define LINE_MAX_BYTES 8192u
#define WORDS_MAX 64u

struct run {
	struct lab lab;
	struct scn_defines defines;
	char failure[512];
};

static void fail(struct run *run, const char *format, ...) PRINTF(2, 3);

static void fail(struct run *run, const char *format, ...)
{
	va_list args;

	if (run->failure[0] != '\0')
		return;
	va_start(args, format);
	vsnprintf(run->failure, sizeof(run->failure), format, args);
	va_end(args);
}

static size_t split(char *line, char *words[WORDS_MAX])
{
	size_t count = 0;
	char *save = NULL;

	for (char *w = strtok_r(line, " \t", &save); w != NULL && count < WORDS_MAX;
	     w = strtok_r(NULL, " \t", &save))
		words[count++] = w;
	return count;
}

static uint32_t number_of(struct run *run, const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end != '\0' || *text == '\0')
		fail(run, "\"%s\" is not a number", text);
	return (uint32_t)value;
}

static uint32_t address_of(struct run *run, const char *text)
{
	struct ip_addr address = { 0 };
	struct error e = { "" };

	if (ip_addr_parse(text, &address, &e) < 0)
		fail(run, "%s", e.text);
	return ip_addr_to_u32(&address);
}

static void prefix_of(struct run *run, const char *text, struct lab_route *route)
{
	struct ip_prefix prefix = { 0 };
	struct error e = { "" };

	if (ip_prefix_parse(text, &prefix, &e) < 0)
		fail(run, "%s", e.text);
	route->prefix = ip_addr_to_u32(&prefix.addr);
	route->length = prefix.length;
}

static size_t list_of(struct run *run, char *text, uint32_t *values, size_t max, bool addresses)
{
	size_t count = 0;
	char *save = NULL;

	for (char *w = strtok_r(text, ",", &save); w != NULL && count < max;
	     w = strtok_r(NULL, ",", &save))
		values[count++] = addresses ? address_of(run, w) : number_of(run, w);
	return count;
}

static uint8_t origin_of(struct run *run, const char *text)
{
	static const char *const names[] = { "igp", "egp", "incomplete" };

	for (uint8_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(text, names[i]) == 0)
			return i;
	fail(run, "\"%s\" is no origin", text);
	return 0;
}

static size_t hex_of(struct run *run, const char *text, uint8_t *bytes, size_t max)
{
	size_t length = 0;

	for (; text[0] != '\0' && text[1] != '\0' && length < max; text += 2) {
		char octet[3] = { text[0], text[1], '\0' };
		char *end;

		bytes[length++] = (uint8_t)strtoul(octet, &end, 16);
		if (*end != '\0')
			fail(run, "\"%s\" is not hexadecimal", text);
	}
	return length;
}

static uint32_t community_of(struct run *run, char *text)
{
	char *colon = strchr(text, ':');

	if (colon == NULL) {
		fail(run, "\"%s\" is no community", text);
		return 0;
	}
	*colon = '\0';
	return number_of(run, text) << 16 | number_of(run, colon + 1);
}

static size_t communities_of(struct run *run, char *text, uint32_t *values)
{
	size_t count = 0;
	char *save = NULL;

	for (char *w = strtok_r(text, ",", &save); w != NULL && count < LAB_COMMUNITIES_MAX;
	     w = strtok_r(NULL, ",", &save))
		values[count++] = community_of(run, w);
	return count;
}

static void set_number(struct run *run, const char *value, bool *ret_has, uint64_t *ret_number)
{
	*ret_has = *value != '-';
	*ret_number = *ret_has ? strtoull(value, NULL, 10) : 0;
	(void)run;
}

static size_t codes_of(struct run *run, char *text, uint8_t *codes)
{
	uint32_t numbers[LAB_CODES_MAX];
	size_t count = list_of(run, text, numbers, LAB_CODES_MAX, false);

	for (size_t i = 0; i < count; i++)
		codes[i] = (uint8_t)numbers[i];
	return count;
}

/* Those of the attributes that not every route has. */
static void set_rare_key(struct run *run, struct lab_route *route, int key, char *value)
{
	uint64_t number;

	switch (key) {
	case 7:
		route->community_count =
			*value == '-' ? 0 : communities_of(run, value, route->communities);
		break;
	case 8:
		set_number(run, value, &route->has_otc, &number);
		route->otc = (uint32_t)number;
		break;
	case 9:
		set_number(run, value, &route->has_aigp, &route->aigp);
		break;
	case 10:
		route->code_count = codes_of(run, value, route->codes);
		break;
	default:
		fail(run, "\"%s\" is no VALUE of a KEY", value == NULL ? "" : value);
	}
}

/* Applies one KEY=VALUE; returns the key's position, or -1. */
static int set_key(struct run *run, struct lab_route *route, char *word)
{
	static const char *const keys[] = { "nh", "as",	  "lp",	 "med",	 "origin", "orig",
					    "cl", "comm", "otc", "aigp", "attrs" };
	char *value = strchr(word, '=');
	int key = -1;

	if (value != NULL)
		*value++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(keys) && value != NULL; i++)
		if (strcmp(word, keys[i]) == 0)
			key = (int)i;
	switch (key) {
	case 0:
		route->next_hop = address_of(run, value);
		break;
	case 1:
		route->as_path_length = list_of(run, value, route->as_path, LAB_AS_PATH_MAX, false);
		break;
	case 2:
		route->has_local_pref = true;
		route->local_pref = number_of(run, value);
		break;
	case 3:
		route->has_med = *value != '-';
		route->med = route->has_med ? number_of(run, value) : 0;
		break;
	case 4:
		route->origin = origin_of(run, value);
		break;
	case 5:
		route->has_originator = *value != '-';
		route->originator = route->has_originator ? address_of(run, value) : 0;
		break;
	case 6:
		route->cluster_count = *value == '-' ? 0
						     : list_of(run, value, route->clusters,
							       LAB_CLUSTERS_MAX, true);
		break;
	default:
		set_rare_key(run, route, key, value);
	}
	return key;
}

static bool same_key(int key, const struct lab_route *a, const struct lab_route *b)
{
	switch (key) {
	case 0:
		return a->next_hop == b->next_hop;
	case 1:
		return a->as_path_length == b->as_path_length &&
		       memcmp(a->as_path, b->as_path, a->as_path_length * 4) == 0;
	case 2:
		return a->has_local_pref == b->has_local_pref && a->local_pref == b->local_pref;
	case 3:
		return a->has_med == b->has_med && a->med == b->med;
	case 4:
		return a->origin == b->origin;
	case 5:
		return a->has_originator == b->has_originator && a->originator == b->originator;
	case 6:
		return a->cluster_count == b->cluster_count &&
		       memcmp(a->clusters, b->clusters, a->cluster_count * 4) == 0;
	case 7:
		return a->community_count == b->community_count &&
		       memcmp(a->communities, b->communities, a->community_count * 4) == 0;
	case 8:
		return a->has_otc == b->has_otc && a->otc == b->otc;
	case 10:
		return a->code_count == b->code_count &&
		       memcmp(a->codes, b->codes, a->code_count) == 0;
	default:
		return a->has_aigp == b->has_aigp && a->aigp == b->aigp;
	}
}

static struct lab_peer *peer_named(struct run *run, const char *name)
{
	struct lab_peer *peer = lab_peer(&run->lab, name);

	if (peer == NULL)
		fail(run, "there is no peer \"%s\"", name);
	return peer;
}

/* What a route of this peer has when nothing else is said. */
static struct lab_route route_of(const struct run *run, const struct lab_peer *peer)
{
	const struct instance_config *local = speaker_instance_config(
		run->lab.speaker, speaker_instance_next(run->lab.speaker, NULL));
	struct lab_route route = { 0 };

	if (peer->address.family == IP_V4)
		route.next_hop = ip_addr_to_u32(&peer->address);
	if (peer->as != local->local_as.number) {
		route.as_path[0] = peer->as;
		route.as_path_length = 1;
	} else {
		route.has_local_pref = true;
		route.local_pref = 100;
	}
	return route;
}

static void do_announce(struct run *run, struct lab_peer *peer, char **words, size_t count)
{
	struct lab_route route = route_of(run, peer);

	prefix_of(run, words[0], &route);
	for (size_t i = 1; i < count; i++)
		set_key(run, &route, words[i]);
	lab_announce(&run->lab, peer, &route);
}

/* AFI/SAFI and NLRI. */
static void mp_route_of(struct run *run, const char *family, const char *nlri,
			struct lab_mp_route *ret_route)
{
	unsigned afi, safi;

	*ret_route = (struct lab_mp_route){ 0 };
	if (sscanf(family, "%u/%u", &afi, &safi) != 2)
		fail(run, "\"%s\" is no AFI/SAFI", family);
	ret_route->afi = (uint16_t)afi;
	ret_route->safi = (uint8_t)safi;
	ret_route->length = (uint16_t)hex_of(run, nlri, ret_route->nlri, sizeof(ret_route->nlri));
}

static void do_announce_mp(struct run *run, struct lab_peer *peer, char **words, size_t count)
{
	struct lab_route attrs = route_of(run, peer);
	struct lab_mp_route route;

	mp_route_of(run, words[0], words[1], &route);
	for (size_t i = 2; i < count; i++) {
		if (strncmp(words[i], "nh=", 3) == 0)
			route.next_hop_length = (uint8_t)hex_of(run, words[i] + 3, route.next_hop,
								sizeof(route.next_hop));
		else
			set_key(run, &attrs, words[i]);
	}
	lab_announce_mp(&run->lab, peer, &route, &attrs);
}

static void expect_nlri(struct run *run, struct lab_peer *peer, bool has, char **words,
			size_t count)
{
	const struct lab_mp_route *route;
	struct lab_mp_route wanted;

	mp_route_of(run, words[0], words[1], &wanted);
	route = lab_mp_find(peer, &wanted);
	if (has != (route != NULL)) {
		fail(run, "%s %s %s %s", peer->name, has ? "lacks" : "has", words[0], words[1]);
		return;
	}
	if (route == NULL || count < 3)
		return;
	wanted.next_hop_length =
		(uint8_t)hex_of(run, words[2] + 3, wanted.next_hop, sizeof(wanted.next_hop));
	if (wanted.next_hop_length != route->next_hop_length ||
	    memcmp(wanted.next_hop, route->next_hop, wanted.next_hop_length) != 0)
		fail(run, "%s has %s %s, but not with %s", peer->name, words[0], words[1],
		     words[2]);
}

static void expect_route(struct run *run, const struct lab_peer *peer, bool has, char **words,
			 size_t count)
{
	struct lab_route wanted = { 0 };
	const struct lab_route *route;

	prefix_of(run, words[0], &wanted);
	route = lab_route(peer, wanted.prefix, wanted.length);
	if (has != (route != NULL)) {
		fail(run, "%s %s %s", peer->name, has ? "lacks" : "has", words[0]);
		return;
	}
	for (size_t i = 1; i < count && route != NULL; i++) {
		char text[128];
		int key;

		snprintf(text, sizeof(text), "%s", words[i]);
		key = set_key(run, &wanted, words[i]);
		if (key >= 0 && !same_key(key, route, &wanted))
			fail(run, "%s has %s, but not with %s", peer->name, words[0], text);
	}
}

static bool expect_counter(struct run *run, const struct lab_peer *peer, const char *what,
			   const char *wanted)
{
	const struct {
		const char *name;
		size_t value;
	} counters[] = {
		{ "routes", peer->route_count },   { "end-of-ribs", peer->end_of_ribs },
		{ "updates", peer->updates },	   { "refreshes", peer->refreshes },
		{ "borrs", peer->refresh_begins }, { "eorrs", peer->refresh_ends },
		{ "refreshed", peer->refreshed },
	};

	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		if (strcmp(what, counters[i].name) != 0)
			continue;
		if (counters[i].value != number_of(run, wanted))
			fail(run, "%s: %zu, expected %s", what, counters[i].value, wanted);
		return true;
	}
	return false;
}

static void expect_notification(struct run *run, const struct lab_peer *peer, char **words,
				size_t count)
{
	uint8_t data[255];
	size_t length;

	if (peer->notification[0] != number_of(run, words[0]) ||
	    peer->notification[1] != number_of(run, words[1])) {
		fail(run, "%s received notification %u/%u", peer->name, peer->notification[0],
		     peer->notification[1]);
		return;
	}
	if (count < 3)
		return;
	length = hex_of(run, words[2], data, sizeof(data));
	if (length != peer->notification_bytes ||
	    memcmp(data, peer->notification_data, length) != 0)
		fail(run, "%s received notification %u/%u with other data", peer->name,
		     peer->notification[0], peer->notification[1]);
}

static void expect_peer(struct run *run, struct lab_peer *peer, char **words, size_t count)
{
	const char *what = words[0];

	if (strcmp(what, "has") == 0 || strcmp(what, "lacks") == 0) {
		expect_route(run, peer, *what == 'h', words + 1, count - 1);
	} else if ((strcmp(what, "has-nlri") == 0 || strcmp(what, "lacks-nlri") == 0) &&
		   count >= 3) {
		expect_nlri(run, peer, *what == 'h', words + 1, count - 1);
	} else if (count == 2 && expect_counter(run, peer, what, words[1])) {
		return;
	} else if (strcmp(what, "established") == 0 || strcmp(what, "closed") == 0) {
		if (peer->established != (*what == 'e'))
			fail(run, "%s is not %s (notification %u/%u)", peer->name, what,
			     peer->notification[0], peer->notification[1]);
	} else if (strcmp(what, "notification") == 0 && count >= 3) {
		expect_notification(run, peer, words + 1, count - 1);
	} else if (strcmp(what, "restart-bit") == 0 || strcmp(what, "no-restart-bit") == 0) {
		if (peer->opened_with_restart != (*what == 'r'))
			fail(run, "the OPEN to %s has the restart bit the other way", peer->name);
	} else {
		fail(run, "expect %s?", what);
	}
}

static void join_words(char *to, size_t size, char **words, size_t count)
{
	size_t length = 0;

	to[0] = '\0';
	for (size_t i = 0; i < count && length < size; i++)
		length += (size_t)snprintf(to + length, size - length, "%s%s", i == 0 ? "" : " ",
					   words[i]);
}

static void expect_next_hop(struct run *run, char **words, size_t count)
{
	static const char *const names[] = { "unknown", "local", "remote", "blackhole" };
	struct ip_addr next_hop = ip_addr_v4(address_of(run, words[0]));
	struct ip_addr via = { 0 };
	enum next_hop_state state = speaker_next_hop(
		run->lab.speaker, speaker_instance_next(run->lab.speaker, NULL), &next_hop, &via);
	char text[IP_TEXT_MAX];

	if (strcmp(names[state], words[1]) != 0)
		fail(run, "next hop %s is %s, not %s", words[0], names[state], words[1]);
	else if (count > 2 && strcmp(ip_addr_format(&via, text), words[2]) != 0)
		fail(run, "next hop %s is via %s, not %s", words[0], text, words[2]);
}

static void expect_log(struct run *run, bool logged, char **words, size_t count)
{
	char wanted[LAB_LOG_TEXT_MAX];

	join_words(wanted, sizeof(wanted), words, count);
	if (logged != lab_logged(&run->lab, wanted))
		fail(run, "%s like \"%s\" was logged", logged ? "nothing" : "something", wanted);
}

static void do_expect(struct run *run, char **words, size_t count)
{
	struct error why = { "" };

	if (count >= 2 && (strcmp(words[0], "log") == 0 || strcmp(words[0], "no-log") == 0))
		expect_log(run, *words[0] == 'l', words + 1, count - 1);
	else if (count >= 3 && scn_explains(words[0])) {
		if (scn_explain(&run->lab, words, count, &why) < 0)
			fail(run, "%s", why.text);
	} else if (count >= 3 && strcmp(words[0], "next-hop") == 0)
		expect_next_hop(run, words + 1, count - 1);
	else if (count >= 2 && peer_named(run, words[0]) != NULL)
		expect_peer(run, lab_peer(&run->lab, words[0]), words + 1, count - 1);
	else
		fail(run, "expect what?");
}

static void do_raw(struct run *run, struct lab_peer *peer, char **words, size_t count)
{
	uint8_t bytes[4096];
	size_t length = 0;

	for (size_t i = 0; i < count; i++)
		length += hex_of(run, words[i], bytes + length, sizeof(bytes) - length);
	lab_send(&run->lab, peer, bytes, length);
}

static void do_offer(struct run *run, struct lab_peer *peer, char **words, size_t count)
{
	struct error why = { "" };

	if (scn_offer(peer, words, count, &why) < 0)
		fail(run, "%s", why.text);
}

static void do_end_of_rib(struct run *run, struct lab_peer *peer, const char *family)
{
	unsigned afi, safi;

	if (family == NULL)
		lab_end_of_rib(&run->lab, peer);
	else if (sscanf(family, "%u/%u", &afi, &safi) == 2)
		lab_end_of_rib_of(&run->lab, peer, (uint16_t)afi, (uint8_t)safi);
	else
		fail(run, "\"%s\" is no AFI/SAFI", family);
}

static void do_peer_command(struct run *run, const char *command, char **words, size_t count)
{
	struct lab_peer *peer = count == 0 ? NULL : peer_named(run, words[0]);
	struct lab_route route = { 0 };
	struct error why = { "" };

	if (peer == NULL) {
		fail(run, "\"%s\": unknown command, or it needs a peer", command);
	} else if (strcmp(command, "connect") == 0) {
		(void)lab_connect(&run->lab, peer);
	} else if (strcmp(command, "close") == 0) {
		lab_close(&run->lab, peer);
	} else if (strcmp(command, "end-of-rib") == 0) {
		do_end_of_rib(run, peer, count == 1 ? NULL : words[1]);
	} else if (strcmp(command, "refresh") == 0) {
		lab_refresh(&run->lab, peer, 0);
	} else if (strcmp(command, "borr") == 0 || strcmp(command, "eorr") == 0) {
		lab_refresh(&run->lab, peer, *command == 'b' ? 1 : 2);
	} else if (strcmp(command, "offer") == 0) {
		do_offer(run, peer, words + 1, count - 1);
	} else if (strcmp(command, "slow") == 0 || strcmp(command, "fast") == 0) {
		peer->slow = *command == 's';
	} else if (strcmp(command, "raw") == 0) {
		do_raw(run, peer, words + 1, count - 1);
	} else if (strcmp(command, "update") == 0) {
		if (scn_update_send(&run->lab, peer, &run->defines, words + 1, count - 1, &why) < 0)
			fail(run, "%s", why.text);
	} else if (strcmp(command, "judge") == 0 && count > 2 && peer_named(run, words[1])) {
		route = route_of(run, peer);
		route.prefix = 0xc0000200;
		route.length = 24;
		if (scn_judge(&run->lab, peer, lab_peer(&run->lab, words[1]), &route, &run->defines,
			      words + 2, count - 2, &why) < 0)
			fail(run, "%s", why.text);
	} else if (strcmp(command, "announce") == 0 && count >= 2) {
		do_announce(run, peer, words + 1, count - 1);
	} else if (strcmp(command, "announce-mp") == 0 && count >= 3) {
		do_announce_mp(run, peer, words + 1, count - 1);
	} else if (strcmp(command, "withdraw") == 0 && count == 2) {
		prefix_of(run, words[1], &route);
		lab_withdraw(&run->lab, peer, route.prefix, route.length);
	} else {
		fail(run, "\"%s\": unknown command", command);
	}
}

static void do_resolve(struct run *run, char **words, size_t count)
{
	struct ip_addr next_hop = ip_addr_v4(address_of(run, words[1]));

	speaker_next_hop_resolved(run->lab.speaker, speaker_instance_next(run->lab.speaker, NULL),
				  &next_hop, *words[0] == 'r',
				  count > 2 ? number_of(run, words[2]) : 0);
	lab_settle(&run->lab);
}

static void do_line(struct run *run, const char *text)
{
	char line[LINE_MAX_BYTES];
	char *words[WORDS_MAX];
	size_t count;

	snprintf(line, sizeof(line), "%s", text);
	if (strncmp(line, "config ", 7) == 0) {
		lab_configure(&run->lab, line + 7);
		lab_settle(&run->lab);
		return;
	}
	count = split(line, words);
	if (count == 0)
		return;
	if (strcmp(words[0], "peer") == 0 && count >= 5) {
		struct lab_peer *peer =
			lab_add_peer(&run->lab, words[1], words[2], number_of(run, words[3]),
				     address_of(run, words[4]));

		peer->any_attribute = true;
		do_offer(run, peer, words + 5, count - 5);
	} else if (strcmp(words[0], "advance") == 0 && count >= 2) {
		lab_advance(&run->lab, duration_seconds(number_of(run, words[1])), count < 3);
	} else if (strcmp(words[0], "resolve") == 0 || strcmp(words[0], "unresolve") == 0) {
		do_resolve(run, words, count);
	} else if (strcmp(words[0], "define") == 0) {
		struct error why = { "" };

		if (scn_define(&run->defines, words + 1, count - 1, &why) < 0)
			fail(run, "%s", why.text);
	} else if (strcmp(words[0], "expect") == 0) {
		do_expect(run, words + 1, count - 1);
	} else {
		do_peer_command(run, words[0], words + 1, count - 1);
		lab_settle(&run->lab);
	}
}

static void begin(void *context)
{
	struct run *run = context;

	*run = (struct run){ 0 };
	lab_init(&run->lab, 1);
}

static void play_line(void *context, const char *text)
{
	do_line(context, text);
}

static void end(void *context)
{
	struct run *run = context;

	for (size_t i = 0; i < run->lab.peer_count; i++)
		if (run->lab.peers[i].complaint[0] != '\0')
			fail(run, "%s", run->lab.peers[i].complaint);
	lab_done(&run->lab);
}

static const char *failure(const void *context)
{
	const struct run *run = context;

	return run->failure;
}

int main(int argc, char **argv)
{
	static const struct script_player player = { begin, play_line, end, failure };
	struct run *run = mem_zalloc(sizeof(*run));
	size_t test = 0, failed;

	failed = script_play_files(argv + 1, (size_t)argc - 1, &player, run, &test);
	printf("1..%zu\n", test);
	mem_free(run);
	return failed == 0 ? 0 : 1;
}

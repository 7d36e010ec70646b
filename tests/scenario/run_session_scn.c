/*
 * run_session_scn: plays transcripts of one session (session/NAME.scn) on virtual time.
 * SPDX-License-Identifier: Apache-2.0
 *
 * run_session_scn [--complete] FILE...
 *
 * The transcript (script.h) is the peer, the transport and the clock. Its lines:
 *
 *   config [KEY=VALUE | FLAG ...]   a new session, stopped (session_peer.h)
 *   start | stop SUBCODE [TEXT...] | reset CODE SUBCODE | restarting on|off
 *   connected | connect-failed | accept | closed SIDE
 *   open SIDE [KEY=VALUE | FLAG ...] | keepalive SIDE | update SIDE [CODE SUBCODE] | refresh SIDE
 *   notification SIDE CODE SUBCODE [HEX] | message SIDE TYPE HEX | raw SIDE HEX
 *   advance SECONDS                 with every timer on the way
 *   sent | stuck | unread           the transport took everything, or has octets left; input waits
 *   in STATE                        a new session, brought to that state: Idle, Connect, ConnectTcp
 *                                   (DelayOpenTimer runs), Active, ActiveTcp, OpenSent ...
 *   cell EVENT | EFFECTS | STATE    as `in` of before, then this event of the machine: what comes
 *                                   of it
 *   expect EFFECTS | STATE          what happened since the last one, "-" for nothing
 *   last HEX                        the last message that was sent, whole
 *   error TEXT | agreed KEY VALUE | retries N
 *
 * SIDE is `out` or `in`. With --complete the run must have had a `cell` line for every cell
 * of the machine's table, and sent and received every NOTIFICATION that there is. A case without
 * `expect` or `cell` fails, and one with effects that it did not expect.
 */
#include "base/mem.h"
#include "script.h"
#include "session_peer.h"

#define LINE_MAX_BYTES 8192u
#define WORDS_MAX 64u

static void do_stop(struct session_peer *p, char **words, size_t count)
{
	char text[512] = "";

	for (size_t i = 2; i < count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			 i == 2 ? "" : " ", words[i]);
	session_stop(p->session, (uint8_t)session_peer_number(p, words[1]), count > 2 ? text : NULL,
		     p->now);
}

static void do_notification(struct session_peer *p, enum session_side side, char **words,
			    size_t count)
{
	uint8_t body[512];
	size_t length = 2;

	body[0] = (uint8_t)session_peer_number(p, words[0]);
	body[1] = (uint8_t)session_peer_number(p, words[1]);
	for (size_t i = 2; i < count; i++)
		length += session_peer_hex(p, words[i], body + length, sizeof(body) - length);
	p->given[0] = body[0];
	p->given[1] = body[1];
	session_peer_message(p, side, BGP_NOTIFICATION, body, length);
}

static void do_hex(struct session_peer *p, enum session_side side, int type, char **words,
		   size_t count)
{
	uint8_t bytes[BGP_MESSAGE_BYTES_MAX];
	size_t length = 0;

	for (size_t i = 0; i < count; i++)
		length += session_peer_hex(p, words[i], bytes + length, sizeof(bytes) - length);
	if (type < 0)
		session_peer_bytes(p, side, bytes, length);
	else
		session_peer_message(p, side, (enum bgp_type)type, bytes, length);
}

/* What the peer says, or the transport of one side. False: no such command. */
static bool do_side(struct session_peer *p, const char *command, char **words, size_t count)
{
	enum session_side side =
		count != 0 && strcmp(words[0], "in") == 0 ? SESSION_INCOMING : SESSION_OUTGOING;

	if (count == 0 || (strcmp(words[0], "in") != 0 && strcmp(words[0], "out") != 0))
		return false;
	if (strcmp(command, "closed") == 0)
		session_closed(p->session, side, NULL, p->now);
	else if (strcmp(command, "open") == 0)
		session_peer_open(p, side, words + 1, count - 1);
	else if (strcmp(command, "keepalive") == 0)
		session_peer_message(p, side, BGP_KEEPALIVE, NULL, 0);
	else if (strcmp(command, "update") == 0) {
		p->update_error = (struct bgp_notification){ 0 };
		if (count > 2)
			bgp_notification_set(&p->update_error,
					     (uint8_t)session_peer_number(p, words[1]),
					     (uint8_t)session_peer_number(p, words[2]), NULL, 0);
		session_peer_message(p, side, BGP_UPDATE, "\0\0\0\0", 4);
	} else if (strcmp(command, "refresh") == 0)
		session_peer_message(p, side, BGP_ROUTE_REFRESH, "\0\1\0\1", 4);
	else if (strcmp(command, "notification") == 0 && count >= 3)
		do_notification(p, side, words + 1, count - 1);
	else if (strcmp(command, "message") == 0 && count >= 2)
		do_hex(p, side, (int)session_peer_number(p, words[1]), words + 2, count - 2);
	else if (strcmp(command, "raw") == 0)
		do_hex(p, side, -1, words + 1, count - 1);
	else
		return false;
	return true;
}

/* What the owner does. False: no such command. */
static bool do_owner(struct session_peer *p, const char *command, char **words, size_t count)
{
	struct bgp_notification n;

	if (strcmp(command, "config") == 0)
		session_peer_configure(p, words + 1, count - 1);
	else if (strcmp(command, "start") == 0)
		session_start(p->session, p->now);
	else if (strcmp(command, "stop") == 0 && count >= 2)
		do_stop(p, words, count);
	else if (strcmp(command, "reset") == 0 && count >= 3) {
		bgp_notification_set(&n, (uint8_t)session_peer_number(p, words[1]),
				     (uint8_t)session_peer_number(p, words[2]), NULL, 0);
		session_reset(p->session, &n, p->now);
	} else if (strcmp(command, "restarting") == 0 && count == 2)
		session_set_restarting(p->session, strcmp(words[1], "on") == 0);
	else if (strcmp(command, "connected") == 0)
		session_connected(p->session, p->now);
	else if (strcmp(command, "connect-failed") == 0)
		session_connect_failed(p->session, NULL, p->now);
	else if (strcmp(command, "accept") == 0)
		session_peer_accept(p);
	else if (strcmp(command, "advance") == 0 && count == 2)
		session_peer_advance(p, words[1]);
	else if (strcmp(command, "sent") == 0 || strcmp(command, "stuck") == 0)
		session_sent(p->session, *command == 's' && command[1] == 't', p->now);
	else if (strcmp(command, "unread") == 0)
		session_input_pending(p->session, p->now);
	else if (strcmp(command, "in") == 0 && count == 2)
		session_peer_bring_to(p, words[1]);
	else
		return false;
	return true;
}

/* "A | B | C" cut at the bars, without blanks around. */
static size_t cut(char *text, char *parts[3])
{
	size_t count = 0;

	for (char *rest = text; rest != NULL && count < 3; count++) {
		char *part = rest + strspn(rest, " \t");
		char *bar = strstr(rest, "|");
		size_t length;

		rest = bar == NULL ? NULL : bar + 1;
		length = bar == NULL ? strlen(part) : (size_t)(bar - part);
		while (length > 0 && (part[length - 1] == ' ' || part[length - 1] == '\t'))
			length--;
		part[length] = '\0';
		parts[count] = part;
	}
	return count;
}

static bool do_bars(struct session_peer *p, char *line)
{
	char *parts[3] = { NULL, NULL, NULL };

	if (strncmp(line, "expect ", 7) == 0 && cut(line + 7, parts) == 2) {
		session_peer_expect(p, parts[0], parts[1]);
		return true;
	}
	if (strncmp(line, "cell ", 5) == 0 && cut(line + 5, parts) == 3) {
		session_peer_bring_to(p, p->brought_to);
		session_peer_event(p, parts[0]);
		session_peer_expect_cell(p, parts[1], parts[2]);
		return true;
	}
	if (strncmp(line, "error ", 6) == 0) {
		if (strcmp(session_last_error(p->session), line + 6) != 0)
			session_peer_fail(p, "the error is \"%s\"", session_last_error(p->session));
		return true;
	}
	return false;
}

static void do_line(struct session_peer *p, const char *text)
{
	char line[LINE_MAX_BYTES];
	char *words[WORDS_MAX];
	char *save = NULL;
	size_t count = 0;

	snprintf(line, sizeof(line), "%s", text);
	if (do_bars(p, line))
		return;
	for (char *w = strtok_r(line, " \t", &save); w != NULL && count < WORDS_MAX;
	     w = strtok_r(NULL, " \t", &save))
		words[count++] = w;
	if (count == 0)
		return;
	if (strcmp(words[0], "last") == 0 && count >= 2)
		session_peer_expect_last(p, words + 1, count - 1);
	else if (strcmp(words[0], "agreed") == 0 && count == 3)
		session_peer_expect_agreed(p, words[1], words[2]);
	else if (strcmp(words[0], "retries") == 0 && count == 2) {
		if (session_counters(p->session)->connect_retry_counter !=
		    session_peer_number(p, words[1]))
			session_peer_fail(p, "ConnectRetryCounter is %u",
					  session_counters(p->session)->connect_retry_counter);
	} else if (!do_owner(p, words[0], words, count) &&
		   !do_side(p, words[0], words + 1, count - 1))
		session_peer_fail(p, "\"%s\": unknown command, or words are missing", words[0]);
}

static void begin(void *context)
{
	session_peer_begin(context);
}

static void play_line(void *context, const char *text)
{
	do_line(context, text);
}

static void end(void *context)
{
	session_peer_end(context);
}

static const char *failure(const void *context)
{
	const struct session_peer *p = context;

	return p->failure;
}

/* The whole run's: returns how many of these failed. */
static size_t report_complete(struct session_peer *p, size_t *test)
{
	char missing[1024];
	size_t failed = 0;

	session_peer_missing_cells(p, missing, sizeof(missing));
	failed += script_report(++*test, "all",
				"every cell of the table was expected to do what it does", missing);
	session_peer_missing_notifications(p, false, missing, sizeof(missing));
	failed +=
		script_report(++*test, "all", "every NOTIFICATION that there is was sent", missing);
	session_peer_missing_notifications(p, true, missing, sizeof(missing));
	failed += script_report(++*test, "all", "and received", missing);
	printf("# %zu of %zu cells by what a peer, the transport or time can do\n",
	       session_peer_natural_cells(p), session_peer_cells());
	return failed;
}

int main(int argc, char **argv)
{
	static const struct script_player player = { begin, play_line, end, failure };
	struct session_peer *p = mem_zalloc(sizeof(*p));
	bool complete = argc > 1 && strcmp(argv[1], "--complete") == 0;
	int first = complete ? 2 : 1;
	size_t test = 0, failed;

	failed = script_play_files(argv + first, (size_t)(argc - first), &player, p, &test);
	if (complete)
		failed += report_complete(p, &test);
	printf("1..%zu\n", test);
	mem_free(p);
	return failed == 0 ? 0 : 1;
}

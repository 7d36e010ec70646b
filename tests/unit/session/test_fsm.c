/*
 * Tests of session/session_fsm: what a session does in each state, as a transcript.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 8.2.2. A transcript is the session's effects in words: "connect", "close out",
 * "send out OPEN", "established out", "down transport retain" ...
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "session/session.h"

static struct session_config config;
static struct session *s;
static struct buf log_text;
static instant_t now;
static bool update_good;

static const char *const side_names[] = { "out", "in" };
static const char *const type_names[] = { "?",	       "OPEN",	 "UPDATE", "NOTIFICATION",
					  "KEEPALIVE", "REFRESH" };
static const char *const reasons[] = { "admin",	    "sent",	 "received", "hold",
				       "send-hold", "transport", "replaced" };

static void note(const char *format, ...)
{
	char text[BGP_NOTIFICATION_TEXT_MAX + 20];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (log_text.length != 0)
		buf_add_text(&log_text, "; ");
	buf_add_text(&log_text, text);
}

static void on_connect(UNUSED void *context)
{
	note("connect");
}

static void on_close(UNUSED void *context, enum session_side side)
{
	note("close %s", side_names[side]);
}

static void on_send(UNUSED void *context, enum session_side side, const uint8_t *bytes,
		    size_t length)
{
	struct bgp_header h;
	struct bgp_notification n;
	char text[BGP_NOTIFICATION_TEXT_MAX];

	assert_int_equal(bgp_header_decode(bytes, 4096, &h, &n), 0);
	assert_int_equal(h.length, length);
	if (h.type == BGP_NOTIFICATION) {
		assert_int_equal(bgp_notification_decode(bytes + 19, length - 19, &n), 0);
		note("send %s %s", side_names[side], bgp_notification_format(&n, text));
	} else {
		note("send %s %s", side_names[side], type_names[h.type]);
	}
}

static void on_established(UNUSED void *context, enum session_side side,
			   UNUSED const struct session_negotiated *negotiated, UNUSED instant_t at)
{
	note("established %s", side_names[side]);
}

static void on_down(UNUSED void *context, enum session_down_reason reason, bool retain,
		    UNUSED instant_t at)
{
	note("down %s%s", reasons[reason], retain ? " retain" : "");
}

static bool on_update(UNUSED void *context, UNUSED const uint8_t *body, size_t length,
		      UNUSED instant_t at, struct bgp_notification *ret_error)
{
	note("update %zu", length);
	bgp_notification_set(ret_error, BGP_ERROR_UPDATE, BGP_UPDATE_MALFORMED_LIST, NULL, 0);
	return update_good;
}

static void on_refresh(UNUSED void *context, enum bgp_family family, uint8_t subtype,
		       UNUSED instant_t at)
{
	note("refresh %s %u", bgp_family_info(family)->name, subtype);
}

static const struct session_ops ops = { on_connect, on_close,  on_send,	  on_established,
					on_down,    on_update, on_refresh };

/* Compares what happened since the last call, and the state. */
static void expect(const char *transcript, enum session_state state)
{
	assert_string_equal(buf_text(&log_text), transcript);
	assert_string_equal(session_state_name(session_state(s)), session_state_name(state));
	buf_clear(&log_text);
}

static void tick_after(int64_t ms)
{
	now = instant_add(now, duration_ms(ms));
	session_tick(s, now);
}

/* Ticks at every deadline until then. */
static void run(int64_t ms)
{
	instant_t until = instant_add(now, duration_ms(ms));

	while (!instant_is_never(session_deadline(s)) &&
	       !instant_before(until, session_deadline(s))) {
		now = session_deadline(s).ns > now.ns ? session_deadline(s) : now;
		session_tick(s, now);
	}
	now = until;
}

static void give(enum session_side side, enum bgp_type type, const void *body, size_t length)
{
	uint8_t bytes[4096];
	struct writer w = writer_of(bytes, sizeof(bytes));

	bgp_header_encode(&w, (uint16_t)(BGP_HEADER_BYTES + length), type);
	writer_bytes(&w, body, length);
	assert_int_equal(session_input(s, side, bytes, writer_length(&w), now), writer_length(&w));
}

static void give_open(enum session_side side, bool graceful_restart)
{
	uint8_t bytes[512];
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct bgp_open open = {
		.version = 4, .as = config.peer_as, .hold_time_s = 90, .router_id = 0x0a000002
	};

	open.capabilities.as4 = true;
	open.capabilities.graceful_restart = graceful_restart;
	open.capabilities.restart_time_s = graceful_restart ? 120 : 0;
	open.capabilities.restart_families[BGP_IPV4_UNICAST] = graceful_restart;
	bgp_open_encode(&w, &open);
	give(side, BGP_OPEN, bytes + 19, writer_length(&w) - 19);
}

static void give_keepalive(enum session_side side)
{
	give(side, BGP_KEEPALIVE, NULL, 0);
}

static void open_session(void)
{
	s = session_new(&config, &ops, NULL);
	expect("", SESSION_IDLE);
	session_start(s, now);
}

/* To Established on the connection that we opened. */
static void to_established(bool graceful_restart)
{
	open_session();
	session_connected(s, now);
	give_open(SESSION_OUTGOING, graceful_restart);
	give_keepalive(SESSION_OUTGOING);
	expect("connect; send out OPEN; send out KEEPALIVE; established out", SESSION_ESTABLISHED);
}

static int setup(void **state)
{
	(void)state;
	config = (struct session_config){ .local_as = { 65000 },
					  .peer_as = { 65000 },
					  .router_id = 0x0a000001,
					  .hold_time_s = 90,
					  .role = BGP_ROLE_NONE,
					  .connect_retry_s = 5,
					  .restart_time_s = 120 };
	config.families[BGP_IPV4_UNICAST] = true;
	now = (instant_t){ 5000000000000 };
	update_good = true;
	buf_init(&log_text, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	session_free(s);
	buf_done(&log_text);
	return 0;
}

static void test_idle_ignores_everything(void **state)
{
	(void)state;
	s = session_new(&config, &ops, NULL);
	session_tick(s, now);
	session_connect_failed(s, NULL, now);
	session_closed(s, SESSION_OUTGOING, NULL, now);
	session_closed(s, SESSION_INCOMING, NULL, now);
	session_stop(s, BGP_CEASE_SHUTDOWN, "x", now);
	session_sent(s, true, now);
	session_input_pending(s, now);
	assert_false(session_accept(s, now));
	assert_int_equal(session_refusal(s), BGP_CEASE_REJECTED);
	assert_int_equal(session_input(s, SESSION_INCOMING, (const uint8_t *)"abc", 3, now), 3);
	expect("", SESSION_IDLE);
	assert_true(instant_is_never(session_deadline(s)));
	assert_string_equal(session_last_error(s), "");
	/* an attempt that nobody wants any more */
	session_connected(s, now);
	expect("close out", SESSION_IDLE);
}

static void test_start_twice_is_once(void **state)
{
	(void)state;
	open_session();
	session_start(s, now);
	expect("connect", SESSION_CONNECT);
	assert_true(session_since(s).ns == now.ns);
}

static void test_passive_start(void **state)
{
	(void)state;
	config.passive = true;
	open_session();
	expect("", SESSION_ACTIVE);
	assert_true(instant_is_never(session_deadline(s)));
	assert_true(session_accept(s, now));
	expect("",
	       SESSION_ACTIVE); /* DelayOpenTimer: due, but the connection is not attached yet */
	assert_true(instant_due(session_deadline(s), now));
	session_tick(s, now);
	expect("send in OPEN", SESSION_OPEN_SENT);
	give_open(SESSION_INCOMING, false);
	expect("send in KEEPALIVE", SESSION_OPEN_CONFIRM);
	give_keepalive(SESSION_INCOMING);
	expect("established in", SESSION_ESTABLISHED);
}

static void test_accepted_and_spoken_to_before_the_tick(void **state)
{
	(void)state;
	config.passive = true;
	open_session();
	assert_true(session_accept(s, now));
	give_open(SESSION_INCOMING, false);
	expect("send in OPEN; send in KEEPALIVE", SESSION_OPEN_CONFIRM);
}

static void test_connect_stop(void **state)
{
	(void)state;
	open_session();
	session_stop(s, BGP_CEASE_SHUTDOWN, NULL, now);
	expect("connect; close out", SESSION_IDLE);
}

static void test_connect_fails_and_is_retried(void **state)
{
	static const unsigned waits_s[] = { 1, 2, 4, 5, 5 };

	(void)state;
	open_session();
	for (size_t i = 0; i < ARRAY_SIZE(waits_s); i++) {
		session_connect_failed(s, NULL, now);
		expect("connect", SESSION_ACTIVE);
		assert_string_equal(session_last_error(s), "connecting failed");
		tick_after(waits_s[i] * 750 - 1);
		expect("", SESSION_ACTIVE);
		tick_after(waits_s[i] * 250 + 1);
	}
	expect("connect", SESSION_CONNECT);
	/* an attempt has the connect retry time to come to something */
	tick_after(3700);
	expect("", SESSION_CONNECT);
	tick_after(1300);
	expect("close out; connect", SESSION_CONNECT);
	session_closed(s, SESSION_OUTGOING, NULL, now);
	expect("", SESSION_ACTIVE);
}

static void test_open_sent_hold_timer(void **state)
{
	(void)state;
	open_session();
	session_connected(s, now);
	tick_after(239000);
	expect("connect; send out OPEN", SESSION_OPEN_SENT);
	tick_after(1000);
	expect("send out Hold Timer Expired; close out", SESSION_IDLE);
	tick_after(1000);
	expect("connect", SESSION_CONNECT);
}

static void test_open_sent_transport_fails(void **state)
{
	(void)state;
	open_session();
	session_connected(s, now);
	session_closed(s, SESSION_OUTGOING, NULL, now);
	expect("connect; send out OPEN", SESSION_ACTIVE);
	tick_after(5000);
	expect("connect", SESSION_CONNECT);
}

static void check_open_sent(enum bgp_type type, const char *body, size_t length,
			    const char *transcript)
{
	open_session();
	session_connected(s, now);
	expect("connect; send out OPEN", SESSION_OPEN_SENT);
	give(SESSION_OUTGOING, type, body, length);
	expect(transcript, SESSION_IDLE);
	session_free(s);
	s = NULL;
}

static void test_rfc6608_messages_in_open_sent(void **state)
{
	const char *text = "send out Finite State Machine Error/Unexpected Message in OpenSent "
			   "State; close out";

	(void)state;
	check_open_sent(BGP_KEEPALIVE, NULL, 0, text);
	check_open_sent(BGP_UPDATE, "\0\0\0\0", 4, text);
	check_open_sent(BGP_ROUTE_REFRESH, "\0\1\0\1", 4, text);
	check_open_sent(BGP_NOTIFICATION, "\2\1", 2, "close out");
	check_open_sent(BGP_OPEN, "\3\xfd\xe8\0\x5a\x0a\0\0\2\0", 10,
			"send out OPEN Message Error/Unsupported Version Number; close out");
	check_open_sent(BGP_OPEN, "\4\xfd\xe9\0\x5a\x0a\0\0\2\0", 10,
			"send out OPEN Message Error/Bad Peer AS; close out");
	check_open_sent(BGP_OPEN, "\4\xfd\xe8\0\x5a\x0a\0\0\1\0", 10,
			"send out OPEN Message Error/Bad BGP Identifier; close out");
	check_open_sent(BGP_OPEN, "\4\xfd\xe8\0\2\x0a\0\0\2\0", 10,
			"send out OPEN Message Error/Unacceptable Hold Time; close out");
	check_open_sent(BGP_OPEN, "\4\xfd\xe8\0\x5a\x0a\0\0\2\7", 10,
			"send out OPEN Message Error; close out");
}

static void test_open_confirm_keepalives_and_hold_timer(void **state)
{
	(void)state;
	open_session();
	session_connected(s, now);
	give_open(SESSION_OUTGOING, false);
	expect("connect; send out OPEN; send out KEEPALIVE", SESSION_OPEN_CONFIRM);
	tick_after(30000);
	expect("send out KEEPALIVE", SESSION_OPEN_CONFIRM);
	run(60000);
	assert_string_equal(session_last_error(s), "the hold timer expired in OpenConfirm");
}

static void test_hold_time_0_does_not_wait_for_ever_in_open_confirm(void **state)
{
	(void)state;
	config.hold_time_s = 0;
	open_session();
	session_connected(s, now);
	give_open(SESSION_OUTGOING, false);
	expect("connect; send out OPEN; send out KEEPALIVE", SESSION_OPEN_CONFIRM);
	tick_after(240000);
	expect("send out Hold Timer Expired; close out", SESSION_IDLE);
}

static void test_open_confirm_transport_fails(void **state)
{
	(void)state;
	open_session();
	session_connected(s, now);
	give_open(SESSION_OUTGOING, false);
	session_closed(s, SESSION_OUTGOING, NULL, now);
	expect("connect; send out OPEN; send out KEEPALIVE", SESSION_IDLE);
	tick_after(1000);
	expect("connect", SESSION_CONNECT);
}

static void test_rfc6608_messages_in_open_confirm(void **state)
{
	static const struct {
		enum bgp_type type;
		const char *body;
		size_t length;
		const char *transcript;
	} rows[] = {
		{ BGP_UPDATE, "\0\0\0\0", 4,
		  "send out Finite State Machine Error/Unexpected Message in OpenConfirm State; "
		  "close out" },
		{ BGP_OPEN, "\4\xfd\xe8\0\x5a\x0a\0\0\2\0", 10,
		  "send out Finite State Machine Error/Unexpected Message in OpenConfirm State; "
		  "close out" },
		{ BGP_NOTIFICATION, "\6\7", 2, "close out" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		open_session();
		session_connected(s, now);
		give_open(SESSION_OUTGOING, false);
		expect("connect; send out OPEN; send out KEEPALIVE", SESSION_OPEN_CONFIRM);
		give(SESSION_OUTGOING, rows[i].type, rows[i].body, rows[i].length);
		expect(rows[i].transcript, SESSION_IDLE);
		session_free(s);
		s = NULL;
	}
}

static void test_established_update_and_refresh(void **state)
{
	(void)state;
	to_established(false);
	give(SESSION_OUTGOING, BGP_UPDATE, "\0\0\0\0", 4);
	give(SESSION_OUTGOING, BGP_ROUTE_REFRESH, "\0\1\0\1", 4);
	expect("update 4; refresh ipv4-unicast 0", SESSION_ESTABLISHED);
	update_good = false;
	give(SESSION_OUTGOING, BGP_UPDATE, "\0\0\0\0", 4);
	expect("update 4; send out UPDATE Message Error/Malformed Attribute List; close out; "
	       "down sent",
	       SESSION_IDLE);
	/* nothing of the same input is looked at any more, and nobody may come for a while */
	assert_false(session_accept(s, now));
	tick_after(1000);
	expect("connect", SESSION_CONNECT);
	assert_true(session_accept(s, now));
}

static void test_messages_behind_the_fatal_one_are_dropped(void **state)
{
	uint8_t bytes[128];
	struct writer w = writer_of(bytes, sizeof(bytes));

	(void)state;
	to_established(false);
	update_good = false;
	for (int i = 0; i < 3; i++) {
		bgp_header_encode(&w, 23, BGP_UPDATE);
		writer_u32(&w, 0);
	}
	assert_int_equal(session_input(s, SESSION_OUTGOING, bytes, writer_length(&w), now),
			 writer_length(&w));
	expect("update 4; send out UPDATE Message Error/Malformed Attribute List; close out; "
	       "down sent",
	       SESSION_IDLE);
	assert_int_equal(session_input(s, SESSION_OUTGOING, bytes, 23, now), 23);
	expect("", SESSION_IDLE);
}

static void test_partial_messages_are_left(void **state)
{
	uint8_t bytes[128];
	struct writer w = writer_of(bytes, sizeof(bytes));

	(void)state;
	to_established(false);
	bgp_header_encode(&w, 23, BGP_UPDATE);
	writer_u32(&w, 0);
	bgp_keepalive_encode(&w);
	for (size_t length = 0; length < 23; length++)
		assert_int_equal(session_input(s, SESSION_OUTGOING, bytes, length, now), 0);
	expect("", SESSION_ESTABLISHED);
	for (size_t length = 23; length < 42; length++)
		assert_int_equal(session_input(s, SESSION_OUTGOING, bytes, length, now), 23);
	assert_int_equal(session_input(s, SESSION_OUTGOING, bytes, 42, now), 42);
	assert_int_equal(session_counters(s)->input_bytes,
			 session_counters(s)->received[BGP_UPDATE] * 23 +
				 session_counters(s)->received[BGP_KEEPALIVE] * 19 + 37);
}

static void test_a_bad_header_is_seen_as_soon_as_it_is_there(void **state)
{
	uint8_t bytes[19];

	(void)state;
	to_established(false);
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(session_input(s, SESSION_OUTGOING, bytes, 18, now), 0);
	assert_int_equal(session_input(s, SESSION_OUTGOING, bytes, 19, now), 19);
	expect("send out Message Header Error/Bad Message Length; close out; down sent",
	       SESSION_IDLE);
}

static void test_established_transport_fails(void **state)
{
	(void)state;
	to_established(false);
	session_closed(s, SESSION_OUTGOING, NULL, now);
	expect("down transport", SESSION_IDLE);
	/* the peer may come back at once */
	assert_true(session_accept(s, now));
	session_tick(s, now);
	give_open(SESSION_INCOMING, false);
	give_keepalive(SESSION_INCOMING);
	expect("send in OPEN; send in KEEPALIVE; established in", SESSION_ESTABLISHED);
	/* and what the idle hold timer would have begun does not begin */
	tick_after(2000);
	expect("", SESSION_ESTABLISHED);
}

static void test_rfc4271_6_8_incoming_while_established(void **state)
{
	(void)state;
	to_established(false);
	assert_true(session_accept(s, now));
	session_tick(s, now);
	expect("send in OPEN", SESSION_ESTABLISHED);
	give_open(SESSION_INCOMING, false);
	expect("send in Cease/Connection Collision Resolution; close in", SESSION_ESTABLISHED);
	assert_true(session_accept(s, now));
	session_closed(s, SESSION_INCOMING, NULL, now);
	expect("", SESSION_ESTABLISHED);
}

static void test_rfc4724_4_2_incoming_while_established(void **state)
{
	(void)state;
	config.graceful_restart = true;
	to_established(true);
	/* at the same moment it is a collision */
	assert_true(session_accept(s, now));
	session_tick(s, now);
	give_open(SESSION_INCOMING, true);
	expect("send in OPEN; send in Cease/Connection Collision Resolution; close in",
	       SESSION_ESTABLISHED);
	tick_after(1000);
	assert_true(session_accept(s, now));
	expect("close out; down replaced retain", SESSION_ACTIVE);
	session_tick(s, now);
	give_open(SESSION_INCOMING, true);
	give_keepalive(SESSION_INCOMING);
	expect("send in OPEN; send in KEEPALIVE; established in", SESSION_ESTABLISHED);
	/* again, now on the same side */
	tick_after(1000);
	assert_true(session_accept(s, now));
	expect("close in; down replaced retain", SESSION_ACTIVE);
	/* and it does not come to anything: we try ourselves */
	session_closed(s, SESSION_INCOMING, NULL, now);
	tick_after(1000);
	expect("connect", SESSION_CONNECT);
}

static void test_second_incoming_before_established_replaces(void **state)
{
	(void)state;
	config.passive = true;
	open_session();
	assert_true(session_accept(s, now));
	session_tick(s, now);
	assert_true(session_accept(s, now));
	expect("send in OPEN; send in Cease/Connection Collision Resolution; close in",
	       SESSION_ACTIVE);
	give_open(SESSION_INCOMING, false);
	assert_true(session_accept(s, now));
	expect("send in OPEN; send in KEEPALIVE; send in Cease/Connection Collision Resolution; "
	       "close in",
	       SESSION_ACTIVE);
}

static void test_rfc8538_received_notifications(void **state)
{
	(void)state;
	config.graceful_restart = true;
	to_established(true); /* without the N bit */
	give(SESSION_OUTGOING, BGP_NOTIFICATION, "\6\4", 2);
	expect("close out; down received", SESSION_IDLE);
	assert_string_equal(session_last_error(s), "received Cease/Administrative Reset");
}

static void test_idle_hold_time_doubles_up_to_60_s(void **state)
{
	static const unsigned holds_s[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };

	(void)state;
	open_session();
	for (size_t i = 0; i < ARRAY_SIZE(holds_s); i++) {
		int64_t wait_ms;

		session_connected(s, now);
		give(SESSION_OUTGOING, BGP_KEEPALIVE, NULL, 0);
		wait_ms = duration_to_ms(instant_diff(session_deadline(s), now));
		assert_in_range(wait_ms, holds_s[i] * 750 - 1, holds_s[i] * 1000);
		run(holds_s[i] * 1000);
		assert_int_equal(session_state(s), SESSION_CONNECT);
	}
	/* a session that is soon lost changes nothing, one that lasts begins anew */
	session_connected(s, now);
	give_open(SESSION_OUTGOING, false);
	give_keepalive(SESSION_OUTGOING);
	session_closed(s, SESSION_OUTGOING, NULL, now);
	assert_in_range(duration_to_ms(instant_diff(session_deadline(s), now)), 44999, 60000);
	run(60000);
	session_connected(s, now);
	give_open(SESSION_OUTGOING, false);
	give_keepalive(SESSION_OUTGOING);
	run(60000);
	session_closed(s, SESSION_OUTGOING, NULL, now);
	assert_in_range(duration_to_ms(instant_diff(session_deadline(s), now)), 749, 1000);
}

static void test_the_last_notifications_are_kept(void **state)
{
	static const uint8_t limit[] = { 6, 1, 0, 1, 1, 0, 0, 0, 10 };
	const struct session_notification *last;
	struct bgp_notification n;

	(void)state;
	to_established(false);
	assert_null(session_last_notification(s, false));
	assert_null(session_last_notification(s, true));
	give(SESSION_OUTGOING, BGP_NOTIFICATION, limit, sizeof(limit));
	last = session_last_notification(s, true);
	assert_int_equal(last->code, 6);
	assert_int_equal(last->subcode, 1);
	assert_int_equal(last->data_length, 7);
	assert_memory_equal(last->data, limit + 2, 7);
	assert_string_equal(session_last_error(s),
			    "received Cease/Maximum Number of Prefixes Reached (ipv4-unicast, 10): "
			    "we announce more than the peer's limit");
	assert_false(session_is_refusing(s));
	assert_true(instant_is_never(session_refused_until(s)));
	assert_int_equal(session_next_attempt(s).ns, session_deadline(s).ns);
	run(1000);
	session_connected(s, now);
	give_open(SESSION_OUTGOING, false);
	give_keepalive(SESSION_OUTGOING);
	assert_true(instant_is_never(session_next_attempt(s)));
	bgp_notification_set(&n, BGP_CEASE, BGP_CEASE_REJECTED, NULL, 0);
	session_reset(s, &n, now);
	last = session_last_notification(s, false);
	assert_int_equal(last->code, 6);
	assert_int_equal(last->subcode, 5);
	assert_true(session_is_refusing(s));
	assert_int_equal(session_refused_until(s).ns, session_deadline(s).ns);
	run(2000);
	assert_false(session_is_refusing(s));
}

static void test_why_a_connection_came_to_nothing(void **state)
{
	uint32_t errors;

	(void)state;
	open_session();
	errors = session_error_count(s);
	session_connect_failed(s, "Connection refused", now);
	assert_string_equal(session_last_error(s), "connecting failed: Connection refused");
	assert_int_not_equal(session_error_count(s), errors);
	run(1000);
	session_connected(s, now);
	session_closed(s, SESSION_OUTGOING, "Connection reset by peer", now);
	assert_string_equal(session_last_error(s),
			    "the connection was closed in OpenSent: Connection reset by peer");
	session_note_refusal(s, "from too far");
	assert_string_equal(session_last_error(s), "from too far");
	run(2000);
	session_connected(s, now);
	give_open(SESSION_OUTGOING, false);
	give_keepalive(SESSION_OUTGOING);
	session_note_refusal(s, "of another");
	assert_string_equal(session_last_error(s), "from too far");
}

static void test_a_stall_of_our_own_does_not_end_the_session(void **state)
{
	(void)state;
	to_established(false);
	tick_after(200000);
	expect("send out KEEPALIVE", SESSION_ESTABLISHED);
	/* what was waiting is read */
	give_keepalive(SESSION_OUTGOING);
	run(89000);
	assert_int_equal(session_state(s), SESSION_ESTABLISHED);
	/* nothing was waiting: the peer is gone */
	tick_after(100000);
	assert_int_equal(session_state(s), SESSION_ESTABLISHED);
	run(10000);
	assert_int_equal(session_state(s), SESSION_IDLE);
}

static void test_a_peer_that_does_not_wait_for_a_delayed_open(void **state)
{
	(void)state;
	config.graceful_restart = config.restarting = true;
	open_session();
	session_connected(s, now);
	expect("connect", SESSION_CONNECT);
	give_open(SESSION_OUTGOING, true);
	expect("", SESSION_OPEN_CONFIRM);
	give_keepalive(SESSION_OUTGOING);
	expect("send out OPEN; send out KEEPALIVE; established out", SESSION_ESTABLISHED);
	run(2000);
	expect("", SESSION_ESTABLISHED);
}

static void test_reset_ends_both_connections(void **state)
{
	struct bgp_notification n;

	(void)state;
	open_session();
	session_connected(s, now);
	assert_true(session_accept(s, now));
	session_tick(s, now);
	expect("connect; send out OPEN; send in OPEN", SESSION_OPEN_SENT);
	bgp_notification_set(&n, BGP_CEASE, BGP_CEASE_CONFIGURATION_CHANGE, NULL, 0);
	session_reset(s, &n, now);
	expect("send out Cease/Other Configuration Change; close out; "
	       "send in Cease/Other Configuration Change; close in",
	       SESSION_IDLE);
	run(1000);
	expect("connect", SESSION_CONNECT);
}

static void test_shutdown_communication_is_cut_between_characters(void **state)
{
	char text[400], wanted[400];

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(text); i++)
		text[i] = "\xc3\xa9"[i % 2];
	text[sizeof(text) - 1] = '\0';
	to_established(false);
	session_stop(s, BGP_CEASE_SHUTDOWN, text, now);
	/* of 255 octets that it may have, 127 characters take 254 */
	snprintf(wanted, sizeof(wanted), "Administrative Shutdown \"%.254s\"", text);
	assert_non_null(strstr(buf_text(&log_text), wanted));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_idle_ignores_everything),
		CASE(test_start_twice_is_once),
		CASE(test_passive_start),
		CASE(test_accepted_and_spoken_to_before_the_tick),
		CASE(test_connect_stop),
		CASE(test_connect_fails_and_is_retried),
		CASE(test_open_sent_hold_timer),
		CASE(test_open_sent_transport_fails),
		CASE(test_rfc6608_messages_in_open_sent),
		CASE(test_open_confirm_keepalives_and_hold_timer),
		CASE(test_hold_time_0_does_not_wait_for_ever_in_open_confirm),
		CASE(test_open_confirm_transport_fails),
		CASE(test_rfc6608_messages_in_open_confirm),
		CASE(test_established_update_and_refresh),
		CASE(test_messages_behind_the_fatal_one_are_dropped),
		CASE(test_partial_messages_are_left),
		CASE(test_a_bad_header_is_seen_as_soon_as_it_is_there),
		CASE(test_established_transport_fails),
		CASE(test_rfc4271_6_8_incoming_while_established),
		CASE(test_rfc4724_4_2_incoming_while_established),
		CASE(test_second_incoming_before_established_replaces),
		CASE(test_rfc8538_received_notifications),
		CASE(test_idle_hold_time_doubles_up_to_60_s),
		CASE(test_the_last_notifications_are_kept),
		CASE(test_why_a_connection_came_to_nothing),
		CASE(test_a_stall_of_our_own_does_not_end_the_session),
		CASE(test_a_peer_that_does_not_wait_for_a_delayed_open),
		CASE(test_reset_ends_both_connections),
		CASE(test_shutdown_communication_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

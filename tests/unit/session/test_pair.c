/*
 * Tests of session: two sessions back to back, on virtual time.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "network.h"

static struct network net;

static void start_both(void)
{
	network_open(&net);
	session_start(net.hosts[0].session, net.now);
	session_start(net.hosts[1].session, net.now);
}

/* The second host only listens. */
static void start_active_passive(bool graceful_restart)
{
	network_init(&net);
	net.hosts[1].config.passive = true;
	net.hosts[0].config.graceful_restart = graceful_restart;
	net.hosts[1].config.graceful_restart = graceful_restart;
	start_both();
	network_run(&net, duration_seconds(1));
}

static void assert_states(enum session_state a, enum session_state b)
{
	assert_string_equal(session_state_name(session_state(net.hosts[0].session)),
			    session_state_name(a));
	assert_string_equal(session_state_name(session_state(net.hosts[1].session)),
			    session_state_name(b));
}

static void assert_up(void)
{
	assert_states(SESSION_ESTABLISHED, SESSION_ESTABLISHED);
}

static void give(unsigned host, enum session_side side, const char *type_and_body, size_t length)
{
	struct link *l = network_link(&net, host, side);
	struct end *end = l->ends[0].host == &net.hosts[host] ? &l->ends[0] : &l->ends[1];
	uint8_t bytes[4096];
	struct writer w = writer_of(bytes, sizeof(bytes));

	bgp_header_encode(&w, (uint16_t)(BGP_HEADER_BYTES + length - 1),
			  (enum bgp_type)type_and_body[0]);
	writer_bytes(&w, type_and_body + 1, length - 1);
	buf_add(&end->in, bytes, writer_length(&w));
}

#define GIVE(host, side, text) give(host, side, text, sizeof(text) - 1)

static void test_active_and_passive(void **state)
{
	const struct session_negotiated *n;

	(void)state;
	start_active_passive(false);
	assert_up();
	assert_int_equal(net.hosts[0].established, 1);
	assert_int_equal(net.hosts[1].established, 1);
	assert_int_equal(net.hosts[0].connects, 1);
	assert_int_equal(net.hosts[1].connects, 0);
	n = session_negotiated(net.hosts[0].session);
	assert_true(n->ibgp && n->receive.as4 && n->send.as4 && n->families[BGP_IPV4_UNICAST]);
	assert_false(n->families[BGP_IPV6_UNICAST]);
	assert_true(n->receive.not_negotiated[BGP_IPV6_UNICAST]);
	assert_int_equal(n->hold_time_s, 90);
	assert_int_equal(n->peer_router_id, 0x0a000002);
	assert_int_equal(session_established_side(net.hosts[0].session), SESSION_OUTGOING);
	assert_int_equal(session_established_side(net.hosts[1].session), SESSION_INCOMING);
	network_done(&net);
}

static void test_octet_by_octet(void **state)
{
	(void)state;
	network_init(&net);
	net.chunk = 1;
	net.hosts[1].config.passive = true;
	start_both();
	network_run(&net, duration_seconds(1));
	assert_up();
	network_run(&net, duration_seconds(300));
	assert_up();
	network_done(&net);
}

static void test_stays_up_for_an_hour(void **state)
{
	const struct session_counters *c;

	(void)state;
	start_active_passive(false);
	network_run(&net, duration_seconds(3600));
	assert_up();
	assert_int_equal(net.hosts[0].downs, 0);
	c = session_counters(net.hosts[0].session);
	/* each 22.5 to 30 s */
	assert_in_range(c->sent[BGP_KEEPALIVE], 120, 161);
	assert_in_range(c->received[BGP_KEEPALIVE], 120, 161);
	assert_int_equal(c->sent[BGP_OPEN], 1);
	network_done(&net);
}

static void test_rfc4271_4_2_hold_time_0(void **state)
{
	(void)state;
	network_init(&net);
	net.hosts[0].config.hold_time_s = 0;
	net.hosts[1].config.passive = true;
	start_both();
	network_run(&net, duration_seconds(7200));
	assert_up();
	assert_int_equal(session_counters(net.hosts[0].session)->sent[BGP_KEEPALIVE], 1);
	assert_true(instant_is_never(session_deadline(net.hosts[0].session)));
	network_done(&net);
}

static void test_rfc4271_4_2_smaller_hold_time_counts(void **state)
{
	(void)state;
	network_init(&net);
	net.hosts[0].config.hold_time_s = 9;
	net.hosts[1].config.passive = true;
	start_both();
	network_run(&net, duration_seconds(60));
	assert_up();
	assert_int_equal(session_negotiated(net.hosts[1].session)->hold_time_s, 9);
	network_done(&net);
}

static void test_rfc4271_6_8_both_active(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < 50; seed++) {
		network_init(&net);
		net.hosts[0].config.jitter_seed = seed;
		net.hosts[1].config.jitter_seed = 1000 + seed;
		net.chunk = 1 + seed % 30;
		/* whoever has the higher identifier */
		if (seed % 2 == 1)
			net.hosts[0].config.router_id = 0x0a000009;
		start_both();
		network_run(&net, duration_seconds(30));
		assert_up();
		/* on one and the same connection */
		assert_int_not_equal(session_established_side(net.hosts[0].session),
				     session_established_side(net.hosts[1].session));
		network_run(&net, duration_seconds(300));
		/* and it was the first that was established */
		assert_int_equal(net.hosts[0].downs + net.hosts[1].downs, 0);
		assert_int_equal(net.hosts[0].established + net.hosts[1].established, 2);
		assert_up();
		network_done(&net);
	}
}

/* With a distance between the two, whoever starts first, and by however much. */
static void test_rfc4271_6_8_both_active_far_apart(void **state)
{
	static const int64_t latencies_ms[] = { 1, 20, 150 };
	unsigned flaps = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(latencies_ms); i++)
		for (unsigned step = 0; step <= 80; step++) {
			int64_t lead_ns = duration_ms(latencies_ms[i]).ns * step / 10;

			network_init(&net);
			net.latency = duration_ms(latencies_ms[i]);
			net.hosts[0].config.router_id = step % 2 == 0 ? 0x0a000009 : 0x0a000001;
			network_open(&net);
			session_start(net.hosts[0].session, net.now);
			if (lead_ns != 0)
				network_run(&net, (duration_t){ lead_ns });
			session_start(net.hosts[1].session, net.now);
			network_run(&net, duration_seconds(30));
			assert_up();
			assert_int_not_equal(session_established_side(net.hosts[0].session),
					     session_established_side(net.hosts[1].session));
			flaps += net.hosts[0].downs + net.hosts[1].downs;
			network_done(&net);
		}
	assert_int_equal(flaps, 0);
}

/* Both connections are in OpenConfirm before either is resolved: the one that the side with the
 * higher identifier opened stays. */
static void collision(uint32_t id_a, uint32_t id_b, uint32_t as_a, uint32_t as_b,
		      enum session_side side_of_a)
{
	network_init(&net);
	net.hosts[0].config.router_id = id_a;
	net.hosts[1].config.router_id = id_b;
	net.hosts[0].config.local_as.number = net.hosts[1].config.peer_as.number = as_a;
	net.hosts[1].config.local_as.number = net.hosts[0].config.peer_as.number = as_b;
	net.hold = true;
	start_both();
	network_deliver(&net);
	assert_states(SESSION_CONNECT, SESSION_CONNECT);
	net.hold = false;
	network_run(&net, duration_seconds(1));
	assert_up();
	assert_int_equal(session_established_side(net.hosts[0].session), side_of_a);
	assert_int_equal(net.hosts[0].downs + net.hosts[1].downs, 0);
	network_done(&net);
}

static void test_rfc4271_6_8_higher_identifier_wins(void **state)
{
	(void)state;
	collision(0x0a000001, 0x0a000002, 65000, 65000, SESSION_INCOMING);
	collision(0x0a000002, 0x0a000001, 65000, 65000, SESSION_OUTGOING);
	collision(0x01000002, 0xf0000001, 65000, 65001, SESSION_INCOMING);
}

static void test_rfc6286_2_3_higher_as_wins(void **state)
{
	(void)state;
	collision(0x0a000001, 0x0a000001, 65000, 65001, SESSION_INCOMING);
	collision(0x0a000001, 0x0a000001, 4200000000, 65001, SESSION_OUTGOING);
}

static void test_rfc4271_6_5_hold_timer(void **state)
{
	(void)state;
	start_active_passive(false);
	for (size_t i = 0; i < net.link_count; i++)
		net.links[i].cut = true;
	network_run(&net, duration_seconds(85));
	assert_up();
	network_run(&net, duration_seconds(6));
	assert_int_equal(net.hosts[0].reason, SESSION_DOWN_HOLD_TIMER);
	assert_int_equal(net.hosts[1].reason, SESSION_DOWN_HOLD_TIMER);
	assert_false(net.hosts[0].retain);
	assert_string_equal(session_last_error(net.hosts[0].session),
			    "the hold timer expired in Established");
	/* and comes back */
	network_run(&net, duration_seconds(10));
	assert_up();
	network_done(&net);
}

static void test_unread_input_is_life(void **state)
{
	(void)state;
	start_active_passive(false);
	for (size_t i = 0; i < net.link_count; i++)
		net.links[i].cut = true;
	network_run(&net, duration_seconds(80));
	session_input_pending(net.hosts[0].session, net.now);
	session_input_pending(net.hosts[1].session, net.now);
	network_run(&net, duration_seconds(80));
	assert_up();
	network_run(&net, duration_seconds(11));
	assert_int_equal(net.hosts[0].downs, 1);
	network_done(&net);
}

static void test_rfc9687_4_send_hold_timer(void **state)
{
	(void)state;
	network_init(&net);
	net.hosts[1].config.passive = true;
	net.hosts[0].config.send_hold_s = 100;
	start_both();
	network_run(&net, duration_seconds(1));
	net.hosts[0].stuck = true;
	session_sent(net.hosts[0].session, true, net.now);
	network_run(&net, duration_seconds(99));
	assert_int_equal(net.hosts[0].downs, 0);
	/* progress starts it anew */
	session_sent(net.hosts[0].session, true, net.now);
	network_run(&net, duration_seconds(99));
	assert_int_equal(net.hosts[0].downs, 0);
	network_run(&net, duration_seconds(2));
	assert_int_equal(net.hosts[0].reason, SESSION_DOWN_SEND_HOLD_TIMER);
	assert_int_equal(net.hosts[1].reason, SESSION_DOWN_NOTIFICATION_RECEIVED);
	assert_string_equal(session_last_error(net.hosts[1].session),
			    "received Send Hold Timer Expired");
	network_done(&net);
}

static void test_rfc9687_4_nothing_pending_disarms(void **state)
{
	(void)state;
	network_init(&net);
	net.hosts[1].config.passive = true;
	net.hosts[0].config.send_hold_s = 100;
	start_both();
	network_run(&net, duration_seconds(1));
	network_run(&net, duration_seconds(1000));
	assert_up();
	assert_int_equal(net.hosts[0].downs, 0);
	network_done(&net);
}

static void test_rfc9003_stop_with_words(void **state)
{
	(void)state;
	start_active_passive(false);
	session_stop(net.hosts[0].session, BGP_CEASE_SHUTDOWN, "maintenance", net.now);
	network_deliver(&net);
	assert_int_equal(net.hosts[0].reason, SESSION_DOWN_ADMIN);
	assert_int_equal(net.hosts[1].reason, SESSION_DOWN_NOTIFICATION_RECEIVED);
	assert_string_equal(session_last_error(net.hosts[1].session),
			    "received Cease/Administrative Shutdown \"maintenance\"");
	network_run(&net, duration_seconds(600));
	assert_states(SESSION_IDLE, SESSION_ACTIVE);
	assert_true(instant_is_never(session_deadline(net.hosts[0].session)));
	session_start(net.hosts[0].session, net.now);
	network_run(&net, duration_seconds(10));
	assert_up();
	network_done(&net);
}

static void test_rfc8538_3_1_shutdown_is_a_hard_reset(void **state)
{
	(void)state;
	start_active_passive(true);
	session_stop(net.hosts[0].session, BGP_CEASE_SHUTDOWN, NULL, net.now);
	network_deliver(&net);
	assert_string_equal(session_last_error(net.hosts[1].session),
			    "received Cease/Hard Reset: Cease/Administrative Shutdown");
	assert_false(net.hosts[1].retain);
	assert_false(net.hosts[0].retain);
	network_done(&net);
}

static void test_reset_comes_back(void **state)
{
	struct bgp_notification n;

	(void)state;
	start_active_passive(false);
	bgp_notification_set(&n, BGP_CEASE, BGP_CEASE_MAXIMUM_PREFIXES, NULL, 0);
	session_reset(net.hosts[0].session, &n, net.now);
	network_deliver(&net);
	assert_int_equal(net.hosts[0].reason, SESSION_DOWN_NOTIFICATION_SENT);
	assert_string_equal(session_last_error(net.hosts[0].session),
			    "sent Cease/Maximum Number of Prefixes Reached");
	assert_states(SESSION_IDLE, SESSION_ACTIVE);
	network_run(&net, duration_seconds(2));
	assert_up();
	network_done(&net);
}

static void test_rfc4724_4_2_transport_loss_retains(void **state)
{
	(void)state;
	start_active_passive(true);
	assert_true(session_negotiated(net.hosts[0].session)->peer.graceful_restart);
	assert_true(session_negotiated(net.hosts[0].session)->peer.notification_restart);
	assert_false(session_negotiated(net.hosts[0].session)->peer.restarting);
	network_break(&net);
	assert_int_equal(net.hosts[0].reason, SESSION_DOWN_TRANSPORT);
	assert_true(net.hosts[0].retain && net.hosts[1].retain);
	network_run(&net, duration_seconds(3));
	assert_up();
	network_done(&net);
	start_active_passive(false);
	network_break(&net);
	assert_false(net.hosts[0].retain || net.hosts[1].retain);
	network_done(&net);
}

static void test_rfc4724_3_restart_bit(void **state)
{
	const struct bgp_capabilities *peer;

	(void)state;
	network_init(&net);
	net.hosts[1].config.passive = true;
	net.hosts[0].config.graceful_restart = net.hosts[1].config.graceful_restart = true;
	net.hosts[0].config.restarting = true;
	start_both();
	network_run(&net, duration_seconds(1));
	peer = &session_negotiated(net.hosts[1].session)->peer;
	assert_true(peer->restarting && peer->restart_forwarding[BGP_IPV4_UNICAST]);
	assert_int_equal(peer->restart_time_s, 120);
	session_set_restarting(net.hosts[0].session, false);
	network_break(&net);
	network_run(&net, duration_seconds(3));
	peer = &session_negotiated(net.hosts[1].session)->peer;
	assert_true(!peer->restarting && peer->graceful_restart);
	assert_false(peer->restart_forwarding[BGP_IPV4_UNICAST]);
	network_done(&net);
}

static void test_rfc8538_4_hold_timer_retains(void **state)
{
	(void)state;
	start_active_passive(true);
	for (size_t i = 0; i < net.link_count; i++)
		net.links[i].cut = true;
	network_run(&net, duration_seconds(91));
	assert_int_equal(net.hosts[0].reason, SESSION_DOWN_HOLD_TIMER);
	assert_true(net.hosts[0].retain && net.hosts[1].retain);
	network_done(&net);
}

static void test_rfc8538_4_notification_retains(void **state)
{
	(void)state;
	start_active_passive(true);
	session_stop(net.hosts[0].session, BGP_CEASE_ADMIN_RESET, NULL, net.now);
	network_deliver(&net);
	assert_int_equal(net.hosts[1].reason, SESSION_DOWN_NOTIFICATION_RECEIVED);
	assert_true(net.hosts[1].retain);
	network_done(&net);
	start_active_passive(true);
	net.hosts[1].update_fails = true;
	GIVE(1, SESSION_INCOMING, "\2\0\0\0\0");
	network_deliver(&net);
	assert_int_equal(net.hosts[1].reason, SESSION_DOWN_NOTIFICATION_SENT);
	assert_true(net.hosts[1].retain && net.hosts[0].retain);
	network_done(&net);
}

/* The peer forgets its connection (power loss) and comes back. */
static void test_rfc4724_4_2_restarted_peer_replaces(void **state)
{
	struct session *old;

	(void)state;
	start_active_passive(true);
	network_run(&net, duration_seconds(5));
	assert_up();
	for (size_t i = 0; i < net.link_count; i++) {
		net.links[i].cut = true;
		net.links[i].ends[0].host = NULL;
	}
	old = net.hosts[0].session;
	net.hosts[0].session = NULL;
	session_free(old);
	old = net.hosts[1].session;
	network_open(&net);
	session_free(net.hosts[1].session);
	net.hosts[1].session = old;
	session_start(net.hosts[0].session, net.now);
	network_run(&net, duration_seconds(1));
	assert_up();
	assert_int_equal(net.hosts[1].downs, 1);
	assert_int_equal(net.hosts[1].reason, SESSION_DOWN_REPLACED);
	assert_true(net.hosts[1].retain);
	assert_int_equal(net.hosts[1].established, 2);
	network_done(&net);
}

static void test_without_graceful_restart_the_old_one_stays(void **state)
{
	(void)state;
	start_active_passive(false);
	network_run(&net, duration_seconds(5));
	assert_false(session_accept(net.hosts[1].session, net.now));
	assert_int_equal(session_refusal(net.hosts[1].session), BGP_CEASE_COLLISION);
	assert_up();
	network_done(&net);
}

static void test_rfc4271_6_2_bad_peer_as(void **state)
{
	(void)state;
	network_init(&net);
	net.hosts[1].config.passive = true;
	net.hosts[1].config.peer_as.number = 65009;
	start_both();
	network_run(&net, duration_ms(100));
	assert_string_equal(session_last_error(net.hosts[1].session),
			    "sent OPEN Message Error/Bad Peer AS: its OPEN says AS 65000, "
			    "peer-as is 65009");
	assert_string_equal(session_last_error(net.hosts[0].session),
			    "received OPEN Message Error/Bad Peer AS: the peer is configured with "
			    "another AS number than our local-as");
	assert_states(SESSION_IDLE, SESSION_IDLE);
	assert_int_equal(net.hosts[0].established, 0);
	network_done(&net);
}

static void test_rfc4271_6_2_equal_identifiers(void **state)
{
	(void)state;
	network_init(&net);
	net.hosts[1].config.passive = true;
	net.hosts[1].config.router_id = net.hosts[0].config.router_id;
	start_both();
	network_run(&net, duration_ms(100));
	assert_string_equal(session_last_error(net.hosts[1].session),
			    "sent OPEN Message Error/Bad BGP Identifier: it has the same "
			    "identifier as our router-id");
	network_done(&net);
}

static void test_rfc5492_5_no_common_family(void **state)
{
	(void)state;
	network_init(&net);
	net.hosts[1].config.passive = true;
	net.hosts[1].config.families[BGP_IPV4_UNICAST] = false;
	net.hosts[1].config.families[BGP_IPV6_UNICAST] = true;
	start_both();
	network_run(&net, duration_ms(100));
	assert_string_equal(session_last_error(net.hosts[1].session),
			    "sent OPEN Message Error/Unsupported Capability: it offers none of our "
			    "families");
	network_done(&net);
}

static void test_idle_hold_doubles(void **state)
{
	(void)state;
	network_init(&net);
	net.hosts[1].config.passive = true;
	net.hosts[1].config.peer_as.number = 65009;
	start_both();
	network_run(&net, duration_seconds(600));
	/* 1 + 2 + 4 + 8 + 16 + 32 + 60 ... with jitter, and some refused in between */
	assert_in_range(net.hosts[0].connects, 10, 150);
	network_done(&net);
}

static void test_connect_retry(void **state)
{
	(void)state;
	network_init(&net);
	net.hosts[1].config.passive = true;
	net.hosts[1].reachable = false;
	start_both();
	network_run(&net, duration_seconds(100));
	assert_states(SESSION_ACTIVE, SESSION_ACTIVE);
	/* at first sooner, then each 3.75 to 5 s */
	assert_in_range(net.hosts[0].connects, 21, 30);
	net.hosts[1].reachable = true;
	network_run(&net, duration_seconds(6));
	assert_up();
	network_done(&net);
}

static void test_connect_that_never_ends_is_tried_again(void **state)
{
	(void)state;
	network_init(&net);
	net.hosts[1].config.passive = true;
	net.hold = true;
	start_both();
	network_run(&net, duration_seconds(20));
	assert_in_range(net.hosts[0].connects, 5, 7);
	net.hold = false;
	network_run(&net, duration_seconds(6));
	assert_up();
	network_done(&net);
}

static void test_rfc4271_8_messages_in_the_wrong_state(void **state)
{
	static const struct {
		const char *message;
		size_t length;
		const char *text;
	} rows[] = {
		{ "\1\4\xfd\xe8\0\x5a\x0a\0\0\2\0", 11,
		  "sent Finite State Machine Error/Unexpected Message in Established State" },
		{ "\2\0\0", 3, "sent Message Header Error/Bad Message Length" },
		{ "\x63", 1, "sent Message Header Error/Bad Message Type" },
		{ "\5\0", 2, "sent Message Header Error/Bad Message Length" },
		{ "\3\6\4", 3, "received Cease/Administrative Reset" },
		{ "\3\x63\x63", 3, "received code 99 subcode 99" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		start_active_passive(false);
		give(1, SESSION_INCOMING, rows[i].message, rows[i].length);
		network_deliver(&net);
		assert_string_equal(session_last_error(net.hosts[1].session), rows[i].text);
		assert_int_equal(net.hosts[1].downs, 1);
		network_run(&net, duration_seconds(20));
		assert_up();
		network_done(&net);
	}
}

static void test_rfc8654_4_extended_messages(void **state)
{
	const struct session_negotiated *a, *b;

	(void)state;
	network_init(&net);
	net.hosts[1].config.passive = true;
	net.hosts[0].config.extended_messages = true;
	start_both();
	network_run(&net, duration_seconds(1));
	a = session_negotiated(net.hosts[0].session);
	b = session_negotiated(net.hosts[1].session);
	assert_int_equal(a->receive.message_bytes_max, 65535);
	assert_int_equal(a->send.message_bytes_max, 4096);
	assert_int_equal(b->receive.message_bytes_max, 4096);
	assert_int_equal(b->send.message_bytes_max, 65535);
	network_done(&net);
}

static void test_rfc7911_4_add_path(void **state)
{
	const struct session_negotiated *a, *b;

	(void)state;
	network_init(&net);
	net.hosts[1].config.passive = true;
	net.hosts[0].config.addpath_send[BGP_IPV4_UNICAST] = true;
	net.hosts[0].config.addpath_receive[BGP_IPV4_UNICAST] = true;
	net.hosts[1].config.addpath_receive[BGP_IPV4_UNICAST] = true;
	net.hosts[1].config.addpath_send[BGP_IPV6_UNICAST] = true; /* not a family of theirs */
	start_both();
	network_run(&net, duration_seconds(1));
	a = session_negotiated(net.hosts[0].session);
	b = session_negotiated(net.hosts[1].session);
	assert_true(a->send.addpath[BGP_IPV4_UNICAST] && b->receive.addpath[BGP_IPV4_UNICAST]);
	assert_false(a->receive.addpath[BGP_IPV4_UNICAST] || b->send.addpath[BGP_IPV4_UNICAST]);
	assert_false(a->receive.addpath[BGP_IPV6_UNICAST] || b->send.addpath[BGP_IPV6_UNICAST]);
	network_done(&net);
}

/* Everything that there is to say needs more than 255 octets of parameters. */
static void test_rfc9072_2_everything(void **state)
{
	(void)state;
	network_init(&net);
	net.hosts[1].config.passive = true;
	for (size_t h = 0; h < 2; h++) {
		struct session_config *c = &net.hosts[h].config;

		c->graceful_restart = c->long_lived = true;
		c->long_lived_stale_time_s = 16777215;
		c->enhanced_refresh = c->extended_messages = c->multiple_labels = true;
		c->hostname = "a-name-of-sixty-four-octets-0123456789-0123456789-0123456789-012";
		c->domain_name = "another-name-of-64-octets-0123456789-0123456789-0123456789-01234";
		c->software_version = "Heliostat/0";
		for (size_t f = 0; f < BGP_FAMILY_COUNT; f++)
			c->families[f] = c->addpath_receive[f] = c->addpath_send[f] =
				c->extended_next_hop[f] = true;
	}
	start_both();
	network_run(&net, duration_seconds(1));
	assert_up();
	for (size_t h = 0; h < 2; h++) {
		const struct session_negotiated *n = session_negotiated(net.hosts[h].session);

		assert_true(n->long_lived && n->notification_restart);
		assert_string_equal(n->peer.hostname, net.hosts[1 - h].config.hostname);
		assert_int_equal(strlen(n->peer.domain_name), 64);
		for (size_t f = 0; f < BGP_FAMILY_COUNT; f++) {
			assert_true(n->families[f] && n->receive.addpath[f] && n->send.addpath[f]);
			assert_int_equal(n->receive.extended_next_hop[f],
					 (bgp_family_info((enum bgp_family)f)->next_hop &
					  BGP_NEXT_HOP_V6_NEGOTIATED) != 0);
			assert_int_equal(n->receive.labels_max[f],
					 bgp_family_is_labeled((enum bgp_family)f) ? 255 : 0);
			assert_int_equal(n->send.labels_max[f], n->receive.labels_max[f]);
			assert_int_equal(n->peer.long_lived_time_s[f], 16777215);
			assert_true(n->peer.restart_families[f]);
		}
	}
	network_done(&net);
}

static void test_refresh(void **state)
{
	(void)state;
	network_init(&net);
	net.hosts[1].config.passive = true;
	net.hosts[0].config.enhanced_refresh = net.hosts[1].config.enhanced_refresh = true;
	start_both();
	network_run(&net, duration_seconds(1));
	GIVE(1, SESSION_INCOMING, "\5\0\1\0\1");
	network_deliver(&net);
	assert_int_equal(net.hosts[1].refreshes, 1);
	assert_int_equal(net.hosts[1].refresh_family, BGP_IPV4_UNICAST);
	GIVE(1, SESSION_INCOMING, "\5\0\1\2\1");
	network_deliver(&net);
	assert_int_equal(net.hosts[1].refresh_subtype, 2);
	/* not negotiated, unknown, subtype unknown */
	GIVE(1, SESSION_INCOMING, "\5\0\2\0\1");
	GIVE(1, SESSION_INCOMING, "\5\0\7\0\7");
	GIVE(1, SESSION_INCOMING, "\5\0\1\x9\1");
	network_deliver(&net);
	assert_int_equal(net.hosts[1].refreshes, 2);
	assert_up();
	network_done(&net);
}

/* What changes without a new session is said in the next OPEN; the texts are the session's own. */
static void test_another_configuration(void **state)
{
	char name[] = "first";
	struct session_config config;

	(void)state;
	network_init(&net);
	net.hosts[1].config.passive = true;
	net.hosts[0].config.hostname = name;
	start_both();
	network_run(&net, duration_seconds(1));
	assert_string_equal(session_negotiated(net.hosts[1].session)->peer.hostname, "first");
	config = net.hosts[0].config;
	memcpy(name, "other", sizeof(name));
	config.restart_time_s = 7;
	config.graceful_restart = true;
	config.connect_retry_s = 0;
	session_set_config(net.hosts[0].session, &config);
	memset(name, 'x', sizeof(name) - 1);
	network_run(&net, duration_seconds(100));
	assert_up();
	assert_int_equal(net.hosts[0].downs + net.hosts[1].downs, 0);
	assert_string_equal(session_negotiated(net.hosts[1].session)->peer.hostname, "first");
	network_break(&net);
	network_run(&net, duration_seconds(3));
	assert_up();
	assert_string_equal(session_negotiated(net.hosts[1].session)->peer.hostname, "other");
	assert_int_equal(session_negotiated(net.hosts[1].session)->peer.restart_time_s, 7);
	network_done(&net);
}

static void test_updates_are_handed_over(void **state)
{
	(void)state;
	start_active_passive(false);
	for (int i = 0; i < 10; i++)
		GIVE(1, SESSION_INCOMING, "\2\0\0\0\0");
	network_deliver(&net);
	assert_int_equal(net.hosts[1].updates, 10);
	assert_int_equal(session_counters(net.hosts[1].session)->received[BGP_UPDATE], 10);
	network_done(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_active_and_passive),
		cmocka_unit_test(test_octet_by_octet),
		cmocka_unit_test(test_stays_up_for_an_hour),
		cmocka_unit_test(test_rfc4271_4_2_hold_time_0),
		cmocka_unit_test(test_rfc4271_4_2_smaller_hold_time_counts),
		cmocka_unit_test(test_rfc4271_6_8_both_active),
		cmocka_unit_test(test_rfc4271_6_8_both_active_far_apart),
		cmocka_unit_test(test_rfc4271_6_8_higher_identifier_wins),
		cmocka_unit_test(test_rfc6286_2_3_higher_as_wins),
		cmocka_unit_test(test_rfc4271_6_5_hold_timer),
		cmocka_unit_test(test_unread_input_is_life),
		cmocka_unit_test(test_rfc9687_4_send_hold_timer),
		cmocka_unit_test(test_rfc9687_4_nothing_pending_disarms),
		cmocka_unit_test(test_rfc9003_stop_with_words),
		cmocka_unit_test(test_rfc8538_3_1_shutdown_is_a_hard_reset),
		cmocka_unit_test(test_reset_comes_back),
		cmocka_unit_test(test_rfc4724_4_2_transport_loss_retains),
		cmocka_unit_test(test_rfc4724_3_restart_bit),
		cmocka_unit_test(test_rfc8538_4_hold_timer_retains),
		cmocka_unit_test(test_rfc8538_4_notification_retains),
		cmocka_unit_test(test_rfc4724_4_2_restarted_peer_replaces),
		cmocka_unit_test(test_without_graceful_restart_the_old_one_stays),
		cmocka_unit_test(test_rfc4271_6_2_bad_peer_as),
		cmocka_unit_test(test_rfc4271_6_2_equal_identifiers),
		cmocka_unit_test(test_rfc5492_5_no_common_family),
		cmocka_unit_test(test_idle_hold_doubles),
		cmocka_unit_test(test_connect_retry),
		cmocka_unit_test(test_connect_that_never_ends_is_tried_again),
		cmocka_unit_test(test_rfc4271_8_messages_in_the_wrong_state),
		cmocka_unit_test(test_rfc8654_4_extended_messages),
		cmocka_unit_test(test_rfc7911_4_add_path),
		cmocka_unit_test(test_rfc9072_2_everything),
		cmocka_unit_test(test_refresh),
		cmocka_unit_test(test_another_configuration),
		cmocka_unit_test(test_updates_are_handed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

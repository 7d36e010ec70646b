/*
 * test_expect: which UPDATE stands behind the message at hand is said before that is given.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/writer.h"
#include "network.h"

static struct network net;

static int setup(void **state)
{
	(void)state;
	network_init(&net);
	net.hosts[1].config.passive = true;
	network_open(&net);
	for (unsigned i = 0; i < 2; i++)
		session_start(net.hosts[i].session, net.now);
	network_run(&net, duration_seconds(1));
	assert_int_equal(session_state(net.hosts[1].session), SESSION_ESTABLISHED);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	network_done(&net);
	return 0;
}

/* An UPDATE of so many octets, zeroes. */
static void add_update(struct writer *w, uint16_t length)
{
	bgp_header_encode(w, length, BGP_UPDATE);
	for (unsigned i = BGP_HEADER_BYTES; i < length; i++)
		writer_u8(w, 0);
}

static size_t give(const uint8_t *bytes, size_t length)
{
	return session_input(net.hosts[1].session, SESSION_INCOMING, bytes, length, net.now);
}

static void test_the_next_update(void **state)
{
	uint8_t bytes[256];
	struct writer w = writer_of(bytes, sizeof(bytes));
	const struct host *h = &net.hosts[1];

	(void)state;
	for (uint16_t length = 23; length < 26; length++)
		add_update(&w, length);
	assert_int_equal(give(bytes, 23), 23);
	assert_int_equal(h->expected, 0);
	assert_int_equal(give(bytes, 23 + 24 - 1), 23); /* the second is not here whole */
	assert_int_equal(h->expected, 0);
	assert_int_equal(give(bytes, 23 + 24), 23 + 24);
	assert_int_equal(h->expected, 1);
	assert_int_equal(h->expected_length, 24 - BGP_HEADER_BYTES);
	assert_int_equal(give(bytes, 23 + 24 + 25), 23 + 24 + 25);
	assert_int_equal(h->expected, 3);
	assert_int_equal(h->expected_length, 25 - BGP_HEADER_BYTES);
	assert_int_equal(h->updates, 1 + 1 + 2 + 3);
}

static void test_other_messages_and_bad_headers(void **state)
{
	uint8_t bytes[256];
	struct writer w = writer_of(bytes, sizeof(bytes));

	(void)state;
	add_update(&w, 23);
	bgp_keepalive_encode(&w);
	add_update(&w, 23);
	bytes[23 + 19 + 3] = 0; /* its marker */
	assert_int_equal(give(bytes, 23 + 19), 23 + 19);
	assert_int_equal(give(bytes, 23 + 19 + 23), 23 + 19 + 23);
	assert_int_equal(net.hosts[1].expected, 0);
	assert_int_equal(net.hosts[1].updates, 2);
	assert_int_equal(net.hosts[1].downs, 1);
}

static void test_none_after_a_reset(void **state)
{
	uint8_t bytes[256];
	struct writer w = writer_of(bytes, sizeof(bytes));

	(void)state;
	for (int i = 0; i < 3; i++)
		add_update(&w, 23);
	net.hosts[1].update_fails = true;
	give(bytes, writer_length(&w));
	assert_int_equal(net.hosts[1].updates, 1);
	assert_int_equal(net.hosts[1].expected, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_next_update, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_messages_and_bad_headers, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_none_after_a_reset, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

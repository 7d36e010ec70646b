/*
 * Tests of uapi: what is told to WireGuard, and what it answers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tunnel/uapi.h"

static struct tunnel_config config(void)
{
	struct tunnel_config c = {
		.endpoint_port = 51820, .listen_port = 51821, .keepalive_seconds = 25, .mark = 7
	};

	memset(c.private_key, 0x11, sizeof(c.private_key));
	memset(c.peer_public_key, 0xab, sizeof(c.peer_public_key));
	c.endpoint_address = ip_addr_v4(0xc6336409);
	return c;
}

static void set_is_whole(void **state UNUSED)
{
	struct tunnel_config c = config();
	struct buf buf;

	buf_init(&buf, 0);
	uapi_put_set(&buf, &c);
	assert_non_null(strstr(buf.data, "set=1\nprivate_key=1111"));
	assert_non_null(strstr(buf.data, "\nfwmark=7\nreplace_peers=true\npublic_key=abab"));
	assert_non_null(strstr(buf.data, "\nendpoint=198.51.100.9:51820\n"));
	assert_string_equal(buf.data + buf.length - strlen("allowed_ip=::/0\n\n"),
			    "allowed_ip=::/0\n\n");
	buf_done(&buf);
}

static void get_is_read(void **state UNUSED)
{
	static const char head[] =
		"private_key=1111111111111111111111111111111111111111111111111111"
		"111111111111\nlisten_port=51821\nfwmark=7\n";
	static const char peer[] =
		"public_key=abababababababababababababababababababababababababababababababab\n"
		"protocol_version=1\nlast_handshake_time_sec=1700000000\n"
		"last_handshake_time_nsec=5\nrx_bytes=10\ntx_bytes=20\n"
		"persistent_keepalive_interval=25\nendpoint=198.51.100.9:51820\n"
		"allowed_ip=0.0.0.0/0\nallowed_ip=::/0\nerrno=0\n\n";
	struct tunnel_config c = config();
	struct tunnel_state got;
	struct error e = { "" };
	char text[1024];

	snprintf(text, sizeof(text), "%s%s", head, peer);
	assert_int_equal(uapi_parse_get(text, &got, &e), 0);
	assert_memory_equal(got.config.private_key, c.private_key, sizeof(c.private_key));
	assert_memory_equal(got.config.peer_public_key, c.peer_public_key,
			    sizeof(c.peer_public_key));
	assert_true(ip_addr_equal(&got.config.endpoint_address, &c.endpoint_address));
	assert_int_equal(got.config.endpoint_port, 51820);
	assert_int_equal(got.config.listen_port, 51821);
	assert_int_equal(got.config.mark, 7);
	assert_int_equal(got.received_bytes, 10);
	assert_int_equal(got.sent_bytes, 20);
	assert_int_equal(got.handshake_seconds, 1700000000);
	assert_true(got.all_addresses);
	assert_int_equal(uapi_parse_get(head, &got, &e), -1);
	assert_int_equal(uapi_parse_get("listen_port=x\nerrno=0\n\n", &got, &e), -1);
	assert_non_null(strstr(e.text, "listen_port"));
	assert_int_equal(uapi_parse_set("errno=-98\n\n", &e), -1);
	assert_non_null(strstr(e.text, "Address already in use"));
	assert_int_equal(uapi_parse_set("errno=0\n\n", &e), 0);
}

static void wg_forms(void **state UNUSED)
{
	static const char dump[] =
		"ERERERERERERERERERERERERERERERERERERERERERE=\tpub\t51821\t0x7\n"
		"q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\t(none)\t198.51.100.9:51820\t"
		"0.0.0.0/0,::/0\t1700000000\t10\t20\t25\n";
	struct tunnel_config c = config();
	struct tunnel_state got;
	struct buf buf;

	buf_init(&buf, 0);
	uapi_put_wg_conf(&buf, &c);
	assert_non_null(strstr(buf.data, "PrivateKey = ERERERERERERERERERERERERERER"));
	assert_non_null(strstr(buf.data, "RERERERERERERE=\nListenPort"));
	assert_non_null(strstr(buf.data, "PublicKey = q6urq6urq6urq6urq6urq6urq6urq6urq6urq"));
	assert_non_null(strstr(buf.data, "urq6s=\nEndpoint"));
	assert_non_null(strstr(buf.data, "Endpoint = 198.51.100.9:51820\n"));
	buf_done(&buf);
	assert_int_equal(uapi_parse_wg_dump(dump, &got, NULL), 0);
	assert_memory_equal(got.config.private_key, c.private_key, sizeof(c.private_key));
	assert_memory_equal(got.config.peer_public_key, c.peer_public_key,
			    sizeof(c.peer_public_key));
	assert_int_equal(got.config.mark, 7);
	assert_int_equal(got.config.keepalive_seconds, 25);
	assert_int_equal(got.sent_bytes, 20);
	assert_true(got.all_addresses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_is_whole),
		cmocka_unit_test(get_is_read),
		cmocka_unit_test(wg_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_handover: sockets from the agent: requests, answers, refusals, an agent that comes back.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "fake_speaker.h"
#include "heliod/handover.h"
#include "os/tcp.h"
#include "os/unixsock.h"

struct world {
	struct loop *loop;
	struct speaker *speaker;
	struct wire *wire;
	struct handover *handover;
	char path[64];
	int agent;
};

static void op_connect(void *context, struct speaker_conn *conn, const char *instance,
		       const struct ip_addr *local, const struct ip_addr *remote, uint16_t port,
		       uint8_t ttl, const char *password)
{
	struct world *world = context;

	handover_connect(world->handover, wire_conn_new(world->wire, conn), instance, local, remote,
			 port, ttl, password);
}

static void op_close(void *context, struct speaker_conn *conn)
{
	struct world *world = context;

	if (!wire_conn_has_socket(speaker_conn_data(conn)))
		handover_cancel(world->handover, speaker_conn_data(conn));
	wire_close(world->wire, conn);
}

static void op_want_write(void *context, struct speaker_conn *conn)
{
	wire_want_write(((struct world *)context)->wire, conn);
}

static void setup(struct world *world)
{
	static const struct speaker_ops ops = { .connect = op_connect,
						.close = op_close,
						.want_write = op_want_write };
	struct error e;

	*world = (struct world){ .agent = -1 };
	snprintf(world->path, sizeof(world->path), "/tmp/heliod-test-handover-%d", (int)getpid());
	world->loop = loop_new(&e);
	world->speaker = speaker_new(&ops, world, 1);
	world->wire = wire_new(world->loop, world->speaker);
	world->handover = handover_new(world->loop, world->speaker, world->wire, world->path, &e);
	assert_non_null(world->handover);
}

static void turns(struct world *world, int count)
{
	struct error e;

	while (count-- != 0)
		assert_int_equal(loop_turn(world->loop, DURATION_ZERO, &e), 0);
}

static void connect_agent(struct world *world)
{
	struct error e;

	if (world->agent >= 0)
		close(world->agent);
	world->agent = unixsock_connect(world->path, SOCK_SEQPACKET, &e);
	assert_true(world->agent >= 0);
	turns(world, 3);
}

static void done(struct world *world)
{
	speaker_free(world->speaker, loop_now(world->loop));
	handover_free(world->handover);
	wire_free(world->wire);
	loop_free(world->loop);
	if (world->agent >= 0)
		close(world->agent);
	assert_int_equal(access(world->path, F_OK), -1);
}

static void expect(struct world *world, const char *wanted)
{
	char packet[4096];
	int fd;
	ssize_t length;

	turns(world, 2);
	length = unixsock_receive(world->agent, packet, sizeof(packet) - 1, &fd);
	packet[MAX(length, 0)] = '\0';
	assert_string_equal(packet, wanted);
}

static void answer(struct world *world, const char *text, int fd)
{
	assert_true(unixsock_send(world->agent, text, strlen(text), fd) > 0);
	if (fd >= 0)
		close(fd);
	turns(world, 3);
}

static const struct ip_addr remote = { IP_V4, { 127, 0, 0, 1 } };

#define CONNECT(id)                                                                              \
	"{\"id\":" id ",\"request\":\"connect\",\"instance\":\"T1\",\"remote\":\"127.0.0.1\",\"" \
	"port\":179,\"ttl\":255,\"password\":\"secret\"}"

static void test_connect(void **state)
{
	struct ip_addr any = { IP_V4, { 127, 0, 0, 1 } };
	struct world w;
	struct error e;
	int listening;

	(void)state;
	setup(&w);
	fake_speaker_connect(w.speaker, "T1", &remote);
	connect_agent(&w);
	expect(&w, CONNECT("1"));
	connect_agent(&w); /* it came back: asked again */
	expect(&w, CONNECT("1"));
	listening = tcp_listen(&any, 17901, 5, &e);
	assert_true(listening >= 0);
	answer(&w, "{\"id\":1,\"ok\":true}", tcp_connect(&any, &remote, 17901, 0, 0, NULL, &e));
	turns(&w, 5);
	assert_int_equal(w.speaker->connected, 1);
	answer(&w, "{\"id\":1,\"ok\":true}", dup(0)); /* once is enough */
	close(listening);
	done(&w);
}

static void test_refused(void **state)
{
	struct world w;

	(void)state;
	setup(&w);
	connect_agent(&w);
	fake_speaker_connect(w.speaker, "T1", &remote);
	expect(&w, CONNECT("1"));
	answer(&w, "{\"id\":1,\"error\":\"compartment T1 does not exist\"}", -1);
	assert_int_equal(w.speaker->failed, 1);
	assert_string_equal(w.speaker->why, "compartment T1 does not exist");
	fake_speaker_connect(w.speaker, "T1", &remote);
	expect(&w, CONNECT("2"));
	answer(&w, "{\"id\":2,\"ok\":true}", -1);
	assert_string_equal(w.speaker->why, "the agent sent no descriptor");
	fake_speaker_connect(w.speaker, "T1", &remote);
	expect(&w, CONNECT("3"));
	answer(&w, "nonsense", -1);
	answer(&w, "{\"id\":3,\"ok\":true}", dup(0));
	assert_string_equal(w.speaker->why, "the agent's descriptor is no TCP socket");
	done(&w);
}

static void test_cancel(void **state)
{
	struct world w;

	(void)state;
	setup(&w);
	connect_agent(&w);
	fake_speaker_close(fake_speaker_connect(w.speaker, "T1", &remote));
	expect(&w, CONNECT("1"));
	expect(&w, "{\"id\":2,\"request\":\"cancel\",\"of\":1}");
	answer(&w, "{\"id\":1,\"ok\":true}", dup(0));
	assert_int_equal(w.speaker->connected + w.speaker->failed, 0);
	done(&w);
}

static struct instance_config *config(const char *text)
{
	json_t *document = json_loads(text, 0, NULL);
	struct instance_config *result;
	struct error e;

	result = instance_config_parse(document, "", &e);
	json_decref(document);
	assert_non_null(result);
	return result;
}

static void test_listeners(void **state)
{
	static const char listen_packet[] =
		"{\"id\":1,\"request\":\"listen\",\"instance\":\"T1\",\"address\":\"127.0.0.1\","
		"\"port\":179,\"passwords\":[{\"address\":\"10.0.0.2\",\"password\":\"pw\"}]}";
	struct ip_addr address = { IP_V4, { 127, 0, 0, 1 } };
	struct world w;
	struct error e;
	int fd;

	(void)state;
	setup(&w);
	connect_agent(&w);
	w.speaker->config = config(
		"{\"name\":\"T1\",\"local-as\":1,\"router-id\":\"10.0.0.1\",\"neighbors\":["
		"{\"neighbor-address\":\"10.0.0.2\",\"peer-as\":2,\"local-address\":\"127.0.0.1\","
		"\"auth-password\":\"pw\"},{\"neighbor-address\":\"10.0.0.3\",\"peer-as\":2,"
		"\"local-address\":\"127.0.0.1\"}]}");
	handover_refresh(w.handover, "T1");
	handover_refresh(w.handover, "T1");
	expect(&w, listen_packet);
	answer(&w, "{\"id\":1,\"ok\":true}", tcp_listen(&address, 17902, 5, &e));
	fd = tcp_connect(&address, &address, 17902, 0, 0, NULL, &e);
	assert_true(fd >= 0);
	turns(&w, 5);
	assert_false(list_is_empty(&w.speaker->conns));
	close(fd);
	turns(&w, 5);
	assert_int_equal(w.speaker->closed, 1);
	connect_agent(&w);
	expect(&w, listen_packet);
	instance_config_free(w.speaker->config);
	w.speaker->config = NULL;
	handover_refresh(w.handover, "T1");
	expect(&w, "{\"id\":2,\"request\":\"cancel\",\"of\":1}");
	done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connect),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_listeners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

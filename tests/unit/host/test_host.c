/*
 * Tests of the agent's brain: desired and observed in, operations out, on a fake kernel.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/mem.h"
#include "fake_kernel.h"

#define KEY_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define KEY_B "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="

#define COMPARTMENT                                                                               \
	"{\"tableId\":1,\"vni\":5001,\"overlayAddress\":\"10.1.255.5\",\"mac\":\"02:00:00:00:00:" \
	"01\","                                                                                   \
	"\"bgpAddresses\":[\"10.1.255.2\"],\"providerAddress\":\"100.64.0.11\",\"mtu\":1450}"
#define NEIGHBOR                                                            \
	"{\"overlayAddress\":\"10.1.255.6\",\"mac\":\"02:00:00:00:00:02\"," \
	"\"providerAddress\":\"100.64.0.12\"}"
#define CONNECTION                                                                               \
	"{\"type\":\"WireGuard\",\"publicAddress\":\"198.51.100.11\",\"publicPrefixLength\":24," \
	"\"mtu\":1380,\"peerAddress\":\"198.51.100.9\",\"ceAddresses\":[\"14.1.10.1\"],"         \
	"\"staticRoutes\":[{\"prefix\":\"192.168.7.0/24\",\"metric\":10}],\"wireGuard\":{"       \
	"\"privateKey\":\"" KEY_A "\",\"peerPublicKey\":\"" KEY_B "\",\"listenPort\":51820,"     \
	"\"peerEndpointPort\":51820,\"persistentKeepaliveSeconds\":25}}"

struct lab {
	struct host *host;
	struct fake_kernel *kernel;
	int64_t revision;
};

static void put(struct lab *lab, const char *key, const char *value)
{
	json_t *document = json_loads(value, 0, NULL);
	struct error e = { "" };

	assert_non_null(document);
	if (host_put(lab->host, key, ++lab->revision, 1, document, &e) < 0)
		fail_msg("%s: %s", key, e.text);
	json_decref(document);
}

static void put_all(struct lab *lab)
{
	put(lab, "compartment/T1", COMPARTMENT);
	put(lab, "neighbor/T1/n2", NEIGHBOR);
	put(lab, "nexthop/T1/2", "{\"id\":2,\"via\":\"10.1.255.6\"}");
	put(lab, "route/T1/10.1.1.4/32", "{\"nexthop\":2}");
	put(lab, "connection/T1/c1", CONNECTION);
	put(lab, "bgp/T1", "{\"tableId\":1,\"instance\":{\"name\":\"T1\"}}");
}

static struct lab lab_new(void)
{
	struct lab lab = { .host = host_new(7, "ext0"), .kernel = mem_zalloc(sizeof(*lab.kernel)) };
	struct item_key ext = { .kind = ITEM_LINK, .name = host_intern(lab.host, "ext0") };
	struct item_value up = { .up = true };

	fake_kernel_add(lab.kernel, &ext, &up);
	fake_kernel_observe(lab.kernel, lab.host, ITEM_PLACE_NODE);
	return lab;
}

/* Another life of the agent on the same kernel; names keep their numbers. */
static void lab_restart(struct lab *lab)
{
	struct host *host = host_new(99, "ext0");
	uint32_t wanted = host_intern(lab->host, "the last name");

	for (uint32_t i = 0; i < wanted; i++)
		assert_int_equal(host_intern(host, host_text(lab->host, i)), i);
	host_free(lab->host);
	lab->host = host;
	fake_kernel_observe(lab->kernel, host, ITEM_PLACE_NODE);
	fake_kernel_observe(lab->kernel, host, 1);
}

static void lab_free(struct lab *lab)
{
	host_free(lab->host);
	mem_free(lab->kernel);
}

static void send_nexthop(struct lab *lab, uint32_t id, uint32_t gateway)
{
	struct fpm_event event = { .kind = FPM_NEXTHOP, .table = 1 };

	event.nexthop = (struct rtnl_nexthop){ .id = id, .family = IP_V4, .table = 1 };
	event.nexthop.blackhole = gateway == 0;
	if (gateway != 0)
		event.nexthop.gateway = ip_addr_v4(gateway);
	host_fpm_event(lab->host, &event);
}

static void send_route(struct lab *lab, uint32_t address, uint32_t id)
{
	struct fpm_event event = { .kind = FPM_ROUTE, .table = 1 };

	event.route = (struct rtnl_route){ .table = 1, .nexthop_id = id };
	event.route.prefix.addr = ip_addr_v4(address);
	event.route.prefix.length = 24;
	host_fpm_event(lab->host, &event);
}

static void send_end_of_rib(struct lab *lab)
{
	struct fpm_event event = { .kind = FPM_END_OF_RIB, .table = 1 };

	host_fpm_event(lab->host, &event);
}

static struct fake_thing *nexthop(struct lab *lab, uint32_t id)
{
	struct item_key key = { .kind = ITEM_NEXTHOP, .place = 1, .number = id };

	return fake_kernel_find(lab->kernel, &key);
}

static void order_and_twice(void **state UNUSED)
{
	struct lab lab = lab_new();
	const char *log = lab.kernel->log;

	put_all(&lab);
	assert_true(fake_kernel_run(lab.kernel, lab.host) > 10);
	assert_int_equal(host_count(lab.host).failed, 0);
	assert_int_equal(host_count(lab.host).blocked, 0);
	assert_true(strstr(log, "make compartment") < strstr(log, "make device vx@1"));
	assert_true(strstr(log, "make device vx@1") < strstr(log, "make address 10.1.255.5"));
	assert_true(strstr(log, "make address 10.1.255.5") < strstr(log, "make nexthop 2@1"));
	assert_true(strstr(log, "make nexthop 2@1") < strstr(log, "make route 10.1.1.4"));
	assert_non_null(strstr(log, "make address 198.51.100.11ext0@0"));
	assert_non_null(strstr(log, "move device hwg"));
	assert_int_equal(fake_kernel_count(lab.kernel, ITEM_ROUTE, 1), 4);
	assert_int_equal(fake_kernel_run(lab.kernel, lab.host), 0);
	put_all(&lab);
	host_synced(lab.host);
	assert_int_equal(fake_kernel_run(lab.kernel, lab.host), 0);
	lab_free(&lab);
}

static void restart_adopts(void **state UNUSED)
{
	struct lab lab = lab_new();

	put_all(&lab);
	fake_kernel_run(lab.kernel, lab.host);
	lab_restart(&lab);
	assert_int_equal(fake_kernel_run(lab.kernel, lab.host), 0);
	put_all(&lab);
	host_synced(lab.host);
	assert_int_equal(fake_kernel_run(lab.kernel, lab.host), 0);
	lab_free(&lab);
}

static void nothing_goes_before_synced(void **state UNUSED)
{
	struct lab lab = lab_new();
	size_t before;

	put_all(&lab);
	fake_kernel_run(lab.kernel, lab.host);
	before = lab.kernel->count;
	lab_restart(&lab);
	host_snapshot_begin(lab.host);
	assert_int_equal(fake_kernel_run(lab.kernel, lab.host), 0);
	assert_int_equal(lab.kernel->count, before);
	host_synced(lab.host);
	fake_kernel_run(lab.kernel, lab.host);
	assert_int_equal(fake_kernel_count(lab.kernel, ITEM_NAMESPACE, 1), 0);
	assert_int_equal(fake_kernel_count(lab.kernel, ITEM_ADDR, ITEM_PLACE_NODE), 0);
	assert_int_equal(host_count(lab.host).failed, 0);
	lab_free(&lab);
}

static void holds_keep(void **state UNUSED)
{
	struct lab lab = lab_new();

	put_all(&lab);
	host_synced(lab.host);
	fake_kernel_run(lab.kernel, lab.host);
	for (int life = 0; life < 2; life++) {
		/* The same agent, then another life of it: a controller that has not relearned. */
		if (life == 1)
			lab_restart(&lab);
		host_snapshot_begin(lab.host);
		host_hold(lab.host, "route/T1/");
		put(&lab, "compartment/T1", COMPARTMENT);
		put(&lab, "neighbor/T1/n2", NEIGHBOR);
		put(&lab, "nexthop/T1/2", "{\"id\":2,\"via\":\"10.1.255.6\"}");
		put(&lab, "connection/T1/c1", CONNECTION);
		put(&lab, "bgp/T1", "{\"tableId\":1,\"instance\":{\"name\":\"T1\"}}");
		host_synced(lab.host);
		assert_int_equal(fake_kernel_run(lab.kernel, lab.host), 0);
		assert_int_equal(fake_kernel_count(lab.kernel, ITEM_ROUTE, 1), 4);
	}
	host_release(lab.host, "route/T1/");
	assert_int_equal(fake_kernel_run(lab.kernel, lab.host), 1);
	assert_non_null(strstr(lab.kernel->log, "remove route 10.1.1.4"));
	lab_free(&lab);
}

static void epochs_only_rise(void **state UNUSED)
{
	struct lab lab = lab_new();
	json_t *value = json_loads(COMPARTMENT, 0, NULL);
	struct error e = { "" };

	host_epoch_set(lab.host, "compartment/T1", 5);
	assert_int_equal(host_put(lab.host, "compartment/T1", 1, 4, value, &e), -1);
	assert_non_null(strstr(e.text, "epoch 4 is older than 5"));
	assert_int_equal(fake_kernel_run(lab.kernel, lab.host), 0);
	assert_int_equal(host_put(lab.host, "compartment/T1", 2, 6, value, &e), 0);
	assert_int_equal(host_put(lab.host, "compartment/T1", 3, 5, value, &e), -1);
	json_decref(value);
	lab_free(&lab);
}

static void routes_of_heliod(void **state UNUSED)
{
	struct lab lab = lab_new();

	put_all(&lab);
	host_synced(lab.host);
	host_fpm_begin(lab.host);
	send_nexthop(&lab, 1, 0x0a01ff06);
	send_nexthop(&lab, 2, 0x0e010a01); /* the local CE */
	for (uint32_t i = 0; i < 100; i++)
		send_route(&lab, 0xac100000 + (i << 8), 1 + i % 2);
	send_end_of_rib(&lab);
	fake_kernel_run(lab.kernel, lab.host);
	assert_int_equal(fake_kernel_count(lab.kernel, ITEM_ROUTE, 1), 104);
	assert_int_equal(nexthop(&lab, 0x10000001)->value.device, host_intern(lab.host, "vx"));
	assert_int_equal(strncmp(host_text(lab.host, nexthop(&lab, 0x10000002)->value.device),
				 HOST_TUNNEL_PREFIX, 3),
			 0);
	/* A CE that moves, and one that is lost: one operation each. */
	send_nexthop(&lab, 2, 0x0a01ff06);
	assert_int_equal(fake_kernel_run(lab.kernel, lab.host), 1);
	send_nexthop(&lab, 2, 0);
	assert_int_equal(fake_kernel_run(lab.kernel, lab.host), 1);
	assert_true(nexthop(&lab, 0x10000002)->value.blackhole);
	/* Another agent, with the kernel's routes and no heliod: nothing goes. */
	lab_restart(&lab);
	put_all(&lab);
	host_synced(lab.host);
	assert_int_equal(fake_kernel_run(lab.kernel, lab.host), 0);
	host_fpm_begin(lab.host);
	send_nexthop(&lab, 1, 0x0a01ff06);
	for (uint32_t i = 0; i < 10; i++)
		send_route(&lab, 0xac100000 + (i << 9), 1);
	assert_int_equal(fake_kernel_run(lab.kernel, lab.host), 0);
	send_end_of_rib(&lab);
	fake_kernel_run(lab.kernel, lab.host);
	assert_int_equal(fake_kernel_count(lab.kernel, ITEM_ROUTE, 1), 14);
	assert_null(nexthop(&lab, 0x10000002));
	lab_free(&lab);
}

static void an_id_for_another_ce(void **state UNUSED)
{
	struct lab lab = lab_new();
	struct item_key route = { .kind = ITEM_ROUTE,
				  .place = 1,
				  .number = HOST_TABLE_MAIN,
				  .priority = 1000,
				  .length = 24 };

	put_all(&lab);
	host_synced(lab.host);
	host_fpm_begin(lab.host);
	send_nexthop(&lab, 1, 0x0a01ff06);
	send_route(&lab, 0xac100000, 1);
	send_end_of_rib(&lab);
	fake_kernel_run(lab.kernel, lab.host);
	/* heliod restarts, and gives number 1 to the CE behind the tunnel. */
	host_fpm_begin(lab.host);
	send_nexthop(&lab, 1, 0x0e010a01);
	fake_kernel_run(lab.kernel, lab.host);
	route.addr = ip_addr_v4(0xac100000);
	assert_int_equal(fake_kernel_find(lab.kernel, &route)->value.number, 0x10000001);
	assert_int_equal(nexthop(&lab, 0x10000001)->value.device, host_intern(lab.host, "vx"));
	send_nexthop(&lab, 2, 0x0a01ff06);
	send_route(&lab, 0xac100000, 2);
	send_end_of_rib(&lab);
	fake_kernel_run(lab.kernel, lab.host);
	assert_int_equal(fake_kernel_find(lab.kernel, &route)->value.number, 0x10000002);
	assert_null(nexthop(&lab, 0x10000001));
	lab_free(&lab);
}

static void a_device_that_goes(void **state UNUSED)
{
	struct lab lab = lab_new();
	struct item_key vx = { .kind = ITEM_LINK, .place = 1 };
	uint32_t place = 0;
	size_t routes;

	put_all(&lab);
	host_synced(lab.host);
	fake_kernel_run(lab.kernel, lab.host);
	routes = fake_kernel_count(lab.kernel, ITEM_ROUTE, 1);
	/* The device goes down; the kernel silently takes its nexthops and their routes. */
	vx.name = host_intern(lab.host, "vx");
	fake_kernel_find(lab.kernel, &vx)->value.up = false;
	for (size_t i = lab.kernel->count; i-- > 0;) {
		const struct fake_thing *thing = &lab.kernel->things[i];

		if ((thing->key.kind == ITEM_ROUTE && thing->value.number == 2) ||
		    (thing->key.kind == ITEM_NEXTHOP && thing->key.number == 2))
			lab.kernel->things[i] = lab.kernel->things[--lab.kernel->count];
	}
	host_observe_begin(lab.host, 1, 1u << ITEM_LINK);
	for (size_t i = 0; i < lab.kernel->count; i++) {
		const struct fake_thing *thing = &lab.kernel->things[i];

		if (thing->key.kind == ITEM_LINK && thing->key.place == 1)
			host_observe(lab.host, &thing->key, &thing->value);
	}
	host_observe_end(lab.host, 1, 1u << ITEM_LINK);
	assert_true(host_take_suspect(lab.host, &place));
	assert_int_equal(place, 1);
	fake_kernel_observe(lab.kernel, lab.host, 1);
	fake_kernel_run(lab.kernel, lab.host);
	assert_int_equal(fake_kernel_count(lab.kernel, ITEM_ROUTE, 1), routes);
	assert_false(nexthop(&lab, 2)->value.blackhole);
	/* One that must be made anew: blackholes first (the fake kernel refuses otherwise). */
	put(&lab, "compartment/T1",
	    "{\"tableId\":1,\"vni\":5002,\"overlayAddress\":\"10.1.255.5\",\"mac\":"
	    "\"02:00:00:00:00:01\",\"bgpAddresses\":[],\"providerAddress\":\"100.64.0.11\","
	    "\"mtu\":1450}");
	fake_kernel_run(lab.kernel, lab.host);
	assert_int_equal(host_count(lab.host).failed, 0);
	assert_int_equal(fake_kernel_find(lab.kernel, &vx)->value.number, 5002);
	assert_false(nexthop(&lab, 2)->value.blackhole);
	lab_free(&lab);
}

static void on_status(const struct host_status *status, void *arg)
{
	if (strcmp(status->key, "port/T1/nicA") == 0)
		*(struct host_status *)arg = *status;
}

static void a_port_is_found(void **state UNUSED)
{
	struct lab lab = lab_new();
	struct item_key port = { .kind = ITEM_LINK };
	struct item_value up = { .up = true };
	struct host_status status;

	put_all(&lab);
	put(&lab, "port/T1/nicA",
	    "{\"address\":\"10.1.1.4\",\"mac\":\"02:aa:00:00:00:04\",\"gateways\":[\"10.1.1.1\"],"
	    "\"subnet\":\"10.1.1.0/24\"}");
	fake_kernel_run(lab.kernel, lab.host);
	host_statuses(lab.host, on_status, &status);
	assert_int_equal(status.status, OBJECT_WARNING);
	assert_non_null(strstr(status.message, "name or alias nicA"));
	/* It comes, under another name, with the alias. */
	port.name = host_intern(lab.host, "veth17");
	up.text = host_intern(lab.host, "nicA");
	fake_kernel_add(lab.kernel, &port, &up);
	fake_kernel_observe(lab.kernel, lab.host, ITEM_PLACE_NODE);
	fake_kernel_run(lab.kernel, lab.host);
	assert_non_null(strstr(lab.kernel->log, "move device veth17@1"));
	host_statuses(lab.host, on_status, &status);
	assert_int_equal(status.status, OBJECT_SUCCESS);
	host_delete(lab.host, "port/T1/nicA", ++lab.revision);
	fake_kernel_run(lab.kernel, lab.host);
	assert_non_null(strstr(lab.kernel->log, "remove device veth17@1"));
	lab_free(&lab);
}

static void refusals_are_told(void **state UNUSED)
{
	struct lab lab = lab_new();
	json_t *value = json_loads("{\"id\":2}", 0, NULL);
	struct error e = { "" };

	assert_int_equal(host_put(lab.host, "nexthop/T1/2", 1, 0, value, &e), -1);
	assert_non_null(strstr(e.text, "via: expected a text"));
	assert_int_equal(host_put(lab.host, "tunnel/T1/2", 1, 0, value, &e), -1);
	assert_non_null(strstr(e.text, "knows no such kind"));
	json_decref(value);
	/* What the kernel refuses is tried again. */
	lab.kernel->refuse = true;
	put_all(&lab);
	fake_kernel_run(lab.kernel, lab.host);
	assert_true(host_count(lab.host).failed > 0);
	lab.kernel->refuse = false;
	assert_true(host_retry(lab.host));
	fake_kernel_run(lab.kernel, lab.host);
	assert_int_equal(host_count(lab.host).failed, 0);
	assert_int_equal(host_count(lab.host).blocked, 0);
	lab_free(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_and_twice),
		cmocka_unit_test(restart_adopts),
		cmocka_unit_test(nothing_goes_before_synced),
		cmocka_unit_test(holds_keep),
		cmocka_unit_test(epochs_only_rise),
		cmocka_unit_test(routes_of_heliod),
		cmocka_unit_test(an_id_for_another_ce),
		cmocka_unit_test(a_device_that_goes),
		cmocka_unit_test(a_port_is_found),
		cmocka_unit_test(refusals_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

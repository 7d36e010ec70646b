/*
 * test_instance: the instance document: defaults, groups, round trip, and every refusal.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/instance.h"
#include "model/yaml.h"

#define HEAD "name: t\nlocal-as: 65000\nrouter-id: 10.0.0.1\n"

static json_t *document(const char *text)
{
	struct error e = { "" };
	json_t *json = yaml_parse(text, strlen(text), "t", &e);

	assert_string_equal(e.text, "");
	return json;
}

static struct instance_config *parse(const char *text)
{
	json_t *json = document(text);
	struct error e = { "" };
	struct instance_config *config = instance_config_parse(json, "", &e);

	assert_string_equal(e.text, "");
	json_decref(json);
	return config;
}

static void check_error(const char *text, const char *wanted)
{
	json_t *json = document(text);
	struct error e = { "" };

	assert_null(instance_config_parse(json, "i", &e));
	json_decref(json);
	if (strncmp(e.text, wanted, strlen(wanted)) != 0)
		assert_string_equal(e.text, wanted);
}

static void test_defaults(void **state)
{
	struct instance_config *c =
		parse(HEAD "neighbors: [{neighbor-address: 10.0.0.2, peer-as: 65000}]\n");

	(void)state;
	assert_int_equal(ip_addr_to_u32(&c->cluster_id), 0x0a000001);
	assert_int_equal(c->next_hop_resolution, NEXT_HOP_RESOLUTION_NONE);
	assert_int_equal(c->next_hop_hold_s, 5);
	assert_int_equal(c->selection_deferral_s, 30);
	assert_true(c->graceful_restart);
	assert_int_equal(c->restart_time_s, 120);
	assert_true(c->ebgp_requires_policy);
	assert_int_equal(c->neighbor_count, 1);
	assert_int_equal(c->neighbors[0].hold_time_s, 90);
	assert_int_equal(c->neighbors[0].port, 179);
	assert_int_equal(c->neighbors[0].ttl, 255);
	assert_true(c->neighbors[0].enabled);
	assert_true(c->neighbors[0].expected);
	assert_string_equal(c->neighbors[0].families[0], "ipv4-unicast");
	assert_false(c->neighbors[0].addpath_receive || c->neighbors[0].addpath_send);
	assert_int_equal(c->neighbors[0].addpath_send_max, 0);
	assert_true(c->neighbors[0].extended_messages);
	assert_false(c->neighbors[0].extended_next_hop);
	assert_false(c->neighbors[0].accept_as_sets);
	assert_false(c->neighbors[0].multiple_labels);
	assert_true(c->neighbors[0].aigp);
	assert_false(c->neighbors[0].has_role || c->neighbors[0].role_strict);
	assert_int_equal(c->neighbors[0].ttl_security_hops, 0);
	assert_int_equal(c->neighbors[0].delay_open_s, 0);
	assert_false(c->long_lived_graceful_restart || c->announce_software_version);
	assert_int_equal(c->long_lived_stale_time_s, 86400);
	assert_null(c->hostname);
	assert_null(c->domain_name);
	instance_config_free(c);
}

/* Defaults that depend on the rest of the neighbor, and what a group says. */
static void test_session_keys(void **state)
{
	struct instance_config *c = parse(
		HEAD
		"hostname: rr1\ndomain-name: example.net\nannounce-software-version: true\n"
		"graceful-restart: {restart-time: 0, long-lived: true, long-lived-stale-time: "
		"16777215}\n"
		"peer-groups:\n"
		"  - {name: g, peer-as: 65000, add-paths: {receive: true, send-max: 4}, "
		"extended-next-hop: true, aigp: false, delay-open: 7, extended-messages: false}\n"
		"  - {name: far, peer-as: 64512, ttl-security-hops: 2, role: rs-client, "
		"role-strict: true, accept-as-sets: true, multiple-labels: true}\n"
		"neighbors:\n"
		"  - {neighbor-address: 10.0.0.2, peer-group: g, add-paths: {send: true}}\n"
		"  - {neighbor-address: \"2001:db8::2\", peer-as: 64512}\n"
		"  - {neighbor-address: 10.0.0.3, peer-group: far}\n"
		"  - {neighbor-address: \"2001:db8::3\", peer-as: 65000, extended-next-hop: "
		"false}\n"
		"dynamic-neighbors:\n"
		"  - {prefix: \"2001:db8:1::/48\", peer-as: 65000}\n");
	const struct neighbor_config *n = c->neighbors;

	(void)state;
	assert_string_equal(c->hostname, "rr1");
	assert_string_equal(c->domain_name, "example.net");
	assert_true(c->announce_software_version && c->long_lived_graceful_restart);
	assert_int_equal(c->restart_time_s, 0);
	assert_int_equal(c->long_lived_stale_time_s, 16777215);
	assert_true(n[0].addpath_receive && n[0].addpath_send && n[0].extended_next_hop);
	assert_int_equal(n[0].addpath_send_max, 4);
	assert_false(n[0].aigp || n[0].extended_messages);
	assert_int_equal(n[0].delay_open_s, 7);
	assert_true(n[1].extended_next_hop);
	assert_false(n[1].aigp);
	assert_int_equal(n[2].ttl_security_hops, 2);
	assert_int_equal(n[2].ttl, 255);
	assert_true(n[2].has_role && n[2].role_strict && n[2].accept_as_sets);
	assert_true(n[2].multiple_labels);
	assert_int_equal(n[2].role, 2);
	assert_false(n[3].extended_next_hop);
	assert_true(n[3].aigp);
	assert_true(c->dynamic_neighbors[0].template.extended_next_hop);
	instance_config_free(c);
}

static void check_same_session(const char *a, const char *b, bool same)
{
	static const char frame[] = HEAD "neighbors: [{neighbor-address: 10.0.0.2, peer-as: 1%s}]";
	char text[512];
	struct instance_config *one, *other;

	snprintf(text, sizeof(text), frame, a);
	one = parse(text);
	snprintf(text, sizeof(text), frame, b);
	other = parse(text);
	assert_int_equal(neighbor_config_same_session(one->neighbors, other->neighbors), same);
	instance_config_free(one);
	instance_config_free(other);
}

/* What OPEN says needs a new one; what only we do does not. */
static void test_same_session(void **state)
{
	(void)state;
	check_same_session("", ", add-paths: {send: true}", false);
	check_same_session("", ", add-paths: {receive: true}", false);
	check_same_session("", ", add-paths: {send-max: 2}", true);
	check_same_session("", ", extended-messages: false", false);
	check_same_session("", ", extended-next-hop: true", false);
	check_same_session("", ", accept-as-sets: true", false);
	check_same_session("", ", multiple-labels: true", false);
	check_same_session("", ", aigp: true", false);
	check_same_session("", ", aigp: false", true);
	check_same_session("", ", role: provider", false);
	check_same_session(", role: peer", ", role: provider", false);
	check_same_session(", role: peer", ", role: peer, role-strict: true", false);
	check_same_session(", ebgp-multihop: 255", ", ttl-security-hops: 1", false);
	check_same_session("", ", delay-open: 5", true);
	check_same_session("", ", med: 5", true);
}

static const char full[] =
	HEAD "cluster-id: 10.0.0.9\n"
	     "table-id: 7\n"
	     "next-hop-resolution: exact\n"
	     "direct-next-hops: [10.1.255.0/24]\n"
	     "graceful-restart: {enabled: true, restart-time: 60, restarting: true, long-lived: "
	     "true, long-lived-stale-time: 3600}\n"
	     "hostname: rr1\n"
	     "domain-name: example.net\n"
	     "announce-software-version: true\n"
	     "ebgp-requires-policy: false\n"
	     "memory-limit: 512MiB\n"
	     "networks:\n"
	     "  - {prefix: 10.1.0.0/16, kind: virtual-network, advertise: external}\n"
	     "  - {prefix: 14.1.1.1/32, next-hop: 10.1.255.5, kind: host, med: 0, communities: "
	     "[no-export, \"65000:7\"]}\n"
	     "neighbors:\n"
	     "  - {neighbor-address: 10.0.0.2, peer-group: sites, peer-as: 64512, auth-password: "
	     "geheim}\n"
	     "  - {neighbor-address: 10.0.0.3, peer-group: clients}\n"
	     "dynamic-neighbors: [{prefix: 10.254.0.0/16, peer-group: clients}]\n"
	     "peer-groups:\n"
	     "  - {name: clients, peer-as: 65000, route-reflector-client: true, passive: true, "
	     "hold-time: 240}\n"
	     "  - name: sites\n"
	     "    add-paths: {receive: true, send: true, send-max: 8}\n"
	     "    extended-messages: false\n"
	     "    extended-next-hop: true\n"
	     "    accept-as-sets: true\n"
	     "    aigp: true\n"
	     "    role: provider\n"
	     "    role-strict: true\n"
	     "    ttl-security-hops: 1\n"
	     "    delay-open: 3\n"
	     "    ebgp-multihop: 255\n"
	     "    import-policy: accept-all\n"
	     "    import-next-hop: peer-address\n"
	     "    med: 20\n"
	     "    import-reject: [{prefix: 10.1.0.0/16, match: or-longer, reason: virtual "
	     "network}]\n";

static void test_groups(void **state)
{
	struct instance_config *c = parse(full);
	const struct neighbor_config *site = &c->neighbors[0];
	const struct neighbor_config *client = &c->dynamic_neighbors[0].template;

	(void)state;
	assert_int_equal(site->peer_as.number, 64512);
	assert_int_equal(site->ttl, 255);
	assert_true(site->next_hop_peer);
	assert_true(site->has_med);
	assert_int_equal(site->med, 20);
	assert_int_equal(site->import_policy, POLICY_ACCEPT_ALL);
	assert_int_equal(site->import_reject_count, 1);
	assert_true(site->import_rejects[0].or_longer);
	assert_string_equal(site->password, "geheim");
	assert_int_equal(client->address.family, IP_NONE);
	assert_int_equal(client->hold_time_s, 240);
	assert_true(client->passive && client->route_reflector_client);
	assert_string_equal(client->peer_group, "clients");
	assert_int_equal(c->networks[0].next_hop.bytes[3], 1);
	assert_int_equal(c->networks[1].communities[0], 0xffffff01u);
	assert_int_equal(c->networks[1].communities[1], 65000u << 16 | 7);
	assert_true(c->networks[1].has_med && !c->networks[0].has_med);
	assert_true(c->restarting);
	instance_config_free(c);
}

static void test_round_trip(void **state)
{
	struct instance_config *c = parse(full);
	json_t *first = instance_config_to_json(c, false);
	json_t *redacted = instance_config_to_json(c, true);
	struct error e = { "" };
	struct instance_config *again = instance_config_parse(first, "", &e);
	json_t *second;
	char *text = json_dumps(redacted, 0);

	(void)state;
	assert_string_equal(e.text, "");
	second = instance_config_to_json(again, false);
	assert_true(json_equal(first, second));
	assert_null(strstr(text, "geheim"));
	assert_true(neighbor_config_same_session(&c->neighbors[0], &again->neighbors[0]));
	assert_int_equal(again->neighbors[0].addpath_send_max, 8);
	assert_int_equal(again->neighbors[0].role, 0);
	assert_true(again->neighbors[0].has_role);
	assert_int_equal(again->neighbors[0].delay_open_s, 3);
	assert_string_equal(again->domain_name, "example.net");
	again->neighbors[0].med++;
	assert_true(neighbor_config_same_session(&c->neighbors[0], &again->neighbors[0]));
	again->neighbors[0].hold_time_s++;
	assert_false(neighbor_config_same_session(&c->neighbors[0], &again->neighbors[0]));
	free(text);
	json_decref(first);
	json_decref(second);
	json_decref(redacted);
	instance_config_free(c);
	instance_config_free(again);
}

static void test_refused_instance(void **state)
{
	(void)state;
	check_error("[]", "i: must be a mapping, not a list");
	check_error("{local-as: 1, router-id: 10.0.0.1}", "i.name: missing, must be given");
	check_error("{name: a, router-id: 10.0.0.1}", "i.local-as: missing");
	check_error("{name: a, local-as: 0, router-id: 10.0.0.1}",
		    "i.local-as: 0 is not within 1..4294967295");
	check_error("{name: a, local-as: 23456, router-id: 10.0.0.1}", "i.local-as: 23456 is");
	check_error("{name: a, local-as: \"1\", router-id: 10.0.0.1}",
		    "i.local-as: must be a whole number, not text");
	check_error("{name: 7, local-as: 1, router-id: 10.0.0.1}",
		    "i.name: must be text (in quotes), not a number");
	check_error("{name: a, local-as: 1, router-id: \"::1\"}",
		    "i.router-id: must be an IPv4 address");
	check_error("{name: a, local-as: 1, router-id: 0.0.0.0}", "i.router-id: must not be");
	check_error(HEAD "cluster: 1\n", "i.cluster: unknown key; known are name, table-id");
	check_error(HEAD "table-id: 0\n", "i.table-id: 0 is not within 1..2147483647");
	check_error(HEAD "next-hop-resolution: igp\n",
		    "i.next-hop-resolution: must be one of none, kernel, exact");
	check_error(HEAD "ebgp-requires-policy: no\n",
		    "i.ebgp-requires-policy: must be true or false, not text");
	check_error(HEAD "direct-next-hops: [10.0.0.1/24]\n", "i.direct-next-hops[0]: ");
	check_error(HEAD "memory-limit: 1048575\n",
		    "i.memory-limit: must be 0 (none), or a number of bytes from 1048576 up");
	check_error(HEAD "memory-limit: -1\n", "i.memory-limit: must be 0");
	check_error(HEAD "memory-limit: 1.5GiB\n", "i.memory-limit: must be 0");
	check_error(HEAD "memory-limit: MiB\n", "i.memory-limit: must be 0");
	check_error(HEAD "memory-limit: 5MB\n", "i.memory-limit: must be 0");
	check_error(HEAD "memory-limit: \"-5MiB\"\n", "i.memory-limit: must be 0");
	check_error(HEAD "memory-limit: \"5 MiB\"\n", "i.memory-limit: must be 0");
	check_error(HEAD "memory-limit: 1073741825GiB\n", "i.memory-limit: must be 0");
	check_error(HEAD "memory-limit: 17179869185GiB\n",
		    "i.memory-limit: must be 0"); /* 2^64 + */
	check_error(HEAD "memory-limit: 99999999999999999999MiB\n", "i.memory-limit: must be 0");
	check_error(HEAD "memory-limit: [1]\n", "i.memory-limit: must be 0");
	check_error(HEAD "graceful-restart: {restart-time: 5000}\n",
		    "i.graceful-restart.restart-time: 5000 is not within 0..4095");
	check_error(HEAD "graceful-restart: {long-lived-stale-time: 16777216}\n",
		    "i.graceful-restart.long-lived-stale-time: 16777216 is not within 0..16777215");
	check_error(HEAD "graceful-restart: {enabled: false, long-lived: true}\n",
		    "i.graceful-restart.long-lived: needs graceful restart itself");
	check_error(HEAD "domain-name: example.net\n", "i.domain-name: needs a hostname");
	check_error(HEAD "hostname: "
			 "h2345678901234567890123456789012345678901234567890123456789012345\n",
		    "i.hostname: must be at most 64 octets");
	check_error(HEAD "networks: [{prefix: 10.0.0.0/8}, {prefix: 10.0.0.0/8}]\n",
		    "i.networks[1].prefix: 10.0.0.0/8 is there twice");
	check_error(HEAD "networks: [{prefix: \"2001:db8::/32\"}]\n",
		    "i.networks[0].next-hop: missing");
	check_error(HEAD "networks: [{prefix: 10.0.0.0/8, next-hop: 127.0.0.1}]\n",
		    "i.networks[0].next-hop: must be the address of one host");
	check_error(HEAD "networks: [{prefix: 10.0.0.0/8, next-hop: 255.255.255.255}]\n",
		    "i.networks[0].next-hop: must be the address of one host");
	check_error(HEAD "networks: [{prefix: 10.0.0.0/8, communities: [\"70000:1\"]}]\n",
		    "i.networks[0].communities[0]: must be a community");
}

static void check_neighbor_error(const char *neighbor, const char *wanted)
{
	char text[512];

	snprintf(text, sizeof(text), HEAD "neighbors: [%s]\n", neighbor);
	check_error(text, wanted);
}

static void test_refused_neighbor(void **state)
{
	(void)state;
	check_neighbor_error("{peer-as: 1}", "i.neighbors[0].neighbor-address: missing");
	check_neighbor_error("{neighbor-address: 10.0.0.2}",
			     "i.neighbors[0].peer-as: missing, must be given here or in");
	check_neighbor_error("{neighbor-address: 224.0.0.1, peer-as: 1}",
			     "i.neighbors[0].neighbor-address: must be the address of one host");
	check_neighbor_error("{neighbor-address: 10.0.0.02, peer-as: 1}",
			     "i.neighbors[0].neighbor-address: ");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 1, hold-time: 2}",
			     "i.neighbors[0].hold-time: must be 0 or at least 3");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 1, hold-time: 70000}",
			     "i.neighbors[0].hold-time: 70000 is not within 0..65535");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 1, route-reflector-client: "
			     "true}",
			     "i.neighbors[0].route-reflector-client: is for iBGP");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 65000, as-override: true}",
			     "i.neighbors[0].as-override: is for eBGP");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 1, local-address: \"::1\"}",
			     "i.neighbors[0].local-address: is not of");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 1, peer-group: x}",
			     "i.neighbors[0].peer-group: no peer group is named \"x\"");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 1, families: []}",
			     "i.neighbors[0].families: must name at least one family");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 1, auth-password: \"\"}",
			     "i.neighbors[0].auth-password: must be text of 1 to 80 octets");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 1, prefix: 10.0.0.0/8}",
			     "i.neighbors[0].prefix: unknown key");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 1}, {neighbor-address: "
			     "10.0.0.2, peer-as: 2}",
			     "i.neighbors[1].neighbor-address: 10.0.0.2 is there twice");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 1, import-reject: [{prefix: "
			     "10.0.0.0/8}]}",
			     "i.neighbors[0].import-reject[0].reason: missing");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 1, import-next-hop: self}",
			     "i.neighbors[0].import-next-hop: must be one of received, ");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 65000, role: peer}",
			     "i.neighbors[0].role: is for eBGP");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 1, role: boss}",
			     "i.neighbors[0].role: must be one of provider, rs, rs-client, ");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 1, role-strict: true}",
			     "i.neighbors[0].role-strict: needs a role");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 1, ebgp-multihop: 2, "
			     "ttl-security-hops: 2}",
			     "i.neighbors[0].ttl-security-hops: packets must leave with TTL 255");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 1, ttl-security-hops: 256}",
			     "i.neighbors[0].ttl-security-hops: 256 is not within 0..255");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 1, add-paths: true}",
			     "i.neighbors[0].add-paths: must be a mapping, not a truth value");
	check_neighbor_error("{neighbor-address: 10.0.0.2, peer-as: 1, add-paths: {send-max: 256}}",
			     "i.neighbors[0].add-paths.send-max: 256 is not within 0..255");
	check_error(HEAD "peer-groups: [{name: a}, {name: a}]\n",
		    "i.peer-groups[1].name: the group a is there twice");
	check_error(HEAD "dynamic-neighbors: [{prefix: 10.0.0.0/8}]\n",
		    "i.dynamic-neighbors[0].peer-as: missing");
	check_error(HEAD "neighbors: {}\n", "i.neighbors: must be a list, not a mapping");
}

static void test_secret_not_in_error(void **state)
{
	json_t *json = document(HEAD "neighbors: [{neighbor-address: 10.0.0.2, peer-as: 1, "
				     "auth-password: 31337}]\n");
	struct error e;

	(void)state;
	assert_null(instance_config_parse(json, "", &e));
	assert_null(strstr(e.text, "31337"));
	json_decref(json);
}

static void check_limit(const char *text, uint64_t bytes)
{
	char yaml[256];
	struct instance_config *config;

	snprintf(yaml, sizeof(yaml), HEAD "%s\n", text);
	config = parse(yaml);
	assert_true(config->memory_limit_bytes == bytes);
	instance_config_free(config);
}

static void test_memory_limit(void **state)
{
	(void)state;
	check_limit("hostname: h", 0);
	check_limit("memory-limit: 0", 0);
	check_limit("memory-limit: 0GiB", 0);
	check_limit("memory-limit: 1048576", 1u << 20);
	check_limit("memory-limit: \"1048576\"", 1u << 20);
	check_limit("memory-limit: 1024KiB", 1u << 20);
	check_limit("memory-limit: 512MiB", 512u << 20);
	check_limit("memory-limit: \"3GiB\"", 3ull << 30);
	check_limit("memory-limit: 1048576GiB", 1ull << 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_session_keys),	 cmocka_unit_test(test_same_session),
		cmocka_unit_test(test_defaults),	 cmocka_unit_test(test_groups),
		cmocka_unit_test(test_round_trip),	 cmocka_unit_test(test_refused_instance),
		cmocka_unit_test(test_refused_neighbor), cmocka_unit_test(test_secret_not_in_error),
		cmocka_unit_test(test_memory_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_instances: one speaker with many instances: whose a connection is, answers in pages.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "speaker/parts.h"

static const struct ip_addr nowhere;
static instant_t now = { 1000000000 };

static void on_connect(void *context, struct speaker_conn *conn, const char *instance,
		       const struct ip_addr *local, const struct ip_addr *remote, uint16_t port,
		       uint8_t ttl, const char *password)
{
	(void)context, (void)conn, (void)instance, (void)local, (void)remote, (void)port, (void)ttl,
		(void)password;
}

static void on_conn(void *context, struct speaker_conn *conn)
{
	(void)context, (void)conn;
}

static void on_feed(void *context, struct speaker_feed *feed)
{
	(void)context, (void)feed;
}

static void on_next_hop(void *context, const char *instance, const struct ip_addr *next_hop)
{
	(void)context, (void)instance, (void)next_hop;
}

static void on_neighbors(void *context, const char *instance)
{
	(void)context, (void)instance;
}

static void on_log(void *context, int level, const char *instance, const struct ip_addr *peer,
		   const char *text)
{
	(void)context, (void)level, (void)instance, (void)peer, (void)text;
}

static const struct speaker_ops ops = { .connect = on_connect,
					.close = on_conn,
					.want_write = on_conn,
					.feed_ready = on_feed,
					.next_hop_changed = on_next_hop,
					.track_next_hop = on_next_hop,
					.neighbors_changed = on_neighbors,
					.log = on_log };

static struct ip_addr address(const char *text)
{
	struct ip_addr result;
	struct error e;

	assert_int_equal(ip_addr_parse(text, &result, &e), 0);
	return result;
}

static void put(struct speaker *s, const char *name, const char *keys)
{
	char text[1024];
	struct error e = { "" };
	struct instance_config *config;
	json_t *document;

	snprintf(text, sizeof(text),
		 "{\"name\":\"%s\",\"local-as\":65000,\"router-id\":\"10.255.0.1\",%s}", name,
		 keys);
	document = json_loads(text, 0, NULL);
	config = instance_config_parse(document, "", &e);
	assert_string_equal(e.text, "");
	assert_int_equal(speaker_instance_put(s, config, &e, now), 0);
	json_decref(document);
}

#define NEIGHBOR(keys) "\"neighbors\":[{\"peer-as\":65000,\"passive\":true," keys "}]"
#define DYNAMIC(keys) "\"dynamic-neighbors\":[{\"peer-as\":65000," keys "}]"

/* The instance that takes the connection; "" when nobody does. */
static const char *taker(struct speaker *s, const char *name, const char *local, const char *remote)
{
	struct ip_addr here = address(local), there = address(remote);
	struct speaker_conn *conn = speaker_accept(s, name, &here, &there, now);
	const char *instance = conn == NULL ? "" : conn->peer->instance->config->name;

	if (conn != NULL)
		speaker_closed(conn, "test", now);
	return instance;
}

static void test_whose_connection(void **state)
{
	struct speaker *s = speaker_new(&ops, NULL, 1);
	struct ip_addr there = address("10.0.0.1"), here = address("10.9.0.2");
	struct error e;

	(void)state;
	put(s, "wide",
	    DYNAMIC("\"prefix\":\"10.0.0.0/8\",\"ttl-security-hops\":1,"
		    "\"auth-password\":\"x\""));
	put(s, "first", NEIGHBOR("\"neighbor-address\":\"10.0.0.1\""));
	put(s, "here",
	    NEIGHBOR("\"neighbor-address\":\"10.0.0.1\",\"local-address\":\"10.9.0.2\","
		     "\"ttl-security-hops\":3"));
	/* a neighbor by name comes before a prefix that holds it, whichever instance was first */
	assert_string_equal(taker(s, NULL, "10.9.0.1", "10.0.0.1"), "first");
	assert_string_equal(taker(s, NULL, "10.9.0.2", "10.0.0.1"), "here");
	assert_string_equal(taker(s, NULL, "10.9.0.1", "10.0.0.2"), "wide");
	assert_string_equal(taker(s, NULL, "10.9.0.1", "11.0.0.1"), "");
	assert_string_equal(taker(s, "here", "10.9.0.1", "10.0.0.1"), "here");
	assert_string_equal(taker(s, "first", "10.9.0.1", "10.0.0.2"), "");
	assert_string_equal(taker(s, "nobody", "10.9.0.1", "10.0.0.1"), "");
	assert_int_equal(speaker_guard(s, NULL, &here, &there).ttl_min, 253);
	assert_int_equal(speaker_guard(s, NULL, &nowhere, &there).ttl_min, 0);
	there = address("10.0.0.77");
	assert_int_equal(speaker_guard(s, NULL, &here, &there).ttl_min, 255);
	assert_true(speaker_guard(s, NULL, &here, &there).password);
	assert_false(speaker_guard(s, "first", &here, &there).password);
	/* without them */
	assert_int_equal(speaker_instance_delete(s, "first", &e, now), 0);
	assert_string_equal(taker(s, NULL, "10.9.0.1", "10.0.0.1"), "here");
	put(s, "here", NEIGHBOR("\"neighbor-address\":\"10.0.0.3\""));
	assert_string_equal(taker(s, NULL, "10.9.0.2", "10.0.0.1"), "wide");
	put(s, "wide", NEIGHBOR("\"neighbor-address\":\"10.0.0.4\""));
	assert_string_equal(taker(s, NULL, "10.9.0.2", "10.0.0.1"), "");
	assert_string_equal(taker(s, NULL, "10.9.0.2", "10.0.0.4"), "wide");
	speaker_free(s, now);
}

#define MANY 600u

static struct speaker *many(void)
{
	struct speaker *s = speaker_new(&ops, NULL, 1);
	char name[16];

	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "t%u", i);
		put(s, name,
		    "\"neighbors\":[{\"neighbor-address\":\"10.0.0.1\",\"peer-as\":65000,"
		    "\"passive\":true},"
		    "{\"neighbor-address\":\"10.0.0.2\",\"peer-as\":65000,\"passive\":true}]");
	}
	return s;
}

enum question {
	INSTANCES,
	SUMMARY,
	NEIGHBORS,
};

static json_t *ask(struct speaker *s, enum question question, uint64_t *cursor)
{
	json_t *params = json_object(), *result;
	struct error e = { "" };

	if (question == INSTANCES)
		result = speaker_show_instances(s, cursor);
	else if (question == SUMMARY)
		result = speaker_show_summary(s, params, cursor, &e, now);
	else
		result = speaker_show_neighbors(s, params, cursor, &e, now);
	assert_non_null(result);
	json_decref(params);
	return result;
}

/* Everything once, in its order, though the one that a page ended with goes meanwhile. */
static void check_pages(enum question question, size_t per_instance)
{
	static const char *const lists[] = { "instances", "instances", "neighbors" };
	struct speaker *s = many();
	size_t seen = 0, pages = 0;
	uint64_t cursor = 0;
	bool more = true;
	struct error e;

	while (more) {
		json_t *result = ask(s, question, &cursor);
		json_t *list = json_object_get(result, lists[question]), *entry;
		char last[16] = "";
		size_t i;

		json_array_foreach(list, i, entry)
		{
			const char *key = question == NEIGHBORS ? "instance" : "name";

			snprintf(last, sizeof(last), "t%zu", seen / per_instance);
			assert_string_equal(json_string_value(json_object_get(entry, key)), last);
			seen++;
		}
		assert_true(json_array_size(list) <= 256);
		more = json_is_true(json_object_get(result, "more"));
		json_decref(result);
		if (++pages == 1)
			assert_int_equal(speaker_instance_delete(s, last, &e, now), 0);
	}
	assert_int_equal(seen, MANY * per_instance);
	assert_true(pages > 2);
	speaker_free(s, now);
}

static void test_pages(void **state)
{
	(void)state;
	check_pages(INSTANCES, 1);
	check_pages(SUMMARY, 1);
	check_pages(NEIGHBORS, 2);
}

static void test_names_in_order(void **state)
{
	struct speaker *s = many();
	const char *name = NULL;
	char wanted[16];
	unsigned i = 0;

	(void)state;
	while ((name = speaker_instance_next(s, name)) != NULL) {
		snprintf(wanted, sizeof(wanted), "t%u", i++);
		assert_string_equal(name, wanted);
	}
	assert_int_equal(i, MANY);
	speaker_free(s, now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whose_connection),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_names_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

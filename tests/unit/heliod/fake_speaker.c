/*
 * fake_speaker: a speaker for tests of the rim: it sends back every message that it gets.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fake_speaker.h"

#include "base/mem.h"

struct speaker *speaker_new(const struct speaker_ops *ops, void *context, UNUSED uint64_t seed)
{
	struct speaker *speaker = mem_zalloc(sizeof(*speaker));

	speaker->ops = ops;
	speaker->context = context;
	list_init(&speaker->conns);
	speaker->deadline = INSTANT_NEVER;
	return speaker;
}

static void conn_free(struct speaker_conn *conn)
{
	list_remove(&conn->node);
	buf_done(&conn->out);
	mem_free(conn);
}

void fake_speaker_close(struct speaker_conn *conn)
{
	conn->speaker->ops->close(conn->speaker->context, conn);
	conn_free(conn);
}

void speaker_free(struct speaker *speaker, UNUSED instant_t now)
{
	while (!list_is_empty(&speaker->conns))
		fake_speaker_close(CONTAINER_OF(speaker->conns.next, struct speaker_conn, node));
	instance_config_free(speaker->config);
	mem_free(speaker);
}

static struct speaker_conn *conn_new(struct speaker *speaker)
{
	struct speaker_conn *conn = mem_zalloc(sizeof(*conn));

	conn->speaker = speaker;
	buf_init(&conn->out, 0);
	list_push_back(&speaker->conns, &conn->node);
	return conn;
}

struct speaker_conn *fake_speaker_connect(struct speaker *speaker, const char *instance,
					  const struct ip_addr *remote)
{
	struct speaker_conn *conn = conn_new(speaker);
	const struct ip_addr local = { 0 };

	speaker->ops->connect(speaker->context, conn, instance, &local, remote, 179, 255, "secret");
	return conn;
}

void fake_speaker_send(struct speaker_conn *conn, const void *bytes, size_t length)
{
	buf_add(&conn->out, bytes, length);
	if (!conn->wants_write) {
		conn->wants_write = true;
		conn->speaker->ops->want_write(conn->speaker->context, conn);
	}
}

struct speaker_conn *speaker_accept(struct speaker *speaker, UNUSED const char *instance,
				    UNUSED const struct ip_addr *local,
				    UNUSED const struct ip_addr *remote, UNUSED instant_t now)
{
	return conn_new(speaker);
}

void speaker_connected(struct speaker_conn *conn, UNUSED const struct ip_addr *local,
		       UNUSED instant_t now)
{
	conn->speaker->connected++;
}

void speaker_connect_failed(struct speaker_conn *conn, const char *why, UNUSED instant_t now)
{
	conn->speaker->failed++;
	snprintf(conn->speaker->why, sizeof(conn->speaker->why), "%s", why);
	conn_free(conn);
}

size_t speaker_input(struct speaker_conn *conn, const uint8_t *bytes, size_t length,
		     UNUSED instant_t now)
{
	size_t used = 0;

	while (length - used >= 19) {
		size_t message = (size_t)bytes[used + 16] << 8 | bytes[used + 17];

		if (length - used < message)
			break;
		conn->speaker->messages++;
		if (bytes[used + 18] == conn->speaker->close_on_type) {
			fake_speaker_close(conn);
			return length;
		}
		fake_speaker_send(conn, bytes + used, message);
		used += message;
	}
	return used;
}

void speaker_closed(struct speaker_conn *conn, const char *why, UNUSED instant_t now)
{
	conn->speaker->closed++;
	snprintf(conn->speaker->why, sizeof(conn->speaker->why), "%s", why);
	conn_free(conn);
}

size_t speaker_output(struct speaker_conn *conn, struct iovec *vectors, UNUSED size_t max,
		      size_t bytes_max)
{
	size_t length = MIN(conn->out.length, bytes_max);

	if (length == 0) {
		conn->wants_write = false;
		return 0;
	}
	vectors[0] = (struct iovec){ conn->out.data, length / 2 };
	vectors[1] = (struct iovec){ conn->out.data + length / 2, length - length / 2 };
	return 2;
}

void speaker_wrote(struct speaker_conn *conn, size_t bytes, UNUSED instant_t now)
{
	buf_consume(&conn->out, bytes);
}

void speaker_conn_set_data(struct speaker_conn *conn, void *data)
{
	conn->data = data;
}

void *speaker_conn_data(const struct speaker_conn *conn)
{
	return conn->data;
}

bool speaker_is_dirty(UNUSED const struct speaker *speaker)
{
	return false;
}

uint8_t speaker_conn_ttl(UNUSED const struct speaker_conn *conn)
{
	return 64;
}

uint8_t speaker_conn_ttl_min(UNUSED const struct speaker_conn *conn)
{
	return 0;
}

uint8_t speaker_refusal(UNUSED const struct speaker *speaker, UNUSED const char *instance,
			UNUSED const struct ip_addr *local, UNUSED const struct ip_addr *remote,
			char ret_why[static SPEAKER_WHY_TEXT_MAX])
{
	ret_why[0] = '\0';
	return 5;
}

void speaker_note_refusal(UNUSED struct speaker *speaker, UNUSED const char *instance,
			  UNUSED const struct ip_addr *local, UNUSED const struct ip_addr *remote,
			  UNUSED const char *why)
{
}

struct speaker_guard speaker_guard(UNUSED const struct speaker *speaker,
				   UNUSED const char *instance, UNUSED const struct ip_addr *local,
				   UNUSED const struct ip_addr *remote)
{
	return (struct speaker_guard){ 0 };
}

bool speaker_wants_drain(const struct speaker *speaker)
{
	return speaker->wants_drain;
}

bool speaker_drain(struct speaker *speaker, UNUSED instant_t now)
{
	speaker->drains++;
	return false;
}

instant_t speaker_deadline(const struct speaker *speaker)
{
	return speaker->deadline;
}

void speaker_tick(struct speaker *speaker, UNUSED instant_t now)
{
	speaker->ticks++;
	speaker->messages_before_tick = speaker->messages;
	speaker->deadline = INSTANT_NEVER;
}

const struct instance_config *speaker_instance_config(const struct speaker *speaker,
						      UNUSED const char *name)
{
	return speaker->config;
}

const char *speaker_instance_next(const struct speaker *speaker, const char *name)
{
	return name == NULL && speaker->config != NULL ? speaker->config->name : NULL;
}

void speaker_listen_passwords(const struct speaker *speaker, UNUSED const char *instance,
			      void (*each)(void *context, const struct ip_prefix *peers,
					   const char *password),
			      void *context)
{
	const struct instance_config *config = speaker->config;

	for (size_t i = 0; config != NULL && i < config->neighbor_count; i++) {
		struct ip_prefix peer = ip_prefix_host(&config->neighbors[i].address);

		if (config->neighbors[i].password != NULL)
			each(context, &peer, config->neighbors[i].password);
	}
}

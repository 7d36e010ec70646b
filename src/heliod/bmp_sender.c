/*
 * bmp_sender: the Loc-RIB of all instances, to a BMP station.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/bmp_sender.h"

#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/hmap.h"
#include "base/list.h"
#include "base/mem.h"
#include "bgp/message.h"
#include "bmp/bmp.h"
#include "heliod/feed_reader.h"
#include "heliod/log.h"
#include "heliod/outlet.h"

#define OPEN_BYTES_MAX 256u /* an OPEN with the capabilities of make_open */

/* An instance as the station knows it. */
struct bmp_instance {
	struct feed_reader reader;
	struct bmp_sender *sender;
	struct list node;	  /* of all */
	struct hmap_node by_name; /* of those that are not ending */
	struct list ready;	  /* has something to be told */
	char *name;
	struct speaker_feed *feed; /* NULL: none is open */
	struct bmp_peer peer;
	uint8_t open[OPEN_BYTES_MAX]; /* what its Peer Up carries */
	size_t open_length;
	bool told; /* its Peer Up is sent */
	bool ending;
};

struct bmp_sender {
	struct speaker *speaker;
	const struct heliod_bmp *station;
	char name[160]; /* for the log */
	struct outlet outlet;
	struct list instances;
	struct hmap names;
	struct list ready;
};

static void stamp(struct bmp_peer *peer)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	peer->time_s = (uint32_t)now.tv_sec;
	peer->time_us = (uint32_t)(now.tv_nsec / 1000);
}

/* Appends what an encoder writes. A message that does not fit marks the buffer as overflowed. */
#define ADD(to, bytes_max, encode, ...)                       \
	do {                                                  \
		struct writer w_;                             \
		void *room_ = buf_reserve((to), (bytes_max)); \
		if (room_ == NULL)                            \
			break;                                \
		w_ = writer_of(room_, (bytes_max));           \
		encode(&w_, __VA_ARGS__);                     \
		if (w_.failed)                                \
			(to)->overflowed = true;              \
		else                                          \
			buf_commit((to), writer_length(&w_)); \
	} while (0)

/* The Loc-RIB has no OPEN of its own: one is made of what it can do (RFC 9069 4.2). */
static void make_open(struct bmp_instance *instance, const struct instance_config *config)
{
	struct writer w = writer_of(instance->open, sizeof(instance->open));
	struct bgp_open open = { .version = 4,
				 .as = config->local_as,
				 .router_id = ip_addr_to_u32(&config->router_id),
				 .capabilities = { .as4 = true, .multiprotocol = true } };

	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++)
		open.capabilities.families[i] = true;
	bgp_open_encode(&w, &open);
	assert(!w.failed);
	instance->open_length = writer_length(&w);
}

static void set_ready(struct bmp_instance *instance)
{
	if (list_is_empty(&instance->ready))
		list_push_back(&instance->sender->ready, &instance->ready);
	outlet_wake(&instance->sender->outlet);
}

static void on_feed_ready(struct feed_reader *reader)
{
	set_ready(CONTAINER_OF(reader, struct bmp_instance, reader));
}

static struct bmp_instance *find(const struct bmp_sender *sender, const char *name)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash_string(name, 0), &sender->names) {
		struct bmp_instance *instance = CONTAINER_OF(node, struct bmp_instance, by_name);

		if (strcmp(instance->name, name) == 0)
			return instance;
	}
	return NULL;
}

static void instance_free(struct bmp_instance *instance)
{
	if (instance->feed != NULL)
		speaker_feed_close(instance->feed);
	list_remove(&instance->node);
	list_remove(&instance->ready);
	if (!instance->ending)
		hmap_remove(&instance->sender->names, &instance->by_name);
	mem_free(instance->name);
	mem_free(instance);
}

static void instance_new(struct bmp_sender *sender, const struct instance_config *config)
{
	struct bmp_instance *instance = mem_zalloc(sizeof(*instance));
	struct error e;

	instance->sender = sender;
	instance->name = mem_strdup(config->name);
	instance->reader.ready = on_feed_ready;
	/* The table-id tells instances with equal identifiers apart. */
	instance->peer = (struct bmp_peer){ .type = BMP_PEER_LOC_RIB,
					    .distinguisher = config->table_id,
					    .as = config->local_as.number,
					    .bgp_id = ip_addr_to_u32(&config->router_id) };
	make_open(instance, config);
	list_init(&instance->ready);
	list_push_back(&sender->instances, &instance->node);
	hmap_insert(&sender->names, &instance->by_name, hash_string(instance->name, 0));
	instance->feed =
		speaker_feed_open(sender->speaker, config->name, false, &instance->reader, &e);
	if (instance->feed == NULL)
		log_text(LOG_ERROR, config->name, NULL, e.text);
	set_ready(instance);
}

static void add_peer_up(struct bmp_instance *instance, struct buf *to)
{
	const struct bmp_peer_up up = { .sent_open = instance->open,
					.sent_open_length = instance->open_length,
					.received_open = instance->open,
					.received_open_length = instance->open_length };

	ADD(to, BMP_PEER_HEADER_BYTES + 2 * OPEN_BYTES_MAX + 1024, bmp_peer_up_encode,
	    &instance->peer, &up, instance->name);
	instance->told = true;
}

/* Tells a piece of what there is to tell. False when that is all for now. */
static bool serve(struct bmp_instance *instance, struct buf *to)
{
	const uint8_t *message;
	size_t length;

	stamp(&instance->peer);
	if (instance->ending) {
		if (instance->told)
			ADD(to, BMP_PEER_HEADER_BYTES + 1024, bmp_peer_down_encode, &instance->peer,
			    BMP_DOWN_LOCAL_TLV, NULL, 0, instance->name);
		return false;
	}
	if (!instance->told) {
		add_peer_up(instance, to);
		return true;
	}
	if (instance->feed == NULL)
		return false;
	message = speaker_feed_next(instance->feed, &length);
	if (message == NULL)
		return false;
	ADD(to, BMP_HEADER_BYTES + BMP_PEER_HEADER_BYTES + length, bmp_route_monitoring_encode,
	    &instance->peer, message, length);
	return true;
}

static void on_room(void *arg)
{
	struct bmp_sender *sender = arg;
	struct buf *to = outlet_buffer(&sender->outlet);

	while (outlet_has_room(&sender->outlet)) {
		struct list *node = list_pop_front(&sender->ready);
		struct bmp_instance *instance;

		if (node == NULL)
			return;
		instance = CONTAINER_OF(node, struct bmp_instance, ready);
		if (serve(instance, to))
			set_ready(instance);
		else if (instance->ending)
			instance_free(instance);
	}
}

static void on_opened(void *arg)
{
	struct bmp_sender *sender = arg;
	struct buf *to = outlet_buffer(&sender->outlet);
	char host[256] = "";
	const char *name;

	log_line(LOG_NOTICE, "BMP: connected to %s", sender->name);
	if (gethostname(host, sizeof(host) - 1) < 0 || host[0] == '\0')
		snprintf(host, sizeof(host), "heliod");
	ADD(to, BMP_HEADER_BYTES + 1024, bmp_initiation_encode, host, "heliod " HELIOSTAT_VERSION,
	    NULL);
	for (size_t i = 0; (name = speaker_instance_name(sender->speaker, i)) != NULL; i++)
		instance_new(sender, speaker_instance_config(sender->speaker, name));
}

static void forget_all(struct bmp_sender *sender)
{
	while (!list_is_empty(&sender->instances))
		instance_free(CONTAINER_OF(sender->instances.next, struct bmp_instance, node));
}

static void on_closed(void *arg, const char *why)
{
	struct bmp_sender *sender = arg;

	log_line(LOG_WARNING, "BMP: %s: %s", sender->name, why);
	forget_all(sender);
}

struct bmp_sender *bmp_sender_new(struct loop *loop, struct speaker *speaker,
				  const struct heliod_bmp *station)
{
	static const struct outlet_ops ops = { on_opened, on_closed, on_room };
	struct bmp_sender *sender = mem_zalloc(sizeof(*sender));
	char address[IP_TEXT_MAX];

	sender->speaker = speaker;
	sender->station = station;
	if (station->path != NULL)
		snprintf(sender->name, sizeof(sender->name), "%s", station->path);
	else
		snprintf(sender->name, sizeof(sender->name), "%s port %u",
			 ip_addr_format(&station->address, address), station->port);
	list_init(&sender->instances);
	hmap_init(&sender->names);
	list_init(&sender->ready);
	outlet_init(&sender->outlet, loop, station->path, &station->address, station->port, &ops,
		    sender);
	return sender;
}

void bmp_sender_free(struct bmp_sender *sender)
{
	if (sender == NULL)
		return;
	forget_all(sender);
	outlet_done(&sender->outlet);
	hmap_done(&sender->names);
	mem_free(sender);
}

void bmp_sender_instance_added(struct bmp_sender *sender, const char *name)
{
	if (sender != NULL && outlet_is_up(&sender->outlet) && find(sender, name) == NULL)
		instance_new(sender, speaker_instance_config(sender->speaker, name));
}

void bmp_sender_instance_deleting(struct bmp_sender *sender, const char *name)
{
	struct bmp_instance *instance = sender == NULL ? NULL : find(sender, name);

	if (instance == NULL)
		return;
	if (instance->feed != NULL)
		speaker_feed_close(instance->feed);
	instance->feed = NULL;
	instance->ending = true;
	hmap_remove(&sender->names, &instance->by_name);
	set_ready(instance);
}

/*
 * bmp_sender: the Loc-RIB of all instances, to a BMP station.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/bmp_sender.h"

#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "bgp/message.h"
#include "bmp/bmp.h"
#include "heliod/feed_book.h"

#define OPEN_BYTES_MAX 256u /* an OPEN with the capabilities of make_open */

/* An instance as the station knows it. */
struct bmp_instance {
	struct feed_book_entry entry;
	struct bmp_peer peer;
	uint8_t open[OPEN_BYTES_MAX]; /* what its Peer Up carries */
	size_t open_length;
	bool told; /* its Peer Up is sent */
};

struct bmp_sender {
	struct feed_book book;
	char name[160]; /* of the station, for the log */
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

/* The Loc-RIB has no OPEN of its own: one is made of what its UPDATEs need to be read (RFC 9069
 * 4.2). */
static void make_open(struct bmp_instance *instance, const struct instance_config *config)
{
	struct writer w = writer_of(instance->open, sizeof(instance->open));
	struct bgp_open open = {
		.version = 4,
		.as = config->local_as,
		.router_id = ip_addr_to_u32(&config->router_id),
		.capabilities = { .as4 = true, .multiprotocol = true, .extended_message = true }
	};

	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		open.capabilities.families[i] = true;
		open.capabilities.extended_next_hop[i] =
			(bgp_family_info((enum bgp_family)i)->next_hop &
			 BGP_NEXT_HOP_V6_NEGOTIATED) != 0;
		if (bgp_family_is_labeled((enum bgp_family)i)) /* it has what all peers said */
			open.capabilities.labels_max[i] = UINT8_MAX;
	}
	bgp_open_encode(&w, &open);
	assert(!w.failed);
	instance->open_length = writer_length(&w);
}

static struct feed_book_entry *entry_new(UNUSED struct feed_book *book,
					 const struct instance_config *config)
{
	struct bmp_instance *instance = mem_zalloc(sizeof(*instance));

	/* The table-id tells instances with equal identifiers apart. */
	instance->peer = (struct bmp_peer){ .type = BMP_PEER_LOC_RIB,
					    .distinguisher = config->table_id,
					    .as = config->local_as.number,
					    .bgp_id = ip_addr_to_u32(&config->router_id) };
	make_open(instance, config);
	return &instance->entry;
}

static void entry_free(struct feed_book_entry *entry)
{
	mem_free(CONTAINER_OF(entry, struct bmp_instance, entry));
}

static void add_peer_up(struct bmp_instance *instance, struct buf *to)
{
	const struct bmp_peer_up up = { .sent_open = instance->open,
					.sent_open_length = instance->open_length,
					.received_open = instance->open,
					.received_open_length = instance->open_length };

	ADD(to, BMP_PEER_HEADER_BYTES + 2 * OPEN_BYTES_MAX + 1024, bmp_peer_up_encode,
	    &instance->peer, &up, instance->entry.name);
	instance->told = true;
}

static bool serve(struct feed_book_entry *entry, struct buf *to)
{
	struct bmp_instance *instance = CONTAINER_OF(entry, struct bmp_instance, entry);
	const uint8_t *message;
	size_t length;

	stamp(&instance->peer);
	if (entry->ending) {
		if (instance->told)
			ADD(to, BMP_PEER_HEADER_BYTES + 1024, bmp_peer_down_encode, &instance->peer,
			    BMP_DOWN_LOCAL_TLV, NULL, 0, entry->name);
		return false;
	}
	if (!instance->told) {
		add_peer_up(instance, to);
		return true;
	}
	if (entry->feed == NULL)
		return false;
	message = speaker_feed_next(entry->feed, &length);
	if (message == NULL)
		return false;
	ADD(to, BMP_HEADER_BYTES + BMP_PEER_HEADER_BYTES + length, bmp_route_monitoring_encode,
	    &instance->peer, message, length);
	return true;
}

static void opened(UNUSED struct feed_book *book, struct buf *to)
{
	char host[256] = "";

	if (gethostname(host, sizeof(host) - 1) < 0 || host[0] == '\0')
		snprintf(host, sizeof(host), "heliod");
	ADD(to, BMP_HEADER_BYTES + 1024, bmp_initiation_encode, host, "heliod " HELIOSTAT_VERSION,
	    NULL);
}

struct bmp_sender *bmp_sender_new(struct loop *loop, struct speaker *speaker,
				  const struct heliod_bmp *station)
{
	static const struct feed_book_ops ops = { opened, entry_new, entry_free, serve };
	struct bmp_sender *sender = mem_zalloc(sizeof(*sender));
	const struct feed_book_station to = { .name = sender->name,
					      .path = station->path,
					      .address = station->address,
					      .port = station->port };
	char address[IP_TEXT_MAX];

	if (station->path != NULL)
		snprintf(sender->name, sizeof(sender->name), "%s", station->path);
	else
		snprintf(sender->name, sizeof(sender->name), "%s port %u",
			 ip_addr_format(&station->address, address), station->port);
	feed_book_init(&sender->book, loop, speaker, "BMP", &to, false, &ops);
	return sender;
}

void bmp_sender_free(struct bmp_sender *sender)
{
	if (sender == NULL)
		return;
	feed_book_done(&sender->book);
	mem_free(sender);
}

void bmp_sender_instance_added(struct bmp_sender *sender, const char *name)
{
	if (sender != NULL)
		feed_book_add(&sender->book, name);
}

void bmp_sender_instance_deleting(struct bmp_sender *sender, const char *name)
{
	if (sender != NULL)
		feed_book_end(&sender->book, name);
}

/*
 * fpm_sender: the best routes of all instances, to the agent.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/fpm_sender.h"

#include "base/mem.h"
#include "bgp/update.h"
#include "fpm/fpm.h"
#include "heliod/feed_book.h"
#include "heliod/fpm_table.h"
#include "heliod/log.h"

#define DROP_ROUTES 1000u

/* An instance as the agent knows it. */
struct fpm_instance {
	struct feed_book_entry entry; /* ending: its routes are being taken away */
	uint32_t ended_families;      /* whose End-of-RIB came, as bits */
	struct ip_addr *changed;      /* next hops that may lead elsewhere */
	size_t changed_count, changed_capacity;
	struct fpm_table table;
};

struct fpm_sender {
	struct feed_book book;
	uint64_t seed;
	struct bitset ids;
	struct arena arena;
	struct bgp_update update;
};

static struct fpm_sender *sender_of(struct feed_book *book)
{
	return CONTAINER_OF(book, struct fpm_sender, book);
}

/* Own next hops: our compartment's address, under which our own networks are announced. The agent
 * routes those itself. */
static bool is_own(const struct instance_config *config, const struct ip_addr *next_hop)
{
	for (size_t i = 0; i < config->network_count; i++) {
		if (config->networks[i].advertise != NETWORK_ADVERTISE_EXTERNAL &&
		    ip_addr_equal(&config->networks[i].next_hop, next_hop))
			return true;
	}
	return false;
}

static bool is_direct(const struct instance_config *config, const struct ip_addr *next_hop)
{
	for (size_t i = 0; i < config->direct_next_hop_count; i++) {
		if (ip_prefix_contains(&config->direct_next_hops[i], next_hop))
			return true;
	}
	return false;
}

static struct fpm_way resolve(const struct ip_addr *next_hop, void *arg)
{
	const struct fpm_instance *instance = arg;
	const struct speaker *speaker = instance->entry.book->speaker;
	const char *name = instance->entry.name;
	const struct instance_config *config = speaker_instance_config(speaker, name);
	struct fpm_way way = { 0 };

	if (config == NULL || config->next_hop_resolution != NEXT_HOP_RESOLUTION_EXACT) {
		way.gateway = *next_hop;
		return way;
	}
	if (is_own(config, next_hop)) {
		way.skip = true;
		return way;
	}
	switch (speaker_next_hop(speaker, name, next_hop, &way.gateway)) {
	case NEXT_HOP_LOCAL:
		way.gateway = *next_hop;
		break;
	case NEXT_HOP_REMOTE:
		break;
	case NEXT_HOP_BLACKHOLE:
		way = (struct fpm_way){ .blackhole = true };
		break;
	case NEXT_HOP_UNKNOWN:
		if (is_direct(config, next_hop))
			way.gateway = *next_hop;
		else
			way = (struct fpm_way){ .blackhole = true };
		break;
	}
	return way;
}

static struct feed_book_entry *entry_new(struct feed_book *book,
					 const struct instance_config *config)
{
	struct fpm_instance *instance = mem_zalloc(sizeof(*instance));
	struct fpm_sender *sender = sender_of(book);

	fpm_table_init(&instance->table, config->table_id, &sender->ids, sender->seed, resolve,
		       instance);
	return &instance->entry;
}

static void entry_free(struct feed_book_entry *entry)
{
	struct fpm_instance *instance = CONTAINER_OF(entry, struct fpm_instance, entry);

	fpm_table_done(&instance->table);
	mem_free(instance->changed);
	mem_free(instance);
}

static void apply_run(struct fpm_instance *instance, struct bgp_nlri_run run,
		      const struct ip_addr *next_hop, struct buf *to)
{
	struct bgp_nlri nlri;
	struct ip_prefix prefix;

	if (run.family == BGP_FAMILY_NONE)
		return;
	while (bgp_nlri_next(&run, false, &nlri)) {
		bgp_nlri_to_prefix(run.family, &nlri, &prefix);
		if (next_hop == NULL)
			fpm_table_withdraw(&instance->table, &prefix, to);
		else
			fpm_table_announce(&instance->table, &prefix, next_hop, to);
	}
}

/* The agent's End-of-RIB is for the table: when every family has had its own. */
static void end_family(struct fpm_instance *instance, enum bgp_family family, struct buf *to)
{
	const uint32_t all = 1u << BGP_IPV4_UNICAST | 1u << BGP_IPV6_UNICAST;

	if (instance->ended_families == all)
		return;
	instance->ended_families |= 1u << family;
	if (instance->ended_families == all)
		fpm_put_end_of_rib(to, instance->table.table_id);
}

/* The feed is our own speaker's: what it cannot be read as is an error of the program, and said. */
static int apply_update(struct fpm_instance *instance, const uint8_t *message, size_t length,
			struct buf *to, struct error *e)
{
	static const struct bgp_context context = {
		.as4 = true, .ibgp = true, .message_bytes_max = BGP_MESSAGE_BYTES_MAX_EXTENDED
	};
	struct fpm_sender *sender = sender_of(instance->entry.book);
	struct bgp_update *update = &sender->update;
	struct bgp_notification notification;
	struct bgp_attrs attrs = { 0 };

	if (length < BGP_HEADER_BYTES)
		return error_set(e, "a message of %zu octets", length);
	if (bgp_update_cut(message + BGP_HEADER_BYTES, length - BGP_HEADER_BYTES, &context, update,
			   &notification, e) != BGP_OK)
		return -1;
	if (update->end_of_rib != BGP_FAMILY_NONE) {
		end_family(instance, update->end_of_rib, to);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(update->withdrawn); i++)
		apply_run(instance, update->withdrawn[i], NULL, to);
	if (!update->announces)
		return 0;
	arena_clear(&sender->arena);
	if (bgp_attrs_decode(update->key, update->key_length, &context, true, &sender->arena,
			     &attrs, &notification, e) != BGP_OK)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(update->announced); i++)
		apply_run(instance, update->announced[i], &attrs.next_hop, to);
	return 0;
}

static void apply_changed(struct fpm_instance *instance, struct buf *to)
{
	for (size_t i = 0; i < instance->changed_count; i++)
		fpm_table_next_hop_changed(&instance->table, &instance->changed[i], to);
	instance->changed_count = 0;
}

static bool serve(struct feed_book_entry *entry, struct buf *to)
{
	struct fpm_instance *instance = CONTAINER_OF(entry, struct fpm_instance, entry);
	const uint8_t *message;
	struct error e = { "" };
	size_t length;

	if (entry->ending)
		return fpm_table_drop(&instance->table, DROP_ROUTES, to);
	apply_changed(instance, to);
	if (entry->feed == NULL)
		return false;
	message = speaker_feed_next(entry->feed, &length);
	if (message == NULL)
		return false;
	if (apply_update(instance, message, length, to, &e) < 0)
		log_line(LOG_ERROR, "instance=%s FPM: an UPDATE of the feed: %s", entry->name,
			 e.text);
	return true;
}

struct fpm_sender *fpm_sender_new(struct loop *loop, struct speaker *speaker, const char *path,
				  uint64_t seed)
{
	static const struct feed_book_ops ops = { NULL, entry_new, entry_free, serve };
	const struct feed_book_station to = { .name = path, .path = path };
	struct fpm_sender *sender = mem_zalloc(sizeof(*sender));

	sender->seed = seed;
	bitset_init(&sender->ids);
	arena_init(&sender->arena, 0);
	feed_book_init(&sender->book, loop, speaker, "FPM", &to, true, &ops);
	return sender;
}

void fpm_sender_free(struct fpm_sender *sender)
{
	if (sender == NULL)
		return;
	feed_book_done(&sender->book);
	bitset_done(&sender->ids);
	arena_done(&sender->arena);
	mem_free(sender);
}

void fpm_sender_instance_added(struct fpm_sender *sender, const char *name)
{
	if (sender != NULL)
		feed_book_add(&sender->book, name);
}

void fpm_sender_instance_deleting(struct fpm_sender *sender, const char *name)
{
	if (sender != NULL)
		feed_book_end(&sender->book, name);
}

void fpm_sender_next_hop_changed(struct fpm_sender *sender, const char *name,
				 const struct ip_addr *next_hop)
{
	struct feed_book_entry *entry = sender == NULL ? NULL : feed_book_find(&sender->book, name);
	struct fpm_instance *instance;

	if (entry == NULL)
		return;
	instance = CONTAINER_OF(entry, struct fpm_instance, entry);
	for (size_t i = 0; i < instance->changed_count; i++) {
		if (ip_addr_equal(&instance->changed[i], next_hop))
			return;
	}
	MEM_RESERVE(instance->changed, instance->changed_capacity, instance->changed_count + 1);
	instance->changed[instance->changed_count++] = *next_hop;
	feed_book_set_ready(entry);
}

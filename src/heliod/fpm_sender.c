/*
 * fpm_sender: the best routes of all instances, to the agent.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/fpm_sender.h"

#include "base/hash.h"
#include "base/hmap.h"
#include "base/list.h"
#include "base/mem.h"
#include "bgp/update.h"
#include "fpm/fpm.h"
#include "heliod/feed_reader.h"
#include "heliod/fpm_table.h"
#include "heliod/log.h"
#include "heliod/outlet.h"

#define DROP_ROUTES 1000u

/* An instance as the agent knows it. */
struct fpm_instance {
	struct feed_reader reader; /* first: what the feed's data points to */
	struct fpm_sender *sender;
	struct list node;	  /* of all */
	struct hmap_node by_name; /* of those that are not ending */
	struct list ready;	  /* has something to be told */
	char *name;
	struct speaker_feed *feed; /* NULL: none is open */
	bool ending;		   /* it is deleted; its routes are being taken away */
	uint32_t ended_families;   /* whose End-of-RIB came, as bits */
	struct ip_addr *changed;   /* next hops that may lead elsewhere */
	size_t changed_count, changed_capacity;
	struct fpm_table table;
};

struct fpm_sender {
	struct loop *loop;
	struct speaker *speaker;
	uint64_t seed;
	struct outlet outlet;
	struct list instances;
	struct hmap names;
	struct list ready;
	struct bitset ids;
	struct arena arena;
	struct bgp_update update;
};

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
	const struct speaker *speaker = instance->sender->speaker;
	const struct instance_config *config = speaker_instance_config(speaker, instance->name);
	struct fpm_way way = { 0 };

	if (config == NULL || config->next_hop_resolution != NEXT_HOP_RESOLUTION_EXACT) {
		way.gateway = *next_hop;
		return way;
	}
	if (is_own(config, next_hop)) {
		way.skip = true;
		return way;
	}
	switch (speaker_next_hop(speaker, instance->name, next_hop, &way.gateway)) {
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

static void set_ready(struct fpm_instance *instance)
{
	if (list_is_empty(&instance->ready))
		list_push_back(&instance->sender->ready, &instance->ready);
	outlet_wake(&instance->sender->outlet);
}

static struct fpm_instance *find(const struct fpm_sender *sender, const char *name)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash_string(name, 0), &sender->names) {
		struct fpm_instance *instance = CONTAINER_OF(node, struct fpm_instance, by_name);

		if (strcmp(instance->name, name) == 0)
			return instance;
	}
	return NULL;
}

static void instance_free(struct fpm_instance *instance)
{
	if (instance->feed != NULL)
		speaker_feed_close(instance->feed);
	list_remove(&instance->node);
	list_remove(&instance->ready);
	if (!instance->ending)
		hmap_remove(&instance->sender->names, &instance->by_name);
	fpm_table_done(&instance->table);
	mem_free(instance->changed);
	mem_free(instance->name);
	mem_free(instance);
}

static void on_feed_ready(struct feed_reader *reader)
{
	set_ready(CONTAINER_OF(reader, struct fpm_instance, reader));
}

static struct fpm_instance *instance_new(struct fpm_sender *sender,
					 const struct instance_config *config)
{
	struct fpm_instance *instance = mem_zalloc(sizeof(*instance));
	struct error e;

	instance->sender = sender;
	instance->name = mem_strdup(config->name);
	instance->reader.ready = on_feed_ready;
	list_init(&instance->ready);
	list_push_back(&sender->instances, &instance->node);
	hmap_insert(&sender->names, &instance->by_name, hash_string(instance->name, 0));
	fpm_table_init(&instance->table, config->table_id, &sender->ids, sender->seed, resolve,
		       instance);
	instance->feed =
		speaker_feed_open(sender->speaker, config->name, true, &instance->reader, &e);
	if (instance->feed == NULL)
		log_text(LOG_ERROR, config->name, NULL, e.text);
	set_ready(instance);
	return instance;
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
	struct fpm_sender *sender = instance->sender;
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

/* Tells a piece of what there is to tell. False when that is all for now. */
static bool serve(struct fpm_instance *instance, struct buf *to)
{
	const uint8_t *message;
	struct error e = { "" };
	size_t length;

	if (instance->ending)
		return fpm_table_drop(&instance->table, DROP_ROUTES, to);
	apply_changed(instance, to);
	if (instance->feed == NULL)
		return false;
	message = speaker_feed_next(instance->feed, &length);
	if (message == NULL)
		return false;
	if (apply_update(instance, message, length, to, &e) < 0)
		log_line(LOG_ERROR, "instance=%s FPM: an UPDATE of the feed: %s", instance->name,
			 e.text);
	return true;
}

static void on_room(void *arg)
{
	struct fpm_sender *sender = arg;
	struct buf *to = outlet_buffer(&sender->outlet);

	while (outlet_has_room(&sender->outlet)) {
		struct list *node = list_pop_front(&sender->ready);
		struct fpm_instance *instance;

		if (node == NULL)
			return;
		instance = CONTAINER_OF(node, struct fpm_instance, ready);
		if (serve(instance, to))
			set_ready(instance);
		else if (instance->ending)
			instance_free(instance);
	}
}

static void on_opened(void *arg)
{
	struct fpm_sender *sender = arg;
	const char *name;

	log_line(LOG_NOTICE, "FPM: connected to %s", sender->outlet.path);
	for (size_t i = 0; (name = speaker_instance_name(sender->speaker, i)) != NULL; i++)
		instance_new(sender, speaker_instance_config(sender->speaker, name));
}

static void forget_all(struct fpm_sender *sender)
{
	while (!list_is_empty(&sender->instances))
		instance_free(CONTAINER_OF(sender->instances.next, struct fpm_instance, node));
}

static void on_closed(void *arg, const char *why)
{
	struct fpm_sender *sender = arg;

	log_line(LOG_WARNING, "FPM: %s: %s", sender->outlet.path, why);
	forget_all(sender);
}

struct fpm_sender *fpm_sender_new(struct loop *loop, struct speaker *speaker, const char *path,
				  uint64_t seed)
{
	static const struct outlet_ops ops = { on_opened, on_closed, on_room };
	struct fpm_sender *sender = mem_zalloc(sizeof(*sender));

	sender->loop = loop;
	sender->speaker = speaker;
	sender->seed = seed;
	list_init(&sender->instances);
	hmap_init(&sender->names);
	list_init(&sender->ready);
	bitset_init(&sender->ids);
	arena_init(&sender->arena, 0);
	outlet_init(&sender->outlet, loop, path, NULL, 0, &ops, sender);
	return sender;
}

void fpm_sender_free(struct fpm_sender *sender)
{
	if (sender == NULL)
		return;
	forget_all(sender);
	outlet_done(&sender->outlet);
	hmap_done(&sender->names);
	bitset_done(&sender->ids);
	arena_done(&sender->arena);
	mem_free(sender);
}

void fpm_sender_instance_added(struct fpm_sender *sender, const char *name)
{
	if (sender != NULL && outlet_is_up(&sender->outlet) && find(sender, name) == NULL)
		instance_new(sender, speaker_instance_config(sender->speaker, name));
}

void fpm_sender_instance_deleting(struct fpm_sender *sender, const char *name)
{
	struct fpm_instance *instance = sender == NULL ? NULL : find(sender, name);

	if (instance == NULL)
		return;
	if (instance->feed != NULL)
		speaker_feed_close(instance->feed);
	instance->feed = NULL;
	instance->ending = true;
	hmap_remove(&sender->names, &instance->by_name);
	set_ready(instance);
}

void fpm_sender_next_hop_changed(struct fpm_sender *sender, const char *name,
				 const struct ip_addr *next_hop)
{
	struct fpm_instance *instance = sender == NULL ? NULL : find(sender, name);

	if (instance == NULL)
		return;
	for (size_t i = 0; i < instance->changed_count; i++) {
		if (ip_addr_equal(&instance->changed[i], next_hop))
			return;
	}
	MEM_RESERVE(instance->changed, instance->changed_capacity, instance->changed_count + 1);
	instance->changed[instance->changed_count++] = *next_hop;
	set_ready(instance);
}

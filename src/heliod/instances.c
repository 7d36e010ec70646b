/*
 * instances: the instances as file or control socket want them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/instances.h"

#include "base/mem.h"
#include "heliod/log.h"
#include "heliod/table_ids.h"

#define DESCRIPTORS_OF_OUR_OWN 64u /* listeners, control, feeds; some for who is refused */

struct instances {
	struct daemon *daemon;
	struct table_ids tables;   /* of those that run: every one is in it */
	size_t neighbors;	   /* of all of them, by name */
	bool warned;		   /* that there are too many of them */
	struct loop_defer refresh; /* listeners and passwords, after neighbors changed */
	json_t *to_refresh;	   /* the instances whose, as keys */
};

/* Listeners. */

static void do_refresh(UNUSED struct loop_defer *defer, void *arg)
{
	struct instances *instances = arg;
	struct daemon *daemon = instances->daemon;
	const char *name;
	json_t *ignored;

	for (size_t i = 0; i < HELIOD_LISTEN_MAX && daemon->listeners[i] != NULL; i++)
		listener_refresh_passwords(daemon->listeners[i]);
	json_object_foreach(instances->to_refresh, name, ignored)
	{
		if (daemon->handover != NULL)
			handover_refresh(daemon->handover, name);
	}
	json_object_clear(instances->to_refresh);
}

void instances_neighbors_changed(struct instances *instances, const char *name)
{
	json_object_set_new(instances->to_refresh, name, json_true());
	loop_defer_add(instances->daemon->loop, &instances->refresh);
}

struct instances *instances_new(struct daemon *daemon)
{
	struct instances *instances = mem_zalloc(sizeof(*instances));

	instances->daemon = daemon;
	table_ids_init(&instances->tables);
	loop_defer_init(&instances->refresh, do_refresh, instances);
	instances->to_refresh = json_object();
	return instances;
}

void instances_free(struct instances *instances)
{
	if (instances == NULL)
		return;
	loop_defer_remove(&instances->refresh);
	json_decref(instances->to_refresh);
	table_ids_done(&instances->tables);
	mem_free(instances);
}

/* One instance. */

static void tell_added(struct instances *instances, const char *name)
{
	struct daemon *daemon = instances->daemon;

	fpm_sender_instance_added(daemon->fpm, name);
	for (size_t i = 0; i < HELIOD_BMP_MAX; i++)
		bmp_sender_instance_added(daemon->bmp[i], name);
	instances_neighbors_changed(instances, name);
	wire_wake(daemon->wire);
}

static void tell_deleting(struct instances *instances, const char *name)
{
	struct daemon *daemon = instances->daemon;

	fpm_sender_instance_deleting(daemon->fpm, name);
	for (size_t i = 0; i < HELIOD_BMP_MAX; i++)
		bmp_sender_instance_deleting(daemon->bmp[i], name);
}

static int check(const struct instances *instances, const struct instance_config *config,
		 struct error *e)
{
	const char *holder = table_ids_holder(&instances->tables, config->table_id);

	if (instances->daemon->handover != NULL &&
	    config->next_hop_resolution == NEXT_HOP_RESOLUTION_KERNEL)
		return error_set(e, "next-hop-resolution: kernel is for a stand-alone heliod; "
				    "must be none or exact");
	if (holder != NULL && strcmp(holder, config->name) != 0)
		return error_set(e, "table-id: %u is that of instance %s", config->table_id,
				 holder);
	return 0;
}

/* A session that finds no descriptor would only be seen to fail again and again. */
static void count_neighbors(struct instances *instances, size_t gone, size_t come)
{
	size_t most = instances->daemon->descriptors_max;

	instances->neighbors += come - gone;
	if (instances->neighbors + DESCRIPTORS_OF_OUR_OWN <= most) {
		instances->warned = false;
	} else if (!instances->warned) {
		instances->warned = true;
		log_line(LOG_WARNING,
			 "more neighbors than the %zu descriptors that the process may have: "
			 "raise the limit (ulimit -n, LimitNOFILE)",
			 most);
	}
}

static bool same_document(const struct instance_config *a, const struct instance_config *b)
{
	json_t *first = instance_config_to_json(a, false);
	json_t *second = instance_config_to_json(b, false);
	bool same = json_equal(first, second);

	json_decref(first);
	json_decref(second);
	return same;
}

int instances_put(struct instances *instances, struct instance_config *config, bool *ret_changed,
		  struct error *e)
{
	struct daemon *daemon = instances->daemon;
	const struct instance_config *old = speaker_instance_config(daemon->speaker, config->name);
	const uint32_t old_table = old != NULL ? old->table_id : 0;
	const size_t old_neighbors = old != NULL ? old->neighbor_count : 0;
	const struct instance_config *now;
	char *name;
	int result;

	if (config->table_id == 0)
		config->table_id =
			old != NULL ? old_table : table_ids_free_from(&instances->tables, 1);
	*ret_changed = old == NULL || !same_document(old, config);
	if (!*ret_changed || check(instances, config, e) < 0) {
		result = *ret_changed ? -1 : 0;
		instance_config_free(config);
		return result;
	}
	name = mem_strdup(config->name);
	if (speaker_instance_replaces(daemon->speaker, config))
		tell_deleting(instances, name);
	result = speaker_instance_put(daemon->speaker, config, e, loop_now(daemon->loop));
	table_ids_drop(&instances->tables, old_table);
	now = speaker_instance_config(daemon->speaker, name);
	count_neighbors(instances, old_neighbors, now == NULL ? 0 : now->neighbor_count);
	if (now != NULL) {
		table_ids_take(&instances->tables, now->table_id, name);
		tell_added(instances, name);
	}
	mem_free(name);
	return result;
}

int instances_delete(struct instances *instances, const char *name, struct error *e)
{
	struct daemon *daemon = instances->daemon;
	const struct instance_config *config = speaker_instance_config(daemon->speaker, name);
	uint32_t table_id;
	char *own; /* `name` may be the instance's, and go with it */
	int result;

	if (config == NULL)
		return error_set(e, "name: there is no instance %.64s", name);
	table_id = config->table_id;
	count_neighbors(instances, config->neighbor_count, 0);
	own = mem_strdup(name);
	tell_deleting(instances, own);
	result = speaker_instance_delete(daemon->speaker, own, e, loop_now(daemon->loop));
	next_hops_instance_deleted(daemon->next_hops, own);
	instances_neighbors_changed(instances, own);
	table_ids_drop(&instances->tables, table_id);
	wire_wake(daemon->wire);
	mem_free(own);
	return result;
}

/* All of a file. */

/* Gives a table-id to those that have none: the one under which they run, else that of their
 * position, else the next one that nobody in the file has. All are then in `wanted`. */
static void choose_tables(const struct instances *instances, struct heliod_config *config,
			  struct table_ids *wanted)
{
	const struct instance_config *old;
	uint32_t next = 1;

	for (size_t i = 0; i < config->instance_count; i++) {
		if (config->instances[i]->table_id != 0)
			table_ids_take(wanted, config->instances[i]->table_id,
				       config->instances[i]->name);
	}
	for (size_t i = 0; i < config->instance_count; i++) {
		struct instance_config *new = config->instances[i];

		old = speaker_instance_config(instances->daemon->speaker, new->name);
		if (new->table_id != 0 || old == NULL ||
		    table_ids_holder(wanted, old->table_id) != NULL)
			continue;
		new->table_id = old->table_id;
		table_ids_take(wanted, new->table_id, new->name);
	}
	for (size_t i = 0; i < config->instance_count; i++) {
		struct instance_config *new = config->instances[i];

		if (new->table_id != 0)
			continue;
		new->table_id = (uint32_t)i + 1;
		if (table_ids_holder(wanted, new->table_id) != NULL)
			new->table_id = next = table_ids_free_from(wanted, next);
		table_ids_take(wanted, new->table_id, new->name);
	}
}

/* Deletes what the file has no more. What it gives another table-id goes too, as it would end in
 * any case: nobody is then in the way of those that take its old one. */
static void delete_unwanted(struct instances *instances, const struct table_ids *wanted,
			    const json_t *names, struct instances_change *change)
{
	const struct speaker *speaker = instances->daemon->speaker;
	const char *next = speaker_instance_next(speaker, NULL);
	struct error e;

	while (next != NULL) {
		const char *name = next;
		const char *holder =
			table_ids_holder(wanted, speaker_instance_config(speaker, name)->table_id);
		bool stays = json_object_get(names, name) != NULL;

		next = speaker_instance_next(speaker, name);
		if (holder != NULL && strcmp(holder, name) == 0)
			continue;
		if (instances_delete(instances, name, &e) < 0)
			continue;
		if (stays)
			change->changed++;
		else
			change->deleted++;
	}
}

/* The names of the file; true: it runs already. */
static json_t *names_of(const struct instances *instances, const struct heliod_config *config)
{
	json_t *names = json_object();

	for (size_t i = 0; i < config->instance_count; i++) {
		const char *name = config->instances[i]->name;
		bool runs = speaker_instance_config(instances->daemon->speaker, name) != NULL;

		json_object_set_new(names, name, json_boolean(runs));
	}
	return names;
}

int instances_apply(struct instances *instances, struct heliod_config *config,
		    struct instances_change *ret_change, struct error *e)
{
	struct instances_change change = { 0 };
	json_t *names = names_of(instances, config);
	struct table_ids wanted;
	struct error why;
	int result = 0;

	table_ids_init(&wanted);
	choose_tables(instances, config, &wanted);
	delete_unwanted(instances, &wanted, names, &change);
	for (size_t i = 0; i < config->instance_count; i++) {
		struct instance_config *new = config->instances[i];
		bool ran = json_is_true(json_object_get(names, new->name));
		bool again = ran &&
			     speaker_instance_config(instances->daemon->speaker, new->name) == NULL;
		bool changed;

		config->instances[i] = NULL;
		if (instances_put(instances, new, &changed, &why) < 0) {
			if (result == 0)
				error_set(e, "instances[%zu]: %s", i, why.text);
			result = -1;
			continue;
		}
		change.added += !ran;
		change.changed += ran && changed && !again;
		change.same += !changed;
	}
	table_ids_done(&wanted);
	json_decref(names);
	*ret_change = change;
	return result;
}

/*
 * feed_book: the book of the instances that a reader of feeds is told of, over one outlet.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/feed_book.h"

#include "base/hash.h"
#include "base/mem.h"
#include "heliod/log.h"

void feed_book_set_ready(struct feed_book_entry *entry)
{
	if (list_is_empty(&entry->ready))
		list_push_back(&entry->book->ready, &entry->ready);
	outlet_wake(&entry->book->outlet);
}

static void on_feed_ready(struct feed_reader *reader)
{
	feed_book_set_ready(CONTAINER_OF(reader, struct feed_book_entry, reader));
}

struct feed_book_entry *feed_book_find(const struct feed_book *book, const char *name)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash_string(name, 0), &book->names) {
		struct feed_book_entry *entry = CONTAINER_OF(node, struct feed_book_entry, by_name);

		if (strcmp(entry->name, name) == 0)
			return entry;
	}
	return NULL;
}

static void close_feed(struct feed_book_entry *entry)
{
	if (entry->feed != NULL)
		speaker_feed_close(entry->feed);
	entry->feed = NULL;
}

static void entry_free(struct feed_book_entry *entry)
{
	close_feed(entry);
	list_remove(&entry->node);
	list_remove(&entry->ready);
	if (!entry->ending)
		hmap_remove(&entry->book->names, &entry->by_name);
	mem_free(entry->name);
	entry->book->ops->entry_free(entry);
}

static void entry_add(struct feed_book *book, const struct instance_config *config)
{
	struct feed_book_entry *entry = book->ops->entry_new(book, config);
	struct error e;

	*entry = (struct feed_book_entry){ .reader.ready = on_feed_ready, .book = book };
	entry->name = mem_strdup(config->name);
	list_init(&entry->ready);
	list_push_back(&book->entries, &entry->node);
	hmap_insert(&book->names, &entry->by_name, hash_string(entry->name, 0));
	entry->feed = speaker_feed_open(book->speaker, config->name, book->forwarding,
					&entry->reader, &e);
	if (entry->feed == NULL)
		log_text(LOG_ERROR, config->name, NULL, e.text);
	feed_book_set_ready(entry);
}

static void on_opened(void *arg)
{
	struct feed_book *book = arg;
	const char *name = NULL;

	log_line(LOG_NOTICE, "%s: connected to %s", book->title, book->station);
	if (book->ops->opened != NULL)
		book->ops->opened(book, outlet_buffer(&book->outlet));
	while ((name = speaker_instance_next(book->speaker, name)) != NULL)
		entry_add(book, speaker_instance_config(book->speaker, name));
}

static void forget_all(struct feed_book *book)
{
	while (!list_is_empty(&book->entries))
		entry_free(CONTAINER_OF(book->entries.next, struct feed_book_entry, node));
}

static void on_closed(void *arg, const char *why)
{
	struct feed_book *book = arg;

	log_line(LOG_WARNING, "%s: %s: %s", book->title, book->station, why);
	forget_all(book);
}

static void on_room(void *arg)
{
	struct feed_book *book = arg;

	while (outlet_has_room(&book->outlet)) {
		struct list *node = list_pop_front(&book->ready);
		struct feed_book_entry *entry;

		if (node == NULL)
			return;
		entry = CONTAINER_OF(node, struct feed_book_entry, ready);
		if (!book->ops->serve(entry, outlet_buffer(&book->outlet))) {
			if (entry->ending)
				entry_free(entry);
		} else if (entry->ending) {
			/* What comes after it may have its table: first all of it is gone. */
			list_push_front(&book->ready, &entry->ready);
		} else {
			feed_book_set_ready(entry);
		}
	}
}

void feed_book_init(struct feed_book *book, struct loop *loop, struct speaker *speaker,
		    const char *title, const struct feed_book_station *station, bool forwarding,
		    const struct feed_book_ops *ops)
{
	static const struct outlet_ops outlet_ops = { on_opened, on_closed, on_room };

	*book = (struct feed_book){ .ops = ops,
				    .speaker = speaker,
				    .title = title,
				    .station = station->name,
				    .forwarding = forwarding };
	list_init(&book->entries);
	hmap_init(&book->names);
	list_init(&book->ready);
	outlet_init(&book->outlet, loop, station->path, &station->address, station->port,
		    &outlet_ops, book);
}

void feed_book_done(struct feed_book *book)
{
	forget_all(book);
	outlet_done(&book->outlet);
	hmap_done(&book->names);
}

void feed_book_add(struct feed_book *book, const char *name)
{
	if (outlet_is_up(&book->outlet) && feed_book_find(book, name) == NULL)
		entry_add(book, speaker_instance_config(book->speaker, name));
}

void feed_book_end(struct feed_book *book, const char *name)
{
	struct feed_book_entry *entry = feed_book_find(book, name);

	if (entry == NULL)
		return;
	close_feed(entry);
	entry->ending = true;
	hmap_remove(&book->names, &entry->by_name);
	feed_book_set_ready(entry);
}

/*
 * feed_book: the book of the instances that a reader of feeds is told of, over one outlet.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What BMP and FPM have in common: an entry for each instance, by name, with its feed; those that
 * have something to say stand in line and are served a piece at a time, while the outlet has room,
 * so that one large instance does not keep the others waiting and a slow reader holds feeds, not
 * memory. An instance that is deleted is "ending": it is nobody's by name any more (a new one may
 * have it), and its entry stays until its last word is said. With each connection the book begins
 * anew: every instance is told again.
 */
#ifndef HELIOD_FEED_BOOK_H
#define HELIOD_FEED_BOOK_H

#include "base/hmap.h"
#include "base/list.h"
#include "heliod/feed_reader.h"
#include "heliod/outlet.h"
#include "speaker/speaker.h"

struct feed_book;

/* Embedded in what its owner keeps of an instance. */
struct feed_book_entry {
	struct feed_reader reader; /* what the feed's data points to */
	struct feed_book *book;
	struct list node;	  /* of all */
	struct hmap_node by_name; /* of those that are not ending */
	struct list ready;	  /* stands in line */
	char *name;
	struct speaker_feed *feed; /* NULL: none is open */
	bool ending;
};

struct feed_book_ops {
	/* Connected: what is said before anything of an instance. NULL: nothing. */
	void (*opened)(struct feed_book *book, struct buf *to);
	/* A new entry, of which the owner fills his own part only. */
	struct feed_book_entry *(*entry_new)(struct feed_book *book,
					     const struct instance_config *config);
	/* Frees the owner's part, and the memory. */
	void (*entry_free)(struct feed_book_entry *entry);
	/* Says a piece of what there is to say. False: that is all for now; when it is ending, for
	 * ever. */
	bool (*serve)(struct feed_book_entry *entry, struct buf *to);
};

struct feed_book {
	const struct feed_book_ops *ops;
	struct speaker *speaker;
	const char *title;   /* for the log: "BMP" */
	const char *station; /* to whom; the owner's */
	bool forwarding;     /* feeds without the instances' own networks */
	struct outlet outlet;
	struct list entries;
	struct hmap names;
	struct list ready;
};

/* `path`, or NULL and address and port: as outlet_init has them. */
struct feed_book_station {
	const char *name; /* for the log */
	const char *path;
	struct ip_addr address;
	uint16_t port;
};

/* The texts of `station` are the owner's and outlive the book. */
void feed_book_init(struct feed_book *book, struct loop *loop, struct speaker *speaker,
		    const char *title, const struct feed_book_station *station, bool forwarding,
		    const struct feed_book_ops *ops);
/* Before the speaker is freed. */
void feed_book_done(struct feed_book *book);

/* The entry of an instance that is not ending, or NULL. */
struct feed_book_entry *feed_book_find(const struct feed_book *book, const char *name);
/* It has something to say. */
void feed_book_set_ready(struct feed_book_entry *entry);
/* Nothing happens while there is no connection, nor for an instance that is known. */
void feed_book_add(struct feed_book *book, const char *name);
/* Before the speaker forgets it. */
void feed_book_end(struct feed_book *book, const char *name);

#endif

/*
 * test_feed_book: instances that come, go and come again, over a stream that ends and comes back.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The speaker is a list of names with a feed each that has so many messages. What is served are
 * lines of text, which the test reads from a socket.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/mem.h"
#include "heliod/feed_book.h"
#include "os/unixsock.h"

#define NAMES_MAX 8u

struct speaker_feed {
	struct feed_reader *reader;
	const char *name;
	unsigned left; /* messages */
};

struct speaker {
	const char *names[NAMES_MAX];
	size_t count;
	unsigned messages; /* of a new feed */
	struct speaker_feed *feeds[64];
	size_t feed_count, open;
};

const char *speaker_instance_next(const struct speaker *speaker, const char *name)
{
	size_t index = 0;

	while (name != NULL && index < speaker->count && strcmp(speaker->names[index++], name) != 0)
		continue;
	return index < speaker->count ? speaker->names[index] : NULL;
}

const struct instance_config *speaker_instance_config(UNUSED const struct speaker *speaker,
						      const char *name)
{
	static struct instance_config config;
	static char text[32];

	snprintf(text, sizeof(text), "%s", name);
	config.name = text;
	return &config;
}

struct speaker_feed *speaker_feed_open(struct speaker *speaker, const char *instance,
				       bool forwarding, void *data, struct error *e)
{
	struct speaker_feed *feed;

	assert_true(forwarding);
	if (strcmp(instance, "deaf") == 0) {
		error_set(e, "there is no feed");
		return NULL;
	}
	assert_true(speaker->feed_count < ARRAY_SIZE(speaker->feeds));
	feed = mem_zalloc(sizeof(*feed));
	feed->reader = data;
	feed->left = speaker->messages;
	speaker->feeds[speaker->feed_count++] = feed;
	speaker->open++;
	return feed;
}

static struct speaker *the_speaker;

void speaker_feed_close(struct speaker_feed *feed)
{
	for (size_t i = 0; i < the_speaker->feed_count; i++)
		if (the_speaker->feeds[i] == feed)
			the_speaker->feeds[i] = NULL;
	the_speaker->open--;
	mem_free(feed);
}

const uint8_t *speaker_feed_next(struct speaker_feed *feed, size_t *ret_length)
{
	*ret_length = 1;
	return feed->left == 0 ? NULL : (feed->left--, (const uint8_t *)"m");
}

struct note {
	struct feed_book_entry entry;
	unsigned said;
	unsigned byes; /* still to be said when it is ending */
};

static size_t notes; /* alive */

static void on_opened(UNUSED struct feed_book *book, struct buf *to)
{
	buf_add_text(to, "hello\n");
}

static struct feed_book_entry *entry_new(UNUSED struct feed_book *book,
					 UNUSED const struct instance_config *config)
{
	struct note *note = mem_zalloc(sizeof(*note));

	note->byes = 3;
	notes++;
	return &note->entry;
}

static void entry_free(struct feed_book_entry *entry)
{
	notes--;
	mem_free(CONTAINER_OF(entry, struct note, entry));
}

static bool serve(struct feed_book_entry *entry, struct buf *to)
{
	struct note *note = CONTAINER_OF(entry, struct note, entry);
	size_t length;

	if (entry->ending) {
		buf_printf(to, "%s bye\n", entry->name);
		return --note->byes != 0;
	}
	if (entry->feed == NULL || speaker_feed_next(entry->feed, &length) == NULL)
		return false;
	buf_printf(to, "%s %u\n", entry->name, note->said++);
	return true;
}

struct world {
	struct loop *loop;
	struct speaker speaker;
	struct feed_book book;
	char path[64];
	int listen_fd, fd;
};

static void turns(struct world *w, int count)
{
	struct error e;

	while (count-- != 0)
		assert_int_equal(loop_turn(w->loop, duration_ms(1), &e), 0);
}

static void accept_one(struct world *w)
{
	w->fd = -1;
	for (int i = 0; i < 5000 && w->fd < 0; i++) {
		turns(w, 1);
		w->fd = unixsock_accept(w->listen_fd);
	}
	assert_true(w->fd >= 0);
}

static void world_init(struct world *w, unsigned messages)
{
	static const struct feed_book_ops ops = { on_opened, entry_new, entry_free, serve };
	struct feed_book_station station = { .name = w->path, .path = w->path };
	struct error e;

	*w = (struct world){ .speaker.messages = messages };
	the_speaker = &w->speaker;
	notes = 0;
	snprintf(w->path, sizeof(w->path), "/tmp/heliod-test-feed-book-%d", (int)getpid());
	w->loop = loop_new(&e);
	w->listen_fd = unixsock_listen(w->path, SOCK_STREAM, 0600, &e);
	assert_true(w->listen_fd >= 0);
	feed_book_init(&w->book, w->loop, &w->speaker, "TEST", &station, true, &ops);
}

static void world_done(struct world *w)
{
	feed_book_done(&w->book);
	assert_int_equal(notes, 0);
	assert_int_equal(w->speaker.open, 0);
	if (w->fd >= 0)
		close(w->fd);
	close(w->listen_fd);
	unlink(w->path);
	loop_free(w->loop);
}

/* What came, until nothing more comes. */
static const char *heard(struct world *w)
{
	static char text[65536];
	size_t length = 0;

	for (int quiet = 0; quiet < 20;) {
		ssize_t n = read(w->fd, text + length, sizeof(text) - 1 - length);

		turns(w, 1);
		quiet = n > 0 ? 0 : quiet + 1;
		length += n > 0 ? (size_t)n : 0;
	}
	text[length] = '\0';
	return text;
}

static void add_name(struct world *w, const char *name)
{
	w->speaker.names[w->speaker.count++] = name;
	feed_book_add(&w->book, name);
}

static void test_each_in_turn(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 3);
	add_name(&w, "a"); /* nobody is connected: it is told of when somebody is */
	add_name(&w, "b");
	assert_int_equal(notes, 0);
	accept_one(&w);
	assert_string_equal(heard(&w), "hello\na 0\nb 0\na 1\nb 1\na 2\nb 2\n");
	feed_book_add(&w.book, "a"); /* it is known */
	assert_string_equal(heard(&w), "");
	assert_int_equal(notes, 2);
	w.speaker.feeds[1]->left = 1;
	w.speaker.feeds[1]->reader->ready(w.speaker.feeds[1]->reader);
	w.speaker.feeds[1]->reader->ready(w.speaker.feeds[1]->reader);
	assert_string_equal(heard(&w), "b 3\n");
	add_name(&w, "deaf"); /* has no feed; nothing is said of it */
	assert_string_equal(heard(&w), "");
	world_done(&w);
}

static void test_an_ending_one_has_its_last_word(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1);
	add_name(&w, "a");
	accept_one(&w);
	assert_string_equal(heard(&w), "hello\na 0\n");
	feed_book_end(&w.book, "a");
	feed_book_end(&w.book, "a"); /* it is nobody's by name */
	feed_book_end(&w.book, "unknown");
	assert_int_equal(w.speaker.open, 0); /* its feed is closed at once */
	assert_null(feed_book_find(&w.book, "a"));
	feed_book_add(&w.book, "a"); /* another one of that name */
	assert_int_equal(notes, 2);
	assert_string_equal(heard(&w), "a bye\na bye\na bye\na 0\n"); /* not among them */
	assert_int_equal(notes, 1);
	assert_non_null(feed_book_find(&w.book, "a"));
	world_done(&w);
}

static void test_a_new_connection_begins_anew(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 2);
	add_name(&w, "a");
	add_name(&w, "b");
	accept_one(&w);
	assert_string_equal(heard(&w), "hello\na 0\nb 0\na 1\nb 1\n");
	feed_book_end(&w.book, "b");
	w.speaker.count = 1;
	close(w.fd);
	for (int i = 0; i < 5000 && notes != 0; i++) /* soon it connects again */
		turns(&w, 1);
	assert_int_equal(notes, 0); /* also the one that was ending */
	assert_int_equal(w.speaker.open, 0);
	accept_one(&w);
	assert_string_equal(heard(&w), "hello\na 0\na 1\n");
	world_done(&w);
}

/* A reader that does not read: the outlet is full, and feeds keep the rest. */
static void test_a_slow_reader_holds_the_feeds(void **state)
{
	struct world w;
	size_t lines = 0;

	(void)state;
	world_init(&w, 300000);
	add_name(&w, "a");
	accept_one(&w);
	turns(&w, 200);
	assert_true(w.speaker.feeds[0]->left > 100000);
	assert_true(outlet_buffer(&w.book.outlet)->length < 2 * OUTLET_ROOM_BYTES);
	for (;;) {
		const char *text = heard(&w);

		if (*text == '\0')
			break;
		for (; *text != '\0'; text++)
			lines += *text == '\n';
	}
	assert_int_equal(w.speaker.feeds[0]->left, 0);
	assert_int_equal(lines, 300001);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_in_turn),
		cmocka_unit_test(test_an_ending_one_has_its_last_word),
		cmocka_unit_test(test_a_new_connection_begins_anew),
		cmocka_unit_test(test_a_slow_reader_holds_the_feeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

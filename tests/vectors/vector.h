/*
 * vector: a BGP message with what a receiver must make of it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Vectors stand in text files (*.vec); README.md has the format. A vector is assembled from its
 * text (vector_hex.c, vector_file.c), decoded and put into lines of text (describe.c), written
 * again by our encoders (reencode.c), and judged (main.c).
 */
#ifndef TESTS_VECTOR_H
#define TESTS_VECTOR_H

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "bgp/message.h"
#include "bgp/update.h"

#define VECTOR_LINES_MAX 64u
#define VECTOR_DEFINES_MAX 64u

struct vector_define {
	char *name;
	char *text;
};

struct vector {
	char *name;
	char *source;
	unsigned line; /* in the file */
	uint8_t type;  /* BGP_OPEN and so on; 0: the text is the whole message */
	bool has_message;
	struct bgp_context context;
	struct buf message; /* header included */
	bool has_expectation;
	enum bgp_verdict verdict; /* BGP_SESSION_RESET: refused with `error` */
	struct bgp_notification error;
	bool once;     /* what it says is not to be written again by our encoders */
	bool any_data; /* the NOTIFICATION's data is not compared */
	char *wanted[VECTOR_LINES_MAX];
	size_t wanted_count;
	char *unwanted[VECTOR_LINES_MAX];
	size_t unwanted_count;
};

struct vector_file {
	const char *path;
	struct vector_define defines[VECTOR_DEFINES_MAX];
	size_t define_count;
	struct vector *vectors;
	size_t count;
	size_t capacity;
};

/* Reads a file. 0, or -1 with the line in `e`. */
int vector_file_read(const char *path, struct vector_file *ret_file, struct error *e) MUST_CHECK;
void vector_file_done(struct vector_file *file);

/* Appends the octets that `text` means to `to`. 0, or -1 with words. */
int vector_hex(const struct vector_file *file, const char *text, struct buf *to,
	       struct error *e) MUST_CHECK;

struct description {
	enum bgp_verdict verdict;
	struct bgp_notification error;
	struct error why;
	struct buf lines; /* "origin igp\n" and so on */
};

/* Decodes a whole message, header included, and says what is in it. _init before the first. */
void describe_init(struct description *d);
void describe_done(struct description *d);
void describe(const uint8_t *message, size_t length, const struct bgp_context *context,
	      struct description *d);
/* Whether a line is there: whole. */
bool describe_has(const struct description *d, const char *line);

/* Decodes a message that is right, and writes with our own encoders what was in it: one message or
 * (announcements and withdrawals of several families) more of them, each appended to `to`. */
void reencode(const uint8_t *message, size_t length, const struct bgp_context *context,
	      struct buf *to);

/* Writes the vector as inputs of the fuzz targets, into DIRECTORY/TARGET. */
void vector_write_seed(const struct vector *v, const char *directory);

#endif

/*
 * cli_input: the octets that decode reads: of a file, of stdin, or as digits on the line.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A window on the input that moves forward: the caller looks at what is there, asks for more, and
 * gives away what it is done with. What gzip, bzip2, xz or zstd packed is unpacked on the way
 * (libarchive sees by itself which it was); offsets are those of the unpacked octets. A pipe is
 * read as it comes: nothing waits until a buffer is full.
 */
#ifndef CLI_CLI_INPUT_H
#define CLI_CLI_INPUT_H

#include "base/base.h"

/* The octets that are not done with: data[start..end). The rest is private. */
struct cli_input {
	const char *name;
	uint8_t *data;
	size_t start, end, capacity;
	uint64_t offset; /* of data[start] */
	bool at_end;	 /* nothing comes behind data[end] */
	bool failed;	 /* it could not be read to its end */

	int fd; /* -1: none */
	struct archive *archive;
	uint8_t *packed;      /* what was read from fd last */
	uint64_t packed_read; /* octets so far */
	uint64_t packed_size; /* of a file whose progress is shown; 0: none is */
	unsigned percent;
};

/* `name`: a file's, "-" for stdin; it must stay. An exit status, after words on stderr. */
int cli_input_open(struct cli_input *in, const char *name);
/* Hexadecimal digits, or "-" for those that stdin holds. White space, colons and "0x" are passed
 * over. */
int cli_input_open_hex(struct cli_input *in, const char *digits);
/* Takes what was zeroed, or not opened in the end. */
void cli_input_close(struct cli_input *in);

/* Reads on, and may find the end. 0, or -1 after words on stderr. */
int cli_input_more(struct cli_input *in) MUST_CHECK;
/* Gives `length` octets away. */
void cli_input_skip(struct cli_input *in, size_t length);

#endif

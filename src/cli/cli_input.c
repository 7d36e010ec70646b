/*
 * cli_input: the octets that decode reads: of a file, of stdin, or as digits on the line.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli_input.h"

#include <archive.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/cli.h"

#define READ_BYTES ((size_t)256 * 1024)
#define HEX_BYTES_MAX ((size_t)16 * 1024 * 1024)
#define PROGRESS_FILE_BYTES ((off_t)8 * 1024 * 1024)

static void show_progress(struct cli_input *in)
{
	unsigned percent =
		in->packed_size == 0 ? 0 : (unsigned)(in->packed_read * 100 / in->packed_size);

	if (percent == in->percent)
		return;
	in->percent = percent;
	fprintf(stderr, "\r%s: %u %%", in->name, MIN(percent, 100u));
}

/* libarchive wants more of the file. */
static la_ssize_t read_packed(struct archive *archive, void *context, const void **ret_bytes)
{
	struct cli_input *in = context;
	ssize_t got;

	show_progress(in);
	do {
		got = read(in->fd, in->packed, READ_BYTES);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		archive_set_error(archive, errno, "%s", strerror(errno));
		return -1;
	}
	in->packed_read += (uint64_t)got;
	*ret_bytes = in->packed;
	return got;
}

static int fail_archive(const struct cli_input *in)
{
	const char *why = archive_error_string(in->archive);

	return cli_fail("%s: %s", in->name, why != NULL ? why : "cannot be read");
}

static int open_archive(struct cli_input *in)
{
	struct archive_entry *entry;
	struct archive *a = archive_read_new();
	int got;

	assert(a != NULL);
	in->archive = a;
	in->packed = mem_alloc(READ_BYTES);
	/* Of what this libarchive was built without it says so when it comes. */
	(void)archive_read_support_filter_gzip(a);
	(void)archive_read_support_filter_bzip2(a);
	(void)archive_read_support_filter_xz(a);
	(void)archive_read_support_filter_zstd(a);
	(void)archive_read_support_format_raw(a);
	(void)archive_read_support_format_empty(a);
	if (archive_read_open(a, in, NULL, read_packed, NULL) != ARCHIVE_OK)
		return fail_archive(in);
	got = archive_read_next_header(a, &entry);
	in->at_end = got == ARCHIVE_EOF; /* an empty file */
	return got == ARCHIVE_OK || got == ARCHIVE_EOF ? CLI_OK : fail_archive(in);
}

int cli_input_open(struct cli_input *in, const char *name)
{
	struct stat status;

	*in = (struct cli_input){ .name = name };
	if (strcmp(name, "-") == 0) {
		in->name = "stdin";
		in->fd = STDIN_FILENO;
	} else {
		in->fd = open(name, O_RDONLY | O_CLOEXEC);
	}
	if (in->fd < 0 || fstat(in->fd, &status) < 0)
		return cli_fail("%s: %s", in->name, strerror(errno));
	if (S_ISREG(status.st_mode) && isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO) &&
	    status.st_size >= PROGRESS_FILE_BYTES)
		in->packed_size = (uint64_t)status.st_size;
	return open_archive(in);
}

void cli_input_close(struct cli_input *in)
{
	if (in->archive != NULL)
		(void)archive_read_free(in->archive);
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	mem_free(in->packed);
	mem_free(in->data);
	if (in->percent != 0)
		fputs("\r\033[K", stderr);
}

void cli_input_skip(struct cli_input *in, size_t length)
{
	in->start += length;
	in->offset += length;
}

int cli_input_more(struct cli_input *in)
{
	size_t left = in->end - in->start, length = 0;
	const void *bytes = NULL;
	la_int64_t at;
	int got = ARCHIVE_EOF;

	if (!in->at_end)
		got = archive_read_data_block(in->archive, &bytes, &length, &at);
	if (got != ARCHIVE_OK && got != ARCHIVE_EOF) {
		in->failed = true;
		fail_archive(in);
		return -1;
	}
	if (got == ARCHIVE_EOF) {
		in->at_end = true;
		return 0;
	}
	if (in->start != 0 && left != 0)
		memmove(in->data, in->data + in->start, left);
	in->start = 0;
	in->end = left;
	MEM_RESERVE(in->data, in->capacity, left + length);
	if (length != 0)
		memcpy(in->data + left, bytes, length);
	in->end += length;
	return 0;
}

/* --- digits --- */

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Writes the octets of `digits` over `to`, which may be the same memory. */
static int read_digits(struct cli_input *in, const char *digits, size_t length, uint8_t *to)
{
	size_t count = 0;
	int high = -1;

	for (size_t i = 0; i < length; i++) {
		int digit = digit_of(digits[i]);

		if (digit == 0 && high < 0 && i + 1 < length && (digits[i + 1] | 0x20) == 'x') {
			i++;
		} else if (digit >= 0 && high >= 0) {
			to[count++] = (uint8_t)(high << 4 | digit);
			high = -1;
		} else if (digit >= 0) {
			high = digit;
		} else if (!isspace((uint8_t)digits[i]) && digits[i] != ':') {
			return cli_fail("--hex: character %zu is no hexadecimal digit, and nothing "
					"that may stand between octets",
					i + 1);
		}
	}
	if (high >= 0)
		return cli_fail("--hex: the last octet has one digit");
	in->end = count;
	return CLI_OK;
}

int cli_input_open_hex(struct cli_input *in, const char *digits)
{
	size_t length = strlen(digits);

	if (strcmp(digits, "-") == 0) {
		int status = cli_input_open(in, digits);

		if (status != CLI_OK)
			return status;
		while (!in->at_end)
			if (cli_input_more(in) < 0)
				return CLI_FAILED;
			else if (in->end > HEX_BYTES_MAX)
				return cli_fail("--hex: at most %zu digits", HEX_BYTES_MAX);
		return read_digits(in, (const char *)in->data, in->end, in->data);
	}
	*in = (struct cli_input){ .name = "the digits", .fd = -1, .at_end = true };
	in->data = mem_alloc(length / 2 + 1);
	return read_digits(in, digits, length, in->data);
}

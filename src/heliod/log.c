/*
 * log: heliod's log lines on stderr.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/log.h"

static int log_level = LOG_NOTICE;
static bool with_prefix;

void log_init(int level)
{
	log_level = level;
	setvbuf(stderr, NULL, _IOLBF, 0); /* a line is one write */
	with_prefix = getenv("JOURNAL_STREAM") != NULL;
}

/* What strangers sent may be in the text: it stays on its line. */
static void print_clean(const char *text)
{
	for (; *text != '\0'; text++)
		fputc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, stderr);
}

void log_text(int level, const char *instance, const struct ip_addr *peer, const char *text)
{
	char address[IP_TEXT_MAX];

	if (level > log_level)
		return;
	flockfile(stderr);
	if (with_prefix)
		fprintf(stderr, "<%d>", level);
	else
		fputs("heliod: ", stderr);
	if (instance != NULL) {
		fputs("instance=", stderr);
		print_clean(instance);
		fputc(' ', stderr);
	}
	if (peer != NULL && peer->family != IP_NONE)
		fprintf(stderr, "peer=%s ", ip_addr_format(peer, address));
	print_clean(text);
	fputc('\n', stderr);
	funlockfile(stderr);
}

void log_line(int level, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	log_text(level, NULL, NULL, text);
}

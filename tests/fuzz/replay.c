/*
 * replay: runs a fuzz target over the files of directories, as a test.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>

#include "base/mem.h"
#include "fuzz.h"

#define INPUT_BYTES_MAX (1u << 20)

static unsigned count;

static void replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes;
	size_t length;

	if (file == NULL)
		return;
	bytes = mem_alloc(INPUT_BYTES_MAX);
	length = fread(bytes, 1, INPUT_BYTES_MAX, file);
	fclose(file);
	/* of exactly its length, so that a sanitizer sees a read past the end */
	bytes = mem_realloc(bytes, length == 0 ? 1 : length);
	LLVMFuzzerTestOneInput(bytes, length);
	mem_free(bytes);
	printf("ok %u - %s\n", ++count, strrchr(path, '/') + 1);
}

static void replay_directory(const char *directory)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	char path[4096];

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		replay_file(path);
	}
	closedir(dir);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		replay_directory(argv[i]);
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	printf("ok %u - nothing\n1..%u\n", count + 1, count + 1);
	return 0;
}

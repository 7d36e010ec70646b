/*
 * epochs: the highest epochs seen, in a file that outlives the process.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A JSON object, key to number, replaced whole and synced: an agent that restarts still refuses a
 * role that was given to another node meanwhile.
 */
#include "agent/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

#define EPOCHS_PATH_MAX (CONFIG_TEXT_MAX + 32)

static void epochs_path(const struct agent *agent, const char *end, char path[EPOCHS_PATH_MAX])
{
	snprintf(path, EPOCHS_PATH_MAX, "%s/epochs.json%s", agent->config.state, end);
}

int epochs_load(struct agent *agent, struct error *e)
{
	char path[EPOCHS_PATH_MAX];
	json_error_t where;
	json_t *document, *epoch;
	const char *key;

	epochs_path(agent, "", path);
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	document = json_load_file(path, JSON_REJECT_DUPLICATES, &where);
	if (!json_is_object(document)) {
		json_decref(document);
		return error_set(e, "%s:%d: %s; move the file away to start without epochs", path,
				 where.line, where.text);
	}
	json_object_foreach(document, key, epoch)
		host_epoch_set(agent->host, key, json_integer_value(epoch));
	json_decref(document);
	agent->epochs_saved = host_epochs_version(agent->host);
	return 0;
}

static void on_epoch(const char *key, int64_t epoch, void *arg)
{
	json_object_set_new(arg, key, json_integer(epoch));
}

static int epochs_write(const char *path, const char *text, struct error *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t length = strlen(text);
	int result = 0;

	if (fd < 0)
		return error_set(e, "%s: %s", path, strerror(errno));
	if (write(fd, text, length) != (ssize_t)length || fsync(fd) < 0)
		result = error_set(e, "%s: %s", path, strerror(errno));
	close(fd);
	return result;
}

int epochs_save(struct agent *agent, struct error *e)
{
	char path[EPOCHS_PATH_MAX], temporary[EPOCHS_PATH_MAX];
	json_t *document;
	char *text;
	int result;

	if (agent->epochs_saved == host_epochs_version(agent->host))
		return 0;
	epochs_path(agent, "", path);
	epochs_path(agent, ".new", temporary);
	document = json_object();
	host_epochs(agent->host, on_epoch, document);
	text = json_dumps(document, JSON_INDENT(1) | JSON_SORT_KEYS);
	result = epochs_write(temporary, text, e);
	if (result == 0 && rename(temporary, path) < 0)
		result = error_set(e, "%s: %s", path, strerror(errno));
	if (result == 0)
		agent->epochs_saved = host_epochs_version(agent->host);
	free(text);
	json_decref(document);
	return result;
}

/*
 * store_sqlite: the store in one SQLite file, for a controller that stands alone.
 * SPDX-License-Identifier: Apache-2.0
 *
 * WAL with synchronous=FULL: a transaction that was answered survives the loss of power. STRICT
 * tables: a value of the wrong type is an error and not a surprise. One process owns the file, and
 * holds it locked.
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/store_backend.h"

#define FORMAT 1

enum statement {
	STATEMENT_GET,
	STATEMENT_RANGE,
	STATEMENT_PUT,
	STATEMENT_DELETE,
	STATEMENT_CHANGE,
	STATEMENT_HISTORY,
	STATEMENT_COMPACT,
	STATEMENT_META,
	STATEMENT_LEASE_PUT,
	STATEMENT_LEASE_DELETE,
	STATEMENT_LEASES,
	STATEMENT_COUNT,
};

static const char *const statement_sql[STATEMENT_COUNT] = {
	[STATEMENT_GET] = "SELECT key, value, create_revision, mod_revision, version, lease "
			  "FROM entry WHERE key = ?1",
	[STATEMENT_RANGE] = "SELECT key, value, create_revision, mod_revision, version, lease "
			    "FROM entry WHERE key >= ?1 ORDER BY key",
	[STATEMENT_PUT] = "INSERT INTO entry VALUES (?1, ?2, ?3, ?3, 1, ?4) "
			  "ON CONFLICT (key) DO UPDATE SET value = ?2, mod_revision = ?3, "
			  "version = version + 1, lease = ?4",
	[STATEMENT_DELETE] = "DELETE FROM entry WHERE key = ?1",
	[STATEMENT_CHANGE] = "INSERT INTO change VALUES (?1, ?2, ?3, ?4)",
	[STATEMENT_HISTORY] = "SELECT revision, key, value FROM change WHERE revision > ?1 "
			      "ORDER BY revision, sequence",
	[STATEMENT_COMPACT] = "DELETE FROM change WHERE revision <= ?1",
	[STATEMENT_META] = "UPDATE meta SET revision = ?1, compacted = ?2",
	[STATEMENT_LEASE_PUT] = "INSERT INTO lease VALUES (?1, ?2)",
	[STATEMENT_LEASE_DELETE] = "DELETE FROM lease WHERE id = ?1",
	[STATEMENT_LEASES] = "SELECT id, ttl_ms FROM lease ORDER BY id",
};

static const char schema_sql[] =
	"CREATE TABLE IF NOT EXISTS meta (format INTEGER NOT NULL, revision INTEGER NOT NULL, "
	"compacted INTEGER NOT NULL) STRICT;"
	"CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL, "
	"create_revision INTEGER NOT NULL, mod_revision INTEGER NOT NULL, version INTEGER NOT "
	"NULL, "
	"lease INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS change (revision INTEGER NOT NULL, sequence INTEGER NOT NULL, "
	"key TEXT NOT NULL, value BLOB, PRIMARY KEY (revision, sequence)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS lease (id INTEGER PRIMARY KEY, ttl_ms INTEGER NOT NULL) STRICT;"
	"INSERT INTO meta SELECT 1, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM meta);";

struct store_sqlite {
	struct store store;
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENT_COUNT];
};

static struct store_sqlite *sqlite_of(struct store *store)
{
	return CONTAINER_OF(store, struct store_sqlite, store);
}

static int sqlite_error(const struct store_sqlite *s, const char *what, struct error *e)
{
	return error_set(e, "store: %s: %s", what, sqlite3_errmsg(s->db));
}

static int sqlite_exec(struct store_sqlite *s, const char *sql, struct error *e)
{
	if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_error(s, "SQLite", e);
	return 0;
}

static sqlite3_stmt *statement_of(struct store_sqlite *s, enum statement which)
{
	sqlite3_stmt *statement = s->statements[which];

	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return statement;
}

static void bind_key(sqlite3_stmt *statement, int index, const char *key)
{
	sqlite3_bind_text(statement, index, key, -1, SQLITE_STATIC);
}

static void bind_number(sqlite3_stmt *statement, int index, uint64_t number)
{
	sqlite3_bind_int64(statement, index, (sqlite3_int64)number);
}

static void bind_value(sqlite3_stmt *statement, int index, const void *value, size_t bytes)
{
	/* A pointer to nothing would be NULL, and the column takes none. */
	sqlite3_bind_blob64(statement, index, bytes == 0 ? "" : value, bytes, SQLITE_STATIC);
}

static int step_done(struct store_sqlite *s, sqlite3_stmt *statement, const char *what,
		     struct error *e)
{
	int status = sqlite3_step(statement);

	sqlite3_reset(statement);
	return status == SQLITE_DONE ? 0 : sqlite_error(s, what, e);
}

static struct store_entry row_entry(sqlite3_stmt *row)
{
	return (struct store_entry){
		.key = (const char *)sqlite3_column_text(row, 0),
		.value = sqlite3_column_blob(row, 1),
		.value_bytes = (size_t)sqlite3_column_bytes(row, 1),
		.create_revision = (uint64_t)sqlite3_column_int64(row, 2),
		.mod_revision = (uint64_t)sqlite3_column_int64(row, 3),
		.version = (uint64_t)sqlite3_column_int64(row, 4),
		.lease = (uint64_t)sqlite3_column_int64(row, 5),
	};
}

static int sqlite_range(struct store *store, const char *prefix, bool exact, store_entry_fn *fn,
			void *context, struct error *e)
{
	struct store_sqlite *s = sqlite_of(store);
	sqlite3_stmt *row = statement_of(s, exact ? STATEMENT_GET : STATEMENT_RANGE);
	size_t length = strlen(prefix);
	int status;

	bind_key(row, 1, prefix);
	while ((status = sqlite3_step(row)) == SQLITE_ROW) {
		struct store_entry entry = row_entry(row);

		if (!exact && strncmp(entry.key, prefix, length) != 0)
			break;
		fn(context, &entry);
	}
	sqlite3_reset(row);
	if (status != SQLITE_ROW && status != SQLITE_DONE)
		return sqlite_error(s, "reading", e);
	return 0;
}

static int compares_hold(struct store_sqlite *s, const struct store_txn *txn, bool *ret_hold,
			 struct error *e)
{
	*ret_hold = true;
	for (size_t i = 0; *ret_hold && i < txn->compare_count; i++) {
		sqlite3_stmt *row = statement_of(s, STATEMENT_GET);
		struct store_entry entry;
		int status;

		bind_key(row, 1, txn->compares[i].key);
		status = sqlite3_step(row);
		if (status == SQLITE_ROW)
			entry = row_entry(row);
		*ret_hold = store_compare_holds(&txn->compares[i],
						status == SQLITE_ROW ? &entry : NULL);
		sqlite3_reset(row);
		if (status != SQLITE_ROW && status != SQLITE_DONE)
			return sqlite_error(s, "comparing", e);
	}
	return 0;
}

/* Does one operation; *ret_changed: it changed something. */
static int apply_op(struct store_sqlite *s, const struct store_op *op, uint64_t revision,
		    bool *ret_changed, struct error *e)
{
	sqlite3_stmt *statement =
		statement_of(s, op->kind == STORE_PUT ? STATEMENT_PUT : STATEMENT_DELETE);

	bind_key(statement, 1, op->key);
	if (op->kind == STORE_PUT) {
		bind_value(statement, 2, op->value, op->value_bytes);
		bind_number(statement, 3, revision);
		bind_number(statement, 4, op->lease);
	}
	if (step_done(s, statement, "writing", e) < 0)
		return -1;
	*ret_changed = sqlite3_changes(s->db) != 0;
	return 0;
}

static int record_change(struct store_sqlite *s, const struct store_op *op, uint64_t revision,
			 size_t sequence, struct error *e)
{
	sqlite3_stmt *statement = statement_of(s, STATEMENT_CHANGE);

	bind_number(statement, 1, revision);
	bind_number(statement, 2, sequence);
	bind_key(statement, 3, op->key);
	if (op->kind == STORE_PUT)
		bind_value(statement, 4, op->value, op->value_bytes);
	return step_done(s, statement, "writing the history", e);
}

static int finish_revision(struct store_sqlite *s, uint64_t revision, uint64_t compacted,
			   struct error *e)
{
	sqlite3_stmt *statement = statement_of(s, STATEMENT_META);

	bind_number(statement, 1, revision);
	bind_number(statement, 2, compacted);
	if (step_done(s, statement, "writing the revision", e) < 0)
		return -1;
	if (compacted == s->store.compacted)
		return 0;
	statement = statement_of(s, STATEMENT_COMPACT);
	bind_number(statement, 1, compacted);
	return step_done(s, statement, "compacting", e);
}

/* Within BEGIN: *ret_revision is the store's revision if this is committed. */
static int apply_txn(struct store_sqlite *s, const struct store_txn *txn, bool *ret_hold,
		     uint64_t *ret_revision, uint64_t *ret_compacted, struct error *e)
{
	uint64_t revision = s->store.revision + 1;
	size_t changes = 0;

	if (compares_hold(s, txn, ret_hold, e) < 0)
		return -1;
	for (size_t i = 0; *ret_hold && i < txn->op_count; i++) {
		bool changed;

		if (apply_op(s, &txn->ops[i], revision, &changed, e) < 0)
			return -1;
		if (changed && record_change(s, &txn->ops[i], revision, changes++, e) < 0)
			return -1;
	}
	if (changes == 0)
		return 0;
	*ret_revision = revision;
	if (revision > STORE_HISTORY_REVISIONS)
		*ret_compacted = revision - STORE_HISTORY_REVISIONS;
	return finish_revision(s, revision, *ret_compacted, e);
}

static int sqlite_commit(struct store *store, const struct store_txn *txn, bool *ret_succeeded,
			 struct error *e)
{
	struct store_sqlite *s = sqlite_of(store);
	uint64_t revision = store->revision;
	uint64_t compacted = store->compacted;
	bool hold;

	if (sqlite_exec(s, "BEGIN IMMEDIATE", e) < 0)
		return -1;
	if (apply_txn(s, txn, &hold, &revision, &compacted, e) < 0 ||
	    sqlite_exec(s, "COMMIT", e) < 0) {
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	store->revision = revision;
	store->compacted = compacted;
	*ret_succeeded = hold;
	return 0;
}

static int sqlite_history(struct store *store, uint64_t revision, store_event_fn *fn, void *context,
			  struct error *e)
{
	struct store_sqlite *s = sqlite_of(store);
	sqlite3_stmt *row = statement_of(s, STATEMENT_HISTORY);
	int status;

	bind_number(row, 1, revision);
	while ((status = sqlite3_step(row)) == SQLITE_ROW) {
		bool is_delete = sqlite3_column_type(row, 2) == SQLITE_NULL;
		struct store_event event = {
			.kind = is_delete ? STORE_DELETE : STORE_PUT,
			.key = (const char *)sqlite3_column_text(row, 1),
			.value = sqlite3_column_blob(row, 2),
			.value_bytes = (size_t)sqlite3_column_bytes(row, 2),
			.revision = (uint64_t)sqlite3_column_int64(row, 0),
		};

		fn(context, &event);
	}
	sqlite3_reset(row);
	return status == SQLITE_DONE ? 0 : sqlite_error(s, "reading the history", e);
}

static int sqlite_lease_put(struct store *store, uint64_t lease, duration_t ttl, struct error *e)
{
	struct store_sqlite *s = sqlite_of(store);
	sqlite3_stmt *statement = statement_of(s, STATEMENT_LEASE_PUT);

	bind_number(statement, 1, lease);
	bind_number(statement, 2, (uint64_t)duration_to_ms(ttl));
	return step_done(s, statement, "writing a lease", e);
}

static int sqlite_lease_delete(struct store *store, uint64_t lease, struct error *e)
{
	struct store_sqlite *s = sqlite_of(store);
	sqlite3_stmt *statement = statement_of(s, STATEMENT_LEASE_DELETE);

	bind_number(statement, 1, lease);
	return step_done(s, statement, "deleting a lease", e);
}

static int sqlite_lease_load(struct store *store, store_lease_fn *fn, void *context,
			     struct error *e)
{
	struct store_sqlite *s = sqlite_of(store);
	sqlite3_stmt *row = statement_of(s, STATEMENT_LEASES);
	int status;

	while ((status = sqlite3_step(row)) == SQLITE_ROW)
		fn(context, (uint64_t)sqlite3_column_int64(row, 0),
		   duration_ms(sqlite3_column_int64(row, 1)));
	sqlite3_reset(row);
	return status == SQLITE_DONE ? 0 : sqlite_error(s, "reading the leases", e);
}

static void sqlite_close(struct store *store)
{
	struct store_sqlite *s = sqlite_of(store);

	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(s->statements[i]);
	sqlite3_close(s->db);
	mem_free(s);
}

static const struct store_backend sqlite_backend = {
	.close = sqlite_close,
	.range = sqlite_range,
	.commit = sqlite_commit,
	.history = sqlite_history,
	.lease_put = sqlite_lease_put,
	.lease_delete = sqlite_lease_delete,
	.lease_load = sqlite_lease_load,
};

static int read_meta(struct store_sqlite *s, const char *path, struct error *e)
{
	sqlite3_stmt *row = NULL;
	int result = -1;

	if (sqlite3_prepare_v2(s->db, "SELECT format, revision, compacted FROM meta", -1, &row,
			       NULL) != SQLITE_OK ||
	    sqlite3_step(row) != SQLITE_ROW) {
		sqlite_error(s, path, e);
	} else if (sqlite3_column_int64(row, 0) != FORMAT) {
		error_set(e, "store: %s: has format %lld, this program reads %d", path,
			  (long long)sqlite3_column_int64(row, 0), FORMAT);
	} else {
		s->store.revision = (uint64_t)sqlite3_column_int64(row, 1);
		s->store.compacted = (uint64_t)sqlite3_column_int64(row, 2);
		result = 0;
	}
	sqlite3_finalize(row);
	return result;
}

static int prepare_all(struct store_sqlite *s, struct error *e)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++) {
		if (sqlite3_prepare_v2(s->db, statement_sql[i], -1, &s->statements[i], NULL) !=
		    SQLITE_OK)
			return sqlite_error(s, statement_sql[i], e);
	}
	return 0;
}

/* Only its owner may read it: what is sealed in it is sealed, but the rest is not public either. */
static int make_file(const char *path, struct error *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_set(e, "store: %s: %s", path, strerror(errno));
	close(fd);
	return 0;
}

struct store *store_sqlite_open(const char *path, struct error *e)
{
	struct store_sqlite *s;

	if (make_file(path, e) < 0)
		return NULL;
	s = mem_zalloc(sizeof(*s));
	store_init(&s->store, &sqlite_backend);
	if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK) {
		sqlite_error(s, path, e);
		goto fail;
	}
	if (sqlite_exec(s,
			"PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; "
			"PRAGMA synchronous = FULL;",
			e) < 0 ||
	    sqlite_exec(s, "BEGIN IMMEDIATE", e) < 0 || sqlite_exec(s, schema_sql, e) < 0 ||
	    sqlite_exec(s, "COMMIT", e) < 0) {
		error_prefix(e, "%s", path);
		goto fail;
	}
	if (read_meta(s, path, e) < 0 || prepare_all(s, e) < 0 ||
	    sqlite_lease_load(&s->store, store_lease_adopt, &s->store, e) < 0)
		goto fail;
	return &s->store;
fail:
	store_free(&s->store);
	return NULL;
}

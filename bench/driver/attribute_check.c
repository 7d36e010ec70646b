/*
 * attribute_check: is what a sink got for a prefix what the feeder announced, reflected by the
 * rules?
 * SPDX-License-Identifier: Apache-2.0
 *
 * See attribute_check.h.
 */
#include "attribute_check.h"

#include "session.h"
#include "wire.h"

struct attribute_set {
	struct wire_attribute_view view[256]; /* by type; value NULL: absent */
};

static int collect(struct reader attributes, struct attribute_set *set, struct error *e)
{
	struct wire_attribute_view view;

	memset(set, 0, sizeof(*set));
	while (wire_next_attribute(&attributes, &view)) {
		if (set->view[view.type].value != NULL)
			return error_set(e, "attribute %u twice", view.type);
		set->view[view.type] = view;
	}
	return attributes.failed ? error_set(e, "path attributes that are cut off") : 0;
}

/* The attributes as the feeder announced them, and the feeder's address. */
static struct attribute_set fed(const struct table *table, const struct table_origin *origin)
{
	const struct table_stream *stream = &table->streams[origin->stream];
	struct reader r =
		reader_of(stream->bytes + origin->offset, stream->length - origin->offset);
	struct wire_message message = { 0 };
	struct wire_update update = { 0 };
	struct attribute_set set;
	bool fine = wire_next(&r, &message, NULL) == 1 &&
		    wire_split_update(message.body, &update, NULL) == 0 &&
		    collect(update.attributes, &set, NULL) == 0;

	assert(fine); /* the table was replayed when it was made */
	return set;
}

static uint32_t value_u32(const struct wire_attribute_view *view)
{
	struct reader r = reader_of(view->value, view->length);

	return reader_u32(&r);
}

static bool same_value(const struct wire_attribute_view *a, const struct wire_attribute_view *b)
{
	return (a->value == NULL) == (b->value == NULL) && a->length == b->length &&
	       (a->length == 0 || memcmp(a->value, b->value, a->length) == 0);
}

/* Is the address that of one of the feeders? */
static bool is_feeder(const struct table *table, uint32_t address)
{
	for (uint32_t i = 0; i < table->stream_count; i++)
		if (session_address(i) == address)
			return true;
	return false;
}

static int check_reflection(const struct attribute_check *check, const struct table_origin *origin,
			    const struct attribute_set *was, const struct attribute_set *got,
			    struct error *e)
{
	const struct wire_attribute_view *originator = &got->view[WIRE_ORIGINATOR_ID];
	const struct wire_attribute_view *clusters = &got->view[WIRE_CLUSTER_LIST];
	const struct wire_attribute_view *clusters_were = &was->view[WIRE_CLUSTER_LIST];
	uint32_t expected = was->view[WIRE_ORIGINATOR_ID].value != NULL
				    ? value_u32(&was->view[WIRE_ORIGINATOR_ID])
				    : session_address(origin->stream);

	if (originator->length != 4)
		return error_set(e, "ORIGINATOR_ID is absent or wrong");
	if (check->table->shared ? !is_feeder(check->table, value_u32(originator))
				 : value_u32(originator) != expected)
		return error_set(e, "ORIGINATOR_ID is %08x, expected %08x", value_u32(originator),
				 expected);
	if (clusters->length != clusters_were->length + 4 ||
	    value_u32(clusters) != check->cluster_id ||
	    (clusters_were->length != 0 &&
	     memcmp(clusters->value + 4, clusters_were->value, clusters_were->length) != 0))
		return error_set(e, "CLUSTER_LIST is not %08x followed by what was there",
				 check->cluster_id);
	return 0;
}

static int compare(const struct attribute_check *check, uint32_t number, struct reader attributes,
		   struct error *e)
{
	const struct table_origin *origin = &check->table->origins[number];
	struct attribute_set got, was = fed(check->table, origin);

	if (collect(attributes, &got, e) < 0 || check_reflection(check, origin, &was, &got, e) < 0)
		return -1;
	if (got.view[WIRE_NEXT_HOP].length != 4 ||
	    (check->table->shared
		     ? !is_feeder(check->table, value_u32(&got.view[WIRE_NEXT_HOP]))
		     : !same_value(&got.view[WIRE_NEXT_HOP], &was.view[WIRE_NEXT_HOP])))
		return error_set(e, "NEXT_HOP was changed");
	for (unsigned type = 0; type < 256; type++) {
		if (type == WIRE_NEXT_HOP || type == WIRE_ORIGINATOR_ID ||
		    type == WIRE_CLUSTER_LIST || same_value(&got.view[type], &was.view[type]))
			continue;
		/* An unknown attribute that is not transitive must not be passed on (RFC 4271 5).
		 */
		if (type > WIRE_CLUSTER_LIST && got.view[type].value == NULL &&
		    !(was.view[type].flags & WIRE_FLAG_TRANSITIVE))
			continue;
		return error_set(e, "attribute %u is not what was announced", type);
	}
	return 0;
}

void attribute_check_run(struct attribute_check *check, uint32_t number, struct reader attributes)
{
	const struct table_origin *origin = &check->table->origins[number];
	struct error e = { 0 };

	if (origin->messages != 1)
		return;
	check->checked++;
	if (compare(check, number, attributes, &e) == 0)
		return;
	if (check->failed++ == 0) {
		check->first_failure = e;
		error_prefix(&check->first_failure, "prefix number %u, fed at offset %u", number,
			     origin->offset);
	}
}

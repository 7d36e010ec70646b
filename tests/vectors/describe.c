/*
 * describe: a message as lines of text, one for each thing that was decoded from it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Not the printer of bgp/: these lines say what the decoders gave, field by field, so that a vector
 * tests them and nothing else.
 */
#include "vector.h"

void describe_init(struct description *d)
{
	*d = (struct description){ 0 };
	buf_init(&d->lines, 0);
}

void describe_done(struct description *d)
{
	buf_done(&d->lines);
}

bool describe_has(const struct description *d, const char *line)
{
	const char *at = buf_text(&d->lines);
	size_t length = strlen(line);

	for (; *at != '\0'; at += strcspn(at, "\n") + 1)
		if (strncmp(at, line, length) == 0 && at[length] == '\n')
			return true;
	return false;
}

static void add_hex(struct buf *b, const char *name, const uint8_t *bytes, size_t length)
{
	buf_printf(b, "%s ", name);
	for (size_t i = 0; i < length; i++)
		buf_printf(b, "%02x", bytes[i]);
	buf_add_text(b, "\n");
}

static void add_address(struct buf *b, const char *name, const struct ip_addr *addr)
{
	char text[IP_TEXT_MAX];

	if (addr->family != IP_NONE)
		buf_printf(b, "%s %s\n", name, ip_addr_format(addr, text));
}

static void add_id(struct buf *b, const char *name, uint32_t id)
{
	struct ip_addr addr = ip_addr_v4(id);

	add_address(b, name, &addr);
}

static const char *family_name(size_t family)
{
	return bgp_family_info((enum bgp_family)family)->name;
}

/* --- OPEN --- */

static void describe_restart(const struct bgp_capabilities *c, struct buf *b)
{
	if (c->graceful_restart)
		buf_printf(b, "graceful-restart %us%s%s\n", c->restart_time_s,
			   c->restarting ? " restarting" : "",
			   c->notification_restart ? " notification" : "");
	if (c->long_lived)
		buf_add_text(b, "long-lived\n");
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		if (c->restart_families[i])
			buf_printf(b, "graceful-restart %s%s\n", family_name(i),
				   c->restart_forwarding[i] ? " forwarding" : "");
		if (c->long_lived_families[i])
			buf_printf(b, "long-lived %s %" PRIu32 "s%s\n", family_name(i),
				   c->long_lived_time_s[i],
				   c->long_lived_forwarding[i] ? " forwarding" : "");
	}
}

static void describe_families(const struct bgp_capabilities *c, struct buf *b)
{
	static const char *const modes[] = { "", "receive", "send", "both" };

	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		unsigned mode = (c->addpath_receive[i] ? 1u : 0) | (c->addpath_send[i] ? 2u : 0);

		if (c->families[i])
			buf_printf(b, "family %s\n", family_name(i));
		if (mode != 0)
			buf_printf(b, "add-path %s %s\n", family_name(i), modes[mode]);
		if (c->extended_next_hop[i])
			buf_printf(b, "next-hop-6 %s\n", family_name(i));
		if (c->labels_max[i] != 0)
			buf_printf(b, "labels %s %u\n", family_name(i), c->labels_max[i]);
	}
}

static void describe_capabilities(const struct bgp_capabilities *c, struct buf *b)
{
	const struct {
		bool present;
		const char *name;
	} flags[] = {
		{ c->multiprotocol, "multiprotocol" },
		{ c->as4, "as4" },
		{ c->route_refresh, "route-refresh" },
		{ c->enhanced_refresh, "enhanced-refresh" },
		{ c->extended_message, "extended-message" },
		{ c->roles_differ, "roles-differ" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (flags[i].present)
			buf_printf(b, "%s\n", flags[i].name);
	describe_families(c, b);
	describe_restart(c, b);
	if (c->has_role)
		buf_printf(b, "role %u\n", c->role);
	if (c->hostname[0] != '\0')
		buf_printf(b, "hostname %s\n", c->hostname);
	if (c->domain_name[0] != '\0')
		buf_printf(b, "domain-name %s\n", c->domain_name);
	if (c->software_version[0] != '\0')
		buf_printf(b, "software-version %s\n", c->software_version);
	if (c->other_bytes != 0)
		add_hex(b, "other", c->other, c->other_bytes);
}

static void describe_open(const uint8_t *body, size_t length, struct description *d)
{
	struct bgp_open open;

	if (bgp_open_decode(body, length, &open, &d->error) < 0) {
		d->verdict = BGP_SESSION_RESET;
		return;
	}
	buf_printf(&d->lines, "version %u\nas %" PRIu32 "\nhold-time %u\n", open.version,
		   open.as.number, open.hold_time_s);
	add_id(&d->lines, "router-id", open.router_id);
	describe_capabilities(&open.capabilities, &d->lines);
}

/* --- UPDATE --- */

static void describe_numbers(const struct bgp_attrs *a, struct buf *b)
{
	if (bgp_attrs_has(a, BGP_ATTR_MED))
		buf_printf(b, "med %" PRIu32 "\n", a->med);
	if (bgp_attrs_has(a, BGP_ATTR_LOCAL_PREF))
		buf_printf(b, "local-pref %" PRIu32 "\n", a->local_pref);
	if (a->atomic_aggregate)
		buf_add_text(b, "atomic-aggregate\n");
	if (bgp_attrs_has(a, BGP_ATTR_AGGREGATOR)) {
		buf_printf(b, "aggregator-as %" PRIu32 "\n", a->aggregator_as);
		add_id(b, "aggregator", a->aggregator_address);
	}
	if (bgp_attrs_has(a, BGP_ATTR_ORIGINATOR_ID))
		add_id(b, "originator-id", a->originator_id);
	if (bgp_attrs_has(a, BGP_ATTR_AIGP))
		buf_printf(b, "aigp %" PRIu64 "\n", a->aigp);
	if (bgp_attrs_has(a, BGP_ATTR_ONLY_TO_CUSTOMER))
		buf_printf(b, "only-to-customer %" PRIu32 "\n", a->only_to_customer);
	for (unsigned code = 0; code < 64; code++)
		if ((a->partial >> code & 1) != 0)
			buf_printf(b, "partial %u\n", code);
}

static void describe_lists(const struct bgp_attrs *a, struct buf *b)
{
	struct reader r = reader_of(a->cluster_list, a->cluster_list_bytes);

	if (a->communities_bytes != 0) {
		buf_add_text(b, "communities ");
		bgp_attr_value_format(BGP_ATTR_COMMUNITIES, a->communities, a->communities_bytes,
				      b);
		buf_add_text(b, "\n");
	}
	if (a->large_communities_bytes != 0) {
		buf_add_text(b, "large-communities ");
		bgp_attr_value_format(BGP_ATTR_LARGE_COMMUNITIES, a->large_communities,
				      a->large_communities_bytes, b);
		buf_add_text(b, "\n");
	}
	if (a->extended_communities_bytes != 0)
		add_hex(b, "extended-communities", a->extended_communities,
			a->extended_communities_bytes);
	while (reader_left(&r) != 0)
		add_id(b, "cluster", reader_u32(&r));
	r = reader_of(a->unknown, a->unknown_bytes);
	while (reader_left(&r) != 0) {
		const uint8_t *start = r.next;
		uint8_t flags = reader_u8(&r);

		(void)reader_u8(&r);
		(void)reader_bytes(&r, (flags & 0x10) != 0 ? reader_u16(&r) : reader_u8(&r));
		add_hex(b, "carried", start, (size_t)(r.next - start));
	}
}

static void describe_attributes(const uint8_t *key, size_t length,
				const struct bgp_context *context, bool announces,
				struct description *d)
{
	struct bgp_notification error = { 0 };
	struct bgp_attrs a;
	struct arena arena;
	struct error why = { "" };
	enum bgp_verdict verdict;

	arena_init(&arena, 0);
	verdict = bgp_attrs_decode(key, length, context, announces, &arena, &a, &error, &why);
	if (verdict > d->verdict) {
		d->verdict = verdict;
		d->error = error;
		d->why = why;
	}
	if (verdict <= BGP_ATTRIBUTE_DISCARD) {
		if (bgp_attrs_has(&a, BGP_ATTR_ORIGIN))
			buf_printf(&d->lines, "origin %s\n", bgp_origin_name(a.origin));
		if (bgp_attrs_has(&a, BGP_ATTR_AS_PATH)) {
			buf_add_text(&d->lines, "as-path");
			buf_add_text(&d->lines, a.as_path_bytes == 0 ? "" : " ");
			bgp_as_path_format(&a, &d->lines);
			buf_printf(&d->lines, "\nas-path-length %u\n", a.as_path_length);
		}
		add_address(&d->lines, "next-hop", &a.next_hop);
		add_address(&d->lines, "link-local", &a.next_hop_link_local);
		describe_numbers(&a, &d->lines);
		describe_lists(&a, &d->lines);
	}
	arena_done(&arena);
}

static void describe_nlri(const struct bgp_nlri_run *run, const struct bgp_nlri *nlri, bool addpath,
			  struct buf *b)
{
	buf_printf(b, "%s %s ", run->withdrawn ? "withdrawn" : "announced",
		   family_name(run->family));
	bgp_nlri_format(run->family, nlri, true, b);
	if (addpath)
		buf_printf(b, " path-id %" PRIu32, nlri->path_id);
	buf_add_text(b, "\n");
}

static void describe_run(struct bgp_nlri_run run, const struct bgp_context *context,
			 struct description *d)
{
	static struct bgp_nlri nlri;
	struct bgp_notification error = { 0 };
	struct error why = { "" };
	enum bgp_verdict verdict = bgp_nlri_check(&run, context, &error, &why);
	bool addpath = run.family != BGP_FAMILY_NONE && context->addpath[run.family];

	if (verdict > d->verdict) {
		d->verdict = verdict;
		d->error = error;
		d->why = why;
	}
	while (verdict < BGP_DISABLE_FAMILY && bgp_nlri_next(&run, addpath, &nlri))
		describe_nlri(&run, &nlri, addpath, &d->lines);
}

static void describe_update(const uint8_t *body, size_t length, const struct bgp_context *context,
			    struct description *d)
{
	static struct bgp_update update;

	d->verdict = bgp_update_cut(body, length, context, &update, &d->error, &d->why);
	if (d->verdict == BGP_SESSION_RESET)
		return;
	for (size_t i = 0; i < 2; i++) {
		describe_run(update.withdrawn[i], context, d);
		describe_run(update.announced[i], context, d);
	}
	if (update.disabled != BGP_FAMILY_NONE)
		buf_printf(&d->lines, "disabled %s\n", family_name(update.disabled));
	if (update.end_of_rib != BGP_FAMILY_NONE)
		buf_printf(&d->lines, "end-of-rib %s\n", family_name(update.end_of_rib));
	if (d->verdict >= BGP_TREAT_AS_WITHDRAW)
		return;
	if (update.key_length != 0 || update.announces)
		describe_attributes(update.key, update.key_length, context, update.announces, d);
	if (update.mp_key != update.key)
		describe_attributes(update.mp_key, update.mp_key_length, context, true, d);
}

/* --- the others --- */

static void describe_notification(const uint8_t *body, size_t length, struct description *d)
{
	char text[BGP_NOTIFICATION_TEXT_MAX];
	struct bgp_notification n;

	if (bgp_notification_decode(body, length, &n) < 0) {
		d->verdict = BGP_SESSION_RESET;
		return;
	}
	buf_printf(&d->lines, "error %u/%u\ntext %s\n", n.code, n.subcode,
		   bgp_notification_format(&n, text));
	if (n.data_length != 0)
		add_hex(&d->lines, "data", n.data, n.data_length);
}

static void describe_refresh(const uint8_t *body, size_t length, struct description *d)
{
	enum bgp_family family;
	uint8_t subtype;

	if (bgp_refresh_decode(body, length, true, &family, &subtype, &d->error) < 0) {
		d->verdict = BGP_SESSION_RESET;
		return;
	}
	buf_printf(&d->lines, "refresh %s %u\n",
		   family == BGP_FAMILY_NONE ? "unknown" : family_name(family), subtype);
}

void describe(const uint8_t *message, size_t length, const struct bgp_context *context,
	      struct description *d)
{
	const uint8_t *body = message + BGP_HEADER_BYTES;
	struct bgp_header h = { 0 };

	buf_clear(&d->lines);
	d->verdict = BGP_SESSION_RESET;
	d->why.text[0] = '\0';
	memset(&d->error, 0, sizeof(d->error));
	if (length < BGP_HEADER_BYTES ||
	    bgp_header_decode(message, context->message_bytes_max, &h, &d->error) < 0)
		return;
	length = MIN(length, h.length) - BGP_HEADER_BYTES;
	d->verdict = BGP_OK;
	switch (h.type) {
	case BGP_OPEN:
		describe_open(body, length, d);
		break;
	case BGP_UPDATE:
		describe_update(body, length, context, d);
		break;
	case BGP_NOTIFICATION:
		describe_notification(body, length, d);
		break;
	case BGP_ROUTE_REFRESH:
		describe_refresh(body, length, d);
		break;
	default:
		buf_add_text(&d->lines, "keepalive\n");
		break;
	}
}

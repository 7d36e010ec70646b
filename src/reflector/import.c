/*
 * import: from the octets of an UPDATE to the paths of a peer.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 9.1.1, 4456 8 (loops), 7606 (what a malformed UPDATE leads to), 8212. The attributes are
 * looked up by their octets; only a block that was never seen is decoded. Everything in a message
 * is checked before any of it is applied. A replacement that may not be used takes the place of the
 * path that it replaces: the old one is gone either way.
 */
#include "reflector/reflector.h"

#include "base/mem.h"
#include "rib/lookahead.h"

/* Of the families in these attributes' block: do packets go to the next hop? */
static bool is_forwarded(const struct bgp_attrs *attrs)
{
	return attrs->mp_family == BGP_FAMILY_NONE || bgp_family_info(attrs->mp_family)->forwarding;
}

static enum attr_reject find_loop(const struct reflector *r, const struct bgp_attrs *attrs)
{
	if (bgp_as_path_count(attrs, r->config->local_as) != 0)
		return ATTR_AS_LOOP;
	if (bgp_attrs_has(attrs, BGP_ATTR_ORIGINATOR_ID) && attrs->originator_id == r->router_id)
		return ATTR_ORIGINATOR_LOOP;
	if (bgp_cluster_list_has(attrs, r->cluster_id))
		return ATTR_CLUSTER_LOOP;
	if (is_forwarded(attrs) && ip_addr_equal(&attrs->next_hop, &r->config->router_id) &&
	    r->config->next_hop_resolution != NEXT_HOP_RESOLUTION_NONE)
		return ATTR_NEXT_HOP_SELF;
	return ATTR_ACCEPTED;
}

void reflector_new_attrs(struct reflector *r, uint32_t attr, const struct bgp_attrs *attrs)
{
	static const struct ip_addr nowhere = { 0 };
	struct attr_entry *entry = attr_table_entry(&r->attrs, attr);

	entry->reject = (uint8_t)find_loop(r, attrs);
	if (r->config->next_hop_resolution != NEXT_HOP_RESOLUTION_NONE)
		entry->next_hop = reflector_next_hop_number(
			r, is_forwarded(attrs) ? &attrs->next_hop : &nowhere);
}

/* RFC 8326 4: what an external peer is about to take away is to be used last. */
static bool is_shutting_down(const struct reflector_peer *peer, const struct attr_entry *entry)
{
	return peer->kind == REFLECTOR_EXTERNAL && entry->graceful_shutdown;
}

/* What the peer's configuration makes of its attributes: import-next-hop, med, role; and a graceful
 * shutdown. Returns 0 when it does not fit a message. */
static uint32_t import_transform(struct reflector_peer *peer, enum bgp_family family,
				 const struct bgp_attrs *received, bool shutting_down)
{
	struct reflector *r = peer->r;
	struct bgp_attrs attrs = *received;
	bool is_new;
	uint32_t id;

	if (peer->config->next_hop_peer && reflector_can_be_next_hop(family)) {
		attrs.next_hop = peer->address;
		attrs.next_hop_link_local = (struct ip_addr){ 0 };
	}
	if (peer->config->has_med) {
		attrs.med = peer->config->med;
		attrs.present |= UINT64_C(1) << BGP_ATTR_MED;
	}
	if (shutting_down) {
		attrs.local_pref = 0;
		attrs.present |= UINT64_C(1) << BGP_ATTR_LOCAL_PREF;
	}
	if (reflector_role_attaches(peer, family, bgp_attrs_has(&attrs, BGP_ATTR_ONLY_TO_CUSTOMER)))
		reflector_role_attach(&attrs, peer->config->peer_as);
	id = attr_table_intern(&r->attrs, &attrs, family, true, &is_new);
	if (id != 0 && is_new)
		reflector_new_attrs(r, id, &attrs);
	return id;
}

static bool has_import_transform(const struct reflector_peer *peer, enum bgp_family family,
				 uint32_t attr)
{
	const struct attr_entry *entry = attr_table_entry(&peer->r->attrs, attr);

	return peer->config->next_hop_peer || peer->config->has_med ||
	       is_shutting_down(peer, entry) ||
	       reflector_role_attaches(peer, family, entry->has_otc);
}

static void log_malformed(struct reflector_peer *peer, const char *what, const struct error *why)
{
	char text[ERROR_TEXT_MAX + 64];

	peer->counters.malformed++;
	snprintf(text, sizeof(text), "malformed UPDATE, %s: %s", what, why->text);
	peer->r->ops->log(peer->r->context, peer->r, 4, &peer->address, text);
}

/* Decodes and interns a block that is seen for the first time. False: reset the session. */
static bool intern_new(struct reflector_peer *peer, const struct attr_key *key, uint32_t *ret_attr,
		       struct bgp_notification *ret_error)
{
	struct reflector *r = peer->r;
	struct error why = { "" };
	struct bgp_attrs attrs;
	enum bgp_verdict verdict;

	arena_clear(&r->scratch);
	verdict = bgp_attrs_decode(key->bytes, key->length, &peer->receive, true, &r->scratch,
				   &attrs, ret_error, &why);
	if (verdict >= BGP_DISABLE_FAMILY) {
		log_malformed(peer, "session reset", &why);
		return false;
	}
	if (verdict != BGP_OK)
		log_malformed(peer,
			      verdict == BGP_TREAT_AS_WITHDRAW ? "treated as withdraw"
							       : "attribute discarded",
			      &why);
	*ret_attr =
		attr_table_add(&r->attrs, key, &attrs,
			       verdict == BGP_TREAT_AS_WITHDRAW ? ATTR_MALFORMED : ATTR_ACCEPTED);
	if (verdict != BGP_TREAT_AS_WITHDRAW)
		reflector_new_attrs(r, *ret_attr, &attrs);
	return true;
}

/* The block with these octets, with a reference for the caller. False: reset the session. */
static bool look_up(struct reflector_peer *peer, const struct attr_key *key, uint32_t *ret_attr,
		    struct bgp_notification *ret_error)
{
	struct attr_table *t = &peer->r->attrs;

	*ret_attr = attr_table_find(t, key);
	if (*ret_attr == 0 && !intern_new(peer, key, ret_attr, ret_error))
		return false;
	attr_table_ref(t, *ret_attr);
	return true;
}

static uint8_t reject_by_rules(const struct reflector_peer *peer, enum bgp_family family,
			       const struct bgp_nlri *nlri)
{
	const struct neighbor_config *config = peer->config;
	struct ip_prefix prefix;

	if (config->import_reject_count == 0 || !bgp_nlri_to_prefix(family, nlri, &prefix))
		return 0;
	for (size_t i = 0; i < config->import_reject_count && i < REFLECTOR_REJECT_RULES_MAX; i++) {
		const struct import_reject *rule = &config->import_rejects[i];

		if (rule->or_longer ? ip_prefix_covers(&rule->prefix, &prefix)
				    : ip_prefix_equal(&rule->prefix, &prefix))
			return (uint8_t)(REFLECTOR_REJECT_FIRST_RULE + i);
	}
	return 0;
}

static bool policy_rejects_all(const struct reflector_peer *peer)
{
	if (peer->config->import_policy == POLICY_REJECT_ALL)
		return true;
	return peer->kind == REFLECTOR_EXTERNAL && peer->config->import_policy == POLICY_UNSET &&
	       peer->r->config->ebgp_requires_policy;
}

const char *reflector_reject_reason(const struct reflector *r, const struct rib_path *path)
{
	const struct reflector_peer *peer;

	switch (path->reject) {
	case ATTR_ACCEPTED:
		return NULL;
	case ATTR_AS_LOOP:
		return "our AS is in its AS_PATH";
	case ATTR_ORIGINATOR_LOOP:
		return "its ORIGINATOR_ID is our router id";
	case ATTR_CLUSTER_LOOP:
		return "our cluster id is in its CLUSTER_LIST";
	case ATTR_NEXT_HOP_SELF:
		return "its NEXT_HOP is our own address";
	case REFLECTOR_REJECT_POLICY:
		return "no import policy accepts it (RFC 8212)";
	case REFLECTOR_REJECT_LEAK:
		return "ONLY_TO_CUSTOMER says that it leaked (RFC 9234 5)";
	default:
		peer = path->peer < r->peers_end ? r->peers[path->peer] : NULL;
		if (peer == NULL || path->reject < REFLECTOR_REJECT_FIRST_RULE ||
		    path->reject - REFLECTOR_REJECT_FIRST_RULE >=
			    (int)peer->config->import_reject_count)
			return "refused by a rule that is gone";
		return peer->config->import_rejects[path->reject - REFLECTOR_REJECT_FIRST_RULE]
			.reason;
	}
}

/* One announced prefix: the path of this peer is now `attr`, with what `nlri` has beside its key
 * (NULL: nothing, and no path identifier). */
static void set_path(struct reflector_peer *peer, enum bgp_family family, uint32_t prefix,
		     const struct bgp_nlri *nlri, uint32_t attr, uint8_t reject)
{
	struct reflector *r = peer->r;
	struct prefix_table *t = &r->tables[family];
	uint32_t path_id = nlri == NULL ? 0 : nlri->path_id;
	uint32_t number = prefix_table_path(t, prefix, peer->index, path_id);
	struct rib_path *path;
	bool other;

	if (number == RIB_NONE) {
		number = prefix_table_add_path(t, prefix, peer->index, path_id);
		peer->path_count++;
		peer->family_paths[family]++;
	}
	path = &t->paths[number];
	other = nlri != NULL && prefix_table_set_path_data(t, number, nlri);
	other |= (path->flags & RIB_PATH_STALE) != 0;
	path->flags &=
		(uint8_t) ~(RIB_PATH_STALE | RIB_PATH_LONG_LIVED_STALE | RIB_PATH_REFRESHING);
	if (path->attr == attr && path->reject == reject && !other)
		return;
	attr_table_ref(&r->attrs, attr);
	if (path->attr != 0) /* it is not new */
		attr_table_unref(&r->attrs, path->attr);
	peer->rejected_count -= path->reject != 0;
	peer->rejected_count += reject != 0;
	path->attr = attr;
	path->reject = reject;
	reflector_mark_dirty(r, family, prefix);
}

static void withdraw_prefix(struct reflector_peer *peer, enum bgp_family family, uint32_t prefix,
			    uint32_t path_id)
{
	uint32_t path;

	if (prefix == RIB_NONE)
		return;
	path = prefix_table_path(&peer->r->tables[family], prefix, peer->index, path_id);
	if (path != RIB_NONE)
		reflector_drop_path(peer->r, family, prefix, path);
}

/* The fast way in: IPv4 unicast without ADD-PATH and without rules, in the NLRI field. */
static bool goes_fast(const struct reflector_peer *peer, const struct bgp_nlri_run *run)
{
	return run->family == BGP_IPV4_UNICAST && !run->mp &&
	       !peer->receive.addpath[BGP_IPV4_UNICAST] && peer->config->import_reject_count == 0;
}

static void announce_fast(struct reflector_peer *peer, struct prefix_batch *batch, uint32_t attr,
			  uint8_t reject)
{
	struct prefix_table *t = &peer->r->tables[BGP_IPV4_UNICAST];

	for (; batch->count != 0; prefix_batch_read_ipv4(batch, t)) {
		for (size_t i = 0; i < batch->count; i++)
			set_path(peer, BGP_IPV4_UNICAST, prefix_batch_get(batch, i, t), NULL, attr,
				 reject);
		peer->counters.prefixes_received += batch->count;
	}
}

static void withdraw_run(struct reflector_peer *peer, struct bgp_nlri_run run)
{
	bool addpath = peer->receive.addpath[run.family];
	struct bgp_nlri nlri;

	while (bgp_nlri_next(&run, addpath, &nlri)) {
		peer->counters.withdrawn++;
		withdraw_prefix(peer, run.family,
				prefix_table_find(&peer->r->tables[run.family], &nlri),
				nlri.path_id);
	}
}

/* `batch`: the beginning of a run that goes fast, or NULL. */
static void announce_run(struct reflector_peer *peer, struct bgp_nlri_run run,
			 struct prefix_batch *batch, uint32_t attr)
{
	const struct attr_entry *entry = attr_table_entry(&peer->r->attrs, attr);
	uint8_t reject = entry->reject;
	bool addpath = peer->receive.addpath[run.family];
	struct bgp_nlri nlri;

	if (reject == 0 && policy_rejects_all(peer))
		reject = REFLECTOR_REJECT_POLICY;
	if (reject == 0 && reflector_role_leaked(peer, run.family, entry))
		reject = REFLECTOR_REJECT_LEAK;
	if (batch != NULL) {
		announce_fast(peer, batch, attr, reject);
		return;
	}
	while (bgp_nlri_next(&run, addpath, &nlri)) {
		uint8_t why = reject != 0 ? reject : reject_by_rules(peer, run.family, &nlri);

		peer->counters.prefixes_received++;
		set_path(peer, run.family, prefix_table_get(&peer->r->tables[run.family], &nlri),
			 &nlri, attr, why);
	}
}

/* Announces a run whose attributes are `attr`; a malformed block withdraws it (RFC 7606 2). */
static void apply_announcement(struct reflector_peer *peer, const struct bgp_nlri_run *run,
			       struct prefix_batch *batch, uint32_t attr)
{
	struct reflector *r = peer->r;
	struct bgp_attrs attrs;
	uint32_t used = attr;

	if (run->family == BGP_FAMILY_NONE)
		return;
	if (attr_table_entry(&r->attrs, attr)->reject == ATTR_MALFORMED) {
		withdraw_run(peer, *run);
		return;
	}
	if (has_import_transform(peer, run->family, attr)) {
		arena_clear(&r->scratch);
		attr_table_decode(&r->attrs, attr, &r->scratch, &attrs);
		used = import_transform(peer, run->family, &attrs,
					is_shutting_down(peer, attr_table_entry(&r->attrs, attr)));
		if (used == 0) {
			withdraw_run(peer, *run);
			return;
		}
	}
	attr_table_ref(&r->attrs, used);
	announce_run(peer, *run, batch, used);
	attr_table_unref(&r->attrs, used);
}

/* What the checks of an UPDATE said of each announced run: to be withdrawn instead. */
struct update_checks {
	bool withdraw[2];
};

static void disable_family(struct reflector_peer *peer, enum bgp_family family,
			   const struct error *why, instant_t now)
{
	if (family == BGP_FAMILY_NONE || peer->disabled[family])
		return;
	peer->counters.malformed++;
	reflector_peer_disable(peer, family, why->text, now);
}

/* One run is checked before anything is applied. False: reset the session. */
static bool check_run(struct reflector_peer *peer, struct bgp_nlri_run *run, bool *ret_withdraw,
		      instant_t now, struct bgp_notification *ret_error)
{
	struct error why = { "" };

	*ret_withdraw = false;
	if (run->family == BGP_FAMILY_NONE)
		return true;
	if (peer->disabled[run->family]) { /* RFC 4760 7: ignored from then on */
		run->family = BGP_FAMILY_NONE;
		return true;
	}
	switch (bgp_nlri_check(run, &peer->receive, ret_error, &why)) {
	case BGP_OK:
		return true;
	case BGP_ATTRIBUTE_DISCARD:
		log_malformed(peer, "routes left out", &why);
		return true;
	case BGP_TREAT_AS_WITHDRAW:
		log_malformed(peer, "treated as withdraw", &why);
		*ret_withdraw = true;
		return true;
	case BGP_DISABLE_FAMILY:
		disable_family(peer, run->family, &why, now);
		run->family = BGP_FAMILY_NONE;
		return true;
	case BGP_SESSION_RESET:
		break;
	}
	log_malformed(peer, "session reset", &why);
	return false;
}

static bool check_runs(struct reflector_peer *peer, struct bgp_update *update,
		       struct update_checks *checks, instant_t now,
		       struct bgp_notification *ret_error)
{
	bool unused;

	for (size_t i = 0; i < ARRAY_SIZE(update->withdrawn); i++)
		if (!check_run(peer, &update->withdrawn[i], &unused, now, ret_error))
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(update->announced); i++)
		if (!check_run(peer, &update->announced[i], &checks->withdraw[i], now, ret_error))
			return false;
	return true;
}

/* RFC 7606 5.2: attributes without NLRI. Where an error would mean to withdraw what the UPDATE
 * announces, nobody can be sure that it was to announce nothing. */
static bool check_lone_attrs(struct reflector_peer *peer, const struct bgp_update *update,
			     struct bgp_notification *ret_error)
{
	struct error why = { "" };
	struct bgp_attrs attrs;
	enum bgp_verdict verdict;

	if (LIKELY(!update->bare))
		return true;
	arena_clear(&peer->r->scratch);
	verdict = bgp_attrs_decode(update->key, update->key_length, &peer->receive, false,
				   &peer->r->scratch, &attrs, ret_error, &why);
	if (verdict < BGP_DISABLE_FAMILY)
		return true;
	log_malformed(peer, "session reset", &why);
	return false;
}

/* RFC 4486 4: family and limit are the data of the Cease. The limit is one for all families; the
 * one named is the one that passed it. */
static void check_limit(struct reflector_peer *peer, const struct bgp_update *update)
{
	enum bgp_family family = update->announced[0].family != BGP_FAMILY_NONE
					 ? update->announced[0].family
					 : update->announced[1].family;
	struct bgp_notification too_many;
	uint8_t data[7];
	struct writer w = writer_of(data, sizeof(data));
	char text[96];

	if (peer->config->prefix_limit == 0 || peer->path_count <= peer->config->prefix_limit ||
	    peer->over_limit || family == BGP_FAMILY_NONE)
		return;
	peer->over_limit = true;
	writer_u16(&w, bgp_family_info(family)->afi);
	writer_u8(&w, bgp_family_info(family)->safi);
	writer_u32(&w, peer->config->prefix_limit);
	bgp_notification_set(&too_many, BGP_CEASE, BGP_CEASE_MAXIMUM_PREFIXES, data, sizeof(data));
	snprintf(text, sizeof(text), "%u prefixes, more than the limit of %u: session reset",
		 peer->path_count, peer->config->prefix_limit);
	peer->r->ops->log(peer->r->context, peer->r, 4, &peer->address, text);
	peer->r->ops->reset(peer->r->context, peer, &too_many);
}

static void end_of_rib_received(struct reflector_peer *peer, enum bgp_family family, instant_t now)
{
	if (!peer->families[family] || peer->disabled[family])
		return;
	peer->end_of_rib[family] = true;
	reflector_check_end_of_rib(peer->r, now);
}

/* Withdrawals first (RFC 4271 4.3). False: reset the session, with nothing applied. */
static bool apply_update(struct reflector_peer *peer, const struct bgp_update *update,
			 const struct update_checks *checks, struct bgp_notification *ret_error)
{
	struct attr_table *t = &peer->r->attrs;
	bool two_keys = update->mp_key != update->key;
	bool fast = goes_fast(peer, &update->announced[1]);
	struct attr_key key = attr_table_key(t, update->key, update->key_length, &peer->receive);
	struct prefix_batch batch;
	uint32_t attr = 0, mp_attr = 0;
	bool malformed = false;

	if (fast) { /* memory for both is on its way while they are read */
		batch.rest = update->announced[1].reader;
		prefix_batch_read_ipv4(&batch, &peer->r->tables[BGP_IPV4_UNICAST]);
	}

	if (update->announces) {
		if (!look_up(peer, &key, &attr, ret_error))
			return false;
		if (two_keys)
			key = attr_table_key(t, update->mp_key, update->mp_key_length,
					     &peer->receive);
		if (two_keys && !look_up(peer, &key, &mp_attr, ret_error)) {
			attr_table_unref(t, attr);
			return false;
		}
		/* RFC 7606 2: what withdraws the routes withdraws all that the UPDATE announces */
		malformed = two_keys && (attr_table_entry(t, attr)->reject == ATTR_MALFORMED ||
					 attr_table_entry(t, mp_attr)->reject == ATTR_MALFORMED);
	}
	for (size_t i = 0; i < ARRAY_SIZE(update->withdrawn); i++)
		if (update->withdrawn[i].family != BGP_FAMILY_NONE)
			withdraw_run(peer, update->withdrawn[i]);
	for (size_t i = 0; i < ARRAY_SIZE(update->announced) && update->announces; i++) {
		const struct bgp_nlri_run *run = &update->announced[i];

		if (!checks->withdraw[i] && !malformed)
			apply_announcement(peer, run, fast && i == 1 ? &batch : NULL,
					   two_keys && i == 0 ? mp_attr : attr);
		else if (run->family != BGP_FAMILY_NONE)
			withdraw_run(peer, *run);
	}
	if (attr != 0)
		attr_table_unref(t, attr);
	if (mp_attr != 0)
		attr_table_unref(t, mp_attr);
	return true;
}

/* Cuts, checks and applies. False: reset the session, with nothing applied. */
static bool take_update(struct reflector_peer *peer, const uint8_t *body, size_t length,
			instant_t now, struct bgp_update *update,
			struct bgp_notification *ret_error)
{
	struct update_checks checks = { 0 };
	struct error why = { "" };
	enum bgp_verdict verdict =
		bgp_update_cut(body, length, &peer->receive, update, ret_error, &why);

	if (verdict == BGP_SESSION_RESET) {
		log_malformed(peer, "session reset", &why);
		return false;
	}
	if (!check_runs(peer, update, &checks, now, ret_error) ||
	    !check_lone_attrs(peer, update, ret_error))
		return false;
	if (verdict == BGP_DISABLE_FAMILY)
		disable_family(peer, update->disabled, &why, now);
	if (update->end_of_rib != BGP_FAMILY_NONE) {
		end_of_rib_received(peer, update->end_of_rib, now);
		return true;
	}
	if (verdict == BGP_TREAT_AS_WITHDRAW)
		log_malformed(peer, "treated as withdraw", &why);
	if (update->malformed) { /* beside a family that was disabled, too */
		checks = (struct update_checks){ { true, true } };
	}
	return apply_update(peer, update, &checks, ret_error);
}

void reflector_expect(const struct reflector_peer *peer, const uint8_t *body, size_t length)
{
	if (!peer->receive.addpath[BGP_IPV4_UNICAST])
		lookahead_update(&peer->r->attrs, &peer->r->tables[BGP_IPV4_UNICAST],
				 &peer->receive, body, length);
}

bool reflector_update(struct reflector_peer *peer, const uint8_t *body, size_t length,
		      instant_t now, struct bgp_notification *ret_error)
{
	struct bgp_update update; /* most of it is never touched */
	size_t bytes_before = peer->r->memory.whole.bytes;
	uint64_t errors = peer->counters.malformed + peer->counters.families_disabled;
	bool good;

	peer->counters.updates++;
	good = take_update(peer, body, length, now, &update, ret_error);
	if (UNLIKELY(peer->counters.malformed + peer->counters.families_disabled != errors))
		reflector_log_malformed(peer, &update, body, length);
	if (!good)
		return false;
	check_limit(peer, &update);
	if (peer->r->memory.whole.bytes > bytes_before)
		reflector_memory_grew(peer, now);
	return true;
}

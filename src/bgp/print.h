/*
 * print: BGP messages for people and for programs.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Any octets that claim to be a BGP message become the members of an outline: as text or as JSON,
 * with every attribute, capability and NLRI by name, what is not known in hexadecimal digits, and
 * what RFC 7606 makes of what is wrong. The message is read here octet by octet once more, apart
 * from the decoder that judges it: a malformed attribute is shown too, although nobody uses it.
 *
 *   print.c         the messages, and UPDATE's parts
 *   print_open.c    OPEN and its capabilities
 *   print_attrs.c   path attributes
 *   print_nlri.c    NLRI
 *
 * Names of members are those of docs/INTERFACES.md section 3 where it has them.
 */
#ifndef BGP_PRINT_H
#define BGP_PRINT_H

#include "base/arena.h"
#include "base/base.h"
#include "base/buf.h"
#include "base/outline.h"
#include "bgp/update.h"

/* Room to work in, used again for each message. Large: not for the stack. */
struct bgp_printer {
	struct outline *out;
	struct arena arena;
	struct buf text;
	struct bgp_update update;
	struct bgp_nlri nlri;
	enum bgp_family disabled; /* by the UPDATE in hand */
	bool rib_entry;		  /* attributes of a RIB entry are in hand, not of an UPDATE */
};

/* `out` must outlive the printer. */
void bgp_printer_init(struct bgp_printer *p, struct outline *out);
void bgp_printer_done(struct bgp_printer *p);

/* Adds the members of one whole message, header included, to the record that is begun in `out`.
 * Returns what a receiver in this context would make of it; BGP_SESSION_RESET also for a wrong
 * header, OPEN or ROUTE-REFRESH. */
enum bgp_verdict bgp_print_message(struct bgp_printer *p, const uint8_t *message, size_t length,
				   const struct bgp_context *context);

/* Adds "attributes" of a RIB entry: MP_REACH_NLRI may be abbreviated to its next hop (RFC 6396
 * 4.3.4). BGP_OK, or BGP_TREAT_AS_WITHDRAW when one cannot be read. */
enum bgp_verdict bgp_print_rib_attrs(struct bgp_printer *p, const uint8_t *attrs, size_t length,
				     const struct bgp_context *context);

/* Adds an NLRI to the array that is begun; `addpath`: with its path identifier. */
void bgp_print_nlri(struct bgp_printer *p, enum bgp_family family, const struct bgp_nlri *nlri,
		    bool addpath);
/* The members of one NLRI, to the object that is begun. */
void bgp_print_nlri_members(struct bgp_printer *p, enum bgp_family family,
			    const struct bgp_nlri *nlri);

/* What a receiver makes of an UPDATE. */
struct bgp_print_judgement {
	enum bgp_verdict verdict;      /* the worst of all */
	struct bgp_notification error; /* at a session reset */
	struct error why;
	bool is_cut;	      /* its parts are in the printer's `update` */
	bool run_is_wrong[4]; /* withdrawn, then announced: nothing of it can be read */
};

/* Judges the body of an UPDATE, and prints nothing. */
void bgp_print_judge(struct bgp_printer *p, const uint8_t *body, size_t length,
		     const struct bgp_context *context, struct bgp_print_judgement *ret_judgement);

/* The name of an attribute's member: "as-path", "attribute-99". */
#define BGP_PRINT_KEY_MAX 48
void bgp_print_attr_key(uint8_t code, char key[static BGP_PRINT_KEY_MAX]);

/* "OPEN"; NULL for a type that nobody knows. */
const char *bgp_print_type_name(uint8_t type);
/* "treat-as-withdraw" */
const char *bgp_print_verdict_name(enum bgp_verdict verdict);

#endif

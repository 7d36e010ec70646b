/*
 * certificate: PEM files of certificates and keys: loaded, checked, described.
 * SPDX-License-Identifier: Apache-2.0
 *
 * It finds out at the start what would else be a failed handshake later: a key that does not fit, a
 * certificate that is over, an authority that did not sign.
 */
#ifndef TLS_CERTIFICATE_H
#define TLS_CERTIFICATE_H

#include "base/base.h"
#include "base/error.h"

#define CERTIFICATE_NAME_MAX 256

struct certificate_files {
	const char *ca; /* NULL: nobody's certificate is asked for */
	const char *certificate;
	const char *key;
};

struct certificate_set {
	char *ca_pem; /* NULL without */
	char *certificate_pem;
	char *key_pem; /* secret */
	char common_name[CERTIFICATE_NAME_MAX];
	int64_t not_after; /* seconds since 1970 */
};

/* Loads and checks all: the key fits the certificate, which is valid at `unix_now` and, where there
 * is a ca, signed by it. Release with certificate_set_done. */
int certificate_set_load(struct certificate_set *set, const struct certificate_files *files,
			 struct error *e, int64_t unix_now) MUST_CHECK;
/* Wipes the key. Takes a zeroed set. */
void certificate_set_done(struct certificate_set *set);

#endif

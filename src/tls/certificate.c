/*
 * certificate: PEM files of certificates and keys: loaded, checked, described.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tls/certificate.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/mem.h"

#define CHAIN_MAX 16u

static int load_file(const char *path, char **ret_text, struct error *e)
{
	gnutls_datum_t data;
	int status = gnutls_load_file(path, &data);

	if (status < 0)
		return error_set(e, "%s: cannot be read", path);
	*ret_text = mem_zalloc((size_t)data.size + 1);
	memcpy(*ret_text, data.data, data.size);
	gnutls_memset(data.data, 0, data.size);
	gnutls_free(data.data);
	return 0;
}

static gnutls_datum_t datum_of(char *text)
{
	return (gnutls_datum_t){ (unsigned char *)text, (unsigned)strlen(text) };
}

static int check_key(const struct certificate_files *files, const struct certificate_set *set,
		     gnutls_x509_crt_t certificate, struct error *e)
{
	gnutls_datum_t pem = datum_of(set->key_pem);
	unsigned char of_key[64], of_certificate[64];
	size_t key_bytes = sizeof(of_key), certificate_bytes = sizeof(of_certificate);
	gnutls_x509_privkey_t key;
	int result = 0;

	gnutls_x509_privkey_init(&key);
	if (gnutls_x509_privkey_import2(key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0) < 0)
		result = error_set(e, "%s: is no private key in PEM, without a password",
				   files->key);
	else if (gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, of_key, &key_bytes) <
			 0 ||
		 gnutls_x509_crt_get_key_id(certificate, GNUTLS_KEYID_USE_SHA256, of_certificate,
					    &certificate_bytes) < 0 ||
		 key_bytes != certificate_bytes || memcmp(of_key, of_certificate, key_bytes) != 0)
		result = error_set(e, "%s: is not the key of the certificate %s", files->key,
				   files->certificate);
	gnutls_x509_privkey_deinit(key);
	return result;
}

static int check_signed(const struct certificate_files *files, struct certificate_set *set,
			gnutls_x509_crt_t *chain, unsigned count, struct error *e)
{
	gnutls_datum_t pem = datum_of(set->ca_pem);
	gnutls_x509_trust_list_t trust;
	unsigned status = 0;
	int result = 0;

	gnutls_x509_trust_list_init(&trust, 0);
	if (gnutls_x509_trust_list_add_trust_mem(trust, &pem, NULL, GNUTLS_X509_FMT_PEM, 0, 0) <= 0)
		result = error_set(e, "%s: holds no certificate in PEM", files->ca);
	else if (gnutls_x509_trust_list_verify_crt(trust, chain, count,
						   GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status,
						   NULL) < 0 ||
		 status != 0)
		result = error_set(e, "%s: is not signed by %s", files->certificate, files->ca);
	gnutls_x509_trust_list_deinit(trust, 1);
	return result;
}

static int check_time(const struct certificate_files *files, gnutls_x509_crt_t certificate,
		      struct certificate_set *set, struct error *e, int64_t unix_now)
{
	set->not_after = (int64_t)gnutls_x509_crt_get_expiration_time(certificate);
	if (unix_now > set->not_after)
		return error_set(e, "%s: is over since %" PRId64 " days: issue a new one",
				 files->certificate, (unix_now - set->not_after) / 86400);
	if (unix_now + 300 < (int64_t)gnutls_x509_crt_get_activation_time(certificate))
		return error_set(e, "%s: is not valid yet: look at this machine's clock",
				 files->certificate);
	return 0;
}

static int check_certificate(const struct certificate_files *files, struct certificate_set *set,
			     struct error *e, int64_t unix_now)
{
	gnutls_datum_t pem = datum_of(set->certificate_pem);
	gnutls_x509_crt_t chain[CHAIN_MAX];
	unsigned count = CHAIN_MAX;
	size_t name_bytes = sizeof(set->common_name);
	int result;

	if (gnutls_x509_crt_list_import(chain, &count, &pem, GNUTLS_X509_FMT_PEM,
					GNUTLS_X509_CRT_LIST_FAIL_IF_UNSORTED) <= 0)
		return error_set(e,
				 "%s: holds no certificate in PEM (or its chain is out of order)",
				 files->certificate);
	if (gnutls_x509_crt_get_dn_by_oid(chain[0], GNUTLS_OID_X520_COMMON_NAME, 0, 0,
					  set->common_name, &name_bytes) < 0)
		set->common_name[0] = '\0';
	result = check_time(files, chain[0], set, e, unix_now);
	if (result == 0)
		result = check_key(files, set, chain[0], e);
	if (result == 0 && set->ca_pem != NULL)
		result = check_signed(files, set, chain, count, e);
	for (unsigned i = 0; i < count; i++)
		gnutls_x509_crt_deinit(chain[i]);
	return result;
}

int certificate_set_load(struct certificate_set *set, const struct certificate_files *files,
			 struct error *e, int64_t unix_now)
{
	*set = (struct certificate_set){ 0 };
	if ((files->ca == NULL || load_file(files->ca, &set->ca_pem, e) == 0) &&
	    load_file(files->certificate, &set->certificate_pem, e) == 0 &&
	    load_file(files->key, &set->key_pem, e) == 0 &&
	    check_certificate(files, set, e, unix_now) == 0)
		return 0;
	certificate_set_done(set);
	return -1;
}

void certificate_set_done(struct certificate_set *set)
{
	if (set->key_pem != NULL)
		gnutls_memset(set->key_pem, 0, strlen(set->key_pem));
	mem_free(set->ca_pem);
	mem_free(set->certificate_pem);
	mem_free(set->key_pem);
	*set = (struct certificate_set){ 0 };
}

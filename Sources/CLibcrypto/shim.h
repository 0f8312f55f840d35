#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* EVP_EC_gen is a macro over a variadic function: Swift sees neither. */
static inline EVP_PKEY *CLibcrypto_generate_p256(void) { return EVP_EC_gen("P-256"); }

/* Macros that Swift does not see. */
static inline void CLibcrypto_free_certificates(STACK_OF(X509) *all) { sk_X509_pop_free(all, X509_free); }
static inline void CLibcrypto_free(void *memory) { OPENSSL_free(memory); }

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

/* EVP_EC_gen is a macro over a variadic function: Swift sees neither. */
static inline EVP_PKEY *CLibcrypto_generate_p256(void) { return EVP_EC_gen("P-256"); }

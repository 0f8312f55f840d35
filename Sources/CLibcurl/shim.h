#include <curl/curl.h>

/* An enumerator in curl 7.88 and a macro in 8.14, which Swift imports as different types. */
static const long CLibcurl_usessl_all = CURLUSESSL_ALL;

/* curl_easy_setopt(3) and curl_easy_getinfo(3) are variadic: Swift does not see them. */
static inline CURLcode CLibcurl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode CLibcurl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode CLibcurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode CLibcurl_set_callback(
    CURL *handle, CURLoption function_option, size_t (*function)(char *, size_t, size_t, void *),
    CURLoption data_option, void *data) {
    CURLcode code = curl_easy_setopt(handle, function_option, function);
    return code == CURLE_OK ? curl_easy_setopt(handle, data_option, data) : code;
}
static inline long CLibcurl_response_code(CURL *handle) {
    long code = 0;
    return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &code) == CURLE_OK ? code : 0;
}

#include <microhttpd.h>

/* MHD_start_daemon is variadic: Swift does not see it. */
static inline struct MHD_Daemon *CMicrohttpd_start(
    int listener, unsigned int connections, unsigned int seconds, MHD_AccessHandlerCallback handler, void *closure)
{
    return MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC, 0, NULL, NULL, handler, closure,
        MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT, connections,
        MHD_OPTION_CONNECTION_TIMEOUT, seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) 32 * 1024,
        MHD_OPTION_END);
}

/* The server: HTTP by libmicrohttpd, one thread for each connection, on the loopback alone. */
// SPDX-License-Identifier: MIT
#define _DEFAULT_SOURCE /* what microhttpd.h needs; NOLINT(bugprone-reserved-identifier): its name */
#include "sim/explore/explore.h"

#include "sim/base/error.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum { CONNECTIONS = 64, IDLE_SECONDS = 60, CONNECTION_BYTES = 48 * 1024 };

/* MHD_Result exists since this version. */
#if MHD_VERSION >= 0x00097002
typedef enum MHD_Result mhd_result;
#else
typedef int mhd_result;
#endif

/* What is known of a request before its handler. */
struct coming {
    size_t address; /* characters */
    bool cut;       /* an encoded zero ends the path early */
    bool seen;      /* its headers */
};

bool ssldyn_explore_http_built(void)
{
    return true;
}

const char *ssldyn_explore_http_name(void)
{
    return MHD_get_version();
}

/* ---- one request */

static mhd_result take_parameter(void *context, enum MHD_ValueKind kind, const char *key,
                                 size_t key_size, const char *value, size_t value_size)
{
    struct ssldyn_call *call = context;
    (void)kind;
    if (call->count == SSLDYN_CALL_PARAMETERS || strlen(key) != key_size ||
        (value && strlen(value) != value_size)) {
        call->malformed = true;
        return MHD_NO;
    }
    call->pairs[call->count++] = (struct ssldyn_call_pair){key, value};
    return MHD_YES;
}

/* Headers that count; one that comes twice is malformed. */
static mhd_result take_header(void *context, enum MHD_ValueKind kind, const char *key,
                              size_t key_size, const char *value, size_t value_size)
{
    struct ssldyn_call *call = context;
    const struct {
        const char *name;
        const char **value;
    } headers[] = {
        {"Host", &call->host}, {"Origin", &call->origin}, {"X-Ssldyn-Token", &call->token}};
    (void)kind;
    if (!value || strlen(key) != key_size || strlen(value) != value_size) {
        call->malformed = true;
        return MHD_YES;
    }
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        if (strcasecmp(key, headers[i].name) == 0) {
            call->malformed = call->malformed || *headers[i].value != NULL;
            *headers[i].value = value;
        }
    }
    if (strcasecmp(key, "Transfer-Encoding") == 0 ||
        (strcasecmp(key, "Content-Length") == 0 && strcmp(value, "0") != 0)) {
        call->has_body = true;
    }
    return MHD_YES;
}

static void put_headers(struct MHD_Response *response, const struct ssldyn_call_answer *answer)
{
    static const struct {
        const char *name, *value;
    } headers[] = {
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
         "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cache-Control", "no-store"},
    };
    char timing[48];
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        (void)MHD_add_response_header(response, headers[i].name, headers[i].value);
    }
    (void)snprintf(timing, sizeof timing, "run;dur=%.3f", 1e3 * answer->seconds);
    (void)MHD_add_response_header(response, "Server-Timing", timing);
    (void)MHD_add_response_header(response, "Content-Type", answer->type);
    if (answer->location[0] != '\0') {
        (void)MHD_add_response_header(response, "Location", answer->location);
    }
    if (answer->status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        (void)MHD_add_response_header(response, "Allow", "GET, HEAD");
    }
}

/* Sends the answer, whose body goes to the response. */
static mhd_result send_answer(struct MHD_Connection *connection, struct ssldyn_call_answer *answer)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        answer->body.size, answer->body.data,
        answer->body.data ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
    if (!response) {
        ssldyn_bytes_clear(&answer->body);
        return MHD_NO;
    }
    put_headers(response, answer);
    const mhd_result sent = MHD_queue_response(connection, answer->status, response);
    MHD_destroy_response(response);
    return sent;
}

static mhd_result
handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
       const char *version, const char *upload,
       size_t *upload_size, /* NOLINT(readability-non-const-parameter): a callback */
       void **state)
{
    struct coming *coming = *state;
    struct ssldyn_call call = {.method = method, .path = url};
    struct ssldyn_call_answer answer = {0};
    (void)version;
    (void)upload; /* a request with a body is refused by its headers */
    (void)upload_size;
    if (!coming) {
        return MHD_NO;
    }
    call.address = coming->address;
    call.malformed = coming->cut;
    (void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, take_header, &call);
    if (!coming->seen && !call.has_body) {
        coming->seen = true;
        return MHD_YES;
    }
    (void)MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, take_parameter, &call);
    ssldyn_explore_answer(context, &call, &answer);
    return send_answer(connection, &answer);
}

/* Called with the address as it came; what it returns is the request's state. */
static void *note_address(void *context, const char *address, struct MHD_Connection *connection)
{
    struct coming *coming = calloc(1, sizeof *coming);
    (void)context;
    (void)connection;
    if (coming) {
        coming->address = strlen(address);
        coming->cut = strstr(address, "%00") != NULL;
    }
    return coming;
}

static void forget(void *context, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode why)
{
    (void)context;
    (void)connection;
    (void)why;
    free(*state);
    *state = NULL;
}

/* ---- the server */

/* No thread of the server takes signals: the program's own waits for them. */
static struct MHD_Daemon *start_daemon(struct ssldyn_explore *explore,
                                       const struct sockaddr_in *address)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC, 0, NULL,
        NULL, handle, explore, MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, MHD_OPTION_STRICT_FOR_CLIENT,
        1, MHD_OPTION_URI_LOG_CALLBACK, note_address, explore, MHD_OPTION_NOTIFY_COMPLETED, forget,
        explore, MHD_OPTION_END);
    const int reason = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = reason;
    return daemon;
}

enum ssldyn_status ssldyn_explore_http_start(struct ssldyn_explore *explore, unsigned port,
                                             struct ssldyn_error *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    errno = 0;
    struct MHD_Daemon *daemon = start_daemon(explore, &address);
    if (!daemon) {
        return ssldyn_fail_system(err, SSLDYN_EIO, errno != 0 ? errno : EADDRINUSE,
                                  "--port %u: cannot listen on it", port);
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    explore->port = info ? info->port : port;
    explore->server = daemon;
    return SSLDYN_OK;
}

void ssldyn_explore_http_stop(struct ssldyn_explore *explore)
{
    ssldyn_task_close(&explore->tasks);
    MHD_stop_daemon(explore->server);
    explore->server = NULL;
}

// The sink: an SMTP server for benchmarks that takes mail, counts it and throws it away. One thread, epoll, loopback.
//
//   sink [-p PORT] [-d MICROSECONDS] [-z BYTES] [-w NUMBER] [-s FILE] [-l FILE] [-P] [-C] [-8] [-U]
//     -p  port; 0, the default, lets the system choose. "port N" is printed once it listens.
//     -d  each reply leaves so many microseconds after what it answers was read: the round trip of a relay far away
//     -z  SIZE limit of a message
//     -w  the message with which first_message_ns is taken: 1, or when all connections are at work
//     -s  file with the counters below (64-bit, native order), mapped, so that they can be read at any time
//     -l  file that gets "recipient<TAB>octets" for each accepted message
//     -P -C -8 -U  do not offer PIPELINING, CHUNKING, 8BITMIME, SMTPUTF8
//
// Recipients misbehave by the beginning of their name:
//   reject 550 at RCPT    defer 451 at RCPT    close 421 at RCPT and goodbye
//   refuse 554 after the body    drop closes after the body without a word
//
// Not a careful server: it trusts that the client is on the same machine and speaks in whole, short lines.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { INPUT = 128 * 1024, REPLIES = 16 * 1024, MOST_CONNECTIONS = 4096, LONGEST_NAME = 320 };

// Read by sink.py: the same order there.
struct counters {
    uint64_t messages, octets, connections, refused, dropped, commands;
    uint64_t first_connection_ns, first_message_ns, last_message_ns;  // CLOCK_MONOTONIC
};

enum phase { COMMANDS, DATA, BDAT };

struct peer {
    int fd;
    enum phase phase;
    bool has_mail, has_recipient, is_refused, is_dropped, leaving;
    bool at_line_start;        // DATA: the next byte begins a line
    char last;                 // DATA: the byte before the next
    bool is_last_chunk;        // BDAT
    size_t chunk_left;         // BDAT
    size_t octets;             // of the message so far
    size_t held;               // bytes in input that wait for the rest of their line
    char recipient[LONGEST_NAME];
    char *unsent;              // replies that the kernel did not take yet
    size_t unsent_length;
    char input[INPUT + 1];
};

// A delayed reply. The delay is the same for all, so the oldest is always the first due.
struct late {
    struct late *next;
    struct peer *peer;         // NULL: the peer has gone meanwhile
    uint64_t due_ns;
    bool leaving;
    size_t length;
    char text[];
};

static struct counters own_counters, *counters = &own_counters;
static struct peer *peers[MOST_CONNECTIONS];
static struct late *oldest, *newest;
static uint64_t delay_ns;
static uint64_t clock_from = 1;
static size_t size_limit = 50u << 20;
static bool no_pipelining, no_chunking, no_8bit, no_utf8;
static FILE *log_file;
static int poller;
static char replies[REPLIES];  // to what one read brought, from one peer
static size_t replies_length;
static volatile sig_atomic_t is_stopped;

static void fail(const char *what) { perror(what); exit(1); }

static uint64_t now_ns(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

static void reply(const char *text) {
    size_t length = strlen(text);
    if (replies_length + length > sizeof replies) { fprintf(stderr, "sink: too many replies at once\n"); exit(1); }
    memcpy(replies + replies_length, text, length);
    replies_length += length;
}

static void part(struct peer *peer) {
    for (struct late *each = oldest; each; each = each->next)
        if (each->peer == peer) each->peer = NULL;
    peers[peer->fd] = NULL;
    close(peer->fd);
    free(peer->unsent);
    free(peer);
}

// ── writing ──────────────────────────────────────────────────────────────────────────────────────

static void watch(struct peer *peer, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = peer->fd};
    if (epoll_ctl(poller, EPOLL_CTL_MOD, peer->fd, &event)) fail("epoll_ctl");
}

// False: the connection is broken.
static bool write_out(struct peer *peer, const char *text, size_t length) {
    ssize_t taken = peer->unsent_length ? 0 : send(peer->fd, text, length, MSG_NOSIGNAL);
    if (taken < 0 && errno != EAGAIN) return false;
    if (taken < 0) taken = 0;
    size_t left = length - (size_t)taken;
    if (!left) return true;
    peer->unsent = realloc(peer->unsent, peer->unsent_length + left);
    if (!peer->unsent) fail("realloc");
    memcpy(peer->unsent + peer->unsent_length, text + taken, left);
    peer->unsent_length += left;
    watch(peer, EPOLLIN | EPOLLOUT);
    return true;
}

static bool write_more(struct peer *peer) {
    ssize_t taken = send(peer->fd, peer->unsent, peer->unsent_length, MSG_NOSIGNAL);
    if (taken < 0) return errno == EAGAIN;
    peer->unsent_length -= (size_t)taken;
    memmove(peer->unsent, peer->unsent + taken, peer->unsent_length);
    if (!peer->unsent_length) watch(peer, EPOLLIN);
    return true;
}

static void answer_later(struct peer *peer) {
    struct late *late = malloc(sizeof *late + replies_length);
    if (!late) fail("malloc");
    *late = (struct late){.peer = peer, .due_ns = now_ns() + delay_ns, .leaving = peer->leaving,
                          .length = replies_length};
    memcpy(late->text, replies, replies_length);
    if (oldest) newest->next = late; else oldest = late;
    newest = late;
}

// Sends, now or later, what has been said to this peer. The peer may be gone afterwards.
static void answer(struct peer *peer) {
    if (!replies_length && !peer->leaving) return;
    if (delay_ns) answer_later(peer);
    else if (!write_out(peer, replies, replies_length) || peer->leaving) part(peer);
    replies_length = 0;
}

static void answer_what_is_due(void) {
    for (uint64_t now = oldest ? now_ns() : 0; oldest && oldest->due_ns <= now;) {
        struct late *late = oldest;
        oldest = late->next;
        if (late->peer && (!write_out(late->peer, late->text, late->length) || late->leaving)) part(late->peer);
        free(late);
    }
}

// ── one message ──────────────────────────────────────────────────────────────────────────────────

static void forget_message(struct peer *peer) {
    peer->has_mail = peer->has_recipient = peer->is_refused = peer->is_dropped = false;
    peer->octets = 0;
}

static void end_message(struct peer *peer) {
    if (peer->is_dropped) {
        counters->dropped++;
        peer->leaving = true;
    } else if (peer->is_refused || peer->octets > size_limit) {
        counters->refused++;
        reply(peer->is_refused ? "554 5.6.0 refused as it was asked for\r\n" : "552 5.3.4 too big\r\n");
    } else {
        counters->last_message_ns = now_ns();
        if (++counters->messages == clock_from) counters->first_message_ns = counters->last_message_ns;
        counters->octets += peer->octets;
        if (log_file) fprintf(log_file, "%s\t%zu\n", peer->recipient, peer->octets);
        reply("250 2.0.0 taken\r\n");
    }
    forget_message(peer);
}

static void begin_mail(struct peer *peer, const char *line) {
    const char *size = strcasestr(line, " SIZE=");
    if (peer->has_mail) { reply("503 5.5.1 one at a time\r\n"); return; }
    if (size && strtoull(size + 6, NULL, 10) > size_limit) {
        counters->refused++;
        reply("552 5.3.4 too big\r\n");
        return;
    }
    forget_message(peer);
    peer->has_mail = true;
    reply("250 2.1.0 ok\r\n");
}

static bool begins(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

static void take_recipient(struct peer *peer, char *line) {
    char *name = strchr(line, '<'), *end = name ? strchr(name, '>') : NULL;
    if (!peer->has_mail || !end) { reply("503 5.5.1 MAIL first, then RCPT TO:<address>\r\n"); return; }
    *end = 0;
    name++;
    bool is_rejected = begins(name, "reject"), is_deferred = begins(name, "defer");
    peer->leaving = begins(name, "close");
    if (is_rejected || is_deferred || peer->leaving) {
        counters->refused++;
        reply(is_rejected ? "550 5.1.1 no such person\r\n"
              : is_deferred ? "451 4.2.0 another time\r\n" : "421 4.3.2 closing\r\n");
        return;
    }
    peer->has_recipient = true;
    peer->is_refused |= begins(name, "refuse");
    peer->is_dropped |= begins(name, "drop");
    snprintf(peer->recipient, sizeof peer->recipient, "%s", name);
    reply("250 2.1.5 ok\r\n");
}

static void begin_data(struct peer *peer) {
    if (!peer->has_recipient) { reply("503 5.5.1 RCPT first\r\n"); return; }
    peer->phase = DATA;
    peer->at_line_start = true;
    peer->last = '\n';
    reply("354 go on\r\n");
}

static void begin_chunk(struct peer *peer, const char *line) {
    char *rest;
    peer->chunk_left = strtoull(line + 5, &rest, 10);
    peer->is_last_chunk = strcasestr(rest, "LAST") != NULL;
    peer->phase = BDAT;
}

static void end_chunk(struct peer *peer) {
    peer->phase = COMMANDS;
    if (!peer->has_recipient) {
        reply("503 5.5.1 RCPT first\r\n");
        forget_message(peer);
    } else if (peer->is_last_chunk) end_message(peer);
    else reply("250 2.0.0 chunk taken\r\n");
}

// ── reading ──────────────────────────────────────────────────────────────────────────────────────

static void greet(struct peer *peer) {
    char text[256];
    snprintf(text, sizeof text, "250-sink.example\r\n%s%s%s%s250-SIZE %zu\r\n250 ENHANCEDSTATUSCODES\r\n",
             no_pipelining ? "" : "250-PIPELINING\r\n", no_chunking ? "" : "250-CHUNKING\r\n",
             no_8bit ? "" : "250-8BITMIME\r\n", no_utf8 ? "" : "250-SMTPUTF8\r\n", size_limit);
    forget_message(peer);
    reply(text);
}

static void obey(struct peer *peer, char *line) {
    counters->commands++;
    if (!strncasecmp(line, "MAIL FROM:", 10)) begin_mail(peer, line);
    else if (!strncasecmp(line, "RCPT TO:", 8)) take_recipient(peer, line);
    else if (!strcasecmp(line, "DATA")) begin_data(peer);
    else if (!strncasecmp(line, "BDAT ", 5) && !no_chunking) begin_chunk(peer, line);
    else if (!strncasecmp(line, "EHLO ", 5)) greet(peer);
    else if (!strncasecmp(line, "HELO ", 5)) reply("250 sink.example\r\n");
    else if (!strcasecmp(line, "RSET")) { forget_message(peer); reply("250 2.0.0 ok\r\n"); }
    else if (!strncasecmp(line, "NOOP", 4)) reply("250 2.0.0 ok\r\n");
    else if (!strcasecmp(line, "QUIT")) { peer->leaving = true; reply("221 2.0.0 goodbye\r\n"); }
    else reply("500 5.5.2 not a command of mine\r\n");
}

// Each of these takes what it can from `from` to `end`, and returns where the rest begins.

static char *read_command(struct peer *peer, char *from, char *end) {
    char *newline = memchr(from, '\n', (size_t)(end - from));
    if (!newline) return from;
    *newline = 0;
    if (newline > from && newline[-1] == '\r') newline[-1] = 0;
    obey(peer, from);
    return newline + 1;
}

static char *read_data(struct peer *peer, char *from, char *end) {
    char *at = from;
    bool is_over = false;
    while (at < end) {
        if (peer->at_line_start && *at == '.') {
            if (end - at < 3 && (end - at < 2 || at[1] == '\r')) break;  // perhaps the end: wait for the rest
            if (at[1] == '\r' && at[2] == '\n') { is_over = true; break; }
        }
        char *newline = memchr(at, '\n', (size_t)(end - at));
        char *next = newline ? newline + 1 : end;
        char before = newline > at ? newline[-1] : peer->last;
        peer->at_line_start = newline && before == '\r';  // a bare LF ends no line (RFC 5321 section 2.3.8)
        peer->last = next[-1];
        at = next;
    }
    peer->octets += (size_t)(at - from);
    if (!is_over) return at;
    peer->phase = COMMANDS;
    end_message(peer);
    return at + 3;
}

static char *read_chunk(struct peer *peer, char *from, char *end) {
    size_t length = (size_t)(end - from) < peer->chunk_left ? (size_t)(end - from) : peer->chunk_left;
    peer->octets += length;
    peer->chunk_left -= length;
    if (!peer->chunk_left) end_chunk(peer);
    return from + length;
}

static void read_from(struct peer *peer) {
    ssize_t length = recv(peer->fd, peer->input + peer->held, INPUT - peer->held, 0);
    if (length < 0 && errno == EAGAIN) return;
    if (length <= 0) { part(peer); return; }
    char *at = peer->input, *end = peer->input + peer->held + length;
    while (!peer->leaving) {
        enum phase phase = peer->phase;
        char *next = phase == COMMANDS ? read_command(peer, at, end)
                     : phase == DATA ? read_data(peer, at, end) : read_chunk(peer, at, end);
        if (next == at && phase == peer->phase) break;
        at = next;
    }
    peer->held = (size_t)(end - at);
    memmove(peer->input, at, peer->held);
    if (peer->held == INPUT) { part(peer); return; }
    answer(peer);
}

static void welcome(int listener) {
    int fd, one = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= MOST_CONNECTIONS) { close(fd); continue; }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct peer *peer = calloc(1, sizeof *peer);
        if (!peer) fail("calloc");
        peer->fd = fd;
        peers[fd] = peer;
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
        if (!counters->connections++) counters->first_connection_ns = now_ns();
        reply("220 sink.example ESMTP\r\n");
        answer(peer);
    }
}

// ── the whole ────────────────────────────────────────────────────────────────────────────────────

static void share_counters(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof *counters)) fail(path);
    counters = mmap(NULL, sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (counters == MAP_FAILED) fail(path);
}

static int listen_on(uint16_t port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&address, length) || listen(fd, 1024)) fail("listen");
    if (getsockname(fd, (struct sockaddr *)&address, &length)) fail("getsockname");
    printf("port %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static void serve(int listener) {
    struct epoll_event events[256], event = {.events = EPOLLIN, .data.fd = listener};
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event)) fail("epoll");
    while (!is_stopped) {
        uint64_t wait_ns = 200000000u, now = oldest ? now_ns() : 0;
        if (oldest) wait_ns = oldest->due_ns > now ? oldest->due_ns - now : 0;
        struct timespec wait = {.tv_sec = (time_t)(wait_ns / 1000000000u), .tv_nsec = (long)(wait_ns % 1000000000u)};
        int count = epoll_pwait2(poller, events, 256, &wait, NULL);
        if (count < 0 && errno != EINTR) fail("epoll_pwait2");
        if (count == 0 && log_file) fflush(log_file);
        answer_what_is_due();
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) { welcome(listener); continue; }
            // A descriptor closed above may be in this batch still, or stand for a new peer: both are harmless.
            if (peers[fd] && events[i].events & EPOLLOUT && !write_more(peers[fd])) { part(peers[fd]); continue; }
            if (peers[fd] && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_from(peers[fd]);
        }
    }
}

static void on_signal(int number) { (void)number; is_stopped = 1; }

int main(int count, char **words) {
    uint16_t port = 0;
    for (int option; (option = getopt(count, words, "p:d:z:w:s:l:PC8U")) != -1;) switch (option) {
        case 'p': port = (uint16_t)atoi(optarg); break;
        case 'd': delay_ns = strtoull(optarg, NULL, 10) * 1000u; break;
        case 'z': size_limit = strtoull(optarg, NULL, 10); break;
        case 'w': clock_from = strtoull(optarg, NULL, 10); break;
        case 's': share_counters(optarg); break;
        case 'l': if (!(log_file = fopen(optarg, "we"))) fail(optarg); break;
        case 'P': no_pipelining = true; break;
        case 'C': no_chunking = true; break;
        case '8': no_8bit = true; break;
        case 'U': no_utf8 = true; break;
        default: return 2;
    }
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    serve(listen_on(port));
    if (log_file && fclose(log_file)) fail("log");
    return 0;
}

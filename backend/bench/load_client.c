/* The load client: one thread, one epoll, no allocation while it counts. `client.py` compiles and runs it.
 *
 *   load_client readers PORT PATH MESSAGES READERS STALLED WARM_MS COUNT_MS SPIN
 *   load_client post    PORT REQUESTS CONNECTIONS WARM_MS COUNT_MS SPIN [PATH MESSAGES]
 *   load_client fill    PORT REQUESTS ROUNDS PATH MESSAGES NEEDLE
 *
 * MESSAGES and REQUESTS are files; their parts are separated by a zero byte. With SPIN the client polls without sleeping, so that
 * waking it costs the server nothing; its share is then the part of its own processor time in which something had arrived.
 * The answer is one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define BUFFER (1 << 18)
#define PARTS_MAX 64
#define HEAD_MAX 16384
#define EVENTS_MAX 1024
#define GIVE_UP_SECONDS 60
#define TAIL 64
#define GATHER_MS 4

struct part { const char *at; size_t size; };
struct parts { struct part part[PARTS_MAX]; int count; };

enum kind { SOCKET, ASKER };

struct connection {
    int fd;
    enum kind kind;
    uint64_t frames;     /* counted in the window */
    uint64_t skip;       /* bytes left of the frame or the body being read */
    unsigned char head[10];
    int have;            /* bytes of a frame's head read so far */
    int ping;            /* the frame being read asks for an answer, which repeats its body */
    char body[125];
    int body_size;
    char *text;          /* an answer's head, while it is incomplete */
    size_t text_size;
    int next;            /* request to send next */
    int status;
};

static char buffer[BUFFER + TAIL];
static int counting;
static uint64_t answers, failed;
static struct parts requests;

static void die(const char *what) { fprintf(stderr, "load_client: %s: %s\n", what, strerror(errno)); exit(1); }

static double now_ms(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static struct parts read_parts(const char *path) {
    struct parts found = {.count = 0};
    FILE *file = fopen(path, "rb");
    if (!file) die(path);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *all = malloc(size + 1);
    if (fread(all, 1, size, file) != (size_t)size) die(path);
    fclose(file);
    all[size] = 0;
    for (char *at = all; at < all + size && found.count < PARTS_MAX; at += strlen(at) + 1)
        found.part[found.count++] = (struct part){at, strlen(at)};
    return found;
}

static void write_all(int fd, const void *data, size_t size) {
    const char *at = data;
    while (size) {
        ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
        if (sent < 0) { if (errno == EINTR || errno == EAGAIN) continue; die("send"); }
        at += sent;
        size -= sent;
    }
}

static int dial(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    if (fd < 0) die("socket");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(fd, (struct sockaddr *)&address, sizeof address)) die("connect");
    return fd;
}

/* A client's frame; masked with zeros, which changes nothing. */
static void send_frame(int fd, int opcode, const char *data, size_t size) {
    unsigned char head[8] = {0x80 | opcode};
    int length = size < 126 ? 2 : 4;
    head[1] = 0x80 | (size < 126 ? size : 126);
    if (length == 4) { head[2] = size >> 8; head[3] = size; }
    memset(head + length, 0, 4);
    char frame[8 + 65536];
    if (size > 65535) die("message too long");
    memcpy(frame, head, length + 4);
    memcpy(frame + length + 4, data, size);
    write_all(fd, frame, length + 4 + size);
}

static void read_head(int fd) {
    char last[4] = {0};
    while (memcmp(last, "\r\n\r\n", 4)) {
        memmove(last, last + 1, 3);
        if (recv(fd, last + 3, 1, 0) != 1) die("upgrade refused");
    }
}

static void open_socket(struct connection *one, int port, const char *path, struct parts *messages) {
    char head[512];
    one->fd = dial(port);
    one->kind = SOCKET;
    int size = snprintf(head, sizeof head,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", path, port);
    write_all(one->fd, head, size);
    read_head(one->fd);
    for (int i = 0; i < messages->count; i++) send_frame(one->fd, 1, messages->part[i].at, messages->part[i].size);
}

static void ask(struct connection *one) {
    struct part *request = &requests.part[one->next];
    one->next = (one->next + 1) % requests.count;
    write_all(one->fd, request->at, request->size);
}

static void frame_done(struct connection *one) {
    if (one->ping) send_frame(one->fd, 10, one->body, one->body_size);
    else if (counting) one->frames++;
    one->ping = one->body_size = 0;
}

/* Bytes of frames: only heads are looked at. */
static void take_frames(struct connection *one, unsigned char *at, unsigned char *end) {
    while (at < end) {
        if (one->skip) {
            uint64_t size = (uint64_t)(end - at) < one->skip ? (uint64_t)(end - at) : one->skip;
            for (uint64_t i = 0; one->ping && i < size && one->body_size < 125; i++) one->body[one->body_size++] = at[i];
            one->skip -= size;
            at += size;
            if (!one->skip) frame_done(one);
            continue;
        }
        one->head[one->have++] = *at++;
        if (one->have < 2) continue;
        int length = one->head[1] & 0x7f, size = length == 126 ? 4 : length == 127 ? 10 : 2;
        if (one->have < size) continue;
        one->skip = length;
        if (length >= 126) {
            one->skip = 0;
            for (int i = 2; i < size; i++) one->skip = one->skip << 8 | one->head[i];
        }
        one->ping = (one->head[0] & 0x0f) == 9;
        if ((one->head[0] & 0x0f) == 8) { failed++; close(one->fd); one->fd = -1; return; }
        one->have = 0;
        if (!one->skip) frame_done(one);
    }
}

static void answer_done(struct connection *one) {
    if (counting) { answers++; failed += one->status >= 300; }
    ask(one);
}

/* Bytes of an answer: its status and length, then its body is skipped. */
static void take_answer(struct connection *one, char *at, size_t size) {
    if (one->skip) {
        one->skip = size < one->skip ? one->skip - size : 0;
        if (!one->skip) answer_done(one);
        return;
    }
    if (!one->text) one->text = malloc(HEAD_MAX);
    if (one->text_size + size >= HEAD_MAX + BUFFER) die("answer too long");
    size_t copied = size < HEAD_MAX - 1 - one->text_size ? size : HEAD_MAX - 1 - one->text_size;
    memcpy(one->text + one->text_size, at, copied);
    one->text_size += copied;
    one->text[one->text_size] = 0;
    char *body = strstr(one->text, "\r\n\r\n"), *length = strcasestr(one->text, "content-length:");
    if (!body) return;
    if (!length || length > body) { errno = EPROTO; die("an answer without a length"); }
    uint64_t wanted = strtoull(length + 15, 0, 10), got = one->text_size - (body + 4 - one->text) + (size - copied);
    one->status = atoi(one->text + 9);
    if (one->status >= 300 && !failed) fprintf(stderr, "load_client: %s\n", body + 4);
    one->text_size = 0;
    one->skip = wanted - got;
    if (!one->skip) answer_done(one);
}

/* One look at everything that has arrived; how much there was. */
static int look(int poll, int timeout_ms) {
    static struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(poll, events, EVENTS_MAX, timeout_ms);
    for (int i = 0; i < count; i++) {
        struct connection *one = events[i].data.ptr;
        if (one->fd < 0) continue;
        ssize_t size = recv(one->fd, buffer, BUFFER, MSG_DONTWAIT);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (size <= 0) { failed++; close(one->fd); one->fd = -1; continue; }
        if (one->kind == SOCKET) take_frames(one, (unsigned char *)buffer, (unsigned char *)buffer + size);
        else take_answer(one, buffer, size);
    }
    return count;
}

static void attend(int poll, struct connection *one) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, one->fd, &event)) die("epoll");
}

struct window { double ms, share; };

/* Count for a while, looking every so often: several frames gathered cost one read. The share is processor time spent on what
 * had arrived, of all that this client got. */
static struct window count_for(int poll, double warm_ms, double count_ms, int spin, double every_ms) {
    double begin = now_ms(CLOCK_MONOTONIC) + warm_ms, busy = 0, cpu = 0;
    while (now_ms(CLOCK_MONOTONIC) < begin) look(poll, spin ? 0 : 10);
    counting = 1;
    begin = now_ms(CLOCK_MONOTONIC);
    cpu = now_ms(CLOCK_THREAD_CPUTIME_ID);
    double at = begin;
    while (at - begin < count_ms) {
        double before = now_ms(CLOCK_THREAD_CPUTIME_ID), next = at + every_ms;
        int found = look(poll, spin ? 0 : 10);
        if (found > 0) busy += now_ms(CLOCK_THREAD_CPUTIME_ID) - before;
        do at = now_ms(CLOCK_MONOTONIC); while (spin && at < next);
    }
    counting = 0;
    double whole = spin ? now_ms(CLOCK_THREAD_CPUTIME_ID) - cpu : at - begin;
    return (struct window){at - begin, busy / whole};
}

static int run_readers(char **given) {
    int port = atoi(given[0]), readers = atoi(given[3]), stalled = atoi(given[4]), poll = epoll_create1(0);
    struct parts messages = read_parts(given[2]);
    struct connection *all = calloc(readers, sizeof *all);
    for (int i = 0; i < readers; i++) {
        open_socket(&all[i], port, given[1], &messages);
        if (i >= stalled) attend(poll, &all[i]);
    }
    struct window window = count_for(poll, atof(given[5]), atof(given[6]), atoi(given[7]), GATHER_MS);
    uint64_t frames = 0, least = UINT64_MAX;
    for (int i = stalled; i < readers; i++) {
        frames += all[i].frames;
        if (all[i].frames < least) least = all[i].frames;
    }
    printf("{\"count\":%lu,\"least\":%lu,\"failed\":%lu,\"seconds\":%.4f,\"share\":%.4f}\n",
           frames, least, failed, window.ms / 1e3, window.share);
    return 0;
}

static int run_post(int count, char **given) {
    int port = atoi(given[0]), connections = atoi(given[2]), poll = epoll_create1(0);
    requests = read_parts(given[1]);
    struct connection *all = calloc(connections + 1, sizeof *all), *listener = &all[connections];
    if (count > 7) {
        struct parts messages = read_parts(given[7]);
        open_socket(listener, port, given[6], &messages);
        attend(poll, listener);
    }
    for (int i = 0; i < connections; i++) {
        all[i] = (struct connection){.fd = dial(port), .kind = ASKER, .next = i % requests.count};
        attend(poll, &all[i]);
        ask(&all[i]);
    }
    struct window window = count_for(poll, atof(given[3]), atof(given[4]), atoi(given[5]), 0);
    printf("{\"count\":%lu,\"frames\":%lu,\"failed\":%lu,\"seconds\":%.4f,\"share\":%.4f}\n",
           answers, listener->frames, failed, window.ms / 1e3, window.share);
    return 0;
}

static int compare(const void *a, const void *b) { return *(double *)a < *(double *)b ? -1 : *(double *)a > *(double *)b; }

static void drain(int fd) {
    struct timespec pause = {0, 1000000};
    nanosleep(&pause, 0);
    while (recv(fd, buffer, BUFFER, MSG_DONTWAIT) > 0) continue;
}

/* Milliseconds from sending an order until the frame that holds the needle is here. */
static double fill(int asker, int listener, struct part request, const char *needle) {
    double begin = now_ms(CLOCK_MONOTONIC);
    size_t kept = 0;
    write_all(asker, request.at, request.size);
    for (;;) {
        ssize_t size = recv(listener, buffer + kept, BUFFER - kept, 0);
        if (size <= 0) die("no fill came");
        kept += size;
        if (memmem(buffer, kept, needle, strlen(needle))) return now_ms(CLOCK_MONOTONIC) - begin;
        if (kept > TAIL) { memmove(buffer, buffer + kept - TAIL, TAIL); kept = TAIL; }
    }
}

/* The whole of one answer, into the buffer; its status. */
static int read_answer(int fd) {
    char *body = 0, *length = 0;
    for (size_t kept = 0; !body || !length || buffer + kept < body + 4 + strtoul(length + 15, 0, 10);) {
        ssize_t size = recv(fd, buffer + kept, BUFFER - kept, 0);
        if (size <= 0) die("an answer was cut off");
        buffer[kept += size] = 0;
        body = strstr(buffer, "\r\n\r\n");
        length = strcasestr(buffer, "content-length:");
    }
    return atoi(buffer + 9);
}

static int run_fill(char **given) {
    int port = atoi(given[0]), rounds = atoi(given[2]), asker = dial(port);
    requests = read_parts(given[1]);
    struct parts messages = read_parts(given[4]);
    struct connection listener = {0};
    double *waits = calloc(rounds, sizeof *waits);
    open_socket(&listener, port, given[3], &messages);
    struct timeval patience = {.tv_sec = GIVE_UP_SECONDS};
    setsockopt(listener.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    for (int i = 0; i < 100; i++) drain(listener.fd);
    for (int i = 0; i < rounds; i++) {
        waits[i] = fill(asker, listener.fd, requests.part[i % requests.count], given[5]);
        if (read_answer(asker) != 200) { fprintf(stderr, "load_client: refused: %s\n", buffer); exit(1); }
        drain(listener.fd);
    }
    qsort(waits, rounds, sizeof *waits, compare);
    printf("{\"count\":%d,\"p50\":%.4f,\"p99\":%.4f}\n", rounds, waits[rounds / 2], waits[rounds * 99 / 100]);
    return 0;
}

int main(int count, char **given) {
    if (count == 10 && !strcmp(given[1], "readers")) return run_readers(given + 2);
    if ((count == 8 || count == 10) && !strcmp(given[1], "post")) return run_post(count - 2, given + 2);
    if (count == 8 && !strcmp(given[1], "fill")) return run_fill(given + 2);
    fprintf(stderr, "load_client: see the top of load_client.c\n");
    return 2;
}

/* The target of `make bench-load`, on loopback or the IPv4 address that is its argument: one thread, epoll,
 * answers every POST with 201 and the user that was sent, every GET with an empty list. Prints its port, then
 * how many requests it answered when it ends. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 16384, MOST = 8192 };
struct talk { char data[ROOM]; int length; };

static struct talk *talks[65536];
static volatile sig_atomic_t over;
static long answered;

static void stop(int signal_number) { (void)signal_number; over = 1; }

static int body_length(const char *head, const char *end) {
    const char *found = memmem(head, end - head, "ontent-", 7);
    while (found) {
        if (!strncasecmp(found + 7, "length:", 7)) return atoi(found + 14);
        found = memmem(found + 7, end - found - 7, "ontent-", 7);
    }
    return 0;
}

static int answer(char *out, const char *request, const char *body, int length) {
    char text[1024], name[256] = "nobody";
    int size;
    if (request[0] == 'P') {
        const char *key = memmem(body, length, "\"userName\":", 11);
        if (key) sscanf(key + 11, " \"%255[^\"]", name);
        size = snprintf(text, sizeof text,
            "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"id\":\"%08lx-0000-4000-8000-000000000000\","
            "\"userName\":\"%s\",\"name\":{\"givenName\":\"Given\",\"familyName\":\"Family\"},\"emails\":[{\"primary\":true,"
            "\"value\":\"%s\",\"type\":\"work\"}],\"displayName\":\"Given Family\",\"locale\":\"en-US\",\"active\":true,"
            "\"meta\":{\"resourceType\":\"User\",\"created\":\"2026-01-01T00:00:00Z\",\"lastModified\":\"2026-01-01T00:00:00Z\","
            "\"location\":\"http://localhost/Users/%08lx\"}}", answered, name, name, answered);
    } else {
        size = snprintf(text, sizeof text, "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],"
            "\"totalResults\":0,\"Resources\":[]}");
    }
    answered++;
    return sprintf(out, "HTTP/1.1 %s\r\nContent-Type: application/scim+json\r\nContent-Length: %d\r\n\r\n%s",
        request[0] == 'P' ? "201 Created" : "200 OK", size, text);
}

/* Answer what is complete; 0 to go on, 1 to close. */
static int serve(int fd, struct talk *talk) {
    char out[4096], *at = talk->data, *end;
    int got = recv(fd, talk->data + talk->length, ROOM - talk->length, 0);
    if (got <= 0) return got == 0 || errno != EAGAIN;
    talk->length += got;
    for (;;) {
        int left = talk->data + talk->length - at;
        if (!(end = memmem(at, left, "\r\n\r\n", 4))) break;
        int body = body_length(at, end), whole = end + 4 + body - at;
        if (whole > left) break;
        if (send(fd, out, answer(out, at, end + 4, body), MSG_NOSIGNAL) < 0) return 1;
        at += whole;
    }
    talk->length -= at - talk->data;
    memmove(talk->data, at, talk->length);
    return talk->length == ROOM;
}

static void accept_all(int server, int poll) {
    for (int fd; (fd = accept4(server, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
        int one = 1;
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (!talks[fd]) talks[fd] = malloc(sizeof *talks[fd]);
        talks[fd]->length = 0;
        epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    }
}

int main(int count_of_words, char **words) {
    const char *where = count_of_words > 1 ? words[1] : "127.0.0.1";
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(where)};
    socklen_t size = sizeof address;
    int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = server}, events[512];
    signal(SIGTERM, stop);
    if (bind(server, (struct sockaddr *)&address, size) || listen(server, 8192)) return 1;
    getsockname(server, (struct sockaddr *)&address, &size);
    epoll_ctl(poll, EPOLL_CTL_ADD, server, &event);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    while (!over) {
        int count = epoll_wait(poll, events, 512, 1000);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == server) accept_all(server, poll);
            else if (serve(fd, talks[fd])) close(fd);
        }
    }
    printf("%ld\n", answered);
    return 0;
}

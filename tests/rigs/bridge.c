/* Inside the virtual machine: carries HCI packets between the kernel's virtual controller and the
 * host, and D-Bus connections of the host to the system bus.
 *
 *   bridge hci ADDRESS PORT   /dev/vhci to a TCP connection that speaks H4
 *   bridge dbus PORT SOCKET   every TCP connection to a connection of its own on a unix socket
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { COMMAND = 1, ACL = 2, SCO = 3, EVENT = 4, ISO = 5, VENDOR = 0xff, SIZE = 65536 };

static _Noreturn void fail(const char *what) {
    perror(what);
    exit(1);
}

static void put(int fd, const unsigned char *bytes, ssize_t count) {
    while (count > 0) {
        ssize_t done = write(fd, bytes, count);
        if (done <= 0) exit(0);
        bytes += done;
        count -= done;
    }
}

/* Length of the H4 packet that begins at `p`, 0 while its header is incomplete. */
static long packet_length(const unsigned char *p, long have) {
    switch (p[0]) {
    case COMMAND:
    case SCO: return have < 4 ? 0 : 4 + p[3];
    case EVENT: return have < 3 ? 0 : 3 + p[2];
    case ACL: return have < 5 ? 0 : 5 + p[3] + (p[4] << 8);
    case ISO: return have < 5 ? 0 : 5 + p[3] + ((p[4] & 0x3f) << 8);
    }
    fprintf(stderr, "no packet type %d\n", p[0]);
    exit(1);
}

static int hci(const char *address, int port) {
    static unsigned char out[SIZE], in[SIZE];
    const unsigned char create[] = {VENDOR, 0x00};
    long have = 0;
    struct sockaddr_in host = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1, air = socket(AF_INET, SOCK_STREAM, 0), chip = open("/dev/vhci", O_RDWR);
    inet_pton(AF_INET, address, &host.sin_addr);
    if (chip < 0) fail("/dev/vhci");
    if (connect(air, (struct sockaddr *)&host, sizeof host)) fail("connect");
    setsockopt(air, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (write(chip, create, sizeof create) < 0) fail("create the controller");
    for (;;) {
        struct pollfd both[] = {{chip, POLLIN, 0}, {air, POLLIN, 0}};
        if (poll(both, 2, -1) < 0) fail("poll");
        if (both[0].revents) { /* one read is one packet */
            ssize_t count = read(chip, out, SIZE);
            if (count <= 0) fail("read vhci");
            if (out[0] != VENDOR) put(air, out, count);
        }
        if (both[1].revents) {
            ssize_t count = read(air, in + have, SIZE - have);
            if (count <= 0) return 0;
            have += count;
            for (long length; have > 0 && (length = packet_length(in, have)) && length <= have;) {
                if (write(chip, in, length) != length) perror("write vhci");
                memmove(in, in + length, have -= length);
            }
        }
    }
}

static _Noreturn void relay(int a, int b) {
    static unsigned char bytes[SIZE];
    for (;;) {
        struct pollfd both[] = {{a, POLLIN, 0}, {b, POLLIN, 0}};
        if (poll(both, 2, -1) < 0) exit(1);
        for (int from = 0; from < 2; from++) {
            if (!both[from].revents) continue;
            ssize_t count = read(both[from].fd, bytes, SIZE);
            if (count <= 0) exit(0);
            put(both[!from].fd, bytes, count);
        }
    }
}

static int dbus(int port, const char *path) {
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_un bus = {.sun_family = AF_UNIX};
    int on = 1, door = socket(AF_INET, SOCK_STREAM, 0);
    strncpy(bus.sun_path, path, sizeof bus.sun_path - 1);
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(door, (struct sockaddr *)&any, sizeof any) || listen(door, 16)) fail("listen");
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int guest = accept(door, NULL, NULL);
        if (guest < 0) fail("accept");
        if (fork() == 0) {
            int inside = socket(AF_UNIX, SOCK_STREAM, 0);
            setsockopt(guest, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            if (connect(inside, (struct sockaddr *)&bus, sizeof bus)) fail(path);
            relay(guest, inside);
        }
        close(guest);
    }
}

int main(int count, char **words) {
    signal(SIGPIPE, SIG_IGN);
    if (count == 4 && !strcmp(words[1], "hci")) return hci(words[2], atoi(words[3]));
    if (count == 4 && !strcmp(words[1], "dbus")) return dbus(atoi(words[2]), words[3]);
    fprintf(stderr, "bridge hci ADDRESS PORT | bridge dbus PORT SOCKET\n");
    return 2;
}

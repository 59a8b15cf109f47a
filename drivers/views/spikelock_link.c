/* The host's end of a link to a Spikelock board: C99 and POSIX, no allocation. See spikelock_link.h. */
#define _POSIX_C_SOURCE 200809L

#include "spikelock_link.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define REPLAY_AFTER_MS 200
#define ASK_EVERY_MS 100

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ------------------------------------------------------------------ frames (rule 2) */

uint32_t spikelock_crc32(const uint8_t *data, size_t length)
{
    uint32_t crc = 0xFFFFFFFFu;
    while (length--) {
        crc ^= *data++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

size_t spikelock_encode(const uint8_t *body, size_t length, uint8_t *frame)
{
    uint8_t whole[SPIKELOCK_LONGEST_BODY + 4];
    uint32_t crc = spikelock_crc32(body, length);
    size_t code = 0, end = 1;

    memcpy(whole, body, length);
    for (int byte = 0; byte < 4; byte++)
        whole[length++] = (uint8_t)(crc >> 8 * byte);
    for (size_t i = 0; i < length; i++) {
        if (whole[i]) {
            frame[end++] = whole[i];
        } else {
            frame[code] = (uint8_t)(end - code);
            code = end++;
        }
    }
    frame[code] = (uint8_t)(end - code);
    frame[end++] = 0;
    return end;
}

size_t spikelock_decode(const uint8_t *frame, size_t length, uint8_t *body)
{
    size_t end = 0, at = 0;
    uint32_t crc = 0;

    if (length < 8 || length > SPIKELOCK_LONGEST_BODY + 5)
        return 0;
    while (at < length) {
        size_t next = at + frame[at];
        if (next > length)
            return 0;
        while (++at < next)
            body[end++] = frame[at];
        if (at < length)
            body[end++] = 0;
    }
    if (end < 7)
        return 0;
    for (int byte = 0; byte < 4; byte++)
        crc |= (uint32_t)body[end - 4 + (size_t)byte] << 8 * byte;
    return crc == spikelock_crc32(body, end - 4) ? end - 4 : 0;
}

/* ------------------------------------------------------------------ the line (rule 1) */

static int put(struct spikelock_link *link, const uint8_t *data, size_t length)
{
    int64_t give_up = now_ms() + link->timeout_ms;
    while (length) {
        ssize_t count = write(link->fd, data, length);
        if (count > 0) {
            data += count;
            length -= (size_t)count;
        } else if (count < 0 && errno != EAGAIN && errno != EINTR) {
            return SPIKELOCK_CLOSED;
        } else {
            struct pollfd line = {link->fd, POLLOUT, 0};
            if (now_ms() > give_up)
                return SPIKELOCK_TIMEOUT;
            poll(&line, 1, 10);
        }
    }
    return SPIKELOCK_OK;
}

static int put_body(struct spikelock_link *link, const uint8_t *body, size_t length)
{
    uint8_t frame[SPIKELOCK_LONGEST_FRAME];
    return put(link, frame, spikelock_encode(body, length, frame));
}

static int put_control(struct spikelock_link *link, uint8_t kind, uint8_t session, uint8_t number)
{
    uint8_t body[3] = {kind, session, number}, frame[SPIKELOCK_LONGEST_FRAME] = {0};
    return put(link, frame, 1 + spikelock_encode(body, 3, frame + 1));
}

/* ------------------------------------------------------------------ the endpoint (rule 3) */

static int put_packet(struct spikelock_link *link, unsigned place)
{
    uint8_t body[SPIKELOCK_LONGEST_BODY];
    uint8_t number = (uint8_t)(link->first + place);
    unsigned slot = number % SPIKELOCK_WINDOW;

    body[0] = SPIKELOCK_KIND_DATA;
    body[1] = link->session;
    body[2] = number;
    memcpy(body + 3, link->packets[slot], link->lengths[slot]);
    return put_body(link, body, 3u + link->lengths[slot]);
}

static int replay(struct spikelock_link *link)
{
    int result = SPIKELOCK_OK;
    for (unsigned place = 0; place < link->outstanding && result == SPIKELOCK_OK; place++)
        result = put_packet(link, place);
    link->progress_at = now_ms();
    return result;
}

static void begin(struct spikelock_link *link, uint8_t session)
{
    link->session = session;
    link->first = link->expected = 0;
    link->outstanding = link->replies = 0;
    link->event_credit = 0;
    link->repeat_sent = 0;
    link->foreign_at = 0;
    link->progress_at = now_ms();
}

static void deliver(struct spikelock_link *link, const uint8_t *packet, size_t length)
{
    if (packet[0] == SPIKELOCK_CHANNEL_CREDIT) {
        for (size_t at = 1; at + 3 <= length; at += 3)
            if (packet[at] == SPIKELOCK_CHANNEL_EVENTS)
                link->event_credit += packet[at + 1] + 256u * packet[at + 2];
    } else if (packet[0] == SPIKELOCK_CHANNEL_REGISTERS) {
        if (length >= 6) {
            memcpy(link->reply, packet + 1, 5);
            link->replies++;
        }
    } else if (link->on_packet) {
        link->on_packet(link->context, packet[0], packet + 1, length - 1);
    }
}

static int take_session(struct spikelock_link *link, uint8_t kind, uint8_t session, uint8_t number)
{
    if (kind != SPIKELOCK_KIND_OPENED)
        return SPIKELOCK_OK;
    if (number != SPIKELOCK_VERSION)
        return SPIKELOCK_OTHER_VERSION;
    link->board_session = session;
    if (session == link->session)
        link->foreign_at = 0;
    if (link->session == 0 || session == link->session)
        return SPIKELOCK_OK;
    if (!link->foreign_at) { /* it may be an old answer that was long on its way: ask again */
        link->foreign_at = now_ms();
        return put_control(link, SPIKELOCK_KIND_ACKNOWLEDGE, 0, 0);
    }
    return now_ms() - link->foreign_at > ASK_EVERY_MS ? SPIKELOCK_SESSION_LOST : SPIKELOCK_OK;
}

static int take_body(struct spikelock_link *link, const uint8_t *body, size_t length)
{
    uint8_t kind = body[0], number = body[2];

    if (kind >= SPIKELOCK_KIND_OPEN || body[1] != link->session || link->session == 0)
        return length == 3 ? take_session(link, kind, body[1], number) : SPIKELOCK_OK;
    link->foreign_at = 0;
    if (kind != SPIKELOCK_KIND_DATA) {
        uint8_t taken = (uint8_t)(number - link->first);
        if (length != 3)
            return SPIKELOCK_OK;
        if (taken && taken <= link->outstanding) {
            link->first = number;
            link->outstanding -= taken;
            link->progress_at = now_ms();
        }
        return kind == SPIKELOCK_KIND_REPEAT ? replay(link) : SPIKELOCK_OK;
    }
    if (length < 4)
        return SPIKELOCK_OK;
    if (number == link->expected) {
        link->expected++;
        link->repeat_sent = 0;
        deliver(link, body + 3, length - 3);
    } else if ((uint8_t)(number - link->expected) < 128) {
        if (link->repeat_sent)
            return SPIKELOCK_OK;
        link->repeat_sent = 1;
        return put_control(link, SPIKELOCK_KIND_REPEAT, link->session, link->expected);
    }
    return put_control(link, SPIKELOCK_KIND_ACKNOWLEDGE, link->session, link->expected);
}

static int take_bytes(struct spikelock_link *link, const uint8_t *data, size_t length)
{
    uint8_t body[SPIKELOCK_LONGEST_FRAME];
    for (; length--; data++) {
        if (*data) {
            if (link->frame_length < sizeof link->frame)
                link->frame[link->frame_length] = *data;
            if (link->frame_length <= sizeof link->frame)
                link->frame_length++;
            continue;
        }
        size_t got = link->frame_length <= sizeof link->frame
                         ? spikelock_decode(link->frame, link->frame_length, body)
                         : 0;
        link->dropped += link->frame_length && !got;
        link->frame_length = 0;
        int result = got ? take_body(link, body, got) : SPIKELOCK_OK;
        if (result != SPIKELOCK_OK)
            return result;
    }
    return SPIKELOCK_OK;
}

static int hung_up(int fd)
{
    struct pollfd line = {fd, 0, 0};
    return poll(&line, 1, 0) > 0;
}

int spikelock_poll(struct spikelock_link *link, int timeout_ms)
{
    uint8_t data[512];
    struct pollfd line = {link->fd, POLLIN, 0};

    if (link->outstanding && timeout_ms > REPLAY_AFTER_MS)
        timeout_ms = REPLAY_AFTER_MS;
    if (poll(&line, 1, timeout_ms) > 0) {
        ssize_t count = read(link->fd, data, sizeof data);
        /* nothing, where something was: it was flushed meanwhile, or the line has ended */
        if ((count == 0 && hung_up(link->fd)) || (count < 0 && errno != EAGAIN && errno != EINTR))
            return SPIKELOCK_CLOSED;
        if (count > 0) {
            int result = take_bytes(link, data, (size_t)count);
            if (result != SPIKELOCK_OK)
                return result;
        }
    }
    if (link->outstanding && now_ms() - link->progress_at > REPLAY_AFTER_MS)
        return replay(link);
    return SPIKELOCK_OK;
}

/* ------------------------------------------------------------------ sessions */

int spikelock_open(struct spikelock_link *link, int fd, int timeout_ms)
{
    int64_t start = now_ms(), say_at = start, give_up = start + timeout_ms;
    int result = SPIKELOCK_OK;
    uint8_t session;

    link->fd = fd;
    link->timeout_ms = timeout_ms;
    link->frame_length = 0;
    link->dropped = 0;
    begin(link, 0);
    link->board_session = -1;
    while (link->board_session < 0) { /* to choose its own session would be to go on with it */
        if (now_ms() >= give_up)
            return SPIKELOCK_TIMEOUT;
        if (now_ms() >= say_at) {
            result = put_control(link, SPIKELOCK_KIND_ACKNOWLEDGE, 0, 0);
            say_at += ASK_EVERY_MS;
        }
        if (result == SPIKELOCK_OK)
            result = spikelock_poll(link, 10);
        if (result != SPIKELOCK_OK)
            return result;
    }
    session = (uint8_t)(start % 255 + 1);
    if (session == link->board_session)
        session = (uint8_t)(session % 255 + 1);
    say_at = now_ms();
    while (link->board_session != session) {
        if (now_ms() >= give_up)
            return SPIKELOCK_TIMEOUT;
        if (now_ms() >= say_at) {
            result = put_control(link, SPIKELOCK_KIND_OPEN, session, SPIKELOCK_VERSION);
            say_at += ASK_EVERY_MS;
        }
        if (result == SPIKELOCK_OK)
            result = spikelock_poll(link, 10);
        if (result != SPIKELOCK_OK)
            return result;
    }
    begin(link, session);
    return SPIKELOCK_OK;
}

int spikelock_send(struct spikelock_link *link, const uint8_t *packet, size_t length)
{
    int64_t give_up = now_ms() + link->timeout_ms;
    unsigned slot;

    if (!link->session || !length || length > SPIKELOCK_LONGEST_PACKET)
        return SPIKELOCK_BAD_CALL;
    while (link->outstanding == SPIKELOCK_WINDOW) {
        int result = now_ms() > give_up ? SPIKELOCK_TIMEOUT : spikelock_poll(link, 10);
        if (result != SPIKELOCK_OK)
            return result;
    }
    slot = (uint8_t)(link->first + link->outstanding) % SPIKELOCK_WINDOW;
    memcpy(link->packets[slot], packet, length);
    link->lengths[slot] = (uint8_t)length;
    if (!link->outstanding)
        link->progress_at = now_ms();
    return put_packet(link, link->outstanding++);
}

int spikelock_flush(struct spikelock_link *link)
{
    int64_t give_up = now_ms() + link->timeout_ms;
    while (link->outstanding) {
        int result = now_ms() > give_up ? SPIKELOCK_TIMEOUT : spikelock_poll(link, 10);
        if (result != SPIKELOCK_OK)
            return result;
    }
    return SPIKELOCK_OK;
}

/* ------------------------------------------------------------------ what channels carry (rules 4, 5) */

static int ask(struct spikelock_link *link, uint8_t write, uint16_t address, uint32_t data, uint32_t *answer)
{
    uint8_t packet[8] = {SPIKELOCK_CHANNEL_REGISTERS, write, (uint8_t)address, (uint8_t)(address >> 8)};
    int64_t give_up = now_ms() + link->timeout_ms;
    unsigned before = link->replies;
    int result;

    for (int byte = 0; byte < 4; byte++)
        packet[4 + byte] = (uint8_t)(data >> 8 * byte);
    result = spikelock_send(link, packet, sizeof packet);
    while (result == SPIKELOCK_OK && link->replies == before)
        result = now_ms() > give_up ? SPIKELOCK_TIMEOUT : spikelock_poll(link, 10);
    if (result != SPIKELOCK_OK)
        return result;
    if (link->reply[0])
        return link->reply[0] == 1 ? SPIKELOCK_NO_SUCH_ADDRESS : SPIKELOCK_NOT_WRITABLE;
    if (answer) {
        *answer = 0;
        for (int byte = 0; byte < 4; byte++)
            *answer |= (uint32_t)link->reply[1 + byte] << 8 * byte;
    }
    return SPIKELOCK_OK;
}

int spikelock_read_register(struct spikelock_link *link, uint16_t address, uint32_t *value)
{
    return ask(link, 0, address, 0, value);
}

int spikelock_write_register(struct spikelock_link *link, uint16_t address, uint32_t value)
{
    return ask(link, 1, address, value, NULL);
}

int spikelock_load_memory(struct spikelock_link *link, uint8_t memory, uint32_t first, const uint8_t *records,
                          size_t record_bytes, size_t count)
{
    uint8_t packet[SPIKELOCK_LONGEST_PACKET];
    size_t most = (sizeof packet - 8) / (record_bytes ? record_bytes : 1);

    if (!record_bytes || !most)
        return SPIKELOCK_BAD_CALL;
    while (count) {
        size_t some = count < most ? count : most;
        int result;
        packet[0] = SPIKELOCK_CHANNEL_MEMORIES;
        packet[1] = 1; /* write */
        packet[2] = memory;
        for (int byte = 0; byte < 3; byte++)
            packet[3 + byte] = (uint8_t)(first >> 8 * byte);
        packet[6] = (uint8_t)some;
        packet[7] = (uint8_t)(some >> 8);
        memcpy(packet + 8, records, some * record_bytes);
        result = spikelock_send(link, packet, 8 + some * record_bytes);
        if (result != SPIKELOCK_OK)
            return result;
        records += some * record_bytes;
        first += (uint32_t)some;
        count -= some;
    }
    return spikelock_flush(link);
}

int spikelock_grant_events(struct spikelock_link *link, uint16_t more)
{
    uint8_t packet[4] = {SPIKELOCK_CHANNEL_CREDIT, SPIKELOCK_CHANNEL_EVENTS, (uint8_t)more, (uint8_t)(more >> 8)};
    return spikelock_send(link, packet, sizeof packet);
}

int spikelock_send_events(struct spikelock_link *link, const uint8_t *events, size_t event_bytes, size_t count)
{
    uint8_t packet[SPIKELOCK_LONGEST_PACKET] = {SPIKELOCK_CHANNEL_EVENTS};
    int64_t give_up = now_ms() + link->timeout_ms;
    size_t most = (sizeof packet - 1) / (event_bytes ? event_bytes : 1);

    if (!event_bytes || !most)
        return SPIKELOCK_BAD_CALL;
    while (count) {
        size_t some = count < most ? count : most;
        int result;
        if (some > link->event_credit)
            some = link->event_credit;
        if (!some) {
            result = now_ms() > give_up ? SPIKELOCK_TIMEOUT : spikelock_poll(link, 10);
        } else {
            memcpy(packet + 1, events, some * event_bytes);
            result = spikelock_send(link, packet, 1 + some * event_bytes);
            events += some * event_bytes;
            count -= some;
            link->event_credit -= (uint32_t)some;
            give_up = now_ms() + link->timeout_ms;
        }
        if (result != SPIKELOCK_OK)
            return result;
    }
    return SPIKELOCK_OK;
}

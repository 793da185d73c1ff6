/* The bytes that are written: texts of JSON, numbers, times. */
#ifndef MOESIF_BYTES_H
#define MOESIF_BYTES_H

#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030A0000
#endif
#include <Python.h>
#include <stdint.h>
#include <string.h>

/* What became of something that was tried: it was done; the span is the mapping's; it makes no event; or an exception goes
 * out. */
typedef enum { DONE, GIVEN_UP, LEFT_OUT, FAILED } Fate;

enum { DAY = 86400, SPAN_DIGITS = 16, SECOND_LENGTH = 19 };

/* Classes of characters, as rendering/characters.py has them: what a backslash goes before in JSON; what words consist of,
 * and words that may tell something; what must not stand there twice; the percent sign. All others are Python's alone.
 * EMPTINESS stands for an empty text among what is refused. */
enum { ESCAPED = 1, IN_WORDS = 16, IN_TELLING_WORDS = 32, IS_DOUBLED = 64, PERCENT = 512, EMPTINESS = 1 << 16 };
typedef unsigned short Classes; /* of a character, a bit each */

typedef struct {
    char *start;
    size_t length;
    size_t capacity;
} Buffer;

static int make_room(Buffer *buffer, size_t more)
{
    size_t capacity = buffer->capacity;
    char *start;
    if (more <= capacity - buffer->length) {
        return 1;
    }
    if (more > (size_t)PY_SSIZE_T_MAX / 4 || buffer->length > (size_t)PY_SSIZE_T_MAX / 4) {
        return 0;
    }
    capacity = 2 * (buffer->length + more);
    start = PyMem_Realloc(buffer->start, capacity);
    if (start == NULL) {
        return 0;
    }
    buffer->start = start;
    buffer->capacity = capacity;
    return 1;
}

static Fate append(Buffer *buffer, const char *bytes, size_t length)
{
    if (!make_room(buffer, length)) {
        return GIVEN_UP;
    }
    memcpy(buffer->start + buffer->length, bytes, length);
    buffer->length += length;
    return DONE;
}

/* A text in quotes, with a backslash before what needs one. */
static Fate append_quoted(Buffer *buffer, const char *text, size_t length, int has_escapes, const Classes *classes)
{
    char *out;
    size_t at;
    if (!make_room(buffer, 2 * length + 2)) {
        return GIVEN_UP;
    }
    out = buffer->start + buffer->length;
    *out++ = '"';
    if (!has_escapes) {
        memcpy(out, text, length);
        out += length;
    }
    for (at = 0; has_escapes && at < length; at++) {
        if (classes[(unsigned char)text[at]] & ESCAPED) {
            *out++ = '\\';
        }
        *out++ = text[at];
    }
    *out++ = '"';
    buffer->length = (size_t)(out - buffer->start);
    return DONE;
}

static Fate append_integer(Buffer *buffer, int64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0 && append(buffer, "-", 1) != DONE) {
        return GIVEN_UP;
    }
    return append(buffer, digits + at, sizeof digits - at);
}

static void write_digits(char *out, uint64_t value, int count)
{
    while (count > 0) {
        out[--count] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* Writes the hexadecimal digits of 32 bits: each is spread to a byte, and all of them become letters at once. */
static void write_half(char *out, uint64_t value)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    int at;
    value = (value & 0xFFFF0000) << 16 | (value & 0xFFFF);
    value = (value & UINT64_C(0x0000FF000000FF00)) << 8 | (value & UINT64_C(0x000000FF000000FF));
    value = (value & UINT64_C(0x00F000F000F000F0)) << 4 | (value & UINT64_C(0x000F000F000F000F));
    value += '0' * each + (((value + 6 * each) >> 4) & each) * ('a' - '9' - 1);
    for (at = 0; at < SPAN_DIGITS / 2; at++) {
        out[at] = (char)(value >> (56 - 8 * at));
    }
}

static void write_hexadecimal(char *out, uint64_t value)
{
    write_half(out, value >> 32);
    write_half(out + SPAN_DIGITS / 2, value & 0xFFFFFFFF);
}

/* The classes that the characters of a text belong to, all together; not of all of them where some are refused. */
static unsigned int classes_in(const Classes *classes, const char *text, size_t length, unsigned int refused)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + length;
    unsigned int found = 0;
    for (; end - at >= 8 && !(found & refused); at += 8) {
        found |= classes[at[0]] | classes[at[1]] | classes[at[2]] | classes[at[3]];
        found |= classes[at[4]] | classes[at[5]] | classes[at[6]] | classes[at[7]];
    }
    for (; at < end && !(found & refused); at++) {
        found |= classes[*at];
    }
    return found;
}

/* Whether a text has a long word that may tell something: one with a letter of those, or one behind a doubled slash. */
static int has_telling_word(const Classes *classes, const char *text, size_t length, size_t longest)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + length;
    size_t word = 0;
    unsigned int found = 0;
    Classes former = 0;
    for (; at < end; at++) {
        Classes is = classes[*at];
        if (is & IN_WORDS) {
            found |= is;
            if (++word > longest && found & IN_TELLING_WORDS) {
                return 1;
            }
        }
        else {
            word = 0;
            found = 0;
        }
        if (is & former & IS_DOUBLED) {
            return 1;
        }
        former = is;
    }
    return 0;
}

/* Days since 1970 as a date of the Gregorian calendar: counted in eras of 400 years that begin in March. */
static void write_date(char *out, int64_t days)
{
    int64_t shifted = days + 719468, era = shifted / 146097, day_of_era = shifted % 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* 0 is March */
    write_digits(out, (uint64_t)(year_of_era + 400 * era + (month >= 10)), 4);
    out[4] = '-';
    write_digits(out + 5, (uint64_t)(month < 10 ? month + 3 : month - 9), 2);
    out[7] = '-';
    write_digits(out + 8, (uint64_t)(day_of_year - (153 * month + 2) / 5 + 1), 2);
}

static void write_second(char *out, int64_t seconds)
{
    int64_t of_day = seconds % DAY;
    write_date(out, seconds / DAY);
    out[10] = 'T';
    write_digits(out + 11, (uint64_t)(of_day / 3600), 2);
    out[13] = ':';
    write_digits(out + 14, (uint64_t)(of_day / 60 % 60), 2);
    out[16] = ':';
    write_digits(out + 17, (uint64_t)(of_day % 60), 2);
}

#endif

/* The operations that write a URI. */
#ifndef MOESIF_URI_H
#define MOESIF_URI_H

#include "parts.h"

/* Parameters and values of a query: callers choose how many there are, and what is a value's answer costs less. */
enum { MOST_ASKED = 4, MOST_VALUES_ASKED = 16 };

/* How much of a query was asked about. */
typedef struct {
    int parameters, values;
    int is_alone; /* one parameter has none beside it that it could name the secret of */
} Asked;

/* Scheme and authority: what is known of some values, and of an absolute URL up to its path. */
static Fate append_origin(Buffer *buffer, Subject *subject, const Operation *operation, const char *text, size_t length)
{
    const char *scheme = memchr(text, ':', length), *slash = NULL;
    PyObject *start, *key = NULL;
    Fate fate;
    if (scheme != NULL && text + length - scheme > 3 && memcmp(scheme, "://", 3) == 0) {
        slash = memchr(scheme + 3, '/', (size_t)(text + length - scheme - 3));
    }
    if (slash == NULL) {
        return GIVEN_UP;
    }
    start = PyUnicode_DecodeUTF8(text, slash - text, NULL);
    if (start != NULL) {
        key = key_of(subject, operation, start);
    }
    if (key == NULL) {
        return give_up();
    }
    fate = append_looked_up(buffer, operation->object, key);
    Py_DECREF(key);
    return fate;
}

/* A path of usual characters, which begins with a slash. */
static Fate append_path(Buffer *buffer, Subject *subject, const Operation *operation, const char *text, size_t length)
{
    unsigned int found = classes_in(subject->renderer->classes, text, length, operation->refused);
    if (length == 0 || text[0] != '/' || length > (size_t)operation->limit
        || !is_usual(subject, found, operation->refused, text, length)) {
        return GIVEN_UP;
    }
    return append(buffer, text, length);
}

/* Whether Python has said of a parameter, or of a parameter's name, that nothing in it must be hidden. */
static int is_harmless(PyObject *known, const char *name, size_t length)
{
    PyObject *text = PyUnicode_DecodeUTF8(name, (Py_ssize_t)length, NULL), *answer = NULL;
    int harmless = 0;
    if (text != NULL) {
        answer = known_of(known, text);
        harmless = answer == Py_True;
        Py_XDECREF(answer);
        Py_DECREF(text);
    }
    return harmless;
}

/* A parameter whose value is a usual text is harmless by its name, and by its words; others have to be known whole. */
static int is_usual_parameter(Subject *subject, const Operation *operation, const char *start, size_t length,
                              Asked *asked)
{
    const char *equals = memchr(start, '=', length), *value = equals == NULL ? start : equals + 1;
    size_t rest = length - (size_t)(value - start);
    unsigned int found = classes_in(subject->renderer->classes, value, rest, operation->refused);
    if (memchr(start, '%', length) == NULL && memchr(value, '=', rest) == NULL
        && is_usual(subject, found, operation->refused, value, rest)) {
        if (equals == NULL) {
            return 1;
        }
        if (!asked->is_alone && (found & IN_TELLING_WORDS)
            && (++asked->values > MOST_VALUES_ASKED || !is_harmless(operation->object, equals, rest + 1))) {
            return 0;
        }
        return is_harmless(operation->object, start, (size_t)(equals - start));
    }
    return equals != NULL && ++asked->parameters <= MOST_ASKED && is_harmless(operation->object, start, length);
}

/* A query of usual characters whose parameters are all harmless, after its question mark; nothing where it is empty. */
static Fate append_query(Buffer *buffer, Subject *subject, const Operation *operation, const char *text, size_t length)
{
    const char *start = text, *end = text + length;
    Asked asked = {0, 0, memchr(text, '&', length) == NULL};
    if (length == 0) {
        return operation->refused & EMPTINESS ? GIVEN_UP : DONE;
    }
    if (length > (size_t)operation->limit
        || classes_in(subject->renderer->classes, text, length, operation->refused) & operation->refused) {
        return GIVEN_UP;
    }
    while (start < end) {
        const char *separator = memchr(start, '&', (size_t)(end - start));
        const char *last = separator == NULL ? end : separator;
        if (!is_usual_parameter(subject, operation, start, (size_t)(last - start), &asked)) {
            return give_up();
        }
        start = last + 1;
    }
    return append(buffer, "?", 1) == DONE ? append(buffer, text, length) : GIVEN_UP;
}

static Fate append_part_of_uri(Buffer *buffer, Subject *subject, const Operation *operation)
{
    PyObject *value = subject->values[operation->index];
    size_t length;
    const char *text = PyUnicode_CheckExact(value) ? utf8(value, &length) : NULL, *query;
    size_t path;
    if (text == NULL) {
        return GIVEN_UP;
    }
    query = memchr(text, '?', length);
    path = query == NULL ? length : (size_t)(query - text);
    switch (operation->code) {
    case ORIGIN:
        return append_origin(buffer, subject, operation, text, length);
    case PATH:
        return append_path(buffer, subject, operation, text, length);
    case PATH_OF_TARGET:
        return append_path(buffer, subject, operation, text, path);
    case QUERY:
        return append_query(buffer, subject, operation, text, length);
    default:
        return append_query(buffer, subject, operation, text + length - (length - path - (query != NULL)),
                            length - path - (query != NULL));
    }
}

/* Asks whether a call is left out because of the text that was written since the last TRY. */
static Fate exclude(const Buffer *buffer, Subject *subject, const Operation *operation)
{
    size_t length = buffer->length - subject->mark;
    PyObject *text = PyUnicode_DecodeUTF8(buffer->start + subject->mark, (Py_ssize_t)length, NULL), *answer = NULL;
    Fate fate = GIVEN_UP;
    if (text != NULL) {
        answer = PyObject_CallFunctionObjArgs(operation->object, text, subject->attributes, NULL);
        Py_DECREF(text);
    }
    if (answer == Py_True || answer == Py_False) {
        fate = answer == Py_True ? LEFT_OUT : DONE;
    }
    Py_XDECREF(answer);
    return fate == GIVEN_UP ? give_up() : fate;
}

#endif

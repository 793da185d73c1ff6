/* The operations that write what a span has beside its attributes: times, ids, status, events, resource, weight. */
#ifndef MOESIF_PARTS_H
#define MOESIF_PARTS_H

#include "values.h"

enum { NANOSECONDS = 1000000000, NANOSECONDS_OF_A_MILLISECOND = 1000000, TIME_LENGTH = 24 };
static const int64_t LAST_SECOND = 253402300799; /* of the year 9999 */

static Fate append_time(Buffer *buffer, Subject *subject, const Operation *operation)
{
    PyObject *time = subject->parts[operation->index ? SPAN_END : SPAN_START];
    int overflow = 0;
    long long nanoseconds = PyLong_CheckExact(time) ? PyLong_AsLongLongAndOverflow(time, &overflow) : 0;
    int64_t second;
    char *out;
    if (PyErr_Occurred() || nanoseconds <= 0 || nanoseconds / NANOSECONDS > LAST_SECOND) {
        return give_up();
    }
    if (!make_room(buffer, TIME_LENGTH)) {
        return GIVEN_UP;
    }
    out = buffer->start + buffer->length;
    second = nanoseconds / NANOSECONDS;
    if (second != subject->second) {
        write_second(subject->second_text, second);
        subject->second = second;
    }
    memcpy(out, subject->second_text, SECOND_LENGTH);
    out[SECOND_LENGTH] = '.';
    write_digits(out + SECOND_LENGTH + 1, (uint64_t)(nanoseconds % NANOSECONDS / NANOSECONDS_OF_A_MILLISECOND), 3);
    out[TIME_LENGTH - 1] = 'Z';
    buffer->length += TIME_LENGTH;
    return DONE;
}

static Fate append_ids(Buffer *buffer, Subject *subject, const Operation *operation)
{
    const Py_ssize_t *run = operation->places, *end = run + operation->places_count;
    char *out;
    if (append(buffer, operation->bytes, operation->length) != DONE) {
        return GIVEN_UP;
    }
    out = buffer->start + buffer->length - operation->length;
    for (; run < end; run += RUN) {
        memcpy(out + run[0], subject->digits + run[1], (size_t)run[2]);
    }
    return DONE;
}

static Fate append_parent(Buffer *buffer, Subject *subject, const Operation *operation)
{
    char digits[SPAN_DIGITS + 1];
    PyObject *parent = subject->parts[SPAN_PARENT], *id;
    if (parent == Py_None) {
        return DONE;
    }
    id = PyTuple_GetItem(parent, 1);
    if (!is_valid(parent) || !PyLong_CheckExact(id)) {
        return GIVEN_UP;
    }
    write_hexadecimal(digits, PyLong_AsUnsignedLongLongMask(id));
    digits[SPAN_DIGITS] = '"';
    return append(buffer, operation->bytes, operation->length) == DONE ? append(buffer, digits, sizeof digits) : GIVEN_UP;
}

/* The code of the span's status: a new reference, NULL with an error where there is none. */
static PyObject *status_of(const Subject *subject)
{
    return field_of(subject->renderer, subject->parts[SPAN_STATUS], STATUS_CODE);
}

static Fate append_status(Buffer *buffer, Subject *subject, const Operation *operation)
{
    PyObject *code = status_of(subject);
    Fate fate = GIVEN_UP;
    Py_ssize_t at;
    for (at = 0; code != NULL && at < PyTuple_Size(operation->object); at++) {
        PyObject *pair = PyTuple_GetItem(operation->object, at);
        if (PyTuple_GetItem(pair, 0) == code) {
            PyObject *told = PyTuple_GetItem(pair, 1);
            Py_INCREF(told);
            fate = append_answer(buffer, told);
            break;
        }
    }
    Py_XDECREF(code);
    return fate == DONE ? DONE : give_up();
}

/* Whether the code of the span's status is one of some; -1 where that cannot be told. */
static int has_status(const Subject *subject, PyObject *codes)
{
    PyObject *code = status_of(subject);
    Py_ssize_t at;
    int found = code == NULL ? -1 : 0;
    for (at = 0; found == 0 && at < PyTuple_Size(codes); at++) {
        found = PyTuple_GetItem(codes, at) == code;
    }
    Py_XDECREF(code);
    return found;
}

static int is_empty_list(const Renderer *self, PyObject *list)
{
    if ((PyObject *)Py_TYPE(list) == self->given[TYPE_LIST]) {
        PyObject *items = field_of(self, list, THEIR_DEQUE);
        Py_ssize_t size = items == NULL ? -1 : PyObject_Size(items);
        Py_XDECREF(items);
        return size == 0;
    }
    return (PyTuple_CheckExact(list) && PyTuple_Size(list) == 0) || (PyList_CheckExact(list) && PyList_Size(list) == 0);
}

/* Most spans have no events; what is told of those that do, Python knows. */
static Fate append_events(Buffer *buffer, Subject *subject, const Operation *operation)
{
    if (is_empty_list(subject->renderer, subject->parts[SPAN_EVENTS])) {
        return DONE;
    }
    return PyErr_Occurred() ? give_up() : ask(buffer, subject, operation->object);
}

static void keep_description(Subject *subject, PyObject *description, int weightless)
{
    Py_INCREF(description);
    subject->description = description;
    subject->weightless = weightless;
}

/* Asks what is to be told of a span's resource, once as long as it is the same one: a process has one. It is kept with the
 * span, since others are rendered while Python is asked, or when the former resource goes. */
static int describe_resource(Renderer *self, Subject *subject)
{
    PyObject *resource = subject->parts[SPAN_RESOURCE], *answer, *description;
    int weightless;
    if (resource == self->resource) {
        keep_description(subject, self->description, self->weightless);
        return 1;
    }
    answer = PyObject_CallFunctionObjArgs(self->describe, resource, NULL);
    if (answer == NULL || !PyArg_ParseTuple(answer, "Sp", &description, &weightless)) {
        Py_XDECREF(answer);
        return 0;
    }
    keep_description(subject, description, weightless);
    Py_INCREF(resource);
    Py_INCREF(description);
    Py_DECREF(answer);
    self->weightless = weightless;
    replace(&self->description, description);
    replace(&self->resource, resource);
    return 1;
}

static Fate append_resource(Buffer *buffer, Subject *subject, const Operation *operation)
{
    char *bytes;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(subject->description, &bytes, &length) < 0) {
        return give_up();
    }
    if (length == 0) {
        return DONE;
    }
    if (append(buffer, operation->bytes, operation->length) != DONE) {
        return GIVEN_UP;
    }
    return append(buffer, bytes, (size_t)length);
}

/* No sampler decided on a span, as far as anybody knows: no weight. Else Python finds out. */
static Fate append_weight(Buffer *buffer, Subject *subject, const Operation *operation)
{
    PyObject *none = subject->renderer->given[NO_TRACE_STATE];
    int inherited = subject->parts[SPAN_PARENT] != Py_None && PyTuple_GetItem(subject->parts[SPAN_PARENT], 4) != none;
    if (subject->weightless && !inherited && PyTuple_GetItem(subject->parts[SPAN_CONTEXT], 4) == none) {
        return DONE;
    }
    return ask(buffer, subject, operation->object);
}

#endif

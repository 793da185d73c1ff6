/* What a program does, a step each. An operation is checked once, when its program is made: running it needs no check of
 * its own. */
#ifndef MOESIF_OPERATION_H
#define MOESIF_OPERATION_H

#include "bytes.h"

enum { TRACE_DIGITS = 32, ALL_DIGITS = TRACE_DIGITS + SPAN_DIGITS, RUN = 3 };

enum {
    CONSTANT, TEXT, IDENTIFIER, NAME, INTEGER, VALUE, LOOKUP, ASK, TIME, IDS, PARENT, STATUS, RESOURCE, WEIGHT,
    ORIGIN, PATH, QUERY, PATH_OF_TARGET, QUERY_OF_TARGET, TRY, EXCLUDE, EVENTS, SKIP, CODES
};
static const char *const CODE_NAMES[CODES] = {
    "CONSTANT", "TEXT", "IDENTIFIER", "NAME", "INTEGER", "VALUE", "LOOKUP", "ASK", "TIME", "IDS", "PARENT", "STATUS",
    "RESOURCE", "WEIGHT", "ORIGIN", "PATH", "QUERY", "PATH_OF_TARGET", "QUERY_OF_TARGET", "TRY", "EXCLUDE",
    "EVENTS", "SKIP",
};

/* What each of them does, and which of these it needs, rendering/operations.py tells. */
typedef struct {
    int code;
    Py_ssize_t index;     /* of an attribute; of a time, whether it is the end */
    unsigned int refused; /* classes of characters that make the text an unusual one */
    Py_ssize_t limit;     /* the longest text, the least integer, or how many operations are tried or skipped */
    PyObject *object;     /* bytes, a function, or what is known of values; borrowed from the program's own tuples */
    Py_ssize_t *places; /* of the attributes that are looked up; or where a run of digits goes, its first one, how many */
    Py_ssize_t places_count;
    const char *bytes; /* of `object`, where that is `bytes` */
    size_t length;
    PyObject *last_key; /* what was looked up last, and what was known of it: owned */
    PyObject *last_answer;
} Operation;

static int is_index(Py_ssize_t index, Py_ssize_t count)
{
    return 0 <= index && index < count;
}

static int are_indexes(const Operation *operation, Py_ssize_t count, Py_ssize_t least)
{
    Py_ssize_t at;
    for (at = 0; at < operation->places_count; at++) {
        if (!is_index(operation->places[at], count)) {
            return 0;
        }
    }
    return operation->places_count >= least;
}

static int are_statuses(PyObject *statuses)
{
    Py_ssize_t at;
    for (at = 0; PyTuple_CheckExact(statuses) && at < PyTuple_Size(statuses); at++) {
        PyObject *pair = PyTuple_GetItem(statuses, at);
        if (!PyTuple_CheckExact(pair) || PyTuple_Size(pair) != 2 || !PyBytes_CheckExact(PyTuple_GetItem(pair, 1))) {
            return 0;
        }
    }
    return PyTuple_CheckExact(statuses);
}

/* Whether runs of a span's digits lie within the bytes that they are written over. */
static int are_runs(const Operation *operation)
{
    Py_ssize_t at, length = (Py_ssize_t)operation->length;
    for (at = 0; at + RUN <= operation->places_count; at += RUN) {
        Py_ssize_t to = operation->places[at], from = operation->places[at + 1], count = operation->places[at + 2];
        if (!is_index(count, ALL_DIGITS + 1) || !is_index(from, ALL_DIGITS - count + 1)
            || !is_index(to, length - count + 1)) {
            return 0;
        }
    }
    return at == operation->places_count;
}

/* Whether an operation can be run on spans with so many attributes, and so many operations after it. */
static int is_sound(const Operation *operation, Py_ssize_t attributes, Py_ssize_t after)
{
    switch (operation->code) {
    case CONSTANT:
    case PARENT:
    case RESOURCE:
        return operation->bytes != NULL;
    case TEXT:
    case IDENTIFIER:
    case VALUE:
    case INTEGER:
    case PATH:
    case PATH_OF_TARGET:
        return is_index(operation->index, attributes);
    case QUERY:
    case QUERY_OF_TARGET:
        return is_index(operation->index, attributes) && PyDict_Check(operation->object);
    case ORIGIN:
        return is_index(operation->index, attributes) && PyDict_Check(operation->object)
               && are_indexes(operation, attributes, 0);
    case NAME:
        return 1;
    case LOOKUP:
        return PyDict_Check(operation->object) && are_indexes(operation, attributes, 1);
    case ASK:
    case WEIGHT:
    case EXCLUDE:
    case EVENTS:
        return PyCallable_Check(operation->object);
    case SKIP:
        return PyTuple_CheckExact(operation->object) && 0 < operation->limit && operation->limit <= after;
    case TRY:
        return PyCallable_Check(operation->object) && 0 < operation->limit && operation->limit <= after;
    case TIME:
        return is_index(operation->index, 2);
    case IDS:
        return operation->bytes != NULL && are_runs(operation);
    case STATUS:
        return are_statuses(operation->object);
    default:
        return 0;
    }
}

static int read_operation(Operation *operation, PyObject *fields)
{
    PyObject *places;
    char *bytes = NULL;
    Py_ssize_t length = 0, at;
    if (!PyTuple_CheckExact(fields)
        || !PyArg_ParseTuple(fields, "inInOO!", &operation->code, &operation->index, &operation->refused,
                             &operation->limit, &operation->object, &PyTuple_Type, &places)) {
        return 0;
    }
    operation->places = PyMem_Calloc((size_t)PyTuple_Size(places) + 1, sizeof(Py_ssize_t));
    if (operation->places == NULL) {
        PyErr_NoMemory();
        return 0;
    }
    operation->places_count = PyTuple_Size(places);
    for (at = 0; at < operation->places_count; at++) {
        operation->places[at] = PyLong_AsSsize_t(PyTuple_GetItem(places, at));
    }
    if (PyErr_Occurred()) {
        return 0;
    }
    if (PyBytes_CheckExact(operation->object) && PyBytes_AsStringAndSize(operation->object, &bytes, &length) < 0) {
        return 0;
    }
    operation->bytes = bytes;
    operation->length = (size_t)length;
    return 1;
}

#endif

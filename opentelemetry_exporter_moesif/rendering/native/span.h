/* A span on its way, and the fields of the SDK's that are read of it. */
#ifndef MOESIF_SPAN_H
#define MOESIF_SPAN_H

#include "program.h"

/* The names under which the SDK keeps what a span's properties give: reading them costs a third of asking those. The
 * first ones are the parts of a span that a call's event is made of. */
enum {
    SPAN_NAME, SPAN_CONTEXT, SPAN_PARENT, SPAN_START, SPAN_END, SPAN_STATUS, SPAN_RESOURCE, SPAN_EVENTS, PARTS,
    SPAN_KIND = PARTS, SPAN_ATTRIBUTES, SPAN_SCOPE, THEIR_DICTIONARY, THEIR_DEQUE, SCOPE_NAME, SCOPE_VERSION,
    STATUS_CODE, FIELDS
};
static const char *const FIELD_NAMES[FIELDS] = {
    "_name", "_context", "_parent", "_start_time", "_end_time", "_status", "_resource", "_events",
    "_kind", "_attributes", "_instrumentation_scope", "_dict", "_dq", "_name", "_version", "_status_code",
};

/* The SDK's types and the empty trace state, in the order in which rendering/renderer.py gives them. */
enum { TYPE_SPAN, TYPE_ATTRIBUTES, TYPE_CONTEXT, TYPE_LIST, TYPE_SCOPE, NO_TRACE_STATE, GIVEN };

enum { RECENT = 4 }; /* programs that are tried before any is looked up: most spans are like one of the last ones */

typedef struct {
    PyObject_HEAD
    PyObject *recent[RECENT];
    int oldest; /* of the recent ones */
    size_t last_length; /* of a batch's bytes, as which the next one's may be */
    PyObject *fields[FIELDS];
    PyObject *given[GIVEN];
    PyObject *program_type;
    PyObject *programs; /* a dict: hash of kind, scope and names -> Program, or anything else for "not compiled" */
    PyObject *learn;    /* called with the span and its hash where there is no program */
    PyObject *describe; /* called with a resource: (bytes of its description, whether its sampler gives no weight) */
    PyObject *scope;    /* the last one, with its name, its version, and the hash of both */
    PyObject *scope_name;
    PyObject *scope_version;
    uint64_t scope_hash;
    PyObject *resource; /* the last one */
    PyObject *description;
    int weightless;
    Classes classes[256];
    Py_ssize_t longest_word; /* that is usual whatever its letters */
} Renderer;

/* A span on its way. What it holds is owned, but for `names`, which are those of `attributes` and good until Python is
 * asked. */
typedef struct {
    const Renderer *renderer;
    PyObject *span;
    Fate fate; /* of what was done for it so far */
    PyObject *attributes;
    PyObject **values;
    PyObject **names;
    Py_ssize_t count;
    Py_ssize_t capacity;
    Program *program;
    PyObject *parts[PARTS];
    size_t mark; /* where the last TRY began to write */
    PyObject *description; /* of its resource */
    int weightless;
    char digits[ALL_DIGITS];
    int64_t second; /* the last one that was written, and its text */
    char second_text[SECOND_LENGTH];
} Subject;

/* Asks memory for what is read soon: most spans have left the processor's cache since they ended. */
#ifdef __GNUC__
#define SOON(object) __builtin_prefetch(object)
#else
#define SOON(object) ((void)(object))
#endif
enum { LINE = 64 }; /* of a cache */

static void forget_values(Subject *subject)
{
    while (subject->count > 0) {
        Py_DECREF(subject->values[--subject->count]);
    }
}

static void forget_span(Subject *subject)
{
    int at;
    forget_values(subject);
    for (at = 0; at < PARTS && subject->program != NULL; at++) {
        Py_CLEAR(subject->parts[at]);
    }
    Py_CLEAR(subject->attributes);
    Py_CLEAR(subject->program);
    Py_CLEAR(subject->description);
    Py_CLEAR(subject->span);
}

/* A field of an object of the SDK's, whose types leave it to Python to find one. */
static PyObject *field_of(const Renderer *self, PyObject *object, int field)
{
    return PyObject_GenericGetAttr(object, self->fields[field]);
}

static int is_context(const Renderer *self, PyObject *context)
{
    return context != NULL && (PyObject *)Py_TYPE(context) == self->given[TYPE_CONTEXT] && PyTuple_Size(context) == 6;
}

/* Whether the ids of a context are ids, as it was told when it was made: neither 0 nor of more bits than they have. */
static int is_valid(PyObject *context)
{
    return PyTuple_GetItem(context, 5) == Py_True;
}

/* An exception of a function that was asked, or of a span that is odd: the mapping meets it again, and tells. */
static Fate give_up(void)
{
    if (PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_Exception)) {
            return FAILED; /* KeyboardInterrupt and its kind */
        }
        PyErr_Clear();
    }
    return GIVEN_UP;
}

/* Puts an owned object in the place of another, which goes last: what goes with it may run anything. */
static void replace(PyObject **place, PyObject *object)
{
    PyObject *former = *place;
    *place = object;
    Py_XDECREF(former);
}

static int are_same(PyObject *one, PyObject *other)
{
    return one == other || PyUnicode_Compare(one, other) == 0;
}

static int make_place(Subject *subject)
{
    Py_ssize_t capacity = 2 * subject->capacity + 32;
    PyObject **values = PyMem_Realloc(subject->values, (size_t)capacity * sizeof(PyObject *)), **names;
    if (values == NULL) {
        return 0;
    }
    subject->values = values;
    names = PyMem_Realloc(subject->names, (size_t)capacity * sizeof(PyObject *));
    if (names == NULL) {
        return 0;
    }
    subject->names = names;
    subject->capacity = capacity;
    return 1;
}

/* Keeps the names and values of the attributes; 0 where a name is no plain text. */
static int read_attributes(Subject *subject)
{
    PyObject *name, *value;
    Py_ssize_t position = 0;
    while (PyDict_Next(subject->attributes, &position, &name, &value)) {
        if (!PyUnicode_CheckExact(name) || (subject->count == subject->capacity && !make_place(subject))) {
            return 0;
        }
        Py_INCREF(value);
        SOON((const char *)value + LINE);
        subject->names[subject->count] = name;
        subject->values[subject->count++] = value;
    }
    return 1;
}

/* What the span keeps its attributes in. */
static Fate find_container(Renderer *self, Subject *subject)
{
    if ((PyObject *)Py_TYPE(subject->span) != self->given[TYPE_SPAN]) {
        return GIVEN_UP;
    }
    subject->attributes = field_of(self, subject->span, SPAN_ATTRIBUTES);
    return subject->attributes == NULL ? give_up() : DONE;
}

/* The span's attributes as a dictionary. The SDK's container keeps one, in whose order it shows them. */
static Fate find_dictionary(Renderer *self, Subject *subject)
{
    PyObject *held = subject->attributes;
    if ((PyObject *)Py_TYPE(held) == self->given[TYPE_ATTRIBUTES]) {
        subject->attributes = field_of(self, held, THEIR_DICTIONARY);
        Py_DECREF(held);
    }
    if (subject->attributes == NULL || !PyDict_CheckExact(subject->attributes)) {
        return give_up();
    }
    return DONE;
}

/* The parts of a call's span, and memory asked for the texts inside its values. */
static Fate take_parts(Renderer *self, Subject *subject)
{
    Py_ssize_t place;
    int at;
    for (at = 0; at < PARTS; at++) {
        subject->parts[at] = field_of(self, subject->span, at);
        if (subject->parts[at] == NULL) {
            return give_up();
        }
    }
    for (place = 0; place < subject->count; place++) {
        PyObject *value = subject->values[place];
        if (PyTuple_CheckExact(value) && PyTuple_Size(value) == 1) {
            const char *text = (const char *)PyTuple_GetItem(value, 0);
            SOON(text);
            SOON(text + LINE);
        }
    }
    return DONE;
}

#endif

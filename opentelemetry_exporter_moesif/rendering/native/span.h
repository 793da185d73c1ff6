/* A span as the renderer reads it, and the program that it finds for it: by kind, scope and attribute names. */
#ifndef MOESIF_SPAN_H
#define MOESIF_SPAN_H

#include "program.h"

/* The names under which the SDK keeps what a span's properties give: reading them costs a third of asking those. */
enum {
    SPAN_KIND, SPAN_ATTRIBUTES, SPAN_SCOPE, SPAN_NAME, SPAN_CONTEXT, SPAN_PARENT, SPAN_START, SPAN_END, SPAN_STATUS,
    SPAN_RESOURCE, SPAN_EVENTS, THEIR_DICTIONARY, THEIR_DEQUE, SCOPE_NAME, SCOPE_VERSION, STATUS_CODE, FIELDS
};
static const char *const FIELD_NAMES[FIELDS] = {
    "_kind", "_attributes", "_instrumentation_scope", "_name", "_context", "_parent", "_start_time", "_end_time",
    "_status", "_resource", "_events", "_dict", "_dq", "_name", "_version", "_status_code",
};

/* What Python says of the SDK's types, and of the characters. */
enum { TYPE_SPAN, TYPE_ATTRIBUTES, TYPE_CONTEXT, TYPE_LIST, TYPE_SCOPE, NO_TRACE_STATE, GIVEN };

typedef struct {
    PyObject_HEAD
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

typedef struct {
    const Renderer *renderer;
    PyObject *span;
    PyObject *attributes; /* owned, as the values are */
    PyObject **values;
    PyObject **names; /* borrowed from `attributes`, and so good until Python is asked */
    Py_ssize_t count;
    Py_ssize_t capacity;
    PyObject *context;
    PyObject *parent;
    size_t mark; /* where the last TRY began to write */
    PyObject *description; /* of its resource */
    int weightless;
    char digits[ALL_DIGITS];
    int64_t second; /* the last one that was written, and its text */
    char second_text[SECOND_LENGTH];
} Subject;

static void forget_values(Subject *subject)
{
    while (subject->count > 0) {
        Py_DECREF(subject->values[--subject->count]);
    }
}

static void forget_span(Subject *subject)
{
    forget_values(subject);
    Py_CLEAR(subject->attributes);
    Py_CLEAR(subject->context);
    Py_CLEAR(subject->parent);
    Py_CLEAR(subject->description);
}

static PyObject *field_of(const Renderer *self, PyObject *object, int field)
{
    return PyObject_GetAttr(object, self->fields[field]);
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

static uint64_t mixed(uint64_t sum, uint64_t value)
{
    sum = (sum ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return sum ^ (sum >> 29);
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

/* Keeps the values of the attributes, and hashes their names; 0 where a name is no plain text. */
static int read_names(Subject *subject, uint64_t *hash)
{
    PyObject *name, *value;
    Py_ssize_t position = 0;
    while (PyDict_Next(subject->attributes, &position, &name, &value)) {
        if (!PyUnicode_CheckExact(name) || (subject->count == subject->capacity && !make_place(subject))) {
            return 0;
        }
        Py_INCREF(value);
        subject->names[subject->count] = name;
        subject->values[subject->count++] = value;
        *hash = mixed(*hash, (uint64_t)PyObject_Hash(name));
    }
    return 1;
}

static int are_same(PyObject *one, PyObject *other)
{
    return one == other || PyUnicode_Compare(one, other) == 0;
}

static int has_names(const Program *program, const Subject *subject)
{
    Py_ssize_t at;
    if (subject->count != PyTuple_Size(program->names)) {
        return 0;
    }
    for (at = 0; at < subject->count; at++) {
        if (!are_same(subject->names[at], PyTuple_GetItem(program->names, at))) {
            return 0;
        }
    }
    return 1;
}

/* The span's attributes as a dictionary. The SDK's container keeps one, in whose order it shows them. */
static Fate find_attributes(Subject *subject)
{
    const Renderer *self = subject->renderer;
    PyObject *held = field_of(self, subject->span, SPAN_ATTRIBUTES);
    if (held != NULL && (PyObject *)Py_TYPE(held) == self->given[TYPE_ATTRIBUTES]) {
        PyObject *inner = field_of(self, held, THEIR_DICTIONARY);
        Py_DECREF(held);
        held = inner;
    }
    if (held == NULL || !PyDict_CheckExact(held)) {
        Py_XDECREF(held);
        return give_up();
    }
    subject->attributes = held;
    return DONE;
}

/* The name or version of a scope; a text without letters where there is none, as the mapping has it. */
static PyObject *text_of_scope(const Renderer *self, PyObject *scope, int field)
{
    PyObject *text = scope == Py_None ? NULL : field_of(self, scope, field);
    if (text == NULL || text == Py_None) {
        Py_XDECREF(text);
        return PyErr_Occurred() ? NULL : PyUnicode_FromStringAndSize(NULL, 0);
    }
    if (!PyUnicode_CheckExact(text)) {
        Py_CLEAR(text);
    }
    return text;
}

static void replace(PyObject **place, PyObject *object)
{
    PyObject *former = *place;
    *place = object;
    Py_XDECREF(former);
}

/* Reads the scope of a span, unless it is that of the last one, as it mostly is. */
static int read_scope(Renderer *self, PyObject *span)
{
    PyObject *scope = field_of(self, span, SPAN_SCOPE), *name, *version;
    if (scope == NULL || scope == self->scope) {
        Py_XDECREF(scope);
        return scope != NULL;
    }
    if (scope != Py_None && (PyObject *)Py_TYPE(scope) != self->given[TYPE_SCOPE]) {
        Py_DECREF(scope);
        return 0;
    }
    name = text_of_scope(self, scope, SCOPE_NAME);
    version = name == NULL ? NULL : text_of_scope(self, scope, SCOPE_VERSION);
    if (version == NULL) {
        Py_DECREF(scope);
        Py_XDECREF(name);
        return 0;
    }
    self->scope_hash = mixed((uint64_t)PyObject_Hash(name), (uint64_t)PyObject_Hash(version));
    replace(&self->scope_name, name);
    replace(&self->scope_version, version);
    replace(&self->scope, scope);
    return 1;
}

static int is_for(const Program *program, const Renderer *self, PyObject *kind, const Subject *subject)
{
    return program->kind == kind && are_same(program->scope, self->scope_name)
           && are_same(program->version, self->scope_version) && has_names(program, subject);
}

/* Finds the program of a span; where there is none, `learn` is told. */
static Fate find_program(Renderer *self, Subject *subject, Program **found)
{
    PyObject *kind = field_of(self, subject->span, SPAN_KIND), *key = NULL, *program, *answer;
    Fate fate = GIVEN_UP;
    uint64_t hash;
    if (kind == NULL || !read_scope(self, subject->span)) {
        goto end;
    }
    hash = mixed((uint64_t)(uintptr_t)kind, self->scope_hash);
    if (!read_names(subject, &hash) || (key = PyLong_FromUnsignedLongLong(hash)) == NULL) {
        goto end;
    }
    program = PyDict_GetItemWithError(self->programs, key);
    if (program != NULL && (PyObject *)Py_TYPE(program) == self->program_type) {
        if (is_for((Program *)program, self, kind, subject)) {
            Py_INCREF(program);
            *found = (Program *)program;
            fate = DONE;
        }
    }
    else if (!PyErr_Occurred()) {
        answer = PyObject_CallFunctionObjArgs(self->learn, subject->span, key, NULL);
        Py_XDECREF(answer);
    }
end:
    Py_XDECREF(kind);
    Py_XDECREF(key);
    return fate == DONE ? DONE : give_up();
}

#endif

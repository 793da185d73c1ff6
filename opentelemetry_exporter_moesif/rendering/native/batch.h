/* Programs are run: for a span, and for a batch. */
#ifndef MOESIF_BATCH_H
#define MOESIF_BATCH_H

#include "uri.h"

static Fate run_operation(Buffer *buffer, Subject *subject, const Operation *operation)
{
    PyObject *name;
    Fate fate;
    switch (operation->code) {
    case CONSTANT:
        return append(buffer, operation->bytes, operation->length);
    case TEXT:
        return append_text(buffer, subject, operation, subject->values[operation->index]);
    case IDENTIFIER:
        return append_identifier(buffer, subject, operation, subject->values[operation->index]);
    case NAME:
        name = field_of(subject->renderer, subject->span, SPAN_NAME);
        fate = name != NULL && PyUnicode_CheckExact(name) && PyUnicode_GetLength(name) > 0
                   ? append_text(buffer, subject, operation, name)
                   : give_up();
        Py_XDECREF(name);
        return fate;
    case INTEGER:
        return PyLong_CheckExact(subject->values[operation->index])
                   ? append_int(buffer, subject->values[operation->index], operation->limit)
                   : GIVEN_UP;
    case VALUE:
        return append_value(buffer, subject, operation, subject->values[operation->index]);
    case LOOKUP:
        return look_up(buffer, subject, operation);
    case ASK:
        return ask(buffer, subject, operation->object);
    case TIME:
        return append_time(buffer, subject, operation);
    case IDS:
        return append_ids(buffer, subject, operation);
    case PARENT:
        return append_parent(buffer, subject, operation);
    case STATUS:
        return append_status(buffer, subject, operation);
    case RESOURCE:
        return append_resource(buffer, subject, operation);
    case WEIGHT:
        return append_weight(buffer, subject, operation);
    case EXCLUDE:
        return exclude(buffer, subject, operation);
    default:
        return append_part_of_uri(buffer, subject, operation);
    }
}

static Fate run(Buffer *buffer, Subject *subject, const Program *program)
{
    const Operation *operation = program->operations, *end = operation + program->count;
    const Operation *tried = NULL, *after = NULL;
    for (; operation < end; operation++) {
        Fate fate;
        if (operation->code == TRY) {
            tried = operation;
            after = operation + operation->limit;
            subject->mark = buffer->length;
            continue;
        }
        fate = run_operation(buffer, subject, operation);
        if (fate == DONE) {
            continue;
        }
        if (fate == GIVEN_UP && tried != NULL && operation <= after) {
            buffer->length = subject->mark;
            fate = ask(buffer, subject, tried->object);
            operation = after;
        }
        if (fate != DONE) {
            return fate;
        }
    }
    return DONE;
}

static int is_context(const Renderer *self, PyObject *context)
{
    return context != NULL && (PyObject *)Py_TYPE(context) == self->given[TYPE_CONTEXT] && PyTuple_Size(context) == 6;
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

/* Whether something was remembered for the span under its own ids. */
static int is_remembered(PyObject *remembered, PyObject *context)
{
    PyObject *key;
    int known;
    if (PyDict_Size(remembered) == 0) {
        return 0;
    }
    key = PyTuple_GetSlice(context, 0, 2);
    known = key == NULL ? -1 : PyDict_Contains(remembered, key);
    Py_XDECREF(key);
    return known;
}

static int read_digits(Subject *subject)
{
    PyObject *trace = PyTuple_GetItem(subject->context, 0), *span = PyTuple_GetItem(subject->context, 1), *shift, *high;
    if (PyTuple_GetItem(subject->context, 5) != Py_True || !PyLong_CheckExact(trace) || !PyLong_CheckExact(span)) {
        return 0;
    }
    shift = PyLong_FromLong(64);
    high = shift == NULL ? NULL : PyNumber_Rshift(trace, shift);
    Py_XDECREF(shift);
    if (high == NULL) {
        return 0;
    }
    write_hexadecimal(subject->digits, PyLong_AsUnsignedLongLong(high));
    write_hexadecimal(subject->digits + SPAN_DIGITS, PyLong_AsUnsignedLongLongMask(trace));
    write_hexadecimal(subject->digits + TRACE_DIGITS, PyLong_AsUnsignedLongLong(span));
    Py_DECREF(high);
    return !PyErr_Occurred();
}

/* Whose span it is, and whether it is a usual one in what no program looks at. */
static Fate read_span(Renderer *self, Subject *subject, PyObject *remembered)
{
    PyObject *events;
    int usual;
    subject->context = field_of(self, subject->span, SPAN_CONTEXT);
    subject->parent = field_of(self, subject->span, SPAN_PARENT);
    if (!is_context(self, subject->context) || (subject->parent != Py_None && !is_context(self, subject->parent))) {
        return give_up();
    }
    events = field_of(self, subject->span, SPAN_EVENTS);
    usual = events != NULL && is_empty_list(self, events);
    Py_XDECREF(events);
    if (!usual || is_remembered(remembered, subject->context) != 0 || !read_digits(subject)) {
        return give_up();
    }
    if (!describe_resource(self, subject->span)) {
        return give_up();
    }
    /* Kept with the span: other threads render, too, while a function of Python is asked. */
    subject->description = self->description;
    Py_INCREF(subject->description);
    subject->weightless = self->weightless;
    return DONE;
}

/* A span that makes no event, and of which nothing is to be remembered. */
static Fate pass_over(const Renderer *self, Subject *subject, PyObject *remembered)
{
    if (PyDict_Size(remembered) == 0) {
        return LEFT_OUT;
    }
    subject->context = field_of(self, subject->span, SPAN_CONTEXT);
    if (!is_context(self, subject->context) || is_remembered(remembered, subject->context) != 0) {
        return give_up();
    }
    return LEFT_OUT;
}

static Fate render_span(Renderer *self, Buffer *buffer, Subject *subject, PyObject *remembered)
{
    Program *program = NULL;
    Fate fate;
    if ((PyObject *)Py_TYPE(subject->span) != self->given[TYPE_SPAN]) {
        return GIVEN_UP;
    }
    fate = find_attributes(subject);
    if (fate == DONE) {
        fate = find_program(self, subject, &program);
    }
    if (fate != DONE) {
        return fate;
    }
    if (program->count == 0) {
        fate = pass_over(self, subject, remembered);
    }
    else {
        fate = read_span(self, subject, remembered);
        if (fate == DONE) {
            fate = run(buffer, subject, program);
        }
    }
    Py_DECREF(program);
    return fate;
}

typedef struct {
    PyObject *remembered; /* a dict: (trace id, span id) -> what others left for that span */
    PyObject *encode;     /* the mapping, for a span that is given up: its event as bytes, or None */
    PyObject *starts;     /* a list: where each event begins in the bytes */
} Batch;

static int append_number(PyObject *list, size_t number)
{
    PyObject *value = PyLong_FromSize_t(number);
    int appended = value != NULL && PyList_Append(list, value) == 0;
    Py_XDECREF(value);
    return appended;
}

/* The mapping's own event of a span that was given up: bytes, or nothing. 0 where an exception goes out. */
static int append_mapped(Buffer *buffer, PyObject *encode, PyObject *span, int *appended)
{
    PyObject *event = PyObject_CallFunctionObjArgs(encode, span, NULL);
    char *bytes;
    Py_ssize_t length;
    *appended = 0;
    if (event == Py_None) {
        Py_DECREF(event);
        return 1;
    }
    if (event == NULL || PyBytes_AsStringAndSize(event, &bytes, &length) < 0) {
        Py_XDECREF(event);
        return 0;
    }
    *appended = append(buffer, bytes, (size_t)length) == DONE;
    Py_DECREF(event);
    if (!*appended) {
        PyErr_NoMemory();
    }
    return *appended;
}

/* 0 where an exception goes out: memory, or an interruption. */
static int render_one(Renderer *self, Buffer *buffer, Subject *subject, const Batch *batch)
{
    size_t before = buffer->length;
    int appended = 0, fine = 1;
    Fate fate = before == 0 ? DONE : append(buffer, ",\n", 2);
    size_t start = buffer->length;
    if (fate == DONE) {
        fate = render_span(self, buffer, subject, batch->remembered);
    }
    forget_span(subject);
    if (fate == GIVEN_UP) {
        buffer->length = start;
        fine = append_mapped(buffer, batch->encode, subject->span, &appended);
    }
    if (fate == DONE || appended) {
        return fine && append_number(batch->starts, start);
    }
    buffer->length = before;
    return fine && fate != FAILED;
}

static int render_all(Renderer *self, Buffer *buffer, PyObject *spans, const Batch *batch)
{
    Subject subject;
    Py_ssize_t at, count = PySequence_Size(spans);
    int fine = count >= 0;
    memset(&subject, 0, sizeof subject);
    subject.renderer = self;
    subject.second = -1; /* none is written */
    for (at = 0; fine && at < count; at++) {
        subject.span = PySequence_GetItem(spans, at);
        fine = subject.span != NULL && render_one(self, buffer, &subject, batch);
        Py_XDECREF(subject.span);
    }
    PyMem_Free(subject.values);
    PyMem_Free(subject.names);
    return fine;
}

static PyObject *renderer_render(PyObject *object, PyObject *arguments)
{
    PyObject *spans, *written = NULL, *result = NULL;
    Buffer buffer = {NULL, 0, 0};
    Batch batch;
    if (!PyArg_ParseTuple(arguments, "OO!O", &spans, &PyDict_Type, &batch.remembered, &batch.encode)) {
        return NULL;
    }
    batch.starts = PyList_New(0);
    if (batch.starts != NULL && render_all((Renderer *)object, &buffer, spans, &batch)) {
        written = PyBytes_FromStringAndSize(buffer.start, (Py_ssize_t)buffer.length);
    }
    if (written != NULL) {
        result = PyTuple_Pack(2, written, batch.starts);
    }
    PyMem_Free(buffer.start);
    Py_XDECREF(written);
    Py_XDECREF(batch.starts);
    return result;
}


#endif
